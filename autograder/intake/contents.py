"""Identify a file by its content: the exercises that it answers, or why it is not what its name says."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.intake.decode import decode_text
from autograder.intake.source import Rejected
from autograder.plain import dataclass

if TYPE_CHECKING:
    from autograder.course.model import Course

_GRADE_ID = re.compile(r'"grade_id"\s*:\s*"(\w+)-[\w-]*"')
# At the start of a line: of a file, or of a notebook's cell, whose lines are texts or end with the letters \n.
_DEFINED = re.compile(r"""(?:^|["']|\\n)(?:async[ ]+)?def[ ]+(\w+)[ ]*\(""", re.MULTILINE)
_VERSION = re.compile(r'"language_info"\s*:\s*\{[^{}]*(?:\{[^{}]*\}[^{}]*)*?"version"\s*:\s*"([0-9]{1,2}\.[0-9]{1,3})')
_NEWER = (  # syntax of a Python after 3.11: statements of types, their parameters, and texts with fields
    re.compile(r"^\s*type\s+\w+\s*(?:\[[^\]\n]*\])?\s*=(?!=)", re.MULTILINE),
    re.compile(r"^\s*(?:(?:async\s+)?def|class)\s+\w+\s*\[", re.MULTILINE),
    re.compile(r"^\s*except\s+[\w.]+\s*,\s*[\w.]+[^:\n]*:", re.MULTILINE),
    re.compile(r"""(?<![\w"'])[tT][rR]?["']"""),
)

_KINDS = (
    (b"PK\x03\x04", "a zip archive or a document of an office program"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"%PDF-", "a PDF"),
    (b"{\\rtf", "a document of a word processor"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an office program"),
)
_PAGE = "a web page"


@dataclass(frozen=True)
class Answered:
    """The exercises that a file answers.

    Attributes
    ----------
    cells : frozenset of str
        Those of its cells' ``grade_id``s.
    functions : mapping of str to float
        Those of which it defines functions, with the share of the exercise's functions that it defines.
    """

    cells: frozenset[str] = frozenset()
    functions: Mapping[str, float] = field(default_factory=dict)

    @property
    def largely(self) -> frozenset[str]:
        """Exercises of which it defines half of the functions or more: fewer may be helpers of another exercise."""
        return frozenset(name for name, share in self.functions.items() if share >= 0.5)

    @property
    def most(self) -> frozenset[str]:
        """The exercises of which it defines the largest share."""
        best = max(self.functions.values(), default=1.0)
        return frozenset(name for name, share in self.functions.items() if share == best)


@dataclass(frozen=True)
class AskedFunctions:
    """The functions by which each exercise is recognised: those that no other exercise asks for."""

    functions: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, course: Course, asked: Collection[str]) -> AskedFunctions:
        """Read the stubs of the course; exercises in ``asked`` are only told apart from each other."""
        found = {name: frozenset(_functions(course.folder(name) / f"{name}.py")) for name in course.exercises}
        rivals = {name: asked if name in asked else found.keys() for name in found}
        return cls(
            {name: own.difference(*(found[one] for one in rivals[name] if one != name)) for name, own in found.items()}
        )

    def answers(self, data: bytes) -> Answered:
        """Return which exercises a file answers; nothing of it is run, and nothing but text is looked for."""
        try:
            text = decode_text(data)
        except Rejected:
            return Answered()
        cells = frozenset(_GRADE_ID.findall(text)) & self.functions.keys()
        defined = frozenset(_DEFINED.findall(text))
        shares = {name: len(own & defined) / len(own) for name, own in self.functions.items() if own & defined}
        return Answered(cells, shares)

    def speaks_of(self, data: bytes, exercises: Collection[str]) -> bool:
        """Whether the bytes may define a function of these exercises: a quick look, before a close one."""
        return any(name.encode() in data for exercise in exercises for name in self.functions[exercise])


def _functions(stub: Path) -> Iterator[str]:
    try:
        tree = ast.parse(stub.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    yield from (node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def kind_of(data: bytes) -> str | None:
    """Return what a file is by its first bytes: "a PDF", "a RAR archive", or None."""
    if _head(data).startswith((b"<!doctype html", b"<html", b"<?xml")):
        return _PAGE
    return next((what for start, what in _KINDS if data.startswith(start)), None)


def _head(data: bytes) -> bytes:
    return data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def check_kind(data: bytes, suffix: str) -> None:
    """Refuse a file that is not what its name says, or that two versions were left in.

    Raises
    ------
    Rejected
        With what it is, and what to hand in instead.
    """
    wanted = "the notebook itself (.ipynb)" if suffix == ".ipynb" else "the Python file itself (.py)"
    what = kind_of(data)
    if what == _PAGE:
        raise Rejected(f"is a web page and holds no cells that can be run; download {wanted} and hand that in")
    if what:
        raise Rejected(f"is {what} under the name of another kind of file; hand in {wanted}")
    if suffix == ".py" and _head(data).startswith(b"{") and b'"cells"' in data:
        raise Rejected("is a notebook; rename it to end in .ipynb and hand it in again")
    if b"<<<<<<<" in data and (line := conflict(data.decode("utf-8", "replace"))):
        raise Rejected(
            f"line {line}: has merge conflict markers (<<<<<<<, =======, >>>>>>>); "
            "keep one of the two versions, remove the markers, and hand it in again"
        )


def conflict(text: str) -> int | None:
    """Return the line where a merge conflict begins, or None."""
    if "<<<<<<<" not in text:
        return None
    begun, halfway = 0, False
    for number, line in enumerate(text.split("\n"), start=1):
        marker = line[:7] if line[7:8] in ("", " ", "\r") else ""
        if marker == "<<<<<<<":
            begun, halfway = number, False
        elif marker == "=======":
            halfway = begun > 0
        elif marker == ">>>>>>>" and halfway:
            return begun
    return None


def notebook_version(data: bytes) -> tuple[int, int] | None:
    """Return the version of Python that a notebook says it was run with, or None."""
    found = _VERSION.search(data.decode("utf-8", "replace"))
    if found is None:
        return None
    major, _, minor = found[1].partition(".")
    return int(major), int(minor)


def syntax_notes(
    cells: Iterable[tuple[str, str]], version: tuple[int, int] | None, done: str = "graded"
) -> tuple[str, ...]:
    """Say where code cannot be parsed by this Python, but may be valid in a newer one.

    Parameters
    ----------
    cells : iterable of (str, str)
        Where each piece of code is from, and its text.
    version : (int, int) or None
        What the notebook says it was run with.
    done : str
        What is done here: "graded" or "checked".
    """
    ours = sys.version_info[:2]
    here = f"{ours[0]}.{ours[1]}"
    said = f" (the notebook says {version[0]}.{version[1]})" if version is not None else ""
    notes = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that a later Python will refuse
        for where, text in cells:
            try:
                ast.parse(text)
            except SyntaxError as error:
                if version > ours if version is not None else _looks_newer(text, error):
                    line = f" line {error.lineno}" if error.lineno else ""
                    notes.append(f"{where}{line}: may be valid in a newer Python{said}; {done} with {here}")
            except (ValueError, RecursionError, MemoryError):
                continue
    return tuple(notes)


def _looks_newer(text: str, error: SyntaxError) -> bool:
    return "f-string" in str(error.msg) or any(pattern.search(text) for pattern in _NEWER)
