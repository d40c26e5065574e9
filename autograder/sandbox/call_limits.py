"""Limit the processor time of a call to a multiple of the reference's, never more than the course allows."""

from __future__ import annotations

from autograder.sandbox.wire import Batch

CALL_SECONDS, CALL_FACTOR, SCALING_FACTOR = 1.0, 200.0, 30.0
"""Processor time of a call: a multiple of the reference's, but no less than this and no more than the limit.

The slowest right answers that the exercises keep need a tenth of it, loops in pure Python half of it.  On the large
inputs of a scaling check they take at most 15 times as long as the reference, or 0.2 s.
"""

FIRST_RUN = 0.4
"""A call that can be repeated is stopped when it has used this share, and has all of its time in its second run.

So a call that does not end costs 1.4 times its limit, not twice.  The slowest right answers lose this share once.
"""


class CallLimits:
    """The limits of a batch's calls; the reference is timed only for a call that is asked about.

    Parameters
    ----------
    batch : Batch
        The calls.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
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

    def is_near(self, index: int, call: int, seconds: float, share: float) -> bool:
        """Whether a call has taken this share of its time."""
        least = min(CALL_SECONDS, self._batch.segments[index].limits.cpu_seconds)
        return seconds >= share * least and seconds >= share * self.of(index, call)
