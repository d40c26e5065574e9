"""The command ``new``."""

from __future__ import annotations

import click

from autograder.course.model import find_course


@click.command("new")
@click.argument("name")
def new_command(name: str) -> None:
    r"""Make a new room from a template: one working part, which passes `verify` as it is.

    \b
    Example:
      autograder new ridge_regression
    """
    from autograder.authoring.new_exercise import new_room

    place = new_room(find_course(), name)
    click.echo(f"{place} holds a working room with one part; replace it step by step")
    click.echo(f"Next: autograder verify {name}, then put it into an assignment in course.yml")
