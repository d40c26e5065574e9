"""What the command line of ``grade`` asks for, and the course, tables and submissions that it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autograder.atomic import private_folder
from autograder.cli.packages import missing_packages
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError
from autograder.plain import dataclass

if TYPE_CHECKING:
    from autograder.grading.grader import Settings
    from autograder.intake.discovery import Discovery

Extensions = Mapping[str, Mapping[str, datetime]]
"""Due dates by assignment and student."""


@dataclass(frozen=True)
class GradeRequest:
    """What the command line asks for, one field for each option."""

    path: Path
    out: Path
    assignment: str | None = None
    exercise: str | None = None
    roster: Path | None = None
    received: Path | None = None
    extensions: Path | None = None
    whose: tuple[str, ...] = ()
    lms: str | None = None
    jobs: int | None = None
    executor: str = "local"
    scheduler: str | None = None
    backend: str | None = None
    where: str | None = None
    regrade: bool = False
    unsafe: bool = False
    table: bool = False

    def __post_init__(self) -> None:
        if self.scheduler is not None and self.executor != "dask":
            raise click.UsageError("--scheduler needs --executor dask")
        if self.scheduler is not None and self.jobs is not None:
            raise click.UsageError("--jobs is for workers on this machine; with --scheduler its workers grade")


@dataclass(frozen=True)
class GradeJob:
    """A request whose course, tables and submissions were read."""

    request: GradeRequest
    course: Course
    found: Discovery
    told: Sequence[str]
    settings: Settings


def resolve(request: GradeRequest) -> GradeJob:
    """Read the course and the tables, find the submissions, and make the folder of the results.

    Raises
    ------
    CourseError
        With what is wrong in them.
    """
    from autograder.grading.grader import Settings
    from autograder.intake.discovery import discover
    from autograder.intake.extensions import with_own_extensions, with_team_extensions
    from autograder.intake.tables import read_extensions, read_received, read_roster, read_whose
    from autograder.intake.teams import Teams, in_teams
    from autograder.store.people import keep_extensions, keep_people, known_extensions, known_people, with_extensions

    course = load_course(find_course())
    absent = list(missing_packages(course.root))
    if absent:
        raise CourseError("\n".join(absent))
    people = read_roster(request.roster) if request.roster else None
    times = read_received(request.received, course) if request.received else None
    known = people or known_people(request.out)
    before = known_extensions(request.out)
    table = read_extensions(request.extensions, course) if request.extensions else before
    gone = _no_longer(before, table, course)
    course, told = with_own_extensions(with_extensions(course, table), known)
    course = with_team_extensions(course, known)
    found = discover(
        request.path,
        course,
        request.assignment,
        request.exercise,
        roster=known,
        # the class list kept with the results says whose work it is; only one that is given says who should have come
        everyone=people is not None,
        received=times,
        apart=request.out,
        whose=read_whose(request.whose),
        system=_SYSTEMS.get(request.lms),
    )
    private_folder(request.out, "choose another --out")
    if people is not None:
        keep_people(request.out, people)
    if request.extensions:
        keep_extensions(request.out, table)
    submissions, folders = in_teams(found.submissions, course, known)
    told = [*gone, *told, *Teams.of(course, known).told]
    unknown = tuple(one for one in found.unknown if one not in folders)
    found = replace(found, submissions=tuple(submissions), unknown=unknown)
    settings = Settings(course.root, request.unsafe, request.backend or course.backend)
    return GradeJob(request, course, found, told, settings)


def _no_longer(before: Extensions, table: Extensions, course: Course) -> list[str]:
    """Name the extensions kept with the results that count no more: a new table replaces the whole old one."""
    known = [one.name for one in course.assignments]
    lines = [
        f"extension of {who} for {name} counts no more: {name} is not in course.yml"
        for name, own in before.items()
        for who in own
        if name not in known
    ]
    return lines + [
        f"extension of {who} for {name} counts no more: it is not in the table that is given now"
        for name, own in before.items()
        for who in own
        if name in known and who not in table.get(name, {})
    ]


_SYSTEMS: dict[str | None, Literal["Canvas", "Moodle", "Blackboard", "Brightspace"]] = {
    "canvas": "Canvas", "moodle": "Moodle", "blackboard": "Blackboard", "brightspace": "Brightspace",
}  # fmt: skip
