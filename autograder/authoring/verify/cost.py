"""What the ordinary checks of an assignment cost: a class is graded in minutes only while this stays small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from autograder.authoring.verify.report import RoomResult

LIMIT = 1.0
"""Processor seconds that the checks of one assignment may cost at the reference's speed, scaling checks aside."""


@dataclass(frozen=True)
class AssignmentCost:
    """Cost of one assignment.

    ``seconds`` of processor time at the reference's speed, scaling checks aside, over ``exercises``, those of its
    exercises that were verified; ``left_out`` are the others, so that the cost of all is at least ``seconds``;
    ``costliest`` are the dearest checks.
    """

    name: str
    seconds: float
    exercises: tuple[str, ...]
    left_out: tuple[str, ...]
    costliest: tuple[tuple[str, float], ...]

    @property
    def ok(self) -> bool:
        """Whether it stays within the limit, as far as it is known."""
        return self.seconds <= LIMIT


def assignment_costs(
    rooms: Sequence[RoomResult], assignments: Mapping[str, Sequence[str]]
) -> tuple[AssignmentCost, ...]:
    """Add up the costs of verified rooms by assignment.

    Parameters
    ----------
    rooms : sequence of RoomResult
    assignments : mapping of str to sequence of str
        Name of each assignment to the names of its exercises.

    Returns
    -------
    tuple of AssignmentCost
        Of the assignments with at least one verified exercise.
    """
    known = {room.name: room for room in rooms}
    costs = []
    for name, exercises in assignments.items():
        seen = [known[one] for one in exercises if one in known]
        if seen:
            left_out = tuple(one for one in exercises if one not in known)
            verified = tuple(room.name for room in seen)
            checks = sorted((check for room in seen for check in _checks(room)), key=lambda one: -one[1])
            costs.append(AssignmentCost(name, sum(r.cost for r in seen), verified, left_out, tuple(checks[:3])))
    return tuple(costs)


def _checks(room: RoomResult) -> Iterator[tuple[str, float]]:
    for part in room.parts:
        for name, seconds in part.ordinary:
            yield f"{room.name}.{part.name}.{name}", seconds


def as_data(costs: Sequence[AssignmentCost]) -> list[dict[str, Any]]:
    """Return the costs as JSON data."""
    return [
        asdict(one)
        | {"seconds": round(one.seconds, 4), "limit": LIMIT, "ok": one.ok}
        | {"costliest": [{"check": name, "seconds": round(seconds, 4)} for name, seconds in one.costliest]}
        for one in costs
    ]


def as_lines(costs: Sequence[AssignmentCost]) -> Iterator[str]:
    """Yield a line of text per assignment, and one more where it costs too much."""
    if costs:
        yield f"processor time of the ordinary checks at the reference's speed (limit: {LIMIT:g} s an assignment):"
    for one in costs:
        whole = len(one.exercises) + len(one.left_out)
        among = f"{whole} exercises" if not one.left_out else f"{len(one.exercises)} of {whole} exercises"
        yield f"  {one.name}: {one.seconds:.3f} s, {among}"
        if not one.ok:
            dearest = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in one.costliest)
            yield f"  PROBLEM {one.name}: costs more than {LIMIT:g} s; rework the costliest checks: {dearest}"
