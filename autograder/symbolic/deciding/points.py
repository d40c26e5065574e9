"""Points at which expressions are compared: sizes, and a value for every symbol.

Points are drawn from a generator seeded by the question's id, so a verdict is reproducible.  Values are fractions with
small denominators, spread over the range from which a symbol is drawn: both signs, magnitudes from 1/64 to its end.
"""

from __future__ import annotations

import itertools
import math
import random
import zlib
from collections.abc import Iterator
from dataclasses import field
from fractions import Fraction
from typing import Any

from autograder.plain import dataclass
from autograder.symbolic.deciding.arithmetic import FIELD, Numbers, Q, R
from autograder.symbolic.language.expr import Expr, walk
from autograder.symbolic.language.question import Question, Symbol, shift_of


@dataclass(frozen=True, eq=False)
class Point:
    """Sizes by name, and fractions (or field elements) by symbol and entry.

    ``one_hot`` says whether the labels are one-hot; ``modular`` whether values are elements of the prime field.
    """

    sizes: dict[str, int]
    values: dict[tuple[str, Any], Any]
    one_hot: bool = False
    modular: bool = False
    tables: dict[Numbers, dict[tuple[str, Any], Any]] = field(default_factory=dict)

    def table(self, numbers: Numbers) -> dict[tuple[str, Any], Any]:
        """Return the values as numbers of that kind."""
        if self.modular:
            return self.values
        found = self.tables.get(numbers)
        if found is None:
            found = self.tables[numbers] = {key: numbers.const(value) for key, value in self.values.items()}
        return found

    def moved(self, changes: dict[str, Fraction]) -> Point:
        """Return the point with other values of some scalars."""
        moved = {(name, ()): value for name, value in changes.items()}
        tables = {n: t | {key: n.const(v) for key, v in moved.items()} for n, t in self.tables.items()}
        return Point(self.sizes, self.values | moved, self.one_hot, tables=tables)

    def text(self) -> str:
        """Readable form: ``a = 1/2, p = (1/4, 3/4)``."""
        shown = [f"{name} = {size}" for name, size in self.sizes.items()]
        for name in dict.fromkeys(name for name, _ in self.values if " " not in name):  # a shift cannot be written
            entries = {at: v for (n, at), v in self.values.items() if n == name}
            shown.append(f"{name} = {_nested(entries)}")
        return ", ".join(shown)


def _nested(entries: dict[Any, Fraction]) -> str:
    if () in entries:
        return _short(entries[()])
    if len(next(iter(entries))) == 1:
        return f"({', '.join(_short(entries[at]) for at in sorted(entries))})"
    rows = sorted({at[0] for at in entries})
    return f"({', '.join(_nested({at[1:]: v for at, v in entries.items() if at[0] == row}) for row in rows)})"


def _short(value: Fraction) -> str:
    text = str(value)
    return text if len(text) <= 9 else f"{float(value):.8g}"


def generator(question: Question, salt: str) -> random.Random:
    """Return the generator of a question for one purpose."""
    return random.Random(zlib.crc32(f"{question.id}|{salt}".encode()))


def fraction(value: float) -> Fraction:
    """Return the decimal that is written, not the binary double next to it."""
    return Fraction(str(value))


def draw_sizes(question: Question, rng: random.Random, low: int = 3, high: int = 5) -> dict[str, int]:
    """Return distinct sizes between ``low`` and ``high`` (more if there are many names)."""
    names = question.sizes
    high = max(high, low + len(names) - 1)
    return dict(zip(names, rng.sample(range(low, high + 1), len(names)), strict=True))


