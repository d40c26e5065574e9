"""The command ``release``: what students get."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.cli import needs_linux
from autograder.course.model import find_course, load_course
from autograder.errors import CourseError
from autograder.text import for_terminal, plural

if TYPE_CHECKING:  # a student's commands never import it
    from autograder.release.build import Release


@click.command("release")
@click.argument("assignment")
@click.option(
    "--to", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR", help="Where to write."
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["nbgrader", "bundle", "gradescope"]),
    default="nbgrader",
    help="What to make (default: nbgrader).",
)
@click.option("--solutions", is_flag=True, help="Make the version with solutions, for after the due date.")
@click.option("--unsafe", is_flag=True, help="gradescope: grade even where a required sandbox layer is missing.")
@click.option(
    "--with-wheels",
    is_flag=True,
    help="bundle: include every package to install, for this system and Python (about 80 MB).",
)
def release_command(assignment: str, to: Path, kind: str, solutions: bool, unsafe: bool, with_wheels: bool) -> None:
    r"""Make what students get of an assignment.

    nbgrader: DIR is an nbgrader course folder with nbgrader_config.py, source/ASSIGNMENT and, made by nbgrader itself,
    release/ASSIGNMENT.  With --solutions the source holds the worked solutions between nbgrader's marks; the release
    is the same.  bundle: DIR/ASSIGNMENT.zip with stubs, notebooks and public checks, for students without nbgrader.
    gradescope: DIR/ASSIGNMENT-gradescope.zip, the autograder that you upload to Gradescope.  It holds grading.py and
    the reference: students never see it, so do not hand it out.

    The promises of every exercise are verified (what has not changed since the last time is not verified again): the
    reference passes its checks, no misconception does.  The files for students are searched for code of grading.py and
    reference/, for hidden checks and for their inputs.  If a promise does not hold or anything is found, the exit code
    is 1 and nothing is written; nor is anything if the command is interrupted.

    \b
    Examples:
      autograder release ps1 --to course
      autograder release ps1 --to handout --format bundle
      autograder release ps1 --to handout --format bundle --with-wheels
      autograder release ps1 --to handout --format bundle --solutions
      autograder release ps1 --to upload --format gradescope
    """
    if unsafe and kind != "gradescope":
        raise click.UsageError("--unsafe needs --format gradescope")
    if with_wheels and kind != "bundle":
        raise click.UsageError("--with-wheels needs --format bundle")
    if solutions and kind == "gradescope":
        raise click.UsageError("--solutions needs --format nbgrader or bundle")
    needs_linux()
    from autograder.release.build import Release
    from autograder.release.course_folder import needs_nbgrader
    from autograder.release.leaks import Leak
    from autograder.release.proof import Unproven, prove
    from autograder.release.wheel import wheel_name

    course = load_course(find_course())
    course.assignment(assignment)
    if kind == "nbgrader":
        needs_nbgrader()  # what takes no time comes before what takes minutes
    before = signal.signal(signal.SIGTERM, _interrupt)  # so that temporary files are removed
    try:
        release = Release.of(course, assignment, solved=solutions)
        _search(release)
        prove(course.root, [folder.name for folder in release.folders], say=_log)
        made = _writer(kind, unsafe, with_wheels)(release, to)
    except (Leak, Unproven) as refusal:
        click.echo(f"refused: {for_terminal(str(refusal))}", err=True)
        sys.exit(1)
    finally:
        signal.signal(signal.SIGTERM, before)
    click.echo(f"wrote {made}")
    click.echo(f"{plural(len(release.folders), 'exercise')}: {', '.join(folder.name for folder in release.folders)}")
    if kind == "gradescope":
        click.echo("for you alone: it holds grading.py and the reference; upload it, never hand it out")
    elif kind == "nbgrader":
        click.echo(f"next: cd {shlex.quote(str(to))} && nbgrader release_assignment {release.assignment.name}")
        program = to / "package" / wheel_name()
        click.echo(f"students with machines of their own also need the program: hand out {program}")
    else:
        click.echo("next: put it where your students download; its README.md says the rest")


def _search(release: Release) -> None:
    """Search what can be made so far, before anything that takes long; the finished files are searched again."""
    try:
        files = {**release.bundle(), **release.sources()}
    except CourseError:
        return  # an exercise that is wrong: verifying it says how
    release.search(files)


def _writer(kind: str, unsafe: bool, with_wheels: bool) -> Callable[[Release, Path], Path]:
    if kind == "gradescope":
        from autograder.lms.gradescope.package import write_package

        return lambda release, to: write_package(release, to, unsafe=unsafe)
    if kind == "bundle":
        from autograder.release.build import write_bundle

        return lambda release, to: write_bundle(release, to, with_wheels=with_wheels)
    from autograder.release.course_folder import write_course_folder

    return write_course_folder


def _log(text: str) -> None:
    click.echo(for_terminal(text), err=True)


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
