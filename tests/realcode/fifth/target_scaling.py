"""Scaling: keepdims, sample deviations, rounding in std == 0, paths in one array, integer starts."""

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def column(y):
    a = np.asarray(y, dtype=float)
    if a.ndim not in (1, 2) or a.size == 0:
        raise ValueError("shape")
    return a


@right("standardize", "np.ptp decides on constants")
def by_ptp(y):
    a = column(y)
    same = np.ptp(a, axis=0) == 0
    mean = np.where(same, a[0], a.mean(axis=0))
    std = np.where(same, 1.0, a.std(axis=0))
    z = np.where(same, 0.0, (a - mean) / std)
    return (z, float(mean), float(std)) if a.ndim == 1 else (z, mean, std)


@form("standardize", "keepdims: mean and deviation of shape (1,) or (1, m)")
def kept_axes(y):
    a = column(y)
    z, mean, std = by_ptp(a)
    return z, np.atleast_1d(mean), np.atleast_1d(std)


@wrong("standardize", "the deviation of a sample, as in a spreadsheet", "divides by n-1 (ddof=1)")
def sample_deviation(y):
    a = column(y)
    mean = a.mean(axis=0)
    with np.errstate(all="ignore"):
        std = np.sqrt(((a - mean) ** 2).sum(axis=0) / np.float64(len(a) - 1))
    std = np.where(np.ptp(a, axis=0) == 0, 1.0, std)
    z = np.where(np.ptp(a, axis=0) == 0, 0.0, (a - mean) / std)
    return (z, float(mean), float(std)) if a.ndim == 1 else (z, mean, std)


@short(
    "standardize",
    "std == 0",
    "equal entries whose mean is rounded",
    "finds constants by std == 0, which rounding defeats",
)
def exact_zero(y):
    a = column(y)
    mean, std = a.mean(axis=0), a.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    z = (a - mean) / std
    return (z, float(mean), float(std)) if a.ndim == 1 else (z, mean, std)


@wrong("standardize", "median and interquartile range")
def robust(y):
    a = column(y)
    low, mean, high = np.percentile(a, [25, 50, 75], axis=0)
    std = np.where(high == low, 1.0, high - low)
    z = (a - mean) / std
    return (z, float(mean), float(std)) if a.ndim == 1 else (z, mean, std)


def problem(X, y_true, lr):
    A, y = np.asarray(X, dtype=float), np.asarray(y_true, dtype=float)
    if A.ndim != 2 or y.shape != A.shape[:1] or lr <= 0:
        raise ValueError("shapes or lr")
    return A, y


@right("gd_linear", "rows of one array, the next from the last")
def rows(X, y_true, lr, steps, w0=None):
    A, y = problem(X, y_true, lr)
    path = np.zeros((steps + 1, A.shape[1]))
    if w0 is not None:
        if np.shape(w0) != (A.shape[1],):
            raise ValueError("w0")
        path[0] = w0
    for t in range(steps):
        path[t + 1] = path[t] - lr * 2 / len(y) * (A.T @ (A @ path[t] - y))
    return path


@form("gd_linear", "a list of rows")
def listed(X, y_true, lr, steps, w0=None):
    return [list(map(float, row)) for row in rows(X, y_true, lr, steps, w0)]


@wrong("gd_linear", "one array that is updated in place and stored every time")
def same_array(X, y_true, lr, steps, w0=None):
    A, y = problem(X, y_true, lr)
    if w0 is not None and np.shape(w0) != (A.shape[1],):
        raise ValueError("w0")
    w = np.zeros(A.shape[1]) if w0 is None else np.array(w0, dtype=float)
    path = [w]
    for _ in range(steps):
        w -= lr * 2 / len(y) * (A.T @ (A @ w - y))
        path.append(w)
    return np.array(path)


@short("gd_linear", "starts at w0 itself and changes it", "unchanged arguments", "changes the caller's w0")
def start_changed(X, y_true, lr, steps, w0=None):
    A, y = problem(X, y_true, lr)
    if w0 is not None and np.shape(w0) != (A.shape[1],):
        raise ValueError("w0")
    w = np.zeros(A.shape[1]) if w0 is None else np.asarray(w0, dtype=float)
    path = [w.copy()]
    for _ in range(steps):
        w -= lr * 2 / len(y) * (A.T @ (A @ w - y))
        path.append(w.copy())
    return np.array(path)


@right("max_stable_lr", "the spectral norm")
def spectral(X):
    A = np.asarray(X, dtype=float)
    if A.ndim != 2:
        raise ValueError("X")
    s = np.linalg.norm(A, 2)
    return float(len(A) / s / s) if s else np.inf


@wrong("max_stable_lr", "the Frobenius norm", "takes the trace instead of the largest eigenvalue")
def frobenius(X):
    A = np.asarray(X, dtype=float)
    if A.ndim != 2:
        raise ValueError("X")
    s = np.linalg.norm(A)
    return float(len(A) / s / s) if s else np.inf
