"""What lies at the top of a class's folder or archive: the files of one student each, and what is known of whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from autograder.intake.files import Leaf
from autograder.intake.lms_names import LmsName
from autograder.plain import dataclass

UNSAID = "nothing says whose"


@dataclass(frozen=True)
class UploadedItem:
    """A file or folder of a student; ``below`` is its path inside the student's own area.

    ``order`` grows with the time of upload; it is 0 where the system does not write it into names.
    """

    below: tuple[str, ...]
    leaf: Leaf
    order: int = 0
    packed: bool = False


@dataclass(frozen=True)
class Area:
    """One entry at the top of PATH: a student's folder, archive or file.

    Attributes
    ----------
    student : str
        The id as the entry has it; a roster may know a better one.
    items : tuple of UploadedItem
        The files.
    entry : str
        The entry's name, printable.
    problems : tuple of str
        What of it could not be looked into, and why.
    late : tuple of str
        The files that Canvas marked late, by name.
    lms : LmsName or None
        The name as a learning management system wrote it.
    others : tuple of LmsName
        Other students to which the entry may belong.
    refused : str or None
        Why the entry belongs to no student until the instructor says whose it is.
    doubtful : bool
        Whether it is a student's only if a roster has a student of that id.
    nameless : str
        Why nothing says whose it is; empty where its name may.
    received : datetime, str or None
        When the system received it; a text that is not a time as it is.
    """

    student: str
    items: tuple[UploadedItem, ...] = ()
    entry: str = ""
    problems: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    lms: LmsName | None = None
    others: tuple[LmsName, ...] = ()
    refused: str | None = None
    doubtful: bool = False
    nameless: str = ""
    received: datetime | str | None = None

    def with_more(self, other: Area) -> Area:
        """Return the area with another entry's of the same student added."""
        return replace(
            self,
            items=self.items + other.items,
            problems=self.problems + other.problems,
            late=self.late + other.late,
            received=max((one for one in (self.received, other.received) if one), key=_moment, default=None),
        )


def _moment(received: datetime | str) -> float:
    return received.timestamp() if isinstance(received, datetime) else 0.0


@dataclass(frozen=True)
class CourseNames:
    """Names of the course by which files are found."""

    assignments: frozenset[str]
    exercises: frozenset[str]
