"""Commands of an instructor: ``grade``, ``show``, ``replay``."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.cli import needs_linux
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError
from autograder.text import for_terminal

_SECONDS_A_LINE = 30.0


@click.command("grade")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--assignment", metavar="A", help="Grade only this assignment.")
@click.option("--exercise", metavar="NAME", help="Grade only this exercise.")
@click.option(
    "--roster", type=click.Path(path_type=Path, exists=True), metavar="CSV", help="Everyone on it gets a record."
)
@click.option(
    "--received", type=click.Path(path_type=Path, exists=True), metavar="CSV", help="Verified times of submission."
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
@click.option("--store", "where", metavar="URL", help="Results store, any SQLAlchemy URL (default: DIR/results.db).")
@click.option("--regrade", is_flag=True, help="Grade again what is done.")
@click.option("--unsafe", is_flag=True, help="Grade even where a required sandbox layer is missing.")
def grade_command(
    path: Path,
    assignment: str | None,
    exercise: str | None,
    roster: Path | None,
    received: Path | None,
    out: Path,
    jobs: int | None,
    executor: str,
    scheduler: str | None,
    backend: str | None,
    where: str | None,
    regrade: bool,
    unsafe: bool,
) -> None:
    r"""Grade everything below PATH; starts again where it stopped.

    Taken are nbgrader's layout PATH/student/assignment/exercise.{py,ipynb}, PATH/student/exercise.{py,ipynb},
    PATH/student.{py,ipynb,zip} with --exercise or --assignment, the zip that Canvas and Moodle hand out for an
    assignment, and a single file.  Every verdict is committed as it is reached; DIR/results.jsonl has one line per
    student and exercise, DIR/grades.csv one row per student.  A symbolic answer that cannot be read earns nothing and
    may be handed in again; the first run after the due date makes its points wait for a person.  Exit code 0 whatever
    the scores, 3 if the grader itself failed on some submission.

    \b
    Examples:
      autograder grade submitted --assignment ps1 --out results
      autograder grade submissions.zip --assignment ps2 --roster class.csv --out results
      autograder grade submitted --out results --regrade
      autograder grade submitted --out results --executor dask --scheduler tcp://head:8786
    """
    if scheduler is None:
        needs_linux()
    from autograder.grading.grader import Settings
    from autograder.grading.run import Cluster, Crew, grade_all, write_files
    from autograder.intake.discovery import discover
    from autograder.intake.tables import read_received, read_roster
    from autograder.reports.terminal import class_table
    from autograder.store.marks import MarkBook
    from autograder.store.store import has_store, open_store
    from autograder.store.waiting import close_unreadable

    if scheduler is not None and executor != "dask":
        raise click.UsageError("--scheduler is for --executor dask")
    if scheduler is not None and jobs is not None:
        raise click.UsageError("--jobs is for workers on this machine; with --scheduler its workers grade")
    root = find_course()
    course = load_course(root)
    people = read_roster(roster) if roster else None
    times = read_received(received, course) if received else None
    found = discover(path, course, assignment, exercise, roster=people, received=times, apart=out)
    there = sum(one.status != "missing" for one in found.submissions)
    absent = f"; {len(found) - there} missing" if there < len(found) else ""
    _log(f"{there} submission{'' if there == 1 else 's'} found below {path}{absent}")
    for line in found.ignored[:20]:
        _log(f"ignored: {line}")
    for student in found.unknown[:20]:
        _log(f"not on the roster: {student}")
    strangers = sorted(times.students - {one.student for one in found}) if times else []
    if strangers:
        more = f" and {len(strangers) - 20} more" if len(strangers) > 20 else ""
        _log(f"in {received}, but nothing of theirs is here: {', '.join(strangers[:20])}{more}")
    _make_folder(out)
    settings = Settings(root, unsafe, backend or course.backend)
    started = datetime.now(UTC)
    workers = jobs or os.cpu_count() or 1
    # before the store is opened: a worker may not inherit a database
    new = regrade or (where is None and not has_store(out))
    crew = Crew(settings, len(found) if executor == "local" else 0, workers, ready=new)
    with crew, open_store(where or out) as store:
        try:
            with _progress(len(found)) as arrived:
                tally = grade_all(
                    found.submissions,
                    store,
                    settings,
                    jobs=workers,
                    cluster=Cluster(scheduler) if executor == "dask" else None,
                    crew=crew,
                    regrade=regrade,
                    arrived=arrived,
                    say=_log,
                )
        except KeyboardInterrupt:
            _log("stopped; what was graded is kept, the same command goes on where it stopped")
            sys.stdout.flush()
            os._exit(130)  # every verdict is committed; the end of an interpreter waits for workers that are no more
        closed = close_unreadable(store, course, started)
        # a table of times counts for what was graded before, too
        store.retime({(s.student, s.assignment, s.exercise): (s.received, s.verified) for s in found if s.received})
        count = write_files(store, course, out)
        click.echo(class_table(MarkBook(store.marks()).records(store)))
    _log(
        f"graded {tally.graded}, already done {tally.kept}"
        + (f", left to another grader {tally.elsewhere}" if tally.elsewhere else "")
        + f"; {count} records in {out / 'results.jsonl'}, grades in {out / 'grades.csv'}"
    )
    if closed:
        _log(f"{closed} results hold answers that cannot be read; their due date is past, so they wait for a person")
    if tally.failed:
        _log(f"the grader failed on {tally.failed} submissions; run the same command again for them")
        sys.exit(3)


def _log(text: str) -> None:
    click.echo(for_terminal(text), err=True)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CourseError(f"{out}: cannot be made: {error.strerror}; choose another --out") from None


def lines_of_progress(
    total: int, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> Callable[[int], None]:
    """Return what counts submissions that arrive and says a line about every half minute; none for a short run.

    Parameters
    ----------
    total : int
        How many there are.
    say : callable
        Takes the lines.
    clock : callable
        Seconds from some moment on.
    """
    done = seen = 0
    last = clock()

    def arrived(count: int) -> None:
        nonlocal done, seen, last
        done += count
        now = clock()
        if now - last < _SECONDS_A_LINE or done in (seen, total):
            return
        speed = (done - seen) / (now - last)
        minutes, seconds = divmod(round((total - done) / speed), 60)
        left = f"{minutes:,} min {seconds} s" if minutes else f"{seconds} s"
        say(f"{done:,} of {total:,} submissions, {speed:.1f}/s, {left} left")
        seen, last = done, now

    return arrived


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show count, rate and time left on stderr: a bar on a terminal, else a line now and then for the log."""
    if not sys.stderr.isatty():
        yield lines_of_progress(total, _log)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("grading", total=total, rate="")

        def arrived(count: int) -> None:
            bar.advance(task, count)
            speed = bar.tasks[0].speed
            bar.update(task, rate=f"{speed:.0f}/s" if speed else "")

        yield arrived


