"""The command ``grade``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from autograder.atomic import private_folder
from autograder.cli import needs_linux
from autograder.cli.options import store_option
from autograder.cli.progress import progress
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError
from autograder.plain import dataclass
from autograder.text import for_terminal, plural

if TYPE_CHECKING:
    from autograder.grading.grader import Settings
    from autograder.grading.run import Tally
    from autograder.intake.discovery import Discovery
    from autograder.intake.identity import Roster
    from autograder.store.standings import Counted
    from autograder.store.store import Store

_SHOWN = 20
"""Names or lines of one kind that are listed; the rest is counted."""

_UNUSED = 10
"""The same for the files that could not be used, with which a run ends."""


@click.command("grade")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--assignment", metavar="A", help="Grade only this assignment.")
@click.option("--exercise", metavar="NAME", help="Grade only this exercise.")
@click.option(
    "--roster", type=click.Path(path_type=Path, exists=True), metavar="CSV", help="Class list: all get a record."
)
@click.option(
    "--received",
    type=click.Path(path_type=Path, exists=True),
    metavar="CSV",
    help="Verified times: columns student, assignment, time.",
)
@click.option(
    "--extensions",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="CSV",
    help="Extensions: columns student, assignment, until. Kept with the results.",
)
@click.option(
    "--whose",
    multiple=True,
    metavar="FILE=ID",
    help="Whose FILE at the top of PATH is; or a CSV with columns file and student. May be given several times.",
)
@click.option(
    "--lms", type=click.Choice(["canvas", "moodle"]), default=None, help="Who wrote the names, where that is open."
)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where results go.")
@click.option(
    "--jobs", type=click.IntRange(1), default=None, metavar="N", help="Worker processes (default: one per core)."
)
@click.option("--executor", type=click.Choice(["local", "dask"]), default="local", help="Where workers run.")
@click.option("--scheduler", metavar="ADDRESS", help="A running Dask scheduler (default: --jobs workers here).")
@click.option(
    "--backend", type=click.Choice(["auto", "numpy", "cupy"]), default=None, help="What computes right values."
)
@store_option("SQLite or PostgreSQL database (default: DIR/results.db).")
@click.option("--table", is_flag=True, help="Print every student's points, too.")
@click.option("--regrade", is_flag=True, help="Grade again what is done.")
@click.option("--unsafe", is_flag=True, help="Grade even where a required sandbox layer is missing.")
def grade_command(**options: Any) -> None:
    r"""Grade everything below PATH; starts again where it stopped.

    Accepts nbgrader's layout PATH/student/assignment/exercise.{py,ipynb}, PATH/student/exercise.{py,ipynb},
    PATH/student.{py,ipynb,zip} with --exercise or --assignment, the zip that Canvas and Moodle hand out for an
    assignment, and a single file.  Every verdict is committed as it is reached; DIR/results.jsonl has one line per
    student and exercise, DIR/grades.csv one row per student.

    A file that cannot be used is rejected with the reason, and listed at the end.  Where the roster leaves open which
    student a file belongs to, it is graded under its own name and listed; --whose decides.  A symbolic answer that
    cannot be read earns nothing and may be handed in again; the first run after the due date puts it to manual
    grading.  After grading, SymPy judges every distinct formula once more; a part whose verdict it contradicts needs
    manual grading.  Exit code 0 whatever the scores, 3 if the grader itself failed on some submission or one
    has no record.

    \b
    Examples:
      autograder grade submitted --assignment ps1 --out results
      autograder grade submissions.zip --assignment ps2 --roster class.csv --out results
      autograder grade submitted --out results --regrade
      autograder grade submissions.zip --roster class.csv --whose 'Ann Doe_11_assignsubmission_file_=ann' --out results
      autograder grade submitted --out results --executor dask --scheduler tls://head:8786
    """
    request = GradeRequest(**options)
    if request.scheduler is None:
        needs_linux()
    job = resolve(request)
    tell_found(job)
    run(job)


@dataclass(frozen=True)
class GradeRequest:
    """What the command line asks for, one field for each option."""

    path: Path
    out: Path
    assignment: str | None = None
    exercise: str | None = None
    roster: Path | None = None
    received: Path | None = None
    extensions: Path | None = None
    whose: tuple[str, ...] = ()
    lms: str | None = None
    jobs: int | None = None
    executor: str = "local"
    scheduler: str | None = None
    backend: str | None = None
    where: str | None = None
    regrade: bool = False
    unsafe: bool = False
    table: bool = False

    def __post_init__(self) -> None:
        if self.scheduler is not None and self.executor != "dask":
            raise click.UsageError("--scheduler is for --executor dask")
        if self.scheduler is not None and self.jobs is not None:
            raise click.UsageError("--jobs is for workers on this machine; with --scheduler its workers grade")


@dataclass(frozen=True)
class Job:
    """A request whose course, tables and submissions were read."""

    request: GradeRequest
    course: Course
    found: Discovery
    told: Sequence[str]
    settings: Settings


def resolve(request: GradeRequest) -> Job:
    """Read the course and the tables, find the submissions, and make the folder of the results.

    Raises
    ------
    CourseError
        With what is wrong in them.
    """
    from autograder.grading.grader import Settings
    from autograder.intake.discovery import discover
    from autograder.intake.identity import with_own_extensions
    from autograder.intake.tables import read_extensions, read_received, read_roster, read_whose
    from autograder.intake.teams import Teams, in_teams, with_team_extensions
    from autograder.sandbox.packages import versions
    from autograder.store.people import keep_extensions, keep_people, known_extensions, known_people, with_extensions

    course = load_course(find_course())
    absent = [name for name, version in versions(course.packages).items() if version is None]
    if absent:
        raise CourseError(
            f"course.yml: packages: {', '.join(absent)} not installed here, so submissions that use it would fail; "
            f"pip install {' '.join(absent)}"
        )
    people = read_roster(request.roster) if request.roster else None
    times = read_received(request.received, course) if request.received else None
    known = people or known_people(request.out)
    table = read_extensions(request.extensions, course) if request.extensions else known_extensions(request.out)
    course, told = with_own_extensions(with_extensions(course, table), known)
    course = with_team_extensions(course, known)
    found = discover(
        request.path,
        course,
        request.assignment,
        request.exercise,
        roster=known,
        # the class list kept with the results says whose work it is; only one that is given says who should have come
        everyone=people is not None,
        received=times,
        apart=request.out,
        whose=read_whose(request.whose),
        system=_SYSTEMS.get(request.lms),
    )
    private_folder(request.out, "choose another --out")
    if people is not None:
        keep_people(request.out, people)
    if request.extensions:
        keep_extensions(request.out, table)
    submissions, folders = in_teams(found.submissions, course, known)
    told = [*told, *Teams.of(course, known).told]
    unknown = tuple(one for one in found.unknown if one not in folders)
    found = replace(found, submissions=tuple(submissions), unknown=unknown)
    settings = Settings(course.root, request.unsafe, request.backend or course.backend)
    return Job(request, course, found, told, settings)


_SYSTEMS: dict[str | None, Literal["Canvas", "Moodle"]] = {"canvas": "Canvas", "moodle": "Moodle"}


def tell_found(job: Job) -> None:
    """Write what was found, and what of it belongs to no student, to the log."""
    request, found = job.request, job.found
    there = sum(one.status != "missing" for one in found.submissions)
    absent = f"; {len(found) - there} missing" if there < len(found) else ""
    log(f"{plural(there, 'submission')} found below {request.path}{absent}")
    _listed([f"ignored: {line}" for line in found.ignored])
    told = [*job.told, *found.told]
    _listed([f"not on the roster: {one}" for one in found.unknown if not any(line.startswith(one) for line in told)])
    _listed(told)
    if found.strangers:
        log(f"in {request.received}, but nothing of theirs is here: {_names(found.strangers)}")


def run(job: Job) -> None:
    """Grade what is not done yet, write the files, and report.

    Exits with 130 after Ctrl-C, and with 3 if the grader failed on a submission or one has no record.
    """
    from autograder.grading.local import Local
    from autograder.grading.run import Workers, grade_all
    from autograder.store.second_opinions import judge_again, lines_of
    from autograder.store.store import has_store, open_store
    from autograder.store.team_records import share_verdicts
    from autograder.store.unnamed import name_again
    from autograder.store.waiting import close_unreadable

    request, found = job.request, job.found
    jobs = request.jobs or os.cpu_count() or 1
    started = datetime.now(UTC)
    local = Local(job.settings, jobs)
    workers: Workers = local
    if request.executor == "dask":
        from autograder.grading.cluster import Dask

        workers = Dask(job.settings, jobs, request.scheduler, log)
    else:
        # before the store is opened: a worker may not inherit a database
        local.start(len(found), ready=request.regrade or (request.where is None and not has_store(request.out)))
    with local, open_store(request.where or request.out) as store, _stopped_by_sigterm():
        try:
            with progress(len(found), log) as arrived:
                tally = grade_all(
                    found.submissions,
                    store,
                    job.settings,
                    workers,
                    regrade=request.regrade,
                    arrived=arrived,
                    say=log,
                )
        except KeyboardInterrupt:
            log("stopped; what was graded is kept, the same command goes on where it stopped")
            sys.stdout.flush()
            os._exit(130)  # every verdict is committed; a normal exit would wait for workers that have already ended
        if renamed := name_again(store, job.course):
            log(f"named again by the misconceptions of today: {plural(renamed, 'result')} changed")
        again = judge_again(store, job.course.root, jobs)
        closed = close_unreadable(store, job.course, started)
        # a table of times counts for what was graded before, too
        store.retime({(s.student, s.assignment, s.exercise): (s.received, s.verified) for s in found if s.received})
        share_verdicts(store, found)
        report(job, store, tally, closed)
        everyone = {(one, s.assignment, s.exercise) for s in found for one in s.members or (s.student,)}
        without = sorted(everyone.difference(store.keys()) | set(tally.left))
        for line in lines_of(again):
            log(line)
    if tally.failed:
        log(f"the grader failed on {plural(tally.failed, 'submission')}; run the same command again for them")
    if without:
        what = plural(len(without), "submission")
        log(f"{what} found without a record of this run; run the same command again for them:")
        _listed([f"  {student}, {exercise}" for student, _, exercise in without])
    if tally.failed or without:
        sys.exit(3)


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """Stop as by Ctrl-C when the process gets SIGTERM, as when a container is stopped; only once.

    What was in force before comes back at the end: a caller's children inherit it.
    """

    def stop(*_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what is sent after that would only disturb the end
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def report(job: Job, store: Store, tally: Tally, closed: int) -> None:
    """Write the files of the results, print the class, and say what the run did."""
    from autograder.intake.names import MARKED_LATE
    from autograder.intake.tables import UNKNOWN_TIME
    from autograder.reports.concerns import STALE, Concerns
    from autograder.reports.terminal import class_summary, class_table
    from autograder.store.files import write_files
    from autograder.store.generations import stale
    from autograder.store.marks import MarkBook
    from autograder.store.people import known_people
    from autograder.store.standings import counted

    out = job.request.out
    count = write_files(store, job.course, out)
    results = list(counted(store, job.course))
    concerns = Concerns(listed=frozenset((one.student, one.exercise) for one in job.found))
    concerns.add("time of submission cannot be read, counted as on time", *_with_note(job.found, UNKNOWN_TIME))
    late = _with_note(job.found, MARKED_LATE, untimed=True)
    concerns.add("late by Canvas's own mark, counted as on time since no time is known (--received)", *late)
    concerns.add(STALE, *stale(store, job.course))
    forgotten = (
        f"recorded under an id that is not on the roster and hands in no more (autograder forget ID --out {out})"
    )
    concerns.add(forgotten, *_left_behind(job.found, results, known_people(out)))
    if job.request.table:
        out_line(class_table(results, job.course))
        out_line("")
    out_line(class_summary(results, MarkBook(store.marks()), job.course, concerns=concerns))
    log(
        f"graded {tally.graded}, already done {tally.kept}"
        + (f", done by another grader meanwhile {tally.elsewhere}" if tally.elsewhere else "")
        + f"; {count} records in {out / 'results.jsonl'}, grades in {out / 'grades.csv'}"
    )
    tell_unused(job, store)
    if closed:
        log(f"{closed} results hold answers that cannot be read; their due date is past, so they need manual grading")


def tell_unused(job: Job, store: Store) -> None:
    """List the files that could not be used: rejected ones first, then those next to what counts."""
    mine = {(one.student, one.exercise) for one in job.found}
    rejected: dict[str, list[str]] = {}
    for record in store.records():
        if record.status == "rejected" and (record.student, record.exercise) in mine:
            rejected.setdefault(f"{record.student}: {record.message}", []).append(record.exercise)
    lines = [*rejected, *(line for line in job.found.unused if line not in rejected)]
    if lines:
        log(f"{plural(len(lines), 'file')} could not be used:")
        _listed([f"  {line}" for line in lines], _UNUSED)


def _listed(lines: Sequence[str], shown: int = _SHOWN) -> None:
    """Write lines to the log, and how many more there are."""
    for line in lines[:shown]:
        log(line)
    if len(lines) > shown:
        log(f"  and {len(lines) - shown} more like this; results.jsonl names each in its record")


def _with_note(found: Discovery, end: str, *, untimed: bool = False) -> list[str]:
    """Return the students and assignments with a note that ends so; ``untimed``: only where no time is known."""
    chosen = (one for one in found if any(note.endswith(end) for note in one.notes))
    return list(dict.fromkeys(f"{one.student} {one.assignment}" for one in chosen if not (untimed and one.received)))


def _left_behind(found: Discovery, results: Sequence[Counted], people: Roster | None) -> list[str]:
    """Return ids of earlier records that no roster has and under which nothing is handed in now.

    Such an id is what a file was graded under before the instructor said whose it is.
    """
    if people is None:
        return []
    assignments = {one.assignment for one in found}
    known = {*people.ids, *(one.student for one in found)}
    ids = (one.record.student for one in results if one.record.assignment in assignments)
    return sorted({student for student in ids if student not in known})


def log(text: str) -> None:
    """Write a line to stderr."""
    out_line(for_terminal(text), err=True)


def out_line(text: str, *, err: bool = False) -> None:
    """Write text; where the reader of a pipe left, only the printing ends, not the grading."""
    stream = sys.stderr if err else sys.stdout
    try:
        click.echo(text, file=stream)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
