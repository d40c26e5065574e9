"""Run a submission's calls in as few children as possible, and decide what a child that stopped means.

One child runs the public calls of all parts, is handed the hidden ones once the grader has those answers, and runs
them.  After a crash, a limit or a loop the completed calls count, that part stops, and the remaining parts run in a
fresh child.  Public calls are all settled before a child is handed a hidden one, so what a child says afterwards, a
restarted one's errors while loading included, is only ever the observation of a hidden call.  Checks that run ``alone``
come last, each in a child of its own.

After two parts that do not end, each remaining part gets one call with little time first, and is run only if that
returns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import overload

from autograder.model import WHILE_LOADING, Limits, Observation
from autograder.plain import dataclass
from autograder.sandbox.account import Account
from autograder.sandbox.call_limits import CALL_SECONDS, FIRST_RUN, CallLimits
from autograder.sandbox.child_run import ChildRun
from autograder.sandbox.executor import BatchHandle, ChildResult, Executor, GraderError, Handover, Patience
from autograder.sandbox.frames import Answer
from autograder.sandbox.framing import Buffer
from autograder.sandbox.progress import Progress
from autograder.sandbox.reading import NEAR, ChildFrames, is_ready, read_frames
from autograder.sandbox.source import Source
from autograder.sandbox.wire import Batch, Job, Piece, Plan, encode_handed, encode_job
from autograder.statuses import Ending

RunChild = Callable[[bytes, Limits, Handover | None, Patience], ChildResult]
"""Runs an encoded job of a known batch under these limits."""

MAX_REPEATS = 8
MAX_SKIPPED_CELLS = 3
MAX_OUTPUT = 64 << 10

MAX_SLOW = 2
"""So many parts may fail to end before the others have to prove with one call that they do."""

PROBE_SECONDS, PROBE_FACTOR = 0.2, 20.0
"""Processor time of that call: a multiple of the reference's, but no less than this."""


@dataclass(frozen=True, eq=False)
class Observations(Sequence[list[Observation]]):
    """What came of all calls: one list per segment of the batch.

    Attributes
    ----------
    cpu_seconds : float
        Processor time of all children together.
    children : int
        How many there were.
    printed : str
        The beginning of what the student's code printed, if the executor keeps it.
    load_seconds : float
        Processor time of loading the submission, over all children, as they reported it.
    """

    segments: tuple[list[Observation], ...]
    cpu_seconds: float = 0.0
    children: int = 0
    printed: str = ""
    load_seconds: float = 0.0

    @overload
    def __getitem__(self, index: int) -> list[Observation]: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[list[Observation]]: ...

    def __getitem__(self, index: int | slice) -> list[Observation] | Sequence[list[Observation]]:
        return self.segments[index]

    def __len__(self) -> int:
        return len(self.segments)


def observe(
    executor: Executor, source: Source, batch: Batch, handle: BatchHandle, account: Account | None = None
) -> Observations:
    """Run all calls of a batch on a submission.

    Parameters
    ----------
    executor : Executor
        Runs each child.
    source : Source
        The submission.
    batch : Batch
        The calls.
    handle : BatchHandle
        The same batch, encoded.
    account : Account, optional
        What the submission has spent on other batches.

    Raises
    ------
    GraderError
        If a child could not be set up, twice in a row.
    """

    def run(job: bytes, limits: Limits, handover: Handover | None, patience: Patience) -> ChildResult:
        return executor.execute(job, handle, limits, handover, patience)

    return observe_with(run, source, batch, hidden=handle.hidden, account=account)


def observe_with(
    run: RunChild,
    source: Source,
    batch: Batch,
    *,
    repeat: bool = True,
    hidden: bytes = b"",
    account: Account | None = None,
) -> Observations:
    """Run all calls of a batch on a submission by a function that runs one child.

    Parameters
    ----------
    run : callable
        Runs one child for this batch.
    source, batch : Source, Batch
        The submission and the calls.
    repeat : bool
        Whether calls that take long are stopped and repeated once in a fresh child with all of their time; the second
        run counts.
    hidden : bytes
        The hidden half of the batch, encoded.
    account : Account, optional
        What the submission has spent on other batches.

    Raises
    ------
    GraderError
        If a child could not be set up, twice in a row.
    """
    runner = _Runner(run, source, batch, MAX_REPEATS if repeat else 0, hidden, account or Account())
    runner.run_all()
    return Observations(
        tuple(runner.seen),
        runner.cpu_seconds,
        runner.children,
        runner.printed[:MAX_OUTPUT].decode("utf-8", "replace"),
        runner.load_seconds,
    )


