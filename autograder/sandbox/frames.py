"""Read the frames that come back from a student's child, each as if it were forged.

A frame is one message::

    u32 length of the whole frame | u32 length of the header | header (JSON) | blob         (little-endian)

Before a blob the header ends in as many blanks as align it.  An ordinary answer has fixed fields for a header
(:mod:`autograder.sandbox.record`).

The child sends ``ready`` before any of the student's code, ``cell`` after each cell, ``loaded``, one ``call`` per call
and ``done``.  Everything read here may be hostile: it ends in :class:`ProtocolError` or in a bounded value.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, cast, final

from autograder.model import Facts, Observation
from autograder.plain import dataclass
from autograder.sandbox.framing import DONE, PREFIX, Buffer, ProtocolError, decode_json, encode_json, plain_frame
from autograder.sandbox.record import decode_record, encode_record, is_record
from autograder.sandbox.values import ALIGN, LARGE, RESULT, EncodedValue, Reader, Unfit, pad
from autograder.statuses import Ending

MAX_HEADER = 1 << 20
MAX_FRAME = PREFIX.size + MAX_HEADER + RESULT.size
MAX_PROBE_CALLS = 10_000
MAX_ERROR_TEXT = 2000
MAX_NAME = 200
_isfinite = math.isfinite  # taken before a student can replace it
_READY = plain_frame({"k": "ready"})
_DONE = plain_frame(DONE)
_BY_HAND = 8  # longer ones are faster by json
_MAX_SIDE = 2**62


@final
@dataclass(frozen=True)
class Ready:
    """The child is set up; from here on everything is the student's doing."""


@dataclass(frozen=True)
class CellEnd:
    """A cell ran; ``kind`` is empty if nothing went wrong, else ``syntax`` or ``error``."""

    index: int
    kind: str = ""
    error: str = ""
    message: str = ""
    line: int | None = None


@final
@dataclass(frozen=True)
class Loaded:
    """All cells ran; ``cpu_seconds`` is what they cost."""

    cpu_seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Answer:
    """What came of one call; ``listed`` counts the items of its lists, tuples and dicts."""

    segment: int
    call: int
    observation: Observation
    listed: int = 0


@final
@dataclass(frozen=True)
class Done:
    """The plan is finished."""


Message = Ready | CellEnd | Loaded | Answer | Done


def frame(header: dict[str, EncodedValue], chunks: Sequence[Buffer] = ()) -> list[Buffer]:
    """Return the frame of a header and a blob, in pieces: what is small is joined, what is large stays where it is.

    Raises
    ------
    Unfit
        If the header is too long.
    """
    return _framed(encode_json(header), chunks)


def _framed(header: str, chunks: Sequence[Buffer]) -> list[Buffer]:
    text = header.encode()
    if len(text) > MAX_HEADER - ALIGN:
        raise Unfit("value", "of too many items")
    if not chunks:
        return [PREFIX.pack(PREFIX.size + len(text), len(text)) + text]
    text += b" " * pad(PREFIX.size + len(text))
    size = sum(map(len, chunks))
    small: list[Buffer] = [PREFIX.pack(PREFIX.size + len(text) + size, len(text)), text]
    if size < LARGE:
        return [b"".join([*small, *chunks])]
    pieces: list[Buffer] = []
    for chunk in chunks:
        if len(chunk) < LARGE:
            small.append(chunk)
        else:
            pieces += [b"".join(small), chunk]
            small.clear()
    return [*pieces, b"".join(small)]


def frame_length(prefix: bytes | bytearray) -> int:
    """Return the length of the frame that starts with these (at least 4) bytes.

    Raises
    ------
    ProtocolError
        If no frame has that length.
    """
    length = int.from_bytes(prefix[:4], "little")
    if not PREFIX.size <= length <= MAX_FRAME:
        raise ProtocolError("impossible frame length")
    return length


def take_frames(received: bytearray) -> list[bytes]:
    """Remove the complete frames from the front of what was received and return them.

    Complete frames are returned even if garbage follows; the garbage raises on the next call.

    Raises
    ------
    ProtocolError
        If what is in front cannot be a frame.
    """
    frames: list[bytes] = []
    at, size = 0, len(received)
    with memoryview(received) as view:
        while size - at >= 4:
            try:
                length = frame_length(received[at : at + 4])
            except ProtocolError:
                if not frames:
                    raise
                break
            if size - at < length:
                break
            frames.append(bytes(view[at : at + length]))
            at += length
    del received[:at]
    return frames


