"""Teams: who hands in together, and one submission for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from autograder.course.model import Course
from autograder.intake.identity import Roster
from autograder.plain import dataclass

if TYPE_CHECKING:  # the finding of files needs the sandbox, and results are read on systems without it
    from autograder.intake.discovery import Submission

_ORDER = {"missing": 0, "rejected": 1, "found": 2}


@dataclass(frozen=True)
class Teams:
    """The teams of a course.

    Attributes
    ----------
    members : mapping of str to tuple of str
        Students by team, sorted.
    told : tuple of str
        Members who are not on the roster, a line each.
    """

    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    told: tuple[str, ...] = ()

    @classmethod
    def of(cls, course: Course, roster: Roster | None) -> Teams:
        """Return the teams that ``course.yml`` names, else those in the roster's column ``team``."""
        found: dict[str, list[str]] = defaultdict(list)
        told: list[str] = []
        for team, named in course.teams.items():
            for text in named:
                match = roster.match(text) if roster is not None else None
                if match is not None and match.student is None:
                    told.append(f"course.yml: teams.{team}: {match.why or f'{text!r} is not on the roster'}")
                found[team].append((match.student if match is not None else None) or text)
        if not found and roster is not None:
            for person in roster.people:
                if person.team:
                    found[person.team].append(person.student)
        return cls({team: tuple(sorted(set(students))) for team, students in sorted(found.items())}, tuple(told))

    def of_student(self, student: str) -> str | None:
        """Return the team of a student."""
        return next((team for team, students in self.members.items() if student in students), None)


def in_teams(
    submissions: Iterable[Submission], course: Course, roster: Roster | None
) -> tuple[list[Submission], frozenset[str]]:
    """Return the submissions with one for each team where an assignment is done by teams, and the teams that were met.

    It is that of the member who handed in last, or of the team's own folder; a file that cannot be used gives way to
    one that can.  It is graded once, under the first member's name; ``members`` are who get the verdict.
    """
    by_team = {one.name for one in course.assignments if one.by_team}
    teams = Teams.of(course, roster) if by_team else Teams()
    team_of = {student: team for team, students in teams.members.items() for student in students}
    alone: list[Submission] = []
    several: dict[tuple[str, str, str], list[Submission]] = defaultdict(list)
    for one in submissions:
        team = one.student if one.student in teams.members else team_of.get(one.student)
        if one.assignment in by_team and team is not None:
            several[team, one.assignment, one.exercise].append(one)
        else:
            alone.append(one)
    together = [_one(team, teams.members[team], found) for (team, _, _), found in sorted(several.items())]
    folders = frozenset(one.student for found in several.values() for one in found if one.student in teams.members)
    return [*alone, *together], folders


def _one(team: str, members: tuple[str, ...], found: Sequence[Submission]) -> Submission:
    """Return the submission of a team."""
    never = datetime.min.replace(tzinfo=UTC)
    ordered = sorted(found, key=lambda one: (_ORDER[one.status], one.received or never, one.student))
    counts = ordered[-1]
    usable = [one.student for one in ordered if one.status == "found"]
    notes = counts.notes
    if len(usable) > 1:
        notes = (
            f"team {team}: {', '.join(usable)} handed in; the last submission, of {counts.student}, counts",
            *notes,
        )
    elif counts.status == "found" and counts.student not in (team, members[0]):
        notes = (f"team {team}: handed in by {counts.student}", *notes)
    return _renamed(replace(counts, notes=notes), members[0], team, members)


def _renamed(one: Submission, student: str, team: str, members: tuple[str, ...]) -> Submission:
    spare = None if one.spare is None else _renamed(one.spare, student, team, members)
    return replace(one, student=student, team=team, members=members, spare=spare)
