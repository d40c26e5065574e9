"""An exam paper: every call of a room for one variant, with the right values and the fingerprints of wrong ones.

A paper is made once per variant and shared by the whole class.  Its public calls are the same for everyone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograder.checks.answer import Returned
from autograder.evaluate import Raised, evaluate
from autograder.spec import Call, Check, CourseError, Exercise, Part, Rng, Secret, Value, Visibility

Evaluate = Callable[[Callable[..., Value], Call], Value]
"""Computes a trusted function's value for a call; a backend replaces it."""


@dataclass(frozen=True, eq=False)
class Asked:
    """One check with its calls and the right values (None where the check needs none)."""

    check: Check
    visibility: Visibility
    calls: tuple[Call, ...]
    expected: tuple[Value, ...]

    @property
    def alone(self) -> bool:
        """Whether the calls run last, in a child of their own."""
        return self.check.limits is not None


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """What a misconception answers to the compared calls, in their order."""

    id: str
    title: str
    hint: str
    values: tuple[Value, ...]


@dataclass(frozen=True, eq=False)
class PartPaper:
    """A part, what is asked, and the misconceptions that its compared calls can show."""

    part: Part
    asked: tuple[Asked, ...]
    fingerprints: tuple[Fingerprint, ...] = ()

    def compared(self) -> Iterator[tuple[Check, Call, Value]]:
        """Yield check, call and right value of every compared call."""
        for asked in self.asked:
            if asked.check.compared:
                wanted = asked.check.wanted(asked.expected)
                yield from zip([asked.check] * len(asked.calls), asked.calls, wanted, strict=True)


@dataclass(frozen=True, eq=False)
class Paper:
    """All function and symbolic parts of one room for one variant; ``variant`` is None for the instructor's."""

    exercise: Exercise
    variant: int | None
    parts: tuple[PartPaper, ...]


def generator(number: str, variant: int | None) -> Rng:
    """Return the generators of a part's cases: seeded by variant, 20240, the part's number and the case."""
    crc = zlib.crc32(number.encode())

    def rng(case: int) -> np.random.Generator:
        seed = [20240, crc, case]
        return np.random.default_rng(seed if variant is None else [variant, *seed])

    return rng


def make_paper(
    exercise: Exercise,
    secrets: Mapping[str, Secret],
    variant: int | None = None,
    compute: Evaluate | None = None,
) -> Paper:
    """Draw the calls of a room and compute the right values.

    Parameters
    ----------
    exercise : Exercise
        The public half of the room.
    secrets : mapping of part name to Secret
        The hidden half; empty for a student's check, then only public checks are asked.
    variant : int or None
        Chooses the hidden inputs.
    compute : callable, optional
        Computes trusted values; plain NumPy evaluation by default.

    Raises
    ------
    CourseError
        If a reference raises on a call whose value is needed.
    """
    if compute is None:

        def compute(function: Callable[..., Value], call: Call) -> Value:
            return evaluate(function, call, exercise.probes)

    parts = tuple(
        _part_paper(exercise, part, secrets.get(part.name), variant, compute)
        for part in exercise.parts
        if part.kind != "manual"
    )
    return Paper(exercise, variant, parts)


def _part_paper(
    exercise: Exercise, part: Part, secret: Secret | None, variant: int | None, compute: Evaluate
) -> PartPaper:
    if part.kind == "symbolic":
        return answer_paper(part)
    asked = [_ask(exercise, part, check, "public", None, secret, compute) for check in part.checks]
    if secret is None:
        return PartPaper(part, tuple(asked))
    asked += [_ask(exercise, part, check, "hidden", variant, secret, compute) for check in secret.checks]
    paper = PartPaper(part, tuple(asked))
    return replace(paper, fingerprints=_fingerprints(paper, secret, compute))


def answer_paper(part: Part) -> PartPaper:
    """Return what is asked of a symbolic part: one call without arguments."""
    return PartPaper(part, (Asked(Returned(), "public", (Call(part.name),), (None,)),))


def _ask(
    exercise: Exercise,
    part: Part,
    check: Check,
    visibility: Visibility,
    variant: int | None,
    secret: Secret | None,
    compute: Evaluate,
) -> Asked:
    calls = tuple(
        replace(call, function=call.function or part.name) for call in check.calls(generator(part.number, variant))
    )
    if not check.needs_reference:
        return Asked(check, visibility, calls, (None,) * len(calls))
    if secret is None:
        raise CourseError(f"{exercise.name}: the public check {check.name!r} of {part.name} may not need the reference")
    expected = tuple(compute(secret.reference, call) for call in calls)
    for value in expected:
        if isinstance(value, Raised):
            raise CourseError(
                f"{exercise.name}: the reference of {part.name} raises {value.error} on a call of the check "
                f"{check.name!r}: {value.message}; draw inputs that the part allows"
            )
    return Asked(check, visibility, calls, expected)


def public_papers(exercise: Exercise, secrets: Mapping[str, Secret]) -> tuple[PartPaper, ...]:
    """Return the public checks of the parts that code answers; with the hidden half, also how misconceptions do."""

    def compute(function: Callable[..., Value], call: Call) -> Value:
        return evaluate(function, call, exercise.probes)

    papers = []
    for part in exercise.parts:
        if part.kind == "function":
            asked = tuple(_ask(exercise, part, check, "public", None, None, compute) for check in part.checks)
            paper, secret = PartPaper(part, asked), secrets.get(part.name)
            papers.append(replace(paper, fingerprints=_fingerprints(paper, secret, compute)) if secret else paper)
        elif part.kind == "symbolic":
            papers.append(answer_paper(part))
    return tuple(papers)


def _fingerprints(paper: PartPaper, secret: Secret, compute: Evaluate) -> tuple[Fingerprint, ...]:
    compared = list(paper.compared())
    made = []
    for wrong in secret.misconceptions:
        values = tuple(compute(wrong.wrong, call) for _, call, _ in compared)
        if any(not same_answer(*triple, value) for triple, value in zip(compared, values, strict=True)):
            made.append(Fingerprint(wrong.id, wrong.title, wrong.hint, values))
    return tuple(made)


def same_answer(check: Check, call: Call, want: Value, got: Value) -> bool:
    """Whether a trusted function's value is a right answer to a compared call."""
    if isinstance(got, Raised):
        return False
    return check.accepts(call, got, want)


def segments_of(paper: Paper) -> Sequence[tuple[Part, tuple[Asked, ...]]]:
    """Return the order in which calls run: each part's checks, then each check that runs alone."""
    together = [(p.part, tuple(a for a in p.asked if not a.alone)) for p in paper.parts]
    alone = [(p.part, (a,)) for p in paper.parts for a in p.asked if a.alone]
    return [*together, *alone]
