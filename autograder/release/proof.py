"""Verify the exercises of an assignment before students get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from autograder.authoring.verify.kept import digest
from autograder.authoring.verify.pool import keep_sound, known_sound, verify_exercises
from autograder.errors import CourseError


class Unproven(CourseError):
    """A promise of an exercise does not hold."""


def prove(root: Path, names: Sequence[str], *, jobs: int = 0, say: Callable[[str], None] = lambda line: None) -> None:
    """Verify exercises, those aside that were verified before and have not changed since.

    Parameters
    ----------
    root : Path
        Folder of the course.
    names : sequence of str
        Exercises.
    jobs : int
        Exercises at a time; 0: one per core.
    say : callable
        Called with lines of progress.

    Raises
    ------
    Unproven
        With every promise that does not hold: a reference that fails its checks, a misconception that passes, ...
    """
    digests = {name: digest(root, name) for name in names}
    todo = [name for name in names if known_sound(root, name, digests[name], strict=False) is None]
    if len(todo) < len(names):
        say(f"{len(names) - len(todo)} of {len(names)} exercises are verified and have not changed since")
    if not todo:
        return
    say(f"verifying {', '.join(todo)}: references, misconceptions, alternatives")
    try:
        lines = _verify(root, todo, jobs, digests, say)
    except CourseError as error:  # a package is missing
        lines = [str(error)]
    if lines:
        raise Unproven("\n".join([*lines, "nothing was released; `autograder verify NAME` says more"]))


def _verify(
    root: Path, names: Sequence[str], jobs: int, digests: Mapping[str, str], say: Callable[[str], None]
) -> list[str]:
    """Verify exercises, remember the sound ones and return the problems of the others."""
    problems: list[str] = []
    for done, folder in enumerate(verify_exercises(root, names, jobs=jobs, strict=False, loud=True), start=1):
        if folder.all_problems:
            problems += [f"{folder.name}: {problem}" for problem in folder.all_problems]
        else:
            keep_sound(root, digests[folder.name], folder)
        say(f"verified {done} of {len(names)}: {folder.name}")
    return problems
