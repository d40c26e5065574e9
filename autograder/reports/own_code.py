"""A student's own code, part by part, to be shown next to its verdict: read, never run."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator, Mapping

from autograder.plain import dataclass

MOST = 1 << 20
"""Bytes of a file that is read; a longer one is not shown."""
LINES = 120
"""Lines of a part that are shown."""


@dataclass(frozen=True)
class CodeLine:
    """A line of code with its number in the file or cell, and whether the verdict speaks of it."""

    number: int
    text: str
    named: bool


def own_code(file: str, data: bytes | None) -> Mapping[str, tuple[CodeLine, ...]]:
    """Return the lines of every function at the top of a ``.py`` or a notebook, by the function's name.

    The last definition of a name counts, as it does when the file runs.  What cannot be parsed is shown from the line
    that begins the function.  A docstring of several lines is left out: it was handed out, and hides what was written.
    """
    found: dict[str, tuple[CodeLine, ...]] = {}
    if data is None or len(data) > MOST:
        return found
    for text in _cells(file, data):
        for name, first, last in _functions(text):
            lines = [CodeLine(k, line, False) for k, line in enumerate(text.splitlines()[first - 1 : last], first)]
            found[name] = tuple(_without_docstring(lines)[:LINES])
    return found


def _without_docstring(lines: list[CodeLine]) -> list[CodeLine]:
    """Return the lines of a function without a docstring of several lines; read as text, since it may not parse."""
    for i in range(1, len(lines)):
        opened = _QUOTES.match(lines[i].text)
        if opened is None or not lines[i - 1].text.rstrip().endswith(":"):
            continue
        if opened[1] in lines[i].text[opened.end() :]:
            return lines
        ends = (j for j in range(i + 1, len(lines)) if opened[1] in lines[j].text)
        end = next(ends, None)
        return lines if end is None else lines[:i] + lines[end + 1 :]
    return lines


_QUOTES = re.compile(r"""\s*[rRuU]?(\"{3}|'{3})""")


def _cells(file: str, data: bytes) -> Iterator[str]:
    text = data.decode("utf-8", errors="replace")
    if not file.casefold().endswith(".ipynb"):
        yield text
        return
    try:
        cells = json.loads(text)["cells"]
        for cell in cells:
            if cell.get("cell_type") == "code":
                source = cell.get("source", "")
                yield "".join(source) if isinstance(source, list) else str(source)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return


def _functions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield name, first and last line of each function at the top."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        starts = [(k, line) for k, line in enumerate(text.splitlines(), 1) if line.startswith("def ")]
        ends = [*(k - 1 for k, _ in starts[1:]), len(text.splitlines())]
        for (first, line), last in zip(starts, ends, strict=bool(starts)):
            yield line[4:].partition("(")[0].strip(), first, last
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield node.name, first, node.end_lineno or first
