"""The reference for Gaussian likelihoods against SciPy, scikit-learn, simulation and a second array library."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from autograder.checks.numeric import central_difference
from autograder.checks.statistics import binomial_violation
from reference import likelihoods as lk
from tests.reference.elsewhere import same_elsewhere


def entries(seed, shape):
    g = np.random.default_rng(seed)
    return g.normal(size=shape), g.normal(size=shape), 2 * g.normal(size=shape)


@pytest.mark.parametrize("shape", [(), (1,), (7,), (3, 4), (2, 3, 2)])
def test_nll_is_the_mean_of_scipys_log_densities(shape):
    y, mu, s = entries(1, shape)
    assert lk.gaussian_nll(y, mu, s) == pytest.approx(-np.mean(stats.norm.logpdf(y, mu, np.exp(s / 2))), rel=1e-12)


@given(st.floats(-1e3, 1e3), st.floats(-300, 300), st.floats(-1400, 1400))
def test_nll_is_right_wherever_the_term_exists(standard, exponent, s):
    """The residual is given by its standardised size, so that the right value needs no product."""
    residual = standard * math.exp(max(min(s / 2, 700.0), -700.0))
    if not 1e-300 < abs(residual) < 1e300:
        residual = standard = 0.0
    right = (math.log(2 * math.pi) + s + standard**2) / 2
    assert lk.gaussian_nll([residual], [0.0], [s]) == pytest.approx(right, rel=1e-9, abs=1e-9)


def test_gradients_are_central_differences():
    y, mu, s = entries(2, (3, 4))
    dmu, ds = lk.nll_grads(y, mu, s)
    np.testing.assert_allclose(dmu, central_difference(lambda m: lk.gaussian_nll(y, m, s), mu), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ds, central_difference(lambda v: lk.gaussian_nll(y, mu, v), s), rtol=1e-6, atol=1e-9)


@given(
    st.lists(st.floats(0.1, 10.0), min_size=1, max_size=8), st.floats(0.05, 0.99), st.floats(-12, 12)
)  # fmt: skip
def test_coverage_is_the_mass_between_two_ends(sigma, level, exponent):
    sigma = np.array(sigma)
    half = stats.norm.isf((1 - level) / 2) * np.sqrt(np.mean(sigma**2))
    right = stats.norm.cdf(half / sigma) - stats.norm.cdf(-half / sigma)
    np.testing.assert_allclose(lk.homoscedastic_coverage(10.0**exponent * sigma, level), right, rtol=1e-9)


def test_coverage_is_what_a_simulation_counts():
    sigma, level, draws = np.array([0.5, 2.0]), 0.95, 100_000
    found = lk.homoscedastic_coverage(sigma, level)
    np.testing.assert_allclose(found, [0.99993, 0.8469], atol=1e-4)
    half = 1.959963984540054 * np.sqrt(np.mean(sigma**2))
    for s, share in zip(sigma, found, strict=True):
        inside = int(np.sum(np.abs(s * np.random.default_rng(4).normal(size=draws)) <= half))
        assert not binomial_violation(inside, draws, float(share), 1e-10)


def nll_of(x, y, p):
    return lk.gaussian_nll(y, p[0] + p[1] * x, p[2] + p[3] * x)


def sample(seed, n):
    g = np.random.default_rng(seed)
    x, (a, b, c, d) = g.uniform(-2, 2, size=n), g.normal(size=4)
    return x, a + b * x + np.exp((c + d * x) / 2) * g.normal(size=n)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("k", [1e-6, 1.0, 1e6])
def test_no_optimiser_finds_a_better_fit(seed, k):
    x, y = sample(seed, 150)
    found = lk.fit_heteroscedastic(x, k * y)
    start = np.array([found[0] / k, found[1] / k, found[2] - 2 * math.log(k), found[3]])
    for start_from in (start, np.zeros(4)):
        other = optimize.minimize(lambda p: nll_of(x, y, p), start_from, method="Nelder-Mead", options={"fatol": 1e-13})
        assert nll_of(x, y, start) <= other.fun + 1e-10


@pytest.mark.parametrize("seed", range(6))
def test_the_likelihood_equations_hold(seed):
    x, y = sample(seed, 60)
    a, b, c, d = lk.fit_heteroscedastic(x, y)
    dmu, ds = lk.nll_grads(y, a + b * x, c + d * x)
    assert max(abs(float(v)) for v in (dmu.sum(), dmu @ x, ds.sum(), ds @ x)) < 1e-7


def test_mean_is_scikit_learns_weighted_line():
    linear_model = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is a test dependency")
    x, y = sample(7, 200)
    a, b, c, d = lk.fit_heteroscedastic(x, y)
    line = linear_model.LinearRegression().fit(x[:, None], y, sample_weight=np.exp(-(c + d * x)))
    assert (a, b) == pytest.approx((line.intercept_, line.coef_[0]), rel=1e-6)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (lk.gaussian_nll, entries(8, (5, 2))),
        (lk.nll_grads, entries(8, (5, 2))),
        (lk.homoscedastic_coverage, (np.array([0.5, 1.0, 4.0]), 0.9)),
        (lk.fit_heteroscedastic, sample(9, 80)),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments, rtol=1e-7)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (lk.gaussian_nll, ([1.0], [1.0], [[0.0]])),
        (lk.nll_grads, ([1.0], [1.0, 2.0], [0.0])),
        (lk.homoscedastic_coverage, ([1.0], 1.0)),
        (lk.homoscedastic_coverage, ([1.0, math.nan], 0.5)),
        (lk.fit_heteroscedastic, ([1.0] * 9, [2.0] * 9)),
        (lk.fit_heteroscedastic, ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])),
        (lk.fit_heteroscedastic, ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0])),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"."):
        function(*arguments)
