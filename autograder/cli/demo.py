"""The command ``demo``."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click

from autograder.cli import needs_linux
from autograder.cli.options import STORE
from autograder.course.model import find_course, load_course
from autograder.errors import CourseError


@click.command("demo")
@click.option(
    "--students", type=click.IntRange(1, 100_000), default=60, show_default=True, metavar="N", help="Size of the class."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("demo"),
    show_default=True,
    metavar="DIR",
    help="Output folder.",
)
@click.option(
    "--jobs", type=click.IntRange(1), default=None, metavar="N", help="Worker processes (default: one per core)."
)
@click.option("--assignment", metavar="A", help="Assignment that the class hands in, or `all` (default: the first).")
def demo_command(students: int, out: Path, jobs: int | None, assignment: str | None) -> None:
    r"""Write a lifelike class to DIR/submitted and grade it into DIR/results, showing each command.

    The class hands in the first assignment, or the one named.

    There are right answers in several styles, every misconception, untouched stubs, half-finished work, syntax errors,
    loops, crashes, notebooks and .py files, written answers, late work, an extension, a mistake that three students
    share, and a folder of which it is not clear whose it is.

    Without a course, or one with due dates, it makes one with dates in DIR/course first.

    \b
    Example:
      autograder demo --students 60 --out demo
    """
    needs_linux()
    from autograder.authoring.demo.around import dated, write_around
    from autograder.authoring.demo.build import write_class

    if (out / "submitted").exists() or (out / "results").exists():
        raise CourseError(f"{out} holds a class already: choose another --out, or remove it")
    root = _course(out)
    course = load_course(root)
    names = [one.name for one in course.assignments]
    chosen = names if assignment == "all" else [course.assignment(assignment or names[0]).name]
    click.echo(f"writing {students} students to {out / 'submitted'}", err=True)
    try:
        around = dated(course, out, chosen)
        roster = write_class(course, students, out, chosen)
        received, extensions = write_around(load_course(around), students, out, chosen)
    except OSError as error:
        raise CourseError(f"{out}: cannot be written: {error.strerror}; choose another --out") from None
    export = f"$ export AUTOGRADER_COURSE={shlex.quote(str(around))}    # this course, with due dates"
    dates = around != root
    if dates:
        click.echo(export)
        root = around
    command = ["grade", str(out / "submitted"), "--roster", str(roster), "--out", str(out / "results")]
    command += ["--received", str(received), "--extensions", str(extensions)]
    if jobs is not None:
        command += ["--jobs", str(jobs)]
    click.echo(f"$ autograder {shlex.join(command)}")
    environment = {**os.environ, "AUTOGRADER_COURSE": str(root)}
    environment.pop(STORE, None)  # a class that is made up has a store of its own
    done = subprocess.run([sys.executable, "-m", "autograder", *command], env=environment, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    student = (out / "roster.csv").read_text(encoding="utf-8").splitlines()[min(2, students)].split(",")[0]
    first = next(iter(course.assignment(chosen[0]).exercises))
    results, students_list = shlex.quote(str(out / "results")), shlex.quote(str(roster))
    click.echo("\nLook at the class, write its grades for Canvas, look at one result, run its verdict again:")
    if dates:  # again, next to the commands that need it
        click.echo(export)
    click.echo(f"$ autograder report {results} --roster {students_list}")
    click.echo(f"$ autograder export canvas {results} --roster {students_list}")
    click.echo(f"$ autograder show {student} {first} --out {results}")
    click.echo(f"$ autograder replay {student} {first} --out {results}")


def _course(out: Path) -> Path:
    """Return the folder of the course around, or of a small one that is made for the demonstration."""
    try:
        return find_course()
    except CourseError:
        if os.environ.get("AUTOGRADER_COURSE"):
            raise
    from autograder.authoring.new_course import new_course

    place = new_course(out / "course", "A small course").resolve()
    click.echo(f"no course here: made a small one in {place}", err=True)
    click.echo(f"$ export AUTOGRADER_COURSE={shlex.quote(str(place))}")
    return place
