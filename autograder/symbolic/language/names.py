"""Names that a derivation defines, the logits behind a probability vector, and lines of a derivation as expressions.

A defined name stays an atom while its line is read, so that ``dL/da`` can be differentiated by it, and is replaced by
its definition afterwards.  The logits ``z`` of ``p = softmax(z / T)`` are known up to a common shift only: they are
replaced by ``T*(log p + shift)`` with a free ``shift``, so what depends on the shift is never taken for right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from autograder.plain import dataclass
from autograder.symbolic.language.differentiate import Rules, differentiate
from autograder.symbolic.language.expr import (
    ONE,
    Expr,
    add,
    check_size,
    degree,
    fn,
    free_indices,
    mul,
    num,
    power,
    rebuild,
    rename,
    size_of,
    walk,
)
from autograder.symbolic.language.lower import Lowering
from autograder.symbolic.language.question import Question, Symbol, shift_of
from autograder.symbolic.language.scope import Named, Names, ShapedValue, scalar_value
from autograder.symbolic.language.surface import ReadError
from autograder.symbolic.language.vocabulary import Node

_UNSAID = "no line so far says how this depends on {0}; define it first, as in {0} = ..., or write its definition out"


@dataclass(frozen=True, eq=False)
class Quantity:
    """What a piece of a derivation is: one entry, the names of its free indices, and the sizes over which they run.

    ``core`` holds symbols that have values; ``written`` still holds the defined names.
    """

    core: Expr
    index: tuple[str, ...]
    shape: tuple[str, ...]
    written: Expr
    from_array: bool = False


def subscripted(node: Any, names: Names) -> Any:
    """Write the indices of bare names out in a surface tree."""
    if not isinstance(node, tuple):
        return node
    if node[:1] == ("name",) and node[1] in names and names[node[1]].bare:
        return ("at", node, tuple(("name", i, node[2]) for i in names[node[1]].index), node[2])
    if node[:1] == ("at",) and node[1][0] == "name":
        return node
    return tuple(subscripted(part, names) for part in node)


def expand(e: Expr, names: Names, keep: str = "") -> Expr:
    """Replace defined names by their definitions, except the name ``keep``."""
    if not names:
        return e
    if e[0] in ("sym", "idx") and e[1] != keep and e[1] in names:
        named = names[e[1]]
        at = dict(zip(named.index, e[2], strict=True)) if e[0] == "idx" else {}
        return expand(rename(named.core, at), {k: v for k, v in names.items() if k != e[1]}, keep)
    return rebuild(e, lambda x: expand(x, names, keep))


def settle(question: Question, e: Expr) -> Expr:
    """Replace logits by ``T*(log p + shift)``; their exponentials become powers of ``p`` at once."""
    soft: dict[str | None, Symbol] = {s.logits: s for s in question.symbols if s.logits}
    if not soft or not any(node[0] == "idx" and node[1] in soft for node in walk(e)):
        return e
    return _settled(e, soft)


def _settled(e: Expr, soft: Mapping[str | None, Symbol]) -> Expr:
    if e[0] == "idx" and e[1] in soft:
        p = soft[e[1]]
        value = add(fn("log", ("idx", p.name, e[2])), ("sym", shift_of(e[1])))
        return mul(("sym", p.temperature), value) if p.temperature else value
    if e[0] == "fn" and e[1] == "exp":
        terms = e[2][0][1] if e[2][0][0] == "add" else (e[2][0],)
        factors = [_exponential(term, soft) for term in terms]
        rest = [_settled(term, soft) for term, factor in zip(terms, factors, strict=True) if factor is None]
        found = [factor for factor in factors if factor is not None]
        return mul(*found, *((fn("exp", add(*rest)),) if rest else ()))
    return rebuild(e, lambda x: _settled(x, soft))


def _exponential(term: Expr, soft: Mapping[str | None, Symbol]) -> Expr | None:
    """``exp(c*z[k]/T)`` for a whole number c as ``p[k]**c * exp(c*shift)``; None for any other exponent."""
    factors = list(term[1]) if term[0] == "mul" else [term]
    logits = [f for f in factors if f[0] == "idx" and f[1] in soft]
    if len(logits) != 1:
        return None
    factors.remove(logits[0])
    p = soft[logits[0][1]]
    if p.temperature:
        scale = power(("sym", p.temperature), num(-1))
        if scale not in factors:
            return None
        factors.remove(scale)
    count = mul(*factors) if factors else ONE
    if count[0] != "num" or count[1].denominator != 1 or abs(count[1]) > 8:
        return None
    return mul(power(("idx", p.name, logits[0][2]), count), fn("exp", mul(count, ("sym", shift_of(logits[0][1])))))


@dataclass
class StepLowering(Lowering):
    """Lowers one piece of a derivation: any index may be free, and derivatives are worked out.

    ``names`` are the defined names; ``first`` numbers its sums apart from those of other pieces.
    """

    names: dict[str, Named] = field(default_factory=dict)
    first: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.counter = self.first
        self.ranges.clear()
        self.scope.clear()
        self.define(self.names)

    def _index(self, node: Node, column: int) -> str:
        name = node[1]
        if node[0] == "name" and not {name} & {*self.scope, *self.symbols, *self.question.sizes}:
            self.scope[name] = name
            self.ranges[name] = None
        return super()._index(node, column)

    def _call_d(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        body, target = self.lower(args[0]), self.lower(args[1])

        def entry(at: tuple[str, ...]) -> Expr:
            cut = len(body.shape)
            return self._derivative(body.entry(at[:cut]), target.entry(at[cut:]), column)

        shape = body.shape + target.shape
        return ShapedValue(shape, entry) if shape else scalar_value(entry(()))

    def _derivative(self, e: Expr, by: Expr, column: int) -> Expr:
        if by[0] not in ("sym", "idx"):
            raise ReadError("function", column, "a derivative is taken by a symbol, a name or an entry: D(e, w[j])")
        table = {symbol.name: symbol for symbol in (*self.question.symbols, *self.question.hidden)}
        inner = expand(e, self.names, by[1])
        if by[1] in self.names and not _holds(inner, by[1]):
            inner = _recognised(expand(e, self.names), self.names[by[1]], by[1])
            if not _holds(inner, by[1]):
                raise ReadError("function", column, _UNSAID.format(by[1]))
        if any(s.name == by[1] and s.logits and _holds(inner, s.logits) for s in self.question.symbols):
            raise ReadError("function", column, _UNSAID.format(by[1]))
        check_size(size_of(inner))
        found = differentiate(inner, by, table, Rules())
        check_size(size_of(found))
        return found


def _holds(e: Expr, name: str) -> bool:
    return any(node[0] in ("sym", "idx") and node[1] == name for node in walk(e))


def _recognised(e: Expr, named: Named, name: str) -> Expr:
    """Replace a scalar's definition in an expression by its name, whatever its sums are called."""
    if named.index:
        return e
    wanted = _alike(named.core)

    def put(x: Expr) -> Expr:
        return ("sym", name) if _alike(x) == wanted else rebuild(x, put)

    return put(e)


