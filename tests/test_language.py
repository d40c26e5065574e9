"""The words in which exercises are written, old and new."""

import json
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from autograder.authoring.verify import verify_exercise
from autograder.authoring.verify.promises import exercise_problems
from autograder.checks import Broken, Example, Property, hand, matches, perf, standard, strata, usual_checks
from autograder.checks.compare import mismatch
from autograder.course.exercises import all_data, load_exercise
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.grading.grader import Grader, Settings
from autograder.judging.drawn import generator
from autograder.judging.points_rule import ALONE, Judged, fraction
from autograder.model import Failure, Observation, Tolerance, Verdict
from autograder.release.build import Release
from autograder.sandbox.source import Cell, Source
from autograder.student.check import check_file
from tests.conftest import ROOT, make_course


def test_a_named_draw_is_the_same_for_part_variant_and_name_alone():
    def first(number, variant, name):
        return generator(number, variant)(name).random()

    assert first("E01.1", 3, "shift") == first("E01.1", 3, "shift")
    others = {
        first("E01.1", 3, "scale"),
        first("E01.1", 4, "shift"),
        first("E01.2", 3, "shift"),
        first("E01.1", 3, 600),
    }
    assert len(others | {first("E01.1", 3, "shift")}) == 5


def test_cases_that_are_numbered_are_drawn_as_they_were():
    seed = [20240, zlib.crc32(b"E01.1"), 600]
    assert generator("E01.1", None)(600).random() == np.random.default_rng(seed).random()
    assert generator("E01.1", 3)(600).random() == np.random.default_rng([3, *seed]).random()


@pytest.mark.parametrize("said", [Broken("is not even"), "is not even"])
def test_a_law_may_return_what_is_broken_in_the_new_and_in_the_old_form(said):
    law = Property(name="even", title="is even", inputs=lambda rng: [(1.0,)], law=lambda args, got, want: said)
    verdict = law.judge(law.calls(generator("E01.1", None)), [Observation("value", 1.0)], [None])
    assert verdict.failure is not None
    assert verdict.failure.message == "is not even"
    assert not verdict.fault


def test_an_error_in_a_law_is_a_fault_of_the_exercise_with_the_author_s_line():
    law = Property(name="even", title="is even", inputs=lambda rng: [(1.0,)], law=lambda args, got, want: 1 / 0)
    verdict = law.judge(law.calls(generator("E01.1", None)), [Observation("value", 1.0)], [None])
    assert "ZeroDivisionError" in verdict.fault
    assert "test_language.py:" in verdict.fault


def test_a_check_that_broke_itself_neither_earns_nor_costs():
    value = Judged(Example(cases=(((1.0,), 1.0),)), Verdict())
    law = Property(name="even", title="is even", inputs=lambda rng: [], law=lambda args, got, want: None)
    failing = Judged(law, Verdict(Failure("x"), 0))
    broken = Judged(law, Verdict(Failure("x"), 0, fault="checks.py:3"), left_out=True)
    assert fraction([value, failing], ()) == 1 - ALONE
    assert fraction([value, broken], ()) == 1.0


def test_two_checks_may_count_as_one():
    value = Judged(Example(cases=(((1.0,), 1.0),)), Verdict())
    a = Property(name="a", title="a", inputs=lambda rng: [], law=lambda args, got, want: None)
    b = Property(name="b", counts_as="a", title="b", inputs=lambda rng: [], law=lambda args, got, want: None)
    bad = Verdict(Failure("x"), 0)
    assert fraction([value, Judged(a, bad), Judged(b, bad)], ()) == 1 - ALONE
    assert fraction([value, Judged(a, Verdict()), Judged(b, bad)], ()) == 1 - ALONE


def test_a_reference_may_return_a_list():
    assert mismatch([1.0, 2.0], [1.0, 2.0], Tolerance()) is None
    found = mismatch(3.0, [1.0, 2.0], Tolerance())
    assert found is not None
    assert found.message == "returns a number, expected a list of 2"


def test_the_words_of_version_0_1_make_the_same_checks():
    accept = lambda args, got, want: None  # noqa: E731  # a criterion as authors write it
    draw = lambda g: (1.0,)  # noqa: E731
    assert hand(((1.0,), 1.0), accept=accept).also_right is accept
    assert [check.name for check in standard(draw, "rand", "mut", accept=accept)] == ["rand", "mut"]
    assert perf(draw, "large", accept=accept).also_right is accept
    assert matches("far", "is right far out", draw, accept=accept).also_right is accept
    assert Example(cases=(((1.0,), 1.0),), accept=accept).also_right is accept


