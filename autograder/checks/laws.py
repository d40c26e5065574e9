"""Checks by laws: properties of the values of several calls, and contracts on the facts observed with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.checks.abnormal import abnormal
from autograder.checks.held import Broken, Held, arguments, held
from autograder.checks.kinds import call, entries
from autograder.checks.show import show, show_call
from autograder.declared import defined_at
from autograder.errors import CourseError
from autograder.model import Call, Check, Failure, Group, Observation, Rng, Value, Verdict
from autograder.plain import dataclass

MAX_ENTRIES = 500_000
"""What a law looks at: it runs in the grader, and its cost must not grow with what a submission cares to return."""


def _refused(
    check: Check, calls: Sequence[Call], observations: Sequence[Observation], *, allows_nan: bool = True
) -> Verdict | None:
    """Return why the law is not asked: a call that did not return, NaN, or more values than a law can look at."""
    for one, seen in zip(calls, observations, strict=True):
        if (failure := abnormal(one, seen)) is not None:
            return Verdict(failure, 0)
        if not allows_nan and _has_nan(seen.value):
            return Verdict(Failure("returns NaN", show_call(one), show(seen.value)), 0)
    if check.limits is not None or sum(entries(seen.value) for seen in observations) <= MAX_ENTRIES:
        return None
    return Verdict(Failure(f"returns more than {MAX_ENTRIES} entries", show_call(calls[0])), 0)


def _listed(name: str, inputs: Callable[[Rng], Sequence[Value]], rng: Rng) -> tuple[Call, ...]:
    """Return the calls of a check that lists its inputs."""
    given = inputs(rng)
    if not isinstance(given, list | tuple) or not given:
        raise CourseError(
            f"the inputs of {name!r}{defined_at(inputs)} gave {show(given)}; they give a list of tuples, one a call"
        )
    return tuple(call(*arguments(f"input {i} of {name!r}", inputs, args)) for i, args in enumerate(given, 1))


@dataclass(frozen=True, kw_only=True)
class Property(Check):
    """A law over the values of several calls.

    ``inputs(rng)`` lists the arguments of each call; ``law(args, got, want)`` takes the tuples of arguments, returned
    values and (with ``needs_reference``) right values, and returns None or :class:`Broken`.  NaN never satisfies a law:
    most laws compare returned values with each other, and among NaN nothing differs.
    """

    group: Group = "property"
    inputs: Callable[[Rng], Sequence[tuple[Value, ...]]]
    law: Callable[[Sequence[tuple[Value, ...]], Sequence[Value], Sequence[Value]], Held]

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return one call per tuple of arguments."""
        return _listed(self.name, self.inputs, rng)

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Pass if every call returned and the law holds; a law that cannot be computed does not hold."""
        if (refused := _refused(self, calls, observations, allows_nan=False)) is not None:
            return refused
        values = [seen.value for seen in observations]
        broken, fault = held(
            f"the law {self.name!r}", self.law, lambda: self.law([one.args for one in calls], values, expected)
        )
        if broken is None:
            return Verdict()
        at, message = _place(broken, len(calls))
        return Verdict(Failure(message, show_call(calls[at]), show(values[at])), 0, fault=fault)


@dataclass(frozen=True, kw_only=True)
class Contract(Check):
    """A promise about how a function behaves, judged by what was observed besides the value.

    ``inputs(rng)`` as for :class:`Property`; ``law(observations)`` returns None or :class:`Broken`.
    """

    group: Group = "contract"
    inputs: Callable[[Rng], Sequence[tuple[Value, ...]]]
    law: Callable[[Sequence[Observation]], Held]

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return one call per tuple of arguments."""
        return _listed(self.name, self.inputs, rng)

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Pass if every call returned and the law holds."""
        if (refused := _refused(self, calls, observations)) is not None:
            return refused
        broken, fault = held(f"the law {self.name!r}", self.law, lambda: self.law(observations))
        if broken is None:
            return Verdict()
        at, message = _place(broken, len(calls))
        return Verdict(Failure(message, show_call(calls[at])), 0, fault=fault)


def verdict_on(
    check: Check, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]
) -> Verdict:
    """Return what a check makes of what came back; one of an author's own kind answers as a law does.

    Its ``judge`` returns None where it holds, else ``Broken``; if its own code fails, a call that returned no value
    explains it, else it is the exercise's fault.
    """
    if type(check).__module__.startswith("autograder."):
        return check.judge(calls, observations, expected)
    given: list[Verdict] = []

    def law() -> object:
        found: object = check.judge(calls, observations, expected)
        if isinstance(found, Verdict):
            given.append(found)
        return None if given else found

    broken, fault = held(f"the judge of {check.name!r}", check.judge, law)
    if broken is None:
        return given[0] if given else Verdict()
    failure = next(filter(None, map(abnormal, calls, observations)), None)
    if failure is not None:
        return Verdict(failure, 0)
    at, message = _place(broken, len(calls))
    return Verdict(Failure(message, show_call(calls[at]), show(observations[at].value)), 0, fault=fault)


def _place(broken: Broken, count: int) -> tuple[int, str]:
    """Return the call to show, and the message: without a call that breaks the law alone it says which one it shows."""
    figures = [found] if (found := broken.figures()) else []
    at = broken.at if broken.at is not None and 0 <= broken.at < count else None
    if at is None and count > 1:
        figures.append(f"seen over {count} calls; this is the first")
    return at or 0, f"{broken.message} ({'; '.join(figures)})" if figures else broken.message


def _has_nan(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_nan(item) for item in value)
    numbers = np.asarray(value) if isinstance(value, np.ndarray | float | complex) else None
    return numbers is not None and numbers.dtype.kind in "fc" and bool(np.isnan(numbers).any())
