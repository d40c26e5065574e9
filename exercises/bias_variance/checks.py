"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import math

import numpy as np

from autograder.checks import Broken, Exercise, Generator, Part, Tolerance, example, law, mismatch, raises
from autograder.checks.statistics import departure

CLOSE = Tolerance(1e-9, 1e-12)

# --- bias_variance: identity ---
def identity_inputs(rng):
    g = rng("identity")
    return [(g.normal(size=(R, n)) + 0.3, g.normal(size=n), 0.7) for R, n in ((6, 4), (1, 5), (3, 1))]


def identity_law(args, got, want):
    for at, ((y_pred, f_true, noise_var), (bias2, variance, noise, total)) in enumerate(zip(args, got, strict=True)):
        if mismatch(bias2 + variance, np.mean((y_pred - f_true) ** 2), CLOSE):
            return Broken("bias2 + variance is not the mean squared deviation from the truth", at, seen=bias2 + variance, wanted=np.mean((y_pred - f_true) ** 2))
        if noise != noise_var or mismatch(total, bias2 + variance + noise_var, CLOSE):
            return Broken("total is not the sum of bias2, variance and noise", at, seen=total, wanted=bias2 + variance + noise_var)
    return None


# --- ridge_fit: duplicate ---
def duplicate_inputs(rng):
    g = rng("duplicate")
    X, y = g.normal(size=(9, 3)), g.normal(size=9)
    return [(X, y, 0.4), (np.vstack([X, X]), np.concatenate([y, y]), 0.4), (X, 10 * y, 0.4), (X, y, 1e9)]


def duplicate_law(args, got, want):
    w, twice, scaled, shrunken = got
    if any(np.shape(one) != (3,) for one in got):
        return Broken("does not return an array of shape (d,)")
    if mismatch(twice, w, Tolerance(1e-9, mode="norm")):
        return Broken("changes when every sample is duplicated: the objective is an average", seen=twice, wanted=w)
    if mismatch(scaled, 10 * w, Tolerance(1e-9, mode="norm")):
        return Broken("does not scale with y", seen=scaled, wanted=10 * w)
    return None if np.max(np.abs(shrunken)) < 1e-6 else Broken("does not shrink to 0 under an enormous penalty", 3, seen=shrunken, wanted=0.0)


# --- ridge_bias_variance: limits ---
def limits_inputs(rng):
    g = rng("limits")
    X, w = g.normal(size=(12, 3)), g.normal(size=3)
    return [(X, w, 2.0, 1e-12), (X, w, 2.0, 1e12)]


def limits_law(args, got, want):
    (X, w, sigma2, _), ((bias_free, variance_free), (bias_all, variance_all)) = args[0], got
    n, d = X.shape
    signal = np.mean((X @ w) ** 2)
    if not 0 <= bias_free <= 1e-6 * signal or mismatch(variance_free, sigma2 * d / n, Tolerance(1e-6)):
        return Broken("for lam -> 0 it must be that of least squares: bias2 = 0 and variance = sigma2 * d / n", 0, seen=(bias_free, variance_free), wanted=(0.0, sigma2 * d / n))
    if mismatch(bias_all, signal, Tolerance(1e-6)) or not 0 <= variance_all <= 1e-6 * sigma2:
        return Broken("for lam -> infinity all predictions are 0: bias2 = mean((X w)**2) and variance = 0", 1, seen=(bias_all, variance_all), wanted=(signal, 0.0))
    return None


# --- simulate_shrinkage: degenerate ---
def degenerate_inputs(rng):
    return [(3.0, 0.0, 4, 0.5, 6, Generator((1,))), (3.0, 2.0, 4, 0.0, 1, Generator((1,)))]


def degenerate_law(args, got, want):
    for at, ((theta, _, _, c, reps, _), out) in enumerate(zip(args, got, strict=True)):
        if not isinstance(out, np.ndarray) or out.shape != (reps,) or out.dtype != float:
            return Broken("does not return a float64 array of shape (reps,)", at)
        if not np.all(np.abs(out - c * theta) <= 1e-12):
            return Broken("without noise every value is c * theta, and with c = 0 every value is 0", at, seen=out, wanted=c * theta)
    return None


# --- simulate_shrinkage: the exact law, with a variance that is not 1 ---
def sample_inputs(rng):
    return [(2.5, 0.36, 9, 0.7, 3000, Generator((11, 1)))]


def sample_law(args, got, want):
    """DKW at 1e-10."""
    (theta, sigma2, n, c, reps, _), sample = args[0], got[0]
    if not isinstance(sample, np.ndarray) or sample.shape != (reps,):
        return Broken("does not return an array of shape (reps,)")
    deviation = c * math.sqrt(sigma2 / n)

    def cdf(x):
        return np.array([0.5 * math.erfc((c * theta - one) / (deviation * math.sqrt(2))) for one in np.ravel(x).tolist()])

    if off := departure(sample, cdf, 1e-10):
        return Broken(f"the values do not follow the normal law with mean c theta and variance c^2 sigma2 / n: {off}")
    return None


