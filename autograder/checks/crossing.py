"""What a case may hold: values that can be handed to a submission and come back from it."""

from __future__ import annotations

import numpy as np

from autograder.checks.compare import Within
from autograder.checks.show import show
from autograder.errors import CourseError
from autograder.model import DataFile, Generator, Probe, ReadOnly, Strided, Value

_CROSSING = (
    str, bool, int, float, complex, type(None), np.ndarray, np.generic,
    Generator, Probe, DataFile, ReadOnly, Strided, Within,
)  # fmt: skip


def crossing(what: str, value: Value) -> None:
    """Raise CourseError for what cannot be handed to a submission or come back from it."""
    if isinstance(value, tuple | list):
        for one in value:
            crossing(what, one)
    elif isinstance(value, dict):
        crossing(what, list(value.values()))
    elif isinstance(value, np.ndarray) and value.dtype.kind not in "biufc":
        raise CourseError(f"{what}: given an array of dtype {value.dtype}; allowed: arrays of numbers")
    elif not isinstance(value, _CROSSING):
        means = "; a function is given as Probe(name)" if callable(value) else ""
        raise CourseError(
            f"{what}: given {show(value)}; allowed: numbers, strings, arrays, and tuples, lists or dicts of them{means}"
        )
