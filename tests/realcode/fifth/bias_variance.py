"""Bias and variance: the statistics module, divisors without a guard, arrays for tuples, columns, generators."""

import math
import statistics

import numpy as np

from tests.realcode.corpus import form, right, wrong


def models(y_pred, f_true, noise_var):
    P, f = np.asarray(y_pred, dtype=float), np.asarray(f_true, dtype=float)
    if P.ndim != 2 or f.shape != P.shape[1:] or noise_var < 0:
        raise ValueError("shapes or noise")
    return P, f


def summed(bias2, variance, noise):
    return bias2, variance, noise, bias2 + variance + noise


@right("bias_variance", "the statistics module, point by point")
def by_statistics(y_pred, f_true, noise_var):
    P, f = models(y_pred, f_true, noise_var)
    E = (P - f).T.tolist()
    bias2 = statistics.fmean(statistics.fmean(e) ** 2 for e in E)
    return summed(bias2, statistics.fmean(statistics.pvariance(e) for e in E), float(noise_var))


@wrong("bias_variance", "ddof=1, whatever the number of models", "divides the variance by one draw less (ddof=1)")
def sample_variance(y_pred, f_true, noise_var):
    P, f = models(y_pred, f_true, noise_var)
    E = P - f
    with np.errstate(all="ignore"):
        deviations = np.sum((E - E.mean(0)) ** 2, axis=0) / np.float64(len(E) - 1)
    return summed(float(np.mean(E.mean(0) ** 2)), float(deviations.mean()), float(noise_var))


@wrong("bias_variance", "statistics.variance, which asks for two", "divides the variance by one draw less (ddof=1)")
def statistics_variance(y_pred, f_true, noise_var):
    P, f = models(y_pred, f_true, noise_var)
    E = (P - f).T.tolist()
    bias2 = statistics.fmean(statistics.fmean(e) ** 2 for e in E)
    return summed(bias2, statistics.fmean(statistics.variance(e) for e in E), float(noise_var))


@form("bias_variance", "an array of the four")
def as_array(y_pred, f_true, noise_var):
    P, f = models(y_pred, f_true, noise_var)
    E = P - f
    return np.array(summed(np.mean(E.mean(0) ** 2), np.mean(E.var(0)), noise_var), dtype=float)


def ridge(X, y, lam):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.shape != X.shape[:1] or lam < 0:
        raise ValueError("shapes or lam")
    return X, y


@right("ridge_fit", "the dual form: n unknowns where n < d")
def dual(X, y_true, lam):
    X, y = ridge(X, y_true, lam)
    n, d = X.shape
    if n >= d:
        return np.linalg.solve(X.T @ X + n * lam * np.eye(d), X.T @ y)
    return X.T @ np.linalg.solve(X @ X.T + n * lam * np.eye(n), y)


@wrong("ridge_fit", "a column of targets gives a column of weights")
def column(X, y_true, lam):
    X, y = ridge(X, y_true, lam)
    n, d = X.shape
    return np.linalg.solve(X.T @ X + n * lam * np.eye(d), X.T @ y[:, None])


@wrong("ridge_fit", "lasso's soft threshold of least squares")
def soft_threshold(X, y_true, lam):
    X, y = ridge(X, y_true, lam)
    w = np.linalg.lstsq(X, y, rcond=None)[0]
    return np.sign(w) * np.maximum(np.abs(w) - lam, 0.0)


@right("simulate_shrinkage", "np.fromiter over a generator of means")
def from_iterator(theta, sigma2, n, c, reps, rng):
    if sigma2 < 0:
        raise ValueError("sigma2")
    draws = (c * (theta + math.sqrt(sigma2 / n) * rng.standard_normal()) for _ in range(reps))
    return np.fromiter(draws, dtype=float, count=reps)


@wrong("simulate_shrinkage", "the standard error as sqrt(sigma2) / n")
def over_n(theta, sigma2, n, c, reps, rng):
    if sigma2 < 0:
        raise ValueError("sigma2")
    return c * rng.normal(theta, math.sqrt(sigma2) / n, size=reps)


@form("simulate_shrinkage", "a list of means")
def listed(theta, sigma2, n, c, reps, rng):
    if sigma2 < 0:
        raise ValueError("sigma2")
    return [c * float(np.mean(rng.normal(theta, math.sqrt(sigma2), size=n))) for _ in range(reps)]
