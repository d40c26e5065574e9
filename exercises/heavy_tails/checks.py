"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import math

import numpy as np

from autograder.checks import Broken, Criterion, Exercise, Generator, Part, Tolerance, corner, example, law, mismatch, raises
from autograder.checks.numeric import balances
from autograder.checks.statistics import binomial_violation

# --- huber_location_batch: the first-order condition, row by row ---
def values(Y):
    """A batch as float64, however it was passed on."""
    return np.asarray(getattr(Y, "array", Y), float)


def balanced(Y, m, delta):
    """Whether each m solves its row's problem: the forces that balance set the scale, then the rounding of m."""
    rows, few = values(Y), 256  # a block of rows stays in the processor's cache
    blocks = [(rows[k : k + few], m[k : k + few]) for k in range(0, len(rows), few)]
    return np.concatenate(
        [
            balances(lambda x, block=block: np.clip(block - x[:, None], -delta, delta), claimed, 1e-5)
            for block, claimed in blocks
        ]
    )


def minimises(args, got, want):
    rows = len(values(args[0]))
    if got.shape == (rows,) and (rows == 0 or np.all(balanced(args[0], got, args[1]))):
        return None
    return Broken("returns for some row an m that is not a minimiser: the mean of psi(y - m) is not 0")


# --- huber_location_batch: rows ---
def rows_inputs(rng):
    g = rng("rows")
    Y = g.standard_t(2.0, size=(5, 12)) * np.array([[1.0], [3.0], [0.5], [2.0], [1.0]])
    return [(Y, 2.0), (g.permuted(Y, axis=1), 2.0), *((Y[i : i + 1], 2.0) for i in range(5))]


def rows_law(args, got, want):
    batch, permuted, *single = got
    if batch.shape != (5,) or any(one.shape != (1,) for one in single):
        return Broken("does not return one number per row")
    close = Tolerance(2e-5, 2e-5)
    if mismatch(batch, np.concatenate(single), close):
        return Broken("the result of a row depends on the other rows", seen=batch, wanted=np.concatenate(single))
    return Broken("changes when the entries of a row are permuted", seen=permuted, wanted=batch) if mismatch(permuted, batch, close) else None


# --- estimator_mc: tail ---
def beyond(size):
    """Chance that a standard Cauchy variable is larger than that in size."""
    return 1 - 2 / math.pi * math.atan(size)


SEEN = (  # arguments, how far out is counted, the chance of it, and what follows that law
    ((1.0, 9, 4000, "mean"), (), 30.0, beyond(30.0), "means for nu = 1 (the mean of Cauchy draws is standard Cauchy)"),
    ((3.0, 1, 4000, "median"), (), 1.5, 0.23058, "single draws for nu = 3"),
    ((1.0, 9, 600, "huber"), (1e12,), 2.0, beyond(2.0), "Huber estimates with delta = 1e12, which are means, for nu = 1"),
)


def tail_inputs(rng):
    return [(*args, Generator((20240, k)), *delta) for k, (args, delta, *_) in enumerate(SEEN)]


def tail_law(args, got, want):
    """Exact binomial tests at 3e-11 each."""
    for at, (((_, _, reps, _), _, far, chance, what), sample) in enumerate(zip(SEEN, got, strict=True)):
        if sample.shape != (reps,):
            return Broken("does not return an array of shape (reps,)", at)
        count = int(np.sum(np.abs(sample) > far))
        if binomial_violation(count, reps, chance, 3e-11):
            return Broken(f"about {reps * chance:.0f} of {reps} {what} must exceed {far:g} in size; here it is {count}", at)
    return None


# --- huber_avar: limits ---
def density(x, nu):
    scale = math.exp(math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2)) / math.sqrt(nu * math.pi)
    return scale * (1 + x * x / nu) ** (-(nu + 1) / 2)


def limits_inputs(rng):
    return [(nu, 1e-4) for nu in (0.7, 1.5, 4.0)] + [(5.0, 1e3)]


def limits_law(args, got, want):
    for at, ((nu, _), value) in enumerate(zip(args[:3], got[:3], strict=True)):
        if mismatch(value, 1 / (4 * density(0.0, nu) ** 2), Tolerance(1e-3)):
            return Broken("for a tiny delta it must come out as that of the median", at, seen=value, wanted=1 / (4 * density(0.0, nu) ** 2))
    return Broken("for a huge delta it must come out as that of the mean", 3, seen=got[3], wanted=5 / 3) if mismatch(got[3], 5 / 3, Tolerance(1e-2)) else None


inf, nan = math.inf, math.nan

