import numpy as np
from scipy import special, stats


def student_t_variance(nu):
    nu = np.asarray(nu, float)
    if not (nu > 0).all():
        raise ValueError("nu must be positive")
    flat = []
    for v in nu.ravel():
        if np.isinf(v):
            flat.append(1.0)
        elif v > 2:
            flat.append(v / (v - 2))
        else:
            flat.append(np.inf if v > 1 else np.nan)
    out = np.array(flat).reshape(nu.shape)
    return out if nu.ndim else float(out)


def huber_location_batch(Y, delta):
    Y = np.asarray(Y, float)
    if Y.ndim != 2 or Y.shape[1] == 0 or delta <= 0:
        raise ValueError("Y must be (R, n) and delta positive")
    if len(Y) == 0:
        return np.zeros(0)
    low, high = Y.min(axis=1), Y.max(axis=1)
    for _ in range(100):
        middle = (low + high) / 2
        up = np.clip(Y - middle[:, None], -delta, delta).sum(axis=1) > 0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return (low + high) / 2


def estimator_mc(nu, n, reps, estimator, rng, delta=1.0):
    if nu <= 0 or n < 1 or reps < 1 or estimator not in ("mean", "median", "huber"):
        raise ValueError("an argument is out of range")
    if estimator == "huber" and delta <= 0:
        raise ValueError("delta must be positive")
    found = np.empty(reps)
    for r in range(reps):
        y = rng.standard_t(nu, n)
        if estimator == "mean":
            found[r] = y.mean()
        elif estimator == "median":
            found[r] = np.median(y)
        else:
            found[r] = huber_location_batch(y[None], delta)[0]
    return found


def huber_avar(nu, delta):
    if nu <= 0 or delta <= 0:
        raise ValueError("nu and delta must be positive")
    nodes, weights = special.roots_legendre(400)
    u = np.arctan(delta / np.sqrt(nu)) * (nodes + 1) / 2
    r = np.sqrt(nu) * np.tan(u)
    jacobian = np.sqrt(nu) / np.cos(u) ** 2 * np.arctan(delta / np.sqrt(nu)) / 2
    density = stats.t.pdf(r, nu) * jacobian * weights
    inside = 2 * density.sum()
    second = 2 * (density * r**2).sum()
    return (second + 2 * delta**2 * stats.t.sf(delta, nu)) / inside**2
