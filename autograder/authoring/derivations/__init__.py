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
from typing import Literal

from autograder.authoring.derivations import page, plaintext
from autograder.authoring.derivations.runner import check, check_all, check_comparison
from autograder.authoring.derivations.words import Compared, ComparisonLike, DerivationLike, Progress, Result
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


def main_report(course_root: Path, progress: Progress | None = None) -> tuple[str, str, bool]:
    """Check the derivations of a course.

    Parameters
    ----------
    course_root : Path
        The checkout with ``reference/derivations``.
    progress : callable, optional
        Told before each derivation: number done, number of all, what comes next.

    Returns
    -------
    tuple of (str, str, bool)
        The report as text, as HTML, and whether everything is proved.

    Raises
    ------
    CourseError
        If the course has no derivations or they cannot be loaded.
    """
    derivations, comparisons = load(course_root)
    results, compared = check_all(derivations, comparisons, progress)
    ok = all(result.ok for result in results) and all(comparison.ok for comparison in compared)
    return plaintext.report(results, compared), page.report(results, compared), ok


def load(course_root: Path) -> tuple[Sequence[DerivationLike], Sequence[ComparisonLike]]:
    """Return the derivations and comparisons of a course, found by file path.

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
        return module.DERIVATIONS, module.COMPARISONS
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
