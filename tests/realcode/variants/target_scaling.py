"""Scaling: scalers of libraries and notebooks, and step sizes as optimisation texts give them."""

import numpy as np

from tests.realcode.corpus import right, short, wrong


def columns(y):
    y = np.asarray(y, float)
    if y.ndim not in (1, 2) or y.size == 0:
        raise ValueError("shape")
    return y


def scaled(y, spread, flat):
    y = columns(y)
    mean, std = np.mean(y, axis=0), spread(y)
    constant = flat(y, std)
    std = np.where(constant, 1.0, std)
    mean = np.where(constant, y[0], mean)
    z = (y - mean) / std
    return (z, float(mean), float(std)) if y.ndim == 1 else (z, mean, std)


def all_equal(y, std):
    return np.all(y == y[0], axis=0)


@right("standardize", "scikit-learn: StandardScaler, where a constant column has the scale 1")
def standard_scaler(y):
    return scaled(y, lambda y: np.sqrt(np.var(y, axis=0)), all_equal)


@wrong("standardize", "pandas: (df - df.mean()) / df.std()", "divides by n-1 (ddof=1)")
def pandas_std(y):
    return scaled(y, lambda y: np.std(y, axis=0, ddof=min(1, len(y) - 1)), all_equal)


@wrong(
    "standardize",
    "Dive into Deep Learning and many notebooks: / (std + 1e-8)",
    "adds epsilon to the standard deviation",
)
def with_epsilon(y):
    return scaled(y, lambda y: np.std(y, axis=0) + 1e-8, all_equal)


@wrong("standardize", "torch.nn.BatchNorm: / sqrt(var + 1e-5)", "adds epsilon to the variance")
def batch_norm(y):
    return scaled(y, lambda y: np.sqrt(np.var(y, axis=0) + 1e-5), all_equal)


@wrong("standardize", "min-max scalers", "divides by the range")
def min_max(y):
    return scaled(y, lambda y: np.ptp(y, axis=0), all_equal)


@short(
    "standardize",
    "from-scratch scalers: if std == 0",
    "three times 0.1 has a rounded mean",
    "finds constants by std == 0, which rounding defeats",
)
def std_is_zero(y):
    y = columns(y)
    mean, std = y.mean(axis=0), y.std(axis=0)
    std = np.where(std == 0, 1.0, std)
    z = (y - mean) / std
    return (z, float(mean), float(std)) if y.ndim == 1 else (z, mean, std)


def raw(w, b, x_mean, x_std, y_mean, y_std):
    w, m, s = np.asarray(w, float), np.asarray(x_mean, float), np.asarray(x_std, float)
    if w.ndim != 1 or m.shape != w.shape or s.shape != w.shape or np.any(s <= 0) or y_std <= 0:
        raise ValueError("shapes or deviations")
    return w, m, s


@right("unstandardize_linear", "ISLR labs: coefficients back in original units")
def original_units(w, b, x_mean, x_std, y_mean, y_std):
    w, m, s = raw(w, b, x_mean, x_std, y_mean, y_std)
    coef = w * (y_std / s)
    return coef, y_mean + y_std * b - coef.dot(m)


@wrong(
    "unstandardize_linear",
    "scikit-learn users: coef_ / scale_, the target's scale left out",
    "forgets y_std in the slope",
)
def coef_over_scale(w, b, x_mean, x_std, y_mean, y_std):
    w, m, s = raw(w, b, x_mean, x_std, y_mean, y_std)
    coef = w / s
    return coef, y_mean + y_std * b - coef.dot(m)


def path(X, y_true, lr, steps, w0, factor):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    w = np.zeros(X.shape[-1]) if w0 is None else np.array(w0, dtype=float)
    if X.ndim != 2 or len(X) == 0 or y.shape != X.shape[:1] or w.shape != X.shape[1:] or lr <= 0 or steps < 0:
        raise ValueError("arguments")
    out = [w]
    for _ in range(steps):
        out.append(out[-1] - lr * factor(len(y)) * X.T @ (X @ out[-1] - y))
    return np.array(out)


@right("gd_linear", "course notebooks: weights collected in a list")
def weights_in_a_list(X, y_true, lr, steps, w0=None):
    return path(X, y_true, lr, steps, w0, lambda n: 2 / n)


@wrong("gd_linear", "scikit-learn: SGDRegressor, squared_error with 1/2", "loses the factor 2")
def sgd_regressor(X, y_true, lr, steps, w0=None):
    return path(X, y_true, lr, steps, w0, lambda n: 1 / n)


def design(X):
    X = np.asarray(X, float)
    if X.ndim != 2 or X.size == 0:
        raise ValueError("shape")
    return X


@right("max_stable_lr", "Goodfellow et al., Deep Learning: 2 over the largest eigenvalue of the Hessian")
def two_over_largest(X):
    X = design(X)
    top = np.linalg.norm(X, ord=2)
    return np.inf if top == 0 else len(X) / top / top


@wrong("max_stable_lr", "Nesterov and ISTA: the step 1 / L", "gives 1/lambda_max instead of 2/lambda_max")
def one_over_lipschitz(X):
    return two_over_largest(X) / 2


@short(
    "gd_closed_form", "Ali, Kolter and Tibshirani: spectral filter of early stopping", "log1p where the steps overshoot"
)
def spectral_filter(X, y_true, lr, t):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or len(X) == 0 or y.shape != X.shape[:1] or lr <= 0 or t < 0:
        raise ValueError("arguments")
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    keep = s > 1e-12 * (s[0] if s.size else 0.0)
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    filtered = -np.expm1(t * np.log1p(-2 * lr * s * s / len(y)))
    return Vt.T @ (filtered * (U.T @ y) / s)


@wrong(
    "gd_closed_form",
    "gradient flow: exp(-2 lr t s**2 / n) instead of the power",
    "takes the exponential of continuous time",
)
def gradient_flow(X, y_true, lr, t):
    X, y = np.asarray(X, float), np.asarray(y_true, float)
    if X.ndim != 2 or len(X) == 0 or y.shape != X.shape[:1] or lr <= 0 or t < 0:
        raise ValueError("arguments")
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    keep = s > 1e-12 * (s[0] if s.size else 0.0)
    U, s, Vt = U[:, keep], s[keep], Vt[keep]
    return Vt.T @ (-np.expm1(-2 * lr * t * s * s / len(y)) * (U.T @ y) / s)
