"""Kinds of numbers in which an expression is evaluated: float, 400-bit real, and a prime field, also with unknowns.

The prime field decides identities between rational functions of symbols and their exponentials: a symbol is a random
element ``x`` of F_q together with a random exponent ``x'`` modulo ``r``, where ``q = 2r + 1`` is a 62-bit prime, and
``exp(u) = g**u'`` with ``g`` of order ``r``, so that ``exp(u + v) = exp(u) exp(v)`` holds exactly.  Two different such
functions of degree ``D`` agree at a random point with probability below ``D / 2**61``; a difference is a proof.

``UNKNOWNS`` is the same field in which every other function (a root, a logarithm, a piece) is a function that nothing
is known of: equal arguments give equal values.  What is equal there is equal; a difference says nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

Q = 4611686018427377339
R = (Q - 1) // 2
G = 4
DOUBLE_BITS = 53
BITS = 400
_SNAP_BITS = 300
GREATEST_EXPONENT = 10**30
"""The largest argument of an exponential that is worked out."""
_GREATEST_ANGLE = 10**60
_GREATEST = {"sin": _GREATEST_ANGLE, "cos": _GREATEST_ANGLE, "gamma": 100_000}
_WORK_OF_GAMMA = 100_000


class Undefined(Exception):
    """The expression has no finite real value here."""


class NotExact(Exception):
    """The expression lies outside the functions that the prime field can decide."""


class Numbers:
    """Arithmetic on one kind of numbers; ``context`` is mpmath's for the high-precision reals.

    ``power`` has a constant exponent, ``power_of`` any; ``sign`` is that of a difference.  ``step`` is what an addition
    or a product costs, in those of doubles; measured once, fixed since.
    """

    context: Any = None
    step = 1
    unknowns = False

    def cost_of_function(self, name: str) -> int:
        """Return what a function costs besides its step."""
        return 1

    def cost_of_power(self, exponent: Fraction) -> int:
        """Return what a power with a constant exponent costs besides its step."""
        return 1

    def add(self, values: Sequence[Any]) -> Any:
        """Return a sum."""
        return sum(values)

    def mul(self, values: Sequence[Any]) -> Any:
        """Return a product."""
        return math.prod(values)

    def size(self, value: Any) -> Any:
        """Return how large a value is: 0 for that number alone."""
        return abs(value)

    const: Callable[[Fraction], Any]
    pi: Callable[[], Any]
    power: Callable[[Any, Fraction], Any]
    power_of: Callable[[Any, Any], Any]
    function: Callable[[str, Sequence[Any]], Any]
    sign: Callable[[Any, Any], int]


class _Floats(Numbers):
    """Double precision: fast, and never the last word."""

    def const(self, value: Fraction) -> float:
        return value.numerator / value.denominator

    def pi(self) -> float:
        return math.pi

    def power(self, base: float, exponent: Fraction) -> float:
        return self.power_of(base, exponent.numerator if exponent.denominator == 1 else self.const(exponent))

    def power_of(self, base: float, exponent: float) -> float:
        try:
            return float(base**exponent)
        except (ZeroDivisionError, OverflowError, TypeError):  # a root of a negative number is complex
            raise Undefined from None

    def function(self, name: str, args: Sequence[float]) -> float:
        try:
            value = _FLOAT_FUNCTIONS[name](*args)
        except (ValueError, OverflowError, ZeroDivisionError):
            raise Undefined from None
        if value != value or value in (math.inf, -math.inf):
            raise Undefined
        return value

    def sign(self, a: float, b: float) -> int:
        return (a > b) - (a < b)


_FLOAT_FUNCTIONS: dict[str, Callable[..., float]] = {
    "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "tanh": math.tanh, "sinh": math.sinh, "cosh": math.cosh,
    "sin": math.sin, "cos": math.cos, "gamma": math.gamma, "Abs": abs, "Min": min, "Max": max,
    "sign": lambda u: float((u > 0) - (u < 0)), "Heaviside": lambda u: 1.0 if u > 0 else 0.0,
}  # fmt: skip


class _Reals(Numbers):
    """400-bit reals of mpmath, in a context of their own."""

    def __init__(self, bits: int) -> None:
        from mpmath.ctx_mp import MPContext

        self.context = MPContext()
        self.context.prec = bits
        self._many = bits > BITS
        self.step = 4 * max(bits // (2 * BITS), 1)

    def cost_of_function(self, name: str) -> int:
        if name in ("Min", "Max", "Abs", "sign", "Heaviside"):
            return 1
        if name == "gamma":
            # beyond the usual precision its coefficients alone take a third of a second: more than an answer may cost
            return _WORK_OF_GAMMA if self._many else 60
        return 150 if self._many else 25

    def cost_of_power(self, exponent: Fraction) -> int:
        if exponent.denominator != 1:
            return 2 * self.cost_of_function("pow")
        return exponent.numerator.bit_length() * (2 if self._many else 1)

    def const(self, value: Fraction) -> Any:
        return self.context.mpf(value.numerator) / value.denominator

    def pi(self) -> Any:
        return +self.context.pi

    def power(self, base: Any, exponent: Fraction) -> Any:
        if exponent.denominator != 1:
            return self.power_of(base, self.const(exponent))
        if base == 0 and exponent < 0:
            raise Undefined
        return base**exponent.numerator

    def power_of(self, base: Any, exponent: Any) -> Any:
        c = self.context
        if base < 0:
            if exponent != c.floor(exponent) or abs(exponent) > GREATEST_EXPONENT:
                raise Undefined
            return base ** int(exponent)
        if base == 0:
            if exponent <= 0:
                raise Undefined
            return base
        return self._exp(exponent * c.log(base))

    def _exp(self, u: Any) -> Any:
        if abs(u) > GREATEST_EXPONENT:
            raise Undefined
        return self.context.exp(u)

    def function(self, name: str, args: Sequence[Any]) -> Any:
        c, u = self.context, args[0]
        if name in ("Min", "Max", "Abs"):
            return _FLOAT_FUNCTIONS[name](*args)
        if name in ("sign", "Heaviside"):
            s = self.sign(u, 0)
            return c.mpf(s if name == "sign" else int(s > 0))
        if name == "exp":
            return self._exp(u)
        if name == "tanh" and abs(u) > GREATEST_EXPONENT:
            return c.mpf(self.sign(u, 0))  # closer to it than any precision here
        if abs(u) > _GREATEST.get(name, GREATEST_EXPONENT) and name not in ("log", "sqrt"):
            raise Undefined
        ends = (name == "log" and u <= 0) or (name == "sqrt" and u < 0)
        if ends or (name == "gamma" and u <= 0 and u == c.floor(u)):
            raise Undefined
        return getattr(c, name)(u)

    def sign(self, a: Any, b: Any) -> int:
        # rounding of two equal values must not decide a boundary
        return 0 if self.close(a, b, 0, _SNAP_BITS) else 1 if a > b else -1

    def close(self, a: Any, b: Any, floor: Any, bits: int) -> bool:
        """Whether two numbers agree to so many bits of the larger one, or of ``floor`` if that is larger still."""
        if a == b:
            return True
        gap, least = self.context.mag(a - b), max(self.context.mag(x) for x in (a, b, floor)) - bits
        if abs(gap - least) > 1:  # magnitudes are powers of two: only next to the bound the digits count
            return bool(gap < least)
        return bool(abs(a - b) <= self.context.ldexp(max(abs(a), abs(b), floor), -bits))


class _PrimeField(Numbers):
    """Pairs (value mod Q, value mod R or None); the second is used in exponents."""

    step = 2

    def cost_of_function(self, name: str) -> int:
        return 30

    def cost_of_power(self, exponent: Fraction) -> int:
        return 30 if exponent < 0 else 4

    def const(self, value: Fraction) -> tuple[int, int | None]:
        a, b = value.numerator, value.denominator
        if b % Q == 0 or b % R == 0:
            raise NotExact
        return a * pow(b, -1, Q) % Q, a * pow(b, -1, R) % R

    def pi(self) -> tuple[int, int | None]:
        return 3141592653589793238, 1414213562373095048

    def size(self, value: Any) -> int:
        return int(value[0] != 0)

    def add(self, values: Sequence[Any]) -> Any:
        first = sum(v[0] for v in values) % Q
        return first, None if any(v[1] is None for v in values) else sum(v[1] for v in values) % R

    def mul(self, values: Sequence[Any]) -> Any:
        a, b = 1, 1
        exact = True
        for x, y in values:
            a = a * x % Q
            if y is None:
                exact = False
            elif exact:
                b = b * y % R
        return a, b if exact else None

    def power(self, base: Any, exponent: Fraction) -> Any:
        if exponent.denominator != 1:
            raise NotExact
        k = exponent.numerator
        if base[0] == 0 and k < 0:
            raise Undefined
        low = None if base[1] is None or (base[1] == 0 and k < 0) else pow(base[1], k, R)
        return pow(base[0], k, Q), low

    def power_of(self, base: Any, exponent: Any) -> Any:
        raise NotExact

    def function(self, name: str, args: Sequence[Any]) -> Any:
        if name not in ("exp", "tanh", "sinh", "cosh"):
            raise NotExact
        low = args[0][1]
        if low is None:
            raise NotExact
        up = pow(G, low, Q)
        if name == "exp":
            return up, None
        down = pow(up, -1, Q)
        if name in ("sinh", "cosh"):
            return (up + down if name == "cosh" else up - down) * pow(2, -1, Q) % Q, None
        if (up + down) % Q == 0:
            raise Undefined
        return (up - down) * pow(up + down, -1, Q) % Q, None

    def sign(self, a: Any, b: Any) -> int:
        raise NotExact


class _Unknowns(_PrimeField):
    """The prime field with unknown functions: their values are drawn, seeded by the function and its arguments."""

    unknowns = True

    def power(self, base: Any, exponent: Fraction) -> Any:
        if exponent.denominator != 1:
            return self.unknown("pow", base[0], exponent.numerator, exponent.denominator)
        return super().power(base, exponent)

    def power_of(self, base: Any, exponent: Any) -> Any:
        return self.unknown("pow", base[0], exponent[0])

    def function(self, name: str, args: Sequence[Any]) -> Any:
        try:
            return super().function(name, args)
        except NotExact:
            values = [a[0] for a in args]
        if name in ("Min", "Max"):
            values = sorted(set(values))
            return self.unknown(name, *values) if len(values) > 1 else args[0]
        if name == "Abs":
            values = [min(values[0], Q - values[0])]
        return self.unknown(name, *values)

    def unknown(self, name: str, *values: int) -> tuple[int, int]:
        """Return the value of an unknown function."""
        rng = random.Random(f"{name}{values}")
        return rng.randrange(1, Q), rng.randrange(1, R)


FLOATS: Numbers = _Floats()
FIELD: Numbers = _PrimeField()
UNKNOWNS = _Unknowns()


@lru_cache(maxsize=3)
def reals(bits: int = BITS) -> _Reals:
    """Return the high-precision reals; loads mpmath on first use."""
    return _Reals(bits)
