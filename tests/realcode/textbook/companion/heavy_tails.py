import numpy as np
from scipy import integrate, stats


def student_t_variance(nu):
    nu = np.asarray(nu, float)
    if np.any(~(nu > 0)):
        raise ValueError("nu must be positive")
    out = np.full(nu.shape, np.nan)
    out[(nu > 1) & (nu <= 2)] = np.inf
    finite = nu > 2
    out[finite] = nu[finite] / (nu[finite] - 2)
    return out if out.ndim else float(out)


def huber_location_batch(Y, delta):
    Y = np.asarray(Y, float)
    if Y.ndim != 2 or Y.shape[1] == 0 or delta <= 0:
        raise ValueError("Y must be (R, n) and delta positive")
    m = np.median(Y, axis=1)
    for _ in range(200):
        w = delta / np.maximum(np.abs(Y - m[:, None]), delta)
        new = np.sum(w * Y, axis=1) / np.sum(w, axis=1)
        if np.all(np.abs(new - m) <= 1e-10 * np.maximum(1.0, np.abs(m))):
            return new
        m = new
    return m


def estimator_mc(nu, n, reps, estimator, rng, delta=1.0):
    if (
        nu <= 0
        or n < 1
        or reps < 1
        or estimator not in ("mean", "median", "huber")
        or (estimator == "huber" and delta <= 0)
    ):
        raise ValueError("an argument is out of range")
    Y = rng.standard_t(nu, size=(reps, n))
    if estimator == "mean":
        return Y.mean(axis=1)
    return np.median(Y, axis=1) if estimator == "median" else huber_location_batch(Y, delta)


def huber_avar(nu, delta):
    if nu <= 0 or delta <= 0:
        raise ValueError("nu and delta must be positive")
    t = stats.t(nu)
    inner = 2 * integrate.quad(lambda r: r**2 * t.pdf(r), 0, delta, epsabs=0, epsrel=1e-10, limit=200)[0]
    numerator = inner + 2 * delta**2 * t.sf(delta)
    return numerator / (t.cdf(delta) - t.cdf(-delta)) ** 2
