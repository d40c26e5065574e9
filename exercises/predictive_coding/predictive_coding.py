"""Predictive coding, or inference by precision-weighted prediction errors.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check predictive_coding

Conventions: the energy is half the sum (not the mean) over units of precision times squared error; a precision is an inverse
variance; errors are what is observed minus what is predicted; arguments are array_like, computed in float64, and never
changed.
"""

import numpy as np


def pc_energy(y, r, U, m, pi_y, pi_r):
    """Energy F(r) of causes r: half the precision-weighted squared prediction errors of data and causes, summed.

    Parameters
    ----------
    y : array_like, shape (p,)
        Sensory data, predicted by U r.
    r : array_like, shape (k,)
        Causes, predicted by m.
    U : array_like, shape (p, k)
        Generative weights.
    m : array_like, shape (k,)
        Prediction of the causes from above (prior mean).
    pi_y : array_like, shape (p,)
        Precision of each entry of y, >= 0.
    pi_r : array_like, shape (k,)
        Precision of each cause, >= 0.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the shapes do not fit, or a precision is negative.
    """
    raise NotImplementedError


def pc_grad(y, r, U, m, pi_y, pi_r):
    """Gradient dF/dr of pc_energy.

    Parameters
    ----------
    y, r, U, m, pi_y, pi_r : array_like
        As for pc_energy.

    Returns
    -------
    ndarray, shape (k,), float64

    Raises
    ------
    ValueError
        As pc_energy.
    """
    raise NotImplementedError


def pc_infer(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    """Path of gradient descent on the energy, r_(t+1) = r_t - lr * dF/dr.

    Parameters
    ----------
    y, U, m, pi_y, pi_r : array_like
        As for pc_energy.
    lr : float, > 0
        Learning rate.
    steps : int, >= 0
    r0 : array_like, shape (k,), optional
        Start; m if it is None.

    Returns
    -------
    ndarray, shape (steps + 1, k), float64
        The start in row 0, then one row per step.

    Raises
    ------
    ValueError
        As pc_energy.
    """
    raise NotImplementedError


def pc_posterior_mean(y, U, m, pi_y, pi_r):
    """Causes of least energy.

    Parameters
    ----------
    y, U, m, pi_y, pi_r : array_like
        As for pc_energy.  Precisions may be 0 as long as a single r has the least energy.

    Returns
    -------
    ndarray, shape (k,), float64

    Raises
    ------
    ValueError
        If the shapes do not fit, or all precisions are 0.
    """
    raise NotImplementedError


def pc_learn_step(Y, R, U, pi_y, lr):
    """One step of gradient descent of the weights U on the mean energy of n samples, the causes held fixed.

    Parameters
    ----------
    Y : array_like, shape (n, p), n >= 1
        Data, a sample per row.
    R : array_like, shape (n, k)
        Inferred causes, a sample per row.
    U : array_like, shape (p, k)
    pi_y : array_like, shape (p,)
        Precisions, >= 0.
    lr : float, > 0
        Learning rate.

    Returns
    -------
    ndarray, shape (p, k), float64
        The new weights; U itself stays as it is.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a precision is negative.
    """
    raise NotImplementedError


def sym_pc_equilibrium():
    """The r of least energy for p = k = 1.

    Returns
    -------
    str
        In u, y, m, pi_y and pi_r, for example "u*y + m" (which is not right).
    """
    raise NotImplementedError


def sym_pc_tanh_grad():
    """dF/dr for p = k = 1 where the data are predicted by tanh(u*r) instead of u*r.

    Returns
    -------
    str
        In u, y, m, pi_y, pi_r and r; tanh, cosh and sech are allowed.
    """
    raise NotImplementedError
