"""Bias and variance: NumPy statistics, loops, augmented least squares, eigenvalues by broadcasting, named tuples."""

from typing import NamedTuple

import numpy as np

from tests.realcode.corpus import right, wrong


class Decomposition(NamedTuple):
    bias2: float
    variance: float
    noise: float
    total: float


def models(y_pred, f_true, noise_var):
    P, f = np.asarray(y_pred, dtype=float), np.asarray(f_true, dtype=float)
    if P.ndim != 2 or f.shape != P.shape[1:] or noise_var < 0:
        raise ValueError("shapes or noise")
    return P, f


@right("bias_variance", "np.var and np.mean of the errors, as a named tuple")
def named_tuple(y_pred, f_true, noise_var):
    P, f = models(y_pred, f_true, noise_var)
    E = P - f
    bias2, variance = float(np.mean(np.mean(E, axis=0) ** 2)), float(np.mean(np.var(E, axis=0)))
    return Decomposition(bias2, variance, float(noise_var), bias2 + variance + noise_var)


@wrong("bias_variance", "the bias is averaged before it is squared", "averages the bias before squaring it")
def mean_bias_squared(y_pred, f_true, noise_var):
    P, f = models(y_pred, f_true, noise_var)
    E = P - f
    bias2, variance = float(np.mean(E) ** 2), float(np.mean(np.var(E, axis=0)))
    return bias2, variance, float(noise_var), bias2 + variance + noise_var


@wrong("bias_variance", "the variance over the points of a model")
def over_points(y_pred, f_true, noise_var):
    P, f = models(y_pred, f_true, noise_var)
    bias2, variance = float(np.mean((P.mean(0) - f) ** 2)), float(np.mean(np.var(P, axis=1)))
    return bias2, variance, float(noise_var), bias2 + variance + noise_var


@wrong("bias_variance", "the noise has a standard deviation: it is squared")
def noise_squared(y_pred, f_true, noise_var):
    bias2, variance, noise, _ = named_tuple(y_pred, f_true, noise_var)
    return bias2, variance, noise**2, bias2 + variance + noise**2


def ridge(X, y, lam):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.shape != X.shape[:1] or lam < 0:
        raise ValueError("shapes or lam")
    return X, y


@right("ridge_fit", "rows of sqrt(n lam) below the design")
def augmented(X, y_true, lam):
    X, y = ridge(X, y_true, lam)
    n, d = X.shape
    A = np.concatenate([X, np.sqrt(n * lam) * np.eye(d)])
    return np.linalg.lstsq(A, np.concatenate([y, np.zeros(d)]), rcond=None)[0]


@wrong("ridge_fit", "OLS, shrunk by 1 + lam", "shrinks all directions alike")
def shrunk_ols(X, y_true, lam):
    X, y = ridge(X, y_true, lam)
    return np.linalg.lstsq(X, y, rcond=None)[0] / (1 + lam)


@wrong("ridge_fit", "the first weight is an intercept and not penalised")
def first_is_free(X, y_true, lam):
    X, y = ridge(X, y_true, lam)
    n, d = X.shape
    A = np.concatenate([X, np.sqrt(n * lam) * np.eye(d)[1:]])
    return np.linalg.lstsq(A, np.concatenate([y, np.zeros(d - 1)]), rcond=None)[0]


@right("ridge_bias_variance", "thin SVD, shrinkage factors by broadcasting")
def factors(X, w_true, sigma2, lam):
    X, w = np.asarray(X, dtype=float), np.asarray(w_true, dtype=float)
    if X.ndim != 2 or w.shape != X.shape[1:] or lam <= 0:
        raise ValueError("shapes or lam")
    n = len(X)
    _, s, Vt = np.linalg.svd(X, full_matrices=False)
    lost = n * lam / (s**2 + n * lam)
    kept = s**2 / (s**2 + n * lam)
    return float(np.sum((lost * s * (Vt @ w)) ** 2) / n), float(sigma2 * np.sum(kept**2) / n)


@wrong("ridge_bias_variance", "the trace of the hat matrix in place of its square's", "takes tr(H) instead of tr(H^2)")
def trace_of_hat(X, w_true, sigma2, lam):
    bias2, _ = factors(X, w_true, sigma2, lam)
    X = np.asarray(X, dtype=float)
    s = np.linalg.svd(X, compute_uv=False)
    return bias2, float(sigma2 * np.sum(s**2 / (s**2 + len(X) * lam)) / len(X))


@wrong("ridge_bias_variance", "of the weights, not of the predictions")
def of_the_weights(X, w_true, sigma2, lam):
    factors(X, w_true, sigma2, lam)
    X, w = np.asarray(X, dtype=float), np.asarray(w_true, dtype=float)
    n, d = X.shape
    inverse = np.linalg.inv(X.T @ X / n + lam * np.eye(d))
    bias = inverse @ (X.T @ X / n) @ w - w
    return float(np.mean(bias**2)), float(sigma2 * np.trace(inverse @ (X.T @ X) @ inverse) / n**2 / d)
