"""Zip archives of students: looked into in memory, never unpacked to disk."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.intake import limited
from autograder.intake.files import MAX_ARCHIVE, MAX_DEPTH, Leaf, Place
from autograder.intake.names import JUNK
from autograder.intake.source import Rejected
from autograder.intake.zipped import Entry, entries, members, read_entry, unpacked
from autograder.text import for_message

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
            opened = _open_class(self.archive)
            return read_entry(opened, opened.infolist()[self.index], cap)
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
    return list(_leaves(entries(opened), archive, ()))


@lru_cache(maxsize=2)
def _open_class(archive: ClassArchive) -> zipfile.ZipFile:
    """Open a class's archive, once per process: its list of members is long."""
    try:
        return zipfile.ZipFile(archive.path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Rejected(f"is no zip archive that can be read: {for_message(error)}") from None


def _leaves(listed: Iterable[Entry], archive: Place | ClassArchive, above: tuple[str, ...]) -> Iterator[Leaf]:
    seen_folders: set[tuple[str, ...]] = set()
    for index, (name, is_folder, is_link) in enumerate(listed):
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
