"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, example, law, mismatch, raises

CLOSE = Tolerance(1e-9, 1e-12)

# --- brier_score: symmetry ---
def symmetry_inputs(rng):
    g = rng("symmetry")
    p, o = g.uniform(size=30), g.integers(0, 2, size=30)
    return [(p, o), (1 - p, 1 - o), (np.full(30, np.mean(o)), o)]


def symmetry_law(args, got, want):
    score, mirrored, constant = got
    base = np.mean(args[0][1])
    if mismatch(mirrored, score, CLOSE):
        return Broken("changes when event and non-event exchange their roles", seen=mirrored, wanted=score)
    if mismatch(constant, base * (1 - base), CLOSE):
        return Broken("the constant forecast mean(o) must score mean(o) * (1 - mean(o))", 2, seen=constant, wanted=base * (1 - base))
    return None


# --- brier_multiclass: two classes ---
def binary_inputs(rng):
    g = rng("binary")
    p = g.uniform(size=25)
    return [(np.column_stack([1 - p, p]), g.integers(0, 2, size=25))]


def binary_law(args, got, want):
    probs, labels = args[0]
    right = 2 * np.mean((probs[:, 1] - labels) ** 2)
    return Broken("for K = 2 it must be twice the Brier score of one class", seen=got[0], wanted=right) if mismatch(got[0], right, CLOSE) else None


# --- murphy_decomposition: identity ---
def repeated(g, n, groups):
    """Forecasts in groups of identical ones, of which the first two are neighbours with different outcomes."""
    known = g.uniform(size=groups)
    known[1:2] = known[0] + 1e-7 * g.uniform(0.5, 1.0)
    which = np.concatenate([np.arange(groups), g.integers(0, groups, size=n - groups)])
    outcomes = g.uniform(size=n) < 0.15 + 0.7 * known[which] ** 2
    return known[which], np.where(which < 2, which == 0, outcomes).astype(int)


def identity_inputs(rng):
    calibrated = np.repeat([0.25, 0.5, 1.0], [8, 4, 3]), np.repeat([1, 0, 1, 0, 1], [2, 6, 2, 2, 3])
    return [repeated(rng("identity"), 60, 9), calibrated]


def identity_law(args, got, want):
    for at, ((p, o), parts) in enumerate(zip(args, got, strict=True)):
        reliability, resolution, uncertainty = parts
        if abs(reliability - resolution + uncertainty - np.mean((p - o) ** 2)) > 1e-12:
            return Broken("reliability - resolution + uncertainty is not the Brier score", at, seen=reliability - resolution + uncertainty, wanted=np.mean((p - o) ** 2))
        if min(parts) < 0:
            return Broken("a part is negative", at)
    return Broken("calibrated forecasts must have reliability 0", 1, seen=got[1][0], wanted=0.0) if abs(got[1][0]) > 1e-12 else None


# --- calibration_error: extremes ---
def extremes_inputs(rng):
    g = rng("extremes")
    p, o = g.integers(0, 65, size=40) / 64, g.integers(0, 2, size=40)
    order = g.permutation(40)
    return [(o.astype(float), o, 8), (p, o, 1), (p, o, 8), (p[order], o[order], 8)]


def extremes_law(args, got, want):
    perfect, one_bin, plain, permuted = got
    p, o, _ = args[1]
    if abs(perfect) > 1e-12:
        return Broken("the forecasts p = o must give 0", 0, seen=perfect, wanted=0.0)
    if mismatch(one_bin, abs(np.mean(o) - np.mean(p)), CLOSE):
        return Broken("one single bin must give |mean(o) - mean(p)|", 1, seen=one_bin, wanted=abs(np.mean(o) - np.mean(p)))
    return Broken("changes when the samples are put in another order", seen=permuted, wanted=plain) if mismatch(permuted, plain, CLOSE) else None


