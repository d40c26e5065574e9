"""Distillation: a class with temperature, np.vectorize, apply_along_axis, detached teachers."""

import numpy as np

from tests.realcode.corpus import right, wrong


def log_softmax(z):
    z = z - z.max(-1, keepdims=True)
    return z - np.log(np.exp(z).sum(-1, keepdims=True))


def two(student_logits, teacher_logits, temperature=1.0):
    z, v = np.asarray(student_logits, dtype=float), np.asarray(teacher_logits, dtype=float)
    if z.shape != v.shape or temperature <= 0:
        raise ValueError("shapes or temperature")
    return z, v


@right("softened_probs", "np.apply_along_axis of a softmax for one vector")
def along_axis(logits, temperature):
    if not temperature > 0:
        raise ValueError("temperature")

    def one(z):
        e = np.exp(z - z.max())
        return e / e.sum()

    return np.apply_along_axis(one, -1, np.asarray(logits, dtype=float) / temperature)


@wrong("softened_probs", "p ** (1 / T) without normalising again")
def powers(logits, temperature):
    if not temperature > 0:
        raise ValueError("temperature")
    return np.exp(log_softmax(np.asarray(logits, dtype=float))) ** (1 / temperature)


class Distiller:
    """Loss object with a temperature."""

    def __init__(self, T):
        self.T = float(T)

    def __call__(self, z, v):
        q = np.exp(log_softmax(v / self.T))
        return self.T**2 * float(-np.mean(np.sum(q * log_softmax(z / self.T), axis=-1)))


@right("kd_loss", "an object that is called, with its temperature in an attribute")
def by_object(student_logits, teacher_logits, temperature):
    z, v = two(student_logits, teacher_logits, temperature)
    return Distiller(temperature)(z, v)


@wrong("kd_loss", "mixed with the hard loss, half and half (alpha = 0.5), the teacher's argmax as label")
def mixed(student_logits, teacher_logits, temperature):
    z, v = two(student_logits, teacher_logits, temperature)
    hard = -log_softmax(z)[np.arange(len(z)), v.argmax(-1)].mean()
    return 0.5 * Distiller(temperature)(z, v) + 0.5 * float(hard)


@wrong("kd_loss", "F.kl_div(reduction='mean'): KL over all entries", "averages over the classes as well")
def kl_mean(student_logits, teacher_logits, temperature):
    z, v = two(student_logits, teacher_logits, temperature)
    lq, lp = log_softmax(v / temperature), log_softmax(z / temperature)
    return float(temperature**2 * np.mean(np.exp(lq) * (lq - lp)))


@right("kd_grad", "one sample at a time, stacked")
def stacked(student_logits, teacher_logits, temperature):
    z, v = two(student_logits, teacher_logits, temperature)
    T, n = float(temperature), len(z)
    return np.stack([T * (along_axis(a, T) - along_axis(b, T)) / n for a, b in zip(z, v, strict=True)])


@wrong("kd_grad", "the gradient with respect to the teacher's logits")
def of_teacher(student_logits, teacher_logits, temperature):
    z, v = two(student_logits, teacher_logits, temperature)
    T, q, lp = float(temperature), along_axis(v, temperature), log_softmax(z / temperature)
    return -T / len(z) * q * (lp - (q * lp).sum(-1, keepdims=True))


@right("logit_mse", "a nested loop, the gradient collected in lists")
def nested(student_logits, teacher_logits, center):
    z, v = two(student_logits, teacher_logits)
    n, K = z.shape
    loss, grad = 0.0, []
    for a, b in zip(z.tolist(), v.tolist(), strict=True):
        d = [s - t for s, t in zip(a, b, strict=True)]
        if center:
            mean = sum(d) / K
            d = [e - mean for e in d]
        loss += sum(e * e for e in d) / (2 * K) / n
        grad.append([e / (n * K) for e in d])
    return loss, np.array(grad)


@wrong("logit_mse", "rows are scaled to unit variance as well as centred (logit standardisation)")
def standardised(student_logits, teacher_logits, center):
    z, v = two(student_logits, teacher_logits)
    d = z - v
    if center:
        d = d - d.mean(1, keepdims=True)
        d = d / np.where(d.std(1, keepdims=True) > 0, d.std(1, keepdims=True), 1.0)
    n, K = d.shape
    return float(np.sum(d**2) / (2 * K * n)), d / (n * K)
