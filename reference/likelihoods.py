"""Gaussian likelihoods: noise whose variance depends on the input, and what squared error makes of it."""

from __future__ import annotations

import math
from typing import Any

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape
from reference._special import special

_STEPS = 500  # of the fit; it stops when a step no longer moves the log-variance


def gaussian_nll(y_true: ArrayLike, mu: ArrayLike, logvar: ArrayLike) -> float:
    r"""Mean Gaussian negative log-likelihood :math:`\frac12[\log 2\pi+s+(y-\mu)^2e^{-s}]`, in nats per entry.

    Parameters
    ----------
    y_true, mu, logvar : array_like, one common shape, N >= 1 entries
        Targets, predicted means and predicted log-variances :math:`s=\log\sigma^2` (natural logarithm of the variance,
        not of the standard deviation).

    Returns
    -------
    float
        With the constant and the 1/2; a mean over all entries.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    The residual is standardised before it is squared, so that neither factor of :math:`(y-\mu)^2e^{-s}` has to exist
    alone: :math:`|s|\le1400` will do.  Chapter: *Limitation 2: The Mean is Not the Whole Story*; problem 3148492.

    Examples
    --------
    >>> round(gaussian_nll([0.0, 1.0], [0.0, 0.0], [0.0, 0.0]), 4)
    1.1689
    """
    xp, y_true, mu, logvar = _entries(y_true, mu, logvar)
    standard = (y_true - mu) * xp.exp(-logvar / 2)
    return float(xp.mean(math.log(2 * math.pi) + logvar + standard * standard)) / 2


def nll_grads(y_true: ArrayLike, mu: ArrayLike, logvar: ArrayLike) -> tuple[Array, Array]:
    r"""Gradients of :func:`gaussian_nll` with respect to every mean and every log-variance.

    Parameters
    ----------
    y_true, mu, logvar : array_like, one common shape, N >= 1 entries
        As in :func:`gaussian_nll`.

    Returns
    -------
    tuple of two arrays, each of the common shape, float64
        :math:`-(y-\mu)e^{-s}/N` and :math:`\frac12[1-(y-\mu)^2e^{-s}]/N`: gradients of the mean, so 1/N is in both.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    Chapter: *Limitation 2: The Mean is Not the Whole Story*; problem 3148492.

    Examples
    --------
    >>> nll_grads([1.0], [0.0], [0.0])
    (array([-1.]), array([0.]))
    """
    xp, y_true, mu, logvar = _entries(y_true, mu, logvar)
    root_precision = xp.exp(-logvar / 2)
    standard = (y_true - mu) * root_precision
    count = y_true.size
    return -standard * root_precision / count, (1 - standard * standard) / (2 * count)


def homoscedastic_coverage(sigma: ArrayLike, level: float) -> Array:
    r"""True coverage, input by input, of the central interval of a model with one constant variance.

    Parameters
    ----------
    sigma : array_like, shape (n,), n >= 1
        True standard deviations of Gaussian noise at n equally frequent inputs, positive; the mean is known.
    level : float
        Nominal coverage, strictly between 0 and 1.

    Returns
    -------
    array, shape (n,), float64
        :math:`2\Phi(z\bar\sigma/\sigma_i)-1` with :math:`\bar\sigma^2=\frac1n\sum\sigma_i^2` (ddof 0) and
        :math:`z=\Phi^{-1}((1+q)/2)`.

    Raises
    ------
    ValueError
        If ``sigma`` holds a number that is not positive, or ``level`` is outside (0, 1).

    Notes
    -----
    Written with :math:`2\Phi(z)-1=\mathrm{erf}(z/\sqrt2)`, of which the inverse needs no tail.
    Chapter: *Limitation 2: The Mean is Not the Whole Story*; problem 3148492.

    Examples
    --------
    >>> homoscedastic_coverage([0.5, 1.5], 0.95).round(4)
    array([1.    , 0.8559])
    """
    xp, sigma = as_float(sigma)
    require(bool(xp.all(sigma > 0)), "standard deviations must be positive")
    require(0 < float(level) < 1, f"level must lie strictly between 0 and 1, got {level}")
    largest = xp.max(sigma)  # equivalent: any entry will do as a unit in which squares neither overflow nor vanish
    pooled = largest * xp.sqrt(xp.mean((sigma / largest) ** 2))
    return special("erf", float(special("erfinv", float(level))) * pooled / sigma)


