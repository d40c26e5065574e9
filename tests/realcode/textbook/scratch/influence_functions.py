import numpy as np
from scipy import optimize


def huber_loss(residual, delta):
    r = np.abs(np.asarray(residual, float))
    if not (delta > 0 and np.isfinite(delta)):
        raise ValueError("delta must be positive and finite")
    small = np.minimum(r, delta)
    return small * (r - small / 2)


def influence(residual, loss, delta=1.0):
    r = np.asarray(residual, float)
    if loss not in ("mse", "mae", "huber") or (loss == "huber" and not 0 < delta < np.inf):
        raise ValueError("unknown loss or delta not positive")
    if loss == "mse":
        return 1.0 * r
    if loss == "mae":
        return np.where(r > 0, 1.0, np.where(r < 0, -1.0, 0.0))
    return np.where(np.abs(r) <= delta, r, delta * np.sign(r))


def huber_location(y_true, delta):
    y = np.asarray(y_true, float)
    if y.ndim != 1 or y.size == 0 or delta <= 0:
        raise ValueError("y must be 1-D, not empty, and delta positive")

    def slope(m):
        return np.clip(y - m, -delta, delta).sum()

    low, high = y.min(), y.max()
    if low == high or slope(low) <= 0:
        return float(low)
    if slope(high) >= 0:
        return float(high)
    return float(optimize.brentq(slope, low, high))


def sensitivity_curve(y_true, xs, estimator):
    y = np.asarray(y_true, float)
    if len(y) == 0:
        raise ValueError("no observations")
    start = float(estimator(np.array(y)))
    curve = np.zeros(len(xs))
    for j, x in enumerate(xs):
        curve[j] = (len(y) + 1) * (float(estimator(np.concatenate([y, [x]]))) - start)
    return curve