def test_misconceptions_get_the_place_of_their_part_and_a_letter(tmp_path):
    root = make_course(tmp_path / "course")
    hidden = load_exercise(root, "first_mean", hidden=True).secrets["sample_mean"]
    assert [(one.id, one.title) for one in hidden.misconceptions] == [
        ("1a", "divides by n-1"), ("1b", "the sum"), ("1c", "the median"),
    ]  # fmt: skip
    assert [one.title for one in hidden.alternatives] == ["sum over n"]


# --- data files ------------------------------------------------------------------------------------------------


@pytest.fixture
def with_data(tmp_path):
    """A course whose first exercise reads a table of prices in a law."""
    exercise = make_course(tmp_path / "course") / "exercises" / "first_mean"
    (exercise / "figure.py").unlink()  # drawing it would cost more than all that is looked at here
    (exercise / "prices.csv").write_text("1.5\n2.5\n8.0\n")
    checks = exercise / "checks.py"
    text = checks.read_text().replace('y = rng("shift").normal(size=20)', "y = np.loadtxt(HERE / 'prices.csv')")
    text = text.replace(
        "from autograder.checks", "from pathlib import Path\n\nimport numpy as np\n\nfrom autograder.checks", 1
    )
    checks.write_text(text.replace("def shift_inputs", "HERE = Path(__file__).parent\n\n\ndef shift_inputs", 1))
    return exercise


def test_a_data_file_ships_with_the_exercise_and_is_read_by_its_checks(with_data):
    root = with_data.parents[1]
    assert [
        one.all_problems for one in [verify_exercise(load_exercise(root, "first_mean", hidden=True), strict=False)]
    ] == [()]
    release = Release.of(load_course(root), "hw1", solved=False)
    assert release.bundle()["exercises/first_mean/prices.csv"] == b"1.5\n2.5\n8.0\n"
    assert any(name.endswith("first_mean/prices.csv") for name in release.helpers())


def test_a_data_file_that_is_too_large_is_named_before_anything_ships(with_data):
    (with_data / "prices.csv").write_bytes(b"1.5\n" * (1 << 19))
    root = with_data.parents[1]
    said = r"prices\.csv: has 2\.0 MiB; a data file may have 1 MiB"
    with pytest.raises(CourseError, match=said):
        Release.of(load_course(root), "hw1", solved=False).bundle()
    assert any("has 2.0 MiB" in one for one in exercise_problems(load_exercise(root, "first_mean", hidden=True)))


CHECKS = """
from pathlib import Path
from autograder.checks import Exercise, Part, data, example
PRICES = data(Path(__file__).with_name("prices.csv"))
PART = Part("sample_mean", points=4, summary="a mean", checks=(example(((PRICES,), 4.0)),), hints=("Read.",))
EXERCISE = Exercise("first_mean", number="E01", title="Prices", difficulty=1, minutes=10, parts=(PART,))
"""
HIDDEN = """
import numpy as np
from autograder.checks import DataFile, Hidden, usual_checks

def table(g):
    return (DataFile("other.csv", "\\n".join(f"{x:.17g}" for x in g.normal(size=5))),)

MEAN = Hidden("sample_mean", lambda file: float(np.loadtxt(file).mean()), usual_checks(table, "rand"))
"""


@pytest.mark.parametrize(
    ("code", "points"),
    [("return float(np.loadtxt(file).mean())", 4.0), ("return float(np.mean([float(x) for x in file]))", 4.0),
     ("return 4.0", 0.0), ("return float(np.loadtxt('prices.csv').mean())", 0.0)],
)  # fmt: skip
def test_a_function_gets_a_data_file_as_an_argument_and_reads_nothing_else(with_data, code, points):
    (with_data / "checks.py").write_text(CHECKS)
    (with_data / "grading.py").write_text(HIDDEN)
    source = Source("first_mean.py", (Cell("file", f"import numpy as np\n\ndef sample_mean(file):\n    {code}\n"),))
    with Grader(Settings(with_data.parents[1], unsafe=True)) as grader:
        (part,) = grader.report("first_mean", source, 0).parts
    assert part.score == points


