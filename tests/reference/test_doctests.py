"""Every public function of the reference is described: arguments, result, errors, source, and an example that runs."""

import ast
import doctest
import importlib
import inspect
import re

import numpy as np
import pytest

from tests.conftest import ROOT

MODULES = sorted(path.stem for path in (ROOT / "reference").glob("[a-z]*.py"))
TOOLS = {"batches", "sampler"}
"""They compute nothing that the chapter asks for."""


def public(module):
    """Return the public functions that a module of the reference defines."""
    tree = ast.parse((ROOT / "reference" / f"{module}.py").read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    return {name: getattr(importlib.import_module(f"reference.{module}"), name) for name in names}


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_print_what_they_say(module):
    known = {**vars(importlib.import_module(f"reference.{module}")), "np": np}
    failed = {}
    for name, function in public(module).items():
        (found,) = doctest.DocTestFinder(recurse=False).find(function, name, globs=known)
        assert found.examples, name
        said = []
        if doctest.DocTestRunner().run(found, out=said.append).failed:
            failed[name] = "".join(said)
    assert failed == {}


def section(function, name):
    """Return a section of a docstring in NumPy's form; an empty text if it has none."""
    found = re.search(rf"^{name}\n-+\n(.*?)(?=\n\n[A-Z]\w+\n---|\Z)", inspect.getdoc(function), re.M | re.S)
    return found[1] if found else ""


def refuses(function):
    """Whether a function, or one of its own module that it calls, refuses some arguments by itself."""
    own = vars(inspect.getmodule(function))
    names = function.__code__.co_names
    return "require" in names or any(
        inspect.isfunction(own.get(name)) and own[name].__module__ == function.__module__ and refuses(own[name])
        for name in names
        if own.get(name) is not function
    )


@pytest.mark.parametrize("module", MODULES)
def test_docstrings_name_every_argument_the_result_the_errors_and_the_source(module):
    for name, function in public(module).items():
        heads = re.findall(r"^(\S.*?)(?: : .*)?$", section(function, "Parameters"), re.M)
        described = {one.strip().lstrip("*") for head in heads for one in head.split(",")}
        assert described == set(inspect.signature(function).parameters), name
        assert section(function, "Returns") or section(function, "Yields"), name
        assert section(function, "Raises") or not refuses(function), name
        assert "Chapter:" in section(function, "Notes") or name in TOOLS, name


@pytest.mark.parametrize("module", MODULES)
def test_an_example_shows_values_and_not_shapes(module):
    assert [name for name, function in public(module).items() if ".shape" in section(function, "Examples")] == []


def test_the_page_of_the_reference_is_true():
    assert doctest.testfile(str(ROOT / "reference" / "README.md"), module_relative=False).failed == 0
