"""Simplifications before the exact method: signs of what is positive, and the laws of roots, logarithms and powers.

What is tidied equals what was written wherever that has a value; whether it has one is looked at in what was written.
"""

from __future__ import annotations

from fractions import Fraction

from autograder.plain import dataclass
from autograder.symbolic.language.expr import ONE, ZERO, Expr, add, fn, mul, num, power, rebuild, walk
from autograder.symbolic.language.question import Question

_GREATEST_FACTOR = 1000


def tidy(question: Question, e: Expr) -> Expr:
    """Return an expression in which as few roots, logarithms, signs and equal terms are left as is known how.

    A function of sizes alone, such as ``sqrt(K)``, becomes a symbol of its own, whose name is not an identifier.
    """
    units = frozenset(s.name for s in question.symbols if s.sums_to_one)
    return _Tidy(positive_names(question), units, frozenset(question.sizes)).of(e)


def positive_names(question: Question) -> frozenset[str]:
    """Names of the symbols and sizes that are above 0."""
    return frozenset(s.name for s in question.symbols if s.positive) | frozenset(question.sizes)


@dataclass(frozen=True)
class _Tidy:
    positive: frozenset[str]
    units: frozenset[str]
    sizes: frozenset[str]

    def of(self, e: Expr) -> Expr:
        e = rebuild(e, self.of)
        if e[0] == "fn":
            return self.named(_function(e, self.positive))
        if e[0] in ("mul", "add"):
            return _collected(e)
        if e[0] == "pow":
            return self.named(_power(e, self.positive))
        if e[0] == "sum" and e[3] == ("idx", e[3][1], (e[1],)) and e[3][1] in self.units:
            return ONE
        if e[0] == "cmp" and _holds_by_sign(e, self.positive):
            return ("true",)
        if e[0] == "pw" and e[1][0][1] == ("true",):
            first: Expr = e[1][0][0]
            return first
        return e

    def named(self, e: Expr) -> Expr:
        """Return a symbol for a function or a root of sizes."""
        inside = e[2] if e[0] == "fn" else e[1:] if e[0] == "pow" and (e[2][0] != "num" or _is_root(e)) else ()
        atoms = {x[1] if x[0] == "sym" else x[0] for part in inside for x in walk(part)}
        alone = atoms & self.sizes and not atoms - self.sizes - {"num", "const", "add", "mul", "pow", "fn"}
        return ("sym", repr(e)) if alone else e


def _function(e: Expr, positive: frozenset[str]) -> Expr:
    name, u = e[1], e[2][0]
    if name in ("Abs", "sign", "Heaviside") and _is_certainly(u, positive):
        return u if name == "Abs" else ONE
    if name == "sqrt":
        return _power(("pow", u, num(Fraction(1, 2))), positive)
    if name == "log":
        return _log(u, positive)
    if name == "exp":
        return _exp(u)
    return e


def _log(u: Expr, positive: frozenset[str]) -> Expr:
    """``log(a**2*b) = 2*log(a) + log(b)`` for positive factors."""
    if u[0] == "fn" and u[1] == "exp":
        inner: Expr = u[2][0]
        return inner
    if u[0] == "num" and u[1] > 0:
        primes = _prime_factors(u[1])
        return add(*(mul(num(count), fn("log", num(p))) for p, count in primes.items()))
    if u[0] == "mul" and all(is_positive(x, positive) for x in u[1]):
        return add(*(_log(x, positive) for x in u[1]))
    if u[0] == "pow" and is_positive(u[1], positive):
        return mul(u[2], _log(u[1], positive))
    return fn("log", u)


def _exp(u: Expr) -> Expr:
    """``exp(c*log(a) + b) = a**c*exp(b)``."""
    factors, rest = [], []
    for term in u[1] if u[0] == "add" else (u,):
        logs = [x for x in (term[1] if term[0] == "mul" else (term,)) if x[0] == "fn" and x[1] == "log"]
        others = [x for x in (term[1] if term[0] == "mul" else (term,)) if not (x[0] == "fn" and x[1] == "log")]
        if len(logs) == 1 and all(x[0] == "num" for x in others):
            factors.append(power(logs[0][2][0], mul(*others)))
        else:
            rest.append(term)
    return mul(*factors, fn("exp", add(*rest))) if factors else fn("exp", u)


def _collected(e: Expr) -> Expr:
    """Return a sum with equal terms, or a product with equal bases, collected in a canonical order."""
    counts: dict[Expr, Fraction] = {}
    for part in e[1]:
        count, rest = Fraction(1), part
        if e[0] == "mul" and part[0] == "pow" and part[2][0] == "num":
            count, rest = part[2][1], part[1]
        elif e[0] == "add" and part[0] == "mul" and part[1][0][0] == "num":
            count, rest = part[1][0][1], mul(*part[1][1:])
        if e[0] == "add" and rest[0] == "num":
            count, rest = count * rest[1], ONE
        counts[rest] = counts.get(rest, Fraction(0)) + count
    pairs = [(num(counts[rest]), rest) for rest in sorted(counts, key=hash)]
    return add(*(mul(*pair) for pair in pairs)) if e[0] == "add" else mul(*(power(b, n) for n, b in pairs))


def _power(e: Expr, positive: frozenset[str]) -> Expr:
    """Return a power with its exponents joined, of a product or a number factor by factor where that is allowed."""
    base, exponent = e[1], e[2]
    if exponent[0] != "num":
        return e
    whole = exponent[1].denominator == 1
    if base[0] == "fn" and base[1] == "Abs" and whole and exponent[1] % 2 == 0:
        return power(base[2][0], exponent)
    if base[0] == "pow" and base[2][0] == "num" and (is_positive(base[1], positive) or (whole and _is_root(base))):
        return _power(("pow", base[1], num(base[2][1] * exponent[1])), positive)
    if base[0] == "mul" and (all(is_positive(x, positive) for x in base[1]) if not whole else _holds_root(base)):
        return mul(*(_power(("pow", x, exponent), positive) for x in base[1]))
    if base[0] == "num" and base[1] > 0 and not whole:
        primes = _prime_factors(base[1])
        if sum(primes.values()) > 1 or any(count < 0 for count in primes.values()):
            return mul(*(power(num(p), num(exponent[1] * count)) for p, count in primes.items()))
    return power(base, exponent)


def _is_root(e: Expr) -> bool:
    return bool(e[0] == "pow" and e[2][0] == "num" and e[2][1].denominator != 1)


def _holds_root(e: Expr) -> bool:
    return any(_is_root(factor) for factor in e[1])


def _prime_factors(value: Fraction) -> dict[int, int]:
    """Return small prime factors and what is left, with their exponents."""
    found: dict[int, int] = {}
    for whole, sign in ((value.numerator, 1), (value.denominator, -1)):
        p = 2
        while whole > 1:
            if p > _GREATEST_FACTOR:
                p = whole
            if whole % p == 0:
                whole //= p
                found[p] = found.get(p, 0) + sign
            else:
                p += 1
    return found


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