class _Runner:
    def __init__(
        self, run: RunChild, source: Source, batch: Batch, repeats: int, hidden: bytes, account: Account
    ) -> None:
        self._run = run
        self._source = source
        self._batch = batch
        self._hidden = hidden
        self._account = account
        self._repeats = repeats
        self._repeated: set[tuple[int, int]] = set()
        self._again: list[tuple[int, int]] = []
        self._skip: tuple[tuple[int, str], ...] = ()
        self._probed: set[int] = set()
        self._limits = CallLimits(batch)
        self._load_cpu = 0.0
        self._progress = Progress(batch)
        self.seen = self._progress.seen
        self.cpu_seconds = 0.0
        self.load_seconds = 0.0
        self.children = 0
        self.printed = b""

    def run_all(self) -> None:
        """Run children until every call has an observation."""
        while plan := self._progress.next_plan(one_by_one=self._must_prove):
            if self._account.over:
                why = f"the submission had used its {self._account.limits.clock_seconds:g} s by the clock"
                for index in range(len(self.seen)):
                    self._progress.not_run(index, why)
            elif self._must_prove and (unproved := self._unproved(plan)) is not None:
                self._probe(unproved)
            else:
                self._take(self._child(plan))
        for segment, call in self._again:
            if not self._account.over:
                self._second_run(segment, call)

    # --- one child ---------------------------------------------------------------------------------------------

    def _child(self, plan: Plan, cpu_seconds: float | None = None) -> ChildFrames:
        """Run a child and return what it said; hidden calls of parts that turned out to be hopeless are not made."""
        limits = self._batch.segments[plan[0].segment].limits
        if cpu_seconds is not None:
            limits = replace(limits, cpu_seconds=cpu_seconds)
        cells = len(self._source.cells)
        call_limit = self._call_limit if cpu_seconds is None else self._limits.of
        child = ChildRun(self._batch, plan, cells, call_limit, limits.cpu_seconds)
        job = encode_job(Job(self._source, child.public, self._skip, bool(child.hidden)))
        handover = self._handover(child)
        least, detail = FIRST_RUN * min(CALL_SECONDS, limits.cpu_seconds), ""
        for _ in range(2):
            patience = self._account.patience(child.marks, child.limit, least)
            result = self._run(job, limits, handover, patience)
            self._charge(result)
            if is_ready(result.frames):
                reading = read_frames(child.plan, cells, result, child.limit)
                self.load_seconds += reading.load_seconds
                self._load_cpu = max(self._load_cpu, reading.load_cpu)
                return reading
            detail = f"{result.ending}: {result.detail}"
        raise GraderError(f"a child ended before it was ready, twice in a row ({detail})")

    def _handover(self, child: ChildRun) -> Handover | None:
        """Return when and how a child gets its hidden calls, if it has any."""
        if not child.hidden:
            return None

        def handed(frames: Sequence[Buffer]) -> bytes:
            def is_useful(index: int) -> bool:
                twin = self._progress.twin(index)
                return not self._progress.is_hopeless(index, child.answers_to(twin, frames))

            kept = tuple(piece for piece in child.hidden if is_useful(piece.segment))
            child.hand_over(kept)
            return encode_handed(kept, self._hidden)

        return Handover(child.marks[len(child.public)], handed)

    def _charge(self, result: ChildResult) -> None:
        self.children += 1
        self.cpu_seconds += result.cpu_seconds
        self.printed += result.output[: MAX_OUTPUT - len(self.printed)]
        self._account.add(result)

    # --- what came of it ---------------------------------------------------------------------------------------

    def _take(self, reading: ChildFrames) -> None:
        if not reading.loaded:
            self._load_stopped(reading)
            return
        for answer, seconds in reading.answers:
            self._accept(answer, seconds)
        if reading.stop is not None:
            self._stopped(reading, reading.stop)

    def _accept(self, answer: Answer, seconds: float) -> None:
        self.seen[answer.segment].append(answer.observation)
        key = answer.segment, answer.call
        if self._limits.is_near(*key, seconds, NEAR) and self._may_repeat(key):
            self._again.append(key)

    def _call_limit(self, index: int, call: int) -> float:
        """Return the processor time of a call in its next run."""
        repeatable = self._repeats > 0 and (index, call) not in self._repeated
        return (FIRST_RUN if repeatable else 1.0) * self._limits.of(index, call)

    def _may_repeat(self, key: tuple[int, int]) -> bool:
        if key in self._repeated or self._repeats == 0:
            return False
        self._repeats -= 1
        self._repeated.add(key)
        return True

    def _stopped(self, reading: ChildFrames, stop: Ending) -> None:
        """Settle the part in which a child stopped; the parts before it are complete, those after it untouched."""
        index = next((piece.segment for piece in reading.plan if self._progress.is_open(piece.segment)), None)
        last = reading.answers[-1][0] if reading.answers else None
        if stop == "crash" and last is not None and last.observation.ending == "memory":
            # it stopped by itself after that: the next part is innocent
            self._progress.end_part(last.segment, "not_reached")
        elif stop == "protocol":
            # forged or doubled answers put the whole part in doubt; after the last call they are the last part's
            self._protocol(reading.plan[-1].segment if index is None else index)
        elif index is not None:
            self._call_stopped(index, stop, reading)

    def _call_stopped(self, index: int, stop: Ending, reading: ChildFrames) -> None:
        """Settle a part whose next call ended the child."""
        call = len(self.seen[index])
        if stop == "timeout" and reading.computing and self._may_repeat((index, call)):
            return  # the part is still open at this call: the next child begins there
        self.seen[index].append(Observation(stop))
        if stop != "timeout":
            self._progress.end_part(index, "not_reached")
            return
        self._progress.not_run(index, "an earlier call of this part did not end in time")
        if not self._batch.segments[index].alone:
            self._account.slow.add(self._batch.segments[index].part)

    def _protocol(self, index: int) -> None:
        self.seen[index].clear()
        self._progress.end_part(index, "protocol")
        self._again = [key for key in self._again if key[0] != index]

    def _load_stopped(self, reading: ChildFrames) -> None:
        """A child stopped while the source was run: a notebook can do without the cell, a file cannot."""
        stop = reading.stop or "protocol"
        if stop != "protocol" and len(self._source.cells) > 1 and len(self._skip) < MAX_SKIPPED_CELLS:
            self._skip += ((reading.cell, stop),)
            return
        for index in range(len(self.seen)):
            self._progress.end_part(index, stop, WHILE_LOADING)

    # --- calls by themselves -----------------------------------------------------------------------------------

    @property
    def _must_prove(self) -> bool:
        """Whether a part has to prove with one call that it ends."""
        return len(self._account.slow) >= MAX_SLOW

    def _unproved(self, plan: Plan) -> int | None:
        """Return a part of a plan that has not proved yet that it ends."""
        waiting = (one.segment for one in plan if one.segment not in self._probed)
        return next((index for index in waiting if not self._batch.segments[index].alone), None)

    def _probe(self, index: int) -> None:
        """Make one call of a part with little time; the part is run only if it returns."""
        self._probed.add(index)
        segment, call = self._batch.segments[index], len(self.seen[index])
        reference = segment.reference_seconds(segment.calls[call]) if segment.reference_seconds is not None else 0.0
        # the same limit holds while the code is loaded
        seconds = max(PROBE_SECONDS, PROBE_FACTOR * reference, 2 * self._load_cpu)
        reading = self._child((Piece(index, call, call + 1),), min(seconds, segment.limits.cpu_seconds))
        if reading.stop == "timeout" and not reading.answers:
            why = "two other parts did not end in time, and neither did a first call of this one"
            self._progress.not_run(index, why)
        else:
            self._take(reading)

    def _second_run(self, segment: int, call: int) -> None:
        reading = self._child((Piece(segment, call, call + 1),))
        if reading.stop == "protocol":
            self._protocol(segment)
        elif reading.answers:
            self.seen[segment][call] = reading.answers[0][0].observation
        else:
            self.seen[segment][call] = Observation(reading.stop or "crash")
