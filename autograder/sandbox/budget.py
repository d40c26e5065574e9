"""A budget of memory that all workers of a machine share."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import struct
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.plain import dataclass
from autograder.sandbox.executor import GraderError

UNIT = 256 << 20
"""Bytes of one token."""

SHARE = 0.75
"""What of the machine's memory may be handed out; the rest is for the graders and the system."""

_RETRY_SECONDS = 0.004
_GATE = 0  # the first byte of the file: held while collecting tokens, so that two processes never wait for each other


@dataclass(frozen=True)
class MemoryBudget:
    """Tokens of memory as locked bytes of a file.

    A token belongs to an open file, so the kernel takes it back when its process ends, however that happens.

    Parameters
    ----------
    path : str
        The file; processes that name the same file share the budget.
    units : int
        How many tokens there are, at least 1.  All processes must agree on it.
    """

    path: str
    units: int

    @classmethod
    def of_machine(cls) -> MemoryBudget:
        """Return the budget that all graders of this user on this machine share.

        Raises
        ------
        GraderError
            If the folder of the tokens belongs to another user.
        """
        folder = Path(tempfile.gettempdir()) / f"mse-course-autograder-{os.getuid()}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise GraderError(f"{folder} is not a private folder of this user: remove it and start again")
        return cls(str(folder / "memory"), max(1, int(usable_memory() * SHARE) // UNIT))

    @contextlib.contextmanager
    def reserve(self, memory: int) -> Iterator[None]:
        """Hold this many bytes for the length of a ``with`` block, waiting until they are free.

        Parameters
        ----------
        memory : int
            Bytes; more than the whole budget counts as all of it, so that a large child runs alone.
        """
        wanted = min(self.units, max(1, -(-memory // UNIT)))
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            _lock(fd, _GATE, wait=True)
            held: set[int] = set()
            while not self._collect(fd, held, wanted):
                time.sleep(_RETRY_SECONDS)
            _lock(fd, _GATE, release=True)
            yield
        finally:
            os.close(fd)

    def _collect(self, fd: int, held: set[int], wanted: int) -> bool:
        """Lock free tokens until this many are held, and return whether they are."""
        for token in range(1, self.units + 1):
            if len(held) == wanted:
                break
            if token not in held and _lock(fd, token):
                held.add(token)
        return len(held) == wanted


def _lock(fd: int, at: int, *, wait: bool = False, release: bool = False) -> bool:
    """Lock or release one byte for this open file and return whether that was possible."""
    kind = fcntl.F_UNLCK if release else fcntl.F_WRLCK
    request = struct.pack("hhqqi4x", kind, os.SEEK_SET, at, 1, 0)
    try:
        fcntl.fcntl(fd, fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK, request)
    except BlockingIOError:
        return False
    return True


def usable_memory() -> int:
    """Return the bytes of memory that this process may use: the machine's, or its control group's if that is less."""
    bounds = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):  # no such controller, or "max"
            bounds.append(int(Path(path).read_text(encoding="ascii")))
    return min(bounds)
