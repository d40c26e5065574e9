"""The public checks in a notebook: the verdict of the command line, whatever the function does, without traceback."""

import html
import linecache
import re
import sys
import types

import numpy as np
import pytest

from autograder.course.exercises import load_exercise
from autograder.errors import CourseError
from autograder.release.answers import answer_cells
from autograder.student.check import check_file
from autograder.student.in_notebook import Shown, check, graded, hint, written_out
from autograder.student.render import as_text
from tests.conftest import make_course


def run_cells(*cells):
    """Return the names that cells define, with sources that can be found again as a kernel keeps them."""
    module = types.ModuleType("__main__")
    for number, text in enumerate(cells):
        name = f"<test-cell-{id(module)}-{number}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        exec(compile(text, name, "exec"), vars(module))
    return module


@pytest.fixture
def course(tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    monkeypatch.setenv("AUTOGRADER_COURSE", str(root))
    return root


def stub_of(root):
    """The stub of the first exercise with its function's name and header."""
    text = (root / "exercises" / "first_mean" / "first_mean.py").read_text()
    part = load_exercise(root, "first_mean", hidden=False).exercise.parts[0]
    header = re.search(rf"^def {part.name}\((.*?)\):", text, re.MULTILINE)
    return part.name, [one.strip() for one in header[1].split(",")]


def body_as_file(root, name, arguments, body):
    file = root / "exercises" / "first_mean" / "first_mean.py"
    file.write_text(f"import numpy as np\n\n\ndef {name}({', '.join(arguments)}):\n    {body}\n")
    return file


@pytest.mark.parametrize(
    "body", ["return 0.0", "return None", "raise NotImplementedError", "return 1 / 0", "return 1j"]
)
def test_the_verdict_is_that_of_the_command_line(course, body):
    name, arguments = stub_of(course)
    file = body_as_file(course, name, arguments, body)
    module = run_cells("import numpy as np", f"def {name}({', '.join(arguments)}):\n    {body}\n")
    said = check(vars(module)[name], "first_mean").text

    def part_line(text):
        return next(line for line in text.splitlines() if re.match(rf"  (ok|no|--)  {name}\b", line)).split()

    assert part_line(said) == part_line(as_text(check_file(course, "first_mean", file)))
    assert "Traceback" not in said


def test_the_kernel_survives_a_function_that_ends_its_process(course):
    name, arguments = stub_of(course)
    module = run_cells("import os", f"def {name}({', '.join(arguments)}):\n    os._exit(3)\n")
    assert f"  no  {name}" in check(vars(module)[name], "first_mean").text


def test_html_is_escaped_text(course):
    name, arguments = stub_of(course)
    module = run_cells(f"def {name}({', '.join(arguments)}):\n    return '<script>alert(1)</script>'\n")
    shown = check(vars(module)[name], "first_mean")
    assert "<script>" in repr(shown)
    assert "<script>" not in shown._repr_html_()
    assert "&lt;script&gt;" in shown._repr_html_()


def test_html_says_the_same_as_the_text_and_the_formula_beside_it():
    text = "exercise: A < B\n  ok  f  passes\n  no  g  fails\n        returned    '$x$'\n    ok  printed\n\n1 of 2"
    plain, shown = Shown(text)._repr_html_(), Shown(text, r"a & \frac{b}{c} < 1")._repr_html_()
    assert html.unescape(re.sub(r"<[^>]*>", "", plain)) == text
    assert shown.startswith(plain)
    assert shown.removeprefix(plain).count(r"$\displaystyle a &amp; \frac{b}{c} &lt; 1$") == 1
    assert plain.count("background-color") == 2  # only a verdict has a badge, never what code prints


def test_an_error_names_its_line_in_the_cell(course):
    name, arguments = stub_of(course)
    module = run_cells("import numpy as np", f"y = 2\n\ndef {name}({', '.join(arguments)}):\n    return 1 / 0\n")
    assert f"division by zero (line 4 of cell {name})" in check(vars(module)[name], "first_mean").text


def test_what_cannot_be_checked_is_said_in_a_line(course):
    name, _ = stub_of(course)
    other = vars(run_cells("def quite_another(x):\n    return x\n"))["quite_another"]
    twice = vars(run_cells(f"def {name}(x):\n    return x\n"))[name]
    for shown, words in [
        (check(other), "no exercise or part 'quite_another'"),
        (check("sample_maen"), "no exercise or part 'sample_maen'; did you mean 'sample_mean'"),
        (check(name, "first_mean"), f"{name} is not defined: run the cell that holds it first"),
        (check(3), "give the name of the function"),
        (check(), "give the name of the function"),
        (check("first_mean"), f"first_mean is an exercise; name one of its parts: {name}"),
        (hint(), "give the name of a part"),
        (check(twice, "no_such_exercise"), "no exercise 'no_such_exercise'"),
        (check(types.FunctionType((lambda: 0).__code__, {}, name), "first_mean"), ""),
    ]:
        assert words in shown.text
        assert "Traceback" not in shown.text


def test_a_failure_names_a_next_step_that_works_in_the_notebook(course):
    name, arguments = stub_of(course)
    function = vars(run_cells(f"def {name}({', '.join(arguments)}):\n    return 7.0\n"))[name]
    step = check(function, "second_mean").text.rpartition("for a hint: ")[2]
    assert step == f'from autograder.notebook import hint; hint("{name}")'
    hints = load_exercise(course, "second_mean", hidden=False).exercise.parts[0].hints
    for asked in (function, name, function):  # each time the next one, whichever way it is asked for
        shown = hint(asked, "second_mean").text
    assert shown == f"second_mean, {name}: hint 3 of 3\n  {hints[2]}"
    assert "is a part of first_mean, second_mean: name the exercise" in hint(function).text
    assert hint("quite_another").text.startswith("no hint: no exercise or part 'quite_another'")
    assert hint(name, "no_such_exercise").text.startswith("no hint: no exercise 'no_such_exercise'")


def test_an_exercise_is_found_from_the_working_folder_upward(course, monkeypatch):
    name, arguments = stub_of(course)
    module = run_cells(f"def {name}({', '.join(arguments)}):\n    raise NotImplementedError\n")
    monkeypatch.delenv("AUTOGRADER_COURSE")
    monkeypatch.chdir(course / "exercises" / "second_mean")
    assert "not started" in check(vars(module)[name], "first_mean").text


def test_checks_need_neither_reference_nor_grading(course):
    name, arguments = stub_of(course)
    for file in course.glob("exercises/*/grading.py"):
        file.unlink()
    module = run_cells(f"def {name}({', '.join(arguments)}):\n    return 0.0\n")
    assert f"  no  {name}" in check(vars(module)[name], "first_mean").text


def test_a_function_is_written_out_with_all_it_uses():
    module = run_cells(
        "import numpy as np\nimport math as m\nfrom statistics import mean",
        "SHIFT = np.array([1.0, np.inf])\nNAMES = {'a': (1, 2.5)}\nEMPTY = ()",
        "def helper(x):\n    return m.floor(mean(x)) + SHIFT[0] + NAMES['a'][1] + len(EMPTY)\n\nalias = helper",
        "def outer(x):\n    def inner(y):\n        return alias(y)\n    return inner(x)\n",
        "def outer(x):\n    return alias(x) + 1\n",
    )
    names = {}
    for cell in written_out(module.outer):
        exec(cell.text, names)
    assert names["outer"]([1, 2, 3.5]) == module.outer([1, 2, 3.5])
    np.testing.assert_array_equal(names["SHIFT"], module.SHIFT)


def test_functions_that_call_each_other_are_written_once():
    module = run_cells(
        "def even(n):\n    return n == 0 or odd(n - 1)\n\ndef odd(n):\n    return n != 0 and even(n - 1)\n"
    )
    cells = written_out(module.even)
    assert sorted(cell.id for cell in cells) == ["even", "odd"]


def test_a_function_without_source_is_refused():
    space = {}
    exec("def gone(x):\n    return x\n", space)
    with pytest.raises(CourseError, match="run the cell that defines it again"):
        written_out(space["gone"])


@pytest.mark.parametrize("hidden", [True, False])
def test_graded_gives_points_between_none_and_all(course, monkeypatch, capsys, hidden):
    name, arguments = stub_of(course)
    solved = answer_cells(load_exercise(course, "first_mean", hidden=True), solved=True)[name]
    if not hidden:
        for file in course.glob("exercises/*/grading.py"):
            file.unlink()
    wrong = run_cells(f"def {name}({', '.join(arguments)}):\n    raise NotImplementedError\n")
    monkeypatch.setitem(sys.modules, "__main__", wrong)
    assert graded(name, "first_mean", 3.0) == 0.0
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    assert graded(name, "first_mean", 3.0) == 0.0
    monkeypatch.setitem(sys.modules, "__main__", run_cells(f"import numpy as np\n\n{solved}\n"))
    score = graded(name, "first_mean", 3.0)
    assert type(score) is float
    assert score == 3.0
    said = capsys.readouterr()
    assert ("hidden checks follow" in said.out) is not hidden
    assert (f"{score:g} of 3" in said.out) is hidden  # public checks alone promise no points
    assert "unsafe" not in said.out
    assert said.err == ""


@pytest.mark.parametrize("execution", [None, "autograde", "validate"])
def test_one_cell_is_the_student_s_check_and_nbgrader_s_points(course, monkeypatch, capsys, execution):
    name, _ = stub_of(course)
    solved = answer_cells(load_exercise(course, "first_mean", hidden=True), solved=True)[name]
    monkeypatch.setitem(sys.modules, "__main__", run_cells(f"import numpy as np\n\n{solved}\n"))
    if execution is not None:
        monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    said = check(name, "first_mean", points=3.0)
    if execution is None:
        assert "public checks pass" in said.text
        assert capsys.readouterr().out == ""
    else:
        assert said == 3.0
