"""SymPy's judgement of one statement: the loss differentiated at concrete sizes and compared with the formula.

Smooth formulas are compared as expressions; formulas with pieces piece by piece, each piece found at rational points.
The budget counts terms and operations, so it runs out at the same place on every machine.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from autograder.errors import CourseError
from autograder.symbolic.language.question import Question
from autograder.symbolic.second.compare import reductions
from autograder.symbolic.second.scene import TooCostly
from autograder.symbolic.second.statement import Opinion, Statement
from autograder.symbolic.second.world import pairs, sizes_of, world

TERMS = 40_000
"""Terms that a difference may have when it is expanded."""
OPERATIONS = 6_000
_DIGITS = 40
_INNER = 90
_APART = sp.Float("1e-25")
_POINTS = 4
_LARGEST = 6
_SAMPLES = 60
_PIECES = 24
_SWITCHES = (sp.Abs, sp.sign, sp.Max, sp.Min, sp.Heaviside, sp.Piecewise)


def judge(question: Question, statement: Statement) -> Opinion:
    """Return SymPy's opinion of what the engine says of a formula."""
    try:
        if statement.equal:
            return _of_equal(question, statement)
        return _of_different(question, statement)
    except TooCostly as error:
        return Opinion("undecided", f"too much work: {error}")
    except CourseError as error:
        said = str(error)
        misfit = not statement.equal and ("shape" in said or "broadcast" in said or "aligned" in said)
        return Opinion("confirmed") if misfit else Opinion("undecided", said)
    except (ValueError, TypeError, NotImplementedError, RecursionError, ZeroDivisionError, AttributeError) as error:
        # SymPy raises many exceptions on odd expressions; none of them is a verdict
        return Opinion("undecided", f"SymPy: {type(error).__name__}: {error}"[:200])


def _of_equal(question: Question, statement: Statement) -> Opinion:
    undecided = ""
    for sizes in sizes_of(question):
        for a, b in pairs(question, statement, sizes):
            try:
                said = "" if _proved(a, b) else "SymPy does not reduce the difference to 0"
            except TooCostly as error:
                said = f"too much work: {error}"
            if said and (witness := _witness(a, b)):
                return Opinion("contradicted", f"at {_words({**sizes, **witness})} the two sides differ")
            undecided = undecided or said
    return Opinion("undecided", undecided) if undecided else Opinion("confirmed")


def _of_different(question: Question, statement: Statement) -> Opinion:
    at = _point(statement.at)
    sized = {size: int(at[size][()]) for size in question.sizes if size in at}
    there = [sized] if len(sized) == len(question.sizes) and max(sized.values(), default=0) <= 2 * _LARGEST else []
    proved = True
    for sizes in [*there, *(sizes for sizes in sizes_of(question) if sizes not in there)]:
        near = _values_at(question, sizes, at) if sizes == sized else {}
        try:
            entries = list(pairs(question, statement, sizes))
        except TooCostly:  # other sizes may tell as much
            proved = False
            continue
        if any(_differ(a, b, near) or _lacks(a, b, near) or _witness(a, b) for a, b in entries):
            return Opinion("confirmed")
        if max(sizes.values(), default=0) > _LARGEST:
            continue
        proved = proved and all(_proved(a, b) for a, b in entries)
    if proved and (there or not statement.at):
        where = f" at {_words(sized)}" if sized else ""
        return Opinion("contradicted", f"SymPy proves them equal{where}, and they agree in 40 digits at every point")
    return Opinion("undecided", "no point was found at which they differ")


def _words(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name} = {size}" for name, size in sizes.items()) or "all sizes"


# --- comparing -------------------------------------------------------------------------------------------------


def _proved(a: Any, b: Any) -> bool:
    """Whether two expressions are proved equal, piece by piece where they have pieces."""
    return _by_pieces(a, b) if a.has(*_SWITCHES) or b.has(*_SWITCHES) else _is_zero(a, b)


def _symbols(a: Any, b: Any) -> list[Any]:
    return sorted(a.free_symbols | b.free_symbols, key=lambda s: str(s.name))