def encode_message(message: Ready | CellEnd | Loaded | Done) -> bytes:
    """Return the frame of a message other than an answer."""
    if type(message) is Ready:  # no isinstance, which a student's code may have replaced
        return _READY
    if type(message) is Done:
        return _DONE
    if type(message) is Loaded:
        return _plain(f'{{"k":"loaded","u":{message.cpu_seconds!r}}}')
    if not message.kind:
        return _plain(f'{{"k":"cell","i":{message.index},"x":["","","",null]}}')
    failure = [message.kind, message.error, message.message, message.line]
    return plain_frame({"k": "cell", "i": message.index, "x": failure})


def _plain(header: str) -> bytes:
    """Return the frame of an ASCII header that was put together by hand; see :func:`encode_answer`."""
    return PREFIX.pack(PREFIX.size + len(header), len(header)) + header.encode()


def encode_answer(
    segment: int,
    call: int,
    seen: Observation,
    facts: Facts,
    seconds: float,
    node: EncodedValue = None,
    chunks: Sequence[Buffer] = (),
) -> list[Buffer]:
    """Return the frame of an answer, in pieces.

    Facts and seconds come next to the observation, since they are known later, and the value as a node with its chunks,
    for it was written at once.
    """
    if seen.ending == "value" and facts is NOTHING:
        # nearly every answer: put together by hand, for a call to json costs more than the rest of the frame
        record = encode_record(segment, call, seconds, seen.type_name, node, chunks)
        if record is not None:
            return record
        known = f'"s":{segment},"c":{call},"u":{seconds!r},"t":{_quoted(seen.type_name)}'
        return _framed(f'{{"k":"call","e":"value",{known},"v":{_node_text(node)}}}', chunks)
    header: dict[str, EncodedValue] = {"k": "call", "s": segment, "c": call, "e": seen.ending, "u": seconds}
    if seen.ending == "value":
        header["v"] = node
    else:
        header["x"] = [seen.error, seen.message, seen.line, seen.ancestors]
    if seen.type_name:
        header["t"] = seen.type_name
    if facts is not NOTHING:
        seen_beside = [facts.changed, facts.shares_memory, facts.touched_random, facts.probe_calls, facts.probe_count]
        header["f"] = [*seen_beside, facts.overflowed, facts.probe_raised[:MAX_NAME], facts.drawn]
    return frame(header, chunks)


def _node_text(node: EncodedValue) -> str:
    """Return the JSON of a node; a few numbers and arrays together are put together by hand."""
    kind = type(node)
    if kind is float and _isfinite(node):
        return repr(node)
    if kind is list and node[0] == "a":
        return _array_text(node[1], tuple(node[2]))
    if kind is list and node[0] in ("t", "l") and 1 < len(node) <= _BY_HAND:
        return f'["{node[0]}",{",".join(map(_node_text, node[1:]))}]'
    return encode_json(node)


@lru_cache(maxsize=256)
def _array_text(dtype: str, shape: tuple[int, ...]) -> str:
    return encode_json(["a", dtype, shape])


@lru_cache(maxsize=64)
def _quoted(text: str) -> str:
    return encode_json(text)


_LONGEST_DONE = 100

NOTHING = Facts()
"""The facts of a call of which nothing but its value is reported."""

_FROM_CHILD = frozenset({"value", "error", "bad_output", "load_error", "missing", "forbidden", "memory"})


