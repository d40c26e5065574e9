"""Finite differences and roots, computed in the grader on returned values."""

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


def balances(forces: Callable[[np.ndarray], np.ndarray], x: np.ndarray, rtol: float = 1e-8) -> np.ndarray:
    """Whether x is a root of a sum of decreasing forces, as exactly as rounding x allows.

    Parameters
    ----------
    forces : callable
        Takes an array of the shape of x, returns shape ``x.shape + (n,)``: the n forces at each x.
    x : ndarray, any shape
        Claimed roots; NaN and infinities are none.
    rtol : float
        Part of the mean absolute force that may be left over.

    Returns
    -------
    ndarray, shape of x, bool
        Whether the mean force is not negative just below x and not positive just above it, at a distance of
        ``1e-15 * |x|``.

    Notes
    -----
    Free of scale: no largest entry of the data enters, so that an outlier or tiny forces loosen nothing.
    """
    x = np.asarray(x, dtype=float)
    rounding = 1e-15 * np.abs(x)
    with np.errstate(all="ignore"):  # an infinite claim makes NaN, which is refused
        below, above = forces(x - rounding), forces(x + rounding)
        return np.asarray(_points(below, 1.0, rtol) & _points(above, -1.0, rtol))


def _points(forces: np.ndarray, way: float, rtol: float) -> np.ndarray:
    """Whether forces point a way on average, or nowhere."""
    mean = np.asarray(way * np.mean(forces, axis=-1))
    right = np.asarray(mean >= 0)
    unsure = ~right  # nearly none at a root, and only they need the scale; NaN is among them and stays refused
    right[unsure] = mean[unsure] >= -rtol * np.mean(np.abs(forces[unsure]), axis=-1)
    return right
