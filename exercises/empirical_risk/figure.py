"""The figure of the exercise: the law of large numbers for one predictor, and the excess risk of the fitted one."""

import numpy as np

from autograder.checks.palette import BLUE, GREY, ORANGE

PATHS, LONGEST = 20, 10_000
DIMENSION, SIGMA2, REPS = 3, 1.0, 2000


def figure(functions, plt):
    """Draw |L_n - J| along sample paths, and the mean excess risk of OLS against n with its exact curve.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without running_risk the paths are cumulative means, without
        simulate_excess_risk only the exact curve is drawn.
    """
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
    _paths(left, functions.get("running_risk", _cumulative_means))
    _excess(right, functions.get("simulate_excess_risk"))
    return drawing


def _paths(axes, running_risk):
    """The predictor is the truth, so J = 1; a squared standard normal error has the variance 2."""
    rng = np.random.default_rng(1)
    ns = np.unique(np.geomspace(1, LONGEST, 150).astype(int))
    for path in range(PATHS):
        noise = rng.normal(size=LONGEST)
        risks = running_risk(noise, np.zeros(LONGEST), ns)
        axes.loglog(
            ns,
            np.abs(risks - 1.0),
            color=BLUE,
            alpha=0.3,
            linewidth=0.8,
            label=None if path else f"{PATHS} sample paths",
        )
    axes.loglog(ns, np.sqrt(2.0 / ns), "--", color=ORANGE, label=r"standard deviation of $L_n$, slope $-1/2$")
    axes.set_ylim(1e-5, 10)
    axes.set_xlabel("number of samples $n$")
    axes.set_ylabel("$|L_n - J|$ (squared unit of $y$)")
    axes.legend(loc="lower left")


def _excess(axes, simulate):
    ns = np.unique(np.geomspace(DIMENSION + 3, 300, 12).astype(int))
    curve = np.arange(DIMENSION + 2, 401)
    axes.loglog(
        curve, SIGMA2 * DIMENSION / (curve - DIMENSION - 1), "--", color=GREY, label=r"exact mean $\sigma^2 d/(n-d-1)$"
    )
    if simulate is not None:
        means = [np.mean(simulate(int(n), DIMENSION, SIGMA2, REPS, np.random.default_rng([1, int(n)]))) for n in ns]
        axes.loglog(ns, means, "o", color=BLUE, label=f"mean of {REPS} replications")
    axes.set_xlabel("number of samples $n$")
    axes.set_ylabel("mean excess risk (squared unit of $y$)")
    axes.set_title(rf"least squares, $d={DIMENSION}$, $\sigma^2={SIGMA2:g}$")
    axes.legend()


def _cumulative_means(y_true, y_pred, ns):
    return (np.cumsum((y_true - y_pred) ** 2) / np.arange(1, y_true.size + 1))[ns - 1]
