"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import numpy as np

from autograder.checks import Hidden, Tolerance, fast_enough, right, strata, usual_checks, wrong
from exercises.brier_calibration.checks import repeated
from reference import probabilities
from reference._arrays import require

f64 = np.float64
SUMS = Tolerance(1e-9)
PARTS = Tolerance(1e-9, 1e-13)  # a part may be 0, where only rounding is left


# --- E13.1 brier_score ---
def draw_forecasts(g, n, power):
    return g.uniform(size=n) ** power, g.integers(0, 2, size=n)


drawn_forecasts = strata(draw_forecasts, (7, 1), (30, 1), (59, 0.2), (1, 1), (2, 5), (20, 8))


def draw_large(g):
    return g.uniform(size=100_000), g.integers(0, 2, size=100_000)


def pairs(y_prob, y_true):
    """Validated forecasts and outcomes in float64."""
    probabilities.brier_score(y_prob, y_true)
    return np.asarray(y_prob, f64), np.asarray(y_true, f64)


def score(of_pairs):
    return lambda y_prob, y_true: of_pairs(*pairs(y_prob, y_true))


@wrong("brier_score", "accepts forecasts outside of 0 to 1", hint="A logit is not a probability.")
def no_range_check(y_prob, y_true):
    p, o = np.asarray(y_prob, f64), np.asarray(y_true, f64)
    require(p.shape == o.shape, "shapes")
    return np.mean((p - o) ** 2)


@wrong("brier_score", "subtracts a row from a column: n x n residuals", hint="What shape has the difference of shapes (n,) and (n, 1)?")
def column_against_row(y_prob, y_true):
    p, o = np.asarray(y_prob, f64), np.asarray(y_true, f64)
    require(bool(np.all((p >= 0) & (p <= 1))), "forecasts")
    return np.mean((p.reshape(-1, 1) - o.reshape(1, -1)) ** 2)


def case_split(p, o):
    happened = o == 1
    return (np.sum((1 - p[happened]) ** 2) + np.sum(p[~happened] ** 2)) / p.size


BRIER = Hidden("brier_score", reference=probabilities.brier_score, checks=(
    *usual_checks(drawn_forecasts, tolerance=SUMS),
    fast_enough(draw_large, "100,000 forecasts", tolerance=SUMS),
), misconceptions=(
    wrong("sums instead of averaging", score(lambda p, o: np.sum((p - o) ** 2)), hint="Score every forecast twice: should the score change?"),
    wrong("takes the root", score(lambda p, o: np.sqrt(np.mean((p - o) ** 2))), hint="Score the single forecast 0.5: is it the square of its error?"),
    wrong("counts both classes", score(lambda p, o: 2 * np.mean((p - o) ** 2)),
        hint="Binary form: one probability per sample."),
    wrong("rounds forecasts to 0 or 1", score(lambda p, o: np.mean(((p > 0.5) - o) ** 2)), hint="That is the error rate."),
    wrong("returns the Brier skill score",
        score(lambda p, o: 1 - np.mean((p - o) ** 2) / (o.mean() * (1 - o.mean()) or 1.0)),
        hint="Is a perfect forecaster's score 0 or 1?"),
    wrong("averages absolute errors", score(lambda p, o: np.mean(np.abs(p - o))),
        hint="Is |q-o| minimised in expectation by q=p?"),
), alternatives=(right("case split", score(case_split)),))


# --- E13.2 brier_multiclass ---
def draw_classes(g, n, K):
    return g.dirichlet(np.ones(K), size=n), g.integers(0, K, size=n)


drawn_classes = strata(draw_classes, (7, 3), (19, 4), (4, 5), (1, 2), (12, 2), (3, 7))


def samples(probs, labels):
    """Validated: forecasts, labels, and the forecasts minus the one-hot outcomes."""
    probabilities.brier_multiclass(probs, labels)
    P, c = np.asarray(probs, f64), np.asarray(labels)
    return P, c, P - np.eye(P.shape[1])[c]


def multiclass(of_samples):
    return lambda probs, labels: of_samples(*samples(probs, labels))


@wrong("brier_multiclass", "changes the caller's P", hint="Print the forecasts after the call: are they what they were?")
def modifies(probs, labels):
    samples(probs, labels)
    D, c = np.asarray(probs, f64), np.asarray(labels)
    D[np.arange(len(c)), c] -= 1.0
    return np.mean(np.sum(D * D, axis=1))


def first_label(P, c, D):
    E = P.copy()
    E[: len(c), c[0]] -= 1.0
    return np.mean(np.sum(E * E, axis=1))


@wrong("brier_multiclass", "lets negative labels count from the end", hint="What does Python do with the index -1, and is -1 a class?")
def negative_labels(probs, labels):
    P, c = np.asarray(probs, f64), np.asarray(labels)
    require(c.shape == P.shape[:1] and bool(np.all(c < P.shape[1])), "labels")
    return probabilities.brier_multiclass(P, c % P.shape[1])


def expanded(P, c, D):
    return np.mean(np.sum(P * P, axis=1) - 2 * P[np.arange(len(c)), c] + 1)


