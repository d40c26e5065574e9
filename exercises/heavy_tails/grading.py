"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np
from scipy import integrate, optimize, special, stats

from autograder.checks import (
    Broken, Generator, Hidden, Tolerance, borderline, corner, fast_enough, fresh_draws, law, right, strata, usual_checks, wrong,
)
from autograder.checks.statistics import departure
from exercises.heavy_tails.checks import minimises
from reference import heavy_tails
from reference._arrays import require

f64 = np.float64
LOCATION = Tolerance(1e-6, mode="max")  # only recognises misconceptions: right answers are judged by the criterion
AVAR = Tolerance(1e-6)  # adaptive quadrature at 1e-10; differences of CDFs lose eps / delta


# --- E09.1 student_t_variance ---
def draw_nu(g):
    return (g.permuted(np.concatenate([g.uniform(0, 1, 3), g.uniform(1, 2, 3), 2 + np.exp(2 * g.normal(size=4))])),)


@wrong("student_t_variance", "returns NaN at nu = inf", hint="Which distribution is t with infinitely many degrees of freedom?")
def t_variance(nu, *, threshold=2.0, formula=lambda nu: nu / (nu - 2), none=math.nan):
    """The right variance with one link to replace."""
    heavy_tails.student_t_variance(nu)
    nu = np.asarray(nu, f64)
    big = nu > threshold
    out = np.where(big, formula(np.where(big, nu, threshold + 1)), np.where(nu > 1, math.inf, none))
    return out if out.ndim else float(out)


def safe(nu):
    return 1.0 / (1.0 - 2.0 / nu)


@wrong("student_t_variance", "applies the formula for every nu", hint="Can a variance be negative?")
def everywhere(nu):
    heavy_tails.student_t_variance(nu)
    nu = np.asarray(nu, f64)
    return nu / (nu - 2)


@right("student_t_variance", "loop")
def variance_loop(nu):
    heavy_tails.student_t_variance(nu)
    out = []
    for value in np.ravel(np.asarray(nu, f64)).tolist():
        finite = 1.0 if math.isinf(value) else value / (value - 2) if value > 2 else math.inf
        out.append(finite if value > 1 else math.nan)
    return np.array(out).reshape(np.shape(nu)) if np.ndim(nu) else out[0]


VARIANCE = Hidden("student_t_variance", reference=heavy_tails.student_t_variance, checks=(
    *usual_checks(draw_nu, "rand", "mut", "list", "strided"),
), misconceptions=(
    wrong("returns inf where the variance is undefined (nu <= 1)", lambda nu: t_variance(nu, formula=safe, none=math.inf),
        hint="Variance is defined around the mean. Is there one?"),
    wrong("takes the variance as finite from nu = 1", lambda nu: t_variance(nu, formula=safe, threshold=1.0),
        hint="Which moment exists for nu=1.5?"),
    wrong("divides by nu-1 instead of nu-2", lambda nu: t_variance(nu, formula=lambda nu: nu / (nu - 1)),
        hint="Check nu=3: the variance is 3."),
))


# --- E09.2 huber_location_batch ---
def draw_batch(g, R, n, ratio, far=1.0):
    """Rows of about one spread, with a delta of that ratio to it; ``far`` moves one entry of the first row out."""
    s = 10 ** g.uniform(-0.5, 0.5)
    Y = s * g.standard_t(1.1, size=(R, n))
    Y[0, -1] *= far
    return Y, float(s * ratio * g.uniform(0.8, 1.25))


drawn_batches = strata(
    draw_batch, (5, 12, 0.5), (6, 5, 0.3, 1e4), (3, 25, 1.0), (8, 7, 2.0), (4, 1, 0.7), (2, 2, 0.4), (1, 29, 3.0), (7, 16, 1.3),
)  # fmt: skip


def draw_spreads(g):
    rows = [s * g.standard_t(1.5, size=15) for s in (1.0, 1e6, 1e-6)]
    return np.vstack([np.full(15, 4.1), *rows]), 0.7


def draw_large_batch(g):
    Y = g.standard_t(1.2, size=(500, 701))
    Y[::100] = g.standard_t(0.5, size=(5, 701))  # rows with observations far out
    return Y, 1.0


def bisect(Y, delta, *, steps=200, before=lambda Y: Y, up=lambda psi: psi.sum(1) > 0, done=np.all, tidy=lambda Y: None):
    """The right bisection with one link to replace."""
    heavy_tails.huber_location_batch(Y, delta)
    Y = before(np.asarray(Y, f64))
    tidy(Y)
    lo, hi = Y.min(1), Y.max(1)
    for _ in range(steps):
        m = lo + (hi - lo) / 2
        if done((m <= lo) | (m >= hi)):
            break
        rises = up(np.clip(Y - m[:, None], -delta, delta))
        lo, hi = np.where(rises, m, lo), np.where(rises, hi, m)
    return lo + (hi - lo) / 2


