"""grade_ids, points and types of all released cells: nbgrader finds what was handed in by them, so they stay.

The table is ``grade_ids.txt``.  After a change on purpose (a new part, other points), before the first release only:
``python -m tests.test_grade_ids > tests/grade_ids.txt``.
"""

from pathlib import Path

import pytest

from autograder.course.model import load_course
from autograder.release.build import Release
from autograder.release.rules import cell_lines
from tests.conftest import ROOT

TABLE = Path(__file__).with_name("grade_ids.txt")


def lines_of(assignment):
    return cell_lines(Release.of(load_course(ROOT), assignment, solved=False))


def all_lines():
    return [line for one in load_course(ROOT).assignments for line in lines_of(one.name)]


@pytest.mark.parametrize("assignment", [one.name for one in load_course(ROOT).assignments])
def test_released_cells_keep_their_names_points_and_types(assignment):
    pinned = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith(f"{assignment} ")]
    assert list(lines_of(assignment)) == pinned


if __name__ == "__main__":
    print("\n".join(all_lines()))
