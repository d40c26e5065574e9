"""Points for expressions of several pieces: every boundary, both of its sides, and the middle of every piece.

Along each scalar of a piecewise expression, from a few base points, the zeros of every expression that decides between
pieces are looked for, in the truth and in the answer, also outside of the range from which points are drawn.  A zero
that is a fraction is hit exactly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

from autograder.symbolic.deciding.arithmetic import FLOATS, Numbers, Undefined, reals
from autograder.symbolic.deciding.evaluate import Evaluator, Work
from autograder.symbolic.deciding.points import Point, fraction
from autograder.symbolic.deciding.prepared import switch_functions
from autograder.symbolic.deciding.tidy import is_positive, positive_names
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.language.expr import Expr, free_indices, walk
from autograder.symbolic.language.question import Symbol

_BASES = 3
_GRID = 24
_COARSE = 8
_FARTHEST = Fraction(400)
_FAR = 1e-6
_NEAR = (Fraction(1, 10**6), Fraction(1, 10**30))
_CLOSER = (16, 24, 32, 48, 64, 96)


def switch_points(trial: Trial, *, near: bool = True) -> Iterator[Point]:
    """Yield the points; ``near`` adds those right next to the boundaries.

    None for a question without scalars that could move a boundary.
    """
    prepared, question = trial.prepared, trial.prepared.question
    positive = positive_names(question)
    switches = [
        h
        for h in dict.fromkeys(switch_functions(prepared.truth) + switch_functions(trial.core))
        if not free_indices(h) and not is_positive(h, positive)
    ]
    scalars = [s for s in question.symbols if not s.shape and not s.integer]
    used = {e[1] for h in switches for e in walk(h) if e[0] == "sym"}
    for base in prepared.points[: _BASES if len(question.symbols) > 1 else 1]:
        for symbol in scalars:
            if symbol.name in used:
                along = [h for h in switches if ("sym", symbol.name) in walk(h)]
                yield from _along(trial, base, symbol, along, near)


def _spans(symbol: Symbol, switches: list[Expr]) -> list[tuple[Fraction, Fraction, int]]:
    """Where to look, with the steps of a grid: the range of drawing finely, and coarsely what is outside it."""
    low, high = map(fraction, symbol.drawn)
    least, greatest = symbol.region
    numbers = [abs(e[1]) for h in switches for e in walk(h) if e[0] == "num"]
    reach = min(2 * max(abs(low), abs(high), *numbers), _FARTHEST)
    spans = [(low, high, _GRID)]
    if least == -math.inf:
        spans.append((min(-reach, low - 1), low, _COARSE))
    elif least < low:
        spans.append((fraction(least) + (low - fraction(least)) / 1000, low, _COARSE))
    if greatest > high:
        spans.append((high, max(reach, high + 1) if greatest == math.inf else fraction(greatest), _COARSE))
    return spans


def _along(trial: Trial, base: Point, symbol: Symbol, switches: list[Expr], near: bool) -> Iterator[Point]:
    spans = _spans(symbol, switches)
    excluded = {fraction(value) for name, value in trial.prepared.question.excluded if name == symbol.name}
    lines = [_Line(base, symbol.name, h, trial.work) for h in switches]
    zeros = {zero for line in lines for low, high, steps in spans for zero in line.zeros(low, high, steps)}
    ordered = sorted({end for low, high, _ in spans for end in (low, high)} | zeros)
    tried = [*ordered, *((a + b) / 2 for a, b in itertools.pairwise(ordered))]
    if near:
        width = spans[0][1] - spans[0][0]
        tried += [zero + side * step * width for zero in zeros for step in _NEAR for side in (1, -1)]
    for value in tried:
        if ordered[0] <= value <= ordered[-1] and value not in excluded:
            yield trial.prepared.moved(base, symbol.name, value)


class _Line:
    """One expression along one scalar, the others as at the base point."""

    def __init__(self, base: Point, name: str, h: Expr, work: Work) -> None:
        self.h, self.name = h, name
        self.float = partial(self._value, FLOATS, Evaluator(FLOATS, base, work))
        self.real = partial(self._value, reals(), Evaluator(reals(), base, work))

    def _value(self, numbers: Numbers, evaluator: Evaluator, x: Fraction) -> Any:
        evaluator.move(self.name, numbers.const(x))
        try:
            return evaluator.value(self.h)
        except Undefined:
            return None

    def zeros(self, low: Fraction, high: Fraction, steps: int) -> set[Fraction]:
        """Sign changes on a grid, and minima of the absolute value that may touch 0."""
        grid = _grid(low, high, steps)
        signs = [self.float(x) for x in grid]
        found: set[Fraction] = set()
        for k, (x, v) in enumerate(zip(grid, signs, strict=True)):
            if v is None:
                continue
            after = signs[k + 1] if k < steps else None
            before = signs[k - 1] if k else None
            if v == 0 and not (before == 0 and after == 0):
                found.add(x)  # where it is 0 all along, the places where that begins and ends will do
            if after is not None and v * after < 0:
                found |= self._bisect(x, grid[k + 1])
            if before is not None and after is not None and _dips(before, v, after):
                found |= self._touch(grid[k - 1], grid[k + 1])
        return found

    def _touch(self, low: Fraction, high: Fraction) -> set[Fraction]:
        """Zeros near the least absolute value between two places where the sign is the same."""
        near = self._least(self.float, low, high, 30)
        least = None if near is None else self.float(near)
        if near is None or least is None or abs(least) > _FAR * abs(self.float(low) or 0.0):
            return set()
        start = self.real(low)
        near = _simple(near, self._is_zero)
        if self._is_zero(near) and not any(
            _crosses(self.real(near + side * (high - low) / 2**bits), start) for bits in _CLOSER for side in (1, -1)
        ):
            return {near}
        least_at = self._least(self.real, low, high, 120)
        if least_at is None:
            return set()
        middle = _simple(least_at, lambda x: _crosses(self.real(x), start))
        if not _crosses(self.real(middle), start):
            return {middle}
        return {middle} | self._bisect(low, middle) | self._bisect(middle, high)

    @staticmethod
    def _least(value: Callable[[Fraction], Any], low: Fraction, high: Fraction, steps: int) -> Fraction | None:
        """Place of the least absolute value where the curve has one dip; None where the curve is undefined."""
        for _ in range(steps):
            a, b = low + 3 * (high - low) / 8, low + 5 * (high - low) / 8
            va, vb = value(a), value(b)
            if va is None or vb is None:
                return None
            low, high = (low, b) if abs(va) < abs(vb) else (a, high)
        return (low + high) / 2

    def _bisect(self, low: Fraction, high: Fraction) -> set[Fraction]:
        """The place of a sign change, to 100 digits by secants and halving; a simple fraction if one is exact."""
        a, b = self.real(low), self.real(high)
        if a is None or b is None or a * b >= 0:
            return set()
        linear = low - _rational(a) * (high - low) / (_rational(b) - _rational(a))
        exact = _simple(linear, self._is_zero)
        if self._is_zero(exact):
            return {exact}
        for _ in range(60):
            middle = ((low + high) / 2).limit_denominator(10**30)
            v = self.real(middle)
            if v is None:
                return {low, high}
            if v == 0:
                return {middle}
            low, high = (middle, high) if v * a > 0 else (low, middle)
        close = _simple(low, self._is_zero)
        return {close} if self._is_zero(close) else {low, high}

    def _is_zero(self, x: Fraction) -> bool:
        v = self.real(x)
        return v is not None and abs(v) < reals().context.ldexp(1, -300)


@lru_cache(maxsize=1024)
def _grid(low: Fraction, high: Fraction, steps: int) -> tuple[Fraction, ...]:
    return tuple(low + (high - low) * Fraction(k, steps) for k in range(steps + 1))


def _dips(before: float, here: float, after: float) -> bool:
    """Whether the absolute value may touch 0 between places of one sign."""
    same = here * before > 0 and here * after > 0
    return same and abs(here) <= min(abs(before), abs(after)) and abs(here) < max(abs(before), abs(after))


def _crosses(v: Any, start: Any) -> bool:
    return v is not None and start is not None and bool(v * start <= 0)


def _simple(x: Fraction, accept: Callable[[Fraction], bool]) -> Fraction:
    """Return the simplest near fraction that is accepted, else ``x`` itself, rounded."""
    for bound in (10**3, 10**6, 10**15, 10**40):
        near = x.limit_denominator(bound)
        if accept(near):
            return near
    return x.limit_denominator(10**60)


def _rational(value: Any) -> Fraction:
    sign, mantissa, exponent, _ = value._mpf_
    whole = Fraction(int(mantissa)) * (Fraction(2) ** int(exponent))
    return -whole if sign else whole
