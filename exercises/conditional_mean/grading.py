"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""
# helpers get the arguments of a call as *a
# mypy: disable-error-code="call-arg"

import math

import numpy as np

from autograder.checks import (
    Broken, Hidden, Tolerance, corner, fast_enough, law, mismatch, right, strata, usual_checks, wrong,
)
from reference import estimators
from reference._arrays import require

f64 = np.float64
SUMS = Tolerance(1e-9)
TABLE = Tolerance(1e-9, 1e-12)


# --- E02.1 best_constant ---
def draw_sample(g, n, low, high, loss):
    return g.exponential(size=n) * 10 ** g.uniform(low, high), loss


SAMPLES = strata(draw_sample, (31, -1, 0, "mse"), (33, -12, -4, "mae"), (29, -12, -4, "mse"), (40, 4, 12, "mae"),
    (2, 4, 12, "mse"), (1, -1, 1, "mae"))


def as_good(args, got, want):
    """Means are compared; for the absolute error the loss is, since every median is right."""
    y, loss = np.asarray(args[0], f64), args[1]
    if loss == "mse":
        return Broken("is not the minimiser") if mismatch(got, want, SUMS) else None
    mine, best = np.mean(np.abs(y - got)), np.mean(np.abs(y - want))
    return None if mine <= best * (1 + 1e-9) else Broken("has a larger mean absolute error than the best constant")


def outlier_inputs(rng):
    y = np.sort(rng("outlier").exponential(size=31))[[*range(1, 31), 0]]
    spoilt = np.where(y == y.max(), 1e9, y)
    return [(sample, loss) for loss in ("mse", "mae") for sample in (y, spoilt)]


def outlier_law(args, got, want):
    mean, moved, median, stays = got
    if mismatch(moved - mean, (1e9 - args[0][0].max()) / 31, SUMS):
        return Broken("under squared error one outlier of 1e9 among n samples must move the answer by about 1e9 / n")
    return Broken("under absolute error one outlier moves the answer") if mismatch(stays, median, SUMS) else None


def constant(y_true, loss, *, mse=np.mean, mae=np.median):
    """The right constant with one link to replace."""
    estimators.best_constant(y_true, loss)
    return float((mse if loss == "mse" else mae)(np.asarray(y_true, f64)))


@wrong("best_constant", "treats an unknown loss as mae", hint="What should a caller learn from a misspelt option?")
def falls_through(y_true, loss):
    require(np.size(y_true) > 0, "empty")
    return constant(y_true, "mse" if loss == "mse" else "mae")


