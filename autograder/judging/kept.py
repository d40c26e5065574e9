"""Values on the naming set that are kept, so that a misconception can be named later without running any code again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.checks.kinds import entries
from autograder.judging.naming import Answers, Recognised, recognise_values, right_on
from autograder.judging.packed import pack, unpack
from autograder.judging.questions import Case, PartQuestions
from autograder.model import Observation, Value

MOST_ENTRIES = 2000
MOST_CHARACTERS = 200
"""What is kept of one part: what a student returns must not fill the store."""


def plain_cases(questions: PartQuestions) -> list[Case]:
    """Return the cases of the naming set."""
    return [case for case in questions.compared() if case.plain]


def kept_values(questions: PartQuestions, answers: Answers) -> Mapping[str, Any]:
    """Return a student's values on the naming set as JSON data; nothing if they are right, missing or too large."""
    seen: list[Observation] = []
    for case in plain_cases(questions):
        got = answers.get((questions.part.name, case.check_at), ())
        if case.number >= len(got) or not got[case.number].returned:
            return {}  # a call that raises is not a wrong value: it has no name but its own
        seen.append(got[case.number])
    values = [one.value for one in seen]
    if not values or right_on(questions, seen):
        return {}
    if sum(map(entries, values)) > MOST_ENTRIES or not all(map(_fits, values)):
        return {}
    return {"set": questions.naming_set, "values": [pack(value) for value in values]}


def values_of(kept: Mapping[str, Any]) -> list[Value]:
    """Return the values that :func:`kept_values` packed."""
    return [unpack(value) for value in kept["values"]]


def named_again(questions: PartQuestions, kept: Mapping[str, Any]) -> Recognised | None:
    """Name kept values by the misconceptions of today.

    Values of another naming set are not named: they answer other calls.
    """
    if kept["set"] != questions.naming_set:
        return None
    return recognise_values(questions, [Observation("value", value) for value in values_of(kept)])


def _fits(value: Value) -> bool:
    """Whether a value can be kept and read again as what it is."""
    if isinstance(value, list | tuple):
        return all(map(_fits, value))
    if isinstance(value, str):
        return len(value) <= MOST_CHARACTERS
    if isinstance(value, int):
        return abs(value) < 1 << 64
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "biufc" and value.dtype.itemsize <= (16 if value.dtype.kind == "c" else 8)
    return value is None or isinstance(value, float | complex)
