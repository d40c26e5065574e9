"""Run an author's code in this process, and stop it if it loops, waits, changes a file or ends a process.

The error names the line that does it.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from autograder.errors import Endless
from autograder.plain import dataclass
from autograder.supervise import seconds_in_queue

SECONDS = 60.0
"""Processor time for one piece of work on an exercise, such as all right values of a part, large cases included."""

IDLE = 20.0
"""Time in which such code may neither compute nor wait for a processor: it sleeps, or waits for what never comes."""

_LOOK = 1.0  # seconds by the clock


@contextmanager
def within(folder: Path, seconds: float = SECONDS, idle: float = IDLE) -> Iterator[Callable[[], None]]:
    """Stop the block after some seconds, and let it change no file; what is yielded starts the seconds anew.

    Parameters
    ----------
    folder : Path
        Of the exercise: the line of its code that runs at the end of the time is named.
    seconds : float
        Processor time.
    idle : float
        Time that the exercise's own code spends otherwise than computing or waiting for a processor.

    Raises
    ------
    Endless
        If the time is over.
    """

    def stop(_signal: int, frame: FrameType | None) -> Any:
        place = _place(frame, folder) or f"{folder}: an exercise's code "
        raise Endless(f"{place}does not end within {seconds:g} s of processor time; look for an endless loop")

    since, waited = _Idle(), 0.0

    def look(_signal: int, frame: FrameType | None) -> Any:
        nonlocal since, waited
        place = _place(frame, folder)
        waited += since.seconds() if place else 0.0  # this process itself waits for its children
        since = _Idle()
        if waited > idle:
            raise Endless(f"{place}waits: {idle:g} s without computing; take out what sleeps or asks for input")

    def look_on() -> None:
        nonlocal since, waited
        since, waited = _Idle(), 0.0
        signal.setitimer(signal.ITIMER_REAL, _LOOK, _LOOK)

    def again() -> None:
        look_on()
        signal.setitimer(signal.ITIMER_PROF, seconds, seconds)  # again: a loop may catch what stops it

    _watch()
    before = signal.signal(signal.SIGPROF, stop), signal.signal(signal.SIGALRM, look)
    started, alarm = time.monotonic(), signal.getitimer(signal.ITIMER_REAL)
    running = _RUNNING.set(_Running(folder, look_on))
    again()
    try:
        with _ends_by_an_error(folder):
            yield again
    finally:
        _RUNNING.reset(running)
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGPROF, before[0])
        signal.signal(signal.SIGALRM, before[1])
        if alarm[0]:  # a clock that was set before goes on
            signal.setitimer(signal.ITIMER_REAL, max(alarm[0] - (time.monotonic() - started), 1e-3), alarm[1])


@contextmanager
def _ends_by_an_error(folder: Path) -> Iterator[None]:
    """Let an exercise's code that ends the process raise ``SystemExit`` instead: its line would be lost with it."""
    before = os._exit, os.abort

    def guarded(name: str, end: Callable[..., Any]) -> Callable[..., Any]:
        def ending(*status: int) -> Any:
            if _is_own(sys._getframe(1), folder):
                raise SystemExit(f"os.{name} ends the process")
            end(*status)

        return ending

    os._exit, os.abort = guarded("_exit", os._exit), guarded("abort", os.abort)
    try:
        yield
    finally:
        os._exit, os.abort = before


@dataclass(frozen=True)
class _Running:
    """The exercise whose code runs, and how a forked child goes on looking whether it waits."""

    folder: Path
    look_on: Callable[[], None]


_RUNNING: ContextVar[_Running | None] = ContextVar("exercise", default=None)


def look_on_in_child() -> None:
    """Keep the limit on waiting in a child that was forked inside :func:`within`: a child inherits no clock."""
    running = _RUNNING.get()
    if running is not None:
        running.look_on()


class _Idle:
    """The time that this process spends waiting, counted from now on."""

    def __init__(self) -> None:
        self._started = self._now()

    def seconds(self) -> float:
        """Return for how long it neither computed nor waited for a processor."""
        return max(0.0, self._now() - self._started)

    @staticmethod
    def _now() -> float:
        return time.monotonic() - time.process_time() - seconds_in_queue(os.getpid())


def _place(frame: FrameType | None, folder: Path) -> str:
    """Return ``file:line: function`` of the innermost frame that is of an exercise; an empty string without one."""
    while frame is not None:
        if _is_own(frame, folder):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}: {frame.f_code.co_name} "
        frame = frame.f_back
    return ""


def _is_own(frame: FrameType, folder: Path) -> bool:
    root = folder.parents[1]
    return frame.f_code.co_filename.startswith((f"{root}/exercises/", f"{root}/reference/"))


# --- files ------------------------------------------------------------------------------------------------------

_CHANGES = frozenset({"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate"})
_ENDS = frozenset({"os.exec", "os.kill", "os.killpg"})  # the process that runs it
_STARTS = frozenset({"os.system", "os.posix_spawn", "subprocess.Popen", "socket.connect"})
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@cache
def _watch() -> None:
    sys.addaudithook(_refuse_changes)  # once: a hook cannot be taken away


def _refuse_changes(event: str, args: tuple[Any, ...]) -> None:
    if event == "open":
        if not isinstance(args[0], str | bytes | os.PathLike) or not (args[2] or 0) & _WRITES:
            return
    elif event not in _CHANGES | _ENDS | _STARTS:
        return
    running = _RUNNING.get()
    name = os.fsdecode(args[0]) if isinstance(args[0], str | bytes | os.PathLike) else "a file"
    if running is None or _is_kept_elsewhere(name):
        return
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename in _ALLOWED:
            return
        if _is_own(frame, running.folder):
            if event in _ENDS:
                raise PermissionError(f"calls {event}; an exercise ends no process")
            if event in _STARTS:
                raise PermissionError(f"calls {event}; an exercise starts no program and opens no connection")
            raise PermissionError(f"{'writes' if event == 'open' else event} {name}; an exercise changes no file")
        frame = frame.f_back


_ALLOWED = frozenset({tempfile.__file__, "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>"})
"""Code that may write: temporary files, and the byte code of modules."""


def _is_kept_elsewhere(name: str) -> bool:
    """Whether a file is a device, or in a cache of a library such as ``~/.cache``."""
    return name.startswith(("/dev/", "/proc/")) or any(
        part == "__pycache__" or (part.startswith(".") and part.strip(".")) for part in Path(name).parts
    )
