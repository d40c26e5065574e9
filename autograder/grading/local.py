"""Grade on this machine: in this process, or in worker processes, any of which may die."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import islice
from multiprocessing import active_children, get_context
from multiprocessing.queues import SimpleQueue
from types import TracebackType
from typing import Final, TypeVar

from autograder.errors import CourseError
from autograder.grading.grader import Graded, Grader, Settings
from autograder.intake.discovery import Submission
from autograder.sandbox import kernel
from autograder.sandbox.executor import GraderError

T = TypeVar("T")


class Local:
    """Workers on this machine; a context manager.

    Workers can start before their work is known, while the caller opens its store.  They are forked where that is safe,
    so call :meth:`start` before anything is opened that a child must not share: a database, threads.  A process that
    has several threads, or a GPU's driver loaded, spawns them.

    Parameters
    ----------
    settings : Settings
        What workers must know.
    jobs : int
        How many workers are wanted; 1 grades in this process.
    """

    piece: Final = 6
    """Submissions per piece of work: enough to share what is made for a variant, few enough to lose little."""
    commits_pieces: Final = False

    def __init__(self, settings: Settings, jobs: int = 1) -> None:
        self._settings = settings
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Local:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            _shut(self._pool, kill=kind is not None)
            self._pool = None

    def start(self, submissions: int, *, ready: bool) -> None:
        """Start workers for at most so many submissions, one for each piece of work and no more.

        ``ready`` says whether there certainly is work: then workers start their sandboxes at once.
        """
        wanted = min(self.jobs, -(-submissions // self.piece))
        if wanted < 2:
            return
        self.jobs = wanted
        forked = sys.platform == "linux" and threading.active_count() == 1 and "cupy" not in sys.modules
        self._pool = _pool(self.jobs, "fork" if forked else "spawn")
        with warnings.catch_warnings():
            # newer Pythons warn of threads that only a BLAS has, which prepares itself for forks
            warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
            for _ in range(self.jobs):
                _submit(self._pool, _get_ready, self._settings, ready)

    def graded(self, work: Iterator[Sequence[Submission]]) -> Generator[Sequence[Graded]]:
        """Yield verdicts as they are reached; see :class:`autograder.grading.run.Workers`."""
        if self.jobs == 1:
            yield from self._here(work)
        else:
            yield from self._in_pool(work)

    def _here(self, work: Iterable[Sequence[Submission]]) -> Iterator[Sequence[Graded]]:
        with Grader(self._settings) as grader:
            for piece in work:
                for submission in piece:
                    yield [grader.grade(submission)]

    def _in_pool(self, work: Iterable[Sequence[Submission]]) -> Iterator[Sequence[Graded]]:
        """Grade in worker processes; where a worker died, each submission in question gets a worker of its own."""
        rest = iter(work)
        while True:
            running: dict[Future[list[Graded]], Sequence[Submission]] = {}
            drawn: list[Sequence[Submission]] = []  # not submitted yet: a broken pool accepts no more
            first, self._pool = self._pool, None  # the worker processes that run already, once
            with _ending(first or _pool(self.jobs)) as pool:
                try:
                    yield from self._fed(pool, rest, running, drawn)
                    return
                except BrokenProcessPool:
                    suspects = [one for piece in (*running.values(), *drawn) for one in piece]
            for one in suspects:
                yield [_alone(self._settings, one)]

    def _fed(
        self,
        pool: ProcessPoolExecutor,
        rest: Iterator[Sequence[Submission]],
        running: dict[Future[list[Graded]], Sequence[Submission]],
        drawn: list[Sequence[Submission]],
    ) -> Iterator[Sequence[Graded]]:
        """Keep two pieces for each worker in a pool until all are graded; yield what comes back."""
        while True:
            for piece in islice(rest, max(0, 2 * self.jobs - len(running))):
                drawn.append(piece)
                running[_submit(pool, _grade_piece, self._settings, piece)] = piece
                drawn.clear()
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                results = future.result()
                del running[future]
                yield results


@lru_cache(maxsize=1)
def _worker(settings: Settings) -> Grader:
    """Return this worker process's grader, which lives as long as the process."""
    return Grader(settings)


def _grade_piece(settings: Settings, piece: Sequence[Submission]) -> list[Graded]:
    return [_worker(settings).grade(submission) for submission in piece]


def _get_ready(settings: Settings, ready: bool) -> None:
    """Start what a worker needs; the first submission reports what cannot be started."""
    if ready:
        with suppress(CourseError, GraderError):
            _worker(settings).layers  # noqa: B018 - they are what a started sandbox reports


def _pool(jobs: int, method: str = "spawn") -> ProcessPoolExecutor:
    # the fork server below a worker is a program of its own, which nothing of this process reaches in either way
    context = get_context(method)
    places = context.SimpleQueue()
    for place in range(jobs):
        places.put(place)
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_settle, initargs=(os.getpid(), places, jobs))


def _settle(parent: int, places: SimpleQueue[int], jobs: int) -> None:
    """Make this process a worker: it ends with its parent and, where all processors are taken, stays on one of them.

    A worker, its fork server and the child of the moment take turns and never work at once.  On one processor they find
    each other's memory in its caches and need not wake another one, which saves a sixth of the time.
    """
    kernel.die_with_parent(parent)
    # a terminal sends Ctrl-C to all, and who is interrupted in the middle of an answer leaves the others waiting for
    # its end; a handler, for what is ignored would be ignored in the sandbox too
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if not hasattr(os, "sched_setaffinity"):
        return  # neither macOS nor Windows has it
    processors = sorted(os.sched_getaffinity(0))
    place = places.get()
    if jobs >= len(processors):  # else other users of the machine could use the idle ones
        with suppress(OSError):  # a container may forbid it
            os.sched_setaffinity(0, {processors[place % len(processors)]})


@contextmanager
def _ending(pool: ProcessPoolExecutor) -> Iterator[ProcessPoolExecutor]:
    """Wait for a pool's work at the end; if the run is stopped, end the workers where they are."""
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        _shut(pool, kill=True)
        raise
    else:
        _shut(pool)


def _shut(pool: ProcessPoolExecutor, *, kill: bool = False) -> None:
    if kill:
        for worker in active_children():
            worker.kill()
    pool.shutdown(wait=not kill, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, work: Callable[..., T], *args: object) -> Future[T]:
    """Hand work to a pool, which may start workers for it: none is interrupted before it is settled."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(work, *args)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _alone(settings: Settings, submission: Submission) -> Graded:
    for _ in range(2):
        with _ending(_pool(1)) as pool:
            try:
                return _submit(pool, _grade_piece, settings, (submission,)).result()[0]
            except BrokenProcessPool:
                continue
    with Grader(settings) as grader:
        return grader.failed(submission, "the process that graded it ended twice, as when memory runs out")
