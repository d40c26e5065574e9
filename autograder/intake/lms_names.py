"""Names that a learning management system wrote, and the border in them to what a student wrote.

A student chooses a file's name, and in part how a display name reads.  So no name is read by itself: all names of a
download decide together which system wrote them, and a name that can be read in two ways is attributed to no student.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import combinations
from typing import Literal

from autograder.errors import CourseError
from autograder.plain import dataclass
from autograder.text import as_id

System = Literal["Canvas", "Moodle", "Blackboard", "Brightspace", "Gradescope"]

# Canvas: lastnamefirst_LATE_123_456_name.py; of a text that was typed in, lastnamefirst_123_text.html.
_CANVAS = re.compile(
    r"(?P<late>_LATE)?_(?P<user>[0-9]{1,20})_(?:(?P<upload>[0-9]{1,20})_(?P<file>[^/]+)|(?P<text>(?:text|link)\.html)$)"
)
# Of students who are anonymous to their graders: a code takes the place of the number, and LATE_ may be in front.
_LATE_FIRST = re.compile(r"\ALATE_(?=anon_)")
_ANONYMOUS = re.compile(
    r"anon(?:ymous)?_(?!LATE_)(?P<code>(?=[0-9]*[A-Za-z])[A-Za-z0-9]{2,20})(?P<late>_LATE)?"
    r"_(?P<upload>[0-9]{1,20})_(?P<file>[^/]+)"
)
_NAMELESS = frozenset({"anon", "anonymous", "participant"})  # what graders see where students are anonymous
_MOODLE_MARK = re.compile(r"_(?P<user>[0-9]{1,20})_assignsubmission_(?:file|onlinetext)(?P<end>_|$)")
# Blackboard: TITLE_USERNAME_attempt_2026-10-07-14-00-00_name.py, and a receipt that ends behind the time.
_BLACKBOARD = re.compile(r"_attempt_(?P<when>[0-9]{4}(?:-[0-9]{2}){5})(?:_(?P<file>[^/]+)|\.txt$)")
# Brightspace: 12345-6789 - Ann Doe - Oct 7, 2026 200 PM, a folder or in front of the file's name.
_BRIGHTSPACE = re.compile(r"(?P<user>[0-9]{1,20})-[0-9]{1,20} ?- ")
_BRIGHTSPACE_TIME = re.compile(
    r" ?- (?P<when>(?=[^-/]*\b(?:19|20)[0-9]{2}\b)[^-/]*\b[0-9]{1,2}[:._]?[0-9]{2}(?: ?[AaPp]\.?[Mm]\.?)?)"
    r"(?: - (?P<file>[^/]+))?$"
)
_LISTS = frozenset({"index.html"})  # what Brightspace adds to a download
_CLOCKS = ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p", "%d %B, %Y %H%M", "%B %d, %Y %H%M", "%b %d, %Y %H%M")


def moodle_number(name: str) -> str:
    """Return the participant's number in the name of a file or folder of Moodle's download; an empty text if none."""
    found = _MOODLE_MARK.search(name)
    return found["user"] if found else ""


@dataclass(frozen=True)
class LmsName:
    """A name that a learning management system gave.

    ``number`` is the system's for the student, ``file`` the student's own file name (empty for a folder), ``upload`` a
    number that grows with the time of upload (0 where the system gives none).  Gradescope writes no name but a number,
    of the submission and not of the student, and gives ``name``, ``email`` and ``sid`` in a file.  In Blackboard
    ``name`` is the assignment's title and the student's login, ``sid`` the login, or its end where all logins begin
    alike.
    """

    system: System
    name: str
    number: str
    file: str
    late: bool = False
    upload: int = 0
    email: str = ""
    sid: str = ""

    @property
    def student(self) -> str:
        """The student's id where a roster does not know better: readable, and unique by the number."""
        return as_id("_".join(one for one in (self.name or self.email or self.sid, self.number) if one))

    @property
    def own_id(self) -> str:
        """The student's id without a roster; the same in every assignment if the system gives one."""
        return as_id(self.email or self.sid) or self.student

    @property
    def is_receipt(self) -> bool:
        """Whether it is Blackboard's record of a submission and not a file of the student's."""
        return self.system == "Blackboard" and not self.file

    @property
    def anonymous(self) -> bool:
        """Whether the name says nothing about the student."""
        if self.system in ("Gradescope", "Blackboard"):
            return False
        return self.name.casefold() in _NAMELESS or self.name.split()[-1:] == [self.number]


@dataclass(frozen=True)
class Attribution:
    """Whose an entry of a download is.

    Attributes
    ----------
    name : LmsName
        As the system wrote it.
    refused : str or None
        Why the entry is not graded: it can be read in another way.
    others : tuple of LmsName
        Other readings by the same system; the entry may belong to these students as well.  Where nothing is refused,
        those who handed it in together with the first.
    """

    name: LmsName
    refused: str | None = None
    others: tuple[LmsName, ...] = ()


