from pathlib import Path

import numpy as np

from autograder.checks import Exercise, Part, example, raises

INCOMES = np.loadtxt(Path(__file__).with_name("incomes.csv"), skiprows=1)

EXERCISE = Exercise(
    "income",
    number="Q2",
    title="Incomes",
    difficulty=1,
    minutes=10,
    parts=(
        Part(
            "median_income",
            points=4,
            summary="the median of all entries",
            checks=(example((([3.0, 1.0, 2.0],), 2.0), ((INCOMES,), float(np.median(INCOMES)))), raises(([],))),
            hints=("Sort first; which entry is in the middle?",),
        ),
    ),
)
