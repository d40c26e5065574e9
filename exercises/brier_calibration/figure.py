"""The figure of the exercise: a reliability diagram and the histogram of the forecasts."""

import numpy as np

from autograder.checks.palette import BLUE, GREY, ORANGE

BINS = 16


def figure(functions, plt):
    """Draw the reliability diagram of an overconfident forecaster and how often each forecast is given.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; Brier score and calibration error are in the title where they work.
    """
    p, o = _overconfident(np.random.default_rng(13))
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    count = np.bincount(bins, minlength=BINS)
    used = count > 0
    forecast = np.bincount(bins, weights=p, minlength=BINS)[used] / count[used]
    frequency = np.bincount(bins, weights=o, minlength=BINS)[used] / count[used]
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4.5), layout="constrained")
    left.plot([0, 1], [0, 1], "--", color=GREY, label="calibrated")
    left.scatter(
        forecast, frequency, s=count[used] / 4, color=BLUE, alpha=0.7, label="bins (area: number of forecasts)"
    )
    left.set_xlabel("mean forecast in the bin")
    left.set_ylabel("observed frequency of the event")
    left.set_title(_figures(functions, p, o))
    left.legend(loc="upper left")
    right.hist(p, bins=np.linspace(0, 1, BINS + 1), color=ORANGE, edgecolor="white")
    right.set_xlabel("forecast probability")
    right.set_ylabel("number of forecasts")
    return drawing


def _overconfident(rng, n=4000):
    """Forecasts that exaggerate: their log-odds are twice the true ones."""
    log_odds = rng.normal(size=n)
    o = rng.uniform(size=n) < 1 / (1 + np.exp(-log_odds))
    p = 1 / (1 + np.exp(-2 * log_odds))
    return np.round(64 * p) / 64, o.astype(float)


def _figures(functions, p, o):
    parts = []
    if "brier_score" in functions:
        parts.append(f"Brier score {functions['brier_score'](p, o):.4f}")
    if "calibration_error" in functions:
        parts.append(f"calibration error {functions['calibration_error'](p, o, BINS):.4f}")
    return ", ".join(parts)
