"""Independent evaluator of corpus answers: direct recursion over the syntax tree in mpmath numbers.

Arrays are numpy object arrays of ``mpf``.  Elementwise operations want equal shapes (or a scalar), so that no label
hangs on broadcasting.  Nothing here is shared with the engine that the corpus measures.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
from mpmath import mp, mpf


class NoValue(Exception):
    """The answer cannot be read, has no shape or has no value at this point."""


def _sign(x: Any) -> Any:
    return mpf((x > 0) - (x < 0))


_SCALAR = {
    "exp": mp.exp, "log": mp.log, "sqrt": mp.sqrt, "tanh": mp.tanh, "sinh": mp.sinh, "cosh": mp.cosh, "sech": mp.sech,
    "sin": mp.sin, "cos": mp.cos, "sign": _sign, "abs": abs, "gamma": mp.gamma, "Heaviside": lambda x: mpf(int(x > 0)),
}  # fmt: skip
_SCALAR["Abs"] = _SCALAR["abs"]
_LINEAR = {"dot", "outer", "diag", "sum", "eye", "inv"}
_COMPARE = {
    ast.Lt: lambda a, b: a < b, ast.LtE: lambda a, b: a <= b, ast.Gt: lambda a, b: a > b, ast.GtE: lambda a, b: a >= b,
}  # fmt: skip


def _elementwise(op: Any, a: Any, b: Any) -> Any:
    if np.ndim(a) and np.ndim(b) and np.shape(a) != np.shape(b):
        raise NoValue(f"shapes {np.shape(a)} and {np.shape(b)}")
    return op(a, b)


def _divide(a: Any, b: Any) -> Any:
    if any(x == 0 for x in np.ravel(np.asarray(b, dtype=object))):
        raise NoValue("division by zero")
    return a / b


def _power(a: Any, b: Any) -> Any:
    if np.ndim(b):
        raise NoValue("array as exponent")
    exponent = int(b) if b == int(b) else b
    if isinstance(exponent, int) and exponent < 0:
        return _divide(mpf(1), a**-exponent)
    return a**exponent


def _matmul(a: Any, b: Any) -> Any:
    if not (np.ndim(a) and np.ndim(b)) or np.shape(a)[-1] != np.shape(b)[0]:
        raise NoValue(f"shapes {np.shape(a)} @ {np.shape(b)}")
    return np.dot(a, b)


class Evaluator:
    """Value of one text for one set of symbols; ``axes`` maps symbols to their shapes in size symbols."""

    def __init__(self, values: Mapping[str, Any], axes: Mapping[str, tuple[str, ...]]) -> None:
        self.values = {"pi": mp.pi, **values}
        self.axes = axes

    def answer(self, text: str, free: Mapping[str, str]) -> Any:
        """Value of ``text``; index form (``free`` subscripts -> size) gives an array over the free subscripts."""
        try:
            tree = ast.parse(text.replace("^", "**"), mode="eval").body
            names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
            if not names & set(free):
                return self.value(tree, {})
            ranges = [range(int(self.values[size])) for size in free.values()]
            out = np.empty([len(r) for r in ranges], dtype=object)
            for at in product(*ranges):
                entry = self.value(tree, dict(zip(free, at, strict=True)))
                if np.ndim(entry):
                    raise NoValue("array inside an index form")
                out[at] = entry
            return out
        except (SyntaxError, ZeroDivisionError, ValueError, KeyError, IndexError, TypeError) as error:
            raise NoValue(str(error)) from error

    def value(self, node: ast.expr, at: Mapping[str, int]) -> Any:
        """Value of one node where the subscripts have the values ``at``."""
        match node:
            case ast.Constant(value=bool(flag)):
                return flag
            case ast.Constant(value=int() | float()):
                return mpf(repr(node.value))
            case ast.Name(id=name):
                value = self.values[name]
                return value if np.ndim(value) else +mpf(value)
            case ast.UnaryOp(op=ast.USub(), operand=x):
                return -self.value(x, at)
            case ast.Attribute(value=x, attr="T"):
                return np.transpose(self.value(x, at))
            case ast.BinOp():
                return self._binary(node, at)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _COMPARE[type(op)](self.value(left, at), self.value(right, at))
            case ast.Subscript(value=ast.Name(id=name)):
                return self.values[name][tuple(at[i] for i in _subscripts(node))]
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, args, at)
        raise NoValue(f"cannot read {ast.dump(node)}")

    def _binary(self, node: ast.BinOp, at: Mapping[str, int]) -> Any:
        a, b = self.value(node.left, at), self.value(node.right, at)
        match node.op:
            case ast.Add():
                return _elementwise(lambda x, y: x + y, a, b)
            case ast.Sub():
                return _elementwise(lambda x, y: x - y, a, b)
            case ast.Mult():
                return _elementwise(lambda x, y: x * y, a, b)
            case ast.Div():
                return _elementwise(_divide, a, b)
            case ast.Pow():
                return _power(a, b)
            case ast.MatMult():
                return _matmul(a, b)
        raise NoValue("operator")

    def _call(self, name: str, args: list[ast.expr], at: Mapping[str, int]) -> Any:
        if name == "Sum":
            return self._sum(args, at)
        if name == "delta":
            i, j = (at[a.id] for a in args if isinstance(a, ast.Name))
            return mpf(int(i == j))
        if name == "Piecewise":
            for branch in args:
                if isinstance(branch, ast.Tuple) and self.value(branch.elts[1], at):
                    return self.value(branch.elts[0], at)
            raise NoValue("no branch holds")
        if name == "where":
            return self.value(args[1] if self.value(args[0], at) else args[2], at)
        values = [self.value(a, at) for a in args]
        if name in {"Max", "max", "Min", "min"}:
            return (max if name.lower() == "max" else min)(values)
        if name in _SCALAR:
            (x,) = values
            return np.frompyfunc(_SCALAR[name], 1, 1)(x) if np.ndim(x) else _SCALAR[name](x)
        if name in _LINEAR:
            return _linear(name, values)
        raise NoValue(f"unknown function {name}")

    def _sum(self, args: list[ast.expr], at: Mapping[str, int]) -> Any:
        body, index = args
        if not isinstance(index, ast.Name):
            raise NoValue("Sum wants an index")
        size = self._range(body, index.id)
        return sum((self.value(body, {**at, index.id: v}) for v in range(size)), mpf(0))

    def _range(self, body: ast.expr, index: str) -> int:
        for node in ast.walk(body):
            if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                for place, name in enumerate(_subscripts(node)):
                    if name == index:
                        return int(self.values[self.axes[node.value.id][place]])
        raise NoValue(f"the range of {index} is unknown")


def _subscripts(node: ast.Subscript) -> list[str]:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return [p.id for p in parts if isinstance(p, ast.Name)]


def _linear(name: str, values: list[Any]) -> Any:
    a = values[0]
    if name == "dot":
        return _matmul(a, values[1])
    if name == "outer":
        return np.outer(a, values[1])
    if name == "sum":
        return np.sum(a)
    if name == "eye":
        return np.array([[mpf(int(i == j)) for j in range(int(a))] for i in range(int(a))], dtype=object)
    if np.ndim(a) == (2 if name == "inv" else 1):
        if name == "inv":
            inverse = mp.matrix(a.tolist()) ** -1
            return np.array(inverse.tolist(), dtype=object).reshape(a.shape)
        return np.array([[x if i == j else mpf(0) for j in range(len(a))] for i, x in enumerate(a)], dtype=object)
    raise NoValue(f"{name} of an array with {np.ndim(a)} axes")
