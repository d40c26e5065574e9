"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, corner, example, law, mismatch, raises
from autograder.checks.numeric import central_difference

# --- cross_entropy: shift ---
def shift_inputs(rng):
    g = rng("shift")
    n, K = 6, 4
    logits, labels = 3 * g.normal(size=(n, K)), g.integers(0, K, size=n)
    order = g.permutation(K)
    # class order[k] becomes class k
    return [
        (logits, labels),
        (logits + 50 * g.normal(size=(n, 1)), labels),
        (logits[:, order], np.argsort(order)[labels]),
    ]


def shift_law(args, got, want):
    loss, shifted, renamed = got
    if mismatch(shifted, loss, Tolerance(1e-9)):
        return Broken("changes when a constant is added to all logits of a row", seen=shifted, wanted=loss)
    if mismatch(renamed, loss, Tolerance(1e-9)):
        return Broken("changes when the classes are renumbered in logits and labels alike", seen=renamed, wanted=loss)
    return None


# --- softmax_grads: fd ---
def fd_inputs(rng):
    g, n, K = rng("fd"), 3, 4
    return [(g.normal(size=(n, K)), g.dirichlet(np.ones(K), size=n))]


def softmax(z):
    weights = np.exp(z - np.max(z))
    return weights / np.sum(weights)


def fd_law(args, got, want):
    losses = {
        "g_ce": lambda z, y: -np.sum(y * np.log(softmax(z))),
        "g_mse": lambda z, y: 0.5 * np.sum((softmax(z) - y) ** 2),
    }
    for gradient, (name, loss) in zip(got[0], losses.items(), strict=True):
        if gradient.shape != args[0][0].shape:
            return Broken(f"{name} has shape {gradient.shape}, expected {args[0][0].shape}")
        for row, z, y in zip(gradient, *args[0], strict=True):
            slope = central_difference(lambda v, y=y, loss=loss: loss(v, y), z)
            if mismatch(row, slope, Tolerance(1e-6, 1e-8, "max")):
                return Broken(f"a row of {name} is not the slope of that sample's loss (central differences)", seen=row, wanted=slope)
    return None


# --- steps_to_recover: ratio ---
def ratio_inputs(rng):
    return [([margin, 0.0], 1, 0.5, loss, 5000) for margin in (4.0, 6.0) for loss in ("ce", "mse")]


def ratio_law(args, got, want):
    if min(got) <= 0:
        return Broken("does not recover from a margin of 4 or 6 within 5000 steps")
    near, far = got[1] / got[0], got[3] / got[2]
    if min(near, far) < 5:
        return Broken(f"squared error should need at least five times as many steps as cross-entropy from these margins; you find {near:.3g} and {far:.3g} times as many")
    return None if far > near else Broken(f"the factor between squared error and cross-entropy should grow with the margin; it is {near:.3g}, then {far:.3g}")


