"""Formulas of a question at concrete sizes, as SymPy expressions: what the second judge compares.

A softmax is written with the exponentials ``E`` of its scaled logits and their sum ``N``, so that SymPy differentiates
it; afterwards ``E`` is replaced by ``N*p``, which leaves polynomials in the probabilities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from autograder.errors import CourseError
from autograder.symbolic.language.lower import Lowering
from autograder.symbolic.language.question import Question, Symbol
from autograder.symbolic.language.vocabulary import Node
from autograder.symbolic.second.scene import Scene, SympyValue, filled, names
from autograder.symbolic.second.statement import Statement

_VECTORS: tuple[tuple[tuple[int, ...], ...], ...] = (((),), ((3,), (4,)), ((3, 2), (2, 3)), ((2, 3, 1), (3, 2, 2)))
"""Sizes at which is judged, by the number of their names."""

Pair = tuple[Any, Any]


class World(Scene):
    """The symbols of a question at concrete sizes."""

    def __init__(self, question: Question, sizes: Mapping[str, int]) -> None:
        super().__init__((*question.symbols, *question.hidden), sizes)
        self.question, self.sizes = question, sizes
        self.known = Lowering(question, steps=True, hidden=True).vocabulary
        self.named: list[tuple[str, str]] = []
        self.weights: dict[str, tuple[Any, Any, Any]] = {}
        self.afterwards: dict[Any, Any] = {}
        for p in question.symbols:
            if p.logits:
                self._add_softmax(p, p.logits)

    def _add_softmax(self, p: Symbol, logits: str) -> None:
        plain = self.values[p.name]
        total = sp.Symbol(f"N_{p.name}", positive=True)
        weights = np.array([sp.Symbol(f"E_{p.name}{k + 1}", positive=True) for k in range(len(plain))], dtype=object)
        scale = self.values[p.temperature] if p.temperature else sp.Integer(1)
        self.values[p.name] = weights / total
        self.values[logits] = np.array([scale * sp.log(w) for w in weights], dtype=object)
        self.weights[logits] = (weights, total, scale)
        self.afterwards |= {w: total * value for w, value in zip(weights, plain, strict=True)}

    def slope(self, e: Any, name: str, at: tuple[int, ...]) -> Any:
        """Derivative by a symbol or by one entry of an array."""
        if name in self.weights:
            weights, total, scale = self.weights[name]
            return weights[at] / scale * (sp.diff(e, weights[at]) + sp.diff(e, total))
        variable = self.values[name]
        if not np.ndim(variable):
            return sp.diff(e, variable)
        if variable[at].is_Symbol:
            return sp.diff(e, variable[at])
        raise CourseError(f"{name} is not free, so SymPy does not differentiate by it")

    def _call(self, name: str, arguments: tuple[Node, ...], at: Mapping[str, int]) -> SympyValue:
        if name != "D":
            return super()._call(name, arguments, at)
        body, (variable, place) = arguments[0], self._variable(arguments[1], at)
        if variable not in dict(self.named) and not self.is_softmax(variable):
            return self.derivative(self._value(body, at), variable, place)
        if place is not None:
            return self.by_name(body, variable, place, at)
        return filled(np.shape(self.values[variable]), lambda entry: self.by_name(body, variable, entry, at))

    def _variable(self, by: Node, at: Mapping[str, int]) -> tuple[str, tuple[int, ...] | None]:
        """Return the name by which is differentiated, and the place of its entry; None stands for all its entries."""
        if by[0] == "at" and by[1][0] == "name":
            return by[1][1], tuple(self._position(i, at) for i in by[2])
        if by[0] == "name":
            if by[1] in self.values:
                return by[1], None
            base, _, letters = by[1].rpartition("_")  # x_ij is x[i, j]
            if base in self.values and all(i in at for i in letters):
                return base, tuple(at[i] for i in letters)
        raise CourseError("SymPy differentiates by a symbol or an entry only")

    def derivative(self, value: SympyValue, name: str, place: tuple[int, ...] | None = None) -> SympyValue:
        """Derivative of every entry of a value by one entry of a symbol, or by each of them."""
        axes, depth = (np.shape(self.values[name]) if place is None else ()), np.ndim(value)

        def one(at: tuple[int, ...]) -> Any:
            return self.slope(value[at[:depth]] if depth else value, name, at[depth:] if place is None else place)

        return filled((*np.shape(value), *axes), one)

    def is_softmax(self, name: str) -> bool:
        """Whether a name is a vector that the logits determine."""
        return any(s.name == name and s.logits for s in self.question.symbols)

    def name(self, names: Iterable[tuple[str, str]]) -> None:
        """Define names by formulas, in order."""
        for left, right in names:
            self.named.append((left, right))
            self.define(left, right)

    def by_name(self, body: Node, name: str, place: tuple[int, ...], at: Mapping[str, int]) -> Any:
        """Derivative by a name that stands for a formula, or by a probability, as if it were free."""
        free = World(self.question, self.sizes)
        held = self.values[name]
        fresh = filled(np.shape(held), lambda at: sp.Symbol("_".join(["free", name, *map(str, at)]), real=True))
        free.values[name] = fresh
        for left, right in self.named:
            if left.partition("[")[0] != name:
                free.define(left, right)
        values = dict(zip(np.ravel(fresh), np.ravel(np.asarray(held, dtype=object)), strict=True))
        value = free._value(body, at)
        if not value.free_symbols & set(values):
            # the formula is written without the name: it replaces its own formula
            value = value.xreplace({v: k for k, v in values.items()}).subs({v: k for k, v in values.items()})
        if not value.free_symbols & set(values):
            raise CourseError(f"{name} does not occur in the formula that is differentiated by it")
        return sp.diff(value, fresh[place] if place else fresh).subs(values)

    def held(self, text: str, index: tuple[str, ...]) -> SympyValue:
        """Read a formula; of the free indices only those that occur in it count."""
        return self.read(text, tuple(i for i in index if i in names(text, self.known)))

    def settled(self, e: Any) -> Any:
        """Return an entry in the symbols that are compared."""
        if np.ndim(e):
            raise CourseError(f"an entry has the shape {np.shape(e)}: array form and index form are mixed")
        return (sp.Integer(0) + e).xreplace(self.afterwards)


def sizes_of(question: Question) -> list[dict[str, int]]:
    """Return the sizes at which a question is judged."""
    count = len(question.sizes)
    vectors = _VECTORS[count] if count < len(_VECTORS) else (tuple(range(2, 2 + count)),)
    return [dict(zip(question.sizes, vector, strict=True)) for vector in vectors]


@lru_cache(maxsize=128)
def world(question: Question, sizes: tuple[tuple[str, int], ...]) -> World:
    """Return the world of a question at some sizes; kept, since a class has many formulas for one question."""
    return World(question, dict(sizes))


@lru_cache(maxsize=128)
def truth(question: Question, sizes: tuple[tuple[str, int], ...]) -> SympyValue:
    """Return the quantity asked: SymPy's derivative of the loss, or the stated formula where there is no loss."""
    scene = world(question, sizes)
    if question.loss is None or question.wrt is None:
        return scene.held(question.truth, question.index)
    loss = scene.held(question.loss, question.index)
    return scene.derivative(loss, question.wrt.partition("[")[0])


