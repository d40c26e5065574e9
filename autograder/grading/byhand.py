"""Parts that a person marks: whether there is something to mark, and how such a part stands until then."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.intake.source import Document
from autograder.model import PartReport

# what releases put into an answer cell; left alone, it is no answer
_PLACEHOLDERS = frozenset({"", "YOUR ANSWER HERE"})


def answered(document: Document | None, written: Iterable[tuple[str, bytes]]) -> bool:
    """Whether something was handed in for the part that is marked by hand; a room has at most one.

    Parameters
    ----------
    document : Document or None
        What was read, with the notebook's cells that are marked by hand.
    written : iterable of (str, bytes)
        Files beside the code: a text or a figure.
    """
    cells = document.answers if document is not None else ()
    return any(cell.text.strip() not in _PLACEHOLDERS for cell in cells) or any(data.strip() for _, data in written)


def manual_report(name: str, worth: float, written: bool) -> PartReport:
    """Return how a part that is marked by hand stands before anyone has marked it."""
    if not written:
        return PartReport(name, "manual", "missing", 0.0, worth, message="nothing was handed in for this part")
    return PartReport(name, "manual", "manual", 0.0, worth, message="waits for a person", pending=worth)
