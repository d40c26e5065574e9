"""The size bound: how many sizes an equation must hold at before it holds at every size.

``autograder/symbolic/README.md`` states the lemma and proves it.  This module checks its hypotheses on two expressions,
one size after the other, and returns the sizes at which they must be compared; ``None`` where a hypothesis fails.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from autograder.symbolic.language.expr import Expr, children, free_indices
from autograder.symbolic.language.question import Question

Below = dict[Expr, int]
"""Denominators that are sums over the size, or hold it, with their exponents."""


class NotBounded(Exception):
    """A hypothesis of the lemma fails."""


def sizes_to_try(question: Question, a: Expr, b: Expr) -> dict[str, range] | None:
    """Return for every size the values at which agreement proves agreement at all sizes; None if no bound is known."""
    found = {}
    try:
        for size in question.sizes:
            weight = _Weights(question, size).of_difference(a, b)
            least = max(2, weight + question.shape.count(size))
            found[size] = range(least, least + weight + 1)
    except NotBounded:
        return None
    return found


def counts_to_try(question: Question, names: Iterable[str], a: Expr, b: Expr) -> dict[str, int] | None:
    """Return at how many values of sizes or counting symbols to compare, by their degree as written; None if unbounded.

    How the range of a sum grows with its size does not count here, so agreement is evidence and not a proof.
    """
    try:
        return {name: _Weights(question, name, formal=True).of_difference(a, b) + 1 for name in names}
    except NotBounded:
        return None


def representatives(shape: tuple[str, ...], sizes: dict[str, int]) -> list[int]:
    """Return one entry for each way in which the indices of an answer can coincide: symmetry gives the others."""
    places = []
    for at in itertools.product(*(range(min(len(shape), sizes[size])) for size in shape)):
        first: dict[str, int] = {}
        grows = True
        for size, k in zip(shape, at, strict=True):
            grows = grows and k <= first.get(size, 0)
            first[size] = max(first.get(size, 0), k + 1)
        if grows:
            place = 0
            for size, k in zip(shape, at, strict=True):
                place = place * sizes[size] + k
            places.append(place)
    return places


class _Weights:
    """Weights with respect to one size, the others fixed.

    The weight of a term counts its sums over the size, its factors that are the size itself, and its factors from
    vectors over the size that sum to 1, at indices that are summed over.  ``of`` returns the greatest weight in a
    numerator, and the denominators.  ``formal`` counts the factors that are the size itself and nothing else.
    """

    def __init__(self, question: Question, size: str, *, formal: bool = False) -> None:
        self.size, self.formal = size, formal
        self.free = question.index
        self.units = {s.name for s in question.symbols if s.sums_to_one and s.shape == (size,) and not formal}
        self.weights: dict[Expr, int] = {}

    def of_difference(self, a: Expr, b: Expr) -> int:
        """Return the weight of the numerator of ``a - b``."""
        return self._sum([self.of(a), self.of(b)])[0]

    def of(self, e: Expr) -> tuple[int, Below]:
        kind = e[0]
        if kind in ("num", "const", "true"):
            return 0, {}
        if kind == "sym":
            return int(e[1] == self.size), {}
        if kind in ("idx", "delta"):
            if not self.formal and any(i[0] == "#" for i in (e[2] if kind == "idx" else e[1:])):
                raise NotBounded  # an index that is a number breaks the symmetry
            return int(kind == "idx" and e[1] in self.units and e[2][0] not in self.free), {}
        if kind == "add":
            return self._sum(self.of(x) for x in e[1])
        if kind == "mul":
            return self._product(self.of(x) for x in e[1])
        if kind == "sum":
            top, below = self.of(e[3])
            if any(e[1] in free_indices(d) for d in below):
                raise NotBounded  # the common denominator of such terms grows with the range of the index
            return top + int(e[2] == self.size and not self.formal), below
        if kind == "pow" and e[2][0] == "num" and e[2][1].denominator == 1:
            return self._power(e[1], int(e[2][1]))
        if (kind == "inv" and not self.formal) or any(self.of(x) != (0, {}) for x in children(e)):
            raise NotBounded  # a size, a sum over it or a normalised vector inside a function
        return 0, {}

    def _power(self, base: Expr, exponent: int) -> tuple[int, Below]:
        if base[0] == "idx":
            return abs(exponent) * self.of(base)[0], {}  # 1/p[k] is a sum times something local
        top, below = self.of(base)
        if exponent > 0:
            return self._product([(top, below)] * exponent)
        if (top, below) == (0, {}):
            return 0, {}  # local: it depends on the entries at its own indices only
        self.weights[base] = top
        return -exponent * self._weight(below), {base: -exponent}

    def _weight(self, below: Below) -> int:
        return sum(self.weights[d] * count for d, count in below.items())

    def _sum(self, parts: Iterable[tuple[int, Below]]) -> tuple[int, Below]:
        parts = list(parts)
        common: Below = {}
        for _, below in parts:
            for d, count in below.items():
                common[d] = max(common.get(d, 0), count)
        whole = self._weight(common)
        return max(top + whole - self._weight(below) for top, below in parts), common

    def _product(self, parts: Iterable[tuple[int, Below]]) -> tuple[int, Below]:
        total, common = 0, Below()
        for top, below in parts:
            total += top
            for d, count in below.items():
                common[d] = common.get(d, 0) + count
        return total, common
