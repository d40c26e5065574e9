"""Old words of the language: exercises that were handed out with version 0.1 load, and are judged, as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.checks.held import AlsoRight
from autograder.checks.kinds import Example, Raises
from autograder.checks.standard import fast_enough, usual_checks
from autograder.checks.standard import matches as named_draws
from autograder.checks.strata import Draw
from autograder.exercise import Hidden
from autograder.model import EXACT, Check, Tolerance, Value


def hand(
    *cases: tuple[tuple[Value, ...], Value], tolerance: Tolerance = EXACT, accept: AlsoRight | None = None
) -> Check:
    """Exact cases; now ``example``."""
    return Example(cases=cases, tolerance=tolerance, also_right=accept)


def err(*inputs: tuple[Value, ...]) -> Check:
    """Bad inputs; now ``raises``."""
    return Raises(inputs=inputs)


def standard(draw: Draw, *names: str, accept: AlsoRight | None = None, **more: Any) -> tuple[Check, ...]:
    """The standard checks by name; now ``usual_checks``."""
    return usual_checks(draw, *names, also_right=accept, **more)


def perf(draw: Draw, title: str, *, accept: AlsoRight | None = None, **more: Any) -> Check:
    """A scaling check; now ``fast_enough``."""
    return fast_enough(draw, title, also_right=accept, **more)


def matches(name: str, title: str, draw: Draw, *, accept: AlsoRight | None = None, **more: Any) -> Check:
    """Drawn cases of their own, under the old name of their criterion."""
    return named_draws(name, title, draw, **{"also_right": accept, **more})


def Secret(*, checks: tuple[Check, ...] = (), **more: Any) -> Hidden:  # the name of the class it was
    """The hidden half in a dict by part name; two checks of one name count as one, as they did.  Now ``Hidden``."""
    return Hidden("", checks=tuple(_named_apart(checks)), **more)


def _named_apart(checks: Sequence[Check]) -> list[Check]:
    apart: list[Check] = []
    for check in checks:
        again = check.group != "value" and sum(check.name in (one.name, one.counts_as) for one in apart)
        apart.append(replace(check, name=f"{check.name}_{again + 1}", counts_as=check.name) if again else check)
    return apart
