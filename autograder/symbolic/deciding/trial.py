"""Evaluate and normalise one answer under its own work budget.

The work is counted, not timed, and what the truth costs is not charged, so a verdict is the same on every machine and
whatever was graded before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from autograder.symbolic.deciding.arithmetic import FLOATS, Numbers
from autograder.symbolic.deciding.evaluate import Work
from autograder.symbolic.deciding.points import Point
from autograder.symbolic.deciding.prepared import Prepared, Values
from autograder.symbolic.deciding.tidy import tidy
from autograder.symbolic.language.expr import Expr, TooLarge, size_of

DECIDING = 50_000
PROVING = 14_000
EXPLAINING = 20_000
BOUNDING = 60_000
"""Work to decide an answer, to prove it for all sizes, to explain a wrong one, and to bound its rounding errors."""

_TIDIED = 1500
"""Terms of an answer that is simplified first; larger ones are compared as they are."""


class Trial:
    """An answer to a prepared question; ``patience`` multiplies the work, for a question's author.

    It is ``unsure`` once rounding hid a value of the answer at a point; while it is ``patient``, more bits are tried.
    """

    def __init__(self, prepared: Prepared, core: Expr, patience: int = 1) -> None:
        self.prepared, self.core = prepared, core
        self.deciding, self.proving, self.explaining, self.bounding = (
            Work(patience * limit) for limit in (DECIDING, PROVING, EXPLAINING, BOUNDING)
        )
        self.work = self.deciding
        self.unsure = self.patient = False
        self._floats: dict[tuple[Point, tuple[int, ...]], Values] = {}

    @cached_property
    def tidied(self) -> Expr:
        """The answer, simplified for the exact method."""
        try:
            return tidy(self.prepared.question, self.core) if size_of(self.core) <= _TIDIED else self.core
        except (TooLarge, ZeroDivisionError):
            return self.core

    @property
    def spent(self) -> int:
        """Work so far."""
        return self.deciding.spent + self.proving.spent + self.explaining.spent + self.bounding.spent

    def explain(self) -> None:
        """Continue with the work budget that is reserved for explanations."""
        self.work = self.explaining

    def values(
        self, numbers: Numbers, point: Point, places: Sequence[int] | None = None, work: Work | None = None
    ) -> Values:
        """Return the entries of the answer at a point; None where one is undefined.

        Raises
        ------
        OverBudget
            If there is no work left.
        """
        core = self.tidied if point.modular else self.core
        return self.prepared.values(numbers, core, point, places, work or self.work)

    def floats(self, k: int) -> Values:
        """Return the compared entries at the k-th point, in double precision."""
        return self.at(self.prepared.points[k], self.prepared.places[k])

    def at(self, point: Point, places: tuple[int, ...]) -> Values:
        """Return these entries at a point in double precision; worked out once."""
        if (point, places) not in self._floats:
            self._floats[point, places] = self.values(FLOATS, point, places)
        return self._floats[point, places]
