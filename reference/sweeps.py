"""Large Monte Carlo and sweeps, in batches that keep to a budget of memory; on NumPy or, with ``xp``, on a GPU."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import array_api_compat
import numpy as np

from autograder.arrays import Array, ArrayLike, as_float, namespace, require, same_shape
from reference import _fused
from reference.activations import _activation, _require_kind, activation_derivative
from reference.heavy_tails import _middle, huber_location_batch

BUDGET = 1 << 30
"""Bytes that the arrays of one batch may take together."""

_IN_CACHE = 1 << 14  # entries that NumPy carries through all steps of a trajectory before it takes the next


def batches(count: int, each: int, budget: int = BUDGET) -> Iterator[slice]:
    """Yield slices of ``range(count)``, each within a budget of memory but with at least one item.

    Parameters
    ----------
    count : int, >= 1
        Number of items.
    each : int, >= 1
        Bytes of an item.
    budget : int, >= 1
        Bytes of a slice.

    Yields
    ------
    slice

    Raises
    ------
    ValueError
        If a number is not positive.

    Examples
    --------
    >>> list(batches(5, 8, budget=16))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    require(count > 0 and each > 0 and budget > 0, f"count, each and budget must be positive, got {count}, {each}")
    size = max(1, budget // each)
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def sampler(seed: int, xp: Any = None) -> Any:
    """Return a random generator of the library: NumPy's, or CuPy's, which draws on the GPU.

    The streams differ between libraries, so what is drawn agrees in law only.

    Parameters
    ----------
    seed : int, >= 0
    xp : namespace, optional
        Where numbers are drawn; NumPy by default.

    Returns
    -------
    generator
        Of ``numpy.random`` or ``cupy.random``.

    Examples
    --------
    >>> sampler(0).normal(size=3).round(4)
    array([ 0.1257, -0.1321,  0.6404])
    """
    xp = namespace() if xp is None else xp
    return xp.random.default_rng(seed) if array_api_compat.is_cupy_namespace(xp) else np.random.default_rng(seed)


def running_risk_mc(
    ns: ArrayLike, sigma2: float, rng: Any, xp: Any = None, budget: int = BUDGET
) -> tuple[Array, float]:
    r"""Running empirical risk of the best predictor under Gaussian noise: the law of large numbers at work.

    Parameters
    ----------
    ns : array_like of int, shape (m,), m >= 1
        Sample sizes at which the risk is read, positive and ascending; the last one is how many samples are drawn.
    sigma2 : float, >= 0
        Variance of the noise: the population risk, to which the running risk converges.
    rng : generator
        Of :func:`sampler`; draws one standard normal number per sample.
    xp : namespace, optional
        Where the samples live; NumPy by default.
    budget : int
        Bytes of a batch: three arrays of its samples.

    Returns
    -------
    (array, shape (m,), float64; float)
        The risks :math:`\frac1n\sum_{i\le n}r_i^2` on the host's NumPy, and :math:`\sigma^2`.

    Raises
    ------
    ValueError
        If ``ns`` is empty, not ascending or not positive, or ``sigma2`` is negative.

    Notes
    -----
    One batch after the other: 1e8 samples take the memory of one batch.  Sums of batches are added exactly.
    Chapter: *From Population Risk to Empirical Risk* (law of large numbers).

    Examples
    --------
    >>> risks, limit = running_risk_mc([10, 1_000, 100_000], 2.0, sampler(0))
    >>> risks.round(2), limit
    (array([1.11, 1.91, 2.  ]), 2.0)
    """
    counts = np.asarray(ns, dtype=np.int64)
    require(counts.ndim == 1 and counts.size > 0, "ns must be 1-D with at least one entry")
    require(bool(counts[0] > 0 and np.all(np.diff(counts) > 0)), "ns must be positive and ascending")
    require(float(sigma2) >= 0, "sigma2 is a variance and cannot be negative")
    xp = namespace() if xp is None else xp
    risks: list[float] = []
    sums: list[float] = []
    before = 0
    for n in counts.tolist():
        for batch in batches(n - before, 24, budget):
            residual = xp.asarray(rng.standard_normal(batch.stop - batch.start))
            sums.append(float(sigma2) * float(residual @ residual))
        before = n
        risks.append(math.fsum(sums) / n)
    return np.asarray(risks), float(sigma2)


def student_t_mc(
    nu: float,
    n: int,
    reps: int,
    estimator: str,
    rng: Any,
    delta: float = 1.0,
    xp: Any = None,
    budget: int = BUDGET,
) -> Array:
    r"""Location estimates from samples of Student's t, as :func:`reference.heavy_tails.estimator_mc`, in batches.

    Parameters
    ----------
    nu : float, > 0
        Degrees of freedom; location 0, scale 1.
    n, reps : int, >= 1
        Size of a sample, number of samples.
    estimator : {"mean", "median", "huber"}
    rng : generator
        Of :func:`sampler`; :math:`t=z\sqrt{\nu/2/g}` with z standard normal and g gamma of shape :math:`\nu/2`.
    delta : float, > 0
        Used by "huber" only.
    xp : namespace, optional
        Where samples are drawn and estimates computed; NumPy by default.
    budget : int
        Bytes of a batch: six arrays of its samples, which the Huber steps take.

    Returns
    -------
    array, shape (reps,), float64
        In the library of ``xp``.

    Raises
    ------
    ValueError
        If nu <= 0, n < 1, reps < 1, the estimator is unknown, or delta <= 0 with "huber".

    Notes
    -----
    Chapter: *Limitation 1: Sensitivity to Outliers*; problem 3148508.

    Examples
    --------
    >>> round(float(student_t_mc(3.0, 25, 20_000, 'mean', sampler(0)).var()), 2)  # nu/(nu - 2)/n
    0.12
    """
    nu = float(nu)
    require(nu > 0, f"nu must be positive, got {nu}")
    require(n >= 1 and reps >= 1, f"n and reps must be at least 1, got {n} and {reps}")
    require(estimator in ("mean", "median", "huber"), f"no estimator {estimator!r}")
    require(estimator != "huber" or float(delta) > 0, f"delta must be positive, got {delta}")
    xp = namespace() if xp is None else xp
    found = []
    for batch in batches(reps, 48 * n, budget):
        shape = (batch.stop - batch.start, n)
        Y = xp.asarray(rng.standard_normal(shape)) * xp.sqrt(nu / 2 / xp.asarray(rng.standard_gamma(nu / 2, shape)))
        if estimator == "mean":
            found.append(xp.mean(Y, axis=1))
        else:
            found.append(_middle(xp.sort(Y, axis=1)) if estimator == "median" else huber_location_batch(Y, delta))
    return xp.concat(found)


def gd_preactivation_sweep(z0: ArrayLike, y_true: ArrayLike, kind: str, lr: float, steps: int) -> Array:
    r"""Ends of many gradient descents on one pre-activation each: :math:`z\leftarrow z-\eta(f(z)-y)f'(z)`.

    Parameters
    ----------
    z0, y_true : array_like, one common shape, not empty
        Start and target of each trajectory; :math:`L=\frac12(f(z)-y)^2`.
    kind : {"linear", "tanh", "sigmoid", "relu"}
    lr : float, > 0
    steps : int, >= 0

    Returns
    -------
    array of the common shape, float64
        The last entry of :func:`reference.activations.gd_preactivation` for each pair.

    Raises
    ------
    ValueError
        If the shapes differ or are empty, the kind is unknown, lr <= 0 or steps < 0.

    Notes
    -----
    On CuPy one kernel carries a trajectory through all its steps in registers: 24 bytes per trajectory instead of 40
    and more per step.  Chapter: *Interaction with Model Architecture*; problem 3148497.

    Examples
    --------
    >>> gd_preactivation_sweep([0.5, 3.0], [-1.0, -1.0], 'tanh', 0.5, 3).round(4)
    array([-0.7293,  2.9699])
    """
    xp, z0, y_true = as_float(z0, y_true)
    same_shape(z0=z0, y_true=y_true)
    require(z0.size > 0, "at least one trajectory is needed")
    _require_kind(kind)
    require(float(lr) > 0, "lr must be positive")
    require(steps >= 0, "steps must not be negative")
    if _fused.takes(xp, [z0, y_true]):
        return _fused.trajectories(kind, z0, y_true, float(lr), int(steps))
    shape, start, target = z0.shape, xp.reshape(z0, (-1,)), xp.reshape(y_true, (-1,))
    size = _IN_CACHE if array_api_compat.is_numpy_namespace(xp) else start.shape[0]
    ends = []
    for part in batches(start.shape[0], 1, size):
        z, y = xp.asarray(start[part], copy=True), target[part]
        for _ in range(steps):
            z = z - float(lr) * (_activation(xp, z, kind) - y) * activation_derivative(z, kind)
        ends.append(z)
    return xp.reshape(xp.concat(ends), shape)


def gd_linear_sweep(X: ArrayLike, y_true: ArrayLike, lrs: ArrayLike, steps: int, budget: int = BUDGET) -> Array:
    r"""Ends of gradient descent on :math:`\frac1n\lVert Xw-y\rVert^2` from zero, for many learning rates at once.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
    y_true : array_like, shape (n,)
    lrs : array_like, shape (R,), R >= 1
        Learning rates, positive.
    steps : int, >= 0
    budget : int
        Bytes of a batch of runs: weights and residuals, each written and read in a step.

    Returns
    -------
    array, shape (R, d), float64
        Row j is the last row of :func:`reference.scaling.gd_linear` with the rate ``lrs[j]``.

    Raises
    ------
    ValueError
        On a shape mismatch, for n = 0, R = 0, a rate that is not positive or steps < 0.

    Notes
    -----
    Two matrix products per step for all runs of a batch.  Chapter: *Sensitivity to Target Scale*; problem 3148458.

    Examples
    --------
    >>> gd_linear_sweep([[1.0], [1.0]], [1.0, 3.0], [0.25, 0.5], 2)
    array([[1.5],
           [2. ]])
    """
    xp, X, y_true, lrs = as_float(X, y_true, lrs)
    require(X.ndim == 2 and X.shape[0] >= 1, "X must have shape (n, d) with n >= 1")
    n, d = X.shape
    require(tuple(y_true.shape) == (n,), f"y_true must have shape ({n},), got {tuple(y_true.shape)}")
    require(lrs.ndim == 1 and lrs.size > 0 and bool(xp.all(lrs > 0)), "lrs must be 1-D, not empty and positive")
    require(steps >= 0, "steps must not be negative")
    ends = []
    for batch in batches(lrs.size, 16 * (n + d), budget):
        rate = xp.reshape(lrs[batch], (-1, 1)) * (2.0 / n)
        W = xp.zeros((rate.shape[0], d), dtype=xp.float64)
        for _ in range(steps):
            W = W - rate * ((W @ X.T - y_true) @ X)
        ends.append(W)
    return xp.concat(ends)
