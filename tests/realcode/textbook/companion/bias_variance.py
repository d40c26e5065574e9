import numpy as np


def bias_variance(y_pred, f_true, noise_var):
    y_pred, f = np.asarray(y_pred, float), np.asarray(f_true, float)
    if y_pred.ndim != 2 or f.shape != y_pred.shape[1:] or y_pred.size == 0 or noise_var < 0:
        raise ValueError("shapes do not fit, or negative noise")
    bias2 = np.mean((y_pred.mean(axis=0) - f) ** 2)
    variance = np.mean(y_pred.var(axis=0))
    return bias2, variance, float(noise_var), bias2 + variance + noise_var


def ridge_fit(X, y_true, lam):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or y.shape != X.shape[:1] or X.size == 0 or lam < 0:
        raise ValueError("shapes do not fit, or negative lam")
    n, d = X.shape
    return np.linalg.solve(X.T @ X / n + lam * np.eye(d), X.T @ y / n)


def ridge_bias_variance(X, w_true, sigma2, lam):
    X, w = np.asarray(X, float), np.asarray(w_true, float)
    if X.ndim != 2 or w.shape != X.shape[1:] or X.size == 0 or lam <= 0 or sigma2 < 0:
        raise ValueError("shapes do not fit, or lam or sigma2 out of range")
    n, d = X.shape
    A = X.T @ X / n
    inverse = np.linalg.inv(A + lam * np.eye(d))
    shift = lam * inverse @ w
    bias2 = shift @ A @ shift
    variance = sigma2 / n * np.trace(A @ inverse @ A @ inverse)
    return bias2, variance


def simulate_shrinkage(theta, sigma2, n, c, reps, rng):
    if sigma2 < 0 or n < 1 or reps < 1:
        raise ValueError("negative variance, or no samples")
    return c * rng.normal(theta, np.sqrt(sigma2), size=(reps, n)).mean(axis=1)
