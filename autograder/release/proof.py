"""Verify the exercises of an assignment before students get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from autograder.authoring.verify.kept import digest
from autograder.authoring.verify.pool import keep_sound, known_sound, verify_exercises
from autograder.authoring.verify.variants import MOST, known
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.text import plural


class Unproven(CourseError):
    """A promise of an exercise does not hold."""


def prove(root: Path, names: Sequence[str], *, say: Callable[[str], None] = lambda line: None) -> None:
    """Verify exercises, those aside that were verified before and have not changed since.

    Parameters
    ----------
    root : Path
        Folder of the course.
    names : sequence of str
        Exercises.
    say : callable
        Called with lines of progress.

    Raises
    ------
    Unproven
        With every promise that does not hold: a reference that fails its checks, a misconception that passes, an
        answer whose points were seen to depend on the variant, ...
    """
    digests = {name: digest(root, name) for name in names}
    _one_mark(root, digests, say)
    todo = [name for name in names if known_sound(root, name, digests[name], strict=False) is None]
    if len(todo) < len(names):
        say(f"{len(names) - len(todo)} of {len(names)} exercises are verified and have not changed since")
    if not todo:
        return
    say(f"verifying {', '.join(todo)}: references, misconceptions, alternatives")
    try:
        lines = _verify(root, todo, digests, say)
    except CourseError as error:  # a package is missing
        lines = [str(error)]
    if lines:
        raise Unproven("\n".join([*lines, "nothing was released; `autograder verify NAME` says more"]))


def _one_mark(root: Path, digests: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Refuse what was seen to depend on the variant, and name what was not judged in all of them since it changed.

    That takes minutes and is not done here: who releases ten times a day would wait ten times.
    """
    count = min(load_course(root).variants, MOST)
    if count == 1:
        return
    found = {name: known(root, name, each, count) for name, each in digests.items()}
    split = [f"{name}: {problem}" for name, one in found.items() if one is not None for problem in one.problems]
    if split:
        raise Unproven("\n".join([*split, "nothing was released; `autograder verify --variants all NAME` says more"]))
    unknown = [name for name, one in found.items() if one is None]
    if unknown:
        say(
            f"advice: {plural(len(unknown), 'exercise')} not judged in all {count} variants since the last change; "
            f"`autograder verify --variants all {' '.join(unknown)}` does it once, in minutes"
        )


def _verify(root: Path, names: Sequence[str], digests: Mapping[str, str], say: Callable[[str], None]) -> list[str]:
    """Verify exercises, remember the sound ones and return the problems of the others."""
    problems: list[str] = []
    for done, folder in enumerate(verify_exercises(root, names, jobs=0, strict=False, loud=True), start=1):
        if folder.all_problems:
            problems += [f"{folder.name}: {problem}" for problem in folder.all_problems]
        else:
            keep_sound(root, digests[folder.name], folder)
        say(f"verified {done} of {len(names)}: {folder.name}")
    return problems
