"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, corner, example, is_number, law, mismatch, raises

CLOSE = Tolerance(1e-9, 1e-12)
nan, inf = float("nan"), float("inf")

# --- masked_mse: full ---
def full_inputs(rng):
    g = rng("full")
    y_true, y_pred = g.normal(size=(4, 5)), g.normal(size=(4, 5))
    y_pred[1, 2] = y_true[1, 2]
    hidden = np.ones((4, 5), dtype=bool)
    hidden[1, 2] = False
    return [(y_true, y_pred, np.ones((4, 5), dtype=bool)), (y_true, y_pred, hidden)]


def full_law(args, got, want):
    y_true, y_pred, _ = args[0]
    if mismatch(got[0], np.mean((y_true - y_pred) ** 2), CLOSE):
        return Broken("with a mask that is True everywhere it is not the MSE", 0, seen=got[0], wanted=np.mean((y_true - y_pred) ** 2))
    n = y_true.size
    raised = mismatch(got[1], got[0] * n / (n - 1), CLOSE)
    return Broken("hiding one of n entries, a perfect one, must raise the mean by n / (n - 1)", seen=got[1], wanted=got[0] * n / (n - 1)) if raised else None


# --- weighted_mse: invariance ---
def invariance_inputs(rng):
    g = rng("invariance")
    y, yhat, w = g.normal(size=20), g.normal(size=20), g.exponential(size=20)
    times = g.integers(1, 5, size=20)
    repeated = np.repeat(y, times), np.repeat(yhat, times), np.ones(times.sum())
    return [
        (y, yhat, w), (y, yhat, 1e150 * w), (y, yhat, 1e-150 * w),
        (y, yhat, times), repeated,
        (y, yhat, np.full(20, 0.3)), (y[:1], yhat[:1], w[:1]),
    ]  # fmt: skip


def invariance_law(args, got, want):
    plain, huge, tiny, whole, repeated, equal, single = got
    if mismatch(huge, plain, CLOSE) or mismatch(tiny, plain, CLOSE):
        return Broken("changes when all weights are multiplied by 1e150 or by 1e-150")
    if mismatch(repeated, whole, CLOSE):
        return Broken("weights 1, 2, 3 must give what the samples give when they are repeated once, twice, three times", seen=repeated, wanted=whole)
    y, yhat, _ = args[0]
    if mismatch(equal, np.mean((y - yhat) ** 2), CLOSE):
        return Broken("equal weights must give the MSE", 5, seen=equal, wanted=np.mean((y - yhat) ** 2))
    alone = mismatch(single, (y[0] - yhat[0]) ** 2, CLOSE)
    return Broken("of a single entry it must be the squared residual, whatever its weight", 6, seen=single, wanted=(y[0] - yhat[0]) ** 2) if alone else None


# --- ragged_mse: equal ---
def equal_inputs(rng):
    g = rng("equal")
    same = [g.normal(size=4).tolist() for _ in range(6)]
    ragged = [g.normal(size=n).tolist() for n in (3, 1, 5, 3, 1, 5)]
    cases = [(same[:3], same[3:], word) for word in WORDS] + [(ragged[:3], ragged[3:], word) for word in WORDS]
    return [*cases, *((ragged[2::-1], ragged[:2:-1], word) for word in WORDS)]


WORDS = ("token", "sequence")


def equal_law(args, got, want):
    token, sequence, *ragged = got
    if mismatch(sequence, token, CLOSE):
        return Broken("both reductions must agree when all sequences have one length", seen=sequence, wanted=token)
    if mismatch(ragged[2], ragged[0], CLOSE) or mismatch(ragged[3], ragged[1], CLOSE):
        return Broken("changes when the sequences are put in another order")
    return None


# --- complex_mse: rotation ---
def rotation_inputs(rng):
    g = rng("rotation")
    z, zhat = g.normal(size=(2, 12)) + 1j * g.normal(size=(2, 12))
    return [(z, zhat), *((np.exp(1j * t) * z, np.exp(1j * t) * zhat) for t in (0.5, 1.7, np.pi))]


def rotation_law(args, got, want):
    if not all(is_number(value) and value >= 0 for value in got):
        return Broken("does not return a real number that is at least 0")
    if any(mismatch(value, got[0], CLOSE) for value in got[1:]):
        return Broken("changes when both signals are turned by the same phase")
    return None


# --- complex_gain: orth ---
def orth_inputs(rng):
    g = rng("orth")
    x, noise = g.normal(size=(2, 15)) + 1j * g.normal(size=(2, 15))
    return [(x, (0.5 + 2j) * x + noise)]


def orth_law(args, got, want):
    (x, y), a = args[0], got[0]
    error = np.sum(np.abs(y - a * x) ** 2)
    step = 1e-5 * abs(a)
    if all(np.sum(np.abs(y - (a + turn * step) * x) ** 2) > error for turn in (1, -1, 1j, -1j)):
        return None
    return Broken("another factor close by has a smaller error")


# --- psnr: scale ---
def scale_inputs(rng):
    g = rng("scale")
    reference, noise = g.uniform(0, 200, size=(6, 5)), g.normal(size=(6, 5))
    return [
        (reference + noise, reference, 255.0),
        (4 * (reference + noise), 4 * reference, 1020.0),
        (reference + 10 * noise, reference, 255.0),
    ]


def scale_law(args, got, want):
    plain, scaled, noisier = got
    if mismatch(scaled, plain, CLOSE):
        return Broken("changes when images and range are multiplied by the same number", seen=scaled, wanted=plain)
    return Broken("an MSE 100 times as large must cost 20 dB", seen=noisier, wanted=plain - 20) if mismatch(noisier, plain - 20, CLOSE) else None


