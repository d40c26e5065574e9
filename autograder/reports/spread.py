"""How numbers are spread: mean, quartiles, standard deviation and ends."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, quantiles, stdev

from autograder.plain import dataclass


@dataclass(frozen=True)
class Spread:
    """A summary of numbers; None where there are too few to say.

    Attributes
    ----------
    count : int
        How many numbers.
    mean, median : float or None
        None without numbers.
    low, high : float or None
        Quartiles, between two numbers by linear interpolation.
    deviation : float or None
        Standard deviation with divisor n - 1; None for fewer than two numbers.
    least, most : float or None
        The ends.
    """

    count: int = 0
    mean: float | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    deviation: float | None = None
    least: float | None = None
    most: float | None = None

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Summarise numbers."""
        if not values:
            return cls()
        low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [values[0]] * 3
        deviation = stdev(values) if len(values) > 1 else None
        return cls(len(values), fmean(values), middle, low, high, deviation, min(values), max(values))
