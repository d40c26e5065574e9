import numpy as np


def bias_variance(y_pred, f_true, noise_var):
    y_pred, f = np.asarray(y_pred, float), np.asarray(f_true, float)
    if y_pred.ndim != 2 or f.shape != (y_pred.shape[1],) or y_pred.size == 0 or noise_var < 0:
        raise ValueError("shapes do not fit, or negative noise")
    bias2 = variance = 0.0
    R, n = y_pred.shape
    for i in range(n):
        errors = y_pred[:, i] - f[i]
        mean = errors.sum() / R
        bias2 += mean**2 / n
        variance += ((errors - mean) ** 2).sum() / R / n
    return bias2, variance, float(noise_var), bias2 + variance + noise_var


def ridge_fit(X, y_true, lam):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or y.shape != (X.shape[0],) or X.size == 0 or lam < 0:
        raise ValueError("shapes do not fit, or negative lam")
    n, d = X.shape
    augmented = np.vstack([X, np.sqrt(n * lam) * np.eye(d)])
    return np.linalg.lstsq(augmented, np.concatenate([y, np.zeros(d)]), rcond=None)[0]


def ridge_bias_variance(X, w_true, sigma2, lam):
    X, w = np.asarray(X, float), np.asarray(w_true, float)
    if X.ndim != 2 or w.shape != (X.shape[1],) or X.size == 0 or lam <= 0 or sigma2 < 0:
        raise ValueError("shapes do not fit, or lam or sigma2 out of range")
    n = len(X)
    _, s, Vt = np.linalg.svd(X, full_matrices=False)
    shrink = s**2 / (s**2 + n * lam)
    bias = s * (1 - shrink) * (Vt @ w)
    return float(bias @ bias / n), float(sigma2 * (shrink**2).sum() / n)


def simulate_shrinkage(theta, sigma2, n, c, reps, rng):
    if sigma2 < 0 or n < 1 or reps < 1:
        raise ValueError("negative variance, or no samples")
    return c * (theta + np.sqrt(sigma2 / n) * rng.standard_normal(reps))
