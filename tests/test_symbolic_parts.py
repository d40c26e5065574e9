"""Symbolic parts from a student's file to the report: what is returned is data, and graded apart."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.grading.grader import Grader, Settings
from autograder.intake.loading import read_document
from autograder.judging.public_half import freeze
from autograder.release.build import Release
from autograder.sandbox.source import Cell, Source
from autograder.statuses import WAITING
from autograder.store.records import record_of
from autograder.student.check import check_file
from autograder.student.render import as_text
from autograder.symbolic.limited import SILENT, Decided, Decider
from tests.conftest import ROOT, make_course

PART = """\
        Part(name="sym_square", number="E01.2", points=4, kind="symbolic", summary="derive", hints=("a", "b", "c")),
    ),
)
"""
QUESTION = """
from autograder.symbolic import MisconceptionForm, Question, Symbol

SYM_SQUARE = Question(
    id="sym_square",
    truth="2*(tanh(w) - y)*(1 - tanh(w)**2)",
    symbols=(Symbol("w", draw=(-2, 2)), Symbol("y")),
    loss="(tanh(w) - y)**2",
    wrt="w",
    equivalents=("2*(tanh(w) - y)/cosh(w)**2",),
    misconceptions=(MisconceptionForm("a", "inner derivative missing", "2*(tanh(w) - y)", "How many links?"),),
)
"""
STUB = '''

def sym_square():
    """Derivative of (tanh(w) - y)**2 with respect to w, as text."""
    raise NotImplementedError
'''


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course whose first exercise has a symbolic part of 4 points next to its function."""
    root = make_course(tmp_path_factory.mktemp("symbolic") / "course")
    (root / "exercises" / "first_mean" / "figure.py").unlink()  # drawing it would cost more than what is verified here
    folder = root / "exercises" / "first_mean"
    head, bracket, _ = (folder / "checks.py").read_text().rpartition("    ),\n)\n")
    assert bracket
    (folder / "checks.py").write_text(head + PART)
    for name, text in (("grading.py", QUESTION), ("first_mean.py", STUB)):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
    return root


@pytest.fixture(scope="module")
def grader(course):
    with Grader(Settings(course)) as one:
        yield one


def graded(grader, code):
    source = Source("first_mean.py", (Cell("file", code),))
    report = grader.report("first_mean", source, 0)
    return next(part for part in report.parts if part.kind == "symbolic"), report


def answer(grader, text):
    return graded(grader, f"def sym_square():\n    return {text!r}\n")[0]


@pytest.mark.parametrize(
    "text",
    [
        "2*(tanh(w) - y)*(1 - tanh(w)**2)",
        "2*(tanh(w) - y)/cosh(w)**2",
        "dL/dw = 2*(tanh(w) - y)*(1 - tanh(w)^2)",
        "(tanh(w) - y)**2\n2*(tanh(w) - y)*(1 - tanh(w)**2)",
    ],
)
def test_right_forms_get_all_points_with_a_proof(grader, text):
    part = answer(grader, text)
    assert (part.status, part.score, part.pending) == ("correct", part.max_score, 0.0)
    assert part.max_score == 2.0  # 4 of the exercise's 8 points; the exercise has 4 in this course
    assert part.proof in ("general", "exact")
    assert [outcome.outcome for outcome in part.outcomes] == ["pass"]


def test_a_misconception_is_named_with_its_hint(grader):
    part = answer(grader, "2*(tanh(w) - y)")
    assert (part.status, part.score, part.proof) == ("wrong", 0.0, None)
    assert part.misconceptions == ("inner derivative missing",)
    assert part.hints == ("How many links?",)
    # feedback may hold the name and the hint back, so the message has neither
    assert part.message == "Not equal to the quantity asked for."


def test_a_witness_is_evidence_and_no_message(grader):
    part = answer(grader, "w + y")
    assert (part.status, part.score) == ("wrong", 0.0)
    assert "the quantity is" in part.outcomes[0].failure.message
    assert "the quantity is" not in part.message
    assert part.outcomes[0].message is None


