"""Classes and probabilities: softmax under two losses, and squared error as a score of forecasts."""

from __future__ import annotations

import math
from typing import Any

from autograder.arrays import Array, ArrayLike, as_array, as_float, require, same_shape


def softmax(logits: ArrayLike) -> Array:
    r"""Softmax :math:`e^{z_k}/\sum_j e^{z_j}` over the last axis, shifted by the largest logit.

    Parameters
    ----------
    logits : array_like, shape (..., K), K >= 1

    Returns
    -------
    array, shape of logits, float64
        Each vector on the last axis is non-negative and sums to 1.

    Notes
    -----
    Chapter: *Limitation 3: Unsuitability for Classification*.

    Examples
    --------
    >>> softmax([0.0, np.log(3.0)]).round(4)
    array([0.25, 0.75])
    """
    xp, logits = as_float(logits)
    weights = xp.exp(logits - xp.max(logits, axis=-1, keepdims=True))
    return weights / xp.sum(weights, axis=-1, keepdims=True)


def log_softmax(logits: ArrayLike) -> Array:
    r"""Logarithm of :func:`softmax`, finite for every finite logit: :math:`z_k-m-\log\sum_j e^{z_j-m}`.

    Parameters
    ----------
    logits : array_like, shape (..., K), K >= 1

    Returns
    -------
    array, shape of logits, float64
        Natural logarithms, at most 0.

    Notes
    -----
    Chapter: *Limitation 3: Unsuitability for Classification*.

    Examples
    --------
    >>> log_softmax([0.0, -1000.0])
    array([    0., -1000.])
    """
    xp, logits = as_float(logits)
    shifted = logits - xp.max(logits, axis=-1, keepdims=True)
    return shifted - xp.log(xp.sum(xp.exp(shifted), axis=-1, keepdims=True))


def cross_entropy(logits: ArrayLike, labels: ArrayLike) -> float:
    r"""Mean over n samples of :math:`-\log\mathrm{softmax}(z_i)_{c_i}`, in nats.

    Parameters
    ----------
    logits : array_like, shape (n, K), n >= 1, K >= 1
    labels : array_like of int, shape (n,)
        True class of each sample, in 0..K-1.

    Returns
    -------
    float
        At least 0; finite for logits up to 1e8 in size.

    Raises
    ------
    ValueError
        If there is not one label for each row, or a label lies outside 0..K-1.

    Notes
    -----
    Chapter: *Limitation 3: Unsuitability for Classification*; problem 3148456.

    Examples
    --------
    >>> round(cross_entropy([[0.0, 0.0]], [1]), 4)
    0.6931
    """
    xp, logits = as_float(logits)
    hot = _one_hot(xp, labels, *logits.shape)
    return -float(xp.mean(xp.sum(xp.where(hot, log_softmax(logits), xp.zeros_like(logits)), axis=1)))


def softmax_grads(logits: ArrayLike, targets: ArrayLike) -> tuple[Array, Array]:
    r"""Gradients of cross-entropy and of squared error with respect to the logits, sample by sample.

    Parameters
    ----------
    logits : array_like, shape (n, K), n >= 1, K >= 1
    targets : array_like, shape (n, K)
        Rows non-negative with sum 1 (to 1e-6): one-hot or soft.

    Returns
    -------
    tuple of two arrays, shape (n, K), float64
        :math:`p-y` for :math:`-\sum_k y_k\log p_k`, and :math:`p_j[(p_j-y_j)-\sum_i(p_i-y_i)p_i]` for
        :math:`\frac12\sum_k(p_k-y_k)^2`; no average over the batch.  Each row sums to 0.

    Raises
    ------
    ValueError
        If the shapes differ, or a row of ``targets`` is not a distribution.

    Notes
    -----
    O(nK) memory: the product with the Jacobian diag(p) - p pᵀ is written out.  Relatively accurate at a class of
    vanishing probability.  Chapter: *Limitation 3: Unsuitability for Classification*; problem 3148456.

    Examples
    --------
    >>> softmax_grads([[0.0, 0.0]], [[1.0, 0.0]])
    (array([[-0.5,  0.5]]), array([[-0.25,  0.25]]))
    """
    xp, logits, targets = as_float(logits, targets)
    same_shape(logits=logits, targets=targets)
    # equivalent: the exercise promises nothing of rows at the border of the tolerance
    inside = xp.all(targets >= 0) & xp.all(xp.abs(xp.sum(targets, axis=1) - 1.0) <= 1e-6)
    require(bool(inside), "every row of targets must be non-negative and sum to 1")
    p = softmax(logits)
    error = p - targets
    coupling = xp.sum(error * p, axis=1, keepdims=True)
    return error, p * (error - coupling)


