"""What of a symbolic question may be given to students: how answers are read, and the quantity's values at two points.

``publish`` turns a question into plain data for a release; ``check_published`` reads an answer by that data and
compares it at the points.  The truth itself does not leave the course, and agreement at the points is not a proof.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace
from functools import partial
from typing import Any, Literal

from autograder.plain import dataclass
from autograder.symbolic.deciding.arithmetic import FLOATS
from autograder.symbolic.deciding.bounded import doubles_differ
from autograder.symbolic.deciding.evaluate import OverBudget, evaluate
from autograder.symbolic.deciding.points import Point, draw_point, draw_sizes, fraction, generator
from autograder.symbolic.deciding.prepared import Prepared, prepare, switch_functions
from autograder.symbolic.explaining.chain import judged_lines, line_remarks
from autograder.symbolic.explaining.derivation import WrittenDerivation
from autograder.symbolic.explaining.feedback import known_of, simple_factor, single_mistakes, square_points
from autograder.symbolic.explaining.grounds import ReleasedPoints, point_of
from autograder.symbolic.explaining.traps import traps
from autograder.symbolic.language.expr import Expr, free_indices, walk
from autograder.symbolic.language.question import Question, Symbol
from autograder.symbolic.language.reading import Reading, unified
from autograder.symbolic.language.surface import Unreadable

_RTOL = 1e-9
_WORK = 500_000
_SHOWN = 3
_DRAWN = 40
_MOST = 6


@dataclass(frozen=True)
class PublicVerdict:
    """What a student may know before grading: how an answer is read, and whether it agrees at the public points.

    ``lines`` are sentences on the lines of a derivation that are wrong or cannot be read.
    """

    status: Literal["agrees", "differs", "unreadable"]
    plain: str = ""
    latex: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()


def publish(question: Question) -> dict[str, Any]:
    """Return the public half of a question as data for JSON.

    Parameters
    ----------
    question : Question
        With its truth.

    Returns
    -------
    dict
        ``symbols``, ``shape``, ``index``, ``convention``, ``points``, and ``mistakes``: titles and hints of wrong
        answers with their values at the points; neither the truth nor a wrong answer as a formula.

    Raises
    ------
    ValueError
        If the quantity has no value at the points.
    """
    prepared, rng = prepare(question), generator(question, "public")
    shown: list[dict[str, Any]] = []
    kept: list[Point] = []
    seen: set[tuple[bool, ...]] = set()
    for k in range(_DRAWN):
        point = draw_point(question, rng, 2 * k, draw_sizes(question, rng, 2, 6), k % 2 == 1)
        if k < _DRAWN // 2 and any(_alike(question, point, entry) for entry in kept):
            continue  # a number in the place of a size must not agree at all points
        truth = prepared.values(FLOATS, prepared.truth, point)
        pieces = _pieces(prepared, point)
        if truth is not None and (len(shown) < _SHOWN or (len(shown) < _MOST and not pieces <= seen)):
            shown.append({"sizes": point.sizes, "values": _written(point), "truth": truth})
            kept.append(point)
            seen |= pieces
    for values in question.special:  # a boundary that the statement names
        point = kept[0].moved({name: fraction(value) for name, value in values})
        truth = prepared.values(FLOATS, prepared.truth, point)
        if truth is not None:
            shown.append({"sizes": point.sizes, "values": _written(point), "truth": truth})
            kept.append(point)
    if len(shown) < _SHOWN:
        raise ValueError(f"question {question.id}: the quantity has no value at the public points")
    return {
        "id": question.id,
        "symbols": [asdict(symbol) for symbol in question.symbols],
        "shape": list(question.shape),
        "index": list(question.index),
        "convention": question.convention,
        "functions": list(question.functions),
        "loss": question.loss,
        "wrt": question.wrt,
        "hidden": [asdict(symbol) for symbol in question.hidden],
        "points": shown,
        "mistakes": _mistakes(prepared, kept),
        "square": _square(prepared),
    }


def _square(prepared: Prepared) -> dict[str, Any]:
    """Return the known mistakes whose shapes do not fit, by their values at points where all sizes are equal."""
    question = prepared.question
    misfits = [known for known in known_of(question) if known.core is None and known.same_sizes is not None]
    points = square_points(question) if misfits else []
    return {
        "points": [{"sizes": point.sizes, "values": _written(point), "truth": []} for point in points],
        "mistakes": [
            {
                "title": known.form.title,
                "hint": known.form.hint,
                "values": [prepared.values(FLOATS, known.same_sizes, point) for point in points],
            }
            for known in misfits
            if known.same_sizes is not None
        ],
    }


def _written(point: Point) -> list[list[Any]]:
    return [[name, list(at), str(value)] for (name, at), value in point.values.items()]


def _alike(question: Question, a: Point, b: Point) -> bool:
    """Whether two points have a size or a whole number in common."""
    counts = [(s.name, ()) for s in question.symbols if s.counts and not s.shape]
    return any(a.sizes[s] == b.sizes[s] for s in a.sizes) or any(a.values[c] == b.values[c] for c in counts)


def _mistakes(prepared: Prepared, points: list[Point]) -> list[dict[str, Any]]:
    """Return the wrong answers that differ from the quantity at these points, by their values."""
    found: list[dict[str, Any]] = []
    truth = [prepared.values(FLOATS, prepared.truth, point) for point in points]
    catalogue = {form.title for form in prepared.question.misconceptions}
    for title, hint, core in single_mistakes(prepared.question):
        values = [prepared.values(FLOATS, core, point) for point in points]
        again = title not in catalogue and any(_same(values, other["values"]) for other in found)
        if _same(values, truth) or again:
            continue  # right, or a wrong rule that is named already
        if all(v is not None for v in values):
            found.append({"title": title, "hint": hint, "values": values})
    return found


def _same(a: list[list[float] | None], b: list[list[float] | None]) -> bool:
    """Whether two answers have the same values at all points at which both have one."""
    return all(_close(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None)


def _pieces(prepared: Prepared, point: Point) -> set[tuple[bool, ...]]:
    """Return which pieces of the quantity hold in its entries: on which side of each switch an entry lies."""
    switches = [e for e in switch_functions(prepared.truth) if not free_indices(e) - set(prepared.question.index)]
    values = [found for e in switches if (found := prepared.values(FLOATS, e, point)) is not None]
    return {tuple(value > 0 for value in entry) for entry in zip(*values, strict=True)}


def check_published(data: dict[str, Any], text: str) -> PublicVerdict:
    """Read an answer by published data and compare it at the public points.

    Parameters
    ----------
    data : dict
        From :func:`publish`.
    text : str
        What a student wrote; of several lines the last one is compared.

    Returns
    -------
    PublicVerdict
    """
    question = _question(data)
    chain = WrittenDerivation(question, text, graded=False)
    reading = chain.final
    if isinstance(reading, Unreadable):
        end = "" if str(reading).endswith("?") else "."
        return PublicVerdict("unreadable", message=f"This cannot be read: {reading}{end}")
    verdict = _compared(data, question, reading)
    if not chain.several or chain.too_long:
        return verdict
    points = [(point_of(entry), entry["truth"]) for entry in data["points"]]
    wrong = "wrong" if verdict.status == "differs" else "correct"
    lines = judged_lines(chain, ReleasedPoints(question, points, _WORK), wrong)
    return replace(verdict, lines=tuple(line_remarks(lines)))


def _question(data: dict[str, Any]) -> Question:
    """Return what is published of a question, without its truth; older releases hold no loss."""
    symbols, hidden = (tuple(map(_symbol, data.get(name, ()))) for name in ("symbols", "hidden"))
    shape, index = tuple(data["shape"]), tuple(data["index"])
    functions = tuple(data.get("functions", ()))
    kept: dict[str, Any] = {"loss": data.get("loss"), "wrt": data.get("wrt"), "hidden": hidden, "functions": functions}
    return Question(data["id"], "0", symbols, shape, index, **kept)


def _symbol(entry: dict[str, Any]) -> Symbol:
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Symbol(**fields)


def _compared(data: dict[str, Any], question: Question, reading: Reading) -> PublicVerdict:
    """Compare an answer that was read with the quantity at the public points."""
    plain, latex = reading.plain, reading.latex
    if reading.core is None:
        said = f"{_misfit(data, question, reading)} {traps(question, reading.node, lambda _: False)}".strip()
        return PublicVerdict("differs", plain, latex, f"The shapes do not fit: {reading.misfit}. {said}".strip())
    points, truth = [point_of(entry) for entry in data["points"]], [entry["truth"] for entry in data["points"]]
    try:
        mine = [evaluate(FLOATS, reading.core, point, question.index, question.shape) for point in points]
    except OverBudget:
        return PublicVerdict("differs", plain, latex, "This answer takes too much work to evaluate.")
    hidden = 0
    # a number that is beyond doubles is so at every point, and no rounding hides it
    beyond = all(a is None for a in mine) and all(node[0] not in ("sym", "idx") for node in walk(reading.core))
    for point, a, t in zip(points, mine, truth, strict=True):
        if a is None or not _close(a, t):
            value_in = partial(evaluate, e=reading.core, point=point, index=question.index, shape=question.shape)
            if not beyond and not doubles_differ(value_in, t):
                hidden += 1
                continue
            said = _diagnosis(data, question, reading, points, mine)
            told = f"At {_where(question, point)}: {_difference(question, point, a, t)}."
            return PublicVerdict("differs", plain, latex, f"{said} {told}".strip())
    told = f"Agrees at {len(points) - hidden} points; grading asks for a proof."
    if hidden:
        told += f" At {hidden} of {len(points)} rounding hides its value; grading looks with more digits."
    return PublicVerdict("agrees", plain, latex, told)


def _misfit(data: dict[str, Any], question: Question, reading: Reading) -> str:
    """Name a known mistake whose shapes do not fit."""
    square, core = data.get("square", {"mistakes": []}), unified(question, reading.node)
    if core is None or not square["mistakes"]:
        return ""
    points = [point_of(entry) for entry in square["points"]]
    try:
        mine = [evaluate(FLOATS, core, point, question.index, question.shape) for point in points]
    except OverBudget:
        return ""
    return _named(square["mistakes"], mine)


def _named(mistakes: Any, mine: list[list[float] | None]) -> str:
    """Titles and hints of the mistakes that have these values, two at most."""
    found = [
        m
        for m in mistakes
        if all(a is not None and b is not None and _close(a, b) for a, b in zip(mine, m["values"], strict=True))
    ]
    return " ".join(f"{m['title'][:1].upper()}{m['title'][1:]}. {m['hint']}" for m in found[:2])


def _diagnosis(
    data: dict[str, Any], question: Question, reading: Reading, points: list[Point], mine: list[list[float] | None]
) -> str:
    """Say what a wrong answer is: a known mistake by its values, a factor, or a trap of spelling; empty if unknown."""
    truth = [entry["truth"] for entry in data["points"]]

    def close(a: Any, b: Any) -> bool:
        return a is not None and b is not None and _close(a, b)

    def right(core: Expr) -> bool:
        try:
            values = [evaluate(FLOATS, core, point, question.index, question.shape) for point in points]
        except OverBudget:
            return False
        return all(close(a, t) for a, t in zip(values, truth, strict=True))

    named = _named(data.get("mistakes", ()), mine)
    if named:
        return named
    factor = simple_factor(question, zip(points, mine, truth, strict=True), close)
    if factor:
        tail = f" ({data['convention']})" if data["convention"] else ""
        return f"Right up to the factor {factor}; read the prefactor again{tail}."
    return traps(question, reading.node, right)


def _where(question: Question, point: Point) -> str:
    """A point in words: its sizes and its numbers, without the entries of arrays."""
    numbers = [s.name for s in question.symbols if not s.shape]
    known = {f"{name} = {size}" for name, size in point.sizes.items()}
    shown = [*sorted(known), *(f"{name} = {point.values[name, ()]}" for name in numbers if (name, ()) in point.values)]
    return ", ".join(shown)


def _close(mine: list[float], truth: list[float]) -> bool:
    floor = 1e-3 * max(abs(t) for t in truth)
    return all(abs(a - t) <= _RTOL * max(abs(t), floor) for a, t in zip(mine, truth, strict=True))


def _difference(question: Question, point: Point, mine: list[float] | None, truth: list[float]) -> str:
    """Both values in words; of a large array only the first entry that differs."""
    if mine is None:
        return f"your answer has no value; expected {_row(truth[:_SHOWN])}"
    if len(truth) <= _SHOWN:
        return f"your answer gives {_row(mine)}; expected {_row(truth)}"
    places = itertools.product(*(range(point.sizes[size]) for size in question.shape))
    at, a, t = next(row for row in zip(places, mine, truth, strict=True) if not _close([row[1]], [row[2]]))
    return f"entry {list(at)} of your answer is {a:.6g}; expected {t:.6g}"


def _row(values: list[float]) -> str:
    shown = [f"{value:.6g}" for value in values]
    return shown[0] if len(shown) == 1 else f"({', '.join(shown)})"
