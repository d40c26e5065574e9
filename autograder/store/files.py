"""Files written from the results store each time it changes: ``results.jsonl`` and ``grades.csv``."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from autograder.atomic import replacing
from autograder.course.model import Course
from autograder.store.marks import MarkBook
from autograder.store.records import Grade, rounded_points
from autograder.store.standings import Total, together, totals
from autograder.store.store import Store
from autograder.text import for_spreadsheet

RESULTS = "results.jsonl"
GRADES = "grades.csv"

_SUMS = ("score", "max_score", "pending_points", "days_late", "days_spent", "penalty", "rejected")


def write_files(store: Store, course: Course, out: Path) -> int:
    """Write ``results.jsonl`` and ``grades.csv`` from the store, marks counted; return how many records there are."""
    book = MarkBook(store.marks())
    count = write_results(out / RESULTS, book.lines(store))
    write_grades(out / GRADES, book.grades(store), course)
    return count


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


def grade_table(grades: Iterable[Grade], course: Course) -> tuple[list[str], list[list[str | float | None]]]:
    """Return the heading and the rows of ``grades.csv``.

    ``score`` is what counts: the exercises' points less ``penalty``, the points that lateness costs; it is blank, as
    the exercise's own cell is, while the grader failed.  ``days_late`` adds the started days over the assignments; it
    is blank if no time of submission or no due date is known; where the course has free days, ``days_spent`` says how
    many of them are.  ``rejected`` names the exercises whose submission could not be used.
    """
    everything = list(grades)
    scores: dict[str, dict[str, float | None]] = {}
    for grade in everything:
        score = None if grade.status == "grader_error" else grade.score
        scores.setdefault(grade.student, {})[grade.exercise] = score
    by_student: dict[str, list[Total]] = {}
    for (student, _), total in totals(everything, course).items():
        by_student.setdefault(student, []).append(total)
    seen = {grade.exercise for grade in everything}
    known = [name for name in course.exercises if name in seen]
    columns = known + sorted(seen - set(known))
    rows = []
    for student in sorted(scores):
        total = together(by_student[student])
        spent = (total.days_spent,) if course.late.days_to_spend else ()
        sums = (total.points, total.max_score, total.pending_points, total.days_late, *spent, total.penalty)
        cells = (scores[student].get(name) for name in columns)
        rows.append([student, *cells, *sums, "; ".join(total.rejected)])
    sums_of = [name for name in _SUMS if name != "days_spent" or course.late.days_to_spend]
    return ["student", *columns, *sums_of], rows


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
            writer.writerow([for_spreadsheet(cell) if isinstance(cell, str) else table_number(cell) for cell in row])


def table_number(value: float | None) -> str:
    """Return points as a table has them, to a millionth; nothing for None."""
    return "" if value is None else f"{rounded_points(value):.6f}".rstrip("0").rstrip(".")
