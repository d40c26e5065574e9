"""The search of the finished files for anything that only the grader may know.

What is searched for is collected by :mod:`autograder.authoring.leaks.withheld`, for each exercise by itself: what
``given=`` of an exercise declares may appear in its own files and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from autograder.authoring.leaks.withheld import Found, Withheld, readable, strings, withheld
from autograder.course.exercises import ExerciseFolder
from autograder.errors import CourseError

_FORBIDDEN = ("grading.py", "derivations.py", "reference", ".autograder-secret")


class Leak(CourseError):
    """Something hidden is in a file for students."""


def refuse_leaks(
    files: Mapping[str, bytes],
    folders: Sequence[ExerciseFolder],
    *,
    variants: int = 1,
    solved: Sequence[str] = (),
) -> None:
    """Search files for students.

    Parameters
    ----------
    files : mapping
        Path below the release, and content.
    folders : sequence of ExerciseFolder
        The exercises of the release, loaded with their hidden half.
    variants : int
        How many sets of hidden inputs there are.
    solved : sequence of str
        The worked solutions that were asked for; each may appear in the files of every exercise.

    Raises
    ------
    Leak
        Naming the file and what was found.
    """
    known = {folder.name: withheld(folder, variants=variants) for folder in folders}
    known = {name: replace(one, given=(*one.given, *solved)) for name, one in known.items()}
    for path, data in sorted(files.items()):
        problem = next(_problems(path, data, known), None)
        if problem is not None:
            raise Leak(f"{path}: {problem}; nothing was released")


def _problems(path: str, data: bytes, known: Mapping[str, Withheld]) -> Iterator[str]:
    for part in Path(path).parts:
        if part in _FORBIDDEN:
            yield f"{part} belongs to the grader alone"
    text = readable(path, data)
    for name, secrets in known.items():
        # a formula is the answer to its own exercise; elsewhere it may be what the exercise is about
        for found in _found(path, text, secrets) if name in path else secrets.in_lines(text):
            yield f"holds {found.what} of {found.where}; `autograder verify {name}` shows it"


def _found(path: str, text: str, secrets: Withheld) -> Iterator[Found]:
    if path.endswith(".py"):
        return secrets.in_program(text)
    if path.endswith(".json"):
        with suppress(ValueError):  # data of an author that only looks like JSON is searched as text
            text = "\n".join([text, *strings(json.loads(text))])
    return secrets.in_text(text)
