"""A function of a notebook, written out with all that it uses there, so that it can run in another process."""

from __future__ import annotations

import ast
import inspect
import math
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from autograder.errors import CourseError
from autograder.sandbox.source import Cell

MAX_VALUES = 10_000
"""Entries of a notebook's array that are copied into the child; functions should not lean on larger ones."""


def written_out(function: Callable[..., Any]) -> tuple[Cell, ...]:
    """Return a function of the notebook and everything that it uses there, as cells that can run elsewhere.

    Raises
    ------
    CourseError
        If the source of the function is gone.
    """
    name = getattr(function, "__name__", "function")
    plain = inspect.unwrap(function)
    notebook = getattr(plain, "__globals__", {})
    writer = _Writer(notebook)
    if not writer.add(name, function):
        raise CourseError(f"the source of {name} cannot be found; run the cell that defines it again")
    return tuple(writer.cells)


class _Writer:
    """Collects cells, each after those it needs."""

    def __init__(self, notebook: Mapping[str, Any]) -> None:
        self._notebook = notebook
        self._seen: set[str] = set()
        self.cells: list[Cell] = []

    def add(self, name: str, value: Any) -> bool:
        """Add what defines a name; False if that cannot be written."""
        self._seen.add(name)
        text = self._text(name, value)
        if text is not None:
            self.cells.append(Cell(name, text))
        return text is not None

    def _text(self, name: str, value: Any) -> str | None:
        if isinstance(value, ModuleType):
            return f"import {value.__name__} as {name}"
        if self._is_own(value):
            return self._definition(name, value)
        if not callable(value):
            literal = _literal(value)
            return None if literal is None else f"{name} = {literal}"
        module, inner = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if module and inner and getattr(sys.modules.get(module), inner, None) is value:
            return f"from {module} import {inner} as {name}"
        return None

    def _is_own(self, value: Any) -> bool:
        plain = inspect.unwrap(value) if callable(value) else value
        if inspect.isfunction(plain):
            return plain.__globals__ is self._notebook
        return inspect.isclass(value) and value.__module__ == self._notebook.get("__name__")

    def _definition(self, name: str, value: Any) -> str | None:
        try:
            lines, first = inspect.getsourcelines(value)
            # empty lines before it: a line that a verdict names is then the line in the notebook's cell
            text = "\n" * max(first - 1, 0) + textwrap.dedent("".join(lines))
            tree = ast.parse(text)
        except (OSError, TypeError, SyntaxError):
            return None
        for used in sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}):
            if used in self._notebook and used not in self._seen:
                self.add(used, self._notebook[used])
        defined = set(_defined(tree))
        inner = getattr(value, "__name__", name)
        return text if name in defined or inner not in defined else f"{text}\n{name} = {inner}\n"


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _literal(value: Any) -> str | None:
    """Return an expression for a plain value, or None if it is not a plain value."""
    if value is None or isinstance(value, bool | int | str | bytes):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else f"float({str(value)!r})"
    if isinstance(value, np.generic | np.ndarray):
        items = _literal(value.tolist()) if value.size <= MAX_VALUES else None
        kind = f"__import__('numpy').array({items}, dtype={str(value.dtype)!r})"
        return None if items is None else kind if isinstance(value, np.ndarray) else f"{kind}[()]"
    if isinstance(value, list | tuple):
        parts = [_literal(item) for item in value]
        inner = ", ".join(part for part in parts if part is not None)
        if None in parts:
            return None
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    if isinstance(value, dict):
        keys, values = _literal(list(value)), _literal(list(value.values()))
        return None if keys is None or values is None else f"dict(zip({keys}, {values}))"
    return None
