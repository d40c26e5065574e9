"""The minimiser of squared error is the conditional mean.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check conditional_mean

Conventions: risks are means of squared errors, without 1/2; variances have divisor n (ddof = 0); arguments are
array_like, computed in float64; arguments are never changed.
"""

import numpy as np


def best_constant(y_true, loss):
    """Constant c that minimises the mean of a loss over a sample.

    Parameters
    ----------
    y_true : array_like, shape (n,), n >= 1
        In any order, at any scale.
    loss : str
        "mse" for the mean of (y - c)**2, "mae" for the mean of |y - c|.

    Returns
    -------
    float
        In units of y.  Where several constants are equally good, any of them.

    Raises
    ------
    ValueError
        If y_true is empty or loss is neither "mse" nor "mae".
    """
    raise NotImplementedError


def group_means(x, y_true):
    """Mean of y for every distinct value of x: the empirical conditional mean.

    Parameters
    ----------
    x, y_true : array_like, shape (n,), n >= 1
        Samples of a discrete feature and of the target.  Equal means equal as float64 numbers: no rounding.

    Returns
    -------
    values : ndarray, shape (k,), float64
        The distinct x, ascending.
    means : ndarray, shape (k,), float64
        means[g] is the mean of y over the samples with x == values[g].

    Raises
    ------
    ValueError
        If the shapes differ, also for (n, 1) against (n,).

    Notes
    -----
    O(n log n) time. Timed on 200,000 samples in 100,000 groups.
    """
    raise NotImplementedError


def conditional_mean(P, y_vals):
    """Conditional mean E[Y | X = x_i] of a discrete joint distribution.

    Parameters
    ----------
    P : array_like, shape (m, k)
        Joint probabilities, P[i, j] = P(X = x_i, Y = y_j).
    y_vals : array_like, shape (k,)
        The values y_j.

    Returns
    -------
    ndarray, shape (m,), float64
        In units of y; NaN for a row of zero mass.

    Raises
    ------
    ValueError
        If y_vals does not have shape (k,), an entry of P is negative or the entries do not add up to 1 within 1e-9.
    """
    raise NotImplementedError


def risk_decomposition(P, y_vals, f):
    """Risk of the prediction f, and its two parts: risk = noise + excess.

    Parameters
    ----------
    P, y_vals : array_like, shapes (m, k) and (k,)
        Joint distribution, as in conditional_mean.
    f : array_like, shape (m,)
        f[i] is the prediction for x_i.  Rows of zero mass contribute nothing, even if f is NaN there.

    Returns
    -------
    risk : float
        E[(Y - f(X))**2], no 1/2.
    noise : float
        E[Var(Y | X)]; at least six digits for y_vals = 1e8 + {0, 1, 2}.
    excess : float
        E[(E[Y | X] - f(X))**2].

    Raises
    ------
    ValueError
        As conditional_mean, and if f does not have shape (m,).
    """
    raise NotImplementedError


def sym_risk_moments():
    """E[(Y - a)**2] for a constant a, in terms of the first two moments of Y.

    Returns
    -------
    str
        In a, m1 = E[Y] and m2 = E[Y**2], for example "a + m1*m2" (which is not right).
    """
    raise NotImplementedError


def sym_risk_derivative():
    """Derivative of E[(Y - a)**2] with respect to the constant a.

    Returns
    -------
    str
        In a and m1 = E[Y], for example "a*m1" (which is not right).
    """
    raise NotImplementedError
