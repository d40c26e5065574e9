"""``list``, ``check`` and ``hint`` look where a student writes: the file, or the notebook as soon as it is begun."""

import json

import pytest
from click.testing import CliRunner

from autograder.cli.student import check_command, hint_command, list_command
from tests.conftest import make_course

RIGHT = "import numpy as np\n\n\ndef sample_mean(y_true):\n    y = np.asarray(y_true, float)\n    if y.size == 0:\n"
RIGHT += "        raise ValueError('empty')\n    return float(y.mean())\n"
WRONG = "def sample_mean(y_true):\n    return 1.0\n"
STUB = "def sample_mean(y_true):\n    raise NotImplementedError\n"


@pytest.fixture
def course(tmp_path, monkeypatch):
    made = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(made))
    monkeypatch.chdir(tmp_path)
    return made


def write(course, name, text, *, notebook=False):
    place = course / "exercises" / name / name
    cell = {"id": "a", "cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    place.with_suffix(".ipynb" if notebook else ".py").write_text(json.dumps(document) if notebook else text)


def line_of(name):
    done = CliRunner().invoke(list_command)
    assert done.exit_code == 0, done.output
    return next(line for line in done.output.splitlines() if f" {name} " in line)


@pytest.mark.core_sample(5)
@pytest.mark.parametrize(
    ("script", "notebook", "state"),
    [
        (STUB, None, "not started"),
        (RIGHT, None, "done"),
        (RIGHT, STUB, "done"),
        (WRONG, STUB, "failing"),
        (STUB, RIGHT, "done"),
        (WRONG, RIGHT, "done"),
        (RIGHT, WRONG, "failing"),
        (None, WRONG, "failing"),
        (None, STUB, "not started"),
    ],
)
def test_the_notebook_counts_as_soon_as_something_is_begun_in_it(course, script, notebook, state):
    (course / "exercises" / "first_mean" / "first_mean.py").unlink()
    if script is not None:
        write(course, "first_mean", script)
    if notebook is not None:
        write(course, "first_mean", notebook, notebook=True)
    assert state in line_of("first_mean")
    assert "not started" in line_of("second_mean")
    checked = CliRunner().invoke(check_command, ["first_mean", "--json"])
    assert json.loads(checked.output)[0]["done"] == (state == "done")
    assert checked.exit_code == (state != "done")
    hint = CliRunner().invoke(hint_command, ["first_mean"])
    assert ("hint 1 of 3" in hint.output) == (state != "done")


def test_a_file_by_its_name_is_that_file(course):
    write(course, "first_mean", RIGHT)
    write(course, "first_mean", WRONG, notebook=True)
    place = course / "exercises" / "first_mean" / "first_mean"
    assert CliRunner().invoke(check_command, [f"{place}.py"]).exit_code == 0
    assert CliRunner().invoke(check_command, [f"{place}.ipynb"]).exit_code == 1


def test_a_file_that_cannot_be_read_hides_no_other(course):
    (course / "exercises" / "first_mean" / "first_mean.py").unlink()
    write(course, "second_mean", RIGHT)
    assert "unreadable" in line_of("first_mean")
    assert "autograder reset first_mean brings the stub back" in line_of("first_mean")
    assert "done" in line_of("second_mean")
    write(course, "first_mean", STUB)
    (course / "exercises" / "first_mean" / "first_mean.ipynb").write_text("no JSON")
    assert "is not a notebook" in line_of("first_mean")
