"""The Gradescope autograder: its layout, and what run_autograder says of every kind of submission."""

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from compileall import compile_dir

import pytest
from click.testing import CliRunner

from autograder.authoring.leaks.hidden_inputs import hidden_numbers
from autograder.cli import cli
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.lms.gradescope.package import SETTINGS, write_package
from autograder.lms.gradescope.run import read_sender
from autograder.release.build import Release
from autograder.release.leaks import refuse_leaks
from autograder.text import DISTRIBUTION
from tests.conftest import make_course

DUE = "2026-10-01T12:00:00+00:00"
METADATA = {
    "id": 123456,
    "created_at": "2026-10-01T04:59:00.365935-07:00",
    "assignment": {"due_date": "2026-10-01T05:00:00.000000-07:00", "title": "First", "total_points": "12.0"},
    "submission_method": "upload",
    "users": [{"email": "ann@example.org", "id": 1, "name": "Ann Example"}],
    "previous_submissions": [],
}

# Gradescope autograder documentation, "Autograder Specifications", Output format
VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
TOP = {
    "score": (int, float), "execution_time": (int, float), "output": str, "output_format": FORMATS,
    "test_output_format": FORMATS, "test_name_format": FORMATS, "visibility": VISIBILITY,
    "stdout_visibility": VISIBILITY, "extra_data": dict, "tests": list, "leaderboard": list,
}  # fmt: skip
TEST = {
    "score": (int, float), "max_score": (int, float), "status": {"passed", "failed"}, "name": str, "number": str,
    "name_format": FORMATS, "output": str, "output_format": FORMATS, "tags": list, "visibility": VISIBILITY,
    "extra_data": dict,
}  # fmt: skip


def conforms(data, form):
    for key, value in data.items():
        allowed = form[key]
        assert value in allowed if isinstance(allowed, set) else isinstance(value, allowed), (key, value)
        assert not isinstance(value, bool)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = make_course(tmp_path_factory.mktemp("gradescope") / "course")
    file = root / "course.yml"
    text = file.read_text().replace("    exercises:\n", f"    due: {DUE}\n    exercises:\n")
    file.write_text(text + "late: {percent_per_day: 10, max_days: 5, grace_minutes: 15}\nlimits: {cpu_seconds: 0.5}\n")
    return root


@pytest.fixture(scope="module")
def archive(course, tmp_path_factory):
    to = tmp_path_factory.mktemp("upload")
    return write_package(Release.of(load_course(course), "hw1", solved=False), to)


@pytest.fixture(scope="module")
def source(archive, tmp_path_factory):
    """The archive as Gradescope unpacks it, with its byte code: each of the runs below would compile everything."""
    folder = tmp_path_factory.mktemp("source")
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    assert compile_dir(folder / "autograder", quiet=1)
    return folder


@pytest.fixture
def base(source, tmp_path):
    """What Gradescope makes of the archive: the folder /autograder, somewhere else; the package's files are links."""
    folder = tmp_path / "autograder"
    (folder / "submission").mkdir(parents=True)
    shutil.copytree(source / "autograder", folder / "source" / "autograder", copy_function=os.link)
    shutil.copytree(source, folder / "source", ignore=shutil.ignore_patterns("autograder"), dirs_exist_ok=True)
    shutil.copy(folder / "source" / "run_autograder", folder)
    (folder / "submission_metadata.json").write_text(json.dumps(METADATA))
    (folder / "source" / "course" / ".autograder-secret").write_text("what setup.sh makes of chance\n")
    return folder


