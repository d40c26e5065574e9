"""Run an author's laws and criteria, and decide whose fault it is if one of them fails."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.checks.show import show
from autograder.declared import Declared, defined_at, place_of, trace_of
from autograder.errors import CourseError, Endless
from autograder.model import Value
from autograder.plain import dataclass


@dataclass(frozen=True)
class Broken(Declared):
    """What a law returns where it does not hold: what a student reads of it, as in ``Broken("is not even")``.

    ``at`` is the number, from 0, of the call that breaks it: that call is shown with its value.  Where several calls
    break it together it is None; then the first is shown, and said to be the first.  ``seen`` and ``wanted``, numbers
    or arrays of one shape, are what was compared: the entries that are farthest apart are shown.
    """

    message: str
    at: int | None = None
    seen: Value = None
    wanted: Value = None
    FILLED = ("message",)

    def figures(self) -> str:
        """Return the two figures that are farthest apart, in words; an empty text where there are none to show."""
        try:
            seen, wanted = np.asarray(self.seen), np.asarray(self.wanted)
            if seen.ndim == wanted.ndim and seen.shape != wanted.shape:
                return f"shape {seen.shape}, expected shape {wanted.shape}"
            seen, wanted = np.broadcast_arrays(seen, wanted)
        except ValueError:
            return ""
        if seen.size == 0 or seen.dtype.kind not in _NUMBERS or wanted.dtype.kind not in _NUMBERS:
            return ""
        with np.errstate(all="ignore"):
            far = np.abs(np.subtract(seen, wanted, dtype=np.result_type(seen, wanted, float)))
        at = np.unravel_index(int(np.argmax(np.where(np.isnan(far), np.inf, far))), far.shape)
        one, other = show(seen[at].item()), show(wanted[at].item())
        if one == other:
            return ""
        place = f"entry {', '.join(str(int(k)) for k in at)}: " if at else ""
        return f"{place}{one}, expected {other}"


def unseen(got: Value, want: Value, printed: str) -> str:
    """Say where a wrong value differs from the right one that is printed like it."""
    if figures := Broken("differs", seen=got, wanted=want).figures():
        return f" ({figures})"
    return f": it differs in {'entries' if '...' in printed else 'digits'} that are not shown"


_NUMBERS = "biufc"

Held = Broken | str | None
"""None where a law holds; else what is broken (a bare string in exercises written for version 0.1)."""

AlsoRight = Callable[[tuple[Value, ...], Value, Value], Held]
"""Criterion ``also_right(args, got, want)`` in the place of comparison: None if the answer is right."""


def held(what: str, function: Callable[..., Any], law: Callable[[], Any]) -> tuple[Broken | None, str]:
    """Return what is broken (None where the law holds) and, where the law's own code breaks, where it does."""
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)  # a lost imaginary part keeps no real law
            found = law()
    except np.exceptions.ComplexWarning:
        return _WRONG_FORM, ""
    except Endless:
        raise
    except (Exception, SystemExit) as error:  # whose fault it is, is decided by all values
        where = "" if place_of(error) else defined_at(function)  # a call of the law itself may fail
        return _WRONG_FORM, f"{what}{where}: {trace_of(error)}"
    if found is None or isinstance(found, str | Broken):
        return Broken(found) if isinstance(found, str) else found, ""
    wanted = "it returns None where it holds, else Broken('what does not')"
    return _WRONG_FORM, f"{what}{defined_at(function)} returned {found!r}; {wanted}"


_WRONG_FORM = Broken("the returned values have the wrong form")


def arguments(what: str, function: Callable[..., Any], given: Value) -> tuple[Value, ...]:
    """Return the arguments that an author's function gave for one call.

    Raises
    ------
    CourseError
        If they are not a tuple: for one argument the comma was forgotten.
    """
    if not isinstance(given, tuple):
        raise CourseError(
            f"{what}{defined_at(function)} gave {show(given)}; it gives a tuple of arguments, (x,) for a single one"
        )
    return given
