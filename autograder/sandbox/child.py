"""The set-up of one child, between the fork and the first byte of its job."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import Any, NoReturn

from autograder.plain import dataclass
from autograder.sandbox import rlimits
from autograder.sandbox.kernel import PreparedProgram
from autograder.sandbox.seccomp import Filter

JOB, BATCH, RESULT, REST = 3, 4, 5, 6
"""Where the fork server finds the descriptors of a request.  After them come the channel of what is handed over later
and the pipe of what is printed, as far as the request has them."""

REQUEST = struct.Struct("<QIQ??")
"""A request to the fork server: bytes of address space beyond the idle process, seconds of processor time in all, the
name of a batch that the server may keep, or 0, and whether there is a channel and a pipe for output."""

SETUP_FAILED = b"sandbox: "
"""How a child that could not be set up begins its only message; no frame begins like this."""

_exit = os._exit  # taken before a student can replace it
Harness = Callable[..., None]
"""Does a job: its descriptor, that of the batch or what was made of it in the server, that of the result, and that of
the channel if there is one."""


@dataclass(frozen=True)
class SetUp:
    """What every child of a server does to itself, prepared before the fork.

    ``keep`` opens a batch in the server for all children to come, where the harness can; ``first`` gives up rights
    while all descriptors are still there; ``filter`` is the short seccomp filter or None, ``address_space`` what the
    idle server uses.
    """

    harness: Harness
    keep: Callable[[int], Any] | None
    first: tuple[PreparedProgram, ...]
    filter: Filter | None
    limits: bool
    address_space: int


def become(plan: SetUp, request: bytes, batch: Any, besides: int) -> NoReturn:
    """Turn a fresh fork of the server into a child, run its job and end.

    ``batch`` is its descriptor or what the server made of it, ``besides`` what else the server has mapped by now.
    """
    try:
        memory, cpu_seconds, _, has_channel, has_output = REQUEST.unpack(request)
        unused = REST + has_channel
        _open_standard(unused if has_output else -1)
        if batch is not BATCH:
            os.close(BATCH)  # its offset is that of all children that are given this batch
        _confine(plan, besides + memory, cpu_seconds, unused)
    except BaseException as error:
        # The grader reads this instead of frames; the student's code has not been touched yet.
        os.write(RESULT, SETUP_FAILED + f"{type(error).__name__}: {error}".encode()[:500])
        _exit(70)
    try:
        plan.harness(JOB, batch, RESULT, *(REST,) * has_channel)
    except BaseException:  # frames are missing, which is all that the grader needs to know
        _exit(2)
    _exit(0)  # no exit handlers, no flushing: whatever was registered is the student's


def _open_standard(output: int) -> None:
    """Open standard descriptors that no other child has: flags and offsets belong to the open file."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard, target in enumerate((null, null if output < 0 else output, null if output < 0 else output)):
        os.dup2(target, standard)


def _confine(plan: SetUp, memory: int, cpu_seconds: int, unused: int) -> None:
    for step in plan.first:
        step()
    os.closerange(unused, 2**31 - 1)
    if plan.limits:
        rlimits.limit_child(plan.address_space + memory, cpu_seconds)
    if plan.filter is not None:
        plan.filter.install()
