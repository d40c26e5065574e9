"""Canvas: a gradebook import, in the words of the gradebook that Canvas exported.

Format: Canvas, "How do I import grades in the Gradebook?" and "How do I format a CSV to import into the Gradebook?".
Canvas finds a student by its own ``ID``, else by the SIS ids; it finds an assignment by the number in brackets behind
its name, else by the name.  So both are kept as Canvas wrote them wherever its gradebook is the class list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from difflib import get_close_matches
from statistics import mode

from autograder.course.model import Assignment, Course
from autograder.errors import CourseError
from autograder.lms.people import Directory, ListedStudent
from autograder.lms.tables import TableRow
from autograder.plain import dataclass
from autograder.store.files import table_number
from autograder.store.standings import Counted, Total, totals
from autograder.text import did_you_mean

CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POINTS_POSSIBLE = "    Points Possible"
"""How Canvas marks its second row: four spaces first."""

_OWN = ("student", "id", "sis user id", "sis login id", "integration id", "root account", "section")
_IDS = ("id", "sis user id", "sis login id", "integration id")
_LOGINS = ("sis login id", "login id", "login", "username")
_MISREAD = re.compile(r"(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)| \(\d+\)$")
_NUMBERED = re.compile(r"(?P<name>.+?)\s+\((?P<number>\d+)\)")


@dataclass(frozen=True)
class Headings:
    """What the columns of assignments are called in Canvas.

    Attributes
    ----------
    named : mapping of str to str
        Heading by assignment, where the class list or the instructor says so.
    """

    named: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Directory, course: Course, columns: Sequence[str] = ()) -> Headings:
        """Return the headings of the gradebook that is the class list, those of ``--column`` first.

        Parameters
        ----------
        people : Directory
            The class, with the headings of its list as they were written.
        course : Course
            Its assignments.
        columns : sequence of str
            ``ASSIGNMENT=HEADING``; of a course with one assignment the heading alone.

        Raises
        ------
        CourseError
            If a column names no assignment, or a heading that is misspelt.
        """
        named: dict[str, str] = {}
        for heading in people.headings:
            bare = _plain(match["name"] if (match := _NUMBERED.fullmatch(heading)) else heading)
            for assignment in course.assignments:
                if bare in map(_plain, (canvas_name(assignment), assignment.title, assignment.name)):
                    named.setdefault(assignment.name, heading)
        known = [assignment.name for assignment in course.assignments]
        for column in columns:
            name, equals, heading = column.partition("=")
            if not equals and len(known) == 1:
                name, heading = known[0], column
            if name not in known or not heading:
                example = f"{known[0]}='Week 1 (4711)'"
                advice = did_you_mean(name, known)
                raise CourseError(f"--column {column!r}: write ASSIGNMENT=HEADING, as in {example}{advice}")
            near = get_close_matches(heading, people.headings, 1, 0.8)  # another one is a new column
            if _is_gradebook(people) and heading not in people.headings and near:
                raise CourseError(f"--column {column!r}: not in the gradebook; did you mean {near[0]!r}?")
            named[name] = heading
        return cls(named)

    def name(self, assignment: Assignment) -> str:
        """Return what the column of an assignment is called."""
        return self.named.get(assignment.name) or canvas_name(assignment)

    def misread(self, course: Course) -> list[str]:
        """Return the names of new columns that Canvas takes for its own, or their number in brackets for an id."""
        new = [canvas_name(one) for one in course.assignments if one.name not in self.named]
        return [name for name in new if _MISREAD.search(name)]


def canvas_name(assignment: Assignment) -> str:
    """Return what an assignment is called in Canvas where Canvas does not know it yet."""
    return f"{assignment.name}: {assignment.title}" if assignment.title else assignment.name


def canvas_rows(
    results: Iterable[Counted], people: Directory, course: Course, headings: Headings
) -> Iterable[TableRow]:
    """Yield a Canvas gradebook: a column per assignment with results, the second row says what it is worth.

    Points are what counts, after lateness.  Blank cells leave the grade in Canvas as it is.  An assignment whose name
    Canvas does not know is created.
    """
    sums = totals((one.grade for one in results), course)
    present = {assignment for _, assignment in sums}
    chosen = [assignment for assignment in course.assignments if assignment.name in present]
    columns = [name for name in _OWN if name in people.columns] if _is_gradebook(people) else []
    titles = [people.headings[people.columns.index(name)] for name in columns] or list(CANVAS_COLUMNS)
    yield (*titles, *map(headings.name, chosen))
    possible = [_worth([total for (_, name), total in sums.items() if name == one.name]) for one in chosen]
    yield (POINTS_POSSIBLE, *[""] * (len(titles) - 1), *map(table_number, possible))
    for student, entry in people.entries.items():
        cells = (table_number(_points(sums.get((student, one.name)))) for one in chosen)
        ids = [entry.columns.get(name, "") for name in columns] if columns else _ids(entry, people)
        yield (*ids, *cells)


def without_ids(people: Directory) -> bool:
    """Whether the class list holds none of the ids by which Canvas finds a student."""
    return not any(entry.first(*_IDS, *_LOGINS) for entry in people.entries.values())


def _is_gradebook(people: Directory) -> bool:
    return {"student", "id", "section"} <= set(people.columns)


def _ids(entry: ListedStudent, people: Directory) -> tuple[str, str, str, str, str]:
    """Return the cells of a list that is not Canvas's; without any id for Canvas the course's own id is the login."""
    own = entry.first("student", "student id") or entry.student
    login = entry.first(*_LOGINS) or (own if without_ids(people) else "")
    return entry.name or entry.student, "", entry.first("sis user id"), login, entry.first("section")


def _points(total: Total | None) -> float | None:
    return None if total is None else total.points


def _worth(several: Sequence[Total]) -> float:
    """Return what an assignment is worth: what most of the class were graded by."""
    return mode(total.max_score for total in several)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
