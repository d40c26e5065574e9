"""A student's page: every part with its evidence, as the instructor sees it or as ``course.yml`` lets the student."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.course.feedback_policy import INSTRUCTOR, LEAST, FeedbackPolicy, evidence_seen, part_seen
from autograder.course.model import Assignment, Course
from autograder.plain import dataclass
from autograder.reports.advice import as_sentence, next_step, why_so_many
from autograder.reports.exercise_texts import Hints
from autograder.reports.model import StudentInClass, group_of
from autograder.reports.own_code import CodeLine, own_code
from autograder.store.marks import MarkBook, Standing
from autograder.store.standings import Counted, Total
from autograder.store.store import Store
from autograder.store.stored import Mark, Stored
from autograder.student.cures import slip_in
from autograder.text import plural


@dataclass(frozen=True)
class Agreement:
    """Returned against expected values as dots in a square of 100, y upwards; ``label`` says it in words."""

    dots: Sequence[tuple[float, float]]
    low: str
    high: str
    label: str
    title: str


@dataclass(frozen=True)
class PartView:
    """One part: ``failures`` is the evidence by check, the one to read first in front, ``checks`` the other checks.

    ``marks`` are all marks by hand, the last of which counts if it is for the present answer; ``answer`` is what was
    written for a part that a person marks.  ``why`` says what the points are made of, ``code`` is the student's own,
    and ``solution`` a worked one where the course shows it.
    """

    part: Mapping[str, Any]
    message: str
    failures: Sequence[Mapping[str, Any]]
    agreement: Agreement | None
    checks: Sequence[Mapping[str, Any]]
    withheld: int
    hints: Sequence[tuple[str, str]]
    next_step: str
    marks: Sequence[Standing]
    answer: str = ""
    number: int = 0
    why: str = ""
    code: Sequence[CodeLine] = ()
    solution: str = ""

    @property
    def reason(self) -> str:
        """Why the part could not be judged; the message without the part's name in front."""
        message = self.message or next((str(item["message"]) for item in self.failures), "")
        return message.removeprefix(f"{self.part['name']}() ").removeprefix(f"{self.part['name']}(): ")

    @property
    def blank(self) -> bool:
        """Whether nothing was handed in for it."""
        return group_of(self.part["status"]) == "blank" and not self.marks


_LINE = re.compile(r" \(line \d+ of your file\)")


@dataclass(frozen=True)
class ExerciseView:
    """One exercise on a student's page; ``figure`` is a picture as a data URI, drawn from the parts ``drawn``."""

    title: str
    stored: Stored
    files: Sequence[str]
    days_late: int | None
    parts: Sequence[PartView]
    figure: str = ""
    drawn: Sequence[str] = ()

    @property
    def blank(self) -> Sequence[PartView]:
        """The parts for which nothing was handed in: a line, not a card each."""
        return [part for part in self.parts if part.blank]

    @property
    def unloaded(self) -> Mapping[str, Sequence[PartView]]:
        """The parts that could not be loaded, by the reason: one card for each, with the line where one is known."""
        found: dict[str, list[PartView]] = {}
        for part in self.parts:
            if part.part["status"] == "load_error":
                found.setdefault(_LINE.sub("", part.reason), []).append(part)
        return {max((part.reason for part in parts), key=len): parts for parts in found.values()}

    @property
    def answered(self) -> Sequence[PartView]:
        """The other parts."""
        return [part for part in self.parts if not part.blank and part.part["status"] != "load_error"]


@dataclass(frozen=True)
class PointsBreakdown:
    """How the points of an assignment add up: its exercises, what lateness costs, what waits.

    ``late`` says when it was due, when it came and what the rule is; empty where nothing was late.
    """

    name: str
    title: str
    exercises: Sequence[tuple[str, float, float]]
    total: Total
    late: str

    @property
    def worth(self) -> float:
        """What all exercises of the assignment are worth."""
        return self.total.max_score


def accounts(row: StudentInClass, course: Course, hints: Hints) -> list[PointsBreakdown]:
    """Return the account of every assignment of which a student has results, in the order of the course."""
    known = {one.name: one for one in course.assignments}
    order = [*(name for name in known if name in row.totals), *sorted(set(row.totals) - known.keys())]
    found = []
    for name in order:
        own = [one for one in row.exercises.values() if one.record.assignment == name]
        lines = [(hints.title(one.record.exercise), one.record.score, one.record.max_score) for one in own]
        assignment = known.get(name)
        late = "" if assignment is None else _lateness(course, assignment, own)
        found.append(
            PointsBreakdown(name, "" if assignment is None else assignment.title, lines, row.totals[name], late)
        )
    return found


def _lateness(course: Course, assignment: Assignment, own: Sequence[Counted]) -> str:
    one = next((one for one in own if one.lateness.days and one.received is not None), None)
    due = assignment.due_for(one.record.student) if one is not None else None
    if one is None or one.received is None or due is None:
        return ""
    policy = course.late_for(assignment.name)
    rule = f"every started day costs {policy.percent_per_day:g} % of the points reached"
    if policy.grace_minutes:
        rule += f", after {policy.grace_minutes:g} minutes of grace"
    if policy.max_days is not None:
        rule += f"; more than {plural(policy.max_days, 'day')} earn nothing"
    came = one.received.astimezone(due.tzinfo)
    return f"due {due:%Y-%m-%d %H:%M %Z}, received {came:%Y-%m-%d %H:%M %Z}: {one.lateness.said}; {rule}"