def _is_zero(a: Any, b: Any) -> bool:
    difference = a - b
    _afford(difference)
    for reduce in reductions(difference):
        if reduce(difference) == 0:
            return True
    if difference.has(sp.exp):
        powers = sp.expand(difference, power_exp=True)
        _afford(powers)
        if sp.expand(sp.fraction(sp.together(powers))[0]) == 0:
            return True
    roots = [e for e in difference.atoms(sp.Pow) if e.exp.is_Rational and not e.exp.is_integer]
    if roots:  # two values of one sign with equal squares; the sign was seen at the points
        squares = sp.expand(sp.fraction(sp.together(sp.expand(a**2) - sp.expand(b**2)))[0])
        if sp.simplify(squares) == 0:
            return True
    small = sp.count_ops(difference) <= OPERATIONS // 20
    return bool(small and sp.simplify(difference) == 0)


def _by_pieces(a: Any, b: Any) -> bool:
    """Compare on every piece that rational points reach; on a piece all switches have one value."""
    switches = sorted({*_switches(a), *_switches(b)}, key=str)
    symbols = _symbols(a, b)
    rng = random.Random(str(len(symbols)))
    seen: set[tuple[int, ...]] = set()
    for _ in range(_SAMPLES):
        point = _draw(rng, symbols)
        signs = tuple(_sign(s, point) for s in switches)
        if signs in seen or 0 in signs:
            continue
        seen.add(signs)
        if len(seen) > _PIECES:
            raise TooCostly(f"more than {_PIECES} pieces")
        table = dict(zip(switches, signs, strict=True))
        if not _is_zero(_piece(a, table), _piece(b, table)):
            return False
    return bool(seen)


def _switches(e: Any) -> Iterator[Any]:
    for node in sp.preorder_traversal(e):
        if isinstance(node, (sp.Abs, sp.sign, sp.Heaviside)):
            yield node.args[0]
        elif isinstance(node, (sp.Max, sp.Min)):
            yield from (x - y for x, y in product(node.args, node.args) if str(x) < str(y))
        elif isinstance(node, sp.core.relational.Relational):
            yield node.lhs - node.rhs


def _piece(e: Any, signs: Mapping[Any, int]) -> Any:
    """The expression on one piece: every switch replaced by what it is there."""

    def greatest(*values: Any) -> Any:
        best = values[0]
        for value in values[1:]:
            order = (value, best) if str(value) < str(best) else (best, value)
            higher = order[0] if signs.get(order[0] - order[1], 1) > 0 else order[1]
            best = higher
        return best

    def holds(condition: Any) -> bool:
        if condition in (sp.true, sp.false):
            return bool(condition)
        if isinstance(condition, (sp.And, sp.Or)):
            return (all if isinstance(condition, sp.And) else any)(holds(part) for part in condition.args)
        if isinstance(condition, sp.Not):
            return not holds(condition.args[0])
        sign = signs[condition.lhs - condition.rhs]
        return {"Gt": sign > 0, "Ge": sign >= 0, "Lt": sign < 0, "Le": sign <= 0, "Eq": False, "Ne": True}[
            {"StrictGreaterThan": "Gt", "GreaterThan": "Ge", "StrictLessThan": "Lt", "LessThan": "Le",
             "Equality": "Eq", "Unequality": "Ne"}[type(condition).__name__]
        ]  # fmt: skip

    if isinstance(e, sp.Piecewise):
        return _piece(next((v for v, c in e.args if holds(c)), sp.nan), signs)
    if not e.args:
        return e
    if isinstance(e, sp.Abs):
        return signs[e.args[0]] * _piece(e.args[0], signs)
    if isinstance(e, (sp.sign, sp.Heaviside)):
        sign = signs[e.args[0]]
        return sp.Integer(sign if isinstance(e, sp.sign) else int(sign > 0))
    if isinstance(e, sp.Max):
        return _piece(greatest(*e.args), signs)
    if isinstance(e, sp.Min):
        return _piece(_least(e.args, signs), signs)
    return e.func(*(_piece(arg, signs) for arg in e.args))


def _least(values: tuple[Any, ...], signs: Mapping[Any, int]) -> Any:
    best = values[0]
    for value in values[1:]:
        first, second = (value, best) if str(value) < str(best) else (best, value)
        best = second if signs.get(first - second, 1) > 0 else first
    return best


def _sign(e: Any, point: Mapping[Any, Any]) -> int:
    value = sp.N(e.xreplace(dict(point)), _DIGITS)
    return 0 if not value.is_real or value == 0 else 1 if value > 0 else -1


