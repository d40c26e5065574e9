"""Knowledge distillation: softened cross-entropy and the squared error of logits it becomes at high temperature."""

from __future__ import annotations

from typing import Any

from autograder.arrays import Array, ArrayLike, as_float, require, same_shape
from reference.probabilities import log_softmax, softmax


def softened_probs(logits: ArrayLike, temperature: float) -> Array:
    r"""Softmax of :math:`z/T` over the last axis.

    Parameters
    ----------
    logits : array_like, shape (..., K), at least one axis, K >= 1
    temperature : float, > 0
        T; infinity gives the uniform distribution.

    Returns
    -------
    array, shape of logits, float64
        Each vector on the last axis sums to 1.

    Raises
    ------
    ValueError
        If T is not positive.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (knowledge distillation, announced).

    Examples
    --------
    >>> softened_probs([2.0, 0.0], 4.0).round(4)
    array([0.6225, 0.3775])
    """
    xp, logits = as_float(logits)
    return softmax(_cooled(xp, logits, _positive(temperature)))


def kd_loss(student_logits: ArrayLike, teacher_logits: ArrayLike, temperature: float) -> float:
    r"""Distillation loss :math:`T^2\,\frac1n\sum_i\sum_k -q_{ik}\log p_{ik}` with both distributions softened.

    Parameters
    ----------
    student_logits, teacher_logits : array_like, shape (n, K), n >= 1, K >= 2
        p = softmax(student / T), q = softmax(teacher / T).
    temperature : float, > 0

    Returns
    -------
    float
        A cross-entropy in nats: the entropy of q is not subtracted.  Sum over classes, mean over samples, times T².

    Raises
    ------
    ValueError
        If the shapes differ, or T is not positive.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (knowledge distillation, announced).

    Examples
    --------
    >>> round(kd_loss([[1.0, 0.0]], [[2.0, 0.0]], 2.0), 4)
    2.4342
    """
    xp, student, teacher = _pair(student_logits, teacher_logits)
    T = _positive(temperature)
    log_p, q = log_softmax(_cooled(xp, student, T)), softmax(_cooled(xp, teacher, T))
    return -T * T * float(xp.mean(xp.sum(q * log_p, axis=1)))


def kd_grad(student_logits: ArrayLike, teacher_logits: ArrayLike, temperature: float) -> Array:
    r"""Gradient of :func:`kd_loss` with respect to the student's logits: :math:`T(p-q)/n`.

    Parameters
    ----------
    student_logits, teacher_logits : array_like, shape (n, K), n >= 1, K >= 2
    temperature : float, > 0

    Returns
    -------
    array, shape (n, K), float64
        Each row sums to 0.

    Raises
    ------
    ValueError
        As :func:`kd_loss`.

    Notes
    -----
    Of T², one factor cancels against the inner derivative of z/T.  Chapter: *Applications and Interdisciplinary
    Connections* (knowledge distillation, announced).

    Examples
    --------
    >>> kd_grad([[1.0, 0.0]], [[2.0, 0.0]], 2.0).round(4)
    array([[-0.2172,  0.2172]])
    """
    xp, student, teacher = _pair(student_logits, teacher_logits)
    T = _positive(temperature)
    return (T / student.shape[0]) * (softmax(_cooled(xp, student, T)) - softmax(_cooled(xp, teacher, T)))


def logit_mse(student_logits: ArrayLike, teacher_logits: ArrayLike, center: bool) -> tuple[float, Array]:
    r"""Squared error of logits :math:`\frac1n\sum_i\frac1{2K}\sum_k d_{ik}^2` and its gradient.

    Parameters
    ----------
    student_logits, teacher_logits : array_like, shape (n, K), n >= 1, K >= 2
        The difference is d = student - teacher.
    center : bool
        Whether each row's mean is subtracted from d.

    Returns
    -------
    loss : float
        With 1/2, mean over classes and samples.
    grad : array, shape (n, K), float64
        With respect to the student's logits: d / (K n).

    Raises
    ------
    ValueError
        If the shapes differ.

    Notes
    -----
    Centring is a projection, so the gradient of the centred loss is the centred difference.  With it, this gradient is
    the limit of :func:`kd_grad` for T -> infinity.
    Chapter: *Applications and Interdisciplinary Connections* (knowledge distillation, announced).

    Examples
    --------
    >>> logit_mse([[1.0, 0.0]], [[2.0, 0.0]], True)
    (0.125, array([[-0.25,  0.25]]))
    """
    xp, student, teacher = _pair(student_logits, teacher_logits)
    difference = student - teacher
    if center:
        difference = difference - xp.mean(difference, axis=1, keepdims=True)
    return float(xp.mean(difference * difference)) / 2, difference / difference.size


def high_temperature_gap(student_logits: ArrayLike, teacher_logits: ArrayLike, temperatures: ArrayLike) -> Array:
    r"""Largest difference between the distillation gradient and its high-temperature limit, for every temperature.

    Parameters
    ----------
    student_logits, teacher_logits : array_like, shape (n, K), n >= 1, K >= 2
    temperatures : array_like, shape (m,), m >= 1
        Each T > 0.

    Returns
    -------
    array, shape (m,), float64
        max over all entries of the absolute difference to the gradient of ``logit_mse(..., center=True)``: O(1/T), and
        O(1/T²) for K = 2.

    Raises
    ------
    ValueError
        As :func:`kd_loss`.

    Notes
    -----
    Chapter: *Applications and Interdisciplinary Connections* (knowledge distillation, announced).

    Examples
    --------
    >>> high_temperature_gap([[1.0, 0.0]], [[2.0, 0.0]], [1.0, 10.0]).round(5)
    array([0.10026, 0.00145])
    """
    xp, student, teacher, temperatures = as_float(student_logits, teacher_logits, temperatures)
    limit = logit_mse(student, teacher, True)[1]
    gaps = [
        float(xp.max(xp.abs(kd_grad(student, teacher, float(temperatures[j])) - limit)))
        for j in range(temperatures.shape[0])
    ]
    return xp.asarray(gaps, dtype=xp.float64)


def _cooled(xp: Any, logits: Array, T: float) -> Array:
    """(z - max z) / T: the shift first, so that large logits lose no digits in the division."""
    # equivalent: a shift of a row changes no softmax; an answer without any is caught as "exponentiates without
    # shifting"
    return (logits - xp.max(logits, axis=-1, keepdims=True)) / T


def _positive(temperature: float) -> float:
    T = float(temperature)
    require(T > 0, f"the temperature must be positive, got {T}")
    return T


def _pair(student_logits: ArrayLike, teacher_logits: ArrayLike) -> tuple[Any, Array, Array]:
    xp, student, teacher = as_float(student_logits, teacher_logits)
    same_shape(student_logits=student, teacher_logits=teacher)
    return xp, student, teacher
