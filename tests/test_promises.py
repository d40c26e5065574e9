"""``verify`` finds each broken promise of a room, and says which, where and what to do."""

import shutil

import pytest

from autograder.authoring.verify import verify_room
from autograder.course.exercises import load_room
from tests.conftest import make_course

NAME = "first_mean"


@pytest.fixture
def room(tmp_path):
    return make_course(tmp_path / "course") / "exercises" / NAME


def problems(room):
    return verify_room(load_room(room.parents[1], NAME, hidden=True), strict=False).all_problems


def change(room, file, before, after):
    text = (room / file).read_text()
    assert before in text
    (room / file).write_text(text.replace(before, after))


def test_a_whole_room_keeps_all(room):
    assert problems(room) == ()


STUB, CHECKS, GRADING = f"{NAME}.py", "checks.py", "grading.py"
BROKEN = {
    "hints": (CHECKS, "hints=(", "hints=() and (", "0 hints; one to five are needed"),
    "summary": (CHECKS, 'summary="the mean of all entries"', 'summary=""', "the summary is empty"),
    "leak": (CHECKS, '"""\n\nfrom', '"""\n\nimport scipy.stats\nfrom', "which students do not have"),
    "text": ("README.md", "sample_mean", "mean", "README.md does not say what sample_mean asks"),
    "absent": (STUB, "def sample_mean", "def another", "has no function sample_mean: add the stub"),
    "surplus": (STUB, "import numpy as np", "def odd(): pass", "odd is no part of the exercise"),
    "solved": (STUB, "raise NotImplementedError", "return 3.0", "must end with `raise NotImplementedError`"),
    "argument": (STUB, "(y_true)", "(y)", "sample_mean(y) is sample_mean(y_true) in the reference: make them agree"),
    "default": (STUB, "(y_true)", "(y_true, ddof=0)", "sample_mean(y_true, ddof=0) is sample_mean(y_true) in the"),
    "order": (GRADING, "def sample_mean(y_true)", "def sample_mean(y_true, /, *, xp=None, w=1e-6)", "w=1e-06) in the"),
    "reference": (GRADING, "checked(y_true).mean()", "checked(y_true).mean() + 1", "the reference gets 0 of 4"),
    "misconception": (GRADING, "max(y.size - 1, 1)", "y.size", "misconception 1a (divides by n-1) passes every check"),
    "alternative": (GRADING, "np.sum(checked(y)) / np.size(y)", "np.sum(y)", "the alternative 'sum over n' gets"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_promise_is_said(room, what):
    file, before, after, said = BROKEN[what]
    change(room, file, before, after)
    assert any(said in problem for problem in problems(room)), problems(room)


def test_annotations_and_the_array_library_make_no_other_signature(room):
    change(room, STUB, "(y_true)", "(y_true: np.ndarray)")
    change(room, GRADING, "def sample_mean(y_true)", "def sample_mean(y_true: object, xp: object = None)")
    assert problems(room) == ()


def test_a_failing_reference_is_shown_with_its_call_and_both_values(room):
    change(room, GRADING, "float(checked(y_true).mean())", "float(checked(y_true).mean() + 1)")
    (said,) = [one for one in problems(room) if "the reference gets" in one]
    assert "hand: sample_mean(2.0): returns a wrong value; returned 3.0, expected 2.0" in said


@pytest.mark.parametrize("file", ["README.md", "figure.py"])
def test_a_missing_file_is_said(room, file):
    (room / file).unlink()
    assert any(f"{file} is missing" in problem for problem in problems(room))


def test_a_foreign_file_is_said(room):
    shutil.copy(room / "README.md", room / "notes.md")
    assert any("notes.md does not belong into a room" in problem for problem in problems(room))
