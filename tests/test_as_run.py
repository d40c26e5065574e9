"""A submission as it is run: the set-up as released, answers before untouched stubs, marimo by its cells."""

from shutil import copytree

import numpy as np
import pytest
from click.testing import CliRunner

from autograder.cli import author, cli, doctor
from autograder.intake.as_run import SETUP, as_run, is_untouched
from autograder.intake.magics import script
from autograder.model import Call, Limits
from autograder.sandbox.lone import observe_lone
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Segment

STUB = 'import numpy as np\n\n\ndef mse(a):\n    """Mean."""\n    raise NotImplementedError\n'
UNTOUCHED = {
    "as released": 'def mse(a):\n    """Mean."""\n    raise NotImplementedError\n',
    "in a notebook": "def mse(a):\n    # YOUR CODE HERE\n    raise NotImplementedError()\n",
}
ANSWER = "def mse(a):\n    return float(np.mean(a))\n"


def value_of(source):
    limits = Limits(cpu_seconds=60.0)  # a package of the course is imported in the child, on a busy machine as well
    segment = Segment("mse", limits, False, (Call("mse", (np.array([1.0, 3.0]),)),))
    return observe_lone(source, Batch("room", (segment,)))[0][0]


def notebook(*texts):
    return Source("e.ipynb", tuple(Cell(f"c{i}", text) for i, text in enumerate(texts)))


@pytest.mark.parametrize("stub", UNTOUCHED.values(), ids=UNTOUCHED)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("split", [True, False])
def test_an_untouched_stub_never_wins_over_an_answer(stub, order, split):
    texts = [(ANSWER, stub)[i] for i in order]
    source = notebook(*texts) if split else notebook("\n".join(texts))
    run = as_run(source, ("mse",), STUB)
    assert value_of(run.source).value == 2.0
    assert run.notes == ()


@pytest.mark.parametrize("stub", UNTOUCHED.values(), ids=UNTOUCHED)
def test_a_stub_alone_stays(stub):
    source = Source("e.py", (Cell("file", "import numpy as np\n" + stub),))
    assert as_run(source, ("mse",), STUB).source == source
    assert value_of(source).error == "NotImplementedError"


def test_of_two_answers_the_last_counts_and_a_note_says_so():
    run = as_run(notebook(ANSWER, "def mse(a):\n    return 7.0\n"), ("mse",), STUB)
    assert value_of(run.source).value == 7.0
    assert run.notes == ("mse is defined 2 times; the last definition counts (cell c1)",)


def test_a_helper_that_is_defined_twice_is_of_no_interest():
    assert as_run(notebook("def g(): pass", "def g(): pass"), ("mse",), STUB).notes == ()


def test_blanked_stubs_keep_the_line_numbers_of_what_follows():
    text = UNTOUCHED["as released"] + "\n" + ANSWER
    [_, cell] = as_run(notebook(text), ("mse",), STUB).source.cells
    assert cell.text.split("\n").index("def mse(a):") == text.split("\n").index("def mse(a):", 1)


def test_the_imports_of_the_set_up_run_whatever_became_of_its_cell():
    run = as_run(notebook("import nowhere_at_all\nimport numpy as np", ANSWER), ("mse",), STUB)
    assert run.source.cells[0] == Cell(SETUP, "import numpy as np")
    assert value_of(run.source).value == 2.0


VSCODE = "# %%\n%matplotlib inline\nimport numpy as np\n# %%\n!pip install numpy\n" + ANSWER
SCRIPTS = {
    "magics of an editor that runs it by cells": (VSCODE, True),
    "a file that was written by a cell": ("%%writefile e.py\nimport numpy as np\n" + ANSWER, True),
    "a modulo over two lines": ("x = (7\n  %x0)\n".replace("x0", "len('ab')") + ANSWER, False),
    "await at the top": ("import asyncio\nawait asyncio.sleep(0)\nx = (7\n%len('ab'))\n" + ANSWER, False),
    "broken for another reason": ("%pwd\nx = = 1\n" + ANSWER, False),
    "a text": ('"""\n%matplotlib inline\n"""\n' + ANSWER, False),
}


@pytest.mark.parametrize("case", SCRIPTS)
def test_a_script_loses_its_magics_only_where_python_cannot_read_it_with_them(case):
    text, loses = SCRIPTS[case]
    code, notes = script(text)
    assert (code != text, bool(notes)) == (loses, loses)
    assert code.count("\n") == text.count("\n")
    assert ANSWER in code


