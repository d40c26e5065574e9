"""The submissions of a run that are still to be graded, claimed in the results store piece by piece."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, groupby

from autograder.course.model import load_course, load_secret, variant_of
from autograder.errors import CourseError
from autograder.grading.grader import Graded, Settings
from autograder.intake.discovery import Submission
from autograder.intake.loading import digest_of
from autograder.store.generations import fingerprint
from autograder.store.records import Key
from autograder.store.store import BEAT_SECONDS, LEASE_SECONDS, Store
from autograder.text import plural

_LOOK_SECONDS = 1.0


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
        Submissions that were done before the run, and those that another grader did meanwhile.
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
        self._others: list[Submission] = []
        self.elsewhere = 0
        finished = {} if regrade else store.finished()
        self._course = load_course(settings.root)
        self._secret = load_secret(self._course, create=True)
        # those that get the same calls are next to each other: a worker then needs few of them at a time
        self._todo = sorted((one for one in submissions if not self._is_done(one, finished)), key=self._asked_of)
        self.kept = len(submissions) - len(self._todo)
        settled(self.kept)

    def rounds(self, size: int, say: Callable[[str], None]) -> Iterator[Iterator[tuple[Submission, ...]]]:
        """Yield the work, then again and again what other graders had claimed and did not grade.

        Each round yields pieces of at most ``size`` submissions with the same questions, claimed by this process, which
        must commit them.
        After the first round the process waits: another grader finishes what it claimed, or is gone.
        """
        yield self._claim(size)
        if self._others:
            say(
                f"{plural(len(self._others), 'submission')} claimed by another grader on this store: waiting until "
                f"graded there, or until the other gives no sign of life for {LEASE_SECONDS:.0f} s"
            )
        while self._others:
            self._todo, self._others = self._others, []
            pieces = self._claim(size)
            first = next(pieces, None)
            if first is not None:
                yield chain([first], pieces)
            elif self._others:
                time.sleep(_LOOK_SECONDS)

    def _claim(self, size: int) -> Iterator[tuple[Submission, ...]]:
        todo, self._todo = self._todo, []
        for piece in self._pieces(todo, size):
            got = self._store.claim([key_of(one) for one in piece])
            # another grader on this store may have been here since the start
            since = {} if self._regrade else self._store.finished(map(key_of, piece))
            done = [one for one in piece if self._is_done(one, since)]
            mine = tuple(one for one in piece if key_of(one) in got and one not in done)
            if len(mine) < len(got):
                self._store.release(got.difference(map(key_of, mine)))
            self.elsewhere += len(done)
            self._settled(len(done))
            self._others += [one for one in piece if one not in done and key_of(one) not in got]
            if mine:
                self._held.update(map(key_of, mine))
                yield mine

    def _pieces(self, todo: Sequence[Submission], size: int) -> Iterator[list[Submission]]:
        """Yield pieces of submissions that get the same calls: a worker makes these questions once for all of them."""
        for _, alike in groupby(todo, self._asked_of):
            together = list(alike)
            for start in range(0, len(together), size):
                yield together[start : start + size]

    def commit(self, verdicts: Sequence[Graded]) -> None:
        """Commit verdicts, all or none; their claims end with the same commit."""
        self._store.save([(one.stored, one.files) for one in verdicts])
        self._held.difference_update(one.stored.record.key for one in verdicts)
        self._settled(len(verdicts))

    @property
    def left(self) -> tuple[Key, ...]:
        """What was claimed and has no verdict of this run: nothing, once a run has ended well."""
        return tuple(sorted(self._held))

    def release(self) -> None:
        """Give back every claim without a verdict, so that the next run need not wait for them."""
        self._store.release(self._held)
        self._held.clear()

    @contextmanager
    def alive(self) -> Iterator[None]:
        """Renew the claims every few seconds, so that graders elsewhere can tell this one from one that is gone."""
        ended = threading.Event()

        def beat() -> None:
            if hasattr(signal, "pthread_sigmask"):  # Ctrl-C is for the main thread, which at times holds it off
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
            while not ended.wait(BEAT_SECONDS):
                with suppress(CourseError):  # the next commit reports what is wrong with the store
                    self._store.renew()

        thread = threading.Thread(target=beat, daemon=True, name="claims")
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _is_done(self, submission: Submission, finished: Mapping[Key, tuple[str, str]]) -> bool:
        found = finished.get(key_of(submission))
        return found is not None and found == (
            digest_of(submission),
            fingerprint(self._settings.root, submission.exercise),
        )

    def _asked_of(self, submission: Submission) -> tuple[str, int]:
        """Return what decides which calls a submission gets: its exercise and variant."""
        who = submission.team or submission.student
        return submission.exercise, variant_of(self._course, submission.exercise, who, self._secret)
