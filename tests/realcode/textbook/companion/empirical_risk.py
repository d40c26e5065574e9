import numpy as np


def mse(y_true, y_pred):
    y_true, y_pred = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y_true.shape != y_pred.shape or y_true.size == 0:
        raise ValueError("shapes differ, or there are no samples")
    return np.mean((y_true - y_pred) ** 2)


def population_risk(w, b, mu, Sigma, beta, beta0, sigma2):
    w, mu, Sigma, beta = (np.asarray(a, float) for a in (w, mu, Sigma, beta))
    if sigma2 < 0 or not w.shape == mu.shape == beta.shape or Sigma.shape != (w.size, w.size):
        raise ValueError("negative variance or shapes that do not fit")
    v = beta - w
    return v @ Sigma @ v + (v @ mu + beta0 - b) ** 2 + sigma2


def ols_fit(X, y):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != X.shape[:1] or X.shape[0] < X.shape[1]:
        raise ValueError("X must be (n, d) with n >= d and y (n,)")
    return np.linalg.lstsq(X, y, rcond=None)[0]


def running_risk(y_true, y_pred, ns):
    y_true, y_pred, ns = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(ns, int)
    if y_true.shape != y_pred.shape or y_true.ndim != 1 or y_true.size == 0 or ns.ndim != 1:
        raise ValueError("shapes do not fit")
    if np.any(ns < 1) or np.any(ns > y_true.size):
        raise ValueError("n out of range")
    total = np.cumsum((y_true - y_pred) ** 2)
    return total[ns - 1] / ns


def simulate_excess_risk(n, d, sigma2, reps, rng):
    if n < d + 1 or d < 1 or reps < 1 or sigma2 < 0:
        raise ValueError("n < d + 1, d < 1, reps < 1 or sigma2 < 0")
    out = np.empty(reps)
    for r in range(reps):
        X = rng.standard_normal((n, d))
        y = X @ np.ones(d) + np.sqrt(sigma2) * rng.standard_normal(n)
        w = np.linalg.lstsq(X, y, rcond=None)[0]
        out[r] = np.sum((w - 1) ** 2)
    return out


def sym_ols_gradient():
    return "2/n * X.T @ (X @ w - y)"
