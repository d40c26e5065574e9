"""Read a student's (untrusted) notebook, using only cell sources."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.intake.as_run import is_untouched
from autograder.intake.decode import bidi_notes, decode_text
from autograder.intake.magics import drop_magics
from autograder.intake.source import Document, Rejected
from autograder.sandbox.source import Cell, Source

MAX_DEPTH = 64
MAX_CELLS = 5_000
MAX_ITEMS = 1_000_000
"""Texts, lists and objects in the JSON of one notebook: what they take of memory is many times their length."""
MAX_CODE = 2_000_000
"""Characters of code, and of written answers, in one notebook."""

_EMPTY = "the notebook is empty (0 cells), so it was not saved or not uploaded whole; save it and hand it in again"
_NO_CELLS = "the file is JSON but not a notebook (it has no cells); hand in the notebook itself"

CHECK_TAG = "autograder-check"

_TEXT = "is text, which is not run; make it a code cell"
_CHECK = "is a check cell, which is not run; move it to a cell of its own"
_MAGIC = "begins with a magic (%%) that is not run; remove the magic"

_GRADE_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
# Strings whole (so that brackets in them do not count, ended or not), else one bracket.
_STRING_OR_BRACKET = re.compile(r'"(?>(?:[^"\\]++|\\.)*)(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)
_FENCE = re.compile(r"^[ \t]*```[^\n]*$", re.MULTILINE)  # by which Markdown sets code apart
_LANGUAGE = re.compile(r"[A-Za-z+#.0-9]{1,20}")
_DEFINED = re.compile(r"^(?:async[ \t]+)?def[ \t]+(\w{1,60})[ \t]*\(", re.MULTILINE)
_UNSAFE = re.compile("[\ud800-\udfff\0]")


def read_notebook(data: bytes, filename: str) -> Document:
    """Read a notebook of format 3 or 4; outputs, kernel and points in it are ignored.

    Parameters
    ----------
    data : bytes
        The file.
    filename : str
        Name under which the code runs.

    Returns
    -------
    Document
        Its code cells in order, without our check cells and without magics, and its cells marked by hand.

    Raises
    ------
    Rejected
        If this is not a notebook or exceeds the limits.
    """
    code: list[Cell] = []
    answers: list[Cell] = []
    prose: list[Cell] = []
    unread: list[tuple[Cell, str]] = []
    notes: list[str] = []
    notebook = _parse(decode_text(data))
    for number, cell in enumerate(_cells(notebook), start=1):
        if not isinstance(cell, dict):
            notes.append(f"cell {number}: is not a cell and is left out")
            continue
        _take(cell, number, code, answers, prose, notes)
        if why := _why_not_run(cell):
            unread.append((Cell(_id(_nbgrader(cell), number), cell_text(cell) or ""), why))
    notes += _not_run([*((cell, _TEXT) for cell in prose), *unread], code)
    if (language := _foreign(notebook)) is not None:
        notes.insert(0, f"the notebook says that it is in {language}; it is run as Python, in which answers are asked")
    for kind, cells in (("code", code), ("written answers", answers)):
        size = sum(len(cell.text) for cell in cells)
        if size > MAX_CODE:
            raise Rejected(f"the notebook holds {size} characters of {kind}; shorten it to at most {MAX_CODE}")
    return Document(Source(filename, tuple(code)), tuple(answers), tuple(notes[:20]), tuple(_within(prose)))


def _not_run(cells: list[tuple[Cell, str]], code: list[Cell]) -> Iterator[str]:
    """Yield which cells, none of which is run, hold a function that no code cell answers."""
    run = {cell.id for cell in code if cell.text.strip()}
    found = {(cell.id, name): why for cell, why in cells if cell.id not in run for name in _DEFINED.findall(cell.text)}
    answered = {name for cell in code for name in _answered(cell.text)} if found else set()
    for (where, name), why in found.items():
        if name not in answered:
            yield f"{where}: holds `def {name}`, but {why}"


def _answered(text: str) -> set[str]:
    """Return the functions that a code cell defines, but for stubs as they were released."""
    names = set(_DEFINED.findall(text))
    tree = _tree(text) if names else None
    body = tree.body if tree is not None else []
    return names - {node.name for node in body if isinstance(node, ast.FunctionDef) and is_untouched(node)}


def _within(prose: list[Cell]) -> Iterator[Cell]:
    """Yield texts up to the limit: a notebook is not refused for text that is not an answer."""
    left = MAX_CODE
    for cell in prose:
        yield Cell(cell.id, cell.text[:left])
        left -= len(cell.text)
        if left <= 0:
            return


def raw_cells(data: bytes) -> list[Any]:
    """Return the cells of a notebook as the JSON data they are, whatever that is; every number in them is 0.

    Raises
    ------
    Rejected
        If this is not a notebook or exceeds the limits.
    """
    return _cells(_parse(decode_text(data)))


def _parse(text: str) -> Any:
    if not text.strip():
        raise Rejected(_EMPTY)
    depth = items = 0
    for piece in _STRING_OR_BRACKET.finditer(text):
        if piece[0] in "]}":
            depth -= 1
            continue
        items += 1
        depth += piece[0] in "[{"
        if depth > MAX_DEPTH:
            raise Rejected(f"the notebook's JSON is nested deeper than {MAX_DEPTH} levels; save it without outputs")
        if items > MAX_ITEMS:
            raise Rejected(f"the notebook's JSON holds more than {MAX_ITEMS} texts and lists; save it without outputs")
    try:
        # No number in a notebook matters here, and a long one costs quadratic time to convert.
        return json.loads(text, parse_int=_no_number, parse_float=_no_number, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith("{"):
            raise Rejected(
                "is not a notebook; save the notebook itself or, if this is Python code, rename the file to end in "
                ".py, and hand it in again"
            ) from None
        raise Rejected(f"the notebook is not JSON: {error.msg} in line {error.lineno}; save it again") from None
    except (ValueError, RecursionError) as error:
        raise Rejected(f"the notebook's JSON cannot be read ({type(error).__name__}); save it again") from None


def _no_number(_text: str) -> float:
    return 0.0


def _cells(notebook: Any) -> list[Any]:
    if not isinstance(notebook, dict):
        raise Rejected(_NO_CELLS)
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):  # format 3
        cells = []
        for sheet in notebook["worksheets"]:
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list):
                cells += sheet["cells"]
    if not isinstance(cells, list):
        raise Rejected(_NO_CELLS)
    if not cells:
        raise Rejected(_EMPTY)
    if len(cells) > MAX_CELLS:
        raise Rejected(f"the notebook has {len(cells)} cells; hand in at most {MAX_CELLS}")
    return cells


def _take(
    cell: dict[str, Any], number: int, code: list[Cell], answers: list[Cell], prose: list[Cell], notes: list[str]
) -> None:
    meta = _nbgrader(cell)
    text = cell_text(cell)
    name = _id(meta, number)
    if text is None:
        notes.append(f"cell {number}: its text is damaged and is left out")
        return
    if meta.get("grade") is True and meta.get("solution") is True:
        answers.append(Cell(name, text))
    elif cell.get("cell_type") != "code":
        if not _as_released(cell, meta):
            prose.append(Cell(name, text))
    elif meta.get("solution") is not True and is_words(words := drop_magics(text)[0]):
        prose.append(Cell(name, words))
    # an answer in code stays one when its cell was turned into text by a slip of the keyboard
    slipped = meta.get("solution") is True and meta.get("grade") is not True and meta.get("cell_type") == "code"
    if (cell.get("cell_type") == "code" and not _is_check(cell)) or slipped:
        if cell.get("cell_type") != "code":
            notes.append(f"cell {number}: is marked as text, but was released as code and is read as code")
            text = _FENCE.sub("", text)
        python, dropped = drop_magics(text)
        if dropped:
            notes.append(f"cell {number}: magics (% or !) are left out")
        notes += bidi_notes(python, f"cell {number}")
        code.append(Cell(name, python))


def _as_released(cell: dict[str, Any], meta: dict[str, Any]) -> bool:
    """Whether a text cell is the handout's own: locked, and with the checksum that it got at release.

    The statement in the course may have changed since, so the text itself does not tell.
    """
    kept = (meta.get("grade"), meta.get("solution"), meta.get("locked"))
    return kept == (False, False, True) and checksum(cell) == meta.get("checksum")


def checksum(cell: Mapping[str, Any]) -> str:
    """Return nbgrader's checksum of a locked text cell without points."""
    meta = _nbgrader(cell)
    fields = (cell_text(cell), cell.get("cell_type"), *map(meta.get, ("grade", "solution", "locked", "grade_id")))
    return hashlib.md5("".join(map(str, fields)).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def is_words(python: str) -> bool:
    """Whether a code cell holds words instead of code: it does not parse, or is comments and strings only."""
    tree = _tree(python)
    return tree is None or all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for node in tree.body
    )


