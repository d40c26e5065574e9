"""An exercise's own functions as a file that a student could have handed in.

Reference, alternatives and misconceptions live in ``grading.py`` and ``reference/`` and lean on helpers there.  Here
they become one self-contained text in plain NumPy: for the worked solution and for the demonstration class.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType, ModuleType
from typing import Any

from autograder.errors import CourseError
from autograder.model import Value
from autograder.plain import dataclass

# The places where the chapter's code asks for an array library; a student's file always means NumPy.
_PLAIN = {
    ("autograder.arrays", "as_float"): (
        "def as_float(*values):\n"
        '    """NumPy, then every argument as a float64 array."""\n'
        "    return (np, *[np.asarray(value, dtype=np.float64) for value in values])"
    ),
    ("autograder.arrays", "as_complex"): (
        "def as_complex(*values):\n"
        '    """NumPy, then every argument as a complex128 array."""\n'
        "    return (np, *[np.asarray(value, dtype=np.complex128) for value in values])"
    ),
    ("autograder.arrays", "as_array"): (
        'def as_array(value):\n    """The argument as an array."""\n    return np.asarray(value)'
    ),
    ("reference._special", "special"): (
        "def special(name, *values):\n"
        '    """Apply a special function of SciPy elementwise."""\n'
        "    import scipy.special\n\n"
        "    return getattr(scipy.special, name)(*values)"
    ),
    ("autograder.arrays", "namespace"): (
        'def namespace(*values):\n    """NumPy, whatever the arguments are."""\n    return np'
    ),
}


class NotExtractable(CourseError):
    """A function whose source does not work on its own: made by another function, or not a function at all."""


@dataclass(frozen=True, eq=False)
class WrittenFunction:
    """A function as an author wrote it: an expression in a module, for those that another function makes."""

    module: ModuleType
    expression: ast.expr


def as_written(module: ModuleType, kind: str, title: str) -> WrittenFunction | None:
    """Return the function argument of ``kind(..., title, function, ...)`` in a module, or None if it has no such call.

    Parameters
    ----------
    module : module
        An exercise's ``grading``.
    kind : str
        Name that is called: ``Misconception`` or ``Alternative``.
    title : str
        Its title, written before the function.
    """
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == kind:
            for before, argument in zip(node.args, node.args[1:], strict=False):
                if isinstance(before, ast.Constant) and before.value == title:
                    return WrittenFunction(module, argument)
    return None


def standalone(functions: Mapping[str, Callable[..., Value] | WrittenFunction]) -> str:
    """Return the text of a module that defines these functions and everything they need.

    Parameters
    ----------
    functions : mapping
        Name in the text: function of an exercise or of the reference, or an expression that makes one.

    Raises
    ------
    NotExtractable
        If the source of one cannot be found or leans on variables of another function.
    """
    text = _Text(reserved=set(functions))
    for name, function in functions.items():
        if isinstance(function, WrittenFunction):
            text.add_expression(name, function)
        else:
            text.add_function(name, function)
    return text.render()


class _Text:
    """Collects definitions; every global gets a name of its own, so that modules cannot collide."""

    def __init__(self, reserved: set[str]) -> None:
        self._taken = set(reserved) | {"np"}
        self._names: dict[tuple[str, str], str] = {}
        self._imports: dict[str, None] = {"import numpy as np": None}
        self._chunks: list[str] = []

    def render(self) -> str:
        return "\n".join(sorted(self._imports)) + "\n\n\n" + "\n\n\n".join(self._chunks) + "\n"

    def add_function(self, name: str, function: Callable[..., Value]) -> None:
        code = getattr(function, "__code__", None)
        module = inspect.getmodule(function)
        if not isinstance(code, CodeType) or module is None:
            raise NotExtractable(f"{function!r} is not a plain function")
        if code.co_freevars:
            raise NotExtractable(f"{function.__qualname__} leans on variables of another function")
        self._add(module, node_of(module, code), (name,))

    def add_expression(self, name: str, written: WrittenFunction) -> None:
        self._add(written.module, written.expression, (name,))

    def _add(self, module: ModuleType, node: ast.AST, names: tuple[str, ...]) -> None:
        """Add a definition under these names, after everything that it uses."""
        known = tuple(self.name_of(*used) for used in _globals_of(module, node))
        self._chunks.append(_written_as(module, node, names, known))

    def name_of(self, module: ModuleType, name: str) -> str:
        """Return the name in the text of a module's global, after adding its definition."""
        key = (module.__name__, name)
        if key in self._names:
            return self._names[key]
        statement = _binding(module, name)
        if isinstance(statement, ast.Import | ast.ImportFrom):
            return self._imported(module, statement, name)
        together = _targets(statement) or (name,)
        for one in together:
            self._names[module.__name__, one] = self._free(one)
        free = self._names[key]
        if key in _PLAIN:
            self._chunks.append(_PLAIN[key])
            return free
        self._add(module, statement, tuple(self._names[module.__name__, one] for one in together))
        return free

    def _free(self, name: str) -> str:
        free = next(n for k in range(1, 99) if (n := name if k == 1 else f"{name}_{k}") not in self._taken)
        self._taken.add(free)
        return free

    def _imported(self, module: ModuleType, statement: ast.Import | ast.ImportFrom, name: str) -> str:
        if isinstance(statement, ast.ImportFrom) and _is_ours(statement.module or ""):
            origin = next(a.name for a in statement.names if (a.asname or a.name) == name)
            return self.name_of(sys.modules[statement.module or ""], origin)
        alias = next(a for a in statement.names if (a.asname or a.name.split(".")[0]) == name)
        single = type(statement)(**{**_fields(statement), "names": [alias]})
        self._imports[ast.unparse(single)] = None
        self._names[module.__name__, name] = name
        return name