EXERCISE = Exercise("structured_data", number="E15",
    title="Squared error for structured data: masks, weights, sequences, complex signals, images", difficulty=2,
    minutes=115, parts=(
    Part("masked_mse", points=4, summary="the mean over the observed entries", checks=(
        example((([1.0, nan, 3.0], [0.0, 5.0, 1.0], [True, False, True]), 2.5),
            (([[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, inf]], [[1, 0], [1, 0]]), 5.0),
            (([[1.0, 2.0], [3.0, 7.0]], [[0.0, 0.0], [0.0, 0.0]], [[1, 1], [1, 0]]), 14 / 3)),
        law("full", "is the MSE under a full mask", full_inputs, full_law),
        corner("observed_nan", "is NaN where a NaN was observed", (([1.0, nan, 3.0], [0.0, 5.0, 1.0], [True, True, False]), nan)),
        raises(shapes=(([1.0, 2.0], [1.0, 2.0], [True]), ([1.0, 2.0], [[1.0], [2.0]], [True, True])),
            undefined=(([1.0, 3.0], [2.0, 1.0], [False, False]),)),
    ), hints=(
        "Which residuals of the example enter, and by how many is the sum of their squares divided?",
        "What is 0 * nan in Python? A product with the mask cannot hide an entry.",
        "Select the observed entries first (or replace the others), then subtract; mind what an integer mask " "means as an index.",
    )),
    Part("weighted_mse", points=5, summary="the weighted mean of squared residuals", checks=(
        example((([1.0, 2.0], [0.0, 0.0], [1.0, 3.0]), 3.25), (([1.0, 2.0], [0.0, 0.0], [0.0, 5.0]), 4.0)),
        law("invariance", "depends on ratios of weights only", invariance_inputs, invariance_law),
        raises(shapes=(([1.0, 2.0], [2.0, 0.0], [1.0]), ([1.0, 2.0], [2.0], [1.0, 1.0])),
            undefined=(([1.0], [2.0], [0.0]), ([1.0, 2.0], [1.0, 0.0], [3.0, -1.0]))),
    ), hints=(
        "Multiply all weights by ten on paper: which divisor makes the result stay?",
        "What do the weights of a weighted mean add up to, once each is divided by their sum?",
        "Before anything is summed, bring the weights to ordinary size: you are free to multiply them by any factor.",
    )),
    Part("ragged_mse", points=4, summary="micro and macro average over sequences", checks=(
        example((([[1.0], [0.0, 0.0, 0.0]], [[3.0], [1.0, 1.0, 1.0]], "token"), 7 / 4),
            (([[1.0], [0.0, 0.0, 0.0]], [[3.0], [1.0, 1.0, 1.0]], "sequence"), 2.5)),
        law("equal", "both reductions agree for equal lengths, in any order", equal_inputs, equal_law),
        raises(shapes=(([[1.0]], [[1.0], [2.0]], "token"), ([[1.0, 2.0]], [[1.0]], "sequence"))),
    ), hints=(
        "Compute both averages of the example by hand: which one counts the long sequence more?",
        "Each pair needs its own check of lengths; plain zip is silent about what it leaves out.",
        "Sum of squares and length of every pair are enough for either answer.",
    )),
    Part("complex_mse", points=3, summary="the mean squared size of a complex residual", checks=(
        example((([1j, 2.0], [0.0, 2.0]), 0.5), (([3 + 4j], [0j]), 25.0), (([1j], [1.0]), 2.0)),
        law("rotation", "is real and does not depend on a common phase", rotation_inputs, rotation_law),
        raises(shapes=(([1j], [1j, 2j]),)),
    ), hints=(
        "What is the distance of 3 + 4i from 0?",
        "Square the size, not the number: what would the square of i be?",
        "Promote to complex128, subtract, and use real and imaginary part of the difference.",
    )),
    Part("complex_gain", points=4, summary="the least-squares factor between two complex signals", checks=(
        example((([1j], [2.0]), -2j), (([1.0, 1j], [1.0, 1.0]), (1 - 1j) / 2)),
        law("orth", "no factor close by has a smaller error", orth_inputs, orth_law),
        raises(shapes=(([1j], [1j, 2j]),), undefined=(([0j, 0j], [1j, 2.0]),)),
    ), hints=(
        "For real data it would be a quotient of two sums: which?",
        "At the minimum the residual is orthogonal to x; which inner product do complex vectors have?",
        "The denominator must be real and positive. Test your answer with y = 2i x.",
    )),
    Part("psnr", points=3, summary="the peak signal-to-noise ratio of an image", checks=(
        example((([[0.0, 0.0]], [[1.0, 1.0]], 10.0), 20.0),
            ((np.array([0, 255], "uint8"), np.array([255, 0], "uint8"), 255), 0.0)),
        law("scale", "has no unit, and loses 20 dB per hundredfold MSE", scale_inputs, scale_law),
        corner("identical", "is infinite for identical images", (([3.0, 7.0], [3.0, 7.0], 255), inf)),
        raises(shapes=(([1.0], [1.0, 2.0], 1.0),), undefined=(([1.0], [2.0], 0.0), ([1.0], [2.0], -1.0))),
    ), hints=(
        "MSE first, in float64 whatever the images' type.",
        "A decibel is ten times a decimal logarithm of a ratio of powers.",
        "What does the ratio do when the images are identical? Treat that case before you divide.",
    )),
    Part("sym_psnr", points=2, kind="symbolic", summary="PSNR with natural logarithms", hints=(
        "How is a decimal logarithm written with natural ones?",
        "Amplitudes enter squared.",
        "Check R = 10, M = 1: the answer is 20.",
    )),
))
