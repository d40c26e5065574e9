"""Running trusted code (an author's own functions) in forked children: limits and walls against loops, no sandbox."""

from __future__ import annotations

import os
import resource
import select
import signal
import time
from collections.abc import Callable, Sequence

from autograder.model import Limits
from autograder.sandbox.executor import ChildEnding, ChildResult, SheetHandle
from autograder.sandbox.framing import Buffer, frame_writer
from autograder.sandbox.harness import open_sheet, serve
from autograder.sandbox.inbox import Inbox
from autograder.sandbox.wire import decode_job

_GRACE = 0.05  # seconds between two looks at a child's processor time

# Processor time judges.  An author's function does not sleep, so the wall clock is only for what hangs: a busy machine
# must not make a promise look broken.
_WALL = 30


class ForkExecutor:
    """Executor for functions that live in this process: a room's reference, misconceptions and alternatives.

    Parameters
    ----------
    prepare : callable, optional
        Runs in the child before the job.
    """

    def __init__(self, prepare: Callable[[], None] | None = None) -> None:
        self._prepare = prepare

    def execute(self, job: bytes, sheet: SheetHandle, limits: Limits) -> ChildResult:
        """Run a job in a forked child under processor, wall-clock and memory limits."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._child(job, sheet, limits, writer)
        os.close(writer)
        try:
            return _watch(pid, reader, limits)
        finally:
            os.close(reader)

    def _child(self, job: bytes, sheet: SheetHandle, limits: Limits, writer: int) -> None:
        code = 1
        try:
            space = _address_space() + limits.memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (space, space))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            null = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(null, standard)
            if self._prepare is not None:
                self._prepare()
            serve(decode_job(job), open_sheet(sheet.fd), frame_writer(writer))
            code = 0
        finally:
            os._exit(code)


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _cpu_seconds(pid: int) -> float:
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _watch(pid: int, reader: int, limits: Limits) -> ChildResult:
    started = time.monotonic()
    inbox, frames = Inbox(), list[Buffer]()
    ending: ChildEnding | None = None
    frame_cpu: list[float] = []
    cpu_at_frame, since = 0.0, started
    while ending is None:
        if select.select([reader], [], [], _GRACE)[0]:
            if not inbox.read(reader):
                break
            new = inbox.take()
            if new:
                cpu = _cpu_seconds(pid)
                frame_cpu += [cpu - cpu_at_frame] + [0.0] * (len(new) - 1)
                frames += new
                cpu_at_frame, since = cpu, time.monotonic()
            continue
        if (
            _cpu_seconds(pid) - cpu_at_frame > limits.cpu_seconds
            or time.monotonic() - since > _WALL * limits.cpu_seconds
        ):
            ending = "timeout"
            os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    cpu = usage.ru_utime + usage.ru_stime
    if ending is None:
        ending = _ending(status, frames)
    return ChildResult(
        frames, ending, f"ended with status {status}", cpu, time.monotonic() - started, frame_cpu, cpu - cpu_at_frame
    )


def _ending(status: int, frames: Sequence[Buffer]) -> ChildEnding:
    if frames and bytes(frames[-1][-100:]).endswith(b'"done"}'):
        return "done"
    return "memory" if os.WIFEXITED(status) else "crash"
