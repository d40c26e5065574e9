"""Predictive coding: quadratic forms of shape (1, 1), starts that are changed, diagonal matrices, lists."""

import numpy as np

from tests.realcode.corpus import form, right, short, wrong


def model(y, U, m, pi_y, pi_r):
    y, U, m, a, b = (np.asarray(v, float) for v in (y, U, m, pi_y, pi_r))
    if U.ndim != 2 or y.shape != U.shape[:1] or m.shape != U.shape[1:] or a.shape != y.shape or b.shape != m.shape:
        raise ValueError("shapes")
    if np.any(a < 0) or np.any(b < 0):
        raise ValueError("precisions")
    return y, U, m, a, b


def causes(r, m):
    v = np.asarray(r, float)
    if v.shape != m.shape:
        raise ValueError("causes")
    return v


@right("pc_energy", "two dot products")
def dots(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    v = causes(r, m)
    e, d = y - U @ v, v - m
    return (np.dot(a * e, e) + np.dot(b * d, d)) / 2


@form("pc_energy", "columns and diagonal matrices: an array of shape (1, 1)")
def quadratic_forms(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    v = causes(r, m)
    e, d = (y - U @ v)[:, None], (v - m)[:, None]
    return 0.5 * (e.T @ np.diag(a) @ e + d.T @ np.diag(b) @ d)


@wrong("pc_energy", "a negative log-likelihood: the log-determinants are added")
def log_determinants(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    v = causes(r, m)
    with np.errstate(divide="ignore", invalid="ignore"):
        dets = np.log(a[a > 0]).sum() + np.log(b[b > 0]).sum()
    return float((a @ (y - U @ v) ** 2 + b @ (v - m) ** 2 - dets) / 2)


@right("pc_grad", "diagonal matrices")
def diagonal(y, r, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    v = causes(r, m)
    return -U.T @ np.diag(a) @ (y - U @ v) + np.diag(b) @ (v - m)


@form("pc_grad", "a list")
def listed(y, r, U, m, pi_y, pi_r):
    return diagonal(y, r, U, m, pi_y, pi_r).tolist()


@right("pc_infer", "rows of one array")
def rows(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    path = np.empty((steps + 1, m.size))
    path[0] = m if r0 is None else causes(r0, m)
    for t in range(steps):
        path[t + 1] = path[t] - lr * (b * (path[t] - m) - U.T @ (a * (y - U @ path[t])))
    return path


@wrong(
    "pc_infer", "starts at m itself, which the updates then change", "starts at m itself, which every step then moves"
)
def moving_prior(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    r = m if r0 is None else np.array(causes(r0, m))
    path = [r.copy()]
    for _ in range(steps):
        r -= lr * (b * (r - m) - U.T @ (a * (y - U @ r)))
        path.append(r.copy())
    return np.array(path)


@short("pc_infer", "starts at r0 itself and changes it", "unchanged arguments", "changes the caller's r0")
def start_changed(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    r = m.copy() if r0 is None else causes(r0, m)
    path = [r.copy()]
    for _ in range(steps):
        r -= lr * (b * (r - m) - U.T @ (a * (y - U @ r)))
        path.append(r.copy())
    return np.array(path)


@right("pc_posterior_mean", "least squares of stacked roots of precisions")
def stacked(y, U, m, pi_y, pi_r):
    y, U, m, a, b = model(y, U, m, pi_y, pi_r)
    if not (np.any(a) or np.any(b)):
        raise ValueError("no precision")
    A = np.concatenate([np.sqrt(a)[:, None] * U, np.diag(np.sqrt(b))])
    return np.linalg.lstsq(A, np.concatenate([np.sqrt(a) * y, np.sqrt(b) * m]), rcond=None)[0]


@right("pc_learn_step", "einsum of errors and causes")
def with_einsum(Y, R, U, pi_y, lr):
    Y, R, U, a = (np.asarray(v, float) for v in (Y, R, U, pi_y))
    if Y.ndim != 2 or R.ndim != 2 or len(Y) != len(R) or U.shape != (Y.shape[1], R.shape[1]) or a.shape != U.shape[:1]:
        raise ValueError("shapes")
    if np.any(a < 0):
        raise ValueError("precisions")
    return U + lr / len(Y) * np.einsum("ip,ik->pk", a * (Y - R @ U.T), R)


@short("pc_learn_step", "U += ...", "unchanged arguments", "changes the caller's array")
def in_place(Y, R, U, pi_y, lr):
    new = with_einsum(Y, R, U, pi_y, lr)
    if isinstance(U, np.ndarray) and U.dtype == float and U.flags.writeable:
        U[...] = new
        return U
    return new


@wrong("pc_learn_step", "Oja's rule: the weights decay as well")
def oja(Y, R, U, pi_y, lr):
    return (1 - lr) * with_einsum(Y, R, U, pi_y, lr)
