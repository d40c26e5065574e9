"""The figure of the exercise: how squared error goes blind, and what that costs in steps."""

import numpy as np

from autograder.checks.palette import BLUE, ORANGE

LOSSES = (("ce", "cross-entropy", BLUE, "o"), ("mse", "squared error", ORANGE, "s"))
RATE = 0.5


def figure(functions, plt):
    """Draw the gradient at the true class and the steps to recover, against the margin of a wrong answer.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; a part that is missing is replaced by slopes of the losses.
    """
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    margins = np.linspace(0.0, 16.0, 65)
    for index, (loss, label, colour, _) in enumerate(LOSSES):
        left.semilogy(margins, _pulls(functions, margins, index, loss), color=colour, label=label)
    left.semilogy(margins, 2 * np.exp(-margins), ":", color="0.4", label=r"$2\,e^{-m}$")
    left.set_xlabel("margin $m = z_w - z_c$")
    left.set_ylabel(r"$|\partial L/\partial z_c|$")
    left.legend()
    starts = np.arange(1.0, 6.5, 0.5)
    count = functions.get("steps_to_recover", _steps)
    for loss, _, colour, marker in LOSSES:
        steps = [count([m, 0.0], 1, RATE, loss, 20_000) for m in starts]
        right.semilogy(starts, steps, marker=marker, color=colour)
    right.set_xlabel("margin $m$ at the start")
    right.set_ylabel(f"steps to recover, learning rate {RATE}")
    return drawing


def _pulls(functions, margins, index, loss):
    logits = np.stack([margins, np.zeros_like(margins)], axis=1)
    if "softmax_grads" in functions:
        targets = np.tile([0.0, 1.0], (len(margins), 1))
        return np.abs(np.asarray(functions["softmax_grads"](logits, targets)[index])[:, 1])
    return np.array([abs(_slope(z, loss)[1]) for z in logits])


def _loss(z, loss):
    """Loss of two logits whose second class is the true one."""
    gap = z[0] - z[1]
    return np.logaddexp(0.0, gap) if loss == "ce" else 1.0 / (1.0 + np.exp(-gap)) ** 2


def _slope(z, loss, step=1e-3):
    move = np.array([0.0, step])
    change = (_loss(z + move, loss) - _loss(z - move, loss)) / (2 * step)
    return np.array([-change, change])


def _steps(z, label, lr, loss, max_steps):
    z = np.asarray(z, float)
    for t in range(max_steps + 1):
        if z[1] > z[0]:
            return t
        z = z - lr * _slope(z, loss)
    return -1
