"""The bytes of a zip archive of a student; runs in the confined child too, and needs little else of the package."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from typing import Literal, get_args

from autograder.intake.files import MAX_DEPTH, MAX_ENTRIES, too_big
from autograder.intake.names import without_litter
from autograder.intake.source import Rejected
from autograder.text import for_message

MAX_TOTAL = 200_000_000
"""Bytes that all members of one student's archive may unpack to."""
MAX_RATIO = 200

_AGAIN = "it is damaged or was not uploaded whole: zip the files again"
_SMALL = 1_000_000  # below this size a high ratio is harmless
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_UTF8 = 0x800
_UNICODE_PATH = 0x7075  # Info-ZIP's field for the name in UTF-8
_MAX_RAW = 200_000  # members with litter; an environment of Python's has tens of thousands

EntryKind = Literal["file", "folder", "link", "outside"]
"""What a member of an archive is; ``outside``: its name leads out of the archive."""

KINDS: tuple[EntryKind, ...] = get_args(EntryKind)

ArchiveEntry = tuple[int, tuple[str, ...], EntryKind]
"""A member of an archive: its position, the parts of its name, its kind."""


def members(data: bytes) -> list[ArchiveEntry]:
    """Return what a student's archive holds; Rejected as :func:`autograder.intake.limited.list_archive` says."""
    with _open(data) as opened:
        found = entries(opened)
        if len(found) > MAX_ENTRIES:
            raise Rejected(f"the archive has more than {MAX_ENTRIES} members; zip your answers alone")
        listed = opened.infolist()
        total = sum(listed[index].file_size for index, *_ in found)
        if total > MAX_TOTAL:
            raise Rejected(
                f"the archive unpacks to {total} bytes; at most {MAX_TOTAL} are read; zip your answers alone"
            )
        return found


def unpacked(data: bytes, index: int, cap: int) -> bytes:
    """Return one member of a student's archive; see :func:`autograder.intake.limited.read_member`."""
    with _open(data) as opened:
        return read_entry(opened, opened.infolist()[index], cap)


def _open(data: bytes) -> zipfile.ZipFile:
    # Counted before zipfile builds an object per member; a count by the archive's own header could lie.
    if data.count(_ENTRY) > _MAX_RAW:
        raise Rejected(f"the archive has more than {_MAX_RAW} members; zip your answers alone")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError, EOFError) as error:
        raise Rejected(f"is not a readable zip archive: {for_message(error)}; {_AGAIN}") from None
    except Exception as error:  # zipfile leaks struct.error and the like on damaged headers
        raise Rejected(f"is not a readable zip archive: {type(error).__name__}; {_AGAIN}") from None


def entries(opened: zipfile.ZipFile) -> list[ArchiveEntry]:
    """Return what an archive holds, without litter and without what lies too deep."""
    named = [(index, _name(info), info) for index, info in enumerate(opened.infolist())]
    split = [(index, parts, name, info) for index, name, info in named if (parts := _parts(name))]
    kept = without_litter({parts for _, parts, _, _ in split})
    return [
        (index, parts, _kind(name, info))
        for index, parts, name, info in split
        if parts in kept and len(parts) <= MAX_DEPTH + 1
    ]


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; what programs write as UTF-8 without saying so is read as UTF-8."""
    if info.flag_bits & _UTF8 or info.filename.isascii():
        return info.filename
    try:
        raw = info.orig_filename.encode("cp437")  # which takes every byte, so nothing was lost
    except UnicodeEncodeError:
        return info.filename
    at = 0
    while at + 4 <= len(info.extra):
        kind, size = struct.unpack_from("<HH", info.extra, at)
        field = info.extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and size > 5 and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            raw = field[5:]
        at += 4 + size
    try:
        return raw.decode("utf-8").split("\0")[0]
    except UnicodeDecodeError:
        return info.filename


def is_guess(info: zipfile.ZipInfo) -> bool:
    """Whether a member's name is in an encoding that the archive does not state: it is read as the oldest of them."""
    name = _name(info)
    return not name.isascii() and name == info.filename and not info.flag_bits & _UTF8


def _kind(name: str, info: zipfile.ZipInfo) -> EntryKind:
    plain = name.replace("\\", "/")
    if plain.startswith("/") or ".." in plain.split("/"):
        return "outside"
    if plain.endswith("/"):  # ZipInfo.is_dir fails on an empty name
        return "folder"
    return "link" if stat.S_ISLNK(info.external_attr >> 16) else "file"


def _parts(name: str) -> tuple[str, ...] | None:
    """Split a member's name; what leads out of the archive is left away."""
    name = name.replace("\\", "/")  # as some Windows programs write it
    parts = tuple(part for part in name.split("/") if part not in ("", ".", ".."))
    return parts if parts and max(map(len, parts)) <= 255 else None


def read_entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, cap: int) -> bytes:
    """Return the bytes of a member; raise Rejected if it cannot be read or has more than ``cap`` of them."""
    if info.flag_bits & _ENCRYPTED:
        raise Rejected("is encrypted in the archive; zip it without a password")
    if info.compress_type not in _METHODS:
        raise Rejected(f"is packed in a way that is not read (method {info.compress_type}); make an ordinary .zip")
    if info.file_size > cap:
        raise Rejected(too_big(info.file_size, cap))
    if info.file_size > _SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size):
        raise Rejected(f"unpacks to more than {MAX_RATIO} times its size; hand it in without the archive")
    try:
        with opened.open(info) as stream:
            data = stream.read(cap + 1)  # the size in the header may lie
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError) as error:
        raise Rejected(f"is damaged in the archive: {for_message(error)}; zip the files again") from None
    except Exception as error:  # zipfile leaks struct.error and the like on damaged headers
        raise Rejected(f"is damaged in the archive: {type(error).__name__}; zip the files again") from None
    if len(data) > cap:
        raise Rejected(too_big(len(data), cap))
    return data
