"""macOS and Windows, as far as Linux can pretend to be them: students work there, and who cannot is told why."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.demo.kinds import right
from autograder.course.exercises import load_exercise

ROOT = Path(__file__).parents[1]
PRETENDING = Path(__file__).parent / "elsewhere"
SYSTEMS = ("darwin", "win32")


def run(course, *arguments, system=None, encoding="utf-8"):
    path = [str(PRETENDING)] if system else []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*path, str(ROOT)]), "PRETEND": system or ""}
    environment["PYTHONIOENCODING"] = encoding
    environment.pop("AUTOGRADER_DEBUG", None)
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, encoding=encoding, cwd=course, env=environment, check=False)


def command(course, *arguments, **how):
    return run(course, "-m", "autograder", *arguments, **how)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which one exercise is solved and one is half done."""
    made = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(ROOT / "course.yml", made)
    shutil.copytree(ROOT / "exercises", made / "exercises", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "reference", made / "reference", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("structured_data", "mse_gradient"):
        stub = made / "exercises" / name / f"{name}.py"
        shutil.copy(stub, stub.with_name("stub.txt"))
        stub.write_text(right(load_exercise(ROOT, name, hidden=True), 0)[1])
    half = made / "exercises" / "r_squared" / "r_squared.py"
    half.write_text("def r2(*a, **k):\n    while True: pass\n\ndef mse(y):\n    return input()\n" + half.read_text())
    odd = made / "exercises" / "bias_variance" / "bias_variance.py"
    odd.write_text(re.sub(r"raise NotImplementedError", "raise TypeError('\u65e5')", odd.read_text()), encoding="utf-8")
    return made


def test_the_pretence_holds():
    """The systems lack what this package would stumble over."""
    code = "import os, sys, signal; print(sys.platform, hasattr(os, 'fork'), hasattr(signal, 'SIGKILL'))"
    assert run(ROOT, "-c", code, system="win32").stdout.split() == ["win32", "False", "False"]
    assert run(ROOT, "-c", code, system="darwin").stdout.split() == ["darwin", "True", "True"]
    assert "fcntl" in run(ROOT, "-c", "import fcntl", system="win32").stderr


@pytest.mark.core_sample(2)
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("exercise", ["structured_data", "mse_gradient", "r_squared"])
def test_a_check_says_the_same(course, exercise, system):
    here, there = (command(course, "check", exercise, "--json", system=one) for one in (None, system))
    assert (there.returncode, there.stdout) == (here.returncode, here.stdout)
    assert not there.stderr
    assert ('"done": true' in there.stdout) == (exercise != "r_squared")


@pytest.mark.parametrize("encoding", ["cp1252", "cp437"])
def test_letters_that_a_code_page_lacks_are_escaped(course, encoding):
    done = command(course, "check", "bias_variance", encoding=encoding)
    assert "\\u65e5" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("arguments", [("hint", "--help"), ("--help",), ("export", "--help")])
def test_other_commands_say_the_same(course, arguments, system):
    here, there = (command(course, *arguments, system=one) for one in (None, system))
    assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)
    assert here.returncode == 0


def test_a_notebook_checks_and_its_author_makes_exercises_on_windows(course, tmp_path):
    copied = tmp_path / "course"
    shutil.copytree(course, copied)
    code = "def mse_grad_linear(X, y_true, w): return 1\nfrom autograder.notebook import check\n"
    verdict = run(copied, "-c", f"{code}print(check(mse_grad_linear))", system="win32")
    assert "mse_grad_linear" in verdict.stdout, verdict.stderr
    assert not verdict.stderr
    made = command(copied, "new", "ridge", system="win32")
    assert made.returncode == 0, made.stderr
    assert (copied / "exercises" / "ridge" / "grading.py").is_file()
    assert command(copied, "reset", "mse_gradient", system="win32").returncode == 0


RUNS_CODE = [
    ("grade", "exercises", "--out", "results"),
    ("verify", "mse_gradient"),
    ("verify", "--mutants", "mse_gradient"),
    ("demo", "--students", "2", "--out", "demo"),
    ("release", "ps1", "--to", "out"),
    ("replay", "a", "b", "--out", "exercises"),
    ("report", "exercises", "--figures"),
]


@pytest.mark.core_sample(4)
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("arguments", RUNS_CODE, ids=lambda arguments: " ".join(arguments[:2]))
def test_what_runs_submissions_says_that_it_needs_linux(course, arguments, system):
    before = sorted(course.iterdir())
    done = command(course, *arguments, system=system)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error: this command runs code in isolation, which only Linux can: use a Linux machine"
    )
    assert len(done.stderr.splitlines()) == 1
    assert not done.stdout
    assert sorted(course.iterdir()) == before


@pytest.mark.parametrize("system", SYSTEMS)
def test_doctor_says_what_works(system):
    done = command(ROOT, "doctor", system=system)
    assert "sandbox: none on this system; `check` works, for `grade` use Linux or a container" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):
    """Results of two students, graded where that is possible; one of them waits for a mark."""
    place = tmp_path_factory.mktemp("graded")
    for student in ("ann", "bob"):
        folder = place / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        shutil.copy(ROOT / "exercises" / "r_squared" / "r_squared.py", folder)
        (folder / "r_squared.md").write_text(f"What {student} thinks of it.")
    roster = place / "class.csv"
    roster.write_text("student,name\nann,Ann Doe\nbob,Bob Roe\ncem,Cem Can\n")
    done = command(
        course, "grade", str(place / "submitted"), "--exercise", "r_squared", "--out", str(place / "results")
    )
    assert done.returncode == 0, done.stderr
    return place


WITHOUT_SANDBOX = [
    "show ann r_squared --out {results}",
    "mark ann r_squared written_inverted_u 2 --comment fine --who me --out {results}",
    "mark --template {place}/marks.csv --out {results}",
    "mark --from {place}/marks.csv --who me --out {results}",
    "report {results}",
    "report {results} --for-students --roster {place}/class.csv",
    "export csv {results}",
    "export canvas {results} --roster {place}/class.csv",
    "export moodle {results} --roster {place}/class.csv",
    "export gradescope {results}",
    "diff {place}/results {results}",
    "forget bob --yes --out {results}",
]


@pytest.mark.integration
def test_everything_after_grading_works_where_nothing_can_be_graded(course, graded, tmp_path):
    """Each command says on simulated Windows what it says here, one after the other on the same results."""
    told = {}
    for system in (None, "win32"):
        place = tmp_path / "place"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(graded, place)
        shutil.copytree(place / "results", place / "here")
        for line in WITHOUT_SANDBOX:
            arguments = line.format(place=place, results=place / "here").split()
            done = command(course, *arguments, system=system)
            assert done.returncode == 0, (line, done.stderr)
            told.setdefault(line, []).append((done.stdout, done.stderr))
            if "--template" in line:
                table = place / "marks.csv"
                table.write_text(
                    table.read_text("utf-8-sig").replace(
                        "r_squared,written_inverted_u,,", "r_squared,written_inverted_u,1,"
                    )
                )
        assert "ann" in (place / "here" / "grades.csv").read_text()
    assert {line: both[0] == both[1] for line, both in told.items()} == dict.fromkeys(WITHOUT_SANDBOX, True)
