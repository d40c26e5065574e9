"""Say why a file has no function of a name: what was written instead, where that can be seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile

from autograder.sandbox.source import Cell

_LONGEST = 60
"""Characters of a name that is shown."""


def why_absent(name: str, cells: Sequence[Cell], defined: Iterable[str], *, notebook: bool) -> str:
    """Return what a student wrote instead of a function, with the way out, or nothing.

    Parameters
    ----------
    name : str
        The function that is asked for.
    cells : sequence of Cell
        The code.
    defined : iterable of str
        Names of the functions that it defines at its top.
    notebook : bool
        Whether a place is told by its cell.
    """
    for cell in cells:
        for sign, why in (
            (r"[ \t]*#[# \t]*", "it is commented out"),
            (r"[ \t]+", "it is inside of something else, such as a class or a function; begin it at the left margin"),
        ):
            found = re.search(rf"^{sign}(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b", cell.text, re.MULTILINE)
            if found is not None:
                line = cell.text.count("\n", 0, found.start()) + 1
                return f"in line {line}{f' of cell {cell.id}' if notebook else ''} {why}"
    near = next((one for one in defined if len(one) <= _LONGEST and _close(one, name)), None)
    return f"there is {near}; if that is it, rename it to {name}" if near is not None else ""


def _close(one: str, other: str) -> bool:
    """Whether two names differ by case, underscores and at most one letter more."""
    short, long = sorted((one.casefold().replace("_", ""), other.casefold().replace("_", "")), key=len)
    if len(long) - len(short) > 1:
        return False
    start = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(short, long, strict=False))))
    end = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(short[start:][::-1], long[::-1], strict=False))))
    return len(long) > 3 and len(long) - start - end <= 1
