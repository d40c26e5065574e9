"""The protocol between the runner and whatever runs a child: result and errors."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Literal, Protocol

from autograder.model import Limits
from autograder.plain import Closing, dataclass
from autograder.sandbox.framing import Buffer

ChildEnding = Literal["done", "timeout", "memory", "output_limit", "crash", "forbidden", "protocol"]


class GraderError(Exception):
    """The grader itself failed; no fault of the submission, and never a student's zero."""


class SandboxUnavailable(GraderError):
    """A layer is missing here without which no untrusted code is run."""


def sealed(data: bytes, name: str) -> int:
    """Return the descriptor of an anonymous file with these bytes, sealed against changes."""
    fd = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        seal(fd, data)
    except BaseException:
        os.close(fd)
        raise
    return fd


def seal(fd: int, data: bytes) -> None:
    """Write these bytes to the beginning of an empty anonymous file and seal it against changes."""
    import fcntl  # Windows has none, and the student's check reads this module there

    at = 0
    while at < len(data):
        at += os.pwrite(fd, memoryview(data)[at:], at)
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)


class BatchHandle(Closing):
    """An encoded batch as a sealed anonymous file, shared by all children that answer it.

    Parameters
    ----------
    data : bytes
        What :func:`autograder.sandbox.wire.encode_batch` returns.
    keep : bool
        Whether a fork server may keep it open for all children to come, until it is given another such batch.
    hidden : bytes
        The hidden half, which a child gets when it has answered all of the other: a copy of its own.

    Attributes
    ----------
    kept_as : int
        The name under which it is kept, the same for the same bytes; 0 if it is not kept.
    size : int
        Bytes of both halves.
    """

    def __init__(self, data: bytes, *, keep: bool = False, hidden: bytes = b"") -> None:
        self.fd = -1  # what close reads, should there be no file
        self.fd = sealed(data, "batch")
        self.hidden = hidden
        self.size = len(data) + len(hidden)
        self.kept_as = 1 + int.from_bytes(sha256(data).digest()[:7], "little") if keep else 0

    def close(self) -> None:
        """Give the file back; the handle cannot be used afterwards."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, eq=False)
class ChildResult:
    """What one child left behind.

    Attributes
    ----------
    frames : sequence of bytes or memoryview
        The complete frames, unread: everything after the first may be forged.
    ending : str
        ``done`` if the last frame says so, whatever happened afterwards; else why the child stopped before.
    detail : str
        The ending in words, for the log; holds nothing that the child wrote.
    cpu_seconds : float
        What the whole child cost.
    idle_seconds, clock_seconds : float
        For how long it neither computed nor waited for a processor, and for how long it lived.
    handed : bool
        Whether it was handed hidden calls: what it sent after its answers to the others may hold them.
    frame_cpu : list of float
        For each frame the processor seconds between the frame before it and this one, as the parent saw it.  Frames
        that arrived together share one reading, which is put on the first of them.
    output : bytes
        The beginning of what was printed, if the executor was asked to keep it.
    """

    frames: Sequence[Buffer]
    ending: ChildEnding
    detail: str
    cpu_seconds: float
    frame_cpu: list[float]
    output: bytes = b""
    idle_seconds: float = 0.0
    clock_seconds: float = 0.0
    handed: bool = False


@dataclass(frozen=True, eq=False)
class Handover:
    """What a child is handed when it has answered all calls of its job.

    Attributes
    ----------
    after : int
        The number of frames that it must have sent by then.
    data : callable
        Takes the frames and returns what :func:`autograder.sandbox.wire.encode_handed` returns; without frames, of all.
    """

    after: int
    data: Callable[[Sequence[Buffer]], bytes]


@dataclass(frozen=True)
class Patience:
    """For how long a child may do nothing.

    Attributes
    ----------
    idle_seconds : float
        In all: time in which it neither computes nor waits for a processor.
    part_idle_seconds : float
        Of that, between two of the marks.
    clock_seconds : float
        By the clock, whatever it does.
    marks : tuple of int
        Numbers of frames after which a part is complete.
    call_seconds : callable, optional
        Returns the processor time of what follows so many frames, if that is less than the child's limit.  It may be
        slow, so it is asked only for what has taken ``least_seconds``.
    least_seconds : float
        No call has less.
    """

    idle_seconds: float = math.inf
    part_idle_seconds: float = math.inf
    clock_seconds: float = math.inf
    marks: tuple[int, ...] = ()
    call_seconds: Callable[[int], float] | None = None
    least_seconds: float = 0.0


ENDLESS = Patience()


class Executor(Protocol):
    """Runs one job in a child of its own."""

    def execute(
        self, job: bytes, batch: BatchHandle, limits: Limits, handover: Handover | None, patience: Patience
    ) -> ChildResult:
        """Run a job and return what came of it.

        Raises
        ------
        GraderError
            If the sandbox itself fails.  A child that could not be set up is not an error: it leaves no frame.
        """
