"""The command ``grade``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.cli import needs_linux
from autograder.cli.grade_report import listed, log, report, tell_found, tell_next
from autograder.cli.grade_request import GradeJob, GradeRequest, resolve
from autograder.cli.options import store_option
from autograder.cli.progress import progress
from autograder.text import plural

if TYPE_CHECKING:
    from autograder.grading.run import Tally, Workers
    from autograder.intake.discovery import Submission
    from autograder.store.store import Store


@click.command("grade")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--assignment", metavar="A", help="Grade only this assignment.")
@click.option("--exercise", metavar="NAME", help="Grade only this exercise.")
@click.option(
    "--roster", type=click.Path(path_type=Path, exists=True), metavar="CSV", help="Class list; all on it get a record."
)
@click.option(
    "--received",
    type=click.Path(path_type=Path, exists=True),
    metavar="CSV",
    help="Verified times of submission: columns student, assignment, time.",
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
    help="Whose FILE at the top of PATH is: a student's, several students' (ID;ID) or a team's; or a CSV with columns "
    "file and student. May be given several times.",
)
@click.option(
    "--lms",
    type=click.Choice(["canvas", "moodle", "blackboard", "brightspace"]),
    default=None,
    help="The system that wrote the file names, if they fit several.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Results folder.")
@click.option(
    "--jobs", type=click.IntRange(1), default=None, metavar="N", help="Worker processes (default: one per core)."
)
@click.option("--executor", type=click.Choice(["local", "dask"]), default="local", help="Where the workers run.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Running Dask scheduler (default: --jobs workers on this machine)."
)
@click.option(
    "--backend",
    type=click.Choice(["auto", "numpy", "cupy"]),
    default=None,
    help="Library that computes the right values.",
)
@store_option("SQLite or PostgreSQL database (default: DIR/results.db).")
@click.option("--table", is_flag=True, help="Also print every student's points.")
@click.option("--regrade", is_flag=True, help="Grade again what is graded already.")
@click.option("--unsafe", is_flag=True, help="Grade even where a required sandbox layer is missing.")
def grade_command(**options: Any) -> None:
    r"""Grade everything below PATH; starts again where it stopped.

    Accepts nbgrader's layout PATH/student/assignment/exercise.{py,ipynb}, PATH/student/exercise.{py,ipynb},
    PATH/student.{py,ipynb,zip} with --exercise or --assignment, the download of an assignment from Canvas, Moodle,
    Blackboard, Brightspace or Gradescope (with its submission_metadata.yml), and a single file.  Every verdict is
    committed as it is reached; DIR/results.jsonl has one line per student and exercise, DIR/grades.csv one row per
    student.

    A file that cannot be used is rejected with the reason, and listed at the end.  If the roster leaves open which
    student a file belongs to, the file is graded under its own name and listed; --whose says whose it is.

    A formula that cannot be read earns nothing and may be handed in again; the first run after the due date leaves it
    to manual grading.  At the end SymPy judges every distinct formula again; a part whose verdict it contradicts needs
    manual grading.

    Exit code 0 whatever the scores, 3 if the grader itself failed on a submission or left one without a record.

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


def run(job: GradeJob) -> None:
    """Grade what is not done yet, write the files, and report.

    Exits with 130 after Ctrl-C, and with 3 if the grader failed on a submission or one has no record.
    """
    from autograder.grading.local import Local
    from autograder.grading.queue import key_of
    from autograder.grading.run import graded_before
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
        _follow_course(job, store)
        before = graded_before(job.found.submissions, store)
        kept = {key_of(one) for one in before[0]}
        tally = _graded(job, store, workers, [one for one in job.found if key_of(one) not in kept])
        if renamed := name_again(store, job.course):
            log(f"named again by the misconceptions of today: {plural(renamed, 'result')} changed")
        again = judge_again(store, job.course.root, jobs)
        closed = close_unreadable(store, job.course, started)
        # a table of times counts for what was graded before, too
        store.retime({(s.student, s.assignment, s.exercise): (s.received, s.verified) for s in found if s.received})
        share_verdicts(store, found)
        report(job, store, tally, closed, before)
        everyone = {(one, s.assignment, s.exercise) for s in found for one in s.members or (s.student,)}
        without = sorted(everyone.difference(store.keys()) | set(tally.left))
        for line in lines_of(again):
            log(line)
        tell_next(request)
    if tally.failed or without:
        _say_ungraded(tally.failed, without)
        sys.exit(3)


def _follow_course(job: GradeJob, store: Store) -> None:
    """Put results of exercises that are in another assignment now under that one, published ones too."""
    from autograder.store.moved import follow_course
    from autograder.store.published import published
    from autograder.store.store import open_store

    for line in follow_course(store, job.course):
        log(line)
    state = published(job.request.out)
    if state is not None:
        with open_store(state, create=False) as shown:
            follow_course(shown, job.course)


def _graded(job: GradeJob, store: Store, workers: Workers, submissions: Sequence[Submission]) -> Tally:
    """Grade what is not done yet; Ctrl-C ends the process with 130."""
    from autograder.grading.run import grade_all

    try:
        with progress(len(submissions), log) as arrived:
            return grade_all(
                submissions,
                store,
                job.settings,
                workers,
                regrade=job.request.regrade,
                arrived=arrived,
                say=log,
            )
    except KeyboardInterrupt:
        log("stopped; what was graded is kept, the same command goes on where it stopped")
        sys.stdout.flush()
        os._exit(130)  # every verdict is committed; a normal exit would wait for workers that have already ended


def _say_ungraded(failed: int, without: Sequence[tuple[str, str, str]]) -> None:
    """Say for which submissions the command is to be run again."""
    if failed:
        log(f"the grader failed on {plural(failed, 'submission')}; run the same command again for them")
    if without:
        what = plural(len(without), "submission")
        log(f"{what} found without a record of this run; run the same command again for them:")
        listed([f"  {student}, {exercise}" for student, _, exercise in without])


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
