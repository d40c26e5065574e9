"""What a student may run: the exact cases, the first bad inputs and one property of each part."""

import numpy as np

from autograder.checks import Broken, Exercise, Generator, Part, Tolerance, example, law, mismatch, no_more_draws, raises
from autograder.checks.statistics import departure

CLOSE = Tolerance(1e-9, 1e-12)


def close(got, want, tolerance=CLOSE):
    return mismatch(got, want, tolerance) is None


# --- mse: shift ---
def shift_inputs(rng):
    y, yhat = rng("shift").normal(size=(2, 20))
    return [(y, yhat), (y + 3.0, yhat + 3.0), (yhat, y), (2 * y, 2 * yhat)]


def shift_law(args, got, want):
    risk, shifted, swapped, doubled = got
    if not close(shifted, risk):
        return Broken("changes when y_true and y_pred move by the same constant", seen=shifted, wanted=risk)
    if not close(swapped, risk):
        return Broken("changes when y_true and y_pred are exchanged", seen=swapped, wanted=risk)
    if not close(doubled, 4 * risk):
        return Broken("does not grow four-fold when y_true and y_pred are doubled", seen=doubled, wanted=4 * risk)
    return None


# --- population_risk: floor ---
def floor_inputs(rng):
    g, d = rng("floor"), 3
    A = g.normal(size=(d, d))
    mu, beta, beta0, sigma2 = g.normal(size=d), g.normal(size=d), 0.7, 1.69
    truth = (beta, beta0, mu, A @ A.T, beta, beta0, sigma2)
    others = [(g.normal(size=d), g.normal(), mu, A @ A.T, beta, beta0, sigma2) for _ in range(20)]
    return [truth, *others]


def floor_law(args, got, want):
    sigma2 = args[0][-1]
    if not close(got[0], sigma2):
        return Broken("at the true parameters the risk is the noise, sigma2", 0, seen=got[0], wanted=sigma2)
    low = next((k for k, risk in enumerate(got) if k and not risk >= sigma2), None)
    return None if low is None else Broken(f"a wrong predictor has the risk {got[low]:.6g}, below sigma2 = {sigma2}", low)


# --- ols_fit: orth ---
def orth_inputs(rng):
    g = rng("orth")
    X = g.normal(size=(30, 3)) + 1.0
    return [(X, X @ np.array([1.0, -2.0, 0.5]) + g.normal(size=30) + 2.0)]


def orth_law(args, got, want):
    (X, y), w = args[0], got[0]
    if w.shape != (X.shape[1],):
        return Broken(f"returns shape {w.shape}, expected ({X.shape[1]},)")
    pull = np.linalg.norm(X.T @ (X @ w - y))
    limit = 1e-7 * np.linalg.norm(X) * np.linalg.norm(y)
    return None if pull <= limit else Broken(f"the residual is not orthogonal to the columns of X: |X.T @ (X @ w - y)| is {pull:.3g}")


# --- running_risk: last ---
def last_inputs(rng):
    y, yhat = rng("last").normal(size=(2, 25))
    return [(y, yhat, np.arange(1, 26))]


def last_law(args, got, want):
    y, yhat, ns = args[0]
    if got[0].shape != ns.shape:
        return Broken(f"returns shape {got[0].shape}, expected {ns.shape}")
    if not close(got[0][-1], whole := np.mean((y - yhat) ** 2)):
        return Broken("the entry for n = N is not the mean over all samples", seen=got[0][-1], wanted=whole)
    totals = ns * got[0]
    return None if np.all(np.diff(totals) >= -1e-12 * totals[-1]) else Broken("n times the risk of n samples falls somewhere")


# --- simulate_excess_risk: zero ---
def zero_inputs(rng):
    return [(6, 2, 0.0, 5, Generator((1,)))]


def zero_law(args, got, want):
    out = got[0]
    if not isinstance(out, np.ndarray) or out.shape != (5,):
        return Broken("does not return an array of shape (reps,)")
    return None if np.all(np.abs(out) <= 1e-18) else Broken("without noise OLS finds the true weights, so the excess risk is 0", seen=out, wanted=0.0)


# --- simulate_excess_risk: the exact law, where its distribution function is elementary ---
SAMPLES = (
    # n, d, sigma2, P(excess <= e) from e / sigma2: the law F(2, 10), and the law F(3, 2)
    (11, 2, 2.6, lambda e: 1 - (1 + e) ** -5.0),
    (4, 3, 0.3, lambda e: (e / (1 + e)) ** 1.5),
)


def sample_inputs(rng):
    return [(n, d, sigma2, 2000, Generator((7, n))) for n, d, sigma2, _ in SAMPLES]


def sample_law(args, got, want):
    """DKW at 1e-10 each: a right solution fails with probability below 2e-10."""
    for at, ((n, d, sigma2, cdf), sample) in enumerate(zip(SAMPLES, got, strict=True)):
        if not isinstance(sample, np.ndarray) or sample.shape != (2000,):
            return Broken("does not return an array of shape (reps,)", at)
        if off := departure(sample, lambda e, sigma2=sigma2, cdf=cdf: cdf(e / sigma2), 1e-10):
            where = f"n = {n}, d = {d}, sigma2 = {sigma2}"
            return Broken(f"the excess risks do not follow the law of the theory for {where}: {off}", at)
    return None


