"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Part, Tolerance, example, law, mismatch, raises
from autograder.checks.numeric import central_difference

CLOSE = Tolerance(1e-9, mode="max")
CROSS = [[1.0, 0.0], [-1.0, 0.0], [0.0, 0.5], [0.0, -0.5]]


def principal(args, got, want):
    """Directions agree up to their signs; what is lost to rounding is about 1e-16 * scale / gap, far below 1e-6."""
    (mean, V), (right_mean, right_V), scale = got, want, np.max(np.abs(np.asarray(args[0], float)))
    if not np.max(np.abs(mean - right_mean)) <= 1e-9 * scale:
        return Broken("mean is not the mean of the samples")
    if not np.max(np.abs(V.T @ V - np.eye(V.shape[1]))) <= 1e-9:
        return Broken("the columns of V are not orthonormal")
    signs = np.where(np.sum(V * right_V, axis=0) < 0, -1.0, 1.0)
    if not np.max(np.abs(V * signs - right_V)) <= 1e-6:
        return Broken("the columns of V are not the directions of largest variance in decreasing order")
    return None


def loss(X, We, Wd):
    X = np.asarray(X, float)
    return np.sum((X - X @ We @ Wd) ** 2) / len(X)


def trained(args, got, want):
    """Any minimiser is right: (We G, inverse(G) Wd) has the same loss for every invertible G."""
    X = np.asarray(args[0], float)
    allowed = 1.001 * loss(X, *want) + 1e-9 * np.sum(X * X) / len(X)
    return None if loss(X, *got) <= allowed else Broken("the loss is not the smallest possible one")


# --- pca_fit: directions; train_linear_ae: smallest ---
def tilted(g):
    """Samples far from the origin whose principal directions are not the axes."""
    turn, _ = np.linalg.qr(g.normal(size=(4, 4)))
    return g.normal(size=(30, 4)) * [2.0, 1.2, 0.7, 0.4] @ turn + 50.0


def directions_inputs(rng):
    return [(tilted(rng("directions")), 2)]


def directions_law(args, got, want):
    (X, k), (mean, V) = args[0], got[0]
    D = X - X.mean(axis=0)
    largest = np.linalg.eigvalsh(D.T @ D / len(X))[::-1][:k]
    if mismatch(mean, X.mean(axis=0), CLOSE):
        return Broken("does not return the mean of the samples", seen=mean, wanted=X.mean(axis=0))
    if np.shape(V) != (4, k) or not np.max(np.abs(V.T @ V - np.eye(k))) <= 1e-9:
        return Broken("does not return orthonormal columns")
    off = mismatch(np.mean((D @ V) ** 2, axis=0), largest, CLOSE)
    return Broken("does not return the directions along which the centred samples vary most, in order", seen=np.mean((D @ V) ** 2, axis=0), wanted=largest) if off else None


def smallest_inputs(rng):
    X = tilted(rng("smallest"))
    return [(X - X.mean(axis=0), k) for k in (1, 2, 4)]


def smallest_law(args, got, want):
    for at, ((X, k), (We, Wd)) in enumerate(zip(args, got, strict=True)):
        if np.shape(We) != (4, k) or np.shape(Wd) != (k, 4):
            return Broken("does not return We (d, k) and Wd (k, d)", at)
        spectrum = np.linalg.eigvalsh(X.T @ X / len(X))
        reached, smallest = loss(X, We, Wd), max(np.sum(spectrum[: 4 - k]), 0.0)
        if not reached <= 1.001 * smallest + 1e-9 * np.sum(spectrum):
            return Broken(f"does not reach the smallest loss of a code of {k} numbers", at, reached, smallest)
    return None


# --- reconstruct: projection ---
def projection_inputs(rng):
    g = rng("projection")
    X, mean = g.normal(size=(7, 4)), g.normal(size=4)
    V, _ = np.linalg.qr(g.normal(size=(4, 2)))
    G, _ = np.linalg.qr(g.normal(size=(2, 2)))
    projected = mean + (X - mean) @ V @ V.T
    return [(X, mean, V), (projected, mean, V), (X, mean, V @ G), (mean[None, :], mean, V)]


def projection_law(args, got, want):
    once, again, rotated, centre = got
    if mismatch(again, args[1][0], CLOSE):
        return Broken("changes a sample that lies in the space already", 1, seen=again, wanted=args[1][0])
    if mismatch(rotated, once, CLOSE):
        return Broken("depends on which orthonormal basis of the same space is given", seen=rotated, wanted=once)
    return Broken("does not leave the mean where it is", 3, seen=centre, wanted=args[3][0]) if mismatch(centre, args[3][0], CLOSE) else None


# --- pca_mse: direct ---
def direct_inputs(rng):
    g = rng("direct")
    X = g.normal(size=(12, 4)) * [4.0, 2.0, 1.0, 0.5] + 10.0
    return [(X, k) for k in range(5)]


def direct_law(args, got, want):
    X = args[0][0]
    D = X - X.mean(0)
    total = np.sum(D * D) / len(X)
    _, _, Vt = np.linalg.svd(D, full_matrices=False)
    for at, ((_, k), error) in enumerate(zip(args, got, strict=True)):
        lost = D - D @ Vt[:k].T @ Vt[:k]
        if not abs(error - np.sum(lost * lost) / len(X)) <= 1e-9 * total:
            return Broken(f"is not the error of the reconstruction from the first {k} principal directions", at)
    return None if np.all(np.diff(got) <= 0) else Broken("grows when one more direction is kept")


