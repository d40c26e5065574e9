"""The figure of the exercise: a skewed target, the curve that squared error follows and the one that absolute error does."""

import numpy as np

from autograder.checks.palette import BLUE, GREY, ORANGE

LEVELS, PER_LEVEL = 24, 80


def figure(functions, plt):
    """Draw samples of Y | x with the conditional mean and median, and the best constants of every group.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without them only the curves of the true distribution are drawn.
    """
    g = np.random.default_rng(2)
    x = np.repeat(np.linspace(0.0, 3.0, LEVELS), PER_LEVEL)
    y = _scale(x) * g.exponential(size=x.size)  # a Gamma distribution of shape 1
    drawing, axis = plt.subplots(figsize=(8, 5), layout="constrained")
    axis.scatter(x + g.uniform(-0.04, 0.04, size=x.size), y, s=4, color=GREY, label="samples (spread a little in $x$)")
    grid = np.linspace(0.0, 3.0, 200)
    axis.plot(grid, _scale(grid), color=BLUE, label="conditional mean (squared error)")
    axis.plot(grid, np.log(2.0) * _scale(grid), "--", color=ORANGE, label="conditional median (absolute error)")
    if "group_means" in functions:
        axis.plot(*functions["group_means"](x, y), "o", color=BLUE, label="group means")
    if "best_constant" in functions:
        levels = np.unique(x)
        best = [functions["best_constant"](y[x == level], "mae") for level in levels]
        axis.plot(levels, best, "s", color=ORANGE, label="best constants under absolute error")
    axis.set_ylim(0.0, 4 * _scale(3.0))
    axis.set_xlabel("feature $x$")
    axis.set_ylabel("target $y$")
    axis.legend(loc="upper left")
    return drawing


def _scale(x):
    return 0.5 + 0.5 * x**2
