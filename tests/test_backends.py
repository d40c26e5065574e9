"""Right values from another array library: the log says so case by case, and no verdict changes, whatever fails."""

import sys

import numpy as np
import pytest

from autograder.authoring.demo.build import write_class
from autograder.checks import MatchesReference
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.judging.backends import ComputedCase, Gpu, account
from autograder.judging.questions import NOT_COMPUTED, Asked, OnDemand
from autograder.model import Call, Observation, Tolerance
from tests.conftest import ROOT, make_course
from tests.test_class import autograder, without_seconds

# A module that poses as CuPy: its arrays are array-api-strict's, so NumPy's functions refuse them as they refuse
# CuPy's; values differ from NumPy's in their last digits; and it can fail as a GPU does.
POSING = """
import os
import array_api_strict

class ndarray:
    "No array here is one."

class OutOfMemoryError(MemoryError):
    pass

class CUDARuntimeError(RuntimeError):
    pass

calls = 0

def is_available():
    return "POSE_ABSENT" not in os.environ

def asarray(array):
    global calls
    calls += 1
    if calls == int(os.environ.get("POSE_MEMORY", 0)):
        raise OutOfMemoryError("out of memory allocating 8 bytes")
    if calls == int(os.environ.get("POSE_FAULT", 0)):
        raise CUDARuntimeError("an illegal memory access was encountered")
    if array.dtype.kind == "f":
        array = array * (1 + 1e-15)
    return array_api_strict.asarray(array)
"""


# The template's exercise with a reference that runs on any array library.
PORTABLE = """
def checked(y_true):
    y = y_true if hasattr(y_true, "__array_namespace__") else np.asarray(y_true)
    if y.size == 0:
        raise ValueError("y_true is empty")
    return y.__array_namespace__().astype(y, y.__array_namespace__().float64)


def sample_mean(y_true):
    y = checked(y_true)
    return float(y.__array_namespace__().mean(y))


SAMPLE_MEAN"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class in a small course, graded with a backend: records and log."""
    out = tmp_path_factory.mktemp("backends")
    course = make_course(out / "course")
    grading = course / "exercises" / "first_mean" / "grading.py"
    before, _, after = grading.read_text().partition("def checked")
    grading.write_text(before + PORTABLE + after.partition("SAMPLE_MEAN")[2])
    (out / "posing").mkdir()
    (out / "posing" / "cupy.py").write_text(POSING)
    write_class(load_course(course), 24, out, slow=False)

    def grade(backend, jobs=1, **environment):
        results = out / "-".join([backend, *environment])
        env = {"PYTHONPATH": f"{out / 'posing'}:{ROOT}", "AUTOGRADER_COURSE": str(course), **environment}
        done = autograder(
            "grade", out / "submitted", "--out", results, "--backend", backend, "--jobs", jobs, course=course, env=env
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return without_seconds(results), done.stderr

    return grade, grade("numpy")


@pytest.mark.core_sample(2)
@pytest.mark.parametrize(
    ("environment", "warning"),
    [
        ({}, None),
        ({"POSE_MEMORY": "7"}, "the GPU fails (OutOfMemoryError)"),
        ({"POSE_FAULT": "7"}, "the GPU fails (CUDARuntimeError)"),
        ({"POSE_ABSENT": "1"}, "CuPy finds no GPU"),
    ],
    ids=["sound", "out of memory", "fault", "absent"],
)
def test_the_scores_are_numpys_whatever_the_gpu_does_and_the_log_names_the_backend(graded, environment, warning):
    grade, (records, said) = graded
    assert "cases by" not in said
    again, log = grade("cupy", jobs=2, **environment)
    assert again == records
    assert log.count("warning:") == (0 if warning is None else 1)
    assert warning is None or warning in log
    by_cupy = "cases by cupy" in log
    assert by_cupy == ("POSE_ABSENT" not in environment)
    if "POSE_MEMORY" in environment:
        assert "numpy (OutOfMemoryError)" in log
    assert "first_mean, sample_mean, rand: cases by" in log
    assert "first_mean, sample_mean, list: cases by numpy (no array)" in log or "POSE_MEMORY" not in environment


def test_small_cases_stay_with_numpy_by_default(graded):
    grade, (records, _) = graded
    again, log = grade("auto")
    assert again == records
    assert "cupy" not in log


def test_cupy_that_is_not_installed_is_named_with_its_extra(tmp_path):
    (tmp_path / "cupy.py").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(CourseError, match=r"\[cuda12\] or \[cuda13\]"):
            Gpu("cupy")
        assert Gpu("auto").compute(abs, Call("f", (np.ones(2_000_000),)), {}, "f, rand", (0, 0)) is NOT_COMPUTED


def test_the_account_names_every_case_once():
    cases = [ComputedCase("exercise, f, rand", variant, case, "cupy") for variant in (0, 1, 2, 5) for case in range(4)]
    cases[-1] = ComputedCase("exercise, f, rand", 5, 3, "numpy (TypeError)")
    assert account([*cases, cases[0]]) == [
        "exercise, f, rand: cases by cupy 0-3 (variants 0-2)",
        "exercise, f, rand: cases by cupy 0-2; numpy (TypeError) 3 (variants 5)",
    ]


# --- who decides -----------------------------------------------------------------------------------------------


def asked_of(numpys, others, tolerance):
    looked = []

    def right(case):
        looked.append(case)
        return numpys[case]

    check = MatchesReference(draw=lambda rng: (), cases=len(numpys), tolerance=tolerance)
    calls = tuple(Call("f", (float(case),)) for case in range(len(numpys)))
    return Asked(check, "hidden", calls, OnDemand(right, len(numpys)), tuple(others)), looked


@pytest.mark.parametrize("off", [0.0, 0.4, 0.6, 0.99, 1.01, 1.6, 3.0])
@pytest.mark.parametrize("between", [-0.3, 0.0, 0.3])
def test_a_verdict_is_the_one_that_numpys_values_give(off, between):
    """Student's and other library's values lie off NumPy's by these shares of the tolerance."""
    tolerance = Tolerance(rtol=1e-3)
    got = 1.0 + off * 1e-3
    asked, looked = asked_of([1.0], [1.0 + between * 1e-3], tolerance)
    plain = asked.check.judge(asked.calls, [Observation("value", got)], [1.0])
    verdict = asked.judge([Observation("value", got)])
    assert (verdict.ok, verdict.passed, verdict.total) == (plain.ok, plain.passed, plain.total)
    assert (verdict.failure and vars(verdict.failure)) == (plain.failure and vars(plain.failure))
    assert asked.takes(0, got) == plain.ok
    if abs(off - between) < 0.45:
        assert looked == []  # clearly right: NumPy was not asked


def test_cases_that_the_other_library_leaves_are_numpys():
    asked, looked = asked_of([1.0, 2.0, 3.0], [1.0, NOT_COMPUTED, 3.0], Tolerance(rtol=1e-3))
    assert asked.judge([Observation("value", value) for value in (1.0, 2.0, 3.0)]).ok
    assert looked == [1]
    assert not asked.judge([Observation("value", value) for value in (1.0, 2.1, 3.0)]).ok


def test_values_on_demand_are_a_sequence_computed_once():
    looked = []
    values = OnDemand(lambda case: looked.append(case) or case * 10, 3)
    assert list(values) == [0, 10, 20] == list(values)
    assert values[-1] == 20
    assert looked == [0, 1, 2]
    with pytest.raises(IndexError):
        values[3]
    assert "cupy" not in sys.modules