def fit_heteroscedastic(x: ArrayLike, y_true: ArrayLike) -> Array:
    r"""Maximum-likelihood fit of :math:`y\sim N(a+bx,\,e^{c+dx})`.

    Parameters
    ----------
    x, y_true : array_like, shape (n,), n >= 4
        ``x`` not constant; ``y_true`` at any scale.

    Returns
    -------
    array, shape (4,), float64
        :math:`(a,b,c,d)`: intercept and slope of the mean (unit of y), then of the log-variance.

    Raises
    ------
    ValueError
        If the shapes differ, ``x`` is constant, or the points lie on a straight line, where the likelihood has no
        maximum.

    Notes
    -----
    On standardised data: weighted least squares for the mean and Fisher scoring for the log-variance by turns, each
    step halved until the likelihood rises.  Array operations throughout; the two-by-two systems are solved on scalars.
    Chapter: *Limitation 2: The Mean is Not the Whole Story*; problem 3148492.

    Examples
    --------
    >>> fit_heteroscedastic([0.0, 0.0, 1.0, 1.0], [-1.0, 1.0, 0.0, 4.0]).round(4)
    array([0.    , 2.    , 0.    , 1.3863])
    """
    xp, x, y_true = as_float(x, y_true)
    same_shape(x=x, y_true=y_true)
    # equivalent: every entry is a witness of whether all are equal; the ValueError that is tried comes from the
    # singular equations
    require(bool(xp.any(x != x[0])), "x is constant: no slope can be fitted")
    # equivalent: inputs are of order 1, and there every origin and unit of them leads to the same fit
    centre = float(xp.mean(x))
    # equivalent: inputs are of order 1, and there every origin and unit of them leads to the same fit
    width = float(xp.max(xp.abs(x - centre)))
    u, flat = (x - centre) / width, xp.ones_like(x)
    # equivalent: an answer may start anywhere and in any unit of y from where it reaches the optimum
    a, b = _weighted_line(xp, u, y_true, flat)
    residual = y_true - (a + b * u)
    # equivalent: an answer may start anywhere and in any unit of y from where it reaches the optimum
    spread = float(xp.max(xp.abs(residual)))
    # equivalent: points on a line are not asked for, and real noise is far above rounding
    require(spread > 1e-14 * float(xp.max(xp.abs(y_true))), "the points lie on a line: the likelihood has no maximum")
    # equivalent: an answer may start anywhere and in any unit of y from where it reaches the optimum
    spread *= float(xp.mean((residual / spread) ** 2)) ** 0.5
    alpha, beta, gamma, delta = _fit_standardised(xp, u, residual / spread)
    slope, trend = (b + spread * beta) / width, delta / width
    found = [
        a + spread * alpha - slope * centre,
        slope,
        gamma + 2 * math.log(spread) - trend * centre,
        trend,
    ]
    return xp.asarray(found, dtype=xp.float64)


def _fit_standardised(xp: Any, u: Array, z: Array) -> tuple[float, float, float, float]:
    """Fit residuals of unit variance on inputs in [-1, 1], from constant variance on."""
    flat = xp.ones_like(u)
    a = b = c = d = (
        0.0  # equivalent: an answer may start anywhere and in any unit of y from where it reaches the optimum
    )
    # equivalent: another way to the optimum is as good; what stops short of it fails on the likelihood
    for _ in range(_STEPS):
        precision = xp.exp(-(c + d * u))
        a, b = _weighted_line(xp, u, z, precision)
        square = (z - (a + b * u)) ** 2
        # the score of s is (r^2 exp(-s) - 1) / 2 and its information 1/2: a least-squares line is the scoring step
        dc, dd = _weighted_line(xp, u, square * precision - 1, flat)
        # a step of more than e^10 in the variance leads nowhere but to overflow
        # equivalent: another way to the optimum is as good; what stops short of it fails on the likelihood
        before, part = _profile(xp, u, square, c, d), min(1.0, 10 / max(abs(dc) + abs(dd), 1.0))
        # equivalent: another way to the optimum is as good; what stops short of it fails on the likelihood
        while part > 1e-9 and not _profile(xp, u, square, c + part * dc, d + part * dd) <= before:
            part /= (
                2  # equivalent: another way to the optimum is as good; what stops short of it fails on the likelihood
            )
        # equivalent: another way to the optimum is as good; what stops short of it fails on the likelihood
        c, d = c + part * dc, d + part * dd
        # equivalent: another way to the optimum is as good; what stops short of it fails on the likelihood
        if max(abs(dc), abs(dd)) < 1e-10 or part <= 1e-9:
            break
    return a, b, c, d


def _profile(xp: Any, u: Array, square: Array, c: float, d: float) -> float:
    """Twice the mean negative log-likelihood, without its constant."""
    s = c + d * u  # equivalent: another way to the optimum is as good; what stops short of it fails on the likelihood
    # equivalent: another way to the optimum is as good; what stops short of it fails on the likelihood
    return float(xp.mean(s + square * xp.exp(-s)))


def _weighted_line(xp: Any, u: Array, target: Array, weight: Array) -> tuple[float, float]:
    """Intercept and slope of the weighted least-squares line."""
    total = float(xp.sum(weight))
    at = float(xp.sum(weight * u)) / total
    slope = float(xp.sum(weight * (u - at) * target)) / float(xp.sum(weight * (u - at) ** 2))
    return float(xp.sum(weight * target)) / total - slope * at, slope


def _entries(y_true: ArrayLike, mu: ArrayLike, logvar: ArrayLike) -> tuple[Any, Array, Array, Array]:
    xp, y_true, mu, logvar = as_float(y_true, mu, logvar)
    same_shape(y_true=y_true, mu=mu, logvar=logvar)
    return xp, y_true, mu, logvar
