"""The reference for Bayes estimators against SciPy's distributions, quadrature, exact fractions and brute force."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from reference import bayes
from tests.reference.elsewhere import same_elsewhere

inf, nan = math.inf, math.nan
VARIANCES = st.floats(-200, 200).map(lambda e: 10.0**e)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0.1, 1e4), st.floats(0.1, 1e4))
def test_beta_binomial_mean_is_the_mean_of_scipys_beta(k, failures, a, b):
    right = stats.beta(a + k, b + failures).mean()
    assert bayes.beta_binomial_mean(k, k + failures, a, b) == pytest.approx(right, rel=1e-12)


def test_beta_binomial_mean_is_bayes_rule_by_quadrature():
    k, n, a, b = 7, 10, 2.5, 1.5
    theta = np.linspace(0, 1, 200_001)
    density = theta**k * (1 - theta) ** (n - k) * stats.beta(a, b).pdf(theta)
    right = integrate.trapezoid(theta * density, theta) / integrate.trapezoid(density, theta)
    assert bayes.beta_binomial_mean(k, n, a, b) == pytest.approx(right, rel=1e-8)


@given(st.lists(st.integers(-100, 100), max_size=8), st.integers(-100, 100), VARIANCES, VARIANCES)
def test_normal_posterior_is_exact_arithmetics(y, m0, tau2, sigma2):
    prior, data = 1 / Fraction(tau2), len(y) / Fraction(sigma2)
    mean = (prior * m0 + data * Fraction(sum(y), max(len(y), 1))) / (prior + data)
    found = bayes.normal_posterior(y, m0, tau2, sigma2)
    size = max([1, abs(m0), *map(abs, y)])
    assert found[0] == pytest.approx(float(mean), rel=1e-12, abs=1e-14 * size)
    assert found[1] == pytest.approx(float(1 / (prior + data)), rel=1e-12, abs=0)


def test_normal_posterior_is_that_of_a_gaussian_process():
    """One input, a constant kernel: scikit-learn's process has the same prior and the same noise."""
    gp = pytest.importorskip("sklearn.gaussian_process", reason="scikit-learn is a test dependency")
    y, m0, tau2, sigma2 = np.random.default_rng(1).normal(size=7), 0.4, 1.7, 0.6
    kernel = gp.kernels.ConstantKernel(tau2, "fixed")
    process = gp.GaussianProcessRegressor(kernel, alpha=sigma2, optimizer=None).fit(np.zeros((7, 1)), y - m0)
    mean, deviation = process.predict(np.zeros((1, 1)), return_std=True)
    assert bayes.normal_posterior(y, m0, tau2, sigma2) == pytest.approx((mean[0] + m0, deviation[0] ** 2), rel=1e-9)


def grid(seed, size, offset=0.0):
    g = np.random.default_rng(seed)
    logw = 3 * g.normal(size=size) + offset
    logw[g.integers(size)] = -inf
    return np.cumsum(g.uniform(0.1, 1.0, size=size)) - 4.0, logw


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4, 800.0])
@pytest.mark.parametrize("size", [2, 9, 40])
def test_expected_loss_is_the_average_over_all_pairs(offset, size):
    theta, logw = grid(size, size, offset)
    actions = np.random.default_rng(2).normal(size=6)
    right = ((actions[:, None] - theta[None, :]) ** 2) @ special.softmax(logw)
    np.testing.assert_allclose(bayes.posterior_expected_loss(theta, logw, actions), right, rtol=1e-9)
    far = bayes.posterior_expected_loss(theta + 1e8, logw, actions + 1e8)
    np.testing.assert_allclose(far, right, rtol=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1e4, -1e4])
