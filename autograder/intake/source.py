"""What a submitted file holds: code, written answers, or the reason why it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from autograder.plain import dataclass
from autograder.sandbox.source import Cell, Source

T = TypeVar("T")


class Rejected(Exception):
    """A student's file that cannot be read; the text is the record's ``message``."""


@dataclass(frozen=True)
class Document:
    """A file that was read: its code, its written answers (cells marked by hand) and what a reader should know.

    ``prose`` is every other text in it: text cells, and code cells that hold words instead of code.
    """

    source: Source
    answers: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    prose: tuple[Cell, ...] = ()


def once_more(read: Callable[[], T]) -> T:
    """Read, and where the file is refused read it again: a disk may fail once, and a verdict must not hang on that."""
    try:
        return read()
    except Rejected:
        return read()
