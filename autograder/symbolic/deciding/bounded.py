"""Numbers that carry a bound of their rounding error, so that cancellation is never taken for a difference.

A number is a fraction, or a pair ``(value, error)``: what is meant lies within ``2**error`` of the value.
A sign, a root or a reciprocal that the bound does not settle raises :class:`Unsure`; more bits may settle it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from autograder.plain import dataclass
from autograder.symbolic.deciding.arithmetic import (
    BITS,
    DOUBLE_BITS,
    FLOATS,
    GREATEST_EXPONENT,
    Numbers,
    Undefined,
    reals,
)
from autograder.symbolic.deciding.evaluate import OverBudget

_LEAST_DOUBLE = -1070
_LADDER = (BITS, 4 * BITS, 16 * BITS)
_KEPT = 280
_LONGEST = 20_000
_HUGE = 10**28
"""The exponent of two from which on a number is infinite here: less than that of the greatest exponential."""
_AT_ZERO = {"exp": 1, "cosh": 1, "cos": 1, "tanh": 0, "sinh": 0, "sin": 0, "sqrt": 0}

Pair = tuple[Any, int]
Number = Any
"""A fraction, or a pair."""


@dataclass(frozen=True)
class Gap:
    """Two values that differ; the first is None where it is undefined, or too large to work out."""

    mine: Any
    truth: Any


class Unsure(Exception):
    """Rounding may have made of a value whatever it is."""


class Bounded(Numbers):
    """Fractions as long as nothing rounds; then the numbers of ``base``, of so many bits, each with its bound."""

    def __init__(self, base: Numbers, bits: int) -> None:
        self.base, self.bits, self.context = base, bits, base.context
        self.step = base.step + 2

    def cost_of_function(self, name: str) -> int:  # noqa: D102 - described by the base class
        if name == "gamma" and self.bits > BITS:
            return 1  # refused below
        return max(self.bits // BITS, 1) * self.base.cost_of_function(name)

    def cost_of_power(self, exponent: Fraction) -> int:  # noqa: D102 - described by the base class
        return self.step * (exponent.numerator.bit_length() + self.base.cost_of_power(exponent))

    def mag(self, value: Any) -> int:
        """Return the least ``m`` with ``|value| < 2**m``."""
        if not value:
            return -_HUGE
        if not self.context:
            return math.frexp(value)[1]
        return _HUGE if self.context.isinf(value) else int(self.context.mag(value))

    def known(self, number: Pair) -> bool:
        """Whether a number is certainly not 0."""
        return number[1] <= self.mag(number[0]) - 2

    def pair(self, number: Number) -> Pair:
        """Return a number with its bound."""
        if not isinstance(number, Fraction):
            value, error = number
            return value, error
        try:
            return self._rounded(self.base.const(number), -_HUGE)
        except OverflowError:  # beyond doubles
            raise Unsure from None

    def _rounded(self, value: Any, error: int) -> Pair:
        if value != value or (not self.context and math.isinf(value)):
            raise Unsure
        least = -_HUGE if self.context else _LEAST_DOUBLE
        return value, max(error, self.mag(value) - self.bits, least) + 1

    def const(self, value: Fraction) -> Number:  # noqa: D102 - described by the base class
        return value

    def pi(self) -> Number:  # noqa: D102 - described by the base class
        return self._rounded(self.base.pi(), -_HUGE)

    def size(self, value: Number) -> Any:  # noqa: D102 - described by the base class
        if isinstance(value, Fraction):
            return abs(self.base.const(value))
        return abs(value[0]) if self.known(value) else self.base.const(Fraction(1, 1 << self.bits))

    def add(self, values: Sequence[Number]) -> Number:  # noqa: D102 - described by the base class
        exact = sum((v for v in values if isinstance(v, Fraction)), Fraction(0))
        pairs = [v for v in values if not isinstance(v, Fraction)]
        if not pairs:
            return exact
        total, error = self.pair(exact) if exact else pairs.pop()
        for value, other in pairs:
            total, error = self._rounded(total + value, max(error, other) + 1)
        infinite = self.context and self.context.isinf(total)
        if infinite and any(not self.context.isinf(v) and self.mag(v) > _HUGE // 10 for v, _ in pairs):
            raise Unsure
        return total, error

    @staticmethod
    def minus(number: Number) -> Number:
        """Return a number with the other sign."""
        return -number if isinstance(number, Fraction) else (-number[0], number[1])

    def mul(self, values: Sequence[Number]) -> Number:  # noqa: D102 - described by the base class
        exact = math.prod(v for v in values if isinstance(v, Fraction))
        pairs = [v for v in values if not isinstance(v, Fraction)]
        if not pairs or not exact:
            return Fraction(exact)
        total = self.pair(Fraction(exact)) if exact != 1 else pairs.pop()
        for other in pairs:
            (a, e), (b, f) = total, other
            infinite = self.context and (self.context.isinf(a) or self.context.isinf(b))
            if infinite and not (self.known(total) and self.known(other)):
                raise Unsure
            total = self._rounded(a * b, max(e + self.mag(b), f + self.mag(a), e + f) + 2)
            if infinite:
                total = total[0], -_HUGE
        return total

    def power(self, base: Number, exponent: Fraction) -> Number:  # noqa: D102 - described by the base class
        k = exponent.numerator
        if exponent.denominator != 1:
            return self.power_of(base, exponent)
        if isinstance(base, Fraction):
            if not base and k < 0:
                raise Undefined
            longest = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(k)
            if longest <= _LONGEST:
                return base**k
            base = self.pair(base)
        found: Number = Fraction(1)
        square, left = base, abs(k)
        while left:
            if left & 1:
                found = self.mul((found, square))
            left >>= 1
            square = self.mul((square, square)) if left else square
        return found if k >= 0 else self._reciprocal(found)

    def _reciprocal(self, number: Pair) -> Pair:
        value, error = number
        if not self.known(number):
            raise Unsure
        return self._rounded(1 / value, max(error - 2 * self.mag(value) + 3, -_HUGE))

    def power_of(self, base: Number, exponent: Number) -> Number:  # noqa: D102 - described by the base class
        sign = self.sign(base, Fraction(0))
        if sign == 0 and not isinstance(base, Fraction):
            raise Unsure
        if sign == 0 and self.sign(exponent, Fraction(0)) <= 0:
            raise Undefined
        if sign == 0:
            return base
        if sign > 0:
            root = exponent == Fraction(1, 2)
            return self.function("sqrt" if root else "exp", [base if root else self.mul((exponent, self.log(base)))])
        if not isinstance(exponent, Fraction):
            raise Unsure
        if exponent.denominator != 1 or abs(exponent) > GREATEST_EXPONENT:
            raise Undefined
        return self.power(base, exponent)

    def log(self, number: Number) -> Number:
        """Return a logarithm."""
        return self.function("log", [number])

    def function(self, name: str, args: Sequence[Number]) -> Number:  # noqa: D102 - described by the base class
        u = args[0]
        if name in ("Min", "Max"):
            choose = min if name == "Min" else max
            if all(isinstance(v, Fraction) for v in args):
                return choose(args)
            pairs = [self.pair(v) for v in args]
            return choose(v for v, _ in pairs), max(error for _, error in pairs)
        if name == "Abs":
            return abs(u) if isinstance(u, Fraction) else (abs(u[0]), u[1])
        if name in ("sign", "Heaviside"):
            s = self.sign(u, Fraction(0))
            return Fraction(s if name == "sign" else int(s > 0))
        exact = _exactly(name, u) if isinstance(u, Fraction) else None
        return self._rounding(name, self.pair(u)) if exact is None else exact

    def _rounding(self, name: str, number: Pair) -> Number:
        u, error = number
        if name in ("log", "sqrt", "gamma"):
            if not self.known(number) or (name == "gamma" and (u < 0 or self.bits > BITS)):
                raise Unsure
            if u < 0:
                raise Undefined
        if abs(u) > GREATEST_EXPONENT and (found := self._far(name, number)) is not None:
            return found
        if (error >= -1 and name in ("exp", "sinh", "cosh")) or abs(u) > GREATEST_EXPONENT:
            raise Unsure
        try:
            value = self.base.function(name, [u])
        except Undefined:  # beyond what these numbers can hold
            raise Unsure from None
        return self._rounded(value, error + self._slope(name, u, value) + 1)

    def _far(self, name: str, number: Pair) -> Number | None:
        """Return what a function is far from 0, where it is known without working it out."""
        if not (self.context and self.known(number) and name in ("exp", "cosh", "sinh", "tanh", "gamma")):
            return None
        up, sign = number[0] > 0, 1 if number[0] > 0 else -1
        if name == "tanh" or (name == "exp" and not up):
            return self.base.const(Fraction(sign if name == "tanh" else 0)), -_HUGE
        return (-self.context.inf if name == "sinh" and not up else self.context.inf), -_HUGE

    def _slope(self, name: str, u: Any, value: Any) -> int:
        """Return an ``m`` such that a function's slope near ``u`` is below ``2**m``."""
        if name in ("sin", "cos"):
            return 0
        if name == "tanh":
            return min(0, 3 - int(2.8 * abs(u)))
        if name == "log":
            return 1 - self.mag(u)
        if name == "sqrt":
            return 1 - self.mag(value)
        if name == "gamma":
            return self.mag(value) + max(2 - self.mag(u), abs(self.mag(u)).bit_length(), 1) + 1
        return self.mag(value) + (2 if name == "sinh" and abs(u) < 1 else 1)

    def sign(self, a: Number, b: Number) -> int:  # noqa: D102 - described by the base class
        gap = self.add((a, self.minus(b)))
        if isinstance(gap, Fraction):
            return (gap > 0) - (gap < 0)
        if self.known(gap):
            return 1 if gap[0] > 0 else -1
        if gap[1] > max(self.mag(self.pair(x)[0]) for x in (a, b)) - 3 * self.bits // 4:
            raise Unsure
        return 0  # rounding of two equal values must not decide a boundary


