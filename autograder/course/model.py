"""What an instructor decides: assignments, dates, late policy, limits, variants, feedback.

:func:`find_course` is all that a student's command needs, so pydantic (which checks ``course.yml``) is imported only by
:func:`load_course`.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from autograder.course.fields import Between, FileInside, FromFile, Length, Matching, Moment, Package, StudentId, Title
from autograder.course.late import LatePolicy
from autograder.errors import CourseError
from autograder.model import Limits, Memory, SubmissionLimits
from autograder.plain import dataclass
from autograder.text import composed, did_you_mean, missing

if TYPE_CHECKING:  # PyYAML is imported where a file is read
    from autograder.course.yaml_strict import Marked

FILE_NAME = "course.yml"
ENVIRONMENT = "AUTOGRADER_COURSE"
MIN_SECRET_BYTES = 16

When = Literal["always", "after_due", "never"]
Later = Literal["after_due", "never"]
Attempts = Literal["last", "first", "best"]
BackendName = Literal["auto", "numpy", "cupy"]


MOST_SCALING_SECONDS = 5.0
"""Processor time that a scaling check may state at most for a call."""


@dataclass(frozen=True)
class ResourceLimits(FromFile):
    """Limits of an ordinary call: seconds of processor time, and memory in MiB.

    A call of a scaling check has the limits that the check states, but at most ``MOST_SCALING_SECONDS``, unless
    ``scaling_cpu_seconds`` or ``scaling_memory_mib`` are given; they hold for all scaling checks.

    A whole submission may be idle (neither compute nor wait for a processor) for ``submission_idle_seconds``, and take
    ``submission_clock_seconds`` by the clock.
    """

    cpu_seconds: Annotated[float, Between(above=0, most=3600)] = 2.0
    memory_mib: Annotated[int, Between(64, 1 << 20)] = 1024
    scaling_cpu_seconds: Annotated[float, Between(above=0, most=3600)] | None = None
    scaling_memory_mib: Annotated[int, Between(64, 1 << 20)] | None = None
    submission_idle_seconds: Annotated[float, Between(above=0, most=3600)] = 20.0
    submission_clock_seconds: Annotated[float, Between(above=0, most=86400)] = 120.0

    @property
    def call(self) -> Limits:
        """Limits of an ordinary call."""
        return Limits(self.cpu_seconds, self.memory_mib << 20)

    def scaling(self, stated: Limits) -> Limits:
        """Return the limits of a call of a scaling check that states these."""
        seconds, mib = self.scaling_cpu_seconds, self.scaling_memory_mib
        return Limits(
            min(stated.cpu_seconds, MOST_SCALING_SECONDS) if seconds is None else seconds,
            stated.memory_bytes if mib is None else mib << 20,
        )

    @property
    def submission(self) -> SubmissionLimits:
        """What a whole submission may spend."""
        return SubmissionLimits(self.submission_idle_seconds, self.submission_clock_seconds)


@dataclass(frozen=True)
class Feedback(FromFile):
    """What students may see when: results of hidden checks, hints of recognised misconceptions, worked solutions."""

    hidden_checks: When = "after_due"
    misconceptions: When = "after_due"
    solutions: Later = "never"


_VARIABLE = "capital letters, digits and _, a letter first: the name of an environment variable"


@dataclass(frozen=True)
class SecretPlace(FromFile):
    """Where the course secret is kept: an environment variable, else a file that only the owner can read."""

    environment: Annotated[str, Length(1, 64), Matching("[A-Z][A-Z0-9_]*", _VARIABLE)] = "AUTOGRADER_SECRET"
    file: FileInside = ".autograder-secret"


@dataclass(frozen=True)
class Assignment(FromFile):
    """An assignment: ``exercises`` maps the exercise's name to its points, in the order of the course file.

    ``late`` and ``attempts`` take the place of the course's own.  With ``by_team`` the members of a team hand in
    together and get one verdict.  ``appeals_until`` is the last time at which a student may ask for another look.
    """

    name: str
    title: Title
    exercises: Mapping[str, Annotated[float, Between(above=0, most=1000)]]
    due: Moment | None = None
    extensions: Mapping[str, Moment] = field(default_factory=dict)
    late: LatePolicy | None = None
    attempts: Attempts | None = None
    by_team: bool = False
    appeals_until: Moment | None = None

    @property
    def points(self) -> float:
        """Points of all exercises."""
        return sum(self.exercises.values())

    def due_for(self, student: str) -> datetime | None:
        """Return when the student's time is up, extensions counted; None if there is no due date."""
        if student in self.extensions or student.isascii():
            return self.extensions.get(student, self.due)
        own = (until for who, until in self.extensions.items() if composed(who) == composed(student))
        return next(own, self.due)

    def days_late(self, student: str, received: datetime | None, policy: LatePolicy) -> int | None:
        """Return the started days after the student's due date (0: on time), or None if either time is unknown."""
        due = self.due_for(student)
        if due is None or received is None:
            return None
        return policy.days(received - due)


