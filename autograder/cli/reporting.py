"""Commands that show results: ``diff``, ``report``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli import needs_linux
from autograder.cli.options import store_option
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError
from autograder.store.store import Store, open_store
from autograder.text import few, for_terminal, plural

if TYPE_CHECKING:
    from autograder.reports.student import Picture

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
TABLE = click.Path(path_type=Path, exists=True, dir_okay=False)
_SHOWN = 20


def say_unfinished(store: Store, folder: Path) -> None:
    """Say that grading is not finished, if it is not."""
    taken = store.underway()
    if taken:
        so_far = f"{plural(len(store.keys()), 'result')}, {plural(taken, 'submission')} in progress, more may be queued"
        text = f"{folder}: grading is not finished ({so_far})"
        click.echo(for_terminal(f"{text}; the same grade command goes on where it stopped"), err=True)


def say_stale(store: Store, course: Course) -> None:
    """Say which results another course gave."""
    from autograder.store.generations import stale

    say("graded by another course or package than the present one; grade again", list(stale(store, course)))


def say(what: str, who: Iterable[str]) -> None:
    """Write names of one kind to the log, the first of many."""
    names = list(who)
    if names:
        click.echo(for_terminal(f"{what}: {len(names)} ({few(names, _SHOWN)})"), err=True)


@click.command("diff")
@click.argument("old", type=FOLDER, metavar="DIR_OLD")
@click.argument("new", type=FOLDER, metavar="DIR_NEW")
@click.option("--json", "as_data", is_flag=True, help="Print everything as JSON.")
@click.option("--notes", type=click.Path(path_type=Path), metavar="CSV", help="Write a note for each student to send.")
def diff_command(old: Path, new: Path, as_data: bool, notes: Path | None) -> None:
    r"""Show whose marks change from DIR_OLD to DIR_NEW and why, before anything is published.

    Lists what changed for each mark: statuses of parts, checks, the submission, variant, course or lateness.  Points
    include marks by hand and are those after lateness, by the present course.yml.  A summary by exercise follows, with
    the answers that need marking again.  Exit code 0 whether or not something changes.

    \b
    Examples:
      autograder diff results regraded
      autograder diff results regraded --json
      autograder diff results/published results --notes notes.csv
    """
    from autograder.reports.diff import as_json, as_text, compare
    from autograder.reports.diff import notes as notes_of
    from autograder.store.people import course_of

    try:
        root = find_course()
    except CourseError as error:
        click.echo(f"lateness is not counted: {error}", err=True)
        course = None
    else:
        course = course_of(new, load_course(root))
    with open_store(old, create=False) as before, open_store(new, create=False) as after:
        for store, folder in ((before, old), (after, new)):
            say_unfinished(store, folder)
        difference = compare(before, after, course)
    if notes is not None:
        from autograder.lms.tables import write_table

        count = write_table(notes, [("student", "note"), *notes_of(difference)])
        click.echo(for_terminal(f"{notes}: {plural(count, 'note')}"), err=True)
    click.echo(json.dumps(as_json(difference), indent=1) if as_data else as_text(difference))


@click.command("report")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option("--to", type=click.Path(path_type=Path), metavar="PATH", help="Where to write (default: DIR/report).")
@click.option("--roster", type=TABLE, metavar="CSV", help="Class list, for names next to the ids.")
@click.option("--for-students", is_flag=True, help="Instead, write pages to give to the students.")
@click.option("--publish", is_flag=True, help="With --for-students: publish the present state.")
@click.option("--anonymous", is_flag=True, help="Write numbers instead of names, and no pages of students.")
@click.option("--figures", is_flag=True, help="Draw each student's figures from their own functions, in the sandbox.")
@click.option("--unsafe", is_flag=True, help="Draw figures even where a required sandbox layer is missing.")
@store_option()
def report_command(
    folder: Path,
    to: Path | None,
    roster: Path | None,
    for_students: bool,
    publish: bool,
    anonymous: bool,
    figures: bool,
    unsafe: bool,
    where: str | None,
) -> None:
    r"""Write the results in DIR as pages to look at: the class, the written answers, and one page per student.

    The class page begins with what needs a person and what to teach; then scores, exercises, items and the students,
    to be sorted and filtered.  marking.html holds the answers that need manual grading, in the order of the table that
    `autograder mark --template` writes.  The pages need no network and can be printed.  They show hidden cases, so they
    are for the instructor.  With --anonymous, for a projector or for assistants, students are numbered, and
    hidden cases and mistakes that `feedback` in course.yml still keeps from students are left out.

    With --for-students there is one page per student and no other: without the values in hidden checks, and with their
    outcomes and misconceptions only where `feedback` in course.yml lets them through now.  --publish keeps a copy of
    the present state in DIR/published.  From then on these pages and the exports that students see show that state, so
    that a regrade or a mark changes nothing for them before it is looked at (autograder diff DIR/published DIR) and
    published.

    --figures draws the figure of each exercise from what a student's right functions answer in the sandbox (about half
    a second per submission; equal answers are drawn once).

    \b
    Examples:
      autograder report results
      autograder report results --roster class.csv --to report
      autograder report results --anonymous
      autograder report results --for-students --publish
      autograder report results --figures
    """
    if figures:
        needs_linux()
    from autograder.lms.people import directory
    from autograder.reports.site import write_handouts, write_report
    from autograder.store.people import course_of
    from autograder.store.pseudonyms import numbers_of

    course = course_of(folder, course_here())
    if publish and not for_students:
        raise click.UsageError("--publish needs --for-students")
    if anonymous and (for_students or figures):
        raise click.UsageError("--anonymous writes the class alone, without --for-students and --figures")
    target = to or folder / ("feedback" if for_students else "report-anonymous" if anonymous else "report")
    state = _state_for_students(folder, where or folder, publish=publish) if for_students else where or folder
    with open_store(state, create=False) as store:
        say_unfinished(store, folder)
        say_stale(store, course)
        keys = store.keys()
        people = directory([student for student, _, _ in keys], roster)
        numbers = numbers_of(folder, store.students()) if anonymous else None
        # as it was given, to be pasted; the address of a store may hold a password
        place = shlex.quote(str(folder)) + (" --store URL" if where else "")
        with _drawn(course, unsafe) if figures else nullcontext() as picture:
            if for_students:
                pages = {*write_handouts(store, course, people, target, picture).values()}
                count = len(pages)
                other = [path.name for path in sorted(target.glob("*.html")) if path not in pages]
                say("pages in the folder that are not of a student of these results; remove them", other)
            else:
                count = write_report(store, course, people, target, picture, numbers=numbers, place=place)
    say("on the roster, without a result", people.missing)
    say("with results, not on the roster", people.unknown)
    students, page = plural(count, "student"), target / "index.html"
    if for_students:
        _say_undated(course, {exercise for _, _, exercise in keys})
        click.echo(f"{target}: {students}; give each page to its own student only")
    elif anonymous:
        click.echo(f"{page}: {students} without names and hidden cases; marking.html holds whole answers")
    else:
        said = "for you alone, since it holds names and hidden cases (--for-students makes pages to give out)"
        click.echo(f"{page}: {students}; {said}")


def _state_for_students(folder: Path, present: str | Path, *, publish: bool) -> str | Path:
    """Return the state that students see: the present one where none is published; ``publish`` publishes it first."""
    from autograder.store.published import publish as publish_state
    from autograder.store.published import published

    if publish:
        with open_store(present, create=False) as store:
            return publish_state(store, folder)
    state = published(folder)
    if state is None:
        return present
    click.echo(for_terminal(f"the state published in {state} is shown (--publish: the present one)"), err=True)
    return state


@contextmanager
def _drawn(course: Course, unsafe: bool) -> Iterator[Picture]:
    """Give what draws the figure of a submission; say at the end which exercises have none."""
    from autograder.reports.figures import Figures

    with Figures(course, unsafe) as drawn:
        yield drawn.picture
    say("exercises without a figure", [f"{name}: {why}" for name, why in drawn.left_out.items()])


def _say_undated(course: Course, exercises: Collection[str]) -> None:
    """Say which assignments keep something from students for ever, since no due date lets it through."""
    if "after_due" in (course.feedback.hidden_checks, course.feedback.misconceptions):
        undated = [a.name for a in course.assignments if a.due is None and not a.exercises.keys().isdisjoint(exercises)]
        say("hidden checks or misconceptions are withheld until a due date, which is not set", undated)


def course_here() -> Course:
    """Return the course that the working folder or the environment names."""
    return load_course(find_course())
