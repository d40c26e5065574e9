"""Prove derivations with SymPy: every stated formula is compared with what SymPy derives from its definition.

An exercise writes its derivations as data in ``derivations.py`` (``DERIVATIONS`` and ``COMPARISONS``; the words are in
:mod:`autograder.symbolic.language.stated`).  This package names none of them: it reads the formulas, takes the steps at
concrete sizes, and renders the outcome as text and as one self-contained HTML page.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from autograder.authoring.derivations import page, plaintext
from autograder.authoring.derivations.runner import check, check_all, check_article, check_comparison
from autograder.authoring.derivations.words import ComparisonResult, ProgressReport, Result
from autograder.course.exercises import DERIVED, exercise_names, load_exercise, load_formulas
from autograder.errors import CourseError
from autograder.symbolic import Comparison, Derivation, Formula

__all__ = [
    "ComparisonResult",
    "ProgressReport",
    "Result",
    "check",
    "check_all",
    "check_comparison",
    "load",
    "main_report",
]


def main_report(
    course_root: Path, progress: ProgressReport | None = None, exercises: Sequence[str] = ()
) -> tuple[str, str, bool]:
    """Check the derivations of a course.

    Parameters
    ----------
    course_root : Path
        The course.
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
    written = load(course_root, exercises)
    results, compared = check_all(written.derivations, written.comparisons, progress)
    article = check_article(written.formulas, results)
    ok = all(r.ok for r in results) and all(c.ok for c in compared) and all(one.ok for one in article)
    return plaintext.report(results, compared, article), page.report(results, compared, article), ok


class WrittenMathematics(NamedTuple):
    """What a course writes down: derivations by number, comparisons, and the displayed formulas of its text."""

    derivations: Sequence[Derivation]
    comparisons: Sequence[Comparison]
    formulas: Sequence[Formula] = ()


def load(course_root: Path, exercises: Sequence[str] = ()) -> WrittenMathematics:
    """Return what the exercises of a course derive, and the displayed formulas that ``exercises/chapter.py`` lists.

    Of some ``exercises`` only the derivations.

    Raises
    ------
    CourseError
        If there are none, or a file cannot be loaded; the message names the file.
    """
    folders = [load_exercise(course_root, name, hidden=True) for name in exercises or exercise_names(course_root)]
    derivations = sorted((d for folder in folders for d in folder.derivations), key=lambda d: d.number)
    if not derivations:
        where = ", ".join(f"exercises/{folder.name}/{DERIVED}" for folder in folders[:1]) or "exercises/"
        raise CourseError(f"no derivations to check; write DERIVATIONS in {where}")
    twice = {d.id for d in derivations if [other.id for other in derivations].count(d.id) > 1}
    if twice:
        raise CourseError(f"several derivations have the id {', '.join(sorted(twice))}; rename all but one")
    if exercises:
        return WrittenMathematics(derivations, ())
    comparisons = [
        c for folder in sorted(folders, key=lambda folder: folder.exercise.number) for c in folder.comparisons
    ]
    comparisons.sort(key=lambda comparison: not comparison.central)
    return WrittenMathematics(derivations, comparisons, load_formulas(course_root))
