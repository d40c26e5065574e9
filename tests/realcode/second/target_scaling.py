"""Scaling: scikit-learn's scalers, statsmodels' back-transformations, course code on learning rates."""

import numpy as np
from scipy import linalg

from tests.realcode.corpus import right, short, wrong


def targets(y):
    y = np.asarray(y, float)
    if y.ndim not in (1, 2) or y.size == 0:
        raise ValueError("y")
    return y


def as_given(value):
    return float(value) if np.ndim(value) == 0 else value


@right("standardize", "constant columns found by comparison with the first row")
def first_row(y):
    y = targets(y)
    constant = np.all(y == y[0], axis=0)
    mean = np.where(constant, y[0], y[0] + np.mean(y - y[0], axis=0))
    centred = y - mean
    std = np.where(constant, 1.0, np.sqrt(np.mean(centred**2, axis=0)))
    return centred / std, as_given(mean), as_given(std)


@right("standardize", "np.ptp == 0 for constants")
def ptp(y):
    y = targets(y)
    constant = np.ptp(y, axis=0) == 0
    mean = np.where(constant, y[0], y.mean(axis=0))
    std = np.where(constant, 1.0, y.std(axis=0))
    return (y - mean) / std, as_given(mean), as_given(std)


@wrong("standardize", "R's scale(): divisor n - 1", "divides by n-1 (ddof=1)")
def r_scale(y):
    z, mean, std = first_row(y)
    n = len(np.asarray(y))
    f = np.sqrt(n / max(n - 1, 1))
    std = np.where(np.all(np.asarray(y, float) == np.asarray(y, float)[0], axis=0), 1.0, np.asarray(std) * f)
    return z / f, mean, as_given(std)


@wrong("standardize", "one mean and one deviation for the whole table", "uses one mean and deviation for all columns")
def whole_table(y):
    y = targets(y)
    mean, std = y.mean(), y.std()
    std = std if std > 0 else 1.0
    if y.ndim == 1:
        return first_row(y)
    m = y.shape[1]
    return (y - mean) / std, np.full(m, mean), np.full(m, std)


@wrong("standardize", "divided by the variance", "divides by the variance")
def by_variance(y):
    z, mean, std = first_row(y)
    return z / std, mean, as_given(np.asarray(std) ** 2)


def model(w, x_mean, x_std, y_std):
    w, mx, sx = (np.asarray(v, float) for v in (w, x_mean, x_std))
    if not w.shape == mx.shape == sx.shape or np.any(sx <= 0) or not y_std > 0:
        raise ValueError("shapes or deviations")
    return w, mx, sx


@right("unstandardize_linear", "by evaluating the model at zero and at the unit vectors")
def by_evaluation(w, b, x_mean, x_std, y_mean, y_std):
    w, mx, sx = model(w, x_mean, x_std, y_std)
    raw = y_std / sx * w
    return raw, float(y_mean + y_std * b - np.dot(raw, mx))


@wrong("unstandardize_linear", "the intercept b not scaled with the target", "forgets to rescale b")
def unscaled_b(w, b, x_mean, x_std, y_mean, y_std):
    raw, intercept = by_evaluation(w, b, x_mean, x_std, y_mean, y_std)
    return raw, float(intercept - y_std * b + b)


@wrong("unstandardize_linear", "multiplied by x_std", "multiplies by x_std instead of dividing")
def multiplied(w, b, x_mean, x_std, y_mean, y_std):
    w, mx, sx = model(w, x_mean, x_std, y_std)
    raw = w * y_std * sx
    return raw, float(y_mean + y_std * b - raw @ mx)


def regression(X, y, lr, w0=None):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if X.ndim != 2 or y.shape != (len(X),) or not lr > 0:
        raise ValueError("shapes or lr")
    w = np.zeros(X.shape[1]) if w0 is None else np.array(w0, dtype=float)
    if w.shape != X.shape[1:]:
        raise ValueError("w0")
    return X, y, w


