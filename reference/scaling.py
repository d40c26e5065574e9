"""Scaling of the target, and gradient descent on a linear model: its path, its limit rate and its closed form."""

from __future__ import annotations

import math
from typing import Any

from autograder.arrays import Array, ArrayLike, as_float, require
from reference.gradients import gradient_descent, mse_grad_linear


def standardize(y: ArrayLike) -> tuple[Array, Any, Any]:
    r"""Standardised values :math:`z=(y-\bar y)/s` with their mean and standard deviation, column by column.

    Parameters
    ----------
    y : array_like, shape (n,) or (n, m), n >= 1, m >= 1

    Returns
    -------
    (z, mean, std)
        z has the shape of y; mean and std are numbers for 1-D y, else arrays of shape (m,).  The standard deviation has
        ddof=0 and the unit of y.  A column of equal entries has z = 0 and std = 1 exactly.

    Raises
    ------
    ValueError
        If y is empty or neither 1-D nor 2-D.

    Notes
    -----
    Whether a column is constant is decided by its largest and smallest entry, on every scale.
    Chapter: *Sensitivity to Target Scale*; problem 3148458.

    Examples
    --------
    >>> z, mean, std = standardize([1.0, 3.0])
    >>> z, float(mean), float(std)
    (array([-1.,  1.]), 2.0, 1.0)
    """
    xp, y = as_float(y)
    # equivalent: the ValueError that is tried comes from the extremes along a missing axis
    require(y.ndim in (1, 2), f"y must have shape (n,) or (n, m), got {y.ndim} axes")
    # equivalent: the ValueError that is tried comes from the extremes of no entries
    require(y.size > 0, "y must not be empty")
    top, bottom = xp.max(y, axis=0), xp.min(y, axis=0)
    constant = top == bottom
    mean = xp.where(constant, top, xp.mean(y, axis=0))
    centred = y - mean
    spread = xp.sqrt(xp.mean(centred * centred, axis=0))
    std = xp.where(constant, xp.ones_like(spread), spread)
    z = centred / std
    # equivalent: an array without axes passes for a number
    return (z, float(mean), float(std)) if y.ndim == 1 else (z, mean, std)


def unstandardize_linear(
    w: ArrayLike, b: float, x_mean: ArrayLike, x_std: ArrayLike, y_mean: float, y_std: float
) -> tuple[Array, float]:
    r"""Raw-unit form of a linear model that was trained on standardised inputs and targets.

    Parameters
    ----------
    w, x_mean, x_std : array_like, shape (d,)
        Weights for :math:`z_x=(x-\bar x)/s_x`; mean and standard deviation of the inputs.
    b, y_mean, y_std : float
        Intercept for :math:`z_y=(y-\bar y)/s_y`; mean and standard deviation of the target.

    Returns
    -------
    (w_raw, b_raw)
        Array of shape (d,) in units of y per unit of x, and a number in units of y.

    Raises
    ------
    ValueError
        On a shape mismatch, or if a standard deviation is not positive.

    Notes
    -----
    :math:`w'_j=s_yw_j/s_{x,j}` and :math:`b'=\bar y+s_yb-w'\cdot\bar x`.
    Chapter: *Sensitivity to Target Scale* (inverting the transformation); problem 3148458.

    Examples
    --------
    >>> w, b = unstandardize_linear([2.0], 0.0, [1.0], [4.0], 10.0, 2.0)
    >>> w, float(b)
    (array([1.]), 9.0)
    """
    xp, w, b_, x_mean, x_std, y_mean_, y_std_ = as_float(w, b, x_mean, x_std, y_mean, y_std)
    # equivalent: the statement names an error only for shapes that do not fit together
    require(w.ndim == 1, f"w must be 1-D, got {w.ndim} axes")
    for name, value in (("x_mean", x_mean), ("x_std", x_std)):
        require(tuple(value.shape) == tuple(w.shape), f"{name} must have shape {tuple(w.shape)}")
    # equivalent: the statement names an error only for shapes that do not fit together
    require(b_.ndim == y_mean_.ndim == y_std_.ndim == 0, "b, y_mean and y_std must be numbers")
    require(bool(xp.all(x_std > 0)) and float(y_std_) > 0, "standard deviations must be positive")
    w_raw = float(y_std_) * w / x_std
    return w_raw, float(y_mean_) + float(y_std_) * float(b_) - float(xp.sum(w_raw * x_mean))


