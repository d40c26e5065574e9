"""Wrong answers that several students share and no misconception names: ``unnamed``."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from autograder.cli.options import store_option
from autograder.course.model import Course, find_course, load_course
from autograder.errors import CourseError
from autograder.store.store import Store
from autograder.store.unnamed import MistakeGroup
from autograder.text import for_terminal, for_terminal_line, lines_for_terminal, plural

_MEMBERS = 12


@click.command("unnamed")
@click.argument("out", type=click.Path(path_type=Path, exists=True), metavar="DIR")
@click.option(
    "--draft", type=click.IntRange(1), metavar="GROUP", help="Print a misconception to edit, drafted from this group."
)
@click.option("--json", "as_data", is_flag=True, help="Print the groups as JSON, version 1.")
@store_option()
def unnamed_command(out: Path, draft: int | None, as_data: bool, where: str | None) -> None:
    r"""List wrong answers that at least two students share and that no misconception names.

    Compares the values that `grade` kept of every wrong part, on calls that are the same for everyone; no student's
    code runs.  A group is shown with its members, up to three calls and, if it is simple, how its values relate to the
    right ones (sorted, squared, times a factor).

    --draft prints the function of one member as a misconception for `grading.py`: without names, comments and text of
    the student's, and only if it holds nothing but arithmetic, comparisons, indexing, loops and known functions of
    NumPy and SciPy.  Read it, give it a title and a hint, run `verify`; the next `grade` names the group without
    running any code again.

    \b
    Examples:
      autograder unnamed results
      autograder unnamed results --draft 1
    """
    from autograder.store.store import open_store
    from autograder.store.unnamed import unnamed_groups

    course = load_course(find_course())
    with open_store(where or out, create=False) as store:
        groups = unnamed_groups(store, course)
        if draft is None:
            text = json.dumps({"version": 1, "groups": [asdict(one) for one in groups]}) if as_data else _listed(groups)
            click.echo(text)
            return
        chosen = next((one for one in groups if one.number == draft), None)
        if chosen is None:
            known = f"there are {plural(len(groups), 'group')}, counted from 1" if groups else _NONE
            raise CourseError(f"no group {draft}; {known}")
        click.echo(for_terminal("\n".join(_draft(store, course, chosen))))


_NONE = "no two students share a wrong answer that no misconception names"


def _listed(groups: list[MistakeGroup]) -> str:
    if not groups:
        return f"{_NONE[0].upper()}{_NONE[1:]}."
    return lines_for_terminal(line for one in groups for line in _lines(one))


def _lines(group: MistakeGroup) -> Iterator[str]:
    count = plural(len(group.members), "student")
    yield f"{group.number}  {group.exercise}, {group.part}: {count}"
    for call, returned, expected in group.shown:
        yield f"     call      {call}"
        yield f"     returned  {returned}"
        yield f"     expected  {expected}"
    if group.relation:
        yield f"     that is   {group.relation}"
    more = len(group.members) - _MEMBERS
    names = ", ".join(group.members[:_MEMBERS])
    yield f"     members   {names}{f' and {more} more' if more > 0 else ''}"


def _draft(store: Store, course: Course, group: MistakeGroup) -> Iterator[str]:
    """Yield a misconception to edit; where no member's function can be one, an example of what it answers."""
    from autograder.course.exercises import load_exercise
    from autograder.store.drafts import as_misconception, draft

    reference = load_exercise(course.root, group.exercise, hidden=True).secrets[group.part].reference
    arguments = list(inspect.signature(reference).parameters)
    refused: dict[str, None] = {}
    yield f"# {group.exercise}, {group.part}: {plural(len(group.members), 'student')}. Read it before you run it."
    for student in group.members:
        made = draft(_source(store, student, group.exercise), group.part, arguments)
        if made.code:
            yield as_misconception(made.code, group.part)
            return
        refused[made.reason] = None
    yield f"# No member's function can be drafted: {for_terminal_line('; '.join(list(refused)[:3]))}."
    yield "# What it must answer:"
    for call, returned, _ in group.shown:
        yield f"#   {for_terminal_line(call)} -> {for_terminal_line(returned)}"


def _source(store: Store, student: str, exercise: str) -> str:
    """Return the text of a submission; empty if it is gone or cannot be read."""
    from autograder.intake.loading import read_document
    from autograder.intake.source import Rejected

    found = store.get(student, exercise)
    sha256 = None if found is None else found[0].record.sha256
    data = None if sha256 is None else store.blob(sha256)
    if found is None or data is None:
        return ""
    try:
        return "\n\n".join(cell.text for cell in read_document(data, exercise, found[0].record.suffix).source.cells)
    except Rejected:
        return ""
