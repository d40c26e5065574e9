"""What is kept of a student: ``forget``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.options import store_option
from autograder.course.model import find_course, load_course
from autograder.store.stored import FILE_NAME
from autograder.text import for_terminal, plural


@click.command("forget")
@click.argument("student")
@click.option("--as", "pseudonym", metavar="NAME", help="Keep verdicts and marks under this name, without the files.")
@click.option(
    "--out", type=click.Path(path_type=Path, exists=True), required=True, metavar="DIR", help="Results folder."
)
@store_option()
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget_command(student: str, pseudonym: str | None, out: Path, where: str | None, yes: bool) -> None:
    r"""Remove a student from the results, or put a pseudonym in the place of the name.

    Removed are the verdicts with their evidence, marks by hand, and every file that nobody else handed in too;
    results.jsonl and grades.csv are written anew.  What was handed in lies where you collected it, and reports and
    exports that were already written stay as they are: remove these yourself.

    \b
    Examples:
      autograder forget alice --out results
      autograder forget alice --as student-17 --out results
    """
    from autograder.store.files import write_files
    from autograder.store.people import course_of, forget_person, student_of
    from autograder.store.pseudonyms import forget_number
    from autograder.store.published import published
    from autograder.store.store import open_store

    course = course_of(out, load_course(find_course()))
    with open_store(where or out, create=False) as store:
        student = student_of(store, out, student)
        if not yes:
            what = f"put {pseudonym} in the place of" if pseudonym else "remove everything of"
            if not click.confirm(for_terminal(f"{what} {student}? This cannot be undone."), err=True):
                click.echo("nothing is changed", err=True)
                sys.exit(1)
        count = store.forget(student, pseudonym)
        forget_person(out, student)
        forget_number(out, student)
        state = published(out)
        if state is not None:
            with open_store(state, create=False) as shown:
                shown.forget(student, pseudonym)
            forget_person(state, student)
        write_files(store, course, out)
    verdicts = plural(count, "verdict")
    done = (
        f"{verdicts} {'is now that' if count == 1 else 'are now those'} of {pseudonym}"
        if pseudonym
        else f"{verdicts} removed"
    )
    click.echo(for_terminal(f"{student}: {done}"), err=True)
    if left := _written_before(out):
        click.echo(for_terminal(f"left as they are, so write them anew or remove them: {', '.join(left)}"), err=True)


def _written_before(out: Path) -> list[str]:
    """Return what lies in a results folder beside the store and what is written from it each time."""
    if not out.is_dir():
        return []
    own = ("results.jsonl", "grades.csv", "people.json", "numbers.json", "extensions.json", "published")
    return sorted(file.name for file in out.iterdir() if file.name not in own and not file.name.startswith(FILE_NAME))
