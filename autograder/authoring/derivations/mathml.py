"""Formulas of the answer language as MathML: no script, no font and no network needed.

The tree of the text is set as it was written, so that a reader meets the form that was derived and not a
rearranged one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from itertools import pairwise

from autograder.errors import CourseError
from autograder.symbolic.language.notation import ACCENTS, ATOM, GREEK, PRECEDENCE
from autograder.symbolic.language.vocabulary import Node
from autograder.symbolic.second.scene import tree

_RELATIONS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥", "==": "=", "!=": "≠"}
_COMPACT = {"exp", "sqrt", "abs", "Abs", "dot", "eye", "delta", "outer", "inv"}  # not set as a word
_ADD, _MUL, _POW, _ATOM = PRECEDENCE["+"], PRECEDENCE["*"], PRECEDENCE["**"], ATOM
_INVISIBLE = "<mo>&#x2062;</mo>"


def wrap(*inner: str) -> str:
    """Return a ``<math>`` element around presentation markup; sums and fractions are set in display size."""
    return f'<math><mstyle displaystyle="true">{row(*inner)}</mstyle></math>'


def prose(words: str, notation: Mapping[str, str]) -> str:
    """Return words as HTML in which formulas between backticks are set as mathematics."""
    setter = Setter(notation, ())
    return "".join(
        f"<math>{setter.text(part)}</math>" if i % 2 else escape(part) for i, part in enumerate(words.split("`"))
    )


def row(*parts: str) -> str:
    """Return a row of markup."""
    return f"<mrow>{''.join(parts)}</mrow>"


def operator(symbol: str) -> str:
    """Return an operator."""
    return f"<mo>{escape(symbol)}</mo>"


def _fence(inner: str, left: str = "(", right: str = ")") -> str:
    return row(f"<mo>{left}</mo>", inner, f"<mo>{right}</mo>")


class Setter:
    """Sets formulas; the markup comes without the ``<math>`` element.

    ``notation`` maps names to formulas that are set in their place; ``arrays`` are names whose bare products are
    elementwise.
    """

    def __init__(self, notation: Mapping[str, str], arrays: Iterable[str]) -> None:
        self.notation = {name: text for name, text in notation.items() if name != text}
        self.arrays = frozenset(arrays)

    def text(self, formula: str) -> str:
        """Return markup of a text; one that cannot be read is shown as it is written, since its verdict says why."""
        try:
            return self.set(tree(formula))
        except CourseError:
            return f"<mtext>{escape(formula)}</mtext>"

    def set(self, node: Node) -> str:
        """Return markup of a tree."""
        return self._set(node)[0]

    def _set(self, node: Node) -> tuple[str, int]:
        """Markup and how tightly it binds."""
        match node:
            case ("num", number):
                return self._number(number)
            case ("bool", flag):
                return f"<mtext>{'otherwise' if flag else 'never'}</mtext>", _ATOM
            case ("name", name, _):
                return self._name(name)
            case ("neg", a, _):
                return row("<mo>−</mo>", self._at_least(a, _MUL)), _ADD
            case ("T", a, _):
                return f"<msup>{self._at_least(a, _ATOM)}<mo>⊤</mo></msup>", _POW
            case ("at", a, indices, _):
                return f"<msub>{self._at_least(a, _ATOM)}{row(*(self.set(i) for i in indices))}</msub>", _ATOM
            case ("cmp", relation, a, b, _):
                return row(self.set(a), operator(_RELATIONS[relation]), self.set(b)), _ADD
            case ("and", parts, _):
                return self._chain(parts), _ADD
            case ("+" | "-", a, b, _):
                sign = "<mo>+</mo>" if node[0] == "+" else "<mo>−</mo>"
                return row(self._at_least(a, _ADD), sign, self._at_least(b, _ADD if node[0] == "+" else _MUL)), _ADD
            case ("*" | "@" | "/", _, _, _) if _leads_with_minus(node):
                return row("<mo>−</mo>", self._at_least(_without_minus(node), _MUL)), _ADD
            case ("*" | "@", a, b, _):
                return self._product(node[0], a, b), _MUL
            case ("/", a, b, _):
                return f"<mfrac>{self.set(a)}{self.set(b)}</mfrac>", _POW
            case ("**", a, b, _):
                return self._power(a, b)
            case ("call", name, arguments, _):
                return self._call(name, arguments)
            case _:
                parts = node[1] if isinstance(node[1], tuple) else ()
                return row(*(self.set(part) for part in parts if isinstance(part, tuple))), _ADD

    def _chain(self, parts: tuple[Node, ...]) -> str:
        """Several conditions; ``0 < a`` and ``a < 1`` are set as one chain."""
        out = [self.set(parts[0])]
        for before, part in pairwise(parts):
            if before[0] == part[0] == "cmp" and before[3] == part[2]:
                out += [operator(_RELATIONS[part[1]]), self.set(part[3])]
            else:
                out += ["<mtext>&#160;and&#160;</mtext>", self.set(part)]
        return row(*out)

    def _number(self, number: object) -> tuple[str, int]:
        numerator, denominator = number.numerator, number.denominator  # type: ignore[attr-defined]  # a Fraction
        if denominator == 1:
            return f"<mn>{numerator}</mn>", _ATOM
        return f"<mfrac><mn>{numerator}</mn><mn>{denominator}</mn></mfrac>", _POW

    def _at_least(self, node: Node, wanted: int) -> str:
        inner, binding = self._set(node)
        return inner if binding >= wanted else _fence(inner)

    def _product(self, symbol: str, a: Node, b: Node) -> str:
        left = self._at_least(a, _MUL)
        if _ends_open(a):
            left = _fence(left)
        right = self._at_least(b, _MUL)
        if symbol == "*" and self._is_array(a) and self._is_array(b):
            between = "<mo>⊙</mo>"
        elif b[0] == "call" and b[1] not in _COMPACT:
            between = '<mspace width="0.17em"/>'
        elif _starts_with_number(b):
            between = "<mo>·</mo>"
        else:
            between = _INVISIBLE
        return row(left, between, right)

    def _is_array(self, node: Node) -> bool:
        kind = node[0]
        if kind == "name":
            return node[1] in self.arrays
        if kind in ("+", "-", "*", "/", "@"):
            return self._is_array(node[1]) or self._is_array(node[2])
        if kind in ("neg", "T", "**"):
            return self._is_array(node[1])
        return kind == "call" and node[1] in ("diag", "outer", "eye", "inv")

    def _power(self, a: Node, b: Node) -> tuple[str, int]:
        if a[0] == "name" and a[1] in self.notation:
            inner = tree(self.notation[a[1]])
            if inner[0] == "**" and inner[2][0] == b[0] == "num":  # the square of sigma^2 is sigma^4
                return f"<msup>{self._at_least(inner[1], _ATOM)}<mn>{inner[2][1] * b[1]}</mn></msup>", _POW
        exponent = self.set(b)
        if a[0] == "call" and a[1] in ("tanh", "cosh", "sinh", "sech", "log", "sin", "cos"):
            (argument,) = a[2]
            return row(f"<msup><mi>{a[1]}</mi>{exponent}</msup>", _fence(self.set(argument))), _POW
        return f"<msup>{self._at_least(a, _ATOM)}{exponent}</msup>", _POW

    def _call(self, name: str, arguments: tuple[Node, ...]) -> tuple[str, int]:
        special = getattr(self, f"_on_{name.lower()}", None)
        if special is not None:
            result: tuple[str, int] = special(*arguments)
            return result
        inner = "<mo>,</mo>".join(self.set(a) for a in arguments)
        return row(f"<mi>{escape({'gamma': 'Γ', 'sign': 'sgn'}.get(name, name.lower()))}</mi>", _fence(inner)), _ATOM

    def _on_exp(self, a: Node) -> tuple[str, int]:
        return f"<msup><mi>e</mi>{self.set(a)}</msup>", _POW

    def _on_sqrt(self, a: Node) -> tuple[str, int]:
        return f"<msqrt>{self.set(a)}</msqrt>", _ATOM

    def _on_abs(self, a: Node) -> tuple[str, int]:
        return _fence(self.set(a), "|", "|"), _ATOM

    def _on_sum(self, a: Node, index: Node | None = None) -> tuple[str, int]:
        under = "<mo>∑</mo>" if index is None else f"<munder><mo>∑</mo>{self.set(index)}</munder>"
        return row(under, self._at_least(a, _MUL)), _MUL

    def _on_delta(self, i: Node, j: Node) -> tuple[str, int]:
        return f"<msub><mi>δ</mi>{row(self.set(i), self.set(j))}</msub>", _ATOM

    def _on_dot(self, a: Node, b: Node) -> tuple[str, int]:
        return _fence(row(self.set(a), "<mo>,</mo>", self.set(b)), "⟨", "⟩"), _ATOM

    def _on_outer(self, a: Node, b: Node) -> tuple[str, int]:
        return row(self._at_least(a, _POW), _INVISIBLE, f"<msup>{self._at_least(b, _ATOM)}<mo>⊤</mo></msup>"), _MUL

    def _on_eye(self, a: Node) -> tuple[str, int]:
        return f"<msub><mi>I</mi>{self.set(a)}</msub>", _ATOM

    def _on_inv(self, a: Node) -> tuple[str, int]:
        return f"<msup>{self._at_least(a, _ATOM)}<mrow><mo>−</mo><mn>1</mn></mrow></msup>", _POW

    def _on_heaviside(self, a: Node) -> tuple[str, int]:
        return row("<mi>H</mi>", _fence(self.set(a))), _ATOM

    def _on_d(self, a: Node, by: Node) -> tuple[str, int]:
        if a[0] in ("name", "at"):
            return f"<mfrac>{row('<mo>∂</mo>', self.set(a))}{row('<mo>∂</mo>', self.set(by))}</mfrac>", _POW
        return row(f"<mfrac><mo>∂</mo>{row('<mo>∂</mo>', self.set(by))}</mfrac>", self._at_least(a, _POW)), _MUL

    def _on_where(self, condition: Node, a: Node, b: Node) -> tuple[str, int]:
        return self._cases([(a, condition), (b, ("bool", True))])

    def _on_piecewise(self, *branches: Node) -> tuple[str, int]:
        return self._cases([branch[1] for branch in branches])

    def _cases(self, branches: Iterable[tuple[Node, ...]]) -> tuple[str, int]:
        rows = "".join(
            f"<mtr><mtd>{self.set(value)}</mtd><mtd>{self._condition(when)}</mtd></mtr>" for value, when in branches
        )
        return (
            f'<mtable class="cases">{rows}</mtable>',
            _MUL,
        )  # its brace is a border: not every font has one that grows

    def _condition(self, when: Node) -> str:
        return self.set(when) if when[0] == "bool" else row("<mtext>if&#160;</mtext>", self.set(when))

    def _name(self, name: str) -> tuple[str, int]:
        """A name: Greek letters, subscripts after ``_`` or digits, accents for ``hat`` and ``bar``."""
        if name in self.notation:
            return self._set(tree(self.notation[name]))
        base, _, below = name.partition("_")
        if not below and base[-1:].isdigit() and base.rstrip("0123456789"):
            stem = base.rstrip("0123456789")
            base, below = stem, base[len(stem) :]
        set_base = self.text(self.notation[base]) if below and base in self.notation else _letter(base)
        return (f"<msub>{set_base}{_below(below)}</msub>" if below else set_base), _ATOM


def _letter(base: str) -> str:
    for suffix, accent in ACCENTS.items():
        if base.endswith(suffix) and base != suffix:
            return f"<mover>{_letter(base.removesuffix(suffix))}<mo>{accent}</mo></mover>"
    return f"<mi>{escape('∞' if base == 'oo' else GREEK.get(base, base))}</mi>"


def _below(text: str) -> str:
    if text.isdigit():
        return row(*(f"<mn>{digit}</mn>" for digit in text))
    return _letter(text) if text in GREEK else row(*(f"<mi>{escape(letter)}</mi>" for letter in text))


def _leads_with_minus(node: Node) -> bool:
    """Whether the first factor carries a minus sign, which is then set before the whole product."""
    while node[0] in ("*", "/", "@"):
        node = node[1]
    return bool(node[0] == "neg")


def _without_minus(node: Node) -> Node:
    return node[1] if node[0] == "neg" else (node[0], _without_minus(node[1]), *node[2:])


def _starts_with_number(node: Node) -> bool:
    while node[0] in ("*", "/", "**", "@"):
        node = node[1]
    return bool(node[0] == "num")


def _ends_open(node: Node) -> bool:
    """Whether the tree ends in a sum sign, a case bracket or a derivative, which would swallow a factor."""
    while node[0] in ("*", "@"):
        node = node[2]
    return (
        node[0] == "call"
        and node[1] in ("Sum", "sum", "where", "Piecewise", "D", "outer")
        and not (node[1] == "D" and node[2][0][0] in ("name", "at"))
    )
