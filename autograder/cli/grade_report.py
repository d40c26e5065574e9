"""What a run of ``grade`` writes: what was found, how the class did, what needs a person, and the next steps."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from autograder.cli.grade_request import GradeJob, GradeRequest
from autograder.text import few, for_terminal, plural

if TYPE_CHECKING:
    from autograder.grading.run import Tally
    from autograder.intake.discovery import Discovery, Submission
    from autograder.intake.identity import Roster
    from autograder.store.standings import Counted
    from autograder.store.store import Store

_SHOWN = 20
"""Names or lines of one kind that are listed; the rest is counted."""

_UNUSED = 10
"""The same for the files that could not be used, with which a run ends."""


def tell_found(job: GradeJob) -> None:
    """Write what was found, and what of it belongs to no student, to the log."""
    request, found = job.request, job.found
    there = sum(one.status != "missing" for one in found.submissions)
    absent = f"; {len(found) - there} missing" if there < len(found) else ""
    log(f"{plural(there, 'submission')} found below {request.path}{absent}")
    listed([f"ignored: {line}" for line in found.ignored])
    told = [*job.told, *found.told]
    strangers = [one for one in found.unknown if not any(one in line.partition(": ")[0] for line in told)]
    listed([f"not on the roster: {one}" for one in strangers])
    if strangers:
        log(f"  if one of these is a student's or a group's, say whose: --whose '{strangers[0]}=ID', or '...=ID;ID'")
    listed(told)
    if found.strangers:
        log(f"in {request.received}, but nothing of theirs is here: {few(found.strangers, _SHOWN)}")


def report(
    job: GradeJob, store: Store, tally: Tally, closed: int, before: tuple[Sequence[Submission], Sequence[Submission]]
) -> None:
    """Write the files of the results, print the class, and say what the run did.

    ``before`` are missing submissions that an earlier run graded: those whose results stay, and those that lose them.
    """
    from autograder.reports.concerns import STALE, TO_MARK, Concerns
    from autograder.reports.terminal import class_summary, class_table
    from autograder.store.files import write_files
    from autograder.store.generations import stale
    from autograder.store.marks import MarkBook
    from autograder.store.people import known_people
    from autograder.store.standings import counted

    out = job.request.out
    count = write_files(store, job.course, out)
    results = list(counted(store, job.course))
    assignment = ("--assignment", job.request.assignment) if job.request.assignment else ()
    # only with the class list are the records renewed of students who handed in nothing
    roster = ("--roster", str(job.request.roster or "CSV")) if job.request.roster or known_people(out) else ()
    steps = {
        TO_MARK: _command(job.request, "mark", "--template", "to-mark.csv", "--out", str(out)),
        STALE: _command(job.request, "grade", str(job.request.path), *assignment, *roster, "--out", str(out)),
    }
    concerns = Concerns(listed=frozenset((one.student, one.exercise) for one in job.found), steps=steps)
    unread = dict.fromkeys(f"{one.student} {one.assignment}" for one in job.found if one.time_unread)
    concerns.add("time of submission cannot be read, counted as on time", *unread)
    late = dict.fromkeys(f"{s.student} {s.assignment}" for s in job.found if s.marked_late and not s.received)
    concerns.add("late by Canvas's own mark, counted as on time since no time is known (--received)", *late)
    kept = "graded before, and nothing of theirs is found now: the results are kept"
    gone = "graded before, by a file that counts for another student or team now: 0 points"
    for words, students in zip((kept, gone), before, strict=True):
        concerns.add(words, *(f"{one.student} {one.exercise}" for one in students))
    concerns.add(STALE, *stale(store, job.course))
    forgotten = "recorded under an id that is not on the roster and hands in no more"
    steps[forgotten] = _command(job.request, "forget", "ID", "--out", str(out))
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


def tell_unused(job: GradeJob, store: Store) -> None:
    """List the files that could not be used: rejected ones first, then those next to what counts."""
    mine = {(one.student, one.exercise) for one in job.found}
    rejected: dict[tuple[str, str], list[str]] = {}
    for record in store.records():
        if record.status == "rejected" and (record.student, record.exercise) in mine:
            file, message = record.file or "", record.message or ""
            reason = message.removeprefix(f"{file}: ")
            rejected.setdefault((record.student, reason), []).append(file if reason != message else "")
    said = {}
    for (student, reason), files in rejected.items():
        named = [one for one in files if one]
        more = f" and {plural(len(named) - 1, 'more file')}" if len(named) > 1 else ""
        said[f"{student}: {named[0]}{more}: {reason}" if named else f"{student}: {reason}"] = max(len(set(named)), 1)
    every = {f"{student}: {file}: {reason}" for (student, reason), files in rejected.items() for file in files}
    rest = [line for line in job.found.unused if line not in said and line not in every]
    if said or rest:
        log(f"{plural(sum(said.values()) + len(rest), 'file')} could not be used:")
        listed([f"  {line}" for line in (*said, *rest)], _UNUSED)


def tell_next(request: GradeRequest) -> None:
    """Name the commands with which one goes on, to be pasted."""
    roster = ("--roster", str(request.roster)) if request.roster else ()
    out = str(request.out)
    log(f"next: {_command(request, 'report', out, *roster)}    # the class: what to do, what to teach")
    log(f"      {_command(request, 'unnamed', out)}    # wrong answers that several students share")


def _command(request: GradeRequest, *words: str) -> str:
    store = ("--store", "URL") if request.where else ()  # the address may hold a password
    return shlex.join(("autograder", *words, *store))


def listed(lines: Sequence[str], shown: int = _SHOWN) -> None:
    """Write lines to the log, and how many more there are."""
    for line in lines[:shown]:
        log(line)
    if len(lines) > shown:
        log(f"  and {len(lines) - shown} more like this; results.jsonl names each in its record")


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
