"""Frames as bytes: a header in JSON and bytes after it; nothing here knows arrays, which make a fork slow.

A frame is two lengths of 32 bits, little-endian, that of the whole and that of the header, the header, and a blob.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Buffer = bytes | memoryview
"""Bytes, or a view of bytes that lie elsewhere; its length is in bytes."""

Send = Callable[[Sequence[Buffer]], None]

PREFIX = struct.Struct("<II")

# Taken at import, so that a student's patches in the same process cannot reach the harness by accident.
_write = os.write
_raw_decode = json.JSONDecoder().raw_decode
encode_json = json.JSONEncoder(separators=(",", ":")).encode


class ProtocolError(Exception):
    """What came from a student's process is not what the harness sends."""


def decode_json(text: str) -> Any:
    """Return the value of a JSON text, which may end in blanks.

    Raises
    ------
    ValueError
        If it is none.  A text that is nested too deeply raises ``RecursionError``.
    """
    value, end = _raw_decode(text)
    if end != len(text) and text[end:].strip(" "):
        raise ValueError("text after the value")
    return value


def plain_frame(header: Mapping[str, Any], blob: bytes = b"") -> bytes:
    """Return the frame of a header and a blob."""
    text = encode_json(header).encode()
    return PREFIX.pack(PREFIX.size + len(text) + len(blob), len(text)) + text + blob


DONE: Mapping[str, Any] = {"k": "done"}
"""The header of the last frame of a child that did all it was asked."""


def frame_writer(fd: int) -> Send:
    """Return a function that writes a frame to a descriptor, whole."""

    def send(pieces: Sequence[Buffer]) -> None:
        for piece in pieces:
            done = _write(fd, piece)
            while done < len(piece):
                done += _write(fd, memoryview(piece)[done:])

    return send
