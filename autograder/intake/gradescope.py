"""Read who handed in what from the metadata file of Gradescope's download of an assignment.

Its folders are numbered (``submission_12345``), and ``submission_metadata.yml`` next to them names for each folder the
submitters, with e-mail address and number at the school, and the time.  The rest of the file, most of it what
autograders printed, is skipped while it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import yaml

from autograder.course.yaml_strict import RefusedAtLine
from autograder.errors import CourseError
from autograder.intake.decode import decode_text
from autograder.intake.lms_names import LmsName
from autograder.intake.source import Rejected
from autograder.moments import read_moment
from autograder.plain import dataclass
from autograder.text import as_id

METADATA = "submission_metadata.yml"
MAX_METADATA = 50_000_000
MAX_SUBMITTERS = 100
_MAX_DEPTH = 60
_MAX_TEXT = 1_000

_FOLDER = re.compile(r"submission_(?P<number>[0-9]{1,20})")
_AGAIN = "download the submissions again, or say whose the folders are with --whose and remove the file"


def is_numbered(name: str) -> bool:
    """Whether Gradescope may have written the name of a folder; it says nothing about the student."""
    return _FOLDER.fullmatch(name) is not None


def is_export(name: str) -> bool:
    """Whether a folder is named as the one that all of Gradescope's download is in."""
    return re.match(r"assignment_[0-9]{1,20}_export", name) is not None


@dataclass(frozen=True)
class Submitted:
    """One submission: who handed it in, and when; a time that cannot be read is kept as text."""

    submitters: tuple[LmsName, ...]
    time: datetime | str | None


def read_metadata(raw: bytes) -> dict[str, Submitted]:
    """Return the submissions by the name of their folder.

    Raises
    ------
    CourseError
        If the file is not as Gradescope writes it: no YAML, a folder twice, no submitter, too deep or too long.
    """
    try:
        return dict(_submissions(_EventReader(decode_text(raw))))
    except RefusedAtLine as error:
        raise CourseError(f"{METADATA}:{error.line}: {error}; {_AGAIN}") from None
    except Rejected as error:
        raise CourseError(f"{METADATA}: {error}; {_AGAIN}") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark is not None else 1
        raise CourseError(f"{METADATA}:{line}: not valid YAML: {error.problem or error.context}; {_AGAIN}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise CourseError(f"{METADATA}: not valid YAML: {type(error).__name__}; {_AGAIN}") from None


class _EventReader:
    """Read YAML event by event; nothing is built but what is asked for, and no tag is obeyed."""

    def __init__(self, text: str) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self._events: Iterator[Any] = yaml.parse(text, Loader=loader)
        self._anchors: dict[str, str] = {}
        self.line = 1

    def next(self) -> Any:
        """Return the next event."""
        event = next(self._events, None)
        if event is None:
            raise RefusedAtLine(self.line, "ends too early")
        self.line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent) and event.anchor is not None and len(event.value) <= _MAX_TEXT:
            self._anchors[event.anchor] = event.value  # Ruby writes a text that it has twice as an alias
        return event

    def skip(self) -> None:
        """Pass over a value."""
        depth = 0
        while True:
            event = self.next()
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                self._check(depth)
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth == 0:
                return

    def keys(self, event: Any) -> Iterator[str]:
        """Yield the keys of the mapping that the event begins; the caller reads or skips each value."""
        if not isinstance(event, yaml.MappingStartEvent):
            raise RefusedAtLine(self.line, "not as Gradescope writes it: names with values are missing here")
        while not isinstance(event := self.next(), yaml.MappingEndEvent):
            yield self.text(event).removeprefix(":")  # a symbol of Ruby's

    def items(self, event: Any) -> Iterator[Any]:
        """Yield the event that begins each item of a list."""
        if not isinstance(event, yaml.SequenceStartEvent):
            raise RefusedAtLine(self.line, "not as Gradescope writes it: a list is missing here")
        while not isinstance(event := self.next(), yaml.SequenceEndEvent):
            yield event

    def text(self, event: Any) -> str:
        """Return the text of a scalar."""
        if isinstance(event, yaml.AliasEvent) and event.anchor in self._anchors:
            return self._anchors[event.anchor]
        if not isinstance(event, yaml.ScalarEvent) or len(event.value) > _MAX_TEXT:
            raise RefusedAtLine(
                self.line, f"not as Gradescope writes it: here is a text of up to {_MAX_TEXT} characters"
            )
        return "" if event.value in ("null", "~") and not event.style else str(event.value).strip()

    def moment(self) -> datetime | str | None:
        """Return a time: a scalar, or Ruby's object whose ``utc`` is one."""
        event = self.next()
        if isinstance(event, yaml.MappingStartEvent):
            found: datetime | str | None = None
            for key in self.keys(event):
                if key == "utc":
                    found = self.moment()
                else:
                    self.skip()
            return found
        text = self.text(event)
        return read_moment(text) or text or None

    def _check(self, depth: int) -> None:
        if depth > _MAX_DEPTH:
            raise RefusedAtLine(self.line, f"nested deeper than {_MAX_DEPTH} levels")


def _submissions(reader: _EventReader) -> Iterator[tuple[str, Submitted]]:
    event = reader.next()
    while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
        event = reader.next()
    seen: set[str] = set()
    for folder in reader.keys(event):
        if folder in seen:
            raise RefusedAtLine(reader.line, f"{as_id(folder)!r} appears twice")
        seen.add(folder)
        yield folder, _submitted(reader, folder)


def _submitted(reader: _EventReader, folder: str) -> Submitted:
    people: list[LmsName] = []
    time: datetime | str | None = None
    line = reader.line
    for key in reader.keys(reader.next()):
        if key == "submitters":
            people = [_submitter(reader, event, folder) for event in reader.items(reader.next())]
        elif key == "created_at":
            time = reader.moment()
        else:
            reader.skip()
    if not 0 < len(people) <= MAX_SUBMITTERS:
        raise RefusedAtLine(line, f"{as_id(folder)!r} has {len(people)} submitters; 1 to {MAX_SUBMITTERS} are read")
    return Submitted(tuple(people), time)


def _submitter(reader: _EventReader, event: Any, folder: str) -> LmsName:
    found: dict[str, str] = {}
    line = reader.line
    for key in reader.keys(event):
        if key in ("name", "email", "sid"):
            found[key] = reader.text(reader.next())
        else:
            reader.skip()
    if not any(found.values()):
        raise RefusedAtLine(line, f"a submitter of {as_id(folder)!r} has neither name nor email nor sid")
    number = _FOLDER.fullmatch(folder)
    return LmsName(
        system="Gradescope",
        name=found.get("name", ""),
        number=number["number"] if number else as_id(folder),
        file="",
        email=found.get("email", ""),
        sid=found.get("sid", ""),
    )
