"""What counts: every record with its marks by hand, its lateness and the points that are left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from autograder.course.model import Course
from autograder.store.marks import MarkBook
from autograder.store.records import Record
from autograder.store.store import Store

_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
        What counts, the penalty for lateness taken off; None where the grader failed, so that no score stands for it.
    """

    record: Record
    received: datetime | None
    days_late: int | None
    points: float | None


def counted(store: Store, course: Course) -> Iterator[Counted]:
    """Yield everything in the store, sorted by student, assignment and exercise.

    The points of an assignment add up to what ``grades.csv`` counts for it.
    """
    received = {(g.student, g.assignment): g.received for g in store.grades() if g.received is not None}
    assignments = {assignment.name: assignment for assignment in course.assignments}
    for record in MarkBook(store.marks()).records(store):
        moment = received.get((record.student, record.assignment))
        assignment = assignments.get(record.assignment)
        days = assignment.days_late(record.student, moment, course.late) if assignment is not None else None
        left = 1.0 - (course.late.fraction(days) if days is not None else 0.0)
        points = None if record.status == "grader_error" else round(record.score * left, 6) + 0.0
        yield Counted(record, moment, days, points)
