"""Derivations proved with SymPy: every stated formula is held against what SymPy derives from its definition.

A course writes its derivations as data in ``reference/derivations`` (``DERIVATIONS`` and ``COMPARISONS``).  This
package names none of them: it reads the formulas, takes the steps at concrete sizes, and renders the outcome as
text and as one self-contained HTML page.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Literal, NamedTuple

from autograder.authoring.derivations import page, plaintext
from autograder.authoring.derivations.runner import check, check_all, check_article, check_comparison
from autograder.authoring.derivations.words import (
    Compared,
    ComparisonLike,
    DerivationLike,
    FormulaLike,
    Progress,
    Result,
)
from autograder.course.exercises import load_room, room_names
from autograder.errors import CourseError

__all__ = [
    "Compared",
    "ComparisonLike",
    "DerivationLike",
    "Progress",
    "Result",
    "check",
    "check_all",
    "check_comparison",
    "load",
    "main_report",
    "report",
]

_MODULE = "_course_derivations"


def report(
    derivations: Sequence[DerivationLike],
    format: Literal["text", "html"] = "text",  # noqa: A002 - the word that a caller expects
    comparisons: Sequence[ComparisonLike] = (),
    progress: Progress | None = None,
) -> str:
    """Check the derivations and render the report in one format."""
    results, compared = check_all(derivations, comparisons, progress)
    return page.report(results, compared) if format == "html" else plaintext.report(results, compared)


def main_report(
    course_root: Path, progress: Progress | None = None, exercises: Sequence[str] = ()
) -> tuple[str, str, bool]:
    """Check the derivations of a course.

    Parameters
    ----------
    course_root : Path
        The checkout with ``reference/derivations``.
    progress : callable, optional
        Told before each derivation: number done, number of all, what comes next.
    exercises : sequence of str
        Only those of these exercises; then without comparisons and without the table of the displayed formulas.

    Returns
    -------
    tuple of (str, str, bool)
        The report as text, as HTML, and whether everything is proved.

    Raises
    ------
    CourseError
        If the course has no derivations or they cannot be loaded.
    """
    written = load(course_root)
    names = exercises or (room_names(course_root) if (course_root / "exercises").is_dir() else ())
    rooms = [load_room(course_root, name, hidden=True) for name in names]
    questions = {part: question for room in rooms for part, question in room.questions.items()}
    derivations, comparisons = written.derivations, written.comparisons
    if exercises:
        numbers = {room.exercise.number for room in rooms}
        derivations = [d for d in derivations if d.number.partition(".")[0] in numbers]
        comparisons = ()
    results, compared = check_all(derivations, comparisons, progress, questions)
    article = () if exercises else check_article(written.article, results)
    ok = all(r.ok for r in results) and all(c.ok for c in compared) and all(one.ok for one in article)
    return plaintext.report(results, compared, article), page.report(results, compared, article), ok


class Written(NamedTuple):
    """What a course writes down: derivations, comparisons, and the displayed formulas of its text."""

    derivations: Sequence[DerivationLike]
    comparisons: Sequence[ComparisonLike]
    article: Sequence[FormulaLike] = ()


def load(course_root: Path) -> Written:
    """Return the derivations, comparisons and displayed formulas of a course, found by file path.

    Raises
    ------
    CourseError
        If they are missing or cannot be loaded; the message names the file.
    """
    path = course_root / "reference" / "derivations" / "__init__.py"
    if not path.is_file():
        raise CourseError(f"{path}: not there; the derivations of a course are written in reference/derivations")
    try:
        module = _import(path)
        return Written(module.DERIVATIONS, module.COMPARISONS, getattr(module, "ARTICLE", ()))
    except Exception as error:  # a course file may fail in any way; the author is told which file and why
        raise CourseError(f"{path}: {type(error).__name__}: {error}") from error


def _import(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(_MODULE, path, submodule_search_locations=[str(path.parent)])
    if spec is None or spec.loader is None:
        raise CourseError(f"{path}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module  # its own relative imports look for it here
    try:
        spec.loader.exec_module(module)
    finally:
        for name in [name for name in sys.modules if name == _MODULE or name.startswith(f"{_MODULE}.")]:
            del sys.modules[name]
    return module
