"""Names, shapes and index ranges of one line of an answer.

An array is kept as its shape and a function from indices to the expression of that entry.  Index names get their
ranges from the subscripts in which they occur.  A *shape error* is a wrong answer rather than an unreadable one; the
value it would have if all sizes were equal is still worked out, so that a known wrong answer can be recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from autograder.plain import dataclass
from autograder.symbolic.language.expr import Expr, total
from autograder.symbolic.language.question import Question, Symbol
from autograder.symbolic.language.surface import FUNCTIONS, OWN_NAME, ReadError, like
from autograder.symbolic.language.vocabulary import Node, Vocabulary

_SAME = "*"


class ShapeError(Exception):
    """Shapes or index ranges that do not fit: a wrong answer, with the reason."""


@dataclass
class ShapedValue:
    """An array: shape and entry.  A scalar has shape ``()``."""

    shape: tuple[str, ...]
    entry: Callable[[tuple[str, ...]], Expr]

    @property
    def scalar(self) -> Expr:
        """The expression of a scalar."""
        return self.entry(())


def scalar_value(e: Expr) -> ShapedValue:
    """Return the value of a scalar expression."""
    return ShapedValue((), lambda _: e)


@dataclass(frozen=True, eq=False)
class Named:
    """A defined name: its entry ``core`` at the indices ``index``; a scalar has none.

    ``formula`` is the definition as text, with its indices ``at`` where it is in index form.  A ``bare`` name was
    defined without its indices, as ``e = p_k - y_k``, and stands for the entry at them wherever it is written.
    """

    symbol: Symbol
    index: tuple[str, ...]
    core: Expr
    formula: str = ""
    at: tuple[str, ...] = ()
    bare: bool = False


Names = Mapping[str, Named]


@dataclass
class Scope:
    """What the names of one line stand for.

    ``unify`` treats all sizes as one.  ``hidden`` allows the symbols of the loss, ``steps`` the derivative ``D``.
    """

    question: Question
    unify: bool = False
    hidden: bool = False
    steps: bool = False
    ranges: dict[str, str | None] = field(default_factory=dict)
    links: list[tuple[str, str]] = field(default_factory=list)
    counter: int = 0
    scope: dict[str, str] = field(default_factory=dict)
    nesting: int = 0
    used: set[tuple[str, str]] = field(default_factory=set)
    bare: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.symbols = dict(self.question.table)
        logits = {symbol.logits for symbol in self.question.symbols}
        self.symbols |= {s.name: s for s in self.question.hidden if self.hidden or s.name in logits}
        for name, size in zip(self.question.index, self.question.shape, strict=True):
            self.ranges[name] = self.size(size)
            self.scope[name] = name

    def define(self, names: Names) -> None:
        """Know the names that the lines before define."""
        self.symbols |= {name: named.symbol for name, named in names.items()}
        self.bare |= {name: named.index for name, named in names.items() if named.bare}

    @property
    def vocabulary(self) -> Vocabulary:
        """The names by which usual spellings are told apart."""
        ranks = {name: len(symbol.shape) for name, symbol in self.symbols.items()}
        ranks |= dict.fromkeys((*self.question.sizes, *self.bare), 0)
        return Vocabulary(frozenset(ranks.items()), frozenset(self.question.index), frozenset(self.question.functions))

    def size(self, name: str) -> str:
        """Return the name under which a size is kept."""
        return _SAME if self.unify else name

    def fresh(self, size: str) -> str:
        """Return a new index over a size."""
        self.counter += 1
        name = f"${self.counter}"
        self.ranges[name] = size
        return name

    def _shape_error(self, column: int, message: str) -> ShapeError:
        return ShapeError(f"column {column}: {message}")

    def _merge(self, a: tuple[str, ...], b: tuple[str, ...], column: int) -> tuple[str, ...]:
        """Shape of an elementwise operation: equal shapes, a scalar, or a vector against the rows of a matrix."""
        long, short = (a, b) if len(a) >= len(b) else (b, a)
        if short and long[len(long) - len(short) :] != short:
            raise self._shape_error(column, f"shapes {shape_text(a)} and {shape_text(b)} do not fit elementwise")
        return long

    def _elementwise(self, f: Callable[..., Expr], values: list[ShapedValue], column: int) -> ShapedValue:
        shape: tuple[str, ...] = ()
        for value in values:
            shape = self._merge(shape, value.shape, column)

        def entry(at: tuple[str, ...]) -> Expr:
            return f(*(v.entry(at[len(at) - len(v.shape) :]) for v in values))

        if not shape:
            e = entry(())
            return scalar_value(e)
        return ShapedValue(shape, entry)

    def _contract(self, size: str, body: Callable[[str], Expr]) -> Expr:
        dummy = self.fresh(size)
        return total(dummy, size, body(dummy))

    def _set_range(self, index: str, size: str, column: int) -> None:
        if index[0] == "#":
            return
        known = self.ranges.get(index)
        if known is None:
            self.ranges[index] = size
        elif known != size:
            names = [name for name, internal in self.scope.items() if internal == index] or [index]
            said = f"index {names[-1]} runs over {known}, but this place runs over {size}"
            if len(names) > 1 and index in self.question.index:
                said = f"index {names[-1]} runs over {size} here, and the quantity is named by {index}, over {known}; "
                said += f"to sum over {names[-1]} write Sum(..., {names[-1]})"
            raise self._shape_error(column, said)

    def _name(self, name: str, column: int) -> ShapedValue:
        if name == "pi":
            return scalar_value(("const", "pi"))
        symbol = self.symbols.get(name)
        if symbol is not None and name in self.bare:
            return self._entry_of(symbol, tuple(self._index(("name", i), column) for i in self.bare[name]), column)
        if symbol is not None:
            shape = tuple(self.size(size) for size in symbol.shape)
            if not shape:
                return scalar_value(("sym", name))
            return ShapedValue(shape, lambda at: ("idx", name, at))
        if name in self.scope:
            raise ReadError("name", column, f"the index {name} is used where a value is needed")
        if name in self.question.sizes:
            return scalar_value(("sym", self.size(name)))
        spelled = self._spelled(name, column)
        if spelled is not None:
            return spelled
        allowed = ", ".join([*self.symbols, *self.question.sizes]) or "none"
        hint = self._entry_advice(name) or _advice(name, (*self.symbols, *self.question.sizes), self._arrays())
        raise ReadError("name", column, f"{name[:30]} is not a symbol of this question (symbols: {allowed}){hint}")

    def _arrays(self) -> set[str]:
        return {name for name, symbol in self.symbols.items() if symbol.shape}

    def _entry_advice(self, name: str) -> str:
        """Cure of ``x_ij`` where the array is called ``X``."""
        base, _, letters = name.rpartition("_")
        near = like(base, self.symbols) if base else None
        fits = near is not None and len(self.symbols[near].shape) == len(letters)
        return f"; did you mean {near}[{', '.join(letters)}]?" if fits else ""

    def _spelled(self, name: str, column: int) -> ShapedValue | None:
        """``y_i`` and ``x_ij`` for the entries of declared arrays."""
        base, _, letters = name.rpartition("_")
        symbol = self.symbols.get(base)
        if symbol is None or not symbol.shape or len(letters) != len(symbol.shape):
            return None
        return self._entry_of(symbol, tuple(self._index(("name", i, column), column) for i in letters), column)

    def _entry_of(self, symbol: Symbol, indices: tuple[str, ...], column: int) -> ShapedValue:
        for index, size in zip(indices, symbol.shape, strict=True):
            self._set_range(index, self.size(size), column)
        return scalar_value(("idx", symbol.name, indices))

    def _index(self, node: Node, column: int) -> str:
        if node[0] == "num" and node[1].denominator == 1 and 0 <= node[1] < 100:
            return f"#{node[1]}"
        if node[0] != "name":
            raise ReadError("index", column, "an index is a single name, such as p[i] or X[i, j]")
        name: str = node[1]
        if name not in self.scope:
            # the one index of the answer may go by another name, if that is used throughout
            if len(self.question.index) != 1 or name in self.symbols or name in self.question.sizes:
                known = ", ".join(self.scope) or "none"
                name = name[:30]
                said = f"the index {name} is not bound; known here: {known}. To sum over it write Sum(..., {name})"
                raise ReadError("index", column, said)
            self.scope[name] = self.question.index[0]
        if self.scope[name] in self.question.index:
            self.used.add((name, self.scope[name]))
        return self.scope[name]

    def _range_of(self, index: str) -> str | None:
        """Range of an index, also through the deltas that tie it to others."""
        seen, todo = {index}, [index]
        while todo:
            here = todo.pop()
            if self.ranges.get(here) is not None:
                return self.ranges[here]
            near = [b if a == here else a for a, b in self.links if here in (a, b)]
            todo += [other for other in near if other not in seen]
            seen |= set(near)
        return None


_LONGEST_PRODUCT = 8
_ADVICE = {
    "e": "write exp(1)", "E": "write exp(1), or the value of an expectation",
    "H": "write Heaviside(z)", "T": "the transpose of X is X.T", "I": "a unit matrix is eye(K)",
    "Pi": "write pi", "inf": "there is no infinity", "np": "write exp(u), not np.exp(u)",
}  # fmt: skip


def _advice(name: str, known: tuple[str, ...], arrays: set[str]) -> str:
    """What a student may have meant by an unknown name."""
    if name in FUNCTIONS:
        return f"; it is a function: write {'delta(i, j)' if name == 'delta' else f'{name}(...)'}"
    near = like(name, known)
    parts = _split(name, known) or _split(name.replace("_", ""), known) if len(name) <= _LONGEST_PRODUCT else []
    near = near or (("@" if arrays.issuperset(parts) else "*").join(parts) if parts else None)
    return f"; {_ADVICE.get(name) or (f'did you mean {near}?' if near else OWN_NAME)}"


def _split(name: str, known: tuple[str, ...]) -> list[str]:
    """Return the known names of which a name is put together, or none."""
    parts: list[str] = []
    while name:
        first = max((k for k in known if name.startswith(k)), key=len, default="")
        if not first:
            return []
        parts.append(first)
        name = name[len(first) :]
    return parts


def shape_text(shape: tuple[str, ...]) -> str:
    """Return a shape as NumPy prints it."""
    return f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"
