"""Run trusted code (an author's own functions) in forked children: limits against loops, no sandbox."""

from __future__ import annotations

import resource
from collections.abc import Callable

from autograder.model import Limits
from autograder.sandbox.executor import ChildResult, SheetHandle
from autograder.sandbox.framing import frame_writer
from autograder.sandbox.harness import open_sheet, serve
from autograder.sandbox.lone import collect
from autograder.sandbox.rlimits import idle_address_space
from autograder.sandbox.wire import decode_job
from autograder.supervise import fork

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

        def work(answer: int) -> None:
            space = idle_address_space() + limits.memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (space, space))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if self._prepare is not None:
                self._prepare()
            serve(decode_job(job), open_sheet(sheet.fd), frame_writer(answer))

        wall = _WALL * limits.cpu_seconds
        return collect(fork(work), first=wall, between=wall, cpu=limits.cpu_seconds, exited="memory")
