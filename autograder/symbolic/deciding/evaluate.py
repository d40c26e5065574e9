"""Evaluation of core expressions at a point, in any kind of numbers, within a work budget."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from autograder.symbolic.deciding.arithmetic import UNKNOWNS, NotExact, Numbers, Undefined
from autograder.symbolic.deciding.points import Point
from autograder.symbolic.language.expr import Expr, free_indices, walk

WORK = 60_000
"""What one evaluation of a truth may cost; an answer has one :class:`Work` for all its points."""

_CONDITIONS = {"cmp", "and", "or", "not", "true"}
SETUP = 10
"""What it costs to begin at a point, in steps."""


class OverBudget(Exception):
    """More work than an answer may cost."""


class Work:
    """Operations that are left, counted in additions of doubles: the same on every machine, unlike seconds."""

    def __init__(self, limit: int = WORK) -> None:
        self.limit = self.left = limit

    @property
    def spent(self) -> int:
        """Operations so far."""
        return self.limit - self.left

    def spend(self, amount: int) -> None:
        """Count operations.

        Raises
        ------
        OverBudget
            If there are not so many left.
        """
        self.left -= amount
        if self.left < 0:
            raise OverBudget


class _Places(dict[str, int]):
    """Current values of the indices; ``"#3"`` is 3."""

    def __missing__(self, index: str) -> int:
        return int(index[1:])


class Evaluator:
    """Evaluates expressions at one point; sums are remembered, so a chain of products stays cheap."""

    def __init__(self, numbers: Numbers, point: Point, work: Work | None = None) -> None:
        self.numbers, self.point = numbers, point
        self.work, self.step = work or Work(), numbers.step
        self.work.spend(SETUP * self.step)
        self.values = point.table(numbers)
        self.env = _Places()
        self.memo: dict[tuple[int, tuple[int, ...]], Any] = {}
        self.free: dict[int, tuple[str, ...]] = {}
        self.consts: dict[int, Any] = {}

    def move(self, name: str, value: Any) -> None:
        """Give one scalar another value."""
        self.work.spend(SETUP * self.step)
        if self.values is self.point.table(self.numbers):
            self.values = dict(self.values)
        self.values[name, ()] = value
        self.memo.clear()

    def array(
        self, e: Expr, index: tuple[str, ...], shape: tuple[str, ...], places: Sequence[int] | None = None
    ) -> list[Any]:
        """Return the entries of an answer, row by row; only those at ``places`` if given.

        Raises
        ------
        Undefined
            If an entry has no finite real value.
        """
        out = []
        for k, at in enumerate(itertools.product(*(range(self.point.sizes[size]) for size in shape))):
            if places is not None and k not in places:
                continue
            self.env.update(zip(index, at, strict=True))
            out.append(self.value(e))
        return out

    def value(self, e: Expr) -> Any:
        """Return the value of an expression under the current indices."""
        work = self.work
        work.left -= self.step
        if work.left < 0:
            raise OverBudget
        kind = e[0]
        if kind == "idx":
            try:
                return self.values[e[1], tuple(map(self.env.__getitem__, e[2]))]
            except KeyError:
                raise Undefined from None
        if kind == "mul":
            return self.numbers.mul(self._each(e[1]))
        if kind == "add":
            return self.numbers.add(self._each(e[1]))
        if kind == "sym":
            found = self.values.get((e[1], ()))
            if found is None and e[1] not in self.point.sizes:
                return self._unknown_of_sizes(e[1])
            return self._constant(e, Fraction(self.point.sizes[e[1]])) if found is None else found
        if kind == "num":
            return self._constant(e, e[1])
        if kind == "pow":
            base, exponent = self.value(e[1]), e[2]
            if exponent[0] == "num":
                work.left -= self.numbers.cost_of_power(exponent[1])
                return self.numbers.power(base, exponent[1])
            work.left -= self.numbers.cost_of_function("pow")
            return self.numbers.power_of(base, self.value(exponent))
        if kind == "delta":
            return self.numbers.const(Fraction(int(self.env[e[1]] == self.env[e[2]])))
        return self._compound(kind, e)

    def _each(self, parts: tuple[Expr, ...]) -> list[Any]:
        """Return the values of terms or factors; entries and numbers are looked up here, without a call for each."""
        out = []
        for e in parts:
            kind = e[0]
            if kind == "idx":
                found = self.values.get((e[1], tuple([self.env[i] for i in e[2]])))
            else:
                found = self.consts.get(id(e)) if kind == "num" else None
            if found is None:
                found = self.value(e)
            else:
                self.work.left -= self.step
            out.append(found)
        if self.work.left < 0:
            raise OverBudget
        return out

    def _constant(self, e: Expr, value: Fraction) -> Any:
        found = self.consts.get(id(e))
        if found is None:
            found = self.consts[id(e)] = self.numbers.const(value)
        return found

    def _compound(self, kind: str, e: Expr) -> Any:
        if kind == "fn":
            args = [self.value(x) for x in e[2]]
            self.work.spend(self.numbers.cost_of_function(e[1]))
            return self.numbers.function(e[1], args)
        if kind == "const":
            return self.numbers.pi()
        if kind == "pw":
            if self.numbers.unknowns:
                return self._unknown_piece(e)
            for value, condition in e[1]:
                if self.holds(condition):
                    return self.value(value)
            raise Undefined
        key = self._key(e)
        if key not in self.memo:
            self.memo[key] = self._total(e) if kind == "sum" else self.inverse(e)
        found = self.memo[key]
        return found[self.env[e[1]]][self.env[e[2]]] if kind == "inv" else found

    def _unknown_of_sizes(self, name: str) -> Any:
        """Return the value of a function of sizes that was given a name."""
        if not self.numbers.unknowns:
            raise NotExact
        return UNKNOWNS.unknown(name, *self.point.sizes.values())

    def _unknown_piece(self, e: Expr) -> Any:
        """Return the value that all pieces share, else an unknown one that depends on pieces and conditions."""
        pieces = [self.value(value) for value, _ in e[1]]
        if e[1][-1][1] != ("true",):
            raise NotExact  # perhaps no piece holds
        if all(piece[0] == pieces[0][0] for piece in pieces):
            return pieces[0]
        nodes = [node for _, condition in e[1] for node in walk(condition) if node[0] in _CONDITIONS]
        shape = [node[1] if node[0] == "cmp" else (node[0], len(node[-1])) for node in nodes]
        signs = [self.value(side)[0] for node in nodes if node[0] == "cmp" for side in node[2:]]
        return UNKNOWNS.unknown(repr(shape), *(piece[0] for piece in pieces), *signs)

    def _key(self, e: Expr) -> tuple[int, tuple[int, ...]]:
        if id(e) not in self.free:
            inner = free_indices(e[3]) - {e[1]} if e[0] == "sum" else free_indices(e[6]) - {e[3], e[4]}
            self.free[id(e)] = tuple(sorted(inner))
        return id(e), tuple(map(self.env.__getitem__, self.free[id(e)]))

    def _total(self, e: Expr) -> Any:
        _, dummy, size, body = e
        outer = self.env.get(dummy)
        parts = []
        for k in range(self.point.sizes[size]):
            self.env[dummy] = k
            parts.append(self.value(body))
        if outer is not None:
            self.env[dummy] = outer
        return self.numbers.add(parts)

    def inverse(self, e: Expr) -> list[list[Any]]:
        """Gauss-Jordan elimination, with the pivot taken where it is not 0."""
        numbers, count = self.numbers, self.point.sizes[e[5]]
        minus, zero, one = (numbers.const(Fraction(k)) for k in (-1, 0, 1))
        self.work.spend(4 * count**3 * self.step)
        rows = [[one if i + count == j else zero for j in range(2 * count)] for i in range(count)]
        for i, j in itertools.product(range(count), repeat=2):
            self.env[e[3]], self.env[e[4]] = i, j
            rows[i][j] = self.value(e[6])
        for k in range(count):
            pivot = max(range(k, count), key=lambda i: numbers.size(rows[i][k]))
            if numbers.size(rows[pivot][k]) == 0:
                raise Undefined
            rows[k], rows[pivot] = rows[pivot], rows[k]
            scale = numbers.power(rows[k][k], Fraction(-1))
            rows[k] = [numbers.mul([scale, v]) for v in rows[k]]
            for i in (*range(k), *range(k + 1, count)):
                factor = numbers.mul([minus, rows[i][k]])
                rows[i] = [numbers.add([a, numbers.mul([factor, b])]) for a, b in zip(rows[i], rows[k], strict=True)]
        return [row[count:] for row in rows]

    def holds(self, condition: Expr) -> bool:
        """Whether a condition holds under the current indices."""
        kind = condition[0]
        if kind == "true":
            return True
        if kind == "not":
            return not self.holds(condition[1])
        if kind == "and":
            return all(self.holds(c) for c in condition[1])
        if kind == "or":
            return any(self.holds(c) for c in condition[1])
        sign = self.numbers.sign(self.value(condition[2]), self.value(condition[3]))
        table = {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0, "==": sign == 0, "!=": sign != 0}
        return table[condition[1]]


def evaluate(
    numbers: Numbers,
    e: Expr,
    point: Point,
    index: tuple[str, ...],
    shape: tuple[str, ...],
    places: Sequence[int] | None = None,
    work: Work | None = None,
) -> list[Any] | None:
    """Return the entries of an answer at a point (those at ``places`` if given), or None where one is undefined.

    Raises
    ------
    OverBudget
        If it costs more than an answer may.
    NotExact
        In the prime field, for functions it cannot decide.
    """
    try:
        return Evaluator(numbers, point, work).array(e, index, shape, places)
    except Undefined:
        return None