BY_NAME = """
import numpy as np

PRICES = np.loadtxt("prices.csv")


def sample_mean(y_true):
    if np.size(y_true) == 0:
        raise ValueError("empty")
    {code}
    return float(np.mean(np.asarray(y_true, dtype=float)))
"""


@pytest.mark.parametrize(
    ("code", "status"),
    [("assert PRICES.tolist() == [1.5, 2.5, 8.0]", "correct"), ("assert open('prices.csv').read()", "correct"),
     ("open('prices.csv', 'w')", "forbidden"), ("open('made.txt', 'w')", "forbidden"),
     ("open('../prices.csv').read()", "error"), ("open('GRADING').read()", "forbidden")],
)  # fmt: skip
def test_a_submission_reads_data_files_by_name_and_nothing_else_graded_or_checked(with_data, code, status):
    root = with_data.parents[1]
    text = BY_NAME.format(code=code.replace("GRADING", str(with_data / "grading.py")))
    with Grader(Settings(root)) as grader:
        (graded,) = grader.report("first_mean", Source("first_mean.py", (Cell("file", text),)), 0).parts
    file = root.parent / "first_mean.py"
    file.write_text(text)
    (checked,) = check_file(root, "first_mean", file).parts
    assert graded.status == status
    assert checked.status == ("forbidden" if status == "error" else status)


def test_two_exercises_with_different_files_of_one_name_are_named(with_data):
    root = with_data.parents[1]
    other = root / "exercises" / "second_mean" / "prices.csv"
    other.write_text((with_data / "prices.csv").read_text())
    assert list(all_data(root)) == ["prices.csv"]
    other.write_text("1\n")
    with pytest.raises(CourseError, match="first_mean has another file of this name"):
        all_data(root)
    assert any("another file" in one for one in exercise_problems(load_exercise(root, "first_mean", hidden=True)))


def test_a_stub_may_read_a_data_file(with_data):
    stub = with_data / "first_mean.py"
    stub.write_text(
        stub.read_text().replace("import numpy as np", 'import numpy as np\n\nP = np.loadtxt("prices.csv")')
    )
    assert (
        verify_exercise(load_exercise(with_data.parents[1], "first_mean", hidden=True), strict=False).all_problems == ()
    )


# --- an error of the exercise on a student's odd value ---------------------------------------------------------

ZERO = """
def sample_mean(y_true):
    import numpy as np
    y = np.asarray(y_true, dtype=float)
    if y.size == 0:
        raise ValueError("empty")
    return 0.0 if y.size == 20 else float(y.mean())
"""


@pytest.fixture
def dividing(tmp_path):
    """A course whose law divides by what is returned: right for the reference, an error for 0."""
    exercise = make_course(tmp_path / "course") / "exercises" / "first_mean"
    text = (exercise / "checks.py").read_text()
    (exercise / "checks.py").write_text(
        text.replace("    mean, shifted = got\n", "    mean, shifted = got\n    1 / mean\n")
    )
    return exercise


def test_an_error_in_a_law_on_a_student_s_value_goes_to_the_instructor_and_costs_the_student_nothing(dividing):
    source = Source("first_mean.py", (Cell("file", ZERO),))
    with Grader(Settings(dividing.parents[1], unsafe=True)) as grader:
        (part,) = grader.report("first_mean", source, 0).parts
    assert part.score == part.max_score
    assert [(one.outcome, one.message) for one in part.outcomes if one.name == "shift"] == [("skip", None)]
    assert re.search(r"the law 'shift'.*ZeroDivisionError.*checks\.py:\d+ in shift_law: 1 / mean", part.faults[0], re.S)


def test_a_value_of_another_kind_in_a_law_is_the_student_s_own_affair(dividing):
    source = Source("first_mean.py", (Cell("file", ZERO.replace("return 0.0 if", "return None if")),))
    with Grader(Settings(dividing.parents[1], unsafe=True)) as grader:
        (part,) = grader.report("first_mean", source, 0).parts
    assert part.score < part.max_score
    assert [one.outcome for one in part.outcomes if one.name == "shift"] == ["fail"]
    assert part.faults == ()


