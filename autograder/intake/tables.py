"""Read the instructor's tables: the class list, and times of submission."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from autograder.course.model import Assignment, Course
from autograder.errors import CourseError
from autograder.intake.decode import decode_text
from autograder.intake.identity import Person, Roster
from autograder.intake.names import same
from autograder.intake.source import Rejected
from autograder.intake.spelling import ROUNDED
from autograder.moments import EXAMPLE, read_moment
from autograder.plain import dataclass
from autograder.text import as_id, composed, did_you_mean

T = TypeVar("T")

Row = Mapping[str, str]
"""The cells of a line by heading."""

MAX_TABLE = 50_000_000

# First of these that the table has is the id; then Canvas's and Moodle's own words, then what every export has.
_IDS = (
    "student", "student id", "username", "user name", "login", "login id", "sis login id", "sis user id", "id number",
    "student number", "sid", "net id", "netid", "orgdefinedid", "matriculation number", "matrikelnummer", "id-nummer",
    "benutzername", "id", "identifier", "github username", "github login", "github", "participant id",
    "studentid", "student #", "student no", "student no.",
    "canvas user id", "email", "email address", "e-mail", "e-mail address", "e-mail-adresse",
)  # fmt: skip
# Numbers that a system gave; "id" is Canvas's in its gradebook and ambiguous elsewhere.
_NUMBERS: dict[str, tuple[str, ...]] = {
    "Canvas": ("canvas user id", "canvas id"),
    "Moodle": ("identifier", "participant id", "participant number"),
}
_CANVAS_ONLY = frozenset({"section", "sis login id", "sis user id", "root account"})
PARTICIPANT_COLUMNS = _NUMBERS["Moodle"]
_NAMES = ("name", "full name", "student name", "display name", "vollständiger name")
_GIVEN = ("first name", "given name", "firstname", "vorname")
_FAMILY = ("last name", "surname", "family name", "lastname", "nachname")
_TEAMS = ("team", "group", "groups", "group name")
_TIME = ("time", "received", "timestamp", "submitted")

_SEPARATOR = re.compile(r'"?sep=([,;\t])"?', re.IGNORECASE)
_AS_TEXT = re.compile(r'="(?P<id>[^"]*)"')
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad"
"""Marks that show nothing and come with text that was copied from a page."""
_PARTICIPANT = re.compile(r"[Pp]articipant (?=[0-9])")  # Moodle writes "Participant 123" for 123


@dataclass(frozen=True)
class Received:
    """Verified times of submission, by student and assignment."""

    times: Mapping[tuple[str, str], datetime]

    def time(self, student: str, assignment: str) -> datetime | None:
        """Return when that student's assignment was received, or None if the table does not say."""
        return self.times.get((student, assignment))

    @property
    def students(self) -> frozenset[str]:
        """Everyone in the table."""
        return frozenset(student for student, _ in self.times)


def read_roster(path: Path) -> Roster:
    """Read a class list: a CSV with a heading; the id in ``student`` (or ``id``, ``email``, ...), the name in ``name``.

    The gradebook of Canvas and the grading table of Moodle are taken as they come.

    Raises
    ------
    CourseError
        With what is wrong and its line: no id column, an id of two students, wrong encoding, broken quoting.
    """
    heading, rows = read_table(path)
    # Canvas writes the name under "Student" and the ids next to it.
    gradebook = (
        {"student", "id"} <= set(heading) and bool(_CANVAS_ONLY & set(heading)) and not set(_NAMES) & set(heading)
    )
    columns = [name for name in _IDS if name in heading and not (gradebook and name == "student")]
    if not columns:
        raise CourseError(f"{path.name}:1: no column for the student's id; name one of them student, id or email")
    first: dict[str, tuple[int, Person]] = {}
    mistakes: list[str] = []
    notes: list[str] = []
    for line, row in rows:
        if gradebook and row["student"] in ("Points Possible", ""):
            continue
        place = f"{path.name}:{line}"
        name = row["student"] if gradebook else _name(row)
        ids = {column: one for column in columns if (one := id_in(row[column]))}
        if not ids:
            notes.append(f"{place}: {name or 'this row'} has no id in {', '.join(columns)}; left out")
            continue
        column, student = next(iter(ids.items()))
        if student not in first:
            if column != columns[0]:
                notes.append(f"{place}: {columns[0]} is blank; {column} counts: {student}")
            if ROUNDED.fullmatch(student):
                way = "export the table again and do not save it in a spreadsheet"
                notes.append(f"{place}: {student} is a number that a spreadsheet rounded; {way}")
            first[student] = line, _person(student, name, ids, row, gradebook=gradebook)
            continue
        before, known = first[student]
        if same(name) == same(known.name):  # in two sections, or teams: one student
            notes.append(f"{place}: {student} appears twice; the row in line {before} counts")
        else:
            mistakes.append(f"{place}: {student!r} appears twice; the first is in line {before}; keep one")
    _refuse(path, mistakes)
    if not first:
        raise CourseError("\n".join([*notes, f"{path.name}: no student in it"]))
    return Roster(tuple(person for _, person in first.values()), tuple(notes))


