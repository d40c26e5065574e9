"""What only the grader runs: the reference, the hidden checks, the misconceptions and the other right ways."""

import math

import numpy as np
from scipy import stats

from autograder.checks import (
    Broken, Generator, Hidden, Tolerance, corner, fast_enough, fresh_draws, law, mismatch, right, strata, usual_checks,
    wrong,
)
from autograder.checks.statistics import departure
from reference import decompositions
from reference._arrays import require

f64 = np.float64
SUMS = Tolerance(1e-9, 1e-12)
SOLVE = Tolerance(1e-8, mode="norm")  # cond(X^T X + n lam I) <= 1e5: 1e-10 for the normal equations
TRACES = Tolerance(1e-7, 1e-13)

# --- E11.1 bias_variance ---
def draw_table(g, R, n):
    return g.normal(size=(R, n)) + g.normal(size=n), g.normal(size=n), g.normal() ** 2


TABLES = strata(draw_table, (7, 5), (3, 11), (19, 2), (1, 6), (12, 1))


def draw_offset(g):
    y_pred, f_true, noise_var = g.normal(size=(15, 8)), g.normal(size=8), 0.5
    return 1e8 + y_pred, 1e8 + f_true, noise_var


def perm_inputs(rng):
    g = rng("perm")
    y_pred, f_true = g.normal(size=(7, 5)), g.normal(size=5)
    models, points = g.permutation(7), g.permutation(5)
    return [(y_pred, f_true, 0.3), (y_pred[models], f_true, 0.3), (y_pred[:, points], f_true[points], 0.3)]


def perm_law(args, got, want):
    first, models, points = got
    if mismatch(models, first, SUMS):
        return Broken("changes when the models are put in another order")
    return Broken("changes when the points are put in another order") if mismatch(points, first, SUMS) else None


def decomposed(
    y_pred, f_true, noise_var, *,
    centre=lambda D: D.mean(0),
    bias2=lambda m: np.mean(m * m),
    variance=lambda P, D, m: np.mean((D - m) ** 2),
    noise=float,
):  # fmt: skip
    """The right decomposition with one link to replace."""
    decompositions.bias_variance(y_pred, f_true, noise_var)
    P = np.asarray(y_pred, f64)
    D = P - np.asarray(f_true, f64)
    m = centre(D)
    b, v = float(bias2(m)), float(variance(P, D, m))
    return b, v, float(noise_var), b + v + noise(noise_var)


BIAS_VARIANCE = Hidden("bias_variance", reference=decompositions.bias_variance, checks=(
    *usual_checks(TABLES, tolerance=SUMS),
    corner("offset", "keeps its digits under a common offset of 1e8", draw_offset, tolerance=Tolerance(1e-5)),
    law("perm", "ignores the order of models and of points", perm_inputs, perm_law),
), misconceptions=(
    wrong("divides the variance by one draw less (ddof=1)",
        lambda *a: decomposed(*a, variance=lambda P, D, m: np.mean(np.var(P, axis=0, ddof=1)) if len(P) > 1 else 0.0),
        hint="Add bias2 and variance: is it exactly the mean squared deviation?"),
    wrong("averages the bias before squaring it", lambda *a: decomposed(*a, bias2=lambda m: np.mean(m) ** 2),
        hint="Positive and negative biases must not cancel across points."),
    wrong("averages over the points instead of the draws", lambda *a: decomposed(*a, centre=lambda D: D.mean(1, keepdims=True)),
        hint="Which axis is the training-set index?"),
    wrong("forgets the noise in the total", lambda *a: decomposed(*a, noise=lambda noise_var: 0.0),
        hint="A new observation has its own noise."),
    wrong("forgets to square the bias", lambda *a: decomposed(*a, bias2=lambda m: np.mean(np.abs(m))), hint="What unit has a bias, and what unit has a variance?"),
    wrong("takes one variance over all predictions", lambda *a: decomposed(*a, variance=lambda P, D, m: np.var(P)),
        hint="The truth varies over points; that is not estimator variance."),
    wrong("loses the variance to cancellation in E[P^2] - E[P]^2",
        lambda *a: decomposed(*a, variance=lambda P, D, m: np.mean((P**2).mean(0) - P.mean(0) ** 2)),
        hint="Add 1e8 to predictions and truth: which digits are left?"),
), alternatives=(right("np.var", lambda *a: decomposed(*a, variance=lambda P, D, m: np.mean(np.var(P, axis=0)))),))


