"""A misconception drafted from a student's function, for an author to read and edit.

A draft is text.  It holds only syntax of an allow-list: arithmetic, comparisons, indexing, loops and calls of named
NumPy and SciPy functions; no strings, comments or names of the student's own.  What does not fit is not drafted.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autograder.declared import is_text
from autograder.plain import dataclass

_NUMPY = frozenset({
    "abs", "absolute", "add", "all", "any", "arange", "arctan", "argmax", "argmin", "argsort", "array", "asarray",
    "atleast_1d", "atleast_2d", "average", "bincount", "broadcast_to", "ceil", "clip", "concatenate", "conj",
    "corrcoef", "cos", "cosh", "cov", "cumprod", "cumsum", "diag", "diff", "divide", "dot", "einsum", "empty",
    "empty_like", "exp", "expand_dims", "expm1", "eye", "flip", "float64", "floor", "full", "full_like",
    "histogram", "identity", "imag", "inf", "inner", "int64", "isfinite", "isinf", "isnan", "linspace", "log",
    "log10", "log1p", "log2", "logaddexp", "logical_and", "logical_not", "logical_or", "matmul", "max", "maximum",
    "mean", "median", "min", "minimum", "multiply", "nan", "nanmean", "nansum", "newaxis", "nonzero", "ones",
    "ones_like", "outer", "percentile", "pi", "power", "prod", "ptp", "quantile", "ravel", "real", "repeat",
    "reshape", "round", "searchsorted", "shape", "sign", "sin", "sinh", "size", "sort", "sqrt", "square", "squeeze",
    "stack", "std", "subtract", "sum", "take_along_axis", "tanh", "tile", "trace", "transpose", "tril", "triu",
    "unique", "var", "vdot", "vstack", "hstack", "where", "zeros", "zeros_like",
})  # fmt: skip
_LINALG = frozenset({
    "cholesky", "cond", "det", "eig", "eigh", "eigvals", "eigvalsh", "inv", "lstsq", "matrix_power", "matrix_rank",
    "norm", "pinv", "qr", "slogdet", "solve", "svd",
})  # fmt: skip
_SPECIAL = frozenset({
    "beta", "betainc", "betaln", "digamma", "entr", "erf", "erfc", "erfinv", "expit", "fdtr", "gamma", "gammainc",
    "gammaln", "log_expit", "log_softmax", "logit", "logsumexp", "ndtr", "ndtri", "rel_entr", "softmax", "stdtr",
    "stdtrit", "xlog1py", "xlogy",
})  # fmt: skip
_BUILTINS = frozenset({
    "abs", "bool", "enumerate", "float", "int", "len", "list", "max", "min", "pow", "range", "reversed", "round",
    "sorted", "sum", "tuple", "zip",
})  # fmt: skip
_METHODS = frozenset({
    "T", "all", "any", "append", "argmax", "argmin", "argsort", "astype", "clip", "conj", "copy", "cumsum",
    "diagonal", "dot", "flatten", "imag", "item", "max", "mean", "min", "ndim", "prod", "ravel", "real", "reshape",
    "round", "shape", "size", "sort", "squeeze", "std", "sum", "swapaxes", "tolist", "trace", "transpose", "var",
})  # fmt: skip
_MODULES = {"numpy": _NUMPY, "numpy.linalg": _LINALG, "scipy.special": _SPECIAL, "scipy.linalg": _LINALG}
_WRITTEN = {"numpy": "np", "numpy.linalg": "np.linalg", "scipy.special": "special", "scipy.linalg": "linalg"}
_NODES = (
    ast.FunctionDef, ast.Raise, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.AugAssign, ast.For, ast.While,
    ast.If, ast.Pass, ast.Break, ast.Continue, ast.Expr, ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.IfExp, ast.Compare,
    ast.Call, ast.keyword, ast.Constant, ast.Attribute, ast.Subscript, ast.Starred, ast.Name, ast.List, ast.Tuple,
    ast.Slice, ast.ListComp, ast.GeneratorExp, ast.comprehension, ast.expr_context, ast.operator, ast.unaryop,
    ast.boolop, ast.cmpop,
)  # fmt: skip
MOST_LINES = 60
MOST_CHARACTERS = 100_000


@dataclass(frozen=True)
class Draft:
    """The body of a misconception, or why there is none: ``code`` is empty then."""

    code: str
    reason: str = ""


class _NotDraftable(Exception):
    """Something that no draft holds."""


def draft(source: str, part: str, arguments: Sequence[str]) -> Draft:
    """Return a student's function as a draft, or why it cannot be one.

    Parameters
    ----------
    source : str
        The text of the submission; it is read, never run.
    part : str
        Name of the function.
    arguments : sequence of str
        Names of the reference's parameters, which take the place of the student's.
    """
    try:
        if len(source) > MOST_CHARACTERS:
            raise _NotDraftable(f"the file is longer than {MOST_CHARACTERS} characters")
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            raise _NotDraftable("the file cannot be read as Python") from error
        defined = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == part]
        if not defined:
            raise _NotDraftable(f"the file defines {part} in no line of its own")
        # a later definition takes the place of an earlier one, as in a notebook whose cell was written anew
        return Draft(_Cleaner(_imports(tree), arguments).clean(defined[-1]))
    except (_NotDraftable, RecursionError) as refused:
        return Draft("", str(refused) or "it is nested too deeply")


def _imports(tree: ast.Module) -> dict[str, str]:
    """Return which names stand for which allowed module or function."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for one in node.names:  # of ``import a.b`` the name is a
                first = one.name.partition(".")[0]
                found[one.asname or first] = one.name if one.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {one.asname or one.name: f"{node.module}.{one.name}" for one in node.names}
    return found


