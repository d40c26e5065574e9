"""Short names for rooms: a check list that reads like the catalogue entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.checks.kinds import (
    Accept,
    Contract,
    Draw,
    Example,
    MatchesReference,
    Property,
    Raises,
    Unchanged,
    as_float32,
    as_list,
    as_strided,
)
from autograder.errors import CourseError
from autograder.model import EXACT, Check, Generator, Group, Limits, Observation, Rng, Tolerance, Value

_LAYOUTS = {
    "list": (200, as_list, "accepts lists instead of arrays"),
    "f32": (300, as_float32, "computes float32 input in float64"),
    "strided": (400, as_strided, "accepts non-contiguous arrays"),
}
_CASES = 3  # of each layout


def hand(*cases: tuple[tuple[Value, ...], Value], tolerance: Tolerance = EXACT, accept: Accept | None = None) -> Check:
    """Exact cases ``((arguments), right value)``: public, value group."""
    return Example(cases=cases, tolerance=tolerance, accept=accept)


def err(*inputs: tuple[Value, ...]) -> Check:
    """Bad inputs that must raise ValueError; public in ``checks.py`` (the first two), hidden in ``grading.py``."""
    return Raises(inputs=inputs)


def standard(
    draw: Draw,
    *names: str,
    cases: int = 12,
    tolerance: Tolerance | None = None,
    accept: Accept | None = None,
) -> tuple[Check, ...]:
    """Return the catalogue's standard checks by name, on one way to draw inputs.

    Parameters
    ----------
    draw : callable
        Draws the arguments of one case from a generator.
    *names : {"rand", "mut", "list", "f32", "strided"}
        Which checks.
    cases : int
        How many random cases.
    tolerance : Tolerance, optional
        Default rtol 1e-9.
    accept : callable, optional
        Criterion other than comparison.

    Raises
    ------
    CourseError
        For an unknown name.
    """
    made: list[Check] = []
    tolerance = tolerance or Tolerance()
    for name in names:
        if name == "rand":
            made.append(MatchesReference(draw=draw, cases=cases, tolerance=tolerance, accept=accept))
        elif name == "mut":
            made.append(Unchanged(draw=draw))
        elif name in _LAYOUTS:
            first, change, title = _LAYOUTS[name]
            made.append(
                MatchesReference(
                    name=name, title=title, group="robustness", draw=draw, cases=_CASES, first=first, change=change,
                    tolerance=tolerance, accept=accept,
                )
            )  # fmt: skip
        else:
            raise CourseError(f"no standard check {name!r}; there are rand, mut, {', '.join(_LAYOUTS)}")
    return tuple(made)


def perf(
    draw: Draw,
    title: str,
    *,
    cpu_seconds: float = 20.0,
    gibibytes: float = 6.0,
    tolerance: Tolerance | None = None,
    accept: Accept | None = None,
    name: str = "perf",
) -> Check:
    """Return a scaling check: one large case (number 500), right within its time and memory, in its own child."""
    return MatchesReference(
        name=name, title=title, group="scaling", draw=draw, cases=1, first=500, compared=False,
        tolerance=tolerance or Tolerance(), accept=accept,
        limits=Limits(cpu_seconds, int(gibibytes * 2**30)),
    )  # fmt: skip


def matches(
    name: str,
    title: str,
    draw: Draw,
    *,
    group: Group = "robustness",
    cases: int = 1,
    first: int = 600,
    tolerance: Tolerance | None = None,
    accept: Accept | None = None,
) -> Check:
    """Return a named check that compares drawn cases with the reference."""
    return MatchesReference(
        name=name, title=title, group=group, draw=draw, cases=cases, first=first,
        tolerance=tolerance or Tolerance(), accept=accept,
    )  # fmt: skip


def law(
    name: str,
    title: str,
    inputs: Callable[[Rng], Sequence[tuple[Value, ...]]],
    holds: Callable[[Sequence[tuple[Value, ...]], Sequence[Value], Sequence[Value]], str | None],
    *,
    group: Group = "property",
    needs_reference: bool = False,
) -> Check:
    """Return a named law over the values of several calls: ``holds(args, got, want)`` is None or what is broken."""
    return Property(name=name, title=title, inputs=inputs, law=holds, group=group, needs_reference=needs_reference)


def fresh_draws(arguments: Callable[[int, Generator], tuple[Value, ...]]) -> Check:
    """Return the check ``rng``: a simulation draws from the generator it is given, and from nothing else.

    Parameters
    ----------
    arguments : callable
        ``arguments(reps, generator)`` gives the arguments of a call that returns ``reps`` independent draws of a
        continuous law.

    Notes
    -----
    Equal generators give equal results, different ones different results; no draw repeats inside one result or
    between two (more than two coincidences among 3000 draws have probability below 1e-20); the global random state
    stays where it was.
    """
    few = [arguments(20, Generator((seed,))) for seed in (1, 1, 2, 3, 4, 5)]
    many = [arguments(3000, Generator((seed,))) for seed in (6, 7)]
    return Contract(name="rng", title="draws from rng only", inputs=lambda rng: [*few, *many], law=_draws_afresh)


def _draws_afresh(observations: Sequence[Observation]) -> str | None:
    if any(seen.facts.touched_random for seen in observations):
        return "uses the global random state instead of rng"
    first, again, *others, many, more = [np.asarray(seen.value) for seen in observations]
    if not np.array_equal(first, again):
        return "the same generator state gives different results"
    outputs = [first, *others]
    if any(np.array_equal(a, b) for i, a in enumerate(outputs) for b in outputs[:i]):
        return "different generators give the same result"
    if len(np.unique(many)) < len(many) - 2 or len(np.intersect1d(many, more)) > 2:
        return "replications repeat each other"
    return None
