"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np
from scipy import special

from autograder.checks import (
    Broken, Example, Hidden, Tolerance, borderline, corner, fast_enough, law, mismatch, right, strata, usual_checks, wrong,
)
from reference import bayes

f64 = np.float64
CLOSE = Tolerance(1e-9, 1e-12)
RELATIVE = Tolerance(1e-9)


# --- E03.1 beta_binomial_mean ---
def draw_counts(g, low, high, least, most):
    n = np.floor(10 ** g.uniform(low, high, size=8)).astype(int) - 1  # zero included
    return g.integers(0, n + 1), n, *(10 ** g.uniform(least, most, size=2)).tolist()


COUNTS = strata(draw_counts, (1, 2, -1, 1), (2, 4, 0, 2), (0, 1, -1, 1), (4, 6, 2, 4), (0, 6, -1, 4))


def counts(k, n, a, b, posterior):
    """Validated: ``posterior(k, n)`` with numbers for numbers."""
    bayes.beta_binomial_mean(k, n, a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = posterior(np.asarray(k, f64), np.asarray(n, f64))
    return float(value) if value.ndim == 0 else value


@right("beta_binomial_mean", "convex combination")
def convex(k, n, a, b):
    def posterior(k, n):
        weight = n / (a + b + n)
        return weight * (k / np.where(n > 0, n, 1)) + (1 - weight) * (a / (a + b))

    return counts(k, n, a, b, posterior)


BETA = Hidden("beta_binomial_mean", reference=bayes.beta_binomial_mean, checks=(
    # the convex combination loses eps * n / (a + b), at most 1e-9
    *usual_checks(COUNTS, "rand", "mut", "list", "strided", tolerance=Tolerance(1e-8)),
), misconceptions=(
    wrong("uses the relative frequency, without the prior", lambda k, n, a, b: counts(k, n, a, b, lambda k, n: k / np.where(n > 0, n, 1)),
        hint="Where did the prior go? Try n=0."),
    wrong("returns the mode of the posterior", lambda k, n, a, b: counts(k, n, a, b, lambda k, n: (a + k - 1) / (a + b + n - 2)),
        hint="That is the maximum of the density. Which loss asks for it?"),
    wrong("uses Laplace's rule whatever the prior", lambda k, n, a, b: counts(k, n, a, b, lambda k, n: (k + 1) / (n + 2)),
        hint="Change a and b: should nothing happen?"),
    wrong("counts the prior's pseudo-counts twice",
        lambda k, n, a, b: counts(k, n, a, b, lambda k, n: (a + k) / (a + b + n + 2)),
        hint="For n=0 the answer is the prior mean a/(a+b)."),
    wrong("exchanges a and b", lambda k, n, a, b: counts(k, n, a, b, lambda k, n: (b + k) / (a + b + n)),
        hint="Which pseudo-count goes with successes?"),
))


# --- E03.2 normal_posterior ---
def draw_normal(g, n, least, most):
    """Observations, and a prior variance of any size; sigma2 is 10**least to 10**most times as large."""
    tau2 = 10 ** g.uniform(-6, 6)
    return g.normal(size=n) + g.normal() + 2, float(g.normal()), float(tau2), float(tau2 * 10 ** g.uniform(least, most))


SAMPLES = strata(draw_normal, (7, 0.2, 0.8), (30, -0.8, -0.2), (3, 0.5, 2), (12, -2, -0.5), (1, -2, 2))
UNEQUAL = strata(draw_normal, (5, -16, -12), (5, 12, 16))


EXTREME = Example(
    name="extreme", title="is finite and right for variances of 1e200 and 1e-200", group="robustness",
    cases=(
        *((([2.0, 4.0], 0.0, size, size), (2.0, size / 3)) for size in (1e200, 1e-200)),
        (([2.0, 4.0], 1.0, 1e200, 1e-200), (3.0, 5e-201)),
        (([2.0, 4.0], 1.0, 1e-200, 1e200), (1.0, 1e-200)),
    ),
    tolerance=RELATIVE,
)  # fmt: skip


def sequential_inputs(rng):
    g = rng("sequential")
    y, m0, tau2, sigma2 = g.normal(size=5) + 2, float(g.normal()), *g.uniform(0.2, 5, size=2).tolist()
    steps, mean, var = [], m0, tau2
    for k in range(y.size):
        steps.append((y[k : k + 1], mean, var, sigma2))
        mean, var = bayes.normal_posterior(y[: k + 1], m0, tau2, sigma2)
    return [(y, m0, tau2, sigma2), *steps]


def sequential_law(args, got, want):
    if mismatch(tuple(got[-1]), tuple(got[0]), RELATIVE):
        return Broken("all observations at once and one after the other (each posterior the next prior) must agree")
    return None


def normal(y_obs, m0, tau2, sigma2, *, ratio=lambda s2, n, t2: (s2 / n) / t2, mean=None, var=lambda v: v, empty=None):
    """The right posterior with one link to replace; ``ratio`` is the prior's weight relative to the data's."""
    bayes.normal_posterior(y_obs, m0, tau2, sigma2)
    y = np.asarray(y_obs, f64)
    if y.size == 0:
        return empty(m0, tau2, sigma2) if empty else (float(m0), float(var(tau2)))
    with np.errstate(over="ignore", divide="ignore"):
        q = f64(ratio(f64(sigma2), y.size, f64(tau2)))
        centre = (y.mean() + q * m0) / (1 + q) if q <= 1 else (y.mean() / q + m0) / (1 + 1 / q)
        spread = tau2 * (q / (1 + q) if q <= 1 else 1 / (1 + 1 / q))
    return float(mean(y, m0) if mean else centre), float(var(spread))


@wrong("normal_posterior", "multiplies variances until they overflow", hint="Multiply two numbers of size 1e200.")
def product_form(y_obs, m0, tau2, sigma2):
    bayes.normal_posterior(y_obs, m0, tau2, sigma2)
    y, tau2, sigma2 = np.asarray(y_obs, f64), f64(tau2), f64(sigma2)
    with np.errstate(all="ignore"):
        total = y.size * tau2 + sigma2
        return float((tau2 * y.sum() + sigma2 * m0) / total), float(tau2 * sigma2 / total)


@wrong("normal_posterior", "uses variances as standard deviations",
       hint="A precision is one over a variance. Is the argument a variance or a deviation?")
def as_deviations(y_obs, m0, tau2, sigma2):
    bayes.normal_posterior(y_obs, m0, tau2, sigma2)
    y = np.asarray(y_obs, f64)
    with np.errstate(all="ignore"):
        prior, data = f64(tau2) ** -2, y.size * f64(sigma2) ** -2
        return float((prior * m0 + data * (y.mean() if y.size else 0.0)) / (prior + data)), float(1 / (prior + data))


@borderline("normal_posterior", "filter form, one observation at a time")
def filtered(y_obs, m0, tau2, sigma2):
    m, v = float(m0), float(tau2)
    for y in np.asarray(y_obs, f64):
        gain = v / (v + sigma2)
        m, v = m + gain * (y - m), (1 - gain) * v
    return m, v


@right("normal_posterior", "precision form")
def precision_form(y_obs, m0, tau2, sigma2):
    bayes.normal_posterior(y_obs, m0, tau2, sigma2)
    y = np.asarray(y_obs, f64)
    prior, data = 1 / tau2, y.size / sigma2
    return (prior * m0 + data * (y.mean() if y.size else 0.0)) / (prior + data), 1 / (prior + data)


def predictive(y_obs, m0, tau2, sigma2):
    mean, var = bayes.normal_posterior(y_obs, m0, tau2, sigma2)
    return mean, var + sigma2


NORMAL = Hidden("normal_posterior", reference=bayes.normal_posterior, checks=(
    *usual_checks(SAMPLES, tolerance=RELATIVE),
    corner("unequal", "is right for a prior that is 1e16 times vaguer or sharper", UNEQUAL, tolerance=RELATIVE),
    EXTREME,
    law("sequential", "gives the same when the data come one by one", sequential_inputs, sequential_law),
), misconceptions=(
    wrong("forgets to divide sigma2 by n", lambda *a: normal(*a, ratio=lambda s2, n, t2: s2 / t2),
        hint="How precise is the average of n observations?"),
    wrong("averages prior mean and data without weights", lambda *a: normal(*a, mean=lambda y, m0: (y.mean() + m0) / 2),
        hint="What should happen when the prior is extremely vague?"),
    wrong("returns the variance of a new observation", predictive, hint="What does the variance tend to as n grows?"),
    wrong("exchanges the weights of prior and data", lambda *a: normal(*a, ratio=lambda s2, n, t2: t2 / (s2 / n)),
        hint="The more precise source should get more weight."),
    wrong("returns standard deviation", lambda *a: normal(*a, var=math.sqrt), hint="Which unit should the second result have?"),
    wrong("returns NaN for empty data",
        lambda *a: normal(*a, empty=lambda m0, tau2, sigma2: (math.nan, 1 / (1 / tau2 + 1 / sigma2))),
        hint="What do you believe before seeing any data?"),
))


# --- E03.3 posterior_expected_loss ---
def draw_grid(g, n, m, low, high):
    return g.normal(size=n), 3 * g.normal(size=n) + g.uniform(low, high), 2 * g.normal(size=m)


GRIDS = strata(draw_grid, (30, 7, -5, 5), (200, 2, -5, 5), (5, 9, -40, -20), (2, 1, 20, 40))


SINGLE_POINT = Example(
    name="single", title="accepts a grid of one point", group="robustness",
    cases=((([3.0], [-5.0], [1.0]), np.array([4.0])),),
)  # fmt: skip


def draw_offset(g):
    return 1e8 + g.normal(size=5), g.normal(size=5), 1e8 + g.normal(size=2)


def draw_fine_grid(g):
    return np.linspace(-5, 5, 100_000), -0.5 * g.normal(size=100_000) ** 2, np.linspace(-6, 6, 100_000)


def weights(theta, logw, actions, *, of=lambda lw: np.exp(lw - lw.max()), normalise=True):
    """Validated: grid, weights, actions, with one link to replace."""
    bayes.posterior_expected_loss(theta, logw, actions)
    with np.errstate(over="ignore", invalid="ignore"):
        p = of(np.asarray(logw, f64))
        p = p / p.sum() if normalise else p
    return np.asarray(theta, f64), p, np.asarray(actions, f64)


def expected(t, p, a, spread=lambda t, p, m: p @ (t - m) ** 2):
    m = p @ t
    return (a - m) ** 2 + spread(t, p, m)


def every_pair(t, p, a):
    return ((a[:, None] - t[None, :]) ** 2) @ p


EXPECTED_LOSS = Hidden("posterior_expected_loss", reference=bayes.posterior_expected_loss, checks=(
    *usual_checks(GRIDS, "rand", "mut", "list", "strided", tolerance=RELATIVE),
    SINGLE_POINT,
    corner("offset", "keeps six digits for a grid near 1e8", draw_offset, tolerance=Tolerance(1e-6)),
    fast_enough(draw_fine_grid, "100,000 grid points and 100,000 actions", tolerance=RELATIVE),
), misconceptions=(
    wrong("exponentiates without shifting", lambda *a: expected(*weights(*a, of=np.exp)),
        hint="exp(1000) is not a number your computer can hold. What constant may you factor out?"),
    wrong("forgets to normalise", lambda *a: expected(*weights(*a, normalise=False)),
        hint="Do the weights add up to one?"),
    wrong("uses log-weights as weights", lambda *a: expected(*weights(*a, of=lambda lw: np.abs(lw) + 1e-300)),
        hint="The argument is called logw."),
    wrong("takes the loss at the posterior mean, without the variance",
        lambda *a: expected(*weights(*a), spread=lambda t, p, m: 0.0),
        hint="Put a at the posterior mean: is your loss zero although theta is uncertain?"),
    wrong("builds a matrix of actions by grid points", lambda *a: every_pair(*weights(*a)),
        hint="A quadratic in a has three coefficients. Do you need every pair (a,theta)?"),
    wrong("loses the variance to cancellation in E[t^2] - m^2", lambda *a: expected(*weights(*a), spread=lambda t, p, m: p @ t**2 - m**2),
        hint="Try a grid near 1e8: how many digits are left?"),
), alternatives=(right("scipy softmax", lambda *a: expected(*weights(*a, of=special.softmax))),))


# --- E03.4 bayes_estimate ---
def draw_estimate(g, loss, n):
    left = 0.9 if loss == "zero_one" else 0.3
    return np.cumsum(g.uniform(0.1, 1.0, size=n)) - left * n, 2 * g.normal(size=n), loss


ESTIMATES = strata(draw_estimate, *((loss, n) for n in (25, 60, 40) for loss in ("squared", "absolute", "zero_one")))


CLOSE_WEIGHTS = Example(
    name="close", title="tells close log-weights apart", group="robustness",
    cases=((([0.0, 1.0, 2.0], [1e4, 1e4 + 1e-4, 1e4], "zero_one"), 1.0),),
)  # fmt: skip


def mean_of(t, lw, p):
    return p @ t / p.sum()


def median_of(t, lw, p):
    c = np.cumsum(p)
    return t[np.searchsorted(c, 0.5 * c[-1])]


def strictly_more(t, lw, p):
    c = np.cumsum(p)
    return t[min(np.searchsorted(c, 0.5 * c[-1], side="right"), t.size - 1)]


def loop_median(t, lw, p):
    total = reached = 0.0
    for weight in p.tolist():
        total += weight
    for value, weight in zip(t.tolist(), p.tolist(), strict=True):
        reached += weight
        if reached >= 0.5 * total:
            return value
    return t[-1]


def estimate(
    theta, logw, loss, *,
    of=lambda lw: np.exp(lw - lw.max()), squared=mean_of, absolute=median_of,
    zero_one=lambda t, lw, p: t[np.argmax(lw)],
):  # fmt: skip
    """The right Bayes action with one link to replace."""
    bayes.bayes_estimate(theta, logw, loss)
    t, lw = np.asarray(theta, f64), np.asarray(logw, f64)
    with np.errstate(over="ignore", invalid="ignore"):
        return float({"squared": squared, "absolute": absolute, "zero_one": zero_one}[loss](t, lw, of(lw)))


ESTIMATE = Hidden("bayes_estimate", reference=bayes.bayes_estimate, checks=(
    *usual_checks(ESTIMATES, "rand", "mut", "list", "strided", tolerance=RELATIVE),
    CLOSE_WEIGHTS,
), misconceptions=(
    wrong("takes the median of the grid points without their weights",
        lambda *a: estimate(*a, absolute=lambda t, lw, p: np.median(t)),
        hint="Do all grid points have the same probability?"),
    wrong("interpolates between grid points",
        lambda *a: estimate(*a, absolute=lambda t, lw, p: np.interp(0.5, np.cumsum(p) / p.sum(), t)),
        hint="Is your answer one of the grid points?"),
    wrong("returns the mean for absolute loss", lambda *a: estimate(*a, absolute=mean_of),
        hint="Which statistic minimises an expected absolute error?"),
    wrong("asks the cumulative weight to be above 1/2, not at least 1/2", lambda *a: estimate(*a, absolute=strictly_more),
        hint="Four equal weights: where does the cumulative probability reach one half?"),
    wrong("returns the last of several modes", lambda *a: estimate(*a, zero_one=lambda t, lw, p: t[t.size - 1 - np.argmax(lw[::-1])]),
        hint="The statement says which tie wins."),
    wrong("maximises theta times its weight", lambda *a: estimate(*a, zero_one=lambda t, lw, p: t[np.argmax(t * p)]),
        hint="The mode does not depend on the values of theta."),
    wrong("exponentiates without shifting", lambda *a: estimate(*a, of=np.exp), hint="Try log-weights of 1000: what is exp(1000)?"),
), alternatives=(right("loop cdf", lambda *a: estimate(*a, absolute=loop_median)),))
