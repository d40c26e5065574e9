"""Inference and learning by prediction errors that are weighted with their precisions."""

from __future__ import annotations

from typing import Any

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape


def pc_energy(y: ArrayLike, r: ArrayLike, U: ArrayLike, m: ArrayLike, pi_y: ArrayLike, pi_r: ArrayLike) -> float:
    r"""Energy of causes r: precision-weighted squared prediction errors of data and prior.

    Parameters
    ----------
    y : array_like, shape (p,)
        Sensory data.
    r : array_like, shape (k,)
        Causes.
    U : array_like, shape (p, k)
        Generative weights; the prediction of the data is :math:`Ur`.
    m : array_like, shape (k,)
        Prediction of the causes from above (prior mean).
    pi_y : array_like, shape (p,)
        Precisions (inverse variances) of the data, >= 0.
    pi_r : array_like, shape (k,)
        Precisions of the causes, >= 0.

    Returns
    -------
    float
        :math:`\frac12\big[\sum_i\pi_{y,i}(y-Ur)_i^2+\sum_j\pi_{r,j}(r-m)_j^2\big]`: with 1/2, summed over units.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a precision is negative.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (theories of brain function).

    Examples
    --------
    >>> pc_energy([2.0], [1.0], [[1.0]], [0.0], [1.0], [3.0])
    2.0
    """
    xp, y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    _, r, _ = as_float(r, m)
    bottom_up, top_down = y - U @ r, r - m
    return 0.5 * (float(xp.sum(pi_y * bottom_up * bottom_up)) + float(xp.sum(pi_r * top_down * top_down)))


def pc_grad(y: ArrayLike, r: ArrayLike, U: ArrayLike, m: ArrayLike, pi_y: ArrayLike, pi_r: ArrayLike) -> Array:
    r"""Gradient of :func:`pc_energy` with respect to the causes r.

    Parameters
    ----------
    y, r, U, m, pi_y, pi_r : array_like
        As for :func:`pc_energy`.

    Returns
    -------
    array, shape (k,), float64
        :math:`-U^\top\Pi_y(y-Ur)+\Pi_r(r-m)`.

    Raises
    ------
    ValueError
        As :func:`pc_energy`.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (theories of brain function).

    Examples
    --------
    >>> pc_grad([2.0], [1.0], [[1.0]], [0.0], [1.0], [3.0])
    array([2.])
    """
    _, y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    return _slope(y, as_float(r, m)[1], U, m, pi_y, pi_r)


def pc_infer(
    y: ArrayLike,
    U: ArrayLike,
    m: ArrayLike,
    pi_y: ArrayLike,
    pi_r: ArrayLike,
    lr: float,
    steps: int,
    r0: ArrayLike | None = None,
) -> Array:
    r"""Path of gradient descent on the energy.

    Parameters
    ----------
    y, U, m, pi_y, pi_r : array_like
        As for :func:`pc_energy`.
    lr : float, > 0
        Learning rate; converges below 2 over the largest eigenvalue of :math:`U^\top\Pi_yU+\Pi_r`.
    steps : int, >= 0
    r0 : array_like, shape (k,), optional
        Start; the prior mean m by default.

    Returns
    -------
    array, shape (steps + 1, k), float64
        The start in row 0, then one row per step.

    Raises
    ------
    ValueError
        As :func:`pc_energy`.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (theories of brain function).

    Examples
    --------
    >>> pc_infer([2.0], [[1.0]], [0.0], [1.0], [3.0], 0.1, 2).round(4)
    array([[0.  ],
           [0.2 ],
           [0.32]])
    """
    xp, y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    path = [m if r0 is None else as_float(r0, m)[1]]
    for _ in range(steps):
        path.append(path[-1] - float(lr) * _slope(y, path[-1], U, m, pi_y, pi_r))
    return xp.stack(path)


