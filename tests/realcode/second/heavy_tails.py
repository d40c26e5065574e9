"""Heavy tails, as robust statistics packages and simulation scripts write them."""

import numpy as np
from scipy import integrate, optimize, special, stats

from tests.realcode.corpus import right, wrong


def degrees(nu):
    nu = np.asarray(nu, float)
    if np.any(~(nu > 0)):
        raise ValueError("nu")
    return nu


@right("student_t_variance", "elementwise by np.vectorize")
def vectorised(nu):
    def one(v):
        if v <= 1:
            return np.nan
        if v <= 2:
            return np.inf
        return 1.0 if np.isinf(v) else v / (v - 2)

    out = np.vectorize(one, otypes=[float])(degrees(nu))
    return float(out) if out.ndim == 0 else out


@wrong("student_t_variance", "scale read as standard deviation: the root of the variance")
def deviation(nu):
    out = np.sqrt(vectorised(nu))
    return float(out) if np.ndim(out) == 0 else out


def samples(Y, delta):
    Y = np.asarray(Y, float)
    if Y.ndim != 2 or not delta > 0:
        raise ValueError("Y or delta")
    return Y


@right("huber_location_batch", "row by row, SciPy's brentq between the extremes, tightest tolerances")
def brentq_rows(Y, delta):
    out = []
    for y in samples(Y, delta):
        low, high = y.min(), y.max()
        pull = lambda m, y=y: np.clip(y - m, -delta, delta).sum()  # noqa: E731 - what scripts write
        if low == high or pull(low) == 0:
            out.append(low)
        elif pull(high) == 0:
            out.append(high)
        else:
            out.append(optimize.brentq(pull, low, high, xtol=5e-324, rtol=4 * np.finfo(float).eps, maxiter=1000))
    return np.array(out)


@wrong("huber_location_batch", "winsorised mean: clipped once around the median", "reweights the mean once")
def winsorised(Y, delta):
    Y = samples(Y, delta)
    m = np.median(Y, axis=1, keepdims=True)
    return np.mean(m + np.clip(Y - m, -delta, delta), axis=1)


@wrong("huber_location_batch", "the plain mean where nothing is far", "takes row means")
def row_means(Y, delta):
    return samples(Y, delta).mean(axis=1)


def estimates(nu, n, reps, estimator, rng, delta, draw):
    if not nu > 0 or n < 1:
        raise ValueError("nu or n")
    Y = np.stack([draw(rng, nu, n) for _ in range(reps)])
    return {"mean": lambda: Y.mean(1), "median": lambda: np.median(Y, axis=1), "huber": lambda: brentq_rows(Y, delta)}[
        estimator
    ]()


@right("estimator_mc", "normal over the root of a chi-square, one sample at a time")
def ratio(nu, n, reps, estimator, rng, delta=1.0):
    return estimates(
        nu,
        n,
        reps,
        estimator,
        rng,
        delta,
        lambda g, nu, n: g.normal(size=n) / np.sqrt(2 * g.standard_gamma(nu / 2, n) / nu),
    )


@wrong("estimator_mc", "one chi-square for each sample: a multivariate t", "draws one scale for all draws of a sample")
def multivariate(nu, n, reps, estimator, rng, delta=1.0):
    return estimates(
        nu, n, reps, estimator, rng, delta, lambda g, nu, n: g.normal(size=n) / np.sqrt(g.chisquare(nu) / nu)
    )


@right("huber_avar", "SciPy: stats.t.expect-like quadrature on the angle")
def by_angle(nu, delta):
    if not (nu > 0 and delta > 0):
        raise ValueError("nu or delta")
    top = np.arctan(delta / np.sqrt(nu))
    constant = 2 / special.beta(0.5, nu / 2)
    cuts = [c for c in (1 / np.sqrt(nu), 4 / np.sqrt(nu), 12 / np.sqrt(nu)) if c < top]
    core = (
        nu
        * constant
        * integrate.quad(
            lambda a: np.sin(a) ** 2 * np.cos(a) ** (nu - 3),
            0,
            top,
            points=cuts or None,
            epsabs=0,
            epsrel=1e-10,
            limit=500,
        )[0]
    )
    inside = special.betainc(0.5, nu / 2, delta**2 / (nu + delta**2))
    return float((core + 2 * delta**2 * stats.t.sf(delta, nu)) / inside**2)


@wrong("huber_avar", "of the standardised t: divided by its variance", "scales t to unit variance")
def standardised(nu, delta):
    value = by_angle(nu, delta)
    return value * (nu - 2) / nu if nu > 2 else value
