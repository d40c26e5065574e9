"""Softmax: PyTorch companions with a context class, Jacobians by einsum, list comprehensions, logaddexp."""

import functools
import math

import numpy as np

from tests.realcode.corpus import right, wrong


def rows(logits, labels):
    Z, c = np.asarray(logits, dtype=float), np.asarray(labels)
    if Z.ndim != 2 or c.shape != (len(Z),) or np.any((c < 0) | (c >= Z.shape[1])):
        raise ValueError("shapes or labels")
    return Z, c


class LogSoftmax:
    """PyTorch-like module: forward keeps what backward needs."""

    def forward(self, z):
        self.shifted = z - np.amax(z, axis=-1, keepdims=True)
        self.norm = np.log(np.sum(np.exp(self.shifted), axis=-1, keepdims=True))
        return self.shifted - self.norm


@right("cross_entropy", "a module with forward, then nll_loss by fancy indexing")
def module(logits, labels):
    Z, c = rows(logits, labels)
    return float(-LogSoftmax().forward(Z)[range(len(c)), c].mean())


@right("cross_entropy", "a list comprehension with math.exp and math.log, row by row")
def comprehension(logits, labels):
    Z, c = rows(logits, labels)
    losses = []
    for z, k in zip(Z.tolist(), c.tolist(), strict=True):
        top = max(z)
        losses.append(math.log(sum([math.exp(v - top) for v in z])) + top - z[k])
    return sum(losses) / len(losses)


@right("cross_entropy", "functools.reduce of np.logaddexp over the columns")
def reduced(logits, labels):
    Z, c = rows(logits, labels)
    total = functools.reduce(np.logaddexp, Z.T)
    return float(np.mean(total - Z[np.arange(len(c)), c]))


@wrong("cross_entropy", "torch: NLLLoss applied to probabilities, no logarithm")
def no_logarithm(logits, labels):
    Z, c = rows(logits, labels)
    return float(-np.exp(LogSoftmax().forward(Z))[range(len(c)), c].mean())


@wrong("cross_entropy", "torch: CrossEntropyLoss applied to probabilities, softmax twice")
def softmax_twice(logits, labels):
    Z, c = rows(logits, labels)
    return module(np.exp(LogSoftmax().forward(Z)), c)


@wrong("cross_entropy", "label smoothing of 0.1 left on")
def smoothed(logits, labels):
    Z, c = rows(logits, labels)
    log_p = LogSoftmax().forward(Z)
    return float(0.9 * -log_p[range(len(c)), c].mean() - 0.1 * log_p.mean())


def on_simplex(logits, targets):
    Z, Y = np.asarray(logits, dtype=float), np.asarray(targets, dtype=float)
    if Z.shape != Y.shape or Z.ndim != 2 or np.any(Y < 0) or np.any(np.abs(Y.sum(1) - 1) > 1e-6):
        raise ValueError("shapes or targets")
    return Y, np.exp(LogSoftmax().forward(Z))


@right("softmax_grads", "einsum with two subscripts, nothing of K x K")
def by_einsum(logits, targets):
    Y, P = on_simplex(logits, targets)
    e = P - Y
    return e, np.einsum("ik,ik->ik", P, e) - np.einsum("ik,ij,ij->ik", P, P, e)


@right("softmax_grads", "one row at a time, outer products of K x K")
def one_row(logits, targets):
    Y, P = on_simplex(logits, targets)
    g = np.empty_like(P)
    for i, (p, y) in enumerate(zip(P, Y, strict=True)):
        g[i] = (p - y) @ (np.diagflat(p) - np.outer(p, p))
    return P - Y, g


@wrong("softmax_grads", "detached: the coupling through the sum is treated as a constant, p * e")
def detached(logits, targets):
    Y, P = on_simplex(logits, targets)
    return P - Y, P * (P - Y)


@wrong("softmax_grads", "both gradients are returned in the other order")
def exchanged(logits, targets):
    first, second = by_einsum(logits, targets)
    return second, first


@wrong("softmax_grads", "probabilities in float32, as on a graphics card: the statement asks for float64")
def single(logits, targets):
    Y, P = on_simplex(logits, targets)
    p, y = P.astype(np.float32), Y.astype(np.float32)
    e = p - y
    return e.astype(float), (p * (e - (p * e).sum(1, keepdims=True))).astype(float)
