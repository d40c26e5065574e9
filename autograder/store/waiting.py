"""Send unreadable formulas to manual grading once the due date is past; until then they may be handed in again.

The rule is applied by the run that finds the due date past, with the time of that run, and written into the record in
the store.  So a record says by itself whether its answers wait, reports and exports agree on it, and a replay, which
asks the record and no clock, gives the same verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from autograder.course.model import Course
from autograder.statuses import UNREADABLE, WAITING
from autograder.store.records import Record
from autograder.store.store import Store

_SAID = "It needs manual grading."


def waiting_parts(record: Record) -> frozenset[str]:
    """Return the names of the parts that need manual grading."""
    return frozenset(part["name"] for part in (*_certain(record), *(_unreadable(record) if is_closed(record) else ())))


def is_closed(record: Record) -> bool:
    """Whether the unreadable answers of a record need manual grading: their points are among the pending ones."""
    unreadable = _worth(_unreadable(record))
    return unreadable > 0 and record.pending_points > _worth(_certain(record)) + unreadable / 2


def closed(record: Record) -> Record:
    """Return the record with the points of its unreadable answers pending; a closed one is returned as it is."""
    unreadable = _unreadable(record)
    if is_closed(record) or not _worth(unreadable):
        return record
    parts = tuple(
        {**part, "message": f"{part['message'] or ''} {_SAID}".strip()} if part in unreadable else part
        for part in record.parts
    )
    return replace(record, parts=parts, pending_points=round(record.pending_points + _worth(unreadable), 6))


def _certain(record: Record) -> list[Mapping[str, Any]]:
    return [part for part in record.parts if part["status"] in WAITING]


def _unreadable(record: Record) -> list[Mapping[str, Any]]:
    return [part for part in record.parts if part["status"] == UNREADABLE]


def _worth(parts: list[Mapping[str, Any]]) -> float:
    return float(sum(part["max_score"] for part in parts))


def close_unreadable(store: Store, course: Course, moment: datetime) -> int:
    """Close every record whose due date, extensions and grace counted, is past; return how many were open.

    Parameters
    ----------
    store : Store
        Holds the records.
    course : Course
        Gives due dates.  An assignment without one never closes.
    moment : datetime
        The time of the run.
    """
    assignments = {assignment.name: assignment for assignment in course.assignments}
    count = 0
    for record in store.records(holding=f'"{UNREADABLE}"'):
        assignment = assignments.get(record.assignment)
        late = (
            None
            if assignment is None
            else assignment.days_late(record.student, moment, course.late_for(assignment.name))
        )
        after = closed(record)
        if late and after is not record:
            store.revise(after)
            count += 1
    return count
