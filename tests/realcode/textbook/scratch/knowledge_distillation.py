import numpy as np
from scipy.special import log_softmax, softmax


def softened_probs(logits, temperature):
    z = np.asarray(logits, float)
    if z.ndim == 0 or z.shape[-1] == 0 or not temperature > 0:
        raise ValueError("no classes, or temperature not positive")
    return softmax(z / temperature, axis=-1)


def _same(student, teacher):
    s, t = np.asarray(student, float), np.asarray(teacher, float)
    if s.shape != t.shape or s.ndim != 2 or len(s) == 0 or s.shape[1] < 2:
        raise ValueError("logits must be (n, K), twice the same shape, K >= 2")
    return s, t


def kd_loss(student_logits, teacher_logits, temperature):
    s, t = _same(student_logits, teacher_logits)
    q = softened_probs(t, temperature)
    losses = [-np.dot(qi, log_softmax(si / temperature)) for qi, si in zip(q, s)]
    return float(temperature**2 * np.mean(losses))


def kd_grad(student_logits, teacher_logits, temperature):
    s, t = _same(student_logits, teacher_logits)
    rows = [softened_probs(a, temperature) - softened_probs(b, temperature) for a, b in zip(s, t)]
    return temperature / len(s) * np.array(rows)


def logit_mse(student_logits, teacher_logits, center):
    s, t = _same(student_logits, teacher_logits)
    n, K = s.shape
    d = np.array([row - row.mean() if center else row for row in s - t])
    return float((d**2).sum() / (2 * K * n)), d / (K * n)


def high_temperature_gap(student_logits, teacher_logits, temperatures):
    s, t = _same(student_logits, teacher_logits)
    gaps = []
    for T in np.asarray(temperatures, float):
        gaps.append(np.max(np.abs(kd_grad(s, t, T) - logit_mse(s, t, True)[1])))
    return np.array(gaps, dtype=float)