@pytest.mark.parametrize(
    "text",
    [
        *("2*(tanh(w", "", "foo + 1", "w.real", "f'{w}'", "lambda: w", "\u202ew\ud800"),
        *("__import__('os').system('true')", "().__class__.__bases__", "9**9**9**9"),
        *("w" * 50_000, "(" * 1000 + "w" + ")" * 1000),
    ],
)
def test_what_cannot_be_read_earns_nothing_and_runs_nothing(grader, text):
    part = answer(grader, text)
    assert (part.status, part.score, part.pending) == ("unreadable", 0.0, 0.0)
    assert part.message
    assert part.misconceptions == ()


def test_the_last_line_scores_and_the_first_wrong_one_is_named(grader):
    right = "2*(tanh(w) - y)*(1 - tanh(w)**2)"
    part = answer(grader, f"dL/dw = 2*(tanh(w) - y)\n= {right}")
    assert part.status == "correct"
    assert "Line 1, 2*(tanh(w) - y): this line is wrong" in part.message
    assert "two errors cancel" in part.message
    part = answer(grader, f"{right}\n2*(tanh(w) - y)")
    assert part.status == "wrong"
    assert part.misconceptions == ("inner derivative missing",)
    part = answer(grader, "dL/dw = 2*(tanh(w) - y)\n= 2*tanh(w) - 2*y + 1")
    assert "line 1: inner derivative missing" in part.misconceptions


def test_a_constant_factor_is_named_with_the_convention_held_back_from_the_message(grader):
    part = answer(grader, "(tanh(w) - y)*(1 - tanh(w)**2)")
    assert part.misconceptions == ("right up to the factor 1/2",)
    assert part.message == "Not equal to the quantity asked for."


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("return 2", "bad_output"),
        ("return ['w']", "bad_output"),
        ("return None", "bad_output"),
        ("return object()", "bad_output"),
        ("raise NotImplementedError", "not_started"),
        ("return 1/0", "error"),
        ("import os; os._exit(0)", "crash"),
    ],
)
def test_what_is_no_text_has_its_own_status(grader, body, status):
    part, _ = graded(grader, f"def sym_square():\n    {body}\n")
    assert (part.kind, part.status, part.score) == ("symbolic", status, 0.0)


def test_a_part_that_is_absent_or_does_not_load(grader):
    assert graded(grader, "x = 1\n")[0].status == "missing"
    assert graded(grader, "def sym_square(:\n")[0].status == "load_error"


def test_a_subclass_of_str_is_only_text(grader):
    code = "class S(str):\n    def __eq__(self, other): return True\n    def __len__(self): return 1\n"
    part, _ = graded(grader, code + "def sym_square():\n    return S('w')\n")
    assert part.score == 0.0


def test_the_function_and_the_formula_do_not_depend_on_each_other(grader):
    _, report = graded(grader, "def sym_square():\n    return '2*(tanh(w) - y)/cosh(w)**2'\n")
    assert [part.status for part in report.parts] == ["missing", "correct"]
    assert (report.score, report.max_score) == (2.0, 4.0)


def test_undecided_waits_for_a_person_with_its_points(grader, monkeypatch):
    monkeypatch.setattr(grader._decider, "decide", lambda question, text: SILENT)
    part, report = graded(grader, "def sym_square():\n    return 'w'\n")
    assert (part.status, part.score, part.pending) == ("undecided", 0.0, 2.0)
    assert part.status in WAITING
    record = record_of(("s", "a", "first_mean"), report, file=None, sha256=None)
    assert (record.pending_points, record.max_score) == (2.0, 4.0)


# --- the limited child -----------------------------------------------------------------------------------------


@pytest.fixture
def question(course):
    return load_exercise(course, "first_mean", hidden=True).questions["sym_square"]


def test_a_helper_that_dies_is_started_again(question):
    with Decider() as decider:
        assert decider.decide(question, question.truth).status == "correct"
        os.kill(decider._helper.pid, signal.SIGKILL)
        decider._helper.wait()
        assert decider.decide(question, f"1*{question.truth}").status == "correct"


