"""Influence functions: squared, absolute and Huber loss.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check influence_functions

Conventions: the residual is target minus prediction, r = y_true - y_pred; the squared loss carries 1/2; arguments are
array_like, computed in float64; arguments are never changed.
"""

import numpy as np


def huber_loss(residual, delta):
    """Huber's loss, elementwise: r**2 / 2 for |r| <= delta, delta * (|r| - delta / 2) beyond.

    Parameters
    ----------
    residual : array_like, any shape (also 0-d)
        Entries up to 1e200 in size: the result is finite.
    delta : float
        Positive, in the unit of the residual.

    Returns
    -------
    ndarray, shape of residual, float64
        A number for a number.

    Raises
    ------
    ValueError
        If delta is not positive.

    Notes
    -----
    Timed on 100,000 residuals.
    """
    raise NotImplementedError


def influence(residual, loss, delta=1.0):
    """Influence function psi = d rho / d r of a loss rho of the residual r = y_true - y_pred.

    Parameters
    ----------
    residual : array_like, any shape
    loss : {"mse", "mae", "huber"}
        rho = r**2 / 2, |r|, or Huber's loss.
    delta : float
        Used with "huber" only: finite and positive there, ignored otherwise.

    Returns
    -------
    ndarray, shape of residual, float64
        A fresh array; each entry has the sign of its residual, and psi(0) = 0 for all three.

    Raises
    ------
    ValueError
        For an unknown loss, or delta <= 0 with "huber".
    """
    raise NotImplementedError


def huber_location(y_true, delta):
    """A minimiser m of the sum of huber_loss(y_true - m, delta).

    Parameters
    ----------
    y_true : array_like, shape (n,), n >= 1
    delta : float
        Positive, in the unit of y: no scale is estimated.

    Returns
    -------
    float
        Accepted if the sum exceeds the smallest one by at most one part in 1e9.  One check more asks for the last
        digits, also for data of order 1e-12: that mean psi(y - m) changes its sign at m.  Apart from
        1e-8 * mean |psi(y - m)| it is not negative at m - e and not positive at m + e, where e = 1e-15 * |m| is the
        rounding of m.  Where the minimiser is not unique, any of them.

    Raises
    ------
    ValueError
        If y_true is empty, or delta <= 0.

    Notes
    -----
    O(n) or O(n log n) per step and at most 200 steps. Timed on 50,000 samples.
    """
    raise NotImplementedError


def sensitivity_curve(y_true, xs, estimator):
    """Sensitivity curve (n + 1) * (T(y with x appended) - T(y)) of an estimator T, at each x.

    Parameters
    ----------
    y_true : array_like, shape (n,), n >= 1
    xs : array_like, shape (m,), m >= 0
        Each x is a separate experiment.
    estimator : callable
        Takes a 1-D array, returns a number; may sort its argument in place.  Called once with the n entries of y_true,
        and once with n + 1 entries for each x.

    Returns
    -------
    ndarray, shape (m,), float64

    Raises
    ------
    ValueError
        If y_true is empty.
    """
    raise NotImplementedError


def sym_psi_l1():
    """psi for rho = |r|, r != 0.

    Returns
    -------
    str
        In r; sign, Abs, where and Piecewise are allowed.
    """
    raise NotImplementedError


def sym_psi_huber():
    """psi of the Huber loss.

    Returns
    -------
    str
        In r and delta; Piecewise, where, Min, Max, sign and Abs are allowed.
    """
    raise NotImplementedError


def sym_psi_pseudo_huber():
    """psi for rho = delta**2 * (sqrt(1 + (r/delta)**2) - 1).

    Returns
    -------
    str
        In r and delta.
    """
    raise NotImplementedError
