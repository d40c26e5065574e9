"""The grader's side of the sandbox: one job in, frames and an ending out, limits kept from here."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from autograder.model import Limits
from autograder.plain import Closing, dataclass
from autograder.sandbox.budget import MemoryBudget
from autograder.sandbox.child import REQUEST
from autograder.sandbox.executor import (
    ENDLESS,
    BatchHandle,
    ChildResult,
    GraderError,
    Handover,
    Patience,
    seal,
    sealed,
)
from autograder.sandbox.framing import Buffer
from autograder.sandbox.launch import Server, ServerDied, ServerSettings, installed, start
from autograder.sandbox.layers import LayerReport
from autograder.sandbox.packages import import_names
from autograder.sandbox.watch import Watch

TOTAL_FACTOR = 30
"""The calls of one child together may use this many times the processor time of one."""

WALL_FACTOR = 3
"""A call may take this many times its processor time by the clock."""

_DATA = "autograder-data-"
"""How the folders with the data files of a course begin, in the system's folder for temporary files."""

_STALE = 7 * 86_400.0
"""Seconds after which such a folder is taken for one that a killed grader left: no run is that long."""

_NUMPY = ("numpy", "numpy.linalg", "numpy.random", "autograder.checks")
_SCIPY = (*_NUMPY, "scipy", "scipy.linalg", "scipy.special")
_ALL_OF_SCIPY = (*_SCIPY, "scipy.optimize", "scipy.stats")
_IMPORTS_SCIPY = re.compile(rb"(?:import|from)(?:(?!\\n).){0,200}?\bscipy\b")
"""An import in the lines of a job, where a line ends in the two characters that JSON writes for it."""


