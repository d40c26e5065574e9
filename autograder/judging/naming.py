"""Naming what a student's outputs show: a catalogued misconception, several that cannot be told apart, or a factor.

A part's *naming set* is its exact cases and a few plain draws, the same for everyone.  A misconception is named if and
only if the outputs agree with it on the whole naming set and differ from the right ones somewhere.  One that is right
there is named by its own corners and contracts, and one of a part that simulates by the law that its numbers follow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from autograder.checks.compare import mismatch, plain
from autograder.checks.forms import reformed
from autograder.checks.kinds import Compared, Raises
from autograder.checks.statistics import dkw_bound
from autograder.judging.questions import Case, PartQuestions, WrongAnswer
from autograder.judging.trusted import Raised
from autograder.model import Call, Generator, Observation, Tolerance, Value
from autograder.plain import dataclass

Answers = Mapping[tuple[str, int], Sequence[Observation]]
"""Observations by part name and position of the check in the part's questions; a check that was not run is absent."""

SAME_LAW = 1e-3
"""With at most this probability two samples of the same distribution are taken for samples of two."""

FACTORS: tuple[tuple[str, Callable[[int, int], float]], ...] = (
    ("1/2", lambda n, k: 0.5),
    ("2", lambda n, k: 2.0),
    ("-1", lambda n, k: -1.0),
    ("n", lambda n, k: n),
    ("1/n", lambda n, k: 1.0 / n),
    ("K", lambda n, k: k),
    ("1/K", lambda n, k: 1.0 / k),
)
"""Generic constant factors, tried after the catalogue's misconceptions: n is the first axis of the first array
argument, K the last axis of it."""


@dataclass(frozen=True)
class Recognised:
    """What the outputs of a part show: one misconception, or several that cannot be told apart."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    hints: tuple[str, ...]


def recognise(questions: PartQuestions, answers: Answers) -> Recognised | None:
    """Name the misconceptions that a student's outputs show; generic constant factors are tried after them."""
    cases = [case for case in questions.compared() if case.plain]
    seen = [_at(questions, answers, case) for case in cases]
    if any(one is None for one in seen):
        return None
    values = [one for one in seen if one is not None]
    if values and not right_on(questions, values):
        return recognise_values(questions, values)
    if not values and any(_fails(questions, answers, i) for i in _laws(questions)):
        return _named(_by_law(questions, answers))
    return _named([wrong for wrong in questions.wrong_answers if _by_own_checks(questions, answers, wrong)])


def recognise_values(questions: PartQuestions, seen: Sequence[Observation]) -> Recognised | None:
    """Name wrong outputs on the naming set, given in its order."""
    pairs = list(zip([case for case in questions.compared() if case.plain], seen, strict=True))
    known = [wrong for wrong in questions.wrong_answers if questions.shows(wrong) and _agrees(pairs, wrong)]
    return _named(known) or _factor(pairs)


def right_on(questions: PartQuestions, seen: Sequence[Observation]) -> bool:
    """Whether outputs on the naming set, given in its order, are right."""
    cases = (case for case in questions.compared() if case.plain)
    return all(_right(case, one) for case, one in zip(cases, seen, strict=True))


def _named(known: Sequence[WrongAnswer]) -> Recognised | None:
    if not known:
        return None
    return Recognised(tuple(f.id for f in known), tuple(f.title for f in known), tuple(f.hint for f in known))


def _at(questions: PartQuestions, answers: Answers, case: Case) -> Observation | None:
    seen = answers.get((questions.part.name, case.check_at), ())
    return seen[case.number] if case.number < len(seen) else None


def _right(case: Case, seen: Observation) -> bool:
    return seen.returned and case.check.accepts(case.call, seen.value, case.want)


def _agrees(pairs: Sequence[tuple[Case, Observation]], wrong: WrongAnswer) -> bool:
    """Whether outputs agree with a misconception wherever both have a value, and finite ones show it.

    One sample, where a divisor n-1 is 0, is guarded by one person and not by another: it has no veto.
    """
    told = [(case, one) for case, one in pairs if not _without_value(case, one, wrong.values[case.at])]
    if not all(_same(case, one, wrong.values[case.at]) for case, one in told):
        return False
    values = ((case, wrong.values[case.at]) for case, _ in told)
    shown = any(_finite(value) and not _right_value(case, value) for case, value in values)
    return len(told) == len(pairs) or (2 * len(told) >= len(pairs) and shown)


