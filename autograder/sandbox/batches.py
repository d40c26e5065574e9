"""Open a batch of calls in the fork server or in a child, receive its hidden half, and close its descriptors."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Sequence
from typing import Any

from autograder.plain import dataclass
from autograder.sandbox.arguments import Probes
from autograder.sandbox.values import LARGE
from autograder.sandbox.wire import HANDED, BatchReader, Plan, decode_plan

# Taken at import, so that a student's patches in the same process cannot reach the harness by accident.
_write = os.write
_readv: Callable[[int, Sequence[memoryview]], int] = getattr(os, "readv", None)  # type: ignore[assignment]  # Windows
_mmap = mmap.mmap


@dataclass(frozen=True, eq=False)
class OpenBatch:
    """A batch as a child needs it: the calls, and the probes among their arguments."""

    calls: BatchReader
    probes: Probes

    @classmethod
    def of(cls, data: Any) -> OpenBatch:
        """Return the batch of these bytes, which arrays stay views of.

        Raises
        ------
        CourseError
            If the exercise's probes cannot be loaded.
        """
        calls = BatchReader(data)
        return cls(calls, Probes(calls.probes_source))


def open_batch(batch_fd: int) -> OpenBatch:
    """Map a batch's file and read it; the descriptor stays the caller's."""
    # private: a write-sealed memfd cannot be mapped shared on every kernel
    return OpenBatch.of(mmap.mmap(batch_fd, 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_WRITE))


def _own_pages(size: int) -> mmap.mmap:
    """Return memory that begins a page; private, since a fork would else share it."""
    return _mmap(-1, max(1, size), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def keep_batch(batch_fd: int) -> OpenBatch:
    """Open a batch in the fork server, with everything done that would be the same in each of its children."""
    size = os.fstat(batch_fd).st_size
    data = _own_pages(size)  # a mapped file would keep a descriptor, which would be among those of later requests
    os.preadv(batch_fd, [data], 0)
    batch = OpenBatch.of(data)
    if size <= LARGE:  # lists of numbers are larger as objects, and memory makes a fork slow
        batch.calls.decode_all()
    return batch


def open_and_close(batch_fd: int) -> OpenBatch:
    """Open a batch and leave no descriptor of its file, whose offset is that of all children that are given it."""
    second = os.dup(batch_fd)
    os.close(second)
    batch = open_batch(batch_fd)
    os.close(second)  # a mapped file keeps a descriptor of its own: the lowest that was free
    os.close(batch_fd)
    return batch


HandedCalls = tuple[Plan, Any]
"""Hidden calls: the plan, and the bytes of the batch's hidden half."""


def ask(channel_fd: int) -> HandedCalls:
    """Ask for the hidden calls, and wait for them."""
    _write(channel_fd, b"?")
    text_size, size = HANDED.unpack(_receive(channel_fd, bytearray(HANDED.size)))
    plan = decode_plan(bytes(_receive(channel_fd, bytearray(text_size))))
    # arrays begin where they would in a mapped file: what NumPy computes may depend on it in the last digit
    return plan, _receive(channel_fd, _own_pages(size), size)


def _receive(fd: int, into: Any, size: int | None = None) -> Any:
    """Fill a buffer from a channel and return it."""
    view = memoryview(into)[:size]
    at = 0
    while at < len(view):
        got = _readv(fd, [view[at:]])
        if not got:
            raise EOFError("the grader closed the channel")
        at += got
    return view
