"""The reference for heavy tails against SciPy's distributions, quadrature, root finding and a second array library."""

import math

import array_api_strict
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special, stats

from autograder.checks.statistics import binomial_violation, dkw_violation
from reference import heavy_tails as ht
from reference._special import special as through_one_place
from reference.robust import huber_location
from tests.reference.elsewhere import same_elsewhere


def test_variance_is_scipys_where_there_is_a_mean():
    nu = np.array([1.001, 1.5, 2.0, 2.001, 3.0, 100.0])
    np.testing.assert_allclose(ht.student_t_variance(nu), stats.t.var(nu), rtol=1e-12)
    assert np.isnan(ht.student_t_variance([1.0, 0.5])).all()
    assert ht.student_t_variance(math.inf) == 1.0
    assert isinstance(ht.student_t_variance(4), float)


@given(
    st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 20),
    st.floats(-6, 6), st.floats(0.05, 3), st.sampled_from([0.0, 1.0, 100.0]),
)  # fmt: skip
def test_every_row_is_balanced(seed, R, n, exponent, relative, offset):
    s = 10.0**exponent
    Y = s * (np.random.default_rng(seed).standard_t(1.1, size=(R, n)) + offset)
    m = ht.huber_location_batch(Y, relative * s)
    psi = np.clip(Y - m[:, None], -relative * s, relative * s)
    slack = 1e-8 * np.mean(np.abs(psi), axis=1) + 4e-16 * np.max(np.abs(Y), axis=1)
    assert np.all(np.abs(psi.mean(axis=1)) <= slack)


def test_rows_are_the_single_problem():
    Y = np.random.default_rng(9).standard_t(1.5, size=(20, 15))
    np.testing.assert_allclose(ht.huber_location_batch(Y, 0.8), [huber_location(y, 0.8) for y in Y], atol=1e-12)


def test_rows_are_roots():
    Y = np.random.default_rng(10).standard_t(1.2, size=(10, 21))
    roots = [
        optimize.brentq(lambda m, y=y: np.clip(y - m, -1, 1).sum(), y.min(), y.max(), xtol=1e-14) for y in Y
    ]  # fmt: skip
    np.testing.assert_allclose(ht.huber_location_batch(Y, 1.0), roots, atol=1e-11)


def median_cdf(nu, n):
    return lambda x: special.betainc(n // 2 + 1, n // 2 + 1, stats.t.cdf(x, nu))


@pytest.mark.parametrize(
    ("nu", "n", "estimator", "delta", "cdf"),
    [
        (1.0, 7, "mean", 1.0, stats.cauchy.cdf),
        (2.5, 11, "median", 1.0, median_cdf(2.5, 11)),
        (3.0, 1, "huber", 1.0, lambda x: stats.t.cdf(x, 3.0)),
        (1.5, 5, "huber", 1e-7, median_cdf(1.5, 5)),
        (1.0, 5, "huber", 1e12, stats.cauchy.cdf),
    ],
)
def test_estimates_follow_their_exact_law(nu, n, estimator, delta, cdf):
    sample = ht.estimator_mc(nu, n, 3000, estimator, np.random.default_rng(11), delta)
    assert not dkw_violation(sample, cdf, 1e-10)


def exact_avar(nu, delta):
    """Quadrature with 30 digits, split where the integrand changes its scale."""
    with mpmath.workdps(30):
        nu, delta = mpmath.mpf(nu), mpmath.mpf(delta)
        height = mpmath.gamma((nu + 1) / 2) / (mpmath.sqrt(nu * mpmath.pi) * mpmath.gamma(nu / 2))
        pieces = [0, *(x for x in (mpmath.mpf(10) ** k for k in range(-4, 3)) if x < delta), delta]

        def f(x):
            return height * (1 + x * x / nu) ** (-(nu + 1) / 2)

        core = 2 * mpmath.quad(lambda x: x * x * f(x), pieces)
        within = 2 * mpmath.quad(f, pieces)
        return float((core + delta**2 * (1 - within)) / within**2)


@pytest.mark.parametrize("nu", [0.5, 1.5, 2.0, 2.3, 7.0, 1000.0])
@pytest.mark.parametrize("delta", [1e-4, 0.3, 5.0, 1e3])
def test_asymptotic_variance_is_the_quadrature(nu, delta):
    assert ht.huber_avar(nu, delta) == pytest.approx(exact_avar(nu, delta), rel=1e-9)


@given(st.floats(0.5, 50), st.floats(1e-3, 50))
def test_asymptotic_variance_keeps_the_bound_of_cramer_and_rao(nu, delta):
    # the Fisher information of the location of t is (nu + 1) / (nu + 3)
    assert ht.huber_avar(nu, delta) >= (nu + 3) / (nu + 1) * (1 - 1e-9)


STRICT = {
    "student_t_variance": (np.array([0.5, 1.5, 2.5, math.inf]),),
    "huber_location_batch": (np.random.default_rng(9).standard_t(1.5, size=(6, 8)), 0.7),
}


@pytest.mark.parametrize("name", STRICT)
def test_another_array_library_gives_the_same(name):
    same_elsewhere(getattr(ht, name), STRICT[name])


def test_estimates_in_another_array_library_are_the_same():
    want = ht.estimator_mc(1.5, 9, 50, "huber", np.random.default_rng(1))
    got = ht.estimator_mc(1.5, 9, 50, "huber", np.random.default_rng(1), 1.0, array_api_strict)
    np.testing.assert_allclose(np.asarray(got), want, rtol=1e-12)


def test_special_functions_serve_every_library():
    x = np.array([0.1, 0.5, 0.9])
    got = through_one_place("betainc", 2.0, 3.0, array_api_strict.asarray(x))
    assert got.__array_namespace__() is array_api_strict
    np.testing.assert_allclose(np.asarray(got), stats.beta.cdf(x, 2, 3), rtol=1e-12)


@pytest.mark.parametrize("alpha", [1e-3, 1e-10])
@pytest.mark.parametrize(
    ("n", "p", "counts"),
    [
        (40, 0.1, range(41)),
        (4000, 0.0212, range(600)),
        (200_000, 0.7, range(137_500, 142_500, 3)),
        (200_000, 0.9999, range(199_800, 200_001)),
        (200_000, 0.5, (0, 1, 85_000, 115_000, 200_000)),
    ],
)
def test_binomial_test_is_exact(n, p, counts, alpha):
    refused = np.array([binomial_violation(k, n, p, alpha) for k in counts])
    k = np.array(counts)
    want = np.minimum(stats.binom.cdf(k, n, p), stats.binom.sf(k - 1, n, p)) <= alpha / 2
    np.testing.assert_array_equal(refused, want)
    assert 0 < want.sum() < want.size or n == 200_000