# --- E11.2 ridge_fit ---
def draw_ridge(g, n, d, low, high):
    return g.normal(size=(n, d)), g.normal(size=n), 10 ** g.uniform(low, high)


RIDGES = strata(draw_ridge, (12, 3, -1, 0.5), (18, 5, -1, 0.5), (7, 2, -1, 0.5), (3, 6, -2, 0), (9, 1, 0, 3), (1, 4, -3, 3),
    (15, 4, -3, -2))


def optimal_inputs(rng):
    g = rng("optimal")
    return [(g.normal(size=(n, d)), g.normal(size=n), lam) for n, d, lam in ((12, 3, 0.2), (3, 6, 0.05), (8, 2, 0.0))]


def optimal_law(args, got, want):
    for at, ((X, y, lam), w) in enumerate(zip(args, got, strict=True)):
        slope = (2 / len(y)) * X.T @ (X @ w - y) + 2 * lam * w
        if not np.linalg.norm(slope) <= 1e-9 * np.linalg.norm(X) * np.linalg.norm(y) / len(y):
            return Broken("the gradient of the objective is not zero at the returned weights", at)
    return None


def penalised(X, y_true, lam):
    """Validated float64 arguments."""
    decompositions.ridge_fit(X, y_true, lam)
    return np.asarray(X, f64), np.asarray(y_true, f64), float(lam)


def stacked(X, y, root):
    """Least squares with ``root`` times the identity below X."""
    d = X.shape[1]
    return np.linalg.lstsq(np.vstack([X, root * np.eye(d)]), np.concatenate([y, np.zeros(d)]), rcond=None)[0]


def ridge(of_problem):
    return lambda *a: of_problem(*penalised(*a))


def centred(X, y, lam):
    return stacked(X - X.mean(0), y - y.mean(), math.sqrt(len(y) * lam))


def normal_equations(X, y, lam):
    return np.linalg.solve(X.T @ X + len(y) * lam * np.eye(X.shape[1]), X.T @ y)


def dual(X, y, lam):
    if lam == 0.0:
        return np.linalg.pinv(X) @ y
    return X.T @ np.linalg.solve(X @ X.T + len(y) * lam * np.eye(len(y)), y)


RIDGE = Hidden("ridge_fit", reference=decompositions.ridge_fit, checks=(
    *usual_checks(RIDGES, tolerance=SOLVE),
    law("optimal", "is a stationary point of the objective", optimal_inputs, optimal_law),
), misconceptions=(
    wrong("forgets n in front of lam", ridge(lambda X, y, lam: stacked(X, y, math.sqrt(lam))),
        hint="Multiply the objective by n."),
    wrong("divides lam by n", ridge(lambda X, y, lam: stacked(X, y, math.sqrt(lam / len(y)))), hint="Multiply the objective by n."),
    wrong("squares lam", ridge(lambda X, y, lam: stacked(X, y, math.sqrt(len(y)) * lam)),
        hint="How does the penalty of the statement depend on lam?"),
    wrong("shrinks all directions alike", ridge(lambda X, y, lam: np.linalg.lstsq(X, y, rcond=None)[0] / (1 + lam)),
        hint="Shrinkage is not uniform over directions unless X^T X is a multiple of I."),
    wrong("centres the data, so that an intercept goes unpenalised", ridge(centred), hint="Does the model of the statement have an intercept?"),
), alternatives=(right("normal equations", ridge(normal_equations)), right("dual", ridge(dual))))


