"""Expressions of programs and of sentences in one normal form, so that one is found however it is spelled.

The normal form forgets names of variables, the module of a function, conversions to float, the order of sums and
products, and whether a function is called as a method: ``float(x @ (y - y.mean()))`` and ``a @ (-np.mean(b) + b)`` are
the same.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

LEAST = 4
"""Operators and calls of an expression that no sentence contains by accident."""

_MODULES = frozenset({"np", "numpy", "xp", "math", "scipy", "special", "linalg", "fft", "sp", "cp"})
_CONVERSIONS = frozenset({"float", "float64", "f64", "asarray", "array", "astype", "as_float", "bool", "int"})
_SAME_NAME = {"Abs": "abs", "fabs": "abs", "absolute": "abs", "Max": "maximum", "Min": "minimum"}
_OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Compare, ast.BoolOp, ast.IfExp)

_SIGNS = str.maketrans({"−": "-", "·": "*", "×": "*", "^": "**", "“": '"', "”": '"', "`": " ", "$": " "})
_TOKEN = re.compile(r"\s*(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+|[^\W\d]\w*|\*\*|//|<=|>=|==|!=|[-+*/@<>()\[\]{},.:=]|\S)")
_OPERAND = re.compile(r"[\w)\]]$")
_STARTS_OPERAND = re.compile(r"[\w]")


def in_program(tree: ast.AST, *, least: int = LEAST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the normal form of every expression of a program that is long enough to be told from others."""
    for node in ast.walk(tree):
        if isinstance(node, _OPERATIONS) and weight(node) >= least:
            yield normal(node), node


def in_text(text: str, *, least: int = LEAST) -> Iterator[tuple[str, str]]:
    """Yield the normal form and the spelling of every expression in a text, sentences included."""
    for run in runs(text):
        tree = _parsed(run)
        if tree is not None:
            for form, node in in_program(tree, least=least):
                yield form, ast.unparse(node)


def runs(text: str) -> Iterator[str]:
    """Yield the pieces of a text that may be formulas: two operands with nothing between them end a piece."""
    for line in text.translate(_SIGNS).splitlines():
        piece: list[str] = []
        # a full stop before a space ends a sentence, and with it a formula
        for token in (match[1] for match in _TOKEN.finditer(re.sub(r"\.(?=\s|$)", ";", line))):
            joined = piece and _OPERAND.search(piece[-1]) and _STARTS_OPERAND.match(token)
            if joined or not _may_belong(token, piece):
                yield from _trimmed(piece)
                piece = []
                if not _may_belong(token, piece):
                    continue
            piece.append(token)
        yield from _trimmed(piece)


def _may_belong(token: str, piece: list[str]) -> bool:
    if token in {"=", ":"}:  # of a keyword argument or a slice; elsewhere it ends a formula
        return sum(map("([".count, piece)) > sum(map(")]".count, piece))
    return bool(re.fullmatch(r"[\w.]+|\*\*|//|<=|>=|==|!=|[-+*/@<>()\[\],]", token))


def _trimmed(piece: list[str]) -> Iterator[str]:
    """Yield a piece without the punctuation around it, if anything with an operation is left."""
    while piece and piece[-1] in {".", ",", "-", "+", "*", "/", "(", "[", "<", ">"}:
        piece = piece[:-1]
    while piece and (piece[0] in {".", ",", "*", "/", ")", "]", "<", ">", "@", "**"}):
        piece = piece[1:]
    while piece and (surplus := _unbalanced(piece)) is not None:
        head, piece = piece[:surplus], piece[surplus + 1 :]
        yield from _trimmed(head)
    if len(piece) > 2:
        yield " ".join(piece)


def _unbalanced(piece: list[str]) -> int | None:
    """Return the position of a bracket without its partner."""
    opened: list[int] = []
    for i, token in enumerate(piece):
        if token in "([":
            opened.append(i)
        elif token in ")]":
            if not opened:
                return i
            opened.pop()
    return opened[0] if opened else None


