"""Wrong answers that several students share and no misconception names, and naming them once one does.

What is compared are the values on the naming set that grading kept; no submission runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from autograder.checks.show import show, show_call
from autograder.course.exercises import load_exercise
from autograder.course.model import Course
from autograder.judging.kept import named_again, plain_cases, values_of
from autograder.judging.naming import same_answer, times
from autograder.judging.questions import Case, PartQuestions, Questions, make_questions
from autograder.judging.trusted import Raised
from autograder.model import Value
from autograder.plain import dataclass
from autograder.store.generations import naming_fingerprint
from autograder.store.store import Store
from autograder.store.stored import NAMING

SHOWN = 3
"""Calls that are printed of a group."""


@dataclass(frozen=True)
class MistakeGroup:
    """Students whose wrong answers to a part agree with each other and with no misconception.

    ``shown`` are (call, returned, expected) as text; ``relation`` says how the values lie to the right ones, if simply.
    """

    number: int
    exercise: str
    part: str
    members: tuple[str, ...]
    shown: tuple[tuple[str, str, str], ...]
    relation: str = ""


@dataclass(frozen=True, eq=False)
class _Answer:
    student: str
    owner: str
    """Who handed it in: the student, or the team."""
    values: Sequence[Value]


class QuestionCache:
    """The questions of a course's exercises; a naming set is the same in every variant, so one of them will do."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self.of = lru_cache(maxsize=None)(self._of)

    def _of(self, exercise: str) -> Questions:
        folder = load_exercise(self.course.root, exercise, hidden=True)
        return make_questions(folder.exercise, folder.secrets, 0)

    def part(self, exercise: str, name: str) -> PartQuestions | None:
        """Return the questions of a function part; None if the course no longer has that part."""
        if exercise not in self.course.exercises:
            return None
        found = (one for one in self.of(exercise).parts if one.part.kind == "function" and one.part.name == name)
        return next(found, None)


def name_again(store: Store, course: Course) -> int:
    """Name the kept values of verdicts by the misconceptions of today; return how many verdicts changed."""
    all_questions, changed = QuestionCache(course), 0
    by = lru_cache(maxsize=None)(lambda exercise: naming_fingerprint(course.root, exercise))
    stale = [key for key, kept in store.unlike() if key[2] in course.exercises and kept["by"] != by(key[2])]
    for student, _, exercise in stale:
        found = store.get(student, exercise)
        if found is None:
            continue
        stored = found[0]
        kept = stored.evidence[NAMING]["parts"]
        parts = tuple(_renamed(part, all_questions, exercise, kept.get(part["name"])) for part in stored.record.parts)
        record = replace(stored.record, parts=parts)
        evidence = {**stored.evidence, NAMING: {"by": by(exercise), "parts": kept}}
        store.revise(record, evidence)
        changed += record.parts != stored.record.parts
    return changed


