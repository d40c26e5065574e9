"""Releases: the same bytes twice, nothing hidden in them, full marks for the worked version and none for the stubs."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.authoring.leaks.withheld import readable, withheld
from autograder.cli import cli
from autograder.course.exercises import load_exercise
from autograder.course.model import call_limits_of, load_course
from autograder.errors import CourseError
from autograder.grading.grader import Grader, Settings
from autograder.intake.notebook import read_notebook
from autograder.release.answers import BEGIN, END, answer_cells
from autograder.release.build import Release, write_bundle, write_files
from autograder.release.course_folder import write_course_folder
from autograder.release.leaks import Leak, refuse_leaks
from autograder.release.zipped import packed
from autograder.student.as_notebook import build_notebook
from tests.conftest import ROOT, course_exercise, make_course

ASSIGNMENTS = [assignment.name for assignment in load_course(ROOT).assignments]
needs_nbgrader = pytest.mark.skipif(find_spec("nbgrader") is None, reason="nbgrader is not installed")


def release_of(root, assignment, solved=False):
    return Release.of(load_course(root), assignment, solved=solved)


def cells_of(data):
    return json.loads(data)["cells"]


def graded_by(root, name, data):
    with Grader(Settings(root, unsafe=True)) as grader:
        return grader.report(name, read_notebook(data, f"{name}.ipynb").source, 0)


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "course")


# --- notebooks -------------------------------------------------------------------------------------------------


@pytest.mark.core_sample(1)  # the first; searching the course's first assignment costs most
@pytest.mark.parametrize("assignment", [*ASSIGNMENTS[1:], *ASSIGNMENTS[:1]])
def test_the_same_course_gives_the_same_bytes_and_nothing_hidden(assignment):
    release, again = release_of(ROOT, assignment), release_of(ROOT, assignment)
    assert release.sources() == again.sources()
    files = release.bundle()
    assert packed(assignment, files) == packed(assignment, again.bundle())
    release.search({**files, **release.sources()})
    for path, data in files.items():
        assert "reference" not in Path(path).parts
        assert Path(path).name != "grading.py"
        if path.endswith((".py", ".ipynb")):
            assert not re.search(r"^\s*(from|import) (reference|exercises)\b", readable(path, data), re.MULTILINE)


@pytest.mark.integration  # loads the hidden half of every exercise and searches all worked files
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_worked_solutions_of_every_assignment_can_be_released(assignment):
    """The solution of one exercise is code of a reference that another one imports, too."""
    release = release_of(ROOT, assignment, solved=True)
    release.search(release.bundle())
    with pytest.raises(Leak, match="holds code of"):
        refuse_leaks(release.bundle(), release.folders, variants=1)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_part_has_its_cells_with_the_points_of_the_course(assignment):
    release = release_of(ROOT, assignment)
    for folder in release.folders:
        cells = cells_of(release.sources()[f"{folder.name}.ipynb"])
        ids = [cell["id"] for cell in cells]
        known = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in cells}
        assert len(set(ids)) == len(known) == len(cells)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]+", name) for name in known)
        total = sum(cell["metadata"]["nbgrader"].get("points", 0.0) for cell in cells)
        assert total == pytest.approx(sum(release.worth(folder).values()))
        for part in folder.exercise.parts:
            answer = known[f"{folder.name}-{part.name}"]["metadata"]["nbgrader"]
            assert answer["solution"] is True
            if part.kind != "manual":
                assert known[f"{folder.name}-{part.name}-test"]["source"].splitlines()[-1].startswith("check(")


def test_grade_ids_points_and_types_are_those_of_earlier_releases(course):
    folder = load_exercise(course, "first_mean", hidden=True)
    cells = cells_of(release_of(course, "hw1").sources()["first_mean.ipynb"])
    found = [
        (meta["grade_id"], cell["cell_type"], meta.get("points"), meta["grade"], meta["solution"])
        for cell in cells
        if (meta := cell["metadata"]["nbgrader"])["grade"] or meta["solution"]
    ]
    name = f"first_mean-{folder.exercise.parts[0].name}"
    worth = 4.0 * folder.exercise.parts[0].points / folder.exercise.points
    assert found[:2] == [(name, "code", None, False, True), (f"{name}-test", "code", worth, True, False)]


def test_a_changed_text_keeps_the_other_cells(course):
    before = cells_of(release_of(course, "hw1").sources()["first_mean.ipynb"])
    text = course / "exercises" / "first_mean" / "README.md"
    text.write_text(text.read_text() + "\nOne more sentence.\n")
    after = cells_of(release_of(course, "hw1").sources()["first_mean.ipynb"])
    assert [cell["id"] for cell in before] == [cell["id"] for cell in after]
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


# --- what the marks are ----------------------------------------------------------------------------------------


def test_stub_notebooks_are_not_started():
    release = release_of(ROOT, ASSIGNMENTS[0])
    for name, data in release.sources().items():
        report = graded_by(ROOT, Path(name).stem, data)
        assert report.score == 0.0
        assert {part.status for part in report.parts if part.kind != "manual"} == {"not_started"}


@pytest.mark.core_sample(3)
@pytest.mark.parametrize("name", load_course(ROOT).exercises)
def test_worked_notebooks_get_full_marks(name):
    folder = course_exercise(name)
    worth = {part.name: part.points for part in folder.exercise.parts}
    data = build_notebook(folder, worth, answer_cells(folder, solved=True)).encode()
    report = graded_by(ROOT, name, data)
    assert {part.name: part.status for part in report.parts if part.kind != "manual"} == {
        part.name: "correct" for part in report.parts if part.kind != "manual"
    }


# --- nothing hidden --------------------------------------------------------------------------------------------


def secret_line(root):
    folder = load_exercise(root, "first_mean", hidden=True)
    return min(withheld(folder).lines)


@pytest.mark.parametrize("place", ["first_mean.py", "README.md"])
def test_a_release_with_an_answer_in_it_is_refused_whole(course, tmp_path, monkeypatch, place):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))
    line = secret_line(course)
    file = course / "exercises" / "first_mean" / place
    text = file.read_text()
    file.write_text(
        text.replace("    raise NotImplementedError", f"    {line}\n    raise NotImplementedError", 1)
        if place.endswith(".py")
        else f"{text}\n    {line}\n"
    )
    out = tmp_path / "out"
    said = CliRunner().invoke(cli, ["release", "hw1", "--to", str(out), "--format", "bundle"])
    assert said.exit_code == 1
    assert "grading.py" in said.stderr
    assert line not in said.stderr
    assert not out.exists()


@pytest.mark.parametrize("quote", ["return float(y.sum() / max(y.size - 1, 1))", "float(y.sum() / max(y.size - 1, 1))"])
@pytest.mark.parametrize(
    ("place", "hint"),
    [("grading.py", "What is the mean of a constant?"), ("checks.py", "how many entries has a 2-D array?")],
)
def test_a_hint_that_quotes_a_line_of_the_grader_is_refused(course, place, hint, quote):
    file = course / "exercises" / "first_mean" / place
    text = file.read_text()
    assert hint in text
    file.write_text(text.replace(hint, f"Not `{quote}`, but what?"))
    release = release_of(course, "hw1")
    with pytest.raises(Leak, match=r"holds (code|a formula) of unbiased"):
        release.search(release.bundle())


def test_a_whole_function_in_the_public_checks_is_found(course):
    grading = (course / "exercises" / "first_mean" / "grading.py").read_text()
    checks = course / "exercises" / "first_mean" / "checks.py"
    checks.write_text(checks.read_text() + "\n\n" + grading.split("SAMPLE_MEAN = ")[0])
    release = release_of(course, "hw1")
    with pytest.raises(Leak):
        release.search(release.bundle())


@pytest.mark.parametrize("path", ["grading.py", "reference/errors.py", "a/.autograder-secret"])
def test_files_of_the_grader_are_refused_by_name(course, path):
    with pytest.raises(Leak, match="belongs to the grader"):
        refuse_leaks({path: b""}, [])


@pytest.mark.core_sample(4)
@pytest.mark.parametrize("name", load_course(ROOT).exercises)
def test_formulas_and_titles_of_hidden_checks_are_found(name):
    folder = course_exercise(name)
    known = withheld(folder)
    truths = [question.truth for question in folder.questions.values() if len(question.truth) > 20]
    for said in [max(known.titles), *truths[:1]]:
        cell = {"cell_type": "markdown", "source": ["one line\n", f"of it: {said}"]}
        with pytest.raises(Leak):
            refuse_leaks({f"{name}.ipynb": json.dumps({"cells": [cell]}).encode()}, [folder])


# --- the bundle ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("solved", [False, True])
def test_a_bundle_checks_itself_where_only_the_package_is(course, tmp_path, solved):
    made = write_bundle(release_of(course, "hw1", solved), tmp_path / "out")
    zipfile.ZipFile(io.BytesIO(made.read_bytes())).extractall(tmp_path / "home")
    assert os.listdir(tmp_path / "out") == ["hw1.zip"]
    # the package alone on the path, away from the checkout and its reference
    shutil.copytree(ROOT / "autograder", tmp_path / "site" / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_COURSE"}
    for target in ["first_mean", "exercises/first_mean/first_mean.ipynb"]:
        ran = subprocess.run(
            [sys.executable, "-m", "autograder", "check", target, "--json"],
            cwd=tmp_path / "home" / "hw1",
            env={**environment, "PYTHONPATH": str(tmp_path / "site")},
            capture_output=True,
            text=True,
            check=False,
        )
        data = json.loads(ran.stdout)
        data = data[0] if isinstance(data, list) else data
        assert {part["status"] for part in data["parts"]} == {"correct" if solved else "not_started"}, ran.stderr


# --- nbgrader --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stated", ["", "limits:\n  cpu_seconds: 0.25\n", "limits: {cpu_seconds: 2.5}\n", "limits:\n  memory_mib: 512\n"]
)
def test_a_handout_stops_calls_as_the_course_does(course, tmp_path, stated):
    file = course / "course.yml"
    file.write_text(file.read_text() + stated)
    (tmp_path / "handout").mkdir()
    (tmp_path / "handout" / "course.yml").write_bytes(release_of(course, "hw1").helpers()["course.yml"])
    assert call_limits_of(tmp_path / "handout").cpu_seconds == load_course(course).limits.cpu_seconds


def test_without_nbgrader_the_message_says_what_to_install(course, tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(CourseError, match="nbgrader extra"):
        write_course_folder(release_of(course, "hw1"), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def nbgrader(folder, *arguments, root):
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path, "AUTOGRADER_COURSE": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )


@needs_nbgrader
@pytest.mark.integration
def test_sources_are_valid_for_nbformat_and_nbgrader():
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    for assignment in ASSIGNMENTS:
        for data in release_of(ROOT, assignment).sources().values():
            notebook = nbformat.reads(data.decode(), as_version=4)
            nbformat.validate(notebook)
            MetadataValidator().validate_nb(notebook)


@needs_nbgrader
@pytest.mark.integration
def test_real_nbgrader_releases_validates_and_grades(course, tmp_path):
    out = tmp_path / "nb"
    made = write_course_folder(release_of(course, "hw1"), out)
    first = {p.name: p.read_bytes() for p in made.glob("*.ipynb")}
    assert set(first) == {"first_mean.ipynb", "second_mean.ipynb"}
    for data in first.values():
        assert BEGIN.encode() not in data
        assert b"raise NotImplementedError" in data
    (out / "nbgrader_config.py").write_text((out / "nbgrader_config.py").read_text() + "\n# mine\n")
    write_course_folder(release_of(course, "hw1", solved=True), out)
    assert {p.name: p.read_bytes() for p in made.glob("*.ipynb")} == first
    assert (out / "nbgrader_config.py").read_text().endswith("# mine\n")

    said = nbgrader(out, "validate", "release/hw1/first_mean.ipynb", root=course)
    assert "VALIDATION FAILED" in said.stdout + said.stderr
    said = nbgrader(out, "validate", "source/hw1/first_mean.ipynb", root=course)
    assert "Success" in said.stdout, said.stdout + said.stderr

    for student, folder in (("blank", "release"), ("right", "source")):
        shutil.copytree(out / folder / "hw1", out / "submitted" / student / "hw1")
    said = nbgrader(out, "autograde", "hw1", root=course)
    assert said.returncode == 0, said.stderr
    from nbgrader.api import Gradebook

    release = release_of(course, "hw1")
    full = sum(sum(release.worth(exercise_folder).values()) for exercise_folder in release.folders)
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as gradebook:
        scores = {one.student_id: one.score for one in gradebook.assignment_submissions("hw1")}
    assert scores == {"blank": 0.0, "right": pytest.approx(full)}


@needs_nbgrader
@pytest.mark.integration
def test_a_refused_release_leaves_the_course_folder_as_it_was(course, tmp_path):
    out = tmp_path / "nb"
    write_course_folder(release_of(course, "hw1"), out)
    before = {p: p.read_bytes() for p in out.rglob("*.ipynb")}
    file = course / "exercises" / "first_mean" / "README.md"
    file.write_text(f"{file.read_text()}\n    {secret_line(course)}\n")
    with pytest.raises(Leak):
        write_course_folder(release_of(course, "hw1"), out)
    assert {p: p.read_bytes() for p in out.rglob("*.ipynb")} == before


def test_markers_are_balanced(course, tmp_path):
    folder = load_exercise(course, "first_mean", hidden=True)
    for solved in (False, True):
        for text in answer_cells(folder, solved=solved).values():
            assert text.count(BEGIN) == text.count(END) == 1
    write_files(tmp_path, {"a/b.txt": b"x"})
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"x"


def test_worked_solutions_are_plain_numpy():
    """A student without the array-API packages can run them: NumPy, SciPy and Python's own library are enough."""
    for assignment in ASSIGNMENTS:
        for name, data in release_of(ROOT, assignment, solved=True).sources().items():
            text = "\n".join("".join(cell["source"]) for cell in cells_of(data) if cell["cell_type"] == "code")
            imported = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.MULTILINE))
            others = imported - {"numpy", "scipy", "autograder", "__future__"} - sys.stdlib_module_names
            assert not others, name
