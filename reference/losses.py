"""Losses with their gradients in one pass over the data: what a training step needs of the chapter's losses.

All gradients are with respect to predictions (means and log-variances, or logits) and belong to the mean that is
returned.  On NumPy the passes go over pieces that stay in the cache; on a GPU large arrays take one fused kernel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import array_api_compat

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape
from reference import _fused

PIECE = 1 << 14
"""Entries of one piece: the operands and temporaries of a rule together fit a second-level cache."""

Rule = Callable[..., tuple[Array, ...]]
"""Takes the namespace and the inputs; returns the loss terms and the gradients of their sum."""


def mse_and_grad(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[float, Array]:
    r"""Mean :math:`\frac1N\sum(\hat y-y)^2` and its gradient :math:`\frac2N(\hat y-y)`.

    Parameters
    ----------
    y_true, y_pred : array_like, one common shape, not empty

    Returns
    -------
    (float, array of the common shape, float64)
        No 1/2; the residual of the gradient is prediction minus target.

    Raises
    ------
    ValueError
        If the shapes differ or there is no entry.

    Notes
    -----
    Chapter: *MSE in Action: Optimization via Gradient Descent*; problem 3148575.

    Examples
    --------
    >>> mse_and_grad([1.0, 2.0], [1.0, 4.0])
    (2.0, array([0., 2.]))
    """
    xp, y_true, y_pred = as_float(y_true, y_pred)
    same_shape(y_true=y_true, y_pred=y_pred)
    total, grad = _entries(xp, "mse", _mse, (y_true, y_pred), (), y_true.size)
    return total, grad


def weighted_mse_and_grad(y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike) -> tuple[float, Array]:
    r"""Weighted mean :math:`\sum w(\hat y-y)^2/\sum w` and its gradient :math:`2w(\hat y-y)/\sum w`.

    Parameters
    ----------
    y_true, y_pred, sample_weight : array_like, one common shape, not empty
        Weights non-negative with a finite positive sum.

    Returns
    -------
    (float, array of the common shape, float64)

    Raises
    ------
    ValueError
        If the shapes differ, there is no entry, a weight is negative, or their sum is not finite and positive.

    Notes
    -----
    The sum of the weights is needed before the first gradient: one more reading of them.  Chapter: problem 3148446.

    Examples
    --------
    >>> weighted_mse_and_grad([1.0, 2.0], [1.0, 4.0], [1.0, 3.0])
    (3.0, array([0., 3.]))
    """
    xp, y_true, y_pred, weight = as_float(y_true, y_pred, sample_weight)
    same_shape(y_true=y_true, y_pred=y_pred, sample_weight=weight)
    require(weight.size > 0, "the mean of no entry is not defined: give at least one")
    require(float(xp.min(weight)) >= 0, "weights cannot be negative")
    share = float(xp.sum(weight))
    require(math.isfinite(share) and share > 0, f"the weights must have a finite positive sum, got {share}")
    total, grad = _entries(xp, "weighted_mse", _weighted_mse, (y_true, y_pred, weight), (), share)
    return total, grad


def huber_and_grad(y_true: ArrayLike, y_pred: ArrayLike, delta: float) -> tuple[float, Array]:
    r"""Mean of Huber's loss of :math:`\hat y-y` and its gradient :math:`\psi_\delta(\hat y-y)/N`.

    Parameters
    ----------
    y_true, y_pred : array_like, one common shape, not empty
    delta : float
        Where the parabola :math:`r^2/2` turns into a line; finite and positive.

    Returns
    -------
    (float, array of the common shape, float64)
        With the 1/2 of the chapter.

    Raises
    ------
    ValueError
        If the shapes differ, there is no entry, or delta is not finite and positive.

    Notes
    -----
    Chapter: *Limitation 1: Sensitivity to Outliers*; problem 3148493.

    Examples
    --------
    >>> huber_and_grad([0.0, 0.0], [0.5, 3.0], 1.0)
    (1.3125, array([0.25, 0.5 ]))
    """
    xp, y_true, y_pred = as_float(y_true, y_pred)
    same_shape(y_true=y_true, y_pred=y_pred)
    delta = float(delta)
    require(math.isfinite(delta) and delta > 0, f"delta must be finite and positive, got {delta}")
    total, grad = _entries(xp, "huber", _huber, (y_true, y_pred), (delta,), y_true.size)
    return total, grad


def gaussian_nll_and_grads(y_true: ArrayLike, mu: ArrayLike, logvar: ArrayLike) -> tuple[float, Array, Array]:
    r"""Mean of :math:`\frac12[\log2\pi+s+(y-\mu)^2e^{-s}]` and its gradients by :math:`\mu` and :math:`s`.

    Parameters
    ----------
    y_true, mu, logvar : array_like, one common shape, not empty
        ``logvar`` is the logarithm s of the variance.

    Returns
    -------
    (float, array, array), arrays of the common shape, float64
        In nats per entry; 1/N is in both gradients, as in :func:`reference.likelihoods.nll_grads`.

    Raises
    ------
    ValueError
        If the shapes differ or there is no entry.

    Notes
    -----
    Chapter: *Limitation 2: The Mean is Not the Whole Story*; problem 3148492.

    Examples
    --------
    >>> value, by_mu, by_s = gaussian_nll_and_grads([1.0], [0.0], [0.0])
    >>> round(value, 4), by_mu, by_s
    (1.4189, array([-1.]), array([0.]))
    """
    xp, y_true, mu, logvar = as_float(y_true, mu, logvar)
    same_shape(y_true=y_true, mu=mu, logvar=logvar)
    total, by_mu, by_logvar = _entries(xp, "gaussian_nll", _gaussian_nll, (y_true, mu, logvar), (), y_true.size)
    return total, by_mu, by_logvar


def softmax_ce_and_grad(logits: ArrayLike, targets: ArrayLike) -> tuple[float, Array]:
    r"""Mean over samples of :math:`-\sum_ky_k\log p_k` with :math:`p=\mathrm{softmax}(z)`, and its gradient by z.

    Parameters
    ----------
    logits, targets : array_like, shape (n, K), not empty
        Rows of ``targets`` are distributions, one-hot or soft; that is not checked, which would be another pass.

    Returns
    -------
    (float, array of shape (n, K), float64)
        In nats; the gradient :math:`(p\sum_ky_k-y)/n` is that of the mean.

    Raises
    ------
    ValueError
        If the shapes differ, are not 2-D, or there is no entry.

    Notes
    -----
    Chapter: *Limitation 3: Unsuitability for Classification*; problem 3148456.

    Examples
    --------
    >>> value, grad = softmax_ce_and_grad([[0.0, 0.0]], [[1.0, 0.0]])
    >>> round(value, 4), grad
    (0.6931, array([[-0.5,  0.5]]))
    """
    return _rows("softmax_ce", _softmax_ce, logits, targets)


def softmax_mse_and_grad(logits: ArrayLike, targets: ArrayLike) -> tuple[float, Array]:
    r"""Mean over samples of :math:`\frac12\sum_k(p_k-y_k)^2` with :math:`p=\mathrm{softmax}(z)`, and its gradient by z.

    Parameters
    ----------
    logits, targets : array_like, shape (n, K), not empty

    Returns
    -------
    (float, array of shape (n, K), float64)
        The gradient :math:`p_j[(p_j-y_j)-\sum_i(p_i-y_i)p_i]/n` is that of the mean; a sum over classes.

    Raises
    ------
    ValueError
        If the shapes differ, are not 2-D, or there is no entry.

    Notes
    -----
    Chapter: *Limitation 3: Unsuitability for Classification*; problem 3148456.

    Examples
    --------
    >>> softmax_mse_and_grad([[0.0, 0.0]], [[1.0, 0.0]])
    (0.25, array([[-0.25,  0.25]]))
    """
    return _rows("softmax_mse", _softmax_mse, logits, targets)


# --- the rules -------------------------------------------------------------------------------------------------


def _mse(xp: Any, y: Array, p: Array) -> tuple[Array, ...]:
    r = p - y
    return r * r, 2.0 * r


def _weighted_mse(xp: Any, y: Array, p: Array, w: Array) -> tuple[Array, ...]:
    r = p - y
    pull = w * r
    return pull * r, 2.0 * pull


def _huber(xp: Any, y: Array, p: Array, delta: float) -> tuple[Array, ...]:
    r = p - y
    psi = xp.clip(r, -delta, delta)
    return psi * (r - 0.5 * psi), psi


def _gaussian_nll(xp: Any, y: Array, mu: Array, s: Array) -> tuple[Array, ...]:
    root = xp.exp(-0.5 * s)
    z = (y - mu) * root
    square = z * z
    return 0.5 * (math.log(2 * math.pi) + s + square), -z * root, 0.5 - 0.5 * square


def _softmax_ce(xp: Any, z: Array, y: Array) -> tuple[Array, ...]:
    shifted = z - xp.max(z, axis=1, keepdims=True)
    e = xp.exp(shifted)
    total = xp.sum(e, axis=1, keepdims=True)
    mass = xp.sum(y, axis=1, keepdims=True)
    # a target of 0 counts nothing, also where its class has no probability left
    terms = xp.where(y != 0, y * shifted, xp.zeros_like(y))
    return mass[:, 0] * xp.log(total[:, 0]) - xp.sum(terms, axis=1), e * (mass / total) - y


def _softmax_mse(xp: Any, z: Array, y: Array) -> tuple[Array, ...]:
    e = xp.exp(z - xp.max(z, axis=1, keepdims=True))
    p = e / xp.sum(e, axis=1, keepdims=True)
    error = p - y
    coupling = xp.sum(error * p, axis=1, keepdims=True)
    return 0.5 * xp.sum(error * error, axis=1), p * (error - coupling)


# --- the passes ------------------------------------------------------------------------------------------------


def _entries(
    xp: Any, name: str, rule: Rule, inputs: tuple[Array, ...], constants: tuple[float, ...], count: float
) -> tuple[Any, ...]:
    """Return loss and gradients of a rule that treats every entry alone, divided by ``count``."""
    shape = inputs[0].shape
    require(inputs[0].size > 0, "the mean of no entry is not defined: give at least one")
    flat = [xp.reshape(one, (-1,)) for one in inputs]
    if _fused.takes(xp, flat):
        total, grads = _fused.entries(name, flat, constants, 1.0 / count)
    else:
        total, grads = _in_pieces(xp, rule, flat, constants, 1.0 / count, PIECE)
    return (total, *(xp.reshape(grad, shape) for grad in grads))


def _rows(name: str, rule: Rule, logits: ArrayLike, targets: ArrayLike) -> tuple[float, Array]:
    """Return loss and gradient of a rule that treats every row alone, as a mean over rows."""
    xp, logits, targets = as_float(logits, targets)
    same_shape(logits=logits, targets=targets)
    require(logits.ndim == 2 and logits.size > 0, f"logits must have shape (n, K), not empty, got {logits.shape}")
    n, K = logits.shape
    if _fused.takes(xp, [logits, targets]) and K <= _fused.MAX_CLASSES:
        total, grads = _fused.rows(name, [logits, targets], 1.0 / n)
    else:
        total, grads = _in_pieces(xp, rule, [logits, targets], (), 1.0 / n, max(1, PIECE // K))
    return total, grads[0]


def _in_pieces(
    xp: Any, rule: Rule, inputs: list[Array], constants: tuple[float, ...], scale: float, piece: int
) -> tuple[float, list[Array]]:
    """Return the scaled sum of the loss terms and the scaled gradients, piece by piece along the first axis."""
    n = inputs[0].shape[0]
    if not array_api_compat.is_numpy_namespace(xp) or n <= piece:
        terms, *grads = rule(xp, *inputs, *constants)  # elsewhere a launch costs more than a pass over a piece
        return float(xp.sum(terms)) * scale, [grad * scale for grad in grads]
    sums: list[float] = []
    outputs: list[Array] = []
    for start in range(0, n, piece):
        terms, *grads = rule(xp, *(one[start : start + piece] for one in inputs), *constants)
        sums.append(float(xp.sum(terms)))
        if not outputs:
            outputs = [xp.empty(inputs[0].shape, dtype=xp.float64) for _ in grads]
        for output, grad in zip(outputs, grads, strict=True):
            xp.multiply(grad, scale, out=output[start : start + piece])
    return math.fsum(sums) * scale, outputs
