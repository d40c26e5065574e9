"""What the parent makes of a submission's children: which calls each runs, and what a stopped one is taken for.

One child runs all parts in order.  After a crash, a limit or a loop the completed calls stand, that part stops, and the
remaining parts run in a fresh child.  Checks that run ``alone`` come last, each in a child of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from autograder.model import Ending, Limits, Observation
from autograder.sandbox.executor import ChildResult, Executor, GraderError, SheetHandle
from autograder.sandbox.frames import Answer, CellEnd, Done, Loaded, Message, Ready, decode_frame
from autograder.sandbox.framing import Buffer, ProtocolError
from autograder.sandbox.source import Source
from autograder.sandbox.wire import Job, Segment, Sheet, encode_job

RunChild = Callable[[bytes, Limits], ChildResult]
"""Runs an encoded job of a known sheet under these limits."""

NEAR = 0.8
"""A call that used this share of its processor time is judged by a second run."""

MAX_REPEATS = 8
MAX_SKIPPED_CELLS = 3
MAX_OUTPUT = 64 << 10

_Plan = tuple[tuple[int, int, int], ...]
_Key = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Observations(Sequence[list[Observation]]):
    """What came of all calls: one list per segment of the sheet.

    Attributes
    ----------
    cpu_seconds : float
        Processor time of all children together.
    children : int
        How many there were.
    printed : str
        The beginning of what the student's code printed, if the executor keeps it.
    load_seconds : float
        Processor time of loading the submission, over all children, as they told it.
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


def observe(executor: Executor, source: Source, sheet: Sheet, handle: SheetHandle) -> Observations:
    """Run all calls of a sheet on a submission.

    Parameters
    ----------
    executor : Executor
        Runs each child.
    source : Source
        The submission.
    sheet : Sheet
        The calls.
    handle : SheetHandle
        The same sheet, encoded.

    Raises
    ------
    GraderError
        If a child could not be set up, twice in a row.
    """
    return observe_with(lambda job, limits: executor.execute(job, handle, limits), source, sheet)


def observe_with(run: RunChild, source: Source, sheet: Sheet, *, repeat: bool = True) -> Observations:
    """Run all calls of a sheet on a submission by a function that runs one child.

    Parameters
    ----------
    run : callable
        Runs one child for this sheet.
    source, sheet : Source, Sheet
        The submission and the calls.
    repeat : bool
        Whether calls that end at or near a limit are repeated once in a fresh child; the second run counts.

    Raises
    ------
    GraderError
        If a child could not be set up, twice in a row.
    """
    runner = _Runner(run, source, sheet, MAX_REPEATS if repeat else 0)
    runner.run_all()
    return Observations(
        tuple(runner.seen),
        runner.cpu_seconds,
        runner.children,
        runner.printed[:MAX_OUTPUT].decode("utf-8", "replace"),
        runner.load_seconds,
    )


@dataclass(frozen=True, eq=False)
class _Reading:
    """The frames of one child as far as they are what they should be."""

    answers: tuple[tuple[Answer, float], ...]
    loaded: bool
    cell: int
    stop: Ending | None