def _real(symbol: Symbol, rng: random.Random, stratum: int) -> Fraction:
    low, high = fraction(symbol.drawn[0]), fraction(symbol.drawn[1])
    if symbol.integer:
        return Fraction(rng.randint(-(-low.numerator // low.denominator), high.numerator // high.denominator))
    coarse = 8 if stratum % 3 == 0 else 64 if stratum % 3 == 1 else 997
    span = high - low
    if low < 0 < high and stratum % 4 == 1:
        # close to 0, on both sides
        side = high if rng.random() < 0.5 else low
        return side * Fraction(rng.randint(1, 15), 64 * 15)
    return low + span * Fraction(rng.randint(1, coarse - 1), coarse)


def _vector(symbol: Symbol, count: int, rng: random.Random, one_hot: bool) -> list[Fraction]:
    if symbol.kind == "label" and one_hot:
        hot = rng.randrange(count)
        return [Fraction(int(k == hot)) for k in range(count)]
    weights = [rng.randint(1, 9) for _ in range(count)]
    return [Fraction(w, sum(weights)) for w in weights]


def draw_point(
    question: Question,
    rng: random.Random,
    stratum: int,
    sizes: dict[str, int] | None = None,
    one_hot: bool | None = None,
) -> Point:
    """Return a point; ``stratum`` varies how values are spread, and whether labels are one-hot unless given."""
    sizes = draw_sizes(question, rng) if sizes is None else sizes
    hot = stratum % 2 == 1 if one_hot is None else one_hot
    values: dict[tuple[str, Any], Any] = {}
    for symbol in question.symbols:
        shape = [sizes[size] for size in symbol.shape]
        if symbol.sums_to_one:
            entries = _vector(symbol, shape[0], rng, hot)
            values |= {(symbol.name, (k,)): entries[k] for k in range(shape[0])}
            continue
        barred = {fraction(value) for name, value in question.excluded if name == symbol.name}
        for at in itertools.product(*map(range, shape)):
            value = _real(symbol, rng, stratum)
            while value in barred:
                value = _real(symbol, rng, stratum)
            values[symbol.name, at] = value
    return Point(sizes, values | _hidden(question, sizes, stratum), hot)


def _hidden(question: Question, sizes: dict[str, int], stratum: int) -> dict[tuple[str, Any], Any]:
    """Values of what only the lines of a derivation may hold, from a generator of its own: the rest stays as it is."""
    rng = generator(question, f"hidden {stratum} {sizes}")
    logits = {symbol.logits for symbol in question.symbols}
    found: dict[tuple[str, Any], Any] = {
        (shift_of(name), ()): Fraction(rng.randint(-16, 16), 16) for name in sorted(filter(None, logits))
    }
    for symbol in question.hidden:
        if symbol.name not in logits:
            for at in itertools.product(*(range(sizes[size]) for size in symbol.shape)):
                found[symbol.name, at] = _real(symbol, rng, stratum)
    return found


def _outcomes(symbol: Symbol) -> list[Fraction]:
    """Return the values of a whole number that counts nothing, such as an outcome that is 0 or 1."""
    if not symbol.integer or symbol.counts or symbol.shape:
        return []
    low, high = fraction(symbol.drawn[0]), fraction(symbol.drawn[1])
    return [Fraction(k) for k in range(math.ceil(low), math.floor(high) + 1)]


def outcomes(question: Question) -> int:
    """Return how many combinations of such values there are."""
    return math.prod(len(_outcomes(symbol)) or 1 for symbol in question.symbols)


def draw_field_point(
    question: Question, rng: random.Random, sizes: dict[str, int], one_hot: bool, number: int = 0
) -> Point:
    """Return a point of the prime field; ``number`` chooses the values of symbols that have a few only."""

    def element() -> tuple[int, int]:
        return rng.randrange(1, Q), rng.randrange(1, R)

    values: dict[tuple[str, Any], Any] = {}
    for symbol in question.symbols:
        shape = [sizes[size] for size in symbol.shape]
        few = _outcomes(symbol)
        if few:
            number, k = divmod(number, len(few))
            values[symbol.name, ()] = FIELD.const(few[k])
            continue
        if symbol.sums_to_one:
            if symbol.kind == "label" and one_hot:
                entries: list[Any] = [FIELD.const(v) for v in _vector(symbol, shape[0], rng, True)]
            else:
                entries = [element() for _ in range(shape[0] - 1)]
                entries.append(((1 - sum(a for a, _ in entries)) % Q, (1 - sum(b for _, b in entries)) % R))
            values |= {(symbol.name, (k,)): entries[k] for k in range(shape[0])}
            continue
        for at in itertools.product(*map(range, shape)):
            values[symbol.name, at] = element()
    values |= {key: element() for key in _hidden(question, sizes, 0)}
    return Point(sizes, values, one_hot, modular=True)


# --- sizes and whole numbers that other points lack ------------------------------------------------------------

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
