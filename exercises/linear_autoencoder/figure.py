"""The figure of the exercise: what k numbers per sample can keep, and how training turns towards the principal space."""

import numpy as np

from autograder.checks.palette import BLUE, GREEN, ORANGE

SPREADS = np.array([3.0, 2.0, 1.2, 0.7, 0.4, 0.25])  # standard deviations along the principal directions
KEPT, EPOCHS, RATE = 2, 400, 0.01


def figure(functions, plt):
    """Draw the reconstruction error against k, and the angle to the principal space over the epochs of training.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; missing ones are replaced by eigenvalues and by slopes of the loss.
    """
    rng = np.random.default_rng(16)
    d = len(SPREADS)
    X = rng.normal(size=(300, d)) * SPREADS @ np.linalg.qr(rng.normal(size=(d, d)))[0]
    X = X - X.mean(axis=0)
    variances, Q = np.linalg.eigh(X.T @ X / len(X))
    error = functions.get("pca_mse", _projected_error)
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    numbers = np.arange(d + 1)
    tails = np.concatenate([[0.0], np.cumsum(variances)])[::-1]
    left.bar(numbers, tails, color="0.85", label=r"sum of the $d-k$ smallest eigenvalues")
    left.plot(numbers, [error(X, int(k)) for k in numbers], "o", color=BLUE, label="reconstruction error")
    left.set_xlabel("numbers kept per sample, $k$")
    left.set_ylabel("mean squared distance to the reconstruction")
    left.legend()
    gradient = functions.get("linear_ae_grad", _slopes)
    for seed, colour, line in ((0, BLUE, "-"), (1, ORANGE, "--"), (2, GREEN, "-.")):
        angles = _train(X, gradient, Q[:, ::-1][:, :KEPT], np.random.default_rng(seed))
        right.plot(angles, line, color=colour, label=f"random start {seed + 1}")
    right.set_yscale("log")
    right.set_xlabel("epoch of gradient descent")
    right.set_ylabel("largest angle to the principal space (rad)")
    right.set_title(f"$d={d}$, $k={KEPT}$")
    right.legend()
    return drawing


def _train(X, gradient, principal, rng):
    We, Wd = (0.3 * rng.normal(size=shape) for shape in ((X.shape[1], KEPT), (KEPT, X.shape[1])))
    angles = []
    for _ in range(EPOCHS):
        angles.append(_angle(Wd.T, principal))
        gWe, gWd = gradient(X, We, Wd)
        We, Wd = We - RATE * gWe, Wd - RATE * gWd
    return angles


def _angle(A, principal):
    if not np.all(np.isfinite(A)):  # a gradient that is wrong may lead anywhere
        return np.nan
    basis, _ = np.linalg.qr(A)
    outside = basis - principal @ (principal.T @ basis)
    return np.arcsin(min(1.0, np.linalg.norm(outside, 2)))


def _projected_error(X, k):
    _, _, Vt = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    lost = (X - X.mean(axis=0)) @ (np.eye(X.shape[1]) - Vt[:k].T @ Vt[:k])
    return np.sum(lost**2) / len(X)


def _loss(C, We, Wd):
    M = np.eye(len(C)) - We @ Wd
    return np.trace(M.T @ C @ M)


def _slopes(X, We, Wd, step=1e-5):
    C = X.T @ X / len(X)
    slopes = []
    for block in (0, 1):
        slope = np.empty_like((We, Wd)[block])
        for index in np.ndindex(slope.shape):
            up, down = [We.copy(), Wd.copy()], [We.copy(), Wd.copy()]
            up[block][index] += step
            down[block][index] -= step
            slope[index] = (_loss(C, *up) - _loss(C, *down)) / (2 * step)
        slopes.append(slope)
    return slopes
