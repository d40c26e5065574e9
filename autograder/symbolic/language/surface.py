"""Reading text: characters, tokens, Python's syntax tree, and from it a whitelisted surface tree.

Nothing is evaluated.  Tokens are checked before Python's parser sees the text, so it meets numbers, names, operators,
commas and brackets only.  Surface nodes are tuples::

    ("num", Fraction)  ("name", s)  ("bool", b)  ("neg", a)  ("+"|"-"|"*"|"/"|"**"|"@", a, b)  ("T", a)
    ("call", name, (a, ...))  ("at", a, (a, ...))  ("cmp", op, a, b)  ("and"|"or", (a, ...))  ("not", a)
    ("tuple", (a, ...))

The last field of every node but ``num`` and ``bool`` is the column (from 1) where it starts.
"""

from __future__ import annotations

import ast
import keyword
import unicodedata
import warnings
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from autograder.plain import dataclass, late
from autograder.symbolic.language.latex import is_latex, read_latex
from autograder.symbolic.language.notation import NotRead
from autograder.symbolic.language.spelling import respell
from autograder.symbolic.language.vocabulary import Node, Vocabulary, indicator
from autograder.text import plural

MAX_TEXT = 2000
MAX_NODES = 600
MAX_DEPTH = 60
MAX_DIGITS = 40
MAX_POWER_OF_TEN = 60

FUNCTIONS: dict[str, tuple[int, int]] = {
    "exp": (1, 1), "log": (1, 1), "sqrt": (1, 1), "tanh": (1, 1), "sinh": (1, 1), "cosh": (1, 1), "sech": (1, 1),
    "sin": (1, 1), "cos": (1, 1), "sign": (1, 1), "Abs": (1, 1), "abs": (1, 1), "Min": (2, 20), "min": (2, 20),
    "Max": (2, 20), "max": (2, 20), "Heaviside": (1, 1), "Piecewise": (1, 20), "where": (3, 3), "gamma": (1, 1),
    "dot": (2, 2), "outer": (2, 2), "diag": (1, 1), "sum": (1, 2), "eye": (1, 1), "inv": (1, 1), "Sum": (2, 2),
    "delta": (2, 2), "D": (2, 2),
}  # fmt: skip
"""Functions of the language with the least and the greatest number of arguments."""

INSTEAD = {
    "ln": "log", "log10": "log(u)/log(10)", "log2": "log(u)/log(2)", "square": "u**2", "power": "u**2", "pow": "u**2",
    "sgn": "sign", "absolute": "Abs", "fabs": "Abs", "maximum": "Max", "minimum": "Min", "clip": "Max(a, Min(u, b))",
    "relu": "Max(0, u)", "sigmoid": "1/(1 + exp(-u))", "sigma": "1/(1 + exp(-u))",
    "softmax": "exp(z[j])/Sum(exp(z[k]), k)", "matmul": "A @ B", "transpose": "A.T", "identity": "eye",
    "trace": "sum(diag(A))", "tr": "sum(diag(A))", "norm": "sqrt(dot(u, u))", "mean": "sum(u)/n", "cases": "Piecewise",
    "lg": "log(u)/log(10)", "h": "Heaviside(u)", "step": "Heaviside(u)",
    "kroneckerdelta": "delta(i, j)", "select": "Piecewise", "prod": "*", "einsum": "Sum(A[i, k]*B[k, j], k)",
}  # fmt: skip
"""Names from elsewhere, in lower case, and what this language has for them."""

_PYTHON = {
    "lambda": "the symbol is spelled as in the question, such as lam",
    "if": "write where(condition, a, b)", "else": "write where(condition, a, b)",
    "for": "a sum over an index is Sum(p[k], k)", "in": "a sum over an index is Sum(p[k], k)",
}  # fmt: skip
_TOKEN = late(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)"
    r"|(?P<op>\*\*|<=|>=|==|!=|[-+*/^@().,\[\]<>])|(?P<space>\s+)"
)
_KEYWORDS = {"and", "or", "not", "True", "False"}
_NOT_READ = "this does not read as an expression; check operators and brackets"
_BRACKETS = {
    "never closed": "this bracket is not closed",
    "unmatched": "this bracket closes none that is open",
    "does not match": "this bracket closes one of another kind",
}
"""What Python's parser says of brackets, and what is said here."""
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


