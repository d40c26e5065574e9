"""Releasing again after a fix, and ``nbgrader validate`` of a real exercise: with real nbgrader."""

from importlib.util import find_spec

import pytest

if find_spec("nbgrader") is None:
    pytest.skip("nbgrader is not installed", allow_module_level=True)

from autograder.course.model import load_course
from autograder.release.build import Release
from autograder.release.course_folder import write_course_folder
from tests.conftest import ROOT, make_course
from tests.nbgrader_course import command

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

FIX = "The mean here is that of all observations."


def run(folder, course, *arguments):
    said = command(*arguments, folder=folder, course=course)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout + said.stderr


def release(course, folder, *, solved=False):
    write_course_folder(Release.of(load_course(course), "hw1", solved=solved), folder)


def contents(folder, *below):
    return {path: path.read_bytes() for name in below for path in (folder / name).rglob("*") if path.is_file()}


def scores(folder):
    """Return score and penalty by student, and the automatic and the manual score by student and cell."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        of_students = book.assignment_submissions("hw1")
        totals = {one.student_id: (one.score, one.max_score) for one in of_students}
        cells = {
            (one.student_id, grade.cell.name): (grade.auto_score, grade.manual_score)
            for one in of_students
            for notebook in one.notebooks
            for grade in notebook.grades
        }
    return totals, cells


def hand_in(nb, student, folders, source):
    """Put the notebooks of a folder into ``submitted/``."""
    place = nb / "submitted" / student / "hw1"
    place.mkdir(parents=True)
    for folder in folders:
        (place / f"{folder}.ipynb").write_bytes(source[folder])


def test_a_release_after_a_fix_keeps_what_is_submitted_and_graded(tmp_path):
    course, nb = make_course(tmp_path / "course"), tmp_path / "nb"
    folders = ("first_mean", "second_mean")
    release(course, nb, solved=True)
    right = {folder: (nb / "source" / "hw1" / f"{folder}.ipynb").read_bytes() for folder in folders}
    release(course, nb)
    blank = {folder: (nb / "release" / "hw1" / f"{folder}.ipynb").read_bytes() for folder in folders}
    hand_in(nb, "right", folders, right)
    hand_in(nb, "half", folders, blank | {"first_mean": right["first_mean"]})
    run(nb, course, "nbgrader", "autograde", "hw1")
    files, graded = contents(nb, "submitted", "autograded"), scores(nb)
    (full, worth), (half, _) = graded[0]["right"], graded[0]["half"]
    assert full == worth > half > 0.0

    text = course / "exercises" / "first_mean" / "README.md"
    text.write_text(f"{text.read_text()}\n{FIX}\n")
    release(course, nb)
    assert FIX in (nb / "release" / "hw1" / "first_mean.ipynb").read_text()
    assert contents(nb, "submitted", "autograded") == files
    assert scores(nb) == graded

    hand_in(nb, "after", folders, right)  # the old notebook, handed in after the fix
    run(nb, course, "nbgrader", "autograde", "hw1")
    run(nb, course, "nbgrader", "autograde", "hw1", "--student", "half", "--force")
    totals, cells = scores(nb)
    assert totals == graded[0] | {"after": (full, worth)}
    assert graded[1].items() <= cells.items()


def test_validate_fails_on_the_release_and_passes_on_the_solved_source_of_a_real_exercise(tmp_path):
    nb, course = tmp_path / "nb", load_course(ROOT)
    assignment = course.assignments[0]
    write_course_folder(Release.of(course, assignment.name, solved=True), nb)
    name = next(iter(assignment.exercises))
    for folder, words in (("release", "VALIDATION FAILED"), ("source", "Success")):
        path = nb / folder / assignment.name / f"{name}.ipynb"
        said = command("nbgrader", "validate", path.relative_to(nb), folder=nb, course=ROOT)
        assert words in said.stdout + said.stderr, said.stdout + said.stderr
