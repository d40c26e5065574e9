"""Deciding whether an answer equals the truth: cheapest test first, each with its level of proof."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from autograder.plain import dataclass
from autograder.symbolic.deciding.arithmetic import (
    FIELD,
    UNKNOWNS,
    NotExact,
    Numbers,
    reals,
)
from autograder.symbolic.deciding.bound import counts_to_try, representatives, sizes_to_try
from autograder.symbolic.deciding.bounded import Unsure, certain_gap
from autograder.symbolic.deciding.evaluate import OverBudget, Work
from autograder.symbolic.deciding.points import Point, count_points, draw_point, generator, size_points
from autograder.symbolic.deciding.prepared import Values, has_switches, switch_functions
from autograder.symbolic.deciding.switches import switch_points
from autograder.symbolic.deciding.trial import Trial
from autograder.symbolic.language.expr import walk

Proof = Literal["general", "exact", "numeric"]
DecisionStatus = Literal["correct", "wrong", "undecided"]
_ENOUGH_POINTS = 12
_MOST = 80
_FIRST = 3
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
    """Status, level of proof, and the point that refutes a wrong answer.

    ``sizes`` is the number of combinations of sizes at which a correct answer was compared for its proof.
    """

    status: DecisionStatus
    proof: Proof | None = None
    witness: Witness | None = None
    reason: str = ""
    sizes: int = 0


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
        refuted = _refute(trial)
        trial.patient, trial.unsure = True, False
        return refuted or _exact(trial)
    except OverBudget:
        return Decision("undecided", reason="the answer takes too much work to decide")


def _refute(trial: Trial) -> Decision | None:
    """Points in double precision; what differs there is looked at again in high precision."""
    prepared = trial.prepared
    undefined, cancels = 0, False
    # a number may hit a hole that closes; an inverse that lacks a value does so for all values of these sizes
    allowed = 0.0 if any(node[0] == "inv" for node in walk(trial.core)) else 0.3 * len(prepared.points)
    for k, (point, truth) in enumerate(zip(prepared.points, prepared.float_values, strict=True)):
        mine = trial.floats(k)
        if mine is None or truth is None:
            witness = compare(trial, point, prepared.places[k])
        elif cancels or prepared.close(mine, truth):
            continue
        else:
            witness = _confirm(trial, k, mine, truth)
            cancels = witness is None  # doubles cannot tell; the exact method and the numeric one look again
        if witness is None:
            continue
        if witness.yours is not None:
            return Decision("wrong", witness=witness)
        undefined += 1
        if undefined > allowed:
            return Decision("wrong", witness=witness, reason=_NO_VALUE)
    return _shown(trial, prepared.special)


def _shown(trial: Trial, points: Iterable[Point], places: Sequence[int] | None = None) -> Decision | None:
    """The first of these points at which the answer differs; at some entries only where it has a value there."""
    for point in points:
        witness = compare(trial, point, places)
        if witness is not None and (witness.yours is not None or places is None):
            return Decision("wrong", witness=witness, reason=_NO_VALUE if witness.yours is None else "")
    return None


def _confirm(trial: Trial, k: int, mine: list[Any], truth: list[Any]) -> Witness | None:
    """Look in high precision at the entry that differs most in double precision."""
    place = trial.prepared.places[k][max(range(len(truth)), key=lambda k: abs(mine[k] - truth[k]))]
    return compare(trial, trial.prepared.points[k], (place,))


def compare(trial: Trial, point: Point, places: Sequence[int] | None = None) -> Witness | None:
    """Compare in high precision; None if equal there, or if the truth itself has no value.

    What differs is looked at again with bounds of the rounding errors: where these hide it at every precision, nothing
    is shown, and the trial is ``unsure``.
    """
    prepared = trial.prepared
    mine = trial.values(reals(), point, places)
    if mine is None and prepared.truth_at(reals(), point, tuple(places[:1]) if places else (0,)) is None:
        return None
    truth = prepared.truth_at(reals(), point, None if places is None else tuple(places))
    if truth is None or (mine is not None and prepared.real_close(mine, truth)):
        return None
    for k in range(len(truth)):
        if mine is None or not prepared.real_close(mine[k : k + 1], truth[k : k + 1]):
            try:
                found = _certain(trial, point, k if places is None else places[k])
            except Unsure:
                trial.unsure = True
                continue
            if found is not None:
                return found
    return None


def _certain(trial: Trial, point: Point, place: int) -> Witness | None:
    """Compare one entry by values whose rounding errors are bounded."""
    prepared = trial.prepared
    gap = certain_gap(
        lambda numbers: trial.values(numbers, point, (place,), trial.bounding),
        lambda numbers: prepared.truth_at(numbers, point, (place,)),
        lambda a, b: prepared.real_close([a], [b]),
        patient=trial.patient,
    )
    if gap is None:
        return None
    if gap.mine is None:
        return Witness(point.text(), (), None, _digits(gap.truth))
    where: list[int] = []
    for size in reversed(prepared.question.shape):
        place, last = divmod(place, point.sizes[size])
        where.insert(0, last)
    return Witness(point.text(), tuple(where), _digits(gap.mine), _digits(gap.truth), float(gap.mine - gap.truth))


def _exact(trial: Trial) -> Decision:
    """Compare in the prime field; where functions lie outside of it, with these as unknowns."""
    try:
        found = _in_field(trial, FIELD, trial.deciding)
        if found.status != "correct":
            return found
    except NotExact:
        try:
            found = _in_field(trial, UNKNOWNS, trial.proving)
        except (NotExact, OverBudget):
            return _numeric(trial)
        if found.status != "correct":
            return _numeric(trial)
    # a difference that is a multiple of the field's prime is 0 there, not in high precision
    for k in range(4):
        mine, truth = trial.floats(k), trial.prepared.float_values[k]
        witness = _confirm(trial, k, mine, truth) if mine is not None and truth is not None else None
        if witness is not None and witness.yours is not None:
            return Decision("wrong", witness=witness)
    edges = switch_functions(trial.core) and not trial.prepared.question.sizes  # it may lack a value somewhere
    return (_shown(trial, switch_points(trial)) if edges else None) or found


def _in_field(trial: Trial, numbers: Numbers, work: Work) -> Decision:
    prepared, core, truth = trial.prepared, trial.tidied, trial.prepared.tidied
    for point in prepared.field_points:
        if _differ(trial.values(numbers, point, None, work), prepared.truth_at(numbers, point)):
            if numbers.unknowns and not prepared.question.sizes:
                return Decision("undecided")  # the numeric method looks at the same points and more
            return _witness(trial, point)
    sizes = sizes_to_try(prepared.question, core, truth)
    if sizes is not None and math.prod(map(len, sizes.values())) <= _MOST:
        try:
            proved = Decision("correct", "general", sizes=len(prepared.sized_points(sizes)) if sizes else 0)
            return _at_sizes(trial, numbers, sizes, trial.proving) or proved
        except OverBudget:
            pass
    counts = counts_to_try(prepared.question, prepared.question.sizes, core, truth)
    if counts is None or math.prod(counts.values()) > _MOST:
        return Decision("undecided", reason=_OTHER_SIZES)
    if not _tried(counts, prepared.field_points):
        found = _at_sizes(trial, numbers, {s: range(_FIRST, _FIRST + count) for s, count in counts.items()}, work)
        if found is not None:
            return found
    return Decision("correct", "exact")


def _tried(counts: dict[str, int] | None, points: Sequence[Point]) -> bool:
    """Whether these points have so many different sizes, or whole numbers."""
    return counts is not None and all(
        count <= len({point.sizes.get(name) or point.values.get((name, ())) for point in points})
        for name, count in counts.items()
    )


def _at_sizes(trial: Trial, numbers: Numbers, sizes: dict[str, range], work: Work) -> Decision | None:
    """Compare one entry of each kind at every combination of sizes; None if all agree."""
    prepared, question = trial.prepared, trial.prepared.question
    for point in prepared.sized_points(sizes):
        places = tuple(representatives(question.shape, point.sizes))
        mine, right = trial.values(numbers, point, places, work), prepared.truth_at(numbers, point, places)
        if _differ(mine, right):
            return _witness(trial, point)
    return None


def _differ(mine: Values, truth: Values) -> bool:
    return mine is not None and truth is not None and any(a[0] != t[0] for a, t in zip(mine, truth, strict=True))


def _witness(trial: Trial, near: Point) -> Decision:
    """The expressions differ as formulas: find a point that shows it."""
    prepared, question = trial.prepared, trial.prepared.question
    rng = generator(question, "witness")
    like = [draw_point(question, rng, k, near.sizes, near.one_hot) for k in range(6)]
    everywhere = (
        *like,
        *prepared.real_points,
        *prepared.small_points,
        *count_points(question, trial.core, prepared.points[0]),
    )
    found = (witness for witness in (compare(trial, point) for point in everywhere) if witness is not None)
    shown = next((witness for witness in found if witness.yours is not None), None)
    if shown is not None:
        return Decision("wrong", witness=shown)
    return Decision(
        "undecided", reason="the answer differs from the truth as a formula, but no point was found that shows it"
    )


def _numeric(trial: Trial) -> Decision:
    prepared, core, good = trial.prepared, trial.core, 0
    question, truth = prepared.question, prepared.truth
    differs = _shown(trial, [*size_points(question, core), *count_points(question, core, prepared.points[0])], (0,))
    for point in prepared.real_points if differs is None else ():
        witness = compare(trial, point)
        if witness is None:
            good += prepared.truth_at(reals(), point) is not None
        elif witness.yours is not None:
            return Decision("wrong", witness=witness)
    differs = differs or _shown(trial, prepared.small_points, (0,)) or _shown(trial, switch_points(trial))
    if differs is not None:
        return differs
    whole = [s.name for s in question.symbols if s.counts and not s.shape]
    if not _tried(counts_to_try(question, whole, core, truth), prepared.real_points):
        return Decision("undecided", reason="equal at every whole number that was tried, but not as a formula")
    if good < _ENOUGH_POINTS:
        return Decision("undecided", reason="too few points at which both the answer and the quantity have a value")
    if not _tried(counts_to_try(question, question.sizes, core, truth), prepared.real_points):
        return Decision("undecided", reason=_OTHER_SIZES)
    if has_switches(core) and question.sizes and not has_switches(truth):
        return Decision("undecided", reason="the pieces of an answer with index ranges were not all reached")
    if trial.unsure:
        return Decision("undecided", reason="rounding hides the answer's value at some points")
    return Decision("correct", "numeric")
