"""The working folder says what is meant: the folder of an exercise is that exercise."""

import re
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner

from autograder.cli.student import check_command, hint_command
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.grading.grader import Settings
from autograder.grading.run import grade_all
from autograder.intake.discovery import discover
from autograder.release.build import Release, write_bundle
from autograder.release.wheel import wheel_name
from autograder.store.store import open_store
from autograder.student.check import exercise_at
from tests.conftest import ROOT, make_course


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.delenv("AUTOGRADER_COURSE", raising=False)
    return make_course(tmp_path / "course")


def said(command, *args):
    return CliRunner().invoke(command, args).output


@pytest.mark.parametrize("args", [(), (".",), ("../second_mean/",), ("second_mean",)])
def test_in_the_folder_of_an_exercise_check_and_hint_mean_it(course, monkeypatch, args):
    monkeypatch.chdir(course / "exercises" / "second_mean")
    checked = said(check_command, *args)
    assert checked.startswith("second_mean:")
    assert "first_mean" not in checked
    assert said(hint_command, *args).startswith("second_mean, ")


@pytest.mark.parametrize("target", ["first_mean/", "exercises/first_mean", "./exercises/first_mean/"])
def test_a_folder_names_its_exercise(course, monkeypatch, target):
    monkeypatch.chdir(course if "exercises" in target else course / "exercises")
    assert said(check_command, target).startswith("first_mean:")
    assert said(hint_command, target).startswith("first_mean, ")


@pytest.mark.parametrize("below", ["", "exercises", "exercises/.."])
def test_elsewhere_in_the_course_check_means_all_in_order(course, monkeypatch, below):
    checks = course / "exercises" / "first_mean" / "checks.py"
    checks.write_text(checks.read_text().replace('number="E01"', 'number="E77"'))
    monkeypatch.chdir(course / below)
    checked = said(check_command)
    assert 0 <= checked.index("second_mean:") < checked.index("first_mean:")
    assert said(hint_command).startswith("second_mean, ")


def test_other_folders_are_no_exercise(course, monkeypatch):
    (course / "exercises" / "notes").mkdir()
    for place in (course, course / "exercises", course / "exercises" / "notes", course.parent):
        assert exercise_at(course, place) is None
    monkeypatch.chdir(course / "exercises")
    for command in (check_command, hint_command):
        with pytest.raises(CourseError, match="no exercise"):
            CliRunner().invoke(command, ["notes"], catch_exceptions=False)


def test_the_bundle_says_how_to_set_up_and_what_it_says_to_hand_in_is_taken(course, tmp_path):
    bundle = write_bundle(Release.of(load_course(course), "hw1", solved=False), tmp_path)
    handed = tmp_path / "in" / "ann.zip"
    handed.parent.mkdir()
    with zipfile.ZipFile(bundle) as archive, zipfile.ZipFile(handed, "w") as mine:
        text = archive.read("hw1/README.md").decode()
        for name in archive.namelist():
            inside = name.removeprefix("hw1/")
            if inside.startswith("exercises/"):
                data = archive.read(name)
                if inside.endswith("first_mean.py"):
                    data = data.replace(b"raise NotImplementedError", b"return float(np.mean(y_true))")
                mine.writestr(inside, data)
    lines = [line.strip() for line in text.splitlines()]
    package = f'pip install "package/{wheel_name()}[student]"'
    at = lines.index("python3 -m venv .venv")
    assert lines[at : at + 3] == ["python3 -m venv .venv", ". .venv/bin/activate", package]
    assert "`exercises/` as a zip" in text
    with open_store(tmp_path) as store:
        found = discover(handed.parent, load_course(course), "hw1").submissions
        grade_all(found, store, Settings(course))
        scores = {record.exercise: record.score for record in store.records()}
    assert scores["first_mean"] > 0 == scores["second_mean"]


def test_what_a_student_has_not_installed_is_named_and_is_no_fault_of_the_grader(course, tmp_path):
    (tmp_path / "pydantic.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'pydantic'\", name='pydantic')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "grade", "exercises", "--exercise", "first_mean", "--out", "out"],
        cwd=course,
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"error: pydantic is missing; install the grading extra: pip install .+\n", done.stderr)


def test_a_file_that_cannot_be_loaded_is_changed_before_any_hint_helps(course, monkeypatch):
    monkeypatch.chdir(course / "exercises" / "first_mean")
    (course / "exercises" / "first_mean" / "first_mean.py").write_text("def sample_mean(y:\n    return 1\n")
    checked = said(check_command)
    assert "it cannot be loaded: SyntaxError" in checked
    assert checked.endswith("Next: change what is named above, then check again\n")


@pytest.mark.parametrize("begun", [False, True])
def test_the_notebook_of_a_release_gives_way_to_the_script_until_it_is_begun(course, monkeypatch, begun):
    monkeypatch.chdir(course)
    folder = course / "exercises" / "first_mean"
    released = Release.of(load_course(course), "hw1", solved=False).sources()["first_mean.ipynb"].decode()
    (folder / "first_mean.py").write_text("def sample_mean(y_true):\n    return 7.0\n")
    answered = released.replace("raise NotImplementedError", "return 8.0") if begun else released
    (folder / "first_mean.ipynb").write_text(answered)
    assert f"returned    {8.0 if begun else 7.0}" in said(check_command, "first_mean")
