"""An exercise as a notebook: its text, and per part an answer cell and a cell that checks it.

The cell that checks a part is nbgrader's graded cell too, so that a student sees one cell and one verdict.

Cell ids and grade_ids are made of names alone, so the same course gives the same bytes and a fix of a text keeps what
was handed in.
"""

from __future__ import annotations

import ast
import hashlib
import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.course.exercises import HANDED_OUT, ExerciseFolder
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.intake.notebook import CHECK_TAG, checksum
from autograder.plain import dataclass, late

_GRADED_END = "-test"
_SECTION = late(r"^## +(.*?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Stub:
    """An exercise's stub, taken apart: what comes before the functions, and the text of each function."""

    imports: str
    functions: Mapping[str, str]


def read_stub(folder: ExerciseFolder) -> Stub:
    """Return the parts of an exercise's stub.

    Raises
    ------
    CourseError
        If it cannot be read or does not parse.
    """
    try:
        text = folder.untouched.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError) as error:
        raise CourseError(f"{folder.untouched}: cannot be read as Python: {error}") from None
    lines = text.splitlines()

    def of(node: ast.stmt) -> str:
        return "\n".join(lines[node.lineno - 1 : node.end_lineno])

    return Stub(
        "\n".join(of(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)),
        {node.name: of(node) for node in tree.body if isinstance(node, ast.FunctionDef)},
    )


def answer_id(exercise: str, part: str) -> str:
    """Return the grade_id of the cell where a part is answered, also the graded cell of a part marked by hand."""
    return f"{exercise}-{part}"


def graded_id(exercise: str, part: str) -> str:
    """Return the grade_id of the cell that holds the points of a part that is examined by the grader."""
    return answer_id(exercise, part) + _GRADED_END


def answer_of(cell: str) -> str:
    """Return the grade_id of the answer cell that belongs to a graded cell."""
    return cell.removesuffix(_GRADED_END)


def home_of(exercise: str) -> str:
    """Return the folder of a bundle that holds the files of an exercise."""
    return f"exercises/{exercise}"


def build_notebook(
    folder: ExerciseFolder,
    worth: Mapping[str, float],
    answers: Mapping[str, str],
    *,
    at: str | None = None,
    opening: str = "",
) -> str:
    """Return an exercise's notebook, an nbgrader source, as JSON.

    Parameters
    ----------
    folder : ExerciseFolder
        The exercise; only its public half is used.
    worth : mapping
        Points in this course of the graded parts; the others get no graded cell.
    answers : mapping
        Text of the answer cell of each part that has one.
    at : str, optional
        Folder of the handout that holds the notebook, by default that of the exercise; ``""`` is its top.
    opening : str
        Markdown that introduces the assignment, written as a page of ``exercises/``.

    Returns
    -------
    str
        Notebook format 4.5.

    Raises
    ------
    CourseError
        If the exercise's ``README.md`` cannot be read.
    """
    at = home_of(folder.name) if at is None else at
    written_in = f"{folder.statement.parent.parent.name}/{folder.name}"
    cells = list(_cells(folder, worth, answers))
    for cell in cells:
        if cell["cell_type"] == "markdown":
            cell["source"] = relinked(cell["source"], written_in, at, flat=not at)
    if opening:
        cells.insert(
            0, _cell("markdown", f"{folder.name}-path", relinked(opening, "exercises", at, flat=not at), _READ_ONLY)
        )
    for cell in cells:
        kept = cell["metadata"]["nbgrader"]
        if cell["cell_type"] == "markdown" and not kept["solution"]:
            kept["checksum"] = checksum(cell)  # what is untouched is known although the statement changes later
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    language = {"name": "python", "file_extension": ".py"}  # without it nbconvert writes a script as .txt
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": language},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cells(folder: ExerciseFolder, worth: Mapping[str, float], answers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    parts = {part.name: part for part in folder.exercise.parts}
    imports = read_stub(folder).imports
    done = False
    for heading, text in _sections(folder):
        if heading in parts and not done:
            yield _code(f"{folder.name}-setup", imports, _READ_ONLY)
            done = True
        yield _cell("markdown", f"{folder.name}-text-{_slug(heading)}", text, _READ_ONLY)
        if heading in parts:
            yield from _part_cells(folder.name, parts.pop(heading), worth, answers)
    for part in parts.values():  # a part without a section of its own in the text
        yield _cell("markdown", f"{folder.name}-text-{part.name}", f"## {part.name}\n\n{part.summary}", _READ_ONLY)
        yield from _part_cells(folder.name, part, worth, answers)


