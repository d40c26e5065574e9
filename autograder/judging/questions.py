"""All calls to make for one variant, with the expected results and those of known misconceptions.

Questions are made once per variant and shared by the whole class.  Their public calls are the same for everyone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np

from autograder.checks.answer import Returned
from autograder.checks.compare import mismatch
from autograder.checks.kinds import MatchesReference
from autograder.checks.laws import verdict_on
from autograder.checks.show import show, show_call
from autograder.checks.strata import Strata
from autograder.declared import line_of
from autograder.errors import CourseError
from autograder.exercise import Exercise, Hidden, Misconception, Part
from autograder.judging.drawn import declared_at, drawn_calls
from autograder.judging.trusted import Raised, evaluate, seconds_of
from autograder.judging.watched import watched, watched_once
from autograder.model import Call, Check, Observation, Tolerance, Value, Verdict, Visibility
from autograder.plain import dataclass

Elsewhere = Callable[[Callable[..., Value], Call, str, int], Value]
"""Computes a reference's value for a call on another array library, :data:`NOT_COMPUTED` where it cannot; name of the
check and number of the case are for the log."""

ValuesAndRuns = tuple[Sequence[Value], Sequence[Observation]]
"""What a function answers to the calls of a check: values, and what a child would report of each call."""

NOT_COMPUTED = object()

NAMED = 4
"""Plain draws of a naming set."""

MARGIN = 2.0
"""Values of another library decide where they are this factor away from the tolerance; NumPy's decide the rest."""


@dataclass(frozen=True, eq=False)
class Asked:
    """One check with its calls and the right values (None where the check needs none).

    ``elsewhere`` are the right values as another array library computed them, :data:`NOT_COMPUTED` where it could not.
    """

    check: Check
    visibility: Visibility
    calls: tuple[Call, ...]
    expected: Sequence[Value]
    elsewhere: tuple[Value, ...] | None = None
    _last: list[tuple[Sequence[Observation], Verdict]] = field(init=False, repr=False, default_factory=list)
    _wrong: dict[str, ValuesAndRuns] = field(init=False, repr=False, default_factory=dict)

    def judge(self, seen: Sequence[Observation]) -> Verdict:
        """Judge what came back; the verdict is kept until something else is judged.

        Value checks are asked twice: whether scaling checks may run, and for the report.
        """
        if not self._last or self._last[0][0] is not seen:
            self._last[:] = [(seen, self._judge(seen))]
        return self._last[0][1]

    def _judge(self, seen: Sequence[Observation]) -> Verdict:
        """Judge; what is not clearly right by another library's values is judged by NumPy's."""
        if self.elsewhere is not None:
            mixed = [self.expected[i] if v is NOT_COMPUTED else v for i, v in enumerate(self.elsewhere)]
            verdict = replace(self._compared, tolerance=self._tolerance(1 / MARGIN)).judge(self.calls, seen, mixed)
            if verdict.failure is None:
                return verdict
        return verdict_on(self.check, self.calls, seen, self.expected)

    def takes(self, case: int, value: Value) -> bool:
        """Whether a trusted function's value is a right answer to a compared call."""
        if isinstance(value, Raised):
            return False
        other = NOT_COMPUTED if self.elsewhere is None else self.elsewhere[case]
        if other is not NOT_COMPUTED:
            if mismatch(value, other, self._tolerance(1 / MARGIN)) is None:
                return True
            found = mismatch(value, other, self._tolerance(MARGIN))
            if found is not None and found.kind == "value":
                return False
        return self.check.accepts(self.calls[case], value, self.check.wanted(self.expected)[case])

    def answers_of(self, wrong: Misconception, probes: Mapping[str, Callable[..., Value]]) -> ValuesAndRuns:
        """Return what a misconception answers; kept, since variants share the checks that are the same in all."""
        if wrong.id not in self._wrong:
            values = OnDemand(lambda k: evaluate(wrong.wrong, self.calls[k], probes), len(self.calls))
            observed = OnDemand(lambda k: watched_once(wrong.wrong, self.calls[k], probes), len(self.calls))
            self._wrong[wrong.id] = values, observed
        return self._wrong[wrong.id]

    @property
    def _compared(self) -> MatchesReference:
        assert isinstance(self.check, MatchesReference)  # no other check has values from elsewhere
        return self.check

    def _tolerance(self, factor: float) -> Tolerance:
        tolerance = self._compared.tolerance
        return replace(tolerance, rtol=factor * tolerance.rtol, atol=factor * tolerance.atol)

    @property
    def alone(self) -> bool:
        """Whether the calls run last, in a child of their own."""
        return self.check.limits is not None


@dataclass(frozen=True, eq=False)
class WrongAnswer:
    """What a misconception answers to the compared calls, in their order; computed when it is first looked at.

    ``observed`` returns what comes of the calls of a check, by its position; None where it cannot be run.
    """

    id: str
    title: str
    hint: str
    values: Sequence[Value]
    observed: Callable[[int], Sequence[Observation]] | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """A compared call: its place among all of them, its check with the call's number there, and the right value.

    ``plain``: it belongs to the naming set, by which misconceptions are named.
    """

    at: int
    check_at: int
    number: int
    check: Check
    call: Call
    want: Value
    plain: bool


