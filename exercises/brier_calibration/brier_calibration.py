"""Brier score, calibration and squared error on probabilities.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check brier_calibration

Conventions: forecasts are probabilities, outcomes are 0 or 1; arguments are array_like, computed in float64, and never
changed.
"""

import numpy as np


def brier_score(y_prob, y_true):
    """Brier score (1/n) * sum of (y_prob - y_true)**2 of forecasts of a yes-no event.

    Parameters
    ----------
    y_prob : array_like, shape (n,), n >= 1
        Forecast probability of the event, in [0, 1].
    y_true : array_like, shape (n,)
        1 where the event happened, else 0; bool or 0.0 and 1.0 will do.

    Returns
    -------
    float
        In [0, 1]: one probability per sample is scored, not both classes.

    Raises
    ------
    ValueError
        If the shapes differ, or a forecast lies outside [0, 1].

    Notes
    -----
    Timed on 100,000 forecasts.
    """
    raise NotImplementedError


def brier_multiclass(probs, labels):
    """Mean over samples of the sum over classes of (probs[i, k] - [labels[i] = k])**2.

    Parameters
    ----------
    probs : array_like, shape (n, K), n >= 1, K >= 1
        Forecasts: rows non-negative with sum 1.
    labels : array_like of int, shape (n,)
        The class that happened, in 0..K-1.

    Returns
    -------
    float
        In [0, 2].

    Raises
    ------
    ValueError
        If there is not one label for each row, or a label lies outside 0..K-1 (negative ones too).

    Notes
    -----
    O(n K) time and memory.
    """
    raise NotImplementedError


def murphy_decomposition(y_prob, y_true):
    """Reliability, resolution and uncertainty of forecasts, in groups of identical forecasts.

    Group k holds the n_k samples whose forecast is exactly p_k; o_k is the frequency of the event among them and o_bar
    among all n samples.

    Parameters
    ----------
    y_prob, y_true : array_like, shape (n,), n >= 1
        As in brier_score.

    Returns
    -------
    reliability : float, >= 0
        sum_k (n_k / n) * (p_k - o_k)**2
    resolution : float, >= 0
        sum_k (n_k / n) * (o_k - o_bar)**2
    uncertainty : float, >= 0
        o_bar * (1 - o_bar)

    Raises
    ------
    ValueError
        As brier_score.

    Notes
    -----
    O(n log n) time. Timed on 200,000 samples in 100,000 groups.
    """
    raise NotImplementedError


def calibration_error(y_prob, y_true, n_bins):
    """Expected calibration error: sum over non-empty bins of (n_b / n) * |mean outcome - mean forecast|.

    Parameters
    ----------
    y_prob, y_true : array_like, shape (n,), n >= 1
        As in brier_score.
    n_bins : int, >= 1
        Bins of equal width; a forecast p belongs to bin min(floor(p * n_bins), n_bins - 1).  Bins are closed on the
        left, and p = 1 belongs to the last one.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        As brier_score.
    """
    raise NotImplementedError


def sym_delta_sigmoid():
    """Derivative of (1/2) * (p - o)**2 with respect to z, where p = 1/(1 + exp(-z)).

    Returns
    -------
    str
        In z and o; exp and tanh may be used.
    """
    raise NotImplementedError


def sym_brier_expected():
    """Expected Brier score E[(q - O)**2] of the forecast q when O is 1 with probability p and else 0.

    Returns
    -------
    str
        In q and p.
    """
    raise NotImplementedError