BEST_CONSTANT = Hidden("best_constant", reference=estimators.best_constant, checks=(
    *usual_checks(SAMPLES, tolerance=SUMS, also_right=as_good),
    law("outlier", "an outlier moves the mean, not the median", outlier_inputs, outlier_law),
), misconceptions=(
    wrong("takes the median for squared error", lambda *a: constant(*a, mse=np.median),
        hint="Compare the squared error of your answer with that of a neighbour on [1,2,9]."),
    wrong("takes the mean for absolute error", lambda *a: constant(*a, mae=np.mean),
        hint="Count how many points lie on either side of your answer."),
    wrong("divides integers without remainder", lambda *a: constant(*a, mse=lambda y: y.sum() // y.size),
        hint="Which samples have the mean 4.5, and can your function return that?"),
    wrong("takes the middle between the extremes", lambda *a: constant(*a, mse=lambda y: (y.max() + y.min()) / 2),
        hint="Which loss does the mid-range minimise?"),
    wrong("takes the middle element without sorting", lambda *a: constant(*a, mae=lambda y: y[y.size // 2]),
        hint="Shuffle y: may the answer change?"),
), alternatives=(
    right("sorted lower median", lambda *a: constant(*a, mae=lambda y: np.sort(y)[(y.size - 1) // 2])),
    right("math.fsum", lambda *a: constant(*a, mse=lambda y: math.fsum(y) / y.size)),
))


# --- E02.2 group_means ---
FEATURES = [-1.53, 0.271, 7.19, 1.3e6, -3.1e-9, 2.3e-9]


def draw_groups(g, n, low, high):
    features = np.concatenate([3 * g.normal(size=3), 1e6 * g.normal(size=1), 1e-9 * g.uniform([-3, 2], [-2, 3])])
    return g.choice(features, size=n), 10 ** g.uniform(low, high) * (5 + g.normal(size=n))


GROUPS = strata(draw_groups, (60, -1, 1), (200, -12, -4), (90, 4, 12), (5, -1, 1), (1, -12, 12))


def draw_many_groups(g):
    x = g.permutation(np.repeat(np.arange(100_000.0), 2)) / 8
    return x, 5 + g.normal(size=200_000)


def total_inputs(rng):
    g = rng("total")
    x, y, order = g.choice(FEATURES, size=80), 5 + g.exponential(size=80), g.permutation(80)
    return [(x, y), (x[order], y[order])]


def total_law(args, got, want):
    x, y = args[0]
    distinct, counts = np.unique(x, return_counts=True)
    values, means = got[0]
    if mismatch(values, distinct, SUMS) or np.shape(means) != counts.shape:
        return Broken("values must hold each distinct x once, ascending, and means one entry for each")
    if mismatch(counts @ means / x.size, np.mean(y), SUMS):
        return Broken("the means, weighted with the sizes of their groups, do not average to the mean of y")
    return Broken("depends on the order of the samples") if mismatch(got[1], got[0], SUMS) else None


def grouped(x, y_true):
    """Validated: samples, distinct values, group of each sample, sizes."""
    estimators.group_means(x, y_true)
    x, y = np.asarray(x, f64), np.asarray(y_true, f64)
    return x, y, *np.unique(x, return_inverse=True, return_counts=True)


@wrong("group_means", "lists groups in order of appearance", hint="Should the result depend on the order of the rows?")
def by_appearance(x, y_true):
    x, *_ = grouped(x, y_true)
    values, means = estimators.group_means(x, y_true)
    order = np.argsort([np.argmax(x == v) for v in values])
    return values[order], means[order]


@wrong("group_means", "casts x to int", hint="Which groups do -1.5 and 0.25 belong to in your code?")
def cast_to_int(x, y_true):
    _, y, *_ = grouped(x, y_true)
    values, group, counts = np.unique(np.asarray(x, f64).astype(int), return_inverse=True, return_counts=True)
    return values.astype(f64), np.bincount(group, weights=y) / counts


@wrong("group_means", "rounds x before grouping", hint="Are 2e-9 and -3e-9 the same value of x?")
def rounded(x, y_true):
    _, y, *_ = grouped(x, y_true)
    values, group, counts = np.unique(np.round(np.asarray(x, f64), 6), return_inverse=True, return_counts=True)
    return values, np.bincount(group, weights=y) / counts


@wrong("group_means", "sums groups instead of averaging", hint="Add a copy of every row: must a mean stay?")
def group_sums(x, y_true, divisor=lambda x: 1):
    x, y, values, group, _ = grouped(x, y_true)
    return values, np.bincount(group, weights=y) / divisor(x)


@wrong("group_means", "makes one mask for each group (quadratic time)",
       hint="How long does one pass over the data take, and how many passes do you make with 1e5 groups?")
def each_group(x, y_true, one=np.mean):
    """One mask per group; the promise about time is broken, not the values."""
    x, y, values, *_ = grouped(x, y_true)
    return values, np.array([one(y[x == v]) for v in values])


@right("group_means", "dictionary loop")
def by_dictionary(x, y_true):
    x, y, *_ = grouped(x, y_true)
    sums, counts = {}, {}
    for key, value in zip(x.tolist(), y.tolist(), strict=True):
        sums[key] = sums.get(key, 0.0) + value
        counts[key] = counts.get(key, 0) + 1
    return np.array(sorted(sums)), np.array([sums[key] / counts[key] for key in sorted(sums)])


@right("group_means", "sort + reduceat")
def by_reduceat(x, y_true):
    x, y, *_ = grouped(x, y_true)
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    starts = np.flatnonzero(np.concatenate([[True], x[1:] != x[:-1]]))
    return x[starts], np.add.reduceat(y, starts) / np.diff(np.append(starts, x.size))


GROUP_MEANS = Hidden("group_means", reference=estimators.group_means, checks=(
    *usual_checks(GROUPS, "rand", "mut", "list", "strided", tolerance=SUMS),
    law("total", "averages to the mean of y, whatever the order of the samples", total_inputs, total_law),
    fast_enough(draw_many_groups, "200,000 samples in 100,000 groups", tolerance=SUMS),
), misconceptions=(
    wrong("takes medians of the groups", lambda *a: each_group(*a, np.median), hint="Which loss is minimised by the median?"),
    wrong("divides by n instead of the group's size", lambda *a: group_sums(*a, np.size), hint="Take a group of one sample: what is its mean?"),
))


# --- E02.3 conditional_mean ---
def draw_table(g, m, k, rows=()):
    """A table with zero cells; ``rows`` are the factors of the first rows: 0 for no mass, 1e-12 for nearly none."""
    weights = g.exponential(size=(m, k)) * (g.random(size=(m, k)) > 0.2)
    weights[:, g.integers(k)] = g.uniform(0.5, 2, size=m)
    weights[: len(rows)] *= np.reshape(rows, (-1, 1))
    return weights / weights.sum(), 9 * g.normal(size=k)


SHAPES = ((4, 3), (3, 5), (5, 2), (2, 4), (1, 4))
TABLES = strata(draw_table, *SHAPES, (3, 1))


def draw_thin(g):
    return draw_table(g, 4, 3, (1e-12, 1.0, 0.0))


def joint(P, y_vals):
    """Validated: table, values, mass of each row, where it is positive."""
    estimators.conditional_mean(P, y_vals)
    P, v = np.asarray(P, f64), np.asarray(y_vals, f64)
    return P, v, P.sum(1), P.sum(1) > 0


def given(P, y_vals, *, one=lambda P, v, px, ok: (P[ok] @ v) / px[ok], elsewhere=np.nan):
    """The right conditional mean with one link to replace."""
    P, v, px, ok = joint(P, y_vals)
    out = np.full(px.shape, elsewhere)
    out[ok] = one(P, v, px, ok)
    return out


def by_column(P, v, px, ok):
    py = P.sum(0)
    return (P / np.where(py > 0, py, 1))[ok] @ v


@wrong("conditional_mean", "accepts probabilities that sum to another number than one", hint="Can probabilities add up to 1.1?")
def sum_unchecked(P, y_vals):
    P, v = np.asarray(P, f64), np.asarray(y_vals, f64)
    require(P.ndim == 2 and v.shape == P.shape[1:] and not (P < 0).any(), "table")
    return by_errstate(P, v)


def by_errstate(P, y_vals):
    with np.errstate(invalid="ignore"):
        return P @ y_vals / P.sum(1)


CONDITIONAL_MEAN = Hidden("conditional_mean", reference=estimators.conditional_mean, checks=(
    *usual_checks(TABLES, "rand", "mut", "list", "strided", tolerance=TABLE),
    corner("tiny", "counts a mass of 1e-12 as mass", draw_thin, draws=3, tolerance=TABLE),
), misconceptions=(
    wrong("forgets to divide by P(X)", lambda *a: given(*a, one=lambda P, v, px, ok: P[ok] @ v),
        hint="With a constant Y the conditional mean is that constant. Test it."),
    wrong("divides by P(Y), so conditions the wrong way round", lambda *a: given(*a, one=by_column),
        hint="Which variable is given, which one is averaged?"),
    wrong("returns 0 for x of probability 0", lambda *a: given(*a, elsewhere=0.0),
        hint="Is E[Y|X=x] defined for an x that never occurs?"),
    wrong("adds a small number to the denominator",
        lambda *a: given(*a, one=lambda P, v, px, ok: (P[ok] @ v) / (px[ok] + 1e-12), elsewhere=0.0),
        hint="What does your function return for a row without mass, and what for one with nearly none?"),
    wrong("returns the most probable y", lambda *a: given(*a, one=lambda P, v, px, ok: v[np.argmax(P[ok], 1)]),
        hint="That is the conditional mode. Which loss does it minimise?"),
), alternatives=(right("errstate division", lambda *a: by_errstate(*joint(*a)[:2])),))


# --- E02.4 risk_decomposition ---
def draw_predictor(g, m, k):
    P, v = draw_table(g, m, k)
    return P, v, 3 * g.normal(size=m)


def draw_empty(g):
    P, v = draw_table(g, 4, 3, (1e-12, 1.0, 0.0))
    f = 3 * g.normal(size=4)
    f[2] = np.nan
    return P, v, f


def draw_offset(g):
    P, v = draw_table(g, 3, 3)
    return P, 1e8 + v, 1e8 + g.normal(size=3)


def within(P, v, m):
    return np.sum(P * (v - m[:, None]) ** 2)


def decomposed(P, y_vals, f, *, noise=within, excess=lambda px, m, f: np.sum(px * (m - f) ** 2)):
    """The right decomposition, over the rows with mass, with one link to replace."""
    estimators.risk_decomposition(P, y_vals, f)
    P, v, px, ok = joint(P, y_vals)
    P, px, f = P[ok], px[ok], np.asarray(f, f64)[ok]
    m = (P @ v) / px
    return float(within(P, v, f)), float(noise(P, v, m)), float(excess(px, m, f))


def total_variance(P, v, m):
    py = P.sum(0)
    return py @ (v - py @ v) ** 2


def by_raw_moments(P, v, m):
    return np.sum(P * v**2) - np.sum(P.sum(1) * m**2)


def by_centred_moments(P, v, m):
    return by_raw_moments(P, v - v.mean(), m - v.mean())


@wrong("risk_decomposition", "keeps x of probability 0, which gives NaN", hint="What is 0 * NaN?")
def all_rows(P, y_vals, f):
    estimators.risk_decomposition(P, y_vals, f)
    P, v, px, _ = joint(P, y_vals)
    f, m = np.asarray(f, f64), (P @ (v - v[0])) / np.where(px > 0, px, 1) + v[0]
    return float(within(P, v, f)), float(within(P, v, m)), float(np.sum(px * (m - f) ** 2))


@right("risk_decomposition", "excess by difference")
def by_difference(*args):
    risk, noise, _ = decomposed(*args)
    return risk, noise, risk - noise


RISK_DECOMPOSITION = Hidden("risk_decomposition", reference=estimators.risk_decomposition, checks=(
    *usual_checks(strata(draw_predictor, *SHAPES), "rand", "mut", "list", "strided", tolerance=TABLE),
    corner("thin", "leaves out a row without mass, and counts one of 1e-12", draw_empty, draws=3, tolerance=TABLE),
    corner("offset", "keeps six digits for values near 1e8", draw_offset, tolerance=Tolerance(1e-6)),
), misconceptions=(
    wrong("takes the total variance of Y as noise", lambda *a: decomposed(*a, noise=total_variance),
        hint="The law of total variance has two terms. Which one can a predictor remove?"),
    wrong("takes the variance between the rows as noise",
        lambda *a: decomposed(*a, noise=lambda P, v, m: total_variance(P, v, m) - within(P, v, m)),
        hint="The law of total variance has two terms. Which one can a predictor remove?"),
    wrong("averages over x without weights", lambda *a: decomposed(*a, excess=lambda px, m, f: np.mean((m - f) ** 2)),
        hint="How often does each x occur?"),
    wrong("loses the noise to cancellation in E[Y^2|X] - E[Y|X]^2", lambda *a: decomposed(*a, noise=by_raw_moments),
        hint="Try y_vals near 1e8: which digits survive?"),
    wrong("takes |m-f| instead of its square for the excess", lambda *a: decomposed(*a, excess=lambda px, m, f: np.sum(px * np.abs(m - f))),
        hint="Check the identity risk = noise + excess."),
), alternatives=(right("noise via centred second moment", lambda *a: decomposed(*a, noise=by_centred_moments)),))
