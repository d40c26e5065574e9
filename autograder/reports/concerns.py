"""What needs a person after grading, for the terminal and for the class page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from autograder.course.model import Course
from autograder.plain import dataclass
from autograder.store.marks import MarkBook
from autograder.store.records import FAULT
from autograder.store.standings import Counted, Total
from autograder.store.waiting import waiting_parts
from autograder.text import for_terminal_line, plural

MOST_NAMES = 8
"""Names of one kind in a line; the rest is counted."""

WIDEST = 240
"""Characters of a line."""

TO_MARK = "to be marked"
MARKED_BEFORE = "marked before, for another answer"
UNUSABLE = "could not be used"
FAILED = "the grader failed"
LATE = "late"
UNTIMED = "time of submission unknown, counted as on time"
STALE = "graded by another course or package; grade them again"


@dataclass
class Concerns:
    """What a person must look at after grading: lines by kind, in the order in which they are printed.

    ``listed`` holds students and exercises whose unusable files the caller lists itself, with their reasons;
    ``counts`` the number of a kind whose names are summed up, ``steps`` the command that takes care of a kind.
    """

    kinds: dict[str, list[str]] = field(default_factory=dict)
    listed: frozenset[tuple[str, str]] = frozenset()
    counts: dict[str, int] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)

    def add(self, kind: str, *names: str) -> None:
        """Add names, or short accounts, of one kind."""
        if names:
            self.kinds.setdefault(kind, []).extend(names)

    def lines(self) -> Iterator[str]:
        """Yield a line for each kind."""
        for kind, names in self.kinds.items():
            head = f"  {kind}: {self.counts.get(kind, len(names))} ("
            yield f"{head}{_few(names, WIDEST - len(head) - 1)})"
            if kind in self.steps:
                yield f"    $ {self.steps[kind]}"


def gather(
    told: Concerns,
    everything: Sequence[Counted],
    sums: Mapping[tuple[str, str], Total],
    book: MarkBook,
    course: Course,
) -> None:
    """Add what the results themselves say: in front what a person must decide, then what is good to know."""
    other, told.kinds = dict(told.kinds), {}
    _to_mark(told, everything)
    _marked_by_hand(told, everything, book)
    _not_graded(told, everything)
    _times(told, everything, sums, course)
    for kind, names in other.items():
        told.add(kind, *names)


def _to_mark(told: Concerns, everything: Sequence[Counted]) -> None:
    waits = [(one, part) for one in everything for part in sorted(waiting_parts(one.record))]
    if len(waits) <= MOST_NAMES:
        told.add(TO_MARK, *(f"{_name(one)} {part}" for one, part in waits))
        return
    parts = Counter(f"{one.record.exercise} {part}" for one, part in waits)
    told.counts[TO_MARK] = len(waits)
    told.add(TO_MARK, *(f"{part}: {plural(count, 'student')}" for part, count in parts.items()))


def _marked_by_hand(told: Concerns, everything: Sequence[Counted], book: MarkBook) -> None:
    standings = [(one, part, mark) for one in everything for part, mark in book.of(one.record).items()]
    lines = [(mark, f"{_name(one)} {part}: {mark.said}") for one, part, mark in standings]
    told.add(MARKED_BEFORE, *(line for mark, line in lines if not mark.current))
    moved = "marks by hand that changed with the points of their part"
    told.add(moved, *(line for mark, line in lines if mark.current and mark.rescaled))


def _not_graded(told: Concerns, everything: Sequence[Counted]) -> None:
    records = [one.record for one in everything]
    rejected = [one for one in records if one.status == "rejected" and (one.student, one.exercise) not in told.listed]
    told.add(UNUSABLE, *(f"{one.student} {one.exercise}: {_line(one.message or '')}" for one in rejected))
    told.add(FAILED, *(f"{one.student} {one.exercise}" for one in records if one.status == "grader_error"))
    faults = [(one, note) for one in records for note in one.notes if note.startswith(FAULT)]
    broken = "a check of the exercise broke on this answer and was left out"
    told.add(broken, *(f"{one.student} {one.exercise}: {_line(note)}" for one, note in faults))


def _times(
    told: Concerns, everything: Sequence[Counted], sums: Mapping[tuple[str, str], Total], course: Course
) -> None:
    late = [f"{who} {name}: {plural(one.days_late, 'day')}" for (who, name), one in sums.items() if one.days_late]
    told.add(LATE, *late)
    dated = {assignment.name for assignment in course.assignments if assignment.due is not None}
    unknown = {(one.record.student, one.record.assignment): None for one in everything if _untimed(one, dated)}
    told.add(UNTIMED, *(f"{who} {name}" for who, name in unknown))


def _untimed(one: Counted, dated: set[str]) -> bool:
    return one.received is None and one.record.status != "missing" and one.record.assignment in dated


def _name(one: Counted) -> str:
    return f"{one.record.student} {one.record.exercise}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _few(names: Sequence[str], width: int) -> str:
    """Return the first names as they fit into a width, none cut but a first one that is too long itself."""
    width -= len(f" and {len(names)} more")
    shown: list[str] = []
    for name in map(for_terminal_line, names[:MOST_NAMES]):
        if shown and len(", ".join([*shown, name])) > width:
            break
        shown.append(name if len(name) <= width else f"{name[: width - 4]} ...")
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
