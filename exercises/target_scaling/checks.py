"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import math

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, corner, example, law, mismatch, raises
from autograder.checks.numeric import central_difference

CLOSE = Tolerance(1e-9, 1e-9)
PATH = Tolerance(1e-9, mode="max")  # a stable iteration does not amplify rounding

# --- standardize: moments ---
def moments_inputs(rng):
    y = rng("moments").normal(size=30) + 2.0
    return [(s * y,) for s in (1e-12, 1.0, 1e12)]


def moments_law(args, got, want):
    for at, ((y,), (z, mean, std)) in enumerate(zip(args, got, strict=True)):
        if mismatch(float(np.mean(z)), 0.0, CLOSE):
            return Broken("the mean of z is not 0", at, seen=float(np.mean(z)), wanted=0.0)
        if mismatch(float(np.mean(z * z)), 1.0, CLOSE):
            return Broken(f"the mean of z**2 is not 1 for data of order {np.max(np.abs(y)):.0e}", at, seen=float(np.mean(z * z)), wanted=1.0)
        if mismatch(mean + std * z, y, PATH):
            return Broken("mean + std * z does not give the data back", at, seen=mean + std * z, wanted=y)
    return None


# --- unstandardize_linear: predict ---
def predict_inputs(rng):
    g = rng("predict")
    return [(g.normal(size=3), 0.4, g.normal(size=3), np.exp(g.normal(size=3)), 2.0, 1.7)]


def predict_law(args, got, want):
    w, b, x_mean, x_std, y_mean, y_std = args[0]
    x = np.random.default_rng(6).normal(size=(20, 3))
    pipeline = y_mean + y_std * ((x - x_mean) / x_std @ w + b)
    raw = x @ got[0][0] + got[0][1]
    return Broken("predicts otherwise than the standardised model", seen=raw, wanted=pipeline) if mismatch(raw, pipeline, PATH) else None


# --- gd_linear: scaling ---
def scaling_inputs(rng):
    g = rng("scaling")
    X, y, w0 = g.uniform(-1, 1, size=(12, 2)), g.normal(size=12), g.normal(size=2)
    lr = 0.2  # stable for two inputs in [-1, 1]
    from_zero = [(X, a * y, lr, 25) for a in (1.0, 1e-6, -3.0, 1e6)]
    return [*from_zero, (X, y, lr, 25, w0), (X, 100 * y, lr, 25, 100 * w0)]


def scaling_law(args, got, want):
    path, *others, started, scaled = got
    if path.shape != (26, 2):
        return Broken(f"returns shape {path.shape}, expected (26, 2)", 0)
    for factor, other in zip((1e-6, -3.0, 1e6), others, strict=True):
        if mismatch(other, factor * path, PATH):
            return Broken(f"from zero the path does not scale by {factor:g} with the target", seen=other, wanted=factor * path)
    if mismatch(scaled, 100 * started, PATH):
        return Broken("the path does not scale by 100 when target and start do", seen=scaled, wanted=100 * started)
    return Broken("does not start at w0", 4, seen=started[0], wanted=args[4][4]) if mismatch(started[0], args[4][4], PATH) else None


# --- max_stable_lr: behaviour ---
def behaviour_inputs(rng):
    return [(rng("behaviour").normal(size=(10, 3)),)]


def hessian(X):
    """Second derivatives of the loss, read off its values: it is a quadratic."""
    d = X.shape[1]

    def loss(w):
        return np.mean((X @ w) ** 2)

    unit = np.eye(d)
    return np.array([[loss(unit[i] + unit[j]) - loss(unit[i]) - loss(unit[j]) for j in range(d)] for i in range(d)])


def behaviour_law(args, got, want):
    H = hessian(args[0][0])
    top = np.linalg.eigh(H)[1][:, -1]
    size = [np.linalg.norm(np.linalg.matrix_power(np.eye(3) - f * got[0] * H, 2000) @ top) for f in (0.99, 1.01)]
    if not size[0] < 1e-6:
        return Broken(f"gradient descent does not converge at 0.99 times this rate: in 2000 steps an error of 1 becomes {size[0]:.2g}")
    return None if size[1] > 1e6 else Broken(f"gradient descent does not diverge at 1.01 times this rate: in 2000 steps an error of 1 becomes {size[1]:.2g}")


