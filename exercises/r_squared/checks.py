"""What a student may run: worked cases, inputs that must be refused, and a property where a part has one."""

import numpy as np

from autograder.checks import Broken, Criterion, Exercise, Part, Tolerance, example, law, mismatch, raises

CLOSE = Tolerance(1e-9, 1e-9)

# --- r2_score: affine ---
MOVES = ((3.0, -7.0), (-0.5, 2.0), (1e-9, 0.0))


def affine_inputs(rng):
    y, noise = rng("affine").normal(size=(2, 32))
    y_pred = 0.6 * y + noise
    return [(y, y_pred), *((a * y + c, a * y_pred + c) for a, c in MOVES), (y, np.full(32, y.mean()))]


def affine_law(args, got, want):
    for (a, c), moved in zip(MOVES, got[1:], strict=False):
        if mismatch(moved, got[0], CLOSE):
            return Broken(f"changes when y_true and y_pred are both multiplied by {a:g} and moved by {c:g}", seen=moved, wanted=got[0])
    if mismatch(got[-1], 0.0, CLOSE):
        return Broken("predicting the mean of y_true everywhere must give 0", len(got) - 1, seen=got[-1], wanted=0.0)
    return None


# --- mse_from_r2: roundtrip ---
TARGETS, PREDICTIONS, R2 = np.array([0.0, 1.0, 3.0, 4.0]), np.array([1.0, 1.0, 2.0, 4.0]), 0.8


def roundtrip_law(args, got, want):
    right = np.mean((TARGETS - PREDICTIONS) ** 2)
    broken = mismatch(got[0], right, CLOSE) or mismatch(got[1], 100 * right, CLOSE)
    return Broken("predictions with this R^2 have another mean squared error") if broken else None


# --- gd_r2_curves: monotone ---
def regression(g, n, m, d, noise):
    """Arrays of a linear regression problem with weights 1, and a stable learning rate."""
    X, X_test = g.normal(size=(n, d)), g.normal(size=(m, d))
    y, y_test = X.sum(axis=1) + noise * g.normal(size=n), X_test.sum(axis=1) + noise * g.normal(size=m)
    return X, y, X_test, y_test, float(0.8 * n / np.linalg.norm(X, 2) ** 2)


def monotone_inputs(rng):
    g = rng("monotone")
    return [(*regression(g, 40, 15, d, 1.0), 60) for d in (1, 4)]


def monotone_law(args, got, want):
    for at, ((*_, steps), (train, test)) in enumerate(zip(args, got, strict=True)):
        if np.shape(train) != (steps + 1,) or np.shape(test) != (steps + 1,):
            return Broken(f"must return two arrays of shape ({steps + 1},)", at)
        if not np.all(np.diff(train) >= -1e-10):
            return Broken("the training R^2 falls although the learning rate is stable", at)
        if not train[-1] <= 1.0:
            return Broken("the training R^2 exceeds 1", at)
    return None


