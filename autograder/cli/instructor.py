"""Commands that look at one result: ``show``, ``replay``."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from autograder.cli import needs_linux
from autograder.cli.options import out_option, store_option
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError


@click.command("show")
@click.argument("student")
@click.argument("exercise")
@out_option()
@store_option()
def show_command(student: str, exercise: str, out: Path, where: str | None) -> None:
    r"""Show one result with its evidence: hidden inputs and outputs included, so it is for the instructor.

    STUDENT is an id, a login, an e-mail address or a name of the class list, or a piece of an id that only one has.

    \b
    Example:
      autograder show alice my_exercise --out results
    """
    from autograder.reports.terminal import verdict_text
    from autograder.store.marks import MarkBook
    from autograder.store.people import course_of, no_result_of, student_of
    from autograder.store.second_opinions import opinions_on
    from autograder.store.standings import counted_alone
    from autograder.store.store import open_store

    try:
        course = course_of(out, load_course(find_course()))
    except CourseError:
        course = None  # then lateness cannot be counted
    with open_store(where or out, create=False) as store:
        student = student_of(store, out, student, part=True)
        found = store.get(student, exercise)
        marks = store.marks()
        if found is None:
            raise CourseError(no_result_of(store, student, exercise))
        opinions = opinions_on(store, course.root, found[0]) if course is not None else {}
        marked = replace(found[0], record=MarkBook(marks).counted(found[0].record))
        counts = counted_alone(store, marked.record, course)
    mine = [mark for mark in marks if (mark.student, mark.exercise) == (student, exercise)]
    click.echo(verdict_text(marked, mine, counts, opinions))


@click.command("replay")
@click.argument("student")
@click.argument("exercise")
@out_option()
@store_option()
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
    from autograder.store.people import student_of
    from autograder.store.store import open_store

    course: Course = load_course(find_course())
    with open_store(where or out, create=False) as store:
        student = student_of(store, out, student, part=True)
        same, text = replay(store, course, student, exercise, unsafe=unsafe)
    click.echo(text)
    if not same:
        sys.exit(1)
