"""Core expressions: scalars with indices, as immutable tuples.

An array answer is lowered to the expression of one of its entries, so one language serves arrays, index forms and
scalars.  Nodes::

    ("num", Fraction)  ("const", "pi")  ("sym", name)  ("idx", name, (index, ...))  ("delta", index, index)
    ("add", (e, ...))  ("mul", (e, ...))  ("pow", base, exponent)  ("fn", name, (e, ...))
    ("sum", index, size, e)  ("inv", index, index, row, column, size, e)  ("pw", ((e, condition), ...))

An index is a name, or ``"#3"`` for the entry number 3 (counted from 0).  ``inv`` is entry ``(index, index)`` of the
inverse of the matrix ``e`` over ``row`` and ``column``.  Conditions: ``("cmp", op, e, e)``, ``("and", (c, ...))``,
``("or", (c, ...))``, ``("not", c)``, ``("true",)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

Expr = tuple[Any, ...]

MAX_CONSTANT = 10**60
MAX_EXPONENT = 64
MAX_CORE = 5000

ZERO: Expr = ("num", Fraction(0))
ONE: Expr = ("num", Fraction(1))


class TooLarge(Exception):
    """A constant, an exponent, a degree or a number of terms beyond the caps."""


def num(value: int | Fraction) -> Expr:
    """Return a constant; raise TooLarge if its numerator or denominator exceeds the cap."""
    fraction = value if type(value) is Fraction else Fraction(value)
    if abs(fraction.numerator) > MAX_CONSTANT or fraction.denominator > MAX_CONSTANT:
        raise TooLarge("a constant beyond 1e60")
    return ("num", fraction)


def add(*terms: Expr) -> Expr:
    """Sum with constants collected."""
    constants: list[Fraction] = []
    rest: list[Expr] = []
    for term in terms:
        for part in term[1] if term[0] == "add" else (term,):
            if part[0] == "num":
                constants.append(part[1])
            else:
                rest.append(part)
    constant = sum(constants) if len(constants) != 1 else constants[0]
    if constant or not rest:
        rest.append(num(constant))
    return rest[0] if len(rest) == 1 else ("add", tuple(rest))


def mul(*factors: Expr) -> Expr:
    """Product with constants collected."""
    constants: list[Fraction] = []
    rest: list[Expr] = []
    for factor in factors:
        for part in factor[1] if factor[0] == "mul" else (factor,):
            if part[0] == "num":
                constants.append(part[1])
            else:
                rest.append(part)
    constant = math.prod(constants) if len(constants) != 1 else constants[0]
    if not constant:
        return ZERO
    if constant != 1 or not rest:
        rest.insert(0, num(constant))
    return rest[0] if len(rest) == 1 else ("mul", tuple(rest))


def neg(e: Expr) -> Expr:
    """Return ``-e``."""
    return mul(num(-1), e)


def sub(a: Expr, b: Expr) -> Expr:
    """Return ``a - b``."""
    return add(a, neg(b))


def power(base: Expr, exponent: Expr) -> Expr:
    """Power; a constant exponent is folded first and then held against the cap.

    Raises
    ------
    TooLarge
        If a constant exponent or its value is beyond the caps.
    ZeroDivisionError
        For a negative power of 0.
    """
    if exponent[0] != "num":
        return ("pow", base, exponent)
    value: Fraction = exponent[1]
    if abs(value) > MAX_EXPONENT:
        raise TooLarge(f"an exponent beyond {MAX_EXPONENT}")
    if value == 1:
        return base
    if value == 0:
        return ONE
    if base[0] == "num" and value.denominator == 1:
        if base[1] == 0 and value < 0:
            raise ZeroDivisionError
        return num(base[1] ** value.numerator)
    if base[0] == "pow" and base[2][0] == "num" and value.denominator == 1 and base[2][1].denominator == 1:
        return power(base[1], num(base[2][1] * value))
    return ("pow", base, exponent)


def div(a: Expr, b: Expr) -> Expr:
    """Return ``a / b``."""
    return mul(a, power(b, num(-1)))


def fn(name: str, *args: Expr) -> Expr:
    """Apply a function."""
    return ("fn", name, args)


def total(index: str, size: str, body: Expr) -> Expr:
    """Sum over an index, with the factors that do not contain it in front."""
    if body[0] != "mul":
        return ("sum", index, size, body)
    inside: list[Expr] = []
    outside: list[Expr] = []
    for factor in body[1]:
        (inside if mentions(factor, index) else outside).append(factor)
    if not outside or not inside:
        return ("sum", index, size, body)
    return mul(*outside, ("sum", index, size, mul(*inside)))


def children(e: Expr) -> Iterator[Expr]:
    """Direct subexpressions and conditions."""
    kind = e[0]
    if kind in ("add", "mul", "and", "or"):
        yield from e[1]
    elif kind in ("pow",):
        yield e[1]
        yield e[2]
    elif kind == "fn":
        yield from e[2]
    elif kind == "cmp":
        yield e[2]
        yield e[3]
    elif kind == "not":
        yield e[1]
    elif kind == "sum":
        yield e[3]
    elif kind == "inv":
        yield e[6]
    elif kind == "pw":
        for value, condition in e[1]:
            yield value
            yield condition


def rebuild(e: Expr, f: Callable[[Expr], Expr]) -> Expr:
    """Return ``e`` with ``f`` applied to its direct subexpressions and conditions."""
    kind = e[0]
    if kind == "add":
        return add(*(f(x) for x in e[1]))
    if kind == "mul":
        return mul(*(f(x) for x in e[1]))
    if kind == "pow":
        return power(f(e[1]), f(e[2]))
    if kind == "fn":
        return ("fn", e[1], tuple(f(x) for x in e[2]))
    if kind == "sum":
        return ("sum", e[1], e[2], f(e[3]))
    if kind == "inv":
        return (*e[:6], f(e[6]))
    if kind == "pw":
        return ("pw", tuple((f(v), f(c)) for v, c in e[1]))
    if kind == "cmp":
        return ("cmp", e[1], f(e[2]), f(e[3]))
    if kind in ("and", "or"):
        return (kind, tuple(f(x) for x in e[1]))
    if kind == "not":
        return ("not", f(e[1]))
    return e


def walk(e: Expr) -> Iterator[Expr]:
    """All subexpressions, the expression itself first."""
    stack = [e]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(children(node))


def size_of(e: Expr) -> int:
    """Count of an expression's subexpressions; parts that it shares are looked at once, and count every time."""
    known: dict[int, int] = {}

    def count(x: Expr) -> int:
        found = known.get(id(x))
        if found is None:
            found = known[id(x)] = 1 + sum(map(count, children(x)))
        return found

    return count(e)


