"""Heavy tails: Student-t noise and robust location.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check heavy_tails

Conventions: t_nu has location 0 and scale 1; the residual is target minus estimate; delta is in the units of the data (no
scale is estimated); arguments are array_like, computed in float64, and never changed.
"""

import numpy as np


def student_t_variance(nu):
    """Variance of Student's t with nu degrees of freedom, elementwise.

    Parameters
    ----------
    nu : array_like, any shape
        Degrees of freedom, > 0; infinity is allowed and means the standard normal distribution.

    Returns
    -------
    float or ndarray, shape of nu, float64
        inf where the variance is infinite, nan where there is no mean to vary around, 1.0 for nu = inf.  A number gives
        a number.

    Raises
    ------
    ValueError
        If a nu is not positive.
    """
    raise NotImplementedError


def huber_location_batch(Y, delta):
    """Huber's location of every row of Y: a minimiser m_i of sum_j rho_delta(Y[i, j] - m_i).

    A row's answer m is right if mean psi(y - m), where psi clips to [-delta, delta], changes its sign at m: apart from
    1e-5 * mean |psi(y - m)| it is not negative at m - e and not positive at m + e, where e = 1e-15 * |m| is the
    rounding of m.  Where the minimiser is not unique, every minimiser is right.

    Parameters
    ----------
    Y : array_like, shape (R, n), R >= 1, n >= 1
        One problem per row.
    delta : float, > 0
        Common to all rows, in the units of Y.

    Returns
    -------
    ndarray, shape (R,), float64

    Raises
    ------
    ValueError
        If Y is not 2-D, or delta is not positive.

    Notes
    -----
    Timed on 500 samples of 701, within 5 s and 1 GB: an (R, n, n) array does not fit.
    """
    raise NotImplementedError


def estimator_mc(nu, n, reps, estimator, rng, delta=1.0):
    """Location estimates from reps independent samples, each of n independent draws from t_nu.

    Parameters
    ----------
    nu : float, > 0
        Degrees of freedom.
    n : int, >= 1
        Size of each sample.
    reps : int, >= 1
        Number of samples.
    estimator : {"mean", "median", "huber"}
    rng : numpy.random.Generator
        The only source of randomness; the order of draws is free.
    delta : float, > 0
        Used by "huber" only.

    Returns
    -------
    ndarray, shape (reps,), float64

    Raises
    ------
    ValueError
        If nu is not positive or n < 1.
    """
    raise NotImplementedError


def huber_avar(nu, delta):
    """Asymptotic variance of Huber's location under t_nu, times n.

    Parameters
    ----------
    nu : float, > 0
        Degrees of freedom.
    delta : float, > 0
        Where psi is clipped.

    Returns
    -------
    float
        The limit of n * Var(m_n), relatively accurate to 1e-6 for 0.5 <= nu <= 1000 and 1e-4 <= delta <= 1000.

    Raises
    ------
    ValueError
        If nu or delta is not positive.
    """
    raise NotImplementedError


def sym_median_avar():
    """Asymptotic variance of the sample median of t_nu, times n: 1/(4 * f_nu(0)**2), as a function of nu.

    Returns
    -------
    str
        In nu; gamma and pi may be used.
    """
    raise NotImplementedError
