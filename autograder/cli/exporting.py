"""``export``: the results as files for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from autograder.cli.options import store_option
from autograder.cli.reporting import FOLDER, TABLE, course_here, say, say_stale, say_unfinished
from autograder.course.model import Course
from autograder.store.store import Store, open_store
from autograder.text import for_terminal, plural

if TYPE_CHECKING:
    from autograder.lms.people import Directory
    from autograder.lms.tables import TableRow
    from autograder.store.standings import Counted

FORMATS = ("csv", "canvas", "moodle", "moodle-feedback", "gradescope", "nbgrader", "dolos", "jplag")
SIMILARITY: dict[str, Literal["dolos", "jplag"]] = {"dolos": "dolos", "jplag": "jplag"}

_NO_IDS = (
    "no id of Canvas is known, so the course's own ids are written as logins; give the gradebook that Canvas exported "
    "as --roster, and its ids are kept"
)

_NO_MOODLE_IDS = (
    "the class list has no user name, ID number or e-mail address, by one of which Moodle finds a student; give the "
    "table of participants that Moodle exported as --roster"
)


@click.command("export")
@click.argument("form", type=click.Choice(FORMATS), metavar="FORMAT")
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option(
    "--roster", type=TABLE, metavar="CSV", help="Class list, or the gradebook that Canvas or Moodle exported."
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where to write (default: into DIR; nbgrader: this folder).",
)
@store_option()
@click.option("--gradebook", "url", metavar="URL", help="nbgrader's gradebook (default: as nbgrader_config.py says).")
@click.option(
    "--who", default="formgrader", metavar="NAME", help="Who gave the marks in formgrader, which does not record it."
)
@click.option(
    "--column", "columns", multiple=True, metavar="A=HEADING", help="canvas: the heading of assignment A's column."
)
@click.option("--names", is_flag=True, help="dolos, jplag: write students' ids instead of numbers.")
@click.option("--unpublished", is_flag=True, help="Write the present state even if another one is published.")
def export_command(
    form: str,
    folder: Path,
    roster: Path | None,
    to: Path | None,
    where: str | None,
    url: str | None,
    who: str,
    columns: tuple[str, ...],
    names: bool,
    unpublished: bool,
) -> None:
    r"""Write the results in DIR for another program.

    FORMAT is csv, canvas, moodle, moodle-feedback, gradescope, nbgrader, dolos or jplag.

    csv: a table with a row per part, points before lateness, for your own evaluation (DIR/parts.csv).

    canvas: a gradebook to import, with a column per assignment (DIR/canvas.csv).  Give the gradebook that Canvas
    exported as --roster to keep its ids and headings; --column names the heading of an assignment that has another
    name there.

    moodle: a grade import with a total per assignment, and points and feedback per exercise (DIR/moodle.csv).

    moodle-feedback: a zip for each assignment, for Moodle's "Upload multiple feedback files in a zip".  It holds the
    pages of `report --for-students`, without figures, named by the number in Moodle's download or grading table
    (--roster).

    gradescope: a results.json per student and exercise, for scripts (DIR/gradescope/).  Gradescope itself cannot
    import results.

    nbgrader: scores, reasons, lateness and marks by hand go into the gradebook of an nbgrader course folder (--to, or
    this folder), graded notebooks into its autograded/; marks given in formgrader are copied into DIR.

    dolos, jplag: a folder for each exercise with each student's code (notebooks as code) and the stub as template
    code.  Students are numbered unless --names is given.

    Except in csv, points are those after lateness.  canvas and moodle write only the students of a roster; those in
    the roster or the results alone are listed on stderr.  Once `report --for-students --publish` has published a
    state, canvas, moodle, moodle-feedback and gradescope write that state; --unpublished writes the present one.

    \b
    Examples:
      autograder export csv results --to parts.csv
      autograder export canvas results --roster gradebook.csv --to import.csv
      autograder export canvas results --roster gradebook.csv --column "ps1=Problem set 1 (4711)"
      autograder export moodle results --roster participants.csv
      autograder export gradescope results --to gradescope
      autograder export moodle-feedback results --roster participants.csv
      autograder export nbgrader results --to course
      autograder export dolos results
    """
    from autograder.lms import canvas, tables
    from autograder.lms.gradescope.results import write_gradescope
    from autograder.lms.people import directory
    from autograder.store.people import course_of
    from autograder.store.standings import counted

    course = course_of(folder, course_here())
    if columns and form != "canvas":
        raise click.UsageError("--column needs the format canvas")
    if form == "nbgrader":
        _export_nbgrader(course, folder, roster, to or Path(), where, url, who)
        return
    if form in SIMILARITY:
        _export_similarity(form, course, folder, to or folder / form, where, names)
        return
    with open_store(_state(form, folder, where, unpublished), create=False) as store:
        say_unfinished(store, folder)
        say_stale(store, course)
        keys = store.keys()
        people = directory([student for student, _, _ in keys], roster)
        results = list(counted(store, course))
        if form == "moodle-feedback":
            _export_feedback(store, course, people, to or folder)
            return
    _say_what_is_special(people, results)
    if form == "gradescope":
        target = to or folder / "gradescope"
        count = write_gradescope(target, results, course)
        click.echo(f"{target}: {count} results.json")
        return
    say("ids that are changed in the file, since a spreadsheet or terminal would run them", tables.altered_ids(people))
    rows = _rows(form, results, people, course, columns)
    target = to or folder / ("parts.csv" if form == "csv" else f"{form}.csv")
    count = tables.write_table(target, rows, kept=(canvas.POINTS_POSSIBLE,))
    click.echo(f"{target}: {plural(count, 'row')}")


def _say_what_is_special(people: Directory, results: Sequence[Counted]) -> None:
    """Say who is on one side only, and whose points are not those of a usual verdict."""
    say("on the roster, without a result", people.missing)
    say("with results, not on the roster", people.unknown)
    waiting = [one.record.student for one in results if one.record.pending_points]
    say("points still need manual grading", dict.fromkeys(waiting))
    failed = [f"{one.record.student} {one.record.exercise}" for one in results if one.points is None]
    say("the grader failed, no score is written", failed)
    rejected = [f"{one.record.student} {one.record.exercise}" for one in results if one.record.status == "rejected"]
    say("the file could not be used, counted as 0 points", rejected)


def _rows(
    form: str, results: Sequence[Counted], people: Directory, course: Course, columns: tuple[str, ...]
) -> Iterable[TableRow]:
    from autograder.lms import canvas, moodle, tables

    if form == "csv":
        return tables.csv_rows(results, people)
    if form == "moodle":
        if moodle.without_ids(people):
            click.echo(_NO_MOODLE_IDS, err=True)
        return moodle.moodle_rows(results, people, course)
    headings = canvas.Headings.of(people, course, columns)
    say("Canvas does not take as the name of an assignment", headings.misread(course))
    if canvas.without_ids(people):
        click.echo(_NO_IDS, err=True)
    return canvas.canvas_rows(results, people, course, headings)


def _state(form: str, folder: Path, where: str | None, unpublished: bool) -> str | Path:
    """Return the store to read: what students see comes from the published state, where there is one."""
    from autograder.store.published import published

    state = published(folder)
    if state is None or unpublished or form == "csv":
        return where or folder
    click.echo(for_terminal(f"the state published in {state} is written (--unpublished: the present one)"), err=True)
    return state


def _export_similarity(form: str, course: Course, folder: Path, to: Path, where: str | None, names: bool) -> None:
    from autograder.lms.similarity import command_for, write_similarity
    from autograder.store.pseudonyms import numbers_of

    tool = SIMILARITY[form]
    with open_store(where or folder, create=False) as store:
        say_unfinished(store, folder)
        numbers = {} if names else numbers_of(folder, store.students())
        told = write_similarity(store, course, to, tool, lambda student: numbers.get(student, student))
    say("left out", told.left_out)
    for exercise, count in told.files.items():
        click.echo(f"{to / exercise}: {plural(count, 'submission')}; compare with: {command_for(tool, to, exercise)}")


def _export_feedback(store: Store, course: Course, people: Directory, to: Path) -> None:
    from autograder.reports.moodle_feedback import write_feedback

    told = write_feedback(store, course, people, to)
    table = "the grading table of that assignment as --roster names them"
    say(f"no number of Moodle's is known, so no page for them ({table})", told.unknown)
    for path, count in told.written.items():
        click.echo(f"{path}: {plural(count, 'page')}")


def _export_nbgrader(
    course: Course, folder: Path, roster: Path | None, to: Path, where: str | None, url: str | None, who: str
) -> None:
    from autograder.lms.nbgrader.lazy_import import defer
    from autograder.release.course_folder import needs_nbgrader

    needs_nbgrader()
    defer("nbgrader", "nbformat", "requests")  # of which the models of the gradebook need little
    from autograder.lms.nbgrader.export import course_directory, export_nbgrader
    from autograder.lms.people import directory

    coursedir = course_directory(to, url)
    with open_store(where or folder, create=False) as store:
        say_unfinished(store, folder)
        keys = store.keys()
        people = directory([student for student, _, _ in keys], roster)
        told = export_nbgrader(store, course, coursedir, folder, who=who, people=people)
        if told.taken:
            from autograder.store.files import write_files

            write_files(store, course, folder)
    say("on the roster, without a result", people.missing)
    say("with results, not on the roster", people.unknown)
    say("the grader failed and gave no score", told.failed)
    say("points still need manual grading", told.waiting)
    say("handed in nothing, not in the gradebook", told.absent)
    say("in the gradebook but not graded here; left unchanged", told.strangers)
    say("time of submission unknown, counted as on time", told.untimed)
    say("time of submission is the student's own word (verify it with grade --received)", told.unverified)
    for remark in told.remarks:
        click.echo(for_terminal(remark), err=True)
    for problem, whose in told.problems.items():
        say(problem, whose)
    click.echo(
        f"{to}: {plural(told.students, 'submission')} and {plural(told.notebooks, 'notebook')} written; "
        f"marks by hand: {told.given} given to the gradebook, {told.taken} taken from it"
    )