class _Renamer(ast.NodeTransformer):
    """Replaces globals of a module by the names that ``name_of`` returns for them."""

    def __init__(
        self, module: ModuleType, bound: frozenset[str], name_of: Callable[[tuple[ModuleType, str]], str]
    ) -> None:
        self._module, self._bound, self._name_of = module, bound, name_of

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id not in self._bound:
            owner = vars(self._module).get(node.value.id)
            if isinstance(owner, ModuleType) and _is_ours(owner.__name__):
                return ast.Name(self._name_of((owner, node.attr)), node.ctx)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._bound or node.id not in vars(self._module):
            return node
        return ast.Name(self._name_of((self._module, node.id)), node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None  # a student's file needs no types
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return self.generic_visit(ast.Assign([node.target], node.value))


def _is_ours(module: str) -> bool:
    return module.split(".")[0] in ("reference", "exercises") or module == "autograder.arrays"


def _fields(node: ast.AST) -> dict[str, Any]:
    return dict(ast.iter_fields(node))


def _registers(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Name) and decorator.func.id in _REGISTER


_REGISTER = ("wrong", "right", "borderline")  # of autograder.checks


def _copy(node: ast.AST) -> Any:
    """Return a definition that may be changed, without decorators that register it."""
    copied = ast.parse(ast.unparse(node)).body[0]
    if isinstance(copied, ast.Expr):
        return copied.value
    if isinstance(copied, ast.FunctionDef):  # such a decorator is not needed to call the function
        copied.decorator_list = [one for one in copied.decorator_list if not _registers(one)]
    return copied


# A class of students is made of the same few functions again and again, in texts in which names differ at most.


@lru_cache(maxsize=4096)
def _globals_of(module: ModuleType, node: ast.AST) -> tuple[tuple[ModuleType, str], ...]:
    """Return the globals, each with its module, that a definition uses, in the order in which it names them first."""
    found: dict[tuple[ModuleType, str], None] = {}

    def note(used: tuple[ModuleType, str]) -> str:
        found[used] = None
        return used[1]

    _Renamer(module, _bound(node) - set(_targets(node)), note).visit(_copy(node))
    return tuple(found)


@lru_cache(maxsize=4096)
def _written_as(module: ModuleType, node: ast.AST, names: tuple[str, ...], known: tuple[str, ...]) -> str:
    """Return the text of a definition under other names of its own, and others for the globals that it uses."""
    renamed = dict(zip(_globals_of(module, node), known, strict=True))
    new: Any = _Renamer(module, _bound(node) - set(_targets(node)), renamed.__getitem__).visit(_copy(node))
    if isinstance(new, ast.FunctionDef | ast.ClassDef):
        new.name = names[0]
    elif isinstance(new, ast.Lambda):
        # type_params is new in Python 3.12; older versions ignore the keyword
        new = ast.FunctionDef(names[0], new.args, [ast.Return(new.body)], [], type_params=[])  # type: ignore[call-arg]
    else:
        value: ast.expr = new.value if isinstance(node, ast.stmt) else new
        new = ast.Assign([_target(names)], value)
    return ast.unparse(ast.fix_missing_locations(new))


@lru_cache(maxsize=128)
def _tree(module: ModuleType) -> ast.Module:
    """Return the tree of a module's text, which its readers copy before they change anything."""
    return ast.parse(inspect.getsource(module))


@lru_cache(maxsize=128)
def _definitions(module: ModuleType) -> dict[tuple[str, int], list[ast.FunctionDef | ast.Lambda]]:
    """Return the functions and lambdas of a module's text by their name and first line."""
    found: dict[tuple[str, int], list[ast.FunctionDef | ast.Lambda]] = {}
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.FunctionDef):
            found.setdefault((node.name, _first_line(node)), []).append(node)
        elif isinstance(node, ast.Lambda):
            found.setdefault(("<lambda>", node.lineno), []).append(node)
    return found