class _Runner:
    def __init__(self, run: RunChild, source: Source, sheet: Sheet, repeats: int) -> None:
        self._run = run
        self._source = source
        self._sheet = sheet
        self._repeats = repeats
        self._repeated: set[tuple[int, int]] = set()
        self._again: list[tuple[int, int]] = []
        self._skip: tuple[tuple[int, str], ...] = ()
        self.seen: list[list[Observation]] = [[] for _ in sheet.segments]
        self.cpu_seconds = 0.0
        self.load_seconds = 0.0
        self.children = 0
        self.printed = b""

    def run_all(self) -> None:
        """Run children until every call has an observation."""
        while plan := self._next_plan():
            reading = self._child(plan)
            if not reading.loaded:
                self._load_stopped(reading)
                continue
            for answer, seconds in reading.answers:
                self._accept(answer, seconds)
            if reading.stop is not None:
                self._stopped(plan, reading)
        for segment, call in self._again:
            self._second_run(segment, call)

    def _next_plan(self) -> _Plan:
        """Return what the next child runs: the open parts with equal limits, or one check that runs alone."""
        together: list[tuple[int, int, int]] = []
        limits: Limits | None = None
        for index, segment in enumerate(self._sheet.segments):
            if not segment.alone and self._is_open(index) and limits in (None, segment.limits):
                limits = segment.limits
                together.append((index, len(self.seen[index]), len(segment.calls)))
        if together:
            return tuple(together)
        for index, segment in enumerate(self._sheet.segments):
            if self._is_open(index):
                return ((index, len(self.seen[index]), len(segment.calls)),)
        return ()

    def _is_open(self, index: int) -> bool:
        return len(self.seen[index]) < len(self._segment(index).calls)

    def _segment(self, index: int) -> Segment:
        return self._sheet.segments[index]

    # --- one child ---------------------------------------------------------------------------------------------

    def _child(self, plan: _Plan) -> _Reading:
        job = encode_job(Job(self._source, plan, self._skip))
        limits = self._segment(plan[0][0]).limits
        detail = ""
        for _ in range(2):
            result = self._run(job, limits)
            self.children += 1
            self.cpu_seconds += result.cpu_seconds
            self.printed += result.output[: MAX_OUTPUT - len(self.printed)]
            if _is_ready(result.frames):
                return self._read(plan, result)
            detail = f"{result.ending}: {result.detail}"
        raise GraderError(f"a child ended before it was ready, twice in a row ({detail})")

    def _read(self, plan: _Plan, result: ChildResult) -> _Reading:
        cells = len(self._source.cells)
        expected = list(_expected(plan, cells))
        answers: list[tuple[Answer, float]] = []
        at = 0
        garbled = len(result.frames) > len(expected)
        for want, data in zip(expected, result.frames, strict=False):
            message = _decoded(data)
            if message is None or _key(message) != want:
                garbled = True
                break
            if isinstance(message, Loaded):
                self.load_seconds += message.cpu_seconds
            if isinstance(message, Answer):
                answers.append((message, max(result.frame_cpu[at], message.observation.seconds)))
            at += 1
        stop: Ending | None = None
        if garbled or (at < len(expected) and result.ending == "done"):
            stop = "protocol"
        elif at < len(expected) and result.ending != "done":
            stop = result.ending
        return _Reading(tuple(answers), at > 1 + cells, max(0, min(at - 1, cells - 1)), stop)

    # --- what came of it ---------------------------------------------------------------------------------------

    def _accept(self, answer: Answer, seconds: float) -> None:
        self.seen[answer.segment].append(answer.observation)
        key = answer.segment, answer.call
        if seconds >= NEAR * self._segment(answer.segment).limits.cpu_seconds and self._may_repeat(key):
            self._again.append(key)

    def _may_repeat(self, key: tuple[int, int]) -> bool:
        if key in self._repeated or self._repeats == 0:
            return False
        self._repeats -= 1
        self._repeated.add(key)
        return True

    def _stopped(self, plan: _Plan, reading: _Reading) -> None:
        """Settle the part in which a child stopped; the parts before it are complete, those after it untouched."""
        stop = reading.stop or "protocol"
        index = next((index for index, _, _ in plan if self._is_open(index)), None)
        last = reading.answers[-1][0] if reading.answers else None
        if stop == "crash" and last is not None and last.observation.ending == "memory":
            self._fill(last.segment, "not_reached")  # it stopped by itself after that answer: the next part is innocent
        elif stop == "protocol":
            # forged or doubled answers put the whole part in doubt; after the last call they are the last part's
            self._protocol(plan[-1][0] if index is None else index)
        elif index is not None:
            call = len(self.seen[index])
            if stop == "timeout" and self._may_repeat((index, call)):
                return  # the part is still open at this call: the next child begins there
            self.seen[index].append(Observation(stop))
            self._fill(index, "not_reached")

    def _protocol(self, index: int) -> None:
        self.seen[index].clear()
        self._fill(index, "protocol")
        self._again = [key for key in self._again if key[0] != index]

    def _fill(self, index: int, ending: Ending, message: str = "") -> None:
        rest = len(self._segment(index).calls) - len(self.seen[index])
        self.seen[index] += [Observation(ending, message=message) for _ in range(rest)]

    def _load_stopped(self, reading: _Reading) -> None:
        """A child stopped while the source was run: a notebook can do without the cell, a file cannot."""
        stop = reading.stop or "protocol"
        if stop == "timeout" and self._may_repeat((-1, reading.cell)):
            return
        if stop != "protocol" and len(self._source.cells) > 1 and len(self._skip) < MAX_SKIPPED_CELLS:
            self._skip += ((reading.cell, stop),)
            return
        for index in range(len(self.seen)):
            self._fill(index, stop, "while the code was loaded")

    def _second_run(self, segment: int, call: int) -> None:
        reading = self._child(((segment, call, call + 1),))
        if reading.stop == "protocol":
            self._protocol(segment)
        elif reading.answers:
            self.seen[segment][call] = reading.answers[0][0].observation
        else:
            self.seen[segment][call] = Observation(reading.stop or "crash")


def _is_ready(frames: Sequence[Buffer]) -> bool:
    return bool(frames) and isinstance(_decoded(frames[0]), Ready)


def _decoded(data: Buffer) -> Message | None:
    try:
        return decode_frame(data)
    except ProtocolError:
        return None


def _expected(plan: _Plan, cells: int) -> Iterator[_Key]:
    """Yield the key of every frame that an honest child sends, in order."""
    yield ("ready",)
    yield from (("cell", index) for index in range(cells))
    yield ("loaded",)
    yield from (("call", segment, call) for segment, first, last in plan for call in range(first, last))
    yield ("done",)


def _key(message: Message) -> _Key:
    match message:
        case Ready():
            return ("ready",)
        case CellEnd():
            return ("cell", message.index)
        case Loaded():
            return ("loaded",)
        case Answer():
            return ("call", message.segment, message.call)
        case Done():
            return ("done",)
