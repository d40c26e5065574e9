"""Item analysis: how hard each part is, how well it separates, how consistent an assignment is."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, quantiles, stdev

import numpy as np

from autograder.plain import dataclass

FEW = 10
"""With fewer students these figures say nothing."""

_TAIL = 0.27  # Kelley (1939): upper and lower 27 percent separate best for normal scores


@dataclass(frozen=True)
class PartFigures:
    """One part's figures.

    Attributes
    ----------
    exercise, part : str
        Which.
    difficulty : float
        Mean share of the points, 0 (no student) to 1 (every student).
    discrimination : float or None
        Mean share among the best 27 percent by total less that among the last 27 percent.
    correlation : float or None
        Pearson's, of the part's points with the points of all other parts; None where either is constant.
    says : str
        A plain sentence.
    """

    exercise: str
    part: str
    difficulty: float
    discrimination: float | None
    correlation: float | None
    says: str


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


def analyse(
    names: Sequence[tuple[str, str]], points: np.ndarray, worth: np.ndarray
) -> tuple[list[PartFigures], float | None]:
    """Return the items' figures and Cronbach's alpha.

    Parameters
    ----------
    names : sequence of (str, str)
        Exercise and part of each column.
    points : ndarray, shape (students, parts), float64
        Points reached.
    worth : ndarray, shape (parts,), float64
        Points that can be reached, positive.
    """
    items: list[PartFigures] = []
    total = points.sum(axis=1)
    tail = max(1, round(_TAIL * len(total)))
    best, last = _lowest(-total, tail), _lowest(total, tail)
    for column, (exercise, part) in enumerate(names):
        share = points[:, column] / worth[column]
        separated = None
        if len(total) >= FEW:
            separated = float((best - last) @ share)
        correlation = pearson(points[:, column], total - points[:, column])
        difficulty = float(share.mean()) if len(share) else 0.0
        says = _item_says(difficulty, correlation, len(total))
        items.append(PartFigures(exercise, part, difficulty, separated, correlation, says))
    return items, cronbach(points)


def _lowest(values: np.ndarray, count: int) -> np.ndarray:
    """Return weights, of sum 1, of the lowest values; ties at the border share what is left, so order means nothing."""
    if not len(values):
        return np.zeros(0)
    border = np.sort(values)[count - 1]
    # sums of the same points differ in their last digits
    below, at = values < border - 1e-9, abs(values - border) <= 1e-9
    weights: np.ndarray = (below + at * (count - below.sum()) / at.sum()) / count
    return weights


def pearson(a: np.ndarray, b: np.ndarray) -> float | None:
    """Return the correlation of two vectors of one length, or None if either is constant or shorter than 2."""
    if len(a) < 2:
        return None
    da, db = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((da @ da) * (db @ db)))
    return float(np.clip(da @ db / scale, -1.0, 1.0)) if scale > 1e-12 else None


def cronbach(points: np.ndarray) -> float | None:
    """Return Cronbach's alpha, ``k/(k-1) (1 - sum of variances / variance of the sum)``, both with ddof=1.

    None with fewer than two students or parts, or if all totals are equal.
    """
    students, parts = points.shape
    if students < 2 or parts < 2:
        return None
    whole = float(points.sum(axis=1).var(ddof=1))
    if whole <= 1e-12:
        return None
    return float(parts / (parts - 1) * (1.0 - points.var(axis=0, ddof=1).sum() / whole))


def alpha_says(alpha: float | None, students: int) -> str:
    """Say in a sentence what alpha means for this assignment."""
    if alpha is None:
        return "There is too little variation, or too few students or parts, to say how consistent the parts are."
    if students < FEW:
        return f"With {students} students this figure says little."
    if alpha >= 0.9:
        return "The parts agree closely: the total is reliable, and some parts may measure the same thing twice."
    if alpha >= 0.7:
        return "The parts agree well enough for the total to be taken as one measure."
    if alpha >= 0.5:
        return "The parts agree only loosely: read the total with care, and look at the parts below 0.2."
    return "The parts hardly agree: the total mixes different abilities, or some parts do not measure what they should."


def _item_says(difficulty: float, correlation: float | None, students: int) -> str:
    if students < FEW:
        return "Too few students to say."
    if difficulty >= 0.95:
        return "Nearly everyone has it right, so it does not discriminate."
    if difficulty <= 0.05:
        return "Hardly anyone has it: look at the wording and at what comes before."
    if correlation is None:
        return "Everyone has the same points."
    if correlation < 0:
        return "Stronger students do worse on this item: look at the wording and the checks."
    if correlation < 0.2:
        return "Says little about the other parts."
    return "Separates well." if correlation >= 0.4 else "Separates to a degree."
