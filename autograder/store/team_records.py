"""A team's verdict for each of its members."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from autograder.intake.discovery import Submission
from autograder.store.store import Store


def share_verdicts(store: Store, submissions: Iterable[Submission]) -> int:
    """Give every member of a team the verdict on the team's submission; return how many records were written.

    A record that is there and the same is left alone, so that a second run writes nothing.
    """
    count = 0
    for one in submissions:
        found = store.get(one.student, one.exercise) if len(one.members) > 1 else None
        if found is None:
            continue
        stored, files = found
        blobs = [(name, store.blob(sha256) or b"") for name, sha256 in files]
        for member in one.members:
            if member == one.student:
                continue
            wanted = replace(stored, record=replace(stored.record, student=member))
            there = store.get(member, one.exercise)
            if there is None or replace(there[0], graded=None) != replace(wanted, graded=None):
                store.save([(wanted, blobs)])
                count += 1
    return count
