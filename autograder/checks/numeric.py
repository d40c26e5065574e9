"""Finite differences for gradient checks, computed in the grader on returned values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def central_difference(f: Callable[[np.ndarray], float], theta: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Gradient of a scalar function by central differences with a fixed step.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of ``theta``, returns a number.
    theta : ndarray
        Where; entries of order 1.
    step : float
        ``step**2`` is the truncation error, ``1e-16 / step`` the rounding error, each times the size of f.

    Returns
    -------
    ndarray, shape of theta, float64
    """
    theta = np.asarray(theta, dtype=float)
    slope = np.empty_like(theta)
    for index in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[index] += step
        down[index] -= step
        slope[index] = (float(f(up)) - float(f(down))) / (2 * step)
    return slope
