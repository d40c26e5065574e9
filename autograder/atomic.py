"""Files and folders that a reader sees whole or not at all: written next to their place, then renamed into it."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from autograder.errors import CourseError


@contextmanager
def replacing(path: Path, *, lasting: bool = True) -> Iterator[IO[str]]:
    """Write a text file aside and rename it into place, so that a reader sees the old one or the new one, whole.

    A new file is its owner's alone, since most hold results; one that was there keeps its mode.  What can be made again
    from the results need not be ``lasting``: then it is not waited until the disk has it, for thousands of pages.

    Raises
    ------
    CourseError
        If it cannot be written; the old file stays.
    """
    aside: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        aside = Path(name)
        with open(descriptor, "w", encoding="utf-8", newline="") as stream:
            yield stream
            if lasting:
                stream.flush()
                os.fsync(stream.fileno())
        with suppress(FileNotFoundError):
            aside.chmod(stat.S_IMODE(path.stat().st_mode))
        aside.replace(path)
        aside = None
    except OSError as error:
        raise CourseError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def private_folder(folder: Path, advice: str = "choose another --to") -> None:
    """Make a folder, and those above it, for its owner alone; one that is there keeps its mode.

    Raises
    ------
    CourseError
        If it cannot be made.
    """
    try:
        for one in reversed([folder, *folder.parents]):
            if not one.is_dir():
                one.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CourseError(f"{folder}: cannot be made: {error.strerror}; {advice}") from None


def write_whole(target: Path, data: bytes, *, private: bool = False) -> Path:
    """Write a file, and the folders above it, whole or not at all; return it.

    Parameters
    ----------
    target, data : Path, bytes
        Where, and what.
    private : bool
        Whether it, and every folder that is made for it, is its owner's alone.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with made_above(target, 0o700 if private else 0o777):
            try:
                with open(aside, "wb", opener=_for_owner if private else None) as stream:
                    stream.write(data)
                aside.replace(target)
            finally:
                aside.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(f"{target}: cannot be written: {error.strerror}") from None
    return target


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def made_above(target: Path, mode: int = 0o777) -> Iterator[None]:
    """Make the folders above a path; those that this made go again if what follows fails or is interrupted."""
    made = [folder for folder in target.parents if not folder.exists()]
    for folder in reversed(made):
        folder.mkdir(mode, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # another process put something there
            for folder in made:
                folder.rmdir()
        raise


def replace_folder(new: Path, old: Path) -> None:
    """Put a finished folder in the place of another, which goes; a reader sees one of the two, whole, at any moment.

    Linux and macOS exchange two folders in one step, where the file system can.  Elsewhere the old one is renamed away
    first, so for a moment there is neither.

    Raises
    ------
    OSError
        If a folder cannot be renamed; the old one is back in its place.
    """
    old.parent.mkdir(parents=True, exist_ok=True)
    if not old.exists():
        new.rename(old)
        return
    if exchange(new, old):
        shutil.rmtree(new, ignore_errors=True)
        return
    gone = Path(tempfile.mkdtemp(prefix=f".{old.name}.", dir=old.parent))
    try:
        old.rename(gone / old.name)
        new.rename(old)
    except BaseException:
        if not old.exists():
            (gone / old.name).rename(old)
        raise
    finally:
        shutil.rmtree(gone, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; return whether this system and file system can, else nothing is changed."""
    import ctypes

    names = os.fsencode(one), os.fsencode(other)
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":
            return bool(library.renamex_np(*names, _RENAME_SWAP) == 0)
        return bool(library.renameat2(_HERE, names[0], _HERE, names[1], _RENAME_EXCHANGE) == 0)
    except (AttributeError, OSError, TypeError):  # a C library without the call, or none that can be loaded by name
        return False


_HERE = -100  # AT_FDCWD: paths that are not absolute are below the working folder
_RENAME_EXCHANGE = 2
_RENAME_SWAP = 2