@dataclass(frozen=True, eq=False)
class PartQuestions:
    """One part: the checks asked, and what each misconception answers, also those right on every compared call.

    ``naming`` are the plain draws of the naming set, asked of everyone alike; they only decide on the quarter.
    ``reference_seconds`` returns the processor time that the reference takes for a call, ``reference`` its value, and
    ``reference_seen`` what a child would report of it, where there is a reference.
    """

    part: Part
    asked: tuple[Asked, ...]
    wrong_answers: tuple[WrongAnswer, ...] = ()
    naming: tuple[Asked, ...] = ()
    reference_seconds: Callable[[Call], float] | None = None
    reference: Callable[[Call], Value] | None = None
    reference_seen: Callable[[Call], Observation] | None = None

    @cached_property
    def naming_set(self) -> str:
        """What identifies the naming set: its calls and right values."""
        cases = [(show_call(case.call), show(case.want)) for case in self.compared() if case.plain]
        return hashlib.sha256(repr(cases).encode()).hexdigest()[:16]

    @property
    def every(self) -> tuple[Asked, ...]:
        """Everything that is asked, the scored checks first; an answer is found by its position here."""
        return (*self.asked, *self.naming)

    def compared(self) -> Sequence[Case]:
        """Return every compared call, those of the naming set among them."""
        return self._cases

    @cached_property
    def _cases(self) -> tuple[Case, ...]:
        return tuple(self._yield_cases())

    def _yield_cases(self) -> Iterator[Case]:
        at = 0
        for i, asked in enumerate(self.every):
            check = asked.check
            if check.compared:
                exact = check.group == "value" and check.role == "exact"
                wanted = check.wanted(asked.expected)
                for number, one in enumerate(asked.calls):
                    yield Case(at, i, number, check, one, wanted[number], exact or i >= len(self.asked))
                    at += 1

    def breaks(self, wrong: WrongAnswer, check: int) -> bool:
        """Whether a misconception fails a check, given by its position; False where it cannot be run."""
        known = self._broken
        if (wrong.id, check) not in known:
            seen = None if wrong.observed is None else wrong.observed(check)
            known[wrong.id, check] = seen is not None and not self.every[check].judge(seen).ok
        return known[wrong.id, check]

    @cached_property
    def _broken(self) -> dict[tuple[str, int], bool]:
        return {}

    def shows(self, wrong: WrongAnswer, *, plain: bool = True) -> bool:
        """Whether the naming set (or with ``plain=False`` any compared call) shows that a misconception is wrong."""
        known = self._shown
        if (wrong.id, plain) not in known:
            known[wrong.id, plain] = self._shows(wrong, plain)
        return known[wrong.id, plain]

    @cached_property
    def _shown(self) -> dict[tuple[str, bool], bool]:
        return {}

    def _shows(self, wrong: WrongAnswer, plain: bool) -> bool:
        return any(
            not self.every[case.check_at].takes(case.number, wrong.values[case.at])
            for case in self.compared()
            if case.plain or not plain
        )


@dataclass(frozen=True, eq=False)
class Questions:
    """All function and symbolic parts of one exercise for one variant; ``variant`` is None for the instructor's."""

    exercise: Exercise
    variant: int | None
    parts: tuple[PartQuestions, ...]


class OnDemand(Sequence[Value]):
    """Values that are computed when they are first looked at."""

    def __init__(self, compute: Callable[[int], Value], length: int) -> None:
        self._compute = lru_cache(maxsize=None)(compute)
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Value]:
        return map(self._compute, range(self._length))

    def __getitem__(self, index: Any) -> Any:
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._compute(index % self._length)


def make_questions(
    exercise: Exercise,
    secrets: Mapping[str, Hidden],
    variant: int | None = None,
    elsewhere: Elsewhere | None = None,
    like: Questions | None = None,
) -> Questions:
    """Draw the calls of an exercise; right values, and those of misconceptions, are computed when they are needed.

    Parameters
    ----------
    exercise : Exercise
        The public half of the exercise.
    secrets : mapping of part name to Hidden
        The hidden half; empty for a student's check, then only public checks are asked.
    variant : int or None
        Chooses the hidden inputs.
    elsewhere : callable, optional
        Computes right values on another array library; without it NumPy does, and it decides in any case.
    like : Questions, optional
        Those of another variant: the public checks and the naming sets are the same, and made once for both.

    Raises
    ------
    CourseError
        If calls cannot be drawn.  A reference that raises on a call raises it when that value is first needed.
    """
    others = {} if like is None else {one.part.name: one for one in like.parts}
    parts = tuple(
        _part_questions(exercise, part, secrets.get(part.name), variant, elsewhere, others.get(part.name))
        for part in exercise.parts
        if part.kind != "manual"
    )
    return Questions(exercise, variant, parts)


