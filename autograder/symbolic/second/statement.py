"""What the second judge is asked, and what it answers: plain data that crosses as JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

from autograder.plain import dataclass
from autograder.symbolic.language.question import Question

Judgement = Literal["confirmed", "undecided", "contradicted"]

METHOD = 2
"""Number of the method; an opinion of another one is asked for again."""


@dataclass(frozen=True)
class Statement:
    """A verdict of the engine on one formula.

    Attributes
    ----------
    line : int
        The student's line; 0 for the answer.
    text : str
        The formula in the language of answers.
    against : str
        What it was compared with; empty for the quantity asked.
    index : tuple of str
        Names of the free indices of a formula in index form.
    names : tuple of (str, tuple of str, str)
        Names that the lines before define: name, indices and formula.
    equal : bool
        What the engine says.
    at : str
        The point at which they differ, where they do.
    """

    line: int
    text: str
    equal: bool
    against: str = ""
    index: tuple[str, ...] = ()
    names: tuple[tuple[str, tuple[str, ...], str], ...] = ()
    at: str = ""


@dataclass(frozen=True)
class Opinion:
    """What SymPy says of a verdict, with the reason where it does not confirm it."""

    answer: Judgement
    reason: str = ""


def key_of(question: Question, statement: Statement) -> str:
    """Return the key of an opinion: question, formula, what is said of it, and the versions that judge it."""
    asked = asdict(statement)
    del asked["line"]  # the same formula on another line has the same verdict
    text = json.dumps([asdict(question), asked, METHOD, _sympy()], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def _sympy() -> str:
    try:
        return version("sympy")
    except PackageNotFoundError:
        return "absent"


def statement_of(data: dict[str, Any]) -> Statement:
    """Return the statement that crossed as JSON."""
    names = tuple((str(n), tuple(map(str, at)), str(text)) for n, at, text in data["names"])
    return Statement(
        int(data["line"]),
        str(data["text"]),
        bool(data["equal"]),
        str(data["against"]),
        tuple(map(str, data["index"])),
        names,
        str(data["at"]),
    )