def common_shift(psi):
    return np.full(len(psi), psi.sum() > 0)


def columns(Y):
    # one memory layout, so that sums round alike: in a flat region rounding decides which minimiser is found
    return np.ascontiguousarray(Y.T)


def pairwise(Y):
    differences = Y[:, :, None] - Y[:, None, :]
    return np.sum(differences, axis=1)


@wrong("huber_location_batch", "returns medians", hint="Evaluate the mean of psi at your answer: does it change its sign there?")
def row_medians(Y, delta):
    heavy_tails.huber_location_batch(Y, delta)
    return np.median(np.asarray(Y, f64), axis=1)


@wrong("huber_location_batch", "takes row means", hint="Move one entry to 1e6: how far may the answer go?")
def row_means(Y, delta):
    heavy_tails.huber_location_batch(Y, delta)
    return np.mean(np.asarray(Y, f64), axis=1)


@wrong("huber_location_batch", "measures delta in median absolute deviations",
       hint="No scale is estimated: what does multiplying Y and delta by 10 do to the answer?")
def scaled_by_mad(Y, delta):
    heavy_tails.huber_location_batch(Y, delta)
    Y = np.asarray(Y, f64)
    spread = np.median(np.abs(Y - np.median(Y, axis=1)[:, None]), axis=1) / stats.norm.ppf(0.75)
    unit = np.where(spread > 0, spread, 1.0)
    return unit * bisect(Y / unit[:, None], delta)


@wrong("huber_location_batch", "reweights the mean once", hint="Compute the weights again from the new estimate: do they stay?")
def one_reweighting(Y, delta):
    heavy_tails.huber_location_batch(Y, delta)
    Y = np.asarray(Y, f64)
    w = delta / np.maximum(np.abs(Y - np.median(Y, axis=1)[:, None]), delta)
    return np.sum(w * Y, axis=1) / np.sum(w, axis=1)


@right("huber_location_batch", "row loop with brentq")
def row_loop(Y, delta):
    heavy_tails.huber_location_batch(Y, delta)
    return np.array([row_root(y, delta) for y in np.asarray(Y, f64)], f64)


def row_root(y, delta):
    def pull(m):
        return np.minimum(np.maximum(y - m, -delta), delta).sum()

    middle = np.median(y)
    low, high = middle - delta, middle + delta
    if pull(low) <= 0:
        return low
    if pull(high) >= 0:
        return high
    return optimize.brentq(pull, low, high, xtol=1e-300, rtol=4 * np.finfo(f64).eps, maxiter=500)


def reweighted(stop):
    """Iteratively reweighted means of all rows until no one moves by more than ``stop`` of delta."""

    def location(Y, delta):
        heavy_tails.huber_location_batch(Y, delta)
        Y = np.asarray(Y, f64)
        m = np.median(Y, axis=1)
        for _ in range(3000):
            w = delta / np.maximum(np.abs(Y - m[:, None]), delta)
            m, before = np.sum(w * Y, axis=1) / np.sum(w, axis=1), m
            if np.all(np.abs(m - before) <= stop * delta):
                break
        return m

    return location


BATCH = Hidden("huber_location_batch", reference=heavy_tails.huber_location_batch, borderlines=(
    *(borderline(f"reweighting that stops at 1e-{digits}", reweighted(10.0**-digits)) for digits in (6, 8, 10)),
    borderline("single precision inside", lambda Y, delta: heavy_tails.huber_location_batch(np.float32(Y), delta)),
), checks=(
    *usual_checks(drawn_batches, tolerance=LOCATION, also_right=minimises),
    corner("spreads", "solves rows of very different spread, one of them constant", draw_spreads, tolerance=LOCATION,
        also_right=minimises),
    fast_enough(draw_large_batch, "500 samples of 701", cpu_seconds=5, tolerance=LOCATION, also_right=minimises),
), misconceptions=(
    wrong("estimates columns instead of rows", lambda Y, delta: bisect(Y, delta, before=columns),
        hint="Which axis is the sample?"),
    wrong("estimates one location for all rows", lambda Y, delta: bisect(Y, delta, up=common_shift),
        hint="Each row is its own problem."),
    wrong("stops bisection after 20 steps", lambda Y, delta: bisect(Y, delta, steps=20),
        hint="How wide is the bracket with one point at 1e6?"),
    wrong("stops when the first row has converged", lambda Y, delta: bisect(Y, delta, done=np.any),
        hint="Look at the worst row."),
    wrong("builds all pairwise differences", lambda Y, delta: bisect(Y, delta, tidy=pairwise),
        hint="Count the elements of the largest intermediate array."),
))


