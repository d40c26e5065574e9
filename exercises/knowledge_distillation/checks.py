"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, corner, example, law, mismatch, raises
from autograder.checks.numeric import central_difference

CLOSE = Tolerance(1e-9, 1e-12)


def softmax(z):
    weights = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return weights / np.sum(weights, axis=-1, keepdims=True)


# --- softened_probs: props ---
def props_inputs(rng):
    g = rng("props")
    Z = 3 * g.normal(size=(5, 4))
    return [(Z, 2.5), (Z + g.normal(size=(5, 1)), 2.5), (4 * Z, 10.0), (Z, 0.5)]


def props_law(args, got, want):
    soft, shifted, scaled, sharp = got
    Z = args[0][0]
    if any(p.shape != Z.shape for p in got):
        return Broken(f"returns shape {soft.shape}, expected {Z.shape}")
    if any(np.max(np.abs(p.sum(-1) - 1)) > 1e-12 for p in got):
        return Broken("a row does not sum to 1", seen=soft.sum(-1), wanted=1.0)
    if mismatch(shifted, soft, CLOSE):
        return Broken("changes when a constant is added to a row", seen=shifted, wanted=soft)
    if mismatch(scaled, soft, CLOSE):
        return Broken("changes when logits and temperature are multiplied by the same factor", seen=scaled, wanted=soft)
    if np.any(np.argsort(soft, axis=1) != np.argsort(Z, axis=1)):
        return Broken("does not keep the order of the entries", 0)
    return None if np.all(sharp.max(1) > soft.max(1)) else Broken("a lower temperature must sharpen the distribution")


# --- kd_loss: gibbs ---
def gibbs_inputs(rng):
    g = rng("gibbs")
    Zt, T = 2 * g.normal(size=(3, 4)), 2.5
    return [(Zt, Zt, T), *((Zt + g.normal(size=(3, 4)), Zt, T) for _ in range(8))]


def gibbs_law(args, got, want):
    _, Zt, T = args[0]
    q = softmax(Zt / T)
    if mismatch(got[0], T**2 * np.mean(np.sum(-q * np.log(q), axis=1)), CLOSE):
        return Broken("for a student equal to the teacher it must be T**2 times the entropy of q", 0, seen=got[0], wanted=T**2 * np.mean(np.sum(-q * np.log(q), axis=1)))
    return None if min(got) == got[0] else Broken("some other student has a smaller loss than the teacher's own logits")


# --- kd_grad: fd ---
def fd_inputs(rng):
    g = rng("fd")
    return [(g.normal(size=(2, 4)), g.normal(size=(2, 4)), 3.0)]


def fd_law(args, got, want):
    Zs, Zt, T = args[0]
    q = softmax(Zt / T)
    slope = central_difference(lambda Z: T**2 * np.mean(np.sum(-q * np.log(softmax(Z / T)), axis=1)), Zs)
    off = mismatch(got[0], slope, Tolerance(1e-6, 1e-8, "max"))
    return Broken("is not the slope of the loss (central differences)", seen=got[0], wanted=slope) if off else None


# --- logit_mse: fd ---
STEP = 1e-3  # the loss is quadratic, so central differences have no truncation error


def fd_mse_inputs(rng):
    g = rng("fd")
    Zs, Zt = g.normal(size=(2, 3)) + 1.0, g.normal(size=(2, 3))
    inputs = []
    for center in (False, True):
        inputs.append((Zs, Zt, center))
        for index in np.ndindex(Zs.shape):
            for step in (STEP, -STEP):
                moved = Zs.copy()
                moved[index] += step
                inputs.append((moved, Zt, center))
    return inputs


def fd_mse_law(args, got, want):
    half = len(got) // 2
    for first in (0, half):
        gradient = got[first][1]
        losses = np.array([loss for loss, _ in got[first + 1 : first + half]])
        slope = ((losses[0::2] - losses[1::2]) / (2 * STEP)).reshape(2, 3)
        if mismatch(gradient, slope, Tolerance(1e-6, 1e-8, "max")):
            return Broken(f"grad is not the slope of the returned loss (central differences, center={args[first][2]})", first, seen=gradient, wanted=slope)
    return None