EXERCISE = Exercise("r_squared", number="E04",
    title="MSE and the coefficient of determination; the inverted U of the test curve", difficulty=2,
    minutes=100, parts=(
    Part("r2_score", points=5, summary="the coefficient of determination", checks=(
        example((([1, 2, 3], [1, 2, 4]), 0.5), (([1, 2, 3], [2, 2, 2]), 0.0), (([1, 2, 3], [3, 2, 1]), -3.0)),
        law("affine", "ignores the unit and origin of y; is 0 for the mean", affine_inputs, affine_law),
        raises(shapes=(([1.0, 2.0], [1.0]), ([1.0, 2.0], [[1.0], [2.0]])),
            undefined=(([1.0, 1.0], [0.0, 2.0]), ([0.1, 0.1, 0.1], [0.2, 0.2, 0.2]))),
    ), hints=(
        "Two sums of squares, one of residuals and one of deviations from a mean. Whose mean?",
        "Work out r2_score([1, 2, 3], [3, 2, 1]) by hand: the result is below zero, and that is right.",
        "Whether all targets are equal is better asked of the targets than of a sum of rounded squares.",
    )),
    Part("mse_from_r2", points=3, summary="from R^2 back to the mean squared error", checks=(
        example(((0.5, [1, 2, 3]), 1 / 3), ((-1.0, [0, 2]), 2.0), ((1.0, [4, 9]), 0.0)),
        law("roundtrip", "gives the mean squared error back", lambda rng: [(R2, TARGETS), (R2, 10 * TARGETS - 3)],
            roundtrip_law),
        raises(undefined=((1.5, [1.0, 2.0]),)),
    ), hints=(
        "Solve the relation between R^2 and the MSE for the MSE.",
        "What is the MSE of a perfect model, and what is it when you always predict the mean?",
        "Mind what is a sum and what an average, and which divisor the variance has.",
    )),
    Part("early_stop", points=4, summary="early stopping with patience", checks=(
        example((([5, 4, 3, 3.5, 3.2, 2, 1], 2), (2, 4)), (([5, 4, 3, 3.5, 3.2, 2, 1], 3), (6, 6)),
            (([1, 1, 1], 1), (0, 1)), (([2], 5), (0, 0)), (([5e-6, 4e-6, 4.5e-6, 3e-6, 3.5e-6], 2), (3, 4))),
        raises(undefined=(([], 2), ([1.0, 2.0], 0), ([1.0, 2.0], -1))),
    ), hints=(
        "Walk through the losses [5, 4, 3, 3.5, 3.2, 2, 1] with patience 2: which epoch is the best one so far, at each t?",
        "Two numbers are enough to remember: the best epoch and its value.",
        "In each epoch either the best one changes or the patience may be over; a tie does not improve.",
    )),
    Part("gd_r2_curves", points=7, summary="training and test R^2 along gradient descent", checks=(
        example(
            (([[1.0], [2.0]], [1.0, 3.0], [[1.0], [3.0]], [2.0, 4.0], 0.1, 1), (np.array([-4.0, -0.325]), np.array([-9.0, -1.65]))),
            (([[1.0], [2.0]], [1.0, 3.0], [[1.0], [3.0]], [2.0, 4.0], 0.1, 0), (np.array([-4.0]), np.array([-9.0])))),
        law("monotone", "the training R^2 never falls", monotone_inputs, monotone_law),
        raises(shapes=(([[1.0], [2.0]], [1.0, 3.0], [[1.0]], [2.0, 4.0], 0.1, 1),
            ([[1.0], [2.0]], [[1.0], [3.0]], [[1.0], [3.0]], [2.0, 4.0], 0.1, 1),
            ([[1.0], [2.0]], [1.0, 3.0], [[1.0], [3.0]], [[2.0], [4.0]], 0.1, 1),
            ([[1.0, 2.0], [2.0, 5.0]], [1.0, 3.0], [[1.0], [3.0]], [2.0, 4.0], 0.1, 1)),
            undefined=(([[1.0], [2.0]], [1.0, 1.0], [[1.0], [3.0]], [2.0, 4.0], 0.1, 1),
                ([[1.0], [2.0]], [1.0, 3.0], [[1.0], [3.0]], [4.0, 4.0], 0.1, 1))),
    ), hints=(
        "Write down the gradient of the loss with respect to w; which factor does the square leave, and where is n?",
        "Record first, then update: how many records and how many updates are there for steps = 1?",
        "The test data are only looked at. Their R^2 needs their own targets' mean and sum of squares.",
    )),
    Part("sym_r2_unbiased", points=3, kind="symbolic",
         summary="R^2 from the mean squared error and the unbiased variance", hints=(
        "Start from 1 - SS_res / SS_tot.",
        "Express each of the two sums by one of the given quantities; their divisors differ.",
        "For huge n it must not matter which variance is used. Does your answer agree?",
    )),
    Part("written_inverted_u", points=3, kind="manual",
         summary="show the figure of this exercise and explain in at most 120 words why a rising training R^2 with a " "falling test R^2 does not contradict R^2 = 1 - MSE/s2", hints=(
        "For which data does the relation hold, and what is s2 in it?",
        "Which of the two mean squared errors does gradient descent lower, and what happens to the other?",
        "Name what the late epochs fit that the test data do not share.",
    ), criteria=(
        Criterion("figure", 1, "the figure with both curves, a logarithmic axis of epochs and the epoch of early stopping"),
        Criterion("relation", 1, "for what the relation holds, and with which constants"),
        Criterion("training", 1, "what training minimises, and why the test error may rise meanwhile"),
    )),
))
