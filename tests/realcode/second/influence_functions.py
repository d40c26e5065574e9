"""Robust losses: PyTorch, SciPy and statsmodels idioms."""

import numpy as np
from scipy import special

from tests.realcode.corpus import right, short, wrong


def residuals(r, delta):
    if not delta > 0:
        raise ValueError("delta")
    return np.asarray(r, float)


def as_given(value):
    return float(value) if np.ndim(value) == 0 else value


@right("huber_loss", "the clipped part: c (|r| - c/2) with c = min(|r|, delta)")
def clipped_part(residual, delta):
    a = np.abs(residuals(residual, delta))
    c = np.minimum(a, delta)
    return as_given(c * (a - 0.5 * c))


@right("huber_loss", "SciPy: special.huber")
def scipy_huber(residual, delta):
    return as_given(special.huber(delta, residuals(residual, delta)))


@wrong("huber_loss", "PyTorch: smooth_l1_loss(beta=delta)", "divides by delta (smooth L1)")
def smooth_l1(residual, delta):
    return as_given(np.asarray(clipped_part(residual, delta)) / delta)


@wrong("huber_loss", "no continuity: delta |r| beyond delta", "forgets the constant that joins both branches")
def jump(residual, delta):
    a = np.abs(residuals(residual, delta))
    c = np.minimum(a, delta)
    return as_given(np.where(a <= delta, 0.5 * c * c, delta * a))


@wrong("huber_loss", "scipy.optimize.least_squares(loss='huber'): without the half", "returns twice the loss")
def least_squares_rho(residual, delta):
    return as_given(2 * np.asarray(clipped_part(residual, delta)))


@right("influence", "a dictionary of ufuncs")
def ufuncs(residual, loss, delta=1.0):
    r = np.array(residual, dtype=float)
    if loss not in ("mse", "mae", "huber") or (loss == "huber" and not delta > 0):
        raise ValueError("loss or delta")
    return {"mse": r, "mae": np.sign(r), "huber": np.minimum(np.maximum(r, -delta), delta)}[loss]


@wrong(
    "influence",
    "gradient with respect to the prediction: the sign turned",
    "reverses the sign",
    "right up to the factor -1",
)
def by_prediction(residual, loss, delta=1.0):
    return -np.asarray(ufuncs(residual, loss, delta))


@wrong(
    "influence",
    "weights psi(r)/r of iterative reweighting",
    "returns the weight instead of the influence",
    "takes weights instead of influence for all three losses",
)
def irls_weights(residual, loss, delta=1.0):
    r = np.array(residual, dtype=float)
    psi = ufuncs(r, loss, delta)
    return np.divide(psi, r, out=np.ones_like(r), where=r != 0)


def located(y_true, delta):
    y = np.asarray(y_true, float)
    if y.size == 0 or not delta > 0:
        raise ValueError("sample or delta")
    return y


@right("huber_location", "bisection until the bracket cannot shrink")
def bisected(y_true, delta):
    y = located(y_true, delta)
    low, high = float(y.min()), float(y.max())
    for _ in range(200):
        m = low + (high - low) / 2
        if m in (low, high):
            break
        low, high = (m, high) if np.clip(y - m, -delta, delta).sum() > 0 else (low, m)
    return low + (high - low) / 2


@wrong(
    "huber_location", "statsmodels: residuals in units of the MAD", "multiplies delta by the median absolute deviation"
)
def mad_units(y_true, delta):
    y = located(y_true, delta)
    scale = np.median(np.abs(y - np.median(y))) / 0.6745
    return bisected(y, delta * scale) if scale > 0 else float(np.median(y))


@wrong("huber_location", "one step from the median", "winsorises once around the median")
def one_step(y_true, delta):
    y = located(y_true, delta)
    m = np.median(y)
    r = y - m
    inside = np.abs(r) <= delta
    return float(m + np.clip(r, -delta, delta).sum() / max(inside.sum(), 1))


@short("huber_location", "reweighting until the step is below 1e-6 delta", "not converged to the last digits")
def reweighted(y_true, delta):
    y = located(y_true, delta)
    m = float(np.median(y))
    for _ in range(200):
        w = delta / np.maximum(np.abs(y - m), delta)
        before, m = m, float(w @ y / w.sum())
        if abs(m - before) < 1e-6 * delta:
            break
    return m


@right("sensitivity_curve", "np.append for every position; copies for the estimator")
def appended(y_true, xs, estimator):
    y = np.array(y_true, dtype=float)
    if y.size == 0:
        raise ValueError("sample")
    base = estimator(y.copy())
    return np.array(
        [(len(y) + 1) * (estimator(np.concatenate([y, [x]])) - base) for x in np.asarray(xs, float)], dtype=float
    )


@wrong("sensitivity_curve", "the factor of the old sample size, n", "multiplies by n instead of n+1")
def factor_n(y_true, xs, estimator):
    n = np.size(y_true)
    return appended(y_true, xs, estimator) * n / (n + 1)


@wrong(
    "sensitivity_curve", "a sample point replaced instead of one added", "replaces the last point instead of adding one"
)
def replaced(y_true, xs, estimator):
    y = np.array(y_true, dtype=float)
    if y.size == 0:
        raise ValueError("sample")
    base = estimator(y.copy())
    return np.array(
        [(len(y) + 1) * (estimator(np.append(y[:-1], x)) - base) for x in np.asarray(xs, float)], dtype=float
    )
