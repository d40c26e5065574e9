"""The reference for classes and forecasts against libraries, high precision and a second array library."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from sklearn import metrics

from reference import probabilities as pb
from tests.reference.elsewhere import same_elsewhere


def rng(k):
    return np.random.default_rng([12, k])


def logits_and_labels(k):
    g = rng(k)
    n, K = int(g.integers(2, 20)), int(g.integers(2, 7))
    return 10.0 ** g.integers(0, 2) * g.normal(size=(n, K)), g.integers(0, K, size=n)


def forecasts(k, n=60):
    g = rng(k)
    p = g.integers(0, 17, size=n) / 16
    return p, (g.uniform(size=n) < p).astype(int)


@pytest.mark.parametrize("k", range(4))
def test_cross_entropy_is_sklearns_log_loss(k):
    logits, labels = logits_and_labels(k)
    logits = logits / 5  # the oracle clips probabilities
    probs = special.softmax(logits, axis=1)
    want = metrics.log_loss(labels, probs, labels=range(logits.shape[1]))
    assert pb.cross_entropy(logits, labels) == pytest.approx(want, rel=1e-12)


def test_cross_entropy_of_a_sure_mistake_is_the_margin():
    assert pb.cross_entropy([[1e8, 0.0]], [1]) == 1e8


@pytest.mark.parametrize("k", range(4))
def test_softmax_is_scipys(k):
    logits, _ = logits_and_labels(k)
    np.testing.assert_allclose(pb.softmax(logits), special.softmax(logits, axis=-1), rtol=1e-12)
    np.testing.assert_allclose(pb.log_softmax(logits), special.log_softmax(logits, axis=-1), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("k", range(4))
def test_gradients_are_jacobian_products(k):
    logits, labels = logits_and_labels(k)
    K = logits.shape[1]
    targets = (rng(k + 50).dirichlet(np.ones(K), size=len(labels)) + np.eye(K)[labels]) / 2
    g_ce, g_mse = pb.softmax_grads(logits, targets)
    for z, y, a, b in zip(logits, targets, g_ce, g_mse, strict=True):
        p = special.softmax(z)
        jacobian = np.diag(p) - np.outer(p, p)
        np.testing.assert_allclose(b, jacobian @ (p - y), rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(a, p - y, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("margin", [5.0, 40.0, 300.0, 700.0])
@pytest.mark.parametrize("K", [2, 5])
def test_starved_gradient_keeps_its_digits(margin, K):
    with mpmath.workdps(700):
        weights = [mpmath.exp(margin), *[mpmath.mpf(1)] * (K - 1)]
        p = [w / mpmath.fsum(weights) for w in weights]
        e = [q - (k == 1) for k, q in enumerate(p)]
        want = p[1] * (e[1] - mpmath.fsum(a * b for a, b in zip(e, p, strict=True)))
        got = pb.softmax_grads(np.eye(K)[:1] * margin, np.eye(K)[1:2])[1][0, 1]
        assert abs(got / want - 1) < 1e-13


@pytest.mark.parametrize("loss", ["ce", "mse"])
@pytest.mark.parametrize("k", range(3))
def test_steps_to_recover_is_descent_on_the_gradients(loss, k):
    z = np.array([2.5, 0.0, 0.3 * k])
    t = pb.steps_to_recover(z, 1, 0.4, loss, 500)
    assert t > 0
    leads = []
    for _ in range(t + 1):
        leads.append(z[1] > max(z[0], z[2]))
        z = z - 0.4 * pb.softmax_grads(z[None], np.eye(3)[1:2])[loss == "mse"][0]
    assert leads == [False] * t + [True]
    assert pb.steps_to_recover([2.5, 0.0, 0.3 * k], 1, 0.4, loss, t - 1) == -1


@pytest.mark.parametrize("k", range(4))
def test_brier_score_is_sklearns(k):
    p, o = forecasts(k)
    assert pb.brier_score(p, o) == pytest.approx(metrics.brier_score_loss(o, p), rel=1e-12)


@pytest.mark.parametrize("k", range(4))
def test_brier_multiclass_is_the_mean_squared_distance(k):
    g = rng(k)
    probs, labels = g.dirichlet(np.ones(4), size=20), g.integers(0, 4, size=20)
    want = 4 * metrics.mean_squared_error(np.eye(4)[labels], probs)
    assert pb.brier_multiclass(probs, labels) == pytest.approx(want, rel=1e-12)


@given(st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=40))
def test_murphys_parts_add_up_and_have_their_signs(samples):
    p, o = np.array([a / 8 for a, _ in samples]), np.array([b for _, b in samples])
    reliability, resolution, uncertainty = pb.murphy_decomposition(p, o)
    assert min(reliability, resolution, uncertainty) >= 0
    assert reliability - resolution + uncertainty == pytest.approx(pb.brier_score(p, o), abs=1e-13)
    # the variance of the group means is at most the variance of the outcomes
    assert resolution <= uncertainty + 1e-15


@given(st.lists(st.tuples(st.integers(0, 64), st.booleans()), min_size=1, max_size=40), st.sampled_from([1, 2, 4, 16]))
def test_calibration_error_is_a_loop_over_bins(samples, n_bins):
    p, o = [a / 64 for a, _ in samples], [float(b) for _, b in samples]
    total = 0.0
    for b in range(n_bins):
        upper = math.inf if b == n_bins - 1 else (b + 1) / n_bins
        members = [i for i, q in enumerate(p) if b / n_bins <= q < upper]
        if members:
            total += abs(sum(o[i] - p[i] for i in members))
    assert pb.calibration_error(p, o, n_bins) == pytest.approx(total / len(p), abs=1e-13)


STRICT = {
    "cross_entropy": logits_and_labels(0),
    "softmax_grads": (logits_and_labels(0)[0], special.softmax(logits_and_labels(0)[0][::-1], axis=1)),
    "steps_to_recover": (np.array([2.0, 0.0]), 1, 0.3, "mse", 100),
    "brier_score": forecasts(0),
    "brier_multiclass": (special.softmax(logits_and_labels(0)[0], axis=1), logits_and_labels(0)[1]),
    "murphy_decomposition": forecasts(0),
    "calibration_error": (*forecasts(0), 8),
}


@pytest.mark.parametrize("name", STRICT)
def test_another_array_library_gives_the_same(name):
    same_elsewhere(getattr(pb, name), STRICT[name], atol=1e-15)


@pytest.mark.parametrize("labels", [[2], [-1], [0, 1], [[0]]])
def test_labels_that_are_no_classes_are_refused(labels):
    with pytest.raises(ValueError, match="labels"):
        pb.cross_entropy([[0.0, 1.0]], labels)