def _exactly(name: str, u: Fraction) -> Fraction | None:
    """Return the value of a function where it is a fraction that needs no working out."""
    if (name == "gamma" and u <= 0 and u.denominator == 1) or (name == "log" and u <= 0) or (name == "sqrt" and u < 0):
        raise Undefined
    if name == "sqrt":
        root = Fraction(math.isqrt(u.numerator), math.isqrt(u.denominator))
        return root if root**2 == u else None
    if name == "log":
        return Fraction(0) if u == 1 else None
    return Fraction(_AT_ZERO[name]) if u == 0 and name in _AT_ZERO else None


@lru_cache(maxsize=4)
def bounded(bits: int = DOUBLE_BITS) -> Bounded:
    """Return the numbers of so many bits with their bounds; doubles unless asked for more."""
    return Bounded(FLOATS, bits) if bits == DOUBLE_BITS else Bounded(reals(bits), bits)


ValueIn = Callable[[Numbers], list[Any] | None]


def certain_gap(mine: ValueIn, truth: ValueIn, near: Callable[[Any, Any], bool], *, patient: bool) -> Gap | None:
    """Return how two values certainly differ; None where they agree, or where the second has none.

    Parameters
    ----------
    mine, truth : callable
        Give the list of the one value in some numbers; None where it is undefined.
    near : callable
        Whether two high-precision numbers count as equal.
    patient : bool
        Whether more bits are tried than usual ones.

    Raises
    ------
    Unsure
        If rounding hides it at every precision that is tried.
    """
    for bits in _LADDER if patient else _LADDER[:1]:
        numbers = bounded(bits)
        try:
            right = truth(numbers)
            if right is None:
                return None
            found, (b, _) = mine(numbers), numbers.pair(right[0])
            if found is None:
                return Gap(None, b)
            (a, _), gap = numbers.pair(found[0]), numbers.add((found[0], numbers.minus(right[0])))
        except Unsure:
            continue
        if numbers.context.isinf(a):
            return Gap(None, b)
        if isinstance(gap, Fraction) or numbers.known(gap):
            return None if near(a, b) else Gap(a, b)
        if gap[1] <= max(numbers.mag(a), numbers.mag(b)) - _KEPT:
            return None
    raise Unsure


def doubles_differ(mine: ValueIn, truth: Sequence[float]) -> bool:
    """Whether values differ from others by more than rounding can do to them; one that has no value does.

    Parameters
    ----------
    mine : callable
        Gives values in some numbers; None where one is undefined.
    truth : sequence of float
        What they are compared with.
    """
    numbers = bounded()
    try:
        found = mine(numbers)
        pairs = [numbers.pair(value) for value in found or ()]
    except (Unsure, OverBudget):
        return False
    return found is None or any(abs(a - t) > math.ldexp(2.0, e) for (a, e), t in zip(pairs, truth, strict=True))