def _person(student: str, name: str, ids: Mapping[str, str], row: Row, *, gradebook: bool) -> Person:
    """Return the student in a row; what a learning management system numbers is not an id of the student's own."""
    systems = {column for names in _NUMBERS.values() for column in names} | ({"id"} if gradebook else set())
    aliases = dict.fromkeys(one for column, one in ids.items() if column not in systems and one != student)
    team = next((as_id(row[column]) for column in _TEAMS if row.get(column)), "")
    return Person(student, name, tuple(aliases), _numbers(row, gradebook), team)


def id_in(cell: str) -> str:
    """Return the id in a cell of :func:`read_table`, without what keeps a spreadsheet from reading it as a number."""
    protected = _AS_TEXT.fullmatch(cell)
    plain = protected["id"] if protected else cell.removeprefix("#")  # as Brightspace writes it
    return as_id(composed(_PARTICIPANT.sub("", plain)))


def _numbers(row: Mapping[str, str], gradebook: bool) -> dict[str, str]:
    named = {system: next((id_in(row[c]) for c in columns if row.get(c)), "") for system, columns in _NUMBERS.items()}
    own = {"Canvas" if gradebook else "": id_in(row.get("id", ""))}
    return {system: number for system, number in {**named, **own}.items() if number}


def _name(row: Mapping[str, str]) -> str:
    for column in _NAMES:
        if row.get(column):
            return row[column]
    parts = [next((row[column] for column in group if row.get(column)), "") for group in (_GIVEN, _FAMILY)]
    return " ".join(part for part in parts if part)


def _refuse(path: Path, mistakes: Sequence[str]) -> None:
    if mistakes:
        step = f"nothing was done; correct {path.name} and run the same command again"
        raise CourseError("\n".join([*mistakes, step]))


