"""The figure of the exercise: training and test R^2 against the epoch, and where early stopping ends the training."""

import numpy as np

from autograder.checks.palette import BLUE, GREEN, ORANGE

SAMPLES, WEIGHTS, WEIGHT, NOISE = 24, 20, 0.6, 2.0
LR, STEPS, PATIENCE = 0.1, 3000, 100


def figure(functions, plt):
    """Draw both curves with a logarithmic axis of epochs.

    Parameters
    ----------
    functions : mapping of str to callable
        The student's functions by part name; without `gd_r2_curves` the curves that one expects for inputs with
        orthogonal columns are drawn, without `early_stop` no stopping epoch.
    """
    simulated = "gd_r2_curves" in functions
    train, test = functions["gd_r2_curves"](*_data(np.random.default_rng(4)), LR, STEPS) if simulated else _expected()
    epochs = np.arange(len(train))
    drawing, axis = plt.subplots(figsize=(8, 5), layout="constrained")
    axis.plot(epochs + 1, train, color=BLUE, label="training data")
    axis.plot(epochs + 1, test, "--", color=ORANGE, label="test data")
    if "early_stop" in functions:
        # on one data set 1 - R^2 is the mean squared error in units of the variance of the targets
        best, stop = functions["early_stop"](1 - np.asarray(test), PATIENCE)
        axis.axvline(best + 1, color=GREEN, label=f"best epoch, patience {PATIENCE}")
        axis.axvline(stop + 1, color=GREEN, linestyle=":", label="training stops")
    axis.set_xscale("log")
    axis.set_xlabel("epoch + 1")
    axis.set_ylabel("$R^2$")
    axis.set_title("one simulation" if simulated else "expectation for orthogonal inputs")
    axis.legend()
    return drawing


def _data(g):
    X, X_test = g.normal(size=(SAMPLES, WEIGHTS)), g.normal(size=(400, WEIGHTS))
    y, y_test = WEIGHT * X.sum(axis=1), WEIGHT * X_test.sum(axis=1)
    return X, y + NOISE * g.normal(size=SAMPLES), X_test, y_test + NOISE * g.normal(size=400)


def _expected():
    """Signal not yet learnt and noise already learnt, both in closed form when X'X is n times the identity."""
    left = (1 - 2 * LR) ** np.arange(STEPS + 1)
    signal, noise, fitted = WEIGHTS * WEIGHT**2, NOISE**2, NOISE**2 * WEIGHTS / SAMPLES
    train = (signal + fitted) * left**2 + noise - fitted
    test = signal * left**2 + fitted * (1 - left) ** 2 + noise
    return 1 - train / (signal + noise), 1 - test / (signal + noise)
