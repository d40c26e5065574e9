"""Every command, file and link that a handout names works in that handout: bundle, nbgrader release and clone."""

import json
import re
import subprocess
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograder.cli import author
from autograder.course.contract import FORMULAS
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.release.build import Release, write_bundle
from autograder.release.first_page import PATH, formulas
from tests.conftest import ROOT, make_course
from tests.handouts import KINDS, Student, hand_out

ASSIGNMENTS = [one.name for one in load_course(ROOT).assignments]


def test_how_formulas_are_written_has_one_source():
    assert (ROOT / PATH).read_text().endswith(f"## {FORMULAS}\n\n{formulas()}")


def test_a_course_without_a_path_page_hands_out_how_formulas_are_written(tmp_path):
    release = Release.of(load_course(make_course(tmp_path / "course")), "hw1", solved=False)
    for files in (release.bundle(), release.helpers()):
        assert formulas() in files[PATH].decode()


def test_the_first_page_says_which_data_may_be_opened_and_where_answers_in_words_go(tmp_path):
    course = make_course(tmp_path / "course")
    pages = {}
    for step in ("before", "after"):
        release = Release.of(load_course(course), "hw1", solved=False)
        pages |= {step: [files["README.md"].decode() for files in (release.bundle(), release.helpers())]}
        (course / "exercises" / "first_mean" / "rain.csv").write_text("1.0\n", encoding="utf-8")
        checks = course / "exercises" / "first_mean" / "checks.py"
        why = '    parts=(\n        Part("why", points=1, kind="manual"),'
        checks.write_text(checks.read_text(encoding="utf-8").replace("    parts=(", why, 1), encoding="utf-8")
    for page in pages["before"]:
        assert "No files and no network" in page
        assert "in words" not in page
    for page in pages["after"]:
        assert "No files but `rain.csv`, opened by name, and no network" in page
        assert "## Answers in words\n\nA person reads `why` of `first_mean`." in page


def test_the_first_page_shows_no_command_twice(tmp_path):
    course = make_course(tmp_path / "course")
    for file in (course / "exercises" / "first_mean").glob("*"):
        if file.suffix in (".py", ".md"):
            file.write_text(file.read_text(encoding="utf-8").replace("sample_mean", "first_mean"), encoding="utf-8")
    page = Release.of(load_course(course), "hw1", solved=False).bundle()["README.md"].decode()
    commands = re.findall(r"^\| `(.*?)` \|", page, re.MULTILINE)
    assert len(commands) > 5
    assert len(set(commands)) == len(commands)


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.integration)])
def test_a_bundle_and_a_release_of_nbgrader_hold_the_same_public_half(tmp_path, whole):
    root, assignment = (ROOT, ASSIGNMENTS[0]) if whole else (make_course(tmp_path / "course"), "hw1")
    release = Release.of(load_course(root), assignment, solved=False)
    bundle, flat = release.bundle(), release.helpers()
    shared = {path for path in bundle if path.startswith("checks/")} | {"course.yml", PATH}
    assert {path: bundle[path] for path in shared} == {path: flat[path] for path in shared}


def test_a_notebook_that_was_never_run_becomes_a_py_as_a_script(tmp_path):
    """That is what nbconvert and "Save as executable script" go by."""
    release = Release.of(load_course(make_course(tmp_path / "course")), "hw1", solved=False)
    books = [json.loads(data) for path, data in release.bundle().items() if path.endswith(".ipynb")]
    assert books
    assert {book["metadata"]["language_info"]["file_extension"] for book in books} == {".py"}


@pytest.mark.parametrize("works", [True, False])
def test_a_bundle_with_wheels_installs_without_a_network_or_says_what_is_missing(tmp_path, monkeypatch, works):
    def pip(command, **_):
        folder = Path(command[command.index("--wheel-dir") + 1])
        folder.mkdir()
        (folder / "numpy-2-any.whl").write_bytes(b"a wheel")
        return subprocess.CompletedProcess(command, 0 if works else 1, "", "ERROR: first\nERROR: no network\n")

    release = Release.of(load_course(make_course(tmp_path / "course")), "hw1", solved=False)
    monkeypatch.setattr("autograder.release.wheel.subprocess.run", pip)
    if not works:
        with pytest.raises(CourseError, match="ERROR: no network"):
            write_bundle(release, tmp_path, with_wheels=True)
        assert not (tmp_path / "hw1.zip").exists()
        return
    with zipfile.ZipFile(write_bundle(release, tmp_path, with_wheels=True)) as archive:
        assert archive.read("hw1/wheels/numpy-2-any.whl") == b"a wheel"
        assert "pip install --no-index --find-links wheels " in archive.read("hw1/README.md").decode()


@pytest.fixture(scope="module")
def machines():
    """The machine of a student by kind of handout, set up by the first handout that needs it."""
    return {}


@pytest.mark.integration
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_command_file_and_link_of_a_handout_works_in_it(kind, assignment, machines, tmp_path, capsys):
    if kind == "nbgrader" and find_spec("nbgrader") is None:
        pytest.skip("nbgrader is not installed")
    handout = hand_out(kind, assignment, tmp_path)
    student = machines.get(kind) or machines.setdefault(kind, Student(handout))
    files = list(handout.files())
    dead = [f"{file.name}: {named}: no such file" for file, named, path in files if not path.exists()]
    dead += [f"{file.name}: {target}: no such heading" for file, target in handout.missing_anchors()]
    commands = list(dict.fromkeys(command for _, command in handout.commands()))
    for command in commands:
        done = student.types(command, handout.folder)
        # --watch ends by the interrupt that ends it for a student too
        if done.returncode not in ((0, 1, 124, 130) if "--watch" in command else (0, 1)) or "error" in done.stderr:
            dead.append(f"{command}: {done.returncode} {done.stderr.strip() or done.stdout[-300:]}")
    with capsys.disabled():
        print(f"{kind:9} {assignment}  {len(files):4} files and links  {len(commands):3} commands  {len(dead)} dead")
    assert dead == []
    assert len(files) > 5
    assert len(commands) > 5


@pytest.mark.integration
@pytest.mark.parametrize("kind", KINDS[:2])
def test_a_remedy_is_carried_out_where_it_is_printed(kind, tmp_path):
    if kind == "nbgrader" and find_spec("nbgrader") is None:
        pytest.skip("nbgrader is not installed")
    handout = hand_out(kind, ASSIGNMENTS[0], tmp_path)
    student, name = Student(handout), handout.exercises[0]
    answers = [*handout.folder.rglob(f"{name}.ipynb"), *handout.folder.rglob(f"{name}.py")]
    before = {file: file.read_text() for file in answers}
    for file in answers:
        file.unlink()
    said = student.types(f"autograder check {name}", handout.folder)
    assert said.returncode == 2
    remedy = re.search(r"autograder \w+ \w+", said.stderr)
    done = student.types(remedy[0], handout.folder)
    assert done.returncode == 0, done.stderr
    for file, text in before.items():
        if file.suffix == ".ipynb":  # nbgrader adds checksums to its own

            def sources(book):
                return [(cell["id"], "".join(cell["source"])) for cell in json.loads(book)["cells"]]

            assert sources(file.read_text()) == sources(text)
        else:
            assert file.read_text() == text
    assert student.types(f"autograder check {name}", handout.folder).returncode == 1


def test_verify_says_that_a_handout_is_one(tmp_path):
    declared = tmp_path / "checks" / "first_mean" / "checks.py"
    declared.parent.mkdir(parents=True)
    declared.write_text("")
    with pytest.raises(CourseError, match=r"this is a handout; verify needs the course itself"):
        author._chosen(tmp_path, [])
