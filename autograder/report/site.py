"""The report as a folder of pages that need no network, no script and no server."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.course import Course
from autograder.export.counted import counted, harmless
from autograder.export.people import Directory
from autograder.grade.marks import MarkBook
from autograder.report.hints import Hints, hints_of
from autograder.report.model import BINS, GROUPS, ClassView, Student, class_view, group_of
from autograder.results import replacing
from autograder.spec import CourseError
from autograder.store import Mark, Store, Stored

if TYPE_CHECKING:
    from jinja2 import Environment

_PAGE = re.compile(r"[0-9]{4,}\.html")
_LONGEST = 4000
"""Characters of one text of a student that a page shows."""


@dataclass(frozen=True)
class Segment:
    """A piece of a bar, in percent of its length."""

    group: str
    start: float
    width: float
    count: int


@dataclass(frozen=True)
class Column:
    """A column of a histogram in a drawing 100 high."""

    label: str
    count: int
    x: float
    y: float
    height: float


def write_report(store: Store, course: Course, people: Directory, out: Path) -> int:
    """Write ``index.html`` and a page per student below ``out``; return how many students there are.

    Raises
    ------
    CourseError
        If Jinja2 is missing or a file cannot be written.
    """
    pages = environment()
    results = list(counted(store, course))
    hints = hints_of(course, sorted({one.record.exercise for one in results}))
    view = class_view(results, people, course, hints)
    folder = out / "students"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            if _PAGE.fullmatch(old.name):
                old.unlink()  # a page of a student who is no longer there must not stay
    except OSError as error:
        raise CourseError(f"{folder}: cannot be made: {error.strerror}; choose another --to") from None
    marks = store.marks()
    _write(out / "index.html", pages, "index.html.j2", view=view, course=course, shown=_Drawings(view))
    template = "student.html.j2"
    for place, row in enumerate(view.students):
        beside = (view.students[place - 1] if place else None, *view.students[place + 1 : place + 2])
        exercises = list(_exercises(store, row, marks, hints))
        nearby = (beside[0], beside[1] if len(beside) > 1 else None)
        _write(out / row.page, pages, template, view=view, course=course, row=row, exercises=exercises, beside=nearby)
    return len(view.students)


def environment() -> Environment:
    """Return the template engine: everything escaped, controls made visible, a missing name an error.

    Raises
    ------
    CourseError
        If Jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise CourseError("Jinja2 is missing; install the report extra: pip install '.[report]'") from None
    css = (files("autograder.report") / "report.css").read_text(encoding="utf-8")
    pages = Environment(
        loader=PackageLoader("autograder.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    pages.globals |= {"css": _Css(css), "style_hash": style_hash(css), "groups": GROUPS}
    pages.filters |= {"points": points, "percent": percent, "figure": figure, "segments": segments, "group": group_of}
    return pages


class _Css(str):
    """Our own style sheet: not escaped."""

    def __html__(self) -> str:
        return str(self)


def style_hash(css: str) -> str:
    """Return the hash by which the policy of a page allows exactly this style sheet."""
    return base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()


def visible(value: Any) -> Any:
    """Return text with controls made visible and cut where it is endless; everything else as it is."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    text = value if len(value) <= _LONGEST else f"{value[:_LONGEST]} ... ({len(value)} characters)"
    return harmless(text)


def points(value: float) -> str:
    """Return points to a hundredth, without idle zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    """Return a share of 1 in whole percent."""
    return f"{100 * value:.0f}%"


def figure(value: float | None) -> str:
    """Return a coefficient to a hundredth, with a true minus; a dash for None."""
    return "\u2013" if value is None else f"{value:.2f}".replace("-", "\u2212")


def segments(counts: Mapping[str, int]) -> list[Segment]:
    """Return the pieces of a bar 100 long."""
    total = sum(counts.values())
    start = 0.0
    found: list[Segment] = []
    for group in GROUPS:
        if counts.get(group):
            width = 100.0 * counts[group] / total
            found.append(Segment(group, round(start, 3), round(width, 3), counts[group]))
            start += width
    return found


class _Drawings:
    """Geometry of the index page's drawings."""

    def __init__(self, view: ClassView) -> None:
        self._view = view

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


# --- a student's page --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PartView:
    """One part on a student's page; ``failures`` is the evidence by check, ``checks`` the other checks."""

    part: Mapping[str, Any]
    failures: Sequence[Mapping[str, Any]]
    checks: Sequence[Mapping[str, Any]]
    hints: Sequence[tuple[str, str]]
    next_step: str
    marks: Sequence[Mark]


@dataclass(frozen=True)
class ExerciseView:
    """One exercise on a student's page."""

    title: str
    stored: Stored
    files: Sequence[str]
    days_late: int | None
    parts: Sequence[PartView]


def _exercises(store: Store, row: Student, marks: Sequence[Mark], hints: Hints) -> Iterable[ExerciseView]:
    mine = [mark for mark in marks if mark.student == row.student]
    book = MarkBook(mine)
    for name, one in row.exercises.items():
        found = store.get(row.student, name)
        if found is None:
            continue  # removed by another process since the class was read
        stored = replace(found[0], record=book.counted(found[0].record))
        by_part = [mark for mark in mine if mark.exercise == name]
        parts = [_part(name, part, stored, by_part, hints) for part in stored.record.parts]
        yield ExerciseView(hints.title(name), stored, [file for file, _ in found[1]], one.days_late, parts)


def _part(exercise: str, part: Mapping[str, Any], stored: Stored, marks: Sequence[Mark], hints: Hints) -> PartView:
    failures = list(stored.evidence.get(part["name"], ()))
    explained = {(item["title"], item["visibility"]) for item in failures}
    rest = [check for check in part["checks"] if (check["title"], check["visibility"]) not in explained]
    return PartView(
        part,
        failures,
        rest,
        [(title, hints.of(exercise, part["name"], title)) for title in part["misconceptions"]],
        "" if part["status"] == "correct" else hints.next_step(exercise, part["name"]),
        [mark for mark in marks if mark.part == part["name"]],
    )


def _write(path: Path, pages: Environment, template: str, **names: Any) -> None:
    with replacing(path) as stream:
        stream.writelines(pages.get_template(template).generate(**names))
