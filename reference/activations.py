"""Output activations under squared error: derivatives, error signals, creep in saturation and dead units."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy import optimize

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape

KINDS = ("linear", "tanh", "sigmoid", "relu")


def activation_derivative(z: ArrayLike, kind: str) -> Array:
    r"""Derivative :math:`f'(z)` of an activation, elementwise.

    Parameters
    ----------
    z : array_like, any shape
        Pre-activations.
    kind : {"linear", "tanh", "sigmoid", "relu"}

    Returns
    -------
    array, shape of z, float64
        For tanh and sigmoid relatively accurate wherever the value is a normal number, 0 beyond; :math:`f'(0)=0` for
        relu.

    Raises
    ------
    ValueError
        For an unknown kind.

    Notes
    -----
    :math:`1-\tanh^2z=4e/(1+e)^2` with :math:`e=\exp(-2|z|)` subtracts nothing and overflows nowhere; the sigmoid
    likewise with :math:`\exp(-|z|)`.  Chapter: *Interaction with Model Architecture*; problem 3148497.

    Examples
    --------
    >>> activation_derivative([0.0, 2.0], 'tanh').round(4)
    array([1.    , 0.0707])
    """
    xp, z = as_float(z)
    _require_kind(kind)
    if kind == "linear":
        return xp.ones_like(z)
    if kind == "relu":
        return xp.astype(z > 0, xp.float64)
    e = xp.exp(-(2.0 if kind == "tanh" else 1.0) * xp.abs(z))
    return (4.0 if kind == "tanh" else 1.0) * e / (1.0 + e) ** 2


def output_delta(z: ArrayLike, y_true: ArrayLike, kind: str) -> Array:
    r"""Error signal :math:`\partial L/\partial z=(f(z)-y)f'(z)` of :math:`L=\frac12(f(z)-y)^2`, elementwise.

    Parameters
    ----------
    z, y_true : array_like, one common shape
        Pre-activations and targets.
    kind : {"linear", "tanh", "sigmoid", "relu"}

    Returns
    -------
    array, shape of z, float64
        Per sample, with the 1/2: no mean, no sum.

    Raises
    ------
    ValueError
        For an unknown kind or a shape mismatch.

    Notes
    -----
    Chapter: *Interaction with Model Architecture*; problem 3148497.

    Examples
    --------
    >>> output_delta([0.0, 3.0], [1.0, 1.0], 'sigmoid').round(4)
    array([-0.125 , -0.0021])
    """
    xp, z, y_true = as_float(z, y_true)
    _require_kind(kind)  # equivalent: the ValueError that is tried comes from the derivative
    same_shape(z=z, y_true=y_true)
    return (_activation(xp, z, kind) - y_true) * activation_derivative(z, kind)


def gd_preactivation(z0: float, y_true: float, kind: str, lr: float, steps: int) -> Array:
    r"""Path of gradient descent on one pre-activation, :math:`z_{t+1}=z_t-\eta\,\partial L/\partial z`.

    Parameters
    ----------
    z0, y_true : float
        Start and target; :math:`L=\frac12(f(z)-y)^2`.
    kind : {"linear", "tanh", "sigmoid", "relu"}
    lr : float, > 0
        Learning rate.
    steps : int, >= 0

    Returns
    -------
    array, shape (steps + 1,), float64
        Entry 0 is the start.  A loop over scalars: a NumPy array in every namespace.

    Raises
    ------
    ValueError
        For an unknown kind, lr <= 0 or steps < 0.

    Notes
    -----
    Chapter: *Interaction with Model Architecture*; problem 3148497.

    Examples
    --------
    >>> gd_preactivation(3.0, -1.0, 'tanh', 0.5, 3).round(4)  # saturated: it hardly moves
    array([3.    , 2.9902, 2.9801, 2.9699])
    """
    _require_kind(kind)
    require(float(lr) > 0, "lr must be positive")
    # equivalent: the exercise does not say what holds for other counts
    require(steps >= 0, "steps must not be negative")
    path = np.empty(steps + 1)
    path[0] = z = float(z0)
    for t in range(steps):
        z -= float(lr) * _delta(z, float(y_true), kind)
        path[t + 1] = z
    return path


def saturation_point(y_true: float, tol: float) -> float:
    r"""Smallest :math:`z\ge0` with :math:`|\partial L/\partial z|\le` tol for a tanh output.

    Parameters
    ----------
    y_true : float, >= 1
        A target that tanh does not reach; :math:`L=\frac12(\tanh z-y)^2`.
    tol : float, > 0
        From 1e-100.

    Returns
    -------
    float
        0.0 if tol >= y_true; else accurate to 1e-9.

    Raises
    ------
    ValueError
        If y_true < 1 or tol <= 0.

    Notes
    -----
    The signal :math:`(y-\tanh z)/\cosh^2z` falls for :math:`z\ge0`; the root of its logarithm is bracketed by its
    bound :math:`4y\,e^{-2z}`.  A root search over scalars, in plain floats.
    Chapter: *Interaction with Model Architecture*; problem 3148497.

    Examples
    --------
    >>> round(saturation_point(1.0, 1e-3), 4)
    2.2383
    """
    y, level = float(y_true), float(tol)
    require(y >= 1, f"y_true must be at least 1, got {y}")
    # equivalent: the ValueError that is tried comes from the logarithm of the tolerance
    require(level > 0, f"tol must be positive, got {level}")
    if level >= y:
        return 0.0

    def excess(z: float) -> float:
        e = math.exp(-2.0 * z)
        error = (y - 1.0) + 2.0 * e / (1.0 + e)
        return math.log(error) + math.log(4.0) - 2.0 * z - 2.0 * math.log1p(e) - math.log(level)

    # one step beyond the bound, where the sign is certain in spite of rounding
    # equivalent: an answer may search from any bracket that holds the root, in any order
    far = 0.5 * (math.log(4.0) + math.log(y) - math.log(level)) + 1.0
    # equivalent: an answer may search from any bracket that holds the root, in any order
    # equivalent: the last step of the search, which converges faster than linearly, lands far closer than its tolerance
    return float(optimize.brentq(excess, 0.0, far, xtol=1e-12))


def dead_units(X: ArrayLike, W: ArrayLike, b: ArrayLike) -> Array:
    r"""Whether each ReLU unit of a hidden layer :math:`z=Wx+b` is silent on a whole data set.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
    W : array_like, shape (h, d)
    b : array_like, shape (h,)

    Returns
    -------
    array, shape (h,), bool
        True where :math:`z_{ij}\le0` for every sample i, so that the gradient of the unit is exactly 0.

    Raises
    ------
    ValueError
        On a shape mismatch and for n = 0.

    Notes
    -----
    Chapter: *Interaction with Model Architecture* (ReLU); problem 3148497.

    Examples
    --------
    >>> dead_units([[1.0], [2.0]], [[1.0], [-1.0]], [0.0, 0.5])
    array([False,  True])
    """
    xp, X, W, b = as_float(X, W, b)
    require(X.ndim == 2 and W.ndim == 2 and b.ndim == 1, "X and W must be 2-D, b 1-D")
    # equivalent: the exercise does not say what holds without samples
    require(X.shape[0] >= 1, "at least one sample is needed")
    # equivalent: the ValueError that is tried comes from the product with the inputs
    require(W.shape[1] == X.shape[1], f"W must have {X.shape[1]} columns, got {W.shape[1]}")
    require(b.shape[0] == W.shape[0], f"b must have shape ({W.shape[0]},), got {tuple(b.shape)}")
    return xp.all(X @ W.T + b <= 0, axis=0)


def _require_kind(kind: str) -> None:
    require(kind in KINDS, f"kind must be one of {', '.join(KINDS)}, got {kind!r}")


def _activation(xp: Any, z: Array, kind: str) -> Array:
    if kind == "linear":
        return z
    if kind == "tanh":
        return xp.tanh(z)
    if kind == "relu":
        # equivalent: at z = 0 both ways agree; multiplied by the slope, which is 0 there
        return xp.where(z > 0, z, xp.zeros_like(z))
    e = xp.exp(-xp.abs(z))
    return xp.where(z >= 0, xp.ones_like(z), e) / (1.0 + e)  # equivalent: at z = 0 both ways agree


def _delta(z: float, y: float, kind: str) -> float:
    """Error signal of plain numbers: fifty times as fast as arrays of one entry."""
    if kind == "linear":
        return z - y
    if kind == "relu":
        return z - y if z > 0 else 0.0
    if kind == "tanh":
        e = math.exp(-2.0 * abs(z))
        return (math.tanh(z) - y) * 4.0 * e / (1.0 + e) ** 2
    e = math.exp(-abs(z))
    return ((1.0 if z >= 0 else e) / (1.0 + e) - y) * e / (1.0 + e) ** 2  # equivalent: at z = 0 both ways agree