def _sections(folder: ExerciseFolder) -> Iterator[tuple[str, str]]:
    """Yield heading and text of each section of the exercise's text; the text before the first has no heading."""
    text = folder.text()
    starts = list(_SECTION.finditer(text))
    yield "", text[: starts[0].start() if starts else len(text)].strip()
    for match, after in zip(starts, [*starts[1:], None], strict=True):
        yield match[1].strip("`"), text[match.start() : after.start() if after else len(text)].strip()


_READ_ONLY = {"grade": False, "solution": False, "locked": True, "task": False}
_ANSWER = {"grade": False, "solution": True, "locked": False, "task": False}
_GRADED = {"grade": True, "solution": False, "locked": True, "task": False}
_BY_HAND = {"grade": True, "solution": True, "locked": False, "task": False}


def _part_cells(
    folder: str, part: Part, worth: Mapping[str, float], answers: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    name = answer_id(folder, part.name)
    if part.kind == "manual":
        yield _cell("markdown", name, "YOUR ANSWER HERE", {**_BY_HAND, "points": worth.get(part.name, 0.0)})
        return
    yield _code(name, answers[part.name], _ANSWER)
    if part.name not in worth:
        return  # not examined: an answer cell that earns nothing and costs nothing
    points = worth[part.name]
    look = (
        f"# Run this cell to check {part.name}; it is worth up to {points:g} points.\n"
        "from autograder.notebook import check\n\n"
        f'check("{part.name}", "{folder}", points={points!r})'
    )
    yield _code(graded_id(folder, part.name), look, {**_GRADED, "points": points}, tags=[CHECK_TAG])


def _code(name: str, text: str, kind: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    return {**_cell("code", name, text, kind, **metadata), "execution_count": None, "outputs": []}


def _cell(cell_type: str, name: str, text: str, kind: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    nbgrader = {"schema_version": 3, "grade_id": name, **kind}
    if kind["grade"] or kind["solution"] or kind["locked"]:
        nbgrader["cell_type"] = cell_type
    return {
        "cell_type": cell_type,
        "id": hashlib.sha256(name.encode()).hexdigest()[:16],
        "metadata": {"nbgrader": nbgrader, **metadata},
        "source": text,
    }


def named_section(page: str, assignment: str) -> str:
    """Return the section whose heading ends with an assignment's name in brackets."""
    sections = re.split(r"^(?=## )", page, flags=re.MULTILINE)
    own = (one for one in sections if one.partition("\n")[0].rstrip().endswith(f"({assignment})"))
    return next(own, "").strip()


_LINK = late(r"(\]\()(?!\w+:|#|/)([^()\s#]+)(#[^()\s]*)?(?=\))")


def relinked(text: str, written_in: str, at: str, *, flat: bool = False) -> str:
    """Return Markdown with its relative links as they are from another folder of the handout.

    Parameters
    ----------
    text : str
        Markdown.
    written_in, at : str
        Folder for which it was written and the one in which it is read; ``""`` is the top of the handout.
    flat : bool
        Whether the handout has no folder ``exercises/NAME``, so that its pictures are next to its checks.
    """

    def moved(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(written_in, match[2]))
        if flat and target.startswith("exercises/") and target.count("/") > 1:
            target = target.replace("exercises", HANDED_OUT, 1)
        return f"{match[1]}{posixpath.relpath(target, at or '.')}{match[3] or ''}"

    return _LINK.sub(moved, text)


def _slug(heading: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", heading).strip("-").lower() or "start"
