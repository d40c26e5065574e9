"""Bias and variance: Monte Carlo summaries, ridge regression and shrinkage as packages write them."""

import numpy as np

from tests.realcode.corpus import right, short, wrong


def predictions(y_pred, f_true, noise_var):
    P, f = np.asarray(y_pred, float), np.asarray(f_true, float)
    if P.ndim != 2 or P.size == 0 or f.shape != P.shape[1:] or noise_var < 0:
        raise ValueError("shapes or noise")
    return P, f


@right("bias_variance", "mlxtend: bias_variance_decomp, on deviations from the truth")
def mlxtend(y_pred, f_true, noise_var):
    P, f = predictions(y_pred, f_true, noise_var)
    main = (P - f).mean(axis=0)
    bias2, variance = np.mean(main**2), np.mean(((P - f) - main) ** 2)
    return bias2, variance, noise_var, bias2 + variance + noise_var


@wrong("bias_variance", "R users: var() divides by R - 1", "divides the variance by one draw less (ddof=1)")
def unbiased_variance(y_pred, f_true, noise_var):
    P, f = predictions(y_pred, f_true, noise_var)
    bias2 = np.mean((P - f).mean(axis=0) ** 2)
    variance = (P - f).var(axis=0, ddof=1 if len(P) > 1 else 0).mean()
    return bias2, variance, noise_var, bias2 + variance + noise_var


@wrong(
    "bias_variance",
    "bootstrap scripts: the mean over everything, then the square",
    "averages the bias before squaring it",
)
def mean_of_everything(y_pred, f_true, noise_var):
    P, f = predictions(y_pred, f_true, noise_var)
    bias2, variance = np.mean(P - f) ** 2, (P - f).var(axis=0).mean()
    return bias2, variance, noise_var, bias2 + variance + noise_var


@wrong(
    "bias_variance",
    "the axis of the points taken for that of the models",
    "averages over the points instead of the draws",
)
def other_axis(y_pred, f_true, noise_var):
    P, f = predictions(y_pred, f_true, noise_var)
    main = (P - f).mean(axis=1)
    bias2, variance = np.mean(main**2), (P - f).var(axis=1).mean()
    return bias2, variance, noise_var, bias2 + variance + noise_var


def penalised(X, y_true, lam):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or X.size == 0 or y.shape != X.shape[:1] or lam < 0:
        raise ValueError("shapes or penalty")
    return X, y, np.eye(X.shape[1])


@right("ridge_fit", "Hastie, Tibshirani and Friedman, by the normal equations of the averaged objective")
def normal_equations(X, y_true, lam):
    X, y, unit = penalised(X, y_true, lam)
    return np.linalg.solve(X.T @ X / len(y) + lam * unit, X.T @ y / len(y))


@wrong("ridge_fit", "scikit-learn: Ridge(alpha=lam), whose objective is a sum", "forgets n in front of lam")
def sklearn_alpha(X, y_true, lam):
    X, y, unit = penalised(X, y_true, lam)
    return np.linalg.lstsq(np.vstack([X, np.sqrt(lam) * unit]), np.r_[y, np.zeros(len(unit))], rcond=None)[0]


@wrong(
    "ridge_fit",
    "glmnet: 1/(2n) in front of the squares, lam/2 in front of the penalty, then lam/n by mistake",
    "divides lam by n",
)
def over_n(X, y_true, lam):
    X, y, unit = penalised(X, y_true, lam)
    return np.linalg.lstsq(np.vstack([X, np.sqrt(lam / len(y)) * unit]), np.r_[y, np.zeros(len(unit))], rcond=None)[0]


def spectrum(X, w_true, sigma2, lam):
    X, w = np.asarray(X, float), np.asarray(w_true, float)
    if X.ndim != 2 or X.size == 0 or w.shape != X.shape[1:] or sigma2 < 0 or not lam > 0:
        raise ValueError("arguments")
    n = len(X)
    G, unit = X.T @ X / n, np.eye(w.size)
    A = np.linalg.solve(G + lam * unit, unit)
    lost = lam * A @ w
    return lost @ G @ lost, A @ G, n


@right("ridge_bias_variance", "Wieringen, Lecture notes on ridge regression: moments of the estimator")
def moments(X, w_true, sigma2, lam):
    bias2, H, n = spectrum(X, w_true, sigma2, lam)
    return bias2, sigma2 * np.trace(H @ H) / n


@wrong(
    "ridge_bias_variance",
    "effective degrees of freedom: tr(H) in the place of tr(H H')",
    "takes tr(H) instead of tr(H^2)",
)
def degrees_of_freedom(X, w_true, sigma2, lam):
    bias2, H, n = spectrum(X, w_true, sigma2, lam)
    return bias2, sigma2 * np.trace(H) / n


def means(theta, sigma2, n, c, reps, rng, scale):
    if sigma2 < 0 or n < 1 or reps < 1:
        raise ValueError("arguments")
    return c * rng.normal(theta, scale, (reps, n)).mean(axis=1)


@right("simulate_shrinkage", "NumPy: rng.normal(theta, sqrt(sigma2))")
def deviation(theta, sigma2, n, c, reps, rng):
    return means(theta, sigma2, n, c, reps, rng, np.sqrt(sigma2))


@wrong("simulate_shrinkage", "NumPy tutorials: rng.normal(theta, sigma2)", "uses sigma2 as the standard deviation")
def variance_as_scale(theta, sigma2, n, c, reps, rng):
    return means(theta, sigma2, n, c, reps, rng, sigma2)


@short(
    "simulate_shrinkage",
    "scripts that make their own generator with a fixed seed",
    "draws from another generator",
    "uses a seed of its own",
)
def own_seed(theta, sigma2, n, c, reps, rng):
    return means(theta, sigma2, n, c, reps, np.random.default_rng(42), np.sqrt(sigma2))
