"""Moodle: a grade import with points and feedback for each exercise, and the total of each assignment.

Format: Moodle, "Grade import" (CSV, one grade column and one feedback column per item).
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import UTC, datetime

from autograder.course.feedback_policy import FeedbackPolicy, part_seen, policies
from autograder.course.model import Course
from autograder.lms.people import Directory, ListedStudent
from autograder.lms.tables import TableRow, part_line
from autograder.store.files import table_number
from autograder.store.records import Record
from autograder.store.standings import Counted, totals

MOODLE_COLUMNS = ("Username", "ID number", "Email address", "Full name")


def moodle_rows(
    results: Iterable[Counted], people: Directory, course: Course, now: datetime | None = None
) -> Iterable[TableRow]:
    """Yield a Moodle grade import: for every assignment its total, for every exercise its points and feedback.

    All points are what counts, after lateness.  The feedback says what the feedback policy lets a student see now.
    """
    everything = list(results)
    cells = {(one.record.student, one.record.exercise): one for one in everything}
    policy = policies(course, {one.record.assignment for one in everything}, now or datetime.now(UTC))
    sums = totals((one.grade for one in everything), course)
    assignments = [one.name for one in course.assignments if one.name in {name for _, name in sums}]
    seen = {exercise for _, exercise in cells}
    chosen = [name for name in course.exercises if name in seen]
    heading = [text for name in chosen for text in (name, f"{name} feedback")]
    yield (*MOODLE_COLUMNS, *(f"{name} total" for name in assignments), *heading)
    for student, entry in people.entries.items():
        row = [table_number(sums[student, name].points) if (student, name) in sums else "" for name in assignments]
        for name in chosen:
            one = cells.get((student, name))
            row += (
                ["", ""] if one is None else [table_number(one.points), _feedback(one, policy[one.record.assignment])]
            )
        yield (*_ids(entry, listed=bool(people.columns)), entry.name, *row)


def without_ids(people: Directory) -> bool:
    """Whether the class list holds none of the ids by which Moodle finds a student."""
    return not any(any(_ids(entry, listed=bool(people.columns))) for entry in people.entries.values())


def _ids(entry: ListedStudent, *, listed: bool) -> tuple[str, str, str]:
    """Return the ids by which Moodle finds a student; without a class list the results' own id is the user name."""
    username = entry.first("username", "user name") if listed else entry.student
    return username, entry.first("id number", "student id"), entry.first("email address", "email", "e-mail")


def _feedback(one: Counted, policy: FeedbackPolicy) -> str:
    late = one.lateness.said
    waits = f"{table_number(one.record.pending_points)} points need manual grading" if one.record.pending_points else ""
    parts = [part_line(part_seen(part, policy)) for part in one.record.parts]
    return html.escape("; ".join(text for text in (_stated(one.record), late, waits, *parts) if text), quote=False)


def _stated(record: Record) -> str:
    if record.status == "missing":
        return "nothing was handed in"
    rejected = "the file could not be used" if record.status == "rejected" else ""
    return ": ".join(text for text in (rejected, record.message or "") if text)
