"""Statistical bounds against SciPy's exact laws: samples of the law pass, and NaN never passes."""

import functools
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from autograder.checks.statistics import binomial_violation, departure, dkw_bound, dkw_violation, hoeffding_halfwidth

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


@pytest.mark.parametrize("name", LAWS)
def test_how_far_a_sample_is_from_its_law_is_said_in_its_own_units(name):
    law, cdf = LAWS[name]
    unit = 1e6
    sample = law.rvs(20_000, random_state=np.random.default_rng(1)) * unit
    assert departure(sample, lambda x: cdf(x / unit), 1e-10) == ""
    said = departure(2.6 * sample, lambda x: cdf(x / unit), 1e-10)
    seen, wanted, spread, right = (float(one) for one in re.findall(r"(?:is|expected) (-?[\d.]+(?:e[-+]\d+)?)", said))
    low, middle, high = (float(law.ppf(p)) * unit for p in (0.25, 0.5, 0.75))
    assert math.isclose(wanted, middle, rel_tol=5e-3, abs_tol=1e-9 * unit)
    assert math.isclose(right, high - low, rel_tol=5e-3)
    assert math.isclose(seen, 2.6 * middle, abs_tol=0.05 * right * 2.6)
    assert math.isclose(spread, 2.6 * right, rel_tol=0.05)
    assert "(2.6 times)" in said or "(2.5 times)" in said or "(2.7 times)" in said


def test_where_median_and_spread_fit_the_largest_gap_is_named():
    sample = np.abs(np.random.default_rng(1).standard_normal(20_000)) ** 0.25
    sample[::2] *= -1
    scaled = sample * stats.norm.ppf(0.75) / np.quantile(sample, 0.75)
    said = departure(scaled, special.ndtr, 1e-10)
    assert re.fullmatch(r"median and spread fit, but \d+% of them are at most -?[\d.]+, expected \d+%", said)


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ([1.0, math.nan, math.inf, 2.0], "2 of 4 values are not finite"),
        ([], "the sample is empty"),
        ([5.0] * 500, "their median is 5, expected"),
    ],
)
def test_a_sample_with_nothing_to_compare_is_described(sample, words):
    assert departure(np.array(sample), special.ndtr, 1e-10).startswith(words)


def test_a_law_that_has_no_value_at_zero_leaves_what_was_seen():
    said = departure(np.full(500, 5.0), lambda x: np.where(np.abs(x) > 1, 0.0, np.nan), 1e-10)
    assert said == "their median is 5 and their interquartile range 0"


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
