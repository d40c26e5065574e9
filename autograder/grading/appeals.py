"""Answer a table of appeals: each request gets its replayed verdict, the evidence, and a column for the answer."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.intake.tables import Row, moment_in, read_rows, read_table, require_columns
from autograder.plain import dataclass
from autograder.store.marks import MarkBook
from autograder.store.people import no_result_of
from autograder.store.records import Record
from autograder.store.store import Store
from autograder.store.stored import Stored
from autograder.text import did_you_mean, for_spreadsheet, plural

COLUMNS = (
    "student", "exercise", "part", "text", "in_time", "status", "points", "max_points", "reason", "call", "returned",
    "expected", "marked_by", "replayed", "answer",
)  # fmt: skip

Replay = Callable[[str, str], tuple[bool, str]]
"""Grades a stored submission again: whether the verdict is the same, and the account of it."""


@dataclass(frozen=True)
class Appeal:
    """A request: whose, for which part of which exercise (all parts if blank), why, and when it was made."""

    student: str
    exercise: str
    part: str
    text: str
    at: datetime


def read_appeals(path: Path, store: Store, meant: Callable[[str], str | None]) -> list[Appeal]:
    """Read requests: a CSV with the columns student, exercise, text and, if you like, part and time.

    Parameters
    ----------
    path : Path
        The table.
    store : Store
        Results that the requests are about.
    meant : callable
        Returns the student of the results that a name refers to.

    Raises
    ------
    CourseError
        With every mistake and its line.
    """
    heading, rows = read_table(path)
    require_columns(path, heading, "student", "exercise", "text")
    by_student: dict[str, list[str]] = {}
    for student, _, exercise in sorted(store.keys()):
        by_student.setdefault(student, []).append(exercise)

    def read(row: Row) -> Appeal:
        named, exercise, part = row["student"], row["exercise"], row.get("part", "")
        student = meant(named) or named
        if student not in by_student:
            near = did_you_mean(named, sorted(by_student), listed=0)
            raise CourseError(f"no student {named!r} in the results{near}")
        if exercise not in by_student[student]:
            raise CourseError(no_result_of(store, student, exercise))
        if part and part not in (parts := _parts(store, student, exercise)):
            raise CourseError(f"{exercise} has no part {part!r}{did_you_mean(part, parts)}")
        moment = moment_in(row, "time") if row.get("time") else datetime.now(UTC)
        return Appeal(student, exercise, part, row["text"], moment)

    return read_rows(path, rows, read)


def _parts(store: Store, student: str, exercise: str) -> list[str]:
    found = store.get(student, exercise)
    return [part["name"] for part in found[0].record.parts] if found is not None else []


def answer_table(appeals: Iterable[Appeal], store: Store, course: Course, replay: Replay) -> list[dict[str, str]]:
    """Return a row for each part that a request is about: the one it names, or those that lost points.

    Where none lost any there is a row for the whole exercise.  A submission is replayed once, however many requests are
    about it; one that cannot be is reported in its rows.
    """
    book = MarkBook(store.marks())
    accounts: dict[tuple[str, str], str] = {}
    rows: list[dict[str, str]] = []
    for one in appeals:
        found = store.get(one.student, one.exercise)
        if found is None:
            continue  # removed meanwhile
        stored = found[0]
        key = (one.student, one.exercise)
        if key not in accounts:
            accounts[key] = _account(replay, one)
        record = book.counted(stored.record)
        who = {name: standing.mark.who for name, standing in book.of(stored.record).items() if standing.current}
        same = {"in_time": _in_time(one, record, course), "replayed": accounts[key]}
        rows += (_row(one, part, stored, who) | same for part in _asked(one, record))
    return rows


def _in_time(one: Appeal, record: Record, course: Course) -> str:
    until = next((a.appeals_until for a in course.assignments if a.name == record.assignment), None)
    return "" if until is None else "yes" if one.at <= until else "no"


def _asked(one: Appeal, record: Record) -> list[Mapping[str, Any]]:
    """Return the parts that a request is about; the whole exercise, as a part without a name, if none lost points."""
    parts = [p for p in record.parts if p["name"] == one.part or (not one.part and p["score"] < p["max_score"])]
    whole = {"name": "", "status": record.status, "score": record.score, "max_score": record.max_score}
    return parts or [{**whole, "message": "no part lost points"}]


def _row(one: Appeal, part: Mapping[str, Any], stored: Stored, who: Mapping[str, str]) -> dict[str, str]:
    """Return what a row says of a part: its verdict, and the first case that fails."""
    evidence = (stored.evidence.get(part["name"]) or [{}])[0]
    return {
        "student": one.student,
        "exercise": one.exercise,
        "part": part["name"],
        "text": one.text,
        "status": part["status"],
        "points": f"{part['score']:g}",
        "max_points": f"{part['max_score']:g}",
        "reason": part["message"] or evidence.get("message") or "",
        **{name: evidence.get(name) or "" for name in ("call", "returned", "expected")},
        "marked_by": who.get(part["name"], ""),
        "answer": "",
    }


def _account(replay: Replay, one: Appeal) -> str:
    try:
        same, text = replay(one.student, one.exercise)
    except CourseError as error:
        return str(error)
    return (
        "the same verdict" if same else f"another verdict: {'; '.join(line.strip() for line in text.splitlines()[1:])}"
    )


def _answered(path: Path) -> int:
    """Return how many answers were written into a table that is there."""
    try:
        return sum(bool(row.get("answer")) for _, row in read_table(path)[1]) if path.is_file() else 0
    except CourseError:  # something else
        return 0


def write_answers(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write the table; return how many rows.

    Raises
    ------
    CourseError
        If it cannot be written, or holds answers that were written into it.
    """
    if count := _answered(path):
        raise CourseError(f"{path}: holds {plural(count, 'answer')}; choose another --to, or move it away")
    with replacing(path) as stream:
        stream.write("\ufeff")  # for Excel, as the tables for marking
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([for_spreadsheet(str(row[name])) for name in COLUMNS])
            count += 1
    return count
