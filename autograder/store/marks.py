"""Marks by hand: counted into the records wherever these are shown or written, never into the verdicts themselves.

A verdict in the store stays what the grader said, and a mark stays what a person said; a regrade replaces the first and
leaves the second alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from autograder.errors import CourseError
from autograder.plain import dataclass
from autograder.statuses import UNREADABLE, WAITING
from autograder.store.people import no_result_of
from autograder.store.records import Grade, Record, rounded_points
from autograder.store.store import Store
from autograder.store.stored import NO_ANSWER, Mark
from autograder.store.waiting import waiting_parts
from autograder.text import did_you_mean

ROUNDING = 0.005
"""By how much points may differ from what they are shown as: a maximum of 20/3 is copied as 6.67."""


class MarkBook:
    """The marks that count: of several for one part the last, unless the answer is another one since.

    Parameters
    ----------
    marks : iterable of Mark
        Oldest first.
    """

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks: dict[tuple[str, str], dict[str, Mark]] = {}
        for mark in marks:
            self._marks.setdefault((mark.student, mark.exercise), {})[mark.part] = mark

    def of(self, record: Record) -> dict[str, Standing]:
        """Return the last mark of each part of a record that has one, and how it counts now."""
        marks = self._marks.get((record.student, record.exercise), {})
        parts = {part["name"]: part for part in record.parts}
        return {name: Standing.of(mark, parts[name]) for name, mark in marks.items() if name in parts}

    def counted(self, record: Record) -> Record:
        """Return the record with its marks counted: in the score, and no longer waiting.

        A part whose answer is another one since it was marked waits again, and its message names the old mark.
        """
        marks = self.of(record)
        if not marks:
            return record
        waits = waiting_parts(record)
        parts = []
        pending = record.pending_points
        for part in record.parts:
            standing = marks.get(part["name"])
            after = part if standing is None else standing.counted(part)
            pending += _waits(after, part["name"] in waits) - _waits(part, part["name"] in waits)
            parts.append(after)
        score = sum(part["score"] for part in parts)
        return replace(
            record, parts=tuple(parts), score=rounded_points(score), pending_points=rounded_points(max(pending, 0.0))
        )

    def lines(self, store: Store) -> Iterator[str]:
        """Yield the lines of ``results.jsonl``, sorted."""
        if not self._marks:
            return store.lines()
        return (record.line() for record in self.records(store))

    def records(self, store: Store) -> Iterator[Record]:
        """Yield all records, sorted."""
        return (self.counted(record) for record in store.records())

    def grades(self, store: Store) -> Iterator[Grade]:
        """Yield what a total needs of every record."""
        for grade in store.grades():
            if (grade.student, grade.exercise) not in self._marks:
                yield grade
                continue
            found = store.get(grade.student, grade.exercise)
            record = self.counted(found[0].record) if found is not None else None
            if record is not None:
                yield replace(grade, score=record.score, pending_points=record.pending_points)


@dataclass(frozen=True)
class Standing:
    """A mark as it counts for a part now.

    Attributes
    ----------
    mark : Mark
        As it was given.
    points : float
        What it is worth now: the criteria that were ticked at their present points, or the same share of the part.
    out_of : float
        What the part is worth now.
    current : bool
        Whether the answer that was marked is the one that is there, and the criteria are the same list.
    """

    mark: Mark
    points: float
    out_of: float
    current: bool

    @classmethod
    def of(cls, mark: Mark, part: Mapping[str, Any]) -> Standing:
        """Return how a mark counts for a part of a record."""
        now, rubric = float(part["max_score"]), part.get("criteria", ())
        current = fits(mark, part.get("answer"), rubric)
        return cls(mark, worth_now(mark, now, rubric if current else ()), now, current)

    @property
    def rescaled(self) -> bool:
        """Whether the points of the part, or of a criterion that was ticked, changed since it was marked."""
        given = (self.mark.out_of, rounded_points(self.mark.points))
        return self.mark.out_of is not None and given != (self.out_of, self.points)

    @property
    def said(self) -> str:
        """The mark in words: what was given, and what it is now."""
        then = self.mark.out_of if self.mark.out_of is not None else self.out_of
        given = f"{self.mark.points:g} of {then:g}"
        return f"{given}, now {self.points:g} of {self.out_of:g}" if self.rescaled and self.current else given

    def counted(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the part with the mark counted, or waiting where the answer is another one."""
        if self.current:
            status = "correct" if self.points == rounded_points(self.out_of) else "partial" if self.points else "wrong"
            what = "this part" if self.mark.out_of != self.out_of else "the criteria"
            remark = f"(points of {what} changed: {self.said})" if self.rescaled else ""
            message = " ".join(text for text in (self.mark.comment, remark) if text)
            return {**part, "status": status, "score": self.points, "message": message or None}
        if part["kind"] != "manual":
            return part  # the grader's verdict on the new answer
        if is_for(self.mark, part.get("answer")):
            before = "by other criteria it was"
        else:
            before = "an earlier answer was" if self.mark.answer else "before there was an answer it was"
        said = f"needs manual grading; {before} marked {self.said}"
        return {**part, "status": "manual", "score": 0.0, "message": said}


def fits(mark: Mark, answer: str | None, rubric: Iterable[Mapping[str, Any]]) -> bool:
    """Whether a mark is for this answer, and was given by these criteria if it was given by any."""
    names = {name for name, _ in mark.criteria}
    return is_for(mark, answer) and (not names or names == {one["name"] for one in rubric})


