import numpy as np


def _model(y, U, m, pi_y, pi_r):
    y, U, m, pi_y, pi_r = (np.asarray(a, float) for a in (y, U, m, pi_y, pi_r))
    if U.ndim != 2 or U.size == 0 or y.shape != (len(U),) or m.shape != (U.shape[1],):
        raise ValueError("shapes do not fit")
    if pi_y.shape != y.shape or pi_r.shape != m.shape or (pi_y < 0).any() or (pi_r < 0).any():
        raise ValueError("precisions do not fit or are negative")
    return y, U, m, pi_y, pi_r


def pc_energy(y, r, U, m, pi_y, pi_r):
    y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    r = np.asarray(r, float)
    if r.shape != m.shape:
        raise ValueError("r does not fit")
    energy = 0.0
    for i in range(len(y)):
        energy += pi_y[i] * (y[i] - U[i] @ r) ** 2 / 2
    for k in range(len(r)):
        energy += pi_r[k] * (r[k] - m[k]) ** 2 / 2
    return energy


def pc_grad(y, r, U, m, pi_y, pi_r):
    y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    r = np.asarray(r, float)
    if r.shape != m.shape:
        raise ValueError("r does not fit")
    return np.diag(pi_r) @ (r - m) - U.T @ np.diag(pi_y) @ (y - U @ r)


def pc_infer(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    start = np.array(m if r0 is None else r0, float)
    if lr <= 0 or steps < 0 or start.shape != m.shape:
        raise ValueError("lr must be positive, steps not negative, and r0 must fit")
    path = np.zeros((steps + 1, len(m)))
    path[0] = start
    for t in range(steps):
        path[t + 1] = path[t] - lr * pc_grad(y, path[t], U, m, pi_y, pi_r)
    return path


def pc_posterior_mean(y, U, m, pi_y, pi_r):
    y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    if (pi_y == 0).all() and (pi_r == 0).all():
        raise ValueError("all precisions are 0")
    A = np.vstack([np.sqrt(pi_y)[:, None] * U, np.diag(np.sqrt(pi_r))])
    c = np.concatenate([np.sqrt(pi_y) * y, np.sqrt(pi_r) * m])
    return np.linalg.lstsq(A, c, rcond=None)[0]


def pc_learn_step(Y, R, U, pi_y, lr):
    Y, R, U, pi_y = (np.asarray(a, float) for a in (Y, R, U, pi_y))
    if U.ndim != 2 or Y.ndim != 2 or R.ndim != 2 or U.size == 0 or len(Y) == 0 or len(Y) != len(R):
        raise ValueError("shapes do not fit")
    if (Y.shape[1], R.shape[1]) != U.shape or pi_y.shape != (len(U),) or (pi_y < 0).any() or lr <= 0:
        raise ValueError("shapes do not fit, or precisions or lr out of range")
    step = np.zeros_like(U)
    for y, r in zip(Y, R):
        step += np.outer(pi_y * (y - U @ r), r)
    return U + lr * step / len(Y)
