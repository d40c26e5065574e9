"""Sizes: at how many an answer must be right before it is right at every size, and at which others to try it.

An answer in which ``K`` stands as a number is, at fixed symbols, a fraction of polynomials in ``K``.  Two of these that
agree at more sizes than the degree of their difference are equal; a form whose degree is not bounded here, such as
``sqrt((K - 6)**2)`` or a piece that holds from some size on, is not accepted on the strength of points.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

from autograder.symbolic.deciding.points import Point, draw_field_point, draw_point, generator
from autograder.symbolic.language.expr import Expr, children, walk
from autograder.symbolic.language.question import Question

UNBOUNDED = 1000
_GREATEST = 12
_LARGER = (7, 10)
_FIRST = 3
_COUNTS = 12
_GREATEST_COUNT = 10**6
_MOST = 80


def degrees(e: Expr, size: str) -> tuple[int, int]:
    """Return bounds on the degrees in a size of numerator and denominator, at most 1000.

    A sum over an index leaves them as they are: how its range grows with the size is no matter of degree.
    """
    kind = e[0]
    if kind == "sym":
        return int(e[1] == size), 0
    if kind == "add":
        parts = [degrees(x, size) for x in e[1]]
        below = sum(d for _, d in parts)
        return _capped(max(n + below - d for n, d in parts)), _capped(below)
    if kind == "mul":
        parts = [degrees(x, size) for x in e[1]]
        return _capped(sum(n for n, _ in parts)), _capped(sum(d for _, d in parts))
    if kind == "sum":
        return degrees(e[3], size)
    if kind == "pow" and e[2][0] == "num" and e[2][1].denominator == 1:
        count = int(e[2][1])
        top, bottom = degrees(e[1], size)
        return (_capped(top * count), _capped(bottom * count)) if count > 0 else (-count * bottom, -count * top)
    inside = any(degrees(x, size) != (0, 0) for x in children(e))
    return (UNBOUNDED, UNBOUNDED) if inside else (0, 0)


def _capped(degree: int) -> int:
    return min(degree, UNBOUNDED)


def needed(question: Question, a: Expr, b: Expr) -> dict[str, int]:
    """Return for every size at how many values of it two expressions must agree to agree at all."""
    found = {}
    for size in question.sizes:
        (top, bottom), (other_top, other_bottom) = degrees(a, size), degrees(b, size)
        found[size] = max(top + other_bottom, other_top + bottom) + 1
    return found


def enough(question: Question, a: Expr, b: Expr, points: Iterable[Point]) -> bool:
    """Whether agreement at these points is agreement at every size."""
    tried = list(points)
    return all(count <= len({p.sizes[size] for p in tried}) for size, count in needed(question, a, b).items())


def enough_counts(question: Question, a: Expr, b: Expr, points: Iterable[Point]) -> bool:
    """The same of the symbols that count something: their values are whole numbers without end."""
    tried = list(points)
    for name in (s.name for s in question.symbols if s.counts and not s.shape):
        (top, bottom), (other_top, other_bottom) = degrees(a, name), degrees(b, name)
        if max(top + other_bottom, other_top + bottom) >= len({p.values[name, ()] for p in tried}):
            return False
    return True


def count_points(question: Question, core: Expr, base: Point) -> Iterator[Point]:
    """Yield points with other whole numbers: the first ones, and those next to the numbers of an answer."""
    numbers = [e[1] for e in walk(core) if e[0] == "num" and e[1].denominator == 1 and abs(e[1]) <= _GREATEST_COUNT]
    near = {int(n) + k for n in numbers for k in (-1, 0, 1)}
    for symbol in question.symbols:
        if symbol.counts and not symbol.shape:
            low = int(symbol.domain[0])
            for value in sorted({*range(low, low + _COUNTS), *(n for n in near if n >= low)}):
                yield base.moved({symbol.name: Fraction(value)})


def grid(question: Question, a: Expr, b: Expr) -> Iterator[Point] | None:
    """Points of the prime field that are enough, every combination of sizes; None if that would be too many."""
    counts = needed(question, a, b)
    if math.prod(counts.values()) > _MOST:
        return None
    rng = generator(question, "grid")
    choices = itertools.product(*(range(_FIRST, _FIRST + count) for count in counts.values()))
    return (draw_field_point(question, rng, dict(zip(counts, sizes, strict=True)), False) for sizes in choices)


def size_points(question: Question, core: Expr) -> Iterator[Point]:
    """Yield points with sizes that others lack: larger ones, and those next to the whole numbers of an answer."""
    rng = generator(question, "sizes")
    numbers = [e[1] for e in walk(core) if e[0] == "num" and e[1].denominator == 1 and 1 <= e[1] <= _GREATEST]
    near = {int(n) + k for n in numbers for k in (-1, 0, 1)} - {0}
    for size in question.sizes:
        for count in sorted({*near, *_LARGER}):
            sizes = dict(zip((s for s in question.sizes if s != size), (5, 4, 6), strict=False))
            yield draw_point(question, rng, 0, {**sizes, size: count})
