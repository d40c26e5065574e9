"""What students read, held as laws: one voice, calls that can be pasted, nothing of what lies behind the checks."""

import ast
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.checks import Example, show, show_call
from autograder.course.exercises import exercise_names, load_exercise
from autograder.errors import CourseError
from autograder.judging.functions import failure_line, with_line
from autograder.judging.questions import public_questions
from autograder.model import Call, Generator, Observation, ReadOnly, Strided
from autograder.student.check import check_file, part_named
from autograder.student.render import VERBS, as_text, failure_lines
from autograder.text import did_you_mean
from tests.conftest import ROOT, make_course

EXERCISES = exercise_names(ROOT)


# --- what is printed can be pasted -----------------------------------------------------------------------------


def bare(value):
    """The value that a printed argument stands for."""
    if isinstance(value, ReadOnly | Strided):
        return bare(value.array)
    if isinstance(value, list | tuple):
        return type(value)(bare(item) for item in value)
    return value


def same(pasted, meant):
    """Equal to the ten digits that are printed, of one type and dtype."""
    meant = bare(meant)
    if isinstance(meant, Generator):
        state = np.random.default_rng(list(meant.seed)).bit_generator.state
        return pasted.bit_generator.state == state
    if isinstance(meant, np.ndarray) and meant.ndim:
        same_kind = pasted.dtype == meant.dtype and pasted.shape == meant.shape
        return same_kind and (meant.dtype.kind not in "fc" or np.allclose(pasted, meant, 1e-9, 0, equal_nan=True))
    if isinstance(meant, list | tuple):
        return type(pasted) is type(meant) and all(map(same, pasted, meant)) and len(pasted) == len(meant)
    if isinstance(meant, float | np.ndarray | np.floating):
        return bool(np.allclose(pasted, meant, 1e-9, 0, equal_nan=True))
    return callable(pasted) or pasted == meant


def size(value):
    value = bare(value)
    return value.size if isinstance(value, np.ndarray) else len(value) if isinstance(value, list | tuple) else 1


def pasted(text, **names):
    """Evaluate what the grader printed, as a student would in a session with NumPy."""
    return eval(text, {"np": np, **names})


@pytest.mark.parametrize("name", EXERCISES)
def test_a_printed_public_call_is_the_call(name):
    folder = load_exercise(ROOT, name, hidden=False)
    probes = folder.exercise.probes
    seen = 0
    for questions in public_questions(folder.exercise, {}):
        for asked in questions.asked:
            for one in asked.calls:
                text = show_call(one)
                if one.text is not None or "..." in text:
                    # summed up: it says so, and only where it is large
                    assert one.text is not None or "array of shape" in text or " items" in text or len(text) > 500
                    continue
                if questions.part.kind == "function":
                    args = pasted(text, **{**probes, one.function: lambda *args: args})
                    assert same(args, tuple(one.args)), text
                    seen += 1
    assert seen


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exact_case_is_printed_whole(name):
    folder = load_exercise(ROOT, name, hidden=False)
    for questions in public_questions(folder.exercise, {}):
        for asked in questions.asked:
            if asked.check.group == "value" and asked.check.title == "exact cases":
                assert [show_call(one) for one in asked.calls if "..." in show_call(one)] == []


ARRAYS = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.int32, np.bool_]),
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=3).filter(lambda shape: np.prod(shape) <= 24),
)


@settings(max_examples=150)
@example([1.7976931345e308])
@given(
    ARRAYS
    | st.floats()
    | st.integers(-9, 9)
    | st.booleans()
    | st.text(max_size=20)
    | st.lists(st.floats(), max_size=12)
)
def test_a_small_value_is_printed_as_itself(value):
    assert same(pasted(show(value)), value)


@given(st.text(max_size=300))
def test_a_printed_text_obeys_no_terminal(text):
    assert show(text).isprintable()


def test_a_large_array_is_summed_up_with_its_shape():
    assert show(np.arange(30.0)) == "array of shape (30,), float64: [0.0, 1.0, 2.0, ...]"


# --- one voice -------------------------------------------------------------------------------------------------

PRAISE_AND_BLAME = re.compile(
    r"\b(good|great|nice|well done|congratulations|excellent|perfectly|awesome|sorry|unfortunately|oops|bad job|"
    r"stupid|silly|lazy|careless|you (should|must|forgot|failed)|your fault|please|obviously|simply|just)\b|!",
    re.IGNORECASE,
)
PAST = re.compile(r"\b(was|were|did|had|failed|raised|expected to)\b")
BEHIND = re.compile(r"\b(reference|solution|grading\.py|hidden)\b", re.IGNORECASE)


def literal(node):
    """The text of a string or f-string in a source, with something in the place of each value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return None


def said_by(source):
    """Texts that functions of an exercise's checks return: what their laws say."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            for one in ast.walk(function):
                if isinstance(one, ast.Return) and one.value is not None:
                    several = [one.value]
                    while several:
                        node = several.pop()
                        if isinstance(node, ast.IfExp):
                            several += [node.body, node.orelse]
                        elif (text := literal(node)) and " " in text:
                            yield text


