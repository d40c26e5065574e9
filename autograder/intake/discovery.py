"""Find submissions: one entry per student and exercise, whatever was handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.intake.class_layouts import CODE, LAYOUTS, Area, Item, Words, by_student, find_areas
from autograder.intake.files import Place, path_text
from autograder.intake.names import RELEASED, exercise_in, split_suffix
from autograder.intake.source import Rejected
from autograder.intake.tables import Received, Roster, nbgrader_time
from autograder.text import as_id

MAX_NOTES = 10
_WRITTEN = frozenset({".md", ".png"})
_TIMESTAMP = "timestamp.txt"
_NOTEBOOK_COUNTS = "both a .py and a .ipynb were submitted; the notebook counts"
_SCRIPT_COUNTS = "both a .py and a .ipynb were submitted; nothing is begun in the notebook, so the .py counts"


@dataclass(frozen=True)
class Handed:
    """A file: ``file`` is its printable path below PATH, ``suffix`` says how to read it."""

    file: str
    suffix: str
    place: Place


@dataclass(frozen=True)
class Submission:
    """What one student handed in for one exercise.

    Attributes
    ----------
    status : {"found", "missing", "rejected"}
        ``rejected`` here means that there is something, but no regular file; reading it may reject it later.
    handed : Handed or None
        The file that counts.
    attempts : tuple of Handed
        With ``attempts: best`` all that count, oldest first, ``handed`` among them; else just ``handed``.
    written : tuple of Handed
        ``<exercise>.md`` and ``.png`` beside a ``.py``.
    received, verified : datetime or None, bool
        Time of submission; not verified if it is from a file that the student can write.
    notes : tuple of str
        What the reader of the report should know.
    spare : Submission or None
        The ``.py`` beside a notebook, which counts if nothing is begun in the notebook: bundles hold both.
    """

    student: str
    assignment: str
    exercise: str
    status: Literal["found", "missing", "rejected"]
    message: str | None = None
    handed: Handed | None = None
    attempts: tuple[Handed, ...] = ()
    written: tuple[Handed, ...] = ()
    received: datetime | None = None
    verified: bool = False
    notes: tuple[str, ...] = ()
    spare: Submission | None = None

    @property
    def file(self) -> str | None:
        """Printable path of the file that counts, below PATH."""
        return self.handed.file if self.handed else None


@dataclass(frozen=True)
class Discovery:
    """All submissions, sorted by student, assignment and exercise; ``ignored`` and ``unknown`` are for the log.

    ``unknown`` lists students who are not on the roster; they are graded all the same.
    """

    submissions: tuple[Submission, ...]
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Submission]:
        return iter(self.submissions)

    def __len__(self) -> int:
        return len(self.submissions)


@dataclass(frozen=True)
class _Scope:
    """What is asked for: exercises by assignment; ``explicit`` if ``--assignment`` or ``--exercise`` says so."""

    exercises: Mapping[str, tuple[str, ...]]
    explicit: bool
    course: Course
    words: Words

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for names in self.exercises.values() for name in names)


def discover(
    path: Path,
    course: Course,
    assignment: str | None = None,
    exercise: str | None = None,
    *,
    roster: Roster | None = None,
    received: Received | None = None,
    apart: Path | None = None,
) -> Discovery:
    """Find every submission below ``path``.

    Parameters
    ----------
    path : Path
        A folder, a ``.zip`` or a single file, in one of the layouts of :data:`autograder.intake.class_layouts.LAYOUTS`.
    assignment, exercise : str, optional
        Look only for this assignment or exercise; needed where file names are the students'.
    roster : Roster, optional
        Its ids replace those of the learning management system, and everyone on it gets an entry.
    received : Received, optional
        Verified times of submission.
    apart : Path, optional
        The folder of the results, which is no student's should it lie in ``path``.

    Raises
    ------
    CourseError
        If nothing is found, or assignment, exercise or path are wrong.
    """
    scope = _scope(course, assignment, exercise)
    areas, ignored = find_areas(path, scope.words, apart)
    if roster is not None:
        renamed = {a.student: found for a in areas if (found := roster.find(a.student, a.lms)) is not None}
        areas = by_student(areas, renamed)
    sorted_areas = [_Sorted(area, scope) for area in areas]
    seen = {name for one in sorted_areas for name in one.assignments}
    single = next(iter(scope.exercises)) if len(scope.exercises) == 1 else None
    fallback = single or (next(iter(seen)) if len(seen) == 1 else None)
    submissions: list[Submission] = []
    handed_in: set[tuple[str, str]] = set()
    for one in sorted_areas:
        names = one.assignments or ((fallback,) if fallback and not one.elsewhere else ())
        if not names:
            ignored.append(f"{one.area.student}: {one.nothing()}")
        for name in names:
            handed_in.add((one.area.student, name))
            submissions += one.entries(name, received)
    if roster is not None:
        submissions += _absent(roster, scope, sorted(seen) or ([fallback] if fallback else []), handed_in)
    if not submissions:
        detail = "; ".join(ignored[:5])
        raise CourseError(f"{path}: no submission found{f' ({detail})' if detail else ''}; taken are {LAYOUTS}")
    unknown = () if roster is None else tuple(sorted({a.student for a in areas} - roster.ids))
    ordered = sorted(submissions, key=lambda s: (s.student, s.assignment, s.exercise))
    return Discovery(tuple(ordered), tuple(ignored), unknown)


def _scope(course: Course, assignment: str | None, exercise: str | None) -> _Scope:
    asked: dict[str, tuple[str, ...]]
    if exercise is not None:
        home = course.assignment_of(exercise)
        if assignment is not None and course.assignment(assignment).name != home.name:
            raise CourseError(f"--exercise {exercise} belongs to {home.name}, not to --assignment {assignment}")
        asked = {home.name: (exercise,)}
    elif assignment is not None:
        asked = {assignment: tuple(course.assignment(assignment).exercises)}
    else:
        asked = {a.name: tuple(a.exercises) for a in course.assignments}
    words = Words(frozenset(a.name for a in course.assignments), frozenset(course.exercises))
    return _Scope(asked, exercise is not None or assignment is not None, course, words)


def _absent(
    roster: Roster, scope: _Scope, assignments: list[str], handed_in: set[tuple[str, str]]
) -> Iterator[Submission]:
    for student in sorted(roster.ids):
        for assignment in assignments:
            if (student, assignment) not in handed_in:
                for exercise in scope.exercises[assignment]:
                    yield Submission(student, assignment, exercise, "missing", "nothing was submitted")


@dataclass(frozen=True)
class _Candidate:
    """A file that may answer an exercise; the smallest rank counts."""

    rank: tuple[int, ...]
    item: Item
    suffix: str
    note: str | None = None


class _Sorted:
    """One student's files, sorted by assignment and exercise."""

    def __init__(self, area: Area, scope: _Scope) -> None:
        self.area = area
        self.scope = scope
        self.folders: set[str] = set()
        self.candidates: dict[str, list[_Candidate]] = {}
        self.written: dict[str, list[Item]] = {}
        self.stamps: dict[str | None, Item] = {}
        self.strange: list[Item] = []
        self.elsewhere = False
        for item in area.items:
            self._sort(item)
        self._adopt()

    @property
    def assignments(self) -> tuple[str, ...]:
        """The assignments, among those asked for, that the student handed something in for."""
        home = {self.scope.course.assignment_of(name).name for name in self.candidates}
        return tuple(name for name in self.scope.exercises if name in self.folders | home)

    def _sort(self, item: Item) -> None:
        words, leaf = self.scope.words, item.leaf
        inside = next((part for part in item.below[:-1] if part in words.assignments), None)
        if leaf.kind == "folder" and len(item.below) == 1 and leaf.name in words.assignments:
            self.folders.add(leaf.name)
            self.elsewhere |= leaf.name not in self.scope.exercises
            return
        stem, suffix = split_suffix(item.below[-1])
        if leaf.name == _TIMESTAMP and len(item.below) == (2 if inside else 1):
            self.stamps[inside] = item
        found = exercise_in(stem, words.exercises)
        if found is None:
            if leaf.kind != "folder" and suffix in CODE and not self._released(item):
                self.strange.append(item)
            return
        exercise, exact = found
        home = self.scope.course.assignment_of(exercise).name
        if suffix in _WRITTEN and exact and leaf.kind == "file":
            self.written.setdefault(exercise, []).append(item)
        if suffix not in CODE:
            return
        if inside is not None and inside != home:
            self.strange.append(item)
        elif exercise not in self.scope.names:
            self.elsewhere = True
        else:
            wrapped = len(item.below) - 1 - (inside is not None)
            exact = exact or item.order > 0  # Canvas itself adds -1 to the name of a second upload
            rank = (item.packed, wrapped, inside is None, not exact)
            note = None if exact and not wrapped else f"{path_text(item.below)} is taken for {exercise}"
            self.candidates.setdefault(exercise, []).append(_Candidate(rank, item, suffix, note))

    def _released(self, item: Item) -> bool:
        """Whether a file is one that the release itself put beside the notebooks."""
        above = item.below[-3:-1]
        in_room = len(above) == 2 and above[0] == "exercises" and above[1] in self.scope.words.exercises
        return in_room and item.below[-1] in RELEASED

    def _adopt(self) -> None:
        """Let a file under the student's own name count for what the command line asks for."""
        if not self.scope.explicit or self.candidates or self.elsewhere:
            return
        named = [item for item in self.strange if len(item.below) == 1 or len(self.strange) == 1]
        if len({split_suffix(item.below[-1])[0] for item in named}) != 1:
            return
        for exercise in self.scope.names:
            for item in named:
                suffix = split_suffix(item.below[-1])[1]
                note = f"{path_text(item.below)} is taken for {exercise}"
                self.candidates.setdefault(exercise, []).append(_Candidate((item.packed,), item, suffix, note))
        self.strange = [item for item in self.strange if item not in named]

    def nothing(self) -> str:
        """Say why nothing of this student is graded."""
        if self.area.problems:
            return self.area.problems[0]
        if self.elsewhere:
            return "handed in other assignments only"
        if self.strange:
            name = path_text(self.strange[0].below)
            return f"{name} is not the name of an exercise; say with --exercise what it answers"
        return "no exercise of the course is in it"

    def entries(self, assignment: str, received: Received | None) -> Iterator[Submission]:
        """Yield one entry per exercise of the assignment."""
        moment, verified, note = self._time(assignment, received)
        for exercise in self.scope.exercises[assignment]:
            yield self._entry(assignment, exercise, moment, verified, note)

    def _time(self, assignment: str, received: Received | None) -> tuple[datetime | None, bool, str | None]:
        if received is not None and (moment := received.time(self.area.student, assignment)) is not None:
            return moment, True, None
        item = self.stamps.get(assignment) or self.stamps.get(None)
        if item is None:
            return None, False, None
        try:
            return nbgrader_time(item.leaf.place.read(1000)), False, None
        except Rejected as error:
            return None, False, f"{path_text(item.leaf.parts)}: {error}; the time of submission is unknown"

    def _entry(
        self, assignment: str, exercise: str, moment: datetime | None, verified: bool, note: str | None
    ) -> Submission:
        candidates = self.candidates.get(exercise, [])
        chosen, notes = self._choose(candidates)
        notes = [*([note] if note else []), *self.area.notes, *notes]
        others = self.scope.words.assignments - {assignment}
        strange = [item for item in self.strange if not others.intersection(item.below[:-1])]
        notes += [f"{path_text(item.below)} is not the name of an exercise here" for item in strange]
        written = tuple(_handed(item) for item in self.written.get(exercise, []))
        status: Literal["found", "missing", "rejected"] = "found"
        message = None
        handed = _handed(chosen[-1].item) if chosen else None
        if not chosen:
            status, message = "missing", "nothing was submitted"
            if self.area.problems:
                status, message = "rejected", "; ".join(self.area.problems[:3])
        elif chosen[-1].item.leaf.problem is not None:
            status, message = "rejected", f"{path_text(chosen[-1].item.leaf.parts)}: {chosen[-1].item.leaf.problem}"
        whole = Submission(
            student=self.area.student,
            assignment=assignment,
            exercise=exercise,
            status=status,
            message=message,
            handed=handed,
            attempts=tuple(_handed(one.item) for one in chosen),
            written=written,
            received=moment,
            verified=verified,
            notes=tuple(dict.fromkeys(notes))[:MAX_NOTES],
        )
        return replace(whole, spare=self._spare(whole, candidates))

    def _spare(self, whole: Submission, candidates: list[_Candidate]) -> Submission | None:
        best = min((one.rank for one in candidates), default=())
        chosen, notes = self._choose([one for one in candidates if one.rank == best and one.suffix == ".py"])
        _, instead = self._choose(candidates)
        if not chosen or whole.status != "found" or whole.handed is None or whole.handed.suffix != ".ipynb":
            return None
        handed = _handed(chosen[-1].item)
        said = [_SCRIPT_COUNTS, *notes, *(note for note in whole.notes if note not in instead)]
        return replace(whole, handed=handed, attempts=(handed,), notes=tuple(dict.fromkeys(said))[:MAX_NOTES])

    def _choose(self, candidates: list[_Candidate]) -> tuple[list[_Candidate], list[str]]:
        """Return what counts, the one that stands last, and notes on what does not."""
        if not candidates:
            return [], []
        best = min(one.rank for one in candidates)
        near = [one for one in candidates if one.rank == best]
        notebooks = [one for one in near if one.suffix == ".ipynb"]
        notes = []
        if notebooks and len(notebooks) < len(near):
            notes.append(_NOTEBOOK_COUNTS)
        near = sorted(notebooks or near, key=lambda one: one.item.order)
        policy = self.scope.course.attempts
        chosen = near[:1] if policy == "first" else near[-1:] if policy == "last" else near
        if chosen[-1].note:
            notes.append(chosen[-1].note)
        if len(near) > 1:
            notes.append(f"{len(near)} attempts; the {policy} counts")
        return chosen, notes


def _handed(item: Item) -> Handed:
    return Handed(path_text(item.leaf.parts), split_suffix(as_id(item.below[-1]))[1], item.leaf.place)