def _tree(python: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(python)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _why_not_run(cell: Mapping[str, Any]) -> str | None:
    """Return why nothing of a code cell is run, or None."""
    if _is_check(cell):
        return _CHECK
    text = cell_text(cell) or ""
    return _MAGIC if cell.get("cell_type") == "code" and "%%" in text and not drop_magics(text)[0].strip() else None


def _is_check(cell: Mapping[str, Any]) -> bool:
    """Whether it is a code cell of the handout that only checks answers."""
    if cell.get("cell_type") != "code":
        return False
    meta, tags = _nbgrader(cell), _dict(cell.get("metadata")).get("tags")
    if isinstance(tags, list) and CHECK_TAG in tags:
        return True
    return meta.get("grade") is True and meta.get("solution") is False


def cell_text(cell: Mapping[str, Any]) -> str | None:
    """Return the text of a cell, or None if it has none that can be read."""
    text = cell.get("source", cell.get("input"))  # "input" is format 3's word for code
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        text = "".join(text)
    if not isinstance(text, str):
        return None
    # Half a surrogate pair or a NUL cannot reach the compiler; the mark in its place is an error of this cell only.
    return _UNSAFE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def _id(meta: dict[str, Any], number: int) -> str:
    name = meta.get("grade_id")
    return name if isinstance(name, str) and _GRADE_ID.fullmatch(name) else f"cell-{number}"


def _foreign(notebook: Any) -> str | None:
    """Return the language of a notebook that says it is in another one than Python, or None."""
    meta = _dict(_dict(notebook).get("metadata"))
    said = [_dict(meta.get("kernelspec")).get("language"), _dict(meta.get("language_info")).get("name")]
    named = [one for one in said if isinstance(one, str) and _LANGUAGE.fullmatch(one)]
    return None if not named or any("python" in one.lower() for one in named) else named[0]


def _nbgrader(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return what nbgrader wrote of a cell."""
    return _dict(_dict(cell.get("metadata")).get("nbgrader"))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
