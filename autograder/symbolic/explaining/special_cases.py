"""The condition under which a wrong answer is right, tried on both of its sides."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

from autograder.symbolic.deciding.arithmetic import FIELD, FLOATS, NotExact
from autograder.symbolic.deciding.decide import compare
from autograder.symbolic.deciding.points import Point, draw_field_point, draw_point, generator
from autograder.symbolic.deciding.switches import switch_points
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.language.expr import Expr, walk
from autograder.symbolic.language.question import Question

_FEW = (0, 1, 2)
_TELLING = 3
_DRAWS = 12
_GREATEST_SIZE = 12


def special_case(trial: Trial) -> str | None:
    """Return the condition under which the answer is right, if it is a simple one.

    The answer is right at every point tried where the condition holds, and wrong at most of those where it does not.
    """
    with_value = _where_it_has_a_value(trial)
    if with_value:
        return with_value
    for text, inside, outside in _cases(trial):
        if any(_differs(trial, point) for point in inside):
            continue
        telling = [point for point in inside if any(trial.prepared.truth_at(FLOATS, point, _FEW) or ())]
        exactly = inside if not trial.prepared.question.sizes else inside[:2]
        if len(telling) < _TELLING or any(_differs_a_little(trial, point) for point in exactly):
            continue
        beyond = list(itertools.islice(outside, _DRAWS))
        if beyond and 2 * sum(_differs(trial, p) or _differs_a_little(trial, p) for p in beyond) >= len(beyond):
            return text
    return None


def _where_it_has_a_value(trial: Trial) -> str | None:
    """Return which size may not be greater than which for the inverses of a right answer to exist."""
    prepared, question = trial.prepared, trial.prepared.question
    if not any(e[0] == "inv" for e in walk(trial.core)):
        return None
    for a, b in itertools.permutations(question.sizes, 2):
        agree = []
        for few, many in ((3, 3), (3, 4), (4, 3)):
            sizes = dict.fromkeys(question.sizes, 4) | {a: few, b: many}
            point = draw_field_point(question, generator(question, "inverse"), sizes, False)
            try:
                mine = trial.values(FIELD, point)
            except NotExact:
                return None
            agree.append(None if mine is None else mine == prepared.truth_at(FIELD, point))
        if agree == [True, True, None]:
            return f"{a} <= {b}"
    return None


def _differs(trial: Trial, point: Point) -> bool:
    """Whether doubles show that an answer differs from the truth at a point."""
    mine = trial.at(point, _FEW)
    truth = None if mine is None else trial.prepared.truth_at(FLOATS, point, _FEW)
    return truth is not None and not trial.prepared.close(mine, truth)


def _differs_a_little(trial: Trial, point: Point) -> bool:
    count = math.prod(point.sizes[size] for size in trial.prepared.question.shape)
    return compare(trial, point, tuple(k for k in _FEW if k < count)) is not None


_Case = tuple[str, list[Point], Iterable[Point]]


def _cases(trial: Trial) -> Iterator[_Case]:
    """Conditions with points where they hold and points where they do not."""
    question, prepared = trial.prepared.question, trial.prepared

    def draw(count: int, sizes: dict[str, int] | None = None, one_hot: bool | None = None) -> list[Point]:
        return _drawn(question, count, tuple((sizes or {}).items()), one_hot)

    for size in question.sizes:
        rest = dict(zip((s for s in question.sizes if s != size), (5, 4, 6), strict=False))
        for value in sorted({1, 2, 3} | {w for w in written_numbers(trial.core) if w <= _GREATEST_SIZE}):
            others = (p for p in prepared.points if p.sizes[size] != value)
            yield f"{size} = {value}", draw(_DRAWS, {**rest, size: value}), others
    if any(symbol.kind == "label" for symbol in question.symbols):
        yield "the label is one-hot", draw(_DRAWS, None, True), draw(_DRAWS, None, False)
    for symbol in question.symbols:
        if symbol.integer and not symbol.shape:
            low_end, high_end = symbol.drawn
            for whole in sorted({w for w in written_numbers(trial.core) | {1, 2, 3} if low_end <= w <= high_end}):
                here = [p.moved({symbol.name: Fraction(whole)}) for p in prepared.points]
                elsewhere = (p for p in prepared.points if p.values[symbol.name, ()] != whole)
                yield f"{symbol.name} = {whole}", here, elsewhere
    yield from _signs(trial, draw(24))


@lru_cache(maxsize=1024)
def _drawn(question: Question, count: int, sizes: tuple[tuple[str, int], ...], one_hot: bool | None) -> list[Point]:
    rng = generator(question, f"cases {sizes}")
    return [draw_point(question, rng, k, dict(sizes) or None, one_hot) for k in range(count)]


def _signs(trial: Trial, drawn: list[Point]) -> Iterator[_Case]:
    """One sign of a symbol that may have both, at every piece and boundary of the truth and of the answer."""
    for symbol in trial.prepared.question.symbols:
        if symbol.shape or symbol.integer or not symbol.region[0] < 0 < symbol.region[1]:
            continue
        pool = [*drawn, *switch_points(trial)]
        for word, sign in (("> 0", 1), ("< 0", -1)):
            held = [p for p in pool if p.values[symbol.name, ()] * sign > 0]
            yield f"{symbol.name} {word}", held, [p for p in pool if p.values[symbol.name, ()] * sign < 0]


def written_numbers(core: Expr) -> set[int]:
    """Return the whole numbers above 1 in an answer, also as denominators."""
    numbers = [e[1] for e in walk(core) if e[0] == "num"]
    return {n for value in numbers for n in (abs(value.numerator), value.denominator) if n > 1}
