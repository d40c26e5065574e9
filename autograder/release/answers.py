"""The text of answer cells: the stub, or the worked solution in nbgrader's markers."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping

from autograder.authoring.standalone import standalone
from autograder.course.exercises import ExerciseFolder
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.student.as_notebook import Stub, read_stub

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def answer_cells(folder: ExerciseFolder, *, solved: bool) -> dict[str, str]:
    """Return the answer cell of every part that is answered in code.

    Parameters
    ----------
    folder : ExerciseFolder
        Loaded with its hidden half if ``solved``.
    solved : bool
        Whether the marked region holds the reference instead of ``raise NotImplementedError``.

    Raises
    ------
    CourseError
        If the stub lacks the function of a part or does not end it with ``raise``.
    """
    stub = read_stub(folder)
    return {part.name: _answer(folder, part, stub, solved) for part in folder.exercise.parts if part.kind != "manual"}


def _answer(folder: ExerciseFolder, part: Part, stub: Stub, solved: bool) -> str:
    text = stub.functions.get(part.name)
    if text is None:
        raise CourseError(f"{folder.stub}: has no function {part.name}; add its stub")
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.FunctionDef)  # read_stub takes nothing else
    last = node.body[-1]
    if not isinstance(last, ast.Raise):
        raise CourseError(f"{folder.stub}: {part.name} must end with `raise NotImplementedError`")
    lines = text.splitlines()
    secret = folder.secrets.get(part.name)
    if solved and secret is not None:
        work = standalone({"worked": secret.reference}).strip()
        inner = f"{work}\n\nreturn worked({_arguments(node)})"
    elif solved and part.name in folder.questions:
        inner = f"return {folder.questions[part.name].truth!r}"
    else:
        inner = "\n".join(line[last.col_offset :] for line in lines[last.lineno - 1 :])
    region = textwrap.indent(f"{BEGIN}\n{inner}\n{END}", " " * last.col_offset)
    return "\n".join([*lines[: last.lineno - 1], region])


def _arguments(node: ast.FunctionDef) -> str:
    given = [*node.args.posonlyargs, *node.args.args]
    names = [argument.arg for argument in given]
    if node.args.vararg is not None:
        names.append(f"*{node.args.vararg.arg}")
    return ", ".join([*names, *(f"{one.arg}={one.arg}" for one in node.args.kwonlyargs)])


def without_markers(cells: Mapping[str, str]) -> dict[str, str]:
    """Return answer cells as students see them: nbgrader's markers taken out."""
    marks = (BEGIN, END)
    return {
        name: "\n".join(line for line in text.splitlines() if line.strip() not in marks) for name, text in cells.items()
    }
