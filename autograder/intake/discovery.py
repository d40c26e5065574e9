"""Find submissions: one entry per student and exercise, whatever was handed in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from autograder.course.exercises import with_part
from autograder.course.model import FILE_NAME, Course
from autograder.errors import CourseError
from autograder.intake import limited
from autograder.intake.answers import Answering, Candidate, GradingScope
from autograder.intake.areas import CourseNames, UploadedItem
from autograder.intake.class_layouts import LAYOUTS, find_areas
from autograder.intake.files import Place, path_text
from autograder.intake.identity import Roster
from autograder.intake.lms_names import System
from autograder.intake.names import exercise_in, split_suffix
from autograder.intake.owners import Owners
from autograder.intake.source import Rejected
from autograder.intake.tables import Received, nbgrader_time
from autograder.intake.teams import Teams
from autograder.plain import dataclass
from autograder.text import as_id, composed, part_of

MAX_NOTES = 10
_MAX_REASONS = 3


@dataclass(frozen=True)
class HandedFile:
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
        ``rejected`` here means that nothing of what there is can be read; reading may reject more.
    handed : HandedFile or None
        The file that counts.
    attempts : tuple of HandedFile
        With ``attempts: best`` all that count, oldest first, ``handed`` among them; else just ``handed``.
    written : tuple of HandedFile
        ``<exercise>.md`` and ``.png`` next to a ``.py``.
    received, verified : datetime or None, bool
        Time of submission; not verified if it is from a file that the student can write.
    time_unread, marked_late : bool
        Whether a time of submission was handed in that cannot be read, and whether Canvas marked a file late.
    notes : tuple of str
        What the reader of the report should know.
    spare : Submission or None
        What counts if nothing is begun in this file, or if it cannot be read: the next of several.
    team, members : str, tuple of str
        The team that handed it in, and who get the verdict; empty if one student did.
    """

    student: str
    assignment: str
    exercise: str
    status: Literal["found", "missing", "rejected"]
    message: str | None = None
    handed: HandedFile | None = None
    attempts: tuple[HandedFile, ...] = ()
    written: tuple[HandedFile, ...] = ()
    received: datetime | None = None
    verified: bool = False
    time_unread: bool = False
    marked_late: bool = False
    notes: tuple[str, ...] = ()
    spare: Submission | None = None
    team: str = ""
    members: tuple[str, ...] = ()

    @property
    def file(self) -> str | None:
        """Printable path of the file that counts, below PATH."""
        return self.handed.file if self.handed else None


@dataclass(frozen=True)
class Discovery:
    """All submissions, sorted by student, assignment and exercise.

    Attributes
    ----------
    submissions : tuple of Submission
        One per student and exercise.
    ignored : tuple of str
        What belongs to no student, in words.
    unknown : tuple of str
        Students who are not on the roster; they are graded all the same.
    told : tuple of str
        What the roster left open: a line each, by name.
    unused : tuple of str
        Files that were not used, with the reason.
    strangers : tuple of str
        Students with a verified time of submission but no file found.
    """

    submissions: tuple[Submission, ...]
    ignored: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Submission]:
        return iter(self.submissions)

    def __len__(self) -> int:
        return len(self.submissions)


def discover(
    path: Path,
    course: Course,
    assignment: str | None = None,
    exercise: str | None = None,
    *,
    roster: Roster | None = None,
    everyone: bool = True,
    received: Received | None = None,
    apart: Path | None = None,
    whose: Mapping[str, str] | None = None,
    system: System | None = None,
) -> Discovery:
    """Find every submission below ``path``.

    Parameters
    ----------
    path : Path
        A folder, a ``.zip`` or a single file, in one of the layouts of :data:`autograder.intake.class_layouts.LAYOUTS`.
    course : Course
        Its assignments and exercises are looked for.
    assignment, exercise : str, optional
        Look only for this assignment or exercise; needed where file names are the students'.
    roster : Roster, optional
        Its ids replace those of the learning management system, and everyone on it gets an entry.
    everyone : bool
        Whether students of the roster who handed in nothing get an entry.
    received : Received, optional
        Verified times of submission.
    apart : Path, optional
        The folder of the results, skipped if it lies in ``path``.
    whose : mapping of str to str, optional
        The student who owns an entry at the top of ``path``, where the instructor says so.
    system : {"Canvas", "Moodle", "Blackboard", "Brightspace"}, optional
        The learning management system that wrote the names, where they leave that open.

    Raises
    ------
    CourseError
        If nothing is found, it cannot be decided who wrote the names, or assignment, exercise, path or ``whose`` are
        wrong.
    """
    scope = _scope(course, assignment, exercise)
    with _readers_stopped():
        areas, ignored = find_areas(path, scope.words, apart, system)
    by_team = all(course.assignment(name).by_team for name in scope.exercises)
    owners = Owners(roster, dict(whose or {}), Teams.of(course, roster).members, by_team=by_team)
    settled = owners.settle(areas, ignored)
    owners.refuse_a_level_too_high(areas, settled)
    students = [Answering(area, scope) for area in settled]
    times = _times(received, roster, owners.told)
    seen = {name for one in students for name in one.assignments}
    fallback = _only(scope.exercises) or _only(seen)
    submissions: list[Submission] = []
    handed_in: set[tuple[str, str]] = set()
    unused: list[str] = []
    for one in students:
        names = one.assignments or ((fallback,) if fallback and not one.elsewhere else ())
        if not names:
            ignored.append(f"{one.area.student}: {one.nothing()}")
        handed_in |= {(one.area.student, name) for name in names}
        for entries in (_Entries(one, name, times) for name in names):
            submissions += entries.found()
            unused += [f"{one.area.student}: {note}" for note in entries.unused()]
    if roster is not None:
        absent = _absent(roster, owners, scope, sorted(seen) or ([fallback] if fallback else []), handed_in)
        submissions += [one for one in absent if everyone or one.status != "missing"]
    if not submissions:
        detail = "; ".join(ignored[:5])
        raise CourseError(f"{path}: no submission found{f' ({detail})' if detail else ''}; accepted layouts: {LAYOUTS}")
    ordered = sorted(submissions, key=lambda s: (s.student, s.assignment, s.exercise))
    return Discovery(
        submissions=tuple(ordered),
        ignored=tuple(ignored),
        unknown=tuple(sorted(owners.unknown)),
        told=tuple(owners.told),
        unused=tuple(dict.fromkeys(unused)),
        strangers=tuple(sorted({student for student, _ in times} - {composed(one.student) for one in ordered})),
    )


