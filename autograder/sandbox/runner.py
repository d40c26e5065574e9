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

from autograder.model import Ending, Limits, Observation
from autograder.plain import dataclass
from autograder.sandbox.account import Account
from autograder.sandbox.call_limits import CALL_SECONDS, CallLimits
from autograder.sandbox.executor import BatchHandle, ChildResult, Executor, GraderError, Handover, Patience
from autograder.sandbox.frames import Answer
from autograder.sandbox.framing import Buffer
from autograder.sandbox.reading import NEAR, Reading, is_ready, read, value_at
from autograder.sandbox.source import Source
from autograder.sandbox.wire import Batch, Job, Plan, Segment, encode_handed, encode_job

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
        Whether calls that end at or near a limit are repeated once in a fresh child; the second run counts.
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
        self._before = 2 + len(source.cells)  # "ready", the cells, "loaded"
        self._limits = CallLimits(batch, self._before)
        self._load_cpu = 0.0
        self.seen: list[list[Observation]] = [[] for _ in batch.segments]
        self.cpu_seconds = 0.0
        self.load_seconds = 0.0
        self.children = 0
        self.printed = b""

    def run_all(self) -> None:
        """Run children until every call has an observation."""
        while plan := self._next_plan():
            if self._account.over:
                for index in range(len(self.seen)):
                    self._not_run(
                        index, f"the submission had used its {self._account.limits.clock_seconds:g} s by the clock"
                    )
            elif len(self._account.slow) >= MAX_SLOW and (unproved := self._unproved(plan)) is not None:
                self._probe(unproved)
            else:
                self._take(*self._child(plan))
        for segment, call in self._again:
            if not self._account.over:
                self._second_run(segment, call)

    def _next_plan(self) -> Plan:
        """Return what the next child runs: the open parts with equal limits, or one check that runs alone.

        Hidden calls follow in the same child where the plan settles all public ones.
        """
        for index in [one[0] for one in self._open(hidden=True) if self._is_hopeless(one[0])]:
            why = "not run: no public call that must return a value did"
            twin = self._twin(index)
            first = self.seen[twin][self._segment(twin).telling[0]]
            self.seen[index] += [replace(first, message=why, line=None)] * len(self._segment(index).calls)
        public = self._open(hidden=False)
        plan = self._with_equal_limits(public)
        if len(plan) == len(public) and not (public and len(self._account.slow) >= MAX_SLOW):
            plan = self._with_equal_limits([*plan, *self._open(hidden=True)])
        if plan:
            return plan
        return next((self._rest(index) for index in range(len(self.seen)) if self._is_open(index)), ())

    def _open(self, *, hidden: bool) -> Plan:
        return tuple(
            self._rest(index)[0]
            for index, segment in enumerate(self._batch.segments)
            if segment.hidden == hidden and not segment.alone and self._is_open(index)
        )

    def _with_equal_limits(self, plan: Sequence[tuple[int, int, int]]) -> Plan:
        return tuple(one for one in plan if self._segment(one[0]).limits == self._segment(plan[0][0]).limits)

    def _rest(self, index: int) -> Plan:
        return ((index, len(self.seen[index]), len(self._segment(index).calls)),)

    def _is_open(self, index: int) -> bool:
        return len(self.seen[index]) < len(self._segment(index).calls)

    def _segment(self, index: int) -> Segment:
        return self._batch.segments[index]

    def _twin(self, index: int) -> int:
        """Return where the public calls of a hidden segment's part are; the segment itself where there are none."""
        part = self._segment(index).part
        others = (i for i, one in enumerate(self._batch.segments) if one.part == part and not one.hidden)
        return next(others, index)

    def _is_hopeless(self, index: int, public: Plan = (), frames: Sequence[Buffer] = ()) -> bool:
        """Whether every public call of a hidden segment's part that must return a value was made, and none did.

        What came of them is in ``seen``, or in the frames of a child with this public plan.
        """
        twin = self._twin(index)
        telling, seen, at = self._segment(twin).telling, self.seen[twin], self._before
        if not telling or self.seen[index] or any(seen[call].returned for call in telling if call < len(seen)):
            return False
        sent: Sequence[Buffer] = ()
        for segment, first, last in public:
            if segment == twin:
                sent = frames[at : at + last - first]
            at += last - first
        if len(seen) + len(sent) < len(self._segment(twin).calls):
            return False
        return not any(value_at(sent[call - len(seen)]) for call in telling if call >= len(seen))

    # --- one child ---------------------------------------------------------------------------------------------

    def _child(self, plan: Plan, cpu_seconds: float | None = None) -> tuple[Plan, Reading]:
        """Run a child; return what it was asked, hidden calls that were kept from it left out, and what it said."""
        limits = self._segment(plan[0][0]).limits
        if cpu_seconds is not None:
            limits = replace(limits, cpu_seconds=cpu_seconds)
        most = limits.cpu_seconds

        def limit(frames: int) -> float:
            return min(most, self._limits.after(plan, frames))

        public = tuple(one for one in plan if not self._segment(one[0]).hidden)
        hidden = plan[len(public) :]

        def handed(frames: Sequence[Buffer]) -> bytes:
            nonlocal plan
            kept = tuple(one for one in hidden if not self._is_hopeless(one[0], public, frames))
            plan = (*public, *kept)
            return encode_handed(kept, self._hidden)

        job = encode_job(Job(self._source, public, self._skip, bool(hidden)))
        marks = [self._before]
        for _, first, last in plan:
            marks.append(marks[-1] + last - first)
        handover = Handover(marks[len(public)], handed) if hidden else None
        detail = ""
        for _ in range(2):
            result = self._run(job, limits, handover, self._account.patience(marks, limit, CALL_SECONDS))
            self.children += 1
            self.cpu_seconds += result.cpu_seconds
            self.printed += result.output[: MAX_OUTPUT - len(self.printed)]
            self._account.add(result)
            if is_ready(result.frames):
                reading = read(plan, len(self._source.cells), result, limit)
                self.load_seconds += reading.load_seconds
                self._load_cpu = max(self._load_cpu, reading.load_cpu)
                return plan, reading
            detail = f"{result.ending}: {result.detail}"
        raise GraderError(f"a child ended before it was ready, twice in a row ({detail})")

    # --- what came of it ---------------------------------------------------------------------------------------

    def _take(self, plan: Plan, reading: Reading) -> None:
        if not reading.loaded:
            self._load_stopped(reading)
            return
        for answer, seconds in reading.answers:
            self._accept(answer, seconds)
        if reading.stop is not None:
            self._stopped(plan, reading)

    def _accept(self, answer: Answer, seconds: float) -> None:
        self.seen[answer.segment].append(answer.observation)
        key = answer.segment, answer.call
        if self._limits.is_near(*key, seconds, NEAR) and self._may_repeat(key):
            self._again.append(key)

    def _may_repeat(self, key: tuple[int, int]) -> bool:
        if key in self._repeated or self._repeats == 0:
            return False
        self._repeats -= 1
        self._repeated.add(key)
        return True

    def _stopped(self, plan: Plan, reading: Reading) -> None:
        """Settle the part in which a child stopped; the parts before it are complete, those after it untouched."""
        stop = reading.stop or "protocol"
        index = next((index for index, _, _ in plan if self._is_open(index)), None)
        last = reading.answers[-1][0] if reading.answers else None
        if stop == "crash" and last is not None and last.observation.ending == "memory":
            self._end_part(last.segment, "not_reached")  # it stopped by itself after that: the next part is innocent
        elif stop == "protocol":
            # forged or doubled answers put the whole part in doubt; after the last call they are the last part's
            self._protocol(plan[-1][0] if index is None else index)
        elif index is not None:
            call = len(self.seen[index])
            if stop == "timeout" and reading.computing and self._may_repeat((index, call)):
                return  # the part is still open at this call: the next child begins there
            self.seen[index].append(Observation(stop))
            if stop != "timeout":
                self._end_part(index, "not_reached")
                return
            self._not_run(index, "an earlier call of this part did not end in time")
            if not self._segment(index).alone:
                self._account.slow.add(self._segment(index).part)

    def _protocol(self, index: int) -> None:
        self.seen[index].clear()
        self._end_part(index, "protocol")
        self._again = [key for key in self._again if key[0] != index]

    def _end_part(self, index: int, ending: Ending, message: str = "") -> None:
        """Give a segment's remaining calls this ending, and those of the same part's hidden segment too."""
        ended = self._segment(index)
        for other, segment in enumerate(self._batch.segments):
            twin = segment.part == ended.part and segment.hidden and not (segment.alone or ended.alone)
            if other == index or twin:
                rest = len(segment.calls) - len(self.seen[other])
                self.seen[other] += [Observation(ending, message=message) for _ in range(rest)]

    def _not_run(self, index: int, why: str) -> None:
        self._end_part(index, "timeout", f"not run: {why}")

    def _load_stopped(self, reading: Reading) -> None:
        """A child stopped while the source was run: a notebook can do without the cell, a file cannot."""
        stop = reading.stop or "protocol"
        if stop != "protocol" and len(self._source.cells) > 1 and len(self._skip) < MAX_SKIPPED_CELLS:
            self._skip += ((reading.cell, stop),)
            return
        for index in range(len(self.seen)):
            self._end_part(index, stop, "while the code was loaded")

    # --- calls by themselves -----------------------------------------------------------------------------------

    def _unproved(self, plan: Plan) -> int | None:
        """Return a part of a plan that has not proved yet that it ends."""
        waiting = (index for index, _, _ in plan if index not in self._probed and not self._segment(index).alone)
        return next(waiting, None)

    def _probe(self, index: int) -> None:
        """Make one call of a part with little time; the part is run only if it returns."""
        self._probed.add(index)
        segment, call = self._segment(index), len(self.seen[index])
        reference = segment.reference_seconds(segment.calls[call]) if segment.reference_seconds is not None else 0.0
        # the same limit holds while the code is loaded
        seconds = max(PROBE_SECONDS, PROBE_FACTOR * reference, 2 * self._load_cpu)
        plan, reading = self._child(((index, call, call + 1),), min(seconds, segment.limits.cpu_seconds))
        if reading.stop == "timeout" and not reading.answers:
            self._not_run(index, "two other parts did not end in time, and neither did a first call of this one")
        else:
            self._take(plan, reading)

    def _second_run(self, segment: int, call: int) -> None:
        _, reading = self._child(((segment, call, call + 1),))
        if reading.stop == "protocol":
            self._protocol(segment)
        elif reading.answers:
            self.seen[segment][call] = reading.answers[0][0].observation
        else:
            self.seen[segment][call] = Observation(reading.stop or "crash")
