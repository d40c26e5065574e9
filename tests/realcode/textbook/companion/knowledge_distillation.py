import numpy as np


def softened_probs(logits, temperature):
    z = np.asarray(logits, float)
    if z.ndim == 0 or z.shape[-1] == 0 or not temperature > 0:
        raise ValueError("no classes, or temperature not positive")
    z = z / temperature
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _pair(student, teacher):
    s, t = np.asarray(student, float), np.asarray(teacher, float)
    if s.shape != t.shape or s.ndim != 2 or s.shape[0] == 0 or s.shape[1] < 2:
        raise ValueError("logits must be (n, K), twice the same shape, K >= 2")
    return s, t


def kd_loss(student_logits, teacher_logits, temperature):
    s, t = _pair(student_logits, teacher_logits)
    q = softened_probs(t, temperature)
    z = s / temperature
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -(temperature**2) * np.mean(np.sum(q * log_p, axis=1))


def kd_grad(student_logits, teacher_logits, temperature):
    s, t = _pair(student_logits, teacher_logits)
    return temperature * (softened_probs(s, temperature) - softened_probs(t, temperature)) / len(s)


def logit_mse(student_logits, teacher_logits, center):
    s, t = _pair(student_logits, teacher_logits)
    n, K = s.shape
    d = s - t
    if center:
        d = d - d.mean(axis=1, keepdims=True)
    return np.mean(np.sum(d**2, axis=1)) / (2 * K), d / (n * K)


def high_temperature_gap(student_logits, teacher_logits, temperatures):
    s, t = _pair(student_logits, teacher_logits)
    flat = logit_mse(s, t, True)[1]
    return np.array([np.abs(kd_grad(s, t, T) - flat).max() for T in np.asarray(temperatures, float)], dtype=float)
