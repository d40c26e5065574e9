"""Robust losses: deep-learning and statistics packages mean different things by Huber."""

import numpy as np
from scipy import optimize, special

from tests.realcode.corpus import right, short, wrong


def residuals(residual, delta):
    r = np.asarray(residual, float)
    if not 0 < delta < np.inf:
        raise ValueError("delta")
    return r


@right("huber_loss", "SciPy: special.huber")
def scipy_huber(residual, delta):
    return special.huber(delta, residuals(residual, delta))


@right("huber_loss", "TensorFlow 1: the quadratic part is the minimum of |r| and delta")
def quadratic_part(residual, delta):
    a = np.abs(residuals(residual, delta))
    quadratic = np.minimum(a, delta)
    return 0.5 * quadratic**2 + delta * (a - quadratic)


@right("huber_loss", "every course: np.where with both branches")
def both_branches(residual, delta):
    r = residuals(residual, delta)
    return np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta))


@wrong("huber_loss", "PyTorch: SmoothL1Loss(beta=delta), Huber divided by delta", "divides by delta (smooth L1)")
def smooth_l1(residual, delta):
    a = np.abs(residuals(residual, delta))
    return np.where(a < delta, 0.5 * np.minimum(a, delta) ** 2 / delta, a - 0.5 * delta)


@wrong("huber_loss", "Keras: Huber(), the mean over the batch", "averages over the residuals")
def averaged(residual, delta):
    return np.mean(quadratic_part(residual, delta))


@wrong("huber_loss", "statsmodels users: sum of squares without 1/2 inside", "returns twice the loss")
def doubled(residual, delta):
    return 2 * quadratic_part(residual, delta)


@wrong(
    "huber_loss",
    "robust estimation in SLAM (g2o, Ceres): delta**2 * (sqrt(1 + (r/delta)**2) - 1)",
    "returns the pseudo-Huber loss",
)
def pseudo(residual, delta):
    r = residuals(residual, delta)
    return delta**2 * (np.hypot(1, r / delta) - 1)


def psi(residual, loss, delta, huber):
    r = np.asarray(residual, float)
    if loss not in ("mse", "mae", "huber") or (loss == "huber" and not delta > 0):
        raise ValueError("loss or delta")
    if loss == "mse":
        return r.copy()
    return np.sign(r) if loss == "mae" else huber(r, delta)


@right("influence", "statsmodels: norms.HuberT.psi")
def huber_t(residual, loss, delta=1.0):
    return psi(residual, loss, delta, lambda r, d: np.where(np.abs(r) <= d, r, d * np.sign(r)))


@wrong(
    "influence", "statsmodels: norms.HuberT.weights where psi is wanted", "returns the weight instead of the influence"
)
def weights(residual, loss, delta=1.0):
    return psi(residual, loss, delta, lambda r, d: np.where(np.abs(r) <= d, 1.0, d / np.maximum(np.abs(r), d)))


@wrong("influence", "statsmodels: norms.TrimmedMean.psi", "falls back to 0 for large residuals")
def hard_rejection(residual, loss, delta=1.0):
    return psi(residual, loss, delta, lambda r, d: np.where(np.abs(r) <= d, r, 0.0))


def sample(y_true, delta):
    y = np.asarray(y_true, float)
    if y.ndim != 1 or y.size == 0 or not delta > 0:
        raise ValueError("sample or delta")
    return y


@right("huber_location", "Huber, Robust Statistics: the kinks in order, then one linear equation")
def kinks(y_true, delta):
    y = sample(y_true, delta)

    def pull(m):
        return np.clip(y - m, -delta, delta).sum()

    knots = np.sort(np.r_[y - delta, y + delta])
    first, last = 0, knots.size - 1
    while last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if pull(knots[middle]) > 0 else (first, middle)
    low, high = knots[first], knots[last]
    for _ in range(200):
        m = low + (high - low) / 2
        if m in (low, high):
            break
        low, high = (m, high) if pull(m) > 0 else (low, m)
    return float(low + (high - low) / 2)


@short("huber_location", "statsmodels and R's MASS: reweighting until 1e-8", "stops before the last digits")
def reweighted(y_true, delta):
    y = sample(y_true, delta)
    m = np.median(y)
    for _ in range(1000):
        w = delta / np.maximum(np.abs(y - m), delta)
        new = (w * y).sum() / w.sum()
        if abs(new - m) < 1e-8 * max(abs(m), 1e-300):
            return float(new)
        m = new
    return float(m)


@short("huber_location", "SciPy: minimize_scalar with its defaults", "minimises a flat function: half of the digits")
def minimised(y_true, delta):
    y = sample(y_true, delta)
    return float(optimize.minimize_scalar(lambda m: special.huber(delta, y - m).sum()).x)


@wrong("huber_location", "SciPy: stats.trim_mean(y, 0.1)", "trims a tenth on each side")
def trim_mean(y_true, delta):
    y = np.sort(sample(y_true, delta))
    cut = int(0.1 * y.size)
    return float(y[cut : y.size - cut].mean())


@wrong(
    "huber_location",
    "statsmodels: robust.norms with the scale from the MAD",
    "multiplies delta by the median absolute deviation",
)
def mad_scaled(y_true, delta):
    y = sample(y_true, delta)
    scale = np.median(np.abs(y - np.median(y))) / 0.6745
    return kinks(y, delta * scale) if scale > 0 else float(np.median(y))


def curve(y_true, xs, estimator, convert, factor):
    y, xs = convert(y_true), np.asarray(xs, float)
    if y.size == 0:
        raise ValueError("empty")
    base = estimator(y)
    return np.array([factor(y.size) * (estimator(np.append(y, x)) - base) for x in xs], dtype=float)


@right("sensitivity_curve", "Hampel et al., Robust Statistics: (n + 1)(T(y, x) - T(y))")
def hampel(y_true, xs, estimator):
    y = np.asarray(y_true, float)
    return curve(y, xs, lambda v: estimator(v.copy()), np.array, lambda n: n + 1)


@wrong("sensitivity_curve", "Maronna et al.: n in the place of n + 1", "multiplies by n instead of n+1")
def factor_n(y_true, xs, estimator):
    y = np.asarray(y_true, float)
    return curve(y, xs, lambda v: estimator(v.copy()), np.array, lambda n: n)


@short(
    "sensitivity_curve",
    "course code: the caller's own array goes to the estimator",
    "the estimator may sort it",
    "hands the caller's own array to the estimator",
)
def callers_array(y_true, xs, estimator):
    return curve(y_true, xs, estimator, lambda y: np.asarray(y, float), lambda n: n + 1)
