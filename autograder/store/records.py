"""Records of the grader: one line of ``results.jsonl`` (version 1) for each student and exercise."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from autograder.errors import CourseError
from autograder.model import PartReport, Report
from autograder.plain import dataclass
from autograder.statuses import RecordStatus
from autograder.text import encodable

VERSION = 1

Key = tuple[str, str, str]
"""Student, assignment, exercise."""


FAULT = "error of the exercise"
"""How a note begins that tells the instructor of an error in an exercise's own check; it quotes the check's code."""


def for_students(notes: Iterable[str]) -> str | None:
    """Return the notes that a student may read, as the message of a record."""
    return "; ".join(note for note in notes if not note.startswith(FAULT)) or None


@dataclass(frozen=True)
class Record:
    """One line of ``results.jsonl``: the verdict on one student's exercise.

    ``parts`` holds the parts as they are in the file; ``seconds`` is the one field that may differ between runs.
    ``team`` is the team that handed it in, whose members have records alike.
    """

    student: str
    assignment: str
    exercise: str
    status: RecordStatus
    file: str | None = None
    sha256: str | None = None
    variant: int = 0
    score: float = 0.0
    max_score: float = 0.0
    pending_points: float = 0.0
    seconds: float = 0.0
    message: str | None = None
    parts: tuple[Mapping[str, Any], ...] = ()
    notes: tuple[str, ...] = ()
    team: str | None = None

    @property
    def key(self) -> Key:
        """Student, assignment and exercise: a store has one record of each."""
        return self.student, self.assignment, self.exercise

    @property
    def suffix(self) -> str:
        """How the file is read: ``.ipynb`` or ``.py``, in whatever letters its name ends."""
        return ".ipynb" if (self.file or "").casefold().endswith(".ipynb") else ".py"

    def as_json(self) -> dict[str, Any]:
        """Return the record as JSON data, keys in the published order."""
        return {
            "version": VERSION,
            "student": self.student,
            "assignment": self.assignment,
            "exercise": self.exercise,
            "status": self.status,
            "file": self.file,
            "sha256": self.sha256,
            "variant": self.variant,
            "score": self.score,
            "max_score": self.max_score,
            "pending_points": self.pending_points,
            "seconds": self.seconds,
            "message": self.message,
            "notes": list(self.notes),
            **({"team": self.team} if self.team else {}),
            "parts": [dict(part) for part in self.parts],
        }

    def line(self) -> str:
        """Return the record as one line of JSON, pure ASCII, so that no reader can split or misread it.

        Raises
        ------
        ValueError
            If a number in it is not finite.
        """
        return dumps(self.as_json())

    @classmethod
    def from_line(cls, line: str) -> Record:
        """Read a record that :meth:`line` wrote.

        Raises
        ------
        CourseError
            If it is none, or of another version.
        """
        try:
            data = json.loads(line)
            version = data.pop("version")
            if version != VERSION:
                raise CourseError(f"a record of version {version!r}; this program reads version {VERSION}")
            return cls(**{**data, "parts": tuple(data["parts"]), "notes": tuple(data.get("notes", ()))})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CourseError(
                f"not a record of this program ({type(error).__name__}); grade the submission again"
            ) from None


@dataclass(frozen=True)
class Grade:
    """What a total needs of a record; the store reads it without the record itself."""

    student: str
    assignment: str
    exercise: str
    score: float
    max_score: float
    pending_points: float
    received: datetime | None = None
    status: str = "graded"


def record_of(key: Key, report: Report, *, file: str | None, sha256: str | None, message: str | None = None) -> Record:
    """Return the record of a graded submission, as it will be when it is read again."""
    parts: tuple[Mapping[str, Any], ...] = tuple(_part(part) for part in report.parts)
    return Record(
        *key,
        status="graded",
        file=file,
        sha256=sha256,
        variant=report.variant,
        score=rounded_points(sum(part["score"] for part in parts)),
        max_score=rounded_points(sum(part["max_score"] for part in parts)),
        pending_points=rounded_points(sum(part.pending for part in report.parts)),
        seconds=round(report.seconds, 6),
        message=encodable(message),
        parts=parts,
    )


def _part(part: PartReport) -> dict[str, Any]:
    written: dict[str, Any] = {} if part.answer is None else {"answer": part.answer}
    if part.criteria:
        written["criteria"] = [dict(one) for one in part.criteria]
    return {
        "name": part.name,
        "kind": part.kind,
        "status": part.status,
        "score": rounded_points(part.score),
        "max_score": rounded_points(part.max_score),
        "misconceptions": list(part.misconceptions),
        "proof": encodable(part.proof),
        "message": encodable(part.message),
        "checks": [
            {
                "title": outcome.title,
                "group": outcome.group,
                "visibility": outcome.visibility,
                "outcome": outcome.outcome,
                "message": encodable(outcome.message),
            }
            for outcome in part.outcomes
        ],
        **written,
    }


def rounded_points(value: float) -> float:
    """Round points to a millionth, so that sums of them read as what they are.

    Raises
    ------
    ValueError
        If they are not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"points must be finite, not {value}")
    return round(float(value), 6) + 0.0  # + 0.0 turns -0.0 into 0.0


def dumps(value: Any) -> str:
    """Return cleaned data as JSON, pure ASCII.

    Raises
    ------
    ValueError
        If a number in it is not finite.
    """
    text = json.dumps(value, allow_nan=False)
    # most data is encodable already, which its text tells faster than a walk through it
    return json.dumps(encodable(value), allow_nan=False) if r"\ud" in text else text