@pytest.mark.parametrize("seed", range(5))
def test_bayes_estimates_are_those_of_scipys_discrete_law(offset, seed):
    theta, logw = grid(seed, 15, offset)
    law = stats.rv_discrete(values=(np.arange(15), special.softmax(logw)))
    assert bayes.bayes_estimate(theta, logw, "squared") == pytest.approx(law.expect(lambda i: theta[i.astype(int)]))
    assert bayes.bayes_estimate(theta, logw, "absolute") == theta[int(law.ppf(0.5))]
    assert bayes.bayes_estimate(theta, logw, "zero_one") == theta[int(np.argmax(law.pmf(np.arange(15))))]


@pytest.mark.parametrize("seed", range(5))
def test_no_action_has_a_smaller_expected_loss(seed):
    theta, logw = grid(seed, 15)
    p = special.softmax(logw)
    others = np.concatenate([theta, np.linspace(theta[0], theta[-1], 500)])
    for loss, of in (
        ("squared", np.square),
        ("absolute", np.abs),
        ("zero_one", lambda d: (d != 0).astype(float)),
    ):
        best = of(bayes.bayes_estimate(theta, logw, loss) - theta) @ p
        assert best <= (of(others[:, None] - theta) @ p).min() + 1e-12


def test_three_actions_approach_those_of_a_continuous_posterior():
    theta = np.linspace(0, 1, 20_001)[1:-1]
    law = stats.beta(3, 8)
    found = [bayes.bayes_estimate(theta, law.logpdf(theta), loss) for loss in ("squared", "absolute", "zero_one")]
    assert found == pytest.approx([law.mean(), law.median(), 2 / 9], abs=1e-4)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (bayes.beta_binomial_mean, (np.array([0.0, 3.0]), np.array([0.0, 5.0]), 1.5, 2.0)),
        (bayes.normal_posterior, (np.array([1.0, 4.0]), 0.5, 2.0, 3.0)),
        (bayes.posterior_expected_loss, (*grid(3, 9), np.array([0.0, 1.0]))),
        *((bayes.bayes_estimate, (*grid(4, 9), loss)) for loss in ("squared", "absolute", "zero_one")),
    ],
    ids=lambda v: getattr(v, "__name__", ""),
)
def test_another_array_library_gives_the_same(function, arguments):
    same_elsewhere(function, arguments)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (bayes.beta_binomial_mean, (3, 2, 1, 1)),
        (bayes.beta_binomial_mean, (-1, 2, 1, 1)),
        (bayes.beta_binomial_mean, (0, -1, 1, 1)),
        (bayes.beta_binomial_mean, (1, 2, 0, 1)),
        (bayes.beta_binomial_mean, (1, 2, 1, nan)),
        (bayes.beta_binomial_mean, ([1, 2], [3], 1, 1)),
        (bayes.normal_posterior, ([1.0], 0.0, 0.0, 1.0)),
        (bayes.normal_posterior, ([1.0], 0.0, 1.0, -1.0)),
        (bayes.normal_posterior, ([[1.0]], 0.0, 1.0, 1.0)),
        (bayes.posterior_expected_loss, ([], [], [0.0])),
        (bayes.posterior_expected_loss, ([1.0, 2.0], [0.0], [0.0])),
        (bayes.posterior_expected_loss, ([1.0], [0.0], 0.0)),
        (bayes.posterior_expected_loss, ([1.0], [-inf], [0.0])),
        (bayes.posterior_expected_loss, ([1.0, 2.0], [0.0, nan], [0.0])),
        (bayes.posterior_expected_loss, ([1.0, 2.0], [0.0, inf], [0.0])),
        (bayes.bayes_estimate, ([1.0, 0.0], [0.0, 0.0], "squared")),
        (bayes.bayes_estimate, ([1.0, 1.0], [0.0, 0.0], "zero_one")),
        (bayes.bayes_estimate, ([0.0, 1.0], [0.0, 0.0], "l2")),
        (bayes.bayes_estimate, ([0.0, 1.0], [-inf, -inf], "squared")),
        (bayes.bayes_estimate, ([], [], "absolute")),
    ],
)
def test_bad_input_is_refused(function, arguments):
    with pytest.raises(ValueError, match=r"\w"):
        function(*arguments)