def test_a_verdict_is_remembered_and_a_limit_is_not(question, monkeypatch):
    said = [SILENT, Decided("wrong"), Decided("correct"), Decided("wrong")]
    decider = Decider()
    monkeypatch.setattr(decider, "_decide", lambda question, text: said.pop(0))
    assert [decider.decide(question, "w").status for _ in range(3)] == ["undecided", "wrong", "wrong"]
    assert decider.decide(question, "y").status == "correct"
    other = replace(question, truth="w")
    assert [decider.decide(other, "y").status for _ in range(2)] == ["wrong", "wrong"]


def test_no_more_verdicts_are_remembered_than_fit(question, monkeypatch):
    decider, asked = Decider(), []
    monkeypatch.setattr("autograder.symbolic.limited.MAX_REMEMBERED", 2)
    monkeypatch.setattr(decider, "_decide", lambda question, text: asked.append(text) or Decided("wrong"))
    for text in "abcca":
        decider.decide(question, text)
    assert asked == ["a", "b", "c", "a"]


def test_a_child_that_runs_into_its_limit_leaves_the_answer_undecided_and_the_helper_alive(question):
    # the limit is lowered in a helper of our own, since no answer is known that takes so long
    program = (
        "import sys, json\n"
        "from autograder.symbolic import limited_child as child\n"
        "def stuck(question, text):\n"
        "    if 'slow' in text:\n"
        "        while True: pass\n"
        "    return read(question, text)\n"
        "read, child.WrittenDerivation, child.CPU_SECONDS = child.WrittenDerivation, stuck, 1\n"
        "child.main()\n"
    )
    from autograder.symbolic.limited import _data

    jobs = [json.dumps({"question": _data(question), "text": text}) for text in ("slow", question.truth)]
    done = subprocess.run(
        [sys.executable, "-c", program], input="\n".join(jobs), capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == ["undecided", "correct"]


def test_the_helper_ends_with_the_decider(question):
    decider = Decider()
    decider.decide(question, "w")
    helper = decider._helper
    decider.close()
    assert helper.returncode is not None


# --- a student's own check -------------------------------------------------------------------------------------


def checked(course, tmp_path: Path, body: str):
    file = tmp_path / "first_mean.py"
    file.write_text(f"def sym_square():\n    {body}\n")
    result = check_file(course, "first_mean", file)
    return next(part for part in result.parts if part.kind == "symbolic"), as_text(result)


def test_a_student_sees_how_an_answer_is_read(course, tmp_path):
    part, text = checked(course, tmp_path, "return '2*(tanh(w)-y)/cosh(w)^2'")
    assert part.status == "correct"
    assert "read as     2*(tanh(w) - y)/cosh(w)**2" in text


@pytest.mark.parametrize(
    ("body", "status"),
    [("return 'w'", "wrong"), ("return 'q + 1'", "unreadable"), ("return 3", "bad_output"), ("pass", "bad_output")],
)
def test_a_student_is_told_what_is_wrong(course, tmp_path, body, status):
    part, _ = checked(course, tmp_path, body)
    assert part.status == status
    assert part.outcomes[0].failure is not None


def test_an_unreadable_answer_is_told_what_it_may_use(course, tmp_path):
    part, _ = checked(course, tmp_path, "return 'q + 1'")
    assert "It may use w, y." in part.outcomes[0].failure.message


def test_what_is_frozen_holds_neither_the_truth_nor_the_wrong_answers(course):
    folder = load_exercise(course, "first_mean", hidden=True)
    written = json.dumps(freeze(folder)["questions"])
    assert folder.questions["sym_square"].truth not in written
    assert all(form.answer not in written for form in folder.questions["sym_square"].misconceptions)


def test_without_published_data_the_part_is_not_examined(course, tmp_path):
    released = tmp_path / "released"
    folder = released / "exercises" / "first_mean"
    folder.mkdir(parents=True)
    for name in ("checks.py", "first_mean.py"):
        (folder / name).write_text((course / "exercises" / "first_mean" / name).read_text())
    file = tmp_path / "first_mean.py"
    file.write_text("def sym_square():\n    return 'w'\n")
    assert check_file(released, "first_mean", file).unexamined == ("sym_square",)


@pytest.mark.parametrize(
    ("value", "spared"),
    [
        ("0.0", ("autograder.symbolic", "sympy", "mpmath")),
        ("sum(y) / len(y)", ("autograder.symbolic", "sympy", "yaml")),
    ],
    ids=["wrong", "right"],
)
def test_a_numeric_check_imports_nothing_for_formulas_and_courses(course, tmp_path, value, spared):
    file = tmp_path / "second_mean.py"
    file.write_text(f"# the shape of an array holds names of packages\ndef sample_mean(y):\n    return {value}\n")
    program = (
        "import sys; from pathlib import Path; from autograder.student.check import check_file\n"
        f"check_file(Path({str(course)!r}), 'second_mean', Path({str(file)!r}))\n"
        f"assert not [n for n in sys.modules if n.startswith({spared!r})]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


# --- authors ---------------------------------------------------------------------------------------------------


def test_a_question_for_a_function_part_is_refused(tmp_path):
    root = make_course(tmp_path / "course")
    with (root / "exercises" / "first_mean" / "grading.py").open("a", encoding="utf-8") as file:
        file.write("SAMPLE_MEAN, GRADING = None, {'sample_mean': 1}\n")
    with pytest.raises(CourseError, match="a function part has a Hidden"):
        load_exercise(root, "first_mean", hidden=True)


@pytest.mark.core_sample(1)
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('truth="2*(tanh', 'truth="3*(tanh', "is wrong with 0 of 4"),
        ('"2*(tanh(w) - y)", "How', '"2*(tanh(w) - y)/cosh(w)**2", "How', "is accepted"),
    ],
)
def test_verify_sees_a_broken_question(course, tmp_path, before, after, said):
    import shutil

    from autograder.authoring.verify import verify_exercise

    shutil.copytree(course, tmp_path / "course")
    grading = tmp_path / "course" / "exercises" / "first_mean" / "grading.py"
    assert before in grading.read_text()
    grading.write_text(grading.read_text().replace(before, after))
    folder = verify_exercise(load_exercise(tmp_path / "course", "first_mean", hidden=True), strict=False)
    assert any(said in problem for problem in folder.all_problems)


