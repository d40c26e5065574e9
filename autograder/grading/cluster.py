"""Grading on a Dask cluster: chunks of submissions go out, verdicts come back and are committed here.

Who runs what, what a lost worker had in hand and how data travels is Dask's.  Each worker has its own sandbox; its
fork server is a fresh interpreter started by exec, so the worker's threads do not reach it.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib
import importlib.util
import logging
import os
import signal
import socket
import zipfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from threading import get_ident
from typing import Any, Final

from autograder.course.model import load_course, load_secret
from autograder.errors import CourseError
from autograder.grading.grader import Graded, Grader, Settings
from autograder.intake.discovery import HandedFile, Submission
from autograder.intake.files import cap_for, too_big
from autograder.intake.loading import digest_of
from autograder.intake.source import Rejected
from autograder.plain import dataclass
from autograder.sandbox.executor import GraderError
from autograder.store.generations import fingerprint
from autograder.text import install

_AHEAD = 3  # chunks per thread of the cluster that are under way: one runs, the others hide the hand-over
_CONNECT_SECONDS = 30
_TALKATIVE = ("distributed", "distributed.client", "tornado.application", "asyncio")

Say = Callable[[str], None]


@dataclass(frozen=True)
class CarriedFile:
    """A file that travels with its submission; ``problem`` stands for one that cannot be read."""

    data: bytes
    problem: str | None = None

    def read(self, cap: int) -> bytes:
        """Return the bytes; see :class:`autograder.intake.files.Place`."""
        if self.problem is not None:
            raise Rejected(self.problem)
        if len(self.data) > cap:
            raise Rejected(too_big(len(self.data), cap))
        return self.data


@dataclass(frozen=True)
class WorkItem:
    """A submission for a worker, and what the worker must find: these bytes, this course."""

    submission: Submission
    digest: str
    fingerprint: str


@dataclass(frozen=True)
class Refused:
    """Why a worker grades nothing; returned, since Dask prints what is raised on a worker with all its frames."""

    words: str
    fault: bool
    """Whether it is a fault of the grader there, and not of what the worker was given."""


def held(submission: Submission) -> Submission:
    """Return a submission that carries its files, for workers that do not see where they lie."""

    def take(one: HandedFile) -> HandedFile:
        try:
            return replace(one, place=CarriedFile(one.place.read(cap_for(one.suffix))))
        except Rejected as error:
            return replace(one, place=CarriedFile(b"", str(error)))

    return replace(
        submission,
        handed=None if submission.handed is None else take(submission.handed),
        attempts=tuple(take(one) for one in submission.attempts),
        written=tuple(take(one) for one in submission.written),
        spare=None if submission.spare is None else held(submission.spare),
    )


# --- on the grader's side --------------------------------------------------------------------------------------


class Dask:
    """The workers of a Dask cluster.

    Parameters
    ----------
    settings : Settings
        What workers must know.
    jobs : int
        Worker processes of a cluster on this machine, where no scheduler is named.
    scheduler : str or None
        Address of a running scheduler.
    say : callable
        Takes lines for the log.
    """

    piece: Final = 16
    """Submissions per task: a task costs its scheduler about a millisecond, a submission a worker ten and more."""
    commits_pieces: Final = True

    def __init__(self, settings: Settings, jobs: int, scheduler: str | None, say: Say) -> None:
        self._settings = settings
        self._jobs = jobs
        self._scheduler = scheduler
        self._say = say

    def graded(self, work: Iterator[Sequence[Submission]]) -> Generator[Sequence[Graded]]:
        """Yield verdicts as they arrive, each once; see :class:`autograder.grading.run.Workers`.

        Raises
        ------
        CourseError
            If Dask is missing, no scheduler answers, or a worker has another course, secret or version of this package.
        GraderError
            If the scheduler goes away.
        """
        distributed = _distributed()
        with ExitStack() as stack:
            stack.enter_context(_quiet())
            client = stack.enter_context(_client(distributed, self._settings, self._jobs, self._scheduler, stack))
            stack.enter_context(client.as_current())
            stack.enter_context(_within_reach(distributed, client))
            yield from _graded(distributed, client, self._settings, work, self._say)


def _graded(
    distributed: Any, client: Any, settings: Settings, work: Iterator[Sequence[Submission]], say: Say
) -> Iterator[Sequence[Graded]]:
    tag = secret_tag(settings)
    running: dict[Any, tuple[Submission, ...]] = {}
    shared = True  # until a worker does not see the files
    # without their results: where Dask's own thread loses the scheduler while it fetches one, that future never arrives
    arriving = distributed.as_completed()

    def send(chunk: Sequence[Submission]) -> None:
        pieces = [_piece(settings, one if shared else held(one)) for one in chunk]
        future = client.submit(grade_chunk, settings, tag, pieces, pure=False)
        running[future] = tuple(chunk)
        arriving.add(future)

    if not client.nthreads():
        say("no worker has joined the scheduler yet: waiting")
    while True:
        # workers come and go: ask again each time
        wanted = _AHEAD * max(1, sum(client.nthreads().values())) - len(running)
        for chunk in islice(work, max(0, wanted)):
            send(chunk)
        if not running:
            return
        for future in arriving.next_batch():
            chunk = running.pop(future)
            try:
                results = future.result()
            except distributed.scheduler.KilledWorker:
                yield _failed(settings, chunk, say)
                continue
            if isinstance(results, Refused):
                raise (GraderError if results.fault else CourseError)(results.words)
            unseen = [one for one, graded in zip(chunk, results, strict=True) if graded is None]
            yield [graded for graded in results if graded is not None]
            if unseen and shared:
                say("the workers do not see the submissions where they lie here: sending them along")
                shared = False
            if unseen:
                send([held(one) for one in unseen])


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] not in ("distributed", "dask"):
            raise
        raise CourseError(f"--executor dask needs Dask: install the dask extra: {install('dask')}") from None


def _client(distributed: Any, settings: Settings, jobs: int, scheduler: str | None, stack: ExitStack) -> Any:
    # any process that reaches a scheduler can run code as its owner, and other users of this machine reach its ports
    if not settings.unsafe:
        _need_tls(scheduler)
    if scheduler is None:
        cluster = distributed.LocalCluster(
            n_workers=jobs,
            threads_per_worker=1,
            processes=True,
            security=importlib.util.find_spec("cryptography") is not None or None,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=_level(),  # what it loses and starts again is its business
            memory_limit=None,  # the sandbox has limits of its own, and a child's memory is not the worker's
            preload=[__name__],
        )
        return distributed.Client(stack.enter_context(cluster), set_as_default=False)
    try:
        distributed.comm.get_address_host(scheduler)  # a client would notice a wrong scheme too late to close cleanly
        return distributed.Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise CourseError(
            f"--scheduler {scheduler}: no Dask scheduler answers ({error}); start one with `dask scheduler` "
            "and give the address that it prints, such as tls://host:8786"
        ) from None


def _need_tls(scheduler: str | None) -> None:
    """Refuse a cluster whose connections are not encrypted and authenticated by TLS."""
    why = "without TLS, any process that reaches a Dask port can run code as the grader"
    if scheduler is None and importlib.util.find_spec("cryptography") is None:
        raise CourseError(
            f"--executor dask: {why}, on this machine too; install cryptography, which makes the keys: "
            f"{install('dask')} (or --executor local; --unsafe if every user of this machine is trusted)"
        )
    if scheduler is not None and not scheduler.lower().startswith(("tls://", "wss://")):
        raise CourseError(
            f"--scheduler {scheduler}: {why}; start scheduler and workers with --protocol tls and keys of your own "
            "(https://distributed.dask.org/en/stable/tls.html) and give an address such as tls://host:8786 "
            "(or --unsafe if everyone in that network is trusted)"
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Dask in this process; not restored after a failure, when its thread may still be closing connections."""
    before = {name: logging.getLogger(name).level for name in _TALKATIVE}
    _silence()
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def _silence() -> None:
    """Silence Dask's tracebacks about closing connections; real errors are raised."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(_level())


def _level() -> int:
    return logging.WARNING if os.environ.get("AUTOGRADER_DEBUG") else logging.CRITICAL


@contextmanager
def _within_reach(distributed: Any, client: Any) -> Iterator[None]:
    """Say in one line that the scheduler is gone, whatever a client that has lost it raises."""
    try:
        yield
    except (CourseError, GraderError):
        raise
    except Exception as error:
        lost = (distributed.comm.CommClosedError, distributed.CancelledError)
        if client.status == "running" and not isinstance(error, lost):
            raise
        raise GraderError(
            "the Dask scheduler went away; what was graded is kept, the same command goes on where it stopped"
        ) from error


def _piece(settings: Settings, submission: Submission) -> WorkItem:
    return WorkItem(submission, digest_of(submission), fingerprint(settings.root, submission.exercise))


def _failed(settings: Settings, chunk: Sequence[Submission], say: Say) -> list[Graded]:
    """Record the submissions of a chunk that killed worker after worker."""
    say(f"several workers died while they graded {', '.join(f'{one.student}/{one.exercise}' for one in chunk)}")
    with Grader(settings) as grader:
        return [grader.failed(one, "several Dask workers died while they graded this submission") for one in chunk]


def secret_tag(settings: Settings) -> str:
    """Return what tells two course secrets apart and reveals neither; the secret itself is never sent."""
    secret = load_secret(load_course(settings.root), create=True)
    return hmac.new(secret, b"the same secret on every worker", hashlib.sha256).hexdigest()


# --- on a worker -----------------------------------------------------------------------------------------------


def dask_setup(worker: Any) -> None:
    """Leave Ctrl-C to the process that started this worker, which then ends it; Dask calls this by its name."""
    _silence()  # its last heartbeat may find the scheduler closed
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def grade_chunk(settings: Settings, tag: str, pieces: Sequence[WorkItem]) -> list[Graded | None] | Refused:
    """Grade on a worker; None stands for a submission that is not seen here as it was found.

    A worker that would give other verdicts (another course, secret or version of the package) refuses.
    """
    try:
        grader = _grader(settings, tag, get_ident())
        return [_grade(grader, settings, piece) for piece in pieces]
    except (CourseError, GraderError) as error:
        return Refused(f"the Dask worker on {socket.gethostname()}: {error}", isinstance(error, GraderError))


@lru_cache(maxsize=64)
def _grader(settings: Settings, tag: str, thread: int) -> Grader:
    """Return the grader of a worker's thread, which lives as long as the worker: a sandbox serves one thread."""
    here = load_secret(load_course(settings.root))
    if not hmac.compare_digest(hmac.new(here, b"the same secret on every worker", hashlib.sha256).hexdigest(), tag):
        raise CourseError("has another course secret, so students would get other variants; give it the same one")
    return Grader(settings)


def _grade(grader: Grader, settings: Settings, piece: WorkItem) -> Graded | None:
    if fingerprint(settings.root, piece.submission.exercise) != piece.fingerprint:
        raise CourseError(
            "has another course, reference or version of this package, or loaded it before it was changed; "
            "give all machines the same checkout and start the workers again"
        )
    try:
        seen = digest_of(piece.submission)
    except (OSError, IndexError, zipfile.BadZipFile):  # an archive that is not here, or another one
        return None
    return grader.grade(piece.submission) if seen == piece.digest else None
