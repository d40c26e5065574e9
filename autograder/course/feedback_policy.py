"""What of a verdict students may see, and when, as ``course.yml`` says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from autograder.course.model import Assignment, Course, When


@dataclass(frozen=True)
class Sight:
    """What a page may tell: outcomes of hidden checks, misconceptions, and the values in hidden checks."""

    hidden_checks: bool = True
    misconceptions: bool = True
    hidden_values: bool = True


INSTRUCTOR = Sight()


def sight_of(course: Course, assignment: Assignment | None, now: datetime) -> Sight:
    """Return what students may see of an assignment at a moment.

    ``after_due`` is after the last due date of anyone, extensions included, so that nobody who still works is told by
    a friend; without a due date it never comes.  The values in hidden checks are never for students.
    """
    dates = [] if assignment is None or assignment.due is None else [assignment.due, *assignment.extensions.values()]
    over = bool(dates) and now > max(dates)

    def may(when: When) -> bool:
        return when == "always" or (when == "after_due" and over)

    return Sight(may(course.feedback.hidden_checks), may(course.feedback.misconceptions), False)
