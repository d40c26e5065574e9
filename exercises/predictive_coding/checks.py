"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, corner, example, law, mismatch, raises
from autograder.checks.numeric import central_difference

CLOSE = Tolerance(1e-9, 1e-10)
SLOPE = Tolerance(1e-6, 1e-7, "max")


def model(g, p, k):
    """Data, weights, prior mean and precisions of moderate size."""
    return g.normal(size=p), g.normal(size=(p, k)), g.normal(size=k), g.uniform(0.5, 2, p), g.uniform(0.5, 2, k)


def energy(y, r, U, m, pi_y, pi_r):
    return 0.5 * (pi_y @ (y - U @ r) ** 2 + pi_r @ (r - m) ** 2)


# --- pc_energy: logjoint ---
def logjoint_inputs(rng):
    g = rng("logjoint")
    y, U, m, pi_y, pi_r = model(g, 4, 2)
    return [(y, r, U, m, pi_y, pi_r) for r in g.normal(size=(4, 2))]


def log_normal(x, mean, precision):
    return np.sum(0.5 * np.log(precision / (2 * np.pi)) - 0.5 * precision * (x - mean) ** 2)


def logjoint_law(args, got, want):
    logs = [log_normal(y, U @ r, pi_y) + log_normal(r, m, pi_r) for y, r, U, m, pi_y, pi_r in args]
    for value, log in zip(got[1:], logs[1:], strict=True):
        if mismatch(value - got[0], logs[0] - log, CLOSE):
            return Broken("differences are not those of the negative logarithm of the joint density of data and causes", seen=value - got[0], wanted=logs[0] - log)
    return None


# --- pc_grad: fd ---
def fd_inputs(rng):
    g = rng("fd")
    y, U, m, pi_y, pi_r = model(g, 4, 3)
    return [(y, g.normal(size=3), U, m, pi_y, pi_r)]


def fd_law(args, got, want):
    y, r, U, m, pi_y, pi_r = args[0]
    slope = central_difference(lambda v: energy(y, v, U, m, pi_y, pi_r), r)
    return Broken("is not the slope of the energy (central differences)", seen=got[0], wanted=slope) if mismatch(got[0], slope, SLOPE) else None


# --- pc_infer: converges ---
def converges_inputs(rng):
    g = rng("converges")
    y, _, m, pi_y, pi_r = model(g, 5, 2)
    U = np.linalg.qr(g.normal(size=(5, 2)))[0] * [2.0, 1.0]
    half = 1 / np.linalg.eigvalsh((U.T * pi_y) @ U + np.diag(pi_r))[-1]
    return [(y, U, m, pi_y, pi_r, half, 3000, 3 * g.normal(size=2))]


def converges_law(args, got, want):
    (y, U, m, pi_y, pi_r, _, steps, _), path = args[0], got[0]
    if np.shape(path) != (steps + 1, 2):
        return Broken("does not return an array of shape (steps + 1, k)")
    end = np.linalg.solve((U.T * pi_y) @ U + np.diag(pi_r), U.T @ (pi_y * y) + pi_r * m)
    if not np.max(np.abs(path[-1] - end)) <= 1e-6:
        return Broken("does not end at the minimum of the energy")
    energies = 0.5 * ((y - path @ U.T) ** 2 @ pi_y + (path - m) ** 2 @ pi_r)
    return None if np.all(np.diff(energies) <= 1e-12 * energies[0]) else Broken("the energy increases on the way")


# --- pc_posterior_mean: unobserved ---
def unobserved_inputs(rng):
    return [(np.array([2.0]), np.array([[1.0, 0.0]]), np.array([0.0, 3.0]), np.array([1e8]), np.array([1.0, 1.0]))]


def unobserved_law(args, got, want):
    right = np.array([2 / (1 + 1e-8), 3.0])
    off = mismatch(got[0], right, Tolerance(1e-9, 1e-9))
    return Broken("a cause that no sensor sees must keep its prior mean", seen=got[0], wanted=right) if off else None


# --- pc_learn_step: fd ---
def learn_inputs(rng):
    g = rng("fd")
    return [(g.normal(size=(5, 3)), g.normal(size=(5, 2)), g.normal(size=(3, 2)), g.uniform(0.5, 2, 3), 0.2)]


def learn_law(args, got, want):
    Y, R, U, pi_y, lr = args[0]
    slope = central_difference(lambda V: 0.5 * np.mean((Y - R @ V.T) ** 2 @ pi_y), U)
    off = mismatch((got[0] - U) / lr, -slope, SLOPE)
    return Broken("is not a step against the slope of the mean energy (central differences)", seen=(got[0] - U) / lr, wanted=-slope) if off else None


TWO = ([3.0, 1.0], [1.0, 2.0], [[2.0, 1.0], [0.5, 1.0]], [0.0, 0.5], [4.0, 1.0], [6.0, 2.0])
"""Two data and two causes."""


def misfits(y, r, U, m, pi_y, pi_r):
    """Arguments of which one vector has a single entry, which would be taken for all."""
    return (y[:1], r, U, m, pi_y, pi_r), (y, r, U, m[:1], pi_y, pi_r), (y, r, U, m, pi_y[:1], pi_r), (y, r, U, m, pi_y, pi_r[:1])


def negatives(y, r, U, m, pi_y, pi_r):
    """Arguments with one negative precision."""
    return (y, r, U, m, [4.0, -1.0], pi_r), (y, r, U, m, pi_y, [-6.0, 2.0])


