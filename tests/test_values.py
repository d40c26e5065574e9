"""Whatever a submission returns, every exercise judges it: no value ends a run, and none earns a point."""

import math

import numpy as np
import pytest

from autograder.checks.compare import mismatch
from autograder.checks.laws import MAX_ENTRIES, Contract, Property
from autograder.course.exercises import exercise_names
from autograder.judging.functions import judge_part
from autograder.judging.questions import make_questions
from autograder.model import EXACT, Observation, Tolerance
from tests.conftest import ROOT, course_exercise

VALUES = {
    "nothing": None,
    "an empty dict": {},
    "a dict": {"a": 1.0, "loss": np.zeros(2)},
    "a dict in a dict": {"a": {"b": ()}},
    "an empty tuple": (),
    "tuples in a tuple": ((), ()),
    "a ragged list": [[1.0], [2.0, 3.0]],
    "a mixed tuple": (1.0, "x", None),
    "a text": "text",
    "a great integer": 10**400,
    "a nan": float("nan"),
    "a complex number": 1j,
    "an empty array": np.zeros((0, 3)),
    "an array of 8 axes": np.zeros((1,) * 8),
    "an array of nan": np.full((3, 3), np.nan),
    "a pair of arrays": (np.zeros((2, 2)), np.zeros(3)),
    "the least integer": np.full(3, -(2**63), np.int64),
}


@pytest.mark.parametrize(
    "value", [np.zeros(MAX_ENTRIES + 1), [np.zeros(MAX_ENTRIES), 1.0], {"a": np.zeros(MAX_ENTRIES + 1)}]
)
@pytest.mark.parametrize("kind", [Property, Contract])
def test_a_law_is_not_asked_about_more_than_it_can_afford(kind, value):
    """It runs in the grader, where a submission could make it cost any time and memory."""
    check = kind(name="law", title="a law", group="property", inputs=lambda rng: [(1.0,)], law=pytest.fail)
    verdict = check.judge(check.calls(None), [Observation("value", value)], (None,))
    assert not verdict.ok
    assert "more than 500000 entries" in verdict.failure.message


def rises(args, got, want):
    return None if np.all(np.diff(np.asarray(got[0], np.float64)) > 0) else "falls"


@pytest.mark.parametrize(("value", "kept"), [(np.array([1.0, 2.0]), True), (np.array([1.0 + 5j, 2.0]), False)])
@pytest.mark.filterwarnings("ignore")
def test_the_real_part_of_complex_numbers_keeps_no_law_of_real_ones(value, kept):
    """NumPy only warns where an imaginary part is lost, and no verdict may depend on what becomes of warnings."""
    check = Property(name="law", title="a law", inputs=lambda rng: [(1.0,)], law=rises)
    assert check.judge(check.calls(None), [Observation("value", value)], (None,)).ok is kept


@pytest.mark.integration
@pytest.mark.parametrize("name", exercise_names(ROOT))
def test_no_value_brings_an_exercise_down(name):
    folder = course_exercise(name)
    questions = make_questions(folder.exercise, folder.secrets, 0)
    for said, value in VALUES.items():
        answers = {
            (part.part.name, i): [Observation("value", value)] * len(asked.calls)
            for part in questions.parts
            for i, asked in enumerate(part.asked)
        }
        for part in questions.parts:
            if part.part.kind == "function":
                assert judge_part(part, answers, 4.0).score == 0.0, said


@pytest.mark.parametrize("got", [math.nan, math.inf, 1e308, complex(1.7e308, 1.7e308)])
@pytest.mark.parametrize("want", [math.nan, 2.0, complex(-1.7e308, 1.7e308)])
def test_numbers_are_compared_whatever_the_mathematics_library_did_before(got, want):
    # an underflow leaves an error number, which abs() of a complex NaN takes for its own
    assert math.ldexp(1.0, -2000) == 0.0
    assert np.float64(1e-200) ** 2 == 0.0
    same = got == want or (got != got and want != want)
    assert (mismatch(got, want, EXACT) is None) == same


@pytest.mark.parametrize("mode", ["elementwise", "max", "norm"])
def test_arrays_are_compared_by_their_numbers_not_by_their_bytes(mode):
    want = np.array([1.0, -0.0, math.nan, math.inf])
    tolerance = Tolerance(1e-9, mode=mode)
    swapped = want.dtype.newbyteorder()
    assert mismatch(want.copy(), want, tolerance) is None
    assert mismatch(want.astype(swapped), want, tolerance) is None
    assert mismatch(np.array([1.0, 0.0, math.nan, math.inf]), want, tolerance) is None
    assert mismatch(want.view(swapped), want, tolerance) is not None
    assert mismatch(np.array([1.0, 0.0, 2.0, math.inf]), want, tolerance) is not None
