"""The figure of the exercise: three influence functions, and what they make of one more point."""

import numpy as np

from autograder.checks.palette import BLUE, GREEN, ORANGE

LOSSES = (
    ("mse", "squared loss: mean", ORANGE, "-"),
    ("mae", "absolute loss: median", BLUE, "--"),
    ("huber", "Huber's loss: its location", GREEN, "-."),
)
DELTA = 1.5


def figure(functions, plt):
    """Draw psi of three losses over the residual, and the sensitivity curves of the estimators that belong to them.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; a missing ``influence`` or ``sensitivity_curve`` is measured instead on
        losses and estimates, Huber's location appears if ``huber_location`` works.
    """
    drawing, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    residual = np.linspace(-4.0, 4.0, 400)  # an even number of points: none lies on the kink at 0
    psi = functions.get("influence", _slope)
    for loss, label, colour, line in LOSSES:
        left.plot(residual, psi(residual, loss, DELTA), line, color=colour, label=label)
    left.set_xlabel(r"residual $r = y - \hat y$")
    left.set_ylabel(r"influence function $\psi(r)$")
    left.set_title(rf"$\delta = {DELTA}$")
    left.legend()
    y = np.random.default_rng(8).normal(size=20)
    positions = np.linspace(-8.0, 8.0, 161)
    curve = functions.get("sensitivity_curve", _curve)
    # without Huber's location the third curve is left out
    for (_, _, colour, line), estimator in zip(LOSSES, _estimators(functions), strict=False):
        right.plot(positions, curve(y, positions, estimator), line, color=colour)
    right.set_xlabel("position $x$ of the appended point")
    right.set_ylabel(r"sensitivity curve $\mathrm{SC}(x)$")
    right.set_title(f"one sample of {len(y)}")
    return drawing


def _estimators(functions):
    if "huber_location" not in functions:
        return np.mean, np.median
    return np.mean, np.median, lambda y: functions["huber_location"](y, DELTA)


def _loss(r, loss, delta):
    if loss == "mse":
        return r * r / 2
    return np.abs(r) if loss == "mae" else np.where(np.abs(r) <= delta, r * r / 2, delta * (np.abs(r) - delta / 2))


def _slope(r, loss, delta, step=1e-6):
    return (_loss(r + step, loss, delta) - _loss(r - step, loss, delta)) / (2 * step)


def _curve(y, xs, estimator):
    return np.array([(len(y) + 1) * (estimator(np.append(y, x)) - estimator(y)) for x in xs])
