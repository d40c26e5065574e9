"""Predictive coding, as tutorials and neural-network libraries write it."""

import numpy as np

from tests.realcode.corpus import right, short, wrong


def level(y, U, m, pi_y, pi_r, *more):
    y, U, m, a, b = (np.asarray(v, float) for v in (y, U, m, pi_y, pi_r))
    more = [np.asarray(v, float) for v in more]
    if U.ndim != 2 or y.shape != U.shape[:1] or a.shape != y.shape or m.shape != U.shape[1:]:
        raise ValueError("shapes")
    if b.shape != m.shape or any(v.shape != m.shape for v in more):
        raise ValueError("shapes")
    if np.any(a < 0) or np.any(b < 0):
        raise ValueError("precisions")
    return y, U, m, a, b, *more


@right("pc_energy", "quadratic forms with diagonal matrices")
def quadratic_forms(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b, r = level(y, U, m, pi_y, pi_r, r)
    e, d = y - U @ r, r - m
    return float(0.5 * (e @ np.diag(a) @ e + d @ np.diag(b) @ d))


@right("pc_energy", "norms of scaled errors")
def norms(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b, r = level(y, U, m, pi_y, pi_r, r)
    return float(np.linalg.norm(np.sqrt(a) * (y - U @ r)) ** 2 + np.linalg.norm(np.sqrt(b) * (r - m)) ** 2) / 2


@wrong("pc_energy", "errors averaged over units", "averages instead of summing", "averages both sums")
def averaged(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b, r = level(y, U, m, pi_y, pi_r, r)
    return float(0.5 * (np.mean(a * (y - U @ r) ** 2) + np.mean(b * (r - m) ** 2)))


@wrong("pc_energy", "precision read as variance", "uses variances instead of precisions", "divides by both precisions")
def variances(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b, r = level(y, U, m, pi_y, pi_r, r)
    with np.errstate(all="ignore"):
        return float(0.5 * (np.sum((y - U @ r) ** 2 / a) + np.sum((r - m) ** 2 / b)))


@right("pc_grad", "einsum")
def einsum_grad(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b, r = level(y, U, m, pi_y, pi_r, r)
    return np.einsum("pk,p,p->k", U, a, U @ r - y) + b * (r - m)


@wrong("pc_grad", "the force, not the gradient: the sign turned", "right up to the factor -1")
def force(y, r, U, m, pi_y, pi_r):
    return -einsum_grad(y, r, U, m, pi_y, pi_r)


@wrong("pc_grad", "the prior's pull forgotten", "forgets the prior term")
def no_prior(y, r, U, m, pi_y, pi_r):
    y, U, m, a, _b, r = level(y, U, m, pi_y, pi_r, r)
    return -U.T @ (a * (y - U @ r))


@right("pc_infer", "an affine map, iterated")
def affine(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    y, U, m, a, b, r = level(y, U, m, pi_y, pi_r, m if r0 is None else r0)
    H, g = U.T @ (a[:, None] * U) + np.diag(b), U.T @ (a * y) + b * m
    path = np.empty((steps + 1, len(m)))
    path[0] = r
    for t in range(steps):
        path[t + 1] = path[t] - lr * (H @ path[t] - g)
    return path


@wrong("pc_infer", "zeros as start", "starts at zero where no r0 is given")
def from_zero(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    return affine(y, U, m, pi_y, pi_r, lr, steps, np.zeros(len(m)) if r0 is None else r0)


@wrong("pc_infer", "units updated one after the other with the newest values")
def one_by_one(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    y, U, m, a, b, r = level(y, U, m, pi_y, pi_r, m if r0 is None else r0)
    r, path = r.copy(), [r.copy()]
    for _ in range(steps):
        for j in range(len(r)):
            r[j] += lr * (U[:, j] @ (a * (y - U @ r)) + b[j] * (m[j] - r[j]))
        path.append(r.copy())
    return np.array(path)


def some_precision(a, b):
    if not (np.any(a > 0) or np.any(b > 0)):
        raise ValueError("precisions")


@right("pc_posterior_mean", "least squares on scaled rows")
def scaled_rows(y, U, m, pi_y, pi_r):
    y, U, m, a, b = level(y, U, m, pi_y, pi_r)
    some_precision(a, b)
    rows = np.vstack([np.sqrt(a)[:, None] * U, np.diag(np.sqrt(b))])
    return np.linalg.lstsq(rows, np.append(np.sqrt(a) * y, np.sqrt(b) * m), rcond=None)[0]


@short("pc_posterior_mean", "Kalman gain with the inverse of the precisions", "a precision of 0")
def kalman(y, U, m, pi_y, pi_r):
    y, U, m, a, b = level(y, U, m, pi_y, pi_r)
    some_precision(a, b)
    with np.errstate(all="ignore"):
        P = np.diag(1 / b)
        try:
            gain = P @ U.T @ np.linalg.inv(U @ P @ U.T + np.diag(1 / a))
        except np.linalg.LinAlgError:
            gain = np.full(U.T.shape, np.nan)
        return m + gain @ (y - U @ m)


@wrong("pc_posterior_mean", "ordinary least squares, no prior", "forgets the prior: weighted least squares")
def no_prior_mean(y, U, m, pi_y, pi_r):
    y, U, m, a, b = level(y, U, m, pi_y, pi_r)
    some_precision(a, b)
    w = np.sqrt(a)
    return np.linalg.lstsq(w[:, None] * U, w * y, rcond=None)[0]


def batch(Y, R, U, pi_y):
    Y, R, U, a = (np.asarray(v, float) for v in (Y, R, U, pi_y))
    if U.ndim != 2 or Y.ndim != 2 or R.ndim != 2 or len(Y) != len(R) or Y.shape[1:] != U.shape[:1]:
        raise ValueError("shapes")
    if R.shape[1] != U.shape[1] or a.shape != U.shape[:1] or np.any(a < 0):
        raise ValueError("shapes or precisions")
    return Y, R, U, a


@right("pc_learn_step", "a mean of outer products, sample by sample")
def outer_products(Y, R, U, pi_y, lr):
    Y, R, U, a = batch(Y, R, U, pi_y)
    change = sum(np.outer(a * (y - U @ r), r) for y, r in zip(Y, R, strict=True)) / len(Y)
    return U + lr * change


@wrong("pc_learn_step", "summed over the batch", "sums over the samples")
def batch_sum(Y, R, U, pi_y, lr):
    return outer_products(Y, R, U, pi_y, lr * len(Y))


@wrong("pc_learn_step", "plain Hebb: without the precision", "forgets the precision")
def unweighted(Y, R, U, pi_y, lr):
    Y, R, U, _a = batch(Y, R, U, pi_y)
    return U + lr * (Y - R @ U.T).T @ R / len(Y)
