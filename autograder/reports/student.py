"""A student's page: every part with its evidence, as the instructor sees it or as ``course.yml`` lets the student."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograder.course.feedback_policy import INSTRUCTOR, LEAST, Sight, evidence_seen, part_seen
from autograder.reports.exercise_texts import Hints
from autograder.reports.model import Student
from autograder.store.marks import MarkBook, Standing
from autograder.store.store import Store
from autograder.store.stored import Mark, Stored


@dataclass(frozen=True)
class Agreement:
    """Returned against expected values as dots in a square of 100, y upwards; ``label`` says it in words."""

    dots: Sequence[tuple[float, float]]
    low: str
    high: str
    label: str
    title: str


@dataclass(frozen=True)
class PartView:
    """One part: ``failures`` is the evidence by check, the one to read first in front, ``checks`` the other checks.

    ``marks`` are all marks by hand, the last of which counts if it is for the present answer; ``answer`` is what was
    written for a part that a person marks.
    """

    part: Mapping[str, Any]
    message: str
    failures: Sequence[Mapping[str, Any]]
    agreement: Agreement | None
    checks: Sequence[Mapping[str, Any]]
    withheld: int
    hints: Sequence[tuple[str, str]]
    next_step: str
    marks: Sequence[Standing]
    answer: str = ""


@dataclass(frozen=True)
class ExerciseView:
    """One exercise on a student's page; ``figure`` is a picture as a data URI, drawn from the parts ``drawn``."""

    title: str
    stored: Stored
    files: Sequence[str]
    days_late: int | None
    parts: Sequence[PartView]
    figure: str = ""
    drawn: Sequence[str] = ()


Picture = Callable[[Stored, bytes | None], tuple[str, Sequence[str]]]
"""Draws the figure of a submission: a data URI, and the parts that it shows."""


def exercises_of(
    store: Store,
    row: Student,
    marks: Sequence[Mark],
    hints: Hints,
    sights: Mapping[str, Sight] | None = None,
    picture: Picture | None = None,
) -> Iterable[ExerciseView]:
    """Yield a student's exercises; ``marks`` are everyone's or only this student's.

    ``sights`` say by assignment what a student may see; without them everything is shown, for the instructor.
    """
    mine = [mark for mark in marks if mark.student == row.student]
    book = MarkBook(mine)
    for name, one in row.exercises.items():
        found = store.get(row.student, name)
        if found is None:
            continue  # removed by another process since the class was read
        stored = replace(found[0], record=book.counted(found[0].record))
        by_part = [mark for mark in mine if mark.exercise == name]
        sight = INSTRUCTOR if sights is None else sights.get(one.record.assignment, LEAST)
        parts = [_part(name, part, stored, by_part, hints, sight) for part in stored.record.parts]
        drawn: tuple[str, Sequence[str]] = ("", ())
        if picture is not None and stored.record.sha256 is not None:
            drawn = picture(stored, store.blob(stored.record.sha256))
        files = [file for file, _ in found[1]]
        yield ExerciseView(hints.title(name), stored, files, one.days_late, parts, *drawn)


def _part(
    exercise: str, part: Mapping[str, Any], stored: Stored, marks: Sequence[Mark], hints: Hints, sight: Sight
) -> PartView:
    failures = list(evidence_seen(stored.evidence.get(part["name"], ()), sight))
    explained = {(item["title"], item["visibility"]) for item in failures}
    withheld = len(part["checks"])
    part = part_seen(part, sight)
    withheld -= len(part["checks"])
    seen = [check for check in part["checks"] if (check["title"], check["visibility"]) not in explained]
    return PartView(
        part,
        "" if failures else part["message"] or "",
        failures,
        next(
            (found for item in failures if (found := agreement(item["returned"], item["expected"], item["title"]))),
            None,
        ),
        seen,
        withheld,
        [(title, hints.of(exercise, part["name"], title)) for title in part["misconceptions"]],
        "" if part["status"] == "correct" else hints.next_step(exercise, part["name"]),
        [Standing.of(mark, part) for mark in marks if mark.part == part["name"]],
        stored.answers.get(part["name"], ""),
    )


_ARRAY = re.compile(r"np\.array\(|, dtype=[\w.]+|[\[\](),]")
_NUMBER = re.compile(r"[-+]?\d{1,30}(\.\d{0,30})?(e[-+]?\d{1,3})?")
_FEWEST, _MOST, _LONGEST = 3, 200, 4000
_APART = 0.02
"""Share of the range by which some value must differ, or the picture shows a line."""


def agreement(returned: str | None, expected: str | None, title: str = "") -> Agreement | None:
    """Return the picture of two printed arrays of one size, or None where there is nothing to see.

    The texts are read as numbers and nothing else; an array that was shortened or holds no finite number has no
    picture.
    """
    got, want = _numbers(returned), _numbers(expected)
    if got is None or want is None or len(got) != len(want) or not _FEWEST <= len(got) <= _MOST:
        return None
    pairs = list(zip(want, got, strict=True))
    low, high = min(*got, *want), max(*got, *want)
    width = high - low
    if not 0 < width < float("inf") or max(abs(x - y) for x, y in pairs) < _APART * width:
        return None
    dots = [(round(100 * (x - low) / width, 2), round(100 - 100 * (y - low) / width, 2)) for x, y in pairs]
    equal = sum(abs(x - y) <= 1e-6 * width for x, y in pairs)
    return Agreement(dots, f"{low:.3g}", f"{high:.3g}", f"{equal} of {len(got)} values lie on the line", title)


def _numbers(text: str | None) -> list[float] | None:
    if not text or len(text) > _LONGEST:
        return None
    words = _ARRAY.sub(" ", text).split()
    if not all(_NUMBER.fullmatch(word) for word in words):
        return None
    found = [float(word) for word in words]
    return found if all(abs(number) < float("inf") for number in found) else None
