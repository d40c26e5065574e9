"""Put a submission's code into the order in which it runs: the released set-up first, and no stub over an answer."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache

from autograder.plain import dataclass, late
from autograder.sandbox.source import Cell, Source

SETUP = "setup as released"
_BOUND = late(r"^[ \t]*(?:def +(\w+)|(\w+)[ \t]*(?::[^=\n]+)?=(?!=))", re.MULTILINE)


@dataclass(frozen=True)
class AsRun:
    """Code in the order in which it is run, and what a reader of the record should know of it."""

    source: Source
    notes: tuple[str, ...] = ()


def as_run(source: Source, parts: Collection[str], stub: str | None = None, packages: tuple[str, ...] = ()) -> AsRun:
    """Return a submission as it is run.

    * A notebook begins with the imports of the released set-up cell, whatever became of that cell.
    * Where a function is defined several times, an untouched stub never replaces an answer.  Of several answers the
      last one counts, as in Python, and a note says so.
    * A marimo file is split into its cells.

    Parameters
    ----------
    source : Source
        As it was read.
    parts : collection of str
        Names of the exercise's functions.
    stub : str, optional
        The exercise's stub as it was released, from which the imports are taken.
    packages : tuple of str
        Distributions that the course provides besides NumPy and SciPy.
    """
    cells, notes = _answers_win(marimo_cells(source) or source.cells, parts)
    imports = _imports(stub) if stub is not None and source.is_notebook else ""
    cells = (Cell(SETUP, imports), *cells) if imports else cells
    return AsRun(replace(source, cells=cells, packages=packages), notes)


@lru_cache(maxsize=64)
def _imports(stub: str) -> str:
    tree = _tree(stub)
    body = tree.body if tree is not None else []
    return "\n".join(ast.unparse(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom))


def _answers_win(cells: tuple[Cell, ...], parts: Collection[str]) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """Blank the untouched stubs of functions that are answered elsewhere; note what is answered more than once."""
    often = Counter(name for cell in cells for pair in _BOUND.findall(cell.text) for name in pair)
    parts = {name for name in parts if often[name] > 1}
    if not parts:  # as in nearly every submission: nothing needs to be parsed
        return cells, ()
    found: dict[str, list[tuple[int, ast.FunctionDef]]] = defaultdict(list)
    elsewhere: set[str] = set()
    for number, cell in enumerate(cells):
        for node in _statements(cell.text, parts):
            if isinstance(node, ast.FunctionDef) and node.name in parts:
                found[node.name].append((number, node))
            else:
                elsewhere |= set(_given(node))
    lines = {number: cell.text.split("\n") for number, cell in enumerate(cells)}
    notes = []
    for name, definitions in found.items():
        answers = [number for number, function in definitions if not is_untouched(function)]
        if not answers and name not in elsewhere:
            continue
        for number, function in definitions:
            if is_untouched(function):
                start = min([function.lineno, *(d.lineno for d in function.decorator_list)]) - 1
                end = function.end_lineno or function.lineno
                lines[number][start:end] = [""] * (end - start)
        if len(answers) > 1:
            where = f" (cell {cells[answers[-1]].id})" if len(cells) > 1 else ""
            notes.append(f"{name} is defined {len(answers)} times; the last definition counts{where}")
    changed = (Cell(cell.id, "\n".join(lines[number])) for number, cell in enumerate(cells))
    return tuple(changed), tuple(notes)


def is_untouched(function: ast.FunctionDef) -> bool:
    """Return whether a function is a stub as it was released: a docstring, then ``raise NotImplementedError``."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if len(body) != 1 or not isinstance(body[0], ast.Raise) or body[0].exc is None:
        return False
    raised = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _statements(text: str, names: Collection[str]) -> Iterator[ast.stmt]:
    tree = _tree(text) if any(name in text for name in names) else None
    yield from tree.body if tree else ()


def _given(node: ast.stmt) -> Iterator[str]:
    """Yield the names for which a statement gives a function in another way than by a plain definition."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(node.value, ast.Lambda | ast.Name | ast.Attribute | ast.Call):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.If | ast.Try | ast.With):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.FunctionDef):
                if not is_untouched(inner):
                    yield inner.name
            elif isinstance(inner, ast.stmt):
                yield from _given(inner)


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


# --- marimo ----------------------------------------------------------------------------------------------------


def marimo_cells(source: Source) -> tuple[Cell, ...]:
    """Return the cells of a marimo file in the order in which they depend on each other; none if it is not one."""
    if len(source.cells) != 1 or "marimo.App(" not in source.cells[0].text:
        return ()
    text = source.cells[0].text
    tree = _tree(text)
    if tree is None:
        return ()
    lines = text.split("\n")
    waiting = [cell for node in tree.body if (cell := _marimo_cell(node, lines))]
    ordered: list[_MarimoCell] = []
    defined: set[str] = set()
    while waiting:
        produced = {name for cell in waiting for name in cell.gives}
        # a circle, or a name given by its own cell: the file's order decides
        ready = next((c for c in waiting if not (c.needs & produced) - c.gives - defined), waiting[0])
        waiting.remove(ready)
        ordered.append(ready)
        defined |= ready.gives
    return tuple(Cell(f"cell-{cell.line}", cell.text) for cell in ordered)


@dataclass(frozen=True)
class _MarimoCell:
    line: int
    text: str
    needs: frozenset[str]
    gives: frozenset[str]


def _marimo_cell(node: ast.stmt, lines: list[str]) -> _MarimoCell | None:
    if isinstance(node, ast.With) and "app.setup" in ast.unparse(node.items[0].context_expr):
        return _body_of(node.body, lines, node.lineno, frozenset())
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return None
    kinds = {ast.unparse(d).partition("(")[0] for d in node.decorator_list}
    if kinds & {"app.function", "app.class_definition"}:
        text = "\n" * (node.lineno - 1) + "\n".join(lines[node.lineno - 1 : node.end_lineno])
        return _MarimoCell(node.lineno, text, frozenset(), frozenset({node.name}))
    if "app.cell" not in kinds or isinstance(node, ast.ClassDef):
        return None
    return _body_of(node.body, lines, node.lineno, frozenset(argument.arg for argument in node.args.args))


def _body_of(body: list[ast.stmt], lines: list[str], line: int, needs: frozenset[str]) -> _MarimoCell:
    """Return a cell's statements, moved to the margin at their own line numbers, without the final ``return``."""
    given: set[str] = set()
    kept = [node for node in body if not isinstance(node, ast.Return)]
    for node in body:
        if isinstance(node, ast.Return) and node.value is not None:
            given |= {name.id for name in ast.walk(node.value) if isinstance(name, ast.Name)}
    if not kept:
        return _MarimoCell(line, "", needs, frozenset(given))
    start, end = kept[0].lineno, kept[-1].end_lineno or kept[-1].lineno
    indent = kept[0].col_offset
    moved = [text[indent:] if not text[:indent].strip() else text for text in lines[start - 1 : end]]
    return _MarimoCell(line, "\n" * (start - 1) + "\n".join(moved), needs, frozenset(given))
