"""``verify`` finds each broken promise of an exercise, and says which, where and what to do."""

import re
import shutil

import pytest

from autograder.authoring.verify import verify_exercise
from autograder.course.exercises import load_exercise
from tests.conftest import make_course

NAME = "first_mean"
PLACE = re.compile(r"(\S+\.(py|md)):\d+: ")


@pytest.fixture
def folder(tmp_path):
    return make_course(tmp_path / "course") / "exercises" / NAME


@pytest.fixture
def undrawn(folder):
    """An exercise without a figure, which it may have; drawing one costs as much as all the other promises."""
    (folder / "figure.py").unlink()
    return folder


def problems(folder):
    return verify_exercise(load_exercise(folder.parents[1], NAME, hidden=True), strict=False).all_problems


def change(folder, file, before, after):
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after))


def test_a_whole_exercise_keeps_all(folder):
    assert problems(folder) == ()


STUB, CHECKS, GRADING = f"{NAME}.py", "checks.py", "grading.py"
BROKEN = {
    "hints": (CHECKS, "hints=(", "hints=() and (", "0 hints; one to five are needed"),
    "summary": (CHECKS, 'summary="the mean of all entries"', 'summary=""', "the summary is empty"),
    "leak": (
        CHECKS,
        '"""\n\nfrom',
        '"""\n\nimport scipy.stats\nfrom',
        "checks.py:3: imports scipy.stats, which students do not have",
    ),
    "lazy leak": (
        CHECKS,
        '    y = rng("shift")',
        '    import scipy\n    y = rng("shift")',
        "imports scipy, which students do",
    ),
    "leak of the stub": (
        STUB,
        "import numpy as np",
        "import numpy as np\nimport pandas",
        "imports pandas, which students",
    ),
    "random draw": (
        GRADING,
        "g.normal(",
        "np.random.default_rng().normal(",
        "its calls differ when they are built again",
    ),
    "hash": (GRADING, "return (10 **", "return (hash('a') % 97 +", "its calls differ from process to process"),
    "random judge": (
        CHECKS,
        "    mean, shifted = got",
        "    mean, shifted = got\n    __import__('numpy').random.default_rng()",
        "while it judges",
    ),
    "idle law": (
        CHECKS,
        "if mismatch(",
        "if False and mismatch(",
        "'shift' (moves with a constant added to y_true) passes",
    ),
    "crash": (GRADING, "float(np.median(", "float(np.medain(", "misconception 1c (the median) raises AttributeError"),
    "hint": (
        GRADING,
        "Does one entry that",
        "It is not y.sum() / max(y.size - 1, 1). If one",
        "holds a formula of unbiased",
    ),
    "title": (
        CHECKS,
        "the mean of all entries",
        "leaves its arguments unchanged and accepts read-only arrays",
        "title of a hidden",
    ),
    "given": (CHECKS, "minutes=60,", "minutes=60, given=('sum(y) / len(y)',),", "which nothing hidden matches"),
    "figure": (
        "figure.py",
        "drawn, axes = ",
        "drawn, axis = ",
        "from the untouched stub (no function) raises NameError",
    ),
    "figure file": (
        "figure.py",
        "import numpy as np",
        "import numpy as np\nn = 1 / 0",
        "figure.py:4: ZeroDivisionError",
    ),
    "section": ("README.md", "## sample_mean", "## samples_mean", "the section 'samples_mean' names no part; did you"),
    "points": (
        "README.md",
        "4 points",
        "5 points",
        "README.md:13: says 5 points for sample_mean, but it has 4",
    ),
    "promise": ("README.md", "The mean of", "The mean of 0 is exactly 0. The mean of", "'exactly 0'"),
    "unchanged": (
        GRADING,
        "usual_checks(draw,",
        "usual_checks(draw, 'rand', 'list',",
        "an answer that changes its arguments gets full marks",
    ),
    "raises": (CHECKS, "raises(([],)),", "", "returns 0 where an error is demanded gets full marks"),
    "text": ("README.md", "## sample_mean", "## mean", "README.md:1: does not say what sample_mean asks"),
    "absent": (STUB, "def sample_mean", "def another", "has no function sample_mean; add the stub"),
    "surplus": (STUB, "import numpy as np", "def odd(): pass", "odd is not a part of the exercise"),
    "solved": (STUB, "raise NotImplementedError", "return 3.0", "must end with `raise NotImplementedError`"),
    "argument": (STUB, "(y_true)", "(y)", "sample_mean(y) is sample_mean(y_true) in the reference: make them agree"),
    "default": (STUB, "(y_true)", "(y_true, ddof=0)", "sample_mean(y_true, ddof=0) is sample_mean(y_true) in the"),
    "order": (GRADING, "def sample_mean(y_true)", "def sample_mean(y_true, /, *, xp=None, w=1e-6)", "w=1e-06) in the"),
    "reference": (GRADING, "checked(y_true).mean()", "checked(y_true).mean() + 1", "the reference gets 0 of 4"),
    "misconception": (GRADING, "max(y.size - 1, 1)", "y.size", "misconception 1a (divides by n-1) passes every check"),
    "alternative": (GRADING, "np.sum(checked(y)) / np.size(y)", "np.sum(y)", "the alternative 'sum over n' gets"),
}


@pytest.mark.core_sample(2)
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_promise_is_said(folder, what):
    file, before, after, said = BROKEN[what]
    if file != "figure.py":
        (folder / "figure.py").unlink()  # as of `undrawn`
    change(folder, file, before, after)
    found = problems(folder)
    assert any(said in problem for problem in found), found
    absent = ("README.md: does not say", f"{STUB}: has no function", f"{STUB}: ")[: 3 if what == "absent" else 1]
    for problem in found:
        assert problem.startswith(absent) or PLACE.match(problem), problem


@pytest.mark.integration
def test_annotations_and_the_array_library_make_no_other_signature(undrawn):
    change(undrawn, STUB, "(y_true)", "(y_true: np.ndarray)")
    change(undrawn, GRADING, "def sample_mean(y_true)", "def sample_mean(y_true: object, xp: object = None)")
    assert problems(undrawn) == ()


def test_a_failing_reference_is_shown_with_its_call_and_both_values(undrawn):
    change(undrawn, GRADING, "float(checked(y_true).mean())", "float(checked(y_true).mean() + 1)")
    (said,) = [one for one in problems(undrawn) if "the reference gets" in one]
    assert "hand: sample_mean(2.0): returns a wrong value; returned 3.0, expected 2.0" in said


def test_a_missing_file_is_said(undrawn):
    (undrawn / "README.md").unlink()
    assert any("README.md: is missing" in problem for problem in problems(undrawn))


@pytest.mark.integration
def test_a_foreign_file_is_said(undrawn):
    shutil.copy(undrawn / "README.md", undrawn / "notes.md")
    assert any("notes.md: unexpected in an exercise" in problem for problem in problems(undrawn))


@pytest.mark.integration
def test_two_misconceptions_are_too_few(undrawn):
    text = (undrawn / GRADING).read_text()
    (undrawn / GRADING).write_text("".join(x for x in text.splitlines(True) if "the median" not in x))
    assert any("2 misconceptions; at least 3 are needed" in problem for problem in problems(undrawn))
