"""Verification of many exercises, each in a process of its own."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import redirect_stdout
from dataclasses import replace
from importlib.util import find_spec
from io import StringIO
from multiprocessing import active_children, get_context
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

from autograder.authoring.verify.kept import remember, remembered
from autograder.authoring.verify.report import ExerciseResult
from autograder.course.exercises import load_exercise
from autograder.errors import CourseError
from autograder.sandbox import kernel
from autograder.text import install

P = ParamSpec("P")
T = TypeVar("T")

NEEDED = ("array_api_strict", "matplotlib", "scipy")
"""Modules that verification needs besides what a student has."""


KEPT = "verified"
"""Kind of the findings that are kept."""


def known_sound(root: Path, name: str, digest: str, *, strict: bool) -> ExerciseResult | None:
    """Return what was found of an unchanged exercise that keeps all promises, under array-api-strict too if asked for.

    What an exercise breaks is looked for again: it may be the machine's fault.
    """
    found = remembered(root, KEPT, name, digest, ExerciseResult)
    if found is None or (strict and any(p.strict is None for p in found.parts if p.examined and p.kind == "function")):
        return None
    return found


def keep_sound(root: Path, digest: str, found: ExerciseResult) -> None:
    """Keep what was found of an exercise, if it keeps all promises."""
    if not found.all_problems and not found.broken:
        remember(root, KEPT, found.name, digest, found)


def verify_exercises(
    root: Path, names: Sequence[str], *, jobs: int = 0, strict: bool = True, loud: bool = False
) -> Iterator[ExerciseResult]:
    """Verify exercises of a course side by side; yield their results in the order of the names.

    Parameters
    ----------
    root : Path
        Folder of the course.
    names : sequence of str
        Exercises.
    jobs : int
        Exercises at a time; 0: one per core.
    strict : bool
        Whether to run references under array-api-strict as well.
    loud : bool
        Whether to print on stderr what is being done.

    Raises
    ------
    CourseError
        If a package that verification needs is missing.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise CourseError(f"{missing[0]} is missing; exercises are verified with it: {install('grade')}")
    workers = min(jobs or os.cpu_count() or 1, len(names))
    with processes(workers, memory=MEMORY) as pool:
        pending = [pool.submit(_verify, root, name, strict, loud) for name in names]
        try:
            for name, future in zip(names, pending, strict=True):
                try:
                    yield future.result()
                except BrokenProcessPool:
                    said = (
                        f"exercises/{name}/grading.py: the process that verified this exercise, or one next to it, "
                        "was ended from within: look for what kills it, or verify it alone"
                    )
                    yield ExerciseResult(name, "", "", 0.0, (), (said,), broken=True)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _printing(folder: Path, printed: str, when: str) -> Iterator[str]:
    """Yield that a file prints; the handout's own are loaded there."""
    from autograder.authoring.verify.places import of_text

    files = ("grading.py", "derivations.py", *(("checks.py", "figure.py") if when == "it runs" else ()))
    for name in files if printed.strip() else ():
        place = of_text(folder / name, "print(")
        if ":" in place:
            first = printed.strip().splitlines()[0]
            yield f"{place}: prints {first!r} while {when}; take it out, for `verify --json` is read"


MEMORY = 8 << 30
"""Bytes of address space of a process that verifies: inputs beyond that are the author's mistake, not the machine's."""


class _Processes(ProcessPoolExecutor):
    """Processes that a signal does not interrupt while they start, and that are ended where the work is interrupted."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None and not issubclass(kind, Exception):
            for worker in active_children():
                worker.kill()
        super().__exit__(kind, error, at)


_STOPS = (signal.SIGINT, signal.SIGTERM)


def processes(count: int, *, memory: int = 0) -> ProcessPoolExecutor:
    """Return processes for authors' code, which end with this one; with ``memory`` they have so many bytes each."""
    # spawn: an exercise's code must not run in a copy of a process that already holds another exercise's
    context, settings = get_context("spawn"), (os.getpid(), memory)
    return _Processes(count, mp_context=context, initializer=_settle, initargs=settings)


def _settle(parent: int, memory: int) -> None:
    kernel.die_with_parent(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    # a GPU's library reserves the address space of all its memory
    if memory and find_spec("cupy") is None and (hard == resource.RLIM_INFINITY or hard > memory):
        resource.setrlimit(resource.RLIMIT_AS, (memory, hard))  # a check that states more raises it in its child


def _verify(root: Path, name: str, strict: bool, loud: bool) -> ExerciseResult:
    from autograder.authoring.verify.engine import verify_exercise
    from autograder.authoring.verify.places import placed
    from autograder.authoring.verify.within import within

    def tick(text: str) -> None:
        if loud:
            print(f"{name}: {text}", file=sys.stderr, flush=True)

    folder = root / "exercises" / name
    try:
        with within(folder), redirect_stdout(StringIO()) as printed:
            exercise_folder = load_exercise(root, name, hidden=True)
        with redirect_stdout(StringIO()) as later:
            found = verify_exercise(exercise_folder, strict=strict, tick=tick)
        said = (*_printing(folder, printed.getvalue(), "it is loaded"), *_printing(folder, later.getvalue(), "it runs"))
        return replace(found, problems=(*found.problems, *said))
    except CourseError as error:  # so wrong that it cannot be verified; the other exercises can
        return ExerciseResult(name, "", "", 0.0, (), (placed(folder, str(error), "checks.py"),), broken=True)
