"""Assemble what arrives from a child through a pipe into frames, with as few copies as possible."""

from __future__ import annotations

import os

import numpy as np

from autograder.sandbox.frames import frame_length, take_frames
from autograder.sandbox.framing import Buffer, ProtocolError
from autograder.sandbox.values import LARGE

_READ = 1 << 16


class Inbox:
    """The bytes of one pipe that do not make a complete frame yet.

    A large frame is read into memory of its own as soon as its length is known.  Memory that is not written to costs
    nothing, so a length that is only claimed does no harm.
    """

    def __init__(self) -> None:
        self._small = bytearray()
        self._large: memoryview | None = None
        self._filled = 0

    def __bool__(self) -> bool:
        return bool(self._small) or self._large is not None

    def startswith(self, text: bytes) -> bool:
        """Whether the bytes that wait begin like this; false while a large frame is coming."""
        return self._large is None and self._small.startswith(text)

    def __bytes__(self) -> bytes:
        return bytes(self._small)

    def read(self, fd: int) -> int:
        """Read once and return how many bytes that gave; 0 if there are none now or the pipe is closed."""
        try:
            if self._large is not None:
                taken = os.readv(fd, [self._large[self._filled :]])
                self._filled += taken
                return taken
            data = os.read(fd, _READ)
        except BlockingIOError:
            return 0
        self._small += data
        self._begin_large()
        return len(data)

    def _begin_large(self) -> None:
        """Give a large frame in front its own memory."""
        if len(self._small) < 4:
            return
        try:
            length = frame_length(self._small[:4])
        except ProtocolError:
            return  # complained of where frames are taken
        if length < LARGE or len(self._small) >= length:
            return
        self._large = np.empty(length, np.uint8).data
        self._filled = len(self._small)
        self._large[: self._filled] = self._small
        self._small.clear()

    def take(self) -> list[Buffer]:
        """Remove and return the complete frames.

        Raises
        ------
        ProtocolError
            If what is in front cannot be a frame.
        """
        if self._large is not None:
            if self._filled < len(self._large):
                return []
            frame, self._large = self._large, None
            return [frame]
        frames: list[Buffer] = list(take_frames(self._small))
        self._begin_large()
        return frames
