"""Who is who: results matched with a class list."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.tables import Roster, read_roster, read_table
from autograder.text import as_id


@dataclass(frozen=True)
class Entry:
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
    entries : mapping of str to Entry
        In the order of the roster; without a roster everyone with a result.
    missing : tuple of str
        On the roster, without any result.
    unknown : tuple of str
        With results, not on the roster.
    """

    entries: Mapping[str, Entry]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

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
        return Directory({student: Entry(student) for student in found})
    people = read_roster(roster)
    rows = _rows(roster, people)
    in_results = {known: student for student in found if (known := people.find(student)) is not None}
    entries: dict[str, Entry] = {}
    for person in people.people:
        key = in_results.get(person.student, person.student)
        entries[key] = Entry(key, person.name, rows.get(person.student, {}))
    missing = tuple(person.student for person in people.people if person.student not in in_results)
    unknown = tuple(student for student in found if student not in entries)
    return Directory(entries, missing, unknown)


def _rows(path: Path, people: Roster) -> dict[str, dict[str, str]]:
    """Return the table's rows by student: the column that holds every id of the roster names them."""
    heading, rows = read_table(path)
    for column in heading:
        by_id = {_id(row[column]): row for _, row in reversed(rows)}
        if people.ids <= by_id.keys():
            return by_id
    return {}


def _id(cell: str) -> str:
    return as_id(unicodedata.normalize("NFC", cell.removeprefix("Participant ").removeprefix("participant ")))