@click.command("show")
@click.argument("student")
@click.argument("exercise")
@click.option(
    "--out", type=click.Path(path_type=Path, exists=True), required=True, metavar="DIR", help="Results folder."
)
@click.option("--store", "where", metavar="URL", help="Results store (default: DIR/results.db).")
def show_command(student: str, exercise: str, out: Path, where: str | None) -> None:
    r"""Show one result with its evidence: hidden inputs and outputs included, so it is for the instructor.

    \b
    Example:
      autograder show alice my_exercise --out results
    """
    from autograder.reports.terminal import verdict_text
    from autograder.store.marks import MarkBook
    from autograder.store.store import open_store

    with open_store(where or out, create=False) as store:
        found = store.get(student, exercise)
        marks = store.marks()
    if found is None:
        raise CourseError(f"no result of {student!r} for {exercise!r} in {where or out}")
    marked = replace(found[0], record=MarkBook(marks).counted(found[0].record))
    click.echo(verdict_text(marked, [m for m in marks if (m.student, m.exercise) == (student, exercise)]))


@click.command("replay")
@click.argument("student")
@click.argument("exercise")
@click.option(
    "--out", type=click.Path(path_type=Path, exists=True), required=True, metavar="DIR", help="Results folder."
)
@click.option("--store", "where", metavar="URL", help="Results store (default: DIR/results.db).")
@click.option("--unsafe", is_flag=True, help="Run even where a required sandbox layer is missing.")
def replay_command(student: str, exercise: str, out: Path, where: str | None, unsafe: bool) -> None:
    r"""Grade a stored submission again and say whether the verdict is the same, or what changed.

    Exit code 0 for the same verdict, 1 for another.

    \b
    Example:
      autograder replay alice my_exercise --out results
    """
    needs_linux()
    from autograder.grading.replay import replay
    from autograder.store.store import open_store

    course: Course = load_course(find_course())
    with open_store(where or out, create=False) as store:
        same, text = replay(store, course, student, exercise, unsafe=unsafe)
    click.echo(text)
    if not same:
        sys.exit(1)