def pairs(question: Question, statement: Statement, sizes: Mapping[str, int]) -> Iterator[Pair]:
    """Yield some entries of both sides: the first two, one between, and the last; CourseError if the shapes differ."""
    fixed = tuple(sizes.items())
    scene = world(question, fixed)
    if statement.names:
        scene = World(question, sizes)
        scene.name((f"{name}[{', '.join(at)}]" if at else name, text) for name, at, text in statement.names)
    mine = scene.held(statement.text, statement.index)
    other = scene.held(statement.against, statement.index) if statement.against else truth(question, fixed)
    if not statement.against:
        mine = _for_every_entry(mine, statement, np.shape(other), scene)
    if np.shape(mine) != np.shape(other):
        raise CourseError(f"shape {np.shape(mine)} is not {np.shape(other)}")
    flat = list(zip(*(np.ravel(np.asarray(side, dtype=object)) for side in (mine, other)), strict=True))
    for k in sorted({0, min(1, len(flat) - 1), len(flat) // 2, len(flat) - 1}):
        a, b = flat[k]
        yield scene.settled(a), scene.settled(b)


def _for_every_entry(value: SympyValue, statement: Statement, shape: tuple[int, ...], scene: World) -> SympyValue:
    """A formula that lacks an index of the quantity is the same for every value of it."""
    held = [i in names(statement.text, scene.known) for i in statement.index]
    if np.ndim(value) >= len(shape) or np.ndim(value) != sum(held) or len(held) != len(shape):
        return np.full(shape, value, dtype=object) if shape and not np.ndim(value) else value
    array = np.asarray(value, dtype=object)
    return np.broadcast_to(array[tuple(slice(None) if here else None for here in held)], shape)
