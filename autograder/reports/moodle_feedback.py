"""The students' pages as a zip for each assignment, in the form in which Moodle takes feedback files back.

Moodle reads the name of a file up to the fourth underscore: anything, the participant's number in this assignment, and
which plugin takes it.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from autograder.atomic import private_folder, write_whole
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.intake.lms_names import moodle_number
from autograder.intake.spelling import agree
from autograder.intake.tables import PARTICIPANT_COLUMNS
from autograder.lms.gradescope.results import folder_name
from autograder.lms.people import Directory, ListedStudent
from autograder.plain import dataclass
from autograder.reports.site import write_handouts
from autograder.store.store import Store
from autograder.text import for_file_name


@dataclass(frozen=True)
class Zipped:
    """The zips with how many pages each has, and students and assignments without a number of Moodle's."""

    written: Mapping[Path, int]
    unknown: tuple[str, ...]


def write_feedback(store: Store, course: Course, people: Directory, to: Path, now: datetime | None = None) -> Zipped:
    """Write ``to/moodle-feedback-<assignment>.zip`` for each assignment of which Moodle's numbers are known.

    Raises
    ------
    CourseError
        If a file cannot be written, or no number is known at all.
    """
    numbers, everyone = _numbers(store, people)
    if not numbers:
        raise CourseError(
            "no number of Moodle's is known: grade the zip that Moodle hands out, or give the grading table (with its "
            "column Identifier) as --roster"
        )
    private_folder(to)
    written: dict[Path, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        pages = write_handouts(store, course, people, Path(folder), now=now)
        for assignment in sorted({name for _, name in numbers}):
            path = to / f"moodle-feedback-{folder_name(assignment)}.zip"
            mine = sorted((student, number) for (student, name), number in numbers.items() if name == assignment)
            _write_zip(path, mine, people, pages)
            written[path] = len(mine)
    return Zipped(written, tuple(f"{student} {name}" for student, name in sorted(everyone - numbers.keys())))


def _write_zip(path: Path, numbers: Iterable[tuple[str, str]], people: Directory, pages: Mapping[str, Path]) -> None:
    """Pack the pages of students, each under the name and number by which Moodle finds the student."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, number in numbers:
            # students choose how they are called; Moodle reads on behind the first underscore
            name = for_file_name((people.name(student) or student).replace("_", " ")) or "student"
            archive.writestr(f"{name}_{number}_assignfeedback_file_feedback.html", pages[student].read_bytes())
    write_whole(path, packed.getvalue(), private=True)


def _number(entry: ListedStudent) -> str:
    number = entry.first(*PARTICIPANT_COLUMNS).removeprefix("Participant ").strip()
    return number if number.isdigit() else ""


def _numbers(store: Store, people: Directory) -> tuple[dict[tuple[str, str], str], set[tuple[str, str]]]:
    """Return Moodle's numbers by student and assignment, and all who handed in something.

    The number in the name of the file that was handed in is that of the assignment.  A grading table is of one
    assignment, too: that with whose numbers it agrees; it counts for every assignment only if no number is known else.
    """
    found: dict[tuple[str, str], str] = {}
    added: dict[tuple[str, str], str] = {}
    everyone: set[tuple[str, str]] = set()
    for record in store.records():
        if record.file is None:
            continue
        key = (record.student, record.assignment)
        everyone.add(key)
        entry = record.file.partition("/")[0]
        number = moodle_number(entry)
        # a team's file has the number of the member who handed it in; a page goes to its own student only
        if number and (record.team is None or agree(entry.partition("_")[0], people.name(record.student))):
            found[key] = number
    table = {student: _number(entry) for student, entry in people.entries.items()}
    agreed: dict[str, set[bool]] = {}
    for (student, name), number in found.items():
        if table.get(student):
            agreed.setdefault(name, set()).add(table[student] == number)
    for student, name in everyone:
        if table.get(student) and (not found or agreed.get(name) == {True}):
            added[student, name] = table[student]
    found = added | found
    owners = Counter((name, number) for (_, name), number in found.items())
    return {key: number for key, number in found.items() if owners[key[1], number] == 1}, everyone
