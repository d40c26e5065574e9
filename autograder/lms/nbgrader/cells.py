"""Repair a submitted notebook: restore what nbgrader needs of its cells.

nbgrader trusts a submitted notebook's own metadata in places: a flag turned over, an old schema or broken JSON costs
the student the grade, or the whole class the batch.  Here nothing of the metadata is trusted but the grade_id.  What a
student wrote is shown as :mod:`autograder.lms.nbgrader.harmless` lets it: code as code, Markdown without live HTML,
outputs as text and pictures.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.intake.notebook import cell_text, raw_cells
from autograder.lms.nbgrader.verdicts import CellVerdict
from autograder.plain import dataclass
from autograder.text import for_html, for_markdown

Notebook = dict[str, Any]
"""A notebook of format 4.5 as JSON data."""

Dress = Callable[[Sequence[Mapping[str, Any]]], Sequence[Any]]
"""Makes a student's cells safe to render; see :func:`autograder.lms.nbgrader.harmless.harmless`."""

MARK = "autograder"
"""Key in the metadata of a notebook that was graded to its end."""
MADE_SAFE = 2
"""Its value since what a student wrote is made safe to render."""

_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
_PUT_BACK = "was missing from what was handed in; it was put back as it was released"


@dataclass(frozen=True)
class Released:
    """A cell as it was released; ``points`` is None for cells without."""

    name: str
    cell_type: str
    source: str
    locked: bool
    checksum: str | None = None
    solution: bool = False
    task: bool = False
    points: float | None = None

    @property
    def needed(self) -> bool:
        """Whether nbgrader needs the cell: it is answered or graded."""
        return self.solution or self.task or self.points is not None

    def metadata(self) -> dict[str, Any]:
        """Return nbgrader's metadata of the cell, schema 3."""
        found: dict[str, Any] = {
            "schema_version": 3,
            "grade_id": self.name,
            "grade": self.points is not None and not self.task,
            "solution": self.solution,
            "locked": self.locked,
            "task": self.task,
            "cell_type": self.cell_type,
        }
        if self.checksum is not None:
            found["checksum"] = self.checksum
        if self.points is not None:
            found["points"] = self.points
        return found


@dataclass(frozen=True)
class Blueprint:
    """A notebook as it was released: its cells in order, as the gradebook keeps them."""

    cells: tuple[Released, ...]
    kernelspec: Mapping[str, Any]


def whole(blueprint: Blueprint, data: bytes, dress: Dress) -> tuple[Notebook, list[str]]:
    """Return a submitted notebook with every cell that nbgrader needs, safe to render, and notes on what was wrong.

    Of several cells with one grade_id the last is the answer: it is the one that runs last.

    Parameters
    ----------
    blueprint : Blueprint
        The notebook as released.
    data : bytes
        The file that was handed in.
    dress : callable
        Makes the student's cells safe to render.

    Raises
    ------
    Rejected
        If it is not a notebook or exceeds the limits.
    """
    known = {cell.name: cell for cell in blueprint.cells}
    raw = raw_cells(data)
    last = {name: index for index, cell in enumerate(raw) if (name := _name(cell)) in known}
    made: list[tuple[str, Notebook]] = []
    given: list[tuple[Notebook, Mapping[str, Any]]] = []
    notes: list[str] = []
    for index, cell in enumerate(raw):
        if not isinstance(cell, dict):
            notes.append(f"cell {index + 1} is not a cell and is left out")
            continue
        name = _name(cell)
        if name in known and last[name] == index:
            made.append((name, _restored(known[name], cell, notes)))
            theirs = not known[name].locked
        else:
            if name in known:
                notes.append(f"{name} is there more than once; the last one is the answer")
            made.append(("", _plain(cell)))
            theirs = True
        if theirs:
            given.append((made[-1][1], cell))
    _dressed(given, dress)
    return _notebook(blueprint, [cell for _, cell in _completed(blueprint, made, notes)]), notes


def as_released(blueprint: Blueprint, above: Sequence[tuple[str, str]] = ()) -> Notebook:
    """Return the notebook as released, below cells (type, text) that say what was handed in instead.

    The texts may hold anything, such as a file's name: Markdown shows them as they are.
    """
    first = [_cell(kind, for_markdown(for_html(text)) if kind == "markdown" else text) for kind, text in above]
    return _notebook(blueprint, [*first, *(_released(cell) for cell in blueprint.cells)])


def _name(cell: Any) -> str:
    metadata = cell.get("metadata") if isinstance(cell, dict) else None
    ours = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = ours.get("grade_id") if isinstance(ours, dict) else None
    return name if isinstance(name, str) else ""


