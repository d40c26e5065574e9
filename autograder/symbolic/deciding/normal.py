"""Normal form of core expressions: a fraction of two polynomials in indexed atoms and contracted sums.

Two expressions with ``num1 * den2 = num2 * den1`` are equal for every n, d and K, under the sums to 1 that the question
states.  The converse is not used: what the normal form does not settle goes to the next test.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from autograder.symbolic.deciding.polynomial import (
    Algebra,
    Factor,
    Monomial,
    NotNormal,
    Number,
    Poly,
    factor_indices,
    lean,
    monomial_indices,
    terms_of,
)
from autograder.symbolic.language.expr import Expr
from autograder.symbolic.language.question import Question

_ONE: Poly = {(): 1}


@dataclass(frozen=True, eq=False)
class Ratio:
    """Numerator and denominator."""

    num: Poly
    den: Poly


class Normalizer:
    """Brings the expressions of one question into normal form."""

    def __init__(self, question: Question) -> None:
        self.algebra = Algebra(frozenset(s.name for s in question.symbols if s.sums_to_one))
        self.positive = frozenset(s.name for s in question.symbols if s.positive) | frozenset(question.sizes)
        self.sizes = frozenset(question.sizes)

    def same(self, a: Expr, b: Expr) -> bool:
        """Whether both have the same normal form.

        Raises
        ------
        NotNormal
            If the normal form is silent on either.
        """
        return self.equal(self.ratio(a), self.ratio(b))

    def equal(self, x: Ratio, y: Ratio) -> bool:
        """Whether two normal forms are the same fraction.

        Raises
        ------
        NotNormal
            If that is too much work.
        """
        if x.den == y.den:
            return x.num == y.num
        return self.algebra.mul(x.num, y.den) == self.algebra.mul(y.num, x.den)

    def ratio(self, e: Expr) -> Ratio:
        """Return the normal form of an expression.

        Raises
        ------
        NotNormal
            If the expression is outside the language of normal forms, or too much work.
        """
        kind = e[0]
        if kind == "num":
            return Ratio({(): lean(e[1])} if e[1] else {}, _ONE)
        if kind == "sym":
            return _atom(("s", e[1]))
        if kind == "const":
            return _atom(("s", f"const {e[1]}"))
        if kind == "idx":
            return _atom(("x", e[1], e[2]))
        if kind == "delta":
            return _atom(("d", *sorted(e[1:])))
        if kind == "add":
            return self._total([self.ratio(x) for x in e[1]])
        if kind == "mul":
            return self._product([self.ratio(x) for x in e[1]])
        if kind == "pow":
            return self._power(self.ratio(e[1]), e[2])
        if kind == "sum":
            return self._sum_over(self.ratio(e[3]), e[1], e[2])
        if kind == "fn":
            return self._function(e[1], e[2])
        raise NotNormal

    def _total(self, parts: list[Ratio]) -> Ratio:
        mul = self.algebra.mul
        num, den = parts[0].num, parts[0].den
        for part in parts[1:]:
            if part.den == den:
                num = self.algebra.add([num, part.num])
            else:
                num, den = self.algebra.add([mul(num, part.den), mul(part.num, den)]), mul(den, part.den)
        return Ratio(num, den)

    def _product(self, parts: list[Ratio]) -> Ratio:
        num, den = parts[0].num, parts[0].den
        for part in parts[1:]:
            if part.den == num and len(num) > 1:
                num, den = part.num, den
            elif part.num == den and len(den) > 1:
                den = part.den
            else:
                num, den = self.algebra.mul(num, part.num), self.algebra.mul(den, part.den)
        return Ratio(num, den)

    def _power(self, base: Ratio, exponent: Expr) -> Ratio:
        if exponent[0] != "num":
            raise NotNormal
        value: Fraction = exponent[1]
        if value.denominator != 1:
            return Ratio(self._root(base.num, value), self._root(base.den, value))
        if not base.num and value < 0:
            raise NotNormal
        top, bottom = (base.num, base.den) if value > 0 else (base.den, base.num)
        count = abs(value.numerator)
        if _has_delta(bottom):
            raise NotNormal  # its reciprocal has no value where the indices differ
        if len(bottom) == 1:
            inverse = self.algebra.power(bottom, -count)
            return Ratio(self.algebra.mul(self.algebra.power(top, count), inverse), _ONE)
        return Ratio(self.algebra.power(top, count), self.algebra.power(bottom, count))

    def _root(self, poly: Poly, value: Fraction) -> Poly:
        """A fractional power of a product of positive factors."""
        if len(poly) != 1:
            raise NotNormal
        ((monomial, coefficient),) = poly.items()
        if not all(self._is_positive(f) for f, _ in monomial):
            raise NotNormal
        root = _rational_root(coefficient, value.denominator)
        if root is None:
            raise NotNormal
        return {tuple((f, lean(e * value)) for f, e in monomial): lean(root**value.numerator)}

    def _is_positive(self, factor: Factor) -> bool:
        kind = factor[0]
        if kind in ("s", "x"):
            return factor[1] in self.positive or bool(factor[1] == "const pi")
        if kind == "c":
            return all(self._is_positive(f) for f, _ in factor[1])
        return bool(kind == "e")

    def _sum_over(self, body: Ratio, index: str, size: str) -> Ratio:
        if any(index in monomial_indices(m) for m in body.den):
            reciprocal = ("f", "inv", terms_of(body.den))
            num = self.algebra.mul(body.num, {((reciprocal, 1),): 1})
            return Ratio(self.algebra.sum_over(num, index, size), _ONE)
        return Ratio(self.algebra.sum_over(body.num, index, size), body.den)

    # --- functions -----------------------------------------------------------------------------------------

    def _function(self, name: str, args: tuple[Expr, ...]) -> Ratio:
        if name in ("Min", "Max"):
            return self._choice(name, [self.ratio(arg) for arg in args])
        u = self.ratio(args[0])
        if name in ("sign", "Heaviside", "gamma", "sin", "cos"):
            return self._opaque(name, u)
        if name == "sqrt":
            return self._power(u, ("num", Fraction(1, 2)))
        if name == "Abs":
            return self._opaque(name, u)
        if name == "log":
            return self._logarithm(u)
        if name == "exp":
            return self._exponential(u, 1)
        up, down = self._exponential(u, 1), self._exponential(u, -1)
        minus = self._total([up, Ratio({m: -c for m, c in down.num.items()}, down.den)])
        plus = self._total([up, down])
        if name == "tanh":
            return self._product([minus, Ratio(plus.den, plus.num)])
        return self._product([minus if name == "sinh" else plus, Ratio({(): Fraction(1, 2)}, _ONE)])

    def _opaque(self, name: str, u: Ratio) -> Ratio:
        """A function that is kept whole; absolute value and sign of ``-2 u`` are brought back to those of ``u``."""
        if len(u.den) != 1 or _has_delta(u.den):
            raise NotNormal
        flat = self.algebra.mul(u.num, self.algebra.power(u.den, -1))
        scale: Number = 1
        if name in ("Abs", "sign") and flat:
            lead = flat[min(flat)]
            flat = {m: lean(Fraction(c) / lead) for m, c in flat.items()}
            sign = (lead > 0) - (lead < 0)
            scale = lead * sign if name == "Abs" else sign
        factor: Factor = ("f", name, terms_of(flat))
        return Ratio({((factor, 1),): scale}, _ONE)

    def _choice(self, name: str, parts: list[Ratio]) -> Ratio:
        """``Max(a, b) = (a + b + |a - b|) / 2``, and likewise for ``Min``."""
        first, *rest = parts
        sign = 1 if name == "Max" else -1
        for part in rest:
            minus = Ratio({m: -c for m, c in part.num.items()}, part.den)
            gap = self._opaque("Abs", self._total([first, minus]))
            signed = Ratio({m: c * sign for m, c in gap.num.items()}, gap.den)
            first = self._product([self._total([first, part, signed]), Ratio({(): Fraction(1, 2)}, _ONE)])
        return first

    def _exponential(self, u: Ratio, sign: int) -> Ratio:
        """``exp`` of a polynomial: a product of powers of ``exp(monomial)``."""
        if len(u.den) != 1:
            raise NotNormal
        flat = self.algebra.mul(u.num, self.algebra.power(u.den, -1))
        terms = [self._exp_term(monomial, lean(coefficient * sign)) for monomial, coefficient in flat.items()]
        return self._product(terms) if terms else Ratio(_ONE, _ONE)

    def _exp_term(self, monomial: Monomial, coefficient: Number) -> Ratio:
        """``exp`` of one term; of a whole multiple of a logarithm, a power of its argument."""
        if any(f[0] == "d" for f, _ in monomial):
            raise NotNormal
        if len(monomial) == 1:
            (factor, exponent), *_ = monomial
            if factor[0] == "f" and factor[1] == "log" and exponent == 1 and coefficient.denominator == 1:
                return self._power(Ratio(dict(factor[2]), _ONE), ("num", coefficient))
        return Ratio({((("e", monomial), coefficient),): 1}, _ONE)

    def _logarithm(self, u: Ratio) -> Ratio:
        """``log`` of a product of positive factors; other arguments stay whole."""
        parts: list[Poly] = []
        for poly, sign in ((u.num, 1), (u.den, -1)):
            if len(poly) != 1:
                if any(index for m in poly for f, _ in m for index in factor_indices(f)) or not poly:
                    raise NotNormal
                whole: Factor = ("f", "log", terms_of(poly))
                parts.append({((whole, 1),): sign})
                continue
            ((monomial, coefficient),) = poly.items()
            if coefficient < 0 or not all(self._is_positive(f) for f, _ in monomial):
                raise NotNormal
            parts.extend(self._log_number(coefficient, sign))
            for factor, exponent in monomial:
                atom = ("f", "log", ((((factor, 1),), 1),))
                if factor[0] == "e":
                    parts.append({factor[1]: lean(exponent * sign)})
                else:
                    parts.append({((atom, 1),): lean(exponent * sign)})
        return Ratio(self.algebra.add(parts), _ONE)

    def _log_number(self, value: Number, sign: int) -> list[Poly]:
        parts: list[Poly] = []
        for whole, direction in ((value.numerator, sign), (value.denominator, -sign)):
            for prime, count in _small_factors(whole).items():
                atom = ("f", "log", (((), prime),))
                parts.append({((atom, 1),): count * direction})
        return parts


def _atom(factor: Factor) -> Ratio:
    return Ratio({((factor, 1),): 1}, _ONE)


def _has_delta(poly: Poly) -> bool:
    return any(factor[0] == "d" for monomial in poly for factor, _ in monomial)


def _rational_root(value: Number, degree: int) -> Fraction | None:
    if value <= 0:
        return None
    parts = []
    for whole in (value.numerator, value.denominator):
        near = round(whole ** (1 / degree))
        exact = next((k for k in (near - 1, near, near + 1) if k >= 0 and k**degree == whole), None)
        if exact is None:
            return None
        parts.append(exact)
    return Fraction(*parts)


def _small_factors(value: int) -> dict[int, int]:
    factors: dict[int, int] = {}
    for prime in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31):
        while value % prime == 0 and value > 1:
            factors[prime] = factors.get(prime, 0) + 1
            value //= prime
    if value > 1:
        factors[value] = 1
    return factors