def messages_of(name):
    return sorted(set(said_by((ROOT / "exercises" / name / "checks.py").read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", EXERCISES)
def test_laws_speak_with_one_voice(name):
    for text in messages_of(name):
        assert not PRAISE_AND_BLAME.search(text), text
        assert not PAST.search(text), text
        assert not BEHIND.search(text), text
        assert not text.endswith("."), text
        first = text.split()[0]
        assert first in VERBS or not re.fullmatch(r"[a-z]+s", first) or first in NOUNS, text


NOUNS = frozenset({"as", "predictions", "values", "weights", "differences", "samples", "forecasts", "bias"})


@pytest.mark.parametrize("name", EXERCISES)
def test_titles_and_hints_praise_and_blame_nobody(name):
    exercise = load_exercise(ROOT, name, hidden=False).exercise
    for part in exercise.parts:
        for text in (*part.hints, *(check.title for check in part.checks)):
            assert not re.search(r"\b(well done|great|congratulations|stupid|silly|careless|unfortunately)\b|!", text)
            assert not re.search(r"grading\.py", text)


# --- one failure, explained ------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_the_smallest_failing_input_is_the_one_that_is_told(sizes):
    check = Example(cases=tuple(((list(range(n)),), 1.0) for n in sizes))
    calls = [Call("f", one.args) for one in check.calls(lambda case: np.random.default_rng(case))]
    seen = [Observation("value", 2.0) for _ in sizes]
    failure = check.judge(calls, seen, (None,) * len(sizes)).failure
    assert failure.call == f"f({list(range(min(sizes)))})"
    told = list(failure_lines(failure))
    assert [line.split()[0] for line in told] == ["call", "returned", "expected", "because"]
    assert failure.call in failure_line(failure)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = make_course(tmp_path_factory.mktemp("messages") / "course")
    with (root / "course.yml").open("a", encoding="utf-8") as file:
        file.write("limits: {cpu_seconds: 0.5}\n")  # what an endless loop costs here
    return root


def told(course, body):
    file = course / "exercises" / "first_mean" / "first_mean.py"
    file.write_text(f"import numpy as np\n\ndef sample_mean(y_true):\n{body}\n")
    return as_text(check_file(course, "first_mean", file))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("    raise RuntimeError('mine')", "because     it raises RuntimeError: mine (line 4 of your file)"),
        ("    return undefined_name", "line 4 of your file"),
        ("    return None", "because     it returns None"),
        ("    return 'text'", "because     it returns"),
        ("    while True: pass", "because     it does not end in time"),
        ("    import os; os._exit(3)", "because     it ends the Python process"),
        ("    return 0.0", "returned    0.0"),
        ("    return (", "SyntaxError: '(' was never closed (line 4 of your file)"),
    ],
)
def test_a_failure_shows_no_frame_but_the_students_own_line(body, words, course):
    text = told(course, body)
    assert words in text
    for foreign in ("Traceback", 'File "', "autograder/", "site-packages", str(ROOT)):
        assert foreign not in text
    assert len(text.splitlines()) <= 24


@pytest.mark.parametrize(
    ("message", "line", "said"),
    [
        ("raises E: x", 3, "raises E: x (line 3 of your file)"),
        ("raises E: x", None, "raises E: x"),
        ("raises E: (cell a) (cell b-2)", 3, "raises E: (cell a) (line 3 of cell b-2)"),
        ("raises E: (cell a) gone", 3, "raises E: (cell a) gone (line 3 of your file)"),
    ],
)
def test_a_line_is_told_with_its_file_or_its_cell(message, line, said):
    assert with_line(message, line) == said


def test_only_public_checks_are_said_to_pass(course):
    right = "    y = np.asarray(y_true, float)\n    if y.size == 0:\n        raise ValueError\n    return y.mean()"
    text = told(course, right)
    assert "public checks pass" in text
    assert "hidden checks follow" in text
    for claim in re.findall(r"[^\n]*\bpass\b[^\n]*", text):
        assert "public checks" in claim
    assert not re.search(r"\b(correct|right|full marks|done|solved)\b", text)
    assert not PRAISE_AND_BLAME.search(text)


# --- what may have been meant ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        ("maen", ["mean", "median"], "; did you mean 'mean'?"),
        ("x", ["conditional_mean", "mse", "mse"], "; known: conditional_mean, mse"),
        ("x", [f"student-{k}" for k in range(21)], ""),
        ("x", [], ""),
    ],
)
def test_an_unknown_name_gets_the_nearest_one_or_a_list_that_can_be_read(text, names, said):
    assert did_you_mean(text, names) == said
    assert did_you_mean(text, names, listed=0) == (said if "did you mean" in said else "")


def test_an_unknown_name_at_check_lists_the_exercises_and_not_every_part():
    with pytest.raises(CourseError) as error:
        part_named(ROOT, "zzz")
    assert str(error.value) == f"no exercise or part 'zzz'; the exercises are {', '.join(EXERCISES)}"
