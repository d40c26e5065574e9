r"""Hold the formulas of a statement to the references: those that name a function, and those that equal one.

A formula names a function by its left side, ``\mathrm{range}(x, y) = ...``.  What its symbols mean follows from the
order of these arguments, or from the one way in which they can be the function's.
"""

from __future__ import annotations

import inspect
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from autograder.authoring.verify.places import of_text
from autograder.checks import Example, MatchesReference, show
from autograder.course.exercises import ExerciseFolder
from autograder.errors import CourseError, Endless
from autograder.judging.drawn import drawn_calls
from autograder.model import Value
from autograder.plain import dataclass
from autograder.symbolic import Question, Symbol
from autograder.symbolic.deciding.arithmetic import FLOATS, NotExact
from autograder.symbolic.deciding.evaluate import OverBudget, Work, evaluate
from autograder.symbolic.deciding.points import Point
from autograder.symbolic.language.reading import expression

_FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$`]+?)\$", re.DOTALL)
_NAMED = re.compile(r"\\(?:mathrm|operatorname|text|mathit|textrm|texttt)\*?\{([A-Za-z0-9\\_ ]+)\}")
_PIECES = re.compile(r"[,;]?\s*\\q?quad(?![A-Za-z])\s*")
_SKIPPED = frozenset(re.findall(
    r"\w+",
    "frac dfrac tfrac sum prod sqrt exp log ln tanh cosh sinh sin cos max min left right big Big bigl bigr Bigl Bigr "
    "cdot times top lVert rVert lvert rvert underbrace odot circ operatorname mathrm text mathbf begin end le ge leq "
    "geq Gamma lfloor rfloor mid vphantom quad dots ldots det sign sgn",
))  # fmt: skip
_SYMBOL = re.compile(
    r"(?:\\(?P<over>hat|bar|tilde)\s*\{?\s*)?(?:\\(?P<command>[A-Za-z]+)|(?P<letter>[A-Za-z]))\}?"
    r"(?:_(?:\{(?P<many>[a-z,]+)\}|(?P<one>[a-z])))?"
)
_MOST_WAYS = 60
_MOST_CASES = 6
_RTOL = 1e-7

Case = tuple[tuple[Value, ...], float]


@dataclass(frozen=True)
class Formulas:
    """What became of the formulas: those that hold, problems, and what was not checked, with the reason."""

    held: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()


def displayed_formulas(folder: ExerciseFolder, text: str) -> Formulas:
    """Compare the displayed formulas of a statement, and the others that name a function, with the references.

    Parameters
    ----------
    folder : ExerciseFolder
        Loaded with its hidden half.
    text : str
        What ``README.md`` holds.
    """
    cases = {part: list(_cases(folder, part)) for part in folder.secrets}
    held: list[str] = []
    problems: list[str] = []
    unchecked: list[str] = []
    plain = re.sub(r"```.*?```|`[^`\n]*`", lambda code: " " * len(code[0]), text, flags=re.DOTALL)
    for found in _FORMULA.finditer(plain):
        for piece in _PIECES.split((found[1] or found[2]).strip(" .,;:\n")):
            if not _symbols(piece):  # words between two formulas
                continue
            left, _, right = piece.partition("=")
            part = _named(left, folder.secrets) if right else None
            if part is None and not found[1]:
                continue  # in the line, and of no function
            place = of_text(folder.path / "README.md", (found[1] or found[2]).splitlines()[0])
            shown = f"{place}: the formula {' '.join(piece.split())}"
            right = (right or piece).strip()
            said, wrong = _claimed(folder, part, left, right, cases[part]) if part else (_alike(right, cases), False)
            if said is None:
                held.append(shown)
            else:
                (problems if wrong else unchecked).append(f"{shown} {said}" if wrong else f"{shown}: {said}")
    return Formulas(tuple(held), tuple(problems), tuple(unchecked))


def _named(left: str, parts: Sequence[str] | Any) -> str | None:
    """Return the part that a left side names."""
    for word in _NAMED.findall(left):
        plain = word.replace("\\", "").replace(" ", "_").lower()
        for part in parts:
            if plain in (part, part.replace("_", "")):
                return str(part)
    return None


def _cases(folder: ExerciseFolder, part: str) -> Iterator[Case]:
    """Yield calls of a part whose result is one number, with the reference's results: exact cases, then drawn ones."""
    secret, of = folder.secrets[part], folder.exercise.part(part)
    calls = [args for check in of.checks if isinstance(check, Example) for args, _ in check.cases]
    for check in secret.checks:
        if isinstance(check, MatchesReference) and check.group == "value":
            try:
                calls += [one.args for one in drawn_calls(folder.exercise, of, check, variant=None)][:_MOST_CASES]
            except Endless:
                raise
            except CourseError:  # named where the checks are verified
                pass
            break
    for args in calls[: 2 * _MOST_CASES]:
        try:
            with np.errstate(all="ignore"):
                if any(np.iscomplexobj(one) for one in args):
                    continue
                arrays = [np.asarray(one, dtype=float) for one in args]
                value = np.asarray(secret.reference(*args), dtype=float)
        except Endless:
            raise
        except (Exception, SystemExit):  # an author's code, or arguments that are not numbers; its own checks name it
            continue
        if value.size == 1 and math.isfinite(value.item()) and all(np.isfinite(a).all() for a in arrays):
            yield tuple(arrays), value.item()


def _claimed(folder: ExerciseFolder, part: str, left: str, right: str, cases: list[Case]) -> tuple[str | None, bool]:
    """Return None if a formula for a part agrees, else how it is wrong or why it was not checked; and whether wrong."""
    if not cases:
        return f"no case of {part} has plain numbers and one number as its result", False
    arguments = list(inspect.signature(folder.secrets[part].reference).parameters)
    inside = re.search(r"\(([^()]*)\)\s*$", left.replace("\\left", "").replace("\\right", ""))
    given = [_symbols(one) for one in re.split(r"[,;]", inside[1])] if inside else []
    if given and all(len(one) == 1 for one in given) and len(given) <= len(arguments):
        order = [next(iter(one)) for one in given]
        ways = [dict(zip(order, range(len(order)), strict=True))]
    else:
        ways = list(_ways(right, cases))
    best, why = None, f"its symbols are not the arguments ({', '.join(arguments)}) one by one"
    for way in ways:
        try:
            values = [(args, want, _value(right, way, args)) for args, want in cases if _fits(right, way, args)]
        except (ValueError, KeyError, NotExact, OverBudget) as error:
            why = _short(error)
            continue
        if not values:
            why = "no case has arguments of these dimensions"
            continue
        apart = next((one for one in values if one[2] is None or not _near(one[2], one[1])), None)
        if apart is None:
            return None, False
        call = f"{part}({', '.join(map(show, apart[0]))})"
        best = best or f"gives {_number(apart[2])} where {call} is {apart[1]:.6g}: make them agree"
    return best or why, best is not None


def _alike(right: str, cases: dict[str, list[Case]]) -> str | None:
    """Return why a formula that names no function was not checked; None if it equals one."""
    near = ""
    for part, listed in cases.items():
        for way in _ways(right, listed):
            try:
                pairs = [(_value(right, way, args), want) for args, want in listed if _fits(right, way, args)]
            except (ValueError, KeyError, NotExact, OverBudget):
                continue
            if all(a is not None and _near(a, b) for a, b in pairs) and len({b for _, b in pairs}) > 1:
                return None
            ratios = {round(a / b, 7) for a, b in pairs if a is not None and abs(b) > 1e-12}
            if len(ratios) == 1 and len(pairs) > 2 and not near and 0.0 not in ratios:
                near = f"; it is {ratios.pop():g} times {part}"
    return f"its left side names no function, and it equals none{near}"


def _symbols(formula: str) -> dict[str, int | None]:
    """Return the symbols of a formula, each with the number of its indices; None where it has none anywhere."""
    found: dict[str, int | None] = {}
    bound = set(re.findall(r"\\sum_\{?([a-z])", formula))
    for one in _SYMBOL.finditer(_NAMED.sub(" ", formula)):
        base = one["command"] or one["letter"]
        if one["command"] in _SKIPPED or (
            one["letter"] in bound and not one["over"] and not (one["many"] or one["one"])
        ):
            continue
        below = (one["many"] or one["one"] or "").replace(",", "")
        name = f"{base}{one['over'] or ''}"
        found[name] = found.get(name) or (len(below) or None)
    return found


def _ways(formula: str, cases: list[Case]) -> Iterator[dict[str, int]]:
    """Yield the ways in which the symbols of a formula can be the arguments of a function, each argument used once."""
    if not cases:
        return
    ranks = [np.ndim(one) for one in cases[0][0]]
    named = _symbols(formula)
    sizes = {name for name in named if name in _SIZES and named[name] is None}
    free = [name for name in named if name not in sizes]
    if len(free) != len(ranks):
        return
    for order in itertools.islice(itertools.permutations(range(len(ranks))), _MOST_WAYS):
        if all(named[name] in (None, ranks[at]) for name, at in zip(free, order, strict=True)):
            yield dict(zip(free, order, strict=True))


_SIZES = ("n", "N", "K", "m", "d")


def _value(formula: str, way: dict[str, int], args: Sequence[Any]) -> float | None:
    """Return a formula's value for arguments; None where it has none.

    Raises
    ------
    ValueError
        If it cannot be read with these symbols.
    """
    mentioned = [name for name in _SIZES if name in _symbols(formula) and name not in way]
    dims = [*mentioned, *(name for name in _SIZES if name not in mentioned and name not in way)]
    sizes: dict[str, int] = {}
    symbols: list[Symbol] = []
    values: dict[tuple[str, Any], Any] = {}
    indices = _symbols(formula)
    for name, at in way.items():
        array = np.asarray(args[at])
        if array.ndim < (indices.get(name) or 0):  # one number for a row of one
            array = array.reshape((1,) * (indices[name] or 0))
        shape = tuple(dims[: array.ndim])
        for size, length in zip(shape, array.shape, strict=True):
            if sizes.setdefault(size, length) != length:
                raise ValueError("its arrays have several lengths")
        symbols.append(Symbol(name, shape))
        values |= {(name, place): Fraction(float(array[place])) for place in np.ndindex(array.shape)}
    sizes |= {name: 1 for name in mentioned if name not in sizes}
    question = Question("statement", "0", tuple(symbols))
    core = expression(question, formula if "\\" in formula else f"${formula}$")
    found = evaluate(FLOATS, core, Point(sizes, values), (), (), work=Work(2_000_000))
    return None if found is None else float(found[0])


def _fits(formula: str, way: dict[str, int], args: Sequence[Any]) -> bool:
    """Whether arguments have at most as many dimensions as the formula has indices, where it has some."""
    indices = _symbols(formula)
    return all(np.ndim(args[at]) <= (indices.get(name) or np.ndim(args[at])) for name, at in way.items())


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= _RTOL * max(abs(a), abs(b), 1e-9)


def _number(value: float | None) -> str:
    return "no value" if value is None else f"{value:.6g}"


def _short(error: Exception) -> str:
    text = re.sub(r"^question statement: .*?': ", "", str(error), flags=re.DOTALL) or type(error).__name__
    return " ".join(text.split())[:120]
