"""The command ``verify``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli import needs_linux
from autograder.cli.packages import missing_packages
from autograder.course.exercises import HANDED_OUT, exercise_names, with_part
from autograder.course.model import find_course, load_course
from autograder.errors import CourseError
from autograder.text import for_terminal, part_of, plural

if TYPE_CHECKING:  # what runs submissions is imported once it is sure that it can run here
    from concurrent.futures import Future, ProcessPoolExecutor

    from autograder.authoring.verify.mutants import MutantPlan, Tried
    from autograder.authoring.verify.report import ExerciseResult


@click.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option("--json", "as_data", is_flag=True, help="Print the results as JSON.")
@click.option("--matrix/--no-matrix", default=True, help="Show which check catches which misconception.")
@click.option(
    "--mutants", is_flag=True, help="Instead, count the wrong versions of the reference that the checks catch."
)
@click.option("--variants", type=click.Choice(["all"]), help="Instead, judge every known answer on all variants.")
@click.option("--derivations", is_flag=True, help="Instead, derive every symbolic answer with SymPy.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report of --derivations to FILE."
)
@click.option("--jobs", default=0, metavar="N", help="Verify N exercises at a time (default: one per core).")
@click.option("--anew", is_flag=True, help="Also verify exercises that have not changed.")
def verify_command(
    names: tuple[str, ...],
    as_data: bool,
    matrix: bool,
    mutants: bool,
    variants: str | None,
    derivations: bool,
    html: Path | None,
    jobs: int,
    anew: bool,
) -> None:
    r"""Prove every promise of the exercises: all of them, or those named.

    Functions: the reference gets full marks under NumPy and array-api-strict, the stub none; every legitimate
    alternative passes, at least three misconceptions a part are caught and, where their outputs show them, named; a
    table of the public answers earns nothing; no check accepts every answer.

    The whole exercise: the same calls in every process; a check behind each promise of the statement; no formula, code
    or input of the hidden half in what students read, but for what given= declares; the handout works with the
    packages that students have; the figure can be drawn; points, sections and numbers agree; files are formatted and
    nbgrader's cells keep their ids, where the course has such rules.

    What was found of a sound exercise is kept in .autograder/verified until a file that it depends on, Python or a
    library changes; --anew verifies it again.  Exit code 1 if a promise does not hold, 2 if an exercise cannot be
    loaded. Times are advice and change no exit code.

    With --mutants: wrong operators, constants, signs, comparisons, axes, terms and ranges are put into the reference
    functions, and every one must be caught by a check or be explained on its line (`# equivalent: why`).

    With --variants all, before a release: the reference, alternatives, misconceptions and borderline answers are judged
    on the hidden inputs of every variant, and each check must say the same in all of them.  What has not changed since
    is not judged again.

    With --derivations: every symbolic answer is derived from its loss and compared with the formula that is stated.

    \b
    Examples:
      autograder verify
      autograder verify my_exercise --no-matrix
      autograder verify --json > verify.json
      autograder verify --mutants my_exercise
      autograder verify --variants all
      autograder verify --derivations --html derivations.html
    """
    root = find_course()
    if html is not None and not derivations:
        raise click.UsageError("--html needs --derivations")
    if derivations:
        sys.exit(_report_derivations(root, html, names))
    needs_linux()
    from autograder.authoring.verify.report import as_text

    chosen = _chosen(root, names)
    if mutants:
        sys.exit(_report_mutants(root, chosen, as_json=as_data, jobs=jobs))
    if variants:
        from autograder.cli.variants import report_variants

        sys.exit(report_variants(root, chosen, as_data=as_data, jobs=jobs, anew=anew))
    found = []
    for folder in _verify_all(root, chosen, jobs, anew):
        found.append(folder)
        if not as_data:
            click.echo(for_terminal(as_text(folder, matrix=matrix)))
    sound = [folder for folder in found if not folder.broken]
    house = [*_house_problems(root, sound), *([] if names else _without_checks(root))]
    _sum_up(root, found, house, as_data=as_data)
    if len(sound) < len(found):
        sys.exit(2)
    if house or any(folder.all_problems for folder in found):
        sys.exit(1)


def _chosen(root: Path, names: Sequence[str]) -> list[str]:
    """Return the exercises that are named, or all."""
    known = exercise_names(root)
    unknown = [name for name in names if name not in known]
    if unknown:
        there = ", ".join(known) or "none; `autograder new NAME` makes one"
        end = part_of(unknown[0], [folder.name for folder, _ in with_part(root, unknown[0])])
        raise click.UsageError(f"no exercise {unknown[0]!r}{end or f'; there are {there}'}")
    chosen = list(names) or list(known)
    if not chosen:
        raise click.UsageError("the course has no exercise; `autograder new NAME` makes one")
    if (root / HANDED_OUT).is_dir():
        raise CourseError(f"{root}: this is a handout; verify needs the course itself, with its grading.py files")
    return chosen


def _sum_up(root: Path, folders: Sequence[ExerciseResult], house: Sequence[str], *, as_data: bool) -> None:
    """Print what follows the single exercises, or everything as JSON."""
    from autograder.authoring.verify import cost
    from autograder.authoring.verify.report import as_json

    sound = [folder for folder in folders if not folder.broken]
    assignments = {one.name: tuple(one.exercises) for one in load_course(root).assignments}
    costs = cost.assignment_costs(sound, assignments)
    if as_data:
        data = as_json(sorted(folders, key=lambda r: r.number))
        data |= {"ok": data["ok"] and not house, "assignments": cost.as_data(costs), "course_problems": house}
        click.echo(json.dumps(data, indent=1))
        return
    asked = {name for exercises in assignments.values() for name in exercises}
    idle = [folder.name for folder in sound if folder.name not in asked]
    unlisted = [f"ADVICE course.yml: no assignment has {', '.join(idle)}, so it is not handed out"] if idle else []
    problems = [f"PROBLEM {text}" for text in house]
    lines = [*cost.as_lines(costs), *unlisted, *problems, _summary(folders, len(house))]
    click.echo(for_terminal("\n".join(lines)))


def _house_problems(root: Path, folders: list[ExerciseResult]) -> Iterator[str]:
    """Yield what grading or the course's own rules would refuse: packages, the layout of files, ids of cells."""
    from autograder.release.rules import format_problems, id_problems

    names = [folder.name for folder in folders]
    yield from missing_packages(root)
    yield from format_problems(root, names)
    yield from id_problems(root, names)