def run(base, **more):
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "AUTOGRADER_COURSE")}
    ran = subprocess.run(
        ["bash", str(base / "run_autograder")],
        cwd=base,
        env={**environment, "AUTOGRADER_BASE": str(base), "AUTOGRADER_PYTHON": sys.executable, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    file = base / "results" / "results.json"
    if not file.exists():
        return None, ran
    data = json.loads(file.read_text())
    conforms(data, TOP)
    for test in data["tests"]:
        conforms(test, TEST)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return data, ran


RIGHT = "import numpy as np\n\n\ndef sample_mean(y_true):\n    y = np.asarray(y_true, float)\n" + (
    "    if y.size == 0:\n        raise ValueError('empty')\n    return float(y.mean())\n"
)
WRONG = RIGHT.replace("y.mean()", "y.sum() / max(y.size - 1, 1)")
HOSTILE = """
import os, json
for place in ("../../results/results.json", "results.json"):
    try:
        open(place, "w").write('{"score": 100}')
    except OSError:
        pass


class Always:
    def __eq__(self, other):
        return True

    def __float__(self):
        return 1.0


def sample_mean(y_true):
    print(open(BASE + "/source/course/exercises/first_mean/grading.py").read())
    os.system("touch " + BASE + "/touched")
    return Always()
"""


def hand_in(base, **files):
    for name, text in files.items():
        (base / "submission" / name.replace("__", ".")).write_text(text.replace("BASE", repr(str(base))))


def test_the_layout_is_gradescopes(archive, course):
    with zipfile.ZipFile(archive) as opened:
        modes = {info.filename: info.external_attr >> 16 for info in opened.infolist()}
        text = opened.read("README.txt").decode()
    for name in ("setup.sh", "run_autograder"):
        assert modes[name] & stat.S_IXUSR
    assert "FOR THE INSTRUCTOR ALONE" in text
    assert "worth 12 points" in text
    assert "course/exercises/first_mean/grading.py" in modes
    assert not [name for name in modes if "secret" in name.lower() or "__pycache__" in name or name.endswith(".db")]


def test_what_setup_installs_is_to_be_had_from_an_index(archive):
    with zipfile.ZipFile(archive) as opened:
        wanted = opened.read("requirements.txt").decode().splitlines()
    assert any(line.startswith("pydantic") for line in wanted)
    assert not [line for line in wanted if line.startswith(DISTRIBUTION)], "the program itself is in the archive"


def test_the_same_course_gives_the_same_bytes(archive, course, tmp_path):
    again = write_package(Release.of(load_course(course), "hw1", solved=False), tmp_path)
    assert again.read_bytes() == archive.read_bytes()


def test_both_scripts_are_bash_that_parses(base):
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", str(base / "source" / name)], check=True)


def test_the_course_file_in_it_is_the_course(base, course):
    inside, outside = load_course(base / "source" / "course"), load_course(course)
    for field in ("title", "assignments", "late", "attempts", "limits", "variants", "feedback"):
        assert getattr(inside, field) == getattr(outside, field)


def test_right_wrong_and_blank(base, course):
    stub = (course / "exercises" / "second_mean" / "second_mean.py").read_text()
    hand_in(base, first_mean__py=RIGHT, second_mean__py=stub)
    data, _ = run(base)
    assert data["score"] == 4.0
    tests = {test["name"]: test for test in data["tests"]}
    assert (tests["first_mean: sample_mean"]["score"], tests["first_mean: sample_mean"]["status"]) == (4.0, "passed")
    assert tests["second_mean: sample_mean"]["score"] == 0.0
    assert sum(test.get("max_score", 0.0) for test in data["tests"]) == 12.0
    assert data["stdout_visibility"] == "hidden"

    hand_in(base, first_mean__py=WRONG)
    data, _ = run(base)
    tests = {test["name"]: test for test in data["tests"]}
    assert tests["first_mean: sample_mean"]["status"] == "failed"
    # what a student sees when is what the course says: the default is after the due date
    assert tests["first_mean: sample_mean: hidden checks"]["visibility"] == "after_due_date"
    assert "divides by n-1" in tests["first_mean: sample_mean: what may lie behind it"]["output"]
    assert tests["first_mean: sample_mean: what may lie behind it"]["visibility"] == "after_due_date"
    assert "divides by n-1" not in tests["first_mean: sample_mean"]["output"]


def test_nothing_hidden_is_in_what_students_see(base, course):
    hand_in(base, first_mean__py=WRONG, second_mean__py="def sample_mean(y_true):\n    raise ValueError(y_true)\n")
    data, _ = run(base)
    course_ = load_course(course)
    folders = [load_exercise(course, n, hidden=True) for n in course_.exercises]
    numbers = hidden_numbers(folders, 3)
    seen = {**data, "tests": [test for test in data["tests"] if test["visibility"] == "visible"]}
    refuse_leaks({"results.json": json.dumps(seen).encode()}, folders, variants=3)
    for test in data["tests"]:  # titles may be seen after the due date, inputs never
        assert not numbers.found_in(test["output"])


def test_a_hostile_submission_gains_and_reaches_nothing(base):
    hand_in(base, first_mean__py=HOSTILE, second_mean__py=RIGHT)
    os.symlink(base / "source" / "course" / "exercises" / "first_mean" / "grading.py", base / "submission" / "x.py")
    data, ran = run(base)
    assert data["score"] == 8.0
    assert not (base / "touched").exists()
    assert "Misconception(" not in json.dumps(data) + ran.stdout + ran.stderr


@pytest.mark.parametrize("folder", ["hw1", "."])
def test_notebooks_folders_and_broken_files_are_taken(base, folder):
    place = base / "submission" / folder
    place.mkdir(exist_ok=True)
    cell = {"cell_type": "code", "source": RIGHT, "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (place / "first_mean.ipynb").write_text(json.dumps(notebook))
    (place / "second_mean.ipynb").write_text('{"cells": [')
    data, _ = run(base)
    assert data["score"] == 4.0
    assert "second_mean: " in data["output"]


def test_an_empty_upload_earns_nothing(base):
    (base / "submission" / "notes.txt").write_text("sorry")
    data, _ = run(base)
    assert data["score"] == 0.0
    assert {test["score"] for test in data["tests"] if "score" in test} == {0.0}


@pytest.mark.core_sample(1)
@pytest.mark.parametrize(
    ("created", "points"),
    [("2026-10-01T06:00:00-07:00", 3.6), ("2026-10-01T12:10:00+00:00", 4.0), ("2026-10-09T06:00:00-07:00", 0.0)],
)
def test_lateness_is_that_of_the_course_by_gradescopes_clock(base, created, points):
    hand_in(base, first_mean__py=RIGHT)
    (base / "submission_metadata.json").write_text(json.dumps({**METADATA, "created_at": created}))
    data, _ = run(base)
    assert data["score"] == points
    assert ("started day" in data["output"]) is (points < 4.0)


@pytest.mark.parametrize("text", ["", "{}", '{"users": []}', '{"users": [{}], "created_at": "noon"}', "[1]"])
def test_odd_metadata_names_nobody_and_penalises_nobody(tmp_path, text):
    file = tmp_path / "submission_metadata.json"
    file.write_text(text)
    sender = read_sender(file)
    assert (sender.student, sender.received) == ("student", None)
    file.write_text(json.dumps({"users": [{"email": "b@x"}, {"email": "a@x"}], "created_at": METADATA["created_at"]}))
    assert read_sender(file).student == "a@x"


def test_a_failing_grader_leaves_no_score(base):
    hand_in(base, first_mean__py=RIGHT)
    (base / "results").mkdir()
    (base / "results" / "results.json").write_text('{"score": 12}')
    (base / "source" / "course" / "exercises" / "first_mean" / "grading.py").write_text("1 / 0\n")
    data, ran = run(base)
    assert data is None
    assert ran.returncode == 3
    assert "there is no score" in ran.stdout
    assert "Traceback" not in ran.stdout + ran.stderr


def test_without_a_layer_it_refuses_unless_the_instructor_said_so(base):
    """A kernel without Landlock is played by a package that says that there is none."""
    hand_in(base, first_mean__py=RIGHT)
    file = base / "source" / "autograder" / "sandbox" / "landlock.py"
    text = file.read_text()
    call = 'return syscall("landlock_create_ruleset", None'
    assert call in text
    file.unlink()
    file.write_text(text.replace(call, "return 0  # " + call))
    data, ran = run(base)
    assert data is None, ran.stdout
    assert ran.returncode == 3
    assert "Landlock" in ran.stdout
    settings = base / "source" / SETTINGS
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "unsafe": True}))
    data, _ = run(base)
    assert data["score"] == 4.0


@pytest.mark.integration
def test_the_command_says_whose_it_is(course, tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))
    arguments = ["release", "hw1", "--to", str(tmp_path / "out"), "--format", "gradescope"]
    said = CliRunner().invoke(cli, arguments)
    assert said.exit_code == 0, said.output
    assert os.listdir(tmp_path / "out") == ["hw1-gradescope.zip"]
    assert "for you alone" in said.output
    assert CliRunner().invoke(cli, [*arguments, "--solutions"]).exit_code == 2
    assert CliRunner().invoke(cli, [*arguments[:-1], "bundle", "--unsafe"]).exit_code == 2
