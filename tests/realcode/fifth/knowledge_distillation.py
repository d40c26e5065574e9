"""Distillation: scipy's softmax, the divergence of deep-learning libraries, reductions, arrays of one entry."""

import numpy as np
from scipy import special

from tests.realcode.corpus import form, right, wrong


def warm(temperature):
    if not temperature > 0:
        raise ValueError("temperature")
    return float(temperature)


@right("softened_probs", "scipy.special.softmax")
def scipy_softmax(logits, temperature):
    return special.softmax(np.asarray(logits, dtype=float) / warm(temperature), axis=-1)


@form("softened_probs", "nested lists")
def nested_lists(logits, temperature):
    return scipy_softmax(logits, temperature).tolist()


@wrong("softened_probs", "sparsemax of the scaled logits")
def sparsemax(logits, temperature):
    z = np.asarray(logits, dtype=float) / warm(temperature)
    u = -np.sort(-z, axis=-1)
    k = np.arange(1, z.shape[-1] + 1)
    inside = 1 + k * u > np.cumsum(u, axis=-1)
    count = np.maximum(inside.sum(axis=-1, keepdims=True), 1)
    tau = (np.take_along_axis(np.cumsum(u, axis=-1), count - 1, -1) - 1) / count
    return np.maximum(z - tau, 0.0)


def pair(student_logits, teacher_logits):
    s, t = np.asarray(student_logits, dtype=float), np.asarray(teacher_logits, dtype=float)
    if s.shape != t.shape:
        raise ValueError("shapes")
    return s, t


@right("kd_loss", "log_softmax and softmax, a dot product for each row")
def row_by_row(student_logits, teacher_logits, temperature):
    s, t = pair(student_logits, teacher_logits)
    T = warm(temperature)
    total = 0.0
    for a, b in zip(s / T, t / T, strict=True):
        total -= special.softmax(b) @ special.log_softmax(a)
    return float(T * T * total / len(s))


@wrong("kd_loss", "KLDivLoss(reduction='batchmean') * T * T", "returns the KL divergence")
def batchmean(student_logits, teacher_logits, temperature):
    s, t = pair(student_logits, teacher_logits)
    T = warm(temperature)
    lp, lq = special.log_softmax(s / T, axis=1), special.log_softmax(t / T, axis=1)
    return float(T * T * np.sum(np.exp(lq) * (lq - lp)) / len(s))


@wrong("kd_loss", "KLDivLoss with its default reduction, the mean over all entries")
def mean_reduction(student_logits, teacher_logits, temperature):
    s, _ = pair(student_logits, teacher_logits)
    return batchmean(student_logits, teacher_logits, temperature) / s.shape[1]


@form("kd_loss", "an array of one entry")
def one_entry(student_logits, teacher_logits, temperature):
    return np.array([row_by_row(student_logits, teacher_logits, temperature)])


@right("kd_grad", "T (p - q) / n")
def scaled(student_logits, teacher_logits, temperature):
    s, t = pair(student_logits, teacher_logits)
    T = warm(temperature)
    return T * (special.softmax(s / T, axis=1) - special.softmax(t / T, axis=1)) / len(s)


@wrong("kd_grad", "mixes in the hard label's gradient by one half")
def mixed(student_logits, teacher_logits, temperature):
    s, t = pair(student_logits, teacher_logits)
    hard = np.eye(s.shape[1])[t.argmax(axis=1)]
    return 0.5 * scaled(s, t, temperature) + 0.5 * (special.softmax(s, axis=1) - hard) / len(s)


@right("logit_mse", "centring by a projection matrix, a list of two")
def projected(student_logits, teacher_logits, center):
    s, t = pair(student_logits, teacher_logits)
    n, K = s.shape
    d = s - t
    if center:
        d = d @ (np.eye(K) - np.full((K, K), 1 / K))
    return [float(np.sum(d**2) / (2 * n * K)), d / (n * K)]


@wrong("logit_mse", "centres along the samples", "centres over the batch")
def along_samples(student_logits, teacher_logits, center):
    s, t = pair(student_logits, teacher_logits)
    d = s - t
    if center:
        d = d - d.mean(axis=0)
    return float(np.mean(d**2) / 2), d / d.size


@form("high_temperature_gap", "a list comprehension")
def gaps(student_logits, teacher_logits, temperatures):
    s, t = pair(student_logits, teacher_logits)
    _, g = projected(s, t, True)
    return [float(np.abs(scaled(s, t, T) - g).max()) for T in np.asarray(temperatures, dtype=float)]
