"""Risks: the average of squared errors over a sample, and over the population."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.arrays import Array, ArrayLike, as_float, namespace, require, same_shape


def mse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Empirical risk :math:`\frac1N\sum (y-\hat y)^2`: the mean over all N entries, without 1/2.

    Parameters
    ----------
    y_true, y_pred : array_like, one common shape (0-d included)
        Promoted to float64 before the subtraction; residuals are formed first, then squared.

    Returns
    -------
    float
        In squared units of y.

    Raises
    ------
    ValueError
        If the shapes differ or there is no entry.

    Notes
    -----
    Chapter: *From Population Risk to Empirical Risk*.

    Examples
    --------
    >>> mse([1.0, 2.0, 3.0], [1.0, 3.0, 5.0])
    1.6666666666666667
    """
    xp, y_true, y_pred = as_float(y_true, y_pred)  # equivalent: the squared difference is symmetric
    same_shape(y_true=y_true, y_pred=y_pred)
    require(y_true.size > 0, "the mean of no residual is not defined: give at least one")
    residual = y_true - y_pred
    return float(xp.mean(residual * residual))


def population_risk(
    w: ArrayLike,
    b: float,
    mu: ArrayLike,
    Sigma: ArrayLike,
    beta: ArrayLike,
    beta0: float,
    sigma2: float,
) -> float:
    r"""True risk :math:`E[(Y-w\cdot x-b)^2]` of a linear predictor for a linear truth, in closed form.

    Parameters
    ----------
    w, beta : array_like, shape (d,)
        Weights of the predictor and of the truth :math:`Y=\beta\cdot x+\beta_0+e`.
    b, beta0 : float
        Intercepts of both.
    mu : array_like, shape (d,)
        Mean of x.
    Sigma : array_like, shape (d, d)
        Covariance of x, symmetric positive semi-definite.
    sigma2 : float, >= 0
        Variance of the noise e, which has mean 0 and is independent of x.

    Returns
    -------
    float
        :math:`\sigma^2 + D^\top\Sigma D + (D\cdot\mu+\beta_0-b)^2` with :math:`D=\beta-w`; no 1/2.

    Raises
    ------
    ValueError
        If lengths do not fit, ``Sigma`` is not (d, d) or ``sigma2`` is negative.

    Notes
    -----
    Chapter: *From Population Risk to Empirical Risk*.

    Examples
    --------
    >>> population_risk([1.0], 0.0, [0.0], [[2.0]], [2.0], 0.5, 1.0)
    3.25
    """
    xp, w, mu, Sigma, beta = as_float(w, mu, Sigma, beta)
    d = w.size
    # equivalent: the exercise does not say what holds for an empty w
    require(w.ndim == 1 and d > 0, "w must have shape (d,) with d >= 1")
    require(tuple(beta.shape) == (d,) and tuple(mu.shape) == (d,), "w, mu and beta must have one length")
    require(tuple(Sigma.shape) == (d, d), f"Sigma must have shape ({d}, {d})")
    require(float(sigma2) >= 0, "sigma2 is a variance and cannot be negative")
    D = beta - w
    bias = float(xp.sum(D * mu)) + float(beta0) - float(b)
    return float(sigma2) + float(xp.sum(D * (Sigma @ D))) + bias * bias  # equivalent: Sigma is symmetric


def ols_fit(X: ArrayLike, y: ArrayLike) -> Array:
    r"""Least-squares weights: the minimiser of :math:`\frac1n\lVert Xw-y\rVert^2`, no intercept added.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= d >= 1, full column rank
    y : array_like, shape (n,)

    Returns
    -------
    array, shape (d,), float64

    Raises
    ------
    ValueError
        If X is not 2-D, y not 1-D, their lengths differ or n < d.

    Notes
    -----
    By the reduced QR factorisation: O(n d²) time, O(n d) memory.  Chapter: *From Population Risk to Empirical Risk*
    (ordinary least squares).

    Examples
    --------
    >>> ols_fit([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0]], [1.0, 3.0, 5.0]).round(4)
    array([1., 2.])
    """
    xp, X, y = as_float(X, y)
    # equivalent: the ValueError that is tried comes from the solver, or from unpacking the shape
    require(X.ndim == 2 and y.ndim == 1, "X must be 2-D and y 1-D")
    n, d = X.shape
    # equivalent: the ValueError that is tried comes from the solver, or from unpacking the shape
    require(y.shape[0] == n, f"X has {n} rows, y has {y.shape[0]} entries")
    # equivalent: the ValueError that is tried comes from the solver, or from unpacking the shape
    # equivalent: the exercise does not say what holds without columns
    require(n >= d >= 1, f"at least as many samples as weights are needed, got n={n}, d={d}")
    Q, R = xp.linalg.qr(X, mode="reduced")
    return xp.linalg.solve(R, Q.T @ y)


