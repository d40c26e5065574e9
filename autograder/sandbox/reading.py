"""Read the frames of one child: which calls were answered, in the order in which an honest child sends them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from autograder.model import Observation
from autograder.plain import dataclass
from autograder.sandbox.executor import ChildResult
from autograder.sandbox.frames import Answer, CellEnd, Done, Loaded, Message, Ready, decode_frame
from autograder.sandbox.framing import Buffer, ProtocolError
from autograder.sandbox.wire import Plan
from autograder.statuses import Ending

NEAR = 0.8
"""A call that used this share of its processor time is judged by a second run."""

MOST_LISTED = 1_000_000
"""Items of lists that one child's answers may hold together: as objects of the grader each takes 32 bytes and more."""

_Key = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class ChildFrames:
    """The frames of one child as far as they are what they should be.

    Attributes
    ----------
    plan : Plan
        The calls that the child was asked to make.
    answers : tuple of (Answer, float)
        The answers in order, each with the processor seconds of its call.
    loaded : bool
        Whether the source was run to its end.
    cell : int
        The cell that was being run, if not.
    stop : str or None
        Why the child stopped before it was done, or ``protocol``.
    computing : bool
        Whether the child stopped for its time, and the call in flight had used most of its processor time.
    load_seconds, load_cpu : float
        Processor seconds of loading the source, as the child and as the grader saw them.
    """

    plan: Plan
    answers: tuple[tuple[Answer, float], ...]
    loaded: bool
    cell: int
    stop: Ending | None
    computing: bool
    load_seconds: float
    load_cpu: float


def read_frames(plan: Plan, cells: int, result: ChildResult, limit: Callable[[int], float]) -> ChildFrames:
    """Read what a child sent that had this plan and a source of so many cells.

    ``limit`` returns the processor time that what follows so many frames may take.
    """
    expected = list(_expected(plan, cells))
    answers: list[tuple[Answer, float]] = []
    load_seconds = load_cpu = 0.0
    at = listed = 0
    garbled = len(result.frames) > len(expected)
    for want, data in zip(expected, result.frames, strict=False):
        message = _decoded(data)
        if message is None or _key(message) != want:
            garbled = True
            break
        if isinstance(message, Answer):
            listed += message.listed
            if message.listed and listed > MOST_LISTED:
                message = replace(message, observation=_too_much(message.observation))
            answers.append((message, max(result.frame_cpu[at], message.observation.seconds)))
        elif isinstance(message, Loaded):
            load_seconds, load_cpu = message.cpu_seconds, sum(result.frame_cpu[: at + 1])
        at += 1
    stop: Ending | None = None
    if garbled or (at < len(expected) and result.ending == "done"):
        stop = "protocol"
    elif at < len(expected) and result.ending != "done":
        stop = result.ending
    computing = stop == "timeout" and result.cpu_seconds - sum(result.frame_cpu) >= NEAR * limit(at)
    cell = max(0, min(at - 1, cells - 1))
    return ChildFrames(plan, tuple(answers), at > 1 + cells, cell, stop, computing, load_seconds, load_cpu)


def _too_much(answer: Observation) -> Observation:
    """Return the answer of a call whose lists are more than the grader keeps."""
    reason = f"of more than {MOST_LISTED} items in all calls together"
    return replace(answer, ending="bad_output", type_name="value", message=reason, value=None)


def value_at(data: Buffer) -> bool:
    """Whether a frame says that a call returned a value."""
    message = _decoded(data)
    return isinstance(message, Answer) and message.observation.returned


def is_ready(frames: Sequence[Buffer]) -> bool:
    """Whether a child was set up: it says so before it touches the student's code."""
    return bool(frames) and isinstance(_decoded(frames[0]), Ready)


def _decoded(data: Buffer) -> Message | None:
    try:
        return decode_frame(data)
    except ProtocolError:
        return None


def _expected(plan: Plan, cells: int) -> Iterator[_Key]:
    """Yield the key of every frame that an honest child sends, in order."""
    yield ("ready",)
    yield from (("cell", index) for index in range(cells))
    yield ("loaded",)
    yield from (("call", segment, call) for segment, first, last in plan for call in range(first, last))
    yield ("done",)


def _key(message: Message) -> _Key:
    match message:
        case Answer():  # nearly every frame
            return ("call", message.segment, message.call)
        case Ready():
            return ("ready",)
        case CellEnd():
            return ("cell", message.index)
        case Loaded():
            return ("loaded",)
        case Done():
            return ("done",)