MULTICLASS = Hidden("brier_multiclass", reference=probabilities.brier_multiclass, checks=(
    *usual_checks(drawn_classes, "rand", "mut", "list", "strided", tolerance=SUMS),
), misconceptions=(
    wrong("sums over the samples", multiclass(lambda P, c, D: np.sum(D * D)), hint="Give every sample twice: should a mean change?"),
    wrong("averages over the classes", multiclass(lambda P, c, D: np.mean(D * D)), hint="What is the largest score of one sample for K = 2?"),
    wrong("scores the true class alone", multiclass(lambda P, c, D: np.mean(D[np.arange(len(c)), c] ** 2)),
        hint="Where the remaining mass goes matters."),
    wrong("builds the one-hot matrix along the wrong axis", multiclass(first_label), hint="Each row has its own label."),
), alternatives=(
    right("expanded square", multiclass(expanded)),
    right("eye", multiclass(lambda P, c, D: np.linalg.norm(D) ** 2 / len(c))),
))


# --- E13.3 murphy_decomposition ---
drawn_groups = strata(repeated, (60, 9), (80, 30), (12, 4), (1, 1), (25, 25), (7, 2), (150, 60))


def draw_distinct(g):
    p = np.repeat(g.permutation(100_000) / 100_000, 2)
    return p, (g.uniform(size=p.size) < p).astype(int)


def murphy(
    y_prob, y_true, *,
    group=lambda p: p, weighted=lambda share, v: share @ v, from_base=lambda v, ok, ob: (ok - ob) ** 2,
    uncertainty=lambda p, o: o.mean() * (1 - o.mean()), sign=1.0,
):  # fmt: skip
    """The right decomposition with one link to replace."""
    p, o = pairs(y_prob, y_true)
    v, k, cnt = np.unique(group(p), return_inverse=True, return_counts=True)
    ok = np.bincount(k, weights=o) / cnt
    share = cnt / p.size
    rel = weighted(share, (v - ok) ** 2)
    return float(rel), float(sign * weighted(share, from_base(v, ok, o.mean()))), float(uncertainty(p, o))


def tenth(p):
    return np.minimum((p * 10).astype(int), 9)


def bin_centres(p):
    return tenth(p) / 10 + 0.05


def bin_means(p):
    which = tenth(p)
    return (np.bincount(which, weights=p) / np.maximum(np.bincount(which), 1))[which]


@right("murphy_decomposition", "dictionary")
def by_dictionary(y_prob, y_true):
    p, o = pairs(y_prob, y_true)
    groups = {}
    for value, outcome in zip(p.tolist(), o.tolist(), strict=True):
        groups.setdefault(value, []).append(outcome)
    ob, rel, res = sum(o.tolist()) / len(o), 0.0, 0.0
    for value, members in groups.items():
        ok = sum(members) / len(members)
        rel += len(members) / len(o) * (value - ok) ** 2
        res += len(members) / len(o) * (ok - ob) ** 2
    return rel, res, ob * (1 - ob)


MURPHY = Hidden("murphy_decomposition", reference=probabilities.murphy_decomposition, checks=(
    *usual_checks(drawn_groups, tolerance=PARTS),
    fast_enough(draw_distinct, "200,000 samples in 100,000 groups", tolerance=PARTS),
), misconceptions=(
    wrong("forgets to weigh groups by their size", lambda *a: murphy(*a, weighted=lambda share, v: np.mean(v)),
        hint="Should a group of one sample count as much as a group of a thousand?"),
    wrong("takes forecasts instead of frequencies in the resolution",
        lambda *a: murphy(*a, from_base=lambda v, ok, ob: (v - ob) ** 2),
        hint="Resolution is about observed frequencies."),
    wrong("takes the mean forecast for the uncertainty", lambda *a: murphy(*a, uncertainty=lambda p, o: p.mean() * (1 - p.mean())),
        hint="Uncertainty belongs to the outcomes, not to the forecaster."),
    wrong("groups by ten equal bins", lambda *a: murphy(*a, group=bin_centres),
        hint="With bins the identity is only approximate."),
    wrong("groups by ten bins with the mean forecast of each", lambda *a: murphy(*a, group=bin_means),
        hint="Which forecasts share a group: those that are identical, or those of one tenth?"),
    wrong("rounds forecasts to one decimal before grouping", lambda *a: murphy(*a, group=lambda p: np.round(p, 1)),
        hint="Are 0.52 and 0.48 the same forecast?"),
    wrong("rounds forecasts to three decimals before grouping", lambda *a: murphy(*a, group=lambda p: np.round(p, 3)),
        hint="Are 0.50010 and 0.50012 the same forecast?"),
    wrong("takes the variance of o with divisor n-1 as uncertainty",
        lambda *a: murphy(*a, uncertainty=lambda p, o: np.var(o, ddof=1) if o.size > 1 else 0.0),
        hint="Add up the three terms: is it exactly the Brier score?"),
    wrong("reverses the sign of the resolution", lambda *a: murphy(*a, sign=-1.0), hint="Resolution is returned as a number that is not negative; the sum subtracts it."),
))


