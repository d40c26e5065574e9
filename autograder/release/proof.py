"""What must hold before students get an assignment: the promises of its exercises."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from autograder.authoring.verify.pool import verify_exercises
from autograder.errors import CourseError
from autograder.judging.public_half import FILE as FROZEN

CACHE = Path(".autograder") / "verified"
"""Below the course: for each exercise the digest of what was verified last."""


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
    todo = [name for name in names if _known(root, name) != digests[name]]
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
            _remember(root, folder.name, digests[folder.name])
        say(f"verified {done} of {len(names)}: {folder.name}")
    return problems


def digest(root: Path, name: str) -> str:
    """Return a hash of all that an exercise's promises hang on: the exercise, the reference, this package and NumPy."""
    total = hashlib.sha256(np.__version__.encode())
    folder = (p for p in (root / "exercises" / name).iterdir() if p.is_file() and p.name != FROZEN)
    _add(total, root, folder)
    _add(total, root, (root / "reference").rglob("*.py"))
    package = Path(__file__).parents[1]
    _add(total, package, package.rglob("*.py"))
    return total.hexdigest()


def _add(total: hashlib._Hash, above: Path, files: Iterable[Path]) -> None:
    for file in sorted(files):
        total.update(file.relative_to(above).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())


def _known(root: Path, name: str) -> str | None:
    try:
        return (root / CACHE / name).read_text(encoding="ascii")
    except (OSError, ValueError):
        return None


def _remember(root: Path, name: str, found: str) -> None:
    with contextlib.suppress(OSError):  # a checkout that cannot be written to is verified every time
        (root / CACHE).mkdir(parents=True, exist_ok=True)
        (root / CACHE / name).write_text(found, encoding="ascii")
