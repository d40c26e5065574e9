import numpy as np
from scipy.special import log_softmax, softmax


def cross_entropy(logits, labels):
    z, labels = np.asarray(logits, float), np.asarray(labels)
    if z.ndim != 2 or z.size == 0 or labels.shape != (len(z),) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError("logits must be (n, K) and labels n integers")
    if (labels < 0).any() or (labels >= z.shape[1]).any():
        raise ValueError("label out of range")
    return float(-np.take_along_axis(log_softmax(z, axis=1), labels[:, None], axis=1).mean())


def softmax_grads(logits, targets):
    z, y = np.asarray(logits, float), np.asarray(targets, float)
    if z.ndim != 2 or z.shape != y.shape or z.size == 0:
        raise ValueError("logits and targets must be (n, K)")
    if (y < 0).any() or not np.allclose(y.sum(axis=1), 1, rtol=0, atol=1e-6):
        raise ValueError("targets must be distributions")
    p = softmax(z, axis=1)
    g_mse = np.empty_like(p)
    for i in range(len(p)):
        e = p[i] - y[i]
        g_mse[i] = p[i] * e - p[i] * np.dot(p[i], e)
    return p - y, g_mse


def steps_to_recover(logits, label, lr, loss, max_steps):
    z = np.array(logits, float)
    if z.ndim != 1 or z.size < 2 or not 0 <= label < z.size:
        raise ValueError("logits must be 1-D and label a class")
    if loss not in ("ce", "mse") or lr <= 0 or max_steps < 0:
        raise ValueError("unknown loss, or lr or max_steps out of range")
    others = [k for k in range(z.size) if k != label]
    for t in range(max_steps + 1):
        if all(z[label] > z[k] for k in others):
            return t
        p = softmax(z)
        e = p.copy()
        e[label] -= 1
        z = z - lr * (e if loss == "ce" else (np.diag(p) - np.outer(p, p)) @ e)
    return -1
