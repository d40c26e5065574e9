"""Marks by hand: ``mark``."""

from __future__ import annotations

import getpass
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.cli.options import out_option, store_option
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError
from autograder.store.store import Store
from autograder.store.stored import Mark
from autograder.text import for_terminal, plural


@click.command("mark")
@click.argument("student", required=False)
@click.argument("exercise", required=False)
@click.argument("part", required=False)
@click.argument("points", required=False, type=float)
@click.option("--comment", default="", metavar="TEXT", help="Comment that the student reads next to the points.")
@click.option(
    "--from",
    "table",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="CSV",
    help="Read marks from a filled-in template.",
)
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Write a table of what needs manual grading, to fill in.",
)
@click.option(
    "--split", type=click.IntRange(2, 100), metavar="N", help="With --template: write N tables, for N people."
)
@click.option("--anonymous", is_flag=True, help="With --template: write numbers instead of names.")
@click.option("--tick", "ticks", multiple=True, metavar="NAME", help="Criterion that is met; gives its points.")
@click.option("--who", metavar="NAME", help="Who marks (default: your user name).")
@out_option()
@store_option()
def mark_command(
    student: str | None,
    exercise: str | None,
    part: str | None,
    points: float | None,
    comment: str,
    table: Path | None,
    template: Path | None,
    split: int | None,
    anonymous: bool,
    ticks: tuple[str, ...],
    who: str | None,
    out: Path,
    where: str | None,
) -> None:
    r"""Give points by hand for parts that need manual grading.

    The marks count in DIR/results.jsonl and DIR/grades.csv at once.  They are kept with who gave them, when and why,
    for which answer and out of how many points.  A regrade leaves them alone: only a changed answer needs marking
    again, with the old mark shown, and if the points of a part change, its marks are rescaled.  A second mark for the
    same part replaces the first, which stays in the store.

    Where an exercise gives criteria, tick those that are met instead of giving points: if the points of a
    criterion change, every answer that has it ticked is rescored; if the list of criteria changes, the part needs
    marking again.

    A template holds the answers in the order of the report's page of written answers (marking.html), similar ones next
    to each other.  Fill in an x under each criterion that is met, or points, and a comment; #2 means the second of
    the comments given so far.  Empty rows are skipped; if any row has a mistake, none counts.

    \b
    Examples:
      autograder mark alice some_exercise its_part 2.5 --comment "slopes not read" --out results
      autograder mark alice some_exercise its_part --tick figure --tick reason --out results
      autograder mark --template to-mark.csv --out results
      autograder mark --template to-mark.csv --split 5 --anonymous --out results
      autograder mark --from to-mark.csv --out results
    """
    from autograder.store.mark_tables import read_marks
    from autograder.store.marks import ticked
    from autograder.store.people import course_of, naming, student_of
    from autograder.store.pseudonyms import student_behind
    from autograder.store.store import open_store

    single = (student, exercise, part, points)
    ways = [any(value is not None for value in single), table is not None, template is not None]
    if sum(ways) != 1:
        raise click.UsageError("give STUDENT EXERCISE PART POINTS, or --from CSV, or --template CSV")
    if template is None and (split or anonymous):
        raise click.UsageError("--split and --anonymous need --template")
    if ticks and not student:
        raise click.UsageError("--tick goes with STUDENT EXERCISE PART; in a table, tick in its columns")
    course = course_of(out, load_course(find_course()))
    with open_store(where or out, create=False) as store:
        if template is not None:
            _write_templates(store, course, out, template, split, anonymous)
            return
        name = who or _user()
        behind = student_behind(out)
        if table is not None:
            meant = naming(store, out)
            told: list[str] = []
            marks = read_marks(table, store, name, lambda text: meant(behind(text)).student, told)
            for line in told:
                click.echo(for_terminal(line), err=True)
        elif student is None or exercise is None or part is None or (points is None) == (not ticks):
            raise click.UsageError("a mark needs STUDENT EXERCISE PART and either POINTS or --tick")
        else:
            student = student_of(store, out, behind(student))
            mark = Mark(student, exercise, part, points or 0.0, comment, name, datetime.now(UTC))
            marks = [ticked(store, mark, ticks) if ticks else mark]
        _keep(store, course, out, marks, name)


def _keep(store: Store, course: Course, out: Path, marks: Sequence[Mark], name: str) -> None:
    """Keep marks, write the files of the results anew, and say what is kept and what it replaces."""
    from autograder.store.files import write_files
    from autograder.store.marks import replaced, set_marks, unanswered

    others = replaced(store, marks)
    count = set_marks(store, marks)
    write_files(store, course, out)
    kept = f"{plural(count, 'mark')} by {name} {'is' if count == 1 else 'are'} kept and counted"
    click.echo(for_terminal(f"{kept}; {_rest(store)}"))
    for line in others:
        click.echo(for_terminal(f"another person's mark is replaced: {line}"), err=True)
    for line in unanswered(store, marks):
        click.echo(
            for_terminal(f"nothing was handed in for {line}; an answer that comes needs marking again"), err=True
        )


def _write_templates(
    store: Store, course: Course, out: Path, template: Path, split: int | None, anonymous: bool
) -> None:
    from autograder.store.mark_tables import not_read, shares, waiting, write_template
    from autograder.store.pseudonyms import numbers_of

    rows = list(waiting(store, course.exercises))
    numbers = numbers_of(out, store.students()) if anonymous else {}
    several = shares(rows, split) if split and rows else [rows]
    names = [template.with_name(f"{template.stem}-{k}{template.suffix}") for k in range(1, len(several) + 1)]
    targets = names if split else [template]

    def shown(student: str) -> str:
        return numbers.get(student, student)

    for target in targets:
        if why := not_read(target, rows, shown):
            raise CourseError(f"{target}: {why}, or choose another name")
    for target, share in zip(targets, several, strict=True):
        count = write_template(target, share, shown)
        if count:
            words = ("autograder", "mark", "--from", str(target), "--out", str(out))
            then = f"fill in {target}, then: {shlex.join(words)}"
            click.echo(for_terminal(f"{_waiting(count)}; {then}"))
        else:
            click.echo(for_terminal(f"nothing needs manual grading: {target} has the heading only"))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # no such user where containers run under a bare number
        raise click.UsageError("your user name is not known here; say who marks with --who NAME") from None


def _rest(store: Store) -> str:
    from autograder.store.mark_tables import waiting

    left = sum(1 for _ in waiting(store, ()))
    return _waiting(left, " still") if left else "no answer needs manual grading any more"


def _waiting(count: int, still: str = "") -> str:
    return f"{plural(count, 'answer')}{still} {'needs' if count == 1 else 'need'} manual grading"
