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
