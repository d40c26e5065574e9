"""Denoising: shrinkage, noise injection and the posterior mean.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check denoising_autoencoder

Conventions: sigma2 and s2 are variances; the error of a vector is the sum over its components, without 1/2; the MSE of a model
is the mean over samples; arguments are array_like, computed in float64, and never changed.
"""

import numpy as np


def corrupt(X, kind, level, rng):
    """Corrupt every entry of the data independently.

    Parameters
    ----------
    X : array_like, any shape, at least one entry
    kind : {"gaussian", "mask"}
        "gaussian": add normal noise; "mask": destroy entries.
    level : float
        "gaussian": standard deviation of the noise, >= 0; "mask": probability that an entry is set to 0, in [0, 1].
    rng : numpy.random.Generator
        The only source of randomness; the order of the draws is free.

    Returns
    -------
    ndarray, shape of X, float64
        A fresh array.  Entries that are not masked stay exactly as they are.

    Raises
    ------
    ValueError
        If the level is out of its range.
    """
    raise NotImplementedError


def optimal_linear_denoiser(S, sigma2):
    """Matrix D that minimises E||x - D (x + e)||**2.

    Parameters
    ----------
    S : array_like, shape (d, d)
        Covariance matrix of x, which has mean 0: symmetric, positive semidefinite, possibly singular, of any scale.
    sigma2 : float, > 0
        Variance of each component of the noise e (mean 0, uncorrelated components, independent of x).

    Returns
    -------
    ndarray, shape (d, d), float64

    Raises
    ------
    ValueError
        If S is not square, or sigma2 is not positive.
    """
    raise NotImplementedError


def denoiser_mse(S, sigma2, D):
    """Expected squared error E||x - D (x + e)||**2 of any matrix D, exactly.

    Parameters
    ----------
    S : array_like, shape (d, d)
        Covariance matrix of x, which has mean 0.
    sigma2 : float, >= 0
        Variance of each component of the noise e, as above.
    D : array_like, shape (d, d)
        Any matrix: not only the optimal one, and not always symmetric.

    Returns
    -------
    float
        Summed over the d components, in squared units of x.

    Raises
    ------
    ValueError
        If the shapes of S and D differ, or sigma2 is negative.
    """
    raise NotImplementedError


def noise_injected_loss(X, y_true, w, sigma2):
    """Expectation of (1/n) * sum_i (y_i - w . (x_i + e_i))**2 over e_i ~ N(0, sigma2 I), exactly: no sampling.

    Parameters
    ----------
    X : array_like, shape (n, d)
    y_true : array_like, shape (n,), n >= 1
    w : array_like, shape (d,)
    sigma2 : float, >= 0
        Variance of each component of the noise; fresh and independent for every sample.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes do not fit, or sigma2 is negative.
    """
    raise NotImplementedError


def gmm_denoiser(y, weights, means, s2, sigma2):
    """Denoiser of least expected squared error, E[x | y], for a scalar normal mixture x and y = x + N(0, sigma2).

    Parameters
    ----------
    y : array_like, shape (n,), n >= 1
        Noisy observations.
    weights, means, s2 : array_like, shape (K,), K >= 1
        Component k has the weight weights[k] > 0, the mean means[k] and the variance s2[k] >= 0; a variance of 0 makes
        it a point mass.  The weights add up to 1 (within 1e-6).
    sigma2 : float, > 0
        Variance of the noise.

    Returns
    -------
    ndarray, shape (n,), float64
        Right for |y| up to 1e4 and sigma2 down to 1e-4.

    Raises
    ------
    ValueError
        If weights, means and s2 differ in shape, or the weights do not add up to 1.
    """
    raise NotImplementedError


def sym_min_denoising_mse():
    """Smallest E(x - D (x + e))**2 over all numbers D, for d = 1.

    Returns
    -------
    str
        In s2 (the variance of x) and sigma2, for example "s2 + sigma2" (which is not right).
    """
    raise NotImplementedError