# --- E09.3 estimator_mc ---
def median_law(nu, n):
    k = n // 2
    return lambda x: special.betainc(k + 1, k + 1, stats.t.cdf(x, nu))


MANY, FEW = 4000, 600  # few where an answer that loops over replications solves an equation in each
LAWS = (
    ((1.0, 9, MANY, "mean", 1.0), stats.cauchy.cdf),
    ((1.5, 9, MANY, "median", 1.0), median_law(1.5, 9)),
    ((4.0, 15, MANY, "median", 1.0), median_law(4.0, 15)),
    ((1.0, 2, MANY, "median", 1.0), stats.cauchy.cdf),  # half the sum of two
    ((0.2, 25, MANY, "median", 1.0), median_law(0.2, 25)),
    ((3.0, 1, FEW, "huber", 1.3), lambda x: stats.t.cdf(x, 3.0)),
    ((1.5, 9, FEW, "huber", 1e-6), median_law(1.5, 9)),
    ((1.0, 25, FEW, "huber", 1e12), stats.cauchy.cdf),
)


def law_inputs(rng):
    return [
        (nu, n, reps, name, Generator((20240, 10 + k)), delta)
        for k, ((nu, n, reps, name, delta), _) in enumerate(LAWS)
    ]


def law_law(args, got, want):
    """DKW at 5e-11 each: a right solution fails with probability below 4e-10."""
    for at, (((nu, n, reps, name, delta), cdf), sample) in enumerate(zip(LAWS, got, strict=True)):
        if sample.shape != (reps,):
            return Broken("does not return an array of shape (reps,)", at)
        if off := departure(sample, cdf, 5e-11):
            which = f"{name} with delta={delta:g}" if name == "huber" else name
            return Broken(f"the estimates do not follow the exact law (nu={nu:g}, n={n}, {which}): {off}", at)
    return None


def simulate(
    nu, n, reps, estimator, rng, delta=1.0, *, draw=lambda rng, nu, shape: rng.standard_t(nu, size=shape),
    mean=lambda Y: Y.mean(1), used_delta=lambda delta: delta,
):  # fmt: skip
    """The right simulation with one link to replace."""
    require(nu > 0 and n >= 1, "arguments")
    Y = draw(rng, nu, (reps, n))
    if estimator == "mean":
        return mean(Y)
    return np.median(Y, axis=1) if estimator == "median" else bisect(Y, used_delta(delta))


def standardised(rng, nu, shape):
    return rng.standard_t(nu, size=shape) / (np.sqrt(nu / abs(nu - 2)) if nu != 2 else 1.0)


def one_sample(rng, nu, shape):
    return np.zeros(shape) + rng.standard_t(nu, size=(1, shape[1]))


def shared_scale(rng, nu, shape):
    return rng.standard_normal(shape) / np.sqrt(2 * rng.standard_gamma(nu / 2, (shape[0], 1)) / nu)


def trimmed(Y):
    return np.clip(Y, -50, 50).mean(1)


def normal_over_chi(rng, nu, shape):
    return rng.standard_normal(shape) / np.sqrt(2 * rng.standard_gamma(nu / 2, shape) / nu)


MC = Hidden("estimator_mc", reference=heavy_tails.estimator_mc, checks=(
    law("law", "follows eight exact laws (false alarm below 4e-10)", law_inputs, law_law, group="value"),
    fresh_draws(lambda reps, rng: (3.0, 5, reps, "mean", rng)),
), misconceptions=(
    wrong("draws normal noise", lambda *a: simulate(*a, draw=lambda rng, nu, shape: rng.normal(size=shape)),
        hint="How often do you see |y|>10?"),
    wrong("scales the noise to unit variance", lambda *a: simulate(*a, draw=standardised),
        hint="Which variance would you divide by for nu=1.5?"),
    wrong("averages along the wrong axis", lambda *a: simulate(*a, draw=one_sample), hint="Are the replications independent?"),
    wrong("draws one scale for all draws of a sample", lambda *a: simulate(*a, draw=shared_scale),
        hint="Are the draws of one sample independent? What is the correlation of their squares?"),
    wrong("trims before averaging", lambda *a: simulate(*a, mean=trimmed),
        hint="The plain mean is asked for: heavy tails must show."),
    wrong("draws from NumPy's global generator",
        lambda *a: simulate(*a, draw=lambda rng, nu, shape: np.random.standard_t(nu, size=shape)),
        hint="Use the generator you were given."),
    wrong("ignores delta", lambda *a: simulate(*a, used_delta=lambda delta: 1.0),
        hint="Try delta=1e12: which estimator must come out?"),
), alternatives=(right("normal over chi", lambda *a: simulate(*a, draw=normal_over_chi)),))


