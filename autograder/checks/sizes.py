"""The size of what a call is given, against the memory that a call may use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np

from autograder.errors import CourseError
from autograder.model import DataFile, Memory, ReadOnly, Strided, Value


class _Allowed:
    """What the calls of one check may use, one by one and together, and what those built so far do."""

    def __init__(self, most: int, advice: str) -> None:
        self.most, self.advice, self.used = most, advice, 0


_ALLOWED: ContextVar[_Allowed | None] = ContextVar("allowed", default=None)

_NUMBER = 32
"""Bytes of a number in a list: the object, and the place in the list."""


@contextmanager
def calls_within(most: int, advice: str) -> Iterator[None]:
    """Refuse, inside the block, to build calls whose arguments have more bytes, one by one or together.

    All calls of a check are in memory at once, here and where they are made.  ``advice`` ends the message.
    """
    token = _ALLOWED.set(_Allowed(most, advice))
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def refuse_large(args: Sequence[Value]) -> None:
    """Refuse the arguments of a call that are larger than what the call may use.

    Raises
    ------
    CourseError
        With the sizes.
    """
    allowed = _ALLOWED.get() or _Allowed(Memory.ordinary, "draw less")
    sizes = [_size(one) for one in args]
    allowed.used += sum(sizes)
    if sum(sizes) > allowed.most:
        listed = ", ".join(f"argument {i}: {_mib(one)}" for i, one in enumerate(sizes, 1))
        raise CourseError(
            f"one call gets {_mib(sum(sizes))} ({listed}), but may use {_mib(allowed.most)}; {allowed.advice}"
        )
    if allowed.used > allowed.most:
        raise CourseError(f"its calls get more than {_mib(allowed.most)} together; fewer cases or {allowed.advice}")


def _size(value: Value) -> int:
    if type(value) is float or type(value) is int:  # most of what lists hold
        return _NUMBER
    if isinstance(value, ReadOnly | Strided):
        return _size(value.array)
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return len(value.text if isinstance(value, DataFile) else value) if isinstance(value, str | DataFile) else _NUMBER


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
