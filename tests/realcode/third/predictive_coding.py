"""Predictive coding: unit by unit, np.linalg.multi_dot, block systems, a class with state."""

import math

import numpy as np

from tests.realcode.corpus import right, wrong


def model(y, r, U, m, pi_y, pi_r):
    y, r, U, m, a, b = (np.asarray(v, dtype=float) for v in (y, r, U, m, pi_y, pi_r))
    if U.ndim != 2 or not y.shape == a.shape == U.shape[:1] or not r.shape == m.shape == b.shape == U.shape[1:]:
        raise ValueError("shapes")
    if (a < 0).any() or (b < 0).any():
        raise ValueError("precisions")
    return y, r, U, m, a, b


@right("pc_energy", "math.fsum over units, in plain Python")
def in_python(y, r, U, m, pi_y, pi_r):
    y, r, U, m, a, b = (v.tolist() for v in model(y, r, U, m, pi_y, pi_r))
    data = [p * (t - sum(u * c for u, c in zip(row, r, strict=True))) ** 2 for p, t, row in zip(a, y, U, strict=True)]
    prior = [p * (c - c0) ** 2 for p, c, c0 in zip(b, r, m, strict=True)]
    return math.fsum([*data, *prior]) / 2


@wrong("pc_energy", "free energy with its logarithms: -1/2 sum log pi, where a precision is positive")
def with_logarithms(y, r, U, m, pi_y, pi_r):
    *_, a, b = model(y, r, U, m, pi_y, pi_r)
    both = np.concatenate([a, b])
    return in_python(y, r, U, m, pi_y, pi_r) - 0.5 * float(np.log(both[both > 0]).sum())


@wrong("pc_energy", "absolute errors, weighted")
def absolute(y, r, U, m, pi_y, pi_r):
    y, r, U, m, a, b = model(y, r, U, m, pi_y, pi_r)
    return 0.5 * float(a @ np.abs(y - U @ r) + b @ np.abs(r - m))


@right("pc_grad", "np.linalg.multi_dot with diagonal matrices")
def multi_dot(y, r, U, m, pi_y, pi_r):
    y, r, U, m, a, b = model(y, r, U, m, pi_y, pi_r)
    return np.diag(b) @ (r - m) - np.linalg.multi_dot([U.T, np.diag(a), y - U @ r])


@wrong("pc_grad", "the prior's term is scaled by the number of data, as in a mean over them")
def prior_scaled(y, r, U, m, pi_y, pi_r):
    y, r, U, m, a, b = model(y, r, U, m, pi_y, pi_r)
    return b * (r - m) / len(y) - U.T @ (a * (y - U @ r))


class Network:
    """State and history in attributes."""

    def __init__(self, start):
        self.r, self.history = start, [start.copy()]

    def step(self, force, lr):
        self.r -= lr * force
        self.history.append(self.r.copy())


@right("pc_infer", "a class whose state is updated in place and copied into its history")
def with_class(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    start = np.array(m if r0 is None else r0, dtype=float)
    y, start, U, m, a, b = model(y, start, U, m, pi_y, pi_r)
    net = Network(start.copy())
    for _ in range(steps):
        net.step(b * (net.r - m) - U.T @ (a * (y - U @ net.r)), lr)
    return np.vstack(net.history)


@wrong("pc_infer", "stops when the step is small and repeats the last state")
def early(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    path = with_class(y, U, m, pi_y, pi_r, lr, steps, r0)
    for t in range(1, len(path)):
        if np.abs(path[t] - path[t - 1]).max() < 1e-2:
            path[t:] = path[t - 1]
            break
    return path


@right("pc_posterior_mean", "QR of the stacked, scaled equations")
def by_qr(y, U, m, pi_y, pi_r):
    y, m, U, _, a, b = model(y, m, U, m, pi_y, pi_r)
    if not (a.any() or b.any()):
        raise ValueError("precisions")
    A = np.vstack([np.sqrt(a)[:, None] * U, np.diag(np.sqrt(b))])
    Q, R = np.linalg.qr(A)
    return np.linalg.solve(R, Q.T @ np.concatenate([np.sqrt(a) * y, np.sqrt(b) * m]))


@wrong("pc_posterior_mean", "a hundred small steps of inference, started at m")
def hundred_steps(y, U, m, pi_y, pi_r):
    return with_class(y, U, m, pi_y, pi_r, 0.01, 100)[-1]


@right("pc_learn_step", "einsum over samples, data and causes at once")
def by_einsum(Y, R, U, pi_y, lr):
    Y, R, U, a = (np.asarray(v, dtype=float) for v in (Y, R, U, pi_y))
    if U.ndim != 2 or Y.ndim != 2 or R.ndim != 2 or len(Y) != len(R) or len(Y) < 1:
        raise ValueError("shapes")
    if Y.shape[1:] != U.shape[:1] or R.shape[1:] != U.shape[1:] or a.shape != U.shape[:1] or (a < 0).any():
        raise ValueError("shapes or precisions")
    return U + lr / len(Y) * np.einsum("p,np,nk->pk", a, Y - R @ U.T, R)


@wrong("pc_learn_step", "the columns of U are normalised after the step, as in sparse coding")
def normalised(Y, R, U, pi_y, lr):
    new = by_einsum(Y, R, U, pi_y, lr)
    return new / np.linalg.norm(new, axis=0)