@lru_cache(maxsize=4096)
def _bound(node: ast.AST) -> frozenset[str]:
    """Return every name that is bound somewhere inside a definition."""
    names: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.arg):
            names.add(inner.arg)
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            names.add(inner.id)
        elif isinstance(inner, ast.FunctionDef) and inner is not node:
            names.add(inner.name)
    return frozenset(names)


@lru_cache(maxsize=4096)
def _binding(module: ModuleType, name: str) -> ast.stmt:
    found: ast.stmt | None = None
    for statement in _tree(module).body:
        if _binds(statement, name):
            found = statement
    if found is None:
        raise NotExtractable(f"{module.__name__} does not define {name} in a statement of its own")
    return found


def _binds(statement: ast.stmt, name: str) -> bool:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return statement.name == name
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return any((a.asname or a.name.split(".")[0]) == name for a in statement.names)
    if isinstance(statement, ast.Assign):
        return name in _targets(statement)
    return (
        isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.target.id == name
    )


def _targets(statement: ast.AST) -> tuple[str, ...]:
    """Return the names that an assignment to one name, or to a tuple of names, binds."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return ()
    target = statement.targets[0]
    items = target.elts if isinstance(target, ast.Tuple) else [target]
    return tuple(item.id for item in items if isinstance(item, ast.Name))


def _target(names: Sequence[str]) -> ast.expr:
    stores: list[ast.expr] = [ast.Name(name, ast.Store()) for name in names]
    return stores[0] if len(stores) == 1 else ast.Tuple(stores, ast.Store())


def node_of(module: ModuleType, code: CodeType) -> Any:
    """Return the definition that a code object was compiled from; raise NotExtractable if its source is not there."""
    for node in _definitions(module).get((code.co_name, code.co_firstlineno), ()):
        if isinstance(node, ast.FunctionDef) or _holds(node, code):
            return node
    raise NotExtractable(f"{module.__name__}: no source found for {code.co_qualname}")


def _holds(node: ast.Lambda, code: CodeType) -> bool:
    """Whether a code object was compiled from this lambda: it starts there, and its body lies there."""
    compiled = compile(ast.Expression(node), "<lambda>", "eval")
    inner = next(c for c in compiled.co_consts if isinstance(c, CodeType))
    if (inner.co_names, inner.co_varnames) != (code.co_names, code.co_varnames):
        return False
    body = (node.body.lineno, node.body.col_offset)
    return any((line, column) == body for line, _, column, _ in code.co_positions())


def _first_line(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])