def decode_frame(data: Buffer) -> Message:
    """Return the message of a frame; arrays in it are read-only views of the frame.

    Raises
    ------
    ProtocolError
        If it is anything but what :func:`encode_message` and :func:`encode_answer` write.
    """
    if is_record(data):
        segment, call, seconds, type_name, value = decode_record(data)
        observation = Observation("value", value, type_name, facts=NOTHING, seconds=_seconds(seconds))
        return Answer(segment, call, observation)
    header, blob = _split(data)
    kind = header.get("k")
    if kind == "call":
        return _answer(header, blob)
    if len(blob):
        raise ProtocolError("bytes after the header")
    if kind == "ready":
        return Ready()
    if kind == "done":
        return Done()
    if kind == "loaded":
        return Loaded(_seconds(header.get("u")))
    if kind == "cell":
        cell_kind, error, message, line = _items(header.get("x"), 4)
        if cell_kind not in ("", "syntax", "error"):
            raise ProtocolError("unknown kind of a cell's error")
        index = _count(header.get("i"))
        return CellEnd(index, cell_kind, _text(error, MAX_NAME), _text(message, MAX_ERROR_TEXT), _line(line))
    raise ProtocolError("unknown message")


def is_done(data: Buffer) -> bool:
    """Return whether a frame is the last one of a child that did all it was asked."""
    try:
        return len(data) < _LONGEST_DONE and isinstance(decode_frame(data), Done)
    except ProtocolError:
        return False


def _split(data: Buffer) -> tuple[dict[str, EncodedValue], memoryview]:
    if len(data) < PREFIX.size or len(data) > MAX_FRAME:
        raise ProtocolError("impossible frame length")
    length, header_length = PREFIX.unpack_from(data)
    end = PREFIX.size + header_length
    if length != len(data) or header_length > MAX_HEADER or end > len(data):
        raise ProtocolError("lengths that do not fit")
    try:
        header = decode_json(str(data[PREFIX.size : end], "ascii"))
    except (ValueError, RecursionError):
        raise ProtocolError("the header is not JSON") from None
    if type(header) is not dict:
        raise ProtocolError("the header is not an object")
    return header, memoryview(data)[end:]


def _answer(header: dict[str, EncodedValue], blob: memoryview) -> Answer:
    ending = header.get("e")
    if type(ending) is not str or ending not in _FROM_CHILD:
        raise ProtocolError("unknown ending")
    reader = Reader(blob, 0, RESULT)
    fields: dict[str, Any] = {}
    if ending == "value":
        fields["value"] = reader.get(header.get("v"))
    else:
        error, message, line, ancestors = _items(header.get("x"), 4)
        fields["error"] = _text(error, MAX_NAME)
        fields["message"] = _text(message, MAX_ERROR_TEXT)
        fields["line"] = _line(line)
        fields["ancestors"] = tuple(_text(name, MAX_NAME) for name in _items(ancestors))
    if reader.at != len(blob):
        raise ProtocolError("bytes that belong to no value")
    observation = Observation(
        cast("Ending", ending),
        type_name=_text(header.get("t", ""), MAX_NAME),
        facts=_facts(header["f"]) if "f" in header else NOTHING,
        seconds=_seconds(header.get("u")),
        **fields,
    )
    return Answer(_count(header.get("s")), _count(header.get("c")), observation, reader.listed)


def _facts(node: EncodedValue) -> Facts:
    changed, shares, touched, probes, count, overflowed, raised, drawn = _items(node, 8)
    if type(shares) is not bool or type(touched) is not bool or type(overflowed) is not bool:
        raise ProtocolError("malformed facts")
    calls = tuple(
        tuple(tuple(_count(side) for side in _items(shape)) for shape in _items(call))
        for call in _items(probes)[:MAX_PROBE_CALLS]
    )
    arguments = tuple(_count(i) for i in _items(changed))
    return Facts(arguments, shares, touched, calls, _count(count), overflowed, _text(raised, MAX_NAME), _count(drawn))


def _items(node: EncodedValue, length: int | None = None) -> list[EncodedValue]:
    if type(node) is not list or (length is not None and len(node) != length):
        raise ProtocolError("malformed list")
    return node


def _text(node: EncodedValue, limit: int) -> str:
    if type(node) is not str or len(node) > limit:
        raise ProtocolError("malformed text")
    return node


def _count(node: EncodedValue) -> int:
    if type(node) is not int or not 0 <= node < _MAX_SIDE:
        raise ProtocolError("malformed number")
    return node


def _line(node: EncodedValue) -> int | None:
    return None if node is None else _count(node)


def _seconds(node: EncodedValue) -> float:
    if type(node) not in (int, float) or not 0.0 <= node < 1e9:  # NaN is not
        raise ProtocolError("malformed time")
    return float(node)
