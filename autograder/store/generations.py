"""What a verdict depends on besides the submission, so that verdicts of different courses are never mixed in silence.

A fingerprint has one hash for each of what can change: what ``course.yml`` says of the exercise, the exercise's folder,
the reference and this package.  Dates, lateness, titles and what students see are not part of it: they are read anew
whenever results are shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from autograder.course.model import FILE_NAME, Course, load_course
from autograder.store.store import Store
from autograder.text import plural

PARTS = ("course.yml", "the exercise", "the reference", "this package")
_LETTERS = 16


def fingerprint(root: Path, exercise: str) -> str:
    """Return what identifies the course's part in a verdict on an exercise, one hash for each of ``PARTS``."""
    return _fingerprint(root, exercise, (root / FILE_NAME).stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _fingerprint(root: Path, exercise: str, _written: int) -> str:
    course = load_course(root)
    assignment = course.assignment_of(exercise)
    rules = [assignment.exercises[exercise], course.limits, course.attempts_for(assignment.name)]
    rules += [course.variants, course.packages]
    folders = (root / "exercises" / exercise, root / "reference", Path(__file__).parents[1])
    hashes = [hashlib.sha256(repr(rules).encode()), *(_of_folder(folder, f"{exercise}.py") for folder in folders)]
    return "-".join(one.hexdigest()[:_LETTERS] for one in hashes)


def _of_folder(folder: Path, stub: str) -> hashlib._Hash:
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        if file.name != stub:  # which is not part of a verdict
            total.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes())
    return total


def changed(then: str, now: str) -> str:
    """Return what differs between two fingerprints, in words; an empty text if nothing does."""
    before, after = then.split("-"), now.split("-")
    if then == now:
        return ""
    if len(before) != len(PARTS) or len(after) != len(PARTS):
        return "an earlier course or package"
    return f"{', '.join(name for name, a, b in zip(PARTS, before, after, strict=True) if a != b)} changed"


def stale(store: Store, course: Course) -> Iterator[str]:
    """Yield a line for each exercise with verdicts that the present course did not give: how many, and what changed."""
    several: dict[tuple[str, str], int] = {}
    for (_, _, exercise), (_, then) in store.finished().items():
        known = exercise in course.exercises
        if what := changed(then, fingerprint(course.root, exercise)) if known else "not in course.yml any more":
            several[exercise, what] = several.get((exercise, what), 0) + 1
    for (exercise, what), count in sorted(several.items()):
        yield f"{exercise}: {plural(count, 'result')}, {what}"
