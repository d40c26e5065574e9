"""What a wrong answer is: a known mistake, right up to a factor, or right in a special case only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from autograder.symbolic.deciding.arithmetic import FLOATS, reals
from autograder.symbolic.deciding.evaluate import OverBudget
from autograder.symbolic.deciding.points import Point, draw_point, generator
from autograder.symbolic.deciding.prepared import Prepared, Values, prepare
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.language.differentiate import MISTAKES, Rules, differentiate, pairs_of_mistakes
from autograder.symbolic.language.expr import Expr, TooLarge, walk
from autograder.symbolic.language.question import Question
from autograder.symbolic.language.reading import Reading, read, unified
from autograder.symbolic.language.surface import Unreadable

_SIGNATURE_POINTS = 5
_FEW = (0, 1, 2)
_PLAIN_FACTORS = ("-1", "2", "1/2", "-2", "-1/2", "4", "1/4", "3", "1/3")


@dataclass(frozen=True)
class Recognised:
    """A mistake that agrees with the answer at every compared point."""

    id: str
    title: str
    hint: str


@dataclass(frozen=True)
class Diagnosis:
    """Everything that can be said of a wrong answer."""

    misconceptions: tuple[Recognised, ...] = ()
    factor: str | None = None
    only_when: str | None = None


def diagnose(trial: Trial) -> Diagnosis:
    """Say what a wrong answer is: catalogued mistakes first, then a factor, a special case, generated mistakes."""
    trial.explain()
    try:
        named = _catalogued(trial)
        factor = None if named else _factor(trial)
        only = None if named or factor else _special_case(trial)
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
    for known in prepared.known:
        if known.core is None and known.same_sizes is not None and _same_square(prepared, square, known.same_sizes):
            found.append(Recognised(known.form.id, known.form.title, known.form.hint))
    return Diagnosis(tuple(found))


def _same_square(prepared: Prepared, a: Expr, b: Expr) -> bool:
    question, rng = prepared.question, generator(prepared.question, "square")
    for k in range(3):
        count = 3 + k
        point = draw_point(question, rng, 2 * k, dict.fromkeys(question.sizes, count))
        square = Point({**point.sizes, "*": count}, point.values)
        # every size is spelled "*" in these expressions; the index ranges of the answer are all equal
        if not prepared.close(prepared.values(FLOATS, a, square), prepared.values(FLOATS, b, square)):
            return False
    return True


def _agree(prepared: Prepared, mine: list[Values], other: list[Values]) -> bool:
    pairs = list(zip(mine, other, strict=False))
    return all(prepared.close(a, b) for a, b in pairs) and any(a is not None for a, _ in pairs)


def _matches(trial: Trial, other: list[Values]) -> bool:
    """Whether an answer has these values; most do not have the first, so the later ones are worked out when needed."""
    close = trial.prepared.close
    return all(close(trial.floats(k), b) for k, b in enumerate(other)) and any(
        trial.floats(k) is not None for k in range(len(other))
    )


def _catalogued(trial: Trial) -> tuple[Recognised, ...]:
    found = []
    for known, values in zip(trial.prepared.known, _known_values(trial.prepared.question), strict=True):
        if values is not None and _matches(trial, values):
            found.append(Recognised(known.form.id, known.form.title, known.form.hint))
    return tuple(found)


@lru_cache(maxsize=256)
def _known_values(question: Question) -> tuple[list[Values] | None, ...]:
    prepared = prepare(question)
    return tuple(None if known.core is None else prepared.signature(known.core) for known in prepared.known)


# --- constant factors ------------------------------------------------------------------------------------------


def _candidates(prepared: Prepared) -> Iterator[tuple[str, Callable[[Point], float]]]:
    for text in _PLAIN_FACTORS:
        value = float(Fraction(text))
        yield text, lambda point, value=value: value  # type: ignore[misc]  # the default binds this round's value
    question = prepared.question
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
    prepared = trial.prepared
    ratios: list[tuple[Point, float]] = []
    for k, (point, t) in enumerate(zip(prepared.points, prepared.float_values, strict=True)):
        a = trial.floats(k)
        if a is None or t is None:
            return None
        top = max(range(len(t)), key=lambda k: abs(t[k]))
        if t[top] == 0:
            if any(a):
                return None
            continue
        ratio = a[top] / t[top]
        if not prepared.close(a, [ratio * v for v in t]):
            return None
        ratios.append((point, ratio))
    if len(ratios) < 3:
        return None
    for text, value in _candidates(prepared):
        if all(abs(ratio - value(point)) <= 1e-9 * abs(ratio) for point, ratio in ratios):
            return text
    first = Fraction(ratios[0][1]).limit_denominator(64)
    if first and abs(first) < 1000 and first != 1 and all(abs(r - first) <= 1e-9 * abs(r) for _, r in ratios):
        return str(first)
    return None


# --- right in a special case only ------------------------------------------------------------------------------


def _special_case(trial: Trial) -> str | None:
    """Return the condition under which the answer is right, if it is a simple one."""
    prepared = trial.prepared
    for text, points in _cases(prepared, trial.core):
        telling = 0
        for point in points:
            mine = trial.values(FLOATS, point, _FEW)
            truth = prepared.values(FLOATS, prepared.truth, point, _FEW)
            if truth is None or not prepared.close(mine, truth):
                break
            telling += any(truth)
        else:
            if telling >= 3 and _really_equal(trial, points[:2]):
                return text
    return None


def _really_equal(trial: Trial, points: list[Point]) -> bool:
    prepared = trial.prepared
    for point in points:
        mine, truth = trial.values(reals(), point, _FEW), prepared.values(reals(), prepared.truth, point, _FEW)
        if mine is None or truth is None or not prepared.real_close(mine, truth):
            return False
    return True


def _cases(prepared: Prepared, core: Expr) -> Iterator[tuple[str, list[Point]]]:
    question = prepared.question
    rng = generator(question, "cases")

    def draw(count: int, sizes: dict[str, int] | None = None, one_hot: bool | None = None) -> list[Point]:
        return [draw_point(question, rng, k, sizes, one_hot) for k in range(count)]

    others = [5, 4, 6]
    written = {abs(int(e[1].numerator)) for e in walk(core) if e[0] == "num"} | {
        e[1].denominator for e in walk(core) if e[0] == "num"
    }
    for size in question.sizes:
        for value in sorted({1, 2, 3} | {w for w in written if 1 < w <= 12}):
            rest = dict(zip((s for s in question.sizes if s != size), others, strict=False))
            yield f"{size} = {value}", draw(4, {**rest, size: value})
    if any(symbol.kind == "label" for symbol in question.symbols):
        yield "the label is one-hot", [p for k in range(2) for p in draw(3, None, True)]
    if any(symbol.integer for symbol in question.symbols):
        yield from _whole_numbers(prepared, written)
    for symbol in question.symbols:
        if symbol.shape or symbol.integer or not symbol.domain[0] < 0 < symbol.domain[1]:
            continue
        pool = draw(24)
        for word, sign in (("> 0", 1), ("< 0", -1)):
            yield f"{symbol.name} {word}", [p for p in pool if p.values[symbol.name, ()] * sign > 0]


def _whole_numbers(prepared: Prepared, written: set[int]) -> Iterator[tuple[str, list[Point]]]:
    for symbol in prepared.question.symbols:
        low, high = symbol.domain
        if symbol.integer and not symbol.shape:
            for value in sorted({w for w in written | {1, 2, 3} if low <= w <= high}):
                points = [p.moved({symbol.name: Fraction(value)}) for p in prepared.points]
                yield f"{symbol.name} = {value}", points


# --- generated mistakes ----------------------------------------------------------------------------------------


def _generated(trial: Trial) -> tuple[Recognised, ...]:
    found = [r for r, values in mistakes(trial.prepared.question) if _matches(trial, values)]
    singles = [r for r in found if ", and " not in r.title]
    return tuple(singles or found)[:3]


@lru_cache(maxsize=256)
def mistakes(question: Question) -> tuple[tuple[Recognised, list[Values]], ...]:
    """The generated wrong answers of a question with their values; those that are right are left out."""
    if question.loss is None or question.wrt is None:
        return ()
    prepared = prepare(question)
    loss, target = _loss_and_target(question)
    if loss is None or target is None:
        return ()
    library: list[tuple[Recognised, list[Values]]] = []
    for k, (title, hint, core) in enumerate(_mistaken(question, loss, target)):
        try:
            values = prepared.signature(core, _SIGNATURE_POINTS)
        except OverBudget:
            continue
        pair = ", and " in title
        if all(prepared.close(v, [0.0] * len(v)) for v in values if v is not None):
            continue
        if not _agree(prepared, values, prepared.float_values) and not (
            pair and any(_agree(prepared, values, seen) for _, seen in library)
        ):
            library.append((Recognised(f"g{k + 1}", title, hint), values))
    library.append(
        (Recognised("g0", "the loss, not its derivative", "Which quantity is asked for?"), _loss_values(prepared))
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
    try:
        return prepared.signature(prepared.loss, _SIGNATURE_POINTS) if prepared.loss is not None else [None]
    except OverBudget:
        return [None]
