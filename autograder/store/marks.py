"""Marks by hand: counted into the records wherever these are shown or written, never into the verdicts themselves.

A verdict in the store stays what the grader said, and a mark stays what a person said; a regrade replaces the first and
leaves the second alone.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.atomic import replacing
from autograder.errors import CourseError
from autograder.intake.tables import read_table
from autograder.store.records import Grade, Record, points
from autograder.store.store import Store
from autograder.store.stored import Mark
from autograder.store.waiting import UNREADABLE, WAITING, waiting_parts
from autograder.text import did_you_mean, for_spreadsheet

COLUMNS = (
    "student",
    "exercise",
    "part",
    "points",
    "max_points",
    "comment",
    "file",
    "earlier_mark",
    "answer",
    "answer_id",
)

MAX_CELL = 30_000
"""Characters of an answer in a template; spreadsheets hold 32,767 in a cell."""

_SHORT = 16  # letters of an answer's hash in a template


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
        return replace(record, parts=tuple(parts), score=points(score), pending_points=points(max(pending, 0.0)))

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
        What it is worth now: rescaled where the part is worth another number of points than it was then.
    out_of : float
        What the part is worth now.
    current : bool
        Whether the answer that was marked is the one that is there.
    """

    mark: Mark
    points: float
    out_of: float
    current: bool

    @classmethod
    def of(cls, mark: Mark, part: Mapping[str, Any]) -> Standing:
        """Return how a mark counts for a part of a record."""
        now = float(part["max_score"])
        then = mark.out_of if mark.out_of is not None else now
        share = min(mark.points / then, 1.0) if then else 0.0
        current = mark.answer is None or mark.answer == part.get("answer")
        return cls(mark, points(share * now), now, current)

    @property
    def rescaled(self) -> bool:
        """Whether the part's points changed since it was marked."""
        return self.mark.out_of is not None and self.mark.out_of != self.out_of

    @property
    def said(self) -> str:
        """The mark in words: what was given, and what it is now."""
        then = self.mark.out_of if self.mark.out_of is not None else self.out_of
        given = f"{self.mark.points:g} of {then:g}"
        return f"{given}, now {self.points:g} of {self.out_of:g}" if self.rescaled and self.current else given

    def counted(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the part with the mark counted, or waiting where the answer is another one."""
        if self.current:
            status = "correct" if self.points == self.out_of else "partial" if self.points else "wrong"
            remark = f"(points of this part changed: {self.said})" if self.rescaled else ""
            message = " ".join(text for text in (self.mark.comment, remark) if text)
            return {**part, "status": status, "score": self.points, "message": message or None}
        if part["kind"] != "manual":
            return part  # the grader's verdict on the new answer
        said = f"needs manual grading; an earlier answer was marked {self.said}"
        return {**part, "status": "manual", "score": 0.0, "message": said}


def _waits(part: Mapping[str, Any], waited: bool) -> float:
    """Return how many points of a part wait; one that neither the grader nor a person judged waits as it did."""
    waiting = part["status"] in WAITING or (waited and part["status"] == UNREADABLE)
    return float(part["max_score"]) if waiting else 0.0


def set_marks(store: Store, marks: Iterable[Mark]) -> int:
    """Keep marks after checking each against its record; return how many.

    Raises
    ------
    CourseError
        With every mark that cannot be; then none is kept.
    """
    everything = list(marks)
    mistakes = [text for mark in everything if (text := problem_with(store, mark))]
    if mistakes:
        raise CourseError("\n".join(mistakes))
    store.mark(*(_anchored(store, mark) for mark in everything))
    return len(everything)


def _anchored(store: Store, mark: Mark) -> Mark:
    """Return a mark with what it was given for: the answer that is there now, and what the part is worth now."""
    found = store.get(mark.student, mark.exercise)
    parts = {part["name"]: part for part in found[0].record.parts} if found is not None else {}
    part = parts[mark.part]
    return replace(mark, out_of=float(part["max_score"]), answer=part.get("answer"))


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
    if not (math.isfinite(mark.points) and 0 <= mark.points <= part["max_score"]):
        return f"{mark.points:g} points for {mark.part}: allowed are 0 to {part['max_score']:g}"
    return None


def _unknown(store: Store, mark: Mark) -> str:
    keys = store.keys()
    mine = sorted(exercise for student, _, exercise in keys if student == mark.student)
    if mine:
        return f"no result of {mark.student!r} for {mark.exercise!r}{did_you_mean(mark.exercise, mine)}"
    students = sorted({student for student, _, _ in keys})
    near = did_you_mean(mark.student, students)
    return f"no student {mark.student!r} in the results{near if near.startswith('; did') else ''}"


# --- tables ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A part that needs manual grading.

    Attributes
    ----------
    student, exercise, part, max_points : str, str, str, float
        Which, and what it is worth.
    file : str
        Where the written answer is, below the path that was graded.
    earlier : str
        The mark of an earlier answer, in words.
    answer : str
        What was written.
    digest : str
        Its hash.
    """

    student: str
    exercise: str
    part: str
    max_points: float
    file: str
    earlier: str = ""
    answer: str = ""
    digest: str = ""


def waiting(store: Store) -> Iterator[Waiting]:
    """Yield what needs manual grading, sorted so that the answers to one question are next to each other."""
    book = MarkBook(store.marks())
    found = [
        (record, part)
        for record in book.records(store)
        for waits in (waiting_parts(record),)
        for part in record.parts
        if part["name"] in waits
    ]
    for record, part in sorted(found, key=lambda one: (one[0].exercise, one[1]["name"], one[0].student)):
        stored = store.get(record.student, record.exercise)
        names = [name for name, _ in stored[1]] if stored is not None else []
        beside = [name for name in names if name != record.file]
        file = "; ".join(beside or names)
        earlier = book.of(record).get(part["name"])
        answer = stored[0].answers.get(part["name"], "") if stored is not None else ""
        which = (record.student, record.exercise, part["name"], part["max_score"])
        yield Waiting(*which, file, _earlier(earlier), answer, part.get("answer") or "")


def _earlier(standing: Standing | None) -> str:
    if standing is None or standing.current:
        return ""
    comment = f": {standing.mark.comment}" if standing.mark.comment else ""
    return f"{standing.said} by {standing.mark.who}{comment}"


def write_template(path: Path, rows: Iterable[Waiting]) -> int:
    """Write a table to fill in: ``points`` and ``comment`` are blank; return how many rows.

    Raises
    ------
    CourseError
        If it cannot be written.
    """
    count = 0
    with replacing(path) as stream:
        stream.write("\ufeff")  # else Excel garbles names that are not ASCII, and they come back unknown
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            which = (row.student, row.exercise, row.part, "", f"{row.max_points:g}", "")
            cells = (*which, row.file, row.earlier, _cell(row.answer), row.digest[:_SHORT])
            writer.writerow([for_spreadsheet(cell) for cell in cells])
            count += 1
    return count


def _cell(answer: str) -> str:
    """Return an answer as a spreadsheet can hold it."""
    return answer if len(answer) <= MAX_CELL else f"{answer[:MAX_CELL]} (cut here; the rest is in the file)"


def read_marks(
    path: Path, store: Store, who: str, meant: Callable[[str], str | None] = lambda student: student
) -> list[Mark]:
    """Read a filled table; rows without points are left out, they still wait.

    ``meant`` returns the student of the results whom a name in the table means.

    Raises
    ------
    CourseError
        With every mistake and its line.
    """
    heading, rows = read_table(path)
    missing = [name for name in COLUMNS[:4] if name not in heading]
    if missing:
        raise CourseError(f"{path.name}:1: no column {', '.join(missing)}; needed are {', '.join(COLUMNS[:4])}")
    keys = store.keys()
    # a name that a spreadsheet would run stands behind an apostrophe in the template
    students = {for_spreadsheet(key[0]): key[0] for key in keys}
    moment = datetime.now(UTC)
    marks: dict[tuple[str, str, str], Mark] = {}
    mistakes: list[str] = []
    for line, row in rows:
        if not row["points"]:
            continue
        student = students.get(row["student"], row["student"])
        key = (meant(student) or student, row["exercise"], row["part"])
        points = _number(row["points"])
        mark = Mark(*key, points or 0.0, row.get("comment", ""), who, moment)
        if points is None:
            mistakes.append(f"{path.name}:{line}: points: given {row['points']!r}; allowed: a number such as 2.5")
        elif key in marks:
            mistakes.append(f"{path.name}:{line}: {key[0]!r} stands twice for {key[2]}")
        elif text := problem_with(store, mark) or _another(store, mark, row.get("answer id", "")):
            mistakes.append(f"{path.name}:{line}: {text}")
        marks[key] = mark
    if mistakes:
        raise CourseError("\n".join(mistakes))
    return list(marks.values())


def _another(store: Store, mark: Mark, seen: str) -> str | None:
    """Say that the answer is another one than the marker saw in the table, or None."""
    now = _anchored(store, mark).answer or ""
    if not seen or now.startswith(seen):
        return None
    return f"{mark.student} handed in another answer to {mark.part} since; write the template again and mark that one"


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "."))  # spreadsheets of half the world write 2,5
    except ValueError:
        return None
    return value if math.isfinite(value) else None
