"""Marks by hand: counted into the records wherever these are shown or written, never into the verdicts themselves.

A verdict in the store stays what the grader said, and a mark stays what a person said; a regrade replaces the first and
leaves the second alone.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.errors import CourseError
from autograder.intake.tables import read_table
from autograder.store.records import Grade, Record
from autograder.store.store import Store
from autograder.store.stored import Mark
from autograder.store.waiting import waiting_parts
from autograder.text import did_you_mean, for_spreadsheet

COLUMNS = ("student", "exercise", "part", "points", "max_points", "comment", "file")


class MarkBook:
    """The marks that count: of several for one part the last.

    Parameters
    ----------
    marks : iterable of Mark
        Oldest first.
    """

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks: dict[tuple[str, str], dict[str, Mark]] = {}
        for mark in marks:
            self._marks.setdefault((mark.student, mark.exercise), {})[mark.part] = mark

    def counted(self, record: Record) -> Record:
        """Return the record with its marks counted: in the score, and no longer waiting."""
        marks = self._marks.get((record.student, record.exercise))
        if not marks:
            return record
        parts = tuple(_counted(part, marks.get(part["name"])) for part in record.parts)
        waits = waiting_parts(record)
        settled = sum(part["max_score"] for part in record.parts if part["name"] in waits and part["name"] in marks)
        score = sum(part["score"] for part in parts)
        pending = max(record.pending_points - settled, 0.0)
        return replace(record, parts=parts, score=round(score, 6), pending_points=round(pending, 6))

    def lines(self, store: Store) -> Iterator[str]:
        """Yield the lines of ``results.jsonl``, sorted."""
        if not self._marks:
            return store.lines()
        return (record.line() for record in self.records(store))

    def records(self, store: Store) -> Iterator[Record]:
        """Yield all records, sorted."""
        return (self.counted(record) for record in store.records())

    def grades(self, store: Store) -> Iterator[Grade]:
        """Yield what ``grades.csv`` needs of every record."""
        for grade in store.grades():
            if (grade.student, grade.exercise) not in self._marks:
                yield grade
                continue
            found = store.get(grade.student, grade.exercise)
            record = self.counted(found[0].record) if found is not None else None
            if record is not None:
                yield replace(grade, score=record.score, pending_points=record.pending_points)


def _counted(part: Mapping[str, Any], mark: Mark | None) -> Mapping[str, Any]:
    if mark is None:
        return part
    most = part["max_score"]
    points = min(mark.points, most)  # the course may have made the part cheaper since
    status = "correct" if points == most else "partial" if points else "wrong"
    return {**part, "status": status, "score": points, "message": mark.comment or None}


def set_marks(store: Store, marks: Iterable[Mark]) -> int:
    """Keep marks after checking each against its record; return how many.

    Raises
    ------
    CourseError
        With every mark that cannot be; then none is kept.
    """
    everything = list(marks)
    mistakes = [text for mark in everything if (text := problem_with(store, mark))]
    if mistakes:
        raise CourseError("\n".join(mistakes))
    store.mark(*everything)
    return len(everything)


def problem_with(store: Store, mark: Mark) -> str | None:
    """Say why a mark cannot be kept, or None: who and what it is for must be known, and 0 <= points <= maximum."""
    found = store.get(mark.student, mark.exercise)
    if found is None:
        return _unknown(store, mark)
    parts = {part["name"]: part for part in found[0].record.parts}
    part = parts.get(mark.part)
    if part is None:
        return f"{mark.exercise} has no part {mark.part!r} in the results{did_you_mean(mark.part, parts)}"
    if part["kind"] == "function":
        return f"{mark.part} is a function, which the grader marks ({part['status']}); it takes no mark by hand"
    if not (math.isfinite(mark.points) and 0 <= mark.points <= part["max_score"]):
        return f"{mark.points:g} points for {mark.part}: allowed are 0 to {part['max_score']:g}"
    return None


def _unknown(store: Store, mark: Mark) -> str:
    keys = store.keys()
    mine = sorted(exercise for student, _, exercise in keys if student == mark.student)
    if mine:
        return f"no result of {mark.student!r} for {mark.exercise!r}{did_you_mean(mark.exercise, mine)}"
    students = sorted({student for student, _, _ in keys})
    near = did_you_mean(mark.student, students)
    return f"no student {mark.student!r} in the results{near if near.startswith('; did') else ''}"


# --- tables ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A part that waits for a person; ``file`` is where the written answer is, below the path that was graded."""

    student: str
    exercise: str
    part: str
    max_points: float
    file: str


def waiting(store: Store) -> Iterator[Waiting]:
    """Yield what waits for a person and has no mark, sorted so that the answers to one question stand together."""
    book = MarkBook(store.marks())
    found = [
        (record, part)
        for record in book.records(store)
        for waits in (waiting_parts(record),)
        for part in record.parts
        if part["name"] in waits
    ]
    for record, part in sorted(found, key=lambda one: (one[0].exercise, one[1]["name"], one[0].student)):
        stored = store.get(record.student, record.exercise)
        names = [name for name, _ in stored[1]] if stored is not None else []
        beside = [name for name in names if name != record.file]
        file = "; ".join(beside or names)
        yield Waiting(record.student, record.exercise, part["name"], part["max_score"], file)


def write_template(path: Path, rows: Iterable[Waiting]) -> int:
    """Write a table to fill in: ``points`` and ``comment`` are blank; return how many rows.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    count = 0
    with replacing(path) as stream:
        stream.write("\ufeff")  # else Excel garbles names that are not ASCII, and they come back unknown
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            cells = (row.student, row.exercise, row.part, "", f"{row.max_points:g}", "", row.file)
            writer.writerow([for_spreadsheet(cell) for cell in cells])
            count += 1
    return count


def read_marks(path: Path, store: Store, who: str) -> list[Mark]:
    """Read a filled table; rows without points are left out, they still wait.

    Raises
    ------
    CourseError
        With every mistake and its line.
    """
    heading, rows = read_table(path)
    missing = [name for name in COLUMNS[:4] if name not in heading]
    if missing:
        raise CourseError(f"{path.name}:1: no column {', '.join(missing)}; needed are {', '.join(COLUMNS[:4])}")
    keys = store.keys()
    # a name that a spreadsheet would run stands behind an apostrophe in the template
    students = {for_spreadsheet(key[0]): key[0] for key in keys}
    moment = datetime.now(UTC)
    marks: dict[tuple[str, str, str], Mark] = {}
    mistakes: list[str] = []
    for line, row in rows:
        if not row["points"]:
            continue
        key = (students.get(row["student"], row["student"]), row["exercise"], row["part"])
        points = _number(row["points"])
        mark = Mark(*key, points or 0.0, row.get("comment", ""), who, moment)
        if points is None:
            mistakes.append(f"{path.name}:{line}: points: given {row['points']!r}; allowed: a number such as 2.5")
        elif key in marks:
            mistakes.append(f"{path.name}:{line}: {key[0]!r} stands twice for {key[2]}")
        elif text := problem_with(store, mark):
            mistakes.append(f"{path.name}:{line}: {text}")
        marks[key] = mark
    if mistakes:
        raise CourseError("\n".join(mistakes))
    return list(marks.values())


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))  # spreadsheets of half the world write 2,5
    except ValueError:
        return None
    return value if math.isfinite(value) else None