@contextmanager
def _readers_stopped() -> Iterator[None]:
    """End the readers after the block: a worker that is forked later must not share their connections."""
    try:
        yield
    finally:
        limited.stop()


def _only(names: Collection[str]) -> str | None:
    """Return the name if there is just one."""
    return next(iter(names)) if len(names) == 1 else None


def _with_part(course: Course, name: str) -> list[str]:
    """Return the exercises with a part of this name; none where the course's files cannot be read."""
    try:
        return [folder.name for folder, _ in with_part(course.root, name)]
    except (CourseError, OSError):
        return []  # the caller's own message comes


def _scope(course: Course, assignment: str | None, exercise: str | None) -> GradingScope:
    asked: dict[str, tuple[str, ...]]
    if exercise is not None:
        if exercise not in course.exercises and (end := part_of(exercise, _with_part(course, exercise))):
            raise CourseError(f"no exercise {exercise!r} in {FILE_NAME}{end}")
        home = course.assignment_of(exercise)
        if assignment is not None and course.assignment(assignment).name != home.name:
            raise CourseError(f"--exercise {exercise} belongs to {home.name}, not to --assignment {assignment}")
        asked = {home.name: (exercise,)}
    elif assignment is not None:
        asked = {assignment: tuple(course.assignment(assignment).exercises)}
    else:
        asked = {a.name: tuple(a.exercises) for a in course.assignments}
    words = CourseNames(frozenset(a.name for a in course.assignments), frozenset(course.exercises))
    return GradingScope(asked, exercise is not None or assignment is not None, course, words)


def _absent(
    roster: Roster, owners: Owners, scope: GradingScope, assignments: Sequence[str], handed_in: set[tuple[str, str]]
) -> Iterator[Submission]:
    """Yield an entry for each student on the roster for which no file was found, or none for certain."""
    for student in sorted(roster.ids):
        doubt = owners.suspicion(student)
        for assignment in assignments:
            if (student, assignment) not in handed_in:
                for exercise in scope.exercises[assignment]:
                    status: Literal["missing", "rejected"] = "missing" if doubt is None else "rejected"
                    yield Submission(student, assignment, exercise, status, doubt or "nothing was submitted")


def _times(received: Received | None, roster: Roster | None, told: list[str]) -> Mapping[tuple[str, str], datetime]:
    """Return the verified times under the roster's ids."""
    if received is None:
        return {}
    if roster is None:
        return received.times
    found: dict[tuple[str, str], datetime] = {}
    for (student, assignment), moment in received.times.items():
        match = roster.match(student)
        if match.why:
            told.append(f"times of submission: {match.why}")
        key = (match.student or student, assignment)
        if key in found and found[key] != moment:
            told.append(f"times of submission: {key[0]} is named twice for {assignment}; the earlier time counts")
        found[key] = min(moment, found.get(key, moment))
    return found


