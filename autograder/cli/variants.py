"""``verify --variants all``: one code, one mark."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import click

from autograder.authoring.verify.kept import digest
from autograder.authoring.verify.pool import processes
from autograder.authoring.verify.variants import MOST, Variants, as_json, as_text, keep, known, verify_variants
from autograder.course.model import load_course
from autograder.text import for_terminal, plural


def report_variants(root: Path, names: Sequence[str], *, as_data: bool, jobs: int, anew: bool = False) -> int:
    """Judge every answer of these exercises in all variants and print what became of them.

    Returns
    -------
    int
        0 if every check says the same in all variants, 1 if one does not, 2 if an exercise cannot be judged.
    """
    found: list[Variants] = []
    errors: list[str] = []
    for name, one in _all(root, names, min(load_course(root).variants, MOST), jobs, anew):
        if isinstance(one, str):
            errors.append(f"{name}: {one}")
        else:
            found.append(one)
        if not as_data:
            click.echo(for_terminal(as_text(one) if isinstance(one, Variants) else f"PROBLEM {name}: {one}"))
    problems = sum(len(one.problems) for one in found)
    if as_data:
        click.echo(json.dumps(_data(found, errors), indent=1))
    else:
        answers = sum(len(one.rows) for one in found)
        verdict = f"{plural(problems, 'verdict')} by the variant" if problems else "no verdict depends on the variant"
        click.echo(f"{plural(len(found), 'exercise')}, {plural(answers, 'answer')}: {verdict}")
    return 2 if errors else int(problems > 0)


def _data(found: Sequence[Variants], errors: Sequence[str]) -> dict[str, object]:
    sound = not errors and not any(one.problems for one in found)
    return {"version": 1, "ok": sound, "errors": list(errors), "exercises": [as_json(one) for one in found]}


def _all(root: Path, names: Sequence[str], count: int, jobs: int, anew: bool) -> Iterator[tuple[str, Variants | str]]:
    digests = {name: digest(root, name) for name in names}
    kept = {name: None if anew else known(root, name, digests[name], count) for name in names}
    todo = [name for name in names if kept[name] is None]
    workers = max(1, min(jobs or os.cpu_count() or 1, len(todo)))
    with processes(workers) as pool:
        pending: dict[str, Future[Variants | str]] = {
            name: pool.submit(verify_variants, root, name, count) for name in todo
        }
        for name in names:
            one = kept[name]
            if one is not None:
                click.echo(f"{name}: not changed since it was judged in {count} variants", err=True)
                yield name, one
                continue
            made = pending[name].result()
            if isinstance(made, Variants):
                keep(root, digests[name], made)
            yield name, made
