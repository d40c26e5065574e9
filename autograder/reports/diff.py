"""Find the marks that a regrade changes, and why, by comparing two results stores record by record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from autograder.course.model import Course
from autograder.plain import dataclass
from autograder.statuses import WAITING
from autograder.store.generations import changed
from autograder.store.marks import MarkBook
from autograder.store.records import Key, Record
from autograder.store.standings import Counted, counted
from autograder.store.store import Store
from autograder.text import few, for_terminal_line, plural

VERSION = 1
_SHOWN_CHECKS = 8


@dataclass(frozen=True)
class PartChange:
    """A part whose status, points or checks differ; ``flipped`` lists (title, visibility, before, after)."""

    name: str
    before: str | None
    after: str | None
    points_before: float | None
    points_after: float | None
    flipped: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def waits_again(self) -> bool:
        """Whether it was judged and needs manual grading now."""
        return self.before in ("correct", "partial", "wrong") and self.after in WAITING


@dataclass(frozen=True)
class Change:
    """A record that differs; ``why`` names what changed around it.

    ``before`` and ``after`` are the points that count, what lateness costs taken off; None where there is no record.
    """

    student: str
    assignment: str
    exercise: str
    before: float | None
    after: float | None
    status_before: str | None
    status_after: str | None
    why: tuple[str, ...]
    parts: tuple[PartChange, ...]

    @property
    def points(self) -> float:
        """How many points the student gains (loses, if negative)."""
        return round((self.after or 0.0) - (self.before or 0.0), 6)


@dataclass(frozen=True)
class Difference:
    """All changes, sorted, and how many records are the same."""

    changes: tuple[Change, ...]
    same: int

    @property
    def exercises(self) -> dict[str, dict[str, Any]]:
        """Return by exercise how many students change, points gained and lost, and marks by hand that wait again."""
        found: dict[str, dict[str, Any]] = {}
        for change in self.changes:
            row = found.setdefault(change.exercise, {"students": 0, "gained": 0.0, "lost": 0.0, "waiting_again": []})
            row["students"] += bool(change.points)
            row["gained"] = round(row["gained"] + max(change.points, 0.0), 6)
            row["lost"] = round(row["lost"] - min(change.points, 0.0), 6)
            row["waiting_again"] += [f"{change.student} {part.name}" for part in change.parts if part.waits_again]
        return dict(sorted(found.items()))

    @property
    def totals(self) -> dict[str, Any]:
        """Return sums: records, students whose points change, and points gained and lost."""
        moved = [change for change in self.changes if change.points]
        return {
            "same": self.same,
            "changed": len(self.changes),
            "points_changed": len(moved),
            "students": len({change.student for change in moved}),
            "gained": round(sum(change.points for change in moved if change.points > 0), 6),
            "lost": round(-sum(change.points for change in moved if change.points < 0), 6),
        }


def compare(old: Store, new: Store, course: Course | None = None) -> Difference:
    """Compare two stores, marks by hand counted; a record that differs in time spent only is the same.

    Parameters
    ----------
    old, new : Store
        Both hold when each submission came in.
    course : Course, optional
        Says what lateness costs, for both; without it nothing is late.
    """
    sides = _Side.of(old, course), _Side.of(new, course)
    keys = sorted({*sides[0].records, *sides[1].records})
    changes = [change for key in keys if (change := _change(key, *sides)) is not None]
    return Difference(tuple(changes), len(keys) - len(changes))


@dataclass(frozen=True)
class _Side:
    """What is compared of a store: records, what they were graded by, and marks by hand."""

    records: Mapping[Key, Counted]
    versions: Mapping[Key, tuple[str, str]]
    points: Mapping[tuple[str, str], Mapping[str, float]]
    book: MarkBook

    @classmethod
    def of(cls, store: Store, course: Course | None) -> _Side:
        records = {one.record.key: one for one in counted(store, course)}
        return cls(records, store.finished(), _marks(store), MarkBook(store.marks()))


def _change(key: Key, old: _Side, new: _Side) -> Change | None:
    """Return how a record differs; None if it does not."""
    was, now = old.records.get(key), new.records.get(key)
    a, b = (None if one is None else one.record for one in (was, now))
    parts = tuple(_parts(a, b))
    if not parts and _seen(was) == _seen(now):
        return None
    why = [*_why(a, b, old.versions.get(key), new.versions.get(key))]
    if was is not None and now is not None:
        student, _, exercise = key
        by_hand = [side.points.get((student, exercise), {}).items() for side in (old, new)]
        if marked := by_hand[0] ^ by_hand[1]:
            why.append(f"another mark by hand ({', '.join(sorted({part for part, _ in marked}))})")
        why += _rescaled(was.record, now.record, old.book, new.book)
        if (was.days_late or 0) != (now.days_late or 0):
            why.append(f"{was.days_late or 0} days late became {now.days_late or 0}")
    return Change(
        *key,
        before=None if was is None else was.points,
        after=None if now is None else now.points,
        status_before=None if a is None else a.status,
        status_after=None if b is None else b.status,
        why=tuple(why),
        parts=parts,
    )


def _marks(store: Store) -> dict[tuple[str, str], dict[str, float]]:
    """Return the points by hand of each part, by student and exercise; the last mark of a part counts."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for mark in store.marks():
        found.setdefault((mark.student, mark.exercise), {})[mark.part] = mark.points
    return found


def _rescaled(a: Record, b: Record, old: MarkBook, new: MarkBook) -> Iterator[str]:
    """Yield what became of marks by hand in the new results: another share of points, or for an earlier answer."""
    before = old.of(a)
    for part, standing in new.of(b).items():
        was = before.get(part)
        if was is not None and standing.current and standing.rescaled and was.out_of != standing.out_of:
            yield f"points of {part} changed, its mark by hand with them: {standing.said}"
        elif was is not None and was.current and not standing.current:
            yield f"another answer in {part} than the one that was marked {standing.said}"


