"""Grading a class: feed workers, commit every verdict as it arrives, start again where a run stopped."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from multiprocessing import active_children, get_context
from multiprocessing.queues import SimpleQueue
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from autograder.course.model import Course, load_course, load_secret, variant_of
from autograder.errors import CourseError
from autograder.grading.grader import Graded, Grader, Settings, digest_of, fingerprint
from autograder.intake import limited
from autograder.intake.discovery import Submission
from autograder.judging.backends import Case, account
from autograder.sandbox import kernel
from autograder.sandbox.executor import GraderError
from autograder.store.marks import MarkBook
from autograder.store.records import Key, write_grades, write_results
from autograder.store.store import Store

T = TypeVar("T")

CHUNK = 4
"""Submissions per piece of work: enough to hide the hand-over, few enough to lose little."""

CLUSTER_CHUNK = 16
"""The same on a cluster: a task costs its scheduler about a millisecond, a submission a worker ten and more."""

Arrived = Callable[[Graded], None]


@dataclass(frozen=True)
class Cluster:
    """Dask workers: those of a running scheduler, by its address, or one worker per job on this machine."""

    scheduler: str | None = None


class Crew:
    """Worker processes that start before their work is known, while the caller opens its store; a context manager.

    They are forked where that is safe, so make them before anything is opened that a child must not share: a database,
    threads.  A process that has several threads, or a GPU's driver loaded, spawns them.

    Parameters
    ----------
    settings : Settings
        What workers must know.
    submissions : int
        How many there are at most; there is no more than one worker for each piece of work.
    jobs : int
        How many workers are wanted.
    ready : bool
        Whether there certainly is work: then workers start their sandboxes at once.
    """

    def __init__(self, settings: Settings, submissions: int, jobs: int, *, ready: bool) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self.jobs = min(jobs, -(-submissions // CHUNK))
        if self.jobs > 1:
            forked = sys.platform == "linux" and threading.active_count() == 1 and "cupy" not in sys.modules
            self._pool = _pool(self.jobs, "fork" if forked else "spawn")
            with warnings.catch_warnings():
                # newer Pythons warn of threads that only a BLAS has, which prepares itself for forks
                warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
                for _ in range(self.jobs):
                    _submit(self._pool, _get_ready, settings, ready)

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._pool is not None:
            _shut(self._pool, kill=kind is not None)

    def take(self) -> ProcessPoolExecutor | None:
        """Hand the workers over, once; whoever takes them ends them."""
        pool, self._pool = self._pool, None
        return pool


@dataclass(frozen=True)
class Tally:
    """What a run did: graded now, already done, left to another grader on the same store, failures of the grader."""

    graded: int
    kept: int
    elsewhere: int
    failed: int


def grade_all(
    submissions: Sequence[Submission],
    store: Store,
    settings: Settings,
    *,
    jobs: int = 1,
    cluster: Cluster | None = None,
    crew: Crew | None = None,
    regrade: bool = False,
    arrived: Callable[[int], None] = lambda count: None,
    say: Callable[[str], None] = lambda line: None,
) -> Tally:
    """Grade what is not done yet and commit every verdict by itself; on a cluster, those of a piece of work together.

    Parameters
    ----------
    submissions : sequence of Submission
        As found; each gives exactly one record.
    store : Store
        Where verdicts are kept.
    settings : Settings
        What workers must know.
    jobs : int
        Worker processes; 1 grades in this process.
    cluster : Cluster, optional
        Grade on a Dask cluster instead.
    crew : Crew, optional
        Workers that run already, for ``jobs`` above 1.
    regrade : bool
        Grade again what is done.
    arrived : callable
        Called with the number of submissions that were settled.
    say : callable
        Called with lines for the log.

    Returns
    -------
    Tally
    """
    finished = {} if regrade else store.finished()
    todo: list[Submission] = []
    for submission in submissions:
        if _is_done(submission, finished, settings):
            arrived(1)
        else:
            todo.append(submission)
    failed = graded = elsewhere = 0
    _sort_by_paper(todo, settings)

    def claimed() -> Iterator[tuple[Submission, ...]]:
        nonlocal elsewhere
        for chunk in _chunks(todo, CHUNK if cluster is None else CLUSTER_CHUNK):
            got = store.claim([_key(s) for s in chunk])
            # another grader on this store may have been here since the start
            since = {} if regrade else store.finished(got)
            mine = tuple(s for s in chunk if _key(s) in got and not _is_done(s, since, settings))
            if len(mine) < len(got):
                store.release(got.difference(map(_key, mine)))
            elsewhere += len(chunk) - len(mine)
            arrived(len(chunk) - len(mine))
            if mine:
                yield mine

    cases: set[Case] = set()
    warned: set[str] = set()
    with closing(_graded(settings, claimed(), jobs, cluster, crew, say)) as source:
        for arriving in source:
            for together in [arriving] if cluster is not None else [[one] for one in arriving]:
                store.save_all([(one.stored, one.files) for one in together])
            graded += len(arriving)
            failed += sum(one.stored.record.status == "grader_error" for one in arriving)
            arrived(len(arriving))
            cases.update(case for one in arriving for case in one.said.cases)
            for line in {line: None for one in arriving for line in one.said.warnings}:
                if line not in warned:
                    say(f"warning: {line}")
                    warned.add(line)
    for line in account(cases):
        say(line)
    return Tally(graded, len(submissions) - len(todo), elsewhere, failed)


def _sort_by_paper(todo: list[Submission], settings: Settings) -> None:
    """Put submissions that get the same calls side by side: a worker then needs few papers at a time."""
    course = load_course(settings.root)
    secret = load_secret(course, create=True)
    todo.sort(key=lambda one: (one.exercise, variant_of(course, one.exercise, one.student, secret)))


def write_files(store: Store, course: Course, out: Path) -> int:
    """Write ``results.jsonl`` and ``grades.csv`` from the store, marks counted; return how many records there are."""
    book = MarkBook(store.marks())
    count = write_results(out / "results.jsonl", book.lines(store))
    write_grades(out / "grades.csv", book.grades(store), course)
    return count


def _key(submission: Submission) -> Key:
    return submission.student, submission.assignment, submission.exercise


def _is_done(submission: Submission, finished: Mapping[Key, tuple[str, str]], settings: Settings) -> bool:
    found = finished.get(_key(submission))
    return found is not None and found == (digest_of(submission), fingerprint(settings, submission.exercise))


def _chunks(submissions: Iterable[Submission], size: int) -> Iterator[tuple[Submission, ...]]:
    rest = iter(submissions)
    while chunk := tuple(islice(rest, size)):
        yield chunk


def _graded(
    settings: Settings,
    work: Iterator[tuple[Submission, ...]],
    jobs: int,
    cluster: Cluster | None,
    crew: Crew | None,
    say: Callable[[str], None],
) -> Generator[Sequence[Graded]]:
    if cluster is not None:
        from autograder.grading.cluster import over_dask

        yield from over_dask(settings, work, jobs, cluster.scheduler, say)
    elif jobs == 1:
        yield from _here(settings, work)
    else:
        yield from _in_pool(settings, work, jobs, crew)


def _here(settings: Settings, work: Iterable[tuple[Submission, ...]]) -> Iterator[Sequence[Graded]]:
    with Grader(settings) as grader:
        for chunk in work:
            for submission in chunk:
                yield [grader.grade(submission)]


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this worker with the process that feeds it: a killed run leaves nobody behind."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it was killed before we could ask; nobody will ever send work


@lru_cache(maxsize=1)
def _worker(settings: Settings) -> Grader:
    """Return this worker process's grader, which lives as long as the process."""
    return Grader(settings)


