"""Search finished files for the numbers of hidden inputs.

An input counts as found where four of its numbers follow each other with five digits each, however they are
printed, or where all of a short list of whole numbers does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from autograder.course.exercises import ExerciseFolder
from autograder.judging.drawn import drawn_calls
from autograder.model import Call
from autograder.plain import dataclass

RUN = 4
"""Long numbers in a row that do not occur by accident."""

SHORT = range(6, 13)
"""Lengths of a list of short numbers that is searched for as a whole; shorter ones occur in many texts."""

_FIRST = 64  # numbers of one input that are looked for: who pastes an input pastes its beginning
_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")

Run = tuple[str, ...]


@dataclass(frozen=True)
class HiddenNumbers:
    """Runs of long numbers, all of length :data:`RUN`, and whole lists of short ones."""

    runs: frozenset[Run] = frozenset()
    lists: frozenset[Run] = frozenset()

    def found_in(self, text: str) -> bool:
        """Whether any of them occurs in a text."""
        if not self.runs and not self.lists:
            return False
        numbers = [_digits(float(match)) for match in _NUMBER.findall(text)]
        if any(run in self.runs for run in _windows(numbers, RUN)):
            return True
        lengths = {len(one) for one in self.lists}
        return any(window in self.lists for length in lengths for window in _windows(numbers, length))


def hidden_numbers(folders: Iterable[ExerciseFolder], variants: int) -> HiddenNumbers:
    """Collect the inputs of the hidden checks of all variants; what public checks use is public.

    Parameters
    ----------
    folders : iterable of ExerciseFolder
        Loaded with their hidden half.
    variants : int
        How many sets of hidden inputs there are.
    """
    runs: set[Run] = set()
    lists: set[Run] = set()
    public_runs: set[Run] = set()
    public_lists: set[Run] = set()
    for folder in folders:
        _collect(_public_calls(folder), public_runs, public_lists)
        _collect(_hidden_calls(folder, variants), runs, lists)
    return HiddenNumbers(frozenset(runs - public_runs), frozenset(lists - public_lists))


def _public_calls(folder: ExerciseFolder) -> Iterator[Call]:
    for part in folder.exercise.parts:
        for check in part.checks:
            yield from drawn_calls(folder.exercise, part, check, None)


def _hidden_calls(folder: ExerciseFolder, variants: int) -> Iterator[Call]:
    """Yield the hidden calls but for those of scaling checks, whose inputs are too large to be pasted anywhere."""
    for name, secret in folder.secrets.items():
        for check in (one for one in secret.checks if one.limits is None):
            for variant in range(variants):
                yield from drawn_calls(folder.exercise, folder.exercise.part(name), check, variant)


def _collect(calls: Iterable[Call], runs: set[Run], lists: set[Run]) -> None:
    for call in calls:
        for argument in call.args:
            for values in _arrays(argument):
                digits = [_digits(value) for value in values]
                runs.update(run for run in _windows(digits, RUN) if sum(map(_is_long, run)) == RUN)
                if len(digits) in SHORT and len(set(digits)) >= SHORT[0] - 1 and not _even_steps(values):
                    lists.add(tuple(digits))


def _arrays(value: Any) -> Iterator[list[float]]:
    """Yield the numbers of every array and of every plain sequence of numbers in an argument."""
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "iuf":
            yield [float(one) for one in value.ravel()[:_FIRST]]
    elif isinstance(value, dict):
        yield from _arrays(tuple(value.values()))
    elif isinstance(value, list | tuple):
        plain = [one for one in value[:_FIRST] if isinstance(one, int | float | np.number)]
        if plain and len(plain) == len(value[:_FIRST]):
            yield [float(one) for one in plain]
        else:
            for one in value:
                yield from _arrays(one)


def _digits(value: float) -> str:
    return f"{value:.5g}"


def _is_long(digits: str) -> bool:
    mantissa = digits.partition("e")[0]
    return "." in mantissa and len(mantissa.strip("-").replace(".", "").strip("0")) >= RUN


def _windows(numbers: list[str], length: int) -> Iterator[Run]:
    return zip(*(islice(numbers, start, None) for start in range(length)), strict=False)


def _even_steps(values: list[float]) -> bool:
    if not np.all(np.isfinite(values)):
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.diff(values)
        return bool(np.allclose(steps, steps[0]))
