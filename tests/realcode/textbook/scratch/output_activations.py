import numpy as np
from scipy.special import expit

KINDS = ("linear", "tanh", "sigmoid", "relu")


def activation_derivative(z, kind):
    z = np.asarray(z, float)
    if kind not in KINDS:
        raise ValueError("unknown kind")
    if kind == "linear":
        return np.ones(z.shape)
    if kind == "relu":
        return np.where(z > 0, 1.0, 0.0)
    if kind == "sigmoid":
        return expit(z) * expit(-z)
    q = np.exp(-2 * np.abs(z))
    return 4 * q / (1 + q) ** 2


def output_delta(z, y_true, kind):
    z, y = np.asarray(z, float), np.asarray(y_true, float)
    if z.shape != y.shape or kind not in KINDS:
        raise ValueError("shapes differ or unknown kind")
    f = {"linear": lambda u: u, "tanh": np.tanh, "sigmoid": expit, "relu": lambda u: np.maximum(u, 0)}[kind]
    return (f(z) - y) * activation_derivative(z, kind)


def gd_preactivation(z0, y_true, kind, lr, steps):
    if kind not in KINDS or lr <= 0 or steps < 0:
        raise ValueError("unknown kind, or lr or steps out of range")
    z, path = float(z0), [float(z0)]
    for _ in range(steps):
        z = z - lr * float(output_delta(z, y_true, kind))
        path.append(z)
    return np.array(path)


def saturation_point(y_true, tol):
    if y_true < 1 or tol <= 0:
        raise ValueError("y_true below 1 or tol not positive")

    def signal(z):
        q = np.exp(-2 * z)
        return (y_true - 1 + 2 * q / (1 + q)) * 4 * q / (1 + q) ** 2

    if signal(0.0) <= tol:
        return 0.0
    low, high = 0.0, 1.0
    while signal(high) > tol:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if signal(middle) > tol else (low, middle)
    return high


def dead_units(X, W, b):
    X, W, b = np.asarray(X, float), np.asarray(W, float), np.asarray(b, float)
    if X.ndim != 2 or W.ndim != 2 or X.shape[1] != W.shape[1] or b.shape != (len(W),) or len(X) == 0:
        raise ValueError("shapes do not fit")
    return np.array([(X @ W[j] + b[j]).max() <= 0 for j in range(len(W))], dtype=bool)
