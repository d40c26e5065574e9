"""What counts: points after lateness, of a record and of everything that a student has in an assignment.

Every total that is printed, written or exported comes from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce

from autograder.course.model import Course
from autograder.store.marks import MarkBook
from autograder.store.records import Grade, Record, points
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
    """

    record: Record
    received: datetime | None
    days_late: int | None
    points: float | None

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
    rejected: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    exercises: int = 0

    @property
    def penalty(self) -> float:
        """Points that lateness costs."""
        return 0.0 if self.points is None else points(self.reached - self.points)

    def __add__(self, other: Total) -> Total:
        known = [days for days in (self.days_late, other.days_late) if days is not None]
        return Total(
            None if self.points is None or other.points is None else points(self.points + other.points),
            points(self.reached + other.reached),
            points(self.max_score + other.max_score),
            points(self.pending_points + other.pending_points),
            sum(known) if known else None,
            (*self.rejected, *other.rejected),
            (*self.missing, *other.missing),
            self.exercises + other.exercises,
        )


def count(record: Record, received: datetime | None, course: Course | None) -> Counted:
    """Return a record with what it is worth, received at that time; without a course nothing is late."""
    days, left = _lateness(course, record.student, record.assignment, received)
    return Counted(record, received, days, _left(record.status, record.score, left))


def counted(store: Store, course: Course | None) -> Iterator[Counted]:
    """Yield everything in the store, sorted by student, assignment and exercise; without a course nothing is late."""
    received = {(g.student, g.assignment): g.received for g in store.grades() if g.received is not None}
    for record in MarkBook(store.marks()).records(store):
        yield count(record, received.get((record.student, record.assignment)), course)


def totals(grades: Iterable[Grade], course: Course) -> dict[tuple[str, str], Total]:
    """Return what every student has in every assignment, sorted; the keys are student and assignment."""
    several: dict[tuple[str, str], list[Grade]] = {}
    for grade in grades:
        several.setdefault((grade.student, grade.assignment), []).append(grade)
    return {key: _total(sorted(several[key], key=lambda one: one.exercise), course) for key in sorted(several)}


def together(several: Iterable[Total]) -> Total:
    """Return the total of totals."""
    return reduce(Total.__add__, several, Total())


def _total(grades: list[Grade], course: Course) -> Total:
    first = grades[0]
    received = next((one.received for one in grades if one.received is not None), None)
    days, left = _lateness(course, first.student, first.assignment, received)
    alone = (
        Total(
            _left(one.status, one.score, left),
            one.score,
            one.max_score,
            one.pending_points,
            rejected=(one.exercise,) if one.status == "rejected" else (),
            missing=(one.exercise,) if one.status == "missing" else (),
            exercises=1,
        )
        for one in grades
    )
    return replace(together(alone), days_late=days)


def _lateness(course: Course | None, student: str, name: str, received: datetime | None) -> tuple[int | None, float]:
    """Return the started days that an assignment is late, None if unknown, and the share of its points that is left."""
    assignment = next((one for one in course.assignments if one.name == name), None) if course is not None else None
    if course is None or assignment is None:
        return None, 1.0
    days = assignment.days_late(student, received, course.late)
    return days, 1.0 if days is None else 1.0 - course.late.fraction(days)


def _left(status: str, score: float, left: float) -> float | None:
    return None if status == "grader_error" else points(score * left)
