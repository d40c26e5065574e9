"""What the checks of an assignment cost: a class is graded in minutes only while this stays small.

Times are advice: they depend on the machine, so they never decide whether a promise holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from autograder.authoring.verify.report import ExerciseResult
from autograder.plain import dataclass
from autograder.text import plural

LIMIT = 0.2
"""Processor seconds that the calls of one assignment should cost at the reference's speed, scaling checks included."""

JUDGING = 0.03
"""Processor seconds that judging what came back should cost."""


@dataclass(frozen=True)
class AssignmentCost:
    """Cost of one assignment.

    ``seconds`` of processor time at the reference's speed and ``judging`` of judging over ``exercises``, those of its
    exercises that were verified; ``left_out`` are the others, so that the cost of all is at least as much;
    ``costliest`` are the dearest checks.
    """

    name: str
    seconds: float
    judging: float
    exercises: tuple[str, ...]
    left_out: tuple[str, ...]
    costliest: tuple[tuple[str, float], ...]

    @property
    def ok(self) -> bool:
        """Whether it stays within the limits, as far as it is known."""
        return self.seconds <= LIMIT and self.judging <= JUDGING


def assignment_costs(
    folders: Sequence[ExerciseResult], assignments: Mapping[str, Sequence[str]]
) -> tuple[AssignmentCost, ...]:
    """Add up the costs of verified exercises by assignment.

    Parameters
    ----------
    folders : sequence of ExerciseResult
    assignments : mapping of str to sequence of str
        Name of each assignment to the names of its exercises.

    Returns
    -------
    tuple of AssignmentCost
        Of the assignments with at least one verified exercise.
    """
    known = {folder.name: folder for folder in folders}
    costs = []
    for name, exercises in assignments.items():
        seen = [known[one] for one in exercises if one in known]
        if seen:
            left_out = tuple(one for one in exercises if one not in known)
            verified = tuple(folder.name for folder in seen)
            checks = sorted((check for folder in seen for check in _checks(folder)), key=lambda one: -one[1])
            calls, judging = sum(folder.cost for folder in seen), sum(folder.judging for folder in seen)
            costs.append(AssignmentCost(name, calls, judging, verified, left_out, tuple(checks[:3])))
    return tuple(costs)


def _checks(folder: ExerciseResult) -> Iterator[tuple[str, float]]:
    for part in folder.parts:
        for name, seconds in part.seconds:
            yield f"{folder.name}.{part.name}.{name}", seconds
        yield f"judging {folder.name}.{part.name}", part.judging


def as_data(costs: Sequence[AssignmentCost]) -> list[dict[str, Any]]:
    """Return the costs as JSON data."""
    return [
        asdict(one)
        | {"seconds": round(one.seconds, 4), "limit": LIMIT, "ok": one.ok}
        | {"judging": round(one.judging, 4), "judging_limit": JUDGING}
        | {"costliest": [{"check": name, "seconds": round(seconds, 4)} for name, seconds in one.costliest]}
        for one in costs
    ]


def as_lines(costs: Sequence[AssignmentCost]) -> Iterator[str]:
    """Yield a line of text per assignment, and one more where it costs too much."""
    if costs:
        yield (
            f"processor time at the reference's speed, scaling checks included (advice: {LIMIT:g} s of calls and "
            f"{JUDGING:g} s of judging an assignment):"
        )
    for one in costs:
        whole = len(one.exercises) + len(one.left_out)
        among = plural(whole, "exercise") if not one.left_out else f"{len(one.exercises)} of {whole} exercises"
        yield f"  {one.name}: {one.seconds:.3f} s of calls, {one.judging:.3f} s of judging, {among}"
        if not one.ok:
            dearest = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in one.costliest)
            yield f"  ADVICE {one.name}: costs more than it should; the costliest: {dearest}"