EXERCISE = Exercise("bias_variance", number="E11", title="Bias, variance and noise", difficulty=3, minutes=110,
    given=("H = X @ np.linalg.inv(X.T @ X + n * lam * np.eye(d)) @ X.T",), parts=(
    Part("bias_variance", points=5, summary="the exact decomposition of a table of predictions", checks=(
        example((([[1.0, 2.0], [3.0, 2.0]], [1.0, 0.0], 0.5), (2.5, 0.5, 0.5, 3.5)),
            (([[4.0]], [1.0], 0.0), (9.0, 0.0, 0.0, 9.0)),
            (([[1.0, 0.0], [2.0, 4.0], [6.0, 2.0]], [1.0, 3.0], 0.25), (2.5, 11 / 3, 0.25, 77 / 12))),
        law("identity", "bias2 + variance is the mean squared deviation", identity_inputs, identity_law),
        raises(shapes=(([[1.0, 2.0]], [1.0], 0.0), ([1.0, 2.0], [1.0, 2.0], 0.0),
            ([[1.0, 2.0], [3.0, 4.0]], [[1.0], [2.0]], 0.0)), undefined=(([[1.0]], [1.0], -1.0),)),
    ), hints=(
        "Work out the example by hand: which axis counts models, which one points?",
        "Both quantities belong to a point; only afterwards they are averaged over the points.",
        "Subtract the truth before anything else: what is left has ordinary size whatever the offset.",
    )),
    Part("ridge_fit", points=5, summary="ridge regression with the prefactor 1/n", checks=(
        example((([[1.0], [1.0]], [2.0, 4.0], 1.0), np.array([1.5])), (([[2.0]], [4.0], 0.0), np.array([2.0])),
            (([[1.0, 0.0], [0.0, 2.0]], [1.0, 1.0], 0.5), np.array([0.5, 0.4]))),
        law("duplicate", "is the minimiser of an average", duplicate_inputs, duplicate_law),
        raises(shapes=(([[1.0]], [1.0, 2.0], 1.0), ([[1.0], [2.0]], [[1.0], [2.0]], 1.0)),
            undefined=(([[1.0]], [1.0], -1.0),)),
    ), hints=(
        "Set the gradient of the objective to zero; where does n end up?",
        "The example has one weight: solve it on paper.",
        "Either solve a small symmetric system, or add d rows below X and d zeros below y.",
    )),
    Part("ridge_bias_variance", points=6, summary="bias and variance of ridge in closed form", checks=(
        example((([[1.0], [1.0]], [2.0], 2.0, 1.0), (1.0, 0.25)),
            (([[1.0, 0.0], [0.0, 1.0]], [4.0, 0.0], 1.0, 0.5), (2.0, 0.25))),
        law("limits", "is least squares for lam -> 0, and zero predictions for large lam", limits_inputs, limits_law),
        raises(shapes=(([[1.0]], [1.0, 2.0], 1.0, 1.0), ([[1.0], [2.0]], [[3.0]], 1.0, 1.0)),
            undefined=(([[1.0]], [1.0], 1.0, 0.0), ([[1.0]], [1.0], 1.0, -0.5))),
    ), hints=(
        "Expectation and covariance of H y follow from those of y; H is a fixed matrix.",
        "In the basis of the singular vectors of X the matrix H is diagonal: with which entries?",
        "A trace of a product can be computed in either order, and one of the two orders needs only d x d matrices.",
    )),
    Part("simulate_shrinkage", points=5, summary="the shrunken mean over fresh samples", checks=(
        law("degenerate", "is c * theta without noise", degenerate_inputs, degenerate_law, group="value"),
        law("sample", "follows the normal law of c times a mean (false alarm below 1e-10)", sample_inputs, sample_law,
            group="value"),
        raises(undefined=((1.0, -1.0, 3, 0.5, 5, Generator((0,))),)),
    ), hints=(
        "Write one replication first: n observations, their mean, times c.",
        "What does the scale argument of a normal generator mean: a variance or a standard deviation?",
        "Use only the generator that is handed in, and draw all replications at once.",
    )),
    Part("sym_shrinkage_mse", points=2, kind="symbolic", summary="the mean squared error of the shrunken mean", hints=(
        "Variance plus squared bias.",
        "What are mean and variance of c times the mean of n observations?",
        "Check c = 1, where it must be the variance of the mean, and c = 0.",
    )),
    Part("sym_optimal_c", points=2, kind="symbolic", summary="the best factor", hints=(
        "The error is a parabola in c.",
        "Set its derivative with respect to c to zero.",
        "Without noise the best factor is 1; with overwhelming noise it is 0.",
    )),
))
