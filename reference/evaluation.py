"""Evaluation: the coefficient of determination, its link to the MSE, early stopping, and curves over training."""

from __future__ import annotations

import math
from typing import Any

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape


def r2_score(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Coefficient of determination :math:`R^2=1-SS_\text{res}/SS_\text{tot}` of predictions.

    Parameters
    ----------
    y_true, y_pred : array_like, shape (n,), n >= 2
        ``y_true`` not constant as floating-point numbers.

    Returns
    -------
    float
        At most 1, negative where the mean of ``y_true`` predicts better; without unit.

    Raises
    ------
    ValueError
        If the shapes differ or are not 1-D, there is no entry, or all of ``y_true`` are equal.

    Notes
    -----
    Two passes: deviations first, then squares.  Chapter: *MSE and Model Evaluation*; problem 3148532.

    Examples
    --------
    >>> r2_score([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])
    0.5
    """
    xp, y_true, y_pred = as_float(y_true, y_pred)
    same_shape(y_true=y_true, y_pred=y_pred)
    total = _total_sum(xp, "y_true", y_true)
    return 1.0 - float(xp.sum((y_true - y_pred) ** 2)) / total


def mse_from_r2(r2: float, y_true: ArrayLike) -> float:
    r"""Mean squared error that belongs to a given :math:`R^2` on given targets.

    Parameters
    ----------
    r2 : float, <= 1
    y_true : array_like, shape (n,), n >= 1

    Returns
    -------
    float
        :math:`(1-R^2)\,s_y^2` with :math:`s_y^2=SS_\text{tot}/n` (ddof = 0), in squared units of y; 0 for constant
        targets.

    Raises
    ------
    ValueError
        If ``y_true`` is empty or not 1-D, or r2 exceeds 1.

    Notes
    -----
    Chapter: *MSE and Model Evaluation*; problem 3148532.

    Examples
    --------
    >>> round(mse_from_r2(0.5, [1.0, 2.0, 3.0]), 6)
    0.333333
    """
    xp, y_true = as_float(y_true)
    # equivalent: the statement asks for one axis and names no error for more
    require(y_true.ndim == 1 and y_true.size > 0, "y_true must be 1-D with at least one entry")
    require(float(r2) <= 1, "R^2 cannot exceed 1: no mean squared error is negative")
    return (1.0 - float(r2)) * float(xp.mean(_deviations(xp, y_true) ** 2))


def early_stop(val_mse: ArrayLike, patience: int) -> tuple[int, int]:
    """Best epoch and stopping epoch of training with patience.

    Parameters
    ----------
    val_mse : array_like, shape (T,), T >= 1
        Validation error after each epoch t = 0, 1, ...
    patience : int, >= 1
        Stop at the first t with t - best_epoch >= patience.

    Returns
    -------
    best_epoch, stop_epoch : int
        An epoch is best if its value is strictly below all before it.  ``stop_epoch`` is T - 1 where patience never
        ends.

    Raises
    ------
    ValueError
        If ``val_mse`` is empty, not 1-D or has a NaN, or patience < 1.

    Notes
    -----
    A loop over Python numbers, whatever library the array is from.  Chapter: *MSE and Model Evaluation* (overfitting).

    Examples
    --------
    >>> early_stop([3.0, 1.0, 2.0, 2.5, 0.5], 2)
    (1, 3)
    """
    xp, val_mse = as_float(val_mse)
    # equivalent: the statement asks for one axis and names no error for more
    require(val_mse.ndim == 1 and val_mse.size > 0, "val_mse must be 1-D with at least one epoch")
    # equivalent: the exercise does not say what holds for a NaN
    require(not bool(xp.any(xp.isnan(val_mse))), "val_mse must not contain NaN")
    require(patience >= 1, "patience must be at least 1")
    best, lowest = 0, math.inf  # equivalent: epoch 0 is the first best, whichever line says so
    for epoch, value in enumerate(float(v) for v in val_mse):
        if epoch == 0 or value < lowest:  # equivalent: epoch 0 is the first best, whichever line says so
            best, lowest = epoch, value
        elif epoch - best >= patience:
            return best, epoch
    return best, int(val_mse.size) - 1


def gd_r2_curves(
    X_train: ArrayLike, y_train: ArrayLike, X_test: ArrayLike, y_test: ArrayLike, lr: float, steps: int
) -> tuple[Array, Array]:
    r"""Training and test :math:`R^2` along full-batch gradient descent for a linear model from zero weights.

    Parameters
    ----------
    X_train, X_test : array_like, shapes (n, d) and (m, d)
    y_train, y_test : array_like, shapes (n,) and (m,), neither constant
    lr : float, > 0
        Learning rate for the loss :math:`\frac1n\lVert Xw-y\rVert^2` of the training data, gradient
        :math:`\frac2nX^\top(Xw-y)`, no intercept.
    steps : int, >= 0

    Returns
    -------
    r2_train, r2_test : array, shape (steps + 1,), float64
        Entry t belongs to the weights after t updates; each set is compared with the mean of its own targets.

    Raises
    ------
    ValueError
        If shapes do not fit, a set of targets is constant, lr <= 0 or steps < 0.

    Notes
    -----
    The weights are collected first: O(steps (n + m)) memory.  Chapter: *MSE and Model Evaluation*; problem 3148532.

    Examples
    --------
    >>> train, test = gd_r2_curves([[1.0], [2.0]], [1.0, 2.0], [[3.0], [4.0]], [3.0, 4.0], 0.1, 2)
    >>> train.round(4), test.round(4)
    (array([-9.   , -1.5  ,  0.375]), array([-49.   , -11.5  ,  -2.125]))
    """
    xp, X_train, y_train, X_test, y_test = as_float(X_train, y_train, X_test, y_test)
    totals = []
    for name, X, y in (("train", X_train, y_train), ("test", X_test, y_test)):
        # equivalent: the ValueError that is tried comes from the total sum of squares
        require(X.ndim == 2 and y.ndim == 1, f"X_{name} must be 2-D and y_{name} 1-D")
        require(X.shape[0] == y.size, f"X_{name} has {X.shape[0]} rows, y_{name} has {y.size} entries")
        totals.append(_total_sum(xp, f"y_{name}", y))
    # equivalent: the ValueError that is tried comes from the product with the weights
    require(X_train.shape[1] == X_test.shape[1], "X_train and X_test must have the same columns")
    # equivalent: the exercise does not say what holds for other rates and counts
    require(lr > 0 and steps >= 0, "lr must be positive and steps not negative")
    w, path = xp.zeros(X_train.shape[1], dtype=xp.float64), []
    for step in range(steps + 1):
        path.append(w)
        if step < steps:  # equivalent: one more update after the last entry is thrown away
            w = w - (2 * lr / y_train.size) * (X_train.T @ (X_train @ w - y_train))
    W = xp.stack(path, axis=1)
    residuals = (X_train @ W - y_train[:, None], X_test @ W - y_test[:, None])
    first, second = (1 - xp.sum(r**2, axis=0) / total for r, total in zip(residuals, totals, strict=True))
    return first, second


def _deviations(xp: Any, y: Array) -> Array:
    """Deviations from the mean; exactly zero for equal numbers, whose computed mean may be another number."""
    # equivalent: the deviations do not depend on the origin but for rounding, which stays within the tolerance
    from_first = y - y[0]
    return from_first - xp.mean(from_first)


def _total_sum(xp: Any, name: str, y: Array) -> float:
    # equivalent: the exercise names no error for other axes or for no targets
    # equivalent: a single target is constant, which is refused
    require(y.ndim == 1 and y.size > 0, f"{name} must be 1-D with at least one entry")
    require(bool(xp.max(y) > xp.min(y)), f"all of {name} are equal: there is no variation to explain")
    return float(xp.sum(_deviations(xp, y) ** 2))
