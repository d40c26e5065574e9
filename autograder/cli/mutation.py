"""``verify --mutants``: mutation testing over all rooms, on several processes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import click

from autograder.authoring.verify.mutants import Plan, Tried, as_data, as_lines, plan, try_some

_CHUNK = 16
"""Mutants per piece of work: few enough that the processes end together."""


def report_mutants(root: Path, names: list[str], *, as_json: bool, jobs: int) -> int:
    """Try every mutant of these rooms and print what became of them.

    Returns
    -------
    int
        0 if every mutant is caught or explained, else 1.
    """
    found: dict[str, list[Tried]] = {}
    plans: list[Plan] = []
    # spawn: a room's code must not run in a copy of a process that already holds another room's
    with ProcessPoolExecutor(jobs or os.cpu_count() or 1, mp_context=get_context("spawn")) as pool:
        for one, tried in _rooms(pool, root, names):
            plans.append(one)
            found[one.name] = tried
            if not as_json:
                click.echo("\n".join(as_lines(one.name, tried, one.problems)))
    return _end(found, plans, as_json)


def _rooms(pool: ProcessPoolExecutor, root: Path, names: list[str]) -> Iterator[tuple[Plan, list[Tried]]]:
    for number, name in enumerate(names, start=1):
        one = pool.submit(plan, root, name).result()
        # a room whose reference fails tells nothing about its mutants
        count = 0 if one.broken else one.count
        pieces: list[Future[list[Tried]]] = [
            pool.submit(try_some, root, name, first, min(first + _CHUNK, count)) for first in range(0, count, _CHUNK)
        ]
        tried: list[Tried] = []
        for piece in pieces:
            tried += piece.result()
            click.echo(f"{name} ({number} of {len(names)}): {len(tried)} of {count} mutants", err=True)
        yield one, tried


def _end(found: dict[str, list[Tried]], plans: list[Plan], as_json: bool) -> int:
    data = as_data(found, plans)
    if as_json:
        click.echo(json.dumps(data, indent=1))
    else:
        click.echo(
            f"{data['mutants']} mutants: {data['killed']} killed, {data['explained']} explained, "
            f"{data['survivors']} survive"
        )
    return 0 if data["ok"] else 1
