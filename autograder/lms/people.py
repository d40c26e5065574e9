"""Match results with a class list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path

from autograder.intake.identity import Roster
from autograder.intake.tables import Row, headings_of, id_in, plain_heading, read_roster, read_table
from autograder.plain import dataclass


@dataclass(frozen=True)
class ListedStudent:
    """A student as the class list has it; ``columns`` are all cells of the row by heading (small letters)."""

    student: str
    name: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    def first(self, *headings: str) -> str:
        """Return the first of these columns that is not blank, else an empty text."""
        return next((self.columns[one] for one in headings if self.columns.get(one)), "")


@dataclass(frozen=True)
class Directory:
    """The class: entries by the id that the results use, and who is on one side only.

    Attributes
    ----------
    entries : mapping of str to ListedStudent
        In the order of the roster; without a roster everyone with a result.
    missing : tuple of str
        On the roster, without any result.
    unknown : tuple of str
        With results, not on the roster.
    headings : tuple of str
        The roster's headings, as they were written.
    """

    entries: Mapping[str, ListedStudent]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings as :attr:`ListedStudent.columns` has them: small letters, single spaces."""
        return tuple(map(plain_heading, self.headings))

    def name(self, student: str) -> str:
        """Return the student's name, or an empty text."""
        entry = self.entries.get(student)
        return entry.name if entry is not None else ""


def directory(students: Iterable[str], roster: Path | None) -> Directory:
    """Match the students of the results with a class list, by id or any other id in their row.

    Raises
    ------
    CourseError
        With every mistake of the roster.
    """
    found = sorted(set(students))
    if roster is None:
        return Directory({student: ListedStudent(student) for student in found})
    people = read_roster(roster)
    rows = _rows(roster, people)
    in_results = {known: student for student in found if (known := people.find(student)) is not None}
    entries: dict[str, ListedStudent] = {}
    for person in people.people:
        key = in_results.get(person.student, person.student)
        entries[key] = ListedStudent(key, person.name, rows.get(person.student, {}))
    missing = tuple(person.student for person in people.people if person.student not in in_results)
    unknown = tuple(student for student in found if student not in entries)
    return Directory(entries, missing, unknown, headings_of(roster))


def _rows(path: Path, people: Roster) -> dict[str, Row]:
    """Return the table's rows by student: by the column that holds most ids of the roster, then by the others."""
    heading, rows = read_table(path)
    columns = [{id_in(row[column]): row for _, row in reversed(rows)} for column in heading]
    found: dict[str, Row] = {}
    for by_id in sorted(columns, key=lambda one: -len(people.ids & one.keys())):
        found = {student: by_id[student] for student in people.ids & by_id.keys()} | found
    return found