def gd_linear(X: ArrayLike, y_true: ArrayLike, lr: float, steps: int, w0: ArrayLike | None = None) -> Array:
    r"""Path of gradient descent on :math:`\frac1n\lVert Xw-y\rVert^2`.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
    y_true : array_like, shape (n,)
    lr : float, > 0
        Learning rate.
    steps : int, >= 0
    w0 : array_like, shape (d,), optional
        Start; zeros by default.

    Returns
    -------
    array, shape (steps + 1, d), float64
        Row 0 is the start.

    Raises
    ------
    ValueError
        On a shape mismatch, for n = 0, lr <= 0 or steps < 0.

    Notes
    -----
    Chapter: *Sensitivity to Target Scale*; problem 3148458.

    Examples
    --------
    >>> gd_linear([[1.0], [1.0]], [1.0, 3.0], 0.25, 2)
    array([[0. ],
           [1. ],
           [1.5]])
    """
    xp, X, y_true = as_float(X, y_true)
    # equivalent: the exercise names an error for lengths that do not fit, not for other axes
    require(X.ndim == 2, "X must have shape (n, d)")
    start = xp.zeros(X.shape[1], dtype=xp.float64) if w0 is None else as_float(w0)[1]
    mse_grad_linear(X, y_true, start)  # checks all shapes, also for no step
    return gradient_descent(lambda w: mse_grad_linear(X, y_true, w), start, lr, steps)


def max_stable_lr(X: ArrayLike) -> float:
    r"""Supremum of the rates for which gradient descent on :math:`\frac1n\lVert Xw-y\rVert^2` always converges.

    Parameters
    ----------
    X : array_like, shape (n, d), not empty
        Any rank; on scales from 1e-12 to 1e12.

    Returns
    -------
    float
        :math:`2/\lambda_{\max}(\frac2nX^\top X)=n/\sigma_{\max}(X)^2`; infinity for X = 0.  In units of 1/X^2: the
        target does not enter.

    Raises
    ------
    ValueError
        If X is not 2-D or empty.

    Notes
    -----
    Chapter: *Sensitivity to Target Scale*; problem 3148458.

    Examples
    --------
    >>> round(max_stable_lr([[1.0], [2.0]]), 4)
    0.4
    """
    xp, X = as_float(X)
    # equivalent: the ValueError that is tried comes from the singular values
    require(X.ndim == 2 and X.size > 0, "X must have shape (n, d) and not be empty")
    largest = float(xp.max(xp.linalg.svdvals(X)))
    return X.shape[0] / largest / largest if largest > 0 else math.inf


def gd_closed_form(X: ArrayLike, y_true: ArrayLike, lr: float, t: int) -> Array:
    r"""Weights after t steps of gradient descent on :math:`\frac1n\lVert Xw-y\rVert^2` from zero, in closed form.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
        Any rank, also n < d.
    y_true : array_like, shape (n,)
    lr : float
        :math:`0<\eta<n/\sigma_{\max}(X)^2`; the upper limit is not checked.
    t : int, >= 0
        Up to 1e12.

    Returns
    -------
    array, shape (d,), float64

    Raises
    ------
    ValueError
        On a shape mismatch, for n = 0, lr <= 0 or t < 0.

    Notes
    -----
    With the singular value decomposition :math:`X=USV^\top` and :math:`\lambda_k=\frac2ns_k^2`,
    :math:`w_t=\sum_k\frac{1-(1-\eta\lambda_k)^t}{\lambda_k}\,\frac2ns_k(u_k\cdot y)\,v_k`.  Directions with
    :math:`s_k\le\epsilon\max(n,d)\,s_1` are rounding errors of zero, and the gradient has no part in them.
    Chapter: *Sensitivity to Target Scale*; problem 3148458.

    Examples
    --------
    >>> gd_closed_form([[1.0], [1.0]], [1.0, 3.0], 0.25, 2).round(6)
    array([1.5])
    """
    xp, X, y_true = as_float(X, y_true)
    # equivalent: the exercise names an error for lengths that do not fit, not for other axes or for no samples
    require(X.ndim == 2 and X.shape[0] >= 1, "X must have shape (n, d) with n >= 1")
    n, d = X.shape
    require(tuple(y_true.shape) == (n,), f"y_true must have shape ({n},), got {tuple(y_true.shape)}")
    require(float(lr) > 0, "lr must be positive")
    require(t >= 0, "t must not be negative")
    U, s, Vt = xp.linalg.svd(X, full_matrices=False)
    # equivalent: the floor may lie anywhere between rounding errors and true singular values
    # equivalent: a model without weights is not asked about
    floor = float(xp.finfo(xp.float64).eps) * max(n, d) * (float(xp.max(s)) if d else 0.0)
    real = s > floor
    curvature = xp.where(real, 2.0 / n * s * s, xp.ones_like(s))  # equivalent: only entries that are thrown away change
    slope = 2.0 / n * s * (U.T @ y_true)
    progress = _progress(xp, float(lr) * curvature, float(t))
    return Vt.T @ xp.where(real, progress / curvature * slope, xp.zeros_like(s))


def _progress(xp: Any, x: Array, t: float) -> Array:
    """Return 1 - (1 - x)**t for 0 < x < 2, without cancellation for small x."""
    small = x < 0.5  # equivalent: between 1/2 and 1 both ways are accurate
    # equivalent: only entries that are thrown away change
    slow = -xp.expm1(t * xp.log1p(-xp.where(small, x, xp.zeros_like(x))))
    # equivalent: only entries that are thrown away change
    fast = 1.0 - xp.pow(1.0 - xp.where(small, xp.ones_like(x), x), xp.asarray(t, dtype=xp.float64))
    return xp.where(small, slow, fast)
