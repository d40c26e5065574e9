"""Students' files on disk: listed and read without ever following what they left there.

Every folder on the way is opened relative to the one above it and must not be a link; a file must be a regular one,
judged on the descriptor that is then read, so that nothing can be swapped in between.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

from autograder.intake.names import MAX_NAME, without_litter
from autograder.intake.source import Rejected
from autograder.plain import dataclass
from autograder.text import as_id

MAX_PYTHON = 2_000_000
MAX_NOTEBOOK = 20_000_000
MAX_WRITTEN = 10_000_000
MAX_ARCHIVE = 200_000_000
MAX_ENTRIES = 2_000
"""Files and folders of one student, litter not counted."""
MAX_DEPTH = 12

PlaceKind = Literal["file", "folder", "link", "other"]

_CAPS = {".py": MAX_PYTHON, ".ipynb": MAX_NOTEBOOK, ".zip": MAX_ARCHIVE}
_SPECIAL = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}


class Place(Protocol):
    """Where a file's bytes are."""

    def read(self, cap: int) -> bytes:
        """Return the bytes; raise Rejected if it is not a regular file, unreadable, or has more than ``cap`` bytes."""


@dataclass(frozen=True)
class DiskPlace:
    """A file below ``root``; ``root`` is the instructor's word, ``parts`` the student's."""

    root: Path
    parts: tuple[str, ...]

    def read(self, cap: int) -> bytes:
        """Return the bytes; see :class:`Place`."""
        try:
            with _folder(self.root, self.parts[:-1]) as above:
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
                descriptor = os.open(self.parts[-1], flags, dir_fd=above)
                try:
                    return _read_regular(descriptor, cap)
                finally:
                    os.close(descriptor)
        except OSError as error:
            raise Rejected(_why_not(error)) from None


@dataclass(frozen=True)
class Leaf:
    """Something found: ``parts`` below the student's folder or PATH; ``problem`` if it cannot be read as a file.

    ``guessed`` says that nothing states the encoding of its name.
    """

    parts: tuple[str, ...]
    kind: PlaceKind
    place: Place
    problem: str | None = None
    guessed: bool = False

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1]


def cap_for(suffix: str) -> int:
    """Return how many bytes of a file with this suffix are read."""
    return _CAPS.get(suffix, MAX_WRITTEN)


def _read_regular(descriptor: int, cap: int) -> bytes:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise Rejected(f"is {_spoken_type(found.st_mode)}, not a regular file")
    if found.st_size > cap:
        raise Rejected(too_big(found.st_size, cap))
    pieces: list[bytes] = []
    left = cap + 1  # the file may grow while it is read
    while left > 0 and (piece := os.read(descriptor, min(left, 1 << 20))):
        pieces.append(piece)
        left -= len(piece)
    if left <= 0:
        raise Rejected(too_big(cap + 1, cap))
    return b"".join(pieces)


def too_big(size: int, cap: int) -> str:
    """Return the message for a file over its cap."""
    way = "remove the outputs of its cells and save it" if cap == MAX_NOTEBOOK else "hand in your answer alone"
    return f"has {size} bytes; at most {cap} are read: {way}"


def _spoken_type(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else _SPECIAL.get(stat.S_IFMT(mode), "a special file")


def _why_not(error: OSError) -> str:
    if error.errno == errno.ELOOP:
        return "is a symbolic link, not a regular file"
    if error.errno == errno.ENXIO:
        return "is a socket or device, not a regular file"
    if error.errno == errno.ENOTDIR:
        return "its folder is a symbolic link or no folder"
    return f"cannot be read: {error.strerror}"


@contextmanager
def _folder(root: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """Open the folder below root as a descriptor, following no link below root."""
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            below = os.open(part, flags, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def list_folder(root: Path, parts: tuple[str, ...] = ()) -> list[Leaf]:
    """Return what lies in a folder, sorted by its bytes, without the litter of systems, editors and package managers.

    Raises
    ------
    Rejected
        If the folder cannot be listed.
    """
    found: list[Leaf] = []
    try:
        with _folder(root, parts) as here, os.scandir(here) as entries:
            for entry in entries:
                found.append(_leaf(entry, root, parts))
    except OSError as error:
        raise Rejected(_why_not(error)) from None
    kept = without_litter({(leaf.name,) for leaf in found})
    return sorted((leaf for leaf in found if (leaf.name,) in kept), key=lambda leaf: os.fsencode(leaf.name))


def _leaf(entry: os.DirEntry[str], root: Path, parts: tuple[str, ...]) -> Leaf:
    below = (*parts, entry.name)
    place = DiskPlace(root, below)
    if entry.is_symlink():
        return Leaf(below, "link", place, "is a symbolic link, not a regular file")
    if entry.is_dir(follow_symlinks=False):
        return Leaf(below, "folder", place, "is a folder, not a file")
    if entry.is_file(follow_symlinks=False):
        return Leaf(below, "file", place)
    return Leaf(
        below, "other", place, f"is {_spoken_type(entry.stat(follow_symlinks=False).st_mode)}, not a regular file"
    )


def walk(root: Path, student: str, without: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Yield everything below a student's folder, folders before what is in them, but for the folder ``without``.

    Raises
    ------
    Rejected
        If a folder cannot be listed, or there is too much: what came before has been yielded.
    """
    count = 0
    waiting: list[tuple[str, ...]] = [(student,)]
    while waiting:
        here = waiting.pop(0)
        for leaf in list_folder(root, here):
            if leaf.parts == without:
                continue
            count += 1
            if count > MAX_ENTRIES:
                raise Rejected(f"has more than {MAX_ENTRIES} files and folders; hand in your answers alone")
            yield leaf
            if leaf.kind == "folder" and len(leaf.parts) <= MAX_DEPTH:
                waiting.append(leaf.parts)


def path_text(parts: tuple[str, ...]) -> str:
    """Return parts as one printable path, cut to a length that fits a report."""
    text = "/".join(as_id(part) for part in parts)
    return text if len(text) <= 2 * MAX_NAME else text[: 2 * MAX_NAME] + "..."