@dataclass(frozen=True)
class Unreadable:
    """Why a text cannot be read: a code, the column (from 1; 0 for the whole text) and a sentence for the student.

    ``line`` is given for one of several lines.
    """

    code: str
    column: int
    message: str
    line: int = 0

    def __str__(self) -> str:
        place = [f"{word} {number}" for word, number in (("line", self.line), ("column", self.column)) if number]
        return f"{', '.join(place)}: {self.message}" if place else self.message


class ReadError(Exception):
    """Carries an :class:`Unreadable` to the surface."""

    def __init__(self, code: str, column: int, message: str) -> None:
        super().__init__(message)
        self.reason = Unreadable(code, column, message)


@lru_cache(maxsize=64)
def parse(text: str, names: Vocabulary | None = None) -> Node:
    """Return the surface tree of one line.

    Parameters
    ----------
    text : str
        Plain text in the usual spellings.
    names : Vocabulary or None
        The names of the question, by which spellings are told apart.

    Raises
    ------
    ReadError
        If the text is not in the language or beyond the caps.
    """
    if len(text) > MAX_TEXT:
        raise ReadError("too_long", 0, f"at most {MAX_TEXT} characters; this has {len(text)}")
    if is_latex(text) and text.strip(" \\") and names is not None:
        try:
            return read_latex(text, names)
        except NotRead as error:
            raise ReadError("latex", error.column, f"LaTeX: {error.message}") from None
    try:
        spelled, places = respell(text, names or Vocabulary())
    except NotRead as error:
        raise ReadError("implicit_product", error.column, error.message) from None
    try:
        source, columns = _tokens(spelled)
    except ReadError as error:
        reason = error.reason
        column = places[min(reason.column, len(places)) - 1] if reason.column and places else reason.column
        raise ReadError(reason.code, column, reason.message) from None
    columns = [places[min(k, len(places)) - 1] for k in columns]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source, mode="eval")
    except SyntaxError as error:
        at = columns[min(max((error.offset or 1) - 1, 0), len(columns) - 1)]
        known = (said for words, said in _BRACKETS.items() if words in (error.msg or ""))
        raise ReadError("syntax", at, next(known, _NOT_READ)) from None
    except (RecursionError, MemoryError, ValueError):
        raise ReadError("too_long", 0, "nested too deeply") from None
    return _TreeReader(source, columns, names or Vocabulary()).node(tree.body, 0)


def _tokens(text: str) -> tuple[str, list[int]]:
    """Check the tokens; return the text with ``^`` as ``**`` and the column of every character of it."""
    if not text.strip():
        raise ReadError("empty", 0, "nothing was written")
    out: list[str] = []
    columns: list[int] = []
    depth = position = count = 0
    previous = ("op", "")
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad_character(text[position], position + 1)
        kind, token = str(match.lastgroup), match.group()
        if kind != "space":
            count += 1
            _check_token(kind, token, previous, position + 1)
            depth += (token in "([") - (token in ")]")
            if depth > MAX_DEPTH or count > 2 * MAX_NODES:
                raise ReadError("too_long", position + 1, "nested too deeply, or too many terms")
            previous = (kind, token)
        written = "**" if token == "^" else " " * len(token) if kind == "space" else token
        out.append(written)
        columns.extend([position + 1] * len(written) if token == "^" else range(position + 1, match.end() + 1))
        position = match.end()
    source = "".join(out)
    skip = len(source) - len(source.lstrip())
    return source[skip:].rstrip(), columns[skip:]


def _bad_character(char: str, column: int) -> ReadError:
    name = f"{char!r}" if char.isprintable() else f"the character U+{ord(char):04X}"
    if char == "=":
        return ReadError(
            "character", column, "'=' only separates the steps of a derivation; an answer is its right side alone"
        )
    if char in "\\{}$":
        return ReadError(
            "character",
            column,
            f"{name} is not part of plain text; write x**(2*n), or LaTeX, such as x^{{2n}} \\cdot y",
        )
    raised = unicodedata.decomposition(char).startswith("<super>")
    cure = _CHARACTERS.get(char, f"; write ^{unicodedata.normalize('NFKC', char)}" if raised else "")
    return ReadError("character", column, f"{name} is not part of the language{cure}")