class _Cleaner(ast.NodeTransformer):
    """Rewrites a function with allowed syntax and neutral names; refuses everything else."""

    def __init__(self, imports: dict[str, str], arguments: Sequence[str]) -> None:
        self._imports, self._arguments = imports, tuple(arguments)
        self._names: dict[str, str] = {}

    def clean(self, function: ast.FunctionDef) -> str:
        given = function.args
        if function.decorator_list or given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs:
            raise _NotDraftable("decorators and starred parameters are not drafted")
        if len(given.args) != len(self._arguments):
            raise _NotDraftable(f"it takes {len(given.args)} arguments, and the reference {len(self._arguments)}")
        self._names = {one.arg: name for one, name in zip(given.args, self._arguments, strict=True)}
        body = [one for one in function.body if not is_text(one)] or [ast.Pass()]
        for node in (inner for one in body for inner in ast.walk(one)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._names.setdefault(node.id, f"v{len(self._names) - len(self._arguments) + 1}")
        made = ast.parse("def drafted(): pass")
        drafted = made.body[0]
        assert isinstance(drafted, ast.FunctionDef)  # as it is written
        drafted.args.args = [ast.arg(name) for name in self._arguments]
        drafted.args.defaults = [self._expression(one) for one in given.defaults]
        drafted.body = [self._statement(one) for one in body]
        text = ast.unparse(ast.fix_missing_locations(made))
        if text.count("\n") >= MOST_LINES:
            raise _NotDraftable(f"it has more than {MOST_LINES} lines")
        return text

    def visit(self, node: ast.AST) -> ast.AST:
        """Return a node without what a draft does not hold."""
        if not isinstance(node, _NODES):
            raise _NotDraftable(f"{type(node).__name__} is not drafted{_line(node)}")
        return super().visit(node)  # type: ignore[no-any-return]  # a transformer of nodes

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Refuse a function inside of the function."""
        raise _NotDraftable(f"a function inside of the function is not drafted{_line(node)}")

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        """Keep that bad input is refused, without the student's words."""
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if not isinstance(raised, ast.Name) or raised.id != "ValueError" or node.cause or raised.id in self._names:
            raise _NotDraftable(f"only a ValueError is drafted{_line(node)}")
        return ast.Raise(ast.Name("ValueError", ast.Load()))

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """Keep numbers, True, False and None."""
        if node.value is not None and not isinstance(node.value, bool | int | float):
            raise _NotDraftable(f"text is not drafted{_line(node)}")
        if isinstance(node.value, int) and abs(node.value) > 10**18:
            raise _NotDraftable(f"a very large number is not drafted{_line(node)}")
        return ast.Constant(node.value)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Rename what the function defines; of other names only some of Python's own are known."""
        if node.id in self._names:
            return ast.Name(self._names[node.id], node.ctx)
        if node.id in self._imports:
            return self._known(self._imports[node.id], node)
        if node.id in _BUILTINS and isinstance(node.ctx, ast.Load):
            return ast.Name(node.id, ast.Load())
        raise _NotDraftable(f"a name from elsewhere is not drafted{_line(node)}")

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """Keep functions of the known modules, and methods of arrays."""
        path = self._path(node)
        if path is not None:
            return self._known(path, node)
        if node.attr not in _METHODS or not isinstance(node.ctx, ast.Load):
            raise _NotDraftable(f"an attribute is not drafted{_line(node)}")
        return ast.Attribute(self._expression(node.value), node.attr, node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Keep calls of what is known by name."""
        if not isinstance(node.func, ast.Name | ast.Attribute):
            raise _NotDraftable(f"a call of what is computed is not drafted{_line(node)}")
        if isinstance(node.func, ast.Name) and node.func.id in self._names and node.func.id not in self._given():
            raise _NotDraftable(f"a call of what is computed is not drafted{_line(node)}")
        keywords = [ast.keyword(one.arg, value=self._expression(one.value)) for one in node.keywords]
        if any(one.arg not in _KEYWORDS for one in keywords):
            raise _NotDraftable(f"a keyword is not drafted{_line(node)}")
        return ast.Call(self._expression(node.func), [self._expression(one) for one in node.args], keywords)

    def _statement(self, node: ast.stmt) -> ast.stmt:
        found = self.visit(node)
        assert isinstance(found, ast.stmt)  # a statement stays one
        return found

    def _expression(self, node: ast.expr) -> ast.expr:
        found = self.visit(node)
        assert isinstance(found, ast.expr)  # an expression stays one
        return found

    def _given(self) -> set[str]:
        """Return the parameters: an argument may be a function to call."""
        return {name for name, now in self._names.items() if now in self._arguments}

    def _path(self, node: ast.expr) -> str | None:
        """Return the dotted name that an expression of imported names means."""
        if isinstance(node, ast.Name):
            return self._imports.get(node.id) if node.id not in self._names else None
        if isinstance(node, ast.Attribute):
            before = self._path(node.value)
            return None if before is None else f"{before}.{node.attr}"
        return None

    def _known(self, path: str, node: ast.expr) -> ast.AST:
        module, _, name = path.rpartition(".")
        if name not in _MODULES.get(module, ()) or not isinstance(node.ctx, ast.Load):  # type: ignore[attr-defined]  # names and attributes have one
            raise _NotDraftable(f"this function of a package is not drafted{_line(node)}")
        return ast.parse(f"{_WRITTEN[module]}.{name}", mode="eval").body


_KEYWORDS = frozenset({
    "a_max", "a_min", "axes", "axis", "b", "bias", "copy", "ddof", "dtype", "full_matrices", "initial", "k",
    "keepdims", "n", "ord", "rcond", "reverse", "rowvar", "shape", "start", "stop", "strict", "weights", "where",
})  # fmt: skip


def _line(node: ast.AST) -> str:
    line = getattr(node, "lineno", None)
    return f" (line {line})" if line else ""


def as_misconception(code: str, part: str) -> str:
    """Return a draft as an author edits it: the decorator with title and hint to be filled in."""
    return f'@wrong("{part}", "TITLE", hint="HINT?")\n{code}'
