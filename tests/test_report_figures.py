"""Figures in the report: drawn from what the sandbox answers, never by code of a student in the report's process."""

import os
from dataclasses import replace

import pytest

from autograder.authoring.demo.kinds import right
from autograder.course.model import load_course
from autograder.reports.figures import Figures
from autograder.store.records import Record
from autograder.store.stored import Stored
from tests import report_class as made
from tests.conftest import ROOT, course_exercise, make_course

COURSE = load_course(ROOT)
RIGHT = "import numpy as np\n\ndef sample_mean(y_true):\n    return np.asarray(y_true, float).mean()\n"
SECOND = "def sample_mean(y_true):\n    return float(sum(y_true)) / len(y_true)\n"
OTHER = RIGHT.replace(".mean()", ".mean() + (0.5 if len(y_true) == 150 else 0.0)")
HOSTILE = (
    """import os, sys
os.environ["SEEN_BY_THE_REPORT"] = "yes"
sys.modules["matplotlib"] = None
try:
    open({file!r}, "w").write("here")
except OSError:
    pass
"""
    + RIGHT
)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return load_course(make_course(tmp_path_factory.mktemp("figures") / "course"))


@pytest.fixture(scope="module")
def figures(course):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    with Figures(course) as figures:
        yield figures


def stored(status="correct", file="first_mean.py"):
    record = Record("s", "hw1", "first_mean", "graded", file=file, parts=(made.part("sample_mean", status=status),))
    return Stored(record, "d", "f")


def test_a_right_function_gives_a_picture(figures):
    uri, parts = figures.picture(stored(), RIGHT.encode())
    assert uri.startswith("data:image/png;base64,iVBOR")
    assert parts == ("sample_mean",)


def test_equal_answers_are_drawn_once_and_others_anew(figures):
    pictures = [figures.picture(stored(), code.encode())[0] for code in (RIGHT, SECOND, OTHER)]
    assert pictures[0] == pictures[1]
    assert pictures[2] not in ("", pictures[0])  # the picture shows the student's values, not the reference's


@pytest.mark.parametrize("status", ["wrong", "not_started", "timeout"])
def test_only_parts_with_right_values_are_drawn(status, figures):
    assert figures.picture(stored(status), RIGHT.encode()) == ("", ())


@pytest.mark.parametrize(
    "code",
    [
        "def sample_mean(y_true):\n    raise RuntimeError\n",
        "def sample_mean(y_true):\n    return 'text'\n",
        "def sample_mean(y_true):\n    import os; os._exit(1)\n",
        "def sample_mean(",
        "",
    ],
)
def test_answers_that_make_no_figure_leave_the_page_without_one(code, figures):
    assert figures.picture(stored(), code.encode()) == ("", ())


def test_code_of_a_student_never_runs_in_the_process_of_the_report(figures, tmp_path):
    file = tmp_path / "written"
    uri, _ = figures.picture(stored(), HOSTILE.format(file=str(file)).encode())
    assert uri
    assert "SEEN_BY_THE_REPORT" not in os.environ
    assert not file.exists()
    assert figures.picture(stored(), OTHER.encode())[0]  # nor does it change what comes after it


def test_a_file_that_is_gone_or_no_notebook_gives_no_figure(figures):
    assert figures.picture(stored(), None) == ("", ())
    one = stored()
    gone = replace(one, record=replace(one.record, file="first_mean.ipynb"))
    assert figures.picture(gone, b"not a notebook") == ("", ())


@pytest.mark.core_sample(1)
@pytest.mark.parametrize("exercise", [name for one in COURSE.assignments for name in one.exercises])
def test_every_exercise_of_the_course_has_a_figure_of_right_functions(exercise):
    """Also where a part cannot be asked in a batch, since it takes functions: the figure is drawn without it."""
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    folder = course_exercise(exercise)
    parts = tuple(made.part(one.name, status="correct") | {"kind": one.kind} for one in folder.exercise.parts)
    record = Record("s", "hw", exercise, "graded", file=f"{exercise}.py", parts=parts)
    with Figures(COURSE) as drawn:
        uri, shown = drawn.picture(Stored(record, "d", "f"), right(folder, 0)[1].encode())
        assert uri.startswith("data:image/png;base64,iVBOR"), drawn.left_out
    assert shown
