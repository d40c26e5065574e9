"""The functions with which exercises list their checks: each returns checks of one kind, with the usual defaults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from autograder.checks.held import AlsoRight, Broken, Held
from autograder.checks.kinds import (
    Example,
    MatchesReference,
    Raises,
    Reason,
    Unchanged,
    as_float32,
    as_list,
    as_strided,
)
from autograder.checks.laws import Contract, Property
from autograder.checks.strata import Draw, Strata
from autograder.declared import twice
from autograder.errors import CourseError
from autograder.model import (
    EXACT,
    Check,
    DataFile,
    Generator,
    Group,
    Limits,
    Observation,
    Rng,
    Role,
    Tolerance,
    Value,
)
from autograder.text import did_you_mean

_LAYOUTS = {
    "list": (200, as_list, "accepts lists instead of arrays"),
    "f32": (300, as_float32, "computes float32 input in float64"),
    "strided": (400, as_strided, "accepts non-contiguous arrays"),
}
LAYOUT_TITLES = frozenset(title for _, _, title in _LAYOUTS.values())
_CASES = 3  # of each layout


def example(
    *cases: tuple[tuple[Value, ...], Value], tolerance: Tolerance = EXACT, also_right: AlsoRight | None = None
) -> Check:
    """Return the exact cases ``((arguments), right value)``: public, and judged as values."""
    return Example(cases=cases, tolerance=tolerance, also_right=also_right)


def data(file: Path) -> DataFile:
    """Return a data file next to ``checks.py`` as an argument, as in ``data(Path(__file__).with_name("prices.csv"))``.

    A function gets it as a text file that is open for reading.

    Raises
    ------
    CourseError
        If it cannot be read as text.
    """
    if not isinstance(file, Path):
        raise CourseError(f"data: given {file!r}; write data(Path(__file__).with_name({str(file)!r}))")
    try:
        return DataFile(file.name, file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"the data file {file.name} cannot be read: {error}") from error


def raises(
    *inputs: tuple[Value, ...],
    shapes: Sequence[tuple[Value, ...]] = (),
    undefined: Sequence[tuple[Value, ...]] = (),
    error: type[Exception] = ValueError,
) -> Check:
    """Return the bad inputs that must raise an error; public, and a twentieth of the part.

    Parameters
    ----------
    *inputs : tuple
        Tuples of arguments, each refused for a reason of its own.
    shapes : sequence of tuple
        Arguments whose shapes do not fit and would broadcast silently.
    undefined : sequence of tuple
        Arguments for which the quantity has no value.
    error : type
        The exception.

    Raises
    ------
    CourseError
        If ``shapes`` or ``undefined`` is not a list.
    """
    for name, listed in (("shapes", shapes), ("undefined", undefined)):
        if not isinstance(listed, list | tuple):
            raise CourseError(f"raises: {name}: given {listed!r}; allowed: a list of tuples of arguments")
    numbers: tuple[tuple[Reason, int], ...] = (
        ("", len(inputs)), ("shapes", len(shapes)), ("undefined", len(undefined)),
    )  # fmt: skip
    reasons = tuple(reason for reason, count in numbers for _ in range(count))
    name = error.__name__ if isinstance(error, type) else error
    return Raises(inputs=(*inputs, *shapes, *undefined), reasons=reasons, error=name)


def corner(
    name: str,
    title: str,
    *cases: Draw | tuple[tuple[Value, ...], Value],
    group: Group = "robustness",
    draws: int | None = None,
    tolerance: Tolerance | None = None,
    also_right: AlsoRight | None = None,
) -> Check:
    """Return the check of one numerical corner, which costs at most an eighth of its part.

    Parameters
    ----------
    name, title : str
        What it is called, and what it promises.
    *cases : callable or tuple
        One function that draws arguments (then the reference says what is right, in ``grading.py``), or worked cases
        ``((arguments), right value)``.
    group : {"robustness", "value"}
        ``"value"`` where the corner is what the part is about (``Part(about=...)``): then its values count as the
        part's.
    draws : int
        How many cases are drawn; one of each kind if the draw has ``strata``.
    tolerance : Tolerance, optional
        Default rtol 1e-9 for drawn cases, :data:`EXACT` for worked ones.
    also_right : callable, optional
        Criterion other than comparison.

    Raises
    ------
    CourseError
        If there is no case, or several draws.
    """
    drawn = [case for case in cases if callable(case)]
    if not drawn:
        return Example(
            name=name, title=title, group=group, role="corner", tolerance=tolerance or EXACT, also_right=also_right,
            cases=tuple(case for case in cases if not callable(case)),
        )  # fmt: skip
    if len(cases) > 1:
        raise CourseError(
            f"corner {name!r}: given {len(cases)} cases; allowed: one draw, or cases ((arguments), value)"
        )
    return MatchesReference(
        name=name, title=title, group=group, role="corner", draw=drawn[0], first=600,
        cases=draws if draws is not None else len(drawn[0]) if isinstance(drawn[0], Strata) else 1,
        tolerance=tolerance or Tolerance(), also_right=also_right,
    )  # fmt: skip


def strata(draw: Callable[..., tuple[Value, ...]], *settings: tuple[object, ...]) -> Draw:
    """Return a draw whose cases take turns: case k is ``draw(g, *settings[k % len(settings)])``.

    Every variant then holds each kind of input that the settings describe, be it a size, a scale or an edge.

    Raises
    ------
    CourseError
        If a setting is not a tuple, or there is none.
    """
    return Strata(draw, settings)


def usual_checks(
    draw: Draw,
    *names: str,
    cases: int = 12,
    tolerance: Tolerance | None = None,
    also_right: AlsoRight | None = None,
) -> tuple[Check, ...]:
    """Return the checks that nearly every part has, on one way to draw inputs.

    Parameters
    ----------
    draw : callable
        Draws the arguments of one case from a generator.
    *names : {"rand", "mut", "list", "f32", "strided"}
        Which checks: random inputs, arguments left unchanged, and lists, float32 and strided arrays for arguments.
        All of them if none is named.
    cases : int
        How many random cases; never fewer than the draw has strata.
    tolerance : Tolerance, optional
        Default rtol 1e-9.
    also_right : callable, optional
        Criterion other than comparison.

    Raises
    ------
    CourseError
        For an unknown name.
    """
    made: list[Check] = []
    if (again := twice(map(str, names))) is not None:
        raise CourseError(f"usual_checks: {again!r} is named twice")
    tolerance = tolerance or Tolerance()
    known = ("rand", "mut", *_LAYOUTS)
    for name in names or known:
        if name not in known:
            raise CourseError(f"usual_checks: no check {name!r}{did_you_mean(str(name), known)}")
        if name == "rand":
            cases = max(cases, len(draw)) if isinstance(draw, Strata) else cases
            made.append(MatchesReference(draw=draw, cases=cases, tolerance=tolerance, also_right=also_right))
        elif name == "mut":
            made.append(Unchanged(draw=draw))
        else:
            first, change, title = _LAYOUTS[name]
            made.append(
                MatchesReference(
                    name=name, title=title, group="robustness", role="layout", draw=draw, cases=_CASES, first=first,
                    change=change,
                    tolerance=tolerance, also_right=also_right,
                )
            )  # fmt: skip
    return tuple(made)


def fast_enough(
    draw: Draw,
    title: str,
    *,
    cpu_seconds: float = 2.0,
    gibibytes: float = 1.0,
    tolerance: Tolerance | None = None,
    also_right: AlsoRight | None = None,
    name: str = "perf",
) -> Check:
    """Return a scaling check: one large case (number 500), right within its time and memory, in its own child.

    The title is the size, as in ``"100,000 residuals"``: README and stub say "Timed on 100,000 residuals".
    """
    return MatchesReference(
        name=name, title=title, group="scaling", draw=draw, cases=1, first=500, compared=False,
        tolerance=tolerance or Tolerance(), also_right=also_right,
        limits=Limits(cpu_seconds, int(gibibytes * 2**30)),
    )  # fmt: skip


def matches(
    name: str,
    title: str,
    draw: Draw,
    *,
    group: Group = "robustness",
    counts_as: str = "",
    cases: int = 1,
    first: int = 600,
    tolerance: Tolerance | None = None,
    also_right: AlsoRight | None = None,
) -> Check:
    """Return a named check that compares drawn cases with the reference."""
    return MatchesReference(
        name=name, title=title, group=group, counts_as=counts_as, draw=draw, cases=cases, first=first,
        tolerance=tolerance or Tolerance(), also_right=also_right,
    )  # fmt: skip


def law(
    name: str,
    title: str,
    inputs: Callable[[Rng], Sequence[tuple[Value, ...]]],
    holds: Callable[[Sequence[tuple[Value, ...]], Sequence[Value], Sequence[Value]], Held],
    *,
    group: Group = "property",
    role: Role = "other",
    needs_reference: bool = False,
) -> Check:
    """Return a named law over the values of several calls: ``holds(args, got, want)`` is None or what is broken."""
    return Property(
        name=name, title=title, inputs=inputs, law=holds, group=group, role=role, needs_reference=needs_reference
    )


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


def _draws_afresh(observations: Sequence[Observation]) -> Held:
    if any(seen.facts.touched_random for seen in observations):
        return Broken("uses the global random state instead of rng")
    first, again, *others, many, more = [np.asarray(seen.value) for seen in observations]
    if not np.array_equal(first, again):
        return Broken("the same generator state gives different results")
    outputs = [first, *others]
    if any(np.array_equal(a, b) for i, a in enumerate(outputs) for b in outputs[:i]):
        return Broken("different generators give the same result")
    if len(np.unique(many)) < len(many) - 2 or len(np.intersect1d(many, more)) > 2:
        return Broken("replications repeat each other")
    return None


def no_more_draws(title: str, what: str, *calls: tuple[tuple[Value, ...], int]) -> Check:
    """Return the check ``draws``: a simulation that computes its result, and does not estimate it from more draws.

    A sample of the estimate may follow the law of the exact result too closely to be told from it; the generator tells.

    Parameters
    ----------
    title : str
        What is promised.
    what : str
        What is drawn, as in ``"X and e"``.
    *calls : tuple
        Arguments, and how many numbers ``what`` has in this call.

    Notes
    -----
    Twice as many pass: methods that reject draws need at most a third more, and no order of the draws is asked for.
    """

    def holds(observations: Sequence[Observation]) -> Held:
        for at, (seen, (_, numbers)) in enumerate(zip(observations, calls, strict=True)):
            if seen.facts.drawn > 2 * numbers:
                return Broken(f"draws {seen.facts.drawn:,} random numbers, but {what} are {numbers:,} in this call", at)
        return None

    given = [arguments for arguments, _ in calls]
    return Contract(name="draws", title=title, group="value", inputs=lambda rng: given, law=holds)
