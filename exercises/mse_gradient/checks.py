"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Probe, Tolerance, example, law, mismatch, raises
from autograder.checks.numeric import central_difference

# --- probe functions: what the student's function is given to call ---
def linear(t):
    return float(3 * t[0] - 2 * t[1])


def sum_exp(t):
    return float(np.sum(np.exp(10 * t)))


def sum_sin(t):
    return float(np.sum(np.sin(t)))


def far_quadratic(t):
    return float(np.sum((t - 2e6) ** 2))


def product(t):
    return float(t[0] * t[1] ** 2)


def minus_three(t):
    return t - 3.0


def identity(t):
    return t


def stretched(t):
    return t * [1.0, 2.0]


def make_buffered():
    """A gradient that returns one and the same buffer every time."""
    buffer = np.empty(2)

    def buffered(t):
        buffer[:] = t * [1.0, 2.0]
        return buffer

    return buffered


make_buffered.fresh = True  # type: ignore[attr-defined]  # a factory: every use gets its own buffer

PROBES: dict = {
    "linear": linear,
    "sum_exp": sum_exp,
    "sum_sin": sum_sin,
    "far_quadratic": far_quadratic,
    "product": product,
    "minus_three": minus_three,
    "identity": identity,
    "stretched": stretched,
    "buffered": make_buffered,
}

# --- mse_grad_linear: fd ---
def fd_linear_inputs(rng):
    g = rng("fd")
    return [(g.normal(size=(7, 3)), g.normal(size=7), g.normal(size=3))]


def fd_linear_law(args, got, want):
    X, y, w = args[0]
    slope = central_difference(lambda v: np.mean((X @ v - y) ** 2), w)
    off = mismatch(got[0], slope, Tolerance(1e-6, 1e-8, "max"))
    return Broken("is not the slope of the loss (central differences)", seen=got[0], wanted=slope) if off else None


# --- chain_grad: a linear model is a special case ---
def linear_case_inputs(rng):
    g = rng("linear")
    X, y, w = g.normal(size=(6, 2)), g.normal(size=6), g.normal(size=2)
    return [(X @ w, y, X)]


def linear_case_law(args, got, want):
    y_pred, y, X = args[0]
    right = 2 / 6 * X.T @ (y_pred - y)
    return Broken("differs from the gradient of a linear model", seen=got[0], wanted=right) if mismatch(got[0], right, Tolerance(1e-9, 1e-12)) else None


# --- mlp_grad: fd ---
def fd_mlp_inputs(rng):
    g, h, d, n = rng("fd"), 3, 2, 5
    return [(g.normal(size=(h, d)), g.normal(size=h), g.normal(size=h), 0.3, g.normal(size=(n, d)), g.normal(size=n))]


def fd_mlp_law(args, got, want):
    *theta, X, y = args[0]
    names = ("gW1", "gb1", "gw2", "gb2")

    def loss(block, value):
        W1, b1, w2, b2 = (value if i == block else theta[i] for i in range(4))
        return np.mean((np.tanh(X @ W1.T + b1) @ w2 + b2 - y) ** 2)

    for block, name in enumerate(names):
        slope = central_difference(lambda v, block=block: loss(block, v), np.asarray(theta[block], float))
        # a number is as good as a 0-d array
        if mismatch(got[0][block], slope if slope.ndim else float(slope), Tolerance(1e-6, 1e-8, "max")):
            return Broken(f"{name} is not the slope of the loss (central differences)", seen=got[0][block], wanted=slope if slope.ndim else float(slope))
    return None


# --- gradient_descent: alias ---
def alias_inputs(rng):
    return [(Probe("buffered"), np.array([4.0, 1.0]), 0.25, 3)]


def alias_law(args, got, want):
    right = np.array([[4.0, 1.0], [3.0, 0.5], [2.25, 0.25], [1.6875, 0.125]])
    if mismatch(got[0], right, Tolerance(1e-12, 1e-12)):
        return Broken("is wrong for a gradient function that returns the same array object every time", seen=got[0], wanted=right)
    return None