def _renamed(
    part: Mapping[str, Any], all_questions: QuestionCache, exercise: str, kept: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    questions = all_questions.part(exercise, part["name"]) if kept is not None else None
    if kept is None or questions is None or kept["set"] != questions.naming_set:
        return part
    known = named_again(questions, kept)
    return {**part, "misconceptions": [] if known is None else list(known.titles)}


def unnamed_groups(store: Store, course: Course) -> list[MistakeGroup]:
    """Return the groups with the same unnamed wrong answers of at least two students or teams, the largest first."""
    all_questions = QuestionCache(course)
    found: list[tuple[str, PartQuestions, list[_Answer]]] = []
    for (exercise, _), answers in sorted(_unnamed(store, all_questions).items()):
        questions = all_questions.part(exercise, answers[0][0])
        assert questions is not None  # a part without questions was left out
        alike = _alike(plain_cases(questions), [answer for _, answer in answers])
        found += [(exercise, questions, group) for group in alike if len({one.owner for one in group}) > 1]
    found.sort(key=lambda one: (-len(one[2]), one[0], one[1].part.name, one[2][0].student))
    return [_group(i, all_questions, *one) for i, one in enumerate(found, 1)]


def _unnamed(store: Store, all_questions: QuestionCache) -> dict[tuple[str, str], list[tuple[str, _Answer]]]:
    """Return the unnamed wrong values by exercise and part, with the part's name."""
    kept = {key: one["parts"] for key, one in store.unlike()}
    found: dict[tuple[str, str], list[tuple[str, _Answer]]] = {}
    for record in store.records():
        names = {part["name"]: part["misconceptions"] for part in record.parts}
        for name, one in kept.get(record.key, {}).items():
            questions = all_questions.part(record.exercise, name)
            if questions is not None and one["set"] == questions.naming_set and not names.get(name):
                answer = _Answer(record.student, record.team or record.student, values_of(one))
                found.setdefault((record.exercise, name), []).append((name, answer))
    return found


def _alike(cases: Sequence[Case], answers: Sequence[_Answer]) -> list[list[_Answer]]:
    """Return the answers in groups that agree with each other on every case, within the tolerance of its check."""
    buckets: dict[object, list[list[_Answer]]] = {}
    for one in sorted(answers, key=lambda answer: answer.student):
        groups = buckets.setdefault(tuple(_form(value) for value in one.values), [])
        for group in groups:
            if all(map(same_answer, cases, one.values, group[0].values)):
                group.append(one)
                break
        else:
            groups.append([one])
    return [group for groups in buckets.values() for group in groups]


def _form(value: Value) -> object:
    """Return what two equal answers share for certain: a first bucket."""
    if isinstance(value, tuple | list):
        return tuple(_form(item) for item in value)
    return np.shape(value) if isinstance(value, int | float | complex | np.ndarray) else value


def _group(
    number: int, all_questions: QuestionCache, exercise: str, questions: PartQuestions, group: Sequence[_Answer]
) -> MistakeGroup:
    cases, values = plain_cases(questions), group[0].values
    wrong = [(c, v) for c, v in zip(cases, values, strict=True) if not same_answer(c, v, c.want)]
    shown = sorted(wrong, key=lambda one: len(show_call(one[0].call)))[:SHOWN]
    return MistakeGroup(
        number=number,
        exercise=exercise,
        part=questions.part.name,
        members=tuple(one.student for one in group),
        shown=tuple((show_call(c.call), show(v), show(c.want)) for c, v in shown),
        relation=relation(cases, values) or _of_another_part(all_questions.of(exercise), questions, cases, values),
    )


# --- simple relations --------------------------------------------------------------------------------------------


def relation(cases: Sequence[Case], values: Sequence[Value]) -> str:
    """Return how wrong values relate to the right ones, if by a constant or a simple operation."""
    wants = [case.want for case in cases]
    factor = _constant(values, wants, lambda got, want: got[want != 0] / want[want != 0])
    if factor is not None and _are(cases, values, [times(want, factor) for want in wants]):
        return f"the right value times {factor:.6g}"
    offset = _constant(values, wants, lambda got, want: got - want)
    if offset is not None and _are(cases, values, [_plus(want, offset) for want in wants]):
        return f"the right value plus {offset:.6g}"
    for words, change in _CHANGES:
        changed = [change(np.asarray(want)) if isinstance(want, np.ndarray | float | int) else None for want in wants]
        if _are(cases, values, changed):
            return words
    return ""


_CHANGES = (
    ("the right value, transposed", np.transpose),
    ("the right value, sorted", lambda want: np.sort(want, axis=-1) if want.ndim else want),
    ("the right value, reversed", np.flip),
    ("the absolute right value", np.abs),
    ("the square of the right value", np.square),
    ("the square root of the right value", lambda want: np.sqrt(np.abs(want))),
)


def _are(cases: Sequence[Case], values: Sequence[Value], others: Sequence[Value]) -> bool:
    return all(
        other is not None and same_answer(case, value, other if np.ndim(other) else np.asarray(other).item())
        if not isinstance(other, tuple)
        else same_answer(case, value, other)
        for case, value, other in zip(cases, values, others, strict=True)
    )


def _constant(values: Sequence[Value], wants: Sequence[Value], of: Any) -> float | None:
    """Return the one number that ``of`` gives for every entry of every case, or None."""
    found: list[float] = []
    for value, want in zip(values, wants, strict=True):
        for got, right in _arrays(value, want):
            if got is None or got.shape != right.shape:
                return None
            with np.errstate(all="ignore"):
                found += np.ravel(of(np.atleast_1d(got), np.atleast_1d(right))).tolist()
    if not found or not np.isfinite(found).all():
        return None
    middle = float(np.median(found))
    return middle if np.allclose(found, middle, rtol=1e-6, atol=1e-9) else None


def _arrays(value: Value, want: Value) -> Iterator[tuple[np.ndarray | None, np.ndarray]]:
    if isinstance(want, tuple | list):
        alike = isinstance(value, tuple | list) and len(value) == len(want)
        for i, one in enumerate(want):
            yield from _arrays(value[i] if alike else None, one)
    elif isinstance(want, int | float | np.ndarray) and not isinstance(want, bool):
        number = isinstance(value, int | float | list | np.ndarray | np.generic) and not isinstance(value, bool)
        try:
            got = np.asarray(value, dtype=np.float64) if number else None
        except (TypeError, ValueError):  # a ragged list, complex numbers
            got = None
        yield got, np.asarray(want, dtype=np.float64)


def _plus(want: Value, offset: float) -> Value:
    if isinstance(want, tuple | list):
        items = tuple(_plus(item, offset) for item in want)
        return None if any(item is None for item in items) else items
    return want + offset if isinstance(want, int | float | np.ndarray) else None


def _of_another_part(questions: Questions, part: PartQuestions, cases: Sequence[Case], values: Sequence[Value]) -> str:
    for other in questions.parts:
        if other is part or other.part.name == part.part.name or other.reference is None:
            continue
        rights = [other.reference(case.call) for case in cases]
        if not any(isinstance(right, Raised) for right in rights) and all(map(same_answer, cases, values, rights)):
            return f"the right value of {other.part.name}"
    return ""
