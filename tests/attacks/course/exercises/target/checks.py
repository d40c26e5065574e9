"""The public half of the exercise that is attacked."""

import numpy as np

from autograder.checks import Contract, Exercise, Generator, Part, Probe, example, fresh_draws, raises


def halve(x):
    return x / 2


def shift(x):
    return x + 1


PROBES = {"halve": halve, "shift": shift}


def thrice(rng):
    return [(Probe("halve"), 8.0, 3)]


def called_thrice(observations):
    count = observations[0].facts.probe_count
    return None if count == 3 else f"calls f {count} times in 3 steps"


EXERCISE = Exercise(
    name="target",
    number="E90",
    title="Target",
    difficulty=1,
    minutes=1,
    probes=PROBES,
    parts=(
        Part(
            name="mean_square",
            number="E90.1",
            points=4,
            summary="the mean of the squares",
            checks=(example((([1.0, 3.0],), 5.0), (([2.0],), 4.0)), raises(([],))),
            hints=("a", "b", "c"),
        ),
        Part(
            name="iterate",
            number="E90.2",
            points=4,
            summary="apply a function again and again",
            checks=(
                example(((Probe("halve"), 8.0, 2), 2.0), ((Probe("shift"), 1.0, 0), 1.0)),
                Contract(name="calls", title="calls f once per step", inputs=thrice, law=called_thrice),
            ),
            hints=("a", "b", "c"),
        ),
        Part(
            name="noise",
            number="E90.3",
            points=2,
            summary="normal numbers from a generator",
            checks=(example(((0, Generator((1,))), np.zeros(0))), fresh_draws(lambda reps, rng: (reps, rng))),
            hints=("a", "b", "c"),
        ),
        Part(name="slope", number="E90.4", points=2, kind="symbolic", summary="derive", hints=("a", "b", "c")),
    ),
)
