"""The reference for distillation against SciPy, finite differences, its own limit and a second array library."""

import numpy as np
import pytest
from scipy import special, stats

from autograder.checks.numeric import central_difference
from reference import distillation as kd
from tests.reference.elsewhere import same_elsewhere


def pair(k, n=4, K=5, scale=2.0):
    g = np.random.default_rng([14, k])
    return scale * g.normal(size=(n, K)), scale * g.normal(size=(n, K))


@pytest.mark.parametrize("T", [0.05, 1.0, 7.0, np.inf])
@pytest.mark.parametrize("shape", [(6,), (3, 4), (2, 3, 4)])
def test_softened_probs_is_scipys_softmax(shape, T):
    logits = 30 * np.random.default_rng(14).normal(size=shape)
    np.testing.assert_allclose(kd.softened_probs(logits, T), special.softmax(logits / T, axis=-1), rtol=1e-10)


@pytest.mark.parametrize("T", [0.5, 1.0, 4.0, 30.0])
def test_kd_loss_is_entropy_plus_divergence(T):
    student, teacher = pair(1)
    p, q = special.softmax(student / T, axis=1), special.softmax(teacher / T, axis=1)
    want = T**2 * np.mean(stats.entropy(q, axis=1) + stats.entropy(q, p, axis=1))
    assert kd.kd_loss(student, teacher, T) == pytest.approx(want, rel=1e-12)


def test_kd_loss_of_a_sure_mistake_is_finite():
    assert kd.kd_loss([[1e4, -1e4]], [[-1e4, 1e4]], 1.0) == 2e4


@pytest.mark.parametrize("T", [0.5, 3.0, 20.0])
def test_kd_grad_is_the_slope_of_kd_loss(T):
    student, teacher = pair(2)
    slope = central_difference(lambda Z: kd.kd_loss(Z, teacher, T), student, 1e-5)
    np.testing.assert_allclose(kd.kd_grad(student, teacher, T), slope, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("center", [False, True])
def test_logit_mse_has_its_gradient(center):
    student, teacher = pair(3)
    loss, grad = kd.logit_mse(student, teacher, center)
    slope = central_difference(lambda Z: kd.logit_mse(Z, teacher, center)[0], student, 1e-3)
    np.testing.assert_allclose(grad, slope, rtol=1e-8, atol=1e-11)
    d = student - teacher
    # ddof 0: variance and mean of each row
    want = np.mean(d.var(axis=1) + (0.0 if center else d.mean(axis=1) ** 2)) / 2
    assert loss == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize(("K", "order"), [(2, 2), (3, 1), (6, 1)])
def test_the_gap_falls_with_its_order(K, order):
    near, far = kd.high_temperature_gap(*pair(4, K=K), [1e2, 1e3])
    assert np.log10(near / far) == pytest.approx(order, abs=0.05)


def test_six_digits_remain_at_a_temperature_of_ten_thousand():
    student, teacher = pair(5)
    got, want = kd.kd_grad(student, teacher, 1e4), kd.logit_mse(student, teacher, True)[1]
    # the distance to the limit is of the size of the logits squared over T
    assert np.max(np.abs(got - want)) < 1e-2 * np.max(np.abs(want))
    a, b = (z.astype(np.longdouble) / 10_000 for z in (student, teacher))
    exact = 1e4 / 4 * (np.exp(a) / np.exp(a).sum(1, keepdims=True) - np.exp(b) / np.exp(b).sum(1, keepdims=True))
    assert np.max(np.abs(got - exact)) < 1e-6 * np.max(np.abs(exact))


STRICT = {
    "softened_probs": (pair(0)[0], 2.0),
    "kd_loss": (*pair(0), 2.0),
    "kd_grad": (*pair(0), 2.0),
    "logit_mse": (*pair(0), True),
    "high_temperature_gap": (*pair(0), np.array([1.0, 10.0])),
}


@pytest.mark.parametrize("name", STRICT)
def test_another_array_library_gives_the_same(name):
    same_elsewhere(getattr(kd, name), STRICT[name], atol=1e-15)
