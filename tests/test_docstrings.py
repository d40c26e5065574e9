"""Docstrings of public functions name the arguments that there are, and errors that are not explained in errors.py."""

import ast
import re

from tests.conftest import ROOT

SOURCES = sorted(path for path in (ROOT / "autograder").rglob("*.py") if "templates" not in path.parts)


def public(path, methods=True):
    """Yield the public functions of a module, and of its classes, each with its docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inner = [one for node in tree.body if isinstance(node, ast.ClassDef) for one in node.body]
    for node in (*tree.body, *(inner if methods else ())):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node, ast.get_docstring(node) or ""


def arguments(function):
    of = function.args
    listed = (*of.posonlyargs, *of.args, *of.kwonlyargs, *filter(None, (of.vararg, of.kwarg)))
    return {one.arg for one in listed} - {"self", "cls"}


def described(docstring):
    """The names below the heading Parameters; None without one."""
    found = re.search(r"^Parameters\n-+\n(.*?)(?=\n\n\w+\n---|\Z)", docstring, re.M | re.S)
    if found is None:
        return None
    heads = re.findall(r"^(\S.*?)(?: : .*)?$", found[1], re.M)
    return {name.strip().lstrip("*") for head in heads for name in head.split(",")}


def raised(node):
    """Yield the classes of the errors that a function raises in its own body."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Raise) and isinstance(inner.exc, ast.Call):
            yield ast.unparse(inner.exc.func).rpartition(".")[2]
        if not isinstance(inner, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            yield from raised(inner)


def test_arguments_that_are_described_are_those_of_the_function():
    wrong = {
        f"{path.name}: {function.name}": described(text) ^ arguments(function)
        for path in SOURCES
        for function, text in public(path)
        if described(text) is not None
    }
    assert {where: names for where, names in wrong.items() if names} == {}


def test_an_error_that_a_function_raises_itself_is_in_its_docstring():
    """Those of ``autograder/errors.py`` are explained there, once; a private class of error never leaves its module."""
    once = {"CourseError", "Rejected", "GraderError", "missing"}  # `missing` makes a CourseError
    once |= {"UsageError", "SystemExit"}  # click's, and the end of a program
    undocumented = [
        f"{path.name}: {function.name}: {name}"
        for path in SOURCES
        for function, text in public(path, methods=False)
        for name in raised(function)
        if not name.startswith("_") and name not in once and name not in text
    ]
    assert undocumented == []
