"""Which of a student's files answers which exercise."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from enum import IntEnum
from functools import cached_property

from autograder.course.exercises import HANDED_OUT
from autograder.course.model import Attempts, Course
from autograder.intake.areas import Area, CourseNames, UploadedItem
from autograder.intake.contents import Answered, AskedFunctions
from autograder.intake.files import cap_for, path_text
from autograder.intake.names import (
    CHECKPOINTS,
    RELEASED,
    copied_from,
    exercise_in,
    exercise_within,
    in_order,
    plain_stem,
    split_suffix,
)
from autograder.intake.source import Rejected
from autograder.intake.unusable import CODE, is_archive, names_exercise, why_unusable
from autograder.plain import dataclass

TIMESTAMP = "timestamp.txt"
_WRITTEN = frozenset({".md", ".png"})
_NO_CODE = "is neither a notebook (.ipynb) nor a .py, and no such file was found; hand in one of them"
_CHECKPOINT = "is a copy that Jupyter keeps for itself; hand in the notebook that it was made of"
_LOOKED_INTO = 50
"""Files of one student, with names that say nothing, whose contents are looked at."""


class Claim(IntEnum):
    """Why a file is taken for an exercise; among files in which something is begun the highest claim counts.

    Claims below :attr:`STRAY` are made from a file's contents or from part of its name.  A file named after one
    exercise can get one for a second exercise too, if that one has no file of its own.
    """

    ASKED = 1
    """Nothing says what it answers, and the command line asks for one exercise."""
    WITHIN = 2
    """The exercise's name is part of its name: ``ella-NAME.ipynb``."""
    FUNCTIONS = 3
    """It defines functions of the exercise."""
    CELLS = 4
    """Its cells have the exercise's ``grade_id``s."""
    STRAY = 5
    """It has the exercise's name, in the folder of another assignment."""
    NAMED = 6
    """It has the exercise's name, or that of a copy."""


@dataclass(frozen=True)
class GradingScope:
    """What is asked for: exercises by assignment; ``explicit`` if the command line names assignment or exercise."""

    exercises: Mapping[str, tuple[str, ...]]
    explicit: bool
    course: Course
    words: CourseNames

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All exercises that are asked for."""
        return tuple(name for names in self.exercises.values() for name in names)

    @cached_property
    def vocabulary(self) -> AskedFunctions:
        """The functions of all exercises of the course."""
        return AskedFunctions.of(self.course, self.names)

    def home(self, exercise: str) -> str:
        """Return the assignment of an exercise."""
        return self.course.assignment_of(exercise).name


@dataclass(frozen=True)
class Candidate:
    """A file that may answer an exercise."""

    item: UploadedItem
    claim: Claim
    depth: int = 0
    inside: bool = True
    copy: int = 0

    @property
    def suffix(self) -> str:
        """How to read it."""
        return split_suffix(self.item.below[-1])[1]

    def rank(self, policy: Attempts) -> tuple[object, ...]:
        """Return what candidates are compared by; of those in which something is begun the largest counts.

        Uploads of a later attempt come first (or last, as the course says), then better claims, files that are not
        packed, near the top, in the assignment's own folder, notebooks, later copies.  The path makes it an order that
        no archive's own order changes.
        """
        item = self.item
        order = -item.order if policy == "first" else item.order
        place = (not item.packed, -self.depth, self.inside)
        return (
            order,
            self.claim,
            *place,
            self.suffix == ".ipynb",
            self.copy,
            in_order(item.leaf.parts),
            item.leaf.parts,
        )

    @property
    def note(self) -> str | None:
        """What to say if another name than the exercise's own was taken for it."""
        plain = self.claim is Claim.NAMED and not self.depth and (self.copy == 0 or self.item.order > 0)
        return None if plain else path_text(self.item.below)


