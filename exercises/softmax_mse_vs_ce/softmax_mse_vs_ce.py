"""Softmax with squared error versus cross-entropy.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check softmax_mse_vs_ce

Conventions: p = softmax(z) over the last axis; the squared error is (1/2) * sum over classes of (p_k - y_k)**2; logarithms
are natural; arguments are array_like, computed in float64, and never changed.
"""

import numpy as np


def cross_entropy(logits, labels):
    """Mean over the n samples of -log(softmax(logits[i])[labels[i]]), computed from the logits.

    Parameters
    ----------
    logits : array_like, shape (n, K), n >= 1, K >= 1
        Up to 1e8 in size; the result must be finite: logits [1000, 0] with label 1 give 1000.
    labels : array_like of int, shape (n,)
        The true class of each sample, in 0..K-1.

    Returns
    -------
    float
        In nats, at least 0.

    Raises
    ------
    ValueError
        If there is not one label for each row, or a label lies outside 0..K-1 (negative ones too).

    Notes
    -----
    O(n K) time and memory. Timed on 100,000 samples of 4 classes.
    """
    raise NotImplementedError


def softmax_grads(logits, targets):
    """Gradients of two losses with respect to the logits, sample by sample (no average over the batch).

    Parameters
    ----------
    logits : array_like, shape (n, K), n >= 1, K >= 1
        Up to 1e8 in size.
    targets : array_like, shape (n, K)
        y: rows non-negative with sum 1 (up to 1e-6); one-hot rows and soft targets alike.

    Returns
    -------
    g_ce : ndarray, shape (n, K), float64
        Row i is the gradient of -sum_k y_k log p_k with respect to logits[i].
    g_mse : ndarray, shape (n, K), float64
        Row i is the gradient of (1/2) * sum_k (p_k - y_k)**2.  At the true class it is relatively accurate to 1e-8 even
        where p is as small as exp(-700).

    Raises
    ------
    ValueError
        If the shapes differ, or a row of targets is not on the simplex.

    Notes
    -----
    O(n K) memory. Timed on 5,000 samples of 200 classes: an (n, K, K) array would need 1.6 GB.
    """
    raise NotImplementedError


def steps_to_recover(logits, label, lr, loss, max_steps):
    """Steps of gradient descent on one logit vector until the true class leads.

    Parameters
    ----------
    logits : array_like, shape (K,), K >= 2
        The start z_0; one update is z <- z - lr * gradient.
    label : int
        The true class c, in 0..K-1; the target is one-hot.
    lr : float, > 0
        Learning rate.
    loss : {"ce", "mse"}
        -log p_c, or (1/2) * sum_k (p_k - y_k)**2.
    max_steps : int, >= 0
        The largest number of updates.

    Returns
    -------
    int
        The smallest t >= 0 at which z_t[c] is strictly larger than every other logit; -1 if that is not so after any
        t <= max_steps updates.

    Raises
    ------
    ValueError
        If label lies outside 0..K-1.
    """
    raise NotImplementedError


def sym_softmax_jacobian():
    """The K x K Jacobian dp_i/dz_j of the softmax as an array expression in p.

    Returns
    -------
    str
        In p (K,) and K, with diag, outer, dot, sum and eye, for example "outer(p,p)" (which is not right).
    """
    raise NotImplementedError


def sym_ce_grad():
    """Gradient of -sum_k y_k log p_k with respect to z, where sum y = 1.

    Returns
    -------
    str
        An array expression in p (K,) and y (K,).
    """
    raise NotImplementedError


def sym_softmax_mse_grad():
    """Gradient of (1/2) * sum_k (p_k - y_k)**2 with respect to z, for any K.

    Returns
    -------
    str
        An array expression in p (K,) and y (K,), or in index form.  Several lines are a derivation; the last line is
        the answer.
    """
    raise NotImplementedError


def sym_saturation():
    """Exact derivative dL/dz_w of the wrong class for K = 2, L = (1/2) * sum_k (p_k - y_k)**2.

    The true class c has p_c = eps, the wrong class w has p_w = 1 - eps.

    Returns
    -------
    str
        In eps; its limit for eps -> 0 is 0.
    """
    raise NotImplementedError
