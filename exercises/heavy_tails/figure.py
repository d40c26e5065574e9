"""The figure of the exercise: the robust spread of three estimators against the sample size."""

import numpy as np

from autograder.checks.palette import BLUE, GREEN, ORANGE

COLOURS = {"mean": ORANGE, "median": BLUE, "huber": GREEN}
LABELS = {"mean": "mean", "median": "median", "huber": r"Huber's location, $\delta=1$"}
MARKERS = {"mean": "o", "median": "s", "huber": "^"}
NU, REPS = 1.5, 2000
SIZES = np.array([5, 11, 25, 55, 121, 265, 581])


def figure(functions, plt):
    """Draw the interquartile range over 1.349 of mean, median and Huber's location against n, in log-log axes.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without ``estimator_mc`` only the slopes of the theory are drawn.
    """
    drawing, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
    simulate = functions.get("estimator_mc")
    if simulate is not None:
        for name, colour in COLOURS.items():
            spread = [_spread(simulate(NU, int(n), REPS, name, np.random.default_rng([9, int(n)]))) for n in SIZES]
            axes.loglog(SIZES, spread, marker=MARKERS[name], color=colour, label=LABELS[name])
    axes.loglog(SIZES, 2.5 * SIZES ** (1 / NU - 1), "--", color="0.4", label=r"slope $1/\nu - 1 = -1/3$")
    axes.loglog(SIZES, 1.5 / np.sqrt(SIZES), ":", color="0.4", label="slope $-1/2$")
    axes.set_xlabel("sample size $n$")
    axes.set_ylabel("interquartile range / 1.349 of the estimates")
    axes.set_title(rf"Student's t with $\nu={NU}$, {REPS} replications")
    axes.legend()
    return drawing


def _spread(estimates):
    low, high = np.quantile(estimates, [0.25, 0.75])
    return (high - low) / 1.349
