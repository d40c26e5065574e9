"""Single keys from a terminal, without waiting for Enter; nothing where there is no terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator

Read = Callable[[float], str]
"""Waits at most so many seconds and returns the key that was pressed, or an empty text."""


@contextlib.contextmanager
def keyboard() -> Iterator[Read | None]:
    """Give a reader of keys; None where stdin is not a terminal.

    The terminal is as it was afterwards.  Ctrl-C still interrupts.
    """
    if not sys.stdin.isatty():
        yield None
    elif sys.platform == "win32":
        yield _windows
    else:
        import select
        import termios
        import tty

        fd = sys.stdin.fileno()
        before = termios.tcgetattr(fd)

        def read(seconds: float) -> str:
            ready, _, _ = select.select([fd], [], [], seconds)
            return os.read(fd, 1).decode("latin-1") if ready else ""

        try:
            tty.setcbreak(fd)
            yield read
        finally:
            termios.tcsetattr(fd, termios.TCSADRAIN, before)


def _windows(seconds: float) -> str:
    import msvcrt

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if msvcrt.kbhit():  # type: ignore[attr-defined]  # Windows only
            return str(msvcrt.getwch())  # type: ignore[attr-defined]  # Windows only
        time.sleep(0.02)
    return ""
