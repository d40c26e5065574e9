"""What a verdict depends on besides the submission, so that verdicts of different courses are never mixed in silence.

A fingerprint has one hash for each of what can change: what ``course.yml`` says of the exercise, the exercise's folder
with its data files and the modules of the course that it imports, the reference and this package.  What only names
mistakes is not part of it: misconceptions have a fingerprint of their own, and verdicts are named again from the values
that were kept.  Dates, lateness, titles and what students see are not part of it either: they are read anew whenever
results are shown.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from os.path import relpath
from pathlib import Path

from autograder.course.exercises import code_below, data_of, shared_modules
from autograder.course.model import FILE_NAME, Course, load_course
from autograder.store.store import Store
from autograder.text import plural

PARTS = ("course.yml", "the exercise", "the reference", "this package")
_LETTERS = 16
_HIDDEN = "grading.py"


def fingerprint(root: Path, exercise: str) -> str:
    """Return what identifies the course's part in a verdict on an exercise, one hash for each of ``PARTS``."""
    return _fingerprint(root, exercise, (root / FILE_NAME).stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _fingerprint(root: Path, exercise: str, _written: int) -> str:
    course = load_course(root)
    assignment = course.assignment_of(exercise)
    rules = [assignment.exercises[exercise], course.limits, course.attempts_for(assignment.name)]
    rules += [course.variants, course.packages]
    hashes = [hashlib.sha256(repr(rules).encode()).hexdigest()]
    own = root / "exercises" / exercise
    others = [*data_of(own), *shared_modules(root, exercise)]
    hashes.append(_of_folder(own, f"{exercise}.py", others))  # the stub is not part of a verdict
    hashes += [_of_library(folder, _written_at(folder)) for folder in (root / "reference", Path(__file__).parents[1])]
    return "-".join(one[:_LETTERS] for one in hashes)


def _written_at(folder: Path) -> tuple[tuple[str, int, int], ...]:
    found = ((str(file), file.stat()) for file in sorted(code_below(folder)))
    return tuple((name, status.st_mtime_ns, status.st_size) for name, status in found)


@lru_cache(maxsize=8)
def _of_library(folder: Path, _written: tuple[tuple[str, int, int], ...]) -> str:
    """Return the hash of a folder that all exercises share, which is read once for all of them."""
    return _of_folder(folder)


def _of_folder(folder: Path, left_out: str = "", data: Iterable[Path] = ()) -> str:
    total = hashlib.sha256()
    for file in sorted({*code_below(folder), *data}):
        if file.name != left_out:
            content = file.read_bytes()
            counted = without_misconceptions(content) if file.name == _HIDDEN else content
            total.update(relpath(file, folder).replace(os.sep, "/").encode() + b"\0" + counted)
    return total.hexdigest()


def naming_fingerprint(root: Path, exercise: str) -> str:
    """Return what identifies how an exercise names mistakes: its hidden half, misconceptions and all."""
    file = root / "exercises" / exercise / _HIDDEN
    return hashlib.sha256(file.read_bytes() if file.is_file() else b"").hexdigest()[:_LETTERS]


def without_misconceptions(source: bytes) -> bytes:
    """Return what of ``grading.py`` decides points: its code without the misconceptions, which only name.

    They are the functions below ``@wrong``, and the ``wrong(...)`` in a list.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # loading it says what is wrong
        return source
    tree.body = [node for node in tree.body if not _is_misconception(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List):
            node.elts = [one for one in node.elts if not _is_call_of_wrong(one)]
    return ast.dump(tree).encode()


def _is_misconception(node: ast.stmt) -> bool:
    if not isinstance(node, ast.FunctionDef) or not node.decorator_list:
        return False
    return all(map(_is_call_of_wrong, node.decorator_list))


def _is_call_of_wrong(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "wrong"


def changed(then: str, now: str) -> str:
    """Return what differs between two fingerprints, in words; an empty text if nothing does."""
    before, after = then.split("-"), now.split("-")
    if then == now:
        return ""
    if len(before) != len(PARTS) or len(after) != len(PARTS):
        return "an earlier course or package"
    return f"{' and '.join(name for name, a, b in zip(PARTS, before, after, strict=True) if a != b)} changed"


def stale(store: Store, course: Course) -> Iterator[str]:
    """Yield a line for each exercise with verdicts that the present course did not give: how many, and what changed."""
    several: dict[tuple[str, str], int] = {}
    home = {exercise: one.name for one in course.assignments for exercise in one.exercises}
    for (_, assignment, exercise), (_, then) in store.finished().items():
        if exercise not in home:
            what = "not in course.yml any more"
        elif home[exercise] != assignment:
            what = f"of {assignment}, now in {home[exercise]}"
        else:
            what = changed(then, fingerprint(course.root, exercise))
        if what:
            several[exercise, what] = several.get((exercise, what), 0) + 1
    for (exercise, what), count in sorted(several.items()):
        yield f"{exercise}: {plural(count, 'result')}, {what}"
