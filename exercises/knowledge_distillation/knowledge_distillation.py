"""Knowledge distillation: softened cross-entropy and logit matching.

Write your answers in the functions below; `README.md` says what is asked.  Check them with

    autograder check knowledge_distillation

Conventions: q is the teacher, p the student, both softened by the temperature T; losses are means over samples; arguments
are array_like, computed in float64, and never changed.
"""

import numpy as np


def softened_probs(logits, temperature):
    """Softmax of logits / temperature over the last axis.

    Parameters
    ----------
    logits : array_like, shape (..., K), at least one axis, K >= 1
        logits / temperature up to 1e8 in size must not overflow.
    temperature : float, > 0
        T; infinity gives the uniform distribution.

    Returns
    -------
    ndarray, shape of logits, float64
        Non-negative, with sum 1 over the last axis.

    Raises
    ------
    ValueError
        If temperature is not positive.

    Notes
    -----
    Timed on 10,000 samples of 10 classes.
    """
    raise NotImplementedError


def kd_loss(student_logits, teacher_logits, temperature):
    """Distillation loss T**2 * (1/n) * sum_i H(q_i, p_i) with the cross-entropy H(q, p) = -sum_k q_k log p_k.

    Parameters
    ----------
    student_logits, teacher_logits : array_like, shape (n, K), n >= 1, K >= 2
        p = softmax(student_logits / T), q = softmax(teacher_logits / T).  Up to 1e4 in size with T = 1 the result must be
        finite.
    temperature : float, > 0

    Returns
    -------
    float
        In nats: the cross-entropy itself, the entropy of q is not subtracted.

    Raises
    ------
    ValueError
        If the shapes differ, or temperature is not positive.
    """
    raise NotImplementedError


def kd_grad(student_logits, teacher_logits, temperature):
    """Gradient of kd_loss with respect to student_logits, with its factor T**2 and its mean over the samples.

    Parameters
    ----------
    student_logits, teacher_logits : array_like, shape (n, K), n >= 1, K >= 2
    temperature : float, > 0
        At T = 1e4 the largest entry is accurate to six digits.

    Returns
    -------
    ndarray, shape (n, K), float64

    Raises
    ------
    ValueError
        As kd_loss.
    """
    raise NotImplementedError


def logit_mse(student_logits, teacher_logits, center):
    """Mean over samples of (1/(2 K)) * sum_k d_k**2 with d = student_logits - teacher_logits, and its gradient.

    Parameters
    ----------
    student_logits, teacher_logits : array_like, shape (n, K), n >= 1, K >= 2
    center : bool
        Whether each row of d is centred first, that is, its mean is subtracted from it.

    Returns
    -------
    loss : float
        In squared units of a logit.
    grad : ndarray, shape (n, K), float64
        With respect to student_logits.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    raise NotImplementedError


def high_temperature_gap(student_logits, teacher_logits, temperatures):
    """Largest distance of the distillation gradient from the gradient of the centred logit MSE, for many temperatures.

    Parameters
    ----------
    student_logits, teacher_logits : array_like, shape (n, K), n >= 1, K >= 2
    temperatures : array_like, shape (m,), m >= 1
        Each T in 1..1e4.

    Returns
    -------
    ndarray, shape (m,), float64
        Entry j: the largest absolute entry of kd_grad(student_logits, teacher_logits, temperatures[j]) minus the gradient
        of logit_mse(student_logits, teacher_logits, True).

    Raises
    ------
    ValueError
        If the shapes of the logits differ, or a temperature is not positive.
    """
    raise NotImplementedError


def sym_kd_grad():
    """One sample: dL/dz_j for L = T**2 * (-sum_k q_k log p_k) with p = softmax(z/T) and a fixed q.

    Returns
    -------
    str
        In T, p_j and q_j.
    """
    raise NotImplementedError


def sym_high_temperature():
    """The limit of T*(p_j - q_j) for T -> infinity, with p = softmax(z/T) and q = softmax(v/T).

    Returns
    -------
    str
        In z_j, v_j, the row means zbar and vbar, and the number of classes K.
    """
    raise NotImplementedError