def _without_value(case: Case, seen: Observation, value: Value) -> bool:
    """Whether one of two wrong answers has no finite value where the right one has."""
    mine = seen.returned and _finite(seen.value)
    theirs = not isinstance(value, Raised) and _finite(value)
    return mine != theirs and _finite(case.want)


def _finite(value: Value) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_finite, value))
    array = np.asarray(value)
    return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())


def _same(case: Case, seen: Observation, value: Value) -> bool:
    if isinstance(value, Raised):
        return seen.error == value.error
    if not seen.returned:
        return False
    # a mistake of form alone is shown by that form; any other by its numbers, in whatever form they come
    by_form = case.check.accepts(case.call, reformed(value, case.want), case.want) and not _right_value(case, value)
    return case.check.agrees(case.call, seen.value if by_form else reformed(seen.value, value), value)


def same_answer(case: Case, value: Value, other: Value) -> bool:
    """Whether two kept values are the same answer to a case."""
    if isinstance(value, Raised) or isinstance(other, Raised):
        return isinstance(value, Raised) and isinstance(other, Raised) and value.error == other.error
    return case.check.agrees(case.call, reformed(value, other), other)


# --- corners and contracts ---------------------------------------------------------------------------------------


def _by_own_checks(questions: PartQuestions, answers: Answers, wrong: WrongAnswer) -> bool:
    """Whether a misconception that is right on the naming set is shown by its own checks, and agrees on all of them."""
    if questions.shows(wrong):
        return False
    if wrong.observed is None:  # a student's own machine knows its answers to the public compared calls
        told = [case for case in questions.compared() if not case.plain]
        own = [case for case in told if not _right_value(case, wrong.values[case.at])]
        seen = [(case, _at(questions, answers, case)) for case in own]
        return bool(own) and all(one is not None and _same(case, one, wrong.values[case.at]) for case, one in seen)
    every = [i for i, one in enumerate(questions.asked) if not one.alone]
    minor = [i for i in every if questions.asked[i].check.role in _MINOR]
    # laws that hold here are the dearest to look at, and speak only against it: they come last
    held = [i for i in every if i not in minor and not _by_values(questions, i) and not _fails(questions, answers, i)]
    agrees = _agrees_where_broken(questions, answers, wrong, [i for i in every if i not in minor and i not in held])
    if agrees is None:
        agrees = _agrees_where_broken(questions, answers, wrong, minor)
    return bool(agrees) and not any(questions.breaks(wrong, i) for i in held)


_MINOR = ("layout", "refusal")
"""Roles of checks that have no veto, and show only a mistake that nothing else shows."""


def _agrees_where_broken(
    questions: PartQuestions, answers: Answers, wrong: WrongAnswer, checks: Sequence[int]
) -> bool | None:
    """Whether answers are a misconception's in all of these checks that it breaks; None where it breaks none of them.

    A misconception may be slow, so it is run no further than to the first check where they differ.
    """
    found = None
    for i in checks:
        if questions.breaks(wrong, i):
            if not _alike(questions, answers, i, wrong.observed(i)):  # type: ignore[misc]  # what breaks can be run
                return False
            found = True
    return found


def _alike(questions: PartQuestions, answers: Answers, i: int, wrong: Sequence[Observation]) -> bool:
    """Whether a student's answers to a check are those of a misconception: equal values, or the same broken promise."""
    seen, asked = answers.get((questions.part.name, i)), questions.asked[i]
    if seen is None or len(seen) != len(wrong):
        return False
    if _by_values(questions, i):
        tolerance = asked.check.tolerance if isinstance(asked.check, Compared) else Tolerance()
        return all(
            mismatch(reformed(one.value, other.value), other.value, tolerance) is None
            if one.returned and other.returned
            else one.error == other.error and one.ending == other.ending
            for one, other in zip(seen, wrong, strict=True)
        )
    mine, theirs = asked.judge(seen).failure, asked.judge(wrong).failure
    return mine is not None and theirs is not None and mine.message == theirs.message


def _by_values(questions: PartQuestions, i: int) -> bool:
    """Whether answers to a check are alike if their values are, call by call."""
    return isinstance(questions.asked[i].check, Compared | Raises)


def _right_value(case: Case, value: Value) -> bool:
    return not isinstance(value, Raised) and case.check.accepts(case.call, value, case.want)


