"""A limit on what an author's code may spend in this process: an endless reference is reported with its line."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from autograder.errors import Endless

SECONDS = 60.0
"""Processor time for one piece of work on an exercise, such as all right values of a part, large cases included."""


@contextmanager
def within(folder: Path, seconds: float = SECONDS) -> Iterator[Callable[[], None]]:
    """Stop the block after some seconds of processor time; what is yielded starts them anew.

    Parameters
    ----------
    folder : Path
        Of the exercise: the line of its code that runs at the end of the time is named.
    seconds : float
        Processor time.

    Raises
    ------
    Endless
        If the time is over.
    """

    def stop(_signal: int, frame: FrameType | None) -> Any:
        place = _place(frame, folder)
        raise Endless(f"{place}does not end within {seconds:g} s of processor time; look for an endless loop")

    before = signal.signal(signal.SIGPROF, stop)

    def again() -> None:
        signal.setitimer(signal.ITIMER_PROF, seconds, seconds)  # again: a loop may catch what stops it

    again()
    try:
        yield again
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _place(frame: FrameType | None, folder: Path) -> str:
    root = str(folder.parents[1])
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(root) and "/autograder/" not in code.co_filename.removeprefix(root):
            return f"{code.co_filename}:{frame.f_lineno}: {code.co_name} "
        frame = frame.f_back
    return f"{folder}: an exercise's code "