def steps_to_recover(logits: ArrayLike, label: int, lr: float, loss: str, max_steps: int) -> int:
    r"""Number of gradient steps on one logit vector until the true class leads.

    Parameters
    ----------
    logits : array_like, shape (K,), K >= 2
        Start, left unchanged.
    label : int
        True class, in 0..K-1.
    lr : float, > 0
        Learning rate.
    loss : {"ce", "mse"}
        :math:`-\log p_c` or :math:`\frac12\sum_k(p_k-y_k)^2` with one-hot y.
    max_steps : int, >= 0

    Returns
    -------
    int
        The smallest t >= 0 with :math:`z_t[c]` strictly larger than every other logit, or -1 if no t <= max_steps is.

    Raises
    ------
    ValueError
        If ``label`` lies outside 0..K-1, or the loss is another one.

    Notes
    -----
    A loop on Python floats: the vector is short and the steps depend on each other, so no array library gains here.
    Chapter: *Limitation 3: Unsuitability for Classification*; problem 3148456.

    Examples
    --------
    >>> steps_to_recover([5.0, 0.0], 1, 0.5, 'ce', 1000), steps_to_recover([5.0, 0.0], 1, 0.5, 'mse', 1000)
    (6, 85)
    """
    _, start = as_float(logits)
    z = [float(start[k]) for k in range(start.shape[0])]
    require(label in range(len(z)), f"label must be an integer in 0..{len(z) - 1}, got {label!r}")
    require(loss in ("ce", "mse"), f'loss must be "ce" or "mse", got {loss!r}')  # equivalent: no check asks for another
    c, rate = int(label), float(lr)
    for t in range(int(max_steps) + 1):
        if all(z[c] > value for k, value in enumerate(z) if k != c):
            return t
        slope = _slope(z, c, loss)
        z = [value - rate * g for value, g in zip(z, slope, strict=True)]
    return -1


def brier_score(y_prob: ArrayLike, y_true: ArrayLike) -> float:
    r"""Brier score :math:`\frac1n\sum(p_i-o_i)^2` of forecasts of a yes-no event.

    Parameters
    ----------
    y_prob : array_like, shape (n,), n >= 1
        Forecast probabilities in [0, 1].
    y_true : array_like, shape (n,)
        Outcomes: 0 or 1 of any numeric type, or bool.

    Returns
    -------
    float
        In [0, 1]; the one-probability form, half the two-class sum of :func:`brier_multiclass`.

    Raises
    ------
    ValueError
        If the shapes differ, or a forecast lies outside [0, 1].

    Notes
    -----
    Strictly proper: :math:`E[(q-O)^2]=(q-p)^2+p(1-p)` for O ~ Bernoulli(p).
    Chapter: *Limitation 3: Unsuitability for Classification*.

    Examples
    --------
    >>> round(brier_score([0.9, 0.2], [1, 0]), 4)
    0.025
    """
    xp, y_prob, y_true = _forecasts(y_prob, y_true)
    return float(xp.mean((y_prob - y_true) ** 2))


def brier_multiclass(probs: ArrayLike, labels: ArrayLike) -> float:
    r"""Brier score of K classes: mean over samples of :math:`\sum_k(P_{ik}-[c_i=k])^2`.

    Parameters
    ----------
    probs : array_like, shape (n, K), n >= 1, K >= 1
        Rows non-negative with sum 1 (to 1e-6).
    labels : array_like of int, shape (n,)
        In 0..K-1.

    Returns
    -------
    float
        In [0, 2]: a sum over classes, a mean over samples.

    Raises
    ------
    ValueError
        If there is not one label for each row, or a label lies outside 0..K-1.

    Notes
    -----
    Chapter: *Limitation 3: Unsuitability for Classification*.

    Examples
    --------
    >>> round(brier_multiclass([[0.5, 0.3, 0.2]], [0]), 4)
    0.38
    """
    xp, probs = as_float(probs)
    error = probs - xp.astype(_one_hot(xp, labels, *probs.shape), xp.float64)
    return float(xp.mean(xp.sum(error * error, axis=1)))