def _alike(e: Expr) -> Expr:
    """Return an expression with its sums numbered in the order in which they occur."""
    bound = [node[1] for node in walk(e) if node[0] == "sum"]
    new = {name: f"&{k}" for k, name in enumerate(dict.fromkeys(bound))}

    def renamed(x: Expr) -> Expr:
        if x[0] == "sum":
            return ("sum", new[x[1]], x[2], renamed(rename(x[3], {x[1]: new[x[1]]})))
        return rebuild(x, renamed)

    return renamed(e) if new else e


def quantity(line: StepLowering, node: Node) -> Quantity:
    """Return what a piece is.

    Raises
    ------
    ReadError, ShapeError, TooLarge, ZeroDivisionError, NotImplementedError
        If it is not in the language of this question, or its shapes do not fit.
    """
    value = line.lower(node)
    fresh = tuple(line.fresh(size) for size in value.shape)
    written = value.entry(fresh)
    unbound = free_indices(written).difference(fresh)
    free = [i for i in _in_order(written) if i in unbound]
    order = line.question.index
    free.sort(key=lambda i: order.index(i) if i in order else len(order))
    known = dict(zip(order, line.question.shape, strict=True))
    shape = (*value.shape, *(line.ranges.get(i) or known.get(i) or "" for i in free))
    if "" in shape:
        raise ReadError("index", 0, f"nothing says over which size the index {free[shape.index('') - len(fresh)]} runs")
    core = settle(line.question, expand(written, line.names))
    check_size(size_of(core))
    degree(core)
    return Quantity(core, (*fresh, *free), shape, written, bool(fresh))


def _in_order(e: Expr) -> Iterator[str]:
    seen = [i for node in walk(e) for i in (node[2] if node[0] == "idx" else node[1:] if node[0] == "delta" else ())]
    yield from dict.fromkeys(i for i in seen if i[0] != "#")
