"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import math

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, corner, example, law, mismatch, raises

KINDS = ("linear", "tanh", "sigmoid", "relu")

# --- activation_derivative: even ---
def even_inputs(rng):
    z = np.append(rng("even").normal(size=10), [3.0, 12.0])
    return [(sign * z, kind) for kind in ("tanh", "sigmoid") for sign in (1, -1)]


def even_law(args, got, want):
    for k, ((_, kind), right, left) in enumerate(zip(args[::2], got[::2], got[1::2], strict=True)):
        if mismatch(left, right, Tolerance(1e-10)):
            return Broken(f"the derivative of {kind} is not even: at z it differs", 2 * k + 1, seen=left, wanted=right)
    return None


# --- output_delta: fd ---
def fd_inputs(rng):
    g = rng("fd")
    z = g.choice([-1.0, 1.0], size=8) * g.uniform(0.1, 2.0, size=8)  # away from the kink of the ReLU
    return [(z, 3 * g.normal(size=8), kind) for kind in KINDS]


def output(z, kind):
    if kind == "sigmoid":
        return 1 / (1 + np.exp(-z))
    return {"linear": z, "tanh": np.tanh(z), "relu": np.maximum(z, 0.0)}[kind]


def fd_law(args, got, want):
    step = 1e-6
    for at, ((z, y, kind), delta) in enumerate(zip(args, got, strict=True)):
        above, below = ((output(z + s, kind) - y) ** 2 / 2 for s in (step, -step))
        if mismatch(delta, (above - below) / (2 * step), Tolerance(1e-6, 1e-7)):
            return Broken(f"is not the slope of the loss for {kind!r} (central differences)", at, seen=delta, wanted=(above - below) / (2 * step))
    return None


# --- gd_preactivation: dead ---
def dead_inputs(rng):
    return [(-3.0, y, "relu", 0.5, 20) for y in (-2.0, 0.0, 5.0)]


def dead_law(args, got, want):
    stays = np.full(21, -3.0)
    if any(not isinstance(z, np.ndarray) or z.shape != stays.shape for z in got):
        return Broken("does not return an array of shape (steps + 1,)")
    moved = next((k for k, z in enumerate(got) if mismatch(z, stays, Tolerance(0.0))), None)
    return None if moved is None else Broken("a ReLU moves although z is negative", moved, seen=got[moved], wanted=stays)


# --- saturation_point: residual, where plain arithmetic still serves ---
def residual_inputs(rng):
    return [(y, tol) for y in (1.5, 5.0, 1e3) for tol in (0.9, 1e-3)]


def residual_law(args, got, want):
    for at, ((y, tol), z) in enumerate(zip(args, got, strict=True)):
        signal = (y - np.tanh(z)) * (1 - np.tanh(z) ** 2)
        if abs(np.log(signal / tol)) > 1e-6:
            return Broken(f"the error signal for y_true = {y:g} is {signal:.6g} there and not {tol:g}", at)
    return None


NEAR = Tolerance(0.0, 1e-7)

