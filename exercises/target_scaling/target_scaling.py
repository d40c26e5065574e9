"""Scaling and standardising the target.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check target_scaling

Conventions: the loss is a mean without 1/2, the residual is prediction minus target; standard deviations have ddof=0;
arguments are array_like, computed in float64, on any scale from 1e-12 to 1e12; arguments are never
changed.
"""

import numpy as np


def standardize(y):
    """Standardised values z = (y - mean) / std, column by column, with the mean and the standard deviation.

    Parameters
    ----------
    y : array_like, shape (n,) or (n, m), n >= 1, m >= 1

    Returns
    -------
    (z, mean, std)
        z is an array of the shape of y.  For 1-D y mean and std are numbers, for 2-D y arrays of shape (m,).  std has
        ddof=0.  A column whose entries are all equal gets z exactly 0 and std exactly 1.

    Raises
    ------
    ValueError
        If y is empty or neither 1-D nor 2-D.

    Notes
    -----
    No absolute thresholds: targets of order 1e-12 must come out with unit variance.
    """
    raise NotImplementedError


def unstandardize_linear(w, b, x_mean, x_std, y_mean, y_std):
    """Raw-unit form of a linear model that was trained on standardised inputs and targets.

    The model is z_y = w.z_x + b with z_x = (x - x_mean) / x_std and z_y = (y - y_mean) / y_std; its equivalent is
    y = w_raw.x + b_raw.

    Parameters
    ----------
    w, x_mean, x_std : array_like, shape (d,)
    b, y_mean, y_std : float

    Returns
    -------
    (w_raw, b_raw)
        An array of shape (d,) and a number.

    Raises
    ------
    ValueError
        On a shape mismatch, or if a standard deviation is not positive.
    """
    raise NotImplementedError


def gd_linear(X, y_true, lr, steps, w0=None):
    """Path of full-batch gradient descent on L(w) = (1/n) * ||X w - y_true||**2.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
    y_true : array_like, shape (n,)
    lr : float, > 0
        Learning rate: w_{t+1} = w_t - lr * (gradient of L at w_t).
    steps : int, >= 0
    w0 : array_like, shape (d,), or None
        Start; None means zeros.

    Returns
    -------
    ndarray, shape (steps + 1, d), float64
        Row 0 is the start.

    Raises
    ------
    ValueError
        On a shape mismatch (also if steps = 0), or if lr <= 0.
    """
    raise NotImplementedError


def max_stable_lr(X):
    """Supremum of the learning rates with which gradient descent on (1/n) * ||X w - y||**2 converges, whatever y and w0.

    Parameters
    ----------
    X : array_like, shape (n, d), not empty
        Any rank.

    Returns
    -------
    float
        Infinity for X = 0.

    Raises
    ------
    ValueError
        If X is not 2-D.

    Notes
    -----
    O(n d**2) time for n >= d and no array of n x n entries. Timed on 100,000 samples.
    """
    raise NotImplementedError


def gd_closed_form(X, y_true, lr, t):
    """Weights after t steps of gradient descent on (1/n) * ||X w - y_true||**2 from zero, without making t steps.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
        Any rank, also n < d.
    y_true : array_like, shape (n,)
    lr : float, > 0
        Always below the largest stable rate.
    t : int, >= 0
        As large as 10**12.

    Returns
    -------
    ndarray, shape (d,), float64
        Accurate to 1e-8 of its largest entry, also for learning rates as small as 1e-12, for X in any unit, and for 10**12
        steps with an X of less than full rank.

    Raises
    ------
    ValueError
        On a shape mismatch, or if lr <= 0 or t < 0.
    """
    raise NotImplementedError


def sym_scaled_mse():
    """The MSE after targets and predictions are both mapped by u -> alpha*u + c.

    Returns
    -------
    str
        In alpha and M, the MSE before, for example "alpha + M" (which is not right).
    """
    raise NotImplementedError


def sym_raw_intercept():
    """The raw intercept b_raw of unstandardize_linear for one input.

    Returns
    -------
    str
        In w, b, mx, sx (mean and standard deviation of the input), my and sy (of the target), for example "my - w*mx + b"
        (which is not right).
    """
    raise NotImplementedError
