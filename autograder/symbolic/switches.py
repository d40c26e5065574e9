"""Points for expressions of several pieces: every boundary, both of its sides, and the middle of every piece.

Along each scalar of a piecewise expression, from a few base points, the zeros of every expression that decides between
pieces are looked for, in the truth and in the answer.  A zero that is a fraction is hit exactly.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .arithmetic import FLOATS, Undefined, reals
from .evaluate import Evaluator
from .expr import Expr, free_indices, walk
from .points import Point, fraction
from .prepared import Prepared, switch_functions
from .question import Symbol

_BASES = 3
_GRID = 24
_FAR = 1e-6
_NEAR = (Fraction(1, 10**6), Fraction(1, 10**30))


def switch_points(prepared: Prepared, core: Expr) -> Iterator[Point]:
    """Yield the points; none for a question without scalars that could move a boundary."""
    switches = [h for h in switch_functions(prepared.truth) + switch_functions(core) if not free_indices(h)]
    scalars = [s for s in prepared.question.symbols if not s.shape and not s.integer]
    used = {e[1] for h in switches for e in walk(h) if e[0] == "sym"}
    for base in prepared.points[: _BASES if len(prepared.question.symbols) > 1 else 1]:
        for symbol in scalars:
            if symbol.name in used:
                yield from _along(prepared, base, symbol, [h for h in switches if ("sym", symbol.name) in walk(h)])


def _along(prepared: Prepared, base: Point, symbol: Symbol, switches: list[Expr]) -> Iterator[Point]:
    low, high = fraction(symbol.domain[0]), fraction(symbol.domain[1])
    excluded = {fraction(value) for name, value in prepared.question.excluded if name == symbol.name}
    zeros = {zero for h in switches for zero in _zeros(base, symbol.name, h, low, high)}
    ordered = sorted({low, high} | {zero for zero in zeros if low <= zero <= high})
    tried = list(ordered)
    tried += [(a + b) / 2 for a, b in itertools.pairwise(ordered)]
    tried += [zero + side * step * (high - low) for zero in zeros for step in _NEAR for side in (1, -1)]
    for value in tried:
        if low <= value <= high and value not in excluded:
            yield base.moved({symbol.name: value})


def _zeros(base: Point, name: str, h: Expr, low: Fraction, high: Fraction) -> set[Fraction]:
    """Zeros along one scalar: sign changes on a grid, and minima of the absolute value that may touch 0."""
    grid = [low + (high - low) * Fraction(k, _GRID) for k in range(_GRID + 1)]
    signs = [_value(FLOATS, h, base, name, x) for x in grid]
    found: set[Fraction] = set()
    for k, (x, v) in enumerate(zip(grid, signs, strict=True)):
        if v is None:
            continue
        if v == 0:
            found.add(x)
        after = signs[k + 1] if k < _GRID else None
        if after is not None and v * after < 0:
            found |= _bisect(base, name, h, x, grid[k + 1])
        before = signs[k - 1] if k else None
        if before is not None and after is not None and _dips(before, v, after):
            found |= _touch(base, name, h, grid[k - 1], grid[k + 1])
    return found


def _dips(before: float, here: float, after: float) -> bool:
    """Whether the absolute value may touch 0 between places of one sign."""
    same = here * before > 0 and here * after > 0
    return same and abs(here) <= min(abs(before), abs(after)) and abs(here) < max(abs(before), abs(after))


def _value(numbers: Any, h: Expr, base: Point, name: str, x: Fraction) -> Any:
    try:
        return Evaluator(numbers, base.moved({name: x})).value(h)
    except Undefined:
        return None


def _touch(base: Point, name: str, h: Expr, low: Fraction, high: Fraction) -> set[Fraction]:
    """Zeros near the least absolute value between two places where the sign is the same."""
    least = _least(base, name, h, low, high)
    if least is None or least > _FAR * abs(_value(FLOATS, h, base, name, low) or 0.0):
        return set()
    left, right, start = low, high, _value(reals(), h, base, name, low)
    for _ in range(120):
        step = (high - low) / 8
        a, b = low + 3 * step, low + 5 * step
        va, vb = _value(reals(), h, base, name, a), _value(reals(), h, base, name, b)
        if va is None or vb is None:
            return set()
        low, high = (low, b) if abs(va) < abs(vb) else (a, high)
    middle = _simple((low + high) / 2, lambda x: _crosses(_value(reals(), h, base, name, x), start))
    if not _crosses(_value(reals(), h, base, name, middle), start):
        return {middle}
    return {middle} | _bisect(base, name, h, left, middle) | _bisect(base, name, h, middle, right)


def _least(base: Point, name: str, h: Expr, low: Fraction, high: Fraction) -> float | None:
    """Least absolute value in double precision: far from 0 it cannot touch 0."""
    a, b = float(low), float(high)
    for _ in range(30):
        third = (b - a) / 3
        values = [_value(FLOATS, h, base, name, Fraction(x)) for x in (a + third, b - third)]
        if None in values:
            return None
        a, b = (a, b - third) if abs(values[0]) < abs(values[1]) else (a + third, b)
    value = _value(FLOATS, h, base, name, Fraction(a))
    return None if value is None else abs(value)


def _crosses(v: Any, start: Any) -> bool:
    return v is not None and start is not None and bool(v * start <= 0)


def _bisect(base: Point, name: str, h: Expr, low: Fraction, high: Fraction) -> set[Fraction]:
    """The place of a sign change, to 100 digits by secants and halving; a simple fraction if one is exact."""
    numbers = reals()
    a, b = _value(numbers, h, base, name, low), _value(numbers, h, base, name, high)
    if a is None or b is None or a * b >= 0:
        return set()
    linear = low - _rational(a) * (high - low) / (_rational(b) - _rational(a))
    exact = _simple(linear, lambda x: _is_zero(base, name, h, x))
    if _is_zero(base, name, h, exact):
        return {exact}
    for _ in range(60):
        middle = ((low + high) / 2).limit_denominator(10**30)
        v = _value(numbers, h, base, name, middle)
        if v is None:
            return {low, high}
        if v == 0:
            return {middle}
        low, high = (middle, high) if v * a > 0 else (low, middle)
    close = _simple(low, lambda x: _is_zero(base, name, h, x))
    return {close} if _is_zero(base, name, h, close) else {low, high}


def _is_zero(base: Point, name: str, h: Expr, x: Fraction) -> bool:
    v = _value(reals(), h, base, name, x)
    return v is not None and abs(v) < reals().context.ldexp(1, -300)


def _simple(x: Fraction, accept: Any) -> Fraction:
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