def _afford(e: Any) -> None:
    """Raise OverBudget if an expression is too long, or would be when it is expanded."""
    count = int(sp.count_ops(e))
    if count > OPERATIONS:
        raise TooCostly(f"{count} operations")
    if (terms := _terms(e)) > TERMS:
        raise TooCostly(f"{terms:.0f} terms")


def _terms(e: Any) -> float:
    if e.is_Add:
        return float(sum(_terms(arg) for arg in e.args))
    if e.is_Mul:
        return math.prod(_terms(arg) for arg in e.args)
    if e.is_Pow and e.exp.is_Integer:
        count, power = _terms(e.base), abs(int(e.exp))
        return float(math.comb(int(min(count, 1e6)) + power - 1, power)) if power < 100 else math.inf
    return 1.0


# --- points ----------------------------------------------------------------------------------------------------


def _draw(rng: random.Random, symbols: list[Any]) -> dict[Any, Any]:
    point = {}
    for s in symbols:
        value = sp.Rational(rng.randint(1, 57), 19)
        if s.is_integer:
            value = sp.Integer(rng.randint(2, 9))
        elif not s.is_positive and rng.random() < 0.5:
            value = -value
        point[s] = value
    return point


def _witness(a: Any, b: Any) -> dict[str, Any]:
    """Return a rational point at which both sides have values that differ in 40 digits; empty if none was found."""
    symbols = _symbols(a, b)
    rng = random.Random(" ".join(str(s.name) for s in symbols))
    for _ in range(_POINTS):
        point = _draw(rng, symbols)
        if _differ(a, b, point):
            return {str(s.name): value for s, value in point.items()} or {"every": "point"}
    return {}


def _differ(a: Any, b: Any, point: Mapping[Any, Any]) -> bool:
    # floats, as a rational power of a large fraction is worked out exactly and slowly
    there = {s: sp.Float(v, _INNER) for s, v in point.items()}
    left, right = (sp.N(side.xreplace(there), _DIGITS) for side in (a, b))
    if not all(x.is_number and x.is_real and x.is_finite for x in (left, right)):
        return False
    return bool(abs(left - right) > _APART * (1 + abs(left) + abs(right)))


def _lacks(a: Any, b: Any, point: Mapping[Any, Any]) -> bool:
    """Whether the formula has no value at the engine's point, where the quantity has one."""
    if not point:
        return False
    try:
        left, right = (sp.N(side.xreplace(dict(point)), _DIGITS) for side in (a, b))
    except ZeroDivisionError:
        return False
    return not (left.is_number and left.is_finite) and bool(right.is_number and right.is_finite)


def _point(text: str) -> dict[str, dict[tuple[int, ...], Fraction]]:
    """Read a point as the engine prints it: ``n = 3, a = 1/2, p = (1/4, 3/4)``."""
    found: dict[str, dict[tuple[int, ...], Fraction]] = {}
    for name, written in re.findall(r"(\w+) = ((?:[^,()]|\([^=]*\))+)", text):
        try:
            found[name] = dict(_nested(written.strip(), ()))
        except ValueError:
            continue
    return found


def _nested(text: str, at: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    if not text.startswith("("):
        yield at, Fraction(text)
        return
    depth, start, parts = 0, 1, []
    for k, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if (char == "," and depth == 1) or (char == ")" and depth == 0):
            parts.append(text[start:k].strip())
            start = k + 1
    for k, part in enumerate(parts):
        yield from _nested(part, (*at, k))


def _values_at(
    question: Question, sizes: Mapping[str, int], at: Mapping[str, Mapping[tuple[int, ...], Fraction]]
) -> dict[Any, Any]:
    """Return the values of the symbols at the engine's point; where some are missing nothing is compared there."""
    scene = world(question, tuple(sizes.items()))
    logits = {s.logits for s in question.symbols}
    values: dict[Any, Any] = dict.fromkeys((total for _, total, _ in scene.weights.values()), sp.Integer(1))
    for symbol in question.symbols:
        if symbol.name in logits:
            continue
        variable = scene.values[symbol.name]
        for place, value in at.get(symbol.name, {}).items():
            one = scene.settled(variable[place] if place else variable)
            if one.is_Symbol:
                values[one] = sp.Rational(value.numerator, value.denominator)
    return values
