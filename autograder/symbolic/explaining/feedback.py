"""Diagnose a wrong answer: a known mistake, right up to a factor, or right only in a special case."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

from autograder.plain import dataclass
from autograder.symbolic.deciding.arithmetic import FLOATS
from autograder.symbolic.deciding.evaluate import OverBudget
from autograder.symbolic.deciding.points import Point, draw_point, generator
from autograder.symbolic.deciding.prepared import Prepared, Values, prepare, switch_functions
from autograder.symbolic.deciding.switches import switch_points
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.explaining.special_cases import special_case
from autograder.symbolic.language.differentiate import MISTAKES, Rules, differentiate, pairs_of_mistakes
from autograder.symbolic.language.expr import Expr, TooLarge, walk
from autograder.symbolic.language.question import MisconceptionForm, Question
from autograder.symbolic.language.reading import Reading, expression, read, unified
from autograder.symbolic.language.surface import Unreadable

_MOST_PLACES = 24
_TELLING = 3
_PLAIN_FACTORS = ("-1", "2", "1/2", "-2", "-1/2", "4", "1/4", "3", "1/3")


@dataclass(frozen=True)
class RecognisedMistake:
    """A mistake that agrees with the answer at every compared point."""

    id: str
    title: str
    hint: str


@dataclass(frozen=True, eq=False)
class Known:
    """A known wrong answer: its expression, or None with the expression as if all sizes were one."""

    form: MisconceptionForm
    core: Expr | None
    same_sizes: Expr | None


@lru_cache(maxsize=256)
def known_of(question: Question) -> tuple[Known, ...]:
    """Return the catalogued wrong answers of a question; raise ValueError for one that cannot be read."""
    out = []
    for form in question.misconceptions:
        reading = read(question, form.answer)
        if not isinstance(reading, Reading):
            raise ValueError(f"question {question.id}, misconception {form.id}: {reading}")
        square = unified(question, reading.node) if reading.core is None else None
        out.append(Known(form, reading.core, square))
    return tuple(out)


@dataclass(frozen=True)
class Diagnosis:
    """Everything that can be said of a wrong answer."""

    misconceptions: tuple[RecognisedMistake, ...] = ()
    factor: str | None = None
    only_when: str | None = None


def diagnose(trial: Trial) -> Diagnosis:
    """Say what a wrong answer is: catalogued mistakes first, then a factor, a special case, generated mistakes."""
    trial.explain()
    try:
        named = _catalogued(trial)
        factor = None if named else _factor(trial)
        only = None if named or factor else special_case(trial)
        if not named and not factor:
            named = _generated(trial)
    except OverBudget:
        return Diagnosis()
    return Diagnosis(named, factor, only)


def diagnose_misfit(prepared: Prepared, reading: Reading) -> Diagnosis:
    """Recognise a known mistake whose shapes do not fit, by its value as if all sizes were one."""
    square = unified(prepared.question, reading.node)
    if square is None:
        return Diagnosis()
    found = []
    for known in known_of(prepared.question):
        if known.core is None and known.same_sizes is not None and _same_square(prepared, square, known.same_sizes):
            found.append(RecognisedMistake(known.form.id, known.form.title, known.form.hint))
    return Diagnosis(tuple(found))


def _same_square(prepared: Prepared, a: Expr, b: Expr) -> bool:
    points = square_points(prepared.question)
    return all(prepared.close(prepared.values(FLOATS, a, p), prepared.values(FLOATS, b, p)) for p in points)


def square_points(question: Question) -> list[Point]:
    """Return points at which all sizes are equal, so that shapes that do not fit have values; every size is ``*``."""
    rng = generator(question, "square")
    found = []
    for k in range(3):
        point = draw_point(question, rng, 2 * k, dict.fromkeys(question.sizes, 3 + k))
        found.append(Point({**point.sizes, "*": 3 + k}, point.values))
    return found


def _agree(prepared: Prepared, mine: list[Values], other: list[Values]) -> bool:
    pairs = list(zip(mine, other, strict=False))
    return all(prepared.close(a, b) for a, b in pairs) and any(a is not None for a, _ in pairs)


@lru_cache(maxsize=256)
def naming_points(question: Question) -> list[tuple[Point, tuple[int, ...]]]:
    """Return the points and entries by which a wrong answer is recognised: the usual ones, and one in each piece.

    The pieces are those of the truth and of the catalogued wrong answers, with their boundaries, also outside of the
    range from which points are drawn.
    """
    prepared = prepare(question)
    found = list(zip(prepared.points, prepared.places, strict=True))
    cores = [prepared.truth, *(known.core for known in known_of(question) if known.core is not None)]
    switches = list(dict.fromkeys(h for core in cores for h in switch_functions(core)))
    if question.sizes or not switches:
        return found

    def sides(point: Point) -> list[int | None]:
        values = [prepared.values(FLOATS, h, point) for h in switches]
        return [None if v is None else (v[0] > 0) - (v[0] < 0) for v in values]

    seen = [sides(point) for point in prepared.points]
    for core in cores:
        for point in switch_points(Trial(prepared, core, patience=10), near=False):
            here = sides(point)
            if here not in seen and len(found) < _MOST_PLACES:
                seen.append(here)
                found.append((point, (0,)))
    return found


def _matches(trial: Trial, other: list[Values]) -> bool:
    """Whether an answer has these values; most do not have the first, so the later ones are worked out when needed."""
    close, points = trial.prepared.close, naming_points(trial.prepared.question)
    pairs = list(zip(points, other, strict=False))
    return all(close(trial.at(*at), b) for at, b in pairs) and any(trial.at(*at) is not None for at, _ in pairs)


def _catalogued(trial: Trial) -> tuple[RecognisedMistake, ...]:
    found = []
    for known, values in zip(known_of(trial.prepared.question), _known_values(trial.prepared.question), strict=True):
        if values is not None and _matches(trial, values):
            found.append(RecognisedMistake(known.form.id, known.form.title, known.form.hint))
    return tuple(found)


@lru_cache(maxsize=256)
def _known_values(question: Question) -> tuple[list[Values] | None, ...]:
    prepared, points = prepare(question), naming_points(question)
    return tuple(None if known.core is None else prepared.signature(known.core, points) for known in known_of(question))


@lru_cache(maxsize=256)
def _truth_values(question: Question) -> list[Values]:
    prepared = prepare(question)
    return prepared.signature(prepared.truth, naming_points(question))


# --- constant factors ------------------------------------------------------------------------------------------


def _candidates(question: Question) -> Iterator[tuple[str, Callable[[Point], float]]]:
    for text in _PLAIN_FACTORS:
        value = float(Fraction(text))
        yield text, lambda point, value=value: value  # type: ignore[misc]  # the default binds this round's value
    names = [*question.sizes, *(s.name for s in question.symbols if not s.shape)]
    for name in names:
        for form, sign, power, lead in _FORMS:

            def ratio(
                point: Point, name: str = name, sign: float = sign, power: int = power, lead: float = lead
            ) -> float:
                size = point.sizes[name] if name in point.sizes else point.values[name, ()]
                return sign * lead * float(size) ** power if size else 0.0

            yield form.format(name), ratio


_FORMS = tuple(
    ((f"-{text}" if sign < 0 else text), float(sign), power, lead)
    for sign in (1, -1)
    for text, power, lead in (
        ("{0}", 1, 1.0), ("1/{0}", -1, 1.0), ("2/{0}", -1, 2.0), ("{0}/2", 1, 0.5), ("2*{0}", 1, 2.0),
        ("1/(2*{0})", -1, 0.5), ("{0}**2", 2, 1.0), ("1/{0}**2", -2, 1.0),
    )
)  # fmt: skip


def _factor(trial: Trial) -> str | None:
    """Return the factor by which the answer is too large at every point, if it is a simple one."""
    question, close = trial.prepared.question, trial.prepared.close
    rows = (
        (point, trial.at(point, places), t)
        for (point, places), t in zip(naming_points(question), _truth_values(question), strict=True)
    )
    return simple_factor(question, rows, close)


def simple_factor(
    question: Question, rows: Iterable[tuple[Point, Values, Values]], close: Callable[[Values, Values], bool]
) -> str | None:
    """Return the factor between two lists of values that is the same at all points, if it is a simple one."""
    ratios: list[tuple[Point, float]] = []
    for point, a, t in rows:
        if a is None or t is None:
            return None
        top = max(range(len(t)), key=lambda k: abs(t[k]))
        if t[top] == 0:
            if any(a):
                return None
            continue
        ratio = a[top] / t[top]
        if not close(a, [ratio * v for v in t]):
            return None
        ratios.append((point, ratio))
    if len(ratios) < _TELLING:
        return None
    for text, value in _candidates(question):
        if all(abs(ratio - value(point)) <= 1e-9 * abs(ratio) for point, ratio in ratios):
            return text
    first = Fraction(ratios[0][1]).limit_denominator(64)
    if first and abs(first) < 1000 and first != 1 and all(abs(r - first) <= 1e-9 * abs(r) for _, r in ratios):
        return str(first)
    return None


def single_mistakes(question: Question) -> Iterator[tuple[str, str, Expr]]:
    """Yield title, hint and expression of every wrong answer that fits: catalogued ones, then single wrong rules."""
    prepared = prepare(question)
    for known in known_of(prepared.question):
        if known.core is not None:
            yield known.form.title, known.form.hint, known.core
    if question.loss is None or question.wrt is None:
        return
    loss, target = _loss_and_target(question)
    if loss is not None and target is not None:
        yield from (row for row in _mistaken(question, loss, target) if ", and " not in row[0])


# --- generated mistakes ----------------------------------------------------------------------------------------


def _generated(trial: Trial) -> tuple[RecognisedMistake, ...]:
    found = [r for r, values in mistakes(trial.prepared.question) if _matches(trial, values)]
    singles = [r for r in found if ", and " not in r.title]
    return tuple(singles or found)[:3]


@lru_cache(maxsize=256)
def mistakes(question: Question) -> tuple[tuple[RecognisedMistake, list[Values]], ...]:
    """The generated wrong answers of a question with their values; those that are right are left out."""
    if question.loss is None or question.wrt is None:
        return ()
    prepared = prepare(question)
    loss, target = _loss_and_target(question)
    if loss is None or target is None:
        return ()
    library: list[tuple[RecognisedMistake, list[Values]]] = []
    points, right = naming_points(question), _truth_values(question)
    for k, (title, hint, core) in enumerate(_mistaken(question, loss, target)):
        try:
            values = prepared.signature(core, points)
        except OverBudget:
            continue
        pair = ", and " in title
        if all(prepared.close(v, [0.0] * len(v)) for v in values if v is not None):
            continue
        if not _agree(prepared, values, right) and not (
            pair and any(_agree(prepared, values, seen) for _, seen in library)
        ):
            library.append((RecognisedMistake(f"g{k + 1}", title, hint), values))
    library.append(
        (
            RecognisedMistake("g0", "the loss, not its derivative", "Which quantity is asked for?"),
            _loss_values(prepared),
        )
    )
    return tuple((r, values) for r, values in library if any(v is not None for v in values))


def _loss_and_target(question: Question) -> tuple[Expr | None, Expr | None]:
    loss, target = (read(question, text or "", hidden=True) for text in (question.loss, question.wrt))
    if isinstance(loss, Unreadable) or isinstance(target, Unreadable):
        return None, None
    return loss.core, target.core


def _mistaken(question: Question, loss: Expr, target: Expr) -> Iterator[tuple[str, str, Expr]]:
    """Derivatives with one mistake that makes a difference, then with two of these."""
    table = {symbol.name: symbol for symbol in (*question.symbols, *question.hidden)}
    try:
        right = differentiate(loss, target, table, Rules())
        telling = []
        for title, hint, rules in MISTAKES:
            core = differentiate(loss, target, table, rules)
            if core != right:
                telling.append((title, hint, rules))
                yield title, hint, core
        for title, hint, rules in pairs_of_mistakes(telling):
            yield title, hint, differentiate(loss, target, table, rules)
    except (NotImplementedError, TooLarge, ZeroDivisionError):
        return


def _loss_values(prepared: Prepared) -> list[Values]:
    """Values of the loss, if the question states one in symbols that have values here."""
    question = prepared.question
    core = expression(question, question.loss or "0")
    hidden = {symbol.name for symbol in question.hidden}
    if any(e[0] in ("sym", "idx") and e[1] in hidden for e in walk(core)):
        return [None]
    try:
        return prepared.signature(core, naming_points(question))
    except OverBudget:
        return [None]
