"""Names that students chose: as_id escaped, matched leniently, never used as a path."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from autograder.text import as_id

MAX_NAME = 200

# Left behind by operating systems, editors and Jupyter; never anybody's answer.
JUNK = frozenset({"__MACOSX", ".DS_Store", ".ipynb_checkpoints", "__pycache__", ".git", "Thumbs.db", "desktop.ini"})

# Files of a room that students get beside its stub; in exercises/<room>/ they are the release's, handed back with it.
RELEASED = frozenset({"checks.py", "figure.py"})

# Canvas: lastnamefirst_LATE_123456_789_filename.  The part before the first number has no underscore, so that a student
# cannot move the border by the name of the file.
_CANVAS = re.compile(r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>[0-9]{1,20})_(?P<upload>[0-9]{1,20})_(?P<file>[^/]+)")
_MOODLE_FOLDER = re.compile(r"(?P<name>[^/]+)_(?P<user>[0-9]{1,20})_assignsubmission_(?:file|onlinetext)_?")
_MOODLE_FLAT = re.compile(
    r"(?P<name>[^/]+?)_(?P<user>[0-9]{1,20})_assignsubmission_(?:file|onlinetext)_(?P<file>[^/]+)"
)
_COPY = re.compile(r"(?: ?\([0-9]{1,3}\)|-[0-9]{1,3})$")  # "name (1).py" of a browser, "name-1.py" of Canvas


def same(name: str) -> str:
    """Return what two spellings of one name share: composed characters, no case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


@dataclass(frozen=True)
class LmsName:
    """A name that a learning management system gave.

    ``number`` is the system's for the student, ``file`` the student's own file name, ``upload`` a number that grows
    with the time of upload (0 where the system gives none).
    """

    name: str
    number: str
    file: str
    late: bool = False
    upload: int = 0

    @property
    def student(self) -> str:
        """The student's id where no roster knows better: readable, and unique by the number."""
        return as_id(f"{self.name}_{self.number}")


def lms_file(name: str) -> LmsName | None:
    """Read a file name of a Canvas download, or of a Moodle download without folders."""
    if found := _MOODLE_FLAT.fullmatch(name):
        return LmsName(found["name"], found["user"], found["file"])
    if found := _CANVAS.fullmatch(name):
        return LmsName(found["name"], found["user"], found["file"], found["late"] is not None, int(found["upload"]))
    return None


def lms_folder(name: str) -> LmsName | None:
    """Read a folder name of a Moodle download."""
    found = _MOODLE_FOLDER.fullmatch(name)
    return LmsName(found["name"], found["user"], "") if found else None


def split_suffix(name: str) -> tuple[str, str]:
    """Return a file name's stem and its suffix in small letters (``.py``), which is empty where there is none."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, f".{suffix.lower()}") if dot and stem else (name, "")


def exercise_in(stem: str, exercises: frozenset[str]) -> tuple[str, bool] | None:
    """Find which exercise a file's stem names.

    Returns
    -------
    (str, bool) or None
        The exercise, and whether the stem is its name exactly (else other case, ``name (1)`` or ``name-1``).
    """
    if stem in exercises:
        return stem, True
    plain = _COPY.sub("", stem).casefold()
    return (plain, False) if plain in exercises else None
