"""Wrong versions of a function, made from its source: one small change each.

Changes operators, signs, comparisons, constants, axes, terms, order of arguments, ranges, validation, and pairs of
functions such as minimum and maximum.  Left alone are docstrings, annotations and the texts of errors.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograder.plain import dataclass
from autograder.text import missing

if TYPE_CHECKING:
    import libcst as cst

Mutation = tuple["cst.CSTNode", "cst.CSTNode"]

_PAIRS: Mapping[str, str] = {
    "maximum": "minimum", "max": "min", "sum": "mean", "any": "all", "argmax": "argmin", "floor": "ceil",
    "zeros": "ones", "zeros_like": "ones_like", "logical_and": "logical_or", "log1p": "log", "expm1": "exp",
    "real": "imag",
}  # fmt: skip
_OTHER = {**_PAIRS, **{b: a for a, b in _PAIRS.items()}}
_UNWRAPPED = frozenset({"abs", "sqrt", "square", "exp", "log", "conj", "sort", "clip", "cumsum", "cumulative_sum"})
_SYMMETRIC = frozenset({"maximum", "minimum", "max", "min", "hypot", "logical_and", "logical_or", "isclose", "require"})
_SILENT = frozenset({"require"})  # its second argument is a text
_TINY = 1e-6  # a smaller constant is the tolerance of some stopping rule


@dataclass(frozen=True)
class Mutant:
    """One wrong version.

    Attributes
    ----------
    function : str
        Which function of the module is changed.
    line : int
        Where in the module.
    text : str
        ``function: before -> after``, or ``function: line: before -> after`` where a mere constant is changed; ``#2``
        is added to the second of two that read alike.  Without line numbers it stays the same while other code moves.
    place : str
        ``function: line``, the text of the line on which the change begins.
    code : str
        The changed function.
    """

    function: str
    line: int
    text: str
    place: str
    code: str


def mutants_of(source: str, functions: Iterable[str]) -> tuple[Mutant, ...]:
    """Return every mutant of some functions of a module, in the order of the source.

    Parameters
    ----------
    source : str
        Text of the module.
    functions : iterable of str
        Names of functions at its top level.

    Raises
    ------
    CourseError
        If libcst is not installed.
    """
    if importlib.util.find_spec("libcst") is None:
        raise missing("libcst", "author")
    import libcst as cst
    from libcst.metadata import MetadataWrapper, PositionProvider

    wrapper = MetadataWrapper(cst.parse_module(source))
    lines = wrapper.resolve(PositionProvider)
    chosen = set(functions)
    made: list[Mutant] = []
    for node in wrapper.module.body:
        if isinstance(node, cst.FunctionDef) and node.name.value in chosen:
            made += _of_function(node, lines, source.splitlines())
    return tuple(made)


def _of_function(function: cst.FunctionDef, lines: Mapping[Any, Any], source: Sequence[str]) -> Iterator[Mutant]:
    import libcst as cst

    name = function.name.value
    seen: dict[str, int] = {}
    codes = {cst.Module([function]).code}
    for old, new in _changes(function):
        code = cst.Module([_replaced(function, old, new)]).code
        if code in codes:
            continue
        codes.add(code)
        line = lines[old].start.line
        place = f"{name}: {source[line - 1].strip()}"
        constant = isinstance(old, cst.Integer | cst.Float | cst.Name)
        text = f"{place if constant else name}: {_shown(old)} -> {_shown(new)}"
        seen[text] = seen.get(text, 0) + 1
        suffix = f" #{seen[text]}" if seen[text] > 1 else ""
        yield Mutant(name, line, text + suffix, place, code)


def _replaced(function: cst.FunctionDef, old: cst.CSTNode, new: cst.CSTNode) -> cst.FunctionDef:
    import libcst as cst

    compound = cst.BinaryOperation | cst.UnaryOperation | cst.Comparison | cst.BooleanOperation | cst.IfExp
    if isinstance(new, compound) and not new.lpar:
        new = new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    changed = function.deep_replace(old, new)
    assert isinstance(changed, cst.FunctionDef)  # the function itself is never what is replaced
    return changed


def _shown(node: cst.CSTNode) -> str:
    import libcst as cst

    bare = node.with_changes(lpar=[], rpar=[]) if isinstance(node, cst.BaseExpression) else node
    shown = cst.Module([]).code_for_node(node.test if isinstance(node, cst.If) else bare)
    return ("if " if isinstance(node, cst.If) else "") + " ".join(shown.split())


def _changes(function: cst.FunctionDef) -> Iterator[Mutation]:
    """Yield what may be replaced by what, outermost first."""
    import libcst as cst

    rules: tuple[tuple[type[cst.CSTNode], Callable[[Any], Iterator[cst.CSTNode]]], ...] = (
        (cst.BinaryOperation, _binary),
        (cst.AugAssign, _augmented),
        (cst.Comparison, _comparison),
        (cst.BooleanOperation, _boolean),
        (cst.UnaryOperation, _unary),
        (cst.Integer, _integer),
        (cst.Float, _float),
        (cst.Name, _truth),
        (cst.IfExp, _branches),
        (cst.If, _if),
        (cst.Expr, _statement),
        (cst.Call, _call),
    )
    for node in _code_nodes(function):
        for kind, rule in rules:
            if isinstance(node, kind):
                for new in rule(node):
                    yield node, new


def _code_nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield what computes: no docstrings, annotations, texts or raised errors."""
    import libcst as cst

    yield node
    if isinstance(node, cst.Annotation | cst.FormattedString | cst.SimpleString | cst.Raise | cst.Decorator):
        return
    if isinstance(node, cst.Call) and _name_of(node) in _SILENT:
        yield from _code_nodes(node.args[0])
        return
    if isinstance(node, cst.Arg) and node.keyword is not None and node.keyword.value in ("axis", "strict"):
        return  # an axis has a rule of its own; zip(strict=True) only guards the reference against itself
    for child in node.children:
        yield from _code_nodes(child)