EXERCISE = Exercise("mse_gradient", number="E05", title="The MSE gradient: prediction error times output sensitivity",
    difficulty=2, minutes=115, probes=PROBES, parts=(
    Part("mse_grad_linear", points=4, summary="the gradient of the MSE of a linear model", checks=(
        example((([[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0], [0.0, 0.0]), np.array([-1.0, -2.0])),
            (([[3.0]], [1.0], [1.0]), np.array([12.0]))),
        law("fd", "is the slope of the loss (central differences)", fd_linear_inputs, fd_linear_law),
        raises(shapes=(([[1.0], [2.0]], [1.0], [0.0]), ([[1.0], [2.0]], [[1.0], [2.0]], [0.0]),
            ([[1.0]], [1.0], [0.0, 1.0]), ([[1.0], [2.0]], [1.0, 2.0], [[0.0]]))),
    ), hints=(
        "Differentiate the square of one residual with respect to one weight, then sum over samples.",
        "Error times sensitivity: for a linear model the sensitivity of a prediction to w is its row of X.",
        "Compare with central differences of the loss: the ratio tells which constant is missing.",
    )),
    Part("chain_grad", points=5, summary="the gradient for any model, given its Jacobian", checks=(
        example((([3.0, 1.0], [1.0, 1.0], [[1.0, 2.0], [5.0, 5.0]]), np.array([2.0, 4.0])),
            (([[1.0, 0.0]], [[0.0, 0.0]], [[[1.0], [9.0]]]), np.array([1.0]))),
        law("linear", "agrees with the gradient of a linear model", linear_case_inputs, linear_case_law),
        raises(shapes=(([1.0, 2.0], [1.0], [[1.0], [1.0]]), ([1.0, 2.0], [1.0, 2.0], [1.0, 2.0]),
            (np.ones((2, 3)), np.zeros((2, 3)), np.ones((3, 2, 1))))),
    ), hints=(
        "Every output s contributes its error times its own row of J. How many outputs does the mean count?",
        "Flatten the axes of S into one; J then is a matrix with p columns.",
        "Check that J has exactly one axis more than the predictions before you flatten anything.",
    )),
    Part("mlp_grad", points=8, summary="backpropagation through one hidden tanh layer", checks=(
        example(
            (([[0.0]], [0.0], [2.0], 1.0, [[3.0]], [0.0]), (np.array([[12.0]]), np.array([4.0]), np.array([0.0]), 2.0))),
        law("fd", "all four blocks are slopes of the loss (central differences)", fd_mlp_inputs, fd_mlp_law),
        raises(shapes=(([[0.0]], [0.0], [2.0], 1.0, [[3.0]], [0.0, 1.0]), ([[0.0]], [0.0, 1.0], [2.0], 1.0, [[3.0]], [0.0]),
            ([[0.0], [0.0]], [0.0], [1.0, 1.0], 1.0, [[3.0]], [0.0]),
            ([[0.0], [0.0]], [0.0, 0.0], [[1.0], [1.0]], 1.0, [[3.0]], [0.0]),
            ([[0.0]], [0.0], [2.0], 1.0, [[3.0], [1.0]], [[0.0], [0.0]]))),
    ), hints=(
        "Draw the graph: input, pre-activation, hidden activation, output, loss. Walk it backwards.",
        "Start from the derivative of the loss with respect to each prediction; it holds the only 1/n.",
        "On the way from w2 to W1 lies one node more: the activation. Its derivative is simple in tanh itself.",
    )),
    Part("numerical_grad", points=4, about="steps that scale with the coordinates",
         summary="a gradient by finite differences", checks=(
        example(((Probe("linear"), [1.3, 5.2]), np.array([3.0, -2.0])),
            ((Probe("sum_exp"), np.array([0.0, -0.1])), np.array([10.0, 10 / np.e])),
            ((Probe("product"), np.array([1.5, -2.5])), np.array([6.25, -7.5])),
            ((Probe("far_quadratic"), np.array([1234567.1, -765432.3])), np.array([-1530865.8, -5530864.6])),
            tolerance=Tolerance(1e-8, mode="max")),
    ), hints=(
        "Expand f(t + h) and f(t - h) to third order. Which combination cancels the most?",
        "Rounding costs about 1e-16 / h, truncation h**2: which h balances them, and for t = 1e6?",
        "Work on a float64 copy, and divide by the distance of the two points that f has really seen.",
    )),
    Part("gradient_descent", points=4, summary="the path of gradient descent", checks=(
        example(((Probe("minus_three"), [1.0], 0.5, 2), np.array([[1.0], [2.0], [2.5]])),
            ((Probe("identity"), [4.0], 0.5, 0), np.array([[4.0]])),
            ((Probe("identity"), [4, 2], 0.5, 1), np.array([[4.0, 2.0], [2.0, 1.0]])),
            ((Probe("minus_three"), [3.0], 0.5, 2), np.full((3, 1), 3.0))),
        law("alias", "is right for a gradient that reuses its buffer", alias_inputs, alias_law),
        raises(undefined=((Probe("identity"), [1.0], 0.0, 3), (Probe("identity"), [1.0], -0.1, 3), (Probe("identity"), [1.0], 0.1, -1))),
    ), hints=(
        "How many rows does the path of 0 steps have?",
        "Every row must be a separate array: print two consecutive rows.",
        "The start is converted to float64 and copied, once, before the loop.",
    )),
    Part("sym_grad_index", points=2, kind="symbolic", summary="the gradient of a linear model in index form", hints=(
        "Differentiate (yhat_i - y_i)**2 with respect to yhat_i, then yhat_i with respect to w_j.",
        "Which of x_ij, w_j survives when sum_j x_ij w_j is differentiated with respect to one w_j?",
        "Keep the prefactor of the loss.",
    )),
    Part("sym_tanh_weight", points=3, kind="symbolic",
         summary="the gradient through a tanh output, step by step", hints=(
        "Three links: square, tanh, w*x + b.",
        "Write the derivative of each link on its own line before you multiply.",
        "Evaluate your derivative of tanh at 0 and far out.",
    )),
))