def attribute(
    entries: Mapping[str, bool], asked: System | None = None, listed: Mapping[str, Sequence[LmsName]] | None = None
) -> dict[str, Attribution]:
    """Decide which system wrote the names of a download, and whose each of its entries is.

    Parameters
    ----------
    entries : mapping of str to bool
        The names at the top of the download; whether each is a folder.
    asked : {"Canvas", "Moodle", "Blackboard", "Brightspace"}, optional
        The system, where the instructor knows it.
    listed : mapping of str to sequence of LmsName, optional
        Who handed in each entry, where the download lists it, as Gradescope's does.

    Returns
    -------
    dict
        An attribution for each name that the system wrote; other names are not its.

    Raises
    ------
    CourseError
        If more than one system, or none, can have written all of the names that look like a system's.
    """
    read: dict[System, dict[str, list[LmsName]]] = {
        system: {name: found for name, folder in entries.items() if (found := list(reader(name, folder)))}
        for system, reader in _READERS.items()
    }
    known = frozenset(name for names in read.values() for name in names)
    if listed is not None:
        if strange := known - listed.keys():
            system = next(one for one, names in read.items() if min(strange) in names)
            raise CourseError(_MIXED.format(as_id(min(strange)), system))
        return {name: Attribution(people[0], None, tuple(people[1:])) for name, people in listed.items()}
    if not known:
        return {}
    possible = [system for system in read if read[system].keys() == known]
    if asked is None and len(possible) != 1:
        raise CourseError(_undecided(read, possible))
    system = asked or possible[0]
    mine = _with_logins(read[system]) if system == "Blackboard" else read[system]
    if not mine:
        return {}
    sole = [found[0] for found in mine.values() if len(found) == 1]
    likely = sole or [found[0] for found in mine.values()]
    context = _Context(
        digits=range(min(len(one.number) for one in likely) - 1, max(len(one.number) for one in likely) + 2),
        uploads=range(min(one.upload for one in likely) // 2, 2 * max(one.upload for one in likely) + 1),
        names=frozenset((one.number, one.name) for one in sole),
        numbers=frozenset(one.number for one in sole),
    )
    return {
        name: _attributed(readings, context, next(_disputing(name, readings[0], read), None))
        for name, readings in mine.items()
    }


def extras_of(written: Mapping[str, Attribution]) -> frozenset[str]:
    """Return what a system adds to the files: Brightspace's list, and Blackboard's receipts for files that are here."""
    answered = {one.name.name for one in written.values() if one.name.file}
    receipts = frozenset(name for name, one in written.items() if one.name.is_receipt and one.name.name in answered)
    lists = _LISTS if any(one.name.system == "Brightspace" for one in written.values()) else frozenset()
    return receipts | lists


def _with_logins(read: Mapping[str, list[LmsName]]) -> dict[str, list[LmsName]]:
    """Return Blackboard's names with the part that differs: what is before it in all names is the title."""
    texts = [found[0].name for found in read.values()]
    low, high = min(texts, default=""), max(texts, default="")
    shared = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    start = low.rfind("_", 0, shared) + 1
    return {name: [replace(one, sid=one.name[start:]) for one in found] for name, found in read.items()}


@dataclass(frozen=True)
class _Context:
    """What the names of a download that can be read in one way only say about the others."""

    digits: range
    uploads: range
    names: frozenset[tuple[str, str]]
    numbers: frozenset[str]

    def allows(self, reading: LmsName) -> bool:
        """Whether a second reading may be the right one: its numbers are about as large as the system's own elsewhere.

        It is not where the download writes this number with another name, since a student has one name in it.
        """
        alike = reading.system == "Moodle" or (len(reading.number) in self.digits and reading.upload in self.uploads)
        return alike and (reading.number not in self.numbers or (reading.number, reading.name) in self.names)


_MIXED = (
    "{} is a name of {}'s in a download of Gradescope's, so no file here is attributed to a student; "
    "keep the downloads of two systems in two folders"
)


def _undecided(read: Mapping[System, Mapping[str, object]], possible: list[System]) -> str:
    if possible:
        first, second = possible[:2]
        what = f"{as_id(min(read[first]))}: both {first} and {second} may have written this name"
    else:
        first, second = next(
            (one, two)
            for one, two in combinations(read, 2)
            if read[one].keys() - read[two].keys() and read[two].keys() - read[one].keys()
        )
        one, two = min(read[first].keys() - read[second].keys()), min(read[second].keys() - read[first].keys())
        what = f"{as_id(one)} is a name of {first}'s and {as_id(two)} one of {second}'s"
    ask = f"say which system with --lms {first.lower()} or --lms {second.lower()}"
    return f"{what}, so no file here is attributed to a student; {ask}"


def _disputing(name: str, own: LmsName, read: Mapping[System, Mapping[str, Sequence[LmsName]]]) -> Iterator[System]:
    """Yield the other systems that may have written a name: their pattern begins before the one of its own system.

    "Ann Doe_7_assignsubmission_file_1_2_x.py": there are numbers as Canvas writes them, but behind Moodle's own words.
    """
    for system, names in read.items():
        if system == own.system or name not in names:
            continue
        first = names[name][0].name
        if system == "Canvas":
            before = "_" not in first and (own.system == "Moodle" or " " not in first)
        else:
            before = len(first) < len(own.name)
        if own.system == "Canvas" or before:
            yield system


def _attributed(readings: list[LmsName], context: _Context, other: System | None) -> Attribution:
    first, *more = readings
    if other is not None:
        return Attribution(first, f"its name can be read as {other}'s as well; {_RENAME}")
    others = tuple(one for one in more if context.allows(one))
    if not others and (not more or first.system == "Canvas"):
        return Attribution(first)  # in Canvas a file may well be called report_1_2.py
    return Attribution(first, f"its name holds {first.system}'s pattern twice; {_RENAME}", others)


_RENAME = "hand it in again under a plain name"


def is_download(entries: Mapping[str, bool]) -> bool:
    """Whether one system may have written all names in a folder, for several students.

    Parameters
    ----------
    entries : mapping of str to bool
        The names; whether each is a folder.
    """
    for reader in _READERS.values():
        read = [next(reader(name, folder), None) for name, folder in entries.items() if name not in _LISTS]
        if len({(one.name, one.number) for one in read if one is not None}) > 1 and None not in read:
            return True
    return False


def is_submission(name: str) -> bool:
    """Whether a system may have written the name of a folder, for one student."""
    return any(next(reader(name, True), None) is not None for reader in _READERS.values())


def _canvas(name: str, folder: bool) -> Iterator[LmsName]:
    """Yield every way in which Canvas can have written a file name, the one with the shortest name first."""
    if folder:
        return
    name, marked = _LATE_FIRST.subn("", name)
    if anonymous := _ANONYMOUS.fullmatch(name):
        late = anonymous["late"] is not None or marked > 0
        yield LmsName("Canvas", "anon", anonymous["code"], anonymous["file"], late, int(anonymous["upload"]))
        return
    at = 0
    while found := _CANVAS.search(name, at):
        at = found.start("user")
        if found.start() and len(found["file"] or found["text"]):
            upload = int(found["upload"] or 0)
            late = found["late"] is not None or marked > 0
            yield LmsName("Canvas", name[: found.start()], found["user"], found["file"] or found["text"], late, upload)


def _moodle(name: str, folder: bool) -> Iterator[LmsName]:
    """Yield every way in which Moodle can have written the name of a folder or of a file."""
    marks = [found for found in _MOODLE_MARK.finditer(name) if found.start()]
    if folder:  # nothing of the student's follows in the name of a folder
        if marks and marks[-1].end() == len(name):
            yield LmsName("Moodle", name[: marks[-1].start()], marks[-1]["user"], "")
        return
    for found in marks:
        if found["end"] and found.end() < len(name):
            yield LmsName("Moodle", name[: found.start()], found["user"], name[found.end() :])


def _blackboard(name: str, folder: bool) -> Iterator[LmsName]:
    """Yield every way in which Blackboard can have written the name of a file; a receipt has no file."""
    at = 0
    while found := _BLACKBOARD.search(name, at):
        at = found.start("when")
        if found.start() and not folder:
            upload = int(found["when"].replace("-", ""))
            yield LmsName("Blackboard", name[: found.start()], "", found["file"] or "", upload=upload)


def _brightspace(name: str, folder: bool) -> Iterator[LmsName]:
    """Yield every way in which Brightspace can have written the name of a folder or of a file."""
    start = _BRIGHTSPACE.match(name)
    if start is None:
        return
    at = start.end()
    while found := _BRIGHTSPACE_TIME.search(name, at):
        at = found.start("when")
        if found.start() > start.end() and folder is (found["file"] is None):
            text = name[start.end() : found.start()]
            yield LmsName("Brightspace", text, start["user"], found["file"] or "", upload=_clock(found["when"]))


def _clock(text: str) -> int:
    """Return a number that grows with the time; 0 if it is in another language."""
    plain = re.sub(r"(?<=[0-9])[:._](?=[0-9])", "", " ".join(text.split()))
    for form in _CLOCKS:
        with suppress(ValueError):
            return int(datetime.strptime(plain, form).strftime("%Y%m%d%H%M"))
    return 0


_READERS: Mapping[System, Callable[[str, bool], Iterator[LmsName]]] = {
    "Canvas": _canvas, "Moodle": _moodle, "Blackboard": _blackboard, "Brightspace": _brightspace,
}  # fmt: skip
"""How each system writes names.  A reader yields every way to read a name, so that doubt is seen; Gradescope writes no
names."""
