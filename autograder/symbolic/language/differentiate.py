"""Derivatives of core expressions, with rules that can be switched to common mistakes.

The right rules give the truth from the loss; each mal-rule gives what a student gets who makes that mistake, so the
library of wrong answers is generated rather than written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from autograder.plain import dataclass
from autograder.symbolic.language.expr import ONE, ZERO, Expr, add, div, fn, mul, neg, num, power, sub, total
from autograder.symbolic.language.question import Symbol


@dataclass(frozen=True)
class Rules:
    """Which mistakes are made; all off gives the derivative.

    Attributes
    ----------
    power : bool
        ``(u^2)' = u u'``.
    inner, power_inner : bool
        The inner derivative of a function, or of a power, is forgotten.
    jacobian : {"right", "none", "diagonal", "plus", "off"}
        How the softmax is differentiated.
    activation : {"right", "none", "linear"}
        Derivative of tanh: right, 1, or ``1 - tanh``.
    exp_sign : bool
        The sign of the inner derivative of exp is lost.
    """

    power: bool = False
    inner: bool = False
    power_inner: bool = False
    jacobian: str = "right"
    activation: str = "right"
    exp_sign: bool = False


MISTAKES: tuple[tuple[str, str, Rules], ...] = (
    ("factor of the power rule missing", "Differentiate u^2 for a single u: which factor appears?", Rules(power=True)),
    (
        "inner derivative of a function missing",
        "Which variable is inside, and with which factor?",
        Rules(inner=True),
    ),
    (
        "inner derivative of the square missing",
        "What depends on the variable inside the square?",
        Rules(power_inner=True),
    ),
    (
        "softmax Jacobian missing",
        "Every probability depends on every logit: where is dp_i/dz_j?",
        Rules(jacobian="none"),
    ),
    ("diagonal softmax Jacobian", "Do the entries sum to 0?", Rules(jacobian="diagonal")),
    (
        "sign of the off-diagonal Jacobian",
        "Raise one logit: what do the other probabilities do?",
        Rules(jacobian="plus"),
    ),
    ("off-diagonal Jacobian only", "What is dp_j/dz_j?", Rules(jacobian="off")),
    ("activation derivative missing", "Count the factors of the chain rule.", Rules(activation="none")),
    ("derivative of tanh taken as 1 - tanh", "Evaluate the derivative at 0 and far away.", Rules(activation="linear")),
    ("sign of the exponent lost", "What is the derivative of exp(-s)?", Rules(exp_sign=True)),
)


def pairs_of_mistakes(mistakes: Sequence[tuple[str, str, Rules]]) -> list[tuple[str, str, Rules]]:
    """Two of these mistakes at once, where they do not exclude each other."""
    out = []
    default = Rules()
    for k, (title_a, hint_a, a) in enumerate(mistakes):
        for title_b, _, b in mistakes[k + 1 :]:
            changed_a = {f: v for f, v in vars(a).items() if v != getattr(default, f)}
            changed_b = {f: v for f, v in vars(b).items() if v != getattr(default, f)}
            if not set(changed_a) & set(changed_b):
                out.append((f"{title_a}, and {title_b}", hint_a, replace(a, **changed_b)))
    return out


@dataclass
class _Derivative:
    variable: Expr
    symbols: Mapping[str, Symbol]
    rules: Rules

    def of(self, e: Expr) -> Expr:
        kind = e[0]
        if kind in ("num", "const", "delta"):
            return ZERO
        if kind in ("sym", "idx"):
            return self.of_atom(e)
        if kind == "add":
            return add(*(self.of(x) for x in e[1]))
        if kind == "mul":
            return add(*(mul(*e[1][:k], self.of(x), *e[1][k + 1 :]) for k, x in enumerate(e[1])))
        if kind == "pow":
            return self.of_power(e[1], e[2])
        if kind == "sum":
            return total(e[1], e[2], self.of(e[3]))
        if kind == "pw":
            return ("pw", tuple((self.of(value), condition) for value, condition in e[1]))
        if kind == "fn":
            return self.of_function(e[1], e[2])
        raise NotImplementedError(f"derivative of {kind}")

    def of_atom(self, e: Expr) -> Expr:
        v = self.variable
        if e == v:
            return ONE
        if e[0] == v[0] == "idx" and e[1] == v[1]:
            return mul(*(ONE if a == b else ("delta", a, b) for a, b in zip(e[2], v[2], strict=True)))
        symbol = self.symbols.get(e[1])
        if e[0] == "idx" and v[0] == "idx" and symbol is not None and symbol.logits == v[1]:
            scale = power(("sym", symbol.temperature), num(-1)) if symbol.temperature else ONE
            return mul(scale, self.softmax(e, v[2][0]))
        return ZERO

    def softmax(self, p: Expr, j: str) -> Expr:
        i = p[2][0]
        same: Expr = ONE if i == j else ("delta", i, j)
        other: Expr = ("idx", p[1], (j,))
        return {
            "right": mul(p, sub(same, other)),
            "none": same,
            "diagonal": mul(same, p, sub(ONE, p)),
            "plus": mul(p, add(same, other)),
            "off": neg(mul(p, other)),
        }[self.rules.jacobian]

    def of_power(self, base: Expr, exponent: Expr) -> Expr:
        if exponent[0] != "num":
            inner = mul(exponent, fn("log", base))
            return mul(("pow", base, exponent), self.of(inner))
        value: Fraction = exponent[1]
        down = base if value == 2 else power(base, num(value - 1))
        lead = ONE if self.rules.power and value == 2 else exponent
        inner = self.of(base)
        if self.rules.power_inner and value > 0 and inner != ZERO:
            inner = ONE
        return mul(lead, down, inner)

    def of_function(self, name: str, args: tuple[Expr, ...]) -> Expr:
        u = args[0]
        if name in ("Max", "Min"):
            return self.of_choice(name, args)
        du = self.of(u)
        if du == ZERO:
            return ZERO
        if name == "exp" and self.rules.exp_sign:
            return mul(fn("exp", u), fn("Abs", du) if du[0] == "num" else du)
        outer = self.outer(name, u)
        return mul(outer, ONE if self.rules.inner else du)

    def outer(self, name: str, u: Expr) -> Expr:
        if name == "tanh":
            t = fn("tanh", u)
            wrong = {"none": ONE, "linear": sub(ONE, t)}
            return wrong.get(self.rules.activation, sub(ONE, power(t, num(2))))
        table: dict[str, Expr] = {
            "exp": fn("exp", u),
            "log": power(u, num(-1)),
            "sqrt": div(num(Fraction(1, 2)), fn("sqrt", u)),
            "sinh": fn("cosh", u),
            "cosh": fn("sinh", u),
            "sin": fn("cos", u),
            "cos": neg(fn("sin", u)),
            "Abs": fn("sign", u),
            "sign": ZERO,
            "Heaviside": ZERO,
        }
        if name not in table:
            raise NotImplementedError(f"derivative of {name}")
        return table[name]

    def of_choice(self, name: str, args: tuple[Expr, ...]) -> Expr:
        # where the arguments meet, the constant 0 wins: relu'(0) = 0
        first, *rest = args
        if not rest:
            return self.of(first)
        tail = rest[0] if len(rest) == 1 else fn(name, *rest)
        zero_last = first == ZERO
        here, there = (tail, first) if zero_last else (first, tail)
        op = ">" if name == "Max" else "<"
        return ("pw", ((self.of(here), ("cmp", op, here, there)), (self.of(there), ("true",))))


def differentiate(e: Expr, variable: Expr, symbols: Mapping[str, Symbol], rules: Rules) -> Expr:
    """Return the derivative of ``e`` with respect to a scalar or to one entry of an array.

    A probability vector with ``logits`` is differentiated as their softmax.

    Raises
    ------
    NotImplementedError
        For a function without a rule (``gamma``, ``inv``).
    """
    return _Derivative(variable, symbols, rules).of(e)
