"""Tables for other programs: written safely for a spreadsheet; ``csv``, a row per part, for one's own evaluation."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.lms.people import Directory
from autograder.store.files import table_number
from autograder.store.standings import Counted
from autograder.store.waiting import waiting_parts
from autograder.text import for_spreadsheet, one_line, one_of

CSV_COLUMNS = (
    "student", "name", "assignment", "exercise", "record_status", "days_late", "variant", "part", "kind", "status",
    "score", "max_score", "pending_points", "misconceptions", "message",
)  # fmt: skip

TableRow = Sequence[str]


def write_table(path: Path, rows: Iterable[TableRow], *, kept: Sequence[str] = ()) -> int:
    """Write rows as UTF-8 CSV, every cell safe for a spreadsheet; return how many rows follow the heading.

    ``kept`` are cells that another program knows by their very letters.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    count = -1
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        for row in rows:
            writer.writerow([cell if cell in kept else for_spreadsheet(cell) for cell in row])
            count += 1
    return count


def altered_ids(people: Directory) -> list[str]:
    """Return the ids that a table cannot carry unchanged, because a spreadsheet would run them or a terminal obey."""
    return [student for student in people.entries if for_spreadsheet(student) != student]


def csv_rows(results: Iterable[Counted], people: Directory) -> Iterable[TableRow]:
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
                "" if record.status == "grader_error" else table_number(part["score"]),
                table_number(part["max_score"]),
                table_number(part["max_score"] if part["name"] in waits else 0.0),
                one_of(part["misconceptions"]) if part["misconceptions"] else "",
                part["message"] or "",
            )


def part_line(part: Mapping[str, Any]) -> str:
    """Return a part that the feedback policy let through as a line: name, status, points, message."""
    line = f"{part['name']}: {part['status']}, {table_number(part['score'])} of {table_number(part['max_score'])}"
    return f"{line} ({one_line(part['message'])})" if part["message"] else line
