"""Squared error where the data have structure: masks, weights, sequences, complex signals, images."""

from __future__ import annotations

import math
from collections.abc import Iterable

from autograder.arrays import Array, ArrayLike, as_complex, as_float, require, same_shape


def masked_mse(y_true: ArrayLike, y_pred: ArrayLike, mask: ArrayLike) -> float:
    r"""Mean of :math:`(y-\hat y)^2` over the observed entries.

    Parameters
    ----------
    y_true, y_pred : array_like, one common shape
        May hold NaN or infinities where the mask is 0.
    mask : array_like of bool or 0/1, the same shape
        True (1) where the entry is observed.

    Returns
    -------
    float
        In squared units of y; no 1/2, divided by the number of observed entries.

    Raises
    ------
    ValueError
        If the shapes differ, or no entry is observed.

    Notes
    -----
    Unobserved entries are replaced before the subtraction: 0 times NaN is NaN.
    Chapter: beyond its text; the mean of *From Population Risk to Empirical Risk*, for structured data.

    Examples
    --------
    >>> masked_mse([1.0, float('nan')], [3.0, 0.0], [True, False])
    4.0
    """
    xp, y_true, y_pred, mask = as_float(y_true, y_pred, mask)
    same_shape(y_true=y_true, y_pred=y_pred, mask=mask)
    observed = mask == 1
    count = float(xp.sum(mask))
    require(count > 0, "the mean of no entry is not defined: the mask must be True somewhere")
    # equivalent: whatever number stands in for both hidden entries, it is taken from itself
    nothing = xp.zeros_like(y_true)
    residual = xp.where(observed, y_true, nothing) - xp.where(observed, y_pred, nothing)
    return float(xp.sum(residual * residual)) / count


def weighted_mse(y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike) -> float:
    r"""Weighted mean :math:`\sum w(y-\hat y)^2/\sum w` of the squared residuals.

    Parameters
    ----------
    y_true, y_pred, sample_weight : array_like, one common shape
        Weights finite and non-negative, not all zero.

    Returns
    -------
    float
        In squared units of y; unchanged if all weights are multiplied by one positive number.

    Raises
    ------
    ValueError
        If the shapes differ, or a weight is negative or none is positive.

    Notes
    -----
    The weights are divided by the largest one first: their plain sum may overflow.
    Chapter: beyond its text; the mean of *From Population Risk to Empirical Risk*, for structured data.

    Examples
    --------
    >>> weighted_mse([1.0, 2.0], [1.0, 4.0], [1.0, 3.0])
    3.0
    """
    xp, y_true, y_pred, weight = as_float(y_true, y_pred, sample_weight)
    same_shape(y_true=y_true, y_pred=y_pred, sample_weight=weight)
    require(bool(xp.all(weight >= 0)), "weights cannot be negative")
    largest = xp.max(weight)
    require(float(largest) > 0, "the weights cannot all be zero")
    share = weight / largest
    residual = y_true - y_pred
    return float(xp.sum(share * residual * residual)) / float(xp.sum(share))


def ragged_mse(y_true: Iterable[ArrayLike], y_pred: Iterable[ArrayLike], reduction: str) -> float:
    r"""MSE of sequences of different lengths, averaged over elements or over sequences.

    Parameters
    ----------
    y_true, y_pred : sequences of array_like
        The same number of 1-D sequences, each pair of one length of at least 1.
    reduction : {"token", "sequence"}
        ``"token"``: the mean over all elements (micro average); ``"sequence"``: the mean of the MSEs of the sequences
        (macro average).

    Returns
    -------
    float
        In squared units of y.

    Raises
    ------
    ValueError
        If the numbers of sequences differ, or the lengths of a pair, or the reduction is another one.

    Notes
    -----
    Chapter: beyond its text; the mean of *From Population Risk to Empirical Risk*, for structured data.

    Examples
    --------
    >>> y_true, y_pred = [[0.0], [0.0, 0.0, 0.0]], [[2.0], [1.0, 1.0, 1.0]]
    >>> ragged_mse(y_true, y_pred, 'token'), ragged_mse(y_true, y_pred, 'sequence')
    (1.75, 2.5)
    """
    # equivalent: no check asks for another reduction
    require(reduction in ("token", "sequence"), f'reduction must be "token" or "sequence", got {reduction!r}')
    # equivalent: squared residuals do not tell targets from predictions
    pairs = list(zip(y_true, y_pred, strict=True))
    sums = [_squared_sum(a, b) for a, b in pairs]  # equivalent: squared residuals do not tell targets from predictions
    if reduction == "token":
        return math.fsum(total for total, _ in sums) / sum(length for _, length in sums)
    return math.fsum(total / length for total, length in sums) / len(sums)