@right("gd_linear", "a generator of weights, stacked")
def generated(X, y_true, lr, steps, w0=None):
    X, y, w = regression(X, y_true, lr, w0)

    def path(w):
        yield w
        for _ in range(steps):
            w = w - lr * (2 / len(y)) * (X.T @ (X @ w - y))
            yield w

    return np.array(list(path(w)))


@wrong("gd_linear", "stochastic: one sample per step, in turn")
def stochastic(X, y_true, lr, steps, w0=None):
    X, y, w = regression(X, y_true, lr, w0)
    path = [w]
    for t in range(steps):
        i = t % len(y)
        path.append(path[-1] - 2 * lr * X[i] * (X[i] @ path[-1] - y[i]))
    return np.array(path)


@wrong("gd_linear", "the start ignored", "ignores w0")
def zeros(X, y_true, lr, steps, w0=None):
    X, y, _w = regression(X, y_true, lr, w0)
    return generated(X, y, lr, steps)


def matrix(X):
    X = np.asarray(X, float)
    if X.ndim != 2:
        raise ValueError("X")
    return X


@right("max_stable_lr", "n over the squared spectral norm")
def spectral_norm(X):
    X = matrix(X)
    s = np.linalg.norm(X, 2)
    return float(len(X) / s / s) if s > 0 else np.inf


@right("max_stable_lr", "the largest eigenvalue of the Hessian of scaled data")
def hessian(X):
    X = matrix(X)
    unit = np.abs(X).max()
    if unit == 0:
        return np.inf
    A = X / unit
    A = A.T @ A if A.shape[1] <= len(A) else A @ A.T
    return float(len(X) / linalg.eigvalsh(A)[-1] / unit / unit)


@wrong(
    "max_stable_lr", "1 / L: the step of textbooks on smooth functions", "gives 1/lambda_max instead of 2/lambda_max"
)
def one_over_l(X):
    return spectral_norm(X) / 2


@wrong(
    "max_stable_lr",
    "trace of the Hessian instead of its largest eigenvalue",
    "takes the trace instead of the largest eigenvalue",
)
def trace(X):
    X = matrix(X)
    s = np.linalg.norm(X)
    return float(len(X) / s / s) if s > 0 else np.inf


@right("gd_closed_form", "SVD, geometric series through expm1 and log1p, signs apart")
def svd_series(X, y_true, lr, t):
    X, y, _ = regression(X, y_true, lr)
    if t < 0:
        raise ValueError("t")
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    keep = s > s.max() * 1e-13
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    x = 2 * lr * s * s / len(y)
    small = np.minimum(x, 0.5)
    done = np.where(
        x < 0.5, -np.expm1(t * np.log1p(-small)), 1 - (1 - x) ** float(t) if t < 1e6 else 1 - sign_power(1 - x, t)
    )
    return Vt.T @ (done / s * (U.T @ y))


def sign_power(base, t):
    size = np.exp(t * np.log(np.maximum(np.abs(base), 1e-300)))
    return np.where((base < 0) & (t % 2 == 1), -size, size)


@wrong(
    "gd_closed_form",
    "the limit: the least-squares solution, whatever t",
    "takes the least-squares solution, whatever t",
)
def limit(X, y_true, lr, t):
    X, y, _ = regression(X, y_true, lr)
    if t < 0:
        raise ValueError("t")
    return np.linalg.pinv(X) @ y


@wrong("gd_closed_form", "gradient flow: exp(-lambda t) for (1 - lambda)^t", "takes the exponential of continuous time")
def flow(X, y_true, lr, t):
    X, y, _ = regression(X, y_true, lr)
    if t < 0:
        raise ValueError("t")
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    keep = s > s.max() * 1e-13
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    return Vt.T @ (-np.expm1(-2 * lr * t * s * s / len(y)) / s * (U.T @ y))


@short(
    "standardize",
    "std == 0 as the test for constants",
    "equal entries whose mean is rounded",
    "finds constants by std == 0, which rounding defeats",
)
def std_is_zero(y):
    y = targets(y)
    mean, std = y.mean(axis=0), y.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    return (y - mean) / std, as_given(mean), as_given(std)