# --- E11.3 ridge_bias_variance ---
def draw_design(g, n, d, low, high):
    return g.normal(size=(n, d)), g.normal(size=d), g.uniform(0.2, 3), 10 ** g.uniform(low, high)


DESIGNS = strata(draw_design, (12, 3, -1, 0.5), (20, 5, -1, 0.5), (7, 2, -1, 0.5), (3, 5, -2, 1), (9, 1, 0, 3), (24, 4, -3, -2))


def draw_tall(g):
    return g.normal(size=(50_000, 4)), g.normal(size=4), 1.5, 0.3


def monotone_inputs(rng):
    g = rng("monotone")
    X, w = g.normal(size=(15, 4)), g.normal(size=4)
    return [*((X, w, 1.3, 10.0**k) for k in range(-5, 6)), (X, w, 0.0, 1.0)]


def monotone_law(args, got, want):
    biases, variances = np.array(got[:-1], f64).T
    if got[-1][1] != 0:
        return Broken("without noise there is no variance")
    if not np.all(np.diff(biases) > 0):
        return Broken("bias2 does not grow with lam")
    return None if np.all(np.diff(variances) < 0) else Broken("the variance does not fall with lam")


def spectral(
    X, w_true, sigma2, lam, *,
    penalty=lambda n, lam: n * lam,
    bias=lambda s, h, v: (1 - h) * s * v,
    trace=lambda h: np.sum(h * h),
    mean=lambda total, n: total / n,
):  # fmt: skip
    """The right answer from the singular values, with one link to replace."""
    decompositions.ridge_bias_variance(X, w_true, sigma2, lam)
    X = np.asarray(X, f64)
    _, s, Vt = np.linalg.svd(X, full_matrices=False)
    h = s * s / (s * s + penalty(len(X), lam))
    b = bias(s, h, Vt @ np.asarray(w_true, f64))
    return float(mean(b @ b, len(X))), float(mean(sigma2 * trace(h), len(X)))


@wrong("ridge_bias_variance", "builds the n x n hat matrix", hint="tr(H^2) only needs d numbers.")
def dense_hat(X, w_true, sigma2, lam):
    X, w = np.asarray(X, f64), np.asarray(w_true, f64)
    require(X.ndim == 2 and X.size > 0 and w.shape == (X.shape[1],) and lam > 0 and sigma2 >= 0, "arguments")
    n, d = X.shape
    H = X @ np.linalg.inv(X.T @ X + n * lam * np.eye(d)) @ X.T
    b = H @ (X @ w) - X @ w
    return float(b @ b / n), float(sigma2 * np.sum(H * H) / n)


@right("ridge_bias_variance", "Gram matrices")
def gram(X, w_true, sigma2, lam):
    decompositions.ridge_bias_variance(X, w_true, sigma2, lam)
    X, w = np.asarray(X, f64), np.asarray(w_true, f64)
    n, d = X.shape
    G = X.T @ X
    A = np.linalg.solve(G + n * lam * np.eye(d), np.eye(d))
    # (H - I) X w = -n lam X A w
    lost = n * lam * (A @ w)
    return float(lost @ G @ lost / n), float(sigma2 * np.trace(A @ G @ A @ G) / n)


RIDGE_BIAS = Hidden("ridge_bias_variance", reference=decompositions.ridge_bias_variance, checks=(
    *usual_checks(DESIGNS, tolerance=TRACES),
    law("monotone", "has a bias that grows and a variance that falls with lam", monotone_inputs, monotone_law),
    fast_enough(draw_tall, "50,000 design points", tolerance=TRACES),
), misconceptions=(
    wrong("takes tr(H) instead of tr(H^2)", lambda *a: spectral(*a, trace=np.sum), hint="The covariance matrix of H e is sigma2 H H^T: what is its trace?"),
    wrong("takes the bias of the weights instead of the predictions", lambda *a: spectral(*a, bias=lambda s, h, v: (1 - h) * v),
        hint="The bias of which quantity is asked, the weights or the predictions?"),
    wrong("forgets n in front of lam", lambda *a: spectral(*a, penalty=lambda n, lam: lam),
        hint="Is lam the same number here as in ridge_fit?"),
    wrong("sums over the points instead of averaging", lambda *a: spectral(*a, mean=lambda total, n: total),
        hint="Average over the n design points."),
))


