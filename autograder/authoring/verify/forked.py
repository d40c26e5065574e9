"""Run trusted code (an author's own functions) in forked children: limits against loops, no sandbox."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from autograder.authoring.verify.within import look_on_in_child
from autograder.model import Limits
from autograder.sandbox import kernel
from autograder.sandbox.batches import HandedCalls, open_batch
from autograder.sandbox.executor import BatchHandle, ChildResult, Handover, Patience
from autograder.sandbox.framing import frame_writer
from autograder.sandbox.harness import serve
from autograder.sandbox.lone import collect
from autograder.sandbox.rlimits import idle_address_space
from autograder.sandbox.wire import decode_handed, decode_job
from autograder.supervise import fork

# Processor time judges, and what waits is stopped within the child; the wall clock is only for what hangs: a busy
# machine must not make a promise look broken.
_WALL = 30


class ForkExecutor:
    """Executor for functions that live in this process: an exercise's reference, misconceptions and alternatives.

    Parameters
    ----------
    prepare : callable, optional
        Runs in the child before the job.
    """

    def __init__(self, prepare: Callable[[], None] | None = None) -> None:
        self._prepare = prepare

    def execute(
        self, job: bytes, batch: BatchHandle, limits: Limits, handover: Handover | None, patience: Patience
    ) -> ChildResult:
        """Run a job in a forked child under processor, wall-clock and memory limits."""
        parent = os.getpid()

        def work(answer: int) -> None:
            kernel.die_with_parent(parent)
            space = idle_address_space() + limits.memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (space, space))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            look_on_in_child()
            if self._prepare is not None:
                self._prepare()
            serve(decode_job(job), open_batch(batch.fd), frame_writer(answer), partial(_hidden, handover))

        wall = _WALL * limits.cpu_seconds
        result = collect(fork(work), first=wall, between=wall, cpu=limits.cpu_seconds, exited="memory")
        return replace(result, handed=handover is not None)


def _hidden(handover: Handover | None) -> HandedCalls:
    """Return the hidden calls at once: an author's functions do not cheat."""
    assert handover is not None  # a job that asks comes with one
    return decode_handed(handover.data(()))
