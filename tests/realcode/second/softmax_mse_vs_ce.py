"""Softmax losses: PyTorch, SciPy and course assignments."""

import numpy as np
from scipy import special

from tests.realcode.corpus import right, wrong


def classified(logits, labels):
    z, c = np.asarray(logits, float), np.asarray(labels)
    if z.ndim != 2 or c.shape != (len(z),) or np.any(c < 0) or np.any(c >= z.shape[1]):
        raise ValueError("labels")
    return z, c.astype(int)


@right("cross_entropy", "SciPy: log_softmax and take_along_axis")
def log_softmax(logits, labels):
    z, c = classified(logits, labels)
    return float(-np.mean(np.take_along_axis(special.log_softmax(z, axis=1), c[:, None], axis=1)))


@right("cross_entropy", "softplus of differences: logaddexp.reduce of z - z_c")
def logaddexp(logits, labels):
    z, c = classified(logits, labels)
    return float(np.mean(np.logaddexp.reduce(z - z[np.arange(len(z)), c][:, None], axis=1)))


@wrong("cross_entropy", "in bits: log2", "takes base-2 logarithms", "measures in bits")
def bits(logits, labels):
    return log_softmax(logits, labels) / np.log(2)


@wrong("cross_entropy", "reduction='sum'", "sums over the samples")
def summed(logits, labels):
    return log_softmax(logits, labels) * len(np.asarray(logits))


@wrong("cross_entropy", "log-softmax over the batch axis", "normalises over the samples")
def wrong_axis(logits, labels):
    z, c = classified(logits, labels)
    return float(-np.mean(special.log_softmax(z, axis=0)[np.arange(len(z)), c]))


def targeted(logits, targets):
    z, y = np.asarray(logits, float), np.asarray(targets, float)
    if z.ndim != 2 or z.shape != y.shape or np.any(y < 0) or np.any(np.abs(y.sum(axis=1) - 1) > 1e-6):
        raise ValueError("targets")
    return z, y


def all_others(v):
    """Sums over the other classes, without subtracting."""
    before, after = np.zeros_like(v), np.zeros_like(v)
    before[:, 1:] = np.cumsum(v, axis=1)[:, :-1]
    after[:, :-1] = np.cumsum(v[:, ::-1], axis=1)[:, ::-1][:, 1:]
    return before + after


@right("softmax_grads", "differences of errors, summed over the other classes")
def differences(logits, targets):
    z, y = targeted(logits, targets)
    p = special.softmax(z, axis=1)
    e = np.where(y == 1, -all_others(p), p - y)
    return e, p * (e * all_others(p) - all_others(p * e))


# labelled short at first; the contract asks for relative accuracy only "where p is as small as exp(-700)"
@right("softmax_grads", "p * (e - p . e)")
def textbook(logits, targets):
    z, y = targeted(logits, targets)
    p = special.softmax(z, axis=1)
    e = p - y
    return e, p * (e - np.sum(p * e, axis=1, keepdims=True))


@wrong("softmax_grads", "the Jacobian's diagonal alone: e p (1 - p)", "uses the diagonal of the Jacobian alone")
def diagonal(logits, targets):
    z, y = targeted(logits, targets)
    p = special.softmax(z, axis=1)
    return p - y, (p - y) * p * (1 - p)


@wrong("softmax_grads", "averaged over the batch", "averages over the batch")
def averaged(logits, targets):
    a, b = differences(logits, targets)
    return a / len(a), b / len(b)


@wrong("softmax_grads", "squared error without its half", "keeps a factor 2 that 1/2 cancels")
def no_half(logits, targets):
    a, b = differences(logits, targets)
    return a, 2 * b


def start(logits, label):
    z = np.array(logits, dtype=float)
    if not 0 <= label < len(z):
        raise ValueError("label")
    return z


@right("steps_to_recover", "a while loop that tests before it moves")
def while_loop(logits, label, lr, loss, max_steps):
    z = start(logits, label)
    y = np.eye(len(z))[label]
    t = 0
    while True:
        if all(z[label] > z[k] for k in range(len(z)) if k != label):
            return t
        if t == max_steps:
            return -1
        p = special.softmax(z)
        g = p - y
        if loss == "mse":
            g = p * (g - p @ g)
        z = z - lr * g
        t += 1


@wrong("steps_to_recover", "argmax equals the label: ties count", "counts ties as recovered")
def argmax(logits, label, lr, loss, max_steps):
    z = start(logits, label)
    y = np.eye(len(z))[label]
    for t in range(max_steps + 1):
        if z[label] >= z.max():
            return t
        p = special.softmax(z)
        g = p - y
        z = z - lr * (p * (g - p @ g) if loss == "mse" else g)
    return -1


@wrong("steps_to_recover", "the last state is never tested", "leaves the state after the last step untested")
def last_untested(logits, label, lr, loss, max_steps):
    return while_loop(logits, label, lr, loss, max_steps - 1) if max_steps > 0 else -1


# labelled short at first; the statement's own example says "not the 27.6 of a clipped probability": another quantity
@wrong(
    "cross_entropy",
    "scikit-learn's log_loss: probabilities clipped at 1e-15",
    "clips probabilities at 1e-12",
)
def clipped(logits, labels):
    z, c = classified(logits, labels)
    p = np.clip(special.softmax(z, axis=1), 1e-15, 1 - 1e-15)
    return float(-np.mean(np.log(p[np.arange(len(z)), c])))
