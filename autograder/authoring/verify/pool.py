"""Verification of many rooms, each in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from autograder.authoring.verify.report import RoomResult
from autograder.course.exercises import load_room


def verify_rooms(root: Path, names: Sequence[str], *, jobs: int = 0, strict: bool = True) -> Iterator[RoomResult]:
    """Verify rooms of a course side by side; yield their results in the order of the names.

    Parameters
    ----------
    root : Path
        Folder of the course.
    names : sequence of str
        Rooms.
    jobs : int
        Rooms at a time; 0: one per core.
    strict : bool
        Whether to run references under array-api-strict as well.
    """
    workers = min(jobs or os.cpu_count() or 1, len(names))
    # spawn: a room's code must not run in a copy of a process that already holds another room's
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        pending = [pool.submit(_verify, root, name, strict) for name in names]
        try:
            for future in pending:
                yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _verify(root: Path, name: str, strict: bool) -> RoomResult:
    from autograder.authoring.verify.engine import verify_room

    return verify_room(load_room(root, name, hidden=True), strict=strict)