EXERCISE = Exercise("output_activations", number="E07", title="Output activations: saturation and dead units",
    difficulty=3, minutes=130,
    given=('return {"linear": z, "tanh": np.tanh(z), "relu": np.maximum(z, 0.0)}[kind]',), parts=(
    Part("activation_derivative", points=6, summary="derivatives of four activations, accurate far out", checks=(
        example((([0.0], "tanh"), np.array([1.0])), (([0.0], "sigmoid"), np.array([0.25])),
            (([-1.0, 0.0, 2.0], "relu"), np.array([0.0, 0.0, 1.0])), (([-3.0, 4.0], "linear"), np.array([1.0, 1.0])),
            (([math.log(2)], "tanh"), np.array([0.64])), (([-math.log(3)], "sigmoid"), np.array([0.1875]))),
        law("even", "is even for tanh and sigmoid", even_inputs, even_law),
        corner("number", "gives a number for a number", ((0.0, "sigmoid"), 0.25), ((-1.5, "relu"), 0.0)),
        raises(undefined=(([1.0], "selu"),)),
    ), hints=(
        "Both tanh and the sigmoid can be written with one exponential. Differentiate that form.",
        "Where does your formula subtract two nearly equal numbers? How many digits are left at z = 15?",
        "The derivative is even. For which sign of z does your exponential overflow, and do you need that sign?",
    )),
    Part("output_delta", points=6, summary="the error signal that flows back from the loss", checks=(
        example((([0.0], [5.0], "tanh"), np.array([-5.0])), (([-1.0], [-2.0], "relu"), np.array([0.0])),
            (([3.0], [-2.0], "relu"), np.array([5.0])), (([1.0], [4.0], "linear"), np.array([-3.0])),
            (([0.0], [1.0], "sigmoid"), np.array([-0.125])), (([math.log(2)], [5.0], "tanh"), np.array([-2.816]))),
        law("fd", "is the slope of the loss (central differences)", fd_inputs, fd_law),
        raises(shapes=(([1.0], [1.0, 2.0], "tanh"),), undefined=(([1.0], [1.0], "gelu"),)),
    ), hints=(
        "Chain rule: the derivative of the loss with respect to the output, then of the output with respect to z.",
        "The error compares the output f(z) with the target, not z with the target.",
        "Which prefactor does the loss have, and what does differentiating the square make of it?",
    )),
    Part("gd_preactivation", points=5, summary="gradient descent on one pre-activation", checks=(
        example(((1.0, 4.0, "linear", 0.5, 2), np.array([1.0, 2.5, 3.25])),
            ((-1.0, -2.0, "relu", 0.1, 3), np.array([-1.0, -1.0, -1.0, -1.0])),
            ((0.0, 5.0, "tanh", 0.1, 1), np.array([0.0, 0.5])),
            ((math.log(2), 5.0, "tanh", 0.5, 1), np.array([math.log(2), math.log(2) + 1.408])),
            ((2.0, -2.0, "relu", 0.5, 2), np.array([2.0, 0.0, 0.0]))),
        law("dead", "leaves a ReLU where it is once z <= 0", dead_inputs, dead_law),
        raises(undefined=((0.0, 1.0, "tanh", 0.0, 1), (0.0, 1.0, "tanh", -0.1, 1), (0.0, 1.0, "x", 0.1, 1))),
    ), hints=(
        "How many entries has the path of 0 steps?",
        "Every step uses the error signal at the present z: both of its factors change on the way.",
        "One call of output_delta per step is fast enough; plain floats instead of arrays are faster.",
    )),
    Part("saturation_point", points=6, about="far out in saturation", summary="where a tanh output stops to learn", checks=(
        example(((5.0, 4.4 * 0.64), math.log(2)), ((5.0, 6.0), 0.0), ((5.0, 1e-60), 70.4638471509), tolerance=NEAR),
        law("residual", "the error signal at that point is tol", residual_inputs, residual_law),
        raises(undefined=((0.5, 0.6), (-5.0, 0.6), (5.0, 0.0), (5.0, -0.1))),
    ), hints=(
        "For z >= 0 the signal falls. Between which two numbers does it reach tol, whatever the arguments?",
        "Write error and derivative with exp(-2*z), so that nothing is subtracted from 1.",
        "Numbers like 1e-100 are easier to compare by their logarithms.",
    )),
    Part("dead_units", points=4, summary="units that no sample can wake", checks=(
        example((([[1.0], [-2.0]], [[1.0], [-1.0], [0.0]], [0.0, -3.0, 0.0]), np.array([False, True, True])),
            (([[1.0], [2.0], [9.0]], [[1.0], [-1.0]], [-3.0, 0.0]), np.array([False, True]))),
        raises(shapes=(([[1.0, 2.0]], [[1.0]], [0.0]), ([[1.0]], [[1.0]], [0.0, 1.0]),
            ([[1.0], [2.0]], [[1.0], [1.0]], [[0.0], [0.0]]), ([1.0], [[1.0]], [0.0]), ([[1.0]], [1.0], [0.0]))),
    ), hints=(
        "Write down the matrix of pre-activations: one row per sample, one column per unit.",
        "For how many samples must a pre-activation be at most 0 for the unit to be dead?",
        "What is the slope of the ReLU exactly at 0, by the convention of this exercise?",
    )),
    Part("sym_delta_tanh", points=4, kind="symbolic", summary="the error signal of a tanh output", hints=(
        "Differentiate the square first; the 1/2 is there for a reason.",
        "The second factor is the derivative of tanh: evaluate yours at 0 and far out.",
        "Check the sign at a large z with y = 0.",
    )),
    Part("sym_delta_relu", points=4, kind="symbolic", summary="the error signal of a ReLU output", hints=(
        "Differentiate separately for z > 0 and for z < 0.",
        "For z < 0: does the loss change at all when z changes a little?",
        "The slope gates the whole product, and what it looks at is z.",
    )),
))