def test_check_calls_nothing_wrong_where_a_check_itself_broke(dividing):
    (dividing / "first_mean.py").write_text(ZERO)
    done = subprocess.run(
        [sys.executable, "-m", "autograder", "check", "first_mean"],
        cwd=dividing,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "wrong" not in done.stdout
    assert done.returncode == 0


@pytest.mark.integration
def test_the_instructor_reads_of_it_in_the_summary_and_a_student_in_no_message(dividing, tmp_path):
    (tmp_path / "in" / "ann" / "hw1").mkdir(parents=True)
    (tmp_path / "in" / "ann" / "hw1" / "first_mean.py").write_text(ZERO)
    given, out = str(tmp_path / "in"), str(tmp_path / "out")
    command = [sys.executable, "-m", "autograder", "grade", given, "--out", out, "--unsafe"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=dividing, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "a check of the exercise broke on this answer and was left out" in done.stdout + done.stderr
    assert "ZeroDivisionError" in done.stdout + done.stderr
    lines = Path(out, "results.jsonl").read_text().splitlines()
    (record,) = [one for one in map(json.loads, lines) if one["exercise"] == "first_mean"]
    assert any("ZeroDivisionError" in note for note in record["notes"])
    assert "ZeroDivisionError" not in json.dumps([record["message"], record["parts"]])


@pytest.mark.parametrize("variant", range(16))
def test_every_variant_holds_each_stratum_of_a_draw(variant):
    def sized(g, n):
        return (g.normal(size=n),)

    (check,) = usual_checks(strata(sized, *[(n,) for n in range(1, 15)]), "rand")
    drawn = check.calls(generator("E01.1", variant))
    assert [call.args[0].size for call in drawn] == list(range(1, 15))


def test_a_setting_of_strata_is_a_tuple():
    with pytest.raises(CourseError, match="setting 2: given 3; write a tuple"):
        strata(lambda g, n: (g.normal(size=n),), (1,), 3)


# --- an error of the exercise inside a function that a student's is given ---------------------------------------

PROBED = """
from autograder.checks import Exercise, Part, Probe, example


def inverse(x):
    return 1 / float(x)


def column(x):
    return x.reshape(2, 1).sum()


PROBES = {"inverse": inverse, "column": column}
PART = Part(
    "applied", points=4, summary="f at a point",
    checks=(example(((Probe("inverse"), 2.0), 0.5), ((Probe("column"), np.array([1.0, 2.0])), 3.0)),), hints=("Call.",),
)
EXERCISE = Exercise("first_mean", number="E01", title="Probes", difficulty=1, minutes=10, parts=(PART,))
"""
APPLYING = """
from autograder.checks import Hidden, Probe, usual_checks


def applied(f, x):
    return f(x)


APPLIED = Hidden("applied", applied, usual_checks(lambda g: (Probe("inverse"), float(g.uniform(1, 2))), "rand"))
"""


@pytest.fixture(scope="module")
def probed(tmp_path_factory):
    exercise = make_course(tmp_path_factory.mktemp("probed") / "course") / "exercises" / "first_mean"
    (exercise / "checks.py").write_text("import numpy as np\n" + PROBED)
    (exercise / "grading.py").write_text(APPLYING)
    with Grader(Settings(exercise.parents[1], unsafe=True)) as grader:
        yield grader


@pytest.mark.parametrize(
    ("code", "status", "of_the_exercise"),
    [("return f(x)", "correct", False),
     # the reference gives a number too, and the author's function fails for this one
     ("return f(x * 0) if np.ndim(x) == 0 else f(x)", "undecided", True),
     # the reference gives no matrix: the function is called wrongly
     ("return f(x) if np.ndim(x) == 0 else f(np.ones((3, 3)))", "error", False),
     ("f(x)\n    raise ZeroDivisionError('mine')", "error", False),
     ("try:\n        return f(x * 0) if np.ndim(x) == 0 else f(x)\n"
      "    except ZeroDivisionError:\n        return f(x)", "correct", False)],
)  # fmt: skip
def test_a_probe_that_fails_on_what_it_should_take_is_the_exercise_s_error(probed, code, status, of_the_exercise):
    text = f"import numpy as np\n\n\ndef applied(f, x):\n    {code}\n"
    (part,) = probed.report("first_mean", Source("first_mean.py", (Cell("file", text),)), 0).parts
    assert part.status == status
    assert bool(part.faults) == of_the_exercise
    if of_the_exercise:
        assert "the probe 'inverse' (checks.py:7) raised ZeroDivisionError" in part.faults[0]
        assert "ZeroDivisionError" not in str(part.message)
    elif status == "error" and "mine" not in code:
        assert "it comes from the function 'column' that yours was given" in str(part.message)
