"""Printing surface trees: plain text in the language of answers, and LaTeX.  Needs no other package."""

from __future__ import annotations

from fractions import Fraction

from autograder.plain import dataclass
from autograder.symbolic.language.notation import ACCENTS, ATOM, GREEK, PRECEDENCE
from autograder.symbolic.language.vocabulary import Node, Vocabulary, is_row, rank

_LATEX_FUNCTIONS = {
    "exp", "log", "tanh", "sinh", "cosh", "sin", "cos", "min", "max", "Min", "Max",
}  # fmt: skip
_COMPARE = {"<=": r"\le", ">=": r"\ge", "==": "=", "!=": r"\ne"}


def _level(node: Node) -> int:
    return PRECEDENCE.get(node[0], ATOM)


def _number(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    # every literal is a decimal, so its denominator divides a power of ten
    places = next(k for k in range(1, 200) if 10**k % value.denominator == 0)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def plain(node: Node) -> str:
    """Return the expression as text in the language of answers, with no more brackets than it needs."""
    kind = node[0]
    if kind == "num":
        return _number(node[1])
    if kind == "name":
        return str(node[1])
    if kind == "bool":
        return str(node[1])
    if kind == "neg":
        return "-" + _wrapped(node[1], 6)
    if kind in ("+", "-", "*", "/", "@"):
        level = PRECEDENCE[kind]
        space = " " if level == 5 or kind == "@" else ""
        return f"{_wrapped(node[1], level)}{space}{kind}{space}{_wrapped(node[2], level + 1)}"
    if kind == "**":
        return f"{_wrapped(node[1], 9)}**{_wrapped(node[2], 8)}"
    if kind == "T":
        return f"{_wrapped(node[1], 9)}.T"
    if kind == "at":
        return f"{_wrapped(node[1], 9)}[{', '.join(map(plain, node[2]))}]"
    if kind == "call":
        return f"{node[1]}({', '.join(map(plain, node[2]))})"
    if kind == "cmp":
        return f"{_wrapped(node[2], 5)} {node[1]} {_wrapped(node[3], 5)}"
    if kind in ("and", "or"):
        return f" {kind} ".join(_wrapped(part, PRECEDENCE[kind] + 1) for part in node[1])
    if kind == "not":
        return f"not {_wrapped(node[1], 4)}"
    return f"({', '.join(map(plain, node[1]))})"


def _wrapped(node: Node, least: int) -> str:
    text = plain(node)
    return f"({text})" if _level(node) < least else text


def _name(name: str) -> str:
    base, _, below = name.partition("_")
    for ending in ACCENTS:
        if base.endswith(ending) and len(base) == len(ending) + 1:
            base = f"\\{ending}{{{base[0]}}}"
    digits = base[len(base.rstrip("0123456789")) :]
    stem = base[: len(base) - len(digits)] if digits else base
    if stem in GREEK:
        stem = {"eps": r"\varepsilon", "lam": r"\lambda"}.get(stem, f"\\{stem}")
    elif len(stem) > 1 and not stem.startswith("\\"):
        stem = rf"\mathit{{{stem}}}"
    if digits == "2" and stem in (r"\sigma", r"\tau", "s"):
        return f"{stem}^{{2}}"
    low = ",".join(x for x in (digits, below) if x)
    return f"{stem}_{{{low}}}" if low else stem


def latex(node: Node, names: Vocabulary | None = None) -> str:
    """Return the expression as LaTeX (mathematics mode, without dollar signs).

    With the names of a question, products of arrays are set so that they read back alike: with a dot in a
    circle entry by entry, and transposes where a vector multiplies from the left.
    """
    return _Latex(names or Vocabulary()).of(node)


@dataclass(frozen=True)
class _Latex:
    names: Vocabulary

    def of(self, node: Node, least: int = 0) -> str:
        """The expression, in brackets where it binds less than that."""
        text = self.inner(node)
        return rf"\left({text}\right)" if _level(node) < least else text

    def operand(self, node: Node, least: int) -> str:
        """An operand on the right: a sign there needs brackets too."""
        return self.of(node, ATOM + 1 if node[0] == "neg" else least)

    def inner(self, node: Node) -> str:
        kind = node[0]
        if kind == "num":
            return _number(node[1])
        if kind == "name":
            return _name(node[1])
        if kind == "bool":
            return r"\text{otherwise}" if node[1] else r"\text{never}"
        if kind == "neg":
            return "-" + self.operand(node[1], 6)
        if kind in ("+", "-"):
            return f"{self.of(node[1], 5)} {kind} {self.operand(node[2], 6)}"
        if kind in ("*", "@"):
            return self.product(kind, node[1], node[2])
        if kind == "/":
            return rf"\frac{{{self.of(node[1])}}}{{{self.of(node[2])}}}"
        if kind == "**":
            entrywise = r"\circ " if rank(node[1], self.names) == 2 else ""
            return f"{{{self.of(node[1], 9)}}}^{{{entrywise}{self.of(node[2])}}}"
        if kind == "T":
            return f"{{{self.of(node[1], 9)}}}^{{\\top}}"
        if kind == "at":
            return f"{{{self.of(node[1], 9)}}}_{{{', '.join(map(self.of, node[2]))}}}"
        if kind == "call":
            return self.call(node[1], node[2])
        if kind == "cmp":
            return f"{self.of(node[2], 5)} {_COMPARE.get(node[1], node[1])} {self.of(node[3], 5)}"
        if kind in ("and", "or"):
            return (r" \wedge " if kind == "and" else r" \vee ").join(self.of(part, 3) for part in node[1])
        if kind == "not":
            return rf"\neg {self.of(node[1], 4)}"
        return ", ".join(map(self.of, node[1]))

    def product(self, kind: str, a: Node, b: Node) -> str:
        left, right = rank(a, self.names), rank(b, self.names)
        dot = r"\," if kind == "@" or b[0] != "num" else r"\cdot "
        if kind == "*" and left and right:
            dot = r"\odot "
        if kind == "@" and right == 1 and b[0] == "T":
            b = b[1]
        if kind == "@" and left == 1 and not is_row(a):
            a = ("T", a, 0)
        # a sum reaches as far to the right as factors go
        return f"{self.of(a, ATOM + 1 if _ends_in_sum(a) else 6)} {dot} {self.operand(b, 7)}"

    def call(self, name: str, args: tuple[Node, ...]) -> str:
        # every argument is printed once: printing it twice would double at each level of nesting
        if name in ("where", "Piecewise"):
            return self.cases(name, args)
        if name in ("Sum", "sum") and len(args) == 2:
            index = args[1][1][0] if args[1][0] == "tuple" else args[1]
            return rf"\sum_{{{self.of(index)}}} {self.operand(args[0], 6)}"
        if name == "inv":
            return f"{{{self.of(args[0], 9)}}}^{{-1}}"
        shown = [self.of(arg) for arg in args]
        first = shown[0]
        forms = {
            "sqrt": rf"\sqrt{{{first}}}",
            "abs": rf"\left|{first}\right|",
            "Abs": rf"\left|{first}\right|",
            "delta": rf"\delta_{{{' '.join(shown)}}}",
            "eye": f"I_{{{first}}}",
            "gamma": rf"\Gamma\left({first}\right)",
            "D": rf"\frac{{\partial}}{{\partial {shown[-1]}}} \left({first}\right)",
        }
        if name in forms:
            return forms[name]
        head = rf"\{name.lower()}" if name in _LATEX_FUNCTIONS else rf"\operatorname{{{name}}}"
        return rf"{head}\left({', '.join(shown)}\right)"

    def cases(self, name: str, args: tuple[Node, ...]) -> str:
        if name == "where":
            rows = [(self.of(args[1]), self.of(args[0])), (self.of(args[2]), r"\text{otherwise}")]
        else:
            rows = [(self.of(arg[1][0]), self.of(arg[1][1])) for arg in args if arg[0] == "tuple"]
        body = r" \\ ".join(f"{value} & {condition}" for value, condition in rows)
        return rf"\begin{{cases}} {body} \end{{cases}}"


def _ends_in_sum(node: Node) -> bool:
    """Whether the last factor as it is written is a sum over an index."""
    if node[0] in ("*", "@"):
        return _ends_in_sum(node[2])
    if node[0] == "neg":
        return _ends_in_sum(node[1])
    return bool(node[0] == "call" and node[1] in ("Sum", "sum") and len(node[2]) == 2)
