"""Marks by hand: ``mark``."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.cli.options import store_option
from autograder.course.model import find_course, load_course
from autograder.store.store import Store
from autograder.store.stored import Mark
from autograder.text import for_terminal, plural


@click.command("mark")
@click.argument("student", required=False)
@click.argument("exercise", required=False)
@click.argument("part", required=False)
@click.argument("points", required=False, type=float)
@click.option("--comment", default="", metavar="TEXT", help="What the student reads beside the points.")
@click.option(
    "--from", "table", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="CSV", help="Many marks."
)
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Write what needs manual grading, to be filled in.",
)
@click.option("--who", metavar="NAME", help="Who marks (default: your user name).")
@click.option(
    "--out", type=click.Path(path_type=Path, exists=True), required=True, metavar="DIR", help="Results folder."
)
@store_option()
def mark_command(
    student: str | None,
    exercise: str | None,
    part: str | None,
    points: float | None,
    comment: str,
    table: Path | None,
    template: Path | None,
    who: str | None,
    out: Path,
    where: str | None,
) -> None:
    r"""Give points by hand for parts that need manual grading.

    The marks count in DIR/results.jsonl and DIR/grades.csv at once.  They are kept with who gave them, when and why,
    for which answer and out of how many points.  A regrade leaves them alone: only another answer puts a part back,
    with the old mark shown, and a part that is worth other points rescales its mark.  A second mark for the same part
    replaces the first, which stays in the store.  A table has the columns student, exercise, part, points and, if you
    like, comment; rows without points still wait.  All rows count or none.  A template holds the answers, too.

    \b
    Examples:
      autograder mark alice some_exercise its_part 2.5 --comment "slopes not read" --out results
      autograder mark --template to-mark.csv --out results
      autograder mark --from to-mark.csv --out results
    """
    from autograder.store.files import write_files
    from autograder.store.marks import read_marks, set_marks, waiting, write_template
    from autograder.store.people import course_of, naming, student_of
    from autograder.store.store import open_store

    single = (student, exercise, part, points)
    ways = [any(value is not None for value in single), table is not None, template is not None]
    if sum(ways) != 1:
        raise click.UsageError("give STUDENT EXERCISE PART POINTS, or --from CSV, or --template CSV")
    course = course_of(out, load_course(find_course()))
    with open_store(where or out, create=False) as store:
        if template is not None:
            count = write_template(template, waiting(store))
            waits = f"{_waiting(count)}; fill in points and comment in" if count else "nothing waits for a person:"
            click.echo(f"{waits} {template}{'' if count else ' has the heading only'}")
            return
        name = who or _user()
        if table is not None:
            meant = naming(store, out)
            count = set_marks(store, read_marks(table, store, name, lambda text: meant(text).student))
        elif student is None or exercise is None or part is None or points is None:
            raise click.UsageError("a mark needs all of STUDENT EXERCISE PART POINTS")
        else:
            student = student_of(store, out, student)
            count = set_marks(store, [Mark(student, exercise, part, points, comment, name, datetime.now(UTC))])
        write_files(store, course, out)
        kept = f"{plural(count, 'mark')} by {name} {'is' if count == 1 else 'are'} kept and counted"
        click.echo(for_terminal(f"{kept}; {_rest(store)}"))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # no such user where containers run under a bare number
        raise click.UsageError("your user name is not known here; say who marks with --who NAME") from None


def _rest(store: Store) -> str:
    from autograder.store.marks import waiting

    left = sum(1 for _ in waiting(store))
    return _waiting(left, " still") if left else "nothing waits any more"


def _waiting(count: int, still: str = "") -> str:
    return f"{plural(count, 'answer')}{still} {'waits' if count == 1 else 'wait'}{'' if still else ' for a person'}"
