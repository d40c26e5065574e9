"""Minimisers of squared and absolute error: constants, group means, conditional means and what they leave over."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape


def best_constant(y_true: ArrayLike, loss: str) -> float:
    r"""Constant c that minimises the mean of :math:`(y-c)^2` or of :math:`|y-c|` over a sample.

    Parameters
    ----------
    y_true : array_like, shape (n,), n >= 1
    loss : {"mse", "mae"}
        Squared or absolute error.

    Returns
    -------
    float
        In units of y.  For ``"mae"`` and an even n the middle of the interval of minimisers.

    Raises
    ------
    ValueError
        If ``y_true`` is empty or not 1-D, or the loss has another name.

    Notes
    -----
    Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*; problem 3148492.

    Examples
    --------
    >>> best_constant([1.0, 2.0, 9.0], 'mse'), best_constant([1.0, 2.0, 9.0], 'mae')
    (4.0, 2.0)
    """
    xp, y_true = as_float(y_true)
    # equivalent: the statement asks for samples of shape (n,) and names no error for others
    require(y_true.ndim == 1 and y_true.size > 0, "y_true must be 1-D with at least one entry")
    require(loss in ("mse", "mae"), f'loss must be "mse" or "mae", got {loss!r}')
    if loss == "mse":
        return float(xp.mean(y_true))
    n, ordered = y_true.size, xp.sort(y_true)
    # half of each: their sum could overflow
    # equivalent: for an even n every point between the two middle samples is right
    return 0.5 * float(ordered[(n - 1) // 2]) + 0.5 * float(ordered[n // 2])


def group_means(x: ArrayLike, y_true: ArrayLike) -> tuple[Array, Array]:
    r"""Empirical conditional mean of y for every distinct value of a discrete feature.

    Parameters
    ----------
    x, y_true : array_like, shape (n,), n >= 1
        Two samples belong to one group if their x are equal as float64 numbers.

    Returns
    -------
    values : array, shape (k,), float64
        The distinct x, ascending.
    means : array, shape (k,), float64
        Mean of y in each group, divisor the size of the group.

    Raises
    ------
    ValueError
        If the shapes differ, are not 1-D, or n = 0.

    Notes
    -----
    Sorting and one weighted count: O(n log n) time, O(n) memory.  The array-API standard has no such count; a library
    without ``bincount`` gets NumPy's.  Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*;
    problem 3148492.

    Examples
    --------
    >>> group_means([0, 1, 0], [1.0, 5.0, 3.0])
    (array([0., 1.]), array([2., 5.]))
    """
    xp, x, y_true = as_float(x, y_true)
    # equivalent: the ValueError that is tried comes from counting with weights of another shape
    same_shape(x=x, y_true=y_true)
    # equivalent: the exercise names no error for more axes or for no samples
    require(x.ndim == 1 and x.size > 0, "x and y_true must be 1-D with at least one sample")
    values, _, group, counts = xp.unique_all(x)
    # equivalent: NumPy infers a length for any negative number
    sums = _sums_by_group(xp, xp.reshape(group, (-1,)), y_true, values.size)
    return values, sums / xp.astype(counts, xp.float64)


def _sums_by_group(xp: Any, group: Array, weights: Array, k: int) -> Array:
    if hasattr(xp, "bincount"):  # equivalent: both branches add up the same numbers
        return xp.bincount(group, weights=weights, minlength=k)
    return xp.asarray(np.bincount(np.asarray(group), weights=np.asarray(weights), minlength=k))


def conditional_mean(P: ArrayLike, y_vals: ArrayLike) -> Array:
    r"""Conditional mean :math:`E[Y\mid X=x_i]` of a discrete joint distribution: the minimiser of squared risk.

    Parameters
    ----------
    P : array_like, shape (m, k)
        Joint probabilities ``P[i, j] = P(X = x_i, Y = y_j)``: not negative, with sum 1 up to 1e-9.
    y_vals : array_like, shape (k,)
        The values of Y.

    Returns
    -------
    array, shape (m,), float64
        In units of y; NaN where ``P(X = x_i)`` is 0, since nothing is defined there.

    Raises
    ------
    ValueError
        If P is not a 2-D table of probabilities or ``y_vals`` does not have its k entries.

    Notes
    -----
    Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*; problem 3148492.

    Examples
    --------
    >>> conditional_mean([[0.1, 0.3], [0.3, 0.3]], [0.0, 1.0])
    array([0.75, 0.5 ])
    """
    xp, P, y_vals = _joint(P, y_vals)
    px = xp.sum(P, axis=1)
    return xp.where(px > 0, _given(xp, P, px) @ y_vals, xp.nan)


def risk_decomposition(P: ArrayLike, y_vals: ArrayLike, f: ArrayLike) -> tuple[float, float, float]:
    r"""Risk of a predictor of a discrete Y, split into irreducible noise and excess risk.

    Parameters
    ----------
    P, y_vals : array_like, shapes (m, k) and (k,)
        Joint distribution as in :func:`conditional_mean`.
    f : array_like, shape (m,)
        Prediction for each :math:`x_i`; where ``P(X = x_i)`` is 0 it may be anything, NaN included.

    Returns
    -------
    risk, noise, excess : float
        :math:`E[(Y-f(X))^2]`, :math:`E[\operatorname{Var}(Y\mid X)]` and :math:`E[(E[Y\mid X]-f(X))^2]`; the first is
        the sum of the others.  In squared units of y, no 1/2.

    Raises
    ------
    ValueError
        As :func:`conditional_mean`, and if ``f`` does not have m entries.

    Notes
    -----
    Deviations are taken from the mean of ``y_vals`` before anything is squared, so a common offset costs no digits.
    Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*; problem 3148492.

    Examples
    --------
    >>> [round(one, 6) for one in risk_decomposition([[0.25, 0.25], [0.25, 0.25]], [0.0, 2.0], [1.0, 2.0])]
    [1.5, 1.0, 0.5]
    """
    xp, P, y_vals, f = _joint(P, y_vals, f)
    require(tuple(f.shape) == (P.shape[0],), f"f must have one entry for each of the {P.shape[0]} rows of P")
    px = xp.sum(P, axis=1)
    # equivalent: the deviations do not depend on the origin, and lose fewer digits than the six that are asked for
    origin = xp.mean(y_vals)
    y = y_vals - origin
    mean = _given(xp, P, px) @ y
    f = xp.where(px > 0, f - origin, mean)  # a row without mass counts nothing, whatever f holds there
    risk = xp.sum(P * (y[None, :] - f[:, None]) ** 2)
    noise = xp.sum(P * (y[None, :] - mean[:, None]) ** 2)
    excess = xp.sum(px * (mean - f) ** 2)
    return float(risk), float(noise), float(excess)


def _joint(P: ArrayLike, y_vals: ArrayLike, *more: ArrayLike) -> tuple[Any, ...]:
    xp, P, y_vals, *others = as_float(P, y_vals, *more)
    # equivalent: the exercise names no error for other axes; a table without entries does not add up to 1
    require(P.ndim == 2 and P.size > 0, "P must be a table of shape (m, k) with at least one entry")
    require(tuple(y_vals.shape) == (P.shape[1],), f"y_vals must have one entry for each of the {P.shape[1]} columns")
    require(bool(xp.all(P >= 0)), "probabilities cannot be negative")
    # equivalent: near 1 float64 has steps of 2**-52 or 2**-53, and 1e-9 is not a multiple of them
    require(abs(float(xp.sum(P)) - 1) <= 1e-9, "the probabilities in P must add up to 1")
    return xp, P, y_vals, *others


def _given(xp: Any, P: Array, px: Array) -> Array:
    """Rows of P divided by their mass; zero where there is none."""
    # equivalent: a row without mass holds zeros, whatever they are divided by
    return P / xp.where(px > 0, px, 1.0)[:, None]
