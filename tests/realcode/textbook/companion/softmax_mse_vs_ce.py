import numpy as np


def _softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def cross_entropy(logits, labels):
    z, labels = np.asarray(logits, float), np.asarray(labels)
    if z.ndim != 2 or z.size == 0 or labels.shape != z.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError("logits must be (n, K) and labels n integers")
    if labels.min() < 0 or labels.max() >= z.shape[1]:
        raise ValueError("label out of range")
    z = z - z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(z)), labels])


def softmax_grads(logits, targets):
    z, y = np.asarray(logits, float), np.asarray(targets, float)
    if z.ndim != 2 or z.shape != y.shape or z.size == 0:
        raise ValueError("logits and targets must be (n, K)")
    if np.any(y < 0) or np.any(np.abs(y.sum(axis=1) - 1) > 1e-6):
        raise ValueError("targets must be distributions")
    p = _softmax(z)
    g = p - y
    return g, p * (g - np.sum(g * p, axis=1, keepdims=True))


def steps_to_recover(logits, label, lr, loss, max_steps):
    z = np.array(logits, float)
    if z.ndim != 1 or z.size < 2 or not 0 <= label < z.size:
        raise ValueError("logits must be 1-D and label a class")
    if loss not in ("ce", "mse") or lr <= 0 or max_steps < 0:
        raise ValueError("unknown loss, or lr or max_steps out of range")
    y = np.zeros(z.size)
    y[label] = 1
    for t in range(max_steps + 1):
        if z[label] > np.delete(z, label).max():
            return t
        g_ce, g_mse = softmax_grads(z[None], y[None])
        z = z - lr * (g_ce if loss == "ce" else g_mse)[0]
    return -1
