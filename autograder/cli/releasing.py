"""The command ``release``: what students get."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli import printable
from autograder.course import find_course, load_course


@click.command("release")
@click.argument("assignment")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR", help="Where to.")
@click.option("--format", "kind", type=click.Choice(["nbgrader", "bundle"]), default="nbgrader", help="What to make.")
@click.option("--solutions", is_flag=True, help="The worked version, for after the due date.")
def release_command(assignment: str, to: Path, kind: str, solutions: bool) -> None:
    r"""Make what students get of an assignment.

    nbgrader: DIR is an nbgrader course folder with nbgrader_config.py, source/ASSIGNMENT and, made by nbgrader itself,
    release/ASSIGNMENT.  With --solutions the source holds the worked solutions between nbgrader's marks; the release
    is the same.  bundle: DIR/ASSIGNMENT.zip with stubs, notebooks and public checks, for students without nbgrader.

    The finished files are searched for code of grading.py and reference/ and for hidden checks.  If anything is found
    the exit code is 1 and nothing is written.

    \b
    Examples:
      autograder release ps1 --to course
      autograder release ps1 --to handout --format bundle
      autograder release ps1 --to handout --format bundle --solutions
    """
    from autograder.release.build import Release, write_bundle
    from autograder.release.course_folder import write_course_folder
    from autograder.release.leaks import Leak

    course = load_course(find_course())
    try:
        release = Release.of(course, assignment, solved=solutions)
        made = write_bundle(release, to) if kind == "bundle" else write_course_folder(release, to)
    except Leak as leak:
        click.echo(f"refused: {printable(str(leak))}", err=True)
        sys.exit(1)
    click.echo(f"wrote {made}")
    click.echo(f"{len(release.rooms)} exercises: {', '.join(room.name for room in release.rooms)}")
