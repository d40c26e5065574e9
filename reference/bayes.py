"""Bayes estimators: conjugate posterior means, and the best action on a grid for three losses."""

from __future__ import annotations

import math
from typing import Any

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape


def beta_binomial_mean(k: ArrayLike, n: ArrayLike, a: float, b: float) -> Any:
    r"""Posterior mean of a success probability with a Beta(a, b) prior after k successes in n trials.

    Parameters
    ----------
    k, n : array_like, one common shape (0-d included)
        Counts, 0 <= k <= n; n = 0 is allowed.
    a, b : float, > 0
        Pseudo-counts of successes and of failures.

    Returns
    -------
    float or array of the common shape, float64
        :math:`(a+k)/(a+b+n)`; for n = 0 the prior mean.

    Raises
    ------
    ValueError
        If a or b is not positive, a count is negative, k > n, or the shapes differ.

    Notes
    -----
    Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean* (Bayesian estimation); problem 1945465.

    Examples
    --------
    >>> beta_binomial_mean(7, 10, 2.0, 3.0)
    0.6
    """
    xp, k, n = as_float(k, n)
    same_shape(k=k, n=n)
    require(a > 0 and b > 0, "the pseudo-counts a and b must be positive")
    require(bool(xp.all((k >= 0) & (n >= k))), "counts must satisfy 0 <= k <= n")
    mean = (a + k) / ((a + b) + n)
    return float(mean) if mean.ndim == 0 else mean  # equivalent: an array without axes passes for a number


def normal_posterior(y_obs: ArrayLike, m0: float, tau2: float, sigma2: float) -> tuple[float, float]:
    r"""Posterior of a normal mean with a normal prior.

    The model is :math:`\theta\sim N(m_0,\tau^2)` and :math:`y_i\mid\theta` iid :math:`N(\theta,\sigma^2)`.

    Parameters
    ----------
    y_obs : array_like, shape (n,), n >= 0
        Observations; without any the prior is returned.
    m0 : float
        Prior mean.
    tau2, sigma2 : float, > 0
        Prior variance, and variance of one observation; any size in [1e-200, 1e200].

    Returns
    -------
    mean, var : float
        The mean in units of y, the variance in squared units.

    Raises
    ------
    ValueError
        If a variance is not positive or ``y_obs`` is not 1-D.

    Notes
    -----
    Only the ratio of the variances of prior and data mean is formed, always as a number of at most 1, so that nothing
    overflows.  Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*; problem 1945465.

    Examples
    --------
    >>> normal_posterior([1.0, 3.0], 0.0, 1.0, 2.0)
    (1.0, 0.5)
    """
    xp, y_obs = as_float(y_obs)
    # equivalent: the exercise does not say what holds for other shapes
    require(y_obs.ndim == 1, "y_obs must be 1-D")
    m0, tau2, sigma2 = float(m0), float(tau2), float(sigma2)
    require(tau2 > 0 and sigma2 > 0, "the variances tau2 and sigma2 must be positive")
    if y_obs.size == 0:
        return m0, tau2
    data, spread = float(xp.mean(y_obs)), sigma2 / y_obs.size
    if spread <= tau2:  # equivalent: where the two variances agree, both ways have the ratio 1
        ratio = spread / tau2
        return (data + ratio * m0) / (1 + ratio), spread / (1 + ratio)
    ratio = tau2 / spread
    return (m0 + ratio * data) / (1 + ratio), tau2 / (1 + ratio)


def posterior_expected_loss(theta: ArrayLike, logw: ArrayLike, actions: ArrayLike) -> Array:
    r"""Posterior expected squared loss :math:`E[(a-\theta)^2\mid y]` of many actions, for a posterior on a grid.

    Parameters
    ----------
    theta : array_like, shape (G,), G >= 1
        Values of the parameter.
    logw : array_like, shape (G,)
        Logarithms of their weights up to a common constant of any size; minus infinity is a weight of 0.
    actions : array_like, shape (A,)

    Returns
    -------
    array, shape (A,), float64
        In squared units of theta, no 1/2.

    Raises
    ------
    ValueError
        If the shapes do not fit, the grid is empty, all weights are 0, or ``logw`` has a NaN or plus infinity.

    Notes
    -----
    Squared distance to the posterior mean plus posterior variance: O(G + A) time and memory.  Deviations are taken from
    the heaviest grid point, so that a common offset costs no digits.  Chapter: *The Probabilistic Interpretation: MSE
    and the Conditional Mean*; problem 1945465.

    Examples
    --------
    >>> posterior_expected_loss([0.0, 1.0], [0.0, 0.0], [0.0, 0.5, 1.0])
    array([0.5 , 0.25, 0.5 ])
    """
    xp, theta, logw, actions = as_float(theta, logw, actions)
    # equivalent: the exercise does not say what holds for other shapes
    require(actions.ndim == 1, "actions must be 1-D")
    p, top = _weights(xp, theta, logw)
    deviation = theta - theta[top]
    mean = xp.sum(p * deviation)
    return (actions - theta[top] - mean) ** 2 + xp.sum(p * (deviation - mean) ** 2)


def bayes_estimate(theta: ArrayLike, logw: ArrayLike, loss: str) -> float:
    r"""Action with the smallest posterior expected loss, for a posterior on a grid.

    Parameters
    ----------
    theta : array_like, shape (G,), G >= 1
        Strictly increasing.
    logw : array_like, shape (G,)
        As in :func:`posterior_expected_loss`.
    loss : {"squared", "absolute", "zero_one"}
        Posterior mean; smallest grid point whose cumulative probability is at least 1/2; grid point of the largest
        weight, the first on ties.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As :func:`posterior_expected_loss`, and if ``theta`` does not increase strictly or the loss has another name.

    Notes
    -----
    Chapter: *The Probabilistic Interpretation: MSE and the Conditional Mean*; problem 1945465.

    Examples
    --------
    >>> round(bayes_estimate([0.0, 1.0, 5.0], [0.0, 0.0, 0.0], 'squared'), 6)
    2.0
    """
    xp, theta, logw = as_float(theta, logw)
    require(loss in ("squared", "absolute", "zero_one"), f"no loss {loss!r}: squared, absolute or zero_one")
    p, top = _weights(xp, theta, logw)
    require(bool(xp.all(theta[1:] > theta[:-1])), "theta must be strictly increasing")
    if loss == "squared":
        return float(theta[top] + xp.sum(p * (theta - theta[top])))
    if loss == "zero_one":
        return float(theta[top])
    cumulative = xp.cumulative_sum(p)
    # equivalent: the probabilities add up to 1 but for rounding, which also decides whether a sum of them ties with 1/2
    return float(theta[int(xp.sum(xp.astype(cumulative < 0.5 * cumulative[-1], xp.int64)))])


def _weights(xp: Any, theta: Array, logw: Array) -> tuple[Array, int]:
    """Normalised weights and the index of the largest one."""
    same_shape(theta=theta, logw=logw)
    # equivalent: the exercise names no error for an empty grid or for a table of grid points
    require(theta.ndim == 1 and theta.size > 0, "theta and logw must be 1-D with at least one grid point")
    # no NaN is smaller than plus infinity
    # equivalent: the exercise does not say what holds for an infinite weight
    require(bool(xp.all(logw < math.inf)), "logw must not hold NaN or plus infinity")
    top = int(xp.argmax(logw))
    require(float(logw[top]) > -math.inf, "all weights are zero")
    p = xp.exp(logw - logw[top])
    return p / xp.sum(p), top