@dataclass(frozen=True)
class Course(FromFile):
    """A course file, checked."""

    root: Path
    title: Title
    assignments: tuple[Assignment, ...]
    late: LatePolicy = field(default_factory=LatePolicy)
    attempts: Attempts = "last"
    teams: Mapping[str, tuple[StudentId, ...]] = field(default_factory=dict)
    limits: ResourceLimits = field(default_factory=ResourceLimits)
    variants: Annotated[int, Between(1, 1_000_000)] = 16
    feedback: Feedback = field(default_factory=Feedback)
    packages: tuple[Package, ...] = ()
    backend: BackendName = "auto"
    secret: SecretPlace = field(default_factory=SecretPlace)

    def late_for(self, assignment: str) -> LatePolicy:
        """Return what lateness costs in an assignment."""
        own = next((one.late for one in self.assignments if one.name == assignment), None)
        return own if own is not None else self.late

    def attempts_for(self, assignment: str) -> Attempts:
        """Return which of several submissions counts in an assignment."""
        own = next((one.attempts for one in self.assignments if one.name == assignment), None)
        return own if own is not None else self.attempts

    @property
    def exercises(self) -> tuple[str, ...]:
        """Names of all exercises, in the order of the course file."""
        return tuple(name for assignment in self.assignments for name in assignment.exercises)

    def assignment(self, name: str) -> Assignment:
        """Return the assignment of that name.

        Raises
        ------
        CourseError
            If there is none.
        """
        for assignment in self.assignments:
            if assignment.name == name:
                return assignment
        raise CourseError(
            f"no assignment {name!r} in {FILE_NAME}{did_you_mean(name, (a.name for a in self.assignments))}"
        )

    def assignment_of(self, exercise: str) -> Assignment:
        """Return the assignment that holds the exercise.

        Raises
        ------
        CourseError
            If no assignment does.
        """
        for assignment in self.assignments:
            if exercise in assignment.exercises:
                return assignment
        raise CourseError(f"no exercise {exercise!r} in {FILE_NAME}{did_you_mean(exercise, self.exercises)}")

    def folder(self, exercise: str) -> Path:
        """Return the folder of an exercise."""
        return self.root / "exercises" / exercise


def find_course(start: Path | None = None) -> Path:
    """Return the folder of the course: where ``course.yml`` lies.

    Parameters
    ----------
    start : Path, optional
        Folder from which to look upward, by default the working folder.  ``AUTOGRADER_COURSE`` (the folder or the
        file) comes first if it is set.

    Raises
    ------
    CourseError
        If there is none.
    """
    named = os.environ.get(ENVIRONMENT)
    if named:
        place = Path(named)
        folder = place.parent if place.name == FILE_NAME else place
        if (folder / FILE_NAME).is_file():
            return folder.resolve()
        raise CourseError(f"{ENVIRONMENT} is {named!r}, but there is no {FILE_NAME}; correct or unset it")
    here = (Path.cwd() if start is None else start).resolve()
    for folder in (here, *here.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    raise CourseError(f"no {FILE_NAME} in {here} or above; go to the course's folder or set {ENVIRONMENT} to it")


def load_course(root: Path) -> Course:
    """Read and check ``course.yml`` in that folder.

    Raises
    ------
    CourseError
        With every mistake: file, line, field, what was given and what is allowed.
    """
    try:
        from autograder.course.schema import validate
    except ImportError as error:
        if error.name is None or not error.name.startswith("pydantic"):
            raise
        raise missing("pydantic", "grade") from None
    from autograder.course.yaml_strict import MAX_BYTES, parse_yaml

    path = root / FILE_NAME
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror}; it must be a readable file") from None
    return validate(parse_yaml(raw, FILE_NAME), root.resolve())


def packages_of(root: Path) -> tuple[str, ...]:
    """Return ``packages`` of ``course.yml`` without checking the file, which a student's installation cannot.

    A file that cannot be read names no packages.
    """
    named = _unchecked(root).get("packages")
    return tuple(name for name in named if isinstance(name, str)) if isinstance(named, list) else ()


