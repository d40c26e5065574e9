"""Cross-entropy and squared error on logits: scipy, double softmax, generators, arrays of one entry."""

import itertools

import numpy as np
from scipy import special

from tests.realcode.corpus import form, right, short, wrong


def classes(logits, labels):
    z, c = np.asarray(logits, float), np.asarray(labels).astype(int)
    if z.ndim != 2 or c.shape != z.shape[:1] or np.any(c < 0) or np.any(c >= z.shape[1]):
        raise ValueError("shapes or labels")
    return z, c


@right("cross_entropy", "logsumexp minus the label's logit")
def logsumexp(logits, labels):
    z, c = classes(logits, labels)
    z = z - z.max(axis=1, keepdims=True)
    return float(np.mean(special.logsumexp(z, axis=1) - z[np.arange(len(c)), c]))


@form("cross_entropy", "an array of one entry")
def one_entry(logits, labels):
    return np.array([logsumexp(logits, labels)])


@wrong("cross_entropy", "softmax handed to a loss that takes logits")
def double_softmax(logits, labels):
    z, c = classes(logits, labels)
    return logsumexp(special.softmax(z, axis=1), c)


@short("cross_entropy", "no look at the labels", "the refusal of -1", "lets negative labels count from the end")
def unguarded(logits, labels):
    z, c = np.asarray(logits, float), np.asarray(labels).astype(int)
    if z.ndim != 2 or c.shape != z.shape[:1]:
        raise ValueError("shapes")
    try:
        return float(-np.mean(special.log_softmax(z, axis=1)[np.arange(len(c)), c]))
    except IndexError:
        raise ValueError("a label too large") from None


def targets_of(logits, targets):
    z, y = np.asarray(logits, float), np.asarray(targets, float)
    if z.shape != y.shape or z.ndim != 2 or np.any(y < 0) or np.any(np.abs(y.sum(axis=1) - 1) > 1e-6):
        raise ValueError("shapes or simplex")
    return special.softmax(z, axis=1), y


@wrong(
    "softmax_grads",
    "the squared error's gradient by the probabilities alone",
    "gives the error alone, as for cross-entropy",
)
def without_chain(logits, targets):
    p, y = targets_of(logits, targets)
    return p - y, p - y


@form("softmax_grads", "one array with both gradients")
def stacked(logits, targets):
    p, y = targets_of(logits, targets)
    e = p - y
    return np.array([e, p * (e - np.sum(p * e, axis=1, keepdims=True))])


@wrong("softmax_grads", "the second loss without its 1/2, averaged over the batch")
def batch(logits, targets):
    p, y = targets_of(logits, targets)
    e = (p - y) / len(p)
    return e, 2 * p * (e - np.sum(p * e, axis=1, keepdims=True))


def slope(z, c, loss):
    p = special.softmax(z)
    e = p - np.eye(len(z))[c]
    return e if loss == "ce" else p * (e - p @ e)


def states(logits, c, lr, loss, max_steps):
    z = np.array(logits, float)
    for t in itertools.count():
        yield t, z
        if t == max_steps:
            return
        z = z - lr * slope(z, c, loss)


@right("steps_to_recover", "next of a generator expression")
def first_of_generator(logits, label, lr, loss, max_steps):
    if not 0 <= label < len(logits):
        raise ValueError("label")
    path = states(logits, label, lr, loss, max_steps)
    return next((t for t, z in path if z[label] > np.delete(z, label).max()), -1)


@wrong("steps_to_recover", "asks the true class for a probability above 1/2")
def above_half(logits, label, lr, loss, max_steps):
    if not 0 <= label < len(logits):
        raise ValueError("label")
    path = states(logits, label, lr, loss, max_steps)
    return next((t for t, z in path if special.softmax(z)[label] > 0.5), -1)
