"""Formulas of the answer language as SymPy expressions at concrete sizes.

Arrays become object arrays of SymPy expressions, so that a formula for general n, d, K is taken at numbers of
samples, features and classes.  The reading of the text is shared with the grader; its meaning is worked out here a
second time, on purpose: a derivation is to be an independent witness.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from autograder.errors import CourseError
from autograder.symbolic.language.question import Symbol
from autograder.symbolic.language.surface import ReadError, parse
from autograder.symbolic.language.vocabulary import Node, Vocabulary

_ROWS = 4
"""Of a matrix that is inverted entry by entry."""


class TooCostly(Exception):
    """More work than a judgement may cost."""


SympyValue = Any  # a SymPy expression or an object array of them

_FUNCTIONS = {
    "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "tanh": sp.tanh, "sinh": sp.sinh, "cosh": sp.cosh, "sech": sp.sech,
    "sin": sp.sin, "cos": sp.cos, "sign": sp.sign, "abs": sp.Abs, "Abs": sp.Abs, "gamma": sp.gamma,
    "Max": sp.Max, "max": sp.Max, "Min": sp.Min, "min": sp.Min, "Heaviside": lambda x: sp.Heaviside(x, 0),
}  # fmt: skip
_RELATIONS = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge, "==": sp.Eq, "!=": sp.Ne}


def tree(text: str, known: Vocabulary | None = None) -> Node:
    """Return the surface tree of a formula; ``known`` has the functions that a question's statement defines.

    Raises
    ------
    CourseError
        If the formula is not in the language.
    """
    try:
        return parse(text, known)
    except ReadError as error:
        raise CourseError(f"the formula {text!r} cannot be read: {error.reason}") from error


def make(symbol: Symbol, sizes: Mapping[str, int]) -> SympyValue:
    """Return SymPy's symbol, or the array of symbols ``name_1``, ``name_2`` ... of a vector or matrix.

    The last entry of a vector that sums to 1 is one minus the others.
    """
    assumptions = {"positive": True} if symbol.positive else {"real": True}
    if not symbol.shape:
        whole = {"integer": True} if symbol.integer and symbol.positive else {}
        return sp.Symbol(symbol.name, **assumptions, **whole)
    out = np.empty([sizes[s] for s in symbol.shape], dtype=object)
    for at in np.ndindex(out.shape):
        out[at] = sp.Symbol(f"{symbol.name}_{''.join(str(i + 1) for i in at)}", **assumptions)
    if symbol.sums_to_one:
        out[-1] = 1 - sum(out[:-1])
    return out


class Scene:
    """Symbols, definitions and sizes: what a formula is read in.

    ``values`` holds names with their meaning; more can be added with :meth:`define`.
    """

    known: Vocabulary | None = None

    def __init__(
        self, symbols: Iterable[Symbol], sizes: Mapping[str, int], definitions: Mapping[str, str] | None = None
    ) -> None:
        self.values: dict[str, SympyValue] = {"pi": sp.pi, "oo": sp.oo}
        symbols = tuple(symbols)
        self.values.update({symbol.name: make(symbol, sizes) for symbol in symbols})
        self.values.update({symbol.name: self._unknown(symbol) for symbol in symbols if symbol.of})
        self.values.update({size: sp.Integer(number) for size, number in sizes.items()})
        for left, right in (definitions or {}).items():
            self.define(left, right)

    def _unknown(self, symbol: Symbol) -> SympyValue:
        """A function of another symbol, or an array of them, of which nothing is known."""
        of = np.ravel(np.asarray(self.values[symbol.of], dtype=object))
        plain = self.values[symbol.name]
        if not np.ndim(plain):
            return sp.Function(symbol.name)(*of)
        return np.frompyfunc(lambda entry: sp.Function(str(entry))(*of), 1, 1)(plain)

    def define(self, left: str, right: str) -> None:
        """Let ``left``, a name or a name with subscripts, stand for the formula ``right``."""
        name, _, rest = left.partition("[")
        index = tuple(i.strip() for i in rest.rstrip("]").split(",")) if rest else ()
        self.values[name.strip()] = self.read(right, index)

    def read(self, text: str, index: tuple[str, ...] = ()) -> SympyValue:
        """Return the value of ``text``: an expression or an array; free subscripts run over ``index``."""
        node = tree(text, self.known)
        try:
            return self._read(node, index, text)
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise CourseError(f"the formula {text!r} has no value: {error}") from error

    def _read(self, node: Node, index: tuple[str, ...], text: str) -> SympyValue:
        if not index or not any(name in _names(node) for name in index):
            return self._value(node, {})
        shape = [self._range(node, name, text) for name in index]
        out = np.empty(shape, dtype=object)
        for at in product(*map(range, shape)):
            out[at] = self._value(node, dict(zip(index, at, strict=True)))
        return out

    def _value(self, node: Node, at: Mapping[str, int]) -> SympyValue:
        match node:
            case ("num", number):
                return sp.Rational(number.numerator, number.denominator)
            case ("bool", flag):
                return sp.true if flag else sp.false
            case ("name", name, _):
                return self._name(name, at)
            case ("neg", a, _):
                return -self._value(a, at)
            case ("T", a, _):
                return np.transpose(self._value(a, at))
            case ("at", a, indices, _):
                return self._value(a, at)[tuple(self._position(i, at) for i in indices)]
            case ("cmp", operator, a, b, _):
                return _entrywise(_RELATIONS[operator], self._value(a, at), self._value(b, at))
            case ("and" | "or", parts, _):
                return (sp.And if node[0] == "and" else sp.Or)(*(self._value(p, at) for p in parts))
            case ("call", name, arguments, _):
                return self._call(name, arguments, at)
            case ("not", a, _):
                return _entrywise(sp.Not, self._value(a, at))
            case ("+" | "-" | "*" | "/" | "**" | "@", a, b, _):
                return _binary(node[0], self._value(a, at), self._value(b, at))
        raise CourseError(f"a formula cannot hold {node[0]!r} here")

    def _name(self, name: str, at: Mapping[str, int]) -> SympyValue:
        base, _, subscripts = name.rpartition("_")
        held = self.values.get(base, 0)
        if subscripts and np.ndim(held) == len(subscripts) and all(letter in at for letter in subscripts):
            return held[tuple(at[letter] for letter in subscripts)]
        if name in self.values:
            return self.values[name]
        if name in at:
            return sp.Integer(at[name] + 1)  # an index in a condition
        raise CourseError(f"unknown name {name!r}; known: {', '.join(sorted(self.values))}")

    def _position(self, node: Node, at: Mapping[str, int]) -> int:
        if node[0] == "num":
            return int(node[1]) - 1  # formulas count from 1
        if node[0] == "name" and node[1] in at:
            return at[node[1]]
        raise CourseError(f"subscript {node[1]!r} is not bound by a Sum and not a free subscript")

    def _call(self, name: str, arguments: tuple[Node, ...], at: Mapping[str, int]) -> SympyValue:
        if name == "Sum" or (name == "sum" and len(arguments) == 2):
            body, index = arguments
            index = index[1][0] if index[0] == "tuple" else index  # with the range written out
            count = self._range(body, index[1], f"Sum over {index[1]}")
            return sum((self._value(body, {**at, index[1]: i}) for i in range(count)), sp.Integer(0))
        if name == "delta":
            first, second = (self._position(a, at) for a in arguments)
            return sp.Integer(int(first == second))
        if name == "Piecewise":
            return _pieces([self._value(side, at) for a in arguments for side in a[1]])
        values = [self._value(a, at) for a in arguments]
        if name == "where":
            return _pieces([values[1], values[0], values[2], sp.true])
        if name == "D":
            return sp.diff(*values)
        if name in ("sigma", "sigmoid"):
            return 1 / (1 + self._call("exp", (("neg", arguments[0], 0),), at))
        if name == "softmax":
            weights = self._call("exp", arguments, at)
            return weights / sum(weights)
        if name in _FUNCTIONS:
            function = _FUNCTIONS[name]
            return np.frompyfunc(function, len(values), 1)(*values) if np.ndim(values[0]) else function(*values)
        return _linear(name, values)

    def _range(self, body: Node, index: str, where: str) -> int:
        """Size over which a subscript runs: that of an array in whose subscripts it occurs."""
        for node in _walk(body):
            if node[0] == "at":
                for place, subscript in enumerate(node[2]):
                    if subscript[:2] == ("name", index):
                        return int(self._shape_of(node[1])[place])
            if node[0] == "name":
                base, _, letters = node[1].rpartition("_")
                if letters and index in letters and np.ndim(self.values.get(base, 0)) == len(letters):
                    return int(np.shape(self.values[base])[letters.index(index)])
        partner = self._range_of_partner(body, index, where)
        if partner is not None:
            return partner
        raise CourseError(f"{where}: nothing says over which size {index} runs")

    def _range_of_partner(self, body: Node, index: str, where: str) -> int | None:
        """Size of the other index of a delta that has a subscript."""
        for node in _walk(body):
            if node[0] == "call" and node[1] == "delta":
                pair = [argument[1] for argument in node[2] if argument[0] == "name"]
                if index in pair and len({*pair}) == 2:
                    other = pair[1 - pair.index(index)]
                    inner = _without_deltas(body)
                    return self._range(inner, other, where) if other in _names(inner) else None
        return None

    def _shape_of(self, node: Node) -> tuple[int, ...]:
        """Sizes of an array; of ``x[i]`` those that are left."""
        if node[0] == "at":
            return self._shape_of(node[1])[len(node[2]) :]
        return np.shape(self._value(node, {}))


def names(text: str, known: Vocabulary | None = None) -> set[str]:
    """Return the names of a formula, the letters after an underscore among them; none if it cannot be read."""
    try:
        return _names(tree(text, known))
    except CourseError:
        return set()


def _names(node: Node) -> set[str]:
    found = set()
    for part in _walk(node):
        if part[0] == "name":
            found.add(part[1])
            found.update(part[1].rpartition("_")[2])
    return found


def _walk(node: Any) -> Any:
    if isinstance(node, tuple):
        if node and isinstance(node[0], str):
            yield node
        for part in node:
            yield from _walk(part)


def _entrywise(function: Any, *values: SympyValue) -> SympyValue:
    return np.frompyfunc(function, len(values), 1)(*values) if any(map(np.ndim, values)) else function(*values)


def _without_deltas(node: Any) -> Any:
    if not isinstance(node, tuple):
        return node
    if node[:2] == ("call", "delta"):
        return ("num", 1)
    return tuple(_without_deltas(part) for part in node)


def _pieces(values: list[SympyValue]) -> SympyValue:
    """Piecewise of values and conditions in turn, entry by entry where some are arrays."""

    def one(*flat: Any) -> Any:
        return sp.Piecewise(*zip(flat[::2], flat[1::2], strict=True))

    return np.frompyfunc(one, len(values), 1)(*values) if any(np.ndim(v) for v in values) else one(*values)


def _binary(operator: str, a: SympyValue, b: SympyValue) -> SympyValue:
    if operator == "@":
        return np.dot(a, b)
    if np.ndim(a) and np.ndim(b) and np.shape(a) != np.shape(b):
        raise CourseError(f"shapes {np.shape(a)} and {np.shape(b)} do not fit for {operator!r}")
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b, "**": lambda: a**b}[
        operator
    ]()


def _linear(name: str, values: list[SympyValue]) -> SympyValue:
    a = values[0]
    if name == "dot":
        return np.dot(a, values[1])
    if name == "outer":
        return np.outer(a, values[1])
    if name == "sum":
        return np.sum(a)
    if name == "eye":
        return np.array(sp.eye(int(a)).tolist(), dtype=object)
    if name == "diag":
        return np.array(sp.diag(*a).tolist(), dtype=object)
    if name == "inv":
        return _inverse(a)
    raise CourseError(f"{name} has no meaning in a derivation")


def _inverse(a: SympyValue) -> SympyValue:
    """Inverse by Cramer's rule: SymPy would prove that every pivot differs from 0, which takes it a minute."""
    count = len(a)
    if count > _ROWS:
        raise TooCostly(f"the inverse of a matrix with {count} rows")
    rows = tuple(range(count))
    whole = _determinant(a, rows, rows)
    return filled(
        (count, count), lambda at: (-1) ** sum(at) * _determinant(a, _but(rows, at[1]), _but(rows, at[0])) / whole
    )


def _determinant(a: SympyValue, rows: tuple[int, ...], columns: tuple[int, ...]) -> Any:
    """Determinant of some rows and columns, by its first row."""
    if not rows:
        return sp.Integer(1)
    minors = ((-1) ** k * a[rows[0], c] * _determinant(a, rows[1:], _but(columns, c)) for k, c in enumerate(columns))
    return sum(minors, sp.Integer(0))


def _but(places: tuple[int, ...], one: int) -> tuple[int, ...]:
    return tuple(place for place in places if place != one)


def filled(shape: tuple[int, ...], entry: Callable[[tuple[int, ...]], Any]) -> SympyValue:
    """Return an array of a shape, or a scalar, entry by entry."""
    out = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        out[place] = entry(place)
    return out[()]
