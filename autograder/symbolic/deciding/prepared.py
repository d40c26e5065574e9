"""Prepare a question once for many answers: points, and the truth's values and normal forms at them."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from autograder.symbolic.deciding.arithmetic import FLOATS, Numbers, reals
from autograder.symbolic.deciding.evaluate import Work, evaluate
from autograder.symbolic.deciding.points import (
    Point,
    draw_field_point,
    draw_point,
    draw_sizes,
    fraction,
    generator,
    outcomes,
)
from autograder.symbolic.deciding.tidy import tidy
from autograder.symbolic.language.expr import Expr, sub, walk
from autograder.symbolic.language.question import Question
from autograder.symbolic.language.reading import expression

FLOAT_POINTS = 8
REAL_POINTS = 24
SOME_PLACES = 5
SIZE_VECTORS = 3
_SWITCHES = {"Abs", "sign", "Min", "Max", "Heaviside"}
_CLOSE = 1e-9
_REAL_BITS = 280
_TYPICAL_BITS = 40
_MOST_MOVED = 2000
_SHRUNK = (16, 256, 4096)

Values = list[Any] | None


class Prepared:
    """A question with its points; values are worked out on first use."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.truth = expression(question, question.truth)
        self.tidied = tidy(question, self.truth)
        rng = generator(question, "points")
        self.points = [draw_point(question, rng, k) for k in range(FLOAT_POINTS)]
        self.places = [self._some_places(point, rng) for point in self.points]
        self.special = [
            self.points[k % 4].moved({n: fraction(v) for n, v in p}) for k, p in enumerate(question.special)
        ]
        self._kept: WeakKeyDictionary[Point, dict[Any, Values]] = WeakKeyDictionary()
        self._moved: dict[tuple[Point, str, Fraction], Point] = {}
        self._sized: dict[tuple[tuple[str, int], ...], Point] = {}

    def values(
        self,
        numbers: Numbers,
        e: Expr,
        point: Point,
        places: Sequence[int] | None = None,
        work: Work | None = None,
    ) -> Values:
        """Return the entries of an expression at a point; None where one is undefined."""
        return evaluate(numbers, e, point, self.question.index, self.question.shape, places, work)

    def _some_places(self, point: Point, rng: random.Random) -> tuple[int, ...]:
        """Entries that are compared in double precision: the first, the last and some between."""
        count = math.prod(point.sizes[size] for size in self.question.shape)
        middle = rng.sample(range(1, count - 1), min(SOME_PLACES - 2, count - 2)) if count > 2 else []
        return tuple(sorted({0, count - 1, *middle}))

    def signature(self, e: Expr, at: Sequence[tuple[Point, tuple[int, ...]]] | None = None) -> list[Values]:
        """Values of an expression at some entries of some points, in double precision; at the first points' if none."""
        chosen = zip(self.points, self.places, strict=True) if at is None else at
        return [self.values(FLOATS, e, point, places) for point, places in chosen]

    @cached_property
    def float_values(self) -> list[Values]:
        """The values of the truth at the points, in double precision."""
        return self.signature(self.truth)

    @cached_property
    def typical(self) -> float:
        """Size of the largest value of the truth."""
        return max((abs(v) for values in self.float_values for v in values or ()), default=0.0) or 1.0

    @cached_property
    def floor(self) -> float:
        """Below which differences from the truth count as none."""
        return math.ldexp(self.typical, -_TYPICAL_BITS)

    def moved(self, base: Point, name: str, value: Fraction) -> Point:
        """Return a point with another value of one scalar; the same one for the same value, so its truth is known."""
        if len(self._moved) > _MOST_MOVED:
            self._moved.clear()
        if (base, name, value) not in self._moved:
            self._moved[base, name, value] = base.moved({name: value})
        return self._moved[base, name, value]

    def truth_at(self, numbers: Numbers, point: Point, places: tuple[int, ...] | None = None) -> Values:
        """Return entries of the truth at a point; worked out once."""
        known = self._kept.setdefault(point, {})
        if (numbers, places) not in known:
            truth = self.tidied if point.modular else self.truth
            known[numbers, places] = self.values(numbers, truth, point, places)
        return known[numbers, places]

    @cached_property
    def real_points(self) -> list[Point]:
        """Points for the numeric test, with the special ones."""
        rng = generator(self.question, "real")
        return [
            *self.points,
            *(draw_point(self.question, rng, k) for k in range(REAL_POINTS - FLOAT_POINTS)),
            *self.special,
        ]

    @cached_property
    def small_points(self) -> list[Point]:
        """Points at which the numbers are close to 0, where what vanishes far from it shows."""
        excluded = {name for name, _ in self.question.excluded}
        moving = [s.name for s in self.question.symbols if not (s.shape or s.integer or s.name in excluded)]
        return [
            point.moved({name: point.values[name, ()] / shrunk for name in moving})
            for point, shrunk in zip(self.points, _SHRUNK, strict=False)
            if moving
        ]

    @cached_property
    def field_points(self) -> list[Point]:
        """Points of the prime field: three vectors of distinct sizes, soft and one-hot labels."""
        rng, question = generator(self.question, "field"), self.question
        labels = any(symbol.kind == "label" for symbol in question.symbols)
        vectors: list[dict[str, int]] = []
        while len(vectors) < max(SIZE_VECTORS, outcomes(question)):
            sizes = draw_sizes(question, rng)
            if sizes not in vectors or not question.sizes or len(vectors) >= SIZE_VECTORS:
                vectors.append(sizes)
        return [
            draw_field_point(question, rng, sizes, hot, k)
            for k, sizes in enumerate(vectors)
            for hot in ((False, True) if labels else (False,))
        ]

    def sized_points(self, sizes: dict[str, range]) -> list[Point]:
        """Return a point of the prime field for every combination of these sizes."""
        found = []
        for k, chosen in enumerate(itertools.product(*sizes.values())):
            key = tuple(zip(sizes, chosen, strict=True))
            if key not in self._sized:
                rng = generator(self.question, f"sizes {chosen}")
                self._sized[key] = draw_field_point(self.question, rng, dict(key), False, k)
            found.append(self._sized[key])
        return found

    def close(self, mine: Values, truth: Values) -> bool:
        """Whether two lists of doubles agree to rounding."""
        if mine is None or truth is None:
            return mine is truth
        floor = 1e-3 * self.typical
        return all(abs(a - t) <= _CLOSE * max(abs(a), abs(t), floor) for a, t in zip(mine, truth, strict=True))

    def real_close(self, mine: list[Any], truth: list[Any]) -> bool:
        """Whether two lists of high-precision numbers agree to 280 bits."""
        numbers = reals()
        return all(numbers.close(a, t, self.floor, _REAL_BITS) for a, t in zip(mine, truth, strict=True))


def has_switches(e: Expr) -> bool:
    """Whether an expression is put together from pieces."""
    return any(node[0] == "pw" or (node[0] == "fn" and node[1] in _SWITCHES) for node in walk(e))


def switch_functions(e: Expr) -> list[Expr]:
    """Expressions whose sign decides which piece holds, or whether there is a value."""
    found: list[Expr] = []
    for node in walk(e):
        if node[0] == "fn" and node[1] in ("Abs", "sign", "Heaviside", "sqrt", "log"):
            found.append(node[2][0])
        elif node[0] == "pow" and (node[2][0] != "num" or node[2][1].denominator != 1):
            found.append(node[1])
        elif node[0] == "fn" and node[1] in ("Min", "Max"):
            args = node[2]
            found.extend(sub(a, b) for k, a in enumerate(args) for b in args[k + 1 :])
        elif node[0] == "cmp":
            found.append(sub(node[2], node[3]))
    return list(dict.fromkeys(found))


@lru_cache(maxsize=256)
def prepare(question: Question) -> Prepared:
    """Return the prepared question; kept, since a class has one question and many answers."""
    return Prepared(question)
