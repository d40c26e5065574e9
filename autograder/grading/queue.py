"""The submissions of a run that are still to be graded, claimed in the results store piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from autograder.course.model import load_course, load_secret, variant_of
from autograder.grading.grader import Graded, Settings, digest_of
from autograder.intake.discovery import Submission
from autograder.store.generations import fingerprint
from autograder.store.records import Key
from autograder.store.store import Store


def key_of(submission: Submission) -> Key:
    """Return the key under which a submission's record is kept."""
    return submission.student, submission.assignment, submission.exercise


class WorkQueue:
    """Submissions to grade, shared with other graders of the same store by claims.

    Parameters
    ----------
    submissions : sequence of Submission
        As found.
    store : Store
        Where claims and verdicts are kept.
    settings : Settings
        What decides whether a verdict in the store is still valid.
    regrade : bool
        Grade again what is done.
    settled : callable
        Called with the number of submissions that need nothing more: done before, committed, or another grader's.

    Attributes
    ----------
    kept, elsewhere : int
        Submissions that were done before the run, and that another grader has.
    """

    def __init__(
        self,
        submissions: Sequence[Submission],
        store: Store,
        settings: Settings,
        *,
        regrade: bool,
        settled: Callable[[int], None],
    ) -> None:
        self._store = store
        self._settings = settings
        self._regrade = regrade
        self._settled = settled
        self._held: set[Key] = set()
        self.elsewhere = 0
        finished = {} if regrade else store.finished()
        self._todo = [one for one in submissions if not self._is_done(one, finished)]
        self._sort_by_questions()
        self.kept = len(submissions) - len(self._todo)
        settled(self.kept)

    def claim(self, size: int) -> Iterator[tuple[Submission, ...]]:
        """Yield pieces of at most ``size`` submissions that this process has claimed and must commit or release."""
        for start in range(0, len(self._todo), size):
            piece = self._todo[start : start + size]
            got = self._store.claim([key_of(one) for one in piece])
            # another grader on this store may have been here since the start
            since = {} if self._regrade else self._store.finished(got)
            mine = tuple(one for one in piece if key_of(one) in got and not self._is_done(one, since))
            if len(mine) < len(got):
                self._store.release(got.difference(map(key_of, mine)))
            self.elsewhere += len(piece) - len(mine)
            self._settled(len(piece) - len(mine))
            if mine:
                self._held.update(map(key_of, mine))
                yield mine

    def commit(self, verdicts: Sequence[Graded]) -> None:
        """Commit verdicts, all or none; their claims end with the same commit."""
        self._store.save([(one.stored, one.files) for one in verdicts])
        self._held.difference_update(one.stored.record.key for one in verdicts)
        self._settled(len(verdicts))

    def release(self) -> None:
        """Give back every claim without a verdict, so that the next run need not wait for them."""
        self._store.release(self._held)
        self._held.clear()

    def _is_done(self, submission: Submission, finished: Mapping[Key, tuple[str, str]]) -> bool:
        found = finished.get(key_of(submission))
        return found is not None and found == (
            digest_of(submission),
            fingerprint(self._settings.root, submission.exercise),
        )

    def _sort_by_questions(self) -> None:
        """Put submissions that get the same calls next to each other: a worker then needs few of them at a time."""
        course = load_course(self._settings.root)
        secret = load_secret(course, create=True)
        self._todo.sort(key=lambda one: (one.exercise, variant_of(course, one.exercise, one.student, secret)))
