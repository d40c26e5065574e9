"""A second course, written as the guide says: a chapter of two exercises, one with a data file, one with a formula."""

import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from autograder.authoring.verify import verify_exercise
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.release.build import Release, write_bundle
from tests.conftest import ROOT

SOURCE = ROOT / "tests" / "second_course"
ANSWERS = {
    "income": """
import numpy as np

INCOMES = np.loadtxt("incomes.csv", skiprows=1)


def median_income(y):
    if np.size(y) == 0:
        raise ValueError("empty")
    return float(np.median(y))
""",
    "quantile_loss": """
import numpy as np


def pinball_loss(y_true, y_pred, tau):
    y, q = np.asarray(y_true, float), np.asarray(y_pred, float)
    if y.shape != q.shape or y.size == 0 or not 0 < tau < 1:
        raise ValueError("no")
    return float(np.mean(np.maximum(tau * (y - q), (tau - 1) * (y - q))))


def sym_slope():
    return "Piecewise((tau, r > 0), (tau - 1, True))"
""",
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return shutil.copytree(SOURCE, tmp_path_factory.mktemp("second") / "course")


@pytest.mark.integration
@pytest.mark.parametrize("name", ANSWERS)
def test_every_promise_of_its_exercises_holds(course, name):
    result = verify_exercise(load_exercise(course, name, hidden=True))
    assert result.all_problems == ()
    assert sum(len(part.misconceptions) for part in result.parts) >= 3


@pytest.mark.integration
def test_a_likely_call_of_a_library_is_listed_with_what_it_gets(course):
    parts = {
        part.name: part
        for part in verify_exercise(load_exercise(course, "quantile_loss", hidden=True), strict=False).parts
    }
    ((call, gets),) = parts["pinball_loss"].library
    assert call == "np.quantile(y_true - y_pred, tau)"
    assert gets == "wrong, 0 of 6, without a name"


def test_its_handout_holds_the_data_and_checks_right_answers(course, tmp_path):
    release = Release.of(load_course(course), "first", solved=False)
    with zipfile.ZipFile(write_bundle(release, tmp_path / "out")) as bundle:
        bundle.extractall(tmp_path)
    home = tmp_path / "first"
    assert (home / "exercises" / "income" / "incomes.csv").read_bytes() == (
        SOURCE / "exercises" / "income" / "incomes.csv"
    ).read_bytes()
    environment = {k: v for k, v in os.environ.items() if k != "AUTOGRADER_COURSE"} | {"PYTHONPATH": str(ROOT)}
    for name, answer in ANSWERS.items():
        (home / "exercises" / name / f"{name}.py").write_text(answer)
        command = [sys.executable, "-m", "autograder", "check", name, "--json"]
        ran = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        (checked,) = json.loads(ran.stdout)
        assert {part["status"] for part in checked["parts"]} == {"correct"}


@pytest.mark.integration
def test_a_formula_that_only_the_published_question_holds_is_found(course, tmp_path):
    copy = shutil.copytree(course, tmp_path / "course")
    file = copy / "exercises" / "quantile_loss" / "checks.py"
    lines = [line for line in file.read_text().splitlines(True) if "given=" not in line]
    file.write_text("".join(lines))
    (problem,) = verify_exercise(load_exercise(copy, "quantile_loss", hidden=True), strict=False).all_problems
    assert problem.startswith(
        "grading.py:51: public.json, which students get, has of sym_slope a formula of pinball_loss"
    )
