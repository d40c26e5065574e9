"""The report as a folder of pages that need no network and no server; one sorts its rows by its own script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.atomic import private_folder
from autograder.course.exercises import load_exercise
from autograder.course.feedback_policy import policies
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.lms.gradescope.results import folder_names
from autograder.lms.people import Directory
from autograder.plain import dataclass
from autograder.release.answers import answer_cells, without_markers
from autograder.reports.concerns import FAILED, LATE, STALE, TO_MARK, UNUSABLE
from autograder.reports.engine import environment, write_page
from autograder.reports.exercise_texts import Hints, hints_of
from autograder.reports.marking import PAGE, write_marking
from autograder.reports.model import BINS, ClassView, SharedMisconception, StudentInClass, class_view
from autograder.reports.student import ExerciseView, Picture, Solutions, accounts, exercises_of
from autograder.store.generations import stale
from autograder.store.marks import MarkBook
from autograder.store.standings import counted
from autograder.store.store import Store
from autograder.store.unnamed import unnamed_groups

_PAGE = re.compile(r"[0-9]{4,}\.html")
_FIRST_SHOWN = 3
"""Misconceptions on the index page before the reader asks for the rest."""

_PAGE_OF_STUDENT = "student.html.j2"


@dataclass(frozen=True)
class Column:
    """A column of a histogram in a drawing 100 high."""

    label: str
    count: int
    x: float
    y: float
    height: float


def write_report(
    store: Store,
    course: Course,
    people: Directory,
    out: Path,
    picture: Picture | None = None,
    numbers: Mapping[str, str] | None = None,
    now: datetime | None = None,
    place: str = "DIR",
) -> int:
    """Write ``index.html``, ``marking.html`` and a page per student below ``out``; return how many students there are.

    ``picture`` draws the figure of a submission, where figures are wanted.  With ``numbers``, which stand for the
    students, there are no pages of students, and no mistakes that students may not see at this moment (``now``).
    ``place`` is what commands on the pages call the results.

    Raises
    ------
    CourseError
        If Jinja2 is missing or a file cannot be written.
    """
    pages = environment()
    marks = store.marks()
    view, hints = _class(store, course, people, numbers)
    folder = out / "students"
    private_folder(out if numbers is not None else folder)
    for old in folder.iterdir() if folder.is_dir() else ():
        if _PAGE.fullmatch(old.name):
            old.unlink()  # a page of a student who is no longer there must not stay
    unnamed, withheld = _unnamed(store, course, view, numbers), 0
    if numbers is not None:
        seen = policies(course, (a.name for a in view.assignments), now or datetime.now(UTC))
        told = [one for one in view.misconceptions if seen[one.assignment].misconceptions]
        known = [one for one in unnamed if seen[one[0].assignment].misconceptions]
        withheld = len(view.misconceptions) - len(told) + len(unnamed) - len(known)
        view, unnamed = replace(view, misconceptions=told), known
    names = {"view": view, "course": course, "shown": _Drawings(view), "examples": _examples(store, view, numbers)}
    names |= {"unnamed": unnamed, "withheld": withheld, "place": place}
    answers = write_marking(store, course, people, hints, out, numbers, place)
    tasks = _tasks(view, answers, len(unnamed), anonymous=numbers is not None)
    write_page(out / "index.html", pages, "index.html.j2", **names, tasks=tasks, anonymous=numbers is not None)
    if numbers is not None:
        return len(view.students)
    for row, before, after in _neighbours(view.students):
        exercises = list(exercises_of(store, row, marks, hints, None, picture))
        own = {"course": course, "row": row, "exercises": exercises, "for_student": False, "place": place}
        own["accounts"] = accounts(row, course, hints)
        write_page(out / row.page, pages, _PAGE_OF_STUDENT, neighbours=(before, after), **own)
    return len(view.students)


def write_handouts(
    store: Store,
    course: Course,
    people: Directory,
    out: Path,
    picture: Picture | None = None,
    now: datetime | None = None,
) -> dict[str, Path]:
    """Write ``out/<student>.html``: pages to give to the students, with what ``course.yml`` lets them see.

    Parameters
    ----------
    store, course, people, out : Store, Course, Directory, Path
        Results, course, class list and folder.
    picture : callable, optional
        Draws the figure of a submission.
    now : datetime, optional
        When the pages are read; at once by default.

    Returns
    -------
    dict
        The page of each student.

    Raises
    ------
    CourseError
        If Jinja2 is missing or a file cannot be written.
    """
    pages = environment()
    view, hints = _class(store, course, people)
    private_folder(out)
    files = {student: out / f"{name}.html" for student, name in folder_names(r.student for r in view.students).items()}
    seen = policies(course, (a.name for a in view.assignments), now or datetime.now(UTC))
    marks = store.marks()
    for row in view.students:
        shown = exercises_of(store, row, marks, hints, seen, picture, _solutions_of(course))
        exercises: list[ExerciseView] = list(shown)
        names = {"course": course, "row": row, "exercises": exercises, "for_student": True}
        names["accounts"] = accounts(row, course, hints)
        write_page(files[row.student], pages, _PAGE_OF_STUDENT, neighbours=(None, None), **names)
    return files


def _solutions_of(course: Course) -> Solutions:
    """Return a function that gives the worked solutions of an exercise; each is made once."""
    made: dict[str, Mapping[str, str]] = {}

    def solutions(exercise: str) -> Mapping[str, str]:
        if exercise not in made:
            try:
                folder = load_exercise(course.root, exercise, hidden=True)
                made[exercise] = without_markers(answer_cells(folder, solved=True))
            except CourseError:  # results outlive the exercise that made them
                made[exercise] = {}
        return made[exercise]

    return solutions


def _class(
    store: Store, course: Course, people: Directory, numbers: Mapping[str, str] | None = None
) -> tuple[ClassView, Hints]:
    results = list(counted(store, course))
    hints = hints_of(course, sorted({one.record.exercise for one in results}))
    old = list(stale(store, course))
    return class_view(results, people, course, hints, MarkBook(store.marks()), old, numbers), hints


def _unnamed(
    store: Store, course: Course, view: ClassView, numbers: Mapping[str, str] | None
) -> list[tuple[SharedMisconception, Mapping[str, str] | None]]:
    """Return the wrong answers that several students share and no misconception names, each with an example.

    A page without names is for a class, which sees no values.
    """
    rows = {row.student: row for row in view.students}
    shown = numbers or {}
    found: list[tuple[SharedMisconception, Mapping[str, str] | None]] = []
    try:
        groups = unnamed_groups(store, course)
    except CourseError:  # an exercise that cannot be loaded any more has results all the same
        return []
    for one in groups:
        students = [rows[shown.get(member, member)] for member in one.members]
        call, returned, expected = one.shown[0]
        example = None if numbers is not None else {"call": call, "returned": returned, "expected": expected}
        found.append(
            (SharedMisconception(one.relation or "one wrong answer", one.exercise, one.part, "", students), example)
        )
    return found


@dataclass(frozen=True)
class Task:
    """Something that needs a person: what, how many, which students, and where to continue."""

    what: str
    count: int
    names: Sequence[str]
    link: str = ""
    minor: bool = False


_LINKS = {TO_MARK: PAGE, UNUSABLE: "#trouble", FAILED: "#trouble", LATE: "#late"}
_WORDS = {
    TO_MARK: "to read and mark",
    UNUSABLE: "handed in as a file that could not be used",
    FAILED: "on which the grader failed; grade again",
    STALE: "of the exercises: results of another course or package; grade again",
    LATE: "handed in late",
}
_MINOR = (LATE,)


def _tasks(view: ClassView, answers: int, unnamed: int, *, anonymous: bool) -> list[Task]:
    """Return what needs a person, what must be decided first; without names in an anonymous class."""
    shared = Task("wrong answers that several students share and no misconception names", unnamed, (), "#unnamed")
    tasks = [shared] if unnamed else []
    for kind, names in view.concerns.items():
        count = answers if kind == TO_MARK else len(names)
        shown = () if anonymous or kind == TO_MARK else names
        tasks.append(Task(_WORDS.get(kind, kind), count, shown, _LINKS.get(kind, ""), kind in _MINOR))
    return sorted(tasks, key=lambda one: (one.minor, one is shared))


def _neighbours(
    students: Sequence[StudentInClass],
) -> Iterator[tuple[StudentInClass, StudentInClass | None, StudentInClass | None]]:
    for place, row in enumerate(students):
        yield row, students[place - 1] if place else None, students[place + 1] if place + 1 < len(students) else None


def _examples(
    store: Store, view: ClassView, numbers: Mapping[str, str] | None = None
) -> list[Mapping[str, Any] | None]:
    """Return for each misconception an answer of the first student with it: the shortest call, public first.

    An anonymous class may be shown to students, so it holds no hidden case.
    """
    found: list[Mapping[str, Any] | None] = []
    behind = {number: student for student, number in (numbers or {}).items()}
    for held in view.misconceptions:
        who = held.students[0].student
        stored = store.get(behind.get(who, who), held.exercise)
        items = [] if stored is None else stored[0].evidence.get(held.part, ())
        telling = [item for item in items if item["call"] and item["returned"]]
        if numbers is not None:
            telling = [item for item in telling if item["visibility"] == "public"]
        order = sorted(telling, key=lambda item: (item["expected"] is None, len(item["call"])))
        found.append(order[0] if order else None)
    return found


class _Drawings:
    """Geometry of the index page's drawings."""

    def __init__(self, view: ClassView) -> None:
        self._view = view
        self.first_shown = _FIRST_SHOWN

    def histogram(self, bins: Sequence[int]) -> list[Column]:
        """Return the columns of a histogram: 10 units wide each, the highest 100 high."""
        most = max([1, *bins])
        columns = []
        for k, count in enumerate(bins):
            height = round(100 * count / most, 2)
            label = f"{k * 100 // BINS}\u2013{(k + 1) * 100 // BINS}%"
            columns.append(Column(label, count, 10.0 * k, 100 - height, height))
        return columns

    def most_held(self) -> int:
        """Return how many students hold the most frequent misconception."""
        return max([1, *(len(one.students) for one in self._view.misconceptions)])