Solutions = Callable[[str], Mapping[str, str]]
"""Returns the worked solutions of an exercise by part."""

Picture = Callable[[Stored, bytes | None], tuple[str, Sequence[str]]]
"""Draws the figure of a submission: a data URI, and the parts that it shows."""


def exercises_of(
    store: Store,
    row: StudentInClass,
    marks: Sequence[Mark],
    hints: Hints,
    policies: Mapping[str, FeedbackPolicy] | None = None,
    picture: Picture | None = None,
    solutions: Solutions | None = None,
) -> Iterable[ExerciseView]:
    """Yield a student's exercises; ``marks`` are everyone's or only this student's.

    ``policies`` say by assignment what a student may see; without them everything is shown, for the instructor.
    ``solutions`` are shown where the policies allow it.
    """
    mine = [mark for mark in marks if mark.student == row.student]
    book = MarkBook(mine)
    for name, one in row.exercises.items():
        found = store.get(row.student, name)
        if found is None:
            continue  # removed by another process since the class was read
        stored = replace(found[0], record=book.counted(found[0].record))
        by_part = [mark for mark in mine if mark.exercise == name]
        policy = INSTRUCTOR if policies is None else policies.get(one.record.assignment, LEAST)
        handed_in = store.blob(stored.record.sha256) if stored.record.sha256 is not None else None
        code = own_code(stored.record.file or "", handed_in)
        solved = solutions(name) if solutions is not None and policy.solutions else {}
        parts = [_part(name, part, stored, by_part, hints, policy) for part in stored.record.parts]
        parts = [replace(_beside(one, code, solved), number=k) for k, one in enumerate(parts, 1)]
        drawn: tuple[str, Sequence[str]] = ("", ())
        if picture is not None and stored.record.sha256 is not None:
            drawn = picture(stored, handed_in)
        files = [file for file, _ in found[1]]
        yield ExerciseView(hints.title(name), stored, files, one.days_late, parts, *drawn)


def _beside(view: PartView, code: Mapping[str, Sequence[CodeLine]], solved: Mapping[str, str]) -> PartView:
    """Return the part with the student's code, unless it is right, what to try in it, and the worked solution."""
    name, status = view.part["name"], view.part["status"]
    named = {item["line"] for item in view.failures if item.get("line")}
    own = () if status == "correct" else code.get(name, ())
    slip = slip_in("\n".join(line.text for line in own), name) if status == "wrong" and view.next_step else ""
    return replace(
        view,
        code=[replace(line, named=line.number in named) for line in own],
        solution=solved.get(name, ""),
        next_step=as_sentence(slip) if slip else view.next_step,
    )


def _part(
    exercise: str, part: Mapping[str, Any], stored: Stored, marks: Sequence[Mark], hints: Hints, policy: FeedbackPolicy
) -> PartView:
    failures = list(evidence_seen(stored.evidence.get(part["name"], ()), policy))
    explained = {(item["title"], item["visibility"]) for item in failures}
    withheld = len(part["checks"])
    part = part_seen(part, policy)
    withheld -= len(part["checks"])
    seen = [check for check in part["checks"] if (check["title"], check["visibility"]) not in explained]
    return PartView(
        part,
        "" if failures else part["message"] or "",
        failures,
        next(
            (found for item in failures if (found := agreement(item["returned"], item["expected"], item["title"]))),
            None,
        ),
        seen,
        withheld,
        [(title, hints.of(exercise, part["name"], title)) for title in part["misconceptions"]],
        next_step(part, failures, hints.next_step(exercise, part["name"])),
        [Standing.of(mark, part) for mark in marks if mark.part == part["name"]],
        stored.answers.get(part["name"], ""),
        why=why_so_many(part),
    )


_ARRAY = re.compile(r"np\.array\(|, dtype=[\w.]+|[\[\](),]")
_NUMBER = re.compile(r"[-+]?\d{1,30}(\.\d{0,30})?(e[-+]?\d{1,3})?")
_FEWEST, _MOST, _LONGEST = 3, 200, 4000
_APART = 0.02
"""Share of the range by which some value must differ, or the picture shows a line."""


def agreement(returned: str | None, expected: str | None, title: str = "") -> Agreement | None:
    """Return the picture of two printed arrays of one size, or None where there is nothing to see.

    The texts are read as numbers and nothing else; an array that was shortened or holds no finite number has no
    picture.
    """
    got, want = _numbers(returned), _numbers(expected)
    if got is None or want is None or len(got) != len(want) or not _FEWEST <= len(got) <= _MOST:
        return None
    pairs = list(zip(want, got, strict=True))
    low, high = min(*got, *want), max(*got, *want)
    width = high - low
    if not 0 < width < float("inf") or max(abs(x - y) for x, y in pairs) < _APART * width:
        return None
    dots = [(round(100 * (x - low) / width, 2), round(100 - 100 * (y - low) / width, 2)) for x, y in pairs]
    equal = sum(abs(x - y) <= 1e-6 * width for x, y in pairs)
    return Agreement(dots, f"{low:.3g}", f"{high:.3g}", f"{equal} of {len(got)} values lie on the line", title)


def _numbers(text: str | None) -> list[float] | None:
    if not text or len(text) > _LONGEST:
        return None
    words = _ARRAY.sub(" ", text).split()
    if not all(_NUMBER.fullmatch(word) for word in words):
        return None
    found = [float(word) for word in words]
    return found if all(abs(number) < float("inf") for number in found) else None
