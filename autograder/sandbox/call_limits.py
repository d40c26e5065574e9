"""Limit the processor time of a call to a multiple of the reference's, never more than the course allows."""

from __future__ import annotations

import math

from autograder.sandbox.wire import Batch, Plan

CALL_SECONDS, CALL_FACTOR, SCALING_FACTOR = 1.0, 200.0, 30.0
"""Processor time of a call: a multiple of the reference's, but no less than this and no more than the limit.

The slowest right answers that the exercises keep need a tenth of it, loops in pure Python half of it.  On the large
inputs of a scaling check they take at most 15 times as long as the reference, or 0.2 s.
"""


class CallLimits:
    """The limits of a batch's calls; the reference is timed only for a call that is asked about.

    Parameters
    ----------
    batch : Batch
        The calls.
    before : int
        How many frames a child sends before its first answer.
    """

    def __init__(self, batch: Batch, before: int) -> None:
        self._batch = batch
        self._before = before
        self._found: dict[tuple[int, int], float] = {}

    def of(self, index: int, call: int) -> float:
        """Return the processor time of a call of a segment."""
        segment = self._batch.segments[index]
        most = segment.limits.cpu_seconds
        if segment.reference_seconds is None or most <= CALL_SECONDS:
            return most
        factor = SCALING_FACTOR if segment.alone else CALL_FACTOR
        if (index, call) not in self._found:
            reference = segment.reference_seconds(segment.calls[call])
            self._found[index, call] = min(most, max(CALL_SECONDS, factor * reference))
        return self._found[index, call]

    def after(self, plan: Plan, frames: int) -> float:
        """Return the processor time of what a child with this plan does after so many frames: a call's, or any."""
        at = frames - self._before
        for index, first, last in plan if at >= 0 else ():
            if at < last - first:
                return self.of(index, first + at)
            at -= last - first
        return math.inf

    def is_near(self, index: int, call: int, seconds: float, share: float) -> bool:
        """Whether a call has taken this share of its time."""
        least = min(CALL_SECONDS, self._batch.segments[index].limits.cpu_seconds)
        return seconds >= share * least and seconds >= share * self.of(index, call)
