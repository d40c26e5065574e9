"""Simplifications that need signs: absolute values of positive quantities, and the pieces of a piecewise expression."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from autograder.symbolic.language.expr import ONE, ZERO, Expr, children, neg, power, rebuild, walk
from autograder.symbolic.language.question import Question

MAX_BRANCHES = 8


def tidy(question: Question, e: Expr) -> Expr:
    """Drop absolute values under even powers, and signs of quantities that are positive by their declared domains."""
    return _tidied(e, positive_names(question))


def positive_names(question: Question) -> frozenset[str]:
    """Names of the symbols and sizes that are above 0."""
    return frozenset(s.name for s in question.symbols if s.positive) | frozenset(question.sizes)


def _tidied(e: Expr, positive: frozenset[str]) -> Expr:
    e = rebuild(e, lambda x: _tidied(x, positive))
    if e[0] == "pow" and e[1][0] == "fn" and e[1][1] == "Abs" and e[2][0] == "num" and e[2][1] % 2 == 0:
        return power(e[1][2][0], e[2])
    if e[0] == "fn" and e[1] in ("Abs", "sign", "Heaviside") and _is_certainly(e[2][0], positive):
        return e[2][0] if e[1] == "Abs" else ONE
    if e[0] == "cmp" and _holds_by_sign(e, positive):
        return ("true",)
    if e[0] == "pw" and e[1][0][1] == ("true",):
        first: Expr = e[1][0][0]
        return first
    return e


def _holds_by_sign(e: Expr, positive: frozenset[str]) -> bool:
    _, op, a, b = e
    if op in ("<", "<="):
        a, b = b, a
    return op not in ("==", "!=") and b == ZERO and _is_certainly(a, positive)


def _is_certainly(e: Expr, positive: frozenset[str]) -> bool:
    """Whether an expression has a value, and that above 0, wherever its symbols have one."""
    return is_positive(e, positive) and not any(_ends(x, positive) for x in walk(e))


def _ends(e: Expr, positive: frozenset[str]) -> bool:
    if e[0] == "pow":
        whole = e[2][0] == "num" and e[2][1].denominator == 1 and e[2][1] > 0
        return not whole and not is_positive(e[1], positive)
    return e[0] in ("inv", "pw") or (e[0] == "fn" and e[1] in ("log", "sqrt", "gamma"))


def is_positive(e: Expr, positive: frozenset[str]) -> bool:
    """Whether an expression is above 0 wherever it has a value."""
    kind = e[0]
    if kind == "num":
        return bool(e[1] > 0)
    if kind in ("sym", "idx"):
        return e[1] in positive
    if kind == "add":
        return all(_is_at_least_0(x, positive) for x in e[1]) and any(is_positive(x, positive) for x in e[1])
    if kind == "mul":
        return all(is_positive(x, positive) for x in e[1])
    if kind == "pow":
        return is_positive(e[1], positive)
    if kind == "sum":
        return is_positive(e[3], positive)
    return kind == "const" or (kind == "fn" and e[1] in ("exp", "cosh"))


def _is_at_least_0(e: Expr, positive: frozenset[str]) -> bool:
    if e[0] in ("add", "mul"):
        return all(_is_at_least_0(x, positive) for x in e[1])
    if e[0] == "pow" and e[2][0] == "num":
        return bool(e[2][1] % 2 == 0) or _is_at_least_0(e[1], positive)
    return is_positive(e, positive) or (e[0] == "fn" and e[1] in ("Abs", "Heaviside", "sqrt"))


def branches(e: Expr) -> list[Expr] | None:
    """Every expression that ``e`` can stand for, one piece taken everywhere; None if there are more than eight."""
    if len(set(_switches(e))) >= MAX_BRANCHES:
        return None  # every further switch adds a branch at least
    found: list[Expr] = []
    for branch in _branches(e):
        found.append(branch)
        if len(found) > MAX_BRANCHES:
            return None
    return found


def _switches(e: Expr) -> Iterator[Expr]:
    """Everything that takes one of several values; conditions go with the pieces that they choose."""
    stack = [e]
    while stack:
        node = stack.pop()
        if node[0] == "pw":
            stack.extend(value for value, _ in node[1])
        else:
            stack.extend(children(node))
        if _is_switch(node):
            yield node


def _is_switch(e: Expr) -> bool:
    return bool(e[0] == "pw" or (e[0] == "fn" and e[1] in ("Abs", "sign", "Heaviside", "Min", "Max")))


def _branches(e: Expr) -> Iterator[Expr]:
    split = _first_switch(e)
    if split is None:
        yield e
        return
    for choice in _choices(split):
        yield from _branches(_replace(e, split, choice))


def _choices(switch: Expr) -> list[Expr]:
    if switch[0] == "pw":
        return [value for value, _ in switch[1]]
    u = switch[2][0]
    if switch[1] == "Abs":
        return [u, neg(u)]
    if switch[1] in ("Min", "Max"):
        return list(switch[2])
    values = [Fraction(1), Fraction(0), Fraction(-1)] if switch[1] == "sign" else [Fraction(1), Fraction(0)]
    return [("num", value) for value in values]


def _first_switch(e: Expr) -> Expr | None:
    if _is_switch(e):
        return e
    found: list[Expr] = []

    def look(x: Expr) -> Expr:
        inner = _first_switch(x) if not found else None
        if inner is not None:
            found.append(inner)
        return x

    rebuild(e, look)
    return found[0] if found else None


def _replace(e: Expr, old: Expr, new: Expr) -> Expr:
    return new if e == old else rebuild(e, lambda x: _replace(x, old, new))
