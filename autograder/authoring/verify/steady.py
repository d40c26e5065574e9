"""What a few grades of a function cannot show: an answer that changes in time, a tolerance that hides every answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from autograder.checks import show, show_call
from autograder.checks.kinds import Compared
from autograder.judging.questions import Asked, Case, PartQuestions
from autograder.model import Observation, Value

CALLS, SECONDS = 1500, 0.3
"""So often the reference is called again, or for so long."""


def changed(part: PartQuestions) -> Iterator[str]:
    """Yield that the reference answers otherwise when it has been called many times, as in a class of hundreds."""
    cases = [case for case in part.compared() if case.plain] or list(part.compared())
    if not cases or part.reference is None:
        return
    first = [part.reference(case.call) for case in cases]
    started = time.process_time()
    for number in range(CALLS):
        case, want = cases[number % len(cases)], first[number % len(cases)]
        got = part.reference(case.call)
        if not _agree(case, got, want):
            yield (
                f"the reference returns {show(got)} for {show_call(case.call)}, and {show(want)} {number + len(cases)} "
                "calls before; let it remember nothing between calls"
            )
            return
        if time.process_time() - started > SECONDS:
            return


def _agree(case: Case, got: Value, want: Value) -> bool:
    return isinstance(case.check, Compared) and case.check.agrees(case.call, got, want)


LOOSE = 0.1
"""A relative tolerance of this takes an answer for right of which the first digit is wrong."""


def blind(asked: Asked, right: Sequence[Observation]) -> str:
    """Return why a comparison lets values pass that are far from right, or zeros; empty where it does not."""
    check = asked.check
    if not isinstance(check, Compared) or check.also_right is not None:
        return ""
    if check.tolerance.rtol >= LOOSE:
        return (
            f"the check {check.name!r} ({check.title}) takes values for right that are {check.tolerance.rtol:.0%} off: "
            f"choose an rtol below {LOOSE:g}, or compare by also_right or law"
        )
    if not check.tolerance.atol:
        return ""
    sizes = [_size(one.value) for one in right if one.returned]
    sizes = [size for size in sizes if size]
    hidden = [size for size in sizes if size <= check.tolerance.atol]
    if not sizes or 2 * len(hidden) < len(sizes):
        return ""
    return (
        f"the check {check.name!r} ({check.title}) takes 0 for right in {len(hidden)} of {len(sizes)} cases: its atol "
        f"of {check.tolerance.atol:g} is larger than the right values (down to {min(hidden):.3g}); choose a smaller one"
    )


def _size(value: Value) -> float:
    """Return the largest number of a value; 0 where it holds none that is finite."""
    if isinstance(value, list | tuple):
        return max(map(_size, value), default=0.0)
    if isinstance(value, dict):
        return _size(list(value.values()))
    if isinstance(value, bool | np.bool_ | str) or value is None:
        return 0.0
    array = np.abs(np.asarray(value))
    finite = array[np.isfinite(array)] if array.dtype.kind in "iuf" else array[:0]
    return float(finite.max(initial=0.0))
