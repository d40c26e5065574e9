"""The points rule of a function part and what it means in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.model import Check, PartStatus, Verdict


@dataclass(frozen=True, eq=False)
class Judged:
    """One check and its verdict; None where it was skipped."""

    check: Check
    verdict: Verdict | None

    @property
    def ok(self) -> bool:
        """Whether the check passed."""
        return self.verdict is not None and self.verdict.ok


def fraction(judged: Sequence[Judged]) -> float:
    """Return which share of a part's points its checks earn.

    All value checks pass: 0.5 + 0.5 * share of the other checks (by name) that pass; 1 if there are no others.  A value
    check fails: 0.25 if the exact cases pass and so do at least half of the hidden random cases, else 0.
    """
    value = [one for one in judged if one.check.group == "value"]
    if not value:
        return 0.0
    if all(one.ok for one in value):
        names = {one.check.name for one in judged if one.check.group != "value"}
        if not names:
            return 1.0
        lost = {one.check.name for one in judged if one.check.group != "value" and not one.ok}
        return 0.5 + 0.5 * (len(names) - len(lost)) / len(names)
    exact = [one for one in value if one.check.name == "hand"]
    drawn = [one.verdict for one in value if one.check.name == "rand" and one.verdict is not None]
    passed, total = sum(v.passed for v in drawn), sum(v.total for v in drawn)
    return 0.25 if exact and all(one.ok for one in exact) and total and 2 * passed >= total else 0.0


def points(judged: Sequence[Judged], worth: float) -> float:
    """Return the points of a part that is worth ``worth``, rounded down to a quarter point."""
    share = fraction(judged)
    # the added epsilon keeps 0.5 * 3 / 3 of 4 points from falling to the next lower quarter
    return worth if share == 1.0 else math.floor(share * worth * 4 + 1e-9) / 4


def status(judged: Sequence[Judged]) -> PartStatus:
    """Return the status of a part: the first abnormal value call decides what kind of wrong it is."""
    if judged and all(one.ok for one in judged):
        return "correct"
    value = [one for one in judged if one.check.group == "value"]
    if all(one.ok for one in value):
        return "partial"
    for one in value:
        failure = one.verdict.failure if one.verdict is not None else None
        if failure is not None and failure.abnormal is not None:
            return failure.abnormal
    return "wrong"
