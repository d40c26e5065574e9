"""Deciding whether an answer equals the truth: cheapest test first, each with its level of proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .arithmetic import BITS, FIELD, FLOATS, MORE_BITS, NotExact, reals
from .evaluate import OverBudget
from .expr import Expr
from .points import Point, draw_point, generator
from .polynomial import NotNormal
from .prepared import Prepared, Values, has_edges, has_switches
from .switches import switch_points
from .tidy import branches, tidy

Proof = Literal["general", "exact", "numeric"]
Status = Literal["correct", "wrong", "undecided"]
_ENOUGH_POINTS = 12
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


def decide(prepared: Prepared, core: Expr) -> Decision:
    """Decide whether an expression equals the truth of a question."""
    core = tidy(prepared.question, core)
    try:
        early = _refute(prepared, core)
        if early is not None:
            return early
        general = _normal(prepared, core)
        if general is None and has_switches(core):
            # an answer of several pieces, each of them equal to the truth
            pieces = branches(core)
            general = (bool(pieces) and all(_normal(prepared, piece) for piece in pieces or ())) or None
        if general:
            return _edges(prepared, core) or Decision("correct", "general")
        return _exact(prepared, core, general)
    except OverBudget:
        return Decision("undecided", reason="the answer takes too much work to decide")


def _refute(prepared: Prepared, core: Expr) -> Decision | None:
    """Points in double precision; what differs there is looked at again in high precision."""
    undefined: list[Point] = []
    for point, places, truth in zip(prepared.points, prepared.places, prepared.float_values, strict=True):
        mine = prepared.values(FLOATS, core, point, places)
        if mine is not None and truth is not None and prepared.close(mine, truth):
            continue
        witness = _confirm(prepared, core, point, places, mine, truth) or compare(prepared, core, point, places)
        if witness is None:
            continue
        if witness.yours is not None:
            return Decision("wrong", witness=witness)
        undefined.append(point)
        if len(undefined) > 0.3 * len(prepared.points):
            return Decision("wrong", witness=witness, reason=_NO_VALUE)
    for point in prepared.special:
        witness = compare(prepared, core, point)
        if witness is not None:
            return Decision("wrong", witness=witness)
    hot = [point for point in prepared.points if point.one_hot]
    labels = any(symbol.kind == "label" for symbol in prepared.question.symbols)
    if labels and hot and all(point in undefined for point in hot):
        return Decision("wrong", witness=compare(prepared, core, undefined[0]), reason=_NO_VALUE)
    return None


def _edges(prepared: Prepared, core: Expr) -> Decision | None:
    """A form that is proved equal where it has a value must have one wherever the truth has."""
    if has_edges(core) and not prepared.question.sizes:
        for point in switch_points(prepared, core):
            witness = compare(prepared, core, point)
            if witness is not None:
                return Decision("wrong", witness=witness, reason=_NO_VALUE if witness.yours is None else "")
    return None


def _confirm(
    prepared: Prepared, core: Expr, point: Point, places: Sequence[int], mine: Values, truth: Values
) -> Witness | None:
    """Look in high precision at the entry that differs most in double precision."""
    if mine is None or truth is None:
        return None
    k = places[max(range(len(truth)), key=lambda k: abs(mine[k] - truth[k]))]
    a, t = (prepared.values(reals(), e, point, (k,)) for e in (core, prepared.truth))
    if a is None or t is None or prepared.real_close(a, t) or prepared.nearly(a[0], t[0]):
        return None
    return _witness_at(prepared, point, k, a[0], t[0])


def compare(
    prepared: Prepared, core: Expr, point: Point, places: Sequence[int] | None = None, bits: int = BITS
) -> Witness | None:
    """Compare in high precision; None if equal there, or if the truth itself has no value."""
    mine = prepared.values(reals(bits), core, point, places)
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
    if bits == BITS and prepared.nearly(mine[k], truth[k]):
        # a small difference may be rounding left over by cancellation: more digits tell
        return compare(prepared, core, point, places, MORE_BITS)
    return _witness_at(prepared, point, k if places is None else places[k], mine[k], truth[k])


def _witness_at(prepared: Prepared, point: Point, k: int, mine: Any, truth: Any) -> Witness:
    place = _place(prepared, point, k)
    return Witness(point.text(), place, _digits(mine), _digits(truth), float(mine - truth))


def _place(prepared: Prepared, point: Point, k: int) -> tuple[int, ...]:
    at: list[int] = []
    for size in reversed(prepared.question.shape):
        k, last = divmod(k, point.sizes[size])
        at.insert(0, last)
    return tuple(at)


def _normal(prepared: Prepared, core: Expr) -> bool | None:
    """Whether the normal forms agree; None where they are silent."""
    if prepared.normal is None:
        return None
    normalizer, truth = prepared.normal
    algebra = normalizer.algebra
    algebra.work = 0
    try:
        mine = normalizer.ratio(core)
        if mine.den == truth.den:
            return mine.num == truth.num
        return algebra.mul(mine.num, truth.den) == algebra.mul(truth.num, mine.den)
    except NotNormal:
        return None


def _settled_form(prepared: Prepared, core: Expr) -> bool:
    """Whether a normal form holds no functions that may hide an identity."""
    assert prepared.normal is not None
    ratio = prepared.normal[0].ratio(core)
    return not any(factor[0] == "f" for poly in (ratio.num, ratio.den) for monomial in poly for factor, _ in monomial)


def _exact(prepared: Prepared, core: Expr, general: bool | None) -> Decision:
    try:
        pairs = prepared.field_points
        if general is False and prepared.question.sizes:
            pairs = pairs + prepared.more_field_points
        for point, truth in pairs:
            mine = prepared.values(FIELD, core, point)
            if mine is None or truth is None:
                continue
            if any(a[0] != t[0] for a, t in zip(mine, truth, strict=True)):
                return _witness(prepared, core, point)
    except (NotExact, OverBudget):
        return _numeric(prepared, core)
    # a difference that is a multiple of the field's prime is 0 there, not in high precision
    for point, places in zip(prepared.points[:4], prepared.places, strict=False):
        witness = compare(prepared, core, point, places)
        if witness is not None and witness.yours is not None:
            return Decision("wrong", witness=witness)
    if general is False and prepared.question.sizes and _settled_form(prepared, core):
        return Decision("undecided", reason="equal at every size that was tried, but not as a formula in the sizes")
    return Decision("correct", "exact")


def _witness(prepared: Prepared, core: Expr, near: Point) -> Decision:
    """The expressions differ as formulas: find a point that shows it."""
    rng = generator(prepared.question, "witness")
    like = [draw_point(prepared.question, rng, k, near.sizes, near.one_hot) for k in range(6)]
    for point in (*like, *prepared.real_points):
        witness = compare(prepared, core, point)
        if witness is not None and witness.yours is not None:
            return Decision("wrong", witness=witness)
    return Decision(
        "undecided", reason="the answer differs from the truth as a formula, but no point was found that shows it"
    )


def _numeric(prepared: Prepared, core: Expr) -> Decision:
    good = 0
    for point in prepared.real_points:
        witness = compare(prepared, core, point)
        if witness is None:
            good += prepared.real_truth(point) is not None
        elif witness.yours is not None or point in prepared.special:
            return Decision("wrong", witness=witness)
    if has_edges(core) or has_switches(prepared.truth):
        for point in switch_points(prepared, core):
            witness = compare(prepared, core, point)
            if witness is not None:
                return Decision("wrong", witness=witness, reason=_NO_VALUE if witness.yours is None else "")
    if good < _ENOUGH_POINTS:
        return Decision("undecided", reason="too few points at which both the answer and the quantity have a value")
    if has_switches(core) and prepared.question.sizes and not has_switches(prepared.truth):
        return Decision("undecided", reason="the pieces of an answer with index ranges were not all reached")
    return Decision("correct", "numeric")
