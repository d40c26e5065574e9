"""From the surface tree to a core expression: names, shapes, index ranges.

An array is kept as its shape and a function from indices to the expression of that entry.  Index names get their
ranges from the subscripts in which they stand.  A *shape error* is a wrong answer rather than an unreadable one; the
value it would have if all sizes were equal is still worked out, so that a known wrong answer can be recognised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .differentiate import Rules, differentiate
from .expr import ONE, ZERO, Expr, TooLarge, add, div, fn, free_indices, mul, neg, num, power, rename, sub, total
from .question import Question, Symbol
from .surface import Node, ReadError

MAX_SUM_NESTING = 4
_SCALAR_FUNCTIONS = {"exp", "log", "sqrt", "tanh", "sinh", "cosh", "sign", "sin", "cos", "Heaviside", "gamma"}
_SAME = "*"


class ShapeError(Exception):
    """Shapes or index ranges that do not fit: a wrong answer, with the reason."""


@dataclass
class Value:
    """An array: shape and entry.  A scalar has shape ``()``."""

    shape: tuple[str, ...]
    entry: Callable[[tuple[str, ...]], Expr]

    @property
    def scalar(self) -> Expr:
        """The expression of a scalar."""
        return self.entry(())


def _scalar(e: Expr) -> Value:
    return Value((), lambda _: e)


@dataclass
class Lowering:
    """Lowers the surface trees of one line.

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

    def __post_init__(self) -> None:
        self.symbols = dict(self.question.table)
        if self.hidden:
            self.symbols |= {symbol.name: symbol for symbol in self.question.hidden}
        for name, size in zip(self.question.index, self.question.shape, strict=True):
            self.ranges[name] = self.size(size)
            self.scope[name] = name

    # --- helpers -------------------------------------------------------------------------------------------

    def size(self, name: str) -> str:
        return _SAME if self.unify else name

    def fresh(self, size: str) -> str:
        self.counter += 1
        name = f"${self.counter}"
        self.ranges[name] = size
        return name

    def shape_error(self, column: int, message: str) -> ShapeError:
        return ShapeError(f"column {column}: {message}")

    def merge(self, a: tuple[str, ...], b: tuple[str, ...], column: int) -> tuple[str, ...]:
        """Shape of an elementwise operation: equal shapes, a scalar, or a vector against the rows of a matrix."""
        long, short = (a, b) if len(a) >= len(b) else (b, a)
        if short and long[len(long) - len(short) :] != short:
            raise self.shape_error(column, f"shapes {_shape(a)} and {_shape(b)} do not fit elementwise")
        return long

    def elementwise(self, f: Callable[..., Expr], values: list[Value], column: int) -> Value:
        shape: tuple[str, ...] = ()
        for value in values:
            shape = self.merge(shape, value.shape, column)

        def entry(at: tuple[str, ...]) -> Expr:
            return f(*(v.entry(at[len(at) - len(v.shape) :]) for v in values))

        if not shape:
            e = entry(())
            return _scalar(e)
        return Value(shape, entry)

    def contract(self, size: str, body: Callable[[str], Expr]) -> Expr:
        dummy = self.fresh(size)
        return total(dummy, size, body(dummy))

    def set_range(self, index: str, size: str, column: int) -> None:
        if index[0] == "#":
            return
        known = self.ranges.get(index)
        if known is None:
            self.ranges[index] = size
        elif known != size:
            shown = next((name for name, internal in self.scope.items() if internal == index), index)
            raise self.shape_error(column, f"index {shown} runs over {known}, but this place runs over {size}")

    # --- nodes ---------------------------------------------------------------------------------------------

    def lower(self, node: Node) -> Value:
        kind, column = node[0], node[-1]
        if kind == "num":
            return _scalar(num(node[1]))
        if kind == "name":
            return self.name(node[1], column)
        if kind == "neg":
            return self.elementwise(neg, [self.lower(node[1])], column)
        if kind in ("+", "-", "*", "/", "**"):
            return self.arithmetic(kind, self.lower(node[1]), self.lower(node[2]), column)
        if kind == "@":
            return self.matmul(self.lower(node[1]), self.lower(node[2]), column)
        if kind == "T":
            value = self.lower(node[1])
            return Value(value.shape[::-1], lambda at: value.entry(at[::-1]))
        if kind == "at":
            return self.subscript(node, column)
        if kind == "call":
            return self.call(node[1], node[2], column)
        at = 0 if isinstance(column, bool) else column
        raise ReadError("syntax", at, "a condition stands where a value is needed")

    def arithmetic(self, operator: str, a: Value, b: Value, column: int) -> Value:
        operations: dict[str, Callable[..., Expr]] = {"+": add, "-": sub, "*": mul, "/": div, "**": power}
        operation = operations[operator]
        try:
            return self.elementwise(operation, [a, b], column)
        except ZeroDivisionError:
            raise ReadError("zero_division", column, "this divides by zero") from None
        except TooLarge as error:
            raise ReadError("too_large", column, f"{error}") from None

    def name(self, name: str, column: int) -> Value:
        if name == "pi":
            return _scalar(("const", "pi"))
        symbol = self.symbols.get(name)
        if symbol is not None:
            shape = tuple(self.size(size) for size in symbol.shape)
            if not shape:
                return _scalar(("sym", name))
            return Value(shape, lambda at: ("idx", name, at))
        if name in self.scope:
            raise ReadError("name", column, f"the index {name} stands where a value is needed")
        if name in self.question.sizes:
            return _scalar(("sym", self.size(name)))
        spelled = self.spelled(name, column)
        if spelled is not None:
            return spelled
        allowed = ", ".join([*self.symbols, *self.question.sizes]) or "none"
        hint = "; write exp(1)" if name in ("e", "E") else ""
        raise ReadError("name", column, f"{name[:30]} is not a symbol of this question (symbols: {allowed}){hint}")

    def spelled(self, name: str, column: int) -> Value | None:
        """``y_i`` and ``x_ij`` for the entries of declared arrays."""
        base, _, letters = name.rpartition("_")
        symbol = self.symbols.get(base)
        if symbol is None or not symbol.shape or len(letters) != len(symbol.shape):
            return None
        return self.entry_of(symbol, tuple(self.index(("name", i, column), column) for i in letters), column)

    def entry_of(self, symbol: Symbol, indices: tuple[str, ...], column: int) -> Value:
        for index, size in zip(indices, symbol.shape, strict=True):
            self.set_range(index, self.size(size), column)
        return _scalar(("idx", symbol.name, indices))

    def subscript(self, node: Node, column: int) -> Value:
        indices = tuple(self.index(index, column) for index in node[2])
        target = node[1]
        joined = f"{target[1]}_{''.join(i[1] for i in node[2])}" if target[0] == "name" and _all_names(node[2]) else ""
        if joined in self.symbols and target[1] not in self.symbols:
            return _scalar(("sym", joined))
        value = self.lower(target)
        if len(indices) > len(value.shape):
            raise ReadError("index", column, f"too many indices: this has shape {_shape(value.shape)}")
        for index, size in zip(indices, value.shape, strict=False):
            self.set_range(index, size, column)
        rest = value.shape[len(indices) :]
        if not rest:
            return _scalar(value.entry(indices))
        return Value(rest, lambda at: value.entry(indices + at))

    def index(self, node: Node, column: int) -> str:
        if node[0] == "num" and node[1].denominator == 1 and 0 <= node[1] < 100:
            return f"#{node[1]}"
        if node[0] != "name":
            raise ReadError("index", column, "an index is a single name, such as p[i] or X[i, j]")
        name: str = node[1]
        if name not in self.scope:
            # the one index of the answer may go by another name, if that is used throughout
            if len(self.question.index) != 1 or name in self.symbols or name in self.question.sizes:
                known = ", ".join(self.scope) or "none"
                raise ReadError("index", column, f"the index {name[:30]} is not bound; known here: {known}")
            self.scope[name] = self.question.index[0]
        if self.scope[name] in self.question.index:
            self.used.add((name, self.scope[name]))
        return self.scope[name]

    # --- functions -----------------------------------------------------------------------------------------

    def matmul(self, a: Value, b: Value, column: int) -> Value:
        if not a.shape or not b.shape:
            raise self.shape_error(column, "@ needs arrays on both sides; write * for a product with a number")
        inner = b.shape[0]
        if a.shape[-1] != inner:
            raise self.shape_error(
                column, f"{_shape(a.shape)} @ {_shape(b.shape)}: {a.shape[-1]} and {inner} must agree"
            )
        rows = len(a.shape) - 1

        def entry(at: tuple[str, ...]) -> Expr:
            return self.contract(inner, lambda m: mul(a.entry((*at[:rows], m)), b.entry((m, *at[rows:]))))

        shape = a.shape[:-1] + b.shape[1:]
        return Value(shape, entry) if shape else _scalar(entry(()))

    def call(self, name: str, args: tuple[Node, ...], column: int) -> Value:
        special = getattr(self, f"call_{name.lower()}" if name != "Sum" else "call_index_sum", None)
        if special is not None:
            result: Value = special(args, column)
            return result
        values = [self.lower(arg) for arg in args]
        name = {"abs": "Abs", "min": "Min", "max": "Max"}.get(name, name)
        if name == "sech":
            return self.elementwise(lambda u: power(fn("cosh", u), num(-1)), values, column)
        return self.elementwise(lambda *u: fn(name, *u), values, column)

    def call_dot(self, args: tuple[Node, ...], column: int) -> Value:
        a, b = self.lower(args[0]), self.lower(args[1])
        return self.matmul(a, b, column) if a.shape and b.shape else self.elementwise(mul, [a, b], column)

    def call_outer(self, args: tuple[Node, ...], column: int) -> Value:
        a, b = self.lower(args[0]), self.lower(args[1])
        if len(a.shape) != 1 or len(b.shape) != 1:
            raise self.shape_error(column, f"outer takes two vectors, not {_shape(a.shape)} and {_shape(b.shape)}")
        return Value(a.shape + b.shape, lambda at: mul(a.entry(at[:1]), b.entry(at[1:])))

    def call_diag(self, args: tuple[Node, ...], column: int) -> Value:
        a = self.lower(args[0])
        if len(a.shape) == 1:
            return Value(a.shape * 2, lambda at: mul(("delta", *at), a.entry(at[:1])))
        if len(a.shape) == 2 and a.shape[0] == a.shape[1]:
            return Value(a.shape[:1], lambda at: a.entry(at * 2))
        raise self.shape_error(column, f"diag takes a vector or a square matrix, not shape {_shape(a.shape)}")

    def call_eye(self, args: tuple[Node, ...], column: int) -> Value:
        node = args[0]
        if node[0] == "num":
            raise self.shape_error(
                column, f"eye({node[1]}) fixes a size; write its name, so that it holds for every size"
            )
        if node[0] != "name" or node[1] not in self.question.sizes:
            raise ReadError("function", column, "eye takes the name of a size")
        size = self.size(node[1])
        return Value((size, size), lambda at: ("delta", *at))

    def call_inv(self, args: tuple[Node, ...], column: int) -> Value:
        a = self.lower(args[0])
        if not a.shape:
            return self.arithmetic("**", a, _scalar(num(-1)), column)
        if len(a.shape) != 2 or a.shape[0] != a.shape[1]:
            raise self.shape_error(column, f"inv takes a square matrix, not shape {_shape(a.shape)}")

        def entry(at: tuple[str, ...]) -> Expr:
            row, col = self.fresh(a.shape[0]), self.fresh(a.shape[0])
            return ("inv", *at, row, col, a.shape[0], a.entry((row, col)))

        return Value(a.shape, entry)

    def call_sum(self, args: tuple[Node, ...], column: int) -> Value:
        if len(args) == 2:
            return self.call_index_sum(args, column)
        a = self.lower(args[0])
        if not a.shape:
            raise ReadError("function", column, "sum adds the entries of an array; for an index write Sum(e, i)")

        def over(sizes: tuple[str, ...], at: tuple[str, ...]) -> Expr:
            if not sizes:
                return a.entry(at)
            return self.contract(sizes[0], lambda m: over(sizes[1:], (*at, m)))

        return _scalar(over(a.shape, ()))

    def call_index_sum(self, args: tuple[Node, ...], column: int) -> Value:
        node, bounds = args[1], None
        if node[0] == "tuple" and len(node[1]) == 3:
            node, bounds = node[1][0], node[1][1:]
        if node[0] != "name":
            raise ReadError("function", column, "Sum takes an expression and an index: Sum(p[i], i)")
        name: str = node[1]
        if name in self.symbols or name in self.question.sizes:
            raise ReadError("index", column, f"{name} is a symbol of this question; use another name for the index")
        self.nesting += 1
        if self.nesting > MAX_SUM_NESTING:
            raise ReadError("too_long", column, f"Sum nested more than {MAX_SUM_NESTING} deep")
        self.counter += 1
        internal, outer = f"${self.counter}", dict(self.scope)
        self.ranges[internal] = None
        self.scope = outer | {name: internal}
        value = self.lower(args[0])
        body = value.entry(value.shape and tuple(self.fresh(s) for s in value.shape))
        self.scope = outer
        self.nesting -= 1
        if value.shape:
            raise ReadError(
                "function", column, "Sum takes the expression of one entry, such as p[i]; sum adds an array"
            )
        return _scalar(self.index_sum(name, internal, body, bounds, column))

    def index_sum(self, name: str, internal: str, body: Expr, bounds: tuple[Node, ...] | None, column: int) -> Expr:
        size = self.range_of(internal)
        if bounds is not None:
            low, high = bounds
            if low[0] == "num" and high[0] == "num" and low[1].denominator == high[1].denominator == 1:
                count = int(high[1] - low[1] + 1)
                if not 0 < count <= 20 or not 0 <= low[1] <= 1:
                    raise ReadError("index", column, "Sum runs over a whole index range: Sum(e, i)")
                return add(*(rename(body, {internal: f"#{m}"}) for m in range(count)))
            named = high[1] if high[0] == "name" else high[1][1] if high[0] == "-" and high[1][0] == "name" else ""
            if named not in self.question.sizes or (size is not None and self.size(named) != size):
                raise self.shape_error(column, f"index {name} runs over {size}, not over {str(named)[:20] or 'this'}")
            size = self.size(named)
        if size is None and len(set(self.question.sizes)) == 1:
            size = self.size(self.question.sizes[0])
        if size is None:
            raise ReadError("index", column, f"the range of the index {name} does not show; use it in a subscript")
        return total(internal, size, body)

    def range_of(self, index: str) -> str | None:
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

    def call_delta(self, args: tuple[Node, ...], column: int) -> Value:
        a, b = (self.index(arg, column) for arg in args)
        ranges = {size for size in (self.range_of(a), self.range_of(b)) if size is not None}
        if len(ranges) == 2:
            raise self.shape_error(column, f"delta compares indices over {' and '.join(sorted(ranges))}")
        self.links.append((a, b))
        if a == b:
            return _scalar(ONE)
        return _scalar(ZERO if a[0] == b[0] == "#" else ("delta", a, b))

    def call_d(self, args: tuple[Node, ...], column: int) -> Value:
        if not self.steps:
            raise ReadError("function", column, "D may stand in the steps of a derivation, not in its last line")
        body, target = self.lower(args[0]), self.lower(args[1])
        if body.shape or target.shape or target.scalar[0] not in ("sym", "idx"):
            raise ReadError("function", column, "D takes a scalar and a symbol or an entry: D(e, w[j])")
        table = {symbol.name: symbol for symbol in (*self.question.symbols, *self.question.hidden)}
        return _scalar(differentiate(body.scalar, target.scalar, table, Rules()))

    def call_where(self, args: tuple[Node, ...], column: int) -> Value:
        return self.cases([(args[1], args[0]), (args[2], ("bool", True))], column)

    def call_piecewise(self, args: tuple[Node, ...], column: int) -> Value:
        if any(arg[0] != "tuple" or len(arg[1]) != 2 for arg in args):
            raise ReadError("function", column, "Piecewise takes pairs (value, condition), the last with True")
        return self.cases([(arg[1][0], arg[1][1]) for arg in args], column)

    def cases(self, pairs: list[tuple[Node, Node]], column: int) -> Value:
        values = [self.lower(value) for value, _ in pairs]
        conditions = [self.condition(condition) for _, condition in pairs]
        flat = [c for c in conditions]

        def build(*parts: Expr) -> Expr:
            half = len(parts) // 2
            return ("pw", tuple(zip(parts[:half], parts[half:], strict=True)))

        return self.elementwise(build, values + flat, column)

    def condition(self, node: Node) -> Value:
        kind = node[0]
        if kind == "bool":
            return _scalar(("true",) if node[1] else ("not", ("true",)))
        if kind == "cmp":
            sides = [self.lower(node[2]), self.lower(node[3])]
            return self.elementwise(lambda a, b: ("cmp", node[1], a, b), sides, node[-1])
        if kind in ("and", "or"):
            return self.elementwise(lambda *c: (kind, c), [self.condition(c) for c in node[1]], node[-1])
        if kind == "not":
            return self.elementwise(lambda c: ("not", c), [self.condition(node[1])], node[-1])
        raise ReadError(
            "syntax", node[-1] if isinstance(node[-1], int) else 0, "a condition such as z > 0 is needed here"
        )


