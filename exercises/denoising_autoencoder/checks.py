"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import math

import numpy as np

from autograder.checks import Broken, Exercise, Generator, Part, Tolerance, example, law, mismatch, raises
from autograder.checks.statistics import binomial_violation

CLOSE = Tolerance(1e-9, 1e-12)


# --- corrupt: limits ---
def limits_inputs(rng):
    X = rng("limits").normal(size=(5, 3)) + 4.0
    levels = (("gaussian", 0.0), ("mask", 0.0), ("mask", 1.0))
    inputs = [(X, kind, level, Generator((seed,))) for seed, (kind, level) in enumerate(levels)]
    return [*inputs, (X[:1, 0], "gaussian", 0.0, Generator((3,)))]


def limits_law(args, got, want):
    for at, ((X, kind, level, _), out) in enumerate(zip(args, got, strict=True)):
        if not isinstance(out, np.ndarray) or out.shape != X.shape or out.dtype != float:
            return Broken("does not return a float64 array of the shape of X", at)
        if not np.array_equal(out, X if level == 0.0 else np.zeros_like(X)):
            return Broken(f'"{kind}" with level {level:g} must return {"X as it is" if level == 0.0 else "zeros"}', at)
    return None


# --- corrupt: law ---
SMALL = 30
LEVEL = 0.3  # of normal noise 13.36 % is larger in size than 1.5 standard deviations


def counts_inputs(rng):
    X, Z = rng("counts").normal(size=(1500, 2)) + 1.0, rng("counts 2").normal(size=(2, 2)) + 1.0
    many = [(X, "gaussian", LEVEL, Generator((20241, 0))), (X, "mask", LEVEL, Generator((20241, 1)))]
    return [*many, *((Z, "mask", 0.5, Generator((20241, 2, k))) for k in range(SMALL))]


def counts_law(args, got, want):
    """Exact binomial tests at 1e-11 each."""
    if any(np.shape(out) != np.shape(one[0]) for one, out in zip(args, got, strict=True)):
        return Broken("does not return an array of the shape of X")
    X, noisy, masked = args[0][0], np.asarray(got[0]), np.asarray(got[1])
    noise, gone = (noisy - X) / LEVEL, masked == 0.0
    if not np.array_equal(masked[~gone], X[~gone]):
        return Broken("entries that are not masked do not stay as they are", 1)
    halves = sum(int(np.sum(np.asarray(out) == 0.0)) == 2 for out in got[2:])
    sums = np.abs(noise.sum(1)) > 1.5 * 2**0.5
    counted = (
        ("entries must get noise above 1.5 * level", noise > 1.5, 0.066807, 0),
        ("entries must get noise below -1.5 * level", noise < -1.5, 0.066807, 0),
        ("rows must get noise whose sum exceeds 1.5 * sqrt(2) * level in size", sums, 0.133614, 0),
        ("entries must be masked", gone, LEVEL, 1),
        ("rows must lose both entries", gone.all(axis=1), LEVEL**2, 1),
    )
    for what, found, chance, at in counted:
        if binomial_violation(int(np.sum(found)), found.size, chance, 1e-11):
            return Broken(f"about {found.size * chance:.0f} of {found.size} {what}; here it is {int(np.sum(found))}", at)
    if binomial_violation(halves, SMALL, 6 / 16, 1e-11):
        return Broken(f"about 11 of {SMALL} masks of four entries at level 0.5 must destroy exactly two; here it is {halves}")
    return None


# --- optimal_linear_denoiser: orth ---
def orth_inputs(rng):
    g = rng("orth")
    A, B = g.normal(size=(4, 4)), g.normal(size=(3, 1))
    return [(A @ A.T, 0.7), (1e6 * B @ B.T, 2e5)]


def orth_law(args, got, want):
    for at, ((S, sigma2), D) in enumerate(zip(args, got, strict=True)):
        correlation = S - D @ (S + sigma2 * np.eye(len(S)))
        if not np.max(np.abs(correlation)) <= 1e-8 * np.max(np.abs(S)):
            return Broken("the error x - D (x + e) is correlated with the observation x + e", at)
        gains = np.linalg.eigvalsh((D + D.T) / 2)
        if not -1e-8 <= gains[0] <= gains[-1] < 1:
            return Broken("a denoiser must neither amplify nor turn around: its eigenvalues lie in [0, 1)", at)
    return None


