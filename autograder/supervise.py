"""Run one child process under limits: collect its output, keep its limits, end it, and reap it.

The one supervisor of the children that work for a single answer: a student's own check, an author's function, a
formula.  The fork server's children, of which there are thousands, have a loop of their own (``sandbox/watch.py``).
Reader threads and not ``select`` wait for the pipes because Windows can select sockets only.
"""

from __future__ import annotations

import contextlib
import math
import os
import queue
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

from autograder.plain import dataclass

Heard = Literal["part", "message", "last"]
"""What a piece of a child's answer completes: nothing yet, a message, or the last message."""

_READ = 1 << 18
_LOOK_SECONDS = 0.05
"""Between two looks at a child's processor time."""


@dataclass(frozen=True, eq=False)
class Child:
    """A running child.

    Attributes
    ----------
    pid : int
        Its process.
    said, printed : int
        Reading ends of its pipes: of its answer, and of what it prints (-1 if that is dropped).
    kill : callable
        Ends it at once; does nothing if it has ended.
    reap : callable
        Waits for its end; returns its exit code (negative: the signal) and its processor seconds.
    """

    pid: int
    said: int
    printed: int
    kill: Callable[[], None]
    reap: Callable[[], tuple[int, float]]


@dataclass(frozen=True)
class Ended:
    """How a child ended: after its ``last`` message, with its pipe ``closed`` before, or by a ``timeout``."""

    how: Literal["last", "closed", "timeout"]
    code: int
    cpu_seconds: float


def fork(work: Callable[[int], None], *, print_to_pipe: bool = False, group: bool = False) -> Child:
    """Start a copy of this process that does one piece of work and ends, whatever happens.

    Parameters
    ----------
    work : callable
        Called in the child with the descriptor for its answer; an exception makes the exit code 1.
    print_to_pipe : bool
        Whether the standard outputs are a pipe; else they are dropped, as the standard input always is.
    group : bool
        Whether the child leads a process group of its own, so that ending it ends all that it started.
    """
    said, answer = os.pipe()
    printed, output = os.pipe() if print_to_pipe else (-1, -1)
    with warnings.catch_warnings():
        # NumPy's idle worker threads do not make a fork unsafe: OpenBLAS starts its own again after a fork
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        code = 1
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for standard, target in enumerate(
                (null, output if print_to_pipe else null, output if print_to_pipe else null)
            ):
                os.dup2(target, standard)
            if group:
                os.setsid()
            work(answer)
            code = 0
        finally:
            os._exit(code)  # neither the parent's exit handlers nor those of the work may run in the copy
    os.close(answer)
    if print_to_pipe:
        os.close(output)

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(pid, signal.SIGKILL)

    def reap() -> tuple[int, float]:
        _, status, usage = os.wait4(pid, 0)
        return os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime

    return Child(pid, said, printed, kill, reap)


def start(command: Sequence[str], given: Sequence[bytes], env: Mapping[str, str]) -> Child:
    """Start a program that answers on its standard output, hand it these bytes, and close its standard input."""
    import subprocess  # a forked child needs none of it

    used = _cpu_of_ended_children()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, bufsize=0
    )
    assert process.stdin is not None  # all three are pipes
    assert process.stdout is not None
    assert process.stderr is not None
    with contextlib.suppress(OSError):  # a child that died at once is noticed by what it did not say
        for piece in given:
            view = memoryview(piece)
            while view:
                view = view[process.stdin.write(view) or 0 :]
    with contextlib.suppress(OSError):
        process.stdin.close()

    def reap() -> tuple[int, float]:
        return process.wait(), max(0.0, _cpu_of_ended_children() - used)

    # descriptors of their own: the Popen object closes its own ones when it is collected
    said, printed = os.dup(process.stdout.fileno()), os.dup(process.stderr.fileno())
    process.stdout.close()
    process.stderr.close()
    return Child(process.pid, said, printed, process.kill, reap)


def supervise(
    child: Child,
    hear: Callable[[bytes], Heard],
    *,
    first: float,
    between: float | None = None,
    cpu: float = math.inf,
    keep: Callable[[bytes], object] = len,
) -> Ended:
    """Listen to a child until its last message, the end of its pipe or a limit; then end it and reap it.

    Parameters
    ----------
    child : Child
        It is gone afterwards, and its pipes are closed.
    hear : callable
        Takes what the child said, piece by piece, and says what that completed.
    first, between : float
        Seconds by the clock until the first message, and from one message to the next; without ``between`` all
        messages together have the time of the first.
    cpu : float
        Processor seconds from one message to the next (Linux only).
    keep : callable
        Takes what the child prints, piece by piece.
    """
    events: queue.Queue[bytes] = queue.Queue()  # a SimpleQueue waits for ever if a signal ends its time
    readers = [threading.Thread(target=_forward, args=(child.said, events.put, events.put), daemon=True)]
    if child.printed >= 0:
        readers.append(threading.Thread(target=_forward, args=(child.printed, keep, len), daemon=True))
    for reader in readers:
        reader.start()
    try:
        how = _listen(child, events, hear, first, between, cpu)
    finally:
        child.kill()
        code, used = child.reap()
    for pipe, reader in zip((child.said, child.printed), readers, strict=False):
        reader.join(1.0)
        if not reader.is_alive():  # a process that the child started may hold the pipe open
            os.close(pipe)
    return Ended(how, code, used)


def _listen(
    child: Child,
    events: queue.Queue[bytes],
    hear: Callable[[bytes], Heard],
    first: float,
    between: float | None,
    cpu: float,
) -> Literal["last", "closed", "timeout"]:
    deadline, cpu_at_message = time.monotonic() + first, 0.0
    while True:
        left = max(0.0, deadline - time.monotonic())
        try:
            data = events.get(timeout=left if cpu == math.inf else min(left, _LOOK_SECONDS))
        except queue.Empty:
            heard: Heard = "part"
        else:
            if not data:
                return "closed"
            heard = hear(data)
        if heard == "last":
            return "last"
        if heard == "message":
            cpu_at_message = processor_seconds(child.pid) if cpu < math.inf else 0.0
            if between is not None:
                deadline = time.monotonic() + between
        elif time.monotonic() >= deadline or processor_seconds(child.pid) - cpu_at_message > cpu:
            return "timeout"


def _forward(fd: int, put: Callable[[bytes], object], close: Callable[[bytes], object]) -> None:
    """Hand on what arrives, then an empty piece."""
    while data := os.read(fd, _READ):
        put(data)
    close(b"")


def processor_seconds(pid: int) -> float:
    """Return the processor time of a running process so far; 0 where it is gone or the system is not Linux."""
    if not sys.platform.startswith("linux"):
        return 0.0
    with contextlib.suppress(OSError):
        return time.clock_gettime((~pid << 3) | 2)  # the kernel's name for a process's clock
    return 0.0


def seconds_in_queue(pid: int) -> float:
    """Return how long a process was ready to run while others ran; 0 where the kernel does not count."""
    try:
        fd = os.open(f"/proc/{pid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)  # a file object takes twice as long
        try:
            return int(os.read(fd, 100).split()[1]) / 1e9
        finally:
            os.close(fd)
    except (OSError, ValueError, IndexError):  # it is gone, or the kernel does not count
        return 0.0


def _cpu_of_ended_children() -> float:
    """Return the processor seconds of all ended children; zero on Windows, which does not tell."""
    times = os.times()
    return times.children_user + times.children_system
