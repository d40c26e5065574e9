"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Probe, Tolerance, Within, corner, example, law, mismatch, raises
from autograder.checks.numeric import balances

# --- probe functions: the estimators that sensitivity_curve is given ---
def mean(y):
    return float(np.mean(y))


def median(y):
    return float(np.median(y))


def largest(y):
    return float(np.max(y))


def sorting_median(y):
    """The median, found by sorting the argument in place."""
    y.sort()
    n = len(y)
    return float((y[(n - 1) // 2] + y[n // 2]) / 2)


PROBES = {"mean": mean, "median": median, "largest": largest, "sorting_median": sorting_median}


# --- huber_loss: shape ---
def shape_inputs(rng):
    r = np.concatenate([rng("shape").normal(scale=3.0, size=30), [1.5, -1.5]])
    step = 1e-6
    joints = np.array([1.5 - step, 1.5, 1.5 + step])
    return [(r, 1.5), (-r, 1.5), (joints, 1.5)]


def shape_law(args, got, want):
    r, delta = args[0]
    loss, mirrored, joint = got
    if mismatch(mirrored, loss, Tolerance(1e-12, 1e-12)):
        return Broken("is not even: rho(-r) differs from rho(r)", seen=mirrored, wanted=loss)
    below, above = np.diff(joint) / np.diff(args[2][0])
    if abs(below - delta) > 1e-5 or abs(above - delta) > 1e-5:
        return Broken("the two branches do not meet smoothly at |r| = delta: the slopes below and above it are not delta", 2, seen=(below, above), wanted=delta)
    slack = 1e-9 * (1 + r * r)
    if np.any(loss > r * r / 2 + slack) or np.any(loss > delta * np.abs(r) + slack):
        return Broken("lies above r**2 / 2 or above delta * |r| somewhere", 0)
    return None


# --- influence: derivative ---
KINKED = np.array([-4.0, -1.7, -0.6, -0.1, 0.2, 0.9, 1.8, 5.0])  # away from 0 and from +-1.3


def derivative_inputs(rng):
    return [(KINKED, "mse"), (KINKED, "mae"), (KINKED, "huber", 1.3)]


def rho(r, loss, delta=1.0):
    size = np.abs(r)
    core = np.minimum(size, delta)
    return {"mse": r * r / 2, "mae": size, "huber": core * (size - core / 2)}[loss]


def derivative_law(args, got, want):
    step = 1e-6
    for at, ((r, *kind), psi) in enumerate(zip(args, got, strict=True)):
        slope = (rho(r + step, *kind) - rho(r - step, *kind)) / (2 * step)
        if mismatch(psi, slope, Tolerance(1e-6, 1e-6)):
            return Broken(f"is not the derivative of the loss {kind[0]!r} (central differences)", at, seen=psi, wanted=slope)
    return None


# --- huber_location: bounded ---
def bounded_inputs(rng):
    y = np.array([0.1, -0.4, 0.8, 0.3, -0.2, 5.0])
    return [(y, 1.0), (np.where(y == 5.0, 1e9, y), 1.0)]


def bounded_law(args, got, want):
    if abs(got[0] - got[1]) < 1e-4:
        return None
    return Broken("moves when a point that is already far out moves farther", seen=got[1], wanted=got[0])


# --- sensitivity_curve: mean ---
def mean_inputs(rng):
    g = rng("mean")
    return [(g.normal(size=9), 5 * g.normal(size=4), Probe("mean"))]


def mean_law(args, got, want):
    y, xs, _ = args[0]
    off = mismatch(got[0], xs - y.mean(), Tolerance(1e-9, 1e-9))
    return Broken("for the mean the curve is not x - mean(y)", seen=got[0], wanted=xs - y.mean()) if off else None


def as_good(args, got, want):
    """Criterion for huber_location: the loss exceeds the smallest by at most one part in 1e9."""
    y, delta = np.asarray(getattr(args[0], "array", args[0]), float), args[1]
    best = getattr(want, "low", want)
    if not mismatch(float(got), float(best), Tolerance(1e-7)):
        return None
    mine, smallest = (np.sum(rho((y - m) / delta, "huber")) for m in (float(got), float(best)))
    return None if mine <= smallest * (1 + 1e-9) else Broken("is not a minimiser: another location has a smaller loss")


def balanced(args, got, want):
    """Criterion for the last digits of huber_location: the first-order condition, relative to the forces that balance."""
    y, delta = np.asarray(getattr(args[0], "array", args[0]), float), args[1]
    right = balances(lambda m: np.clip(y - m[..., None], -delta, delta), np.float64(got))
    return None if right else Broken("is not a minimiser: the mean of psi(y - m) is not 0")


EXERCISE = Exercise("influence_functions", number="E08", title="Influence functions: squared, absolute and Huber loss",
    difficulty=2, minutes=115, probes=PROBES, given=("delta**2 * (sqrt(1 + (r / delta)**2) - 1)",), parts=(
    Part("huber_loss", points=4, summary="Huber's loss", checks=(
        example((([0.5, 1.0, 3.0, -3.0], 1.0), np.array([0.125, 0.5, 2.5, 2.5])),
            (([1.0, -4.0], 2.0), np.array([0.5, 6.0]))),
        law("shape", "is even, smooth at delta, and below squared and absolute loss", shape_inputs, shape_law),
        corner("number", "gives a number for a number", ((4.0, 2.0), 6.0)),
        raises(undefined=(([1.0], 0.0), ([1.0], -1.0))),
    ), hints=(
        "Draw the parabola and the two lines, and look at where they meet: value and slope.",
        "The parabola only ever needs the part of |r| that lies below delta.",
        "The result for 1e200 is finite: which of the two branches is it?",
    )),
    Part("influence", points=4, summary="the derivative of three losses with respect to the residual", checks=(
        example((([-3.0, 0.0, 0.5], "mse"), np.array([-3.0, 0.0, 0.5])),
            (([-3.0, 0.0, 0.5], "mae"), np.array([-1.0, 0.0, 1.0])),
            (([-3.0, 0.0, 0.5], "huber", 2.0), np.array([-2.0, 0.0, 0.5]))),
        law("derivative", "is the derivative of the loss", derivative_inputs, derivative_law),
        raises(undefined=(([1.0], "l2"), ([1.0], "huber", 0.0), ([1.0], "huber", -1.0))),
    ), hints=(
        "Differentiate each loss with respect to r = y - yhat, left and right of every kink.",
        "Which of the three is bounded, and by what?",
        "A result that is the argument itself can change the caller's data later: return a fresh array.",
    )),
    Part("huber_location", points=6, summary="the location that minimises the Huber loss", checks=(
        example((([0.0, 1.0, 2.0], 5.0), 1.0), (([0.0, 0.0, 10.0], 1.0), 0.5), (([3.0], 1.0), 3.0),
            (([0.0, 10.0], 1.0), Within(1.0, 9.0)), (([0.0] * 9 + [100.0], 50.0), 50 / 9),
            (([-1.2] * 11 + [0.4, 0.9] + [2.0] * 10, 1.0), 0.15),
            tolerance=Tolerance(1e-7, 1e-7), also_right=as_good),
        law("bounded", "does not follow a point that is already far out", bounded_inputs, bounded_law),
        raises(undefined=(([], 1.0), ([1.0], 0.0), ([1.0], -1.0))),
    ), hints=(
        "Set the derivative with respect to m to zero: which sum must vanish?",
        "That sum falls as m grows: such a root can be enclosed and halved, whatever the data look like.",
        "Between two breakpoints the sum is a straight line: stop on the condition, not on a number of steps.",
    )),
    Part("sensitivity_curve", points=4, summary="how far one more point moves an estimator", checks=(
        example((([0.0, 2.0, 4.0], [10.0, 2.0], Probe("mean")), np.array([8.0, 0.0])),
            (([0.0, 2.0, 4.0], [10.0], Probe("median")), np.array([4.0])),
            (([0.0, 2.0, 4.0], [3.0, 9.0, 1.0], Probe("largest")), np.array([0.0, 20.0, 0.0]))),
        law("mean", "is x - mean(y) for the mean", mean_inputs, mean_law),
        raises(undefined=(([], [1.0], Probe("mean")),)),
    ), hints=(
        "How many points has the sample after x came?",
        "Compute the base value once, and give the estimator a fresh array every time.",
        "Check with the mean: the curve must be a straight line of slope 1.",
    )),
    Part("sym_psi_l1", points=2, kind="symbolic", summary="psi of the absolute loss", hints=(
        "Left of 0 the loss falls, right of 0 it rises: with which slopes?",
        "Is the function you wrote odd?",
        "The loss itself is not its derivative.",
    )),
    Part("sym_psi_huber", points=3, kind="symbolic", summary="psi of the Huber loss", hints=(
        "Differentiate the core and the two lines separately.",
        "Look at r = -10 and at r = +10.",
        "The pieces must meet at |r| = delta.",
    )),
    Part("sym_psi_pseudo_huber", points=2, kind="symbolic", summary="psi of the pseudo-Huber loss", hints=(
        "Chain rule: a root, and what is under it.",
        "For small r it must behave like r, for large r like delta.",
        "What remains of the factor delta**2 after the inner derivative?",
    )),
))
