"""The command ``forget``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.options import out_option, store_option
from autograder.course.model import FILE_NAME as COURSE_FILE
from autograder.course.model import Course, find_course, load_course
from autograder.text import for_terminal, plural

if TYPE_CHECKING:
    from autograder.store.forgotten import StudentNames
    from autograder.store.store import Store

_PAGES = ("report", "report-anonymous", "feedback", "gradescope", "dolos", "jplag", ".published-new")
_TABLES = ("parts.csv", "canvas.csv", "moodle.csv", "moodle-feedback-*.zip")
"""What `report` and `export` write below the results; all of it can be written anew."""


@click.command("forget")
@click.argument("students", nargs=-1, required=True, metavar="STUDENT...")
@click.option("--as", "pseudonym", metavar="NAME", help="Keep verdicts and marks under NAME, without the files.")
@out_option()
@store_option()
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def forget_command(students: tuple[str, ...], pseudonym: str | None, out: Path, where: str | None, yes: bool) -> None:
    r"""Remove students from the results, or replace one name by a pseudonym.

    Removes the verdicts with their evidence, marks by hand, the published state, class list, extensions, numbers, and
    every file that no other student handed in.  What a team handed in stays with its other members, without the
    student's name in paths, remarks and comments; their points and due dates do not change.  results.jsonl and
    grades.csv are written anew; pages and exports in DIR are removed, since they show the student: write them anew.
    Other files in DIR that still name the student are listed.

    Nothing outside of DIR is touched: the files that you collected, course.yml, archives of terms, nbgrader's folder,
    exports written elsewhere and backups are yours to remove.

    \b
    Examples:
      autograder forget alice --out results
      autograder forget alice bob carol --out results
      autograder forget alice --as student-17 --out results
    """
    from autograder.store.files import write_files
    from autograder.store.forgotten import naming_files
    from autograder.store.people import course_of, known_words
    from autograder.store.store import open_store

    if pseudonym and len(students) > 1:
        raise click.UsageError("--as renames one student; give one STUDENT")
    course = load_course(find_course())
    with open_store(where or out, create=False) as store:
        chosen = list(dict.fromkeys(_meant(store, out, student) for student in students))
        if not yes:
            what = f"put {pseudonym} in the place of" if pseudonym else "remove everything of"
            asked = f"{what} {', '.join(chosen)}, and pages and exports in {out}? This cannot be undone."
            if not click.confirm(for_terminal(asked), err=True):
                click.echo("nothing is changed", err=True)
                sys.exit(1)
        words = [known_words(out, student) for student in chosen]
        for one in words:
            _say(*_forgotten(store, course, out, one, pseudonym))
        write_files(store, course_of(out, course), out)
    if gone := list(_removed(out)):
        _say(f"removed from {out}, since they showed them; write them anew: {', '.join(gone)}")
    if left := list(naming_files(out, words)):
        _say(f"still name them, so remove them yourself: {', '.join(left)}")
    named = "; these are there: " + ", ".join(map(str, outside)) if (outside := list(_outside(course, words))) else ""
    _say(
        f"nothing outside of {out} is touched: what you collected, files written elsewhere, backups are yours to remove"
        f"{named}"
    )


def _meant(store: Store, out: Path, text: str) -> str:
    """Return the student who is meant: of the results, of the class list, or of the published state alone."""
    from autograder.store.people import student_of
    from autograder.store.published import published
    from autograder.store.store import open_store

    state = published(out)
    if state is not None:
        with open_store(state, create=False) as shown:
            if text in shown.students():
                return text
    return student_of(store, out, text, listed=True)


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(for_terminal(line), err=True)


def _forgotten(store: Store, course: Course, out: Path, words: StudentNames, pseudonym: str | None) -> Iterator[str]:
    """Remove a student everywhere below the results; yield what is said of it."""
    from autograder.lms.nbgrader.handmarks import forget_agreed
    from autograder.store.people import forget_person
    from autograder.store.pseudonyms import forget_number
    from autograder.store.published import published
    from autograder.store.store import open_store

    student = words.student
    shared = store.shared_with(student)
    store.refuse_taken(pseudonym)
    state = published(out)
    # the results last: who is still in them is found by the same command, if this one is stopped
    if state is not None:
        with open_store(state, create=False) as shown:
            if student in shown.students():
                shown.forget(student, pseudonym, words)
        forget_person(state, course, student, pseudonym)
    forget_number(out, student)
    forget_agreed(out, student)
    count = store.forget(student, pseudonym, words)
    forget_person(out, course, student, pseudonym)
    became = f"{'is now that' if count == 1 else 'are now those'} of {pseudonym}" if pseudonym else "removed"
    yield f"{student}: {plural(count, 'verdict')} {became}"
    if shared:
        kept = ", ".join(f"{exercise} ({', '.join(mates)})" for exercise, mates in shared.items())
        yield f"handed in with others, who keep it: {kept}"


def _removed(out: Path) -> Iterator[str]:
    """Remove what was written from the results, and yield its names."""
    for pattern in (*_PAGES, *_TABLES):
        for path in sorted(out.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            yield path.name


def _outside(course: Course, words: Iterable[StudentNames]) -> Iterator[Path]:
    """Yield what is next to the course and may name a student, by what is seen at a glance."""
    from autograder.store.archive import FOLDER as ARCHIVE

    file, archive = course.root / COURSE_FILE, course.root / ARCHIVE
    data = file.read_bytes()
    if any(one.within(data) for one in words):
        yield file
    if archive.is_dir() and any(archive.iterdir()):
        yield archive
