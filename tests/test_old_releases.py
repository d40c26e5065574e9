"""What version 0.1 wrote (bundles, releases, packages, results) works with the package as it is now."""

import importlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

OLD = Path(__file__).parent / "fixtures" / "v0_1"
GOLDEN = json.loads((OLD / "golden.json").read_text(encoding="utf-8"))
SECRET = "a secret for tests only\n"

# Every path that a release, a stored configuration or an uploaded package of version 0.1 names.
PATHS = {
    "autograder.notebook": ("check", "hint", "graded"),
    "autograder.gradebook.autograde": ("SubmittedNotebooks", "GradeInSandbox"),
    "autograder.gradebook.plugins": ("LatePenalty", "PartMarks"),
    "autograder.gradescope.run": ("main",),
    "autograder.spec": ("CourseError", "Exercise", "Part", "Misconception", "Tolerance"),
    "autograder.checks": ("Exercise", "Part", "Tolerance", "err", "hand", "law", "mismatch", "perf", "standard"),
    "autograder.checks.numeric": (),
    "autograder.checks.statistics": (),
    "autograder.symbolic": ("Question", "Symbol", "MisconceptionForm"),
}


def run(*arguments, cwd=None, codes=(0,), **environment):
    given = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_COURSE"}
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=cwd,
        env={**given, "PYTHONPATH": str(Path(__file__).parents[1]), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in codes, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_an_old_release_names_is_there(path):
    if path.startswith("autograder.gradebook"):
        pytest.importorskip("nbgrader")
    module = importlib.import_module(path)
    assert [name for name in PATHS[path] if not hasattr(module, name)] == []


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    place = tmp_path_factory.mktemp("bundles")
    for file in OLD.glob("bundle_*.zip"):
        with zipfile.ZipFile(file) as opened:
            opened.extractall(place)
    return place


@pytest.mark.core_sample(1)
@pytest.mark.parametrize("student", GOLDEN["check"])
def test_an_old_bundle_answers_check_as_before(bundles, tmp_path, student):
    shutil.copytree(bundles / "ps1", tmp_path / "ps1")
    for exercise in GOLDEN["check"][student]:
        shutil.copy(OLD / "answers" / student / f"{exercise}.py", tmp_path / "ps1" / "exercises" / exercise)
    said = {}
    for exercise in GOLDEN["check"][student]:
        [verdict] = json.loads(run("autograder", "check", exercise, "--json", cwd=tmp_path / "ps1", codes=(0, 1)))
        said[exercise] = {part["name"]: part["status"] for part in verdict["parts"]}
    assert said == GOLDEN["check"][student]


@pytest.mark.parametrize("assignment", ["ps1", "ps2", "ps3"])
def test_an_untouched_old_bundle_lists_its_exercises_as_not_started(bundles, assignment):
    said = json.loads(run("autograder", "check", "--json", cwd=bundles / assignment, codes=(1,)))
    assert len(said) == len(list((bundles / assignment / "exercises").iterdir()))
    assert {part["status"] for one in said for part in one["parts"]} == {"not_started"}


@pytest.fixture
def course(tmp_path):
    """The course of version 0.1, its exercises in the words of that version."""
    shutil.copytree(OLD / "course", tmp_path / "course")
    secret = tmp_path / "course" / ".autograder-secret"
    secret.write_text(SECRET, encoding="utf-8")
    secret.chmod(0o600)
    return tmp_path / "course"


def old_records():
    lines = (OLD / "results" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {(r["student"], r["exercise"]): r for r in map(json.loads, lines)}


def marks(records):
    return {key: (r["status"], r["score"], [(p["name"], p["status"], p["score"]) for p in r["parts"]])
            for key, r in records.items()}  # fmt: skip


def test_an_old_course_and_its_submissions_get_the_same_marks(course, tmp_path):
    run("autograder", "grade", OLD / "submitted", "--out", tmp_path / "out", AUTOGRADER_COURSE=str(course))
    lines = (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert marks({(r["student"], r["exercise"]): r for r in map(json.loads, lines)}) == marks(old_records())


def test_an_old_results_store_is_shown_reported_exported_and_marked(course, tmp_path):
    results = tmp_path / "results"
    shutil.copytree(OLD / "results", results)
    given = {"AUTOGRADER_COURSE": str(course)}
    assert "sample_mean" in run("autograder", "show", "ben", "first_mean", "--out", results, **given)
    run("autograder", "report", results, **given)
    run("autograder", "export", "csv", results, **given)
    run("autograder", "diff", results, results, **given)
    assert (results / "report" / "index.html").is_file()
    run("autograder", "grade", OLD / "submitted", "--out", results, **given)
    lines = (results / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert marks({(r["student"], r["exercise"]): r for r in map(json.loads, lines)}) == marks(old_records())


@pytest.mark.parametrize("student", GOLDEN["gradescope"])
def test_an_old_gradescope_package_gives_the_same_scores(tmp_path, student):
    base = tmp_path / "autograder"
    with zipfile.ZipFile(OLD / "gradescope.zip") as opened:
        opened.extractall(base / "source")
    (base / "source" / "course" / ".autograder-secret").write_text("what setup.sh makes of chance\n", encoding="utf-8")
    (base / "submission").mkdir()
    for file in (OLD / "submitted" / student / "hw1").glob("*.py"):
        shutil.copy(file, base / "submission")
    (base / "submission_metadata.json").write_text(json.dumps(GOLDEN["metadata"]), encoding="utf-8")
    run("autograder.gradescope.run", base, cwd=base / "source")
    page = json.loads((base / "results" / "results.json").read_text(encoding="utf-8"))
    earned = {test["name"]: test["score"] for test in page["tests"] if test.get("score") is not None}
    before = {name: score for name, score in GOLDEN["gradescope"][student]["tests"].items() if score is not None}
    assert (page["score"], earned) == (GOLDEN["gradescope"][student]["score"], before)


@pytest.mark.integration
def test_an_old_nbgrader_course_folder_grades_in_our_sandbox(course, tmp_path):
    pytest.importorskip("nbgrader")
    folder = tmp_path / "nb"
    shutil.copytree(OLD / "nb", folder)
    config = folder / "nbgrader_config.py"
    config.write_text(config.read_text(encoding="utf-8").replace("COURSE", str(course)), encoding="utf-8")
    handed = folder / "submitted" / "ann" / "hw1"
    handed.mkdir(parents=True)
    answer = (OLD / "submitted" / "ann" / "hw1" / "second_mean.py").read_text(encoding="utf-8")
    for released in (folder / "release" / "hw1").glob("*.ipynb"):
        notebook = json.loads(released.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if "def sample_mean" in "".join(cell["source"]):
                cell["source"] = answer
        (handed / released.name).write_text(json.dumps(notebook), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_COURSE"}
    done = subprocess.run(
        [Path(sys.executable).with_name("nbgrader"), "autograde", "hw1"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        score = book.find_submission("hw1", "ann").score
        book.db.bind.dispose()
    assert score == 2 + 8
