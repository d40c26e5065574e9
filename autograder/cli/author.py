"""The command ``verify``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from autograder.authoring.verify import cost
from autograder.authoring.verify.pool import verify_rooms
from autograder.authoring.verify.report import RoomResult, as_json, as_text, verdict
from autograder.cli import needs_linux
from autograder.course.exercises import room_names
from autograder.course.model import find_course, load_course
from autograder.text import plural


@click.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option("--json", "as_data", is_flag=True, help="Print the results as JSON.")
@click.option("--matrix/--no-matrix", default=True, help="Show which check catches which misconception.")
@click.option("--mutants", is_flag=True, help="Instead, change every reference function in small ways.")
@click.option("--derivations", is_flag=True, help="Instead, derive every symbolic answer with SymPy and report.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report of --derivations here.")
@click.option("--jobs", default=0, metavar="N", help="Rooms at a time (default: one per core).")
def verify_command(
    names: tuple[str, ...], as_data: bool, matrix: bool, mutants: bool, derivations: bool, html: Path | None, jobs: int
) -> None:
    r"""Prove every promise of the rooms: all of them, or those named.

    The reference gets full marks under NumPy and array-api-strict, the stub none; every legitimate alternative passes,
    every misconception is caught and, where its outputs show it, named; a table of the public answers earns nothing;
    the checks of an assignment, scaling checks aside, cost at most 1 s of processor time.
    Exit code 1 if a promise does not hold.

    With --mutants: wrong operators, constants, signs, comparisons, axes, terms and ranges are put into the reference
    functions, and every one must be caught by a check or be explained in EQUIVALENT_MUTANTS of the room's grading.py.

    With --derivations: every symbolic answer is derived from its loss and held against the formula that is stated.

    \b
    Examples:
      autograder verify
      autograder verify my_exercise --no-matrix
      autograder verify --json > verify.json
      autograder verify --mutants ridge_regression
      autograder verify --derivations --html derivations.html
    """
    root = find_course()
    if derivations:
        sys.exit(_report_derivations(root, html))
    if html is not None:
        raise click.UsageError("--html goes with --derivations")
    needs_linux()
    known = room_names(root)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.UsageError(f"no exercise {unknown[0]!r}; there are {', '.join(known)}")
    if mutants:
        from autograder.cli.mutation import report_mutants

        sys.exit(report_mutants(root, list(names) or list(known), as_json=as_data, jobs=jobs))
    rooms = []
    for room in _verify_all(root, list(names) or list(known), jobs):
        rooms.append(room)
        if not as_data:
            click.echo(as_text(room, matrix=matrix))
    costs = cost.assignment_costs(rooms, {one.name: tuple(one.exercises) for one in load_course(root).assignments})
    dear = sum(not one.ok for one in costs)
    if as_data:
        data = as_json(sorted(rooms, key=lambda r: r.number))
        data |= {"ok": data["ok"] and not dear, "assignments": cost.as_data(costs)}
        click.echo(json.dumps(data, indent=1))
    else:
        click.echo("\n".join([*cost.as_lines(costs), _summary(rooms, dear)]))
    if dear or any(room.all_problems for room in rooms):
        sys.exit(1)


def _report_derivations(root: Path, html: Path | None) -> int:
    from autograder.authoring.derivations import main_report

    def progress(done: int, count: int, title: str) -> None:
        if done < count:  # the last call reports the end, not one more derivation
            click.echo(f"derivation {done + 1} of {count}: {title}", err=True)

    text, page, ok = main_report(root, progress)
    click.echo(text)
    if html is not None:
        try:
            html.write_text(page, encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"{html}: {error.strerror}") from error
        click.echo(f"wrote {html}", err=True)
    return 0 if ok else 1


def _verify_all(root: Path, names: list[str], jobs: int) -> Iterator[RoomResult]:
    for done, room in enumerate(verify_rooms(root, names, jobs=jobs), start=1):
        yield room
        click.echo(f"verified {done} of {len(names)}: {room.name}", err=True)


def _summary(rooms: list[RoomResult], dear: int) -> str:
    data = as_json(rooms)
    problems = sum(len(room.all_problems) for room in rooms) + dear
    return (
        f"{plural(data['rooms'], 'room')}, {plural(data['parts'], 'part')} ({data['symbolic']} symbolic), "
        f"{data['points']:g} points; "
        f"{data['caught']} of {data['misconceptions']} misconceptions caught, "
        f"{data['named']} of {data['recognisable']} recognisable named; " + verdict(problems)
    )
