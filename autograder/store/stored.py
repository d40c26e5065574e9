"""What a results store holds besides the records themselves, and how it is written into rows of tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from autograder.errors import CourseError
from autograder.moments import as_iso
from autograder.plain import dataclass
from autograder.store.records import Key, Record, dumps
from autograder.text import encodable

FILE_NAME = "results.db"
"""The store of a folder."""

NO_ANSWER = ""
"""In the place of an answer's hash in a mark that was given where nothing was handed in."""

FORMULAS = "claimed formulas"
"""Where evidence holds what was claimed of formulas, by part; not the name of any part."""

NAMING = "values on the naming set"
"""Where evidence holds the wrong values that misconceptions are named by; not the name of any part."""

KEY = ("student", "assignment", "exercise")
"""The columns of a key."""


@dataclass(frozen=True)
class Stored:
    """A record with what is kept next to it.

    Attributes
    ----------
    record : Record
        As published.
    digest, fingerprint : str
        Hash of what was handed in (:class:`autograder.intake.loading.LoadedFile`), and of the course that graded it; if
        neither has changed, the verdict still holds.
    grader, layers : str
        Version of the package, sandbox layers in force.
    evidence : mapping
        JSON data from which ``show`` explains the verdict.
    received, verified : datetime or None, bool
        Time of submission.
    notes : tuple of str
        Remarks of the reader of the submission.
    answers : mapping of str to str
        What was written for the parts that a person marks, by part.
    graded : datetime or None
        When; set by the store.
    """

    record: Record
    digest: str
    fingerprint: str
    grader: str = ""
    layers: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    received: datetime | None = None
    verified: bool = False
    notes: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    graded: datetime | None = None


@dataclass(frozen=True)
class Mark:
    """Points that a person gave to a part; the latest of a part counts, the earlier ones stay as history.

    Attributes
    ----------
    student, exercise, part : str
        What it is for.
    points : float
        As given.
    comment, who, at : str, str, datetime
        What the student reads next to the points, who gave them, and when.
    out_of : float or None
        What the part was worth then; None in marks that are older than this field.
    answer : str or None
        Hash of the answer that was marked; empty where there was none; None in older marks, which fit any answer.
    criteria : tuple of (str, bool)
        The criteria of that time, and which of them were ticked; empty where the points were given as a number.
    """

    student: str
    exercise: str
    part: str
    points: float
    comment: str
    who: str
    at: datetime
    out_of: float | None = None
    answer: str | None = None
    criteria: tuple[tuple[str, bool], ...] = ()


Files = Iterable[tuple[str, bytes]]
"""Names and bytes of what was handed in, the main file first."""


def row_of(stored: Stored, files: list[list[str]]) -> dict[str, Any]:
    """Return the row of a verdict, with the names and hashes of what was handed in."""
    record = stored.record
    return {
        **key_row(record.key),
        "status": record.status,
        "score": record.score,
        "max_score": record.max_score,
        "pending_points": record.pending_points,
        "digest": stored.digest,
        "fingerprint": stored.fingerprint,
        "grader": stored.grader,
        "layers": stored.layers,
        "received": as_iso(stored.received),
        "verified": stored.verified,
        "graded": as_iso(stored.graded),
        "record": record.line(),
        "evidence": dumps(stored.evidence),
        "notes": dumps(list(stored.notes)),
        "answers": dumps(dict(stored.answers)),
        "files": dumps(files),
    }


def stored_of(row: Mapping[str, Any]) -> Stored:
    """Return the verdict that :func:`row_of` wrote.

    Raises
    ------
    CourseError
        If its record cannot be read.
    """
    return Stored(
        record=record_at(key_of(row), row["record"]),
        digest=row["digest"],
        fingerprint=row["fingerprint"],
        grader=row["grader"],
        layers=row["layers"],
        evidence=json.loads(row["evidence"]),
        received=moment(row["received"]),
        verified=row["verified"],
        notes=tuple(json.loads(row["notes"])),
        answers=json.loads(row["answers"]),
        graded=moment(row["graded"]),
    )


def mark_row(mark: Mark) -> dict[str, Any]:
    """Return the row of a mark."""
    words = {name: getattr(mark, name) for name in ("student", "exercise", "part", "comment", "who")}
    return {
        # PostgreSQL keeps no NUL in a text; the other columns are ids, JSON and hashes, which have none
        **{name: encodable(text).replace("\0", "\\x00") for name, text in words.items()},
        "points": mark.points,
        "at": as_iso(mark.at),
        "out_of": mark.out_of,
        "answer": mark.answer,
        "criteria": dumps(list(mark.criteria)),
    }


def mark_of(row: Mapping[str, Any]) -> Mark:
    """Return the mark that :func:`mark_row` wrote."""
    words = {name: value for name, value in row.items() if name != "id"}
    ticks = tuple((str(name), bool(ticked)) for name, ticked in json.loads(row["criteria"]))
    return Mark(**{**words, "at": datetime.fromisoformat(row["at"]), "criteria": ticks})


def record_at(key: Key, line: str) -> Record:
    """Return a record of the store by its line.

    Raises
    ------
    CourseError
        If it cannot be read; the error names it.
    """
    try:
        return Record.from_line(line)
    except CourseError as error:
        raise CourseError(f"{'/'.join(key)} in the results store: {error}; grade it again with --regrade") from None


def key_row(key: Key) -> dict[str, Any]:
    """Return a key as columns."""
    return dict(zip(KEY, key, strict=True))


def key_of(row: Mapping[str, Any]) -> Key:
    """Return the key among the columns of a row."""
    return row["student"], row["assignment"], row["exercise"]


def moment(text: str | None) -> datetime | None:
    """Return a time as the store keeps it, or None."""
    return None if text is None else datetime.fromisoformat(text)