def _shape(shape: tuple[str, ...]) -> str:
    return f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"


def _all_names(nodes: tuple[Node, ...]) -> bool:
    return all(node[0] == "name" for node in nodes)


def lower_answer(line: Lowering, node: Node) -> tuple[tuple[str, ...], Expr]:
    """Return the shape of the answer as written and the expression of its entry.

    Raises
    ------
    ReadError
        If the text is not in the language of this question.
    ShapeError
        If shapes do not fit.
    """
    question = line.question
    value = line.lower(node)
    shape = tuple(line.size(size) for size in question.shape)
    if value.shape:
        if value.shape != shape:
            raise ShapeError(
                f"the answer has shape {_shape(value.shape)}, the quantity {_shape(shape) if shape else 'is a number'}"
            )
        body = value.entry(question.index)
    else:
        body = value.scalar
    names = sorted(name for name, _ in line.used)
    if len(names) > len({internal for _, internal in line.used}):
        raise ReadError(
            "index", 0, f"{' and '.join(names)}: an entry of the answer has the index {question.index[0]} only"
        )
    if value.shape and any(
        index in free_indices(value.entry(tuple(line.fresh(s) for s in shape))) for index in question.index
    ):
        raise ReadError("index", 0, "array form and index form are mixed: write p or p[j], not both in one product")
    return value.shape, body
