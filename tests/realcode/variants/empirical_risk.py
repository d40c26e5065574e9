"""Empirical risk: what metrics modules, regression packages and course notes compute."""

import numpy as np
import scipy.linalg

from tests.realcode.corpus import right, short, wrong


def pair(y_true, y_pred):
    y, p = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y.shape != p.shape or y.size == 0:
        raise ValueError("shapes")
    return y, p


@right("mse", "scikit-learn: mean_squared_error, average of the columns' averages")
def columns_then_mean(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    if y.ndim < 2:
        y, p = y.reshape(-1, 1), p.reshape(-1, 1)
    return float(np.average(np.average((y - p) ** 2, axis=0)))


@right("mse", "TensorFlow: reduce_mean of squared_difference")
def squared_difference(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return np.mean(np.square(np.subtract(y, p)))


@wrong("mse", "Ng, Machine Learning, computeCost: 1/(2m)", "keeps the factor 1/2 of a derivation")
def half_mean(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return np.sum((p - y) ** 2) / (2 * y.size)


@wrong("mse", "Kaggle notebooks: the root of the mean", "returns the root (RMSE)")
def rmse(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return np.sqrt(((p - y) ** 2).mean())


@wrong("mse", "statsmodels: mse_resid divides by the residual degrees of freedom", "divides by n-1")
def by_degrees_of_freedom(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return ((y - p) ** 2).sum() / max(y.size - 1, 1)


@wrong("mse", "PyTorch: MSELoss(reduction='sum')", "sums instead of averaging")
def summed(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return ((y - p) ** 2).sum()


@wrong(
    "mse",
    "PyTorch forum: output of shape (n, 1) against a target of shape (n,)",
    "subtracts a row from a column: n x n residuals",
)
def column_against_row(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return ((y.reshape(-1, 1) - p.reshape(1, -1)) ** 2).mean()


@wrong("mse", "scikit-learn: mean_absolute_error", "averages absolute errors")
def absolute(y_true, y_pred):
    y, p = pair(y_true, y_pred)
    return np.abs(y - p).mean()


@right("population_risk", "Hastie, Tibshirani and Friedman: bias and variance of a linear predictor")
def trace_form(w, b, mu, Sigma, beta, beta0, sigma2):
    w, mu, S, beta = (np.asarray(a, float) for a in (w, mu, Sigma, beta))
    d = w.size
    if w.shape != (d,) or mu.shape != (d,) or beta.shape != (d,) or S.shape != (d, d) or sigma2 < 0:
        raise ValueError("shapes")
    gap = beta - w
    return sigma2 + np.trace(S @ np.outer(gap, gap)) + (mu @ gap + beta0 - b) ** 2


@wrong("population_risk", "simulation scripts: the argument sigma2 squared once more", "squares the noise variance")
def variance_squared(w, b, mu, Sigma, beta, beta0, sigma2):
    return trace_form(w, b, mu, Sigma, beta, beta0, sigma2) - sigma2 + sigma2**2


@right("ols_fit", "SciPy: linalg.lstsq")
def scipy_lstsq(X, y):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != X.shape[:1] or X.shape[0] < X.shape[1]:
        raise ValueError("shapes")
    return scipy.linalg.lstsq(X, y)[0]


@wrong(
    "ols_fit",
    "scikit-learn: LinearRegression with its default fit_intercept",
    "centres the data first",
    "adds an intercept column",
)
def with_intercept(X, y):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != X.shape[:1] or X.shape[0] < X.shape[1]:
        raise ValueError("shapes")
    return np.linalg.lstsq(X - X.mean(axis=0), y - y.mean(), rcond=None)[0]


@right("running_risk", "pandas: expanding().mean() of the squared errors")
def expanding(y_true, y_pred, ns):
    y, p, n = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(ns)
    if y.ndim != 1 or y.shape != p.shape or y.size == 0 or n.ndim != 1 or np.any(n < 1) or np.any(n > y.size):
        raise ValueError("shapes or ns")
    means = np.cumsum((y - p) ** 2) / np.arange(1, y.size + 1)
    return means[n.astype(int) - 1]


@wrong("running_risk", "online learning notes: cumulative loss", "sums instead of means")
def cumulative_loss(y_true, y_pred, ns):
    y, p, n = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(ns).astype(int)
    if y.ndim != 1 or y.shape != p.shape or y.size == 0 or n.ndim != 1 or np.any(n < 1) or np.any(n > y.size):
        raise ValueError("shapes or ns")
    return np.cumsum((y - p) ** 2)[n - 1]


@short(
    "running_risk",
    "learning-curve scripts: one mean for each n",
    "quadratic time",
    "recomputes every mean (quadratic time)",
)
def each_mean(y_true, y_pred, ns):
    y, p, n = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(ns).astype(int)
    if y.ndim != 1 or y.shape != p.shape or y.size == 0 or n.ndim != 1 or np.any(n < 1) or np.any(n > y.size):
        raise ValueError("shapes or ns")
    return np.array([np.mean((y[:k] - p[:k]) ** 2) for k in n], dtype=float)


def simulated(n, d, sigma2, reps, rng, deviation, fixed=False, training=False):
    if d < 1 or n < d + 1 or reps < 1 or sigma2 < 0:
        raise ValueError("sizes")
    out, X = np.empty(reps), rng.standard_normal((n, d))
    for i in range(reps):
        if not fixed:
            X = rng.standard_normal((n, d))
        y = X @ np.ones(d) + rng.normal(0.0, deviation, n)
        w = np.linalg.solve(X.T @ X, X.T @ y)
        out[i] = np.mean((y - X @ w) ** 2) if training else np.sum((w - 1) ** 2)
    return out


@right("simulate_excess_risk", "Shalizi, Advanced Data Analysis: a loop over samples")
def loop_over_samples(n, d, sigma2, reps, rng):
    return simulated(n, d, sigma2, reps, rng, np.sqrt(sigma2))


@wrong("simulate_excess_risk", "NumPy tutorials: rng.normal(0, sigma2)", "uses sigma2 as the standard deviation")
def variance_as_scale(n, d, sigma2, reps, rng):
    return simulated(n, d, sigma2, reps, rng, sigma2)


@wrong("simulate_excess_risk", "Monte Carlo studies with a fixed design", "draws one design X for all replications")
def fixed_design(n, d, sigma2, reps, rng):
    return simulated(n, d, sigma2, reps, rng, np.sqrt(sigma2), fixed=True)


@wrong("simulate_excess_risk", "training error reported as risk", "measures the training error")
def in_sample(n, d, sigma2, reps, rng):
    return simulated(n, d, sigma2, reps, rng, np.sqrt(sigma2), training=True)