def pc_posterior_mean(y: ArrayLike, U: ArrayLike, m: ArrayLike, pi_y: ArrayLike, pi_r: ArrayLike) -> Array:
    r"""Causes of least energy: the posterior mean of the linear-Gaussian model.

    Parameters
    ----------
    y, U, m, pi_y, pi_r : array_like
        As for :func:`pc_energy`; precisions may be 0 as long as :math:`U^\top\Pi_yU+\Pi_r` is nonsingular.

    Returns
    -------
    array, shape (k,), float64
        :math:`(U^\top\Pi_yU+\Pi_r)^{-1}(U^\top\Pi_yy+\Pi_rm)`.

    Raises
    ------
    ValueError
        As :func:`pc_energy`, and if all precisions are 0.

    Notes
    -----
    Written as a correction of m, which a precise prior leaves nearly as it is.
    Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*; problem 1945465.

    Examples
    --------
    >>> pc_posterior_mean([2.0], [[1.0]], [0.0], [1.0], [3.0])
    array([0.5])
    """
    xp, y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    # equivalent: the ValueError that is tried comes from the singular matrix
    require(bool(xp.any(pi_y > 0)) or bool(xp.any(pi_r > 0)), "all precisions are 0: every r has the same energy")
    # a sum of outer products with the diagonal added
    precision = (U.T * pi_y) @ U + xp.eye(m.shape[0], dtype=xp.float64) * pi_r
    return m + xp.linalg.solve(precision, U.T @ (pi_y * (y - U @ m)))


def pc_learn_step(Y: ArrayLike, R: ArrayLike, U: ArrayLike, pi_y: ArrayLike, lr: float) -> Array:
    r"""One gradient step of the generative weights on the energy averaged over samples, the causes held fixed.

    Parameters
    ----------
    Y : array_like, shape (n, p), n >= 1
        Data, a sample per row.
    R : array_like, shape (n, k)
        Inferred causes.
    U : array_like, shape (p, k)
    pi_y : array_like, shape (p,)
        Precisions, >= 0.
    lr : float, > 0

    Returns
    -------
    array, shape (p, k), float64
        :math:`U+\frac{\mathrm{lr}}n\sum_i\big(\pi_y\odot(y_i-Ur_i)\big)r_i^\top`, a fresh array.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a precision is negative.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (theories of brain function).

    Examples
    --------
    >>> pc_learn_step([[2.0]], [[1.0]], [[1.0]], [1.0], 0.1)
    array([[1.1]])
    """
    xp, Y, R, U, pi_y = as_float(Y, R, U, pi_y)
    predicted = R @ U.T
    same_shape(Y=Y, predicted=predicted)
    n, p = Y.shape
    _precisions(xp, pi_y, p, "pi_y")
    errors = (Y - predicted) * pi_y
    return U + float(lr) / n * (errors.T @ R)


def _slope(y: Array, r: Array, U: Array, m: Array, pi_y: Array, pi_r: Array) -> Array:
    return pi_r * (r - m) - U.T @ (pi_y * (y - U @ r))


def _model(y: ArrayLike, U: ArrayLike, m: ArrayLike, pi_y: ArrayLike, pi_r: ArrayLike) -> tuple[Any, ...]:
    """Promote the arguments that describe the model and check them: xp, y, U, m, pi_y, pi_r."""
    xp, y, U, m, pi_y, pi_r = as_float(y, U, m, pi_y, pi_r)
    p, k = U.shape
    require(tuple(y.shape) == (p,), f"y must have shape ({p},), got {tuple(y.shape)}")
    require(tuple(m.shape) == (k,), f"m must have shape ({k},), got {tuple(m.shape)}")
    _precisions(xp, pi_y, p, "pi_y")
    _precisions(xp, pi_r, k, "pi_r")
    return xp, y, U, m, pi_y, pi_r


def _precisions(xp: Any, values: Array, size: int, name: str) -> None:
    require(tuple(values.shape) == (size,), f"{name} must have shape ({size},), got {tuple(values.shape)}")
    require(bool(xp.all(values >= 0)), f"{name} holds precisions (inverse variances) and cannot be negative")
