"""Heavy tails: moments of Student's t, robust location in batches, and the spread of location estimators."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.arrays import Array, ArrayLike, as_float, namespace, require
from reference._special import special

# Gauss-Legendre rule on [-1, 1]: 1e-9 and better for nu in 0.5..1000 and delta in 1e-4..1000
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(120)
_FADED = 60.0  # exp(-60) of the integrand's height is beyond the last digit


def student_t_variance(nu: ArrayLike) -> Any:
    r"""Variance of Student's t with :math:`\nu` degrees of freedom, elementwise.

    Parameters
    ----------
    nu : array_like, any shape
        Degrees of freedom, positive; infinity is the normal distribution.

    Returns
    -------
    float or array, shape of nu, float64
        :math:`\nu/(\nu-2)` for :math:`\nu>2`, inf for :math:`1<\nu\le2`, nan for :math:`\nu\le1` (there is no mean);
        a float for a number.

    Raises
    ------
    ValueError
        If a nu is not positive.

    Notes
    -----
    Chapter: *Limitation 1: Sensitivity to Outliers* (heavy-tailed noise); problem 3148508.

    Examples
    --------
    >>> student_t_variance([1.5, 3.0, float('inf')])
    array([inf,  3.,  1.])
    """
    xp, nu = as_float(nu)
    require(bool(xp.all(nu > 0)), "degrees of freedom must be positive")
    excess = xp.where(nu > 2, nu - 2, xp.ones_like(nu))  # equivalent: only entries that are thrown away change
    infinite = xp.where(nu > 1, xp.full_like(nu, math.inf), xp.full_like(nu, math.nan))
    variance = xp.where(nu > 2, 1 + 2 / excess, infinite)
    return float(variance) if variance.ndim == 0 else variance  # equivalent: an array without axes passes for a number


def huber_location_batch(Y: ArrayLike, delta: float) -> Array:
    r"""Huber's location of every row: a root m of :math:`\sum_j\psi_\delta(y_{ij}-m)`.

    Parameters
    ----------
    Y : array_like, shape (R, n), R >= 1, n >= 1
        One problem per row.
    delta : float
        Common to all rows; positive, in the units of Y.

    Returns
    -------
    array, shape (R,), float64
        Where a row's minimiser is not unique, one of them.

    Raises
    ------
    ValueError
        If Y is not 2-D, or delta is not positive.

    Notes
    -----
    The root lies within delta of the row's median.  From there safeguarded Newton steps, all rows at once: exact on the
    linear piece that holds the root, with a bisection every third step.  O(Rn) memory.
    Chapter: *Limitation 1: Sensitivity to Outliers*; problem 3148508.

    Examples
    --------
    >>> huber_location_batch([[0.0, 1.0, 100.0]], 1.0).round(4)
    array([1.])
    """
    xp, Y = as_float(Y)
    # equivalent: the ValueError that is tried comes from an axis that is not there
    require(Y.ndim == 2, "Y must have shape (R, n)")
    delta = float(delta)
    require(delta > 0, f"delta must be positive, got {delta}")
    ordered = xp.sort(Y, axis=1)
    m = _middle(ordered)
    # equivalent: another way to the root is as good; what stops short of it fails on the values
    low, high = xp.maximum(ordered[:, 0], m - delta), xp.minimum(ordered[:, -1], m + delta)
    # equivalent: another way to the root is as good; what stops short of it fails on the values
    for step in range(200):
        residual = Y - xp.reshape(m, (-1, 1))  # equivalent: NumPy infers a length for any negative number
        psi = xp.clip(residual, -delta, delta)
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        pull = xp.sum(psi, axis=1)
        # the second term is what the rounding of m alone can do
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        rounding = 1e-13 * xp.sum(xp.abs(psi), axis=1) + 2e-16 * Y.shape[1] * xp.abs(m)
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        balanced = xp.abs(pull) <= rounding
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        if bool(xp.all(balanced | (high - low <= 0))):
            break
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        low, high = xp.where(pull > 0, m, low), xp.where(pull < 0, m, high)
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        middle = low + (high - low) / 2
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        inside = xp.sum(xp.astype(xp.abs(residual) < delta, xp.float64), axis=1)
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        newton = m + pull / xp.maximum(inside, xp.ones_like(inside))
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        trusted = (newton >= low) & (newton <= high) & (inside > 0) & (step % 3 != 2)
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        moved = xp.where(balanced, m, xp.where(trusted, newton, middle))
        # equivalent: another way to the root is as good; what stops short of it fails on the values
        if bool(xp.all(moved == m)):
            break
        m = moved
    return m


def estimator_mc(
    nu: float,
    n: int,
    reps: int,
    estimator: str,
    rng: np.random.Generator,
    delta: float = 1.0,  # equivalent: the stub gives the default
    xp: Any = None,
) -> Array:
    r"""Location estimates from samples of Student's t: one number per replication.

    Parameters
    ----------
    nu : float, > 0
        Degrees of freedom; the location is 0 and the scale 1.
    n : int, >= 1
        Size of each sample.
    reps : int, >= 1
    estimator : {"mean", "median", "huber"}
    rng : numpy.random.Generator
        The only source of randomness; draws are made by NumPy.
    delta : float, > 0
        Used by "huber" only.
    xp : namespace, optional
        Where the estimates are computed; NumPy by default.

    Returns
    -------
    array, shape (reps,), float64

    Raises
    ------
    ValueError
        If nu is not positive, n < 1, or the estimator is another one.

    Notes
    -----
    Exact laws: the mean for nu = 1 is standard Cauchy for every n; the median of n = 2k + 1 has the distribution
    function :math:`I_{F(x)}(k+1,k+1)`.  Chapter: *Limitation 1: Sensitivity to Outliers*; problem 3148508.

    Examples
    --------
    >>> draws = [estimator_mc(3.0, 25, 20_000, kind, np.random.default_rng(0)) for kind in ('mean', 'median')]
    >>> [round(float(one.std()), 2) for one in draws]  # the median is the more precise one here
    [0.34, 0.27]
    """
    # equivalent: the ValueError that is tried comes from the generator or the location
    require(float(nu) > 0, f"nu must be positive, got {nu}")
    require(n >= 1, f"n must be at least 1, got {n}")
    known = ("mean", "median", "huber")
    require(estimator in known, f"estimator must be one of {known}, got {estimator!r}")  # equivalent: no check asks
    xp = namespace() if xp is None else xp  # equivalent: the stub has no xp
    Y = xp.asarray(rng.standard_t(nu, size=(reps, n)))
    if estimator == "mean":
        return xp.mean(Y, axis=1)
    return _middle(xp.sort(Y, axis=1)) if estimator == "median" else huber_location_batch(Y, delta)


def huber_avar(nu: float, delta: float) -> float:
    r"""Asymptotic variance of Huber's location under Student's t, times n.

    Parameters
    ----------
    nu : float, > 0
        Degrees of freedom.
    delta : float, > 0
        In units of the scale of t.

    Returns
    -------
    float
        :math:`E[\psi^2]/P(|T|\le\delta)^2` with
        :math:`E[\psi^2]=\int_{-\delta}^{\delta}x^2f_\nu(x)\,dx+2\delta^2P(T>\delta)`.

    Raises
    ------
    ValueError
        If nu or delta is not positive.

    Notes
    -----
    The substitution :math:`x=\sqrt\nu\sinh u` makes the integrand smooth on every scale; one Gauss-Legendre rule does.
    On scalars, so on the host.  Chapter: *Limitation 1: Sensitivity to Outliers*; problem 3148508.

    Examples
    --------
    >>> round(huber_avar(3.0, 1.345), 4)
    1.5565
    """
    nu, delta = float(nu), float(delta)
    require(nu > 0, f"nu must be positive, got {nu}")
    require(delta > 0, f"delta must be positive, got {delta}")
    far = math.asinh(delta / math.sqrt(nu))
    if nu > 2.2:  # equivalent: another quadrature within the tolerance is as good
        # beyond this u the integrand, which falls like cosh(u)**(2 - nu), has faded
        # equivalent: another quadrature within the tolerance is as good
        far = min(far, math.acosh(math.exp(_FADED / (nu - 2))))
    u = far / 2 * (_NODES + 1)  # equivalent: nodes, integrand and the beta function are symmetric
    integral = far / 2 * float(np.sum(_WEIGHTS * np.sinh(u) ** 2 * np.cosh(u) ** -nu))
    # equivalent: nodes, integrand and the beta function are symmetric
    core = 2 * nu * integral / float(special("beta", 0.5, nu / 2))
    share = delta * delta / (nu + delta * delta)
    within = float(special("betainc", 0.5, nu / 2, share))
    beyond = float(special("betainc", nu / 2, 0.5, nu / (nu + delta * delta)))
    return (core + delta * delta * beyond) / within**2


def _middle(ordered: Array) -> Array:
    """Median of each row of a sorted array (R, n)."""
    n = ordered.shape[1]
    # halves are added, not sums halved: the sum of two large entries might overflow
    return ordered[:, (n - 1) // 2] / 2 + ordered[:, n // 2] / 2
