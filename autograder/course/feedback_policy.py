"""What of a verdict students may see, and when, as ``course.yml`` says: the one place that decides it.

Pages, Moodle, Gradescope, nbgrader and notebooks show what :func:`part_seen` and :func:`evidence_seen` let through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from autograder.course.model import Assignment, Course, When
from autograder.plain import dataclass

_HIDDEN_FAIL = "hidden checks fail"


@dataclass(frozen=True)
class FeedbackPolicy:
    """What may be shown: outcomes of hidden checks, misconceptions, values in hidden checks, worked solutions."""

    hidden_checks: bool = True
    misconceptions: bool = True
    hidden_values: bool = True
    solutions: bool = False


INSTRUCTOR = FeedbackPolicy()
LEAST = FeedbackPolicy(False, False, False)


def policy_of(course: Course, assignment: Assignment | None, now: datetime) -> FeedbackPolicy:
    """Return what students may see of an assignment at a moment.

    ``after_due`` is after the last due date of anyone, extensions included, so that a student who still works learns
    nothing from a friend; without a due date it never comes.  The values in hidden checks are never for students.
    """
    dates = [] if assignment is None or assignment.due is None else [assignment.due, *assignment.extensions.values()]
    over = bool(dates) and now > max(dates)

    def may(when: When) -> bool:
        return when == "always" or (when == "after_due" and over)

    seen = course.feedback
    return FeedbackPolicy(may(seen.hidden_checks), may(seen.misconceptions), False, may(seen.solutions))


def policies(course: Course, names: Iterable[str], now: datetime) -> dict[str, FeedbackPolicy]:
    """Return the feedback policy of each assignment; the strictest for one that the course does not know."""
    known = {assignment.name: assignment for assignment in course.assignments}
    return {name: policy_of(course, known[name], now) if name in known else LEAST for name in names}


def hidden_message(titles: Iterable[str]) -> str | None:
    """Return the message of a part where only hidden checks fail; :func:`part_seen` recognises it."""
    named = ", ".join(dict.fromkeys(titles))
    return f"{_HIDDEN_FAIL}: {named}" if named else None


def part_seen(part: Mapping[str, Any], policy: FeedbackPolicy) -> dict[str, Any]:
    """Return a part of a record without what may not be shown; a record keeps everything.

    Parameters
    ----------
    part : mapping
        As in ``results.jsonl``.
    policy : FeedbackPolicy
        What may be shown.
    """
    message = part["message"]
    if message and not policy.hidden_checks and message.startswith(_HIDDEN_FAIL):
        message = None
    return {
        **part,
        "message": message,
        "checks": [one for one in part["checks"] if one["visibility"] == "public" or policy.hidden_checks],
        "misconceptions": list(part["misconceptions"]) if policy.misconceptions else [],
    }


def evidence_seen(evidence: Iterable[Mapping[str, Any]], policy: FeedbackPolicy) -> Sequence[Mapping[str, Any]]:
    """Return the evidence of a part (calls, returned and expected values) without what may not be shown."""
    return [item for item in evidence if item["visibility"] == "public" or policy.hidden_values]