# --- E11.4 simulate_shrinkage ---
SETTINGS = ((3.1, 4.2, 7, 0.6), (-1.2, 0.23, 1, 1.5))


def law_inputs(rng):
    return [(*setting, 4000, Generator((20240, k))) for k, setting in enumerate(SETTINGS)]


def law_law(args, got, want):
    """DKW at 1e-10 each: a right solution fails with probability below 2e-10."""
    for at, ((theta, sigma2, n, c, reps, _), sample) in enumerate(zip(args, got, strict=True)):
        if sample.shape != (reps,):
            return Broken("does not return an array of shape (reps,)", at)
        law = stats.norm(c * theta, abs(c) * math.sqrt(sigma2 / n)).cdf
        if off := departure(np.asarray(sample), law, 1e-10):
            where = f"mean c theta and variance c^2 sigma2 / n (theta = {theta}, sigma2 = {sigma2}, n = {n}, c = {c})"
            return Broken(f"the replications do not follow the normal law with {where}: {off}", at)
    return None


@right("simulate_shrinkage", "observation by observation")
def simulate(
    theta, sigma2, n, c, reps, rng, *,
    scale=math.sqrt, drawn=lambda n: n, gather=lambda y: y.mean(1), shrink=lambda theta, noise, c: c * (theta + noise),
):  # fmt: skip
    """The right simulation, observation by observation, with one link to replace."""
    require(sigma2 >= 0 and n >= 1 and reps >= 1, "arguments")
    return shrink(theta, scale(sigma2) * gather(rng.normal(size=(reps, drawn(n)))), c)


@wrong("simulate_shrinkage", "sums the observations instead of averaging", hint="Does c multiply the sum of the observations or their mean?")
def summed(theta, sigma2, n, c, reps, rng):
    require(sigma2 >= 0 and n >= 1 and reps >= 1, "arguments")
    return c * (theta + math.sqrt(sigma2) * rng.normal(size=(reps, n))).sum(1)


@right("simulate_shrinkage", "draw the mean directly")
def drawn_directly(theta, sigma2, n, c, reps, rng):
    require(sigma2 >= 0 and n >= 1 and reps >= 1, "arguments")
    return rng.normal(c * theta, abs(c) * math.sqrt(sigma2 / n), size=reps)


SHRINKAGE = Hidden("simulate_shrinkage", reference=decompositions.simulate_shrinkage, checks=(
    law("law", "follows the exact law (false alarm below 2e-10)", law_inputs, law_law, group="value"),
    fresh_draws(lambda reps, generator: (1.0, 2.0, 5, 0.8, reps, generator)),
), misconceptions=(
    wrong("uses sigma2 as the standard deviation", lambda *a: simulate(*a, scale=float), hint="Does the scale of a normal generator mean a variance or a standard deviation?"),
    wrong("shrinks the noise only", lambda *a: simulate(*a, shrink=lambda theta, noise, c: theta + c * noise),
        hint="Shrinkage towards 0 moves the centre: that is the bias."),
    wrong("shrinks one draw instead of the mean of n", lambda *a: simulate(*a, drawn=lambda n: 1), hint="What is the variance of a mean of n values?"),
    wrong("draws from NumPy's global generator", lambda theta, sigma2, n, c, reps, rng: simulate(theta, sigma2, n, c, reps, np.random),
        hint="Call it twice with equal generators: are the results equal?"),
    wrong("uses a seed of its own",
        lambda theta, sigma2, n, c, reps, rng: simulate(theta, sigma2, n, c, reps, np.random.default_rng(0)),
        hint="Call it with two different generators: do the results differ?"),
))