# --- linear_ae_grad: fd ---
def fd_inputs(rng):
    g = rng("fd")
    return [(g.normal(size=(6, 3)) + 0.5, g.normal(size=(3, 2)), g.normal(size=(2, 3)))]


def fd_law(args, got, want):
    X, We, Wd = args[0]
    slopes = (central_difference(lambda A: loss(X, A, Wd), We), central_difference(lambda B: loss(X, We, B), Wd))
    for name, gradient, slope in zip(("gWe", "gWd"), got[0], slopes, strict=True):
        if mismatch(gradient, slope, Tolerance(1e-6, 1e-8, "max")):
            return Broken(f"{name} is not the slope of the loss (central differences)", seen=gradient, wanted=slope)
    return None


EXERCISE = Exercise("linear_autoencoder", number="E16", title="The linear autoencoder and PCA", difficulty=4,
    minutes=125, given=("mean + (X - mean) @ V @ V.T", "np.linalg.eigvalsh(X.T @ X / len(X))"), parts=(
    Part("pca_fit", points=5, summary="mean and principal directions", checks=(
        example(((CROSS, 1), (np.array([0.0, 0.0]), np.array([[1.0], [0.0]]))), also_right=principal),
        law("directions", "finds the directions of largest variance", directions_inputs, directions_law),
        raises(undefined=(([[1.0, 2.0], [3.0, 4.0]], 0), ([[1.0, 2.0], [3.0, 4.0]], -1), ([[1.0, 2.0, 4.0], [3.0, 4.0, 5.0]], 3))),
    ), hints=(
        "Principal directions are those of the deviations from the mean: in which order do you work?",
        "Two routes: eigenvectors of the d x d covariance matrix, or a singular value decomposition.",
        "Know what your routine returns: are values ascending or descending, directions rows or columns, and " "how large is the matrix you do not need?",
    )),
    Part("reconstruct", points=3, summary="encode and decode with orthonormal directions", checks=(
        example((([[3.0, 4.0]], [1.0, 1.0], [[1.0], [0.0]]), np.array([[3.0, 1.0]])),
            (([[3.0, 4.0]], [0.0, 0.0], [[0.6], [0.8]]), np.array([[3.0, 4.0]]))),
        law("projection", "is a projection that depends on the space only", projection_inputs, projection_law),
        raises(shapes=(([[1.0, 2.0]], [0.5], [[1.0], [0.0]]), ([[1.0, 2.0], [3.0, 4.0]], [[0.0], [1.0]], [[1.0], [0.0]]))),
    ), hints=(
        "Draw the example: a point, a line through (1, 1), and the point of the line that is nearest.",
        "Three steps: deviation from the mean, coordinates along V, and back.",
        "What must come out for a sample that equals the mean?",
    )),
    Part("pca_mse", points=4, summary="the smallest reconstruction error", checks=(
        example(((CROSS, 1), 0.125), (([[1.0, 2.0], [3.0, 6.0]], 0), 5.0), (([[1.0, 2.0], [3.0, 6.0]], 1), 0.0)),
        law("direct", "is the error of the best reconstruction", direct_inputs, direct_law),
        raises(undefined=(([[1.0, 2.0], [0.0, 5.0]], 3), ([[1.0, 2.0], [0.0, 5.0]], -1))),
    ), hints=(
        "Do the example by hand: with k = 0 every sample is replaced by the same point. Which?",
        "The squared singular values of the centred data share out its squared norm.",
        "Which of them are lost when k directions are kept, and by what do you divide?",
    )),
    Part("linear_ae_grad", points=5, summary="the gradients of encoder and decoder", checks=(
        example((([[2.0]], [[1.0]], [[3.0]]), (np.array([[48.0]]), np.array([[16.0]]))),
            (([[1.0, 0.0]], [[1.0], [0.0]], [[1.0, 0.0]]), (np.array([[0.0], [0.0]]), np.array([[0.0, 0.0]])))),
        law("fd", "are the slopes of the loss (central differences)", fd_inputs, fd_law),
        raises(shapes=(([[1.0, 2.0]], [[1.0], [0.5]], [[1.0]]), ([[1.0]], [[1.0]], [[1.0, 2.0]]))),
    ), hints=(
        "Differentiate with respect to the reconstruction first; then go back layer by layer.",
        "The codes are the input of the decoder: which layer does the error pass before it reaches the encoder?",
        "Check the shape of every product: one order of the factors fits (d, k), one fits (k, d).",
    )),
    Part("train_linear_ae", points=5, summary="a trained linear autoencoder", checks=(
        example(((CROSS, 1), (np.array([[1.0], [0.0]]), np.array([[1.0, 0.0]]))), also_right=trained),
        law("smallest", "reaches the smallest loss on samples that do not lie along an axis", smallest_inputs, smallest_law),
        raises(undefined=(([[1.0, 2.0], [-1.0, -2.0]], 0), ([[1.0, 2.0], [-1.0, -2.0]], -1),
            ([[1.0, 2.0], [-1.0, -2.0], [0.0, 0.0]], 3))),
    ), hints=(
        "What is the smallest loss? You have computed it in an earlier part.",
        "Gradient descent is not required: which encoder and decoder reach the smallest loss at once?",
        "If you iterate: with the encoder fixed, the best decoder is a least-squares problem, and the other way round.",
    )),
    Part("sym_ae_decoder_grad", points=3, kind="symbolic",
         summary="the gradient of the decoder as a matrix expression", hints=(
        "The decoder does a linear regression: what are its inputs, what its targets?",
        "Error times sensitivity: which matrix multiplies B from the left?",
        "The result must have the shape (k, d), and it vanishes where X @ A @ B equals X.",
    )),
))
