"""Where the error comes from: bias, variance and noise, of any table of predictions and of ridge regression."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.arrays import Array, ArrayLike, as_float, namespace, require


def bias_variance(y_pred: ArrayLike, f_true: ArrayLike, noise_var: float) -> tuple[float, float, float, float]:
    r"""Squared bias, variance, noise and their sum from the predictions of independently trained models.

    Parameters
    ----------
    y_pred : array_like, shape (R, n), R >= 1, n >= 1
        Predictions of R models at n points.
    f_true : array_like, shape (n,)
        The truth at these points, without noise.
    noise_var : float, >= 0
        Variance of the noise of a new observation, independent of all models.

    Returns
    -------
    tuple of four floats
        ``bias2``, ``variance`` (over the models, ddof 0), ``noise`` and ``total``, each a mean over the points, in
        squared units of y; ``bias2 + variance`` is the mean of ``(y_pred - f_true)**2``.

    Raises
    ------
    ValueError
        If the shapes do not fit, R = 0 or n = 0, or ``noise_var`` is negative.

    Notes
    -----
    The truth is subtracted first, so that a common offset costs no digits.
    Chapter: *MSE and Model Evaluation* (overfitting).

    Examples
    --------
    >>> bias_variance([[1.0, 2.0], [3.0, 2.0]], [1.0, 2.0], 0.25)
    (0.5, 0.5, 0.25, 1.25)
    """
    xp, y_pred, f_true = as_float(y_pred, f_true)
    # equivalent: the ValueError that is tried comes from unpacking the shape
    require(y_pred.ndim == 2 and f_true.ndim == 1, "y_pred must have shape (R, n) and f_true shape (n,)")
    models, points = y_pred.shape
    # equivalent: the exercise does not say what holds without models or points
    require(models >= 1 and points >= 1, f"at least one model and one point are needed, got {models} and {points}")
    require(f_true.shape[0] == points, f"y_pred has {points} points, f_true has {f_true.shape[0]}")
    noise = float(noise_var)
    require(noise >= 0, f"noise_var is a variance and cannot be negative, got {noise}")
    deviation = y_pred - f_true
    bias = xp.mean(deviation, axis=0)
    bias2, variance = float(xp.mean(bias * bias)), float(xp.mean((deviation - bias) ** 2))
    return bias2, variance, noise, bias2 + variance + noise


def ridge_fit(X: ArrayLike, y_true: ArrayLike, lam: float) -> Array:
    r"""Ridge weights: the minimiser of :math:`\frac1n\lVert Xw-y\rVert^2+\lambda\lVert w\rVert^2`, no intercept.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1, d >= 1
        Of full column rank if ``lam`` is 0; anything else will do if not.
    y_true : array_like, shape (n,)
    lam : float, >= 0
        Mind the 1/n in front of the first term.

    Returns
    -------
    array, shape (d,), float64

    Raises
    ------
    ValueError
        If X is not 2-D, y_true not 1-D, their lengths differ, there is no entry, or ``lam`` is negative.

    Notes
    -----
    Least squares with :math:`\sqrt{n\lambda}\,I` below X, by the reduced QR factorisation.
    Chapter: *MSE and Model Evaluation* (overfitting).

    Examples
    --------
    >>> ridge_fit([[1.0], [2.0]], [1.0, 2.0], 0.5).round(4)
    array([0.8333])
    """
    xp, X, y_true = as_float(X, y_true)
    n, d = _design(X)
    # equivalent: the ValueError that is tried comes from the product of matrices that do not fit
    require(y_true.ndim == 1 and y_true.shape[0] == n, f"y_true must have shape ({n},)")
    penalty = float(lam)
    # equivalent: the ValueError that is tried comes from the square root of a negative number
    require(penalty >= 0, f"lam cannot be negative, got {penalty}")
    below = math.sqrt(n * penalty) * xp.eye(d, dtype=xp.float64)
    Q, R = xp.linalg.qr(xp.concat([X, below]), mode="reduced")
    return xp.linalg.solve(R, Q[:n, :].T @ y_true)


def ridge_bias_variance(X: ArrayLike, w_true: ArrayLike, sigma2: float, lam: float) -> tuple[float, float]:
    r"""Exact in-sample squared bias and variance of ridge regression for a fixed design.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1, d >= 1
    w_true : array_like, shape (d,)
        The data are :math:`y=Xw+e`.
    sigma2 : float, >= 0
        Variance of the independent errors e, which have mean 0.
    lam : float, > 0
        As in :func:`ridge_fit`.

    Returns
    -------
    tuple of two floats
        :math:`\frac1n\lVert(H-I)Xw\rVert^2` and :math:`\frac{\sigma^2}n\operatorname{tr}H^2` with
        :math:`H=X(X^\top X+n\lambda I)^{-1}X^\top`: means over the n design points.

    Raises
    ------
    ValueError
        If the shapes do not fit, there is no entry, ``lam`` is not positive or ``sigma2`` is negative.

    Notes
    -----
    From the singular values: :math:`O(nd^2)`, and no n x n matrix.  Chapter: *MSE and Model Evaluation* (overfitting).

    Examples
    --------
    >>> bias2, variance = ridge_bias_variance([[1.0], [2.0]], [1.0], 0.5, 0.5)
    >>> round(bias2, 6), round(variance, 6)
    (0.069444, 0.173611)
    """
    xp, X, w_true = as_float(X, w_true)
    n, d = _design(X)
    # equivalent: the ValueError that is tried comes from the product of matrices that do not fit
    require(w_true.ndim == 1 and w_true.shape[0] == d, f"w_true must have shape ({d},)")
    penalty, noise = n * float(lam), float(sigma2)
    require(penalty > 0, f"lam must be positive, got {lam}")
    # equivalent: the exercise does not say what holds for a negative variance
    require(noise >= 0, f"sigma2 is a variance and cannot be negative, got {sigma2}")
    _, s, Vt = xp.linalg.svd(X, full_matrices=False)
    kept = s * s / (s * s + penalty)
    lost = penalty / (s * s + penalty) * s * (Vt @ w_true)
    return float(xp.sum(lost * lost)) / n, noise * float(xp.sum(kept * kept)) / n


def simulate_shrinkage(
    theta: float, sigma2: float, n: int, c: float, reps: int, rng: np.random.Generator, xp: Any = None
) -> Array:
    r"""Values of the shrunken mean :math:`c\,\bar y` over fresh samples: one number per replication.

    Parameters
    ----------
    theta : float
        Mean of the observations.
    sigma2 : float, >= 0
        Their variance; they are normal and independent.
    n : int, >= 1
        Observations per replication.
    c : float
        Factor in front of the mean.
    reps : int, >= 1
    rng : numpy.random.Generator
        The only source of randomness; draws are made by NumPy.
    xp : namespace, optional
        Where the result lives; NumPy by default.

    Returns
    -------
    array, shape (reps,), float64
        Distributed as :math:`N(c\theta,c^2\sigma^2/n)`.

    Raises
    ------
    ValueError
        If sigma2 < 0, n < 1 or reps < 1.

    Notes
    -----
    The mean of n normal observations is drawn directly.  Chapter: *MSE and Model Evaluation* (overfitting).

    Examples
    --------
    >>> round(float(simulate_shrinkage(2.0, 1.0, 5, 0.8, 20_000, np.random.default_rng(0)).mean()), 1)
    1.6
    """
    # equivalent: the ValueError that is tried comes from the square root of a negative number
    require(float(sigma2) >= 0, f"sigma2 is a variance and cannot be negative, got {sigma2}")
    # equivalent: the exercise does not say what holds for no observation or no replication
    require(n >= 1 and reps >= 1, f"n and reps must be at least 1, got {n} and {reps}")
    xp = namespace() if xp is None else xp  # equivalent: the stub has no xp
    # equivalent: normal noise is symmetric
    mean = float(theta) + math.sqrt(float(sigma2) / n) * rng.standard_normal(reps)
    return xp.asarray(float(c) * mean)


def _design(X: Array) -> tuple[int, int]:
    # equivalent: the exercise names no error for a design with another number of axes or without samples
    require(X.ndim == 2 and X.shape[0] >= 1 and X.shape[1] >= 1, "X must have shape (n, d) with n >= 1 and d >= 1")
    return X.shape[0], X.shape[1]
