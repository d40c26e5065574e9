"""Extensions under the ids of the roster, and those of a team's members for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from autograder.course.model import Assignment, Course
from autograder.intake.identity import Roster
from autograder.intake.teams import Teams


def with_own_extensions(course: Course, roster: Roster | None) -> tuple[Course, list[str]]:
    """Return the course with extensions under the roster's ids, and a line for each without a certain student.

    In ``course.yml`` a student may be named by any id of the roster: an e-mail address, a login, a full name.
    """
    if roster is None:
        return course, []
    lines: list[str] = []
    assignments = []
    for assignment in course.assignments:
        own: dict[str, datetime] = {}
        for text, until in assignment.extensions.items():
            where = f"course.yml: extensions of {assignment.name}"
            match = roster.match(text)
            if match.student is None:
                lines.append(f"{where}: {match.why or f'{text!r} is not on the roster'}")
            student = match.student or text
            if student in own and own[student] != until:
                lines.append(f"{where}: {student} is named twice; the later date counts")
            own[student] = max(until, own.get(student, until))
        assignments.append(replace(assignment, extensions=own))
    return replace(course, assignments=tuple(assignments)), lines


def with_team_extensions(course: Course, roster: Roster | None) -> Course:
    """Return the course in which the latest due date of a team's members is that of all of them."""
    if not any(one.by_team for one in course.assignments):
        return course
    teams = Teams.of(course, roster)
    return replace(course, assignments=tuple(_extended(one, teams) for one in course.assignments))


def _extended(assignment: Assignment, teams: Teams) -> Assignment:
    if not assignment.by_team or assignment.due is None:
        return assignment
    extensions = dict(assignment.extensions)
    for students in teams.members.values():
        latest = max(due for one in students if (due := assignment.due_for(one)) is not None)
        if latest != assignment.due:
            extensions |= dict.fromkeys(students, latest)
    return replace(assignment, extensions=extensions)
