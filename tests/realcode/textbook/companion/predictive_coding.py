import numpy as np


def _model(y, U, m, pi_y, pi_r):
    y, U, m, pi_y, pi_r = (np.asarray(a, float) for a in (y, U, m, pi_y, pi_r))
    if U.ndim != 2 or U.size == 0 or y.shape != U.shape[:1] or m.shape != U.shape[1:]:
        raise ValueError("shapes do not fit")
    if pi_y.shape != y.shape or pi_r.shape != m.shape or np.any(pi_y < 0) or np.any(pi_r < 0):
        raise ValueError("precisions do not fit or are negative")
    return y, U, m, pi_y, pi_r


def _causes(r, m):
    r = np.asarray(r, float)
    if r.shape != m.shape:
        raise ValueError("r does not fit")
    return r


def pc_energy(y, r, U, m, pi_y, pi_r):
    y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    r = _causes(r, m)
    return 0.5 * np.sum(pi_y * (y - U @ r) ** 2) + 0.5 * np.sum(pi_r * (r - m) ** 2)


def pc_grad(y, r, U, m, pi_y, pi_r):
    y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    r = _causes(r, m)
    return -U.T @ (pi_y * (y - U @ r)) + pi_r * (r - m)


def pc_infer(y, U, m, pi_y, pi_r, lr, steps, r0=None):
    y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    if lr <= 0 or steps < 0:
        raise ValueError("lr must be positive and steps not negative")
    r = _causes(m if r0 is None else r0, m)
    path = [r]
    for _ in range(steps):
        r = r - lr * pc_grad(y, r, U, m, pi_y, pi_r)
        path.append(r)
    return np.array(path)


def pc_posterior_mean(y, U, m, pi_y, pi_r):
    y, U, m, pi_y, pi_r = _model(y, U, m, pi_y, pi_r)
    if not np.any(pi_y) and not np.any(pi_r):
        raise ValueError("all precisions are 0")
    A = U.T @ (pi_y[:, None] * U) + np.diag(pi_r)
    return np.linalg.solve(A, U.T @ (pi_y * y) + pi_r * m)


def pc_learn_step(Y, R, U, pi_y, lr):
    Y, R, U, pi_y = (np.asarray(a, float) for a in (Y, R, U, pi_y))
    if U.ndim != 2 or Y.ndim != 2 or R.ndim != 2 or U.size == 0 or len(Y) != len(R) or len(Y) == 0:
        raise ValueError("shapes do not fit")
    if Y.shape[1] != U.shape[0] or R.shape[1] != U.shape[1] or pi_y.shape != Y.shape[1:] or np.any(pi_y < 0) or lr <= 0:
        raise ValueError("shapes do not fit, or precisions or lr out of range")
    E = Y - R @ U.T
    return U + lr / len(Y) * (pi_y * E).T @ R
