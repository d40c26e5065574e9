"""The points rule of a function part and what it means in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from autograder.model import Check, Verdict
from autograder.plain import dataclass
from autograder.statuses import PartStatus

VALUES = 0.5
"""Of a part at least, for its values: the other checks share what is left."""

REFUSALS = 0.05
"""Of a part, for all refusals together."""

ALONE = 0.25
"""Of a part at most, for one check outside of the values: a slip of contract leaves right values three quarters."""

CORNER = 0.125
"""Of a part at most, for one numerical corner that is not what the part is about."""

FORM = 0.25
"""Of all that a part earns, lost where the numbers are right but in another container or dtype than was asked for."""


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

    @property
    def by_form(self) -> bool:
        """Whether the check fails by the container or the dtype alone: the numbers are right."""
        failure = None if self.verdict is None else self.verdict.failure
        return failure is not None and failure.form

    @property
    def of_values(self) -> bool:
        """Whether the check speaks for the values: a value check, or a large case that returned a wrong value."""
        return self.check.group == "value" or self.wrong_at_scale

    @property
    def wrong_at_scale(self) -> bool:
        """Whether a scaling check that compares values saw a wrong one: a fault of the value, not of speed.

        A list that is too long to be looked at is not a wrong value: where arrays are asked for, it is another form.
        """
        check, failure = self.check, None if self.verdict is None else self.verdict.failure
        compares = check.group == "scaling" and check.needs_reference and check.role != "corner"
        return compares and failure is not None and not failure.form and failure.abnormal in (None, "bad_output")


def shares(checks: Sequence[Check], *, about: bool = False) -> Mapping[str, float]:
    """Return the share of a part that each check outside of the values holds, by name; the values hold the rest.

    Parameters
    ----------
    checks : sequence of Check
        Those of one part, public and hidden.
    about : bool
        Whether a corner or accuracy is what the part is about: then a corner may cost as much as any other check.
    """
    named: dict[str, set[str]] = {}
    for check in checks:
        if check.group != "value":
            named.setdefault(check.counts_as or check.name, set()).add(check.role)
    refusals = [name for name, roles in named.items() if roles == {"refusal"}]
    corners = [name for name, roles in named.items() if "corner" in roles and not about]
    others = [name for name in named if name not in refusals and name not in corners]
    left = 1 - VALUES - (REFUSALS if refusals else 0.0)
    a_corner = min(CORNER, left / (len(corners) + len(others))) if corners else 0.0
    an_other = min(ALONE, (left - a_corner * len(corners)) / len(others)) if others else 0.0
    each = dict.fromkeys(refusals, REFUSALS / max(len(refusals), 1))
    return each | dict.fromkeys(corners, a_corner) | dict.fromkeys(others, an_other)


def fraction(judged: Sequence[Judged], plain: Iterable[Verdict], *, about: bool = False) -> float:
    """Return which share of a part's points its checks earn.

    Every value check passes: the share of the values, and the shares of the other checks that pass.  Else a quarter, if
    the exact cases and at least half of the drawn ones pass, or nothing.

    Parameters
    ----------
    judged : sequence of Judged
        The checks of one part.
    plain : iterable of Verdict
        Those on draws that are the same for everyone: they decide on the quarter where there are any.  A count of cases
        that differ from student to student would give the same wrong code a quarter here and nothing there.  They are
        looked at only where a value is wrong.
    about : bool
        Whether a corner or accuracy is what the part is about.
    """
    judged = [one for one in judged if not one.left_out]
    value = [one for one in judged if one.of_values]
    if not any(one.check.group == "value" for one in value):
        return 0.0
    if not all(one.ok for one in value):
        return 0.25 if _half_right(value, plain) else 0.0
    held = shares([one.check for one in judged], about=about)
    lost = {one.check.counts_as or one.check.name for one in judged if not one.ok}
    return 1.0 if not lost else 1.0 - sum(share for name, share in held.items() if name in lost)


def values_hold(judged: Sequence[Judged]) -> bool:
    """Whether there are value checks and all of them pass, or would in another container or dtype."""
    value = [one for one in judged if one.of_values and not one.left_out]
    return bool(value) and all(one.ok or one.by_form for one in value)


def _half_right(value: Sequence[Judged], plain: Iterable[Verdict]) -> bool:
    """Whether the exact cases pass and so do at least half of the drawn ones; False where there are none of either."""
    exact = [one for one in value if one.check.role == "exact"]
    drawn = list(plain) or [one.verdict for one in value if one.check.role == "drawn" and one.verdict is not None]
    passed, total = sum(v.passed for v in drawn), sum(v.total for v in drawn)
    return bool(exact) and all(one.ok for one in exact) and total > 0 and 2 * passed >= total


def awarded_points(share: float, worth: float) -> float:
    """Return the points of a part that is worth ``worth``, rounded half up to a hundredth and never more than that."""
    return worth if share == 1.0 else min(math.floor(share * worth * 100 + 0.5 + 1e-9) / 100, worth)


def status(judged: Sequence[Judged]) -> PartStatus:
    """Return the status of a part: the first abnormal value call decides what kind of wrong it is."""
    if any(one.left_out and one.check.group == "value" for one in judged):
        return "undecided"
    judged = [one for one in judged if not one.left_out]
    if judged and all(one.ok for one in judged):
        return "correct"
    value = [one for one in judged if one.of_values]
    if all(one.ok for one in value):
        return "partial"
    for one in value:
        failure = one.verdict.failure if one.verdict is not None else None
        if failure is not None and failure.abnormal is not None:
            return failure.abnormal
    return "wrong"