def _parsed(run: str) -> ast.AST | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # "3 (x)" in a sentence looks like a call of a number
        try:
            return ast.parse(run.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def weight(node: ast.AST) -> int:
    """Return how many operators and calls an expression has, conversions aside."""
    return sum(isinstance(one, _OPERATIONS) and not _is_conversion(one) for one in ast.walk(node))


def _is_conversion(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) in _CONVERSIONS


def normal(node: ast.expr) -> str:
    """Return the normal form of an expression."""
    names: dict[str, str] = {}
    return re.sub(r"\$(\w+)", lambda match: names.setdefault(match[1], f"v{len(names)}"), _form(node))


def _blank(form: str) -> str:
    return re.sub(r"\$\w+", "$", form)


def _name(function: ast.expr) -> str:
    name = (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
    return _SAME_NAME.get(name, name)


def _form(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return f"${node.id}"
        case ast.Constant():
            value = node.value
            return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else repr(value)
        case ast.UnaryOp(op=ast.USub()):
            return _product([("-1", False), (_form(node.operand), False)])
        case ast.UnaryOp(op=ast.UAdd()):
            return _form(node.operand)
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return f"sum({','.join(_sorted(_terms(node)))})"
        case ast.BinOp(op=ast.Mult() | ast.Div()):
            return _product(list(_factors(node)))
        case ast.BinOp():
            return f"{type(node.op).__name__}({_form(node.left)},{_form(node.right)})"
        case ast.Compare(ops=[ast.Gt() | ast.GtE()], comparators=[other]):
            return f"{'Lt' if isinstance(node.ops[0], ast.Gt) else 'LtE'}({_form(other)},{_form(node.left)})"
        case ast.Call():
            return _call(node)
        case ast.Attribute():
            base = node.value
            if isinstance(base, ast.Name) and base.id in _MODULES:
                return node.attr
            return f"{_form(base)}.{node.attr}"
    inner = ",".join(_form(child) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
    kinds = "".join(type(child).__name__ for child in ast.iter_child_nodes(node) if isinstance(child, ast.cmpop))
    return f"{type(node).__name__}{kinds}({inner})"


def _call(node: ast.Call) -> str:
    name = _name(node.func)
    arguments = [_form(one) for one in node.args] + [f"{one.arg}={_form(one.value)}" for one in node.keywords]
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func.value):
        arguments.insert(0, _form(node.func.value))
    if name in _CONVERSIONS and arguments:
        return arguments[0]
    if name == "square" and len(arguments) == 1:
        return f"Pow({arguments[0]},2)"
    return f"{name}({','.join(arguments)})"


def _is_module(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return _is_module(node.value)
    return isinstance(node, ast.Name) and node.id in _MODULES


def _terms(node: ast.expr, minus: bool = False) -> Iterator[str]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield from _terms(node.left, minus)
        yield from _terms(node.right, minus != isinstance(node.op, ast.Sub))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield from _terms(node.operand, not minus)
    else:
        form = _form(node)
        yield _product([("-1", False), (form, False)]) if minus else form


def _factors(node: ast.expr, below: bool = False) -> Iterator[tuple[str, bool]]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        yield from _factors(node.left, below)
        yield from _factors(node.right, below != isinstance(node.op, ast.Div))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "-1", False
        yield from _factors(node.operand, below)
    else:
        yield _form(node), below


def _product(factors: list[tuple[str, bool]]) -> str:
    above = _sorted(form for form, below in factors if not below)
    under = _sorted(form for form, below in factors if below)
    if len(above) == 2 and not under and above[0] == above[1]:
        return f"Pow({above[0]},2)"
    return f"product({','.join(above)}{';' if under else ''}{','.join(under)})"


def _sorted(forms: Iterator[str]) -> list[str]:
    return sorted(forms, key=lambda form: (_blank(form), form))
