"""Commands that show results: ``export``, ``diff``, ``report``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import click

from autograder.cli import needs_linux
from autograder.cli.options import store_option
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError
from autograder.store.store import Store, open_store
from autograder.text import for_terminal, plural

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_TABLE = click.Path(path_type=Path, exists=True, dir_okay=False)
_SHOWN = 20
_NO_IDS = (
    "no id of Canvas is known, so the course's own ids are written as logins; give the gradebook that Canvas exported "
    "as --roster, and its ids are kept"
)


@click.command("export")
@click.argument("form", type=click.Choice(["csv", "canvas", "moodle", "gradescope", "nbgrader"]), metavar="FORMAT")
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.option("--roster", type=_TABLE, metavar="CSV", help="Class list, or a gradebook of Canvas or Moodle.")
@click.option("--to", type=click.Path(path_type=Path), metavar="PATH", help="Where (default: in DIR; nbgrader: here).")
@store_option()
@click.option("--gradebook", "url", metavar="URL", help="nbgrader's gradebook (default: as nbgrader_config.py says).")
@click.option("--who", default="formgrader", metavar="NAME", help="Who marked in formgrader, which does not say.")
@click.option(
    "--column", "columns", multiple=True, metavar="A=HEADING", help="canvas: the heading of an assignment's column."
)
def export_command(
    form: str,
    folder: Path,
    roster: Path | None,
    to: Path | None,
    where: str | None,
    url: str | None,
    who: str,
    columns: tuple[str, ...],
) -> None:
    r"""Write the results in DIR for another program: csv, canvas, moodle, gradescope or nbgrader.

    csv has a row per part, for your own evaluation.  canvas is a gradebook import with a column per assignment: with
    the gradebook that Canvas exported as --roster, its ids and headings are kept, and --column names the heading of an
    assignment that is called otherwise there.  moodle is a grade import with a total per assignment, and points and
    feedback per exercise.  In both, what lateness costs is taken off, and with a roster only its students are written.
    gradescope is a folder with a results.json per student and exercise, in the format of Gradescope's autograders, for
    scripts that read it: Gradescope itself imports none.  Students on one side only, roster or results, are listed on
    stderr.  Without --to they are written into DIR: parts.csv, canvas.csv, moodle.csv, gradescope/.

    nbgrader brings the results and a course folder of nbgrader together (--to, or here): scores, reasons, lateness and
    marks by hand go into its gradebook, the graded notebooks into autograded/; marks that were given in formgrader are
    kept in DIR.

    \b
    Examples:
      autograder export csv results --to parts.csv
      autograder export canvas results --roster gradebook.csv --to import.csv
      autograder export canvas results --roster gradebook.csv --column "ps1=Problem set 1 (4711)"
      autograder export moodle results --roster participants.csv
      autograder export gradescope results --to gradescope
      autograder export nbgrader results --to course
    """
    from autograder.lms import canvas, moodle, tables
    from autograder.lms.gradescope.results import write_gradescope
    from autograder.lms.people import directory
    from autograder.store.people import course_of
    from autograder.store.standings import counted

    course = course_of(folder, course_here())
    if columns and form != "canvas":
        raise click.UsageError("--column is for canvas")
    if form == "nbgrader":
        _export_nbgrader(course, folder, roster, to or Path(), where, url, who)
        return
    with open_store(where or folder, create=False) as store:
        _say_unfinished(store, folder)
        _say_stale(store, course)
        keys = store.keys()
        people = directory([student for student, _, _ in keys], roster)
        results = list(counted(store, course))
    _say("on the roster, without a result", people.missing)
    _say("with results, not on the roster", people.unknown)
    waiting = [one.record.student for one in results if one.record.pending_points]
    _say("points still wait for a person", dict.fromkeys(waiting))
    failed = [f"{one.record.student} {one.record.exercise}" for one in results if one.points is None]
    _say("the grader failed, no score is written", failed)
    rejected = [f"{one.record.student} {one.record.exercise}" for one in results if one.record.status == "rejected"]
    _say("the file could not be used, counted as 0 points", rejected)
    if form == "gradescope":
        target = to or folder / "gradescope"
        count = write_gradescope(target, results, course)
        click.echo(f"{target}: {count} results.json")
        return
    _say("written changed, since a spreadsheet or terminal would obey the id", tables.altered_ids(people))
    rows: Iterable[tables.Row]
    if form == "csv":
        rows = tables.csv_rows(results, people)
    elif form == "canvas":
        headings = canvas.Headings.of(people, course, columns)
        _say("Canvas does not take as the name of an assignment", headings.misread(course))
        if canvas.without_ids(people):
            click.echo(_NO_IDS, err=True)
        rows = canvas.canvas_rows(results, people, course, headings)
    else:
        rows = moodle.moodle_rows(results, people, course)
    target = to or folder / ("parts.csv" if form == "csv" else f"{form}.csv")
    count = tables.write_table(target, rows, kept=(canvas.POINTS_POSSIBLE,))
    click.echo(f"{target}: {plural(count, 'row')}")


def _export_nbgrader(
    course: Course, folder: Path, roster: Path | None, to: Path, where: str | None, url: str | None, who: str
) -> None:
    from autograder.lms.nbgrader import need_nbgrader
    from autograder.lms.nbgrader.lazy_import import defer

    need_nbgrader()
    defer("nbgrader", "nbformat", "requests")  # of which the models of the gradebook need little
    from autograder.lms.nbgrader.export import course_directory, export_nbgrader
    from autograder.lms.people import directory

    coursedir = course_directory(to, url)
    with open_store(where or folder, create=False) as store:
        _say_unfinished(store, folder)
        keys = store.keys()
        people = directory([student for student, _, _ in keys], roster)
        told = export_nbgrader(store, course, coursedir, folder, who=who, people=people)
        if told.taken:
            from autograder.store.files import write_files

            write_files(store, course, folder)
    _say("on the roster, without a result", people.missing)
    _say("with results, not on the roster", people.unknown)
    _say("the grader failed, no score stands for it", told.failed)
    _say("points still wait for a person", told.waiting)
    _say("handed in nothing, not in the gradebook", told.absent)
    _say("in the gradebook without a result here, left as they are", told.strangers)
    _say("time of submission unknown, counted as on time", told.untimed)
    _say("time of submission is the student's own word (verify it with grade --received)", told.unverified)
    for remark in told.remarks:
        click.echo(for_terminal(remark), err=True)
    click.echo(
        f"{to}: {plural(told.students, 'submission')} and {plural(told.notebooks, 'notebook')} written; "
        f"marks by hand: {told.given} given to the gradebook, {told.taken} taken from it"
    )


def _say_unfinished(store: Store, folder: Path) -> None:
    taken = store.underway()
    if taken:
        so_far = plural(len(store.keys()), "result")
        text = f"{folder}: grading is not finished ({so_far}, {plural(taken, 'submission')} begun, others may wait)"
        click.echo(for_terminal(f"{text}; the same grade command goes on where it stopped"), err=True)


def _say_stale(store: Store, course: Course) -> None:
    from autograder.store.generations import stale

    _say("graded by another course or package than the present one; grade again", list(stale(store, course)))


def _say(what: str, who: Iterable[str]) -> None:
    names = list(who)
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        click.echo(for_terminal(f"{what}: {len(names)} ({', '.join(names[:_SHOWN])}{more})"), err=True)


@click.command("diff")
@click.argument("old", type=_FOLDER, metavar="DIR_OLD")
@click.argument("new", type=_FOLDER, metavar="DIR_NEW")
@click.option("--json", "as_data", is_flag=True, help="Print everything as JSON.")
def diff_command(old: Path, new: Path, as_data: bool) -> None:
    r"""Say whose marks change from DIR_OLD to DIR_NEW and why, before anything is published.

    Named are part statuses, checks that flipped, another submission, variant, course or lateness; marks by hand are
    counted.  Points are those that count: what lateness costs by the present course.yml is taken off.  Exit code 0
    whether or not something changes.

    \b
    Examples:
      autograder diff results regraded
      autograder diff results regraded --json
    """
    from autograder.reports.diff import as_json, as_text, compare

    try:
        root = find_course()
    except CourseError as error:
        click.echo(f"lateness is not counted: {error}", err=True)
        course = None
    else:
        course = load_course(root)
    with open_store(old, create=False) as before, open_store(new, create=False) as after:
        for store, folder in ((before, old), (after, new)):
            _say_unfinished(store, folder)
        difference = compare(before, after, course)
    click.echo(json.dumps(as_json(difference), indent=1) if as_data else as_text(difference))


@click.command("report")
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.option("--to", type=click.Path(path_type=Path), metavar="PATH", help="Where (default: DIR/report).")
@click.option("--roster", type=_TABLE, metavar="CSV", help="Class list: names beside the ids.")
@click.option("--for-students", is_flag=True, help="Pages to give to the students instead.")
@click.option("--anonymous", is_flag=True, help="Numbers in the place of students, and no page of a student.")
@click.option("--figures", is_flag=True, help="Draw each student's figures from their own functions, in the sandbox.")
@click.option("--unsafe", is_flag=True, help="Draw figures even where a required sandbox layer is missing.")
@store_option()
def report_command(
    folder: Path,
    to: Path | None,
    roster: Path | None,
    for_students: bool,
    anonymous: bool,
    figures: bool,
    unsafe: bool,
    where: str | None,
) -> None:
    r"""Write the results in DIR as pages to look at: the class, the written answers, and one page per student.

    The class page begins with what needs a person and what to teach; then scores, exercises, items and the students,
    to be sorted and filtered.  marking.html holds the answers that need manual grading, in the order of the table that
    `autograder mark --template` writes.  The pages need no network and can be printed.  They show hidden cases, so they
    are for the instructor.  With --anonymous, for a projector or for assistants, numbers stand for the students.

    With --for-students there is one page per student and no other: without the values in hidden checks, and with their
    outcomes and misconceptions only where `feedback` in course.yml lets them through now.

    --figures draws the figure of each exercise from what a student's right functions answer in the sandbox (about half
    a second per submission; equal answers are drawn once).

    \b
    Examples:
      autograder report results
      autograder report results --roster class.csv --to report
      autograder report results --anonymous
      autograder report results --for-students --to feedback
      autograder report results --figures
    """
    if figures:
        needs_linux()
    from autograder.lms.people import directory
    from autograder.reports.site import write_handouts, write_report
    from autograder.store.people import course_of
    from autograder.store.pseudonyms import numbers_of

    course = course_of(folder, course_here())
    if anonymous and (for_students or figures):
        raise click.UsageError("--anonymous writes the class alone, without --for-students and --figures")
    kind = "feedback" if for_students else "report-anonymous" if anonymous else "report"
    target = to or folder / kind
    with open_store(where or folder, create=False) as store:
        _say_unfinished(store, folder)
        _say_stale(store, course)
        keys = store.keys()
        people = directory([student for student, _, _ in keys], roster)
        numbers = numbers_of(folder, store.students()) if anonymous else None
        write = write_handouts if for_students else partial(write_report, numbers=numbers)
        if figures:
            from autograder.reports.figures import Figures

            with Figures(course, unsafe) as drawn:
                count = write(store, course, people, target, drawn.picture)
            _say("exercises without a figure", [f"{name}: {why}" for name, why in drawn.left_out.items()])
        else:
            count = write(store, course, people, target)
    _say("on the roster, without a result", people.missing)
    _say("with results, not on the roster", people.unknown)
    waits = for_students and "after_due" in (course.feedback.hidden_checks, course.feedback.misconceptions)
    undated = [a.name for a in course.assignments if waits and a.due is None]
    _say("hidden checks or misconceptions are withheld, since there is no due date", undated)
    if anonymous:
        click.echo(f"{target / 'index.html'}: {plural(count, 'student')} without names; hidden cases are shown")
    elif for_students:
        click.echo(f"{target}: {plural(count, 'student')}; give each page to its own student only")
    else:
        said = "for you alone, since it holds names and hidden cases"
        click.echo(
            f"{target / 'index.html'}: {plural(count, 'student')}; {said} (--for-students makes pages to give out)"
        )


def course_here() -> Course:
    """Return the course that the working folder or the environment names."""
    return load_course(find_course())