_CHARACTERS = {
    "'": "; the transpose of X is X.T, a derivative is written out", "′": "; write the derivative out",
    "⊗": "; write outer(p, p)", "≈": "; an answer is exact", "∂": "; write the formula alone",
    "{": "; write (...)", "%": "; write /100",
}  # fmt: skip


def _check_token(kind: str, token: str, previous: tuple[str, str], column: int) -> None:
    before, last = previous
    if kind == "number":
        digits, _, power = token.lower().partition("e")
        if len(digits) > MAX_DIGITS + 1 or len(power) > 4 or (power and abs(int(power)) > MAX_POWER_OF_TEN):
            raise ReadError("too_large", column, f"numbers have at most {MAX_DIGITS} digits and exponents up to 60")
    if kind == "name" and token.startswith("__"):
        raise ReadError("name", column, f"{token[:30]} is not a symbol of this question")
    if kind == "name" and keyword.iskeyword(token) and token not in _KEYWORDS:
        advice = _PYTHON.get(token, "write the formula alone")
        raise ReadError("syntax", column, f"{token} is not part of the language; {advice}")
    value = kind in ("number", "name") and token not in _KEYWORDS
    value_before = before in ("number", "name") and last not in _KEYWORDS
    if (value and (value_before or last in (")", "]"))) or (
        token == "(" and (before == "number" or last in (")", "]"))
    ):
        cure = "write 2*x, not 2x"
        if any(word.lower().partition("_")[0] == "sum" for word in (token, last)):
            cure = "a sum over an index is Sum(p[k]*y[k], k)"
        elif last == "T":
            cure = "between arrays write @ for the matrix product"
        elif token == "1":
            cure = "for an indicator write delta(i, j) or where(z > 0, 1, 0)"
        raise ReadError("implicit_product", column, f"an operator is missing before {token[:30]}; {cure}")


OWN_NAME = "define a name of your own on a line before"
"""The cure of a name that the question does not know."""


def _not_a_function(func: ast.expr, names: Vocabulary) -> str:
    """Say what was found instead of a function, and what to write for it."""
    if isinstance(func, ast.Attribute):
        owner = func.value.id if isinstance(func.value, ast.Name) else "..."
        written, name = f"{owner}.{func.attr}"[:30], func.attr
    else:
        written = name = func.id[:30] if isinstance(func, ast.Name) else "this"
    known = like(name, FUNCTIONS) or INSTEAD.get(name.lower())
    if isinstance(func, ast.Attribute) and name == "dot":
        known = "A @ B"
    if name == "T":
        return "between arrays write @ for the matrix product, as in X.T@(X@w), or * entry by entry"
    if name.lower().startswith(("sum_", "sigma_")):
        known = f"Sum(..., {name.partition('_')[2]})"
    cure = f"write {known}" if known else "products need *"
    if not known and names.ranks and isinstance(func, ast.Name) and names.rank(name) is None:
        cure += f"; {OWN_NAME}"
    return f"{written} is not a function of the language; {cure}"


def other_arguments(name: str, low: int, high: int, given: int) -> str:
    """Say that a function takes another number of arguments than it was given."""
    takes = plural(low, "argument") if low == high else f"{low} to {high} arguments"
    return f"{name} takes {takes}, not {given}"


