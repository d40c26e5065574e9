"""Where the lines of a derivation are compared: on the whole question in `grade`, on published points in `check`."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any

from autograder.symbolic.deciding.arithmetic import FLOATS, NotExact, Numbers
from autograder.symbolic.deciding.bounded import Unsure, certain_gap, doubles_differ
from autograder.symbolic.deciding.decide import Decision, decide
from autograder.symbolic.deciding.evaluate import OverBudget, Work, evaluate
from autograder.symbolic.deciding.points import Point, size_points
from autograder.symbolic.deciding.prepared import Prepared
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.explaining.feedback import Diagnosis, diagnose
from autograder.symbolic.language.expr import Expr, add, walk
from autograder.symbolic.language.names import Quantity
from autograder.symbolic.language.question import Question

_CLOSE = 1e-9
_APART = 1e-6
_FLOOR = 2.0**-50
"""Values below this may be what rounding leaves of a difference that is zero."""

_ENTRIES = 9
_ENOUGH = 3


class Grounds(ABC):
    """Points at which two quantities are compared, and whether one of them is the quantity asked."""

    question: Question
    points: Sequence[Point]

    def __init__(self, work: int) -> None:
        self.work = Work(work)

    @abstractmethod
    def asked(self, core: Expr) -> Decision:
        """Whether an expression is the quantity asked."""

    @abstractmethod
    def diagnose(self, core: Expr) -> Diagnosis:
        """What is known of an expression that is not the quantity asked."""

    @abstractmethod
    def differ(self, a: Quantity, b: Quantity, point: Point, place: int) -> bool | None:
        """Whether a difference in double precision is a difference; None if rounding hides it."""

    def more(self, a: Quantity, b: Quantity) -> Iterator[Point]:
        """Yield points of other sizes, for what vanishes at the usual ones."""
        return iter(())

    def same(self, a: Quantity, b: Quantity) -> bool | None:
        """Whether two quantities agree where both have values; None if that cannot be shown either way."""
        if a.shape != b.shape:
            return None
        agreed = 0
        try:
            for point in chain(self.points, self.more(a, b)):
                places = _places(a, point)
                mine, other = (self.values(FLOATS, q, point, places) for q in (a, b))
                if mine is None or other is None:
                    continue
                scale = max(map(abs, (*mine, *other)), default=0.0)
                gaps = [
                    abs(x - y) / (max(abs(x), abs(y), 1e-3 * scale) or 1.0) for x, y in zip(mine, other, strict=True)
                ]
                worst = max(range(len(gaps)), key=gaps.__getitem__)
                differ = gaps[worst] > _CLOSE and self.differ(a, b, point, places[worst])
                if differ:
                    return False
                agreed += differ is False
        except OverBudget:
            return None
        return True if agreed >= min(_ENOUGH, len(self.points)) else None

    def _one(self, q: Quantity, point: Point, place: int) -> Callable[[Numbers], list[Any] | None]:
        return lambda numbers: self.values(numbers, q, point, (place,))

    def values(self, numbers: Numbers, q: Quantity, point: Point, places: Sequence[int]) -> list[Any] | None:
        """Return entries of a quantity at a point; None where it has none."""
        try:
            return evaluate(numbers, q.core, point, q.index, q.shape, places, self.work)
        except (KeyError, NotExact):  # a symbol without a value: an older release, or the quantity asked itself
            return None


def _places(q: Quantity, point: Point) -> list[int]:
    count = math.prod(point.sizes[size] for size in q.shape)
    return (
        list(range(count))
        if count <= _ENTRIES
        else sorted({round(k * (count - 1) / (_ENTRIES - 1)) for k in range(_ENTRIES)})
    )


class WholeQuestion(Grounds):
    """The whole question: every line is decided as an answer would be."""

    def __init__(self, prepared: Prepared, work: int) -> None:
        super().__init__(work)
        self.prepared, self.question, self.points = prepared, prepared.question, prepared.points
        self._decided: dict[Expr, Decision] = {}

    def asked(self, core: Expr) -> Decision:  # noqa: D102 - described by the base class
        found = self._decided.get(core)
        if found is None:
            if self.work.left <= 0:
                return Decision("undecided", reason="too much work")
            trial = Trial(self.prepared, core)
            found = self._decided[core] = decide(trial)
            self.work.left -= trial.spent
        return found

    def more(self, a: Quantity, b: Quantity) -> Iterator[Point]:  # noqa: D102 - described by the base class
        both = add(a.core, b.core)
        if any(e[0] == "sym" and e[1] in self.question.sizes for e in walk(both)):
            yield from size_points(self.question, both)

    def diagnose(self, core: Expr) -> Diagnosis:  # noqa: D102 - described by the base class
        trial = Trial(self.prepared, core)
        found = diagnose(trial)
        self.work.left -= trial.spent
        return found

    def differ(self, a: Quantity, b: Quantity, point: Point, place: int) -> bool | None:  # noqa: D102 - described by the base class
        def near(x: Any, y: Any) -> bool:
            return bool(abs(x - y) <= max(abs(x), abs(y), _FLOOR) / 2**200)

        try:
            gap = certain_gap(self._one(a, point, place), self._one(b, point, place), near, patient=False)
        except Unsure:
            return None
        return gap is not None and gap.mine is not None


class ReleasedPoints(Grounds):
    """The points of a release: a line that agrees at all of them counts as right until it is graded."""

    def __init__(self, question: Question, points: Sequence[tuple[Point, Sequence[float]]], work: int) -> None:
        super().__init__(work)
        self.question, self.points = question, [point for point, _ in points]
        self._truth = [list(truth) for _, truth in points]

    def asked(self, core: Expr) -> Decision:  # noqa: D102 - described by the base class
        agreed = 0
        try:
            for point, truth in zip(self.points, self._truth, strict=True):
                mine = self.values(
                    FLOATS, Quantity(core, self.question.index, self.question.shape, core), point, range(len(truth))
                )
                if mine is None:
                    continue
                scale = max(map(abs, truth), default=0.0)
                gaps = [abs(x - t) / (max(abs(t), 1e-3 * scale) or 1.0) for x, t in zip(mine, truth, strict=True)]
                value_in = partial(evaluate, e=core, point=point, index=self.question.index, shape=self.question.shape)
                if max(gaps) > _CLOSE and not doubles_differ(value_in, truth):
                    continue  # rounding hides it
                if max(gaps) > _CLOSE:
                    return Decision("wrong" if max(gaps) > _APART else "undecided")
                agreed += 1
        except OverBudget:
            return Decision("undecided")
        return Decision("correct" if agreed == len(self.points) else "undecided")

    def diagnose(self, core: Expr) -> Diagnosis:  # noqa: D102 - described by the base class
        return Diagnosis()

    def differ(self, a: Quantity, b: Quantity, point: Point, place: int) -> bool | None:  # noqa: D102 - described by the base class
        x, y = (self.values(FLOATS, q, point, (place,)) for q in (a, b))
        if x is None or y is None or abs(x[0] - y[0]) <= _APART * max(abs(x[0]), abs(y[0]), _APART):
            return False
        pairs = ((self._one(a, point, place), y), (self._one(b, point, place), x))
        return all(doubles_differ(one, other) for one, other in pairs) or None


def point_of(entry: dict[str, Any]) -> Point:
    """Return a published point."""
    values = {(name, tuple(at)): Fraction(value) for name, at, value in entry["values"]}
    return Point(dict(entry["sizes"]), values)