# --- gd_closed_form: iterate ---
TIMES = (0, 6, 200)


def iterate_inputs(rng):
    g = rng("iterate")
    X, y = g.uniform(-1, 1, size=(9, 2)), g.normal(size=9)
    return [(X, y, 0.3, t + k) for t in TIMES for k in (0, 1)]


def iterate_law(args, got, want):
    X, y, lr, _ = args[0]
    if mismatch(got[0], np.zeros(2), CLOSE):
        return Broken("w_0 is not zero", 0, seen=got[0], wanted=np.zeros(2))
    for t, before, after in zip(TIMES, got[::2], got[1::2], strict=True):
        slope = central_difference(lambda w: np.mean((X @ w - y) ** 2), before)
        if mismatch(after, before - lr * slope, Tolerance(1e-6, 1e-8, "max")):
            return Broken(f"one gradient step does not lead from the result for t = {t} to the one for t = {t + 1}", seen=after, wanted=before - lr * slope)
    return None


EXERCISE = Exercise("target_scaling", number="E06", title="Scaling and standardising the target", difficulty=3,
    minutes=130, given=("y_mean + y_std * ((x - x_mean) / x_std @ w + b)",), parts=(
    Part("standardize", points=5, summary="standardised targets, on any scale", checks=(
        example((([1.0, 4.0],), (np.array([-1.0, 1.0]), 2.5, 1.5)),
            (([[1.0, 7.0], [4.0, 12.0]],), (np.array([[-1.0, -1.0], [1.0, 1.0]]), np.array([2.5, 9.5]), np.array([1.5, 2.5])))),
        law("moments", "has mean 0 and mean square 1, and can be undone", moments_inputs, moments_law),
        corner("constant", "gives exactly 0 and exactly 1 for equal entries",
            (([5.0, 5.0],), (np.array([0.0, 0.0]), 5.0, 1.0)), (([0.1, 0.1, 0.1],), (np.array([0.0, 0.0, 0.0]), 0.1, 1.0)),
            (([4.0],), (np.array([0.0]), 4.0, 1.0)),
            (([[1.0, 7e-12], [4.0, 7e-12]],), (np.array([[-1.0, 0.0], [1.0, 0.0]]), np.array([2.5, 7e-12]), np.array([1.5, 1.0]))),
            tolerance=Tolerance(1e-15, 0.0)),  # zero is compared exactly
        raises(shapes=((3.0,), ([[[1.0]], [[2.0]]],)), undefined=(([],),)),
    ), hints=(
        "Which axis holds the samples? Mean and standard deviation are taken along it, for each column alone.",
        "When is a column constant? Find a test that gives the same answer in metres and in nanometres.",
        "Centre first, then take the mean of the squares of what is left.",
    )),
    Part("unstandardize_linear", points=5, summary="a model trained on standardised data, in raw units", checks=(
        example((([2.0], 1.0, [3.0], [4.0], 5.0, 6.0), (np.array([3.0]), 2.0)),
            (([1.0, 0.0], 0.0, [0.0, 0.0], [1.0, 1.0], 7.0, 1.0), (np.array([1.0, 0.0]), 7.0))),
        law("predict", "predicts the same as the standardised model", predict_inputs, predict_law),
        raises(shapes=(([1.0], 0.0, [0.0, 0.0], [1.0], 0.0, 1.0),),
            undefined=(([1.0], 0.0, [0.0], [0.0], 0.0, 1.0), ([1.0], 0.0, [0.0], [-1.0], 0.0, 1.0),
                ([1.0], 0.0, [0.0], [1.0], 0.0, -1.0),
                ([1.0], 0.0, [0.0], [1.0], 0.0, 0.0), ([1.0, 1.0], 0.0, [0.0, 0.0], [1.0, 0.0], 0.0, 1.0))),
    ), hints=(
        "Insert the definitions of z_x and z_y into the model and solve for y.",
        "Everything that multiplies x is w_raw; everything else is b_raw.",
        "Check it at x = x_mean: which prediction must come out there?",
    )),
    Part("gd_linear", points=5, summary="the path of gradient descent on a linear model", checks=(
        example((([[1.0], [2.0]], [1.0, 3.0], 0.1, 1, None), np.array([[0.0], [0.7]])),
            (([[1.0]], [1.0], 0.25, 2, [3.0]), np.array([[3.0], [2.0], [1.5]]))),
        law("scaling", "scales with the target", scaling_inputs, scaling_law),
        raises(shapes=(([[1.0]], [1.0, 2.0], 0.1, 1), ([[1.0]], [1.0], 0.1, 1, [0.0, 0.0]), ([[1.0]], [1.0, 2.0], 0.1, 0),
            ([[1.0], [2.0]], [[1.0], [3.0]], 0.1, 1)),
            undefined=(([[1.0]], [1.0], 0.0, 1), ([[1.0]], [1.0], -0.1, 1))),
    ), hints=(
        "Differentiate the loss as it is written: a mean of squares without 1/2.",
        "How many rows does the path of 0 steps have, and what is in row 0?",
        "The step is the learning rate times the gradient, nothing else: no normalising, no clipping.",
    )),
    Part("max_stable_lr", points=6, summary="the largest stable learning rate", checks=(
        example((([[1.0], [2.0]],), 0.4), (([[1.0, 0.0], [0.0, 3.0]],), 2 / 9)),
        law("behaviour", "separates convergence from divergence", behaviour_inputs, behaviour_law),
        corner("zero", "is infinite for X = 0", (([[0.0, 0.0]],), math.inf)),
        raises(shapes=(([1.0, 2.0],),)),
    ), hints=(
        "How does the distance to the minimum change in one step, in the direction of an eigenvector of the Hessian?",
        "Which eigenvalue decides, and for which rates is the size of its factor below 1?",
        "What is the Hessian of the loss, and how are its eigenvalues related to the singular values of X?",
    )),
    Part("gd_closed_form", points=8, summary="a trillion steps of gradient descent at once", checks=(
        example((([[1.0]], [1.0], 0.25, 2), np.array([0.75])), (([[1.0], [2.0]], [1.0, 3.0], 0.1, 1), np.array([0.7])),
            (([[1.0]], [1.0], 0.25, 0), np.array([0.0]))),
        law("iterate", "agrees with single steps", iterate_inputs, iterate_law),
        raises(shapes=(([[1.0]], [1.0, 2.0], 0.1, 1), ([[1.0], [2.0]], [[1.0], [3.0]], 0.1, 1)),
            undefined=(([[1.0]], [1.0], 0.0, 1), ([[1.0]], [1.0], -0.1, 1), ([[1.0]], [1.0], 0.1, -1))),
    ), hints=(
        "In the eigenbasis of the Hessian the coordinates do not mix. Solve u_{t+1} = (1 - a) u_t + b from u_0 = 0.",
        "What does the solution become in a direction whose eigenvalue is 0, and how large is the gradient there?",
        "1 - (1 - 1e-12)**10 has lost most of its digits. NumPy has two functions for exactly this difficulty.",
    )),
    Part("sym_scaled_mse", points=3, kind="symbolic", summary="how the MSE changes with the unit of the target", hints=(
        "Write down one residual after the change of units.",
        "What becomes of a constant that is added to target and prediction alike?",
        "The residual is squared; then it is averaged.",
    )),
    Part("sym_raw_intercept", points=3, kind="symbolic",
         summary="the intercept of unstandardize_linear as a formula", hints=(
        "Insert z_x and z_y for one input and solve for y.",
        "The intercept is the prediction at x = 0.",
        "Check it with the example of unstandardize_linear.",
    )),
))