def test_a_package_that_is_not_provided_is_not_found_wherever_it_is_installed():
    for name in ("torch", "pytest"):  # the second is installed where this test runs
        looks = f"import importlib.util\nHAS = importlib.util.find_spec({name!r}) is not None"
        source = notebook(looks, "def mse(a): return float(HAS)\n")
        assert value_of(as_run(source, ("mse",), STUB).source).value == 0.0
    source = notebook(
        "import importlib.util", "def mse(a): return float(importlib.util.find_spec('json') is not None)\n"
    )
    assert value_of(as_run(source, ("mse",), STUB).source).value == 1.0


def test_a_script_runs_as_it_is():
    source = Source("e.py", (Cell("file", "import numpy as np\n" + ANSWER),))
    assert as_run(source, ("mse",), STUB).source == source


MARIMO = '''import marimo

__generated_with = "0.9.0"
app = marimo.App(width="medium")

with app.setup:
    import math


@app.cell
def _(half, np):
    def mse(a):
        return half * 2 * float(np.mean(a))
    return (mse,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""# A title""")
    return


@app.cell
def _():
    import numpy as np
    half = math.sqrt(0.25)
    return half, np


@app.function
def helper(x):
    return x


if __name__ == "__main__":
    app.run()
'''


def test_a_marimo_file_is_read_by_its_cells_in_the_order_of_their_dependencies():
    run = as_run(Source("e.py", (Cell("file", MARIMO),)), ("mse",), STUB)
    assert len(run.source.cells) == 5
    assert value_of(run.source).value == 2.0


@pytest.mark.parametrize(
    ("text", "untouched"),
    [
        ("def f(): raise NotImplementedError", True),
        ("def f(): raise NotImplementedError('later')", True),
        ("def f():\n    'doc'\n    raise NotImplementedError", True),
        ("def f():\n    x = 1\n    raise NotImplementedError", False),
        ("def f(): raise ValueError", False),
        ("def f(): pass", False),
        ("def f():\n    raise", False),
    ],
)
def test_a_stub_is_a_docstring_and_notimplementederror(text, untouched):
    import ast

    [function] = ast.parse(text).body
    assert is_untouched(function) is untouched


def test_a_package_of_the_course_is_not_stood_in_for():
    source = notebook("import sklearn\nfrom sklearn.linear_model import LinearRegression", "def mse(a): return 2.0\n")
    assert value_of(as_run(source, ("mse",), STUB, ("scikit-learn",)).source).value == 2.0
    use = notebook("import sklearn", "def mse(a): return float(len(sklearn.__version__) > 1)\n")
    assert value_of(as_run(use, ("mse",), STUB, ("scikit-learn",)).source).value == 1.0
    assert value_of(as_run(use, ("mse",), STUB).source).value == 0.0


NOT_INSTALLED = {
    "a-package-that-nobody-has": "; pip install a-package-that-nobody-has",
    "nunpy": "; did you mean 'numpy'?",
    "Skikit-Learn": "; did you mean 'scikit-learn'?",
    "sklearn": "; did you mean 'scikit-learn'?",
}


@pytest.mark.parametrize("name", NOT_INSTALLED)
@pytest.mark.parametrize("command", ["grade", "doctor", "verify"])
def test_a_package_of_the_course_that_is_not_installed_is_named_with_its_line(
    mini, tmp_path, monkeypatch, command, name
):
    course, submitted = copytree(mini, tmp_path / "course"), tmp_path / "submitted"
    with (course / "course.yml").open("a", encoding="utf-8") as file:
        file.write(f"packages:\n  - numpy\n  - {name}\n")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course))
    monkeypatch.setattr(author, "_verify_all", lambda *_: ())  # without the exercises themselves
    monkeypatch.setattr(doctor, "_sandbox", lambda: True)
    submitted.mkdir()
    words = [command, str(submitted), "--out", str(tmp_path / "out")] if command == "grade" else [command]
    done = CliRunner().invoke(cli, words)
    said = done.output + str(done.exception)
    line = len((course / "course.yml").read_text(encoding="utf-8").splitlines())
    assert f"course.yml:{line}: packages: {name} is not installed here" in said
    assert f"would fail{NOT_INSTALLED[name]}" in said
    assert done.exit_code != 0
