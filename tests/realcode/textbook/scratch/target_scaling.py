import numpy as np


def standardize(y):
    y = np.asarray(y, float)
    if y.size == 0 or y.ndim not in (1, 2):
        raise ValueError("y must be (n,) or (n, m), not empty")
    if y.ndim == 1:
        if np.all(y == y[0]):
            return np.zeros_like(y), float(y[0]), 1.0
        mean = y.mean()
        std = np.sqrt(np.mean((y - mean) ** 2))
        return (y - mean) / std, float(mean), float(std)
    columns = [standardize(column) for column in y.T]
    z, mean, std = zip(*columns)
    return np.array(z).T, np.array(mean), np.array(std)


def unstandardize_linear(w, b, x_mean, x_std, y_mean, y_std):
    w, x_mean, x_std = np.asarray(w, float), np.asarray(x_mean, float), np.asarray(x_std, float)
    if w.shape != x_mean.shape or w.shape != x_std.shape or (x_std <= 0).any() or y_std <= 0:
        raise ValueError("shapes differ, or a deviation is not positive")
    w_raw = np.array([y_std * wi / si for wi, si in zip(w, x_std)])
    return w_raw, float(y_mean + y_std * b - np.dot(w_raw, x_mean))


def gd_linear(X, y_true, lr, steps, w0=None):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or y.shape != (len(X),) or len(X) == 0 or lr <= 0 or steps < 0:
        raise ValueError("shapes do not fit, or lr or steps are out of range")
    d = X.shape[1]
    w = np.zeros(d) if w0 is None else np.array(w0, float)
    if w.shape != (d,):
        raise ValueError("w0 does not fit")
    A, c = X.T @ X / len(X), X.T @ y / len(X)
    path = np.empty((steps + 1, d))
    path[0] = w
    for t in range(steps):
        path[t + 1] = path[t] - 2 * lr * (A @ path[t] - c)
    return path


def max_stable_lr(X):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0:
        raise ValueError("X must be 2-D, not empty")
    gram = X.T @ X if X.shape[0] >= X.shape[1] else X @ X.T
    top = np.linalg.eigvalsh(gram)[-1] / len(X)
    return float(1 / top) if top > 0 else float("inf")


def gd_closed_form(X, y_true, lr, t):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or y.shape != (len(X),) or len(X) == 0 or lr <= 0 or t < 0:
        raise ValueError("shapes do not fit, or lr or t are out of range")
    lam, V = np.linalg.eigh(X.T @ X / len(X))
    c = V.T @ (X.T @ y) / len(X)
    w = np.zeros(len(lam))
    for k, value in enumerate(lam):
        if value > 1e-13 * lam[-1]:
            w[k] = -np.expm1(t * np.log1p(-2 * lr * value)) / value * c[k]
    return V @ w


def sym_scaled_mse():
    return "M*alpha^2"


def sym_raw_intercept():
    return "my + sy*(b - w*mx/sx)"
