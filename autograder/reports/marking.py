"""The page of written answers: everything that needs manual grading, in the order of the table that takes the marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from autograder.course.model import Course
from autograder.lms.people import Directory
from autograder.plain import dataclass
from autograder.reports.engine import Markup, environment, write_page
from autograder.reports.exercise_texts import Hints
from autograder.reports.written import pictures_in, rendered
from autograder.store.alike import words_of
from autograder.store.mark_tables import Waiting, waiting
from autograder.store.store import Store

PAGE = "marking.html"

_PICTURES = 24_000_000
"""Characters of pictures on the page; what is beyond that is opened from its file."""


@dataclass(frozen=True)
class ShownAnswer:
    """One answer on the page; ``same`` are rows with the same words."""

    row: Waiting
    who: str
    text: Markup
    pictures: Sequence[Markup]
    left_out: int
    same: Sequence[int]


@dataclass(frozen=True)
class PartToMark:
    """The answers to one part."""

    exercise: str
    title: str
    part: str
    asked: str
    worth: Sequence[float]
    first: Waiting
    answers: Sequence[ShownAnswer]


def write_marking(
    store: Store,
    course: Course,
    people: Directory,
    hints: Hints,
    out: Path,
    numbers: Mapping[str, str] | None = None,
    place: str = "DIR",
) -> int:
    """Write the page of what needs manual grading; return how many answers there are.

    Parameters
    ----------
    store, course, people, hints, out : Store, Course, Directory, Hints, Path
        Results, course, class list, texts of the exercises, and the folder.
    numbers : mapping of str to str, optional
        Under which number each student appears; names without it.
    place : str
        The results, as commands on the page name them.

    Raises
    ------
    CourseError
        If a library that renders is missing, or the page cannot be written.
    """
    rows = list(waiting(store, course.exercises))
    names = {
        "course": course,
        "questions": list(_questions(rows, store, people, hints, numbers)),
        "count": len(rows),
        "anonymous": numbers is not None,
        "place": place,
    }
    write_page(out / PAGE, environment(), "marking.html.j2", **names)
    return len(rows)


def _questions(
    rows: Iterable[Waiting], store: Store, people: Directory, hints: Hints, numbers: Mapping[str, str] | None
) -> Iterator[PartToMark]:
    left = _PICTURES
    for (exercise, part), group in groupby(rows, key=lambda one: (one.exercise, one.part)):
        several = list(group)
        equal: dict[str, list[int]] = {}
        for one in several:
            equal.setdefault(words_of(one.answer), []).append(one.row)
        answers = []
        for one in several:
            found = list(pictures_in(_files(store, one)))
            shown = found if sum(map(len, found)) <= left else []
            left -= sum(map(len, shown))
            who = numbers[one.student] if numbers is not None else people.name(one.student) or one.student
            same = [row for row in equal[words_of(one.answer)] if row != one.row] if one.answer.strip() else []
            text = rendered(one.answer)
            answers.append(ShownAnswer(one, who, text, [Markup(uri) for uri in shown], len(found) - len(shown), same))
        worth = sorted({one.max_points for one in several})
        asked = hints.asked.get((exercise, part), "")
        yield PartToMark(exercise, hints.title(exercise), part, asked, worth, several[0], answers)


def _files(store: Store, row: Waiting) -> Iterator[tuple[str, bytes]]:
    for name, sha256 in row.files:
        if name.lower().endswith((".ipynb", ".png", ".jpg", ".jpeg")):
            data = store.blob(sha256)
            if data is not None:
                yield name, data
