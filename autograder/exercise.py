"""What an author declares: an exercise with its parts, and the hidden half of each part.

An *exercise* (a folder below ``exercises/``) holds one :class:`Exercise` with several :class:`Part`.  Declarations
check themselves when they are made: a slip of the author is an error with its line, never a fault of a student or of
the grader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, field, replace
from keyword import iskeyword

from autograder.declared import Declared, twice
from autograder.errors import CourseError
from autograder.model import Check, Memory, PartKind, Value
from autograder.plain import dataclass


@dataclass(frozen=True, eq=False)
class Misconception(Declared):
    """A wrong implementation with a hint: proves that the checks catch it, and names it in a student's outputs.

    ``id`` is the place of the part and a letter (``2a``), given on loading if it is empty.
    ``wrong`` has the signature of the part.  ``hint`` asks a question or names a test; it never states the formula.
    """

    id: str
    title: str
    wrong: Callable[..., Value]
    hint: str
    FILLED = ("title", "hint")
    ONE_LINE = ("title",)


@dataclass(frozen=True, eq=False)
class Alternative(Declared):
    """A legitimate other way to the same answer, which must get full marks."""

    title: str
    right: Callable[..., Value]
    FILLED = ("title",)


@dataclass(frozen=True)
class Criterion(Declared):
    """One line of the rubric of a part that a person marks: what earns these points.

    ``name`` is a short word by which marks keep it; with another name it is another criterion.
    """

    name: str
    points: float
    title: str

    def __post_init__(self) -> None:
        """Refuse a name that no column can have, and points below 0."""
        super().__post_init__()
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", self.name):
            raise CourseError(
                f"Criterion {self.name!r}: name: allowed: lower-case letters, digits and _, a letter first"
            )
        if not 0 < self.points < float("inf"):
            raise CourseError(f"Criterion {self.name!r}: points: given {self.points!r}; allowed: a number above 0")


@dataclass(frozen=True, eq=False)
class Borderline(Declared):
    """An answer by the right formula that is short of accuracy: it gets the same marks in every variant."""

    title: str
    answer: Callable[..., Value]
    FILLED = ("title",)


LEAST = 0.01
"""Points are rounded to this, once per part."""


@dataclass(frozen=True, eq=False)
class Part(Declared):
    """One question of an exercise: what a student may know of it.  Written in ``checks.py``, ships.

    ``number`` seeds the random cases; without one it is the exercise's, a point and the part's place (``E01.3``).
    ``hints`` go from general to specific.  ``criteria`` are the rubric of a part that a person marks; their points
    add up to the part's.  ``about`` names the numerical corner or the accuracy that the part is about,
    in words of the first sentence of its statement; without it a corner costs at most an eighth.
    """

    name: str
    _: KW_ONLY
    points: float
    number: str = ""
    kind: PartKind = "function"
    summary: str = ""
    checks: tuple[Check, ...] = ()
    hints: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    about: str = ""
    ONE_LINE = ("number", "summary")

    def __post_init__(self) -> None:
        """Refuse what no part can be."""
        super().__post_init__()
        if not self.name.isidentifier() or iskeyword(self.name):
            raise CourseError(f"Part {self.name!r}: name: allowed: the name of a function")
        if not 0 < self.points < float("inf"):
            raise CourseError(f"Part {self.name!r}: points: given {self.points!r}; allowed: a number above 0")
        if self.points < LEAST:
            raise CourseError(
                f"Part {self.name!r}: points: given {self.points!r}; allowed: from {LEAST}, a rounded point"
            )
        if self.kind != "function" and self.checks:
            raise CourseError(f"Part {self.name!r}: a {self.kind} part is not judged by checks; take them out")
        object.__setattr__(self, "checks", _in_order(self.checks))  # the only way to set a field of a frozen dataclass
        _unique(f"Part {self.name!r}: two public checks are called", _counted(self.checks))
        if self.criteria and self.kind != "manual":
            raise CourseError(
                f"Part {self.name!r}: criteria: a {self.kind} part is marked by the grader; take them out"
            )
        _unique(f"Part {self.name!r}: two criteria are called", (one.name for one in self.criteria))
        together = sum(one.points for one in self.criteria)
        if self.criteria and abs(together - self.points) > 1e-9:
            said = f"add up to {together:g}; allowed: {self.points:g}, the points of the part"
            raise CourseError(f"Part {self.name!r}: criteria: {said}")

    def rubric(self, worth: float) -> tuple[dict[str, str | float], ...]:
        """Return the criteria as records hold them, their points scaled to what the part is worth in a course."""
        scale = worth / self.points
        return tuple({"name": o.name, "points": round(o.points * scale, 6), "title": o.title} for o in self.criteria)


@dataclass(frozen=True, eq=False)
class Exercise(Declared):
    """One exercise's public half, the value of ``EXERCISE`` in ``checks.py``."""

    name: str
    _: KW_ONLY
    number: str
    title: str
    difficulty: int
    minutes: int
    parts: tuple[Part, ...]
    probes: Mapping[str, Callable[..., Value]] = field(default_factory=dict)
    problem: str = ""
    """Not read; exercises written for version 0.1 give it."""
    given: tuple[str, ...] = ()
    """What the released half gives away of the hidden half on purpose: formulas, code, titles of hidden checks."""
    memory: Memory = Memory()
    """Of the course that has the exercise, filled in when it is loaded."""
    FILLED = ("number", "title")
    ONE_LINE = ("number", "title")

    def __post_init__(self) -> None:
        """Number the parts that have no number, and refuse invalid fields."""
        super().__post_init__()
        named = ((part, part.number or f"{self.number}.{i}") for i, part in enumerate(self.parts, 1))
        parts = tuple(part if part.number else replace(part, number=number) for part, number in named)
        object.__setattr__(self, "parts", parts)  # the only way to fill in a field of a frozen dataclass
        what = f"Exercise {self.name!r}"
        if not 1 <= self.difficulty <= 5:
            raise CourseError(f"{what}: difficulty: given {self.difficulty}; allowed: 1 to 5")
        if self.minutes <= 0:
            raise CourseError(f"{what}: minutes: given {self.minutes}; allowed: a number above 0")
        if not parts:
            raise CourseError(f"{what}: parts: there is none; give at least one Part")
        _unique(f"{what}: two parts are called", (part.name for part in parts))
        _unique(f"{what}: two parts (their numbers seed the hidden inputs) have the number", (p.number for p in parts))

    @property
    def points(self) -> float:
        """Points of all parts, examined or not."""
        return sum(part.points for part in self.parts)

    def part(self, name: str) -> Part:
        """Return the part of that name.

        Raises
        ------
        CourseError
            If there is none.
        """
        for part in self.parts:
            if part.name == name:
                return part
        raise CourseError(f"{self.name}: no part {name!r}; its parts are {', '.join(p.name for p in self.parts)}")


