"""Predictive coding as tutorials, pymdp-like packages and Bayesian textbooks write it."""

import numpy as np

from tests.realcode.corpus import right, wrong


def model(y, U, m, pi_y, pi_r):
    y, U, m, a, b = (np.asarray(v, float) for v in (y, U, m, pi_y, pi_r))
    if U.shape != (y.size, m.size) or a.shape != y.shape or b.shape != m.shape or (a < 0).any() or (b < 0).any():
        raise ValueError("shapes or precisions")
    return y, U, m, a, b


@right("pc_energy", "Bogacz (2017): half the weighted squares, unit by unit")
def unit_by_unit(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    r = np.asarray(r, float)
    data = sum(a[i] * (y[i] - U[i] @ r) ** 2 for i in range(y.size))
    return 0.5 * (data + sum(b[j] * (r[j] - m[j]) ** 2 for j in range(m.size)))


@wrong("pc_energy", "Rao and Ballard (1999): without the 1/2", "forgets 1/2")
def rao_ballard(y, r, U, m, pi_y, pi_r):
    return 2 * unit_by_unit(y, r, U, m, pi_y, pi_r)


@wrong("pc_energy", "a mean over the units, as losses of libraries", "averages instead of summing")
def mean_of_units(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    return 0.5 * (np.mean(a * (y - U @ r) ** 2) + np.sum(b * (r - m) ** 2))


@right("pc_grad", "errors first, then both forces")
def two_forces(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    xi_y, xi_r = a * (y - U @ r), b * (np.asarray(r, float) - m)
    return xi_r - U.T @ xi_y


@wrong("pc_grad", "the update dr/dt in the place of the gradient", "right up to the factor -1")
def update(y, r, U, m, pi_y, pi_r):
    return -two_forces(y, r, U, m, pi_y, pi_r)


@wrong("pc_grad", "plain errors of the data, as for one common precision", "forgets the precision of y")
def plain_errors(y, r, U, m, pi_y, pi_r):
    y, U, m, _, b = model(y, U, m, pi_y, pi_r)
    return b * (np.asarray(r, float) - m) - U.T @ (y - U @ r)


@right("pc_infer", "an Euler scheme of dr/dt = -dF/dr")
def euler(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    r = np.array(m if r0 is None else r0, float)
    path = [r.copy()]
    for _ in range(steps):
        r += lr * (U.T @ (a * (y - U @ r)) - b * (r - m))
        path.append(r.copy())
    return np.stack(path)


@wrong("pc_infer", "causes initialised with zeros", "starts at zero where no r0 is given")
def from_zero(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    return euler(y, U, m, pi_y, pi_r, lr, steps, np.zeros(np.size(m)) if r0 is None else r0)


@wrong("pc_infer", "the history is appended after each step", "leaves out the start")
def after_each_step(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    return euler(y, U, m, pi_y, pi_r, lr, steps, r0)[1:]


@right("pc_posterior_mean", "Bishop, PRML, 2.116: the linear-Gaussian posterior")
def linear_gaussian(y, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    if not a.any() and not b.any():
        raise ValueError("no precision")
    return np.linalg.solve(np.diag(b) + U.T @ np.diag(a) @ U, U.T @ (a * y) + b * m)


@wrong("pc_posterior_mean", "variances handed to a formula for precisions", "uses variances instead of precisions")
def of_variances(y, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    if not a.any() and not b.any():
        raise ValueError("no precision")
    return linear_gaussian(y, U, m, 1 / np.maximum(a, 1e-12), 1 / np.maximum(b, 1e-12))


@wrong("pc_posterior_mean", "scikit-learn: Ridge, shrinking towards 0", "ignores the prior mean")
def ridge(y, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    if not a.any() and not b.any():
        raise ValueError("no precision")
    return np.linalg.solve(np.diag(b) + (U.T * a) @ U, U.T @ (a * y))


def batch(Y, R, U, pi_y):
    Y, R, U, a = (np.asarray(v, float) for v in (Y, R, U, pi_y))
    if Y.shape != (R.shape[0], U.shape[0]) or R.shape[1] != U.shape[1] or a.shape != U.shape[:1] or (a < 0).any():
        raise ValueError("shapes or precisions")
    return Y, R, U, a


@right("pc_learn_step", "Hebbian: outer products of errors and causes, averaged")
def hebbian(Y, R, U, pi_y, lr):
    Y, R, U, a = batch(Y, R, U, pi_y)
    return U + lr * np.mean([np.outer(a * (y - U @ r), r) for y, r in zip(Y, R, strict=True)], axis=0)


@wrong("pc_learn_step", "einsum over the samples without their number", "sums over the samples")
def einsum_sum(Y, R, U, pi_y, lr):
    Y, R, U, a = batch(Y, R, U, pi_y)
    return U + lr * np.einsum("ni,i,nj->ij", Y - R @ U.T, a, R)


@wrong("pc_learn_step", "optimizer.step() of an ascent", "climbs instead of descending")
def wrong_way(Y, R, U, pi_y, lr):
    return 2 * np.asarray(U, float) - hebbian(Y, R, U, pi_y, lr)


@wrong("pc_learn_step", "plain errors, as for one common precision", "forgets the precision")
def unweighted(Y, R, U, pi_y, lr):
    Y, R, U, _ = batch(Y, R, U, pi_y)
    return U + lr / len(Y) * (Y - R @ U.T).T @ R