EXERCISE = Exercise("heavy_tails", number="E09", title="Heavy tails: Student-t noise and robust location", difficulty=4,
    minutes=125, parts=(
    Part("student_t_variance", points=3, summary="which moments of Student's t exist", checks=(
        example(((4.0,), 2.0), (([1.5, 2.0, 1.0, 3.0, 0.5],), np.array([inf, inf, nan, 3.0, nan]))),
        corner("infinity", "knows the normal distribution, nu = inf", ((inf,), 1.0), (([3.0, inf],), np.array([3.0, 1.0]))),
        raises(undefined=((0.0,), ([3.0, -2.0],))),
    ), hints=(
        "How fast does the density fall for large x, and for which powers of x does the integral converge?",
        "There are three ranges of nu. What is the answer exactly on their borders?",
        "Look at the formula for nu = inf: infinity divided by infinity is NaN. Rewrite it.",
    )),
    Part("huber_location_batch", points=6, summary="Huber's location for many samples at once", checks=(
        example((([[0.0, 1.0, 2.0], [0.0, 0.0, 10.0]], 1.0), np.array([1.0, 0.5])),
            (([[0.3, 1.1, 2.6, 1e4]], 1.5), np.array([1.85])), also_right=minimises, tolerance=Tolerance(1e-6, mode="max")),
        law("rows", "treats every row as a problem of its own", rows_inputs, rows_law),
        raises(shapes=(([1.0, 2.0], 1.0),), undefined=(([[1.0, 2.0]], 0.0), ([[1.0, 2.0]], -1.0))),
    ), hints=(
        "For one sample: which function of m falls from positive to negative, and where is its root?",
        "Bisection needs a bracket per row, all rows in one array. How wide can a bracket be, and how many halvings " "does it need?",
        "Go on until the worst row is done, not the first or the average one; a constant row is done at once.",
    )),
    Part("estimator_mc", points=6, summary="simulated estimates of location", checks=(
        law("tail", "shows the tails of three exact laws (false alarm below 1e-10)", tail_inputs, tail_law, group="value"),
        raises(undefined=((0.0, 5, 3, "mean", Generator((0,))), (-2.0, 5, 3, "mean", Generator((0,))),
            (2.0, 0, 3, "mean", Generator((0,))), (2.0, -1, 3, "mean", Generator((0,))))),
    ), hints=(
        "One replication is: n draws, one number. All replications together are one array of draws.",
        "The generator you are given can draw from t with any degrees of freedom; nothing is rescaled or trimmed.",
        "The Huber estimates of all replications come from one call of huber_location_batch, with the given delta.",
    )),
    Part("huber_avar", points=5, summary="the asymptotic variance of Huber's location", checks=(
        # Cauchy: P(|T| <= sqrt 3) is 2/3, and the mean of psi^2 is 2 sqrt(3)/pi + 1/3
        example(((1.0, math.sqrt(3)), (2 * math.sqrt(3) / math.pi + 1 / 3) * 9 / 4), ((1.0, 1.0), 8 / math.pi),
            ((3.0, 1.0), 1.520738419863), tolerance=Tolerance(1e-6)),
        law("limits", "lies between median and mean: both limits of delta", limits_inputs, limits_law),
        raises(undefined=((0.0, 1.0), (-1.0, 1.0), (1.0, 0.0), (1.0, -1.0))),
    ), hints=(
        "Sandwich: the mean of psi squared over the square of the mean of psi'. What is psi' where?",
        "Split E[psi^2] at -delta and delta: in the middle psi is x, outside it is constant.",
        "scipy.stats.t has the distribution function and its tail; scipy.integrate.quad the integral in the middle.",
    )),
    Part("sym_median_avar", points=2, kind="symbolic", summary="the asymptotic variance of the median", hints=(
        "Look up the density of Student's t and set x = 0.",
        "Square it before you take the reciprocal.",
        "Check nu = 1: the answer is pi**2/4.",
    )),
    Part("plot_spread", points=3, kind="manual",
         summary="hand in a log-log figure of the robust spread (IQR/1.349) of the mean, the median and Huber's location " "against n for nu = 1.5 (at least 5 values of n, at least 2000 replications), and interpret the slopes in at " "most 80 words", hints=(
        "Which measure of spread exists even where the variance does not?",
        "In log-log axes a power of n is a straight line; draw one next to your points.",
        "Say what the slopes mean for the number of samples, and what the theory says of the mean for this nu.",
    ), criteria=(
        Criterion("figure", 1, "a robust measure of spread and labelled log-log axes"),
        Criterion("slopes", 1, "the slopes of the three estimators"),
        Criterion("theory", 1, "what theory says of the variance and of the consistency of the mean"),
    )),
))
