"""The frame of an ordinary answer: a number or an array without facts, in fixed fields instead of JSON.

The length of the header, which no other frame has, says that it is one::

    u32 length of the frame | u32 MARK | u32 segment | u32 call | f64 seconds | u8 kind | u8 dtype | u8 axes | 5 bytes
    f64 number                                   or
    i64 side of each axis | up to 16 bytes aligned | bytes of the array

What is read here may be forged as any other frame may.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from autograder.model import Value
from autograder.sandbox.framing import PREFIX, Buffer, ProtocolError
from autograder.sandbox.values import DTYPES, LARGE, MAX_NDIM, RESULT, EncodedValue, Reader, pad

MARK = 0xFFFF_FFFF
_MARKED = MARK.to_bytes(4, "little")

_HEAD = struct.Struct("<IIIIdBBB5x")
_NUMBER_FRAME = struct.Struct("<IIIIdBBB5xd")
_NUMBER = struct.Struct("<d")
_SIDES = tuple(struct.Struct(f"<{axes}q") for axes in range(MAX_NDIM + 1))
_FLOAT, _FLOAT64, _ARRAY = range(3)
_NOUNS = {"float": _FLOAT, "numpy.float64": _FLOAT64, "numpy.ndarray": _ARRAY}
_TYPE_NAMES = tuple(_NOUNS)
_CODES = {name: code for code, name in enumerate(DTYPES)}
_DTYPE_NAMES = tuple(DTYPES)
_pack_number, _pack_head = _NUMBER_FRAME.pack, _HEAD.pack


def encode_record(
    segment: int, call: int, seconds: float, type_name: str, node: EncodedValue, chunks: Sequence[Buffer]
) -> list[Buffer] | None:
    """Return the frame of an answer in pieces, or None where the value is not an ordinary one."""
    kind = _NOUNS.get(type_name)
    if kind == _FLOAT and type(node) is float:
        return [_pack_number(_NUMBER_FRAME.size, MARK, segment, call, seconds, _FLOAT, 0, 0, node)]
    if kind is None or type(node) is not list:
        return None
    if kind == _FLOAT64:
        if node != ["x", "float64"]:
            return None
        (number,) = _NUMBER.unpack_from(chunks[0])
        return [_pack_number(_NUMBER_FRAME.size, MARK, segment, call, seconds, _FLOAT64, 0, 0, number)]
    if node[0] != "a":
        return None
    shape = node[2]
    sides = _SIDES[len(shape)].pack(*shape)
    fill = pad(_HEAD.size + len(sides))
    size = sum(map(len, chunks))
    length = _HEAD.size + len(sides) + fill + size
    head = _pack_head(length, MARK, segment, call, seconds, _ARRAY, _CODES[node[1]], len(shape)) + sides + bytes(fill)
    return [b"".join([head, *chunks])] if size < LARGE else [head, *chunks]


def is_record(data: Buffer) -> bool:
    """Whether a frame says that it is the record of an ordinary answer."""
    return len(data) >= _HEAD.size and data[4 : PREFIX.size] == _MARKED


def decode_record(data: Buffer) -> tuple[int, int, float, str, Value]:
    """Return segment, call, seconds, the name of the value's type, and the value; an array is a view of the frame.

    Raises
    ------
    ProtocolError
        If it is anything but what :func:`encode_record` writes.
    """
    length, _, segment, call, seconds, kind, dtype, axes = _HEAD.unpack_from(data)
    if length != len(data) or kind > _ARRAY:
        raise ProtocolError("lengths that do not fit")
    if kind != _ARRAY:
        if length != _NUMBER_FRAME.size:
            raise ProtocolError("lengths that do not fit")
        (number,) = _NUMBER.unpack_from(data, _HEAD.size)
        return segment, call, seconds, _TYPE_NAMES[kind], number if kind == _FLOAT else np.float64(number)
    if axes > MAX_NDIM or dtype >= len(_DTYPE_NAMES) or length < _HEAD.size + 8 * axes:
        raise ProtocolError("malformed array")
    start = _HEAD.size + 8 * axes
    reader = Reader(memoryview(data), start + pad(start), RESULT)
    shape = list(_SIDES[axes].unpack_from(data, _HEAD.size))
    value = reader.get(["a", _DTYPE_NAMES[dtype], shape])
    if reader.at != length:
        raise ProtocolError("bytes that belong to no value")
    return segment, call, seconds, _TYPE_NAMES[kind], value
