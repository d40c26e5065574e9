"""The names of a question, by which spellings are told apart, and how many dimensions a formula has."""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from typing import Any

from autograder.plain import dataclass
from autograder.symbolic.language.notation import GREEK

Node = tuple[Any, ...]

_NO_NAMES: frozenset[str] = frozenset()
VARIANTS = {"ϵ": "ε", "ϕ": "φ", "ϑ": "θ", "ϱ": "ρ", "Λ": "λ", "µ": "μ"}
LETTERS: dict[str, tuple[str, ...]] = {
    letter: tuple(name for name, other in GREEK.items() if other == letter) for letter in dict.fromkeys(GREEK.values())
}
"""Greek letters with the names that they may stand for."""
LETTERS["ε"] = ("eps", "epsilon")
_PLAIN_FUNCTIONS = {
    "exp", "log", "sqrt", "tanh", "sinh", "cosh", "sech", "sin", "cos", "sign", "Abs", "abs", "Heaviside", "gamma",
}  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """The names of a question: how many indices each has, the indices themselves, functions of its statement."""

    pairs: frozenset[tuple[str, int]] = frozenset()
    indices: frozenset[str] = _NO_NAMES
    functions: frozenset[str] = _NO_NAMES

    @cached_property
    def ranks(self) -> dict[str, int]:
        """Number of indices by name."""
        return dict(sorted(self.pairs))

    def is_function(self, name: str) -> bool:
        """Whether a name is a function of one argument here."""
        return (name in _PLAIN_FUNCTIONS or name in self.functions) and name not in self.ranks

    def letter(self, letter: str) -> str:
        """Return the name for a Greek letter: one that is declared, else the usual one."""
        names = LETTERS[VARIANTS.get(letter, letter)]
        near = [name for name in self.ranks for n in names if name == n or name.startswith((f"{n}_", f"{n}2"))]
        return next((n for n in names if n in self.ranks or any(m.startswith(n) for m in near)), names[0])

    def rank(self, name: str) -> int | None:
        """Return the number of indices that a name still needs; None if it is not a name of the question."""
        if name in self.ranks:
            return self.ranks[name]
        if name == "pi":
            return 0
        base, _, below = name.rpartition("_")
        return 0 if below and self.ranks.get(base) == len(below) else None

    def known_as(self, name: str) -> str:
        """Return the declared name that is meant: ``y_hat`` is ``yhat``, ``epsilon`` is ``eps``."""
        if self.rank(name) is not None or name in self.indices:
            return name
        for other in (name.replace("_", ""), *LETTERS.get(GREEK.get(name, ""), ())):
            if other in self.ranks:
                return other
        base, _, below = name.rpartition("_")
        spelled = (base.replace("_", ""), base.upper(), base.lower())  # y_hat_i, x_ij of X
        joined = (f"{other}_{below}" for other in spelled if other in self.ranks)
        return next((name for name in joined if self.rank(name) is not None), name) if base else name


def indicator(node: Node) -> Node:
    """Return a condition inside of a formula as the number that it stands for: 1 where it holds, else 0."""
    if node[0] not in ("cmp", "and", "or", "not"):
        return node
    return ("call", "where", (node, ("num", Fraction(1)), ("num", Fraction(0))), node[-1])


def rank(node: Node, names: Vocabulary) -> int:
    """Return the number of dimensions of a surface tree, as well as it shows without sizes."""
    kind = node[0]
    if kind == "name":
        return names.rank(node[1]) or 0
    if kind in ("neg", "T"):
        return rank(node[1], names)
    if kind == "at":
        return max(rank(node[1], names) - len(node[2]), 0)
    if kind in ("+", "-", "*", "/", "**"):
        return max(rank(node[1], names), rank(node[2], names))
    if kind == "@":
        return max(rank(node[1], names) + rank(node[2], names) - 2, 0)
    if kind == "call":
        return _rank_of_call(node[1], node[2], names)
    return 0


def _rank_of_call(name: str, args: tuple[Node, ...], names: Vocabulary) -> int:
    ranks = [rank(arg[1][0] if arg[0] == "tuple" and arg[1] else arg, names) for arg in args]
    if name in ("sum", "Sum", "delta"):
        return 0
    if name == "dot":
        return max(sum(ranks) - 2, 0) if all(ranks) else max(ranks)
    if name in ("outer", "eye"):
        return 2
    if name == "diag":
        return 3 - ranks[0] if ranks[0] else 0
    return max(ranks[1:] if name == "where" else ranks, default=0)


def is_row(node: Node) -> bool:
    """Whether a vector is transposed, with a factor in front or not."""
    if node[0] in ("*", "/"):
        return is_row(node[1]) or (node[0] == "*" and is_row(node[2]))
    if node[0] == "@":
        return is_row(node[1])
    return bool(node[0] == "T") or (node[0] == "neg" and is_row(node[1]))
