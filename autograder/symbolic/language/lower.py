"""From the surface tree to a core expression: operators, functions and conditions."""

from __future__ import annotations

from collections.abc import Callable

from autograder.plain import dataclass
from autograder.symbolic.language.differentiate import Rules, differentiate
from autograder.symbolic.language.expr import (
    ONE,
    ZERO,
    Expr,
    TooLarge,
    add,
    check_size,
    div,
    fn,
    free_indices,
    mul,
    neg,
    num,
    power,
    rename,
    size_of,
    sub,
    total,
)
from autograder.symbolic.language.scope import Scope, ShapedValue, ShapeError, scalar_value, shape_text
from autograder.symbolic.language.surface import FUNCTIONS, ReadError, other_arguments
from autograder.symbolic.language.vocabulary import Node

MAX_SUM_NESTING = 4


@dataclass
class Lowering(Scope):
    """Lowers the surface trees of one line."""

    def lower(self, node: Node) -> ShapedValue:
        """Return the value of a surface tree."""
        kind, column = node[0], node[-1]
        if kind == "num":
            return scalar_value(num(node[1]))
        if kind == "name":
            return self._name(node[1], column)
        if kind == "neg":
            return self._elementwise(neg, [self.lower(node[1])], column)
        if kind in ("+", "-", "*", "/", "**"):
            return self._arithmetic(kind, self.lower(node[1]), self.lower(node[2]), column)
        if kind == "@":
            return self._matmul(self.lower(node[1]), self.lower(node[2]), column)
        if kind == "T":
            value = self.lower(node[1])
            return ShapedValue(value.shape[::-1], lambda at: value.entry(at[::-1]))
        if kind == "at":
            return self._subscript(node, column)
        if kind == "call":
            return self._call(node[1], node[2], column)
        at = 0 if isinstance(column, bool) else column
        same = kind == "cmp" and node[1] == "==" and self._are_indices(node[2], node[3])
        cure = f"write {'delta(i, j)' if same else 'where(condition, 1, 0)'} for an indicator"
        raise ReadError("syntax", at, f"a condition is used where a value is needed; {cure}")

    def _arithmetic(self, operator: str, a: ShapedValue, b: ShapedValue, column: int) -> ShapedValue:
        operations: dict[str, Callable[..., Expr]] = {"+": add, "-": sub, "*": mul, "/": div, "**": power}
        operation = operations[operator]
        try:
            return self._elementwise(operation, [a, b], column)
        except ZeroDivisionError:
            raise ReadError("zero_division", column, "this divides by zero") from None
        except TooLarge as error:
            raise ReadError("too_large", column, f"{error}") from None

    def _subscript(self, node: Node, column: int) -> ShapedValue:
        target = node[1]
        joined = f"{target[1]}_{''.join(i[1] for i in node[2])}" if target[0] == "name" and _all_names(node[2]) else ""
        if joined in self.symbols and target[1] not in self.symbols:
            return scalar_value(("sym", joined))
        value = self.lower(target)
        indices = tuple(self._index(index, column) for index in node[2])
        if len(indices) > len(value.shape):
            raise ReadError("index", column, f"too many indices: this has shape {shape_text(value.shape)}")
        for index, size in zip(indices, value.shape, strict=False):
            self._set_range(index, size, column)
        rest = value.shape[len(indices) :]
        if not rest:
            return scalar_value(value.entry(indices))
        return ShapedValue(rest, lambda at: value.entry(indices + at))

    # --- functions -----------------------------------------------------------------------------------------

    def _matmul(self, a: ShapedValue, b: ShapedValue, column: int) -> ShapedValue:
        if not a.shape or not b.shape:
            raise self._shape_error(column, "@ needs arrays on both sides; write * for a product with a number")
        inner = b.shape[0]
        if a.shape[-1] != inner:
            raise self._shape_error(
                column, f"{shape_text(a.shape)} @ {shape_text(b.shape)}: {a.shape[-1]} and {inner} must agree"
            )
        rows = len(a.shape) - 1

        def entry(at: tuple[str, ...]) -> Expr:
            return self._contract(inner, lambda m: mul(a.entry((*at[:rows], m)), b.entry((m, *at[rows:]))))

        shape = a.shape[:-1] + b.shape[1:]
        return ShapedValue(shape, entry) if shape else scalar_value(entry(()))

    def _call(self, name: str, args: tuple[Node, ...], column: int) -> ShapedValue:
        low, high = FUNCTIONS.get(name, (1, 1))
        if not low <= len(args) <= high:
            raise ReadError("function", column, other_arguments(name, low, high, len(args)))
        special = getattr(self, f"_call_{name.lower()}" if name != "Sum" else "_call_index_sum", None)
        if special is not None:
            result: ShapedValue = special(args, column)
            return result
        values = [self.lower(arg) for arg in args]
        name = {"abs": "Abs", "min": "Min", "max": "Max"}.get(name, name)
        if name == "sech":
            return self._elementwise(lambda u: power(fn("cosh", u), num(-1)), values, column)
        return self._elementwise(lambda *u: fn(name, *u), values, column)

    def _call_dot(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        a, b = self.lower(args[0]), self.lower(args[1])
        return self._matmul(a, b, column) if a.shape and b.shape else self._elementwise(mul, [a, b], column)

    def _call_sigmoid(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        return self._elementwise(lambda u: power(add(ONE, fn("exp", neg(u))), num(-1)), [self.lower(args[0])], column)

    _call_sigma = _call_sigmoid

    def _call_softmax(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        a = self.lower(args[0])
        if len(a.shape) != 1:
            raise self._shape_error(column, f"softmax takes a vector, not shape {shape_text(a.shape)}")
        whole = self._contract(a.shape[0], lambda m: fn("exp", a.entry((m,))))
        return ShapedValue(a.shape, lambda at: div(fn("exp", a.entry(at)), whole))

    def _call_outer(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        a, b = self.lower(args[0]), self.lower(args[1])
        if len(a.shape) != 1 or len(b.shape) != 1:
            raise self._shape_error(
                column, f"outer takes two vectors, not {shape_text(a.shape)} and {shape_text(b.shape)}"
            )
        return ShapedValue(a.shape + b.shape, lambda at: mul(a.entry(at[:1]), b.entry(at[1:])))

    def _call_diag(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        a = self.lower(args[0])
        if len(a.shape) == 1:
            return ShapedValue(a.shape * 2, lambda at: mul(("delta", *at), a.entry(at[:1])))
        if len(a.shape) == 2 and a.shape[0] == a.shape[1]:
            return ShapedValue(a.shape[:1], lambda at: a.entry(at * 2))
        raise self._shape_error(column, f"diag takes a vector or a square matrix, not shape {shape_text(a.shape)}")

    def _call_eye(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        node = args[0]
        if node[0] == "num":
            raise self._shape_error(
                column, f"eye({node[1]}) fixes a size; write its name, so that it holds for every size"
            )
        if node[0] != "name" or node[1] not in self.question.sizes:
            raise ReadError("function", column, "eye takes the name of a size, such as eye(K)")
        size = self.size(node[1])
        return ShapedValue((size, size), lambda at: ("delta", *at))

    def _call_inv(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        a = self.lower(args[0])
        if not a.shape:
            return self._arithmetic("**", a, scalar_value(num(-1)), column)
        if len(a.shape) != 2 or a.shape[0] != a.shape[1]:
            raise self._shape_error(column, f"inv takes a square matrix, not shape {shape_text(a.shape)}")

        def entry(at: tuple[str, ...]) -> Expr:
            row, col = self.fresh(a.shape[0]), self.fresh(a.shape[0])
            return ("inv", *at, row, col, a.shape[0], a.entry((row, col)))

        return ShapedValue(a.shape, entry)

    def _call_sum(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        if len(args) == 2:
            return self._call_index_sum(args, column)
        a = self.lower(args[0])
        if not a.shape:
            raise ReadError("function", column, "sum adds the entries of an array; for an index write Sum(e, i)")

        def over(sizes: tuple[str, ...], at: tuple[str, ...]) -> Expr:
            if not sizes:
                return a.entry(at)
            return self._contract(sizes[0], lambda m: over(sizes[1:], (*at, m)))

        return scalar_value(over(a.shape, ()))

    def _call_index_sum(self, args: tuple[Node, ...], column: int) -> ShapedValue:
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
            raise ReadError("too_long", column, f"at most {MAX_SUM_NESTING} sums may be nested")
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
        return scalar_value(self._index_sum(name, internal, body, bounds, column))

    def _index_sum(self, name: str, internal: str, body: Expr, bounds: tuple[Node, ...] | None, column: int) -> Expr:
        size = self._range_of(internal)
        if bounds is not None:
            low, high = bounds
            if low[0] == "num" and high[0] == "num" and low[1].denominator == high[1].denominator == 1:
                count = int(high[1] - low[1] + 1)
                if not 0 < count <= 20 or not 0 <= low[1] <= 1:
                    raise ReadError("index", column, "Sum always runs over the whole range of its index: Sum(e, i)")
                check_size(count * size_of(body))
                return add(*(rename(body, {internal: f"#{m}"}) for m in range(count)))
            named = high[1] if high[0] == "name" else high[1][1] if high[0] in "+-" and high[1][0] == "name" else ""
            if named in self.question.sizes and not _is_whole(low, high):
                raise ReadError("index", column, "Sum always runs over the whole range of its index: Sum(e, i)")
            if named not in self.question.sizes or (size is not None and self.size(named) != size):
                raise self._shape_error(column, f"index {name} runs over {size}, not over {str(named)[:20] or 'this'}")
            size = self.size(named)
        if size is None and len(set(self.question.sizes)) == 1:
            size = self.size(self.question.sizes[0])
        if size is None:
            raise ReadError("index", column, f"nothing says over which size {name} runs; use it in a subscript")
        return total(internal, size, body)

    def _call_delta(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        a, b = (self._index(arg, column) for arg in args)
        ranges = {size for size in (self._range_of(a), self._range_of(b)) if size is not None}
        if len(ranges) == 2:
            raise self._shape_error(column, f"delta compares indices over {' and '.join(sorted(ranges))}")
        self.links.append((a, b))
        if a == b:
            return scalar_value(ONE)
        return scalar_value(ZERO if a[0] == b[0] == "#" else ("delta", a, b))

    def _call_d(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        if not self.steps:
            raise ReadError("function", column, "D may be used in the steps of a derivation, not in its last line")
        body, target = self.lower(args[0]), self.lower(args[1])
        if body.shape or target.shape or target.scalar[0] not in ("sym", "idx"):
            raise ReadError("function", column, "D takes a scalar and a symbol or an entry: D(e, w[j])")
        table = {symbol.name: symbol for symbol in (*self.question.symbols, *self.question.hidden)}
        check_size(size_of(body.scalar))
        found = differentiate(body.scalar, target.scalar, table, Rules())
        check_size(size_of(found))
        return scalar_value(found)

    def _call_where(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        condition = args[0]
        if condition[0] == "cmp" and condition[1] in ("==", "!=") and self._are_indices(condition[2], condition[3]):
            same, other = (args[1], args[2]) if condition[1] == "==" else (args[2], args[1])
            tied = self._call_delta((condition[2], condition[3]), column).scalar
            values = [self.lower(same), self.lower(other)]
            return self._elementwise(lambda a, b: add(b, mul(tied, sub(a, b))), values, column)
        return self._cases([(args[1], args[0]), (args[2], ("bool", True))], column)

    def _are_indices(self, *nodes: Node) -> bool:
        known = {*self.symbols, *self.question.sizes}
        return all(node[0] == "name" and node[1] in self.scope and node[1] not in known for node in nodes)

    def _call_piecewise(self, args: tuple[Node, ...], column: int) -> ShapedValue:
        if any(arg[0] != "tuple" or len(arg[1]) != 2 for arg in args):
            raise ReadError("function", column, "Piecewise takes pairs (value, condition), the last with True")
        pairs = [(arg[1][0], arg[1][1]) for arg in args]
        if len(pairs) == 2 and self._tell_apart(pairs[0][1], pairs[1][1]):
            return self._call_where((pairs[0][1], pairs[0][0], pairs[1][0]), column)
        return self._cases(pairs, column)

    def _tell_apart(self, first: Node, second: Node) -> bool:
        """Whether two conditions are ``i == j`` and ``i != j`` of two indices, or the second is True."""
        if first[0] != "cmp" or first[1] not in ("==", "!=") or not self._are_indices(first[2], first[3]):
            return False
        other = {"==": "!=", "!=": "=="}[first[1]]
        sides = {first[2][1], first[3][1]}
        both = second[0] == "cmp" and second[1] == other and {second[2][1], second[3][1]} == sides
        return both or second == ("bool", True)

    def _cases(self, pairs: list[tuple[Node, Node]], column: int) -> ShapedValue:
        values = [self.lower(value) for value, _ in pairs]
        conditions = [self._condition(condition) for _, condition in pairs]

        def build(*parts: Expr) -> Expr:
            half = len(parts) // 2
            return ("pw", tuple(zip(parts[:half], parts[half:], strict=True)))

        return self._elementwise(build, values + conditions, column)

    def _condition(self, node: Node) -> ShapedValue:
        kind = node[0]
        if kind == "bool":
            return scalar_value(("true",) if node[1] else ("not", ("true",)))
        if kind == "cmp":
            sides = [self.lower(node[2]), self.lower(node[3])]
            return self._elementwise(lambda a, b: ("cmp", node[1], a, b), sides, node[-1])
        if kind in ("and", "or"):
            return self._elementwise(lambda *c: (kind, c), [self._condition(c) for c in node[1]], node[-1])
        if kind == "not":
            return self._elementwise(lambda c: ("not", c), [self._condition(node[1])], node[-1])
        raise ReadError(
            "syntax", node[-1] if isinstance(node[-1], int) else 0, "a condition such as z > 0 is needed here"
        )


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
            wanted = f"has shape {shape_text(shape)}" if shape else "is a number"
            turned = "; it is transposed" if value.shape[::-1] == shape else ""
            raise ShapeError(f"the answer has shape {shape_text(value.shape)}, the quantity {wanted}{turned}")
        body = value.entry(question.index)
    else:
        body = value.scalar
    names = sorted(name for name, _ in line.used)
    if len(names) > len({internal for _, internal in line.used}):
        other = next(name for name in names if name not in question.index)
        said = f"{' and '.join(names)}: an entry of the answer has the index {question.index[0]} only"
        raise ReadError("index", 0, f"{said}; to sum over {other} write Sum(..., {other})")
    elsewhere = free_indices(value.entry(tuple(line.fresh(s) for s in shape))) if value.shape else frozenset()
    if elsewhere & set(question.index):
        raise ReadError("index", 0, "array form and index form are mixed: write p or p[j], not both in one product")
    return value.shape, body


def _is_whole(low: Node, high: Node) -> bool:
    """Whether a sum from ``low`` to ``high``, which names a size, takes every entry, counted from 1 or from 0."""
    one = ("num", 1)
    return bool((low == one and high[0] == "name") or (low == ("num", 0) and high[0] == "-" and high[2] == one))
