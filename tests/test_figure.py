"""The figure of an exercise: drawn from the parts that pass, and the command names those that it took."""

from dataclasses import replace

import pytest

from autograder.course.exercises import exercise_names, load_exercise
from autograder.errors import CourseError
from autograder.student import figure
from autograder.student.check import check_exercise, check_file
from tests.conftest import ROOT

pytest.importorskip("matplotlib", reason="the plot extra is not installed")
NAME = exercise_names(ROOT)[0]


def test_an_untouched_stub_is_drawn_from_closed_forms(tmp_path):
    target, own, missed = figure.draw(ROOT, check_exercise(ROOT, NAME), tmp_path / "a.png")
    assert (target.read_bytes()[:4], own) == (b"\x89PNG", ())
    assert set(missed) <= {part.name for part in load_exercise(ROOT, NAME, hidden=False).exercise.parts}


def test_a_figure_is_next_to_the_file_and_never_overwrites_a_picture_of_the_students_own(tmp_path):
    checked = replace(check_exercise(ROOT, NAME), file=tmp_path / f"{NAME}.py")
    target = figure.next_to(checked)
    assert target == tmp_path / f"{NAME}.png"
    figure.draw(ROOT, check_exercise(ROOT, NAME), target)
    assert figure.next_to(checked) == target  # drawn again
    target.write_bytes(b"\x89PNG my own")
    with pytest.raises(CourseError, match="picture of your own, which is kept"):
        figure.next_to(checked)


BRIER = """import numpy as np
def brier_score(p, o):
    p, o = np.asarray(p, float), np.asarray(o, float)
    if p.shape != o.shape or not np.all((p >= 0) & (p <= 1)):
        raise ValueError("other shapes, or no probability")
    return float(np.mean((p - o) ** 2))
"""


@pytest.mark.parametrize(("code", "own"), [(f"{BRIER}exit()\n", ("brier_score",)), ("while True:\n    pass\n", ())])
def test_a_file_that_ends_the_program_or_does_not_end_gives_a_figure(tmp_path, code, own):
    file = tmp_path / "brier_calibration.py"
    file.write_text(code)
    checked = check_file(ROOT, "brier_calibration", file)
    assert tuple(part.name for part in checked.parts if part.status == "correct") == own
    assert figure.draw(ROOT, checked, tmp_path / "a.png")[1] == own


def test_only_functions_that_the_figure_takes_are_named():
    def double(x):
        return 2 * x

    offered = figure._Offered({"one": double, "two": double, "three": double})
    assert "three" in offered
    assert offered.get("one") is double
    assert offered["two"] is double
    assert offered.get("missing", abs) is abs
    assert tuple(offered.taken) == ("one", "two")
    assert tuple(offered.missed) == ("missing",)
