"""Results as text for the instructor's terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autograder.store.marks import Standing
from autograder.store.records import Record
from autograder.store.stored import Mark, Stored
from autograder.text import for_terminal, plural

MAX_STUDENTS = 80
"""A larger class is summed up only."""


def class_table(records: Iterable[Record]) -> str:
    """Return the class as a table: a row per student (up to 80), then a line per exercise."""
    everything = list(records)
    exercises = list(dict.fromkeys(r.exercise for r in sorted(everything, key=lambda r: (r.assignment, r.exercise))))
    students = sorted({r.student for r in everything})
    lines: list[str] = []
    if len(students) <= MAX_STUDENTS:
        lines += [*_student_rows(everything, students, exercises), ""]
    return "\n".join([*lines, *_exercise_rows(everything, exercises)])


def _student_rows(records: list[Record], students: list[str], exercises: list[str]) -> Iterator[str]:
    by_key = {(r.student, r.exercise): r for r in records}
    width = max([7, *(len(for_terminal(s)) for s in students)])
    width = min(width, 32)
    yield "student".ljust(width) + "".join(f"  {name[:20]:>20}" for name in exercises) + f"  {'score':>7}"
    for student in students:
        mine = [by_key.get((student, name)) for name in exercises]
        total = sum(r.score for r in mine if r is not None)
        cells = "".join(f"  {_cell(r):>20}" for r in mine)
        yield for_terminal(student)[:width].ljust(width) + cells + f"  {total:>7.2f}"


def _cell(record: Record | None) -> str:
    if record is None:
        return ""
    return f"{record.score:.2f} / {record.max_score:g}" if record.status == "graded" else record.status


def _exercise_rows(records: list[Record], exercises: list[str]) -> Iterator[str]:
    width = max(len(name) for name in exercises) if exercises else 0
    for name in exercises:
        mine = [r for r in records if r.exercise == name]
        mean = sum(r.score for r in mine) / len(mine)
        states = Counter(r.status for r in mine)
        parts = Counter(part["status"] for r in mine if r.status == "graded" for part in r.parts)
        yield (
            f"{name.ljust(width)}  {plural(len(mine), 'student')}, mean {mean:.2f} of {mine[0].max_score:g}; "
            + ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        )
        yield f"{''.ljust(width)}  parts: " + ", ".join(f"{count} {state}" for state, count in sorted(parts.items()))


def verdict_text(stored: Stored, marks: Sequence[Mark] = ()) -> str:
    """Return one verdict with its evidence and marks by hand, every string made harmless for a terminal."""
    return for_terminal("\n".join(_verdict_lines(stored, marks)))


def _verdict_lines(stored: Stored, marks: Sequence[Mark]) -> Iterator[str]:
    record = stored.record
    yield f"{record.student}, {record.assignment}, {record.exercise}: {record.status}, " + (
        f"{record.score:g} of {record.max_score:g} points"
        + (f", {record.pending_points:g} wait for a person" if record.pending_points else "")
    )
    yield f"  file {record.file}, sha256 {record.sha256}, variant {record.variant}"
    yield f"  graded {stored.graded} by version {stored.grader}; sandbox: {stored.layers}"
    if record.message:
        yield f"  {record.message}"
    for part in record.parts:
        yield f"  {part['name']}: {part['status']}, {part['score']:g} of {part['max_score']:g}"
        for standing in (Standing.of(mark, part) for mark in marks if mark.part == part["name"]):
            mark = standing.mark
            earlier = "" if standing.current else ", for an earlier answer"
            yield f"    marked {standing.said} by {mark.who}, {mark.at}{earlier}: {mark.comment or 'no comment'}"
        if answer := stored.answers.get(part["name"]):
            yield "    written:"
            yield from (f"      {line}" for line in answer.splitlines())
        for title in part["misconceptions"]:
            yield f"    misconception: {title}"
        for check in part["checks"]:
            if check["outcome"] == "skip":
                yield f"    skipped ({check['visibility']} {check['group']}): {check['title']}"
        for item in stored.evidence.get(part["name"], []):
            yield f"    fails ({item['visibility']}): {item['title']}"
            for label in ("call", "returned", "expected", "message"):
                if item[label]:
                    yield f"      {label:<9} {item[label]}"