# --- E13.4 calibration_error ---
def draw_bins(g, n, n_bins):
    p = g.uniform(size=n) ** 1.3
    return p, (g.uniform(size=n) < 0.2 + 0.7 * p**2).astype(int), n_bins


def draw_edges(g, n, n_bins):
    """Among the forecasts one on each edge, whose outcome is not that of its bin: in another bin it costs more."""
    p = np.concatenate([np.arange(n_bins + 1) / n_bins, g.uniform(size=n - n_bins - 1)])
    which = left_closed(p, n_bins)
    edge = np.arange(n) <= n_bins
    order = g.permutation(n)
    return p[order], np.where(edge, which % 2 == 0, which % 2 == 1)[order].astype(int), n_bins


def draw_calibration(g, kind, n, n_bins):
    return (draw_edges if kind == "edges" else draw_bins)(g, n, n_bins)


drawn_bins = strata(
    draw_calibration, ("edges", 90, 8), ("plain", 50, 10), ("edges", 70, 4), ("plain", 30, 7), ("edges", 200, 16), ("plain", 99, 15),
    ("plain", 1, 5), ("plain", 70, 1), ("plain", 60, 25), ("plain", 8, 3),
)  # fmt: skip


def left_closed(p, n_bins):
    return np.minimum((p * n_bins).astype(np.int64), n_bins - 1)


def binned(of_bins, bins=left_closed):
    """Calibration error as ``of_bins(p, o, b, n_bins)`` of validated arguments and each sample's bin."""

    def error(y_prob, y_true, n_bins):
        p, o = pairs(y_prob, y_true)
        return of_bins(p, o, bins(p, n_bins), n_bins)

    return error


def gap_sums(p, o, b, n_bins):
    return np.bincount(b, weights=o - p, minlength=n_bins)


def ece(p, o, b, n_bins):
    return np.abs(gap_sums(p, o, b, n_bins)).sum() / p.size


def unweighted(p, o, b, n_bins):
    cnt = np.bincount(b, minlength=n_bins)
    return np.mean(np.abs(gap_sums(p, o, b, n_bins)[cnt > 0] / cnt[cnt > 0]))


def largest_gap(p, o, b, n_bins):
    cnt = np.bincount(b, minlength=n_bins)
    return np.max(np.abs(gap_sums(p, o, b, n_bins)[cnt > 0] / cnt[cnt > 0]))


def squared(p, o, b, n_bins):
    cnt = np.bincount(b, minlength=n_bins)
    return (gap_sums(p, o, b, n_bins)[cnt > 0] ** 2 / cnt[cnt > 0]).sum() / p.size


def lost(outside):
    """Calibration error that counts no forecast for which ``outside(p)`` holds."""
    return lambda p, o, b, n_bins: np.abs(np.bincount(b, weights=np.where(outside(p), 0.0, o - p))).sum() / p.size


def right_closed(p, n_bins):
    return np.maximum(np.ceil(p * n_bins).astype(np.int64) - 1, 0)


def bin_loop(p, o, b, n_bins):
    total = 0.0
    for k in range(n_bins):
        inside = b == k
        if inside.any():
            total += inside.mean() * abs(o[inside].mean() - p[inside].mean())
    return total


CALIBRATION = Hidden("calibration_error", reference=probabilities.calibration_error, checks=(
    *usual_checks(drawn_bins, tolerance=PARTS),
), misconceptions=(
    wrong("closes bins on the right", binned(ece, right_closed), hint="To which bin belongs p=1/4 with 4 bins?"),
    wrong("closes bins on the right and loses p=0", binned(lost(lambda p: p == 0), right_closed),
        hint="To which bin belongs p=0, and to which p=1/4 with 4 bins?"),
    wrong("puts p=1 into no bin", binned(lost(lambda p: p == 1)), hint="A forecast of 1 that fails must cost something."),
    wrong("uses ten bins whatever n_bins", binned(ece, lambda p, n_bins: left_closed(p, 10)),
        hint="How many bins are asked for?"),
    wrong("returns the largest gap of a bin", binned(largest_gap), hint="A weighted mean over the bins, not their maximum."),
    wrong("gives p=1 a bin of its own", binned(ece, lambda p, n_bins: (p * n_bins).astype(np.int64)),
        hint="Into which bin does the forecast 1 fall?"),
    wrong("takes absolute values by sample instead of by bin", binned(lambda p, o, b, n_bins: np.abs(o - p).sum() / p.size),
        hint="Average within the bin first."),
    wrong("forgets to weigh bins by their size", binned(unweighted), hint="Bins with few samples count less."),
    wrong("takes the centre of a bin instead of its mean forecast", binned(lambda p, o, b, n_bins: ece((b + 0.5) / n_bins, o, b, n_bins)),
        hint="Use the mean of the forecasts in the bin."),
    wrong("squares the gaps", binned(squared), hint="That is the binned reliability."),
), alternatives=(
    right("digitize on edges", binned(ece, lambda p, n_bins: np.digitize(p, np.linspace(0, 1, n_bins + 1)[1:-1]))),
    right("loop over bins", binned(bin_loop)),
))