EXERCISE = Exercise("softmax_mse_vs_ce", number="E12", title="Softmax with squared error versus cross-entropy",
    difficulty=4, minutes=145, parts=(
    Part("cross_entropy", points=6, summary="the mean cross-entropy, from logits", about="of any size", checks=(
        example((([[0.0, 0.0]], [1]), np.log(2)), (([[1000.0, 0.0]], [1]), 1000.0),
            (([[0.0, 0.0, 0.0], [np.log(2), 0.0, 0.0]], [0, 0]), (np.log(3) + np.log(2)) / 2),
            (([[np.log(3), 0.0], [0.0, 0.0]], [1, 0]), 1.5 * np.log(2)),
            (([[1000.0, 0.0], [0.0, 0.0]], [0, 0]), np.log(2) / 2)),
        law("shift", "ignores a constant added to a row, and the numbering of classes", shift_inputs, shift_law),
        raises(shapes=(([[0.0, 1.0], [1.0, 0.0]], [[0], [1]]), ([[0.0, 1.0], [1.0, 0.0]], [0])),
            undefined=(([[0.0, 1.0], [1.0, 0.0]], [0, 2]), ([[0.0, 1.0], [1.0, 0.0]], [0, -1]))),
    ), hints=(
        "Write -log(softmax(z)_c) as a difference of two terms before you compute anything.",
        "Which number may be subtracted from all logits of a row without changing the softmax?",
        "After that, no exponential exceeds 1 and the sum inside the logarithm is at least 1: check the rows " "one by one, not the whole matrix.",
    )),
    Part("softmax_grads", points=10, summary="both gradients with respect to the logits", checks=(
        example((([[0.0, 0.0]], [[1.0, 0.0]]), (np.array([[-0.5, 0.5]]), np.array([[-0.25, 0.25]]))),
            (([[np.log(3), 0.0]], [[0.0, 1.0]]), (np.array([[0.75, -0.75]]), np.array([[0.28125, -0.28125]]))),
            (([[0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]]), (np.array([[-2.0, 1.0, 1.0]]) / 3, np.array([[-2.0, 1.0, 1.0]]) / 9))),
        law("fd", "both are slopes of their losses (central differences)", fd_inputs, fd_law),
        corner("huge", "does not overflow for logits of 1e8",
            (([[1e8, 0.0]], [[0.0, 1.0]]), (np.array([[1.0, -1.0]]), np.array([[0.0, 0.0]])))),
        raises(shapes=(([[0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0]]),),
            undefined=(([[0.0, 0.0]], [[1.0, 1.0]]), ([[0.0, 0.0]], [[0.5, 0.25]]), ([[0.0, 0.0]], [[1.5, -0.5]]),
                ([[0.0, 0.0], [0.0, 0.0]], [[1.0, 0.0], [0.5, 0.25]]))),
    ), hints=(
        "Chain rule: derivative of the loss with respect to every p_i, times dp_i/dz_j, summed over i.",
        "The Jacobian is a diagonal matrix plus a matrix of rank one: what is its product with a vector?",
        "That product needs one number per row besides elementwise products. Check that each row of the result " "sums to zero.",
    )),
    Part("steps_to_recover", points=6, summary="how many steps a confidently wrong start costs", checks=(
        example((([2.0, 0.0], 1, 0.3, "ce", 100), 5), (([0.0, 1.0], 1, 0.3, "mse", 5), 0),
            (([12.0, 0.0], 1, 1.0, "mse", 1000), -1), (([0.0, 0.0], 0, 0.1, "ce", 0), -1),
            (([0.0, 0.0], 0, 0.1, "mse", 1), 1), (([2.0, 0.5, 0.0], 2, 0.6, "mse", 1000), 9)),
        law("ratio", "squared error needs many times more steps, more still from a larger margin", ratio_inputs, ratio_law),
        raises(undefined=(([1.0, 2.0], 2, 0.1, "ce", 5), ([1.0, 2.0], -1, 0.1, "ce", 5))),
    ), hints=(
        "Write the loop on paper: which comes first, the test or the update, and how often does each run?",
        "max_steps = 0 still makes one test; max_steps = 1 makes two.",
        "Work on a float copy of the start; the gradient of each loss is that of one row of softmax_grads.",
    )),
    Part("sym_softmax_jacobian", points=4, kind="symbolic",
         summary="the Jacobian of the softmax as an array expression", hints=(
        "Differentiate p_i = exp(z_i) / sum_k exp(z_k) by the quotient rule.",
        "Treat i = j and i different from j apart, then write both as one formula.",
        "Every row of the Jacobian sums to zero, because the probabilities always sum to one.",
    )),
    Part("sym_ce_grad", points=3, kind="symbolic", summary="the gradient of cross-entropy", hints=(
        "Write log p_k in terms of the logits first.",
        "Where does sum y = 1 enter?",
        "At p = y the gradient must vanish; at a true class of small probability it must be close to -1.",
    )),
    Part("sym_softmax_mse_grad", points=6, kind="symbolic",
         summary="the gradient of the squared error, step by step", hints=(
        "Line 1: dL/dz_j as a sum over i of dL/dp_i times dp_i/dz_j.",
        "Insert the Jacobian. The diagonal part leaves one term, the rest a sum that does not depend on j.",
        "Every term carries a factor p_j, and the entries of the result sum to zero.",
    )),
    Part("sym_saturation", points=5, kind="symbolic",
         summary="the exact gradient of a confidently wrong model with two classes", hints=(
        "Write down both errors p_k - y_k as functions of eps.",
        "Insert p, the errors and their sum S into the gradient for the class w.",
        "An exact expression is asked, not its leading order; raising the wrong logit must raise the loss.",
    )),
))
