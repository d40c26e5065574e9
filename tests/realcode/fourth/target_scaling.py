"""Scaling the target: a transformer's fit, loops with early returns, matrix powers, SVD by hand."""

import math
from typing import NamedTuple

import numpy as np

from tests.realcode.corpus import right, wrong


class Scaled(NamedTuple):
    z: np.ndarray
    mean: object
    std: object


def columns(y):
    y = np.array(y, dtype=np.float64)
    if y.size == 0 or y.ndim not in (1, 2):
        raise ValueError("y")
    return y


@right("standardize", "a transformer's fit and transform, as a named tuple")
def transformer(y):
    y = columns(y)
    lead = y[:1]
    shifted = y - lead
    mean = shifted.mean(axis=0)
    centred = shifted - mean
    constant = np.all(y == lead, axis=0)
    std = np.where(constant, 1.0, np.sqrt(np.mean(centred * centred, axis=0)))
    z = np.where(constant, 0.0, centred / std)
    mean = mean + lead[0]
    return Scaled(z, mean, std) if y.ndim == 2 else Scaled(z, float(mean), float(std))


@right("standardize", "a column after the other, pure Python in the middle")
def by_columns(y):
    y = columns(y)
    if y.ndim == 2:
        parts = [by_columns(column) for column in y.T]
        return np.column_stack([p[0] for p in parts]), np.array([p[1] for p in parts]), np.array([p[2] for p in parts])
    if np.all(y == y[0]):
        return np.zeros(len(y)), float(y[0]), 1.0
    mean = math.fsum(y) / len(y)
    deviations = [v - mean for v in y]
    std = math.sqrt(math.fsum(d * d for d in deviations) / len(y))
    return np.array(deviations) / std, mean, std


@wrong("standardize", "mean absolute deviation in place of the standard deviation")
def absolute_deviation(y):
    _, mean, _ = by_columns(y)
    y = columns(y)
    spread = np.mean(np.abs(y - mean), axis=0)
    spread = np.where(np.ptp(y, axis=0) == 0, 1.0, spread)
    return (y - mean) / spread, mean, spread if y.ndim == 2 else float(spread)


@wrong("standardize", "one mean and deviation for the whole table")
def whole_table(y):
    y = columns(y)
    if y.ndim == 1:
        return by_columns(y)
    z, mean, std = by_columns(y.ravel())
    return z.reshape(y.shape), np.full(y.shape[1], mean), np.full(y.shape[1], std)


@wrong("standardize", "every row on its own")
def by_rows(y):
    y = columns(y)
    if y.ndim == 1:
        return by_columns(y)
    z, mean, std = by_columns(y.T)
    return z.T, mean, std


def moments(w, b, x_mean, x_std, y_mean, y_std):
    w, m, s = (np.asarray(a, dtype=float) for a in (w, x_mean, x_std))
    if not w.shape == m.shape == s.shape or w.ndim != 1 or np.any(s <= 0) or y_std <= 0:
        raise ValueError("shapes or std")
    return w, m, s


@right("unstandardize_linear", "keywords into a helper, the intercept from the model at x = 0")
def at_zero(w, b, x_mean, x_std, y_mean, y_std):
    w, m, s = moments(w, b, x_mean, x_std, y_mean, y_std)

    def predict(*, x):
        return y_mean + y_std * (np.dot(w, (x - m) / s) + b)

    return y_std / s * w, float(predict(x=np.zeros(len(w))))


@wrong("unstandardize_linear", "multiplies by x_std instead of dividing", "multiplies by x_std instead of dividing")
def wrong_way(w, b, x_mean, x_std, y_mean, y_std):
    w, m, s = moments(w, b, x_mean, x_std, y_mean, y_std)
    raw = w * s * y_std
    return raw, float(y_mean + y_std * b - raw @ m)


@wrong("unstandardize_linear", "the intercept b is not scaled back", "forgets to rescale b")
def plain_intercept(w, b, x_mean, x_std, y_mean, y_std):
    w, m, s = moments(w, b, x_mean, x_std, y_mean, y_std)
    raw = w * y_std / s
    return raw, float(y_mean + b - raw @ m)


def problem(X, y, lr, steps):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or y.shape != X.shape[:1] or lr <= 0 or steps < 0:
        raise ValueError("shapes, lr or steps")
    return X, y


@right("gd_linear", "the affine map w -> A w + c, applied again and again")
def affine(X, y_true, lr, steps, w0=None):
    X, y = problem(X, y_true, lr, steps)
    w = np.zeros(X.shape[1]) if w0 is None else np.array(w0, dtype=float)
    if w.shape != (X.shape[1],):
        raise ValueError("w0")
    path = [w]
    while len(path) < steps + 1:
        path.append(path[-1] - lr * (2 / len(X)) * np.einsum("nd,n->d", X, X @ path[-1] - y))
    return np.stack(path)


@wrong("gd_linear", "the start is left out of the path and the last step made twice")
def shifted_path(X, y_true, lr, steps, w0=None):
    path = affine(X, y_true, lr, steps + 1, w0)
    return path[1:]


@wrong("gd_linear", "ignores w0", "ignores w0")
def ignores_start(X, y_true, lr, steps, w0=None):
    affine(X, y_true, lr, 0, w0)
    return affine(X, y_true, lr, steps)


@right("max_stable_lr", "Gram matrix of the smaller side, eigvalsh")
def smaller_gram(X):
    X = np.array(X, dtype=float)
    if X.ndim != 2:
        raise ValueError("X")
    scale = np.abs(X).max()
    if scale == 0:
        return math.inf
    A = X / scale
    G = A.T @ A if A.shape[0] >= A.shape[1] else A @ A.T
    return float(len(X) / np.linalg.eigvalsh(G)[-1] / scale / scale)


@wrong(
    "max_stable_lr", "the trace in place of the largest eigenvalue", "takes the trace instead of the largest eigenvalue"
)
def by_trace(X):
    X = np.array(X, dtype=float)
    if X.ndim != 2:
        raise ValueError("X")
    total = np.sum(X * X)
    return float(len(X) / total) if total else math.inf


@wrong("max_stable_lr", "the fastest rate, 2 / (largest + smallest)")
def fastest(X):
    X = np.array(X, dtype=float)
    if X.ndim != 2:
        raise ValueError("X")
    s = np.linalg.svd(X, compute_uv=False)
    if s[0] == 0:
        return math.inf
    return float(2 * len(X) / 2 / (s[0] ** 2 + s[-1] ** 2) * 1.0)


@right("gd_closed_form", "SVD, powers by expm1 and log1p up to half the rate and by powers beyond")
def svd_powers(X, y_true, lr, t):
    X, y = problem(X, y_true, lr, t)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    keep = s > s[0] * max(X.shape) * np.finfo(float).eps if s.size else s > 0
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    x = 2 * lr * s**2 / len(X)
    with np.errstate(all="ignore"):
        grown = np.where(x < 1, -np.expm1(t * np.log1p(-np.minimum(x, 1 - 1e-16))), 1 - (1 - x) ** t)
    grown = np.where(x == 1, float(t > 0), grown)
    return Vt.T @ (grown * (U.T @ y) / s)


@wrong("gd_closed_form", "gradient flow: exp(-2 lr t s^2/n)", "takes the exponential of continuous time")
def flow(X, y_true, lr, t):
    X, y = problem(X, y_true, lr, t)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    keep = s > s[0] * max(X.shape) * np.finfo(float).eps
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    return Vt.T @ (-np.expm1(-2 * lr * t * s**2 / len(X)) * (U.T @ y) / s)
