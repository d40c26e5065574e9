"""Output activations: saturation and dead units.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check output_activations

Conventions: L = (f(z) - y)**2 / 2 for one sample, with the 1/2 and without a mean; the error is output minus target;
the ReLU has slope 0 at 0; arguments are array_like, computed in float64; bad input raises ValueError; arguments are
never changed.
"""

import numpy as np


def activation_derivative(z, kind):
    """Derivative f'(z) of an activation, elementwise.

    Parameters
    ----------
    z : array_like, any shape (also a single number, also empty)
        Pre-activations, up to 1e6 in size.
    kind : {"linear", "tanh", "sigmoid", "relu"}

    Returns
    -------
    float or ndarray, shape of z, float64
        For tanh (|z| <= 300) and sigmoid (|z| <= 600) with a relative accuracy of 1e-10; finite and not negative
        everywhere.  relu has f'(0) = 0.  A number gives a number.

    Raises
    ------
    ValueError
        If the kind is unknown.

    Notes
    -----
    O(n) time. Timed on 100,000 pre-activations.
    """
    raise NotImplementedError


def output_delta(z, y_true, kind):
    """Error signal dL/dz of L = (f(z) - y_true)**2 / 2, elementwise.

    Parameters
    ----------
    z, y_true : array_like, one common shape
        Pre-activations and targets.
    kind : {"linear", "tanh", "sigmoid", "relu"}

    Returns
    -------
    float or ndarray, shape of z, float64
        The error f(z) - y_true in float64, times the slope f'(z) as accurately as activation_derivative has to return it.
        Exactly 0 for relu with z <= 0.  A number gives a number.

    Raises
    ------
    ValueError
        If the kind is unknown or the shapes differ.
    """
    raise NotImplementedError


def gd_preactivation(z0, y_true, kind, lr, steps):
    """Path of gradient descent on one pre-activation: z_{t+1} = z_t - lr * output_delta(z_t, y_true, kind).

    Parameters
    ----------
    z0, y_true : float
        Start, up to 1e6 in size, and target.
    kind : {"linear", "tanh", "sigmoid", "relu"}
    lr : float, > 0
        Learning rate.
    steps : int, >= 0
        20,000 are tried.

    Returns
    -------
    ndarray, shape (steps + 1,), float64
        Entry 0 is z0.

    Raises
    ------
    ValueError
        If the kind is unknown or lr <= 0.
    """
    raise NotImplementedError


def saturation_point(y_true, tol):
    """Smallest z >= 0 at which the error signal of a tanh output has shrunk to |dL/dz| <= tol.

    Parameters
    ----------
    y_true : float, >= 1
        A target at or beyond the end of the range of tanh, up to 1e6.
    tol : float, > 0
        As small as 1e-100.

    Returns
    -------
    float
        With an absolute error of at most 1e-7; 0.0 if tol >= y_true.

    Raises
    ------
    ValueError
        If y_true < 1 or tol <= 0.
    """
    raise NotImplementedError


def dead_units(X, W, b):
    """Whether each unit of a hidden ReLU layer z = W x + b is dead on a data set: z <= 0 for all samples.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= 1
        One sample per row.
    W : array_like, shape (h, d)
        One unit per row.
    b : array_like, shape (h,)

    Returns
    -------
    ndarray, shape (h,), bool

    Raises
    ------
    ValueError
        On a mismatch of shapes.
    """
    raise NotImplementedError


def sym_delta_tanh():
    """dL/dz of L = (tanh(z) - y)**2 / 2.

    Returns
    -------
    str
        In z and y, for example "tanh(z) + y" (which is not right).
    """
    raise NotImplementedError


def sym_delta_relu():
    """dL/dz of L = (max(0, z) - y)**2 / 2 with slope 0 of the ReLU at 0.

    Returns
    -------
    str
        In z and y, for example "where(z > y, z, 0)" (which is not right); Piecewise((expr, cond), ...), Heaviside (0 at 0)
        and Max may be used, too.
    """
    raise NotImplementedError
