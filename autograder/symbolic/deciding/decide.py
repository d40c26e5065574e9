"""Deciding whether an answer equals the truth: cheapest test first, each with its level of proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autograder.symbolic.deciding.arithmetic import BITS, FIELD, MORE_BITS, SOME_MORE_BITS, NotExact, reals
from autograder.symbolic.deciding.evaluate import OverBudget
from autograder.symbolic.deciding.points import Point, draw_point, generator
from autograder.symbolic.deciding.prepared import Prepared, Values, has_edges, has_switches
from autograder.symbolic.deciding.sizes import count_points, enough, enough_counts, grid, size_points
from autograder.symbolic.deciding.switches import switch_points
from autograder.symbolic.deciding.trial import Trial

Proof = Literal["general", "exact", "numeric"]
Status = Literal["correct", "wrong", "undecided"]
_ENOUGH_POINTS = 12
_OTHER_SIZES = "equal at every size that was tried, but not as a formula in the sizes"
_NO_VALUE = "the answer has no value where the quantity has one"


@dataclass(frozen=True)
class Witness:
    """A point at which an answer and the truth differ, as text; ``yours`` is None where the answer has no value."""

    point: str
    entry: tuple[int, ...]
    yours: str | None
    truth: str
    gap: float | None = None

    @property
    def text(self) -> str:
        """Both values at the point, readable."""
        where = f", entry {', '.join(map(str, self.entry))}" if self.entry else ""
        yours = "has no value" if self.yours is None else f"gives {self.yours}"
        near = f" (they differ by {self.gap:.2g})" if self.yours == self.truth else ""
        return f"at {self.point}{where} your answer {yours}; the quantity is {self.truth}{near}"


@dataclass(frozen=True, eq=False)
class Decision:
    """Status, level of proof, and the point that refutes a wrong answer."""

    status: Status
    proof: Proof | None = None
    witness: Witness | None = None
    reason: str = ""


def _digits(value: Any) -> str:
    """Eight digits; a number next to a whole one is shown with its distance from it."""
    context = reals().context
    number = context.mpf(value)
    whole = context.nint(number)
    gap = number - whole
    if abs(number) < 10**9 and abs(gap) < 1e-12:
        sign = "+" if gap > 0 else "-"
        return str(int(whole)) if abs(gap) < 1e-70 else f"{int(whole)} {sign} {context.nstr(abs(gap), 2)}"
    return str(context.nstr(number, 8))


def decide(trial: Trial) -> Decision:
    """Decide whether an answer equals the truth of its question."""
    try:
        early = _refute(trial)
        if early is not None:
            return early
        if trial.proved or (trial.proved is None and trial.proved_by_pieces):
            return _edges(trial) or Decision("correct", "general")
        return _exact(trial)
    except OverBudget:
        return Decision("undecided", reason="the answer takes too much work to decide")


def _refute(trial: Trial) -> Decision | None:
    """Points in double precision; what differs there is looked at again in high precision."""
    prepared = trial.prepared
    undefined: list[Point] = []
    cancels = False
    for k, (point, truth) in enumerate(zip(prepared.points, prepared.float_values, strict=True)):
        mine = trial.floats(k)
        if mine is not None and truth is not None:
            if prepared.close(mine, truth) or (cancels and trial.proved):
                continue
            witness = _confirm(trial, k, mine, truth)
            cancels = witness is None
            if cancels and trial.proved:
                continue  # doubles cannot tell, and a proof needs no points
        else:
            witness = None
        witness = witness or compare(trial, point, prepared.places[k])
        if witness is None:
            continue
        if witness.yours is not None:
            return Decision("wrong", witness=witness)
        undefined.append(point)
        if len(undefined) > 0.3 * len(prepared.points):
            return Decision("wrong", witness=witness, reason=_NO_VALUE)
    for point in prepared.special:
        witness = compare(trial, point)
        if witness is not None:
            return Decision("wrong", witness=witness)
    hot = [point for point in prepared.points if point.one_hot]
    labels = any(symbol.kind == "label" for symbol in prepared.question.symbols)
    if labels and hot and all(point in undefined for point in hot):
        return Decision("wrong", witness=compare(trial, undefined[0]), reason=_NO_VALUE)
    return None


def _edges(trial: Trial) -> Decision | None:
    """A form that is proved equal where it has a value must have one wherever the truth has."""
    if has_edges(trial.core) and not trial.prepared.question.sizes:
        for point in switch_points(trial):
            witness = compare(trial, point)
            if witness is not None:
                return Decision("wrong", witness=witness, reason=_NO_VALUE if witness.yours is None else "")
    return None


def _confirm(trial: Trial, k: int, mine: list[Any], truth: list[Any]) -> Witness | None:
    """Look in high precision at the entry that differs most in double precision."""
    prepared, point = trial.prepared, trial.prepared.points[k]
    place = prepared.places[k][max(range(len(truth)), key=lambda k: abs(mine[k] - truth[k]))]
    a, t = trial.values(reals(), point, (place,)), prepared.values(reals(), prepared.truth, point, (place,))
    if a is None or t is None or prepared.real_close(a, t) or prepared.nearly(a[0], t[0]):
        return None
    return _witness_at(prepared, point, place, a[0], t[0])


def compare(trial: Trial, point: Point, places: Sequence[int] | None = None, bits: int = BITS) -> Witness | None:
    """Compare in high precision; None if equal there, or if the truth itself has no value."""
    prepared = trial.prepared
    mine = trial.values(reals(bits), point, places)
    if mine is None:
        some = prepared.values(reals(), prepared.truth, point, places[:1] if places else (0,))
        return None if some is None else Witness(point.text(), (), None, _digits(some[0]))
    if bits == BITS and places is None:
        truth = prepared.real_truth(point)
    else:
        truth = prepared.values(reals(bits), prepared.truth, point, places)
    if truth is None:
        return None
    if prepared.real_close(mine, truth):
        return None
    k = next(k for k in range(len(truth)) if not prepared.real_close(mine[k : k + 1], truth[k : k + 1]))
    place = k if places is None else places[k]
    # a small difference may be rounding left over by cancellation: more digits tell
    if bits == BITS and prepared.nearly(mine[k], truth[k]) and not _stays(trial, point, place, mine[k] - truth[k]):
        return compare(trial, point, places, MORE_BITS)
    return _witness_at(prepared, point, place, mine[k], truth[k])


def _stays(trial: Trial, point: Point, place: int, gap: Any) -> bool:
    """Whether a difference is the same with some more digits; what rounding leaves is another one each time."""
    numbers = reals(SOME_MORE_BITS)
    a = trial.values(numbers, point, (place,))
    t = trial.prepared.values(numbers, trial.prepared.truth, point, (place,))
    return a is not None and t is not None and bool(abs(a[0] - t[0] - gap) <= abs(gap) / 10**6)


def _witness_at(prepared: Prepared, point: Point, k: int, mine: Any, truth: Any) -> Witness:
    place = _place(prepared, point, k)
    return Witness(point.text(), place, _digits(mine), _digits(truth), float(mine - truth))


def _place(prepared: Prepared, point: Point, k: int) -> tuple[int, ...]:
    at: list[int] = []
    for size in reversed(prepared.question.shape):
        k, last = divmod(k, point.sizes[size])
        at.insert(0, last)
    return tuple(at)


def _exact(trial: Trial) -> Decision:
    prepared, core, question = trial.prepared, trial.core, trial.prepared.question
    truth, sized = prepared.truth, bool(question.sizes)
    try:
        pairs = prepared.field_points + (prepared.more_field_points if sized and trial.proved is False else [])
        for point, values in pairs:
            if _differ(trial.values(FIELD, point), values):
                return _witness(trial, point)
        if not enough(question, core, truth, (point for point, _ in pairs)):
            further = grid(question, core, truth)
            for point in further or ():
                ends = prepared.ends(point)
                if _differ(trial.values(FIELD, point, ends), prepared.values(FIELD, truth, point, ends)):
                    return _witness(trial, point)
            if further is None:
                return Decision("undecided", reason=_OTHER_SIZES)
    except NotExact:
        return _numeric(trial)
    # a difference that is a multiple of the field's prime is 0 there, not in high precision
    for point, places in zip(prepared.points[:4], prepared.places, strict=False):
        witness = compare(trial, point, places)
        if witness is not None and witness.yours is not None:
            return Decision("wrong", witness=witness)
    # a normal form that differs and hides nothing is another formula, whatever the points say
    if sized and trial.proved is False and trial.settled_form():
        return Decision("undecided", reason=_OTHER_SIZES)
    return Decision("correct", "exact")


def _differ(mine: Values, truth: Values) -> bool:
    return mine is not None and truth is not None and any(a[0] != t[0] for a, t in zip(mine, truth, strict=True))


def _witness(trial: Trial, near: Point) -> Decision:
    """The expressions differ as formulas: find a point that shows it."""
    prepared, question = trial.prepared, trial.prepared.question
    rng = generator(question, "witness")
    like = [draw_point(question, rng, k, near.sizes, near.one_hot) for k in range(6)]
    for point in (*like, *prepared.real_points, *count_points(question, trial.core, prepared.points[0])):
        witness = compare(trial, point)
        if witness is not None and witness.yours is not None:
            return Decision("wrong", witness=witness)
    return Decision(
        "undecided", reason="the answer differs from the truth as a formula, but no point was found that shows it"
    )


def _numeric(trial: Trial) -> Decision:
    prepared, core, good = trial.prepared, trial.core, 0
    for point in prepared.real_points:
        witness = compare(trial, point)
        if witness is None:
            good += prepared.real_truth(point) is not None
        elif witness.yours is not None or point in prepared.special:
            return Decision("wrong", witness=witness)
    if has_edges(core) or has_switches(prepared.truth):
        for point in switch_points(trial):
            witness = compare(trial, point)
            if witness is not None:
                return Decision("wrong", witness=witness, reason=_NO_VALUE if witness.yours is None else "")
    for point in count_points(prepared.question, core, prepared.points[0]):
        witness = compare(trial, point)
        if witness is not None and witness.yours is not None:
            return Decision("wrong", witness=witness)
    if not enough_counts(prepared.question, core, prepared.truth, prepared.real_points):
        return Decision("undecided", reason="equal at every whole number that was tried, but not as a formula")
    if good < _ENOUGH_POINTS:
        return Decision("undecided", reason="too few points at which both the answer and the quantity have a value")
    if prepared.question.sizes:
        for point in size_points(prepared.question, core):
            witness = compare(trial, point, (0,))
            if witness is not None and witness.yours is not None:
                return Decision("wrong", witness=witness)
        if not enough(prepared.question, core, prepared.truth, prepared.real_points):
            return Decision("undecided", reason=_OTHER_SIZES)
    if has_switches(core) and prepared.question.sizes and not has_switches(prepared.truth):
        return Decision("undecided", reason="the pieces of an answer with index ranges were not all reached")
    return Decision("correct", "numeric")
