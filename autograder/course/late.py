"""Compute the penalty of a late submission, less a student's free late days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

from autograder.course.fields import Between, FromFile
from autograder.plain import dataclass


@dataclass(frozen=True)
class LatePolicy(FromFile):
    """What a late submission loses.

    Attributes
    ----------
    percent_per_day : float
        Percent of the reached points that every started day after the due date costs.
    max_days : int or None
        A submission later than this many days earns nothing; None: it goes on losing ``percent_per_day``.
    grace_minutes : float
        Minutes after the due date that still count as on time; every further day starts as much later.
    days_to_spend : int
        Late days that are free for each student over the whole course; the first ones are spent first.
    """

    percent_per_day: Annotated[float, Between(0, 100)] = 0.0
    max_days: Annotated[int, Between(0, 3650)] | None = None
    grace_minutes: Annotated[float, Between(0, 14400)] = 0.0
    days_to_spend: Annotated[int, Between(0, 3650)] = 0

    def days(self, after: timedelta) -> int:
        """Return the started days that a submission so long after the due date is late.

        The grace time counts for every day: it moves the start of each of them, not only of the first.
        """
        over = after - timedelta(minutes=self.grace_minutes)
        return max(0, -(-over // timedelta(days=1)))

    def fraction(self, days: int) -> float:
        """Return the share of the points, 0 to 1, that so many started days cost."""
        if self.max_days is not None and days > self.max_days:
            return 1.0
        return min(1.0, self.percent_per_day * days / 100.0)


@dataclass(frozen=True)
class Lateness:
    """How late an assignment is, and what that costs.

    Attributes
    ----------
    days : int or None
        Started days after the due date; None if either time is unknown.
    spent : int
        How many of them are free days of the student's.
    cost : float
        The share of the points, 0 to 1, that the others cost.
    """

    days: int | None = None
    spent: int = 0
    cost: float = 0.0

    @property
    def said(self) -> str:
        """What a student reads of it; nothing if there was none, or it is not known."""
        if not self.days:
            return ""
        free = (
            "" if not self.spent else f", {self.spent} of them free" if self.spent < self.days else ", all of them free"
        )
        late = f"handed in {self.days} started day{'s' if self.days != 1 else ''} late{free}"
        return f"{late}; that costs {100 * self.cost:g} percent" if self.cost or not self.spent else late


def spend(late: Iterable[tuple[int | None, LatePolicy]], free: int) -> list[Lateness]:
    """Return the lateness of assignments in their order, a student's free days spent on the first that they help.

    Free days are not spent where the submission would earn nothing all the same, or where lateness costs nothing.

    Parameters
    ----------
    late : iterable of (int or None, LatePolicy)
        Started days, and what they cost, by assignment.
    free : int
        How many free days there are.
    """
    found = []
    for days, policy in late:
        if days is None:
            found.append(Lateness())
            continue
        spent = min(days, free)
        if policy.fraction(days - spent) >= policy.fraction(days):
            spent = 0
        free -= spent
        found.append(Lateness(days, spent, policy.fraction(days - spent)))
    return found
