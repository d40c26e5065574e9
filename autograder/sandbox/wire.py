"""What travels from the grader to a child: the sheet of calls and the job.

A *sheet* is one exercise's calls for one variant, encoded once and shared by a whole class.  A *job* names the source
of one submission and which calls of the sheet to make.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from autograder.errors import CourseError
from autograder.model import Call, Limits
from autograder.sandbox.framing import ProtocolError, decode_json, encode_json
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.values import ARGUMENT, Node, Reader, Unfit, Writer, pad

_SHEET = struct.Struct("<8sQ")
_MAGIC = b"mse-sh1\n"


@dataclass(frozen=True, eq=False)
class Segment:
    """Calls that live and die together: those of one part, or of one check that runs ``alone``."""

    part: str
    limits: Limits
    alone: bool
    calls: tuple[Call, ...]


@dataclass(frozen=True, eq=False)
class Sheet:
    """All calls of one exercise.

    ``module`` is the name under which a student's source can be imported; ``probes_source`` the text of the room's
    ``checks.py`` if a call has a probe among its arguments.
    """

    module: str
    segments: tuple[Segment, ...]
    probes_source: str | None = None


@dataclass(frozen=True)
class Job:
    """What one child does: run the source, then each planned segment from a first to before a last call.

    ``skip`` lists cells that are known to end the child, with how; they are left out.
    """

    source: Source
    plan: tuple[tuple[int, int, int], ...]
    skip: tuple[tuple[int, str], ...] = ()


def encode_sheet(sheet: Sheet) -> bytes:
    """Return the bytes of a sheet.

    Raises
    ------
    CourseError
        If an argument cannot cross the border.
    """
    writer = Writer(ARGUMENT)
    segments = [[_put_call(writer, call) for call in segment.calls] for segment in sheet.segments]
    header = encode_json({"module": sheet.module, "probes": sheet.probes_source, "segments": segments}).encode()
    start = _SHEET.size + len(header)
    return b"".join([_SHEET.pack(_MAGIC, len(header)), header, bytes(pad(start)), *writer.chunks])


def _put_call(writer: Writer, call: Call) -> Node:
    start = writer.size
    try:
        return [call.function, start, [writer.put(argument) for argument in call.args]]
    except Unfit as unfit:
        raise CourseError(
            f"{call.function}: an argument cannot be passed to a submission: {unfit.noun} {unfit.reason}".rstrip()
        ) from None


class SheetReader:
    """The child's view of a sheet: a call is decoded when it is made.

    Parameters
    ----------
    data : buffer
        The bytes of :func:`encode_sheet`, possibly a mapped file; arguments are views of it.
    """

    def __init__(self, data: Any) -> None:
        self._view = memoryview(data)
        magic, length = _SHEET.unpack_from(self._view)
        if magic != _MAGIC:
            raise ProtocolError("not a sheet")
        start = _SHEET.size + length
        header = decode_json(str(self._view[_SHEET.size : start], "utf-8"))
        self._blob = start + pad(start)
        self._segments = header["segments"]
        self.module: str = header["module"]
        self.probes_source: str | None = header["probes"]
        self.counts = tuple(len(calls) for calls in self._segments)
        self._decoded: tuple[tuple[Call, ...], ...] | None = None

    def decode_all(self) -> None:
        """Decode every call now, for many children to come."""
        self._decoded = tuple(
            tuple([self.call(segment, index) for index in range(count)]) for segment, count in enumerate(self.counts)
        )

    def call(self, segment: int, index: int) -> Call:
        """Return a call; its arrays are read-only views of the sheet."""
        if self._decoded is not None:
            return self._decoded[segment][index]
        function, start, nodes = self._segments[segment][index]
        reader = Reader(self._view, self._blob + start, ARGUMENT, copy=False)
        return Call(function, tuple([reader.get(node) for node in nodes]))


def encode_job(job: Job) -> bytes:
    """Return the bytes of a job."""
    cells = [(cell.id, cell.text) for cell in job.source.cells]
    return encode_json([job.source.filename, cells, job.source.packages, job.plan, job.skip]).encode()


def decode_job(data: bytes) -> Job:
    """Return the job of these bytes, which the grader wrote."""
    filename, cells, packages, plan, skip = decode_json(str(data, "ascii"))
    source = Source(filename, tuple([Cell(*cell) for cell in cells]), tuple(packages))
    return Job(source, tuple([tuple(one) for one in plan]), tuple([tuple(one) for one in skip]))