def _seen(one: Counted | None) -> tuple[object, ...] | None:
    """Return what of a record, besides its parts, makes a difference."""
    return None if one is None else (one.record.status, one.points, one.record.pending_points)


def _why(
    a: Record | None, b: Record | None, before: tuple[str, str] | None, after: tuple[str, str] | None
) -> Iterator[str]:
    if a is None or b is None:
        yield "only in the new results" if a is None else "only in the old results"
        return
    if a.sha256 != b.sha256:
        yield "another submission"
    elif before and after and before[0] != after[0]:
        yield "other files next to the submission"
    if a.variant != b.variant:
        yield f"variant {a.variant} became {b.variant}"
    if before and after and before[1] != after[1]:
        yield changed(before[1], after[1])
    if a.status != b.status:
        yield f"record {a.status} became {b.status}"
    if a.max_score != b.max_score:
        yield f"worth {a.max_score:g}, now {b.max_score:g}"


def _parts(a: Record | None, b: Record | None) -> Iterator[PartChange]:
    before = {part["name"]: part for part in a.parts} if a is not None else {}
    after = {part["name"]: part for part in b.parts} if b is not None else {}
    for name in dict.fromkeys((*before, *after)):
        x, y = before.get(name), after.get(name)
        flipped = tuple(_flipped(x, y)) if x is not None and y is not None else ()
        seen = [None if part is None else (part["status"], part["score"]) for part in (x, y)]
        if seen[0] != seen[1] or flipped:
            yield PartChange(
                name,
                None if x is None else x["status"],
                None if y is None else y["status"],
                None if x is None else x["score"],
                None if y is None else y["score"],
                flipped,
            )


def _flipped(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    before = {(check["title"], check["visibility"]): check["outcome"] for check in a["checks"]}
    after = {(check["title"], check["visibility"]): check["outcome"] for check in b["checks"]}
    for check in dict.fromkeys((*before, *after)):
        x, y = before.get(check, "absent"), after.get(check, "absent")
        if x != y:
            yield (*check, x, y)


# --- renderings ------------------------------------------------------------------------------------------------


def as_json(difference: Difference) -> dict[str, Any]:
    """Return the difference as JSON data: ``version``, ``totals``, ``exercises`` and ``changes``."""
    changes = [{**asdict(change), "points": change.points} for change in difference.changes]
    return {"version": VERSION, "totals": difference.totals, "exercises": difference.exercises, "changes": changes}


def as_text(difference: Difference) -> str:
    """Return the difference as a table for the terminal, every string made harmless for it."""
    totals = difference.totals
    lines = [f"{'student':<16}  {'exercise':<24}  {'before':>7} -> {'after':>7}  {'points':>8}  why"]
    for change in difference.changes:
        lines += map(for_terminal_line, _change_lines(change))
    students = "1 student" if totals["students"] == 1 else f"{totals['students']} students"
    summary = (
        f"{totals['changed']} of {totals['changed'] + totals['same']} records differ; the points of "
        f"{students} change: {totals['gained']:g} gained, {totals['lost']:g} lost"
    )
    by_exercise = map(for_terminal_line, _exercise_lines(difference))
    return "\n".join([*lines, "", *by_exercise, summary] if difference.changes else [summary])


def _exercise_lines(difference: Difference) -> Iterator[str]:
    for exercise, row in difference.exercises.items():
        again = row["waiting_again"]
        waits = f"; need manual grading again: {few(again, _SHOWN_CHECKS)}" if again else ""
        moved = f"{plural(row['students'], 'student')} with other points"
        yield f"{exercise}: {moved}, {row['gained']:g} gained, {row['lost']:g} lost{waits}"


def notes(difference: Difference) -> list[tuple[str, str]]:
    """Return for each student whose points change a note to send: exercises, parts and points, nothing of a check."""
    lines: dict[str, list[str]] = {}
    for change in difference.changes:
        if not change.points and not any(part.waits_again for part in change.parts):
            continue
        parts = [
            f"{part.name}: "
            + (
                "is looked at again"
                if part.waits_again
                else f"{_points(part.points_before)} -> {_points(part.points_after)}"
            )
            for part in change.parts
            if part.waits_again or part.points_before != part.points_after
        ]
        detail = f" ({'; '.join(parts)})" if parts else ""
        became = f"{_points(change.before)} points, now {_points(change.after)}"
        lines.setdefault(change.student, []).append(f"{change.exercise}: {became}{detail}.")
    start = "Your work was graded again."
    return [(student, " ".join([start, *several])) for student, several in sorted(lines.items())]


def _change_lines(change: Change) -> Iterator[str]:
    yield (
        f"{change.student[:32]:<16}  {change.exercise:<24}  {_points(change.before):>7} -> {_points(change.after):>7}"
        f"  {change.points:+8g}  {'; '.join(change.why) or 'same course, same submission'}"
    )
    for part in change.parts:
        yield (
            f"    {part.name}: {part.before or 'absent'} {_points(part.points_before)} -> "
            f"{part.after or 'absent'} {_points(part.points_after)}"
        )
        for title, visibility, before, after in part.flipped[:_SHOWN_CHECKS]:
            yield f"      {before} -> {after} ({visibility}): {title}"
        if len(part.flipped) > _SHOWN_CHECKS:
            more = len(part.flipped) - _SHOWN_CHECKS
            yield f"      and {more} more {'check' if more == 1 else 'checks'} (all of them with --json)"


def _points(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
