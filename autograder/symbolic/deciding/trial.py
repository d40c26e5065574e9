"""One answer on trial: its values and its normal form, paid for by its own work.

The work is counted, not timed, and what the truth costs is not charged, so a verdict is the same on every machine and
whatever was graded before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from autograder.symbolic.deciding.arithmetic import FLOATS, Numbers
from autograder.symbolic.deciding.evaluate import Work
from autograder.symbolic.deciding.normal import Normalizer, Ratio
from autograder.symbolic.deciding.points import Point
from autograder.symbolic.deciding.polynomial import NotNormal
from autograder.symbolic.deciding.prepared import Prepared, Values, has_switches
from autograder.symbolic.deciding.tidy import branches, tidy
from autograder.symbolic.language.expr import Expr

DECIDING = 48_000
EXPLAINING = 20_000
"""Work to decide an answer, and to explain a wrong one; right answers of the course take up to 60 % of it."""


class Trial:
    """An answer to a prepared question."""

    def __init__(self, prepared: Prepared, core: Expr) -> None:
        self.prepared, self.core = prepared, tidy(prepared.question, core)
        self.deciding, self.explaining = Work(DECIDING), Work(EXPLAINING)
        self.work = self.deciding
        self._normalizer = Normalizer(prepared.question)
        self._floats: dict[int, Values] = {}
        self._ratio: Ratio | None = None

    @property
    def spent(self) -> int:
        """Work so far."""
        return self.deciding.spent + self.explaining.spent + self._normalizer.algebra.work

    def explain(self) -> None:
        """Pay from now on with the work that is kept for explanations."""
        self.work = self.explaining

    def values(self, numbers: Numbers, point: Point, places: Sequence[int] | None = None) -> Values:
        """Return the entries of the answer at a point; None where one is undefined.

        Raises
        ------
        OverBudget
            If there is no work left.
        """
        return self.prepared.values(numbers, self.core, point, places, self.work)

    def floats(self, k: int) -> Values:
        """Return the compared entries at the k-th point, in double precision."""
        if k not in self._floats:
            self._floats[k] = self.values(FLOATS, self.prepared.points[k], self.prepared.places[k])
        return self._floats[k]

    @cached_property
    def proved(self) -> bool | None:
        """Whether the normal form is that of the truth; None where normal forms are silent."""
        truth = self.prepared.normal
        if truth is None:
            return None
        try:
            self._ratio = self._normalizer.ratio(self.core)
            return self._normalizer.equal(self._ratio, truth)
        except NotNormal:
            return None

    @cached_property
    def proved_by_pieces(self) -> bool:
        """Whether every one of several pieces has the normal form of the truth."""
        truth = self.prepared.normal
        pieces = branches(self.core) if has_switches(self.core) else None
        if truth is None or not pieces:
            return False
        try:
            return all(self._normalizer.equal(self._normalizer.ratio(piece), truth) for piece in pieces)
        except NotNormal:
            return False

    def settled_form(self) -> bool:
        """Whether the normal form holds no functions that may hide an identity."""
        ratio = self._ratio
        if ratio is None:
            return False
        return not any(factor[0] == "f" for poly in (ratio.num, ratio.den) for term in poly for factor, _ in term)
