import numpy as np


def _sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def _value(z, kind):
    if kind == "linear":
        return z
    if kind == "tanh":
        return np.tanh(z)
    return _sigmoid(z) if kind == "sigmoid" else np.maximum(z, 0.0)


def activation_derivative(z, kind):
    z = np.asarray(z, float)
    if kind not in ("linear", "tanh", "sigmoid", "relu"):
        raise ValueError("unknown kind")
    if kind == "linear":
        return np.ones_like(z)
    if kind == "tanh":
        return 1 - np.tanh(z) ** 2
    if kind == "sigmoid":
        s = _sigmoid(z)
        return s * (1 - s)
    return (z > 0).astype(float)


def output_delta(z, y_true, kind):
    z, y = np.asarray(z, float), np.asarray(y_true, float)
    if z.shape != y.shape:
        raise ValueError("shapes differ")
    slope = activation_derivative(z, kind)
    return (_value(z, kind) - y) * slope


def gd_preactivation(z0, y_true, kind, lr, steps):
    if kind not in ("linear", "tanh", "sigmoid", "relu") or lr <= 0 or steps < 0:
        raise ValueError("unknown kind, or lr or steps out of range")
    path = np.empty(steps + 1)
    path[0] = z0
    for t in range(steps):
        path[t + 1] = path[t] - lr * output_delta(path[t], y_true, kind)
    return path


def saturation_point(y_true, tol):
    if y_true < 1 or tol <= 0:
        raise ValueError("y_true below 1 or tol not positive")
    if tol >= y_true:
        return 0.0
    low, high = 0.0, 400.0
    for _ in range(200):
        z = (low + high) / 2
        if (y_true - np.tanh(z)) * (1 - np.tanh(z) ** 2) > tol:
            low = z
        else:
            high = z
    return high


def dead_units(X, W, b):
    X, W, b = np.asarray(X, float), np.asarray(W, float), np.asarray(b, float)
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[1] or b.shape != W.shape[:1] or len(X) == 0:
        raise ValueError("shapes do not fit")
    return np.all(X @ W.T + b <= 0, axis=0)
