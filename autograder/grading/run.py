"""Grade a class: feed workers, commit every verdict as it arrives, start again where a run stopped."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from typing import Protocol

from autograder.errors import CourseError
from autograder.grading.grader import Graded, Settings
from autograder.grading.local import Local
from autograder.grading.queue import WorkQueue
from autograder.intake.discovery import Submission
from autograder.intake.loading import digest_of
from autograder.judging.backends import ComputedCase, account
from autograder.plain import dataclass
from autograder.store.records import Key
from autograder.store.store import Store


class Workers(Protocol):
    """Where submissions are graded: on this machine, or on a cluster."""

    @property
    def piece(self) -> int:
        """How many submissions are handed over together."""

    @property
    def commits_pieces(self) -> bool:
        """Whether the verdicts of a piece are committed together, and not each by itself."""

    def graded(self, work: Iterator[Sequence[Submission]]) -> Generator[Sequence[Graded]]:
        """Yield the verdicts on every submission of ``work``, in any order, as they are reached.

        Pieces are drawn only as fast as they are graded.
        """


@dataclass(frozen=True)
class Tally:
    """What a run did: graded now, already done, done by another grader meanwhile, failures of the grader."""

    graded: int
    kept: int
    elsewhere: int
    failed: int
    left: tuple[Key, ...] = ()
    """What was to be graded and came back without a verdict."""


def graded_before(submissions: Sequence[Submission], store: Store) -> tuple[list[Submission], list[Submission]]:
    """Return the missing ones of which an earlier run graded a file: those whose results stay, and the others.

    Only where nothing of the student is found now for the assignment.  Results stay where the file may be in another
    section's folder.  A file that now counts for another student, or was handed in by another team, leaves none.
    """
    present = {(one.student, one.assignment) for one in submissions if one.status != "missing"}
    absent = [one for one in submissions if (one.student, one.assignment) not in present]
    known = [(one, found[0]) for one in absent if (found := store.get(one.student, one.exercise)) is not None]
    theirs = [(one, stored) for one, stored in known if stored.record.file and stored.record.status == "graded"]
    exercises = {one.exercise for one, _ in theirs}
    here = {digest_of(one) for one in submissions if one.status == "found" and one.exercise in exercises}
    stay = [one for one, stored in theirs if (stored.record.team or "") == one.team and stored.digest not in here]
    return stay, [one for one, _ in theirs if one not in stay]


def grade_all(
    submissions: Sequence[Submission],
    store: Store,
    settings: Settings,
    workers: Workers | None = None,
    *,
    regrade: bool = False,
    arrived: Callable[[int], None] = lambda count: None,
    say: Callable[[str], None] = lambda line: None,
) -> Tally:
    """Grade what is not done yet and commit every verdict.

    Parameters
    ----------
    submissions : sequence of Submission
        As found; each gives exactly one record.
    store : Store
        Where verdicts are kept.
    settings : Settings
        What decides whether a verdict is still valid.
    workers : Workers, optional
        Where to grade; by default in this process.
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
    at = workers or Local(settings)
    queue = WorkQueue(submissions, store, settings, regrade=regrade, settled=arrived)
    graded = failed = 0
    cases: set[ComputedCase] = set()
    warned: dict[str, None] = {}
    try:
        with queue.alive(), closing(_verdicts(at, queue, say)) as source:
            for piece in source:
                for together in [piece] if at.commits_pieces else [[one] for one in piece]:
                    queue.commit(together)
                graded += len(piece)
                failed += sum(one.stored.record.status == "grader_error" for one in piece)
                cases.update(case for one in piece for case in one.said.cases)
                for line in {line: None for one in piece for line in one.said.warnings if line not in warned}:
                    say(f"warning: {line}")
                    warned[line] = None
    except BaseException:
        with suppress(CourseError):  # what stopped the run is what is reported
            queue.release()
        raise
    for line in account(cases):
        say(line)
    left = queue.left
    queue.release()
    return Tally(graded, queue.kept, queue.elsewhere, failed, left)


def _verdicts(workers: Workers, queue: WorkQueue, say: Callable[[str], None]) -> Generator[Sequence[Graded]]:
    for work in queue.rounds(workers.piece, say):
        with closing(workers.graded(work)) as source:
            yield from source