def _grade_chunk(settings: Settings, chunk: tuple[Submission, ...]) -> list[Graded]:
    return [_worker(settings).grade(submission) for submission in chunk]


def _get_ready(settings: Settings, ready: bool) -> None:
    """Start what a worker needs; what cannot be started is told by the first submission."""
    if ready:
        with suppress(CourseError, GraderError):
            limited.start()
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
    die_with_parent(parent)
    # a terminal sends Ctrl-C to all, and who is interrupted in the middle of an answer leaves the others waiting for
    # its end; a handler, for what is ignored would be ignored in the sandbox too
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    if not hasattr(os, "sched_setaffinity"):
        return  # neither macOS nor Windows has it
    processors = sorted(os.sched_getaffinity(0))
    place = places.get()
    if jobs >= len(processors):  # else the idle ones would be of use to somebody who shares the machine
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


def _in_pool(
    settings: Settings, work: Iterable[tuple[Submission, ...]], jobs: int, crew: Crew | None
) -> Iterator[Sequence[Graded]]:
    """Grade in worker processes; where a worker died, each submission in question gets a worker of its own."""
    rest = iter(work)
    while True:
        running: dict[Future[list[Graded]], tuple[Submission, ...]] = {}
        first = crew.take() if crew is not None else None
        with _ending(first or _pool(jobs)) as pool:
            try:
                while True:
                    for chunk in islice(rest, max(0, 2 * jobs - len(running))):
                        running[_submit(pool, _grade_chunk, settings, chunk)] = chunk
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        results = future.result()
                        del running[future]
                        yield results
            except BrokenProcessPool:
                suspects = [one for chunk in running.values() for one in chunk]
        for one in suspects:
            yield [_alone(settings, one)]


def _alone(settings: Settings, submission: Submission) -> Graded:
    for _ in range(2):
        with _ending(_pool(1)) as pool:
            try:
                return _submit(pool, _grade_chunk, settings, (submission,)).result()[0]
            except BrokenProcessPool:
                continue
    with Grader(settings) as grader:
        return grader.failed(submission, "the process that graded it ended twice, as when memory runs out")
