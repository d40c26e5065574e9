import numpy as np


def standardize(y):
    y = np.asarray(y, float)
    if y.size == 0 or y.ndim not in (1, 2):
        raise ValueError("y must be (n,) or (n, m), not empty")
    mean, std = y.mean(axis=0), y.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    z = (y - mean) / std
    return (z, float(mean), float(std)) if y.ndim == 1 else (z, mean, std)


def unstandardize_linear(w, b, x_mean, x_std, y_mean, y_std):
    w, x_mean, x_std = np.asarray(w, float), np.asarray(x_mean, float), np.asarray(x_std, float)
    if not w.shape == x_mean.shape == x_std.shape or np.any(x_std <= 0) or y_std <= 0:
        raise ValueError("shapes differ, or a deviation is not positive")
    w_raw = y_std * w / x_std
    return w_raw, y_mean + y_std * b - w_raw @ x_mean


def gd_linear(X, y_true, lr, steps, w0=None):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or y.shape != X.shape[:1] or y.size == 0 or lr <= 0 or steps < 0:
        raise ValueError("shapes do not fit, or lr or steps are out of range")
    n, d = X.shape
    w = np.zeros(d) if w0 is None else np.array(w0, float)
    if w.shape != (d,):
        raise ValueError("w0 does not fit")
    path = [w]
    for _ in range(steps):
        w = w - lr * 2 / n * X.T @ (X @ w - y)
        path.append(w)
    return np.array(path)


def max_stable_lr(X):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0:
        raise ValueError("X must be 2-D, not empty")
    top = np.linalg.norm(X, 2)
    return np.inf if top == 0 else len(X) / top**2


def gd_closed_form(X, y_true, lr, t):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or y.shape != X.shape[:1] or y.size == 0 or lr <= 0 or t < 0:
        raise ValueError("shapes do not fit, or lr or t are out of range")
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    keep = s > 1e-12 * s[0] if s[0] > 0 else np.zeros(len(s), bool)
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    decay = -np.expm1(t * np.log1p(-2 * lr / len(y) * s**2))
    return Vt.T @ (decay * (U.T @ y) / s)


def sym_scaled_mse():
    return "alpha**2*M"


def sym_raw_intercept():
    return "my + sy*b - sy*w*mx/sx"
