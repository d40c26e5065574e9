"""The secret half of the exercise that is attacked; the line below is read by no honest submission."""

import numpy as np

from autograder.checks import Generator, Hidden, Probe, usual_checks
from autograder.symbolic import MisconceptionForm, Question, Symbol

MARK = "@SECRET@"


def residuals(g):
    return (g.normal(size=int(g.integers(2, 20))),)


def mean_square(residual):
    r = np.asarray(residual, dtype=np.float64)
    if r.size == 0:
        raise ValueError("residual is empty")
    return float(np.mean(r**2))


def steps(g):
    return Probe(("halve", "shift")[int(g.integers(2))]), float(g.normal()), int(g.integers(0, 6))


def iterate(f, start, steps):
    for _ in range(steps):
        start = f(start)
    return start


def draws(g):
    return int(g.integers(1, 30)), Generator((int(g.integers(1 << 30)),))


def noise(reps, rng):
    return rng.normal(size=reps)


GRADING = {
    "mean_square": Hidden("mean_square", mean_square, checks=usual_checks(residuals)),
    "iterate": Hidden("iterate", iterate, checks=usual_checks(steps, "rand")),
    "noise": Hidden("noise", noise, checks=usual_checks(draws, "rand")),
    "slope": Question(
        id="slope",
        truth="2*(tanh(w) - y)*(1 - tanh(w)**2)",
        symbols=(Symbol("w", draw=(-2, 2)), Symbol("y")),
        loss="(tanh(w) - y)**2",
        wrt="w",
        misconceptions=(MisconceptionForm("a", "inner derivative missing", "2*(tanh(w) - y)", "How many links?"),),
    ),
}