def _part_questions(
    exercise: Exercise,
    part: Part,
    secret: Hidden | None,
    variant: int | None,
    elsewhere: Elsewhere | None,
    like: PartQuestions | None,
) -> PartQuestions:
    if part.kind == "symbolic":
        return answer_questions(part)
    if like is None:
        asked = [_ask(exercise, part, check, "public", None, secret, elsewhere) for check in part.checks]
    else:
        asked = [one for one in like.asked if one.visibility == "public"]
    if secret is None:
        return PartQuestions(part, tuple(asked))
    asked += [_ask(exercise, part, check, "hidden", variant, secret, elsewhere) for check in secret.checks]
    questions = PartQuestions(
        part,
        tuple(asked),
        reference_seconds=partial(seconds_of, secret.reference, probes=exercise.probes),
        reference=partial(evaluate, secret.reference, probes=exercise.probes),
        reference_seen=partial(watched, secret.reference, probes=exercise.probes),
        naming=_naming(exercise, part, secret) if like is None else like.naming,
    )
    return replace(questions, wrong_answers=_wrong_answers(questions, secret, exercise))


def answer_questions(part: Part) -> PartQuestions:
    """Return what is asked of a symbolic part: one call without arguments."""
    return PartQuestions(part, (Asked(Returned(), "public", (Call(part.name),), (None,)),))


def _ask(
    exercise: Exercise,
    part: Part,
    check: Check,
    visibility: Visibility,
    variant: int | None,
    secret: Hidden | None,
    elsewhere: Elsewhere | None = None,
) -> Asked:
    calls = drawn_calls(exercise, part, check, variant)
    if not check.needs_reference:
        return Asked(check, visibility, calls, (None,) * len(calls))
    if secret is None:
        raise CourseError(f"{exercise.name}: the public check {check.name!r} of {part.name} may not need the reference")
    reference = secret.reference

    def right(case: int) -> Value:
        value = evaluate(reference, calls[case], exercise.probes)
        if isinstance(value, Raised):
            place = value.place or declared_at(exercise, part, check)
            said = f"{place}: the reference of {part.name} raises {value.error} on a call of the check {check.name!r}"
            advice = "; draw inputs that the part allows" if value.error == "ValueError" else ""
            raise CourseError(f"{said}: {value.message}{advice}")
        if not isinstance(value, _ANSWERS):
            raise CourseError(
                f"{line_of(reference) or exercise.name}: the reference of {part.name} returns a value of type "
                f"{type(value).__name__}; a part returns numbers, arrays, strings, and tuples, lists or dicts of them"
            )
        return value

    if elsewhere is None or not isinstance(check, MatchesReference) or check.also_right is not None:
        # a law or a criterion may use a right value in any way, so its digits must be NumPy's
        return Asked(check, visibility, calls, OnDemand(right, len(calls)))
    values = tuple(elsewhere(reference, one, f"{part.name}, {check.name}", k) for k, one in enumerate(calls))
    some = any(one is not NOT_COMPUTED for one in values)
    return Asked(check, visibility, calls, OnDemand(right, len(calls)), values if some else None)


_ANSWERS = (type(None), bool, int, float, complex, str, np.generic, np.ndarray, tuple, list, dict)


def public_questions(exercise: Exercise, secrets: Mapping[str, Hidden]) -> tuple[PartQuestions, ...]:
    """Return the public checks of the parts that code answers; with the hidden half, how misconceptions answer."""
    all_questions = []
    for part in exercise.parts:
        if part.kind == "function":
            asked = tuple(_ask(exercise, part, check, "public", None, None) for check in part.checks)
            questions, secret = PartQuestions(part, asked), secrets.get(part.name)
            wrong = _wrong_answers(questions, secret, exercise) if secret else ()
            all_questions.append(replace(questions, wrong_answers=wrong))
        elif part.kind == "symbolic":
            all_questions.append(answer_questions(part))
    return tuple(all_questions)


def _naming(exercise: Exercise, part: Part, secret: Hidden) -> tuple[Asked, ...]:
    """Return a few plain draws, the same for everyone, on which misconceptions are named; none where none is drawn."""
    drawn = [one for one in secret.checks if isinstance(one, MatchesReference) and one.limits is None]
    first = next((one for one in drawn if one.group == "value" and one.role == "drawn" and one.compared), None)
    if first is None:
        return ()
    kinds = len(first.draw) if isinstance(first.draw, Strata) else 0
    check = replace(first, name="naming", title="plain draws", cases=min(max(NAMED, kinds), 2 * NAMED), first=700)
    return (_ask(exercise, part, check, "hidden", None, secret),)


def _wrong_answers(questions: PartQuestions, secret: Hidden, exercise: Exercise) -> tuple[WrongAnswer, ...]:
    places = [(asked, k) for asked in questions.every if asked.check.compared for k in range(len(asked.calls))]

    def made(wrong: Misconception) -> WrongAnswer:
        def value(at: int) -> Value:
            asked, number = places[at]
            return asked.answers_of(wrong, exercise.probes)[0][number]

        def observed(check: int) -> Sequence[Observation]:
            return questions.every[check].answers_of(wrong, exercise.probes)[1]

        return WrongAnswer(wrong.id, wrong.title, wrong.hint, OnDemand(value, len(places)), observed)

    return tuple(map(made, secret.misconceptions))