class _Entries:
    """The entries of one student for one assignment."""

    def __init__(self, found: Answering, assignment: str, times: Mapping[tuple[str, str], datetime]) -> None:
        self._found = found
        self._assignment = assignment
        self._student = found.area.student
        self._moment, self._verified, self._time_note = self._time(times)
        self._leftovers = found.leftovers(assignment)
        self._explained: list[UploadedItem] = []

    def found(self) -> list[Submission]:
        """Return one entry per exercise."""
        return [self._entry(exercise) for exercise in self._found.scope.exercises[self._assignment]]

    def unused(self) -> list[str]:
        """Return a note on each file that was not used, unless an entry so far was rejected because of it."""
        return [_of_file(item, why) for item, why in self._leftovers if item not in self._explained]

    def _time(self, times: Mapping[tuple[str, str], datetime]) -> tuple[datetime | None, bool, str | None]:
        if (moment := times.get((composed(self._student), self._assignment))) is not None:
            return moment, True, None
        received = self._found.area.received
        if isinstance(received, datetime):
            return received, True, None
        if received is not None:
            return None, False, f"{received[:40]!r} is not a time; the time of submission is unknown"
        item = self._found.stamps.get(self._assignment) or self._found.stamps.get(None)
        if item is None:
            return None, False, None
        try:
            due = self._found.scope.course.assignment(self._assignment).due_for(self._student)
            return nbgrader_time(item.leaf.place.read(1000), due), False, None
        except Rejected as error:
            return None, False, _of_file(item, f"{error}; the time of submission is unknown")

    def _entry(self, exercise: str) -> Submission:
        policy = self._found.scope.course.attempts_for(self._assignment)
        # from the end: of members of one name, which an archive may hold, the last counts as it does when unpacked
        candidates = sorted(self._found.candidates.get(exercise, []), key=lambda one: one.rank(policy))[::-1]
        readable = [one for one in candidates if one.item.leaf.problem is None]
        broken = [one for one in candidates if one.item.leaf.problem is not None]
        late = [f"{file}: marked late by Canvas" for file in self._found.area.late if self._may_answer(file, exercise)]
        notes = [*([self._time_note] if self._time_note else []), *late]
        notes += _counting(readable, policy)
        notes += [_of_file(one.item, str(one.item.leaf.problem)) for one in broken if readable]
        notes += [_of_file(item, why) for item, why in self._leftovers]
        whole = Submission(
            student=self._student,
            assignment=self._assignment,
            exercise=exercise,
            status="found",
            written=tuple(_handed(item) for item in self._found.written.get(exercise, [])),
            received=self._moment,
            verified=self._verified,
            time_unread=self._time_note is not None,
            marked_late=bool(late),
            notes=tuple(dict.fromkeys(notes)),
        )
        if not readable:
            return self._nothing(whole, exercise, broken)
        if policy == "best":
            attempts = tuple(_handed(one.item) for one in reversed(readable))
            return _noting(replace(whole, handed=attempts[-1], attempts=attempts), readable[0], exercise)
        chain: Submission | None = None
        for one in reversed(readable):
            handed = _handed(one.item)
            chain = _noting(replace(whole, handed=handed, attempts=(handed,), spare=chain), one, exercise)
        assert chain is not None  # there is at least one
        return chain

    def _may_answer(self, file: str, exercise: str) -> bool:
        """Whether a file may answer the exercise: it is not named after another one."""
        named = exercise_in(split_suffix(file)[0], self._found.scope.words.exercises)
        return named is None or named[0] == exercise

    def _nothing(self, whole: Submission, exercise: str, broken: Sequence[Candidate]) -> Submission:
        reasons: list[tuple[UploadedItem | None, str]] = [
            (one.item, _of_file(one.item, str(one.item.leaf.problem))) for one in broken
        ]
        reasons += self._found.reasons(exercise)
        if not reasons:
            return replace(whole, status="missing", message="nothing was submitted", notes=whole.notes[:MAX_NOTES])
        item = next((item for item, _ in reasons if item is not None), None)
        handed = None if item is None else _handed(item)
        self._explained += [item for item, _ in reasons[:_MAX_REASONS] if item is not None]
        text = "; ".join(reason for _, reason in reasons[:_MAX_REASONS])
        more = f"; and {len(reasons) - _MAX_REASONS} more" if len(reasons) > _MAX_REASONS else ""
        return replace(whole, status="rejected", message=text + more, handed=handed, notes=whole.notes[:MAX_NOTES])


def _noting(submission: Submission, candidate: Candidate, exercise: str) -> Submission:
    """Add what to say of the file that counts."""
    notes = submission.notes
    if candidate.note is not None:
        notes = (f"{candidate.note} is taken for {exercise}", *notes)
    return replace(submission, notes=tuple(dict.fromkeys(notes))[:MAX_NOTES])


def _counting(candidates: Sequence[Candidate], policy: str) -> Iterator[str]:
    """Name several files for one exercise, and say which counts."""
    if len(candidates) < 2:
        return
    shown = [one.item for one in reversed(candidates[:4])]
    alike = len({item.below for item in shown}) < len(shown)  # of two archives, say: then only the whole path tells
    files = ", ".join(path_text(item.leaf.parts if alike else item.below) for item in shown)
    more = f" and {len(candidates) - 4} more" if len(candidates) > 4 else ""
    rule = {"best": "the best counts", "first": "the first in which something is begun counts"}
    yield f"{len(candidates)} files for this exercise ({files}{more}); " + rule.get(
        policy, "the last in which something is begun counts"
    )


def _of_file(item: UploadedItem, note: str) -> str:
    return f"{path_text(item.leaf.parts)}: {note}"


def _handed(item: UploadedItem) -> HandedFile:
    return HandedFile(path_text(item.leaf.parts), split_suffix(as_id(item.below[-1]))[1], item.leaf.place)
