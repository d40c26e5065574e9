"""The commands ``init`` and ``new``: a course and an exercise of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from autograder.course.model import find_course


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--title", metavar="TEXT", help="Title of the course (default: the name of the folder).")
def init_command(folder: Path, title: str | None) -> None:
    r"""Make a course of your own in DIR: course.yml, one working exercise, a .gitignore that keeps students' data out.

    \b
    Example:
      autograder init statistics --title "Statistics I"
    """
    from autograder.authoring.new_course import new_course

    place = new_course(folder, title or folder.resolve().name.replace("_", " ").capitalize())
    click.echo(f"{place} holds a course with one exercise, squares; replace it step by step")
    there = "" if place.resolve() == Path.cwd() else f"cd {shlex.quote(str(place))}; "
    click.echo(f"Next: {there}autograder verify; autograder new NAME; then list its exercises in course.yml")
    click.echo("How to write an exercise: " + str(_guide()))


def _guide() -> Path:
    import autograder.checks

    return Path(autograder.checks.__file__).with_name("README.md")


@click.command("new")
@click.argument("name")
def new_command(name: str) -> None:
    r"""Make a new exercise from a template: one working part, which passes `verify` as it is.

    \b
    Example:
      autograder new ridge_regression
    """
    from autograder.authoring.new_exercise import new_exercise

    place = new_exercise(find_course(), name)
    click.echo(f"{place} holds a working exercise with one part; replace it step by step")
    click.echo(f"Next: autograder verify {name}, then put it into an assignment in course.yml")
