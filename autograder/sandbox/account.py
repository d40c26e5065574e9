"""Count the time that one submission has spent by the clock, over all its children."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.model import SubmissionLimits
from autograder.sandbox.executor import ChildResult, Patience

PART_SHARE = 1 / 3
"""What one part may take of the time in which a submission may do nothing."""

_LEAST_IDLE = 0.2
"""Seconds that a child may do nothing when the submission has none left: code that does not wait is run anyway."""


class Account:
    """What one submission has spent by the clock over all its children, and which of its parts do not end.

    Parameters
    ----------
    limits : SubmissionLimits
        What it may spend.
    """

    def __init__(self, limits: SubmissionLimits | None = None) -> None:
        self.limits = limits or SubmissionLimits()
        self.idle_seconds = 0.0
        self.clock_seconds = 0.0
        self.slow: set[str] = set()

    @property
    def over(self) -> bool:
        """Whether the limit by the clock was reached."""
        return self.clock_seconds >= self.limits.clock_seconds

    def add(self, result: ChildResult) -> None:
        """Charge a child."""
        self.idle_seconds += result.idle_seconds
        self.clock_seconds += result.clock_seconds

    def patience(self, marks: Sequence[int], call_seconds: Callable[[int], float], least_seconds: float) -> Patience:
        """Return for how long the next child may do nothing, and compute in one call."""
        idle = max(self.limits.idle_seconds - self.idle_seconds, _LEAST_IDLE)
        part = PART_SHARE * self.limits.idle_seconds
        clock = self.limits.clock_seconds - self.clock_seconds
        return Patience(idle, part, clock, tuple(marks), call_seconds, least_seconds)
