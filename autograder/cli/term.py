"""The command ``term``: archive one term and begin the next."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from autograder.cli.options import store_option
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError
from autograder.text import for_terminal, plural


@click.command("term")
@click.argument("name")
@click.option(
    "--out",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    metavar="DIR",
    help="Results folder of the term that ends.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder for the archive (default: archive/ in the course's folder).",
)
@click.option(
    "--clear", is_flag=True, help="Then remove DIR and the course secret, so that the next term starts afresh."
)
@store_option()
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def term_command(name: str, out: Path, to: Path | None, clear: bool, where: str | None, yes: bool) -> None:
    r"""End a term: everything in DIR that a replay needs goes into one file, archive/NAME.zip.

    The folder archive/ is next to course.yml, wherever the command is given.  The archive holds the results with what
    was handed in, marks by hand and who is who, and the course that graded them: course.yml, exercises, reference and
    secret.  It is read back before anything is removed.  With --clear the results folder and the secret are removed;
    the next `grade` writes another secret, so that the hidden inputs are drawn anew.  What else the term leaves in the
    course's folder is listed, not touched.

    \b
    Examples:
      autograder term 2026-autumn --out results
      autograder term 2026-autumn --out results --clear
    """
    from autograder.store.archive import FOLDER, archive_term
    from autograder.store.store import open_store

    course = load_course(find_course())
    to = to or course.root / FOLDER
    if clear:
        _refuse_within(out, to, course.root)
    with open_store(where or out, create=False) as store:
        done = archive_term(store, out, course, name, to)
    what = f"{plural(done.results, 'result')} and {plural(done.files, 'file')}, read back"
    click.echo(for_terminal(f"{done.path}: {what}; it names students and holds the secret"))
    if clear:
        _clear(course, out, where, yes)
    if left := list(_left(course.root, out, to)):
        click.echo(for_terminal(f"left in the course's folder, may name students: {', '.join(left)}"), err=True)
    if os.environ.get(course.secret.environment):
        click.echo(f"the secret is in {course.secret.environment}: set another one for the next term", err=True)


def _refuse_within(out: Path, *kept: Path) -> None:
    """Refuse to remove a folder in which something is that must stay."""
    for one in kept:
        if one.resolve().is_relative_to(out.resolve()):
            raise CourseError(f"--clear removes {out}, and {one} is in it; choose another --to, or clear by hand")


def _clear(course: Course, out: Path, where: str | None, yes: bool) -> None:
    secret = course.root / course.secret.file
    if not yes and not click.confirm(for_terminal(f"remove {out} and {secret}? This cannot be undone."), err=True):
        click.echo("nothing is removed", err=True)
        sys.exit(1)
    shutil.rmtree(out)
    secret.unlink(missing_ok=True)
    click.echo(for_terminal(f"{out} and {secret} are removed"))
    click.echo("next term: new dates in course.yml, autograder doctor --roster NEW.csv, release into a new folder")
    if where is not None:
        click.echo("the database named by --store is untouched: drop it there", err=True)


_TRACES = ("submitted*", "*.zip", "*.db", "*.csv", "*.ods", "*.xlsx", "feedback*", "nb*/submitted", "nb*/gradebook.db")


def _left(root: Path, out: Path, to: Path) -> Iterator[str]:
    """Yield what lies in the course's folder that a term leaves behind."""
    own = {out.resolve(), to.resolve()}
    found = {path for pattern in _TRACES for path in root.glob(pattern) if path.resolve() not in own}
    yield from sorted(path.relative_to(root).as_posix() for path in found)
