"""Empirical risk, population risk and the law of large numbers.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check empirical_risk

Conventions: arguments are array_like (lists, arrays of any real dtype), computed in float64; arguments
are never changed.
"""

import numpy as np


def mse(y_true, y_pred):
    """Empirical risk (1/N) * sum of (y_true - y_pred)**2 over all N entries, without a factor 1/2.

    Parameters
    ----------
    y_true, y_pred : array_like, real or integer, one common shape (any number of axes, also none)
        Form the residuals in float64 first, then square them: accurate to six digits if both share an
        offset of 1e8.

    Returns
    -------
    float
        In the squared unit of y.

    Raises
    ------
    ValueError
        If the shapes differ ((n, 1) against (n,) does) or there is no entry.

    Notes
    -----
    Timed on 100,000 samples.
    """
    raise NotImplementedError


def population_risk(w, b, mu, Sigma, beta, beta0, sigma2):
    """True risk E[(Y - (w.x + b))**2] of a linear predictor.

    Here x has mean mu and covariance Sigma, and Y = beta.x + beta0 + e with E e = 0, Var e = sigma2, e independent of x.

    Parameters
    ----------
    w, beta : array_like, shape (d,)
        Weights of the predictor and of the truth.
    b, beta0 : float
        Intercepts of the predictor and of the truth.
    mu : array_like, shape (d,)
        Mean of x.
    Sigma : array_like, shape (d, d)
        Covariance of x, symmetric and positive semi-definite.
    sigma2 : float, >= 0
        Variance of the noise.

    Returns
    -------
    float
        The exact value: a formula, no sampling.

    Raises
    ------
    ValueError
        If the shapes do not fit, or sigma2 is negative.
    """
    raise NotImplementedError


def ols_fit(X, y):
    """Minimiser of (1/n) * ||X w - y||**2 over w; no intercept is added.

    Parameters
    ----------
    X : array_like, shape (n, d), n >= d >= 1
        Full column rank, condition number up to 1e3.
    y : array_like, shape (n,)

    Returns
    -------
    ndarray, shape (d,), float64

    Raises
    ------
    ValueError
        If the shapes do not fit (a column y does not), or n < d.

    Notes
    -----
    O(n d**2) time and O(n d) memory. Timed on 50,000 samples.
    """
    raise NotImplementedError


def running_risk(y_true, y_pred, ns):
    """Empirical risk of the first n samples, for every n in ns.

    Parameters
    ----------
    y_true, y_pred : array_like, shape (N,), N >= 1
    ns : array_like of int, shape (m,), m >= 0
        1 <= n <= N, in any order, repeats allowed.

    Returns
    -------
    ndarray, shape (m,), float64
        Entry j belongs to ns[j]; an empty ns gives shape (0,).

    Raises
    ------
    ValueError
        If the shapes of y_true and y_pred differ, or an n lies outside 1..N.

    Notes
    -----
    O(N + m) time. Timed on 200,000 samples and all their prefixes.
    """
    raise NotImplementedError


def simulate_excess_risk(n, d, sigma2, reps, rng):
    """Excess population risk of OLS, simulated.

    Each replication draws its own X (n, d) with independent N(0, 1) entries and y = X 1 + e with independent
    e ~ N(0, sigma2), where 1 is the vector of ones; fits OLS without intercept; and returns ||w_hat - 1||**2, computed
    and not estimated on test points: X and e are all that is drawn.

    Parameters
    ----------
    n, d : int
        Samples and weights, n >= d + 1, d >= 1.
    sigma2 : float, >= 0
        Variance of the noise.
    reps : int, >= 1
        Number of replications.
    rng : numpy.random.Generator
        The only source of randomness; the order of draws is free.

    Returns
    -------
    ndarray, shape (reps,), float64

    Raises
    ------
    ValueError
        If n < d + 1 or sigma2 < 0.
    """
    raise NotImplementedError


def sym_ols_gradient():
    """Gradient of (1/n) * ||X w - y||**2 with respect to w, as an array expression.

    Returns
    -------
    str
        In X (n, d), w (d,), y (n,) and n, for example "X.T@w" (which is not right).
    """
    raise NotImplementedError