def _name_of(call: cst.Call) -> str:
    import libcst as cst

    if isinstance(call.func, cst.Name):
        return call.func.value
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


# --- rules -----------------------------------------------------------------------------------------------------


def _binary(node: cst.BinaryOperation) -> Iterator[cst.CSTNode]:
    import libcst as cst

    swaps: dict[type[cst.BaseBinaryOp], cst.BaseBinaryOp] = {
        cst.Add: cst.Subtract(), cst.Subtract: cst.Add(), cst.Multiply: cst.Divide(), cst.Divide: cst.Multiply(),
        cst.Power: cst.Multiply(), cst.FloorDivide: cst.Divide(), cst.Modulo: cst.FloorDivide(),
        cst.BitAnd: cst.BitOr(), cst.BitOr: cst.BitAnd(),
    }  # fmt: skip
    other = swaps.get(type(node.operator))
    if other is not None:
        yield node.with_changes(operator=other)
    if isinstance(node.operator, cst.MatrixMultiply):
        yield node.with_changes(left=_inner(node.right), right=_inner(node.left))
        return
    yield node.left
    if not isinstance(node.operator, cst.Power | cst.FloorDivide | cst.Modulo):
        yield node.right


def _inner(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an operand in parentheses if it needs them on the other side of an operator."""
    import libcst as cst

    if isinstance(node, cst.BinaryOperation | cst.UnaryOperation) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return node


def _augmented(node: cst.AugAssign) -> Iterator[cst.CSTNode]:
    import libcst as cst

    swaps: dict[type[cst.BaseAugOp], cst.BaseAugOp] = {
        cst.AddAssign: cst.SubtractAssign(), cst.SubtractAssign: cst.AddAssign(),
        cst.MultiplyAssign: cst.DivideAssign(), cst.DivideAssign: cst.MultiplyAssign(),
    }  # fmt: skip
    other = swaps.get(type(node.operator))
    if other is not None:
        yield node.with_changes(operator=other)


def _comparison(node: cst.Comparison) -> Iterator[cst.CSTNode]:
    import libcst as cst

    less, greater = cst.LessThan(), cst.GreaterThan()
    swaps: dict[type[cst.BaseCompOp], tuple[cst.BaseCompOp, ...]] = {
        cst.LessThan: (cst.LessThanEqual(), greater), cst.LessThanEqual: (less, cst.GreaterThanEqual()),
        cst.GreaterThan: (cst.GreaterThanEqual(), less), cst.GreaterThanEqual: (greater, cst.LessThanEqual()),
        cst.Equal: (cst.NotEqual(),), cst.NotEqual: (cst.Equal(),),
        cst.In: (cst.NotIn(),), cst.NotIn: (cst.In(),), cst.Is: (cst.IsNot(),), cst.IsNot: (cst.Is(),),
    }  # fmt: skip
    for i, target in enumerate(node.comparisons):
        for other in swaps.get(type(target.operator), ()):
            changed = target.with_changes(operator=other)
            yield node.with_changes(comparisons=[*node.comparisons[:i], changed, *node.comparisons[i + 1 :]])


def _boolean(node: cst.BooleanOperation) -> Iterator[cst.CSTNode]:
    import libcst as cst

    yield node.with_changes(operator=cst.Or() if isinstance(node.operator, cst.And) else cst.And())
    yield node.left
    yield node.right


def _unary(node: cst.UnaryOperation) -> Iterator[cst.CSTNode]:
    yield node.expression


def _integer(node: cst.Integer) -> Iterator[cst.CSTNode]:
    value = int(node.value, 0)
    # a large number bounds a loop: one more shows nowhere, a tenth should
    yield node.with_changes(value=str(value + 1 if value <= 20 else value // 10))
    if value == 1:
        yield node.with_changes(value="0")


def _float(node: cst.Float) -> Iterator[cst.CSTNode]:
    value = float(node.value)
    yield node.with_changes(value=repr(1.0 if value == 0 else value * (1e6 if value < _TINY else 2)))


def _truth(node: cst.Name) -> Iterator[cst.CSTNode]:
    if node.value in ("True", "False"):
        yield node.with_changes(value="False" if node.value == "True" else "True")


def _branches(node: cst.IfExp) -> Iterator[cst.CSTNode]:
    yield node.body
    yield node.orelse


def _if(node: cst.If) -> Iterator[cst.CSTNode]:
    import libcst as cst

    for truth in ("True", "False"):
        yield node.with_changes(test=cst.Name(truth), whitespace_before_test=cst.SimpleWhitespace(" "))


def _statement(node: cst.Expr) -> Iterator[cst.CSTNode]:
    import libcst as cst

    if isinstance(node.value, cst.Call):
        yield cst.Pass()


def _axis(node: cst.Call) -> Iterator[cst.CSTNode]:
    """Yield the call along another axis; -1 becomes 0, since 1 is the same axis of a matrix."""
    import libcst as cst

    for i, arg in enumerate(node.args):
        if arg.keyword is not None and arg.keyword.value == "axis":
            for old, new in (("0", "1"), ("1", "0"), ("-1", "0")):
                if cst.Module([]).code_for_node(arg.value) == old:
                    changed = arg.with_changes(value=cst.Integer(new))
                    yield node.with_changes(args=[*node.args[:i], changed, *node.args[i + 1 :]])


def _call(node: cst.Call) -> Iterator[cst.CSTNode]:
    import libcst as cst

    yield from _axis(node)
    name = _name_of(node)
    if name in _OTHER:
        new = cst.Name(_OTHER[name])
        yield node.with_changes(func=node.func.with_changes(attr=new) if isinstance(node.func, cst.Attribute) else new)
    if name in _UNWRAPPED and node.args:
        yield node.args[0].value
    plain = [i for i, arg in enumerate(node.args) if arg.keyword is None and not arg.star]
    if len(plain) >= 2 and name not in _SYMMETRIC:
        i, j = plain[-2], plain[-1]
        args = list(node.args)
        args[i], args[j] = (args[i].with_changes(value=args[j].value), args[j].with_changes(value=args[i].value))
        yield node.with_changes(args=args)
    if name == "range" and plain:
        stop = plain[0] if len(plain) == 1 else plain[1]
        less = cst.BinaryOperation(_inner(node.args[stop].value), cst.Subtract(), cst.Integer("1"))
        args = list(node.args)
        args[stop] = args[stop].with_changes(value=less)
        yield node.with_changes(args=args)
