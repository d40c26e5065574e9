"""Scaling checks: README, stub and check name one size, the inputs have it, and limits bound what a call may take."""

import re
import shutil

import pytest

from autograder.authoring.verify.promises import exercise_problems
from autograder.checks.compat import perf
from autograder.checks.standard import fast_enough
from autograder.course.exercises import load_exercise
from autograder.course.model import ResourceLimits
from autograder.model import Limits
from tests.conftest import ROOT

EXERCISE = "influence_functions"


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "exercises" / EXERCISE
    shutil.copytree(ROOT / "exercises" / EXERCISE, folder)
    (folder.parent / "README.md").touch()  # the statement links to it
    return folder


def problems(folder):
    """Return what is wrong with this exercise by itself."""
    found = exercise_problems(load_exercise(folder.parents[1], EXERCISE, hidden=True))
    return [one for one in found if "exercises/" not in one]


def test_a_size_that_the_inputs_do_not_have_is_a_broken_promise(copy):
    assert problems(copy) == []
    text = (copy / "grading.py").read_text()
    (copy / "grading.py").write_text(text.replace("size=100_000", "size=90_000"))
    (one,) = problems(copy)
    assert "'100,000 residuals' of huber_loss is not drawn with 100,000 entries" in one


@pytest.mark.parametrize("file", ["README.md", f"{EXERCISE}.py"])
@pytest.mark.parametrize(
    ("words", "said"),
    [("made for a few residuals", ["does not say how large the inputs of huber_loss are: write `Timed on 100,000"]),
     ("timed on 300,000 residuals", ["does not say how large", "says `timed on 300,000 residuals"])],
)  # fmt: skip
def test_a_text_that_names_another_size_or_none_is_a_broken_promise(copy, file, words, said):
    text = (copy / file).read_text()
    (copy / file).write_text(re.sub("timed on 100,000 residuals", words, text, flags=re.IGNORECASE))
    found = problems(copy)
    assert [part in one and one.startswith(file) for part, one in zip(said, found, strict=True)] == [True] * len(said)


@pytest.mark.parametrize(
    ("course", "stated", "wanted"),
    [({}, Limits(), Limits(2.0, 1 << 30)),
     ({}, Limits(4.0, 2 << 30), Limits(4.0, 2 << 30)),
     ({}, Limits(20.0), Limits(5.0)),
     ({"scaling_cpu_seconds": 9.0}, Limits(), Limits(9.0)),
     ({"scaling_memory_mib": 512}, Limits(), Limits(2.0, 512 << 20))],
)  # fmt: skip
def test_a_check_states_its_limits_and_the_course_has_the_last_word(course, stated, wanted):
    assert ResourceLimits(**course).scaling(stated) == wanted


@pytest.mark.parametrize("word", [fast_enough, perf])
def test_a_scaling_check_has_two_seconds_and_one_gibibyte_unless_it_states_more(word):
    assert word(lambda g: (g.normal(size=3),), "3 entries").limits == Limits(2.0, 1 << 30)
