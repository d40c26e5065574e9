"""Squared error for structured data: masks, weights, sequences, complex signals, images.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check structured_data

Conventions: no factor 1/2 anywhere; arguments are array_like, computed in float64 (complex128 for signals), and never
changed.
"""

import numpy as np


def masked_mse(y_true, y_pred, mask):
    """Mean of (y_true - y_pred)**2 over the entries whose mask is True.

    Parameters
    ----------
    y_true, y_pred : array_like, one common shape (any number of axes)
        May hold NaN or infinities where the mask is False; what is there must not matter.  Where it is True, a NaN
        makes the mean NaN.
    mask : array_like of bool or of 0 and 1, the same shape
        True (1) where the entry was observed.

    Returns
    -------
    float
        In the squared unit of y.

    Raises
    ------
    ValueError
        If the shapes differ, or no entry is True.

    Notes
    -----
    Timed on 100,000 entries.
    """
    raise NotImplementedError


def weighted_mse(y_true, y_pred, sample_weight):
    """Weighted mean of the squared residuals: sum of w * (y_true - y_pred)**2, divided by the sum of w.

    Parameters
    ----------
    y_true, y_pred, sample_weight : array_like, one common shape
        Weights are finite and at least 0, not all of them 0.  Multiplying all weights by one factor from 1e-150 to
        1e150 must not change the result; 10,000 weights of 1e305, whose plain sum overflows, are tried.

    Returns
    -------
    float
        In the squared unit of y.

    Raises
    ------
    ValueError
        If the shapes differ, or a weight is negative or none is positive.

    Notes
    -----
    Timed on 100,000 entries.
    """
    raise NotImplementedError


def ragged_mse(y_true, y_pred, reduction):
    """MSE of sequences of different lengths.

    Parameters
    ----------
    y_true, y_pred : list of array_like
        Equally many 1-D sequences; the two of a pair have one length, at least 1.
    reduction : {"token", "sequence"}
        "token": mean over all elements of all sequences; "sequence": mean of the MSEs of the sequences.

    Returns
    -------
    float
        In the squared unit of y.

    Raises
    ------
    ValueError
        If the numbers of sequences differ, or the lengths of a pair.
    """
    raise NotImplementedError


def complex_mse(y_true, y_pred):
    """Mean of |y_true - y_pred|**2, a real number.

    Parameters
    ----------
    y_true, y_pred : array_like, complex or real, one common shape

    Returns
    -------
    float
        Real, not complex; divided by the number of entries.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    raise NotImplementedError


def complex_gain(x, y):
    """The complex number a that minimises the sum of |y - a * x|**2.

    Parameters
    ----------
    x, y : array_like, complex or real, shape (n,), n >= 1
        Input and output of a channel; x is not zero throughout.

    Returns
    -------
    complex

    Raises
    ------
    ValueError
        If the shapes differ, or x is zero throughout.
    """
    raise NotImplementedError


def psnr(image, reference, data_range):
    """Peak signal-to-noise ratio 10 * log10(data_range**2 / MSE), in decibels.

    Parameters
    ----------
    image, reference : array_like, one common shape (any number of axes)
        Also of unsigned integers (uint8, uint16).
    data_range : float, > 0
        Difference between the largest and the smallest value that a pixel could have, for example 255.

    Returns
    -------
    float
        inf for identical images.

    Raises
    ------
    ValueError
        If the shapes differ, or data_range is not positive.
    """
    raise NotImplementedError


def sym_psnr():
    """PSNR in decibels as a function of the data range R and the mean squared error M.

    Returns
    -------
    str
        In R and M; `log` is the natural logarithm, for example "log(R) - M" (which is not right).
    """
    raise NotImplementedError
