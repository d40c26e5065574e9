"""The posterior mean as Bayes estimator under squared loss.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check bayes_estimator

Conventions: squared loss is (a - theta)**2, without 1/2; tau2 and sigma2 are variances; log-weights are natural
logarithms, known up to a common constant; arguments are array_like, computed in float64; arguments
are never changed.
"""

import numpy as np


def beta_binomial_mean(k, n, a, b):
    """Posterior mean of theta ~ Beta(a, b) after k successes in n independent trials.

    Parameters
    ----------
    k, n : array_like, one common shape (numbers included)
        Counts with 0 <= k <= n; n = 0 (no data) returns the prior mean.
    a, b : float
        Parameters of the prior, positive.

    Returns
    -------
    float or ndarray of the common shape, float64
        A number for numbers, else an array.

    Raises
    ------
    ValueError
        If the shapes differ, or unless 0 <= k <= n, a > 0 and b > 0.
    """
    raise NotImplementedError


def normal_posterior(y_obs, m0, tau2, sigma2):
    """Posterior mean and variance of theta ~ N(m0, tau2), given y_i ~ N(theta, sigma2), independent.

    Parameters
    ----------
    y_obs : array_like, shape (n,), n >= 0
        Observations; an empty one returns the prior.
    m0 : float
        Prior mean.
    tau2, sigma2 : float
        Prior variance and variance of one observation (no standard deviations), positive; the result must be finite
        and accurate for any sizes in [1e-200, 1e200].

    Returns
    -------
    mean : float
        In units of y.
    var : float
        In squared units of y.

    Raises
    ------
    ValueError
        If tau2 <= 0 or sigma2 <= 0.
    """
    raise NotImplementedError


def posterior_expected_loss(theta, logw, actions):
    """Posterior expected squared loss E[(a - theta)**2] of each action a.

    Parameters
    ----------
    theta : array_like, shape (G,), G >= 1
        Grid of parameter values, in any order; the result is accurate to six digits for a grid near 1e8.
    logw : array_like, shape (G,)
        Logarithms of the posterior weights of the grid points, not normalised: any common constant may be added to
        them (1e4 and -1e4 are tried) without changing anything; -inf is a weight of zero.
    actions : array_like, shape (A,)

    Returns
    -------
    ndarray, shape (A,), float64
        In squared units of theta, no 1/2.

    Raises
    ------
    ValueError
        If theta and logw differ in shape, or all weights are zero.

    Notes
    -----
    O(G + A) time and memory. Timed on 100,000 grid points and 100,000 actions.
    """
    raise NotImplementedError


def bayes_estimate(theta, logw, loss):
    """Bayes action for a posterior on a grid.

    Parameters
    ----------
    theta : array_like, shape (G,), G >= 1
        Strictly increasing.
    logw : array_like, shape (G,)
        Unnormalised log-weights, as in posterior_expected_loss.
    loss : str
        "squared": the posterior mean.
        "absolute": the smallest grid point whose cumulative probability is at least 1/2.
        "zero_one": the grid point of the largest weight, the first one on ties.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If theta is not strictly increasing, or the loss has another name.
    """
    raise NotImplementedError


def sym_normal_mean():
    """Posterior mean in the model of normal_posterior, with ybar the mean of the n observations.

    Returns
    -------
    str
        In m0, tau2, sigma2, n and ybar, for example "m0 + n*ybar" (which is not right).
    """
    raise NotImplementedError


def sym_shrinkage():
    """Weight lam of the data in the posterior mean of the Beta-binomial model.

    The posterior mean is lam*(k/n) + (1 - lam)*a/(a + b).

    Returns
    -------
    str
        lam in a, b and n, for example "a/n" (which is not right).
    """
    raise NotImplementedError
