"""Batch the calls for the sandbox and route the observations back to their checks.

Each part's ordinary checks make two segments of the first batch: its public calls, and its hidden ones, which a child
is handed only after the public calls of all parts.  Each check that runs alone has a batch of its own, which is sent
only where the part's value checks pass, since it earns nothing without them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from autograder.course.model import ResourceLimits
from autograder.judging.points_rule import Judged, values_hold
from autograder.judging.questions import PartQuestions, Questions
from autograder.model import Call, Limits, Observation, Probe
from autograder.plain import Closing, dataclass
from autograder.sandbox.executor import BatchHandle
from autograder.sandbox.wire import ORDINARY, Batch, Segment, encode_batch

Observe = Callable[[Batch, BatchHandle], Sequence[Sequence[Observation]]]
"""Makes the calls of a batch with one submission; one sequence of observations per segment."""

CheckKey = tuple[str, int]


@dataclass(frozen=True, eq=False)
class EncodedBatch:
    """One batch, encoded, and which checks its segments belong to."""

    batch: Batch
    handle: BatchHandle
    keys: tuple[tuple[CheckKey, ...], ...]


class EncodedBatches(Closing):
    """Questions with their encoded batches, shared by a whole class.

    Parameters
    ----------
    questions : Questions
        What is asked.
    checks_source : str
        Text of the exercise's ``checks.py``, for the probes.
    limits : ResourceLimits
        The course's limits, for ordinary calls and for checks that run alone.
    parts : sequence of str, optional
        Only these parts; by default all.
    """

    def __init__(
        self,
        questions: Questions,
        checks_source: str,
        limits: ResourceLimits = ResourceLimits(),  # noqa: B008 - frozen
        parts: Sequence[str] | None = None,
    ) -> None:
        self.questions = questions
        chosen = [p for p in questions.parts if parts is None or p.part.name in parts]
        self._source = checks_source
        self._module = questions.exercise.name
        self._limits = limits
        halves = [_segment(p, limits.call, hidden) for hidden in (False, True) for p in chosen]
        self.first = self._encoded([s for s, _ in halves], [keys for _, keys in halves], keep=True)
        self.alone = {key: encoded for p in chosen for key, encoded in self._alone(p)}

    def _encoded(
        self, segments: Sequence[Segment], keys: Sequence[tuple[CheckKey, ...]], keep: bool = False
    ) -> EncodedBatch:
        probes = any(isinstance(a, Probe) for s in segments for call in s.calls for a in call.args)
        batch = Batch(self._module, tuple(segments), self._source if probes else None)
        hidden = encode_batch(batch, hidden=True)
        return EncodedBatch(batch, BatchHandle(encode_batch(batch), keep=keep, hidden=hidden), tuple(keys))

    def _alone(self, part: PartQuestions) -> Iterator[tuple[CheckKey, EncodedBatch]]:
        for i, asked in enumerate(part.asked):
            if asked.check.limits is not None:
                key = (part.part.name, i)
                limits = self._limits.scaling(asked.check.limits)
                # an author who states more time than any call has knows of right answers that need it
                stated = limits.cpu_seconds > self._limits.call.cpu_seconds
                reference = None if stated else part.reference_seconds
                segment = Segment(part.part.name, limits, True, asked.calls, reference_seconds=reference)
                yield key, self._encoded([segment], [(key,)])

    @property
    def size(self) -> int:
        """Bytes of all calls together."""
        return sum(encoded.handle.size for encoded in (self.first, *self.alone.values()))

    def close(self) -> None:
        """Give the batches' files back."""
        for encoded in (self.first, *self.alone.values()):
            encoded.handle.close()


def _segment(part: PartQuestions, limits: Limits, hidden: bool) -> tuple[Segment, tuple[CheckKey, ...]]:
    calls: list[Call] = []
    keys: list[CheckKey] = []
    telling: list[int] = []
    every = list(enumerate(part.every))
    # the naming set comes first of what is hidden: a call that ends the process takes nothing from it
    for i, asked in every[len(part.asked) :] + every[: len(part.asked)]:
        if not asked.alone and (asked.visibility == "hidden") == hidden:
            if asked.check.group == "value":
                telling += range(len(calls), len(calls) + len(asked.calls))
            calls += asked.calls
            keys.append((part.part.name, i))
    reference = part.reference_seconds
    segment = Segment(part.part.name, limits, False, tuple(calls), hidden, reference, tuple(telling), ORDINARY)
    return segment, tuple(keys)


def hand_out(printed: EncodedBatches, observe: Observe) -> dict[CheckKey, Sequence[Observation]]:
    """Make all questions with one submission.

    Parameters
    ----------
    printed : EncodedBatches
        The questions.
    observe : callable
        Makes the calls of one batch.

    Returns
    -------
    dict
        Observations by part name and position of the check; absent for scaling checks of a part whose value checks
        fail.
    """
    answers = _collect(printed.questions, printed.first, observe)
    for part in printed.questions.parts:
        keys = [key for key in printed.alone if key[0] == part.part.name]
        if keys and _earns(part, answers):
            for key in keys:
                answers |= _collect(printed.questions, printed.alone[key], observe)
    return answers


def _collect(questions: Questions, encoded: EncodedBatch, observe: Observe) -> dict[CheckKey, Sequence[Observation]]:
    asked = {p.part.name: p.every for p in questions.parts}
    answers: dict[CheckKey, Sequence[Observation]] = {}
    for keys, seen in zip(encoded.keys, observe(encoded.batch, encoded.handle), strict=True):
        at = 0
        for name, i in keys:
            count = len(asked[name][i].calls)
            answers[name, i] = seen[at : at + count]
            at += count
    return answers


def _earns(part: PartQuestions, answers: dict[CheckKey, Sequence[Observation]]) -> bool:
    value = [
        Judged(asked.check, asked.judge(answers[part.part.name, i]))
        for i, asked in enumerate(part.asked)
        if asked.check.group == "value" and not asked.alone
    ]
    return values_hold(value)
