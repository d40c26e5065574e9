"""The class as the report shows it: sums and lists, gathered in one pass over the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from statistics import mean, median

import numpy as np

from autograder.course.model import Course
from autograder.lms.people import Directory
from autograder.plain import dataclass
from autograder.reports.concerns import STALE, Concerns, gather
from autograder.reports.exercise_texts import Hints
from autograder.reports.items import PartFigures, Spread, alpha_says, analyse
from autograder.statuses import BLANK, WAITING
from autograder.store.marks import MarkBook
from autograder.store.standings import Counted, Total, totals
from autograder.store.waiting import waiting_parts
from autograder.text import one_of, plural

BINS = 10
GROUPS = ("correct", "partial", "wrong", "failed", "waiting", "blank")
"""How part statuses are summed up, in the order of the bars; :func:`group_of` says which is which."""


def group_of(status: str) -> str:
    """Return the group of a part status: ``failed`` is code that did not return a value that could be judged."""
    if status in ("correct", "partial", "wrong"):
        return status
    if status in WAITING:
        return "waiting"
    return "blank" if status in BLANK else "failed"


@dataclass
class StudentInClass:
    """One row of the class; ``number`` names the page, which an anonymous class does not have.

    ``points`` are what counts, by assignment; an assignment on which the grader failed has a total without points.
    """

    student: str
    name: str
    number: int
    points: dict[str, float] = field(default_factory=dict)
    totals: dict[str, Total] = field(default_factory=dict)
    exercises: dict[str, Counted] = field(default_factory=dict)
    pending: float = 0.0
    late: int = 0
    has_page: bool = True

    @property
    def page(self) -> str:
        """Path of the page, from the index; an empty text without one."""
        return f"students/{self.number:04d}.html" if self.has_page else ""

    @property
    def days_spent(self) -> int:
        """Free late days that were spent."""
        return sum(one.days_spent for one in self.totals.values())

    @property
    def total(self) -> float:
        """Points over all assignments."""
        return sum(self.points.values())


@dataclass(frozen=True)
class PartRow:
    """How a part went: counts by group and by status, mean share of the points among all records."""

    name: str
    worth: float
    share: float
    groups: Mapping[str, int]
    statuses: Mapping[str, int]


@dataclass(frozen=True)
class ExerciseRow:
    """How an exercise went.

    ``statuses`` counts records, ``seconds`` is the median processor time of a graded one.  ``mixed`` holds the points
    that the records are out of, where these differ: then the mean is that of the shares.
    """

    name: str
    title: str
    worth: float
    mean: float
    handed_in: int
    seconds: float | None
    statuses: Mapping[str, int]
    parts: Sequence[PartRow]
    mixed: Sequence[float] = ()

    @property
    def share(self) -> float:
        """Mean share of the points among those who handed in."""
        return self.mean / self.worth if self.worth else 0.0


@dataclass(frozen=True)
class AssignmentView:
    """One assignment: ``bins`` counts students by tenths of the points, those who handed in nothing are not in it.

    ``after`` and ``before`` are the spread of the totals with and without what lateness costs.  ``left_out`` are parts
    without item analysis, with the reason.  ``first`` and ``last`` are the times of submission, where they are known.
    """

    name: str
    title: str
    worth: float
    students: int
    absent: int
    after: Spread
    before: Spread
    bins: Sequence[int]
    exercises: Sequence[ExerciseRow]
    items: Sequence[PartFigures]
    left_out: Sequence[tuple[str, str, str]]
    alpha: float | None
    alpha_says: str
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True)
class SharedMisconception:
    """A misconception and the students whose outputs show it."""

    title: str
    exercise: str
    part: str
    hint: str
    students: Sequence[StudentInClass]

    @property
    def assignment(self) -> str:
        """The assignment of the exercise."""
        return self.students[0].exercises[self.exercise].record.assignment


@dataclass(frozen=True)
class ClassView:
    """Everything of the index page."""

    students: Sequence[StudentInClass]
    assignments: Sequence[AssignmentView]
    misconceptions: Sequence[SharedMisconception]
    concerns: Mapping[str, Sequence[str]]
    absent: Sequence[tuple[StudentInClass, Sequence[str]]]
    late: Sequence[tuple[StudentInClass, str, int]]
    troubled: Sequence[tuple[StudentInClass, Counted]]
    worth: float


def class_view(
    results: Iterable[Counted],
    people: Directory,
    course: Course,
    hints: Hints,
    book: MarkBook | None = None,
    stale: Sequence[str] = (),
    numbers: Mapping[str, str] | None = None,
) -> ClassView:
    """Gather the class from its records, which come sorted by student.

    Parameters
    ----------
    results, people, course, hints : iterable of Counted, Directory, Course, Hints
        Everything in the store, the class list, the course and the texts of its exercises.
    book : MarkBook, optional
        The marks by hand.
    stale : sequence of str
        Results of another course or package, in words.
    numbers : mapping of str to str, optional
        What is shown in the place of each student, in an anonymous class; it is sorted by these.
    """
    everything = list(results)
    sums = totals((one.grade for one in everything), course)
    told = Concerns()
    told.add(STALE, *stale)
    gather(told, everything, sums, book or MarkBook(()), course)
    students = _students(everything, sums, people, course)
    if numbers is not None:
        hidden = (replace(row, student=numbers[row.student], name="", has_page=False) for row in students)
        students = sorted(hidden, key=lambda row: row.student)
    names = {name for row in students for name in row.totals}
    titles = {a.name: a.title for a in course.assignments if a.name in names}
    order = [*titles, *sorted(names - titles.keys())]
    views = [_assignment(name, titles.get(name, ""), students, course, hints) for name in order]
    return ClassView(
        students,
        views,
        _misconceptions(students, hints),
        told.kinds,
        _absent(students),
        _late(students),
        [(row, one) for row in students for one in row.exercises.values() if one.record.status in _TROUBLE],
        sum(view.worth for view in views),
    )


def _students(
    everything: Iterable[Counted], sums: Mapping[tuple[str, str], Total], people: Directory, course: Course
) -> list[StudentInClass]:
    """Return a row for each student, numbered as they come; exercises are in the order of the course."""
    found: dict[str, StudentInClass] = {}
    for one in everything:
        who = one.record.student
        row = found.setdefault(who, StudentInClass(who, people.name(who), len(found) + 1))
        row.exercises[one.record.exercise] = one
        row.pending += one.record.pending_points
        row.late = max(row.late, one.days_late or 0)
    for (who, name), total in sums.items():
        found[who].totals[name] = total
        if total.points is not None:
            found[who].points[name] = total.points
    place = {name: k for k, name in enumerate(course.exercises)}
    for row in found.values():
        row.exercises = dict(sorted(row.exercises.items(), key=lambda one: (place.get(one[0], len(place)), one[0])))
    return list(found.values())


_TROUBLE = ("rejected", "grader_error")


def _absent(students: list[StudentInClass]) -> list[tuple[StudentInClass, Sequence[str]]]:
    """Return who handed in nothing for some exercise, with these exercises."""
    found = ((row, [name for name, one in row.exercises.items() if not _handed_in(one)]) for row in students)
    return [(row, names) for row, names in found if names]


def _late(students: list[StudentInClass]) -> list[tuple[StudentInClass, str, int]]:
    days = {
        (row.student, one.record.assignment): (row, one.record.assignment, one.days_late)
        for row in students
        for one in row.exercises.values()
        if one.days_late
    }
    return sorted(days.values(), key=lambda one: (-one[2], one[0].student))


def _assignment(name: str, title: str, students: list[StudentInClass], course: Course, hints: Hints) -> AssignmentView:
    records: dict[str, list[Counted]] = {}
    for row in students:
        for one in row.exercises.values():
            if one.record.assignment == name:
                records.setdefault(one.record.exercise, []).append(one)
    chosen = [e for e in course.exercises if e in records] + sorted(set(records) - set(course.exercises))
    rows = [_exercise(e, records[e], hints) for e in chosen]
    worth = sum(row.worth for row in rows)
    taken = [row for row in students if name in row.totals and _present(row, name)]
    sound = [row for row in taken if name in row.points]
    scores = [row.points[name] for row in sound]
    bins = [0] * BINS
    for total in scores:
        bins[min(BINS - 1, int(BINS * total / worth + 1e-9)) if worth else 0] += 1
    names, points, most, left_out = _matrix(sound, chosen, records)
    items, alpha = analyse(names, points, most)
    times = [one.received for several in records.values() for one in several if one.received is not None]
    return AssignmentView(
        name, title, worth, len(taken), sum(name in row.totals for row in students) - len(taken),
        Spread.of(scores), Spread.of([row.totals[name].reached for row in sound]), bins, rows, items, left_out, alpha,
        alpha_says(alpha, len(sound)), min(times, default=None), max(times, default=None),
    )  # fmt: skip


def _present(row: StudentInClass, assignment: str) -> bool:
    return any(_handed_in(one) for one in row.exercises.values() if one.record.assignment == assignment)


def _handed_in(one: Counted) -> bool:
    """Whether there is anything: a record without code is missing, though a text may have come for a person to mark."""
    written = any(part["kind"] == "manual" and part["status"] != "missing" for part in one.record.parts)
    return written or one.record.status != "missing"


def _exercise(name: str, records: list[Counted], hints: Hints) -> ExerciseRow:
    statuses = Counter(one.record.status for one in records)
    parts: dict[str, list[Mapping[str, object]]] = {}
    worths: dict[str, float] = {}
    scores: dict[str, float] = {}
    for one in records:
        for part in one.record.parts:
            parts.setdefault(part["name"], []).append(part)
            worths[part["name"]] = part["max_score"]
            scores[part["name"]] = scores.get(part["name"], 0.0) + part["score"]
    rows = []
    for part_name, several in parts.items():
        counts = Counter(str(part["status"]) for part in several)
        groups = Counter(group_of(str(part["status"])) for part in several)
        worth = worths[part_name]
        share = scores[part_name] / (worth * len(several)) if worth else 0.0
        rows.append(PartRow(part_name, worth, share, {g: groups.get(g, 0) for g in GROUPS}, dict(counts.most_common())))
    handed = [one for one in records if _handed_in(one)]
    maxima = sorted({one.record.max_score for one in handed})
    most = max(one.record.max_score for one in records)
    shares = [one.record.score / one.record.max_score if one.record.max_score else 0.0 for one in handed]
    spent = [one.record.seconds for one in records if one.record.status == "graded"]
    return ExerciseRow(
        name,
        hints.title(name),
        most,
        most * mean(shares) if handed else 0.0,
        len(handed),
        median(spent) if spent else None,
        dict(statuses.most_common()),
        rows,
        maxima if len(maxima) > 1 else (),
    )


def _matrix(
    taken: list[StudentInClass], exercises: list[str], records: Mapping[str, list[Counted]]
) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray, list[tuple[str, str, str]]]:
    """Return points by student and part, what the parts are worth, and the parts that are left out with the reason.

    Points say nothing of a part that is not marked for everybody, or for which nothing was handed in.
    """
    worth: dict[tuple[str, str], float] = {}
    waiting: Counter[tuple[str, str]] = Counter()
    judged: set[tuple[str, str]] = set()
    for exercise in exercises:
        for one in records[exercise]:
            waiting.update((exercise, name) for name in waiting_parts(one.record))
            for part in one.record.parts:
                worth[exercise, part["name"]] = part["max_score"]
                if part["kind"] != "manual" or part["status"] in ("correct", "partial", "wrong"):
                    judged.add((exercise, part["name"]))
    several = {key: plural(count, "answer") for key, count in waiting.items()}
    out = {key: f"{said} {'needs' if waiting[key] == 1 else 'need'} manual grading" for key, said in several.items()}
    out |= dict.fromkeys(worth.keys() - judged - out.keys(), "no answer was handed in")
    names = [key for key, value in worth.items() if value > 0 and key not in out]
    column = {key: k for k, key in enumerate(names)}
    points = np.zeros((len(taken), len(names)))
    for k, row in enumerate(taken):
        for exercise in exercises:
            counted = row.exercises.get(exercise)
            for part in counted.record.parts if counted is not None else ():
                place = column.get((exercise, part["name"]))
                if place is not None:
                    points[k, place] = part["score"]
    left_out = [(*key, out[key]) for key in worth if key in out]
    return names, points, np.array([worth[name] for name in names], dtype=float), left_out


def _misconceptions(students: list[StudentInClass], hints: Hints) -> list[SharedMisconception]:
    held: dict[tuple[str, str, tuple[str, ...]], list[StudentInClass]] = {}
    for row in students:
        for exercise, one in row.exercises.items():
            for part in one.record.parts:
                if part["misconceptions"]:
                    held.setdefault((exercise, part["name"], tuple(part["misconceptions"])), []).append(row)
    ranked = sorted(held.items(), key=lambda one: (-len(one[1]), one[0]))
    return [
        SharedMisconception(
            one_of(titles), exercise, part, " ".join(hints.of(exercise, part, title) for title in titles), rows
        )
        for (exercise, part, titles), rows in ranked
    ]