def _without_checks(root: Path) -> Iterator[str]:
    """Yield the folders that look like exercises, and are none for any command."""
    for folder in sorted((root / "exercises").iterdir()):
        if (folder / "grading.py").is_file() and not (folder / "checks.py").is_file():
            place = folder.relative_to(root).as_posix()
            yield f"{place}: has grading.py, but not checks.py, so it is not an exercise; `autograder new` shows both"


def _report_derivations(root: Path, html: Path | None, names: tuple[str, ...]) -> int:
    from autograder.authoring.derivations import main_report

    def progress(done: int, count: int, title: str) -> None:
        if done < count:  # the last call reports the end, not one more derivation
            click.echo(f"derivation {done + 1} of {count}: {title}", err=True)

    text, page, ok = main_report(root, progress, names)
    click.echo(text)
    if html is not None:
        try:
            html.write_text(page, encoding="utf-8")
        except OSError as error:
            raise click.UsageError(f"{html}: {error.strerror}") from error
        click.echo(f"wrote {html}", err=True)
    return 0 if ok else 1


def _verify_all(root: Path, names: list[str], jobs: int, anew: bool) -> Iterator[ExerciseResult]:
    from autograder.authoring.verify.kept import digest
    from autograder.authoring.verify.pool import keep_sound, known_sound, verify_exercises

    digests = {name: digest(root, name) for name in names}
    known = {name: None if anew else known_sound(root, name, digests[name], strict=True) for name in names}
    todo = [name for name in names if known[name] is None]
    made = verify_exercises(root, todo, jobs=jobs, loud=True) if todo else iter(())
    for done, name in enumerate(names, start=1):
        found = known[name]
        if found is None:
            found = next(made)
            keep_sound(root, digests[name], found)
        yield found
        how = "verified" if name in todo else "verified before and not changed since,"
        click.echo(f"{how} {done} of {len(names)}: {name}", err=True)


def _summary(folders: Sequence[ExerciseResult], more: int) -> str:
    from autograder.authoring.verify.report import as_json, verdict

    data = as_json(folders)
    problems = sum(len(folder.all_problems) for folder in folders) + more
    return (
        f"{plural(data['rooms'], 'exercise')}, {plural(data['parts'], 'part')} ({data['symbolic']} symbolic), "
        f"{data['points']:g} points; "
        f"{data['caught']} of {data['misconceptions']} misconceptions caught, "
        f"{data['named']} of {data['recognisable']} recognisable named "
        f"({', '.join(f'{count} by {by}' for by, count in data['named_by'].items() if count) or 'none'}), "
        f"{plural(data['unseen'], 'costly one')} passing in public; " + verdict(problems)
    )


# --- verify --mutants ------------------------------------------------------------------------------------------

_CHUNK = 16
"""Mutants per piece of work: few enough that the processes end together."""


def _report_mutants(root: Path, names: list[str], *, as_json: bool, jobs: int) -> int:
    """Try every mutant of these exercises and print what became of them.

    Returns
    -------
    int
        0 if every mutant is caught or explained, else 1.
    """
    from autograder.authoring.verify.mutants import as_lines
    from autograder.authoring.verify.pool import processes

    found: dict[str, list[Tried]] = {}
    plans: list[MutantPlan] = []
    with processes(jobs or os.cpu_count() or 1) as pool:
        for one, tried in _try_all(pool, root, names):
            plans.append(one)
            found[one.name] = tried
            if not as_json:
                click.echo("\n".join(as_lines(one.name, tried, one.problems)))
    return _end_of_mutants(found, plans, as_json)


def _try_all(pool: ProcessPoolExecutor, root: Path, names: list[str]) -> Iterator[tuple[MutantPlan, list[Tried]]]:
    from autograder.authoring.verify.mutants import plan, try_some

    for number, name in enumerate(names, start=1):
        one = pool.submit(plan, root, name).result()
        # an exercise whose reference fails tells nothing about its mutants
        count = 0 if one.broken else one.count
        pieces: list[Future[list[Tried]]] = [
            pool.submit(try_some, root, name, first, min(first + _CHUNK, count)) for first in range(0, count, _CHUNK)
        ]
        tried: list[Tried] = []
        for piece in pieces:
            tried += piece.result()
            click.echo(f"{name} ({number} of {len(names)}): {len(tried)} of {count} mutants", err=True)
        yield one, tried


def _end_of_mutants(found: dict[str, list[Tried]], plans: list[MutantPlan], as_json: bool) -> int:
    from autograder.authoring.verify.mutants import as_data

    data = as_data(found, plans)
    if as_json:
        click.echo(json.dumps(data, indent=1))
    else:
        click.echo(
            f"{data['mutants']} mutants: {data['killed']} killed, {data['explained']} explained, "
            f"{data['survivors']} survive"
        )
    return 0 if data["ok"] else 1