def complex_mse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    r"""Mean of :math:`|z-\hat z|^2`, a real number.

    Parameters
    ----------
    y_true, y_pred : array_like, complex or real, one common shape

    Returns
    -------
    float
        In squared units of z; divided by the number of complex entries, not of real components.

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    Chapter: beyond its text; the mean of *From Population Risk to Empirical Risk*, for structured data.

    Examples
    --------
    >>> complex_mse([1 + 1j, 0], [1, 1])
    1.0
    """
    # equivalent: squared residuals do not tell targets from predictions
    xp, y_true, y_pred = as_complex(y_true, y_pred)
    same_shape(y_true=y_true, y_pred=y_pred)
    residual = y_true - y_pred
    return float(xp.mean(xp.real(residual) ** 2 + xp.imag(residual) ** 2))


def complex_gain(x: ArrayLike, y: ArrayLike) -> complex:
    r"""Complex least-squares gain: the a that minimises :math:`\sum|y_i-ax_i|^2`.

    Parameters
    ----------
    x, y : array_like, complex or real, shape (n,), n >= 1
        ``x`` not all zero.

    Returns
    -------
    complex
        :math:`\sum\bar x_iy_i/\sum|x_i|^2`.

    Raises
    ------
    ValueError
        If the shapes differ, or ``x`` is zero throughout.

    Notes
    -----
    Chapter: beyond its text; the mean of *From Population Risk to Empirical Risk*, for structured data.

    Examples
    --------
    >>> complex_gain([1, 1j], [2j, -2])
    2j
    """
    xp, x, y = as_complex(x, y)
    same_shape(x=x, y=y)
    power = float(xp.sum(xp.real(x) ** 2 + xp.imag(x) ** 2))
    require(power > 0, "x is zero: every gain is as good as any other")
    return complex(xp.sum(xp.conj(x) * y)) / power


def psnr(image: ArrayLike, reference: ArrayLike, data_range: float) -> float:
    r"""Peak signal-to-noise ratio :math:`10\log_{10}(R^2/\mathrm{MSE})` in decibels.

    Parameters
    ----------
    image, reference : array_like, one common shape
        Unsigned integers included: the residual is formed in float64.
    data_range : float, > 0
        R, the difference between the largest and the smallest value that could occur.

    Returns
    -------
    float
        inf if the images are equal.

    Raises
    ------
    ValueError
        If the shapes differ, or ``data_range`` is not positive.

    Notes
    -----
    Chapter: beyond its text; the mean of *From Population Risk to Empirical Risk*, for structured data.

    Examples
    --------
    >>> round(psnr([[0.0, 250.0]], [[5.0, 255.0]], 255.0), 4)
    34.1514
    """
    # equivalent: squared residuals do not tell targets from predictions
    xp, image, reference = as_float(image, reference)
    same_shape(image=image, reference=reference)
    # equivalent: the ValueError that is tried comes from the logarithm of a number that is not positive
    require(float(data_range) > 0, f"data_range must be positive, got {data_range}")
    error = float(xp.mean((image - reference) ** 2))
    # the difference of logarithms survives where the ratio would not
    return math.inf if error == 0 else 20 * math.log10(float(data_range)) - 10 * math.log10(error)


def _squared_sum(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[float, int]:
    xp, y_true, y_pred = as_float(y_true, y_pred)  # equivalent: squared residuals do not tell targets from predictions
    same_shape(y_true=y_true, y_pred=y_pred)
    residual: Array = y_true - y_pred
    return float(xp.sum(residual * residual)), int(y_true.size)
