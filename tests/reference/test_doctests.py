"""Every public function of the reference has an example that can be run, and prints what it says."""

import ast
import doctest
import importlib

import numpy as np
import pytest

from tests.conftest import ROOT

MODULES = sorted(path.stem for path in (ROOT / "reference").glob("[a-z]*.py"))


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


def test_the_page_of_the_reference_is_true():
    assert doctest.testfile(str(ROOT / "reference" / "README.md"), module_relative=False).failed == 0
