"""Zip archives of students: looked into in memory, never unpacked to disk."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.intake import limited
from autograder.intake.contents import kind_of
from autograder.intake.files import MAX_ARCHIVE, Leaf, Place
from autograder.intake.source import Rejected
from autograder.intake.zipped import ArchiveEntry, entries, is_guess, members, read_entry, unpacked
from autograder.plain import dataclass
from autograder.text import for_message

if TYPE_CHECKING:
    from typing_extensions import Buffer  # of collections.abc from Python 3.12 on

_START = 2_000
"""Bytes of a file that show of which kind it is."""

MAX_CLASS_ENTRIES = 500_000
"""Members of an archive that holds a class."""


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
            opened = _open_class(self.archive, os.getpid())
            try:
                return read_entry(opened, opened.infolist()[self.index], cap)
            except Rejected:
                _open_class.cache_clear()  # who reads it again opens it anew
                raise
        data = self.archive.read(MAX_ARCHIVE)
        return limited.read_member(data, self.index, cap) if limited.available() else unpacked(data, self.index, cap)


def student_members(place: Place, above: tuple[str, ...]) -> list[Leaf]:
    """Return what a student's archive holds, ``above`` being the folder in which it counts as unpacked.

    Raises
    ------
    Rejected
        If it is not a zip archive or exceeds the limits.
    """
    data = place.read(MAX_ARCHIVE)
    _check_kind(data, "hand in the .ipynb or .py itself, or a .zip", "hand it in again")
    found = limited.list_archive(data) if limited.available() else members(data)
    return list(_leaves(found, place, above))


def _check_kind(data: bytes, instead: str, again: str) -> None:
    if not data:
        raise Rejected(f"is not a readable zip archive: it is empty (0 bytes); {again}")
    if not data.startswith(b"PK") and (what := kind_of(data)):
        raise Rejected(f"is not a readable zip archive but {what}; {instead}")


def class_members(path: Path) -> list[Leaf]:
    """Return what an archive of a whole class holds.

    Raises
    ------
    Rejected
        If it is not a zip archive or has too many members.
    """
    try:
        found = path.stat()
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError as error:
        raise Rejected(f"cannot be read: {error.strerror}") from None
    _check_kind(start, "unpack it and grade the folder", "download it again")
    archive = ClassArchive(path.absolute(), found.st_mtime_ns, found.st_size)
    opened = _open_class(archive, os.getpid())
    if len(opened.infolist()) > MAX_CLASS_ENTRIES:
        raise Rejected(f"has {len(opened.infolist())} members; at most {MAX_CLASS_ENTRIES} are read")
    leaves = list(_leaves(entries(opened), archive, ()))
    guessed = {index for index, info in enumerate(opened.infolist()) if is_guess(info)}
    return [replace(leaf, guessed=_index(leaf) in guessed) for leaf in leaves] if guessed else leaves


def _index(leaf: Leaf) -> int:
    assert isinstance(leaf.place, MemberPlace)
    return leaf.place.index


class _Positioned(io.RawIOBase):
    """A file that is read by position: processes that fork share a descriptor's place, but not this object's."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: os.fstat(self._descriptor).st_size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        view = memoryview(buffer).cast("B")
        found = os.pread(self._descriptor, len(view), self._at)
        view[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


@lru_cache(maxsize=2)
def _open_class(archive: ClassArchive, process: int) -> zipfile.ZipFile:
    """Open a class's archive, once per process: its list of members is long.

    A process that was forked opens its own, and reads by position besides: an offset that two processes share makes
    each read what the other one looks for.
    """
    try:
        return zipfile.ZipFile(io.BufferedReader(_Positioned(archive.path)))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Rejected(f"is not a readable zip archive: {for_message(error)}; download it again") from None


_NO_FILE = {
    "link": "is a symbolic link, not a regular file",
    "outside": "has a name that leads out of the archive; zip the file again from its own folder",
}


def _leaves(listed: Iterable[ArchiveEntry], archive: Place | ClassArchive, above: tuple[str, ...]) -> Iterator[Leaf]:
    seen_folders: set[tuple[str, ...]] = set()
    for index, parts, kind in listed:
        place = MemberPlace(archive, index)
        folders = parts if kind == "folder" else parts[:-1]
        for depth in range(1, len(folders) + 1):
            if folders[:depth] not in seen_folders:
                seen_folders.add(folders[:depth])
                yield Leaf((*above, *folders[:depth]), "folder", place, "is a folder, not a file")
        if kind == "file":
            yield Leaf((*above, *parts), "file", place)
        elif kind != "folder":
            yield Leaf((*above, *parts), "link", place, _NO_FILE[kind])
