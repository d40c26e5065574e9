"""The figure of the exercise: one path in three units, and what an absolute tolerance makes of it."""

import numpy as np

from autograder.checks.palette import BLUE, GREEN, ORANGE

STYLES = ((1e-6, BLUE, "-"), (1.0, ORANGE, "--"), (1e6, GREEN, ":"))
X = np.array([[1.0, 0.0], [0.0, 2.0]])
Y = np.array([1.0, 1.0])
RATE, STEPS = 0.1, 160
TOLERANCE = 1e-10  # of the loss, in whatever unit the target has


def figure(functions, plt):
    """Draw MSE_t / MSE_0 for three units of the target, and the steps until the loss is below one absolute tolerance.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without ``gd_linear`` the known decay of this small problem is drawn.
    """
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for scale, colour, line in STYLES:
        loss = _losses(functions, scale)
        left.semilogy(
            loss / loss[0], line, color=colour, linewidth=2.5, label=rf"$\alpha=10^{{{np.log10(scale):.0f}}}$"
        )
    left.set_xlabel("step $t$")
    left.set_ylabel(r"$\mathrm{MSE}_t / \mathrm{MSE}_0$ for targets $\alpha y$")
    left.legend()
    scales = np.logspace(-6, 6, 25)
    right.semilogx(scales, [_stop(_losses(functions, scale)) for scale in scales], color="0.4")
    for scale, colour, _ in STYLES:
        right.plot(scale, _stop(_losses(functions, scale)), "o", color=colour)
    right.set_xlabel(r"scale $\alpha$ of the target")
    right.set_ylabel(rf"steps until $\mathrm{{MSE}} < 10^{{{np.log10(TOLERANCE):.0f}}}$")
    return drawing


def _losses(functions, scale):
    if "gd_linear" in functions:
        path = functions["gd_linear"](X, scale * Y, RATE, 2 * STEPS)
        return np.mean((path @ X.T - scale * Y) ** 2, axis=1)
    # the two errors of this problem shrink by 0.9 and by 0.6 in every step
    t = np.arange(2 * STEPS + 1)
    return scale**2 * (0.9 ** (2 * t) + 0.6 ** (2 * t)) / 2


def _stop(losses):
    return int(np.argmax(losses < TOLERANCE))