# --- denoiser_mse: optimum ---
def optimum_inputs(rng):
    g = rng("optimum")
    A = g.normal(size=(3, 3))
    S, sigma2 = A @ A.T, 0.6
    best = S @ np.linalg.inv(S + sigma2 * np.eye(3))
    return [(S, sigma2, best), *((S, sigma2, best + 0.1 * g.normal(size=(3, 3))) for _ in range(20))]


def optimum_law(args, got, want):
    (_, sigma2, best), least = args[0], got[0]
    if not all(error > least for error in got[1:]):
        return Broken("is not smallest at the optimal D")
    return Broken("is not sigma2 * tr(D) at the optimal D", 0, seen=least, wanted=sigma2 * np.trace(best)) if mismatch(least, sigma2 * np.trace(best), CLOSE) else None


# --- noise_injected_loss: ridge ---
def ridge_inputs(rng):
    g = rng("ridge")
    X, y, sigma2 = g.normal(size=(9, 3)), g.normal(size=9), 0.4
    best = np.linalg.solve(X.T @ X / 9 + sigma2 * np.eye(3), X.T @ y / 9)
    noisy = [(X, y, best, sigma2), *((X, y, best + 0.3 * g.normal(size=3), sigma2) for _ in range(8))]
    return [*noisy, (X, y, best, 0.0)]


def ridge_law(args, got, want):
    X, y, best, sigma2 = args[0]
    if mismatch(got[-1], np.mean((y - X @ best) ** 2), CLOSE):
        return Broken("is not the MSE without noise", len(got) - 1, seen=got[-1], wanted=np.mean((y - X @ best) ** 2))
    H = X.T @ X / len(X) + sigma2 * np.eye(len(best))
    for at, ((_, _, w, _), value) in enumerate(zip(args[1:-1], got[1:-1], strict=True), 1):
        if mismatch(value - got[0], (w - best) @ H @ (w - best), Tolerance(1e-8, 1e-10)):
            return Broken("is not the objective of ridge regression with lam = sigma2", at, seen=value - got[0], wanted=(w - best) @ H @ (w - best))
    return None


# --- gmm_denoiser: tweedie ---
MIXTURE = (np.array([0.2, 0.5, 0.3]), np.array([-2.0, 0.5, 1.5]), np.array([0.3, 0.0, 1.2]))


def log_density(y, sigma2):
    weights, means, s2 = MIXTURE
    spread = s2 + sigma2
    parts = weights / np.sqrt(2 * np.pi * spread) * np.exp(-((y[:, None] - means) ** 2) / (2 * spread))
    return np.log(np.sum(parts, axis=1))


def tweedie_inputs(rng):
    return [(3 * rng("tweedie").normal(size=9), *MIXTURE, sigma2) for sigma2 in (0.3, 1.7)]


def tweedie_law(args, got, want):
    for at, ((y, *_, sigma2), out) in enumerate(zip(args, got, strict=True)):
        score = (log_density(y + 1e-5, sigma2) - log_density(y - 1e-5, sigma2)) / 2e-5
        if mismatch(out, y + sigma2 * score, Tolerance(1e-5, 1e-5)):
            return Broken("is not y + sigma2 * d/dy log p(y) (central differences of the density of y)", at, seen=out, wanted=y + sigma2 * score)
    return None