def like(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that differs in capitals at most."""
    return next((other for other in known if other.lower() == name.lower()), None)


class _TreeReader:
    """Turns Python's tree into surface nodes, counting nodes and depth."""

    def __init__(self, source: str, columns: list[int], names: Vocabulary) -> None:
        self.source, self.columns, self.names, self.count = source, columns, names, 0
        self.functions = FUNCTIONS | dict.fromkeys(names.functions, (1, 1))

    def column(self, tree: ast.expr) -> int:
        return self.columns[min(tree.col_offset, len(self.columns) - 1)]

    def fail(self, tree: ast.expr, message: str, code: str = "syntax") -> ReadError:
        return ReadError(code, self.column(tree), message)

    def node(self, tree: ast.expr, depth: int) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            raise self.fail(tree, f"more than {MAX_NODES} terms and operators", "too_long")
        if depth > MAX_DEPTH:
            raise self.fail(tree, f"nested more than {MAX_DEPTH} deep", "too_long")
        method = getattr(self, f"on_{type(tree).__name__.lower()}", None)
        if method is None:
            raise self.fail(tree, f"{type(tree).__name__.lower()} is not part of the language")
        result: Node = method(tree, depth + 1)
        return result

    def on_constant(self, tree: ast.Constant, depth: int) -> Node:
        if isinstance(tree.value, bool):
            return ("bool", tree.value)
        if isinstance(tree.value, (int, float)):
            return ("num", Fraction(self.source[tree.col_offset : tree.end_col_offset].rstrip(".")))
        raise self.fail(tree, "only numbers and symbols are read")

    def on_name(self, tree: ast.Name, depth: int) -> Node:
        return ("name", tree.id, self.column(tree))

    def on_unaryop(self, tree: ast.UnaryOp, depth: int) -> Node:
        inner = self.node(tree.operand, depth)
        if isinstance(tree.op, ast.USub):
            return ("neg", indicator(inner), self.column(tree))
        if isinstance(tree.op, ast.Not):
            return ("not", inner, self.column(tree))
        return inner

    def on_binop(self, tree: ast.BinOp, depth: int) -> Node:
        operator = _OPERATORS.get(type(tree.op))
        if operator is None:
            raise self.fail(tree, "this operator is not part of the language (integer division, remainder, bits)")
        # a long sum leans to the left: its depth is that of its widest term, not the number of its terms
        left_depth = depth if type(tree.left) is not ast.BinOp else depth - 1
        sides = (self.node(tree.left, left_depth), self.node(tree.right, depth))
        return (operator, *map(indicator, sides), self.column(tree))

    def on_boolop(self, tree: ast.BoolOp, depth: int) -> Node:
        word = "and" if isinstance(tree.op, ast.And) else "or"
        return (word, tuple(self.node(value, depth) for value in tree.values), self.column(tree))

    def on_compare(self, tree: ast.Compare, depth: int) -> Node:
        values = [self.node(value, depth) for value in (tree.left, *tree.comparators)]
        parts: list[Node] = []
        for operator, left, right in zip(tree.ops, values, values[1:], strict=False):
            if type(operator) not in _OPERATORS:
                raise self.fail(tree, "only <, <=, >, >=, == and != compare")
            parts.append(("cmp", _OPERATORS[type(operator)], left, right, self.column(tree)))
        return parts[0] if len(parts) == 1 else ("and", tuple(parts), self.column(tree))

    def on_call(self, tree: ast.Call, depth: int) -> Node:
        if not isinstance(tree.func, ast.Name) or tree.func.id not in self.functions:
            raise self.fail(tree, _not_a_function(tree.func, self.names), "function")
        if tree.keywords:
            raise self.fail(tree, "named arguments are not part of the language; write them by position")
        low, high = self.functions[tree.func.id]
        if not low <= len(tree.args) <= high:
            cure = "; write log(u)/log(b)" if tree.func.id == "log" and len(tree.args) == 2 else ""
            raise self.fail(tree, other_arguments(tree.func.id, low, high, len(tree.args)) + cure, "function")
        return ("call", tree.func.id, tuple(self.node(a, depth) for a in tree.args), self.column(tree))

    def on_attribute(self, tree: ast.Attribute, depth: int) -> Node:
        if tree.attr != "T":
            raise self.fail(tree, "only .T (transpose) may follow a dot", "attribute")
        return ("T", self.node(tree.value, depth), self.column(tree))

    def on_subscript(self, tree: ast.Subscript, depth: int) -> Node:
        inside = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
        indices = tuple(self.node(index, depth) for index in inside)
        if indices[0][0] in ("cmp", "and", "or", "not"):
            raise self.fail(tree, "for an indicator write the condition in round brackets: (z-y)*(z > 0)", "index")
        return ("at", self.node(tree.value, depth), indices, self.column(tree))

    def on_tuple(self, tree: ast.Tuple, depth: int) -> Node:
        return ("tuple", tuple(self.node(item, depth) for item in tree.elts), self.column(tree))
