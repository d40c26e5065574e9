"""Read students' notebooks and archives in a confined child.

The readers are libraries (JSON, zip, deflate) on untrusted bytes.  Each file is read in a child of
a fork server like the one that runs submissions, behind the same layers: what breaks a reader, or makes it slow or
large, costs that child.  What comes back is bounded and is data.  A notebook that is not large is read in the child
that then runs it, before its code; where that fails it is read in a child of its own, whose verdict counts.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from autograder.intake.crossing import FIRST, checked_text, document_of
from autograder.intake.source import Document, Rejected
from autograder.intake.zipped import KINDS, ArchiveEntry
from autograder.model import Limits
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle
from autograder.sandbox.frames import Done, decode_frame
from autograder.sandbox.framing import PREFIX, Buffer, ProtocolError, decode_json, encode_json
from autograder.sandbox.launch import ServerSettings

LIMITS: Final = Limits(cpu_seconds=10.0, memory_bytes=1 << 30)
"""Of one file; the costliest notebook within the caps takes less than half of the time."""

MAX_REASON = 500

MAX_TOGETHER: Final = 1 << 20
"""Bytes of a notebook that is read in the child that runs it: what reading takes of the child's memory is little."""

Begin = Callable[[bytes], Buffer | None]
"""Begins a submission's child with a text to read, and returns its first frame if there is one."""

_READERS: Final = "autograder.intake.limited_child"


def read_notebook(data: bytes, filename: str, begin: Begin | None = None) -> Document:
    """Read a notebook as :func:`autograder.intake.notebook.read_notebook` does, in a child.

    Parameters
    ----------
    data : bytes
        The file.
    filename : str
        Name under which the code runs.
    begin : callable, optional
        Begins the child that is to run the code; a notebook that it cannot read, or that is large, has a child of its
        own.

    Raises
    ------
    Rejected
        If it is not a notebook or exceeds the limits.
    GraderError
        If there can be no child.
    """
    if begin is not None and len(data) <= MAX_TOGETHER and (frame := begin(FIRST + data)) is not None:
        with suppress(ValueError, TypeError, RecursionError):
            return document_of(memoryview(frame)[_head(frame) :], filename)
    answer = ask({"read": "notebook"}, data)
    try:
        return document_of(answer, filename)
    except (ValueError, TypeError, RecursionError):
        raise Rejected(_BROKEN) from None


def list_archive(data: bytes) -> list[ArchiveEntry]:
    """Return what a student's archive holds, in its own order.

    Raises
    ------
    Rejected
        If it is not a zip archive or exceeds the limits.
    GraderError
        If there can be no child.
    """
    answer = ask({"read": "members"}, data)
    try:
        found = decode_json(str(answer, "utf-8", "surrogatepass"))
        return [(_index(at), tuple(map(checked_text, parts)), KINDS[KINDS.index(kind)]) for at, parts, kind in found]
    except (ValueError, TypeError, RecursionError):
        raise Rejected(_BROKEN) from None


def syntax_notes(data: bytes, suffix: str) -> tuple[str, ...]:
    """Say where a file's code may be valid in a newer Python; see :func:`autograder.intake.contents.syntax_notes`.

    Raises
    ------
    Rejected
        If it cannot be read.
    GraderError
        If there can be no child.
    """
    answer = ask({"read": "syntax", "suffix": suffix}, data)
    try:
        return tuple(map(checked_text, decode_json(str(answer, "utf-8", "surrogatepass"))))
    except (ValueError, TypeError, RecursionError):
        raise Rejected(_BROKEN) from None


def read_member(data: bytes, index: int, cap: int) -> bytes:
    """Return the bytes of one member of a student's archive.

    Raises
    ------
    Rejected
        If it cannot be read, or has more than ``cap`` bytes.
    GraderError
        If there can be no child.
    """
    answer = ask({"read": "member", "index": index, "cap": cap}, data)
    if len(answer) > cap:
        raise Rejected(_BROKEN)
    return bytes(answer)


def _head(frame: Buffer) -> int:
    """Return where the bytes of a frame begin that come after its header."""
    return PREFIX.size + int.from_bytes(frame[4 : PREFIX.size], "little")


_BROKEN = "cannot be read within 1 GiB of memory and 10 s; save it again, without outputs"


def ask(job: dict[str, Any], data: bytes, harness: str = _READERS) -> memoryview:
    """Have bytes read in a child by another module's ``run``, and return the answer's bytes.

    Parameters
    ----------
    job : dict
        What to do, as JSON.
    data : bytes
        What to read.
    harness : str
        The module; its ``run`` answers by :func:`autograder.intake.limited_child.answer`.

    Raises
    ------
    Rejected
        If the child refuses the bytes, ends without an answer or breaks the protocol.
    GraderError
        If there can be no child.
    """
    with BatchHandle(data) as handle:
        result = _box(os.getpid(), harness).execute(encode_json(job).encode(), handle, LIMITS)
    try:
        if result.ending != "done" or len(result.frames) != 2 or not isinstance(decode_frame(result.frames[1]), Done):
            raise Rejected(_BROKEN)
        frame = memoryview(result.frames[0])
        head = _head(frame)
        header = decode_json(str(frame[8:head], "ascii"))
        reason = header["rejected"]
        if reason is not None:
            reason = checked_text(reason)[:MAX_REASON]
    except (ProtocolError, ValueError, TypeError, KeyError, RecursionError):
        raise Rejected(_BROKEN) from None
    if reason is not None:
        raise Rejected(reason)
    return frame[head:]


@lru_cache(maxsize=4)
def _box(pid: int, harness: str) -> Sandbox:
    """Return this process's readers (a process that forked needs its own), which live as long as the process."""
    # No code of a student runs here, so the layers are a second line: they are used where the machine has them.
    box = Sandbox(settings=ServerSettings(unsafe=True, harness=harness, preload=()))
    atexit.register(box.close)
    return box


def stop() -> None:
    """End this process's readers, if there are any; the next file starts others."""
    if _box.cache_info().currsize:
        box = _box(os.getpid(), _READERS)
        atexit.unregister(box.close)
        box.close()
        _box.cache_clear()


def available() -> bool:
    """Whether there can be children here: on Linux, where submissions are graded."""
    return sys.platform.startswith("linux")


def _index(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(value)
    return value
