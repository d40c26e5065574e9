"""grade_ids, points and types of all released cells: nbgrader finds what was handed in by them, so they stay.

The table is ``grade_ids.txt``.  After a change on purpose (a new part, other points), before the first release only:
``python -m tests.test_grade_ids > tests/grade_ids.txt``.
"""

import json
from pathlib import Path

import pytest

from autograder.course.model import load_course
from autograder.release.build import Release
from tests.conftest import ROOT

TABLE = Path(__file__).with_name("grade_ids.txt")


def kind_of(meta):
    if meta["grade"]:
        return "by hand" if meta["solution"] else "graded"
    return "answer" if meta["solution"] else "read only"


def lines_of(assignment):
    """Yield a line per answer and graded cell: assignment, grade_id, type of the cell, kind, points."""
    release = Release.of(load_course(ROOT), assignment, solved=False)
    for room in release.rooms:
        for cell in json.loads(release.sources()[f"{room.name}.ipynb"])["cells"]:
            meta = cell["metadata"]["nbgrader"]
            if meta["grade"] or meta["solution"]:
                points = f"{meta['points']:.6g}" if meta["grade"] else "-"
                yield f"{assignment} {meta['grade_id']} {cell['cell_type']} {kind_of(meta)} {points}"


def all_lines():
    return [line for one in load_course(ROOT).assignments for line in lines_of(one.name)]


@pytest.mark.parametrize("assignment", [one.name for one in load_course(ROOT).assignments])
def test_released_cells_keep_their_names_points_and_types(assignment):
    pinned = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith(f"{assignment} ")]
    assert list(lines_of(assignment)) == pinned


if __name__ == "__main__":
    print("\n".join(all_lines()))
