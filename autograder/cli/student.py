"""Commands of a student: ``list``, ``check``, ``hint``, ``reset``, ``plot``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from autograder.course.exercises import ExerciseFolder, exercise_names, load_exercise
from autograder.course.model import find_course
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.student.check import Checked, answers_of, check_target, exercise_at, find_target, part_named, together
from autograder.student.render import Paint, as_json, as_text
from autograder.text import for_terminal


def _paint() -> Paint:
    return Paint(sys.stdout.isatty() and "NO_COLOR" not in os.environ)


@click.command("check")
@click.argument("targets", nargs=-1, metavar="[EXERCISE|PART|FILE ...]")
@click.option("--all", "explain_all", is_flag=True, help="Explain every failing part, not only the first.")
@click.option("--watch", is_flag=True, help="Keep running, and check again on every save.")
@click.option("--json", "as_data", is_flag=True, help="Print the result as JSON, for editors.")
def check_command(targets: tuple[str, ...], explain_all: bool, watch: bool, as_data: bool) -> None:
    r"""Run the public checks on your answers: all exercises, or the exercises, parts and files that are named.

    In an exercise's folder it is that exercise.  A FILE (.py or .ipynb) must be named like its exercise; of an exercise
    that has both, the notebook is checked as soon as something is begun in it, as when both are handed in.  Exit code 1
    if a check fails.

    --watch keeps one screen: what holds, one failure explained, progress at the bottom.  Keys: h for the next hint, 1
    to 9 for a hint again, n for the next exercise once this one passes, q to quit.

    \b
    --json prints a list with an object per file:
      version 1, exercise, file, done (true or false), printed (what your code
      prints), unexamined (names of parts), values_checked_when_graded (parts
      whose public checks cannot decide them), parts: a list of
        name, status, reading, latex, lines (of a derivation), misconceptions, hints, checks: a list of
          title, group, outcome (pass, fail or skip), message, and where it
          fails call, returned, expected, line (of your file)
      and notes (what a newer Python may understand and this one does not)
      A missing value is null.

    \b
    Examples:
      autograder check my_exercise
      autograder check my_part
      autograder check work/my_exercise.ipynb
      autograder check my_exercise --all
      autograder check my_exercise --watch
      autograder check my_exercise --json
    """
    root = find_course()
    here = exercise_at(root, Path.cwd())
    asked = together(find_target(root, one) for one in targets or ((here,) if here else exercise_names(root)))
    if watch:
        from autograder.student.watch import watch as watch_files

        watch_files(root, in_order(root), [(one.exercise, one.file) for one in asked], _paint())
        return
    results = [check_target(root, one) for one in asked]
    if not targets:
        results.sort(key=lambda one: one.folder.exercise.number)
    if as_data:
        click.echo(json.dumps([as_json(one) for one in results], indent=1))
    else:
        click.echo("\n\n".join(as_text(one, _paint(), explain_all=explain_all) for one in results))
    if not all(one.done for one in results):
        sys.exit(1)


def in_order(root: Path) -> list[tuple[str, Path]]:
    """Return all exercises and their files in the order of their numbers."""
    folders = [load_exercise(root, name, hidden=False) for name in exercise_names(root)]
    folders.sort(key=lambda folder: folder.exercise.number)
    return [(folder.name, answers_of(root, folder.name)[0]) for folder in folders]


@click.command("list")
def list_command() -> None:
    r"""Show where you are: which exercises are done, failing or not started, and what is next.

    \b
    Example:
      autograder list
    """
    root = find_course()
    names = exercise_names(root)
    width = max(map(len, names))
    listed = sorted((_listed(root, name, width) for name in names), key=lambda one: one[0])
    click.echo("\n".join(line for _, line, _ in listed))
    results = [checked for _, _, checked in listed if checked is not None]
    click.echo(f"\n{sum(one.done for one in results)} of {len(names)} exercises pass their public checks.")
    click.echo(_what_is_next(results))


def _listed(root: Path, name: str, width: int) -> tuple[str, str, Checked | None]:
    """Return an exercise's number, its line, and its verdict unless its file cannot be read."""
    checked = None
    try:
        checked = check_target(root, name)
    except CourseError as error:  # the others are shown all the same
        exercise = load_exercise(root, name, hidden=False).exercise
        state, how = "unreadable", for_terminal(str(error))
    else:
        exercise = checked.folder.exercise
        passed = sum(part.status == "correct" for part in checked.parts)
        state, how = checked.state, f"{passed}/{len(checked.parts)} parts  {exercise.minutes} min  {exercise.title}"
    return exercise.number, f"{exercise.number}  {name.ljust(width)}  {state.ljust(11)}  {how}", checked


