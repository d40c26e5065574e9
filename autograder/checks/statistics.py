"""Exact bounds for statistical checks: no normal approximations, so a stated false-alarm rate is a promise."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np


def dkw_bound(n: int, alpha: float) -> float:
    """Largest distance of an empirical distribution from its law, exceeded with probability at most ``alpha``.

    Dvoretzky-Kiefer-Wolfowitz with Massart's constant: ``sqrt(ln(2 / alpha) / (2 n))``.
    """
    return math.sqrt(math.log(2.0 / alpha) / (2.0 * n))


def dkw_violation(sample: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray], alpha: float) -> bool:
    """Whether a sample is farther from a continuous law than :func:`dkw_bound` allows; NaN always is.

    So is a value for which the distribution function has no value: SciPy's are NaN outside of the law's support.

    Parameters
    ----------
    sample : ndarray, shape (n,)
    cdf : callable
        Vectorised distribution function of the law.
    alpha : float
        Probability that a sample of the law is refused.
    """
    n = sample.size
    if n == 0 or not np.isfinite(sample).all():
        return True
    law = cdf(np.sort(sample))
    if not np.isfinite(law).all():
        return True
    steps = np.arange(n + 1) / n
    distance = max(float(np.max(steps[1:] - law)), float(np.max(law - steps[:-1])))
    return distance > dkw_bound(n, alpha)


def departure(sample: np.ndarray, cdf: Callable[[np.ndarray], np.ndarray], alpha: float) -> str:
    """Say how far a sample is from a continuous law, in its own units; empty where :func:`dkw_violation` passes it.

    Median and interquartile range are compared, which every law has; where both fit, the share of values below the
    point of the largest gap.

    Parameters
    ----------
    sample, cdf, alpha
        As for :func:`dkw_violation`.
    """
    if not dkw_violation(sample, cdf, alpha):
        return ""
    if sample.size == 0:
        return "the sample is empty"
    if not np.isfinite(sample).all():
        return f"{np.sum(~np.isfinite(sample))} of {sample.size} values are not finite"
    seen = [float(one) for one in np.quantile(sample, QUARTILES)]
    wanted = [_quantile(cdf, p) for p in QUARTILES]
    low, middle, high = (math.nan if one is None else one for one in wanted)
    if not math.isfinite(low + middle + high):
        return f"their median is {seen[1]:.3g} and their interquartile range {seen[2] - seen[0]:.3g}"
    spread, right = seen[2] - seen[0], high - low
    if abs(seen[1] - middle) > _FITS * right or abs(spread - right) > _FITS * right:
        times = f" ({spread / right:.2g} times)" if abs(spread - right) > _FITS * right else ""
        return (
            f"their median is {seen[1]:.3g}, expected {middle:.3g}; "
            f"their interquartile range is {spread:.3g}, expected {right:.3g}{times}"
        )
    inside = np.sort(sample)
    law = np.nan_to_num(cdf(inside))
    shares = np.arange(1, sample.size + 1) / sample.size
    k = int(np.argmax(np.abs(shares - law)))
    return f"median and spread fit, but {shares[k]:.0%} of them are at most {inside[k]:.3g}, expected {law[k]:.0%}"


QUARTILES = (0.25, 0.5, 0.75)
_FITS = 0.1
"""Share of the law's interquartile range by which median and spread may differ and still fit."""


def _quantile(cdf: Callable[[np.ndarray], np.ndarray], p: float) -> float | None:
    """Return where a continuous distribution function reaches ``p``, by bisection from 0 to the side that has it."""

    def below(x: float) -> bool | None:
        with np.errstate(all="ignore"):
            share = float(np.ravel(cdf(np.array([x])))[0])
        return share < p if math.isfinite(share) else None

    right = below(0.0)
    if right is None:
        return None
    inner, outer = 0.0, 1.0 if right else -1.0
    for _ in range(_WIDEST):
        if below(outer) != right:
            break
        inner, outer = outer, 2.0 * outer
    else:
        return None
    for _ in range(_WIDEST):
        middle = (inner + outer) / 2.0
        inner, outer = (middle, outer) if below(middle) == right else (inner, middle)
    return (inner + outer) / 2.0


_WIDEST = 120
"""How often the interval is doubled and halved: quantiles from 1e-36 to 1e36 are found."""


def hoeffding_halfwidth(n: int, largest: float, alpha: float) -> float:
    """Half-width of a confidence interval for the mean of n variables in [0, ``largest``], missed with ``alpha``."""
    return largest * math.sqrt(math.log(2.0 / alpha) / (2.0 * n))


def binomial_violation(count: int, n: int, p: float, alpha: float) -> bool:
    """Whether a count is too small or too large for n independent trials: exact, each side at ``alpha / 2``.

    Parameters
    ----------
    count : int
        Number of successes seen.
    n : int
        Number of trials.
    p : float
        Probability of success, strictly between 0 and 1.
    alpha : float
        Probability that a right count is refused, at most.
    """
    # by Hoeffding's inequality all counts farther from n p have a chance of less than exp(-512) together
    reach = 16.0 * math.sqrt(n)
    low, high = max(0, math.floor(n * p - reach)), min(n, math.ceil(n * p + reach))
    if not low <= count <= high:
        return True
    # the logarithm of each chance from the one before: all of them at once, without overflow
    more = np.arange(low + 1, high + 1)
    steps = np.log((n + 1 - more) / more) + math.log(p) - math.log1p(-p)
    first = math.lgamma(n + 1) - math.lgamma(low + 1) - math.lgamma(n - low + 1)
    first += low * math.log(p) + (n - low) * math.log1p(-p)
    chances = np.exp(first + np.concatenate([[0.0], np.cumsum(steps)]))
    at = count - low
    return bool(min(np.sum(chances[: at + 1]), np.sum(chances[at:])) <= alpha / 2)
