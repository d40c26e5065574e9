"""Sizes and whole numbers that points lack: the first ones, larger ones, and those next to the numbers of an answer."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from autograder.symbolic.deciding.points import Point, draw_point, generator
from autograder.symbolic.language.expr import Expr, walk
from autograder.symbolic.language.question import Question

_GREATEST = 12
_LARGER = (7, 10)
_COUNTS = 12
_GREATEST_COUNT = 10**6


def count_points(question: Question, core: Expr, base: Point) -> Iterator[Point]:
    """Yield points with other whole numbers: the first ones, and those next to the numbers of an answer."""
    near = _near_numbers(core, _GREATEST_COUNT)
    for symbol in question.symbols:
        if symbol.counts and not symbol.shape:
            low = int(symbol.drawn[0])
            for value in sorted({*range(low, low + _COUNTS), *(n for n in near if n >= low)}):
                yield base.moved({symbol.name: Fraction(value)})


def size_points(question: Question, core: Expr) -> Iterator[Point]:
    """Yield points with sizes that others lack: larger ones, and those next to the whole numbers of an answer."""
    rng = generator(question, "sizes")
    near = {n for n in _near_numbers(core, _GREATEST) if n > 0}
    for size in question.sizes:
        for count in sorted({*near, *_LARGER}):
            sizes = dict(zip((s for s in question.sizes if s != size), (5, 4, 6), strict=False))
            yield draw_point(question, rng, 0, {**sizes, size: count})


def _near_numbers(core: Expr, greatest: int) -> set[int]:
    """Whole numbers of an answer, and those next to them."""
    found = [e[1] for e in walk(core) if e[0] == "num" and e[1].denominator == 1 and abs(e[1]) <= greatest]
    return {int(n) + k for n in found for k in (-1, 0, 1)}
