"""Polynomials over the rationals in indexed atoms and contracted sums: the terms of the normal form.

A polynomial is a dict from monomials to nonzero coefficients; a monomial is a sorted tuple of (factor, exponent).
Exponents may be negative or fractional.  Factors::

    ("d", i, j)          1 if i = j, else 0                  ("s", name)            a scalar or a size
    ("x", name, indices) an entry of an array               ("e", monomial)        exp of that monomial
    ("c", monomial, sizes)  the sum of the monomial over its dummies "%0", "%1", ... of these sizes
    ("f", name, terms)   a function of a polynomial given by its sorted terms; "inv" is the reciprocal

Dummies of a component are named by the smallest relabelling, so equal sums have equal names.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

Number = int | Fraction
"""Whole values are kept as ``int`` throughout: they are added, multiplied and hashed many times as fast."""

Factor = tuple[Any, ...]
Monomial = tuple[tuple[Factor, Number], ...]
Poly = dict[Monomial, Number]

MAX_DUMMIES = 6
MAX_LABELLINGS = 5040
WORK = 12_000
_MOST_TERMS = 3_000


class NotNormal(Exception):
    """The normal form is silent: outside its language, or too much work."""


def lean(value: Number) -> Number:
    """Return a whole value as ``int``."""
    return value.numerator if value.denominator == 1 else value


def factor_indices(factor: Factor) -> frozenset[str]:
    """Free indices of a factor."""
    kind = factor[0]
    if kind == "d":
        return frozenset(factor[1:])
    if kind == "x":
        return frozenset(factor[2])
    if kind == "e":
        return monomial_indices(factor[1])
    if kind == "c":
        return frozenset(i for i in monomial_indices(factor[1]) if i[0] != "%")
    if kind == "f":
        found: frozenset[str] = frozenset()
        for monomial, _ in factor[2]:
            found |= monomial_indices(monomial)
        return found
    return frozenset()


def monomial_indices(monomial: Monomial) -> frozenset[str]:
    """Free indices of a monomial."""
    found: frozenset[str] = frozenset()
    for factor, _ in monomial:
        found |= factor_indices(factor)
    return found


def terms_of(poly: Poly) -> tuple[tuple[Monomial, Number], ...]:
    """Sorted terms: a hashable name of the polynomial."""
    return tuple(sorted(poly.items()))


class Algebra:
    """Operations on polynomials, counting their work.

    ``unit`` names the arrays whose entries sum to 1.
    """

    def __init__(self, unit: frozenset[str]) -> None:
        self.unit = unit
        self.work = 0

    def _spend(self, amount: int) -> None:
        self.work += amount
        if self.work > WORK:
            raise NotNormal

    def add(self, polys: Iterable[Poly]) -> Poly:
        """Return the sum."""
        total: Poly = {}
        for poly in polys:
            self._spend(len(poly))
            for monomial, coefficient in poly.items():
                value = total.get(monomial, 0) + coefficient
                if value:
                    total[monomial] = lean(value)
                else:
                    total.pop(monomial, None)
        return total

    def mul(self, a: Poly, b: Poly) -> Poly:
        """Return the product."""
        total: Poly = {}
        for ma, ca in a.items():
            for mb, cb in b.items():
                self._spend(1 + len(ma) + len(mb))
                monomial = self.product((*ma, *mb))
                value = total.get(monomial, 0) + ca * cb
                if value:
                    total[monomial] = lean(value)
                else:
                    total.pop(monomial, None)
        return total

    def power(self, a: Poly, exponent: int) -> Poly:
        """Return a whole power; a negative one of a single term only."""
        if exponent < 0:
            if len(a) != 1:
                raise NotNormal
            ((monomial, coefficient),) = a.items()
            if any(factor[0] == "d" for factor, _ in monomial):
                raise NotNormal
            inverse = tuple((factor, -e) for factor, e in monomial)
            return self.power({inverse: lean(Fraction(1) / coefficient)}, -exponent)
        if len(a) == 1 and exponent > 0:
            ((monomial, coefficient),) = a.items()
            return {self.product(tuple((f, e * exponent) for f, e in monomial)): lean(coefficient**exponent)}
        if math.comb(len(a) + exponent - 1, exponent) > _MOST_TERMS:
            raise NotNormal  # nothing is begun that cannot be finished
        result: Poly = {(): 1}
        for _ in range(exponent):
            result = self.mul(result, a)
        return result

    def product(self, factors: Iterable[tuple[Factor, Number]]) -> Monomial:
        """Collect equal factors; deltas identify their indices with the smaller name."""
        factors = list(factors)
        deltas = [factor for factor, _ in factors if factor[0] == "d"]
        if deltas:
            factors = self._identify(factors, deltas)
        exponents: dict[Factor, Number] = {}
        for factor, exponent in factors:
            exponents[factor] = exponents.get(factor, 0) + exponent
        return tuple(sorted((f, 1 if f[0] == "d" else lean(e)) for f, e in exponents.items() if e))

    def _identify(self, factors: list[tuple[Factor, Number]], deltas: list[Factor]) -> list[tuple[Factor, Number]]:
        groups: list[set[str]] = []
        for _, i, j in deltas:
            joined = {i, j}
            for group in [g for g in groups if g & joined]:
                joined |= group
                groups.remove(group)
            groups.append(joined)
        names = {index: min(group) for group in groups for index in group}
        rest = [(self.rename(f, names), e) for f, e in factors if f[0] != "d"]
        made: list[tuple[Factor, Number]] = [(("d", min(g), i), 1) for g in groups for i in g if i != min(g)]
        return made + rest

    def rename(self, factor: Factor, names: dict[str, str]) -> Factor:
        """Rename free indices of a factor."""
        if not any(i in names for i in factor_indices(factor)):
            return factor
        kind = factor[0]
        if kind == "x":
            return ("x", factor[1], tuple(names.get(i, i) for i in factor[2]))
        if kind == "e":
            return ("e", self.rename_monomial(factor[1], names))
        if kind == "c":
            dummies = [f"%{k}" for k in range(len(factor[2]))]
            fresh = {d: f"&{d[1:]}" for d in dummies}
            body = self.rename_monomial(self.rename_monomial(factor[1], fresh), names)
            return self.canonical(body, dict(zip(fresh.values(), factor[2], strict=True)))
        if kind == "f":
            terms = self.add({self.rename_monomial(m, names): c} for m, c in factor[2])
            return ("f", factor[1], terms_of(terms))
        return ("d", names.get(factor[1], factor[1]), names.get(factor[2], factor[2]))

    def rename_monomial(self, monomial: Monomial, names: dict[str, str]) -> Monomial:
        """Rename free indices of a monomial."""
        return self.product((self.rename(f, names), e) for f, e in monomial)

    # --- sums ----------------------------------------------------------------------------------------------

    def sum_over(self, poly: Poly, index: str, size: str) -> Poly:
        """Sum over an index: it becomes a dummy of contraction components, or a factor ``size``."""
        return self.add(self._sum_term(m, c, index, size) for m, c in poly.items())

    def _sum_term(self, monomial: Monomial, coefficient: Number, index: str, size: str) -> Poly:
        self._spend(5 + len(monomial))
        touched = [(f, e) for f, e in monomial if index in factor_indices(f)]
        rest = [(f, e) for f, e in monomial if index not in factor_indices(f)]
        if not touched:
            return {self.product([*rest, (("s", size), 1)]): coefficient}
        for factor, _ in touched:
            if factor[0] == "d":
                other = factor[2] if factor[1] == index else factor[1]
                left = [(self.rename(f, {index: other}), e) for f, e in touched if f != factor]
                left = [(f, e) for f, e in left if f[0] != "d" or f[1] != f[2]]
                return {self.product([*rest, *left]): coefficient}
        dummies = {"&s": size}
        body = [(self.rename(f, {index: "&s"}), e) for f, e in touched if f[0] != "c"]
        for count, (factor, exponent) in enumerate((f, e) for f, e in touched if f[0] == "c"):
            if exponent.denominator != 1 or exponent < 0:
                raise NotNormal
            for copy in range(int(exponent)):
                names = {f"%{k}": f"&{count}.{copy}.{k}" for k in range(len(factor[2]))}
                dummies |= dict(zip(names.values(), factor[2], strict=True))
                opened = self.rename_monomial(factor[1], names | {index: "&s"})
                body.extend(opened)
        component = self.canonical(self.product(body), dummies)
        (first, exponent), *others = component[1]
        if not others and exponent == 1 and first[0] == "x" and first[1] in self.unit:
            return {self.product(rest): coefficient}
        return {self.product([*rest, (component, 1)]): coefficient}

    def canonical(self, body: Monomial, dummies: dict[str, str]) -> Factor:
        """Name the dummies of a component by the smallest relabelling."""
        if len(dummies) > MAX_DUMMIES:
            raise NotNormal
        groups = self._alike(body, dummies)
        orders = math.prod(math.factorial(len(group)) for _, group in groups)
        if orders > MAX_LABELLINGS:
            raise NotNormal
        self._spend(orders * len(body))
        sizes = tuple(dummies[group[0]] for _, group in groups for _ in group)
        best: Monomial | None = None
        for choice in itertools.product(*(itertools.permutations(group) for _, group in groups)):
            names = {d: f"%{k}" for k, d in enumerate(itertools.chain.from_iterable(choice))}
            named = self.rename_monomial(body, names)
            if best is None or named < best:
                best = named
        assert best is not None
        return ("c", best, sizes)

    def _alike(self, body: Monomial, dummies: dict[str, str]) -> list[tuple[Any, list[str]]]:
        """Group the dummies that look alike: same size, same places in the same factors."""
        signatures: dict[Any, list[str]] = {}
        for dummy, size in dummies.items():
            mask = {d: "~" for d in dummies if d != dummy} | {dummy: "!"}
            places = sorted((self._masked(f, mask), e) for f, e in body if dummy in factor_indices(f))
            signatures.setdefault((size, tuple(places)), []).append(dummy)
        return sorted(signatures.items())

    def _masked(self, factor: Factor, mask: dict[str, str]) -> str:
        return repr(factor if factor[0] == "c" else self.rename(factor, mask))
