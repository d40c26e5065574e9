import numpy as np


def huber_loss(residual, delta):
    r = np.asarray(residual, float)
    if not 0 < delta < np.inf:
        raise ValueError("delta must be positive and finite")
    return np.where(np.abs(r) <= delta, r**2 / 2, delta * (np.abs(r) - delta / 2))


def influence(residual, loss, delta=1.0):
    r = np.asarray(residual, float)
    if loss == "mse":
        return r.copy()
    if loss == "mae":
        return np.sign(r)
    if loss != "huber" or not 0 < delta < np.inf:
        raise ValueError("unknown loss or delta not positive")
    return np.clip(r, -delta, delta)


def huber_location(y_true, delta):
    y = np.asarray(y_true, float)
    if y.ndim != 1 or y.size == 0 or delta <= 0:
        raise ValueError("y must be 1-D, not empty, and delta positive")
    m = np.median(y)
    for _ in range(200):
        r = np.abs(y - m)
        w = delta / np.maximum(r, delta)
        new = np.sum(w * y) / np.sum(w)
        if abs(new - m) <= 1e-10 * max(1.0, abs(m)):
            return float(new)
        m = new
    return float(m)


def sensitivity_curve(y_true, xs, estimator):
    y, xs = np.array(y_true, float), np.asarray(xs, float)
    if y.size == 0:
        raise ValueError("no observations")
    n = y.size
    base = estimator(y.copy())
    return np.array([(n + 1) * (estimator(np.append(y, x)) - base) for x in xs], dtype=float)
