"""Records of the grader, and the files made of them: ``results.jsonl`` (version 1) and ``grades.csv``."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.model import PartReport, RecordStatus, Report
from autograder.text import encodable, for_spreadsheet

VERSION = 1

Key = tuple[str, str, str]
"""Student, assignment, exercise."""

# What a spreadsheet takes for the start of a formula, also in full width, at the start of a cell or behind a separator
# that another locale would split at.
_FORMULA = re.compile(r"(^|[;,\t|])([ \u00a0\u3000]*)(?=[=+\-@\t\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True)
class Record:
    """One line of ``results.jsonl``: the verdict on one student's exercise.

    ``parts`` holds the parts as they stand in the file; ``seconds`` is the one field that may differ between runs.
    """

    student: str
    assignment: str
    exercise: str
    status: RecordStatus
    file: str | None = None
    sha256: str | None = None
    variant: int = 0
    score: float = 0.0
    max_score: float = 0.0
    pending_points: float = 0.0
    seconds: float = 0.0
    message: str | None = None
    parts: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> Key:
        """What there is one record of."""
        return self.student, self.assignment, self.exercise

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON data, keys in the published order."""
        return {
            "version": VERSION,
            "student": self.student,
            "assignment": self.assignment,
            "exercise": self.exercise,
            "status": self.status,
            "file": self.file,
            "sha256": self.sha256,
            "variant": self.variant,
            "score": self.score,
            "max_score": self.max_score,
            "pending_points": self.pending_points,
            "seconds": self.seconds,
            "message": self.message,
            "parts": [dict(part) for part in self.parts],
        }

    def line(self) -> str:
        """Return the record as one line of JSON, pure ASCII, so that no reader can split or misread it.

        Raises
        ------
        ValueError
            If a number in it is not finite.
        """
        return dumps(self.as_json())

    @classmethod
    def from_line(cls, line: str) -> Record:
        """Read a record that :meth:`line` wrote.

        Raises
        ------
        CourseError
            If it is none, or of another version.
        """
        try:
            data = json.loads(line)
            version = data.pop("version")
            if version != VERSION:
                raise CourseError(f"a record of version {version!r}; this program reads version {VERSION}")
            return cls(**{**data, "parts": tuple(data["parts"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CourseError(f"not a record of this program ({type(error).__name__})") from None


def record_of(key: Key, report: Report, *, file: str | None, sha256: str | None, message: str | None = None) -> Record:
    """Return the record of a graded submission, as it will be when it is read again."""
    parts: tuple[Mapping[str, Any], ...] = tuple(_part(part) for part in report.parts)
    return Record(
        *key,
        status="graded",
        file=file,
        sha256=sha256,
        variant=report.variant,
        score=_points(sum(part["score"] for part in parts)),
        max_score=_points(sum(part["max_score"] for part in parts)),
        pending_points=_points(sum(part.pending for part in report.parts)),
        seconds=round(report.seconds, 6),
        message=encodable(message),
        parts=parts,
    )


def _part(part: PartReport) -> dict[str, Any]:
    return {
        "name": part.name,
        "kind": part.kind,
        "status": part.status,
        "score": _points(part.score),
        "max_score": _points(part.max_score),
        "misconceptions": list(part.misconceptions),
        "proof": encodable(part.proof),
        "message": encodable(part.message),
        "checks": [
            {
                "title": outcome.title,
                "group": outcome.group,
                "visibility": outcome.visibility,
                "outcome": outcome.outcome,
                "message": encodable(outcome.message),
            }
            for outcome in part.outcomes
        ],
    }


def _points(value: float) -> float:
    """Round points to a millionth, so that sums of them read as what they are."""
    if not math.isfinite(value):
        raise ValueError(f"points must be finite, not {value}")
    return round(float(value), 6) + 0.0  # + 0.0 turns -0.0 into 0.0


def dumps(value: Any) -> str:
    """Return cleaned data as JSON, pure ASCII.

    Raises
    ------
    ValueError
        If a number in it is not finite.
    """
    text = json.dumps(value, allow_nan=False)
    # most data is encodable already, which its text tells faster than a walk through it
    return json.dumps(encodable(value), allow_nan=False) if r"\ud" in text else text


# --- files -----------------------------------------------------------------------------------------------------


def write_results(path: Path, lines: Iterable[str]) -> int:
    """Write ``results.jsonl`` from lines of records, which come sorted; return how many.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    count = 0
    with replacing(path) as stream:
        for line in lines:
            stream.write(line + "\n")
            count += 1
    return count


@dataclass(frozen=True)
class Grade:
    """What ``grades.csv`` needs of a record."""

    student: str
    assignment: str
    exercise: str
    score: float
    max_score: float
    pending_points: float
    received: datetime | None = None


@dataclass
class _Row:
    scores: dict[str, float] = field(default_factory=dict)
    by_assignment: dict[str, float] = field(default_factory=dict)
    received: dict[str, datetime] = field(default_factory=dict)
    max_score: float = 0.0
    pending: float = 0.0


def grade_table(grades: Iterable[Grade], course: Course) -> tuple[list[str], list[list[str | float]]]:
    """Return the heading and the rows of ``grades.csv``.

    ``score`` is what counts: the exercises' points less ``penalty``, the points that lateness costs.  ``days_late``
    adds the started days over the assignments; it is blank if no time of submission or no due date is known.
    """
    rows: dict[str, _Row] = {}
    seen: set[str] = set()
    for grade in grades:
        row = rows.setdefault(grade.student, _Row())
        seen.add(grade.exercise)
        row.scores[grade.exercise] = grade.score
        row.by_assignment[grade.assignment] = row.by_assignment.get(grade.assignment, 0.0) + grade.score
        row.max_score += grade.max_score
        row.pending += grade.pending_points
        if grade.received is not None:
            row.received[grade.assignment] = grade.received
    known = [name for name in course.exercises if name in seen]
    columns = known + sorted(seen - set(known))
    heading = ["student", *columns, "score", "max_score", "pending_points", "days_late", "penalty"]
    return heading, [_cells(student, rows[student], columns, course) for student in sorted(rows)]


def _cells(student: str, row: _Row, columns: list[str], course: Course) -> list[str | float]:
    late: list[int] = []
    penalty = 0.0
    for assignment in course.assignments:
        days = assignment.days_late(student, row.received.get(assignment.name), course.late)
        if days is not None and assignment.name in row.by_assignment:
            late.append(days)
            penalty += row.by_assignment[assignment.name] * course.late.fraction(days)
    total = sum(row.by_assignment.values()) - penalty
    scores: list[str | float] = [row.scores.get(name, "") for name in columns]
    return [student, *scores, total, row.max_score, row.pending, sum(late) if late else "", penalty]


def write_grades(path: Path, grades: Iterable[Grade], course: Course) -> None:
    """Write ``grades.csv``: a row per student, UTF-8, cells that a spreadsheet would run as a formula made safe.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    heading, rows = grade_table(grades, course)
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(heading)
        for row in rows:
            writer.writerow([for_spreadsheet(cell) if isinstance(cell, str) else _number(cell) for cell in row])


def _number(value: float) -> str:
    return f"{_points(value):.6f}".rstrip("0").rstrip(".")