def call_limits_of(root: Path) -> Limits:
    """Return the limits of an ordinary call that ``course.yml`` states, as little checked as packages."""
    with suppress(OSError):
        text = (root / FILE_NAME).read_text(encoding="utf-8", errors="replace")
        if re.search(rf"\bcpu_seconds(?!: {Limits.cpu_seconds:g}\s)", text) is None:
            return Limits()  # as nearly every course states; PyYAML takes longer than everything else at home
    stated = _unchecked(root).get("limits")
    seconds = stated.get("cpu_seconds") if isinstance(stated, dict) else None
    return Limits(float(seconds)) if isinstance(seconds, int | float) and seconds > 0 else Limits()


def memory_of(root: Path) -> Memory:
    """Return the memory of calls that ``course.yml`` allows, as little checked as packages."""
    limits = _unchecked(root).get("limits")
    given = limits if isinstance(limits, dict) else {}
    known = {name: size << 20 for name, size in given.items() if isinstance(size, int)}
    return Memory(known.get("memory_mib", Memory.ordinary), known.get("scaling_memory_mib"))


def handed_out(root: Path) -> tuple[str, dict[str, float]]:
    """Return the first assignment of ``course.yml`` and the points of its exercises, as little checked as packages."""
    assignments = _unchecked(root).get("assignments")
    name, body = next(iter(assignments.items()), ("", {})) if isinstance(assignments, dict) else ("", {})
    exercises = body.get("exercises") if isinstance(body, dict) else None
    points = exercises.items() if isinstance(exercises, dict) else ()
    return str(name), {str(key): float(value) for key, value in points if isinstance(value, int | float)}


def lines_of(root: Path) -> Marked:
    """Return ``course.yml`` unchecked, with the lines of its fields; empty where it cannot be read."""
    from autograder.course.yaml_strict import MAX_BYTES, Marked, parse_yaml

    try:
        with (root / FILE_NAME).open("rb") as stream:
            return parse_yaml(stream.read(MAX_BYTES), FILE_NAME)
    except (OSError, CourseError):
        return Marked({}, {})


def _unchecked(root: Path) -> dict[str, Any]:
    data = lines_of(root).data
    return data if isinstance(data, dict) else {}


# --- secret and variants ---------------------------------------------------------------------------------------


def load_secret(course: Course, *, create: bool = False) -> bytes:
    """Return the course secret.

    Parameters
    ----------
    course : Course
        Names the environment variable (first) and the file (second).
    create : bool
        Whether to write a new secret, readable by the owner only, where neither exists.

    Raises
    ------
    CourseError
        If there is none (and ``create`` is false), if it is shorter than 16 bytes, or cannot be read or written.
    """
    place = course.secret
    path = course.root / place.file
    named = os.environ.get(place.environment)
    if named is not None:
        return _long_enough(
            named.strip().encode("utf-8", "surrogateescape"), f"the environment variable {place.environment}"
        )
    try:
        return _long_enough(path.read_bytes().strip(), str(path))
    except FileNotFoundError:
        if not create:
            raise CourseError(f"no course secret: set {place.environment} or grade once, which writes {path}") from None
    except OSError as error:
        raise CourseError(f"{path}: the course secret cannot be read: {error.strerror}") from None
    _write_secret(path)
    return _long_enough(path.read_bytes().strip(), str(path))


def _long_enough(secret: bytes, where: str) -> bytes:
    if len(secret) < MIN_SECRET_BYTES:
        raise CourseError(f"{where}: a course secret needs at least {MIN_SECRET_BYTES} characters; make it longer")
    return secret


def _write_secret(path: Path) -> None:
    # A temporary file is hard-linked, so that the first writer wins: graders that start at once read the same secret.
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_hex(32).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(aside, path)
        except FileExistsError:
            return  # another grader wrote its secret first; that one counts
        finally:
            aside.unlink()
    except OSError as error:
        raise CourseError(f"{path}: the course secret cannot be written: {error.strerror}") from None


def variant_of(course: Course, exercise: str, student: str, secret: bytes | None = None) -> int:
    """Return the variant of a student's exercise: ``HMAC-SHA256(secret, "exercise|student") mod variants``.

    ``secret`` saves reading it again for every student; None reads it (see :func:`load_secret`).
    """
    key = load_secret(course) if secret is None else secret
    message = f"{exercise}|{student}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.new(key, message, hashlib.sha256).digest(), "big") % course.variants
