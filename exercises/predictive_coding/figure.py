"""The figure of the exercise: inference for three ratios of precisions."""

import numpy as np

from autograder.checks.palette import BLUE, GREEN, GREY, ORANGE

Y, U, M = np.array([3.0]), np.array([[2.0]]), np.array([0.0])
RATE, STEPS = 0.04, 30
PRECISIONS = (
    (4.0, 1.0, BLUE, "-", "precise datum"),
    (1.0, 4.0, GREEN, "--", "balance"),
    (1.0, 16.0, ORANGE, "-.", "precise prior"),
)


def figure(functions, plt):
    """Draw the energy and the cause during inference, with the prior mean and the least-squares fit as its limits.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; missing ones are replaced by the definition of the energy and a descent
        along its differences.
    """
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    infer, energy = functions.get("pc_infer", _descend), functions.get("pc_energy", _energy)
    for pi_y, pi_r, colour, line, name in PRECISIONS:
        weights = np.array([pi_y]), np.array([pi_r])
        path = np.asarray(infer(Y, U, M, *weights, RATE, STEPS))
        label = rf"{name}: $\pi_y={pi_y:g}$, $\pi_r={pi_r:g}$"
        left.plot([energy(Y, r, U, M, *weights) for r in path], line, color=colour, label=label)
        right.plot(path[:, 0], line, color=colour)
    right.axhline(Y[0] / U[0, 0], linestyle=":", color="black", label="least-squares fit $y/u$")
    right.axhline(M[0], linestyle=":", color=GREY, label="prior mean $m$")
    left.set_yscale("log")
    left.set_ylabel("energy $F(r_t)$")
    right.set_ylabel("cause $r_t$")
    for axes in (left, right):
        axes.set_xlabel("step $t$ of inference")
    left.legend()
    right.legend(loc="upper right", bbox_to_anchor=(1.0, 0.88))  # between the curves
    return drawing


def _energy(y, r, U, m, pi_y, pi_r):
    return 0.5 * (pi_y @ (y - U @ r) ** 2 + pi_r @ (r - m) ** 2)


def _descend(y, U, m, pi_y, pi_r, lr, steps, step=1e-4):
    path = [m]
    for _ in range(steps):
        r = path[-1]
        rise = _energy(y, r + step, U, m, pi_y, pi_r) - _energy(y, r - step, U, m, pi_y, pi_r)
        path.append(r - lr * rise / (2 * step))
    return path