@dataclass(frozen=True, eq=False)
class Hidden(Declared):
    """The hidden half of a function part, written in ``grading.py``; never ships.

    That of a symbolic part is a :class:`autograder.symbolic.Question`.

    Attributes
    ----------
    part : str
        Name of the part.
    reference : callable
        Takes the arguments of the part and returns the right value.
    checks : tuple of Check
        The hidden checks.
    misconceptions, alternatives, borderlines : tuple
        What must be caught, what must pass, and what must get the same marks in every variant; those that are
        registered where they are written follow.
    """

    part: str
    reference: Callable[..., Value]
    checks: tuple[Check, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    borderlines: tuple[Borderline, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a question as the reference, and two of one name."""
        if type(self.reference).__name__ == "Question":  # of a package above this one
            told = f"write {self.part.upper()} = Question(id={self.part!r}, ...) by itself"
            raise CourseError(
                f"Hidden {self.part!r}: reference: given a Question; a symbolic part has no Hidden: {told}"
            )
        super().__post_init__()
        object.__setattr__(self, "checks", _in_order(self.checks))
        _unique("Hidden: two hidden checks are called", _counted(self.checks))
        values = {check.name for check in self.checks if check.group == "value"}
        for name in (name for name in _counted(self.checks) if name in values):
            raise CourseError(f"Hidden: a value check and another one are called {name!r}; rename one")
        _unique("Hidden: two misconceptions have the id", (one.id for one in self.misconceptions if one.id))
        _unique("Hidden: two misconceptions have the title", (one.title for one in self.misconceptions))
        _unique("Hidden: two alternatives have the title", (one.title for one in self.alternatives))
        _unique("Hidden: two borderline answers have the title", (one.title for one in self.borderlines))


def _in_order(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Return the checks in the order in which they are asked and told: refusals after the mathematics."""
    return tuple(sorted(checks, key=lambda check: check.role == "refusal"))


def _counted(checks: Sequence[Check]) -> Iterator[str]:
    """Yield the names by which the points rule tells checks apart; value checks count all together."""
    return (check.name for check in checks if check.group != "value")


def _unique(what: str, names: Iterable[str]) -> None:
    name = twice(names)
    if name is not None:
        raise CourseError(f"{what} {name!r}")
