"""What runs in the confined child of :mod:`autograder.intake.limited`: reads one file and says what is in it."""

from __future__ import annotations

import codecs
import os
from collections.abc import Callable
from typing import Any

from autograder.intake.contents import notebook_version, syntax_notes
from autograder.intake.crossing import notebook_as_bytes
from autograder.intake.crossing import rehearse as rehearse  # the fork server calls it
from autograder.intake.decode import decode_python
from autograder.intake.notebook import read_notebook
from autograder.intake.source import Rejected
from autograder.intake.zipped import members, unpacked
from autograder.sandbox.framing import DONE, decode_json, encode_json, frame_writer, plain_frame
from autograder.sandbox.source import Cell

# found now, for the readers ask for them late
for _name in ("cp437", "utf-16", "utf-8-sig"):
    codecs.lookup(_name)


def run(job_fd: int, batch_fd: int, result_fd: int) -> None:
    """Read the file in ``batch_fd`` as the job says, and send one frame with what is in it, or why it is refused."""
    answer(job_fd, batch_fd, result_fd, _read)


def answer(job_fd: int, batch_fd: int, result_fd: int, read: Callable[[dict[str, Any], bytes], bytes]) -> None:
    """Send what ``read(job, data)`` returns, or why it refuses, as one frame; then the last frame."""
    job = decode_json(str(_all(job_fd), "ascii"))
    reason: str | None = None
    found = b""
    try:
        found = read(job, _all(batch_fd))
    except Rejected as error:
        reason = str(error)
    except MemoryError:
        raise  # the child ends by it, which says enough
    except Exception as error:  # a library that fails on a damaged file: the file's fault, not the grader's
        reason = f"cannot be read: {type(error).__name__}"
    frame_writer(result_fd)((plain_frame({"rejected": reason}, found), plain_frame(DONE)))


def _all(fd: int) -> bytes:
    size = os.fstat(fd).st_size
    pieces: list[bytes] = []
    at = 0
    while at < size and (piece := os.pread(fd, size - at, at)):
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)


def _read(job: dict[str, Any], data: bytes) -> bytes:
    if job["read"] == "member":
        return unpacked(data, job["index"], job["cap"])
    found: object
    if job["read"] == "members":
        found = members(data)
    elif job["read"] == "syntax":
        notebook = job["suffix"] == ".ipynb"
        cells = read_notebook(data, "file").source.cells if notebook else [Cell("file", decode_python(data))]
        version = notebook_version(data) if notebook else None
        found = syntax_notes(((cell.id, cell.text) for cell in cells), version)
    else:
        return notebook_as_bytes(data)
    return encode_json(found).encode()
