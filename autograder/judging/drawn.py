"""The calls of a check, drawn by the author's code: the same for the same part and variant, and none too large."""

from __future__ import annotations

import sys
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from autograder.checks.show import show
from autograder.checks.sizes import calls_within
from autograder.course.declarations import at
from autograder.declared import line_of, place_of, trace_of
from autograder.errors import CourseError, Endless
from autograder.exercise import Exercise, Part
from autograder.model import Call, Check, Probe, Rng
from autograder.text import did_you_mean


def generator(number: str, variant: int | None) -> Rng:
    """Return the generators of a part's cases: seeded by variant, 20240, the part's number and the case."""
    crc = zlib.crc32(number.encode())

    def rng(case: int | str) -> np.random.Generator:
        # numbers are the cases of a draw; the hash of a name lies far above them
        seed = [20240, crc, case if isinstance(case, int) else (1 << 32) + zlib.crc32(case.encode())]
        return np.random.default_rng(seed if variant is None else [variant, *seed])

    return rng


def drawn_calls(exercise: Exercise, part: Part, check: Check, variant: int | None) -> tuple[Call, ...]:
    """Return the calls of a check.

    Raises
    ------
    CourseError
        If the author's code that draws them fails, or draws what no call can take.
    """
    where_allowed = "the check's own limits" if check.limits is not None else "memory_mib below limits in course.yml"
    advice = f"draw less, or allow more by {where_allowed}"
    try:
        with calls_within(exercise.memory.of(check.limits), advice):
            drawn = check.calls(generator(part.number, variant))
            if not isinstance(drawn, tuple | list) or not drawn or not all(isinstance(one, Call) for one in drawn):
                raise CourseError(f"calls() returned {show(drawn)}; it returns a tuple of one or more call(...)")
    except Endless:
        raise
    except (Exception, SystemExit) as error:  # an author's code may fail in any way; the author reads where
        where = place_of(error) or declared_at(exercise, part, check)
        why = str(error) if isinstance(error, CourseError) else f"they cannot be drawn: {trace_of(error)}"
        raise CourseError(f"{where}: {part.name}: the inputs of the check {check.name!r}: {why}") from error
    probes = [a.name for one in drawn for a in one.args if isinstance(a, Probe)]
    for unknown in (name for name in probes if name not in exercise.probes):
        raise CourseError(
            f"{declared_at(exercise, part, check)}: {part.name}: the check {check.name!r} gives a probe {unknown!r}"
            f"{did_you_mean(unknown, exercise.probes) if exercise.probes else '; checks.py defines no PROBES'}"
        )
    return tuple(replace(call, function=call.function or part.name) for call in drawn)


def declared_at(exercise: Exercise, part: Part, check: Check) -> str:
    """Return ``file:line`` of the function that draws or lists the inputs of a check, or of the part in its file."""
    functions = [getattr(check, name, None) for name in ("draw", "inputs")]
    # a draw with strata is the author's function below its settings
    found = next(filter(None, (line_of(getattr(one, "draw", one)) for one in functions)), "")
    half = "checks" if any(one is check for one in part.checks) else "grading"
    file = getattr(sys.modules.get(f"exercises.{exercise.name}.{half}"), "__file__", None)
    return found or (at(Path(file), part.name) if file else exercise.name)
