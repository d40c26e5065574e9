"""The bytes of a zip archive of a student; runs in the confined child too, and needs little else of the package."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

from autograder.intake.files import MAX_ENTRIES, too_big
from autograder.intake.source import Rejected
from autograder.text import for_message

MAX_TOTAL = 200_000_000
"""Bytes that all members of one student's archive may unpack to."""
MAX_RATIO = 200

_SMALL = 1_000_000  # below this size a high ratio harms nobody
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1

Entry = tuple[str, bool, bool]
"""A member of an archive: its name as written there, whether it is a folder, whether it is a link."""


def members(data: bytes) -> list[Entry]:
    """Return what a student's archive holds; see :func:`autograder.intake.limited.list_archive`."""
    with _open(data) as opened:
        total = sum(info.file_size for info in opened.infolist())
        if total > MAX_TOTAL:
            raise Rejected(f"the archive unpacks to {total} bytes; at most {MAX_TOTAL} are read")
        return entries(opened)


def unpacked(data: bytes, index: int, cap: int) -> bytes:
    """Return one member of a student's archive; see :func:`autograder.intake.limited.read_member`."""
    with _open(data) as opened:
        return read_entry(opened, opened.infolist()[index], cap)


def _open(data: bytes) -> zipfile.ZipFile:
    # Counted before zipfile builds an object per member; a count by the archive's own header could lie.
    if data.count(_ENTRY) > MAX_ENTRIES:
        raise Rejected(f"the archive has more than {MAX_ENTRIES} members")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError, EOFError) as error:
        raise Rejected(f"is no zip archive that can be read: {for_message(error)}") from None
    except Exception as error:  # zipfile leaks struct.error and the like on damaged headers
        raise Rejected(f"is no zip archive that can be read: {type(error).__name__}") from None


def entries(opened: zipfile.ZipFile) -> list[Entry]:
    """Return what an archive holds."""
    # ZipInfo.is_dir fails on an empty name
    return [
        (info.filename, info.filename.endswith("/"), stat.S_ISLNK(info.external_attr >> 16))
        for info in opened.infolist()
    ]


def read_entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, cap: int) -> bytes:
    """Return the bytes of a member; raise Rejected if it cannot be read or has more than ``cap`` of them."""
    if info.flag_bits & _ENCRYPTED:
        raise Rejected("is encrypted in the archive; zip it without a password")
    if info.compress_type not in _METHODS:
        raise Rejected(f"is packed by method {info.compress_type}; zip it the ordinary way (deflate)")
    if info.file_size > cap:
        raise Rejected(too_big(info.file_size, cap))
    if info.file_size > _SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size):
        raise Rejected(f"unpacks to more than {MAX_RATIO} times its size")
    try:
        with opened.open(info) as stream:
            data = stream.read(cap + 1)  # the size in the header may lie
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError, RuntimeError) as error:
        raise Rejected(f"is damaged in the archive: {for_message(error)}") from None
    except Exception as error:  # zipfile leaks struct.error and the like on damaged headers
        raise Rejected(f"is damaged in the archive: {type(error).__name__}") from None
    if len(data) > cap:
        raise Rejected(too_big(len(data), cap))
    return data
