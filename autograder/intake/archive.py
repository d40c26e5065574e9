"""Zip archives of students: looked into in memory, never unpacked to disk."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.intake import limited
from autograder.intake.files import MAX_ARCHIVE, MAX_DEPTH, MAX_ENTRIES, Leaf, Place, too_big
from autograder.intake.names import JUNK
from autograder.intake.source import Rejected

MAX_TOTAL = 200_000_000
"""Bytes that all members of one student's archive may unpack to."""
MAX_RATIO = 200
MAX_CLASS_ENTRIES = 500_000
"""Members of an archive that holds a class."""

_SMALL = 1_000_000  # below this size a high ratio harms nobody
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class ClassArchive:
    """The archive of a whole class, by path; ``changed`` and ``size`` tell a file from a later one of the same name."""

    path: Path
    changed: int
    size: int


@dataclass(frozen=True)
class MemberPlace:
    """A member of an archive: of a student's, which is opened anew, or of a class's, which stays open.

    Plain data, so that it can be handed to a worker process.
    """

    archive: Place | ClassArchive
    index: int

    def read(self, cap: int) -> bytes:
        """Return the bytes; see :class:`autograder.intake.files.Place`."""
        if isinstance(self.archive, ClassArchive):
            opened = _open_class(self.archive)
            return _read(opened, opened.infolist()[self.index], cap)
        data = self.archive.read(MAX_ARCHIVE)
        return limited.read_member(data, self.index, cap) if limited.available() else unpacked(data, self.index, cap)


def student_members(place: Place, above: tuple[str, ...]) -> list[Leaf]:
    """Return what a student's archive holds, ``above`` being the folder in which it counts as unpacked.

    Raises
    ------
    Rejected
        If it is no zip archive, or one beyond the limits.
    """
    data = place.read(MAX_ARCHIVE)
    found = limited.list_archive(data) if limited.available() else members(data)
    return list(_leaves(found, place, above))


def members(data: bytes) -> list[limited.Entry]:
    """Return what a student's archive holds; see :func:`autograder.intake.limited.list_archive`."""
    with _open(data) as opened:
        total = sum(info.file_size for info in opened.infolist())
        if total > MAX_TOTAL:
            raise Rejected(f"the archive unpacks to {total} bytes; at most {MAX_TOTAL} are read")
        return _entries(opened)


def unpacked(data: bytes, index: int, cap: int) -> bytes:
    """Return one member of a student's archive; see :func:`autograder.intake.limited.read_member`."""
    with _open(data) as opened:
        return _read(opened, opened.infolist()[index], cap)


def class_members(path: Path) -> list[Leaf]:
    """Return what an archive of a whole class holds.

    Raises
    ------
    Rejected
        If it is no zip archive, or has too many members.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise Rejected(f"cannot be read: {error.strerror}") from None
    archive = ClassArchive(path.absolute(), found.st_mtime_ns, found.st_size)
    opened = _open_class(archive)
    if len(opened.infolist()) > MAX_CLASS_ENTRIES:
        raise Rejected(f"has {len(opened.infolist())} members; at most {MAX_CLASS_ENTRIES} are read")
    return list(_leaves(_entries(opened), archive, ()))


@lru_cache(maxsize=2)
def _open_class(archive: ClassArchive) -> zipfile.ZipFile:
    """Open a class's archive, once per process: its list of members is long."""
    try:
        return zipfile.ZipFile(archive.path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Rejected(f"is no zip archive that can be read: {_printable(error)}") from None


def _open(data: bytes) -> zipfile.ZipFile:
    # Counted before zipfile builds an object per member; a count by the archive's own header could lie.
    if data.count(_ENTRY) > MAX_ENTRIES:
        raise Rejected(f"the archive has more than {MAX_ENTRIES} members")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError, EOFError) as error:
        raise Rejected(f"is no zip archive that can be read: {_printable(error)}") from None
    except Exception as error:  # zipfile leaks struct.error and the like on damaged headers
        raise Rejected(f"is no zip archive that can be read: {type(error).__name__}") from None


def _entries(opened: zipfile.ZipFile) -> list[limited.Entry]:
    # ZipInfo.is_dir fails on an empty name
    return [
        (info.filename, info.filename.endswith("/"), stat.S_ISLNK(info.external_attr >> 16))
        for info in opened.infolist()
    ]


def _leaves(entries: Iterable[limited.Entry], archive: Place | ClassArchive, above: tuple[str, ...]) -> Iterator[Leaf]:
    seen_folders: set[tuple[str, ...]] = set()
    for index, (name, is_folder, is_link) in enumerate(entries):
        parts = _parts(name)
        if parts is None or JUNK.intersection(parts) or parts[-1].startswith("._"):
            continue  # leaves the archive, is too deep, or is litter
        place = MemberPlace(archive, index)
        folders = parts if is_folder else parts[:-1]
        for depth in range(1, len(folders) + 1):
            if folders[:depth] not in seen_folders:
                seen_folders.add(folders[:depth])
                yield Leaf((*above, *folders[:depth]), "folder", place, "is a folder, not a file")
        if is_folder:
            continue
        if is_link:
            yield Leaf((*above, *parts), "link", place, "is a symbolic link, not a regular file")
        else:
            yield Leaf((*above, *parts), "file", place)


def _parts(name: str) -> tuple[str, ...] | None:
    """Split a member's name; None if it is absolute, climbs, or lies too deep."""
    name = name.replace("\\", "/")  # as some Windows programs write it
    if name.startswith("/"):
        return None
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if not parts or ".." in parts or len(parts) > MAX_DEPTH + 1 or max(map(len, parts)) > 255:
        return None
    return parts


def _read(opened: zipfile.ZipFile, info: zipfile.ZipInfo, cap: int) -> bytes:
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
        raise Rejected(f"is damaged in the archive: {_printable(error)}") from None
    except Exception as error:  # zipfile leaks struct.error and the like on damaged headers
        raise Rejected(f"is damaged in the archive: {type(error).__name__}") from None
    if len(data) > cap:
        raise Rejected(too_big(len(data), cap))
    return data


def _printable(error: Exception) -> str:
    return str(error).encode("unicode_escape", "backslashreplace").decode()[:120]