def check_size(size: int) -> None:
    """Hold the size of an expression against the cap.

    Raises
    ------
    TooLarge
        If it is beyond 5000.
    """
    if size > MAX_CORE:
        raise TooLarge(f"an expression of more than {MAX_CORE} terms")


def rename(e: Expr, names: dict[str, str]) -> Expr:
    """Replace free indices by other indices."""
    if not names:
        return e
    kind = e[0]
    if kind == "idx":
        return ("idx", e[1], tuple(names.get(i, i) for i in e[2]))
    if kind == "delta":
        return ("delta", names.get(e[1], e[1]), names.get(e[2], e[2]))
    if kind == "sum":
        inner = {k: v for k, v in names.items() if k != e[1]}
        return ("sum", e[1], e[2], rename(e[3], inner))
    if kind == "inv":
        inner = {k: v for k, v in names.items() if k not in (e[3], e[4])}
        outer = (names.get(e[1], e[1]), names.get(e[2], e[2]))
        return ("inv", *outer, e[3], e[4], e[5], rename(e[6], inner))
    return rebuild(e, lambda x: rename(x, names))


def free_indices(e: Expr) -> frozenset[str]:
    """Names of the indices that are not summed over."""
    kind = e[0]
    if kind == "idx":
        return frozenset(i for i in e[2] if i[0] != "#")
    if kind == "delta":
        return frozenset(i for i in e[1:] if i[0] != "#")
    found: frozenset[str] = frozenset()
    for child in children(e):
        found |= free_indices(child)
    if kind == "sum":
        return found - {e[1]}
    if kind == "inv":
        return (found - {e[3], e[4]}) | frozenset(i for i in e[1:3] if i[0] != "#")
    return found


def mentions(e: Expr, index: str) -> bool:
    """Whether an expression has an index that no sum inside binds; quicker than all free indices."""
    return any(
        (node[0] == "idx" and index in node[2]) or (node[0] in ("delta", "inv") and index in node[1:3])
        for node in walk(e)
    )


def degree(e: Expr) -> int:
    """Bound on the total degree as a polynomial or rational function, per function argument.

    Raises
    ------
    TooLarge
        If it is beyond 64.
    """
    kind = e[0]
    if kind in ("sym", "idx", "delta"):
        return 1
    parts = [degree(child) for child in children(e)]
    if kind == "mul":
        total = sum(parts)
    elif kind == "pow" and e[2][0] == "num":
        total = -(-parts[0] * abs(e[2][1]).numerator // e[2][1].denominator)
    else:
        total = max(parts, default=0)
    if total > MAX_EXPONENT:
        raise TooLarge(f"a total degree beyond {MAX_EXPONENT}")
    return total