@dataclass
class Answering:
    """One student's files, sorted by the exercises that they answer.

    Attributes
    ----------
    candidates : dict
        By exercise, in no order.
    written : dict
        Texts and figures next to a ``.py``, by exercise.
    stamps : dict
        nbgrader's times of submission, by the assignment in whose folder they are.
    left : list of UploadedItem
        Code of which nothing says what it answers.
    unusable : list of (UploadedItem, str)
        Files that may hold answers and cannot be read, with the reason.
    other : list of UploadedItem
        Files that do not look like answers: tables, pictures, texts.
    checkpoints : list of UploadedItem
        Jupyter's own copies of notebooks.
    folders : set of str
        Assignments of which there is a folder.
    elsewhere : bool
        Whether there is something for exercises that are not asked for.
    """

    area: Area
    scope: GradingScope
    candidates: dict[str, list[Candidate]] = field(default_factory=dict)
    written: dict[str, list[UploadedItem]] = field(default_factory=dict)
    stamps: dict[str | None, UploadedItem] = field(default_factory=dict)
    left: list[UploadedItem] = field(default_factory=list)
    unusable: list[tuple[UploadedItem, str]] = field(default_factory=list)
    other: list[UploadedItem] = field(default_factory=list)
    checkpoints: list[UploadedItem] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    elsewhere: bool = False

    def __post_init__(self) -> None:
        for item in sorted(self.area.items, key=lambda one: one.leaf.parts):
            self._sort(item)
        self._look_inside()
        self._look_for_more()
        self._adopt()

    @property
    def assignments(self) -> tuple[str, ...]:
        """The assignments, among those asked for, that the student handed something in for."""
        home = {self.scope.home(name) for name in self.candidates}
        return tuple(name for name in self.scope.exercises if name in self.folders | home)

    def inside(self, item: UploadedItem) -> str | None:
        """Return the assignment in whose folder a file is, or None."""
        return next((part for part in item.below[:-1] if part in self.scope.words.assignments), None)

    def _sort(self, item: UploadedItem) -> None:
        leaf = item.leaf
        if leaf.kind == "folder" and len(item.below) == 1 and leaf.name in self.scope.words.assignments:
            self.folders.add(leaf.name)
            self.elsewhere |= leaf.name not in self.scope.exercises
            return
        if CHECKPOINTS in item.below:
            if leaf.kind != "folder":
                self.checkpoints.append(item)
            return
        stem, suffix = split_suffix(item.below[-1])
        inside = self.inside(item)
        if leaf.name == TIMESTAMP and len(item.below) == (2 if inside else 1):
            self.stamps[inside] = item
            return
        found = exercise_in(stem, self.scope.words.exercises)
        if suffix in CODE and found is not None:
            self._claim_by_name(item, *found, inside)
        elif suffix in _WRITTEN and found is not None and found[1] == 0 and leaf.kind == "file":
            self.written.setdefault(found[0], []).append(item)
        elif leaf.kind == "folder" or self._is_released(item):
            return
        elif suffix in CODE:
            self.left.append(item)
        elif reason := why_unusable(leaf.name):
            self.unusable.append((item, reason))
            plain = plain_stem(split_suffix(stem)[0] if suffix == ".gz" else stem)[0]
            if plain in self.scope.exercises:  # ps1.rar
                self.folders.add(plain)
        elif leaf.kind == "file":
            self.other.append(item)

    def _claim_by_name(self, item: UploadedItem, exercise: str, copy: int, inside: str | None) -> None:
        if exercise not in self.scope.names:
            self.elsewhere = True
            return
        stray = inside is not None and inside != self.scope.home(exercise)
        claim = Claim.STRAY if stray else Claim.NAMED
        depth = len(item.below) - 1 - (inside is not None)
        self._take(exercise, Candidate(item, claim, depth, inside is not None and not stray, copy))

    def _take(self, exercise: str, candidate: Candidate) -> None:
        self.candidates.setdefault(exercise, []).append(candidate)

    def _is_released(self, item: UploadedItem) -> bool:
        """Whether a file is one that the release itself put next to the stub."""
        above = item.below[-3:-1]
        own = len(above) == 2 and above[0] in ("exercises", HANDED_OUT) and above[1] in self.scope.words.exercises
        return own and item.below[-1] in RELEASED

    # --- by contents ---

    def _look_inside(self) -> None:
        """Take files whose names say nothing for the exercises that their contents answer."""
        seen = [(item, self._answers(item)) for item in self.left[:_LOOKED_INTO]]
        rest = self.left[_LOOKED_INTO:]
        for item, answers in seen:
            if answers.cells:
                self._claim(item, answers.cells, Claim.CELLS)
            elif answers.largely:
                self._claim(item, answers.largely, Claim.FUNCTIONS)
            elif within := exercise_within(split_suffix(item.below[-1])[0], self.scope.words.exercises):
                self._claim(item, {within}, Claim.WITHIN)
            else:
                rest.append(item)
        self.left = rest
        if not self.candidates:  # a few functions are a beginning here, and not the helpers of another exercise
            for item, answers in seen:
                if item in rest and answers.functions:
                    self._claim(item, answers.most, Claim.FUNCTIONS)
                    self.left.remove(item)

    def _claim(self, item: UploadedItem, exercises: Collection[str], claim: Claim) -> None:
        for exercise in sorted(exercises):
            if exercise in self.scope.names:
                self._take(exercise, self._by_contents(item, claim))
            else:
                self.elsewhere = True

    def _by_contents(self, item: UploadedItem, claim: Claim) -> Candidate:
        inside = self.inside(item) is not None
        copy = plain_stem(split_suffix(item.below[-1])[0])[1]
        return Candidate(item, claim, len(item.below) - 1 - inside, inside, copy)

    def _answers(self, item: UploadedItem) -> Answered:
        data = _read(item)
        return Answered() if data is None else self.scope.vocabulary.answers(data)

    def _look_for_more(self) -> None:
        """Where an exercise has no file of its own, see whether a file of another one answers it as well."""
        lacking = [name for name in self.scope.names if name not in self.candidates]
        here = {one.item: one for found in self.candidates.values() for one in found if one.claim is Claim.NAMED}
        homes = {self.scope.home(name) for name in self.candidates}
        lacking = [name for name in lacking if self.scope.home(name) in homes]
        if not lacking:
            return
        for item in here:
            data = _read(item)
            if data is None or not self.scope.vocabulary.speaks_of(data, lacking):
                continue
            answers = self.scope.vocabulary.answers(data)
            self._claim(item, answers.largely.intersection(lacking), Claim.FUNCTIONS)

    def _adopt(self) -> None:
        """Let files that say nothing count for the only exercise that the command line asks for."""
        if not self.scope.explicit or len(self.scope.names) != 1 or self.candidates or self.elsewhere:
            return
        if len({plain_stem(split_suffix(item.below[-1])[0])[0] for item in self.left}) != 1:
            return
        for item in self.left:
            self._take(self.scope.names[0], self._by_contents(item, Claim.ASKED))
        self.left = []

    # --- what is left over ---

    def reasons(self, exercise: str) -> list[tuple[UploadedItem | None, str]]:
        """Return why nothing counts for an exercise that has no file: files that may hold its answer, and problems.

        Where the student's other files are understood, a file that says nothing of the course is a helper; an archive,
        or a file that is named after this exercise, may still be the answer.
        """
        found: list[tuple[UploadedItem | None, str]] = [(None, problem) for problem in self.area.problems]
        home = self.scope.home(exercise)
        understood = any(self.scope.home(name) == home for name in self.candidates)
        for item, reason in self.unusable:
            named = names_exercise(item.leaf.name, self.scope.words.exercises)
            close = named == exercise or (named is None and is_archive(item.leaf.name))
            if self._belongs(item, home) and (close or (named is None and not understood)):
                found.append((item, f"{path_text(item.leaf.parts)}: {reason}"))
        for item in self.left:
            if self._belongs(item, home) and (not understood or item.leaf.problem is not None):
                found.append((item, f"{path_text(item.leaf.parts)}: {_unclear(item)}"))
        for item in self.checkpoints:
            copied = exercise_in(copied_from(item.leaf.name), self.scope.words.exercises)
            close = copied[0] == exercise if copied is not None else not understood
            if self._belongs(item, home) and close:
                found.append((item, f"{path_text(item.leaf.parts)}: {_CHECKPOINT}"))
        alone = [] if understood or found else [item for item in self.other if self._belongs(item, home)]
        alone = [
            item for item in alone if names_exercise(item.leaf.name, self.scope.words.exercises) in (None, exercise)
        ]
        found += [
            (item, f"{path_text(item.leaf.parts)}: {_NO_CODE}") for item in (*self.written.get(exercise, ()), *alone)
        ]
        return found

    def _belongs(self, item: UploadedItem, assignment: str) -> bool:
        inside = self.inside(item)
        return inside is None or inside == assignment

    def leftovers(self, assignment: str) -> list[tuple[UploadedItem, str]]:
        """Return each file that was not used for the assignment, whatever counts instead, and why."""
        files = [
            (item, "was not used: neither its name nor its contents match an exercise being graded")
            for item in self.left
        ] + self.unusable
        return [(item, why) for item, why in files if self._belongs(item, assignment)]

    def nothing(self) -> str:
        """Say why nothing of this student is graded."""
        if self.area.problems:
            return self.area.problems[0]
        if self.elsewhere:
            return "handed in other assignments only"
        if self.left:
            name = path_text(self.left[0].below)
            return f"{name} is not the name of an exercise; say with --exercise what it answers"
        for item, reason in (*self.unusable, *((item, _CHECKPOINT) for item in self.checkpoints)):
            return f"{path_text(item.below)} {reason}"
        return "no exercise of the course is in it"


def _unclear(item: UploadedItem) -> str:
    if item.leaf.problem is not None:
        return item.leaf.problem
    return "neither its name nor its contents say which exercise it answers; name it after the exercise"


def _read(item: UploadedItem) -> bytes | None:
    if item.leaf.kind != "file":
        return None
    try:
        return item.leaf.place.read(cap_for(split_suffix(item.below[-1])[1]))
    except Rejected:
        return None
