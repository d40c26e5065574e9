"""Bias, variance and noise.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check bias_variance

Conventions: bias2, variance and noise are means over the evaluation points; variances have ddof = 0; ridge minimises
(1/n) * ||X w - y||**2 + lam * ||w||**2; arguments are array_like, computed in float64; arguments are
never changed.
"""

import numpy as np


def bias_variance(y_pred, f_true, noise_var):
    """Decompose the expected squared error of R independently trained models, exactly.

    Parameters
    ----------
    y_pred : array_like, shape (R, n), R >= 1, n >= 1
        Row r: predictions of model r at n points.
    f_true : array_like, shape (n,)
        The truth at these points, without noise.  Six digits must remain if y_pred and f_true share an offset of 1e8.
    noise_var : float, >= 0
        Variance of the noise of a new observation.

    Returns
    -------
    bias2, variance, noise, total : float
        Each averaged over the n points; the variance is taken over the R models with ddof = 0, so that
        bias2 + variance is exactly the mean of (y_pred - f_true)**2; total is the sum of the three.

    Raises
    ------
    ValueError
        If the shapes do not fit, or noise_var is negative.
    """
    raise NotImplementedError


def ridge_fit(X, y_true, lam):
    """Minimiser of (1/n) * ||X w - y||**2 + lam * ||w||**2 over w; no intercept.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1, d >= 1
        n < d is allowed where lam > 0; full column rank where lam = 0.
    y_true : array_like, shape (n,)
    lam : float, >= 0
        Weight of the penalty.

    Returns
    -------
    ndarray, shape (d,), float64

    Raises
    ------
    ValueError
        If the shapes do not fit, or lam is negative.
    """
    raise NotImplementedError


def ridge_bias_variance(X, w_true, sigma2, lam):
    """Squared bias and variance of the ridge predictions X w_hat at the design points, in closed form.

    The design X is fixed; y = X w_true + e with independent errors e of mean 0 and variance sigma2; w_hat is ridge_fit.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1, d >= 1
    w_true : array_like, shape (d,)
    sigma2 : float, >= 0
    lam : float, > 0
        As in ridge_fit.

    Returns
    -------
    bias2, variance : float
        Means over the n design points of the squared bias and of the variance of the prediction.

    Raises
    ------
    ValueError
        If the shapes do not fit, or lam is not positive.

    Notes
    -----
    O(n d**2) time and O(n d) memory. Timed on 50,000 design points: an n x n matrix would need 20 GB.
    """
    raise NotImplementedError


def simulate_shrinkage(theta, sigma2, n, c, reps, rng):
    """Independent values of c * mean(y_1, ..., y_n) with y_i independent N(theta, sigma2).

    Parameters
    ----------
    theta : float
    sigma2 : float, >= 0
        Variance of one observation.
    n : int, >= 1
        Observations in each mean.
    c : float
    reps : int, >= 1
        Number of replications.
    rng : numpy.random.Generator
        The only source of randomness; drawing the n observations or their mean directly are both fine.

    Returns
    -------
    ndarray, shape (reps,), float64

    Raises
    ------
    ValueError
        If sigma2 is negative.
    """
    raise NotImplementedError


def sym_shrinkage_mse():
    """Mean squared error E[(c * mean(y) - theta)**2] of the shrunken mean.

    Returns
    -------
    str
        In c, theta, sigma2 and n, for example "c*theta + sigma2" (which is not right).
    """
    raise NotImplementedError


def sym_optimal_c():
    """The c that minimises that mean squared error.

    Returns
    -------
    str
        In theta, sigma2 and n, for example "theta + sigma2" (which is not right).
    """
    raise NotImplementedError