def test_verify_counts_the_symbolic_part(course):
    from autograder.authoring.verify import as_json, verify_exercise

    data = as_json([verify_exercise(load_exercise(course, "first_mean", hidden=True), strict=False)])
    assert (data["symbolic"], data["examined"]) == (1, 2)
    part = next(part for part in data["exercises"][0]["parts"] if part["kind"] == "symbolic")
    assert part["problems"] == ()
    assert part["proof"] in ("exact", "general")


TEXTS = {
    "a heading and LaTeX": r"## sym_square" + "\n\n" + r"The chain rule gives $2(\tanh w - y)(1-\tanh^2 w)$.",
    "a display": "## sym_square\n" + r"\[ 2\,(\tanh w - y)\,(1-\tanh^2 w) \]",
    "a derivation": "**sym_square**: let $a = \\tanh w$, then\n$$\n\\frac{dL}{dw} = 2(a-y)(1-a^2)\n$$\n## next\n$17$",
    "a block of code": "### `sym_square`\n```\n2*(tanh(w) - y)*(1 - tanh(w)**2)\n```\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_formula_in_the_text_next_to_the_code_is_the_answer(course, grader, tmp_path, text):
    stub = (course / "exercises" / "first_mean" / "first_mean.py").read_text()
    file = tmp_path / "first_mean.py"
    file.write_text(stub)
    file.with_suffix(".md").write_text(text)
    checked = check_file(course, "first_mean", file, ("sym_square",))
    assert checked.parts[0].status == "correct"
    assert checked.parts[0].reading
    document = read_document(stub.encode(), "first_mean", ".py")
    running = grader.as_run("first_mean", document, [("first_mean.md", text.encode())])
    part = next(p for p in grader.report("first_mean", running.source, 0).parts if p.name == "sym_square")
    assert (part.status, part.score) == ("correct", part.max_score)


def test_a_formula_in_a_text_cell_is_the_answer_unless_the_function_is_written(course, grader):
    stub = (course / "exercises" / "first_mean" / "first_mean.py").read_text()
    written = stub.replace(STUB.strip(), 'def sym_square():\n    return "w"\n')
    for code, status in ((stub, "correct"), (written, "wrong")):
        cells = [("markdown", TEXTS["a heading and LaTeX"]), ("code", code)]
        notebook = {"cells": [{"cell_type": kind, "metadata": {}, "source": source} for kind, source in cells]}
        document = read_document(json.dumps(notebook).encode(), "first_mean", ".ipynb")
        running = grader.as_run("first_mean", document, ())
        part = next(p for p in grader.report("first_mean", running.source, 0).parts if p.name == "sym_square")
        assert part.status == status


def test_the_words_of_the_handout_are_not_an_answer(course, grader):
    folder = load_exercise(course, "first_mean", hidden=False)
    text = "## sym_square\nNo formula here.\n" + "\n".join(folder.text().splitlines())
    document = read_document(folder.stub.read_bytes(), "first_mean", ".py")
    source = grader.as_run("first_mean", document, [("first_mean.md", text.encode())]).source
    assert [cell.id for cell in source.cells] == ["file"]


@pytest.mark.parametrize("edited", [False, True])
def test_a_locked_cell_as_it_was_released_is_not_an_answer_though_the_statement_changed_since(edited, course, grader):
    utils = pytest.importorskip("nbgrader.utils", reason="nbgrader is not installed")
    from nbformat.v4 import new_markdown_cell

    kept = {"grade": False, "solution": False, "locked": True, "grade_id": "first_mean-text-sym_square"}
    cell = new_markdown_cell("## sym_square\n\nAn earlier statement, on $(w-y)^2$.", metadata={"nbgrader": kept})
    cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)
    cell.source += "\n\n$$2(\\tanh w - y)(1-\\tanh^2 w)$$" if edited else ""
    stub = (course / "exercises" / "first_mean" / "first_mean.py").read_text()
    cells = [cell, {"cell_type": "code", "metadata": {}, "source": stub}]
    document = read_document(json.dumps({"cells": cells}).encode(), "first_mean", ".ipynb")
    source = grader.as_run("first_mean", document, ()).source
    assert ("text" in [one.id for one in source.cells]) == edited


@pytest.mark.parametrize("answered", [False, True])
def test_the_notebook_of_a_bundle_is_untouched_although_its_statement_changed_since(answered, grader, tmp_path):
    root = make_course(tmp_path / "course")
    folder = root / "exercises" / "first_mean"
    checks = folder / "checks.py"
    checks.write_text(checks.read_text().rpartition("    ),\n)\n")[0] + PART)
    for name, text in (("grading.py", QUESTION), ("first_mean.py", STUB)):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
    with (folder / "README.md").open("a", encoding="utf-8") as file:
        file.write("\n## sym_square\n\nDerive $(\\tanh(w) - y)^2$, in a wording of the first week.\n")
    files = Release.of(load_course(root), "hw1", solved=False).bundle()
    notebook = json.loads(files["exercises/first_mean/first_mean.ipynb"])
    texts = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    assert any("of the first week" in cell["source"] for cell in texts)
    if answered:
        texts[-1]["source"] += "\n\n$$2(\\tanh w - y)(1-\\tanh^2 w)$$"
    document = read_document(json.dumps(notebook).encode(), "first_mean", ".ipynb")
    source = grader.as_run("first_mean", document, ()).source  # by the course as it is today, without that wording
    assert ("text" in [one.id for one in source.cells]) == answered
