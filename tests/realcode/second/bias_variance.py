"""Bias and variance: mlxtend's decomposition, scikit-learn's and statsmodels' ridge."""

import numpy as np
from scipy import linalg

from tests.realcode.corpus import right, short, wrong


def table(y_pred, f_true, noise_var):
    P, f = np.asarray(y_pred, float), np.asarray(f_true, float)
    if P.ndim != 2 or f.shape != P.shape[1:] or noise_var < 0:
        raise ValueError("shapes or noise")
    return P, f


@right("bias_variance", "einsum over errors instead of predictions")
def by_errors(y_pred, f_true, noise_var):
    P, f = table(y_pred, f_true, noise_var)
    error = P - f
    bias = np.einsum("rn->n", error) / len(P)
    spread = error - bias
    bias2 = float(np.einsum("n,n->", bias, bias)) / f.size
    variance = float(np.einsum("rn,rn->", spread, spread)) / P.size
    return bias2, variance, float(noise_var), bias2 + variance + noise_var


@right("bias_variance", "a student's loops over points and models")
def loops(y_pred, f_true, noise_var):
    P, f = table(y_pred, f_true, noise_var)
    R, n = P.shape
    bias2 = variance = 0.0
    for i in range(n):
        mean = sum(P[r, i] for r in range(R)) / R
        bias2 += (mean - f[i]) ** 2 / n
        variance += sum((P[r, i] - mean) ** 2 for r in range(R)) / R / n
    return float(bias2), float(variance), float(noise_var), float(bias2 + variance + noise_var)


@wrong(
    "bias_variance",
    "mlxtend: bias is loss minus variance, without the noise in the total",
    "forgets the noise in the total",
)
def total_without_noise(y_pred, f_true, noise_var):
    bias2, variance, noise, _ = by_errors(y_pred, f_true, noise_var)
    return bias2, variance, noise, bias2 + variance


@wrong("bias_variance", "squared errors averaged before the models are: the whole error is called bias")
def mean_square_as_bias(y_pred, f_true, noise_var):
    P, f = table(y_pred, f_true, noise_var)
    bias2, variance = float(np.mean((P - f) ** 2)), float(np.mean(np.var(P, axis=0)))
    return bias2, variance, float(noise_var), bias2 + variance + noise_var


@wrong("bias_variance", "pandas: DataFrame.var divides by R - 1", "divides the variance by one draw less (ddof=1)")
def pandas_variance(y_pred, f_true, noise_var):
    P, f = table(y_pred, f_true, noise_var)
    bias2 = float(np.mean((P.mean(0) - f) ** 2))
    variance = float(np.mean(np.sum((P - P.mean(0)) ** 2, axis=0) / max(len(P) - 1, 1)))
    return bias2, variance, float(noise_var), bias2 + variance + noise_var


def design(X, y, lam):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != (len(X),) or lam < 0:
        raise ValueError("shapes or penalty")
    return X, y


@right("ridge_fit", "least squares on rows that are appended for the penalty")
def augmented(X, y_true, lam):
    X, y = design(X, y_true, lam)
    n, d = X.shape
    return np.linalg.lstsq(np.vstack([X, np.sqrt(n * lam) * np.eye(d)]), np.append(y, np.zeros(d)), rcond=None)[0]


@right("ridge_fit", "SVD with shrunken reciprocals, as scikit-learn's solver 'svd'")
def singular_values(X, y_true, lam):
    X, y = design(X, y_true, lam)
    U, s, Vt = linalg.svd(X, full_matrices=False)
    return Vt.T @ (s / (s**2 + len(X) * lam) * (U.T @ y))


@wrong("ridge_fit", "scikit-learn: Ridge(alpha=lam, fit_intercept=False)", "forgets n in front of lam")
def sklearn_alpha(X, y_true, lam):
    X, y = design(X, y_true, lam)
    return np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)


@wrong(
    "ridge_fit",
    "an intercept by centring, as fit_intercept=True does",
    "centres the data, so that an intercept goes unpenalised",
)
def centred(X, y_true, lam):
    X, y = design(X, y_true, lam)
    return augmented(X - X.mean(0), y - y.mean(), lam if lam > 0 else 1e-12)


def fixed_design(X, w_true, sigma2, lam):
    X, w = np.asarray(X, float), np.asarray(w_true, float)
    if X.ndim != 2 or w.shape != X.shape[1:] or not lam > 0:
        raise ValueError("shapes or penalty")
    return X, w


@right("ridge_bias_variance", "The Elements of Statistical Learning: shrinkage along singular vectors")
def along_singular_vectors(X, w_true, sigma2, lam):
    X, w = fixed_design(X, w_true, sigma2, lam)
    n = len(X)
    _U, s, Vt = np.linalg.svd(X, full_matrices=False)
    shrink = s**2 / (s**2 + n * lam)
    return float(np.sum(((1 - shrink) * s * (Vt @ w)) ** 2) / n), float(sigma2 * np.sum(shrink**2) / n)


@right("ridge_bias_variance", "solve with the d x d matrix; the trace as a sum of products")
def small_matrix(X, w_true, sigma2, lam):
    X, w = fixed_design(X, w_true, sigma2, lam)
    n, d = X.shape
    S = X.T @ X / n
    A = np.linalg.solve(S + lam * np.eye(d), np.eye(d))
    lost = lam * (A @ w)
    return float(lost @ S @ lost), float(sigma2 / n * np.trace(A @ S @ A @ S))


@wrong("ridge_bias_variance", "tr(H) in place of tr(H H): the degrees of freedom", "takes tr(H) instead of tr(H^2)")
def degrees_of_freedom(X, w_true, sigma2, lam):
    X, w = fixed_design(X, w_true, sigma2, lam)
    n, d = X.shape
    S = X.T @ X / n
    A = np.linalg.inv(S + lam * np.eye(d))
    lost = lam * (A @ w)
    return float(lost @ S @ lost), float(sigma2 / n * np.trace(A @ S))


@right("simulate_shrinkage", "the law of the mean, drawn at once")
def drawn_means(theta, sigma2, n, c, reps, rng):
    if sigma2 < 0:
        raise ValueError("sigma2")
    return c * rng.normal(theta, np.sqrt(sigma2 / n), reps)


@wrong("simulate_shrinkage", "rng.normal with the variance as scale", "uses sigma2 as the standard deviation")
def sigma_as_scale(theta, sigma2, n, c, reps, rng):
    if sigma2 < 0:
        raise ValueError("sigma2")
    return np.array([c * np.mean(rng.normal(loc=theta, scale=sigma2, size=n)) for _ in range(reps)])


@short(
    "simulate_shrinkage",
    "scripts that make a generator of their own",
    "equal generators give equal results, but not rng's",
    "uses a seed of its own",
)
def own_generator(theta, sigma2, n, c, reps, rng):
    if sigma2 < 0:
        raise ValueError("sigma2")
    rng = np.random.default_rng(42)
    return c * rng.normal(theta, np.sqrt(sigma2), size=(reps, n)).mean(axis=1)
