"""A submitted notebook made whole: what nbgrader needs of its cells is put back, whatever was done to them.

nbgrader trusts a submitted notebook's own metadata in places: a flag turned over, an old schema or broken JSON costs
the student the grade, or the whole class the batch.  Here nothing of the metadata is trusted but the grade_id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.intake.notebook import cell_text, raw_cells
from autograder.lms.nbgrader.verdicts import Verdict
from autograder.text import encodable

Notebook = dict[str, Any]
"""A notebook of format 4.5 as JSON data."""

MARK = "autograder"
"""Key in the metadata of a notebook that was graded to its end."""

_PICTURES = ("image/png", "image/jpeg", "image/gif")
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


def whole(blueprint: Blueprint, data: bytes) -> tuple[Notebook, list[str]]:
    """Return a submitted notebook with every cell that nbgrader needs, without outputs, and notes on what was wrong.

    Of several cells with one grade_id the last is the answer: it is the one that runs last.

    Parameters
    ----------
    blueprint : Blueprint
        The notebook as released.
    data : bytes
        The file that was handed in.

    Raises
    ------
    Rejected
        If it is no notebook, or one beyond the limits.
    """
    known = {cell.name: cell for cell in blueprint.cells}
    raw = raw_cells(data)
    last = {name: index for index, cell in enumerate(raw) if (name := _name(cell)) in known}
    made: list[tuple[str, Notebook]] = []
    notes: list[str] = []
    for index, cell in enumerate(raw):
        if not isinstance(cell, dict):
            notes.append(f"cell {index + 1} is no cell and is left out")
            continue
        name = _name(cell)
        if name in known and last[name] == index:
            made.append((name, _restored(known[name], cell, notes)))
            continue
        if name in known:
            notes.append(f"{name} is there more than once; the last one is the answer")
        made.append(("", _plain(cell)))
    return _notebook(blueprint, [cell for _, cell in _completed(blueprint, made, notes)]), notes


def untouched(blueprint: Blueprint, above: Sequence[tuple[str, str]] = ()) -> Notebook:
    """Return the notebook as released, below cells (type, text) that say what was handed in instead."""
    first = [_cell(kind, text) for kind, text in above]
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
    made = _cell(released.cell_type, text or "", cell.get("attachments"))
    made["metadata"] = {"nbgrader": released.metadata()}
    return made


def _released(cell: Released, mark: str = "") -> Notebook:
    made = _cell(cell.cell_type, mark + cell.source)
    made["metadata"] = {"nbgrader": cell.metadata()}
    return made


def _plain(cell: Mapping[str, Any]) -> Notebook:
    kind = cell.get("cell_type")
    text = cell_text(dict(cell)) or ""
    return _cell(kind if kind in ("code", "markdown") else "raw", text, cell.get("attachments"))


def _cell(kind: str, text: str, attachments: Any = None) -> Notebook:
    made: Notebook = {"cell_type": kind, "metadata": {}, "source": text}
    if kind == "code":
        return {**made, "execution_count": None, "outputs": []}
    pictures = dict(_pictures(attachments)) if kind == "markdown" else {}
    return {**made, "attachments": pictures} if pictures else made


def _pictures(attachments: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the pictures in a written answer; nothing else can be attached."""
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        kept = {}
        for kind, data in bundle.items() if isinstance(bundle, dict) else ():
            joined = "".join(data) if isinstance(data, list) and all(isinstance(d, str) for d in data) else data
            if kind in _PICTURES and isinstance(joined, str) and joined.isascii():
                kept[kind] = joined
        if kept:
            yield encodable(name), kept


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


def fill(cells: Iterable[Any], found: Iterable[Verdict]) -> None:
    """Write the verdicts into the graded cells of a notebook, as nbgrader reads them.

    nbgrader gives full points to a cell without a number and 0 to one with anything on stderr or an error: so every
    graded code cell gets its reasons on stdout and then one float between 0 and the cell's points, or an error where
    no score may stand.

    Parameters
    ----------
    cells : iterable of dict
        Changed in place.
    found : iterable of Verdict
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
    """Return points between 0 and ``most``; nbgrader grades nobody whose cell holds more."""
    return min(max(points, 0.0), most)


def _outputs(one: Verdict | None, most: float) -> list[Notebook]:
    if one is None or one.failed:
        why = one.said if one is not None else "the course does not know this part; it waits for a person"
        return [{"output_type": "error", "ename": "NotGraded", "evalue": why, "traceback": [f"NotGraded: {why}"]}]
    said = {"output_type": "stream", "name": "stdout", "text": f"{one.said}\n"}
    value = repr(clipped(one.points or 0.0, most))
    result = {"output_type": "execute_result", "execution_count": None, "metadata": {}, "data": {"text/plain": value}}
    return [said, result]


def is_marked(file: Path) -> bool:
    """Whether a notebook was graded to its end; one that was cut off while it was written was not."""
    try:
        return MARK in json.loads(file.read_text(encoding="utf-8"))["metadata"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def written(notebook: Notebook) -> str:
    """Return a notebook as the text of its file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
