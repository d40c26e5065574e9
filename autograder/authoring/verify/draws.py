"""Determinism of an exercise: its calls are built twice, in two processes with two hash seeds, byte for byte.

``python -m autograder.authoring.verify.draws ROOT NAME`` prints the digests of one process.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from autograder.authoring.verify.child import Silent, said_by
from autograder.authoring.verify.places import of_check, of_word
from autograder.checks import MatchesReference
from autograder.course.exercises import ExerciseFolder, load_exercise
from autograder.errors import CourseError
from autograder.exercise import Exercise, Part
from autograder.judging.drawn import drawn_calls
from autograder.judging.questions import PartQuestions
from autograder.model import Call, Check, Limits
from autograder.sandbox import kernel
from autograder.sandbox.wire import Batch, Segment, encode_batch

VARIANTS = (0, 1)
"""Variants whose hidden calls are compared."""

PROCESSOR = 120
"""Processor seconds of the other process, which needs about two: they judge, since a machine may be busy."""


def draw_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield the checks whose calls differ when they are built again, here or in another process; and what is declared.

    Points, minutes and hints that are drawn on loading differ from process to process too.
    """
    yield from _constant(folder)
    first, again = digests(folder), digests(folder)
    elsewhere = _elsewhere(folder)
    told = set()
    for check, digest in first.items():
        place, part, _ = check.split(": ", 2)
        if (place, part) in told:  # checks of one draw
            continue
        shown = check.partition("\0")[0]
        if digest != again.get(check) or digest != elsewhere.get(check):
            told.add((place, part))
        if again.get(check) != digest:
            yield f"{shown}: its calls differ when they are built again; draw from the generator that the check gets"
        elif elsewhere.get(check) != digest and check.endswith(_DECLARED):
            yield f"{shown} differs from process to process; write a fixed value"
        elif elsewhere.get(check) != digest:
            yield (
                f"{shown}: its calls differ from process to process; do not let them depend on the order of a set, "
                "on hash(), the time or the machine"
            )


def _constant(folder: ExerciseFolder) -> Iterator[str]:
    for part in folder.exercise.parts:
        for check in folder.secrets[part.name].checks if part.name in folder.secrets else ():
            if isinstance(check, MatchesReference) and check.cases > 1:
                calls = drawn_calls(folder.exercise, part, check, VARIANTS[0])
                if len({_encoded(folder, part, check, (one,)) for one in calls}) == 1:
                    where = of_check(folder, check, "grading.py")
                    yield f"{where}: {part.name}: all {check.cases} cases of {check.name!r} are the same; draw them"


def digests(folder: ExerciseFolder) -> dict[str, str]:
    """Return a digest of the calls of every check, by part and check, and of what the parts and the exercise say."""
    return dict(_declared(folder)) | dict(_digests(folder))


_DECLARED = "\0declared"


def _declared(folder: ExerciseFolder) -> Iterator[tuple[str, str]]:
    file, exercise = folder.path / "checks.py", folder.exercise
    said: list[tuple[Exercise | Part, str]] = [
        (exercise, name) for name in ("number", "title", "difficulty", "minutes", "given")
    ]
    said += [(part, name) for part in exercise.parts for name in ("number", "points", "summary", "hints", "criteria")]
    for one, name in said:
        yield f"{of_word(file, one.name)}: {one.name}: {name}{_DECLARED}", repr(getattr(one, name))


def _digests(folder: ExerciseFolder) -> Iterator[tuple[str, str]]:
    for part in folder.exercise.parts:
        for check in part.checks:
            where = of_check(folder, check, "checks.py")
            where = where if ":" in where else of_word(folder.path / "checks.py", part.name)
            yield f"{where}: {part.name}: the public check {check.name!r}", _digest(folder, part, check, None)
        secret = folder.secrets.get(part.name)
        for check in secret.checks if secret is not None else ():
            for variant in VARIANTS:
                where = of_check(folder, check, "grading.py")
                name = f"{where}: {part.name}: the hidden check {check.name!r} ({check.title})"
                yield name + f"\0{variant}", _digest(folder, part, check, variant)


def _digest(folder: ExerciseFolder, part: Part, check: Check, variant: int | None) -> str:
    calls = drawn_calls(folder.exercise, part, check, variant)
    return hashlib.sha256(_encoded(folder, part, check, calls)).hexdigest()


def _encoded(folder: ExerciseFolder, part: Part, check: Check, calls: tuple[Call, ...]) -> bytes:
    try:
        return encode_batch(Batch("subject", (Segment(part.name, Limits(), False, calls),)))
    except CourseError as error:
        where = of_check(folder, check, "checks.py" if check in part.checks else "grading.py")
        raise CourseError(f"{where}: the check {check.name!r} of {error}") from error


def _elsewhere(folder: ExerciseFolder) -> dict[str, str]:
    seed = "1" if os.environ.get("PYTHONHASHSEED") == "0" else "0"
    package = Path(__file__).parents[3]
    code = f"import sys; sys.path.insert(0, {str(package)!r}); from {__name__} import main; main()"
    try:
        found: dict[str, str] = said_by(
            "-c", code, folder.path.parents[1], folder.name, env={**os.environ, "PYTHONHASHSEED": seed}
        )
    except Silent as why:
        raise CourseError(f"{folder.path / 'checks.py'}: cannot be loaded in a fresh process: {why}") from None
    return found


def main() -> None:
    """Print the digests of an exercise's calls as JSON."""
    kernel.die_with_parent(os.getppid())
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR, PROCESSOR))
    print(json.dumps(digests(load_exercise(Path(sys.argv[1]), sys.argv[2], hidden=True))))


@contextmanager
def changing_checks(folder: ExerciseFolder, part: PartQuestions) -> Iterator[list[Check]]:
    """Collect the checks that change their own arguments while they judge inside the block."""
    found: list[Check] = []
    before = [_encoded(folder, part.part, asked.check, asked.calls) for asked in part.asked]
    yield found
    found += [
        asked.check
        for asked, bytes_before in zip(part.asked, before, strict=True)
        if _encoded(folder, part.part, asked.check, asked.calls) != bytes_before
    ]


@contextmanager
def unseeded() -> Iterator[list[str]]:
    """Collect what draws random numbers without a seed inside the block: the functions that a judgement may not use."""
    found: list[str] = []
    original = np.random.default_rng
    before = _global_states()

    def watched(seed: Any = None) -> np.random.Generator:
        if seed is None:
            found.append("np.random.default_rng() without a seed")
        return original(seed)

    np.random.default_rng = watched
    try:
        yield found
    finally:
        np.random.default_rng = original
        if _global_states() != before:
            found.append("the global random state")


def _global_states() -> tuple[Any, ...]:
    import random

    kind, keys, *more = np.random.get_state(legacy=True)  # noqa: NPY002  # the state that an author may not touch
    return kind, bytes(keys), *more, random.getstate()  # type: ignore[arg-type]  # legacy=True gives a tuple