def is_for(mark: Mark, answer: str | None) -> bool:
    """Whether a mark is for this answer, or for none where there is none."""
    return mark.answer is None or mark.answer == (answer or NO_ANSWER)


def worth_now(mark: Mark, out_of: float, rubric: Iterable[Mapping[str, Any]] = ()) -> float:
    """Return what a mark is worth in a part of so many points: by the criteria that were ticked, else by its share."""
    ticked = {name for name, tick in mark.criteria if tick}
    worths = {one["name"]: float(one["points"]) for one in rubric}
    if mark.criteria and ticked <= worths.keys() and worths:
        # a share, so that all criteria together are the whole part however their points were rounded
        return rounded_points(out_of * (sum(worths[name] for name in ticked) / sum(worths.values())))
    then = mark.out_of if mark.out_of is not None else out_of
    return rounded_points((min(mark.points / then, 1.0) if then else 0.0) * out_of)


def _waits(part: Mapping[str, Any], waited: bool) -> float:
    """Return how many points of a part need manual grading; an unreadable formula only if it did so before."""
    waiting = part["status"] in WAITING or (waited and part["status"] == UNREADABLE)
    return float(part["max_score"]) if waiting else 0.0


def replaced(store: Store, marks: Iterable[Mark]) -> list[str]:
    """Name the marks of other people that these replace by other points, each with both values."""
    book = MarkBook(store.marks())
    told = []
    for mark in marks:
        found = store.get(mark.student, mark.exercise)
        held = book.of(found[0].record).get(mark.part) if found is not None else None
        if held is not None and held.current and held.mark.who != mark.who and held.points != mark.points:
            place = f"{mark.student} {mark.exercise} {mark.part}"
            told.append(f"{place}: {held.points:g} by {held.mark.who}, now {mark.points:g} by {mark.who}")
    return told


def set_marks(store: Store, marks: Iterable[Mark]) -> int:
    """Keep marks after checking each against its record, for all members of a team; return how many.

    Raises
    ------
    CourseError
        With every mark that cannot be; then none is kept.
    """
    everything = list(marks)
    mistakes = [text for mark in everything if (text := problem_with(store, mark))]
    if mistakes:
        raise CourseError("\n".join(mistakes))
    kept = [anchored(store, mark) for mark in everything]
    together = store.teammates()
    for mark in list(kept):
        for member in together.get((mark.student, mark.exercise), ()):
            other = anchored(store, replace(mark, student=member))
            if other.answer == mark.answer and (member, mark.exercise, mark.part) not in {_place(one) for one in kept}:
                kept.append(other)
    store.mark(*kept)
    return len(kept)


def unanswered(store: Store, marks: Iterable[Mark]) -> list[str]:
    """Name the parts that were marked by hand although nothing was handed in for them."""
    given = [mark for mark in marks if anchored(store, mark).answer == NO_ANSWER]
    return [" ".join(_place(mark)) for mark in given if _part(store, mark)["kind"] == "manual"]


def _place(mark: Mark) -> tuple[str, str, str]:
    return mark.student, mark.exercise, mark.part


def anchored(store: Store, mark: Mark) -> Mark:
    """Return a mark with what it was given for: the answer that is there now, and what the part is worth now."""
    part = _part(store, mark)
    most = float(part["max_score"])
    return replace(mark, points=min(mark.points, most), out_of=most, answer=part.get("answer") or NO_ANSWER)


def _part(store: Store, mark: Mark) -> Mapping[str, Any]:
    """Return the part of the record that a mark is for; without one, an empty mapping."""
    found = store.get(mark.student, mark.exercise)
    parts = found[0].record.parts if found is not None else ()
    return next((part for part in parts if part["name"] == mark.part), {})


def ticked(store: Store, mark: Mark, names: Iterable[str]) -> Mark:
    """Return a mark whose points are those of the criteria of these names.

    Raises
    ------
    CourseError
        If the part has no such criterion.
    """
    part = _part(store, mark)
    rubric = part.get("criteria", ())
    given, known = set(names), [one["name"] for one in rubric]
    for name in sorted(given - set(known)):
        raise CourseError(f"{mark.part} has no criterion {name!r}{did_you_mean(name, known)}")
    marked = replace(mark, criteria=tuple((name, name in given) for name in known))
    return replace(marked, points=worth_now(marked, float(part["max_score"]), rubric)) if known else mark


def problem_with(store: Store, mark: Mark) -> str | None:
    """Say why a mark cannot be kept, or None: who and what it is for must be known, and 0 <= points <= maximum."""
    found = store.get(mark.student, mark.exercise)
    if found is None:
        return _unknown(store, mark)
    parts = {part["name"]: part for part in found[0].record.parts}
    part = parts.get(mark.part)
    if part is None:
        return f"{mark.exercise} has no part {mark.part!r} in the results{did_you_mean(mark.part, parts)}"
    if part["kind"] == "function":
        return f"{mark.part} is a function, which the grader marks ({part['status']}); it takes no mark by hand"
    if not (math.isfinite(mark.points) and 0 <= mark.points <= part["max_score"] + ROUNDING):
        return f"{mark.points:g} points for {mark.part}: allowed: 0 to {part['max_score']:g}"
    return None


def _unknown(store: Store, mark: Mark) -> str:
    keys = store.keys()
    if any(student == mark.student for student, _, _ in keys):
        return no_result_of(store, mark.student, mark.exercise)
    students = sorted({student for student, _, _ in keys})
    return f"no student {mark.student!r} in the results{did_you_mean(mark.student, students, listed=0)}"
