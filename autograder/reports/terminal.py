"""Results as text for the instructor's terminal: how a class did, who needs a person, and one verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import mean, median
from typing import Any

from autograder.course.model import Course
from autograder.reports.concerns import Concerns, gather
from autograder.store.files import table_number
from autograder.store.marks import MarkBook, Standing
from autograder.store.records import FAULT
from autograder.store.standings import Counted, Total, together, totals
from autograder.store.stored import Mark, Stored
from autograder.text import for_terminal_line, lines_for_terminal, one_of, plural

MOST_EXERCISES = 20
"""More exercises than that are summed up by assignment."""


def class_summary(
    results: Iterable[Counted], book: MarkBook, course: Course, *, concerns: Concerns | None = None
) -> str:
    """Return how a class did and what of it needs a person.

    For every assignment mean and median of its total, as ``grades.csv`` has it, for every exercise the mean before
    lateness; then whatever waits, was rejected, or is odd.

    Parameters
    ----------
    results : iterable of Counted
        Everything in the store.
    book : MarkBook
        Its marks by hand.
    course : Course
        Gives titles and the order of exercises.
    concerns : Concerns, optional
        What else needs a person, known from elsewhere; it is completed and printed last.
    """
    everything = list(results)
    by_assignment: dict[str, list[Counted]] = {}
    for one in everything:
        by_assignment.setdefault(one.record.assignment, []).append(one)
    sums = totals((one.grade for one in everything), course)
    order = [a.name for a in course.assignments if a.name in by_assignment]
    order += sorted(set(by_assignment) - set(order))
    detailed = len({one.record.exercise for one in everything}) <= MOST_EXERCISES
    lines: list[str] = []
    for name in order:
        mine = [total for (_, assignment), total in sums.items() if assignment == name]
        lines += _assignment_rows(name, mine, by_assignment[name], course, detailed=detailed)
    told = concerns if concerns is not None else Concerns()
    gather(told, everything, sums, book, course)
    if told.kinds:
        lines += ["needs a person:", *told.lines()]
    return lines_for_terminal(lines)


def _assignment_rows(
    name: str, mine: Sequence[Total], records: Sequence[Counted], course: Course, *, detailed: bool
) -> Iterator[str]:
    present = [one for one in mine if len(one.missing) < one.exercises]
    late = sum(bool(one.days_late) for one in present)
    waiting = sum(one.pending_points > 0 for one in present)
    scores = [one.points for one in present if one.points is not None]
    said = [f"{plural(len(mine), 'student')}, {len(present)} handed in"]
    if scores:
        said.append(f"mean {mean(scores):.2f}, median {median(scores):.2f} {_of({one.max_score for one in present})}")
    said += [f"{count} {word}" for count, word in ((late, "late"), (waiting, "waiting")) if count]
    yield f"{name}: {'; '.join(said)}"
    if not detailed:
        return
    several: dict[str, list[Counted]] = {}
    for one in records:
        several.setdefault(one.record.exercise, []).append(one)
    known = [exercise for exercise in course.exercises if exercise in several]
    chosen = [*known, *sorted(set(several) - set(known))]
    width = max(len(exercise) for exercise in chosen)
    for exercise in chosen:
        yield f"  {exercise.ljust(width)}  {_exercise(several[exercise])}"


def _exercise(records: Sequence[Counted]) -> str:
    states = Counter(one.record.status for one in records)
    graded = [one.record for one in records if one.record.status == "graded"]
    said = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    if not graded:
        return said
    worth = {record.max_score for record in graded}
    if len(worth) == 1:
        return f"mean {mean(record.score for record in graded):.2f} of {min(worth):g}; {said}"
    share = mean(record.score / record.max_score for record in graded if record.max_score)
    return f"mean {share:.0%} {_of(worth)}: not all graded with the same points; {said}"


def _of(worth: Iterable[float]) -> str:
    return "of " + " and ".join(f"{one:g}" for one in sorted(worth))


def class_table(results: Iterable[Counted], course: Course) -> str:
    """Return a row per student: points of each exercise, what counts after lateness, what waits, and days late."""
    everything = list(results)
    cells = {(one.record.student, one.record.exercise): one for one in everything}
    seen = {one.record.exercise for one in everything}
    known = [name for name in course.exercises if name in seen]
    exercises = [*known, *sorted(seen - set(known))]
    by_student: dict[str, list[Total]] = {}
    for (student, _), total in totals((one.grade for one in everything), course).items():
        by_student.setdefault(student, []).append(total)
    width = min(max([7, *(len(for_terminal_line(student)) for student in by_student)]), 32)
    heads = "".join(f"  {name[:20]:>20}" for name in exercises)
    lines = [f"{'student'.ljust(width)}{heads}  {'total':>8}  {'of':>6}  {'waiting':>7}  {'days late':>9}"]
    for student, several in by_student.items():
        total = together(several)
        row = "".join(f"  {_cell(cells.get((student, name))):>20}" for name in exercises)
        late = "" if total.days_late is None else str(total.days_late)
        lines.append(
            f"{for_terminal_line(student)[:width].ljust(width)}{row}  {table_number(total.points) or '-':>8}  "
            f"{total.max_score:>6g}  {total.pending_points:>7g}  {late:>9}"
        )
    return lines_for_terminal(lines)


def _cell(one: Counted | None) -> str:
    if one is None:
        return ""
    record = one.record
    return f"{record.score:.2f} / {record.max_score:g}" if record.status == "graded" else record.status


def verdict_text(
    stored: Stored,
    marks: Sequence[Mark] = (),
    counted: Counted | None = None,
    opinions: Mapping[str, Sequence[str]] | None = None,
) -> str:
    """Return one verdict with its reasons, evidence and marks by hand, every string made harmless for a terminal.

    ``counted`` says what it is worth after lateness, ``opinions`` what the second judge says of the formulas of a part.
    """
    return lines_for_terminal(_verdict_lines(stored, marks, counted, opinions or {}))


def _verdict_lines(
    stored: Stored, marks: Sequence[Mark], counted: Counted | None, opinions: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    record = stored.record
    said = [f"{record.score:g} of {record.max_score:g} points"]
    if counted is not None and counted.days_late and counted.points is not None:
        said.append(f"{counted.points:g} after lateness ({plural(counted.days_late, 'started day')})")
    if record.pending_points:
        said.append(f"{record.pending_points:g} need manual grading")
    yield f"{record.student}, {record.assignment}, {record.exercise}: {record.status}, {'; '.join(said)}"
    if record.message:
        yield f"  {record.message}"
    yield from (f"  {note}" for note in record.notes if note.startswith(FAULT))
    for part in record.parts:
        own = [mark for mark in marks if mark.part == part["name"]]
        yield from _part_lines(part, stored, own, opinions.get(part["name"], ()))
    yield f"  file {record.file}, sha256 {record.sha256}, variant {record.variant}"
    when = f"{stored.graded:%Y-%m-%d %H:%M} UTC" if stored.graded is not None else ""
    yield f"  graded {when} by version {stored.grader}; sandbox: {stored.layers}"


def _part_lines(
    part: Mapping[str, Any], stored: Stored, marks: Iterable[Mark], opinions: Iterable[str]
) -> Iterator[str]:
    """Yield what there is to know of a part: verdict, marks by hand, the answer, and the checks that fail."""
    yield f"  {part['name']}: {part['status']}, {part['score']:g} of {part['max_score']:g}"
    evidence = stored.evidence.get(part["name"], [])
    if part["message"] and all(part["message"] != item["message"] for item in evidence):
        yield f"    {part['message']}"
    for mark in marks:
        standing = Standing.of(mark, part)
        earlier = "" if standing.current else ", for an earlier answer"
        given = f"{standing.said} by {mark.who}, {mark.at:%Y-%m-%d %H:%M}{earlier}"
        yield f"    marked {given}: {mark.comment or 'no comment'}"
    if answer := stored.answers.get(part["name"]):
        yield "    written:"
        yield from (f"      {line}" for line in answer.splitlines())
    if part["misconceptions"]:
        yield f"    misconception: {one_of(part['misconceptions'])}"
    yield from (f"    {opinion}" for opinion in opinions)
    for item in evidence:
        yield f"    fails ({item['visibility']}): {item['title']}"
        yield from (
            f"      {name:<9} {item[name]}" for name in ("call", "returned", "expected", "message") if item[name]
        )
    skipped = Counter(check["visibility"] for check in part["checks"] if check["outcome"] == "skip")
    if skipped:
        counts = ", ".join(f"{count} {visibility}" for visibility, count in sorted(skipped.items()))
        yield f"    not run: {plural(sum(skipped.values()), 'check')} ({counts})"
