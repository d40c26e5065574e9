"""A contract is written once, in the stub: the statement and the reference have it from there."""

import ast
import inspect
import json
import shutil

import pytest

from autograder.authoring.verify.promises import exercise_problems
from autograder.course.contract import as_markdown, contract_problems, described, stated
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.errors import CourseError
from autograder.release.build import Release
from tests.conftest import ROOT

NAME = "quantile_loss"
STUB = '''
def risk(y_true, y_pred, *, weights=None):
    """Mean of the squared residuals,
    weighted.

    Said once, and not in the table.

    Parameters
    ----------
    y_true, y_pred : array_like, one shape
        Formed in float64 first.
    weights : array_like or None
        Factors a*b | 1.

    Returns
    -------
    float
        In the unit of y, squared.

    Raises
    ------
    ValueError
        If the shapes differ.
    """
    raise NotImplementedError


def label():
    """Return a label."""
    raise NotImplementedError
'''
RISK, LABEL = ast.parse(STUB).body
MARK = "[contract](risk.py)"
TEXT = r"""| `risk(y_true, y_pred, *, weights=None)` |  | Mean of the squared residuals, weighted. |
| --- | --- | --- |
| `y_true`, `y_pred` | array_like, one shape | Formed in float64 first. |
| `weights` | array_like or None | Factors a\*b \| 1. |
| returns | float | In the unit of y, squared. |
| raises `ValueError` |  | If the shapes differ. |"""


def test_a_contract_reads_as_the_stub_says():
    assert as_markdown(described(RISK)) == TEXT
    assert as_markdown(described(LABEL)) == "| `label()` |  | Return a label. |\n| --- | --- | --- |"


@pytest.fixture
def stub(tmp_path):
    (tmp_path / "risk.py").write_text(STUB)
    return tmp_path / "risk.py"


def test_a_statement_has_it_where_it_is_marked_and_is_untouched_elsewhere(stub):
    text = f"# Title\n\n## risk\n\n4 points\n\n{MARK}\n\nNo more.\n\n## label\n\nA word.\n"
    assert stated(text, "risk.py", stub) == text.replace(MARK, TEXT)
    assert stated(text.replace(MARK, ""), "risk.py", stub.parent / "nowhere") == text.replace(MARK, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [(f"{MARK}\n\n## risk\n", "write it into the section of a part"),
     ("## risk\n\n[contract](risks.py)\n", "README.md:3: the contract is in risk.py"),
     (f"# A\n\n## Conventions\n\n{MARK}\n", "in the section 'Conventions', but the stub has no such function")],
)  # fmt: skip
def test_a_contract_of_nothing_is_named(stub, text, said):
    with pytest.raises(CourseError, match=said):
        stated(text, "risk.py", stub)


def test_a_stub_that_is_no_python_is_named_with_its_line(stub):
    stub.write_text("def risk(:\n")
    with pytest.raises(CourseError, match=r"risk\.py:1: invalid syntax"):
        stated(f"## risk\n\n{MARK}\n", "risk.py", stub)


@pytest.mark.parametrize(("before", "after"), [("weights : array", "weight : array"), ("y_true, y_pred :", "y_true :")])
def test_a_docstring_of_other_arguments_is_named(before, after):
    assert list(contract_problems(RISK)) == []
    (problem,) = contract_problems(ast.parse(STUB.replace(before, after)).body[0])
    assert problem.startswith("the docstring of risk describes (")


@pytest.fixture
def course(tmp_path):
    return shutil.copytree(ROOT / "tests" / "second_course", tmp_path / "course")


def test_the_second_course_writes_its_contract_once(course):
    folder = load_exercise(course, NAME, hidden=True)
    assert "tau is not between 0 and 1" not in (folder.path / "README.md").read_text()
    said = "| raises `ValueError` |  | If the shapes differ, there is no entry, or tau is not between 0 and 1. |"
    assert said in folder.text()
    assert said.strip("| ").rpartition("| ")[2] in inspect.getdoc(folder.secrets["pinball_loss"].reference)
    bundle = Release.of(load_course(course), "first", solved=False).bundle()
    notebook = json.loads(bundle[f"exercises/{NAME}/{NAME}.ipynb"])
    assert said in "".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    assert said in bundle[f"exercises/{NAME}/README.md"].decode()
    assert not [name for name, data in bundle.items() if name.endswith((".md", ".ipynb")) and b"[contract]" in data]


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [("README.md", "## sym_", f"## It\n\n[contract]({NAME}.py)\n\n## sym_", "README.md:16: a contract in"),
     (f"{NAME}.py", "    tau : float", "    tua : float", f"{NAME}.py:1: the docstring of pinball_loss describes")],
)  # fmt: skip
def test_verify_names_the_line_of_a_contract_that_cannot_be(course, file, before, after, said):
    path = course / "exercises" / NAME / file
    path.write_text(path.read_text().replace(before, after))
    problems = list(exercise_problems(load_exercise(course, NAME, hidden=True)))
    assert any(problem.startswith(said) for problem in problems), problems
