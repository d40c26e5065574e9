"""The reference for bias and variance against scikit-learn, simulation, exact laws and a second array library."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from autograder.checks.statistics import dkw_violation
from reference import decompositions as dc
from tests.reference.elsewhere import same_elsewhere


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 8), st.sampled_from([0.0, 1e8]))
def test_bias_and_variance_add_up_to_the_error(seed, models, points, offset):
    g = np.random.default_rng(seed)
    y_pred, f_true = g.normal(size=(models, points)) + offset, g.normal(size=points) + offset
    bias2, variance, noise, total = dc.bias_variance(y_pred, f_true, 0.25)
    assert bias2 + variance == pytest.approx(np.mean((y_pred - f_true) ** 2), rel=1e-12)
    assert variance == pytest.approx(np.mean(np.var(y_pred - f_true, axis=0)), rel=1e-9, abs=1e-15)
    assert (noise, total) == (0.25, bias2 + variance + 0.25)


def ridge_problem(seed, n=15, d=4):
    g = np.random.default_rng(seed)
    return g.normal(size=(n, d)), g.normal(size=n)


@pytest.mark.parametrize(("n", "d"), [(15, 4), (4, 9), (1, 1)])
@pytest.mark.parametrize("lam", [1e-3, 0.4, 50.0])
def test_ridge_is_scikit_learns(n, d, lam):
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is a test dependency")
    X, y = ridge_problem(1, n, d)
    theirs = linear_model.Ridge(alpha=n * lam, fit_intercept=False, solver="svd").fit(X, y).coef_
    np.testing.assert_allclose(dc.ridge_fit(X, y, lam), theirs, rtol=1e-9)


def test_ridge_is_found_by_an_optimiser():
    X, y = ridge_problem(2)
    objective = optimize.minimize(lambda w: np.mean((X @ w - y) ** 2) + 0.3 * w @ w, np.zeros(4), tol=1e-12)
    np.testing.assert_allclose(dc.ridge_fit(X, y, 0.3), objective.x, atol=1e-6)


def test_ridge_without_penalty_is_least_squares():
    X, y = ridge_problem(3)
    np.testing.assert_allclose(dc.ridge_fit(X, y, 0.0), np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-10)


@pytest.mark.parametrize(("n", "d"), [(15, 4), (4, 9)])
@pytest.mark.parametrize("lam", [1e-2, 1.0])
def test_closed_form_is_that_of_the_hat_matrix(n, d, lam):
    X, _ = ridge_problem(4, n, d)
    w = np.random.default_rng(5).normal(size=d)
    hat = np.array([X @ dc.ridge_fit(X, column, lam) for column in np.eye(n)]).T
    lost = hat @ X @ w - X @ w
    expected = (np.mean(lost**2), 1.7 * np.trace(hat @ hat.T) / n)
    assert dc.ridge_bias_variance(X, w, 1.7, lam) == pytest.approx(expected, rel=1e-9)


def test_closed_form_is_what_signs_average_to():
    """Noise of fair signs, all 2^8 of them: bias and variance of the definition, without any chance."""
    X, _ = ridge_problem(6, 8, 3)
    w, lam = np.array([1.0, -2.0, 0.5]), 0.2
    signs = np.array(np.meshgrid(*[[-1.0, 1.0]] * 8)).reshape(8, -1).T
    predictions = np.array([X @ dc.ridge_fit(X, X @ w + e, lam) for e in signs])
    bias2, variance, *_ = dc.bias_variance(predictions, X @ w, 0.0)
    assert dc.ridge_bias_variance(X, w, 1.0, lam) == pytest.approx((bias2, variance), rel=1e-9)


@pytest.mark.parametrize(("theta", "sigma2", "n", "c"), [(3.0, 4.0, 7, 0.6), (-1.0, 0.25, 1, -1.5)])
def test_shrunken_means_follow_their_normal_law(theta, sigma2, n, c):
    sample = dc.simulate_shrinkage(theta, sigma2, n, c, 4000, np.random.default_rng(7))
    assert not dkw_violation(sample, stats.norm(c * theta, abs(c) * math.sqrt(sigma2 / n)).cdf, 1e-10)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (dc.bias_variance, (np.arange(12.0).reshape(4, 3), np.ones(3), 0.5)),
        (dc.ridge_fit, (*ridge_problem(8), 0.1)),
        (dc.ridge_fit, (*ridge_problem(8, 3, 5), 0.1)),
        (dc.ridge_bias_variance, (ridge_problem(8)[0], np.arange(4.0), 2.0, 0.1)),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (dc.bias_variance, ([[1.0, 2.0]], [1.0], 0.0)),
        (dc.bias_variance, ([[1.0]], [1.0], math.nan)),
        (dc.bias_variance, (np.zeros((0, 2)), [1.0, 2.0], 0.0)),
        (dc.ridge_fit, ([[1.0]], [[1.0]], 1.0)),
        (dc.ridge_fit, ([[1.0]], [1.0], -1.0)),
        (dc.ridge_bias_variance, ([[1.0]], [1.0], 1.0, 0.0)),
        (dc.ridge_bias_variance, ([[1.0]], [1.0, 2.0], 1.0, 1.0)),
        (dc.simulate_shrinkage, (1.0, -1.0, 3, 0.5, 5, np.random.default_rng(0))),
        (dc.simulate_shrinkage, (1.0, 1.0, 0, 0.5, 5, np.random.default_rng(0))),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"."):
        function(*arguments)
