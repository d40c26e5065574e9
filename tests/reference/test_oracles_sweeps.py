"""Sweeps and large Monte Carlo: each run is the single one's, batches change nothing, estimates obey their laws."""

import math

import array_api_strict
import numpy as np
import pytest
import scipy.stats

from reference.activations import KINDS, gd_preactivation
from reference.scaling import gd_linear
from reference.sweeps import (
    batches,
    gd_linear_sweep,
    gd_preactivation_sweep,
    running_risk_mc,
    sampler,
    student_t_mc,
)
from tests import gpu


@pytest.mark.parametrize(("count", "each", "budget"), [(1, 1, 1), (10, 3, 10), (7, 100, 1), (5, 1, 5)])
def test_batches_cover_everything_once_and_keep_to_the_budget(count, each, budget):
    parts = list(batches(count, each, budget))
    assert [i for part in parts for i in range(part.start, part.stop)] == list(range(count))
    assert all((part.stop - part.start) * each <= max(budget, each) for part in parts)
    with pytest.raises(ValueError, match="positive"):
        next(batches(count, each, 0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("steps", [0, 1, 40])
@pytest.mark.parametrize("xp", [np, array_api_strict], ids=["numpy", "strict"])
def test_a_sweep_of_trajectories_ends_as_each_alone(kind, steps, xp, monkeypatch):
    monkeypatch.setattr("reference.sweeps._IN_CACHE", 5)
    g = np.random.default_rng(1)
    z0, y = g.normal(size=(4, 3)) * 2, g.uniform(-1, 1, size=(4, 3))
    ends = np.asarray(gd_preactivation_sweep(xp.asarray(z0), xp.asarray(y), kind, 0.3, steps))
    alone = [gd_preactivation(z, t, kind, 0.3, steps)[-1] for z, t in zip(z0.ravel(), y.ravel(), strict=True)]
    np.testing.assert_allclose(ends.ravel(), alone, rtol=1e-10, atol=1e-12)
    assert ends.shape == (4, 3)


@pytest.mark.parametrize("budget", [1, 1 << 30])
def test_a_sweep_of_learning_rates_ends_as_each_alone(budget):
    g = np.random.default_rng(2)
    X, y, lrs = g.normal(size=(20, 3)), g.normal(size=20), np.array([0.01, 0.1, 0.3])
    ends = gd_linear_sweep(X, y, lrs, 25, budget)
    for end, lr in zip(ends, lrs, strict=True):
        np.testing.assert_allclose(end, gd_linear(X, y, lr, 25)[-1], rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(gd_linear_sweep(X, y, lrs, 0), np.zeros((3, 3)))


def test_the_running_risk_converges_and_batches_change_nothing():
    ns = [10, 1000, 200_000]
    whole, limit = running_risk_mc(ns, 4.0, sampler(0))
    parts, _ = running_risk_mc(ns, 4.0, sampler(0), budget=24 * 777)
    np.testing.assert_allclose(parts, whole, rtol=1e-13)
    residual = 2.0 * np.random.default_rng(0).standard_normal(ns[-1])
    np.testing.assert_allclose(whole, [np.mean(residual[:n] ** 2) for n in ns], rtol=1e-12)
    # a mean of squares of n normal numbers has the standard deviation sigma2 sqrt(2/n): six of them
    assert all(abs(risk - limit) < 6 * limit * math.sqrt(2 / n) for risk, n in zip(whole, ns, strict=True))


@pytest.mark.parametrize("budget", [48 * 11 * 100, 1 << 30])
def test_means_and_medians_of_t_have_their_exact_laws(budget):
    cauchy = student_t_mc(1.0, 11, 4000, "mean", sampler(1), budget=budget)
    assert scipy.stats.kstest(cauchy, "cauchy").pvalue > 1e-6  # the mean of Cauchy numbers is one
    medians = student_t_mc(3.0, 11, 4000, "median", sampler(2), budget=budget)
    law = scipy.stats.beta(6, 6).cdf
    assert scipy.stats.kstest(medians, lambda x: law(scipy.stats.t(3).cdf(x))).pvalue > 1e-6
    huber = student_t_mc(3.0, 11, 500, "huber", sampler(3), delta=1e9, budget=budget)
    again = student_t_mc(3.0, 11, 500, "mean", sampler(3), budget=budget)
    np.testing.assert_allclose(huber, again, rtol=1e-9, atol=1e-12)  # a parabola everywhere: the mean


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        (running_risk_mc, ([], 1.0, None), "at least one"),
        (running_risk_mc, ([3, 2], 1.0, None), "ascending"),
        (running_risk_mc, ([3], -1.0, None), "variance"),
        (student_t_mc, (0.0, 1, 1, "mean", None), "nu"),
        (student_t_mc, (1.0, 1, 0, "mean", None), "at least 1"),
        (student_t_mc, (1.0, 1, 1, "mode", None), "no estimator"),
        (student_t_mc, (1.0, 1, 1, "huber", None, 0.0), "delta"),
        (gd_preactivation_sweep, ([], [], "tanh", 1.0, 1), "at least one"),
        (gd_preactivation_sweep, ([1.0], [1.0], "exp", 1.0, 1), "kind"),
        (gd_linear_sweep, ([[1.0]], [1.0], [-1.0], 1), "positive"),
        (gd_linear_sweep, ([[1.0]], [1.0, 2.0], [1.0], 1), "y_true"),
    ],
)
def test_bad_input_is_named(function, arguments, words):
    with pytest.raises(ValueError, match=words):
        function(*arguments)


@pytest.mark.gpu
@gpu.needed
def test_sweeps_on_a_gpu_end_where_numpys_end_and_samples_obey_their_laws():
    import cupy
    from array_api_compat import cupy as xp

    g = np.random.default_rng(1)
    z0, y = g.normal(size=1 << 17) * 2, g.uniform(-1, 1, size=1 << 17)
    for kind in KINDS:
        got = gd_preactivation_sweep(cupy.asarray(z0), cupy.asarray(y), kind, 0.3, 100)
        np.testing.assert_allclose(got.get(), gd_preactivation_sweep(z0, y, kind, 0.3, 100), rtol=1e-8, atol=1e-11)
    risks, limit = running_risk_mc([10**8], 2.0, sampler(0, xp), xp)
    assert abs(risks[0] - limit) < 6 * limit * math.sqrt(2e-8)
    medians = student_t_mc(3.0, 101, 100_000, "median", sampler(2, xp), xp=xp).get()
    law = scipy.stats.beta(51, 51).cdf
    assert scipy.stats.kstest(medians, lambda x: law(scipy.stats.t(3).cdf(x))).pvalue > 1e-6
