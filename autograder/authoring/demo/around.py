"""Give a demo class what a term has: due dates, late work, an extension, a folder without a clear owner.

The same numbers every time: a student is late, has an extension or hands in under another id by place in the class.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.atomic import write_whole
from autograder.authoring.demo.build import student_of
from autograder.course.model import FILE_NAME, Course, load_secret
from autograder.course.schema import as_data
from autograder.moments import as_iso

DUE = datetime(2026, 10, 23, 21, 59, tzinfo=UTC)
LATE = {4: timedelta(hours=5), 9: timedelta(days=2, hours=1), 12: timedelta(days=8), 16: timedelta(days=1, hours=2)}
"""By a student's place among twenty: how long after the due date the work came."""
EXTENDED = 16
"""The place among twenty of a student with an extension of three days."""
UNCLEAR = 14
"""The student, counted from 0, whose folder is written in capitals: it may be this student's, or another's."""


def dated(course: Course, out: Path, names: Iterable[str]) -> Path:
    """Return the folder of a course whose assignments ``names`` have due dates.

    A course in which they have one is left as it is; else a copy of its course file with dates is written to
    ``out/course``, next to links to everything else of it.
    """
    asked = set(names)
    if all(one.due is not None for one in course.assignments if one.name in asked):
        return course.root
    dates = iter(DUE + timedelta(weeks=2 * k) for k in range(len(course.assignments)))
    assignments = tuple(replace(one, due=one.due or next(dates)) for one in course.assignments)
    place = (out / "course").resolve()
    if place != course.root.resolve():  # the small course that the demonstration made is its own to change
        _link(course, place)
    text = json.dumps(as_data(replace(course, assignments=assignments)), indent=1, ensure_ascii=False)
    write_whole(place / FILE_NAME, f"# {course.title} with due dates, for the demo\n{text}\n".encode())
    return place


def _link(course: Course, place: Path) -> None:
    """Make a folder with links to everything of a course but its course file."""
    place.mkdir(parents=True)
    for found in sorted(course.root.iterdir()):
        if found.name in ("exercises", "reference"):
            (place / found.name).symlink_to(os.path.relpath(found, place), target_is_directory=True)
    load_secret(course, create=True)  # the same hidden inputs for both, so that verdicts of one are those of the other
    if (course.root / course.secret.file).is_file():
        (place / course.secret.file).parent.mkdir(parents=True, exist_ok=True)
        (place / course.secret.file).symlink_to(course.root / course.secret.file)


def write_around(course: Course, students: int, out: Path, names: Sequence[str]) -> tuple[Path, Path]:
    """Write when the class handed in and who has longer; return both tables.

    Parameters
    ----------
    course : Course
        With due dates.
    students : int
        How many the class has.
    out : Path
        Where ``submitted`` lies, and the tables go.
    names : sequence of str
        The assignments that are handed in.
    """
    received: list[tuple[str | None, ...]] = [("student", "assignment", "time")]
    extensions: list[tuple[str | None, ...]] = [("student", "assignment", "until")]
    for one in course.assignments:
        if one.name not in names or one.due is None:
            continue
        for number in range(students):
            student, _ = student_of(number)
            when = one.due + LATE.get(number % 20, -timedelta(hours=1 + number % 90))
            received.append((student, one.name, as_iso(when)))
            if number % 20 == EXTENDED:
                extensions.append((student, one.name, as_iso(one.due + timedelta(days=3))))
    tables = out / "received.csv", out / "extensions.csv"
    for path, rows in zip(tables, (received, extensions), strict=True):
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
    if students > UNCLEAR:
        folder = out / "submitted" / student_of(UNCLEAR)[0]
        folder.rename(folder.with_name(folder.name.upper()))
    return tables