# --- E09.4 huber_avar ---
def draw_avar(g, nu, delta):
    """Degrees of freedom and delta, each within a factor of about 2 of the given ones."""
    return float(nu * 2 ** g.uniform(-0.9, 0.9)), float(delta * 2 ** g.uniform(-0.9, 0.9))


drawn_avars = strata(
    draw_avar, *((nu, delta) for nu in (1.0, 3.0, 20.0) for delta in (2e-4, 1.4, 500.0)), (500.0, 2e-4), (500.0, 1.4), (500.0, 90.0)
)


def inside(nu, delta):
    """P(|T| <= delta), without the cancellation of a difference of distribution functions."""
    return special.betainc(0.5, nu / 2, delta**2 / (nu + delta**2))


@right("huber_avar", "expectation by substitution tan")
def sandwich(nu, delta, *, squared=lambda core, tail, delta, nu: core + tail, over=lambda p, nu, delta: p**2):
    """The right quotient with one link to replace."""
    heavy_tails.huber_avar(nu, delta)
    nu, delta = float(nu), float(delta)
    core = nu * tangent_integral(nu, delta)
    tail = 2 * delta**2 * stats.t.sf(delta, nu)
    return float(squared(core, tail, delta, nu) / over(inside(nu, delta), nu, delta))


def tangent_integral(nu, delta):
    """Mean of tan(angle)**2 below delta, by x = sqrt(nu) tan(angle)."""
    height = 2 / special.beta(0.5, nu / 2)
    far = math.atan(delta / math.sqrt(nu))
    points = [p for p in (3 / math.sqrt(nu), 10 / math.sqrt(nu)) if p < far]
    value, _ = integrate.quad(
        lambda a: math.sin(a) ** 2 * math.cos(a) ** (nu - 3), 0.0, far, epsabs=0.0, epsrel=1e-10, limit=200,
        points=points or None,
    )  # fmt: skip
    return height * value


def by_differences(nu, delta):
    """Differences of distribution functions, and the library's quadrature as it is."""
    heavy_tails.huber_avar(nu, delta)
    with np.errstate(all="ignore"):
        core = integrate.quad(lambda x: x * x * stats.t.pdf(x, nu), -delta, delta)[0]
        return (core + 2 * delta**2 * stats.t.sf(delta, nu)) / (stats.t.cdf(delta, nu) - stats.t.cdf(-delta, nu)) ** 2


AVARIANCE = Hidden("huber_avar", reference=heavy_tails.huber_avar, borderlines=(
    borderline("differences of the distribution function, quad as it is", by_differences),
), checks=(
    *usual_checks(drawn_avars, "rand", tolerance=AVAR),
    corner("wide", "is right at nu = delta = 1000", ((1000.0, 1000.0), 1000 / 998), tolerance=AVAR),  # the variance of t
), misconceptions=(
    wrong("takes the density at 0 instead of P(|T| <= delta)",
        lambda *a: sandwich(*a, over=lambda p, nu, delta: (2 * delta * stats.t.pdf(0, nu)) ** 2),
        hint="For which residuals is psi' equal to 1, and how likely are they?"),
    wrong("forgets the tails", lambda *a: sandwich(*a, squared=lambda core, tail, delta, nu: core),
        hint="psi^2 is not zero beyond delta."),
    wrong("scales t to unit variance", lambda nu, delta: sandwich(nu, delta) * ((nu - 2) / nu if nu > 2 else 1.0),
        hint="What is the scale of t here? Compare with delta -> infinity for nu = 5."),
    wrong("forgets to square the denominator", lambda *a: sandwich(*a, over=lambda p, nu, delta: p),
        hint="To which power is E[psi'] taken in the limit law?"),
    wrong("forgets to square delta in the tails",
        lambda *a: sandwich(*a, squared=lambda core, tail, delta, nu: core + tail / delta),
        hint="What is psi^2 beyond delta? Try a delta other than 1."),
    wrong("counts one tail", lambda *a: sandwich(*a, squared=lambda core, tail, delta, nu: core + tail / 2),
        hint="On how many sides is psi clipped?"),
    wrong("takes the plain second moment",
        lambda *a: sandwich(*a, squared=lambda core, tail, delta, nu: core + (nu / (nu - 2) if nu > 2 else 1e9)),
        hint="psi is bounded, so E[psi^2] <= delta^2."),
))
