"""The command ``doctor``."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder import __version__
from autograder.cli.packages import missing_packages
from autograder.course.model import Course, load_secret
from autograder.errors import CourseError
from autograder.text import for_terminal, plural

_LIBRARIES = {
    "numpy": "nothing works without it",
    "scipy": "exercises and submissions that use SciPy cannot be graded",
    "array-api-compat": "the reference cannot be loaded",
    "array-api-strict": "no exercise can be verified, so nothing is released",
    "pydantic": "course.yml cannot be checked, so nothing is graded",
    "SQLAlchemy": "there is no results store, so nothing is graded",
    "Jinja2": "there is no report",
    "sympy": "derivations are not cross-checked",
    "mpmath": "symbolic answers cannot be graded",
    "matplotlib": "there are no figures",
    "nbgrader": "no nbgrader release and no formgrader",
    "distributed": "no --executor dask",
    "cupy": "right values are computed with NumPy",
}
"""Distribution: what its absence costs."""


@click.command("doctor")
@click.option(
    "--roster",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="CSV",
    help="Class list to check.",
)
def doctor_command(roster: Path | None) -> None:
    r"""Report what is in force on this machine and whether the course is sound, before you grade for the first time.

    Looks at the sandbox layers (each is tried out), libraries and backend; at course.yml with its dates, the course
    secret, and with --roster the class list.  Exit code 0 if submissions can be graded safely here, 1 if a required
    layer or a package of the course is missing, or course.yml, the secret or the class list cannot be used.

    \b
    Examples:
      autograder doctor
      autograder doctor --roster class.csv
    """
    click.echo(
        f"autograder {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    )
    click.echo("")
    safe = _sandbox()
    click.echo("")
    _libraries()
    complete = _packages()
    click.echo("")
    click.echo(f"backend: {_backend()}")
    click.echo("")
    sound = _course(roster)
    if not (safe and complete and sound):
        sys.exit(1)


def _sandbox() -> bool:
    if platform.system() != "Linux":
        click.echo("sandbox: none on this system; `check` works, for `grade` use Linux or a container")
        return False
    from autograder.sandbox.doctor import diagnose, render
    from autograder.sandbox.layers import missing

    layers = diagnose()
    click.echo(render(layers))
    return not missing(layers)


def _course(roster: Path | None) -> bool:
    """Say what there is to say of the course and the class list; return whether both can be used."""
    from autograder.course.model import find_course, load_course

    try:
        root = find_course()
    except CourseError:
        click.echo("course: none here or above (autograder init DIR makes one)")
        return roster is None
    lines = []
    try:
        course = load_course(root)
        lines += [*_dates(course), *_secret(course)]
        if roster is not None:
            lines += _roster(course, roster)
    except CourseError as error:
        click.echo(for_terminal("\n".join([*lines, f"course: {root}: {error}"])))
        return False
    exercises = plural(len(course.exercises), "exercise")
    click.echo(for_terminal(f"course: {course.title}, {exercises} in {plural(len(course.assignments), 'assignment')}"))
    for line in lines:
        click.echo(for_terminal(f"  {line}"))
    return True


def _dates(course: Course) -> Iterator[str]:
    for one in course.assignments:
        until = f"due {one.due:%Y-%m-%d %H:%M %Z}" if one.due is not None else "no due date, so nothing is ever late"
        until += " (past)" if one.due is not None and one.due < datetime.now(UTC) else ""
        own = [f"{plural(len(one.extensions), 'extension')}"] if one.extensions else []
        own += ["by team"] if one.by_team else []
        own += [f"appeals until {one.appeals_until:%Y-%m-%d %H:%M %Z}"] if one.appeals_until is not None else []
        yield f"{one.name:<10} {'; '.join([until, *own])}"


def _secret(course: Course) -> Iterator[str]:
    place = course.root / course.secret.file
    try:
        load_secret(course)
    except CourseError as error:
        if place.exists() or course.secret.environment in os.environ:
            raise
        yield f"secret: {error}"
        return
    if course.secret.environment in os.environ:
        yield f"secret: in the environment variable {course.secret.environment}"
        return
    others = place.stat().st_mode & 0o077
    yield f"secret: {place}" + ("; others on this machine can read it: chmod 600 it" if others else "")


def _roster(course: Course, path: Path) -> Iterator[str]:
    from autograder.intake.extensions import with_own_extensions
    from autograder.intake.tables import read_roster
    from autograder.intake.teams import Teams

    people = read_roster(path)
    teams = Teams.of(course, people)
    groups = f", {plural(len(teams.members), 'team')}" if teams.members else ""
    yield f"class list: {plural(len(people.people), 'student')}{groups}"
    yield from (f"  {line}" for line in (*people.notes, *with_own_extensions(course, people)[1], *teams.told))
    if any(one.by_team for one in course.assignments):
        alone = [person.student for person in people.people if teams.of_student(person.student) is None]
        if alone:
            yield f"  in no team: {', '.join(alone[:20])}{f' and {len(alone) - 20} more' if len(alone) > 20 else ''}"


def _libraries() -> None:
    click.echo("libraries:")
    for name, cost in _LIBRARIES.items():
        try:
            click.echo(f"  {name:<18} {_version(name)}")
        except importlib.metadata.PackageNotFoundError:
            click.echo(f"  {name:<18} missing: {cost}")


def _version(name: str) -> str:
    """Return the version of a distribution; CuPy's has a name for each version of CUDA."""
    if name == "cupy":
        cuda = [d.name for d in importlib.metadata.distributions() if (d.name or "").startswith("cupy-cuda")]
        name = min(cuda, default=name)
    return importlib.metadata.version(name)


def _packages() -> bool:
    """List what a submission may import, the course's packages with their versions; return whether all are here."""
    from autograder.course.model import find_course, packages_of
    from autograder.sandbox.packages import PROVIDED, versions

    try:
        root = find_course()
    except CourseError:
        click.echo(f"a submission can import: Python's own modules, {', '.join(PROVIDED)}")
        return True
    named = packages_of(root)
    click.echo(for_terminal(f"a submission can import: Python's own modules, {', '.join((*PROVIDED, *named))}"))
    for name, version in versions(named).items():
        click.echo(for_terminal(f"  {name:<18} {version or 'missing: `grade` refuses to start without it'}"))
    missing = list(missing_packages(root))
    for line in missing:
        click.echo(for_terminal(line))
    return not missing


def _backend() -> str:
    if importlib.util.find_spec("cupy") is None:
        return "NumPy; CuPy is not installed"
    import cupy

    return "CuPy on a GPU" if cupy.is_available() else "NumPy; CuPy is installed but finds no GPU"
