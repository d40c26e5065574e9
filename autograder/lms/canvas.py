"""Tables: ``csv`` (a row per part), ``canvas`` (gradebook import) and ``moodle`` (grade import with feedback).

Formats: Canvas, "How do I import grades in the Gradebook?" and "How do I format a CSV to import into the Gradebook?";
Moodle, "Grade import" (CSV, one grade column and one feedback column per item).
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.course.model import Assignment, Course
from autograder.lms.people import Directory, Entry
from autograder.store.records import Record
from autograder.store.standings import Counted
from autograder.store.waiting import waiting_parts
from autograder.text import for_html, for_spreadsheet

CSV_COLUMNS = (
    "student", "name", "assignment", "exercise", "record_status", "days_late", "variant", "part", "kind", "status",
    "score", "max_score", "pending_points", "misconceptions", "message",
)  # fmt: skip
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_COLUMNS = ("Username", "ID number", "Email address", "Full name")
POINTS_POSSIBLE = "    Points Possible"
"""How Canvas marks its second row: four spaces first."""

_MISREAD = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)| \(\d+\)$")

Row = Sequence[str]


def write_table(path: Path, rows: Iterable[Row]) -> int:
    """Write rows as UTF-8 CSV, every cell safe for a spreadsheet; return how many rows follow the heading.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    count = -1
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for row in rows:
            writer.writerow([cell if cell == POINTS_POSSIBLE else for_spreadsheet(for_html(cell)) for cell in row])
            count += 1
    return count


def altered_ids(people: Directory) -> list[str]:
    """Return the ids that a table cannot carry unchanged, because a spreadsheet would run them or a terminal obey."""
    return [student for student in people.entries if for_spreadsheet(for_html(student)) != student]


def number(value: float | None) -> str:
    """Return points as text, to a millionth; nothing for None."""
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def csv_rows(results: Iterable[Counted], people: Directory) -> Iterable[Row]:
    """Yield heading and a row per part; the scores are the parts' own, before any penalty for lateness."""
    yield CSV_COLUMNS
    for one in results:
        record = one.record
        late = "" if one.days_late is None else str(one.days_late)
        waits = waiting_parts(record)
        for part in record.parts:
            yield (
                record.student,
                people.name(record.student),
                record.assignment,
                record.exercise,
                record.status,
                late,
                str(record.variant),
                part["name"],
                part["kind"],
                part["status"],
                "" if record.status == "grader_error" else number(part["score"]),
                number(part["max_score"]),
                number(part["max_score"] if part["name"] in waits else 0.0),
                "; ".join(part["misconceptions"]),
                part["message"] or "",
            )


def canvas_name(assignment: Assignment) -> str:
    """Return how an assignment is called in Canvas."""
    return f"{assignment.name}: {assignment.title}" if assignment.title else assignment.name


def misread_by_canvas(course: Course) -> list[str]:
    """Return the names that Canvas reads as a column of its own, or whose number in brackets it reads as an id."""
    return [name for name in map(canvas_name, course.assignments) if _MISREAD.search(name)]


def canvas_rows(results: Iterable[Counted], people: Directory, course: Course) -> Iterable[Row]:
    """Yield a Canvas gradebook: a column per assignment with results, the second row says what it is worth.

    Worth are the parts that are examined, as in ``max_score`` of ``grades.csv``.

    Blank cells leave the grade in Canvas as it is.  An assignment whose name Canvas does not know is created.
    """
    totals: dict[tuple[str, str], float | None] = {}
    worth: dict[tuple[str, str], float] = {}
    for one in results:
        worth[one.record.assignment, one.record.exercise] = one.record.max_score
        key = (one.record.student, one.record.assignment)
        before = totals.get(key, 0.0)
        totals[key] = None if before is None or one.points is None else before + one.points
    present = {assignment for _, assignment in totals}
    chosen = [assignment for assignment in course.assignments if assignment.name in present]
    yield (*CANVAS_COLUMNS, *map(canvas_name, chosen))
    possible = [sum(points for (name, _), points in worth.items() if name == a.name) for a in chosen]
    yield (POINTS_POSSIBLE, "", "", "", "", *map(number, possible))
    for student, entry in people.entries.items():
        cells = (number(totals.get((student, a.name))) for a in chosen)
        yield (*_canvas_ids(entry), *cells)


def _canvas_ids(entry: Entry) -> tuple[str, str, str, str, str]:
    login = entry.first("sis login id", "login id", "login", "username", "email", "email address")
    ids = (entry.columns.get("id", "") if "sis user id" in entry.columns else "", entry.first("sis user id"))
    return (entry.name or entry.student, *ids, login or entry.student, entry.first("section"))


def moodle_rows(results: Iterable[Counted], people: Directory, course: Course) -> Iterable[Row]:
    """Yield a Moodle grade import: for every exercise a column with its points and one with feedback.

    The feedback says no more than a student may read: statuses, points and messages of public checks.
    """
    cells = {(one.record.student, one.record.exercise): one for one in results}
    present = {exercise for _, exercise in cells}
    chosen = [name for name in course.exercises if name in present]
    heading = [text for name in chosen for text in (name, f"{name} feedback")]
    yield (*MOODLE_COLUMNS, *heading)
    for student, entry in people.entries.items():
        row: list[str] = []
        for name in chosen:
            one = cells.get((student, name))
            row += ["", ""] if one is None else [number(one.points), _feedback(one)]
        username = entry.first("username", "user name", "login") or student
        ids = (username, entry.first("id number", "student id", "id"), entry.first("email address", "email", "e-mail"))
        yield (*ids, entry.name, *row)


def _feedback(one: Counted) -> str:
    late = f"handed in {one.days_late} started days late" if one.days_late else ""
    parts = [part_line(part) for part in one.record.parts]
    return html.escape("; ".join(text for text in (_stated(one.record), late, *parts) if text), quote=False)


def _stated(record: Record) -> str:
    if record.status == "missing":
        return "nothing was handed in"
    return record.message or ""


def part_line(part: Any) -> str:
    """Return one part as a student may read it: name, status, points, message."""
    line = f"{part['name']}: {part['status']}, {number(part['score'])} of {number(part['max_score'])}"
    return f"{line} ({part['message']})" if part["message"] else line
