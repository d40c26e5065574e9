"""The points rule of a function part and what it means in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.model import Check, PartStatus, Verdict


@dataclass(frozen=True, eq=False)
class Judged:
    """One check and its verdict; None where it was skipped.

    ``left_out``: the check's own code broke on values of the right form, so it neither earns nor costs anything.
    """

    check: Check
    verdict: Verdict | None
    left_out: bool = False

    @property
    def ok(self) -> bool:
        """Whether the check passed."""
        return self.verdict is not None and self.verdict.ok


_SHARES = {
    # (every value check passes, exact cases and half of the drawn ones pass): share for the values, for the others
    (True, True): (0.5, 0.5),
    (True, False): (0.5, 0.5),
    (False, True): (0.25, 0.0),
    (False, False): (0.0, 0.0),
}


def fraction(judged: Sequence[Judged]) -> float:
    """Return which share of a part's points its checks earn: a look-up in the table above.

    The share for the other checks is earned in proportion to those (by name) that pass, and whole if there are none.
    """
    judged = [one for one in judged if not one.left_out]
    value = [one for one in judged if one.check.group == "value"]
    if not value:
        return 0.0
    for_value, for_others = _SHARES[all(one.ok for one in value), _half_right(value)]
    named = [(one.check.counts_as or one.check.name, one.ok) for one in judged if one.check.group != "value"]
    others, lost = {name for name, _ in named}, {name for name, ok in named if not ok}
    return for_value + for_others * ((len(others) - len(lost)) / len(others) if others else 1.0)


def _half_right(value: Sequence[Judged]) -> bool:
    """Whether the exact cases pass and so do at least half of the drawn ones; False where there are none of either."""
    exact = [one for one in value if one.check.role == "exact"]
    drawn = [one.verdict for one in value if one.check.role == "drawn" and one.verdict is not None]
    passed, total = sum(v.passed for v in drawn), sum(v.total for v in drawn)
    return bool(exact) and all(one.ok for one in exact) and total > 0 and 2 * passed >= total


def points(judged: Sequence[Judged], worth: float) -> float:
    """Return the points of a part that is worth ``worth``, rounded down to a quarter point."""
    share = fraction(judged)
    # the added epsilon keeps 0.5 * 3 / 3 of 4 points from falling to the next lower quarter
    return worth if share == 1.0 else math.floor(share * worth * 4 + 1e-9) / 4


def status(judged: Sequence[Judged]) -> PartStatus:
    """Return the status of a part: the first abnormal value call decides what kind of wrong it is."""
    if any(one.left_out and one.check.group == "value" for one in judged):
        return "undecided"
    judged = [one for one in judged if not one.left_out]
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