EXERCISE = Exercise("denoising_autoencoder", number="E17",
    title="Denoising: shrinkage, noise injection and the posterior mean", difficulty=4, minutes=125,
    given=("np.mean((y - X @ best) ** 2)", "S + sigma2 * np.eye(len(S))"), parts=(
    Part("corrupt", points=4, summary="corruption that can be repeated", checks=(
        law("limits", "is right at the ends of the scale", limits_inputs, limits_law, group="value"),
        law("counts", "corrupts as often and as much as it should (false alarm below 1e-10)", counts_inputs, counts_law,
            group="value"),
        raises(undefined=(([[1.0]], "mask", 1.5, Generator((0,))), ([[1.0]], "mask", -0.1, Generator((0,))),
            ([[1.0]], "gaussian", -1.0, Generator((0,))))),
    ), hints=(
        "What does level mean for each of the two kinds?",
        "One random number per entry: which shape must the draw have?",
        "Compare a uniform number per entry with level; how often is it smaller?",
    )),
    Part("optimal_linear_denoiser", points=5, summary="the best linear denoiser", checks=(
        example((([[3.0]], 2.0), np.array([[0.6]])),
            (([[4.0, 0.0], [0.0, 0.0]], 0.5), np.array([[8 / 9, 0.0], [0.0, 0.0]]))),
        law("orth", "leaves an error that is uncorrelated with the observation", orth_inputs, orth_law),
        raises(shapes=(([[1.0, 2.0]], 1.0),), undefined=(([[4.0, 0.0], [0.0, 2.0]], 0.0), ([[4.0, 0.0], [0.0, 0.0]], -1.0))),
    ), hints=(
        "Solve d = 1 first: a parabola in D.",
        "It is a regression of x on the observation: covariance of the two, and covariance of the observation.",
        "S may be singular, S + sigma2 I is not: solve with the right one, and mind the side.",
    )),
    Part("denoiser_mse", points=4, summary="the exact error of any linear denoiser", checks=(
        example((([[4.0]], 0.25, [[0.8]]), 0.32), (([[1.0, 0.0], [0.0, 2.0]], 0.5, [[0.0, 0.0], [0.0, 0.0]]), 3.0),
            (([[1.0, 0.0], [0.0, 2.0]], 0.5, [[1.0, 0.0], [0.0, 1.0]]), 1.0),
            (([[1.0, 0.0], [0.0, 2.0]], 0.5, [[0.0, 1.0], [0.0, 0.0]]), 5.5)),
        law("optimum", "is smallest at the optimal denoiser", optimum_inputs, optimum_law),
        raises(shapes=(([[1.0, 0.0], [0.0, 2.0]], 1.0, [[0.5]]), ([[1.0, 0.0], [0.0, 2.0]], 1.0, [[0.5, 0.5]])), undefined=(([[1.0]], -1.0, [[1.0]]),)),
    ), hints=(
        "Split the error into what D does to x and what it does to e: why is there no mixed term?",
        "For a random vector v of mean 0, E||v||^2 is the trace of its covariance matrix.",
        "What is the covariance matrix of B x, if S is that of x and B is not symmetric?",
    )),
    Part("noise_injected_loss", points=3, summary="what noise on the inputs does to a squared error", checks=(
        example((([[1.0], [2.0]], [1.0, 0.0], [1.0], 0.5), 2.5), (([[1.0, 1.0]], [2.0], [1.0, 1.0], 3.0), 6.0)),
        law("ridge", "is the objective of ridge regression", ridge_inputs, ridge_law),
        raises(shapes=(([[1.0], [2.0]], [[1.0], [2.0]], [1.0], 1.0), ([[1.0]], [1.0, 2.0], [1.0], 1.0)),
            undefined=(([[1.0]], [1.0], [1.0], -1.0),)),
    ), hints=(
        "Expand the square of one sample in its noise; which terms survive the expectation?",
        "What is the variance of w . e?",
        "Each sample has noise of its own, and you average over the samples.",
    )),
    Part("gmm_denoiser", points=6, summary="the best denoiser of a mixture: the posterior mean", checks=(
        example((([0.125], [0.5, 0.5], [-1.0, 1.0], [0.0, 0.0], 0.25), np.array([math.tanh(0.5)])),
            (([3.0], [1.0], [1.0], [9.0], 3.0), np.array([2.5]))),
        law("tweedie", "is y + sigma2 * (log p)'(y)", tweedie_inputs, tweedie_law),
        raises(shapes=(([1.0], [0.5, 0.5], [0.0], [1.0, 1.0], 1.0), ([1.0], [0.5, 0.5], [0.0, 1.0], [1.0], 1.0)),
            undefined=(([1.0], [0.5, 0.6], [0.0, 1.0], [1.0, 1.0], 1.0), ([1.0], [0.5, 0.4], [0.0, 1.0], [1.0, 1.0], 1.0))),
    ), hints=(
        "If you knew the component of x, what would be the best guess? And how sure are you of each component, given y?",
        "Given its component, y is normal. With which mean and which variance?",
        "Form the logarithms of weight times density and subtract the largest of each row before exp.",
    )),
    Part("sym_min_denoising_mse", points=3, kind="symbolic",
         summary="the error that no linear denoiser can beat", hints=(
        "Write the error as a parabola in D: one term from x, one from the noise.",
        "Insert the minimiser, or use what the error is at the optimum.",
        "Check the ends: without noise it is 0, with overwhelming noise it is the variance of x.",
    )),
))
