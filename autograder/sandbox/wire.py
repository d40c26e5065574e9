"""What travels from the grader to a child: the batch of calls, the job, and at last the hidden calls.

A *batch* is one exercise's calls for one variant, encoded once and shared by a whole class.  A *job* names the source
of one submission and which calls of the batch to make.  Hidden calls are encoded apart: a child is handed them when the
grader has its answers to all public ones, so that nothing of them is within its reach before.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from autograder.errors import CourseError
from autograder.model import Call, Limits
from autograder.plain import dataclass
from autograder.sandbox.framing import ProtocolError, decode_json, encode_json
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.values import ARGUMENT, RESULT, EncodedValue, Reader, Unfit, Writer, pad


class Piece(NamedTuple):
    """Calls of one segment that a child makes: from a first one to before a last one.

    ``segment`` is the segment's position in the whole batch.
    """

    segment: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """The number of its calls."""
        return self.last - self.first


Plan = tuple[Piece, ...]
"""Which calls a child makes, in this order."""

ORDINARY, ORDINARY_IN_ALL = 4 << 20, 64 << 20
"""Bytes of an answer to a call that is not about large inputs, and of all such answers of one child."""

_SHEET = struct.Struct("<8sQ")
_MAGIC = b"mse-sh1\n"


@dataclass(frozen=True, eq=False)
class Segment:
    """Calls that live and die together: the public or the hidden ones of a part, or those of a check that is ``alone``.

    ``reference_seconds`` returns the processor time that the reference takes for a call, where there is a reference.
    ``telling`` are the calls of which one must return a value, or the part's hidden calls are not made.
    ``answer_bytes`` is how large one answer may be: of a larger one only the shape is reported.
    """

    part: str
    limits: Limits
    alone: bool
    calls: tuple[Call, ...]
    hidden: bool = False
    reference_seconds: Callable[[Call], float] | None = None
    telling: tuple[int, ...] = ()
    answer_bytes: int = RESULT.size


@dataclass(frozen=True, eq=False)
class Batch:
    """All calls of one exercise.

    ``module`` is the name under which a student's source can be imported; ``probes_source`` the text of the exercise's
    ``checks.py`` if a call has a probe among its arguments.  Hidden segments come last.

    Raises
    ------
    CourseError
        If a hidden segment comes before another.
    """

    module: str
    segments: tuple[Segment, ...]
    probes_source: str | None = None

    def __post_init__(self) -> None:
        order = [segment.hidden for segment in self.segments]
        if order != sorted(order):
            raise CourseError(f"{self.module}: hidden calls come after all public ones")


@dataclass(frozen=True)
class Job:
    """What one child does: run the source, then each planned segment from a first to before a last call.

    ``skip`` lists cells that are known to end the child, with how; they are left out.  ``asks`` says whether the child
    asks for hidden calls when it has done that.
    """

    source: Source
    plan: Plan
    skip: tuple[tuple[int, str], ...] = ()
    asks: bool = False


def encode_batch(batch: Batch, *, hidden: bool = False) -> bytes:
    """Return the bytes of a batch's public half, or of its hidden one.

    Raises
    ------
    CourseError
        If an argument cannot cross the border.
    """
    writer = Writer(ARGUMENT)
    chosen = [segment for segment in batch.segments if segment.hidden == hidden]
    segments = [[_put_call(writer, call) for call in segment.calls] for segment in chosen]
    probes = None if hidden else batch.probes_source
    answers = [segment.answer_bytes for segment in chosen]
    said = {"module": batch.module, "probes": probes, "segments": segments, "answers": answers}
    header = encode_json(said).encode()
    start = _SHEET.size + len(header)
    return b"".join([_SHEET.pack(_MAGIC, len(header)), header, bytes(pad(start)), *writer.chunks])


def _put_call(writer: Writer, call: Call) -> EncodedValue:
    start = writer.size
    try:
        return [call.function, start, [writer.put(argument) for argument in call.args]]
    except Unfit as unfit:
        raise CourseError(
            f"{call.function}: an argument cannot be passed to a submission: {unfit.noun} {unfit.reason}".rstrip()
        ) from None


class BatchReader:
    """The child's view of a batch: a call is decoded when it is made.

    Parameters
    ----------
    data : buffer
        The bytes of :func:`encode_batch`, possibly a mapped file; arguments are views of it.
    """

    def __init__(self, data: Any) -> None:
        self._view = memoryview(data)
        magic, length = _SHEET.unpack_from(self._view)
        if magic != _MAGIC:
            raise ProtocolError("not a batch")
        start = _SHEET.size + length
        header = decode_json(str(self._view[_SHEET.size : start], "utf-8"))
        self._blob = start + pad(start)
        self._segments = header["segments"]
        self.module: str = header["module"]
        self.probes_source: str | None = header["probes"]
        self.answer_bytes: list[int] = header["answers"]
        self.counts = tuple(len(calls) for calls in self._segments)
        self._decoded: tuple[tuple[Call, ...], ...] | None = None

    def decode_all(self) -> None:
        """Decode every call now, for many children to come."""
        self._decoded = tuple(
            tuple([self.call(segment, index) for index in range(count)]) for segment, count in enumerate(self.counts)
        )

    def call(self, segment: int, index: int) -> Call:
        """Return a call; its arrays are read-only views of the batch."""
        if self._decoded is not None:
            return self._decoded[segment][index]
        function, start, nodes = self._segments[segment][index]
        reader = Reader(self._view, self._blob + start, ARGUMENT)
        return Call(function, tuple([reader.get(node) for node in nodes]))


def encode_job(job: Job) -> bytes:
    """Return the bytes of a job."""
    cells = [(cell.id, cell.text) for cell in job.source.cells]
    return encode_json([job.source.filename, cells, job.source.packages, job.plan, job.skip, job.asks]).encode()


def decode_job(data: bytes) -> Job:
    """Return the job of these bytes, which the grader wrote."""
    filename, cells, packages, plan, skip, asks = decode_json(str(data, "ascii"))
    source = Source(filename, tuple([Cell(*cell) for cell in cells]), tuple(packages))
    return Job(source, tuple([Piece(*one) for one in plan]), tuple([tuple(one) for one in skip]), asks)


HANDED = struct.Struct("<QQ")
"""What a child is handed begins with two lengths: of the plan in JSON, and of the hidden half of the batch after it."""


def encode_handed(plan: Plan, batch: bytes) -> bytes:
    """Return what a child is handed when it asks."""
    text = encode_json(plan).encode()
    return HANDED.pack(len(text), len(batch)) + text + batch


def decode_handed(data: bytes) -> tuple[Plan, bytes]:
    """Return the plan and the hidden half of a batch that are handed over together."""
    text_size, _ = HANDED.unpack_from(data)
    start = HANDED.size + text_size
    return decode_plan(data[HANDED.size : start]), data[start:]


def decode_plan(data: bytes) -> Plan:
    """Return the plan among what a child was handed."""
    return tuple([Piece(*one) for one in decode_json(str(data, "ascii"))])
