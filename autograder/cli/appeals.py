"""``appeals``: requests of students, each with its verdict and evidence."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.cli import needs_linux
from autograder.cli.options import out_option, store_option
from autograder.course.model import find_course, load_course
from autograder.text import for_terminal, plural


@click.command("appeals")
@click.argument("table", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="CSV")
@out_option()
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where to write (default: appeals-answers.csv next to CSV).",
)
@store_option()
@click.option("--unsafe", is_flag=True, help="Replay even where a required sandbox layer is missing.")
def appeals_command(table: Path, out: Path, to: Path | None, where: str | None, unsafe: bool) -> None:
    r"""Write what is needed to answer requests for another look at a mark.

    CSV has the columns student, exercise, text and, if you like, part and time.  Every request becomes a row for the
    part, or for each part that lost points, or for the exercise if none did: status, points, reason, the first failing
    case with what was returned and expected, who marked it by hand, and whether the stored submission gets the same
    verdict again now.  The column answer is yours.  in_time compares the time of the request, or now, with
    `appeals_until` of the assignment in course.yml.  Hidden cases are in the table, so it is for you alone.

    \b
    Example:
      autograder appeals appeals.csv --out results
    """
    needs_linux()
    from autograder.grading.appeals import answer_table, read_appeals, write_answers
    from autograder.grading.replay import replay
    from autograder.store.people import course_of, naming
    from autograder.store.store import open_store

    course = course_of(out, load_course(find_course()))
    target = to or table.with_name("appeals-answers.csv")
    with open_store(where or out, create=False) as store:
        meant = naming(store, out)
        requests = read_appeals(table, store, lambda text: meant(text).student)

        def again(student: str, exercise: str) -> tuple[bool, str]:
            return replay(store, course, student, exercise, unsafe=unsafe)

        rows = answer_table(requests, store, course, again)
    count = write_answers(target, rows)
    changed = len({(r["student"], r["exercise"]) for r in rows if r["replayed"] != "the same verdict"})
    late = sum(row["in_time"] == "no" for row in rows)
    said = [f"{plural(len(requests), 'request')}, {plural(count, 'row')}"]
    said += [f"{changed} not replayed to the same verdict"] if changed else []
    said += [f"{plural(late, 'row')} after the date"] if late else []
    click.echo(for_terminal(f"{target}: {'; '.join(said)}"))