def _restored(released: Released, cell: Mapping[str, Any], notes: list[str]) -> Notebook:
    text = cell_text(dict(cell))
    if text is None:
        notes.append(f"{released.name}: its text is damaged")
    if cell.get("cell_type") != released.cell_type:
        notes.append(f"{released.name} was turned into another type of cell; it is {released.cell_type} again")
    if released.locked and text != released.source:
        notes.append(f"{released.name} was changed; it is shown as it was released")
        text = released.source
    made = _cell(released.cell_type, text or "")
    made["metadata"] = {"nbgrader": released.metadata()}
    return made


def _released(cell: Released, mark: str = "") -> Notebook:
    made = _cell(cell.cell_type, mark + cell.source)
    made["metadata"] = {"nbgrader": cell.metadata()}
    return made


def _plain(cell: Mapping[str, Any]) -> Notebook:
    text = cell_text(dict(cell)) or ""
    if cell.get("cell_type") in ("code", "markdown"):
        return _cell(cell["cell_type"], text)
    return _cell("markdown", for_markdown(for_html(text)))  # a raw cell goes into pages as it is


def _cell(kind: str, text: str) -> Notebook:
    made: Notebook = {"cell_type": kind, "metadata": {}, "source": text}
    return {**made, "execution_count": None, "outputs": []} if kind == "code" else made


def _dressed(given: Iterable[tuple[Notebook, Mapping[str, Any]]], dress: Dress) -> None:
    """Put what may be rendered of a student's cells into the cells made of them."""
    wanted: list[tuple[Notebook, str, Mapping[str, Any]]] = []
    for made, cell in given:
        if made["cell_type"] == "code":
            if cell.get("outputs"):
                wanted.append((made, "outputs", {"outputs": cell["outputs"]}))
        else:
            job = {"markdown": made["source"], "attachments": cell.get("attachments")}
            wanted.append((made, "source", job))
    for (made, field, _), shown in zip(wanted, dress([job for _, _, job in wanted]), strict=True):
        made[field] = shown


def _completed(blueprint: Blueprint, made: list[tuple[str, Notebook]], notes: list[str]) -> list[tuple[str, Notebook]]:
    """Put back needed cells that are gone, each behind the released cell before it that is there."""
    there = {name for name, _ in made if name}
    before = ""
    for cell in blueprint.cells:
        if cell.name not in there and cell.needed:
            notes.append(f"{cell.name} {_PUT_BACK}")
            mark = f"# This cell {_PUT_BACK}.\n" if cell.cell_type == "code" else ""
            at = next((k for k, (name, _) in enumerate(made) if name == before), -1) + 1 if before else 0
            # an answer cell that is put back must not hide what the student wrote in a cell of his own
            made.insert(at, (cell.name, _released(cell, mark if not cell.locked else "")))
            there.add(cell.name)
        if cell.name in there:
            before = cell.name
    return made


def _notebook(blueprint: Blueprint, cells: Iterable[Notebook]) -> Notebook:
    kernel = {**_KERNEL, **{k: v for k, v in blueprint.kernelspec.items() if isinstance(v, str)}}
    return {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells, start=1)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


# --- marks in cells --------------------------------------------------------------------------------------------


def fill(cells: Iterable[Any], found: Iterable[CellVerdict]) -> None:
    """Write the verdicts into the graded cells of a notebook, as nbgrader reads them.

    nbgrader gives full points to a cell without a number and 0 to one with anything on stderr or an error: so every
    graded code cell says on stdout where its reasons are and holds one float between 0 and the cell's points, or an
    error where no score may remain.  The reasons are the comment on the answer cell: a page of feedback has them once.

    Parameters
    ----------
    cells : iterable of dict
        Changed in place.
    found : iterable of CellVerdict
        Graded cells that it does not name get an error too.
    """
    by_cell = {one.graded: one for one in found}
    for cell in cells:
        ours = cell["metadata"].get("nbgrader", {})
        if cell["cell_type"] == "code" and ours.get("grade") and not ours.get("solution"):
            one = by_cell.get(ours["grade_id"])
            cell["outputs"] = _outputs(one, float(ours["points"]))
            cell["execution_count"] = None


def clipped(points: float, most: float) -> float:
    """Return points between 0 and ``most``; nbgrader fails on a cell that holds more."""
    return min(max(points, 0.0), most)


def _outputs(one: CellVerdict | None, most: float) -> list[Notebook]:
    if one is None or one.failed:
        why = one.said if one is not None else "the course does not know this part; it needs manual grading"
        return [{"output_type": "error", "ename": "NotGraded", "evalue": why, "traceback": [f"NotGraded: {why}"]}]
    said = {"output_type": "stream", "name": "stdout", "text": f"{one.part}: the comment on the answer says why\n"}
    value = repr(clipped(one.points or 0.0, most))
    result = {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": {"text/plain": value}}
    return [said, result]


def is_marked(file: Path) -> bool:
    """Whether a notebook was graded to its end, and made safe to render; one that was cut off was not."""
    try:
        return bool(json.loads(file.read_text(encoding="utf-8"))["metadata"][MARK] == MADE_SAFE)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def written(notebook: Notebook) -> str:
    """Return a notebook as the text of its file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