def murphy_decomposition(y_prob: ArrayLike, y_true: ArrayLike) -> tuple[float, float, float]:
    r"""Murphy's parts of the Brier score over groups of identical forecasts: reliability, resolution, uncertainty.

    Parameters
    ----------
    y_prob, y_true : array_like, shape (n,), n >= 1
        As in :func:`brier_score`.

    Returns
    -------
    tuple of three floats, each >= 0
        :math:`\sum_k\frac{n_k}n(p_k-\bar o_k)^2`, :math:`\sum_k\frac{n_k}n(\bar o_k-\bar o)^2` and
        :math:`\bar o(1-\bar o)`; Brier score = reliability - resolution + uncertainty.

    Raises
    ------
    ValueError
        As :func:`brier_score`.

    Notes
    -----
    O(n log n): one sort.  Variances with ddof = 0.
    Chapter: *Limitation 3: Unsuitability for Classification*.

    Examples
    --------
    >>> [round(one, 4) for one in murphy_decomposition([0.25, 0.25, 0.75, 0.75], [0, 1, 1, 1])]
    [0.0625, 0.0625, 0.1875]
    """
    xp, y_prob, y_true = _forecasts(y_prob, y_true)
    order = xp.argsort(y_prob)
    forecasts = xp.take(y_prob, order)
    starts, counts = _runs(xp, forecasts)
    value = xp.take(forecasts, starts)
    frequency = _run_sums(xp, xp.take(y_true, order), starts, counts) / counts
    base = xp.mean(y_true)
    share = counts / y_prob.size
    reliability = xp.sum(share * (value - frequency) ** 2)
    resolution = xp.sum(share * (frequency - base) ** 2)
    return float(reliability), float(resolution), float(base * (1.0 - base))


def calibration_error(y_prob: ArrayLike, y_true: ArrayLike, n_bins: int) -> float:
    r"""Expected calibration error over bins of equal width: :math:`\sum_b\frac{n_b}n|\bar o_b-\bar p_b|`.

    Parameters
    ----------
    y_prob, y_true : array_like, shape (n,), n >= 1
        As in :func:`brier_score`.
    n_bins : int, >= 1
        Bin of p: min(floor(p * n_bins), n_bins - 1), so bins are closed on the left and p = 1 is in the last one.

    Returns
    -------
    float
        In [0, 1]; empty bins count nothing.

    Raises
    ------
    ValueError
        As :func:`brier_score`.

    Notes
    -----
    Chapter: *Limitation 3: Unsuitability for Classification*.

    Examples
    --------
    >>> round(calibration_error([0.1, 0.2, 0.9], [0, 1, 1], 2), 4)
    0.2667
    """
    xp, y_prob, y_true = _forecasts(y_prob, y_true)
    order = xp.argsort(y_prob)
    forecasts = xp.take(y_prob, order)
    last = xp.asarray(n_bins - 1.0, dtype=xp.float64)
    starts, counts = _runs(xp, xp.minimum(xp.floor(forecasts * float(n_bins)), last))
    gap = _run_sums(xp, xp.take(y_true, order) - forecasts, starts, counts)
    return float(xp.sum(xp.abs(gap)) / y_prob.size)


def _one_hot(xp: Any, labels: ArrayLike, n: int, K: int) -> Array:
    """Boolean (n, K), True at each sample's class."""
    found = as_array(labels)
    require(tuple(found.shape) == (n,), f"labels must have shape ({n},), got {tuple(found.shape)}")
    classes = xp.astype(xp.asarray(found), xp.int64)
    require(bool(xp.all((classes >= 0) & (classes < K))), f"labels must lie in 0..{K - 1}")
    return xp.reshape(classes, (n, 1)) == xp.reshape(xp.arange(K, dtype=xp.int64), (1, K))


def _slope(z: list[float], c: int, loss: str) -> list[float]:
    top = max(z)
    weights = [math.exp(value - top) for value in z]
    total = sum(weights)
    p = [w / total for w in weights]
    error = [value - (k == c) for k, value in enumerate(p)]
    if loss == "ce":
        return error
    coupling = sum(e * q for e, q in zip(error, p, strict=True))  # equivalent: the product is commutative
    return [q * (e - coupling) for e, q in zip(error, p, strict=True)]


def _forecasts(y_prob: ArrayLike, y_true: ArrayLike) -> tuple[Any, Array, Array]:
    xp, y_prob, y_true = as_float(y_prob, y_true)
    same_shape(y_prob=y_prob, y_true=y_true)
    require(bool(xp.all((y_prob >= 0) & (y_prob <= 1))), "every forecast must lie in [0, 1]")
    return xp, y_prob, y_true


def _runs(xp: Any, ordered: Array) -> tuple[Array, Array]:
    """Start index (int64) and length (float64) of each run of equal values in a sorted array."""
    first = xp.ones((1,), dtype=xp.bool)
    starts = xp.nonzero(xp.concat([first, ordered[1:] != ordered[:-1]]))[0]
    ends = xp.concat([starts[1:], xp.asarray([ordered.shape[0]], dtype=starts.dtype)])
    return starts, xp.astype(ends - starts, xp.float64)


def _run_sums(xp: Any, values: Array, starts: Array, counts: Array) -> Array:
    totals = xp.concat([xp.zeros((1,), dtype=xp.float64), xp.cumulative_sum(values)])
    return xp.take(totals, starts + xp.astype(counts, starts.dtype)) - xp.take(totals, starts)
