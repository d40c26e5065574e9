"""A course of one's own, with the package alone: from `pip install` of a wheel to grades, outside of any checkout."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.integration

RIGHT = """
import numpy as np


def squares(n):
    if n < 1:
        raise ValueError("n")
    return np.arange(1, n + 1) ** 2
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The program of an environment that holds the wheel, and its requirements from this environment's packages.

    The wheel is built as a release is: from the source distribution.
    """
    pytest.importorskip("build", reason="build is not installed")
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(source)], check=True)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(place), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        pytest.skip(f"no wheel can be built here: {(built.stderr + built.stdout).strip().splitlines()[-1]}")
    subprocess.run([sys.executable, "-m", "venv", str(place / "env")], check=True)
    (wheel,) = place.glob("*.whl")
    pip = [str(place / "env" / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    # a path in a .pth file is not searched for further .pth files, so this checkout is not in reach
    site = next((place / "env" / "lib").glob("python*/site-packages"))
    (site / "requirements.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return place / "env" / "bin" / "autograder"


def tracked_package():
    listed = subprocess.run(["git", "ls-files", "autograder"], cwd=ROOT, capture_output=True, text=True, check=True)
    readmes = {name for name in listed.stdout.splitlines() if name.endswith("README.md")}
    return set(listed.stdout.splitlines()) - readmes | {"autograder/checks/README.md"}


def test_the_source_distribution_holds_what_a_wheel_is_built_from_and_no_tests(installed):
    (archive,) = installed.parents[2].glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {one.name.partition("/")[2] for one in opened.getmembers() if one.isfile()}
        (listed,) = [one for one in opened.getmembers() if one.name.endswith("SOURCES.txt")]
        said = set(opened.extractfile(listed).read().decode().splitlines())
    about = {name for name in names if ".egg-info/" in name} | {"PKG-INFO", "setup.cfg"}
    assert said == names - {"PKG-INFO", "setup.cfg"}
    assert names - about == tracked_package() | {"pyproject.toml", "README.md", "LICENSE", ".ci/sdist.py"}


def test_the_wheel_holds_the_package_its_licence_and_nothing_of_a_course(installed):
    (wheel,) = installed.parents[2].glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    about = {name for name in names if ".dist-info/" in name}
    assert names - about == tracked_package()
    assert any(name.endswith("/licenses/LICENSE") for name in about)


@pytest.fixture(scope="module")
def run(installed, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")

    def command(*arguments, cwd=home, code=0):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("AUTOGRADER", "PYTHON", "COV"))}
        ran = subprocess.run(
            [str(installed), *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
        )
        assert ran.returncode == code, ran.stdout + ran.stderr
        assert "Traceback" not in ran.stdout + ran.stderr
        return ran.stdout

    command.home = home
    return command


@pytest.fixture(scope="module")
def course(run):
    run("init", "statistics", "--title", "Statistics: I")
    return run.home / "statistics"


def test_the_package_is_the_wheel_and_no_checkout(run, course, installed):
    code = "import autograder, sys; print(autograder.__file__); import reference"
    ran = subprocess.run(
        [str(installed.with_name("python")), "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert str(installed.parents[1]) in ran.stdout
    assert "No module named 'reference'" in ran.stderr


def test_every_command_of_an_author_and_an_instructor_works(run, course):
    assert "Statistics: I: check your answers" in run("--help", cwd=course)
    run("new", "second_exercise", cwd=course)
    settings = course / "course.yml"
    settings.write_text(settings.read_text().replace("squares: 4\n", "squares: 4\n      second_exercise: 4\n"))
    assert "every promise holds" in run("verify", cwd=course)
    assert "not started" in run("check", "squares", cwd=course, code=1)
    handed_in = course / "submitted" / "ann" / "hw1"
    handed_in.mkdir(parents=True)
    (handed_in / "squares.py").write_text(RIGHT)
    assert "public checks pass" in run("check", str(handed_in / "squares.py"), cwd=course)
    run("grade", "submitted", "--assignment", "hw1", "--out", "results", cwd=course)
    assert (course / "results" / "grades.csv").read_text().splitlines()[1].startswith("ann,")
    run("report", "results", cwd=course)
    run("release", "hw1", "--format", "bundle", "--to", "handout", cwd=course)
    with zipfile.ZipFile(course / "handout" / "hw1.zip") as bundle:
        bundle.extractall(run.home / "student")
    assert "not started" in run("check", "squares", cwd=run.home / "student" / "hw1", code=1)


def test_students_data_stays_out_of_a_repository(run, course):
    subprocess.run(["git", "init", "-q"], cwd=course, check=True)
    for name in ("submitted/ann/hw1/x.py", "results/results.jsonl", "roster.csv", ".autograder-secret", "results.db"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).touch()
        ignored = subprocess.run(["git", "check-ignore", "-q", name], cwd=course, check=False)
        assert ignored.returncode == 0, name
    for name in ("course.yml", "exercises/squares/grading.py", "README.md"):
        assert subprocess.run(["git", "check-ignore", "-q", name], cwd=course, check=False).returncode == 1


def test_the_demonstration_works_where_no_course_is(run):
    said = run("demo", "--students", "3", "--out", "shown")
    assert "AUTOGRADER_COURSE" in said
    assert (run.home / "shown" / "results" / "grades.csv").is_file()


def test_a_course_is_not_made_over_another(run, course):
    before = {p: p.read_bytes() for p in Path(course).glob("*") if p.is_file()}
    run("init", "statistics", code=2)
    assert before == {p: p.read_bytes() for p in Path(course).glob("*") if p.is_file()}
