"""Read the instructor's tables: the class list, and times of submission."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.intake.decode import decode_text
from autograder.intake.identity import Person, Roster
from autograder.intake.names import same
from autograder.intake.source import Rejected
from autograder.moments import EXAMPLE, read_moment
from autograder.plain import dataclass
from autograder.text import as_id, did_you_mean

MAX_TABLE = 50_000_000

# First of these that the table has is the id; then Canvas's and Moodle's own words, then what every export has.
_IDS = (
    "student", "student id", "username", "user name", "login", "login id", "sis login id", "sis user id", "id number",
    "student number", "sid", "net id", "netid", "orgdefinedid", "matriculation number", "matrikelnummer", "id-nummer",
    "benutzername", "id", "identifier", "github username", "github login", "github", "participant id",
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
    people: list[Person] = []
    first: dict[str, tuple[int, str]] = {}
    mistakes: list[str] = []
    notes: list[str] = []
    for line, row in rows:
        if gradebook and row.get("student", "").strip() in ("Points Possible", ""):
            continue
        name = row.get("student", "") if gradebook else _name(row)
        ids = {column: _id(row[column]) for column in columns if row[column]}
        if not ids:
            notes.append(f"{path.name}:{line}: {name or 'this row'} has no id in {', '.join(columns)}; left out")
            continue
        column = next(iter(ids))
        student = ids[column]
        if student in first:
            before, known = first[student]
            if same(name) == same(known):  # in two sections, or teams: one student
                notes.append(f"{path.name}:{line}: {student} appears twice; the row in line {before} counts")
            else:
                mistakes.append(
                    f"{path.name}:{line}: {student!r} appears twice; the first is in line {before}; keep one"
                )
            continue
        if column != columns[0]:
            notes.append(f"{path.name}:{line}: {columns[0]} is blank; {column} counts: {student}")
        first[student] = line, name
        numbers = _numbers(row, gradebook)
        systems = {column for names in _NUMBERS.values() for column in names} | ({"id"} if gradebook else set())
        aliases = dict.fromkeys(one for column, one in ids.items() if column not in systems and one != student)
        team = next((as_id(row[column]) for column in _TEAMS if row.get(column)), "")
        people.append(Person(student, name, tuple(aliases), numbers, team))
    _refuse(path, mistakes)
    if not people:
        raise CourseError("\n".join([*notes, f"{path.name}: no student in it"]))
    return Roster(tuple(people), tuple(notes))


def _id(cell: str) -> str:
    return as_id(unicodedata.normalize("NFC", _PARTICIPANT.sub("", cell)))


def _numbers(row: Mapping[str, str], gradebook: bool) -> dict[str, str]:
    named = {system: next((_id(row[c]) for c in columns if row.get(c)), "") for system, columns in _NUMBERS.items()}
    own = {"Canvas" if gradebook else "": _id(row.get("id", ""))}
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
    known = [assignment.name for assignment in course.assignments]
    due = {assignment.name: assignment.due for assignment in course.assignments}
    times: dict[tuple[str, str], datetime] = {}
    mistakes: list[str] = []
    for line, row in rows:
        key = (as_id(unicodedata.normalize("NFC", row["student"])), row["assignment"])
        moment = read_moment(row[clock], due.get(key[1]))
        if not key[0]:
            mistakes.append(f"{path.name}:{line}: student is blank; fill it in or delete the row")
        elif key[1] not in known:
            mistakes.append(f"{path.name}:{line}: no assignment {key[1]!r}{did_you_mean(key[1], known)}")
        elif moment is None:
            allowed = f"allowed: date, time and zone, such as {EXAMPLE} or 2026-10-23 21:59:00 UTC"
            mistakes.append(f"{path.name}:{line}: given {row[clock]!r}; {allowed}")
        elif key in times:
            mistakes.append(f"{path.name}:{line}: {key[0]!r} appears twice for {key[1]}; keep one row")
        else:
            times[key] = moment
    _refuse(path, mistakes)
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
    due = {assignment.name: assignment.due for assignment in course.assignments}
    found: dict[str, dict[str, datetime]] = {}
    mistakes: list[str] = []
    for line, row in rows:
        name, student = row["assignment"], row["student"]
        moment, date = read_moment(row["until"], due.get(name)), due.get(name)
        if not student:
            mistakes.append(f"{path.name}:{line}: student is blank; fill it in or delete the row")
        elif name not in due:
            mistakes.append(f"{path.name}:{line}: no assignment {name!r}{did_you_mean(name, due)}")
        elif date is None:
            mistakes.append(f"{path.name}:{line}: {name} has no due date in course.yml; an extension needs one")
        elif moment is None:
            allowed = f"allowed: date, time and zone, such as {EXAMPLE}"
            mistakes.append(f"{path.name}:{line}: until: given {row['until']!r}; {allowed}")
        elif moment < date:
            mistakes.append(f"{path.name}:{line}: until: given {row['until']!r}; allowed: not before due, {date:%c %Z}")
        elif student in found.setdefault(name, {}):
            mistakes.append(f"{path.name}:{line}: {student!r} appears twice for {name}; keep one row")
        else:
            found[name][student] = moment
    _refuse(path, mistakes)
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


def read_table(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the heading (small letters, single spaces) and the rows that are not blank, each with its line.

    Raises
    ------
    CourseError
        If the table cannot be read: no file, wrong encoding, broken quoting, no heading.
    """
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
    first = text.partition("\n")[0]
    if said := _SEPARATOR.fullmatch(first.strip()):  # Excel's own line, which is not the heading
        text = text[len(first) :]  # the line end stays, so that lines are counted as in the file
    delimiter = said[1] if said else max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    heading: list[str] | None = None
    try:
        for cells in reader:
            values = [cell.strip() for cell in cells]
            if not any(values):
                continue
            if heading is None:
                heading = [" ".join(value.casefold().replace("_", " ").split()) for value in values]
            else:
                rows.append((reader.line_num, {**dict.fromkeys(heading, ""), **_row(heading, values)}))
    except csv.Error as error:
        raise CourseError(f"{path.name}:{reader.line_num}: {error}; check the quotes") from None
    if heading is None:
        raise CourseError(f"{path.name}: is empty; the first line names the columns")
    return heading, rows


def _row(heading: list[str], values: list[str]) -> dict[str, str]:
    row: dict[str, str] = {}
    for name, value in zip(heading, values, strict=False):  # short and long lines are common in exports
        row.setdefault(name, value)
    return row
