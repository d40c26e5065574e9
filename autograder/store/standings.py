"""Compute the points that count, after lateness: of one record and of a student's whole assignment.

Every total that is printed, written or exported comes from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import UTC, datetime
from functools import reduce

from autograder.course.late import Lateness, spend
from autograder.course.model import Course
from autograder.plain import dataclass
from autograder.store.marks import MarkBook
from autograder.store.records import Grade, Record, rounded_points
from autograder.store.store import Store


@dataclass(frozen=True)
class Counted:
    """A record and what it is worth.

    Attributes
    ----------
    record : Record
        Marks by hand counted.
    received : datetime or None
        Time of submission of the assignment.
    days_late : int or None
        Started days after the due date; None if either time is unknown.
    points : float or None
        What counts, the penalty for lateness taken off; None where the grader failed, so that there is no score.
    lateness : Lateness
        The free days spent and what the others cost.
    """

    record: Record
    received: datetime | None
    days_late: int | None
    points: float | None
    lateness: Lateness = field(default_factory=Lateness)

    @property
    def grade(self) -> Grade:
        """What a total needs of it."""
        one = self.record
        return Grade(*one.key, one.score, one.max_score, one.pending_points, self.received, one.status)


@dataclass(frozen=True)
class Total:
    """What a student has in an assignment, or in several.

    Attributes
    ----------
    points : float or None
        What counts, the penalty for lateness taken off; None while the grader failed on one of the exercises.
    reached : float
        The same before the penalty.
    max_score, pending_points : float
        What the exercises are worth, and what of it needs manual grading.
    days_late : int or None
        Started days after the due date, added over assignments; None if either time is unknown.
    days_spent : int
        How many of them are free days of the student's.
    rejected : tuple of str
        Exercises whose submission could not be used.
    missing : tuple of str
        Exercises for which nothing was found.
    exercises : int
        How many there are.
    """

    points: float | None = 0.0
    reached: float = 0.0
    max_score: float = 0.0
    pending_points: float = 0.0
    days_late: int | None = None
    days_spent: int = 0
    rejected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    exercises: int = 0

    @property
    def penalty(self) -> float:
        """Points that lateness costs."""
        return 0.0 if self.points is None else rounded_points(self.reached - self.points)

    def __add__(self, other: Total) -> Total:
        known = [days for days in (self.days_late, other.days_late) if days is not None]
        return Total(
            None if self.points is None or other.points is None else rounded_points(self.points + other.points),
            rounded_points(self.reached + other.reached),
            rounded_points(self.max_score + other.max_score),
            rounded_points(self.pending_points + other.pending_points),
            sum(known) if known else None,
            self.days_spent + other.days_spent,
            (*self.rejected, *other.rejected),
            (*self.missing, *other.missing),
            self.exercises + other.exercises,
        )


def count(record: Record, received: datetime | None, course: Course | None, late: Lateness | None = None) -> Counted:
    """Return a record with what it is worth, received at that time; without a course nothing is late.

    Without ``late``, which knows the student's other assignments, no free day is spent.
    """
    if late is None:
        late = _alone(course, record.student, record.assignment, received)
    return Counted(record, received, late.days, _left(record.status, record.score, 1.0 - late.cost), late)


def counted(store: Store, course: Course | None) -> Iterator[Counted]:
    """Yield everything in the store, sorted by student, assignment and exercise; without a course nothing is late."""
    received = received_of(store.grades())
    late = latenesses(received, course)
    for record in MarkBook(store.marks()).records(store):
        key = (record.student, record.assignment)
        yield count(record, received.get(key), course, late.get(key, Lateness()))


def counted_alone(store: Store, record: Record, course: Course | None) -> Counted:
    """Return one record with what it is worth; of the others only the student's times of submission are read."""
    mine = received_of(one for one in store.grades() if one.student == record.student)
    key = (record.student, record.assignment)
    return count(record, mine.get(key), course, latenesses(mine, course).get(key, Lateness()))


def received_of(grades: Iterable[Grade]) -> dict[tuple[str, str], datetime]:
    """Return when each assignment was handed in, by student and assignment: at the last time of its exercises.

    They differ where one of two files is changed and the other keeps a time that was verified.
    """
    found: dict[tuple[str, str], datetime] = {}
    for one in grades:
        if one.received is not None:
            key = (one.student, one.assignment)
            found[key] = max(one.received, found.get(key, one.received))
    return found


def latenesses(received: Mapping[tuple[str, str], datetime], course: Course | None) -> dict[tuple[str, str], Lateness]:
    """Return the lateness of everything that was received, by student and assignment.

    A student's free days are spent in the order of the due dates; assignments of one date in that of ``course.yml``.
    """
    if course is None:
        return {}
    last = datetime.max.replace(tzinfo=UTC)
    order = sorted(course.assignments, key=lambda one: one.due or last)
    found: dict[tuple[str, str], Lateness] = {}
    for student in sorted({student for student, _ in received}):
        mine = [one for one in order if (student, one.name) in received]
        policies = [course.late_for(one.name) for one in mine]
        days = [
            one.days_late(student, received[student, one.name], policy)
            for one, policy in zip(mine, policies, strict=True)
        ]
        spent = spend(zip(days, policies, strict=True), course.late.days_to_spend)
        found |= {(student, one.name): late for one, late in zip(mine, spent, strict=True)}
    return found


def totals(grades: Iterable[Grade], course: Course) -> dict[tuple[str, str], Total]:
    """Return what every student has in every assignment, sorted; the keys are student and assignment."""
    several: dict[tuple[str, str], list[Grade]] = {}
    for grade in grades:
        several.setdefault((grade.student, grade.assignment), []).append(grade)
    late = latenesses(received_of(one for mine in several.values() for one in mine), course)
    ordered = {key: sorted(several[key], key=lambda one: one.exercise) for key in sorted(several)}
    return {key: _total(mine, late.get(key, Lateness())) for key, mine in ordered.items()}


def together(several: Iterable[Total]) -> Total:
    """Return the total of totals."""
    return reduce(Total.__add__, several, Total())


def _total(grades: list[Grade], late: Lateness) -> Total:
    alone = (
        Total(
            _left(one.status, one.score, 1.0 - late.cost),
            one.score,
            one.max_score,
            one.pending_points,
            rejected=(one.exercise,) if one.status == "rejected" else (),
            missing=(one.exercise,) if one.status == "missing" else (),
            exercises=1,
        )
        for one in grades
    )
    return replace(together(alone), days_late=late.days, days_spent=late.spent)


def _alone(course: Course | None, student: str, name: str, received: datetime | None) -> Lateness:
    """Return the lateness of one assignment when the others are unknown, so that no free day is spent."""
    assignment = next((one for one in course.assignments if one.name == name), None) if course is not None else None
    if course is None or assignment is None:
        return Lateness()
    policy = course.late_for(name)
    return spend([(assignment.days_late(student, received, policy), policy)], 0)[0]


def _left(status: str, score: float, left: float) -> float | None:
    return None if status == "grader_error" else rounded_points(score * left)