def _fails(questions: PartQuestions, answers: Answers, i: int) -> bool:
    seen = answers.get((questions.part.name, i))
    return seen is not None and not questions.asked[i].judge(seen).ok


# --- laws --------------------------------------------------------------------------------------------------------


def _laws(questions: PartQuestions) -> list[int]:
    """Return the checks by which a part that simulates is judged: laws for the values, on given generators."""
    return [
        i
        for i, asked in enumerate(questions.asked)
        if asked.check.group == "value"
        and not asked.alone
        and any(isinstance(argument, Generator) for call in asked.calls for argument in call.args)
    ]


def _by_law(questions: PartQuestions, answers: Answers) -> list[WrongAnswer]:
    """Return the misconceptions whose laws the samples may follow: those that two samples of one law would not refuse.

    The right law is refused by the part's own check, at a level far below 1e-6.
    """
    at = _laws(questions)
    found = []
    for wrong in questions.wrong_answers:
        # the slow misconceptions of such a part are run no further than to the first sample of another law
        same = wrong.observed is not None and all(
            _follows(answers.get((questions.part.name, i), ()), wrong, i) for i in at
        )
        if same and any(questions.breaks(wrong, i) for i in at):
            found.append(wrong)
    return found


def _follows(seen: Sequence[Observation], wrong: WrongAnswer, i: int) -> bool:
    """Whether the samples of a check may follow a misconception's law."""
    theirs = [] if wrong.observed is None else wrong.observed(i)
    return len(seen) == len(theirs) and all(map(_same_law, seen, theirs))


def _same_law(one: Observation, other: Observation) -> bool:
    if not (one.returned and other.returned):
        return False
    a, b = _sample(one.value), _sample(other.value)
    if a is None or b is None or np.shape(one.value) != np.shape(other.value):
        return False
    every = np.concatenate([a, b])
    distance = np.abs(np.searchsorted(a, every, "right") / a.size - np.searchsorted(b, every, "right") / b.size).max()
    return bool(distance <= dkw_bound(a.size, SAME_LAW / 2) + dkw_bound(b.size, SAME_LAW / 2))


def _sample(value: Value) -> np.ndarray | None:
    try:
        array = np.asarray(value) if isinstance(value, np.ndarray | list | tuple) else None
    except ValueError:  # a list whose rows differ in length
        return None
    if array is None or array.dtype.kind not in "biuf" or not array.size or not np.isfinite(array).all():
        return None
    return np.sort(array.astype(np.float64), axis=None)


# --- factors -----------------------------------------------------------------------------------------------------


def _factor(pairs: Sequence[tuple[Case, Observation]]) -> Recognised | None:
    for name, factor in FACTORS:
        if _off_by(pairs, factor):
            title = f"right up to the factor {name}"
            return Recognised((), (title,), ("Right up to a constant factor: read the prefactor again.",))
    return None


def _off_by(pairs: Sequence[tuple[Case, Observation]], factor: Callable[[int, int], float]) -> bool:
    telling = False
    for case, one in pairs:
        n, k = _sizes(case.call)
        scaled = times(case.want, factor(n, k)) if one.returned and n and k else None
        if scaled is None:
            return False
        value = reformed(one.value, case.want)
        if not case.check.agrees(case.call, value, scaled):
            return False
        telling = telling or mismatch(value, case.want, Tolerance(1e-6)) is not None
    return telling


def _sizes(call: Call) -> tuple[int, int]:
    for array in _arrays(call):
        try:
            shape = np.shape(array)
        except ValueError:
            continue
        if shape:
            return shape[0], shape[-1]
    return 1, 1


def _arrays(call: Call) -> Iterator[Value]:
    for argument in call.args:
        array = getattr(argument, "array", argument)
        if isinstance(array, np.ndarray | list | tuple):
            yield array


def times(value: Value, factor: float) -> Value:
    """Return a numeric value times a factor, entry by entry; None where it is not numeric."""
    value = plain(value)
    if isinstance(value, tuple):
        items = tuple(times(item, factor) for item in value)
        return None if any(item is None for item in items) else items
    if isinstance(value, bool | str) or value is None or not isinstance(value, int | float | np.ndarray):
        return None
    if isinstance(value, np.ndarray) and value.dtype.kind not in "fc":
        return None
    return value * factor if math.isfinite(factor) else None
