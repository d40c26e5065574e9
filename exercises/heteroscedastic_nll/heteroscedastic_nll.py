"""Heteroscedastic noise and the Gaussian negative log-likelihood.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check heteroscedastic_nll

Conventions: log-variance means s = log(sigma**2), natural logarithm; likelihoods are means over entries, in nats;
arguments are array_like, computed in float64, and never changed.
"""

import numpy as np


def gaussian_nll(y_true, mu, logvar):
    """Mean over all entries of (1/2) * (log(2 pi) + s + (y - mu)**2 * exp(-s)), with s = logvar.

    Parameters
    ----------
    y_true, mu, logvar : array_like, one common shape (any number of axes)
        Targets, predicted means and predicted log-variances.  The result must be finite and right whenever each term
        is representable, whatever becomes of its factors: logvar = -1400 or 1400 where y_true = mu, a residual of
        1e-200 with logvar = -900, a residual of 1e200 with logvar = 900.

    Returns
    -------
    float
        In nats; the constant and the 1/2 included.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    Timed on 100,000 entries.
    """
    raise NotImplementedError


def nll_grads(y_true, mu, logvar):
    """Gradients of the mean negative log-likelihood with respect to every entry of mu and of logvar.

    Parameters
    ----------
    y_true, mu, logvar : array_like, one common shape with N >= 1 entries
        As in gaussian_nll, in the same extreme ranges as far as the results are representable.

    Returns
    -------
    dmu, dlogvar : ndarray, each of the common shape, float64
        The likelihood is a mean over N entries, so each gradient contains 1/N.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    raise NotImplementedError


def homoscedastic_coverage(sigma, level):
    """True coverage of the interval of a constant-variance model, at each input.

    The noise at input i is N(0, sigma[i]**2); the n inputs are equally frequent and the mean is known.  The model uses
    one variance for all, sigma_bar**2 = mean(sigma**2), and the central interval mu +- z * sigma_bar that would hold
    the target with probability `level` if sigma_bar were right everywhere.

    Parameters
    ----------
    sigma : array_like, shape (n,), n >= 1
        True standard deviations, positive; at any scale.
    level : float
        Nominal coverage, 0 < level < 1.

    Returns
    -------
    ndarray, shape (n,), float64
        Probability that a target at input i lies in the interval.

    Raises
    ------
    ValueError
        If level is not strictly between 0 and 1, or a sigma is not positive.
    """
    raise NotImplementedError


def fit_heteroscedastic(x, y_true):
    """Maximum-likelihood estimate of (a, b, c, d) in y ~ N(a + b x, exp(c + d x)).

    Parameters
    ----------
    x, y_true : array_like, shape (n,)
        n >= 20, except in small examples; x of order 1, the scale of y_true anything from 1e-6 to 1e6.

    Returns
    -------
    ndarray, shape (4,), float64
        a, b, c, d: intercept and slope of the mean, intercept and slope of the log-variance.  Right if its mean negative
        log-likelihood is within 1e-4 nats of the smallest one; one check asks for 1e-7 nats.

    Raises
    ------
    ValueError
        If the shapes differ, or all entries of x are equal.

    Notes
    -----
    Any optimiser; scipy.optimize is allowed.  About 2 s of processor time per call.
    """
    raise NotImplementedError


def sym_nll_dmu():
    """Derivative with respect to mu of l = (1/2) * (log(2 pi) + s + (y - mu)**2 * exp(-s)), one sample.

    Returns
    -------
    str
        In y, mu and s, for example "y - mu + s" (which is not right).
    """
    raise NotImplementedError


def sym_nll_ds():
    """Derivative with respect to s of l = (1/2) * (log(2 pi) + s + (y - mu)**2 * exp(-s)), one sample.

    Returns
    -------
    str
        In y, mu and s, for example "y - mu + s" (which is not right).
    """
    raise NotImplementedError
