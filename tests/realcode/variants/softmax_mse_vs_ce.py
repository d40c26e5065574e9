"""Softmax, cross-entropy and squared error: course layers, Keras losses and stable forms."""

import numpy as np
from scipy import special

from tests.realcode.corpus import right, short, wrong


def samples(logits, labels):
    z, c = np.asarray(logits, float), np.asarray(labels)
    if c.shape != z.shape[:1] or (c < 0).any() or (c >= z.shape[1]).any():
        raise ValueError("labels")
    return z, c


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@right("cross_entropy", "SciPy: log_softmax, one entry a row")
def picked(logits, labels):
    z, c = samples(logits, labels)
    return -np.take_along_axis(special.log_softmax(z, axis=1), c[:, None], axis=1).mean()


@right("cross_entropy", "cs231n: scores - max, then log of the sum minus the own score")
def cs231n(logits, labels):
    z, c = samples(logits, labels)
    z = z - z.max(axis=1, keepdims=True)
    return np.sum(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(c)), c]) / len(c)


@wrong("cross_entropy", "from scratch: np.log(p + 1e-12)", "adds 1e-12 to the probability")
def raised(logits, labels):
    z, c = samples(logits, labels)
    return -np.mean(np.log(softmax(z)[np.arange(len(c)), c] + 1e-12))


@wrong("cross_entropy", "Keras backend: clipped by epsilon, here 1e-12", "clips probabilities at 1e-12")
def clipped(logits, labels):
    z, c = samples(logits, labels)
    return -np.mean(np.log(np.clip(softmax(z)[np.arange(len(c)), c], 1e-12, None)))


@wrong(
    "cross_entropy",
    "exp without a shift",
    "computes softmax without shifting, then its logarithm",
    "exponentiates without shifting",
)
def unshifted(logits, labels):
    z, c = samples(logits, labels)
    e = np.exp(z)
    return -np.mean(np.log(e[np.arange(len(c)), c] / e.sum(axis=1)))


@wrong("cross_entropy", "PyTorch: CrossEntropyLoss(reduction='sum')", "sums over the samples")
def summed(logits, labels):
    z, c = samples(logits, labels)
    return -np.sum(special.log_softmax(z, axis=1)[np.arange(len(c)), c])


@wrong("cross_entropy", "np.mean(-onehot * log_p) over all entries", "averages over the classes as well")
def over_all_entries(logits, labels):
    z, c = samples(logits, labels)
    return np.mean(-np.eye(z.shape[1])[c] * special.log_softmax(z, axis=1))


def pair(logits, targets):
    z, y = np.asarray(logits, float), np.asarray(targets, float)
    if z.shape != y.shape or (y < 0).any() or (abs(y.sum(axis=1) - 1) > 1e-6).any():
        raise ValueError("targets")
    return z, y


@right("softmax_grads", "PyTorch's softmax backward: p * (g - (g * p).sum)")
def backward(logits, targets):
    z, y = pair(logits, targets)
    p = softmax(z)
    g = p - y
    return g, p * (g - (g * p).sum(axis=1, keepdims=True))


@short(
    "softmax_grads",
    "textbook: one Jacobian for each sample, by einsum",
    "memory of n K^2 numbers",
    "builds every Jacobian",
)
def jacobians(logits, targets):
    z, y = pair(logits, targets)
    p = softmax(z)
    J = np.einsum("ij,jk->ijk", p, np.eye(p.shape[1])) - np.einsum("ij,ik->ijk", p, p)
    return p - y, np.einsum("ijk,ik->ij", J, p - y)


@wrong("softmax_grads", "sigmoid habit: p * (1 - p), elementwise", "uses the diagonal of the Jacobian alone")
def elementwise(logits, targets):
    z, y = pair(logits, targets)
    p = softmax(z)
    return p - y, (p - y) * p * (1 - p)


@wrong("softmax_grads", "both layers end in p - y", "gives the error alone, as for cross-entropy")
def same_gradient(logits, targets):
    z, y = pair(logits, targets)
    p = softmax(z)
    return p - y, p - y


@wrong("softmax_grads", "cs231n: dx /= N", "averages over the batch")
def averaged(logits, targets):
    g_ce, g_mse = backward(logits, targets)
    return g_ce / len(g_ce), g_mse / len(g_mse)


@wrong("softmax_grads", "axis=0 for samples in columns", "normalises over the samples")
def by_columns(logits, targets):
    z, y = pair(logits, targets)
    p = special.softmax(z, axis=0)
    g = p - y
    return g, p * (g - (g * p).sum(axis=1, keepdims=True))


def start(logits, label):
    z = np.array(logits, float)
    if not 0 <= label < z.size:
        raise ValueError("label")
    return z, np.eye(z.size)[label]


@right("steps_to_recover", "a training loop that looks before each step")
def training_loop(logits, label, lr, loss, max_steps):
    z, y = start(logits, label)
    for step in range(max_steps + 1):
        rivals = np.delete(z, label)
        if (z[label] > rivals).all():
            return step
        p = special.softmax(z)
        gradient = p - y if loss == "ce" else (np.diag(p) - np.outer(p, p)) @ (p - y)
        z -= lr * gradient
    return -1


@wrong(
    "steps_to_recover",
    "range(max_steps): the last state is not looked at",
    "leaves the state after the last step untested",
)
def one_short(logits, label, lr, loss, max_steps):
    found = training_loop(logits, label, lr, loss, max_steps)
    return -1 if found == max_steps else found


@wrong("steps_to_recover", "epochs counted from 1", "counts steps from 1")
def from_one(logits, label, lr, loss, max_steps):
    found = training_loop(logits, label, lr, loss, max_steps)
    return found if found < 0 else found + 1