def without_causes(arguments, *more):
    """The same arguments for a function that finds the causes itself."""
    return tuple((y, *model, *more) for y, _, *model in arguments)


ONE = ([3.0], [1.0], [[2.0]], [0.0], [4.0], [6.0])
"""One datum and one cause, for the energy and its gradient."""

MISFITS, NEGATIVES = misfits(*TWO), negatives(*TWO)

EXERCISE = Exercise("predictive_coding", number="E18", title="Predictive coding: precision-weighted prediction errors",
    difficulty=5, minutes=160, given=("U.T @ (pi_y * y) + pi_r * m",), parts=(
    Part("pc_energy", points=3, summary="the energy of prediction errors", checks=(
        example((ONE, 5.0), (([1.0, 2.0], [0.0], [[1.0], [1.0]], [0.0], [1.0, 0.5], [9.0]), 1.5)),
        law("logjoint", "is a negative log joint density up to a constant", logjoint_inputs, logjoint_law),
        raises(shapes=MISFITS, undefined=NEGATIVES),
    ), hints=(
        "Two populations of errors: what do they compare, and with which precisions?",
        "Do the example on paper: one error of the datum, one of the cause.",
        "Which weight does an error get in the logarithm of a normal density?",
    )),
    Part("pc_grad", points=4, summary="the gradient that drives inference", checks=(
        example((ONE, np.array([-2.0])), (([2.0], [1.0], [[2.0]], [1.0], [4.0], [6.0]), np.array([0.0]))),
        law("fd", "is the slope of the energy (central differences)", fd_inputs, fd_law),
        raises(shapes=MISFITS, undefined=NEGATIVES),
    ), hints=(
        "Differentiate for p = k = 1 first; then read it as matrices and vectors.",
        "Which shape must come out, and which form of U turns errors of the data into that shape?",
        "Each error is weighted before it travels. What sign does a cause get that predicts too little?",
    )),
    Part("pc_infer", points=5, summary="inference by gradient descent", checks=(
        example((([3.0], [[2.0]], [0.5], [1.0], [1.0], 0.1, 2), np.array([[0.5], [0.9], [1.1]])),
            (([3.0], [[2.0]], [0.0], [1.0], [1.0], 0.1, 1, [1.0]), np.array([[1.0], [1.1]]))),
        law("converges", "ends at the minimum, always downhill", converges_inputs, converges_law),
        raises(shapes=without_causes(MISFITS, 0.1, 2), undefined=without_causes(NEGATIVES, 0.1, 2)),
    ), hints=(
        "How many rows does the path of no step have, and what is in the first?",
        "Plain gradient descent: no normalised gradient, no momentum.",
        "Print the energy along your path: it may never rise for small learning rates.",
    )),
    Part("pc_posterior_mean", points=4, summary="the causes of least energy, at once", checks=(
        example((([3.0], [[2.0]], [0.0], [1.0], [1.0]), np.array([1.2])),
            (([3.0, 1.0], [[1.0, 0.0], [0.0, 1.0]], [0.0, 5.0], [2.0, 2.0], [1.0, 3.0]), np.array([2.0, 3.4]))),
        law("unobserved", "keeps the prior mean of a cause that no sensor sees", unobserved_inputs, unobserved_law),
        corner("zero", "leaves out what has the precision 0", (([3.0], [[2.0]], [7.0], [0.0], [1.0]), np.array([7.0])),
            (([3.0, 8.0], [[2.0], [1.0]], [7.0], [5.0, 0.0], [0.0]), np.array([1.5]))),
        raises(shapes=without_causes(MISFITS), undefined=(([3.0], [[2.0]], [7.0], [0.0], [0.0]),)),
    ), hints=(
        "Where is the gradient zero? It is a linear equation in r.",
        "Collect what multiplies r on one side: a k x k matrix. Both precisions are on both sides.",
        "It is also a least-squares problem with p + k rows, each scaled by the root of its precision.",
    )),
    Part("pc_learn_step", points=4, summary="a local learning rule for the weights", checks=(
        example((([[3.0]], [[1.0]], [[2.0]], [4.0], 0.5), np.array([[4.0]])),
            (([[3.0], [3.0]], [[1.0], [1.0]], [[2.0]], [4.0], 0.5), np.array([[4.0]]))),
        law("fd", "is a step against the slope (central differences)", learn_inputs, learn_law),
        raises(shapes=(([[3.0, 1.0]], [[1.0]], [[2.0]], [4.0, 1.0], 0.5), ([[3.0, 1.0]], [[1.0]], [[2.0], [1.0]], [4.0], 0.5)),
            undefined=(([[3.0, 1.0]], [[1.0]], [[2.0], [1.0]], [4.0, -1.0], 0.5),)),
    ), hints=(
        "Differentiate the energy of one sample with respect to a single weight U[i, j].",
        "Every weight changes by something of the unit it leads to times something of the cause it comes from.",
        "Do the example, then give its sample twice: should the step change?",
    )),
    Part("sym_pc_equilibrium", points=2, kind="symbolic", summary="the equilibrium of one datum and one cause", hints=(
        "Write the energy with scalars and set its derivative to zero.",
        "A weighted compromise: which two quantities compete, with which weights?",
        "Check the ends: a precision of 0 for the datum, and for the prior.",
    )),
    Part("sym_pc_tanh_grad", points=3, kind="symbolic", summary="the gradient through a saturating prediction", hints=(
        "Only the term of the datum changes against the linear case.",
        "Chain rule: square, difference, tanh, u*r: one factor from each.",
        "For large r one of the two terms must vanish: which?",
    )),
))
