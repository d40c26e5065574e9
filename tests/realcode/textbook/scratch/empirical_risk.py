import math

import numpy as np
from scipy import linalg


def mse(y_true, y_pred):
    y_true, y_pred = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y_true.shape != y_pred.shape or y_true.size == 0:
        raise ValueError("shapes differ, or there are no samples")
    difference = (y_true - y_pred).ravel()
    return float(difference @ difference / difference.size)


def population_risk(w, b, mu, Sigma, beta, beta0, sigma2):
    w, mu, Sigma, beta = (np.asarray(a, float) for a in (w, mu, Sigma, beta))
    d = len(w)
    if sigma2 < 0 or mu.shape != (d,) or beta.shape != (d,) or Sigma.shape != (d, d):
        raise ValueError("negative variance or shapes that do not fit")
    risk = sigma2 + (sum((beta[i] - w[i]) * mu[i] for i in range(d)) + beta0 - b) ** 2
    for i in range(d):
        for j in range(d):
            risk += (beta[i] - w[i]) * Sigma[i, j] * (beta[j] - w[j])
    return float(risk)


def ols_fit(X, y):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != (X.shape[0],) or X.shape[0] < X.shape[1]:
        raise ValueError("X must be (n, d) with n >= d and y (n,)")
    Q, R = linalg.qr(X, mode="economic")
    return linalg.solve_triangular(R, Q.T @ y)


def running_risk(y_true, y_pred, ns):
    y_true, y_pred, ns = np.asarray(y_true, float), np.asarray(y_pred, float), np.asarray(ns, int)
    if y_true.shape != y_pred.shape or y_true.ndim != 1 or len(y_true) == 0 or ns.ndim != 1:
        raise ValueError("shapes do not fit")
    sums = [0.0]
    for e in y_true - y_pred:
        sums.append(sums[-1] + e * e)
    risks = np.empty(len(ns))
    for j, n in enumerate(ns.tolist()):
        if not 1 <= n <= len(y_true):
            raise ValueError("n out of range")
        risks[j] = sums[n] / n
    return risks


def simulate_excess_risk(n, d, sigma2, reps, rng):
    if n < d + 1 or d < 1 or reps < 1 or sigma2 < 0:
        raise ValueError("n < d + 1, d < 1, reps < 1 or sigma2 < 0")
    risks = []
    for _ in range(reps):
        X = rng.normal(size=(n, d))
        e = rng.normal(0.0, math.sqrt(sigma2), size=n)
        w = np.linalg.solve(X.T @ X, X.T @ (X.sum(axis=1) + e))
        risks.append(float(((w - 1) ** 2).sum()))
    return np.array(risks)


def sym_ols_gradient():
    return "(2/n)*(X.T@X@w - X.T@y)"
