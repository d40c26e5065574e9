"""A room as a notebook: its text, an answer cell, a check cell and a graded cell per part.

Cell ids and grade_ids are made of names alone, so the same course gives the same bytes and a fix of a text keeps what
was handed in.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.course.exercises import Room
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.intake.notebook import CHECK_TAG

_GRADED_END = "-test"
_SECTION = re.compile(r"^## +(.*?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Stub:
    """A room's stub, taken apart: what stands before the functions, and the text of each function."""

    imports: str
    functions: Mapping[str, str]


def read_stub(room: Room) -> Stub:
    """Return the parts of a room's stub.

    Raises
    ------
    CourseError
        If it cannot be read or does not parse.
    """
    try:
        text = room.stub.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, SyntaxError) as error:
        raise CourseError(f"{room.stub}: cannot be read as Python: {error}") from None
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


def build_notebook(room: Room, worth: Mapping[str, float], answers: Mapping[str, str]) -> str:
    """Return a room's notebook, an nbgrader source, as JSON.

    Parameters
    ----------
    room : Room
        The room; only its public half is used.
    worth : mapping
        Points in this course of the parts that somebody examines; no graded cell for others.
    answers : mapping
        Text of the answer cell of each part that has one.

    Returns
    -------
    str
        Notebook format 4.5.

    Raises
    ------
    CourseError
        If the room's ``README.md`` cannot be read.
    """
    cells = list(_cells(room, worth, answers))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cells(room: Room, worth: Mapping[str, float], answers: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    parts = {part.name: part for part in room.exercise.parts}
    imports = read_stub(room).imports
    done = False
    for heading, text in _sections(room):
        if heading in parts and not done:
            yield _code(f"{room.name}-setup", imports, _READ_ONLY)
            done = True
        yield _cell("markdown", f"{room.name}-text-{_slug(heading)}", text, _READ_ONLY)
        if heading in parts:
            yield from _part_cells(room.name, parts.pop(heading), worth, answers)
    for part in parts.values():  # a part without a section of its own in the text
        yield _cell("markdown", f"{room.name}-text-{part.name}", f"## {part.name}\n\n{part.summary}", _READ_ONLY)
        yield from _part_cells(room.name, part, worth, answers)


def _sections(room: Room) -> Iterator[tuple[str, str]]:
    """Yield heading and text of each section of the room's text; the text before the first has no heading."""
    try:
        text = (room.path / "README.md").read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{room.path / 'README.md'}: cannot be read: {error.strerror}") from None
    starts = list(_SECTION.finditer(text))
    yield "", text[: starts[0].start() if starts else len(text)].strip()
    for match, after in zip(starts, [*starts[1:], None], strict=True):
        yield match[1].strip("`"), text[match.start() : after.start() if after else len(text)].strip()


_READ_ONLY = {"grade": False, "solution": False, "locked": True, "task": False}
_ANSWER = {"grade": False, "solution": True, "locked": False, "task": False}
_GRADED = {"grade": True, "solution": False, "locked": True, "task": False}
_BY_HAND = {"grade": True, "solution": True, "locked": False, "task": False}


def _part_cells(
    room: str, part: Part, worth: Mapping[str, float], answers: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    name = answer_id(room, part.name)
    if part.kind == "manual":
        yield _cell("markdown", name, "YOUR ANSWER HERE", {**_BY_HAND, "points": worth.get(part.name, 0.0)})
        return
    yield _code(name, answers[part.name], _ANSWER)
    if part.name not in worth:
        return  # not examined: an answer cell that earns nothing and costs nothing
    look = f'from autograder.notebook import check\n\ncheck({part.name}, "{room}")'
    yield _code(f"{name}-check", look, _READ_ONLY, tags=[CHECK_TAG])
    points = worth[part.name]
    grade = (
        f"# Worth up to {points:g} points; counts when your work is graded.\n"
        "from autograder.notebook import graded\n\n"
        f'float(min(max(graded("{part.name}", "{room}", {points!r}), 0.0), {points!r}))'
    )
    yield _code(graded_id(room, part.name), grade, {**_GRADED, "points": points}, tags=[CHECK_TAG])


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


def _slug(heading: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "-", heading).strip("-").lower() or "start"