EXERCISE = Exercise("empirical_risk", number="E01",
    title="Empirical risk, population risk and the law of large numbers", difficulty=1, minutes=90,
    given=("np.mean((y - yhat) ** 2)",), parts=(
    Part("mse", points=4, summary="the empirical risk: mean of the squared residuals", checks=(
        example((([1, 2, 3], [1, 3, 5]), 5 / 3), ((2.0, 5.0), 9.0), (([[0, 1], [2, 3]], [[0, 0], [0, 0]]), 3.5)),
        law("shift", "is invariant to a common shift, symmetric, and quadratic in scale", shift_inputs, shift_law),
        raises(shapes=(([1, 2], [1, 2, 3]), (np.zeros((3, 1)), np.zeros(3))), undefined=(([], []),)),
    ), hints=(
        "Write down the residuals of the example by hand, and what is averaged over what.",
        "Turn both arguments into float64 arrays and compare their shapes before any arithmetic.",
        "Residuals first, then the square, then one average over all entries, whatever the number of axes.",
    )),
    Part("population_risk", points=5, summary="the exact risk of a linear predictor", checks=(
        example((([1.0], 0.0, [0.0], [[1.0]], [3.0], 0.0, 0.5), 4.5),
            (([1.0], 0.0, [2.0], [[1.0]], [3.0], 1.0, 0.5), 0.5 + 4 + 25),
            (([1.0, 2.0], 3.0, [1.0, 1.0], [[1.0, 0.0], [0.0, 4.0]], [1.0, 2.0], 3.0, 0.25), 0.25)),
        law("floor", "is never below the noise variance, and equal to it at the truth", floor_inputs, floor_law),
        raises(shapes=(([1.0], 0.0, [0.0, 1.0], [[1.0]], [1.0], 0.0, 1.0),
            ([1.0, 1.0], 0.0, [0.0, 0.0], [[1.0, 0.0]], [1.0, 1.0], 0.0, 1.0),
            ([1.0, 1.0], 0.0, [0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], [1.0], 0.0, 1.0)),
            undefined=(([1.0], 0.0, [0.0], [[1.0]], [1.0], 0.0, -1.0),)),
    ), hints=(
        "Write Y - (w.x + b) as one expression in the centred variable x - mu, the noise e and a constant.",
        "The three terms are uncorrelated. What is the second moment of each?",
        "The constant collects everything that is left when x sits at its mean and the noise is 0.",
    )),
    Part("ols_fit", points=5, summary="ordinary least squares without intercept", checks=(
        example((([[1.0], [2.0]], [1.0, 3.0]), np.array([1.4])),
            (([[1.0, 0.0], [0.0, 2.0], [0.0, 0.0]], [3.0, 4.0, 9.0]), np.array([3.0, 2.0]))),
        law("orth", "leaves a residual orthogonal to the columns of X", orth_inputs, orth_law),
        raises(shapes=(([[1.0], [2.0]], [1.0, 2.0, 3.0]), ([[1.0], [2.0]], [[1.0], [2.0]])),
            undefined=(([[1.0, 2.0, 3.0]], [1.0]),)),
    ), hints=(
        "At the minimum the gradient is zero. What does that say of the residual and the columns of X?",
        "NumPy and SciPy have solvers for exactly this problem; none of them needs a constant added to X.",
        "Check the shapes first. A matrix of n x n entries does not fit into memory for n = 50,000.",
    )),
    Part("running_risk", points=4, summary="the risk of the first n samples, for many n", checks=(
        example((([1, 2, 3], [0, 0, 0], [1, 2, 3]), np.array([1.0, 2.5, 14 / 3])),
            (([1, 2, 3], [0, 0, 0], [3, 1]), np.array([14 / 3, 1.0])), (([1.0], [0.0], []), np.zeros(0))),
        law("last", "ends at the risk of all samples; n times the risk never falls", last_inputs, last_law),
        raises(shapes=(([1.0, 2.0], [1.0], [1]),), undefined=(([1.0, 2.0], [0.0, 0.0], [1, 0]), ([1.0, 2.0], [0.0, 0.0], [-1]),
            ([1.0, 2.0], [0.0, 0.0], [3]))),
    ), hints=(
        "How does the sum for n + 1 follow from the sum for n?",
        "NumPy has a function for all partial sums at once; which of its entries belongs to n?",
        "An empty list becomes a float array; indices must be integers, and index -1 is not an error in Python.",
    )),
    Part("simulate_excess_risk", points=5, summary="the excess risk of OLS over fresh samples", checks=(
        law("zero", "is zero without noise", zero_inputs, zero_law, group="value"),
        law("sample", "follows the law of the theory on two samples (false alarm below 2e-10)", sample_inputs,
            sample_law, group="value"),
        no_more_draws("computes the excess risk: no test points are drawn", "X and e",
            ((2, 1, 1.3, 1, Generator((3,))), 4), ((3, 2, 0.7, 1, Generator((4,))), 9), ((2, 1, 2.1, 20, Generator((5,))), 80)),
        raises(undefined=((3, 3, 1.0, 10, Generator((0,))), (2, 3, 1.0, 10, Generator((0,))), (5, 2, -1.0, 10, Generator((0,))))),
    ), hints=(
        "One replication is: a new design, new noise, one fit, one number. Write that first, then repeat it.",
        "The risk is taken over a new x ~ N(0, I), not over the sample that was fitted.",
        "A batched solver (arrays with a leading axis of length reps) does all replications at once.",
    )),
    Part("sym_ols_gradient", points=2, kind="symbolic",
         summary="the gradient of the OLS loss as an array expression", hints=(
        "Differentiate the square of one residual first, then collect the samples into arrays.",
        "Write the shape of every factor under it: the answer has one entry per weight.",
        "Three checks: the sign for predictions that are too large, the factor of a square, the mean over n.",
    )),
))
