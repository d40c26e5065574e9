"""Statistical bounds against SciPy's exact laws: samples of the law pass, and NaN never passes."""

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from autograder.checks.statistics import binomial_violation, dkw_bound, dkw_violation, hoeffding_halfwidth

LAWS = {
    "F": (stats.f(3, 10), functools.partial(special.fdtr, 3, 10)),
    "chi2": (stats.chi2(4), functools.partial(special.chdtr, 4)),
    "beta": (stats.beta(2, 5), functools.partial(special.betainc, 2, 5)),
    "normal": (stats.norm(), special.ndtr),
    "t": (stats.t(1.5), functools.partial(special.stdtr, 1.5)),
}


@pytest.mark.parametrize("name", LAWS)
def test_a_sample_of_the_law_passes_and_one_of_another_does_not(name):
    law, cdf = LAWS[name]
    sample = law.rvs(4000, random_state=np.random.default_rng(1))
    assert not dkw_violation(sample, cdf, 1e-10)
    assert dkw_violation(1.5 * sample + 0.2, cdf, 1e-10)


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_refused(name, odd):
    law, cdf = LAWS[name]
    sample = law.rvs(4000, random_state=np.random.default_rng(1))
    sample[7] = odd
    assert dkw_violation(sample, cdf, 1e-10)


@pytest.mark.parametrize("name", ["F", "beta"])
@pytest.mark.parametrize("share", [0.001, 0.5, 1.0])
def test_values_that_the_law_never_takes_are_refused(name, share):
    law, cdf = LAWS[name]
    sample = law.rvs(4000, random_state=np.random.default_rng(1))
    sample[: int(share * 4000)] *= -1
    assert dkw_violation(sample, cdf, 1e-10)


@settings(max_examples=100)
@given(st.integers(1, 300), st.floats(1e-12, 0.5), st.integers(0, 2**32 - 1))
def test_the_distance_is_that_of_kolmogorov_and_smirnov(n, alpha, seed):
    sample = np.random.default_rng(seed).normal(0.3, 1.2, n)
    distance = stats.kstest(sample, "norm").statistic
    assert dkw_violation(sample, special.ndtr, alpha) == (distance > dkw_bound(n, alpha))


@settings(max_examples=300)
@given(st.data())
def test_a_count_is_refused_exactly_where_a_tail_is_too_thin(data):
    n = data.draw(st.integers(1, 10**6))
    p = data.draw(st.floats(1e-6, 1 - 1e-6))
    alpha = 10 ** data.draw(st.floats(-12, -1))
    law = stats.binom(n, p)
    near = round(n * p + data.draw(st.floats(-9, 9)) * math.sqrt(n * p * (1 - p)))
    count = min(n, max(0, near))
    thin = min(law.cdf(count), law.sf(count - 1))
    if abs(thin / (alpha / 2) - 1) > 1e-6:  # at the border itself the last digits decide
        assert binomial_violation(count, n, p, alpha) == (thin <= alpha / 2)


@pytest.mark.parametrize("n", [10, 10_000, 1_000_000])
def test_counts_beyond_all_reach_are_refused(n):
    assert binomial_violation(n, n, 1e-3, 1e-10)
    assert binomial_violation(0, n, 1 - 1e-3, 1e-10)


@given(st.integers(1, 10**6), st.floats(1e-12, 0.5))
def test_hoeffding_is_what_it_says(n, alpha):
    half = hoeffding_halfwidth(n, 3.0, alpha)
    assert 2 * math.exp(-2 * n * (half / 3.0) ** 2) == pytest.approx(alpha)
