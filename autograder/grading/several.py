"""Of several files for one exercise, which one counts, and what the record says of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autograder.statuses import UNSTARTED
from autograder.store.records import Record, for_students
from autograder.store.stored import Stored


def settles(record: Record) -> bool:
    """Whether no other file needs a look: something of the student's is begun, or the grader failed."""
    begun = any(part["kind"] != "manual" and part["status"] not in UNSTARTED for part in record.parts)
    return record.status == "grader_error" or (record.status == "graded" and begun)


def fails_to_load(record: Record) -> bool:
    """Whether a file could not be read, or a part of it not be loaded."""
    return record.status == "rejected" or any(
        part["status"] == "load_error" for part in record.parts if part["kind"] != "manual"
    )


def with_notes(stored: Stored, notes: Sequence[str]) -> Stored:
    """Return a verdict with notes added, in the record and next to it."""
    every = tuple(dict.fromkeys((*stored.notes, *notes)))
    message = for_students(every) if stored.record.status == "graded" else stored.record.message
    return replace(stored, record=replace(stored.record, message=message, notes=every), notes=every)