# --- high_temperature_gap: order ---
def order_inputs(rng):
    skew = [[2.0, 0.0, -1.0], [0.5, 1.0, 0.0]], [[0.0, 1.0, 0.0], [3.0, 0.0, 0.0]]
    pair = [[1.5, -0.5]], [[0.0, 0.7]]
    return [(*skew, [100.0, 1000.0]), (*pair, [100.0, 1000.0])]


def order_law(args, got, want):
    (near, far), (near2, far2) = got
    if not 9 < near / far < 11:
        return Broken("a ten times higher temperature must make the gap about ten times smaller (three classes)", 0, seen=near / far, wanted=10.0)
    if not 90 < near2 / far2 < 110:
        return Broken("with two classes a ten times higher temperature must make the gap about a hundred times smaller", 1, seen=near2 / far2, wanted=100.0)
    return None


EXERCISE = Exercise("knowledge_distillation", number="E14",
    title="Knowledge distillation: softened cross-entropy and logit matching", difficulty=4, minutes=145,
    given=("np.exp(z - np.max(z, axis=-1, keepdims=True))", "weights / np.sum(weights, axis=-1, keepdims=True)", "(logits - logits.max(axis=-1, keepdims=True)) / T", "T*(p_j - q_j)"), parts=(
    Part("softened_probs", points=5, summary="softmax with a temperature", checks=(
        example((([0.0, 2 * np.log(3)], 2.0), np.array([0.25, 0.75])),
            (([[1.0, 1.0], [5.0, 5.0]], 7.0), np.array([[0.5, 0.5], [0.5, 0.5]]))),
        law("props", "is a distribution that sharpens when it cools", props_inputs, props_law),
        corner("cold", "does not overflow for z/T of 1e8", (([1000.0, 0.0], 1.0), np.array([1.0, 0.0])),
            (([[1e6, -1e6], [3.0, 3.0]], 0.01), np.array([[1.0, 0.0], [0.5, 0.5]]))),
        corner("infinity", "is uniform at T = inf", (([0.0, 3.0, 9.0], np.inf), np.array([1.0, 1.0, 1.0]) / 3)),
        raises(undefined=(([1.0, 2.0], 0.0), ([1.0, 2.0], -1.0))),
    ), hints=(
        "What do T -> 0 and T -> infinity do to the distribution?",
        "The temperature acts on the logits, before the exponential.",
        "Subtract the largest logit of each row first; keepdims lets a row's number meet its row.",
    )),
    Part("kd_loss", points=7, summary="the softened cross-entropy between teacher and student", checks=(
        example((([[0.0, 0.0]], [[5.0, 1.0]], 1.0), np.log(2)), (([[0.0, 0.0]], [[5.0, 1.0]], 3.0), 9 * np.log(2)),
            (([[0.0, np.log(3)]], [[0.0, 0.0]], 1.0), (np.log(4) + np.log(4 / 3)) / 2)),
        law("gibbs", "is smallest where the student equals the teacher", gibbs_inputs, gibbs_law),
        corner("sure", "is finite where the student is sure of the wrong class",
            (([[1000.0, 0.0]], [[0.0, 1000.0]], 1.0), 1000.0), (([[1e4, 0.0, 0.0]], [[0.0, 1e4, 0.0]], 1.0), 1e4)),
        raises(shapes=(([[0.0, 1.0], [2.0, 0.0]], [[0.0, 1.0]], 1.0),), undefined=(([[0.0, 1.0]], [[0.0, 1.0]], 0.0), ([[0.0, 1.0]], [[0.0, 1.0]], -2.0))),
    ), hints=(
        "Which of the two distributions is inside the logarithm, and which one outside?",
        "The logarithm of a softmax is computed from the logits: no probability is ever formed for it.",
        "Sum over classes, mean over samples, then the factor of the definition.",
    )),
    Part("kd_grad", points=6, summary="the gradient of the distillation loss", checks=(
        example((([[0.0, 0.0]], [[0.0, 2 * np.log(3)]], 2.0), np.array([[0.5, -0.5]])),
            (([[1.0, 2.0]], [[1.0, 2.0]], 5.0), np.array([[0.0, 0.0]])),
            (([[0.0, 0.0], [0.0, 0.0]], [[0.0, np.log(3)], [0.0, 0.0]], 1.0), np.array([[0.125, -0.125], [0.0, 0.0]]))),
        law("fd", "is the slope of the loss (central differences)", fd_inputs, fd_law),
        raises(shapes=(([[0.0, 1.0], [2.0, 0.0]], [[0.0, 1.0]], 1.0),), undefined=(([[0.0, 1.0]], [[0.0, 1.0]], 0.0), ([[0.0, 1.0]], [[0.0, 1.0]], -2.0))),
    ), hints=(
        "You know the gradient of cross-entropy with respect to logits. Which logits does this softmax see?",
        "Inner derivative: how does z/T move when z moves?",
        "Collect the powers of T from the loss and from the chain rule, and keep the mean over the samples.",
    )),
    Part("logit_mse", points=6, summary="squared error on logits, centred or not", checks=(
        example((([[2.0, 0.0]], [[0.0, 0.0]], False), (1.0, np.array([[1.0, 0.0]]))),
            (([[2.0, 0.0]], [[0.0, 0.0]], True), (0.5, np.array([[0.5, -0.5]]))),
            (([[3.0, 3.0]], [[0.0, 0.0]], True), (0.0, np.array([[0.0, 0.0]])))),
        law("fd", "the gradient is the slope of the loss, centred or not", fd_mse_inputs, fd_mse_law),
        raises(shapes=(([[0.0, 1.0], [2.0, 0.0]], [[0.0, 1.0]], True), ([[0.0, 1.0], [2.0, 0.0]], [[0.0], [1.0]], False))),
    ), hints=(
        "Which constant change of a row of logits does softmax not see?",
        "Differentiate one square first; the half cancels the two.",
        "Centring is a linear map that changes nothing when it is done twice. What does that say of its gradient?",
    )),
    Part("high_temperature_gap", points=5, summary="how fast distillation becomes logit matching", checks=(
        # at T = 2 the gradient of the first sample is 2 (3/4 - 1/2), halved by the mean; that of squared error log(3)/2, halved
        example((([[2 * np.log(3), 0.0], [1.0, 4.0]], [[0.0, 0.0], [1.0, 4.0]], [2.0]), np.array([(np.log(3) - 1) / 4])),
            (([[0.0, 0.0, 0.0]], [[2 * np.log(4), 0.0, 0.0]], [2.0]), np.array([(6 - 4 * np.log(4)) / 9])),
            (([[1.0, 1.0]], [[3.0, 3.0]], [1.0, 50.0]), np.array([0.0, 0.0]))),
        law("order", "falls like 1/T, and like 1/T**2 for two classes", order_inputs, order_law),
        raises(shapes=(([[0.0, 1.0], [2.0, 0.0]], [[0.0, 1.0]], [1.0]),), undefined=(([[0.0, 1.0]], [[0.0, 1.0]], [0.0]), ([[0.0, 1.0]], [[0.0, 1.0]], [1.0, -1.0]))),
    ), hints=(
        "One of the two gradients does not depend on the temperature.",
        "You may call kd_grad and logit_mse.",
        "One number per temperature: the largest absolute entry over all samples and classes.",
    )),
    Part("sym_kd_grad", points=3, kind="symbolic", summary="the gradient of the softened cross-entropy", hints=(
        "Set u = z/T. What is the gradient with respect to u?",
        "How does u_j change with z_j?",
        "Multiply the factors of T. Too much student mass on class j must push z_j down.",
    )),
    Part("sym_high_temperature", points=3, kind="symbolic", summary="the limit of high temperature", hints=(
        "Expand exp(z_j/T) to first order in 1/T, in the numerator and in the sum.",
        "To first order, p_j is 1/K plus a term that carries 1/T. Which one?",
        "A constant added to all z must not change the answer.",
    )),
))
