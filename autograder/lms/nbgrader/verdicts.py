"""A record as nbgrader can keep it: per part the points for its graded cell and the words for its comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.course.feedback_policy import FeedbackPolicy, part_seen
from autograder.lms.tables import part_line
from autograder.plain import dataclass
from autograder.store.records import Record
from autograder.store.waiting import waiting_parts
from autograder.student.as_notebook import answer_id, graded_id
from autograder.text import for_html, one_line, one_of

MOST = 20_000
"""Characters of a comment: a page of feedback is read by a person."""


@dataclass(frozen=True)
class CellVerdict:
    """What becomes of one part in nbgrader.

    Attributes
    ----------
    part : str
        Its name.
    graded, answer : str
        grade_id of the cell with the points, and of the answer cell, on which the comment hangs.
    points : float or None
        The grader's own; None while there are none, because a person must look or the grader failed.
    failed : bool
        Whether the grader itself failed; no score may remain then.
    said : str
        Why, as the student may read it.
    digest : str or None
        Hash of an answer in text.
    criteria : sequence of mapping
        The rubric of a part that a person marks.
    """

    part: str
    graded: str
    answer: str
    points: float | None
    failed: bool
    said: str
    digest: str | None = None
    criteria: Sequence[Mapping[str, Any]] = ()


def verdicts(record: Record, policy: FeedbackPolicy, remarks: tuple[str, ...] = ()) -> list[CellVerdict]:
    """Return the verdicts on the parts of a record without marks by hand.

    Parameters
    ----------
    record : Record
        As the grader stored it.
    policy : FeedbackPolicy
        What the student may see of hidden checks and misconceptions.
    remarks : tuple of str
        About the submission as a whole; they come above the first comment, with the record's own message.
    """
    failed = record.status == "grader_error"
    whole = [text for text in (record.message or "", *remarks) if text]
    found: list[CellVerdict] = []
    waits = waiting_parts(record)
    for number, part in enumerate(record.parts):
        name = part["name"]
        answer = answer_id(record.exercise, name)
        above = whole if number == 0 or record.status != "graded" else []
        lines = above if failed else [*above, *_lines(part_seen(part, policy))]
        found.append(
            CellVerdict(
                part=name,
                graded=answer if part["kind"] == "manual" else graded_id(record.exercise, name),
                answer=answer,
                points=None if failed or name in waits else float(part["score"]),
                failed=failed,
                said=for_html("\n".join(lines))[:MOST],
                digest=part.get("answer"),
                criteria=part.get("criteria", ()),
            )
        )
    return found


def _lines(part: Mapping[str, Any]) -> Iterator[str]:
    yield part_line(part)
    if part["misconceptions"]:
        yield f"  looks like: {one_of(part['misconceptions'])}"
    for check in part["checks"]:
        if check["visibility"] == "public" and check["outcome"] == "fail":
            message = check["message"]
            told = message and message not in (part["message"] or "")
            yield f"  fails: {check['title']}" + (f" ({one_line(message)})" if told else "")
    hidden = [check for check in part["checks"] if check["visibility"] == "hidden"]
    if hidden:
        failing = [check["title"] for check in hidden if check["outcome"] == "fail"]
        yield f"  {len(failing)} of {len(hidden)} hidden checks fail"
        yield from (f"  fails: {title}" for title in failing)
