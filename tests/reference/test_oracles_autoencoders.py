"""The reference for PCA and the linear autoencoder against scikit-learn, optimisers and a second array library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, optimize

from autograder.checks.numeric import central_difference
from reference import autoencoders as ae
from tests.reference.elsewhere import same_elsewhere


def data(seed, n=40, d=5, scale=1.0):
    g = np.random.default_rng(seed)
    return scale * (
        g.normal(size=(n, d)) * 0.5 ** np.arange(d) @ linalg.qr(g.normal(size=(d, d)))[0] + g.normal(size=d)
    )


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_principal_directions_are_scikit_learns(k, scale):
    decomposition = pytest.importorskip("sklearn.decomposition", reason="scikit-learn is a test dependency")
    X = data(1, scale=scale)
    theirs = decomposition.PCA(k).fit(X)
    mean, V = ae.pca_fit(X, k)
    np.testing.assert_allclose(mean, theirs.mean_, rtol=1e-12)
    np.testing.assert_allclose(np.abs(V.T @ theirs.components_.T), np.eye(k), atol=1e-9)
    back = theirs.inverse_transform(theirs.transform(X))
    np.testing.assert_allclose(ae.reconstruct(X, mean, V), back, atol=1e-12 * scale * 10)
    assert ae.pca_mse(X, k) == pytest.approx(np.sum((X - back) ** 2) / len(X), rel=1e-9, abs=1e-20 * scale**2)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 6))
def test_smallest_error_is_the_tail_of_the_spectrum(seed, n, d):
    X = np.random.default_rng(seed).normal(size=(n, d)) + 3.0
    values = np.linalg.eigvalsh(np.cov(X.T, ddof=0).reshape(d, d))
    for k in range(d + 1):
        assert ae.pca_mse(X, k) == pytest.approx(np.sum(values[: d - k]), abs=1e-9 * max(np.sum(values), 1e-12))


def test_no_affine_map_of_low_rank_does_better():
    X = data(2, n=15, d=3)

    def error(theta):
        A, B, c = theta[:3, None], theta[3:6][None, :], theta[6:]
        return np.sum((X - X @ A @ B - c) ** 2) / len(X)

    starts = np.random.default_rng(3).normal(size=(5, 9))
    best = min(optimize.minimize(error, start, tol=1e-12).fun for start in starts)
    assert ae.pca_mse(X, 1) == pytest.approx(best, rel=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(1, 5), st.integers(1, 3))
def test_gradients_are_slopes(seed, n, d, k):
    g = np.random.default_rng(seed)
    X, We, Wd = g.normal(size=(n, d)), g.normal(size=(d, k)), g.normal(size=(k, d))
    gWe, gWd = ae.linear_ae_grad(X, We, Wd)
    for got, at, other in (
        (gWe, We, lambda A: np.sum((X - X @ A @ Wd) ** 2) / n),
        (gWd, Wd, lambda B: np.sum((X - X @ We @ B) ** 2) / n),
    ):
        slope = central_difference(other, at)
        np.testing.assert_allclose(got, slope, rtol=1e-5, atol=1e-6 * (1 + np.max(np.abs(slope))))


@pytest.mark.parametrize(("n", "d", "k"), [(40, 5, 2), (40, 5, 5), (3, 6, 4), (1, 2, 2)])
def test_training_reaches_the_smallest_error(n, d, k):
    X = data(5, n, d)
    X = X - X.mean(axis=0)
    We, Wd = ae.train_linear_ae(X, k)
    assert We.shape == (d, k)
    assert Wd.shape == (k, d)
    total = np.sum(X * X) / n
    assert np.sum((X - X @ We @ Wd) ** 2) / n == pytest.approx(
        ae.pca_mse(X, k), rel=1e-9, abs=1e-12 * max(total, 1e-30)
    )


def test_training_finds_the_principal_space():
    X = data(6)
    X = X - X.mean(axis=0)
    angles = linalg.subspace_angles(ae.train_linear_ae(X, 2)[1].T, ae.pca_fit(X, 2)[1])
    assert np.max(angles) < 1e-9


FRAME = linalg.qr(np.random.default_rng(7).normal(size=(5, 5)))[0][:, :2]


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (ae.pca_fit, (data(8), 3)),
        (ae.reconstruct, (data(8), np.arange(5.0), FRAME)),
        (ae.pca_mse, (data(8), 2)),
        (ae.linear_ae_grad, (data(8), FRAME, FRAME.T + 1.0)),
        (ae.train_linear_ae, (data(8), 3)),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (ae.pca_fit, (np.ones((2, 3)), 3)),
        (ae.reconstruct, ([[1.0, 2.0]], [0.0], [[1.0], [0.0]])),
        (ae.pca_mse, (np.ones((3, 2)), 3)),
        (ae.pca_mse, (np.ones((3, 2)), -1)),
        (ae.linear_ae_grad, ([[1.0]], [[1.0]], [[1.0, 2.0]])),
        (ae.train_linear_ae, (np.ones((3, 2)), 3)),
        (ae.train_linear_ae, (np.ones((3, 2)), 0)),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"."):
        function(*arguments)