def require_columns(path: Path, heading: Collection[str], *needed: str) -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    CourseError
        With all that are missing.
    """
    missing = [name for name in needed if name not in heading]
    if missing:
        raise CourseError(f"{path.name}:1: no column {', '.join(missing)}; required: {', '.join(needed)}")


def read_rows(path: Path, rows: Iterable[tuple[int, Row]], read: Callable[[Row], T]) -> list[T]:
    """Return what ``read`` makes of each row of a table; it raises CourseError for a mistake.

    Raises
    ------
    CourseError
        With every mistake and its line, and the next step.
    """
    found: list[T] = []
    mistakes: list[str] = []
    for line, row in rows:
        try:
            found.append(read(row))
        except CourseError as error:
            mistakes.append(f"{path.name}:{line}: {error}")
    _refuse(path, mistakes)
    return found


def moment_in(row: Row, column: str, near: datetime | None = None) -> datetime:
    """Return the time in a cell; ``near`` tells what an abbreviated zone means.

    Raises
    ------
    CourseError
        If it is not a time with its zone.
    """
    moment = read_moment(row[column], near)
    if moment is None:
        allowed = f"date, time and zone, such as {EXAMPLE} or 2026-10-23 21:59:00 UTC"
        raise CourseError(f"{column}: given {row[column]!r}; allowed: {allowed}")
    return moment


def _whose_assignment(row: Row, course: Course, seen: Collection[tuple[str, str]]) -> tuple[str, Assignment]:
    """Return the student and the assignment of a row, which no row before it may have."""
    student, name = id_in(row["student"]), row["assignment"]
    if not student:
        raise CourseError("student is blank; fill it in or delete the row")
    assignment = next((one for one in course.assignments if one.name == name), None)
    if assignment is None:
        raise CourseError(f"no assignment {name!r}{did_you_mean(name, (one.name for one in course.assignments))}")
    if (student, name) in seen:
        raise CourseError(f"{student!r} appears twice for {name}; keep one row")
    return student, assignment


def read_received(path: Path, course: Course) -> Received:
    """Read times of submission: a CSV with the columns ``student``, ``assignment`` and ``time`` (with its zone).

    Raises
    ------
    CourseError
        With every mistake and its line.
    """
    heading, rows = read_table(path)
    clock = next((name for name in _TIME if name in heading), "time")
    require_columns(path, heading, "student", "assignment", clock)
    times: dict[tuple[str, str], datetime] = {}

    def read(row: Row) -> None:
        student, assignment = _whose_assignment(row, course, times)
        times[student, assignment.name] = moment_in(row, clock, assignment.due)

    read_rows(path, rows, read)
    return Received(times)


def read_extensions(path: Path, course: Course) -> dict[str, dict[str, datetime]]:
    """Read extensions: a CSV with the columns ``student``, ``assignment`` and ``until`` (with its zone).

    Returns
    -------
    dict
        By assignment, then by student as the table names them.

    Raises
    ------
    CourseError
        With every mistake and its line.
    """
    heading, rows = read_table(path)
    require_columns(path, heading, "student", "assignment", "until")
    found: dict[str, dict[str, datetime]] = {}
    seen: set[tuple[str, str]] = set()

    def read(row: Row) -> None:
        student, assignment = _whose_assignment(row, course, seen)
        due, name = assignment.due, assignment.name
        if due is None:
            raise CourseError(f"{name} has no due date in course.yml; an extension needs one")
        until = moment_in(row, "until", due)
        if until < due:
            raise CourseError(f"until: given {row['until']!r}; allowed: not before due, {due:%c %Z}")
        found.setdefault(name, {})[student] = until
        seen.add((student, name))

    read_rows(path, rows, read)
    return found


def read_whose(values: Iterable[str]) -> dict[str, str]:
    """Read what an instructor says about whose files are: ``FILE=ID``, or a CSV with the columns file and student.

    Raises
    ------
    CourseError
        If a value is neither, or a file is given to two students.
    """
    found: dict[str, str] = {}
    for value in values:
        table = Path(value)
        if table.is_file():
            heading, rows = read_table(table)
            if not {"file", "student"} <= set(heading):
                raise CourseError(f"{table.name}:1: the columns file and student are required")
            pairs = [(row["file"], row["student"]) for _, row in rows]
        else:
            pairs = [(value.rpartition("=")[0], value.rpartition("=")[2])]
        for file, student in pairs:
            if not file or not student:
                raise CourseError(f"--whose {value}: write FILE=ID, or give a CSV with the columns file and student")
            if found.setdefault(file, student) != student:
                both = f"{found[file]};{student}"
                raise CourseError(
                    f"--whose: {file} is given to {found[file]} and to {student}; keep one, or name both: "
                    f"'{file}={both}'"
                )
    return found


def nbgrader_time(data: bytes, near: datetime | None = None) -> datetime:
    """Read nbgrader's ``timestamp.txt``, in any form that its configuration can give it; without zone it is UTC.

    Parameters
    ----------
    data : bytes
        The file.
    near : datetime, optional
        The due date, which tells what an abbreviation such as ``IST`` means.

    Raises
    ------
    Rejected
        If it is not a time.
    """
    moment = read_moment(decode_text(data), near, UTC)
    if moment is None:
        raise Rejected("is not a time as nbgrader writes it")
    return moment


def read_table(path: Path) -> tuple[list[str], list[tuple[int, Row]]]:
    """Return the heading (small letters, single spaces) and the rows that are not blank, each with its line.

    Raises
    ------
    CourseError
        If the table cannot be read: no file, wrong encoding, broken quoting, no heading.
    """
    (_, written), *lines = _lines(path)
    heading = [plain_heading(cell) for cell in written]
    return heading, [(line, {**dict.fromkeys(heading, ""), **_row(heading, cells)}) for line, cells in lines]


def headings_of(path: Path) -> tuple[str, ...]:
    """Return the headings of a table as they are written there.

    Raises
    ------
    CourseError
        As :func:`read_table`.
    """
    return tuple(_lines(path)[0][1])


def plain_heading(cell: str) -> str:
    """Return a heading as rows are read by it: in small letters, with single spaces."""
    return " ".join(cell.casefold().replace("_", " ").split())


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the cells of every line that is not blank, the heading first."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_TABLE + 1)
        if len(raw) > MAX_TABLE:
            raise CourseError(f"{path.name}: has more than {MAX_TABLE} bytes; keep the columns that are needed")
        text = decode_text(raw)
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}") from None
    except Rejected as error:
        raise CourseError(f"{path.name}: {error} (in a spreadsheet: 'CSV UTF-8')") from None
    first = next((line for line in text.split("\n") if line.strip()), "")
    if said := _SEPARATOR.fullmatch(first.strip(" \r")):  # Excel's own line, which is not the heading
        text = text.replace(first, "", 1)  # the line end stays, so that lines are counted as in the file
    delimiter = said[1] if said else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, [cell.strip().strip(_UNSEEN).strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise CourseError(f"{path.name}:{reader.line_num}: {error}; check the quotes") from None
    filled = [(line, cells) for line, cells in lines if any(cells)]
    if not filled:
        raise CourseError(f"{path.name}: is empty; the first line names the columns")
    return filled


def _row(heading: list[str], values: list[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for name, value in zip(heading, values, strict=False):  # short and long lines are common in exports
        row.setdefault(name, value)
    return row
