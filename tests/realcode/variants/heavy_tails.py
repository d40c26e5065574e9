"""Heavy tails: what SciPy and robust packages compute under Student's t."""

import numpy as np
from scipy import integrate, stats

from tests.realcode.corpus import right, short, wrong


def degrees(nu):
    nu = np.asarray(nu, float)
    if np.any(~(nu > 0)):
        raise ValueError("nu")
    return nu


def as_given(value):
    return float(value) if np.ndim(value) == 0 else value


@right("student_t_variance", "SciPy: stats.t.stats, case by case")
def case_by_case(nu):
    nu = degrees(nu)
    with np.errstate(all="ignore"):
        return as_given(np.select([np.isinf(nu), nu > 2, nu > 1], [1.0, nu / (nu - 2), np.inf], np.nan))


@short(
    "student_t_variance",
    "every course: nu / (nu - 2) above 2",
    "NaN for infinitely many degrees of freedom",
    "returns NaN at nu = inf",
)
def no_infinity(nu):
    nu = degrees(nu)
    with np.errstate(all="ignore"):
        return as_given(np.select([nu > 2, nu > 1], [nu / (nu - 2), np.inf], np.nan))


@wrong(
    "student_t_variance",
    "Wikipedia read once: infinite wherever it is not finite",
    "returns inf where the variance is undefined (nu <= 1)",
)
def infinite_below(nu):
    nu = degrees(nu)
    with np.errstate(all="ignore"):
        return as_given(np.select([np.isinf(nu), nu > 2], [1.0, nu / (nu - 2)], np.inf))


def samples(Y, delta):
    Y = np.asarray(Y, float)
    if Y.ndim != 2 or Y.shape[1] == 0 or not delta > 0:
        raise ValueError("Y or delta")
    return Y


@right("huber_location_batch", "vectorised bisection between the extremes of each row")
def bisected(Y, delta):
    Y = samples(Y, delta)
    if len(Y) == 0:
        return np.zeros(0)
    low, high = Y.min(axis=1), Y.max(axis=1)
    for _ in range(1100):
        m = low + (high - low) / 2
        if np.all((m == low) | (m == high)):
            break
        up = np.clip(Y - m[:, None], -delta, delta).sum(axis=1) > 0
        low, high = np.where(up, m, low), np.where(up, high, m)
    return low + (high - low) / 2


@wrong("huber_location_batch", "axis=0 in place of axis=1", "estimates columns instead of rows")
def of_columns(Y, delta):
    Y = samples(Y, delta)
    return bisected(np.ascontiguousarray(Y.T), delta) if len(Y) else np.zeros(0)


@wrong("huber_location_batch", "np.median(Y, axis=1) for a robust location", "returns medians")
def medians(Y, delta):
    return np.median(samples(Y, delta), axis=1)


def estimates(nu, n, reps, estimator, rng, delta, draw):
    if not nu > 0 or n < 1 or reps < 1 or estimator not in ("mean", "median", "huber"):
        raise ValueError("arguments")
    if estimator == "huber" and not delta > 0:
        raise ValueError("delta")
    Y = draw(rng, nu, (reps, n))
    if estimator == "huber":
        return bisected(Y, delta)
    return Y.mean(axis=1) if estimator == "mean" else np.median(Y, axis=1)


@right("estimator_mc", "SciPy: stats.t.rvs with random_state")
def scipy_rvs(nu, n, reps, estimator, rng, delta=1.0):
    return estimates(nu, n, reps, estimator, rng, delta, lambda g, nu, size: stats.t.rvs(nu, size=size, random_state=g))


@wrong("estimator_mc", "robustness studies: t scaled to unit variance", "scales the noise to unit variance")
def unit_variance(nu, n, reps, estimator, rng, delta=1.0):
    def draw(g, nu, size):
        return g.standard_t(nu, size=size) / (np.sqrt(nu / (nu - 2)) if nu > 2 else 1.0)

    return estimates(nu, n, reps, estimator, rng, delta, draw)


@short(
    "estimator_mc",
    "scripts with np.random.seed: the global generator",
    "draws from another generator",
    "draws from NumPy's global generator",
)
def global_state(nu, n, reps, estimator, rng, delta=1.0):
    return estimates(nu, n, reps, estimator, rng, delta, lambda g, nu, size: np.random.standard_t(nu, size=size))


@right("huber_avar", "Huber, Robust Statistics: E psi^2 over the square of P(|T| <= delta), by quadrature")
def quadrature(nu, delta):
    if not nu > 0 or not delta > 0:
        raise ValueError("nu or delta")
    core = (
        2
        * integrate.quad(lambda x: x * x * stats.t.pdf(x, nu), 0, min(delta, 50.0), epsabs=0, epsrel=1e-10, limit=500)[
            0
        ]
    )
    if delta > 50:
        core += (
            2
            * integrate.quad(
                lambda u: np.exp(3 * u) * stats.t.pdf(np.exp(u), nu), np.log(50.0), np.log(delta), limit=500
            )[0]
        )
    inside = (
        2 * integrate.quad(lambda x: stats.t.pdf(x, nu), 0, delta, epsabs=0, epsrel=1e-11, limit=500)[0]
        if delta < 1
        else 1 - 2 * stats.t.sf(delta, nu)
    )
    return (core + 2 * delta**2 * stats.t.sf(delta, nu)) / inside**2


@wrong("huber_avar", "a denominator that is not squared", "forgets to square the denominator")
def plain_denominator(nu, delta):
    return quadrature(nu, delta) * (1 - 2 * stats.t.sf(delta, nu))