def _what_is_next(results: list[Checked]) -> str:
    for state in ("failing", "not started"):
        for one in results:
            if one.state == state:
                return f"Next: autograder check {one.folder.name} --watch   (write in {one.file})"
    return "Hidden checks follow when your work is graded."


@click.command("hint")
@click.argument("name", required=False, metavar="[EXERCISE|PART]")
@click.option("--all-seen", is_flag=True, help="Repeat the hints seen so far; show no new one.")
def hint_command(name: str | None, all_seen: bool) -> None:
    r"""Show the next hint: for the part that is next, or for the exercise or part named.

    In an exercise's folder it is a hint for that exercise.

    \b
    Examples:
      autograder hint
      autograder hint my_exercise
      autograder hint my_part
      autograder hint my_part --all-seen
    """
    from autograder.student.progress import next_hint, seen_hints

    root = find_course()
    folder, part = _hinted(root, name)
    if all_seen:
        shown = seen_hints(root, folder, part)
        click.echo(f"{folder.name}, {part.name}: {len(shown)} of {len(part.hints)} hints shown so far")
        click.echo("\n".join(f"  {number}. {text}" for number, text in enumerate(shown, 1)), nl=bool(shown))
        return
    number, text = next_hint(root, folder, part)
    click.echo(f"{folder.name}, {part.name}: hint {number} of {len(part.hints)}")
    click.echo(f"  {text}")


def _hinted(root: Path, name: str | None) -> tuple[ExerciseFolder, Part]:
    names = exercise_names(root)
    folder = Path.cwd() if name is None else Path(name)
    exercise = name if name in names else exercise_at(root, folder) if folder.is_dir() else None
    if name is not None and exercise is None:
        return part_named(root, name)
    for one in [exercise] if exercise else [one for one, _ in in_order(root)]:
        checked = check_target(root, one)
        report = checked.next_part
        if report is not None:
            return checked.folder, checked.folder.exercise.part(report.name)
    raise CourseError("every part passes its public checks; name a part to see its hints all the same")


@click.command("reset")
@click.argument("name", metavar="EXERCISE")
def reset_command(name: str) -> None:
    r"""Bring an exercise back as it was handed out; your files are kept under another name.

    \b
    Example:
      autograder reset my_exercise
    """
    from autograder.student.progress import reset

    root = find_course()
    done = reset(root, load_exercise(root, name, hidden=False))
    if not done:
        click.echo(f"{name}: untouched, there is nothing to bring back")
    for file, kept in done:
        work = f"your work is in {kept.name}" if kept is not None else "you had no file to keep"
        click.echo(f"{file.name} is as it was handed out; {work}")


@click.command("plot")
@click.argument("name")
@click.option(
    "--to", type=click.Path(path_type=Path), metavar="PNG", help="Where to write (default: NAME.png next to your file)."
)
def plot_command(name: str, to: Path | None) -> None:
    r"""Draw the figure of an exercise from your own functions, where they pass their public checks.

    \b
    Example:
      autograder plot my_exercise --to risk.png
    """
    from autograder.student.figure import draw, next_to

    root = find_course()
    checked = check_target(root, name)
    target, own, missed = draw(root, checked, to or next_to(checked))
    shown = target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target
    without = f"; not from {' and '.join(missed)}, which must pass first" if missed else ""
    click.echo(
        f"{shown}: drawn from "
        + (f"your {', '.join(own)}{without}" if own else "closed forms; none of the parts that it shows passes yet")
    )
