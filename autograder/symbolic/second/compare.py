"""Whether two SymPy expressions are equal: a witness where they are not, a proof where they are."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import sympy as sp

from autograder.plain import dataclass

_DIGITS = 40
_TINY = sp.Float("1e-25")
_HYPERBOLIC = (sp.tanh, sp.sinh, sp.cosh, sp.sech)


EqualityStatus = Literal["proved", "differs", "undecided", "error"]


@dataclass(frozen=True)
class Equality:
    """One comparison: ``where`` names sizes or case, ``note`` is the witness or the fault."""

    where: str
    status: EqualityStatus
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the two sides are proved equal."""
        return self.status == "proved"


def equal(left: Any, right: Any, where: str) -> Equality:
    """Compare two values (expressions or arrays of one shape), entry by entry.

    A difference is shown by a rational point at which both sides are evaluated; equality is proved by reducing the
    difference to zero.  What neither shows is ``undecided``.
    """
    if np.shape(left) != np.shape(right):
        return Equality(where, "differs", f"shape {np.shape(left)} is not {np.shape(right)}")
    flat = (np.ravel(np.asarray(side, dtype=object)) for side in (left, right))
    for a, b in zip(*flat, strict=True):
        verdict = _decide(sp.Integer(0) + a, sp.Integer(0) + b, where)  # an entry may be a bare Python number
        if not verdict.ok:
            return verdict
    return Equality(where, "proved")


def _decide(a: sp.Expr, b: sp.Expr, where: str) -> Equality:
    """Cheap proof first, then a witness, then SymPy's general simplifier."""
    if a == b:  # of infinities there is no difference
        return Equality(where, "proved")
    difference = a - b
    if any(reduce(difference) == 0 for reduce in reductions(difference)):
        return Equality(where, "proved")
    witness = _witness(a, b)
    if witness:
        return Equality(where, "differs", witness)
    if sp.simplify(sp.piecewise_fold(difference)) == 0:
        return Equality(where, "proved")
    return Equality(where, "undecided", "SymPy neither proves nor refutes it")


def reductions(difference: sp.Expr) -> Iterator[Callable[[sp.Expr], sp.Expr]]:
    """Yield ways to bring a difference to zero, cheap ones first."""
    yield lambda e: e
    if difference.has(sp.Max, sp.Min, sp.Piecewise):
        yield lambda e: _numerator(_settled(e))
    if not difference.has(sp.Piecewise):
        yield _numerator
        if difference.has(*_HYPERBOLIC):
            yield lambda e: _numerator(e.rewrite(sp.exp))
        if difference.has(sp.log):
            yield lambda e: sp.expand(sp.expand_log(e, force=True))
        if difference.has(sp.gamma):
            yield lambda e: _numerator(sp.expand_func(e))
            yield lambda e: sp.gammasimp(e)


def _settled(e: sp.Expr) -> sp.Expr:
    """Conditions, maxima and minima decided where factoring shows the sign of a difference."""
    relations = {r: r.func(sp.factor(r.lhs - r.rhs), 0) for r in e.atoms(sp.core.relational.Relational)}
    return e.subs(relations).replace(sp.Min, _least).replace(sp.Max, _largest)


def _largest(*values: sp.Expr) -> sp.Expr:
    """Largest of several expressions, where the signs of their differences are known."""
    for value in values:
        if all(sp.factor(value - other).is_nonnegative for other in values):
            return value
    return sp.Max(*values)


def _least(*values: sp.Expr) -> sp.Expr:
    return -_largest(*(-value for value in values)) if len(values) > 1 else values[0]


def _numerator(e: sp.Expr) -> sp.Expr:
    return sp.expand(sp.fraction(sp.together(e))[0])


def _witness(a: sp.Expr, b: sp.Expr) -> str:
    """Return a point at which both sides differ, in words; empty if none was found."""
    symbols = sorted(a.free_symbols | b.free_symbols, key=lambda s: str(s.name))
    rng = random.Random(" ".join(s.name for s in symbols))  # the same points on every run
    for _ in range(3):
        point = {s: _rational(rng, s) for s in symbols}
        left, right = (sp.N(side.subs(point), _DIGITS) for side in (a, b))
        if not (left.is_number and right.is_number) or left.has(sp.nan, sp.zoo) or right.has(sp.nan, sp.zoo):
            continue
        if abs(left - right) > _TINY * (1 + abs(left) + abs(right)):
            there = ", ".join(f"{s.name} = {value}" for s, value in point.items())
            return f"at {there or 'every point'} SymPy has {sp.N(left, 8)}, the formula {sp.N(right, 8)}"
    return ""


def _rational(rng: random.Random, symbol: sp.Symbol) -> sp.Rational:
    if symbol.is_integer:
        return sp.Integer(rng.randint(2, 9))
    value = sp.Rational(rng.randint(1, 29), 10)
    return value if symbol.is_positive or rng.random() < 0.5 else -value