class Sandbox(Closing):
    """Runs jobs one after the other, each in a fresh confined child; an :class:`Executor`.

    Use it as a context manager, in the process and thread that made it.  A fork costs more the more memory is mapped,
    so servers with SciPy, or with more of it, are started only when a job mentions it.

    Parameters
    ----------
    unsafe : bool
        Run even if a required layer is missing.
    budget : MemoryBudget, optional
        Shared with other workers of this machine; a child starts when its memory is free in it.
    keep_output : int
        How many bytes of what is printed to keep, in ``ChildResult.output``.
    packages : tuple of str
        Distributions of the course; they are loaded before the fork where a job mentions them.
    files : mapping of str to bytes
        Data files that submissions find in their working folder, by name; they can read no others.
    settings : ServerSettings, optional
        How servers are started, for tests and measurements; ``unsafe`` is then read from there.
    """

    def __init__(
        self,
        *,
        unsafe: bool = False,
        budget: MemoryBudget | None = None,
        keep_output: int = 0,
        packages: tuple[str, ...] = (),
        files: Mapping[str, bytes] | None = None,
        settings: ServerSettings | None = None,
    ) -> None:
        self._settings = settings or ServerSettings(unsafe=unsafe)
        self._budget = budget
        self._keep_output = keep_output
        self._packages = tuple(name for one in packages for name in import_names(one))
        self._files = dict(files or {})
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._servers: dict[tuple[str, ...], Server] = {}
        self._begun: _Begun | None = None
        self._scipy: bool | None = None

    def close(self) -> None:
        """End all servers and their children."""
        self.abandon()
        while self._servers:
            self._servers.popitem()[1].close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @property
    def layers(self) -> tuple[LayerReport, ...]:
        """What is in force, as the server reported after it confined itself.

        Raises
        ------
        GraderError
            If no server can be started.
        """
        return self._server(self._flavour(b"")).layers

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Let no other child of this user's graders run on this machine in a ``with`` block, if there is a budget."""
        self.abandon()
        if self._budget is None:
            yield
            return
        budget, self._budget = self._budget, None
        try:
            with budget.reserve(sys.maxsize):
                yield
        finally:
            self._budget = budget

    def execute(
        self,
        job: bytes,
        batch: BatchHandle,
        limits: Limits,
        handover: Handover | None = None,
        patience: Patience = ENDLESS,
    ) -> ChildResult:
        """Run a job in a fresh child.

        Parameters
        ----------
        job : bytes
            What :func:`autograder.sandbox.wire.encode_job` returns.
        batch : BatchHandle
            The calls that the job's plan names.
        limits : Limits
            Processor time and memory of each call; the clock allows three times the time.
        handover : Handover, optional
            The hidden calls, which the child gets when it has answered all others.
        patience : Patience
            For how long it may do nothing.

        Returns
        -------
        ChildResult
            Without any frame if the child could not be set up.

        Raises
        ------
        GraderError
            If the sandbox cannot be started, or its server dies twice in a row.
        """
        begun = self._begun
        if begun is not None and (begun.batch, begun.limits) == (batch, limits) and self._flavour(job) == _NUMPY:
            self._begun = None
            if (result := self._go_on(begun, job, handover, patience)) is not None:
                return result
        self.abandon()
        with self._reserved(limits):
            return self._execute(job, batch, limits, handover, patience)

    def begin(self, text: bytes, batch: BatchHandle, limits: Limits) -> Buffer | None:
        """Start the child of the next job, which gets a text first, and return its first frame.

        The next job is done by this child if it has the same batch and limits, else by one of its own.

        Parameters
        ----------
        text : bytes
            What the child's harness is given in place of a job; the memory of it counts as that of a job does.
        batch, limits : BatchHandle, Limits
            Of the next job.

        Returns
        -------
        bytes, memoryview or None
            None if no child waits: it ended before its first frame, or the text may need a server with more in it.

        Raises
        ------
        GraderError
            If the sandbox cannot be started.
        """
        self.abandon()
        if self._flavour(text) != _NUMPY:
            return None
        held = contextlib.ExitStack()
        try:
            held.enter_context(self._reserved(limits))
            job_fd = os.memfd_create("job", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            held.callback(os.close, job_fd)
            os.write(job_fd, text)
            child = self._child(self._server(_NUMPY), os.dup(job_fd), batch, limits, len(text), channel=True)
            watch, channel = held.enter_context(child)
            frame = watch.first(limits.cpu_seconds, limits.cpu_seconds * WALL_FACTOR)
        except BaseException as error:
            self._end(_NUMPY)
            held.close()
            if not isinstance(error, ServerDied | OSError):
                raise
            return None
        if frame is None:
            held.close()
        else:
            self._begun = _Begun(batch, limits, watch, job_fd, channel, held)
        return frame

    def abandon(self) -> None:
        """End the child that was begun, if there is one."""
        begun, self._begun = self._begun, None
        if begun is not None:
            with begun.held:
                try:
                    begun.watch.stop()
                except (ServerDied, OSError):
                    self._end(_NUMPY)

    def _go_on(self, begun: _Begun, job: bytes, handover: Handover | None, patience: Patience) -> ChildResult | None:
        """Give the child that was begun its job; None if its server is gone."""
        with begun.held:
            try:
                os.ftruncate(begun.job_fd, 0)
                seal(begun.job_fd, job)
                os.write(begun.channel, b"!")
                return _watched(begun.watch, begun.limits, handover, patience)
            except BaseException as error:
                self._end(_NUMPY)
                if not isinstance(error, ServerDied | OSError):
                    raise
                return None

    def _reserved(self, limits: Limits) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext() if self._budget is None else self._budget.reserve(limits.memory_bytes)

    def _end(self, flavour: tuple[str, ...]) -> None:
        """End a server that may be in the middle of a job: only a new one is in a known state."""
        if (server := self._servers.pop(flavour, None)) is not None:
            server.close()

    def _execute(
        self, job: bytes, batch: BatchHandle, limits: Limits, handover: Handover | None, patience: Patience
    ) -> ChildResult:
        flavour = self._flavour(job)
        for _ in range(2):
            server = self._server(flavour)
            try:
                return self._in_child(server, job, batch, limits, handover, patience)
            except BaseException as error:
                self._end(flavour)
                if not isinstance(error, ServerDied | OSError):
                    raise
                cause = error
        raise GraderError(f"the sandbox died twice while it ran a submission: {cause}") from cause

    def _flavour(self, job: bytes) -> tuple[str, ...]:
        if self._settings.preload is not None:
            return self._settings.preload
        more = tuple(name for name in self._packages if name.encode() in job)
        if b"scipy" not in job or not _IMPORTS_SCIPY.search(job) or not self._has_scipy():
            return _NUMPY + more
        return (_ALL_OF_SCIPY if b"optimize" in job or b"stats" in job else _SCIPY) + more

    def _server(self, flavour: tuple[str, ...]) -> Server:
        if flavour not in self._servers:
            self._servers[flavour] = start(replace(self._settings, files=self._written()), flavour)
        return self._servers[flavour]

    def _written(self) -> str:
        """Return the folder of the data files, which every user may read: servers give their rights up."""
        if not self._files:
            return ""
        if self._folder is None:
            remove_stale()
            self._folder = tempfile.TemporaryDirectory(prefix=_DATA)
            for name, data in self._files.items():
                file = Path(self._folder.name) / name
                file.write_bytes(data)
                file.chmod(0o444)
            Path(self._folder.name).chmod(0o755)
        return self._folder.name

    def _has_scipy(self) -> bool:
        if self._scipy is None:
            self._scipy = installed("scipy")
        return self._scipy

    def _in_child(
        self,
        server: Server,
        job: bytes,
        batch: BatchHandle,
        limits: Limits,
        handover: Handover | None,
        patience: Patience,
    ) -> ChildResult:
        fd = sealed(job, "job")
        with self._child(server, fd, batch, limits, len(job), channel=handover is not None) as (watch, _):
            return _watched(watch, limits, handover, patience)

    @contextlib.contextmanager
    def _child(
        self, server: Server, job_fd: int, batch: BatchHandle, limits: Limits, size: int, *, channel: bool
    ) -> Iterator[tuple[Watch, int]]:
        """Ask a server for a child; give its watch and our end of its channel, and close all that is ours of it.

        ``job_fd`` is closed when the server has it, ``size`` is how much it holds.
        """
        wants_output = self._keep_output > 0
        memory = limits.memory_bytes + batch.size + size
        request = REQUEST.pack(memory, _total(limits), batch.kept_as, channel, wants_output)
        ours: list[int] = []
        theirs = [job_fd]
        try:
            for wanted, pair in ((True, _pipe), (channel, _channel), (wants_output, _pipe)):
                for end, side in zip(pair() if wanted else (-1, -1), (ours, theirs), strict=True):
                    side.append(end)
            _, *ends = theirs
            socket.send_fds(server.control, [request], [job_fd, batch.fd, *(fd for fd in ends if fd >= 0)])
            _close(theirs)
            with contextlib.closing(Watch(server.control, ours[0], ours[2], self._keep_output, ours[1])) as watch:
                yield watch, ours[1]
        finally:
            _close(ours)
            _close(theirs)


@dataclass(frozen=True, eq=False)
class _Begun:
    """A child that waits for its job: what the job must fit, and all that is held for the child."""

    batch: BatchHandle
    limits: Limits
    watch: Watch
    job_fd: int
    channel: int
    held: contextlib.ExitStack


def _total(limits: Limits) -> int:
    """Return the processor seconds of all calls of a child together."""
    return max(1, round(limits.cpu_seconds * TOTAL_FACTOR))


def _watched(watch: Watch, limits: Limits, handover: Handover | None, patience: Patience) -> ChildResult:
    return watch.run(limits.cpu_seconds, limits.cpu_seconds * WALL_FACTOR, float(_total(limits)), handover, patience)


def _pipe() -> tuple[int, int]:
    return os.pipe2(os.O_CLOEXEC)


def _channel() -> tuple[int, int]:
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def _close(fds: list[int]) -> None:
    while fds:
        if (fd := fds.pop()) >= 0:
            os.close(fd)


def remove_stale() -> None:
    """Remove the data files that killed graders left behind; those of other users stay."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_DATA}*"):
        with contextlib.suppress(OSError):
            found = folder.lstat()  # a link is not followed
            if time.time() - found.st_mtime > _STALE and found.st_uid == os.getuid():
                shutil.rmtree(folder, ignore_errors=True)
