"""The figure of the exercise: a skewed posterior with its three Bayes actions, and the three expected losses."""

import numpy as np

from autograder.checks.palette import BLUE, GREEN, ORANGE

COLOURS = {
    "squared": BLUE,
    "absolute": ORANGE,
    "zero_one": GREEN,
}
SUCCESSES, TRIALS, PRIOR = 2, 9, (1.0, 1.0)
WINDOW = 0.0305  # half-width, between two grid points, of what counts as "right" in the smoothed zero-one loss


def figure(functions, plt):
    """Draw a Beta posterior on a grid, and below it the expected loss of every action, each relative to its largest.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; the best actions are marked where there is a `bayes_estimate`.
    """
    theta = np.linspace(0.001, 0.999, 999)
    a, b = PRIOR[0] + SUCCESSES, PRIOR[1] + TRIALS - SUCCESSES
    logw = (a - 1) * np.log(theta) + (b - 1) * np.log1p(-theta)
    mass = np.exp(logw) / np.sum(np.exp(logw))
    drawing, (top, bottom) = plt.subplots(2, 1, figsize=(8, 7), sharex=True, layout="constrained")
    top.plot(theta, mass / (theta[1] - theta[0]), color="black")
    top.set_ylabel("posterior density")
    curves, marked = _expected_losses(functions, theta, logw, mass), "bayes_estimate" in functions
    for loss in (loss for loss in COLOURS if loss in curves):
        name = f"zero-one (right within ±{WINDOW:.2f})" if loss == "zero_one" else loss
        bottom.plot(theta, curves[loss] / curves[loss].max(), color=COLOURS[loss], label=name)
        if marked:
            best = functions["bayes_estimate"](theta, logw, loss)
            for axis in (top, bottom):
                axis.axvline(best, color=COLOURS[loss], linestyle="--", linewidth=1)
    bottom.set_xlabel(r"action $a$, parameter $\theta$")
    bottom.set_ylabel("expected loss / its largest value")
    bottom.legend(title="loss (dashed: its Bayes action)" if marked else "loss", loc="lower right")
    return drawing


def _expected_losses(functions, theta, logw, mass):
    distance = np.abs(theta[:, None] - theta[None, :])
    curves = {"absolute": distance @ mass, "zero_one": (distance > WINDOW) @ mass}
    if "posterior_expected_loss" in functions:
        curves["squared"] = functions["posterior_expected_loss"](theta, logw, theta)
    return curves