EXERCISE = Exercise("brier_calibration", number="E13",
    title="Brier score, calibration and squared error on probabilities", difficulty=2, minutes=100,
    given=("np.mean((p - o) ** 2)", "mean(o) * (1 - mean(o))"), parts=(
    Part("brier_score", points=4, summary="the mean squared error of probabilities", checks=(
        example((([1.0, 0.5], [1, 0]), 0.125), (([0.25], [True]), 0.5625), (([0.0, 1.0], [1, 0]), 1.0)),
        law("symmetry", "treats event and non-event alike", symmetry_inputs, symmetry_law),
        raises(shapes=(([0.5, 0.25], [[1], [0]]),), undefined=(([0.5, 1.2], [1, 1]), ([0.5, -0.1], [1, 0]))),
    ), hints=(
        "It is the empirical risk you know, with probabilities as predictions.",
        "Convert both arguments to float64, compare their shapes, then check what values they may take.",
        "Look at the shape of the difference of a row and a column before you average it.",
    )),
    Part("brier_multiclass", points=4, summary="the Brier score of several classes", checks=(
        example((([[1.0, 0.0]], [1]), 2.0), (([[0.5, 0.25, 0.25], [0.0, 0.0, 1.0]], [0, 2]), 0.1875),
            (([[0.25, 0.75]], [1]), 0.125)),
        law("binary", "is twice the binary score for two classes", binary_inputs, binary_law),
        raises(shapes=(([[0.5, 0.5], [0.5, 0.5]], [[0], [1]]), ([[0.5, 0.5], [0.5, 0.5]], [0])),
            undefined=(([[0.5, 0.5], [0.5, 0.5]], [0, 2]), ([[0.5, 0.5], [0.5, 0.5]], [0, -1]))),
    ), hints=(
        "Turn every label of the example into a row with a single 1, on paper.",
        "What is summed, and what is averaged? The worst score of one sample is 2.",
        "Work on a copy of the forecasts, and let every row use its own label.",
    )),
    Part("murphy_decomposition", points=6, summary="reliability, resolution and uncertainty", checks=(
        example((([0.5, 0.5, 1.0, 1.0], [0, 1, 1, 1]), (0.0, 0.0625, 0.1875)),
            (([0.25, 0.25], [1, 0]), (0.0625, 0.0, 0.25)), (([0.0, 1.0], [1, 0]), (1.0, 0.25, 0.25))),
        law("identity", "adds up to the Brier score", identity_inputs, identity_law),
        raises(shapes=(([0.5, 0.25], [[1], [0]]),), undefined=(([0.5, 1.2], [1, 1]), ([0.5, -0.1], [1, 0]))),
    ), hints=(
        "Make a table for the forecasts [0.5, 0.5, 1, 1] of [0, 1, 1, 1]: one row per distinct forecast, with count and frequency.",
        "NumPy finds distinct values, the group of every sample and the group sizes in one call.",
        "Sums per group need no loop over groups; every group counts by its share of the samples.",
    )),
    Part("calibration_error", points=5, summary="the expected calibration error", checks=(
        example((([0.25, 0.75, 1.0], [0, 1, 1], 4), (0.25 + 0.25 + 0) / 3), (([1.0], [0], 4), 1.0),
            (([0.5, 0.5], [0, 1], 2), 0.0), (([1.0, 0.75], [0, 1], 4), 0.375)),
        law("extremes", "is right for p = o, for one bin and in any order", extremes_inputs, extremes_law),
        raises(shapes=(([0.5, 0.25], [[1], [0]], 4),), undefined=(([0.5, 1.5], [1, 1], 4), ([0.5, -0.1], [1, 0], 4))),
    ), hints=(
        "Find the bins of the forecasts 0.25, 0.75 and 1 by hand, for n_bins = 4.",
        "Inside a bin: average first, take the absolute value afterwards.",
        "Mean of a bin times its share of the samples is a sum divided by n: no bin needs a division of its own.",
    )),
    Part("sym_delta_sigmoid", points=3, kind="symbolic",
         summary="the gradient of squared error through a sigmoid", hints=(
        "Two links: the square and the sigmoid.",
        "Write the derivative of the sigmoid, check it at z = 0 where it is 1/4.",
        "For o = 0, raising z raises the loss: compare the sign. Then look at z = 10.",
    )),
    Part("sym_brier_expected", points=3, kind="symbolic", summary="the expected score of a forecast", hints=(
        "O takes two values: write the score for each.",
        "Weight the two scores by their probabilities.",
        "At q = p the score is not zero: what is left is the variance of O.",
    )),
))
