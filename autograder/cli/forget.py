"""The command ``forget``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from autograder.cli.options import out_option, store_option
from autograder.course.model import find_course, load_course
from autograder.store.stored import FILE_NAME
from autograder.text import for_terminal, plural


@click.command("forget")
@click.argument("students", nargs=-1, required=True, metavar="STUDENT...")
@click.option("--as", "pseudonym", metavar="NAME", help="Keep verdicts and marks under this name, without the files.")
@out_option()
@store_option()
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget_command(students: tuple[str, ...], pseudonym: str | None, out: Path, where: str | None, yes: bool) -> None:
    r"""Remove students from the results, or replace one name by a pseudonym.

    Removes the verdicts with their evidence, marks by hand, and every file that no other student handed in;
    results.jsonl and grades.csv are written anew.  The files that you collected, and reports and exports that
    were already written, are left unchanged: remove these yourself.

    \b
    Examples:
      autograder forget alice --out results
      autograder forget alice bob carol --out results
      autograder forget alice --as student-17 --out results
    """
    from autograder.lms.nbgrader.handmarks import forget_agreed
    from autograder.store.files import write_files
    from autograder.store.people import course_of, forget_person, student_of
    from autograder.store.pseudonyms import forget_number
    from autograder.store.published import published
    from autograder.store.store import open_store

    if pseudonym and len(students) > 1:
        raise click.UsageError("--as is for one student")
    course = course_of(out, load_course(find_course()))
    with open_store(where or out, create=False) as store:
        chosen = list(dict.fromkeys(student_of(store, out, student) for student in students))
        if not yes:
            what = f"put {pseudonym} in the place of" if pseudonym else "remove everything of"
            if not click.confirm(for_terminal(f"{what} {', '.join(chosen)}? This cannot be undone."), err=True):
                click.echo("nothing is changed", err=True)
                sys.exit(1)
        for student in chosen:
            count = store.forget(student, pseudonym)
            forget_person(out, student)
            forget_number(out, student)
            forget_agreed(out, student)
            state = published(out)
            if state is not None:
                with open_store(state, create=False) as shown:
                    shown.forget(student, pseudonym)
                forget_person(state, student)
            became = f"{'is now that' if count == 1 else 'are now those'} of {pseudonym}" if pseudonym else "removed"
            click.echo(for_terminal(f"{student}: {plural(count, 'verdict')} {became}"), err=True)
        write_files(store, course, out)
    if left := _written_before(out):
        click.echo(for_terminal(f"left as they are, so write them anew or remove them: {', '.join(left)}"), err=True)


def _written_before(out: Path) -> list[str]:
    """Return what is in a results folder besides the store and the files written from it."""
    if not out.is_dir():
        return []
    from autograder.lms.nbgrader.handmarks import FILE as AGREED

    own = ("results.jsonl", "grades.csv", "people.json", "numbers.json", "extensions.json", "published", AGREED)
    return sorted(file.name for file in out.iterdir() if file.name not in own and not file.name.startswith(FILE_NAME))