def running_risk(y_true: ArrayLike, y_pred: ArrayLike, ns: ArrayLike) -> Array:
    r"""Empirical risks of the first n samples, for many n at once.

    Parameters
    ----------
    y_true, y_pred : array_like, shape (N,), N >= 1
    ns : array_like of int, shape (m,), m >= 0
        Each 1 <= n <= N, in any order, repeats allowed.

    Returns
    -------
    array, shape (m,), float64
        Entry j is :math:`\frac1{n_j}\sum_{i\le n_j}(y_i-\hat y_i)^2`.

    Raises
    ------
    ValueError
        If the shapes differ or are not 1-D, N = 0, or an n lies outside 1..N.

    Notes
    -----
    One cumulative sum: O(N + m).  Chapter: *From Population Risk to Empirical Risk* (law of large numbers).

    Examples
    --------
    >>> running_risk([1.0, 2.0, 3.0], [1.0, 3.0, 5.0], [1, 2, 3]).round(4)
    array([0.    , 0.5   , 1.6667])
    """
    xp, y_true, y_pred, counts = as_float(y_true, y_pred, ns)
    same_shape(y_true=y_true, y_pred=y_pred)
    # equivalent: the statement asks for one axis and names no error for more
    require(y_true.ndim == 1 and counts.ndim == 1, "y_true, y_pred and ns must be 1-D")
    # equivalent: the exercise does not say what holds without samples
    require(y_true.size > 0, "at least one sample is needed")
    if counts.size == 0:  # equivalent: of no prefixes every answer makes an empty result
        return counts
    require(bool(xp.all((counts >= 1) & (counts <= y_true.size))), f"every n must lie between 1 and N={y_true.size}")
    totals = xp.cumulative_sum((y_true - y_pred) ** 2)
    return xp.take(totals, xp.astype(counts, xp.int64) - 1) / counts


def simulate_excess_risk(n: int, d: int, sigma2: float, reps: int, rng: np.random.Generator, xp: Any = None) -> Array:
    r"""Excess population risk of OLS over fresh samples: one number per replication.

    Parameters
    ----------
    n, d : int
        Samples and weights; n >= d + 1, d >= 1.  Each replication draws X (n, d) with iid N(0, 1) entries and
        y = X 1 + e with e iid N(0, sigma2).
    sigma2 : float, >= 0
        Variance of the noise.
    reps : int, >= 1
    rng : numpy.random.Generator
        The only source of randomness.
    xp : namespace, optional
        Where the batched solves run; NumPy by default.

    Returns
    -------
    array, shape (reps,), float64
        :math:`\lVert\hat w-\mathbf 1\rVert^2`, distributed as :math:`\sigma^2\frac{d}{n-d+1}F(d,n-d+1)`.

    Raises
    ------
    ValueError
        If n < d + 1, d < 1, reps < 1 or sigma2 < 0.

    Notes
    -----
    Chapter: *From Population Risk to Empirical Risk*.

    Examples
    --------
    >>> round(float(simulate_excess_risk(12, 2, 1.0, 20_000, np.random.default_rng(0)).mean()), 1)
    0.2
    """
    # equivalent: the exercise does not say what holds without weights
    require(d >= 1 and n >= d + 1, f"n >= d + 1 >= 2 is needed, got n={n}, d={d}")
    # equivalent: the exercise does not say what holds for no replication
    require(reps >= 1, "at least one replication is needed")
    require(sigma2 >= 0, "sigma2 is a variance and cannot be negative")
    xp = namespace() if xp is None else xp  # equivalent: the stub has no xp
    X = xp.asarray(rng.standard_normal((reps, n, d)))
    noise = xp.asarray(rng.standard_normal((reps, n, 1))) * float(sigma2) ** 0.5
    Q, R = xp.linalg.qr(X, mode="reduced")
    # y = X 1 + e, so the error of the fit is the fit of the noise
    error = xp.linalg.solve(R, xp.matrix_transpose(Q) @ noise)
    return xp.sum(error * error, axis=(1, 2))
