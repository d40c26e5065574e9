"""Marks by hand between the results store and nbgrader's gradebook, both ways.

The gradebook keeps one score per cell, without who gave it or when; the store keeps every mark.  So that a mark that
was changed in formgrader is told from one that is merely old, what both sides last agreed on is kept next to the
results.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.errors import CourseError
from autograder.lms.nbgrader.verdicts import CellVerdict
from autograder.plain import dataclass
from autograder.store.marks import fits, is_for, worth_now
from autograder.store.stored import NO_ANSWER, Mark

FILE = "nbgrader-marks.json"

PartKey = tuple[str, str, str]
"""Student, exercise, part."""

GivenMark = tuple[float, str]
"""Points and comment."""


@dataclass(frozen=True)
class Agreed:
    """What gradebook and store last agreed on."""

    marks: Mapping[PartKey, GivenMark] = field(default_factory=dict)


def read_agreed(folder: Path) -> Agreed:
    """Return what was agreed on at the last export into a gradebook; nothing if there was none.

    Raises
    ------
    CourseError
        If the file is there and cannot be read.
    """
    path = folder / FILE
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return Agreed({(str(a), str(b), str(c)): (float(points), str(said)) for a, b, c, points, said in rows})
    except FileNotFoundError:
        return Agreed()
    except (OSError, ValueError, TypeError) as error:
        raise CourseError(f"{path}: cannot be read ({type(error).__name__}); move it away to start afresh") from None


def write_agreed(folder: Path, marks: Mapping[PartKey, GivenMark]) -> None:
    """Keep what is agreed on now."""
    with replacing(folder / FILE) as stream:
        json.dump([[*place, *said] for place, said in sorted(marks.items())], stream, indent=0)


def forget_agreed(folder: Path, student: str) -> None:
    """Keep nothing of a student in what is agreed on.

    Raises
    ------
    CourseError
        If the file is there and cannot be read.
    """
    known = read_agreed(folder).marks
    kept = {place: said for place, said in known.items() if place[0] != student}
    if len(kept) < len(known):
        write_agreed(folder, kept)


class HandMarks:
    """The marks of the store by part, and what is new in the gradebook.

    Parameters
    ----------
    marks : iterable of Mark
        Of the store, oldest first.
    agreed : Agreed
        At the last export.
    who, at : str, datetime
        What new marks from the gradebook are kept under: it does not say itself.
    """

    def __init__(self, marks: Iterable[Mark], agreed: Agreed, who: str, at: datetime) -> None:
        self._history: dict[PartKey, list[Mark]] = {}
        for mark in marks:
            self._history.setdefault((mark.student, mark.exercise, mark.part), []).append(mark)
        self._agreed = agreed.marks
        self._who, self._at = who, at
        self.now: dict[PartKey, GivenMark] = dict(agreed.marks)
        self.new: list[Mark] = []
        self.remarks: list[str] = []

    def last(self, place: PartKey, one: CellVerdict) -> Mark | None:
        """Return the last mark if it is for this answer, by these criteria, or None."""
        mark = self._history.get(place, [None])[-1]
        return mark if mark is not None and fits(mark, one.digest, one.criteria) else None

    def take(self, row: Any, student: str, exercise: str, found: Iterable[CellVerdict]) -> None:
        """Take over what a person marked in one notebook of the gradebook since the last export."""
        comments = {one.cell.name: one for one in row.comments}
        parts = {one.graded: one for one in found}
        for grade in row.grades:
            one = parts.get(grade.cell.name)
            if one is None:
                continue
            place = (student, exercise, one.part)
            if grade.extra_credit:
                self.remarks.append(f"{_spoken(place)}: extra credit stays in the gradebook alone")
            comment = comments.get(one.answer)
            said = (comment.manual_comment if comment is not None else None) or ""
            for mark in self._news(place, grade.manual_score, said, float(grade.cell.max_score), one):
                self._history.setdefault(place, []).append(mark)
                self.new.append(mark)

    def _news(self, place: PartKey, points: float | None, said: str, most: float, one: CellVerdict) -> Iterator[Mark]:
        before, own, answer = self._agreed.get(place), self.last(place, one), one.digest
        if points is None:
            if before is not None and own is not None:
                self.remarks.append(
                    f"{_spoken(place)}: not in the gradebook any more (graded again or taken back there); "
                    f"the mark kept here counts: {own.points:g} by {own.who}"
                )
            return
        if before == (points, said) or (own is not None and (_now(own, most, one), own.comment) == (points, said)):
            return
        older = [mark for mark in self._history.get(place, [])[:-1] if is_for(mark, answer)]
        if before is None and own is not None and any(mark.points == points for mark in older):
            return  # an older mark of the store, exported before what was agreed on was kept
        if not (math.isfinite(points) and 0 <= points <= most):
            self.remarks.append(f"{_spoken(place)}: {points:g} points in the gradebook; allowed: 0 to {most:g}")
            return
        if (
            own is not None
            and _now(own, most, one) != points
            and before not in {(own.points, own.comment), (_now(own, most, one), own.comment)}
        ):
            self.remarks.append(
                f"{_spoken(place)}: marked {_given(own, most, one)} by {own.who} here and {points:g} of {most:g} in "
                f"formgrader; formgrader's {points:g} counts"
            )
        yield Mark(*place, points, said, self._who, self._at, most, answer or NO_ANSWER)

    def give(self, row: Any, student: str, exercise: str, found: Iterable[CellVerdict]) -> int:
        """Write the marks that count into one notebook of the gradebook; return how many."""
        grades = {grade.cell.name: grade for grade in row.grades}
        comments = {one.cell.name: one for one in row.comments}
        count = 0
        for one in found:
            place = (student, exercise, one.part)
            mark, grade = self.last(place, one), grades.get(one.graded)
            if grade is None:
                continue
            if mark is None:
                self._take_back(place, grade)
                continue
            grade.manual_score = _now(mark, float(grade.cell.max_score), one)
            grade.needs_manual_grade = one.failed
            comment = comments.get(one.answer)
            ours = self._agreed.get(place, (0.0, ""))[1]
            if comment is not None and (mark.comment or (comment.manual_comment or "") == ours):
                comment.manual_comment = mark.comment or None
            said = comment.manual_comment if comment is not None else None
            self.now[place] = (float(grade.manual_score), said or "")
            count += 1
        return count

    def _take_back(self, place: PartKey, grade: Any) -> None:
        """Put a cell back to a person whose mark is for an earlier answer."""
        old = self._history.get(place, [None])[-1]
        if old is None or grade.manual_score is None:
            return
        self.now.pop(place, None)
        grade.manual_score = None
        grade.needs_manual_grade = True
        self.remarks.append(
            f"{_spoken(place)}: another answer than the one that was marked {old.points:g} by {old.who}; "
            "it needs manual grading again"
        )


def _now(mark: Mark, most: float, one: CellVerdict) -> float:
    """Return what a mark is worth in a cell of so many points."""
    return worth_now(mark, most, one.criteria)


def _given(mark: Mark, most: float, one: CellVerdict) -> str:
    """Return a mark with what it was out of, and what it is now where the part is worth other points since."""
    then, now = most if mark.out_of is None else mark.out_of, _now(mark, most, one)
    later = f" (now {now:g} of {most:g})" if (then, mark.points) != (most, now) else ""
    return f"{mark.points:g} of {then:g}{later}"


def _spoken(place: PartKey) -> str:
    return " ".join(place)
