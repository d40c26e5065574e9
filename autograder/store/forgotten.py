"""What names a student in what is kept of others: paths, remarks and comments of a team, and files next to them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from autograder.intake.identity import Person
from autograder.plain import dataclass
from autograder.store.stored import FORMULAS, NAMING, Stored

SOMEONE = "(a former student)"
"""In place of a name in a sentence."""

_SHORT = 3
_SHORT_NUMBER = 5
"""Shorter words are left alone in sentences and bytes: they are too often something else."""


@dataclass(frozen=True)
class StudentNames:
    """What a student is called: the id, the full name, other ids, and the numbers of learning management systems."""

    student: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @classmethod
    def of(cls, student: str, person: Person | None) -> StudentNames:
        """Return the words of a student who may be on the class list."""
        if person is None:
            return cls(student)
        return cls(student, person.name, tuple(person.aliases), tuple(person.numbers.values()))

    @property
    def telling(self) -> tuple[str, ...]:
        """Words that are long enough to mean this student wherever they are, the longest first."""
        given = self.name.replace(",", " ").split()
        orders = (self.name, " ".join(given), f"{given[-1]}, {' '.join(given[:-1])}" if len(given) > 1 else "")
        every = {word.strip() for word in (self.student, *orders, *self.aliases, *self.numbers)}
        kept = (word for word in every if len(word) >= (_SHORT_NUMBER if word.isdigit() else _SHORT))
        return tuple(sorted(kept, key=lambda word: (-len(word), word)))

    def out_of(self, text: str, instead: str = SOMEONE) -> str:
        """Return a sentence with another word in place of each that means the student."""
        pattern = self._pattern
        return text if pattern is None else pattern.sub(lambda _: instead, text)

    def within(self, data: bytes) -> bool:
        """Whether bytes name the student."""
        return self._pattern is not None and self._pattern.search(data.decode("utf-8", "replace")) is not None

    @property
    def _pattern(self) -> re.Pattern[str] | None:
        every = "|".join(map(re.escape, self.telling))
        return re.compile(rf"(?<![\w@])(?:{every})(?![\w@])", re.IGNORECASE) if every else None

    def names(self, piece: str) -> bool:
        """Whether a folder or file is called after the student, as this or a learning management system does it."""
        folded = piece.casefold()
        words = set(re.split(r"[\W_]+", folded))
        given = [word for word in re.split(r"[\W_]+", self.name.casefold()) if word]
        joined = {"".join(given), "".join([*given[-1:], *given[:-1]])} if len(given) > 1 else set()
        own = {word.casefold() for word in (self.student, *self.aliases, *self.numbers) if word}
        return (
            folded in own
            or bool(words & (own | joined))
            or (len(given) > 1 and {*given} <= words)
            or any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded) for word in own)
        )

    def cut(self, path: str, exercise: str) -> str:
        """Return a path below the last folder that is called after the student; a file that is, under the exercise."""
        *folders, last = PurePosixPath(path).parts
        if self.names(PurePosixPath(last).stem):
            return exercise + PurePosixPath(last).suffix
        after = max((k + 1 for k, folder in enumerate(folders) if self.names(folder)), default=0)
        return "/".join([*folders[after:], last])


def without(
    stored: Stored, files: Iterable[tuple[str, str]], words: StudentNames, instead: str = SOMEONE
) -> tuple[Stored, list[list[str]]]:
    """Return a verdict and the files of another student of the team, with nothing in them that names this one."""
    record = stored.record
    listed = [name for name, _ in files]
    paths: dict[str, str] = {}
    for name in dict.fromkeys([*([] if record.file is None else [record.file]), *listed]):
        paths[name] = _unlike(words.cut(name, record.exercise), paths.values())

    def cleaned(text: str) -> str:
        for old, new in paths.items():
            text = text.replace(old, new)
        return words.out_of(text, instead)

    record = replace(
        record,
        file=None if record.file is None else paths[record.file],
        message=None if record.message is None else cleaned(record.message),
        notes=tuple(map(cleaned, record.notes)),
    )
    kept = replace(stored, record=record, notes=tuple(map(cleaned, stored.notes)))
    return kept, [[paths[name], sha256] for name, sha256 in files]


def renamed(stored: Stored, words: StudentNames, pseudonym: str) -> Stored:
    """Return a verdict under a pseudonym: without what was handed in, remarks on it, and the student's name in values.

    Code can print or raise anything, so evidence and messages may hold the name.  What was claimed of formulas and the
    values that name misconceptions are left as they are: they are numbers and formulas.
    """

    def cleaned(value: Any) -> Any:
        if isinstance(value, str):
            return words.out_of(value, pseudonym)
        if isinstance(value, Mapping):
            return {key: one if key in (FORMULAS, NAMING) else cleaned(one) for key, one in value.items()}
        return [cleaned(one) for one in value] if isinstance(value, list | tuple) else value

    def said(one: Mapping[str, Any]) -> dict[str, Any]:
        return {**one, **({"message": cleaned(one["message"])} if "message" in one else {})}

    parts = tuple(
        {**said(part), "checks": [said(check) for check in part.get("checks", ())]} for part in stored.record.parts
    )
    record = replace(stored.record, student=pseudonym, file=None, sha256=None, message=None, notes=(), parts=parts)
    return replace(stored, record=record, notes=(), answers={}, evidence=cleaned(stored.evidence))


def _unlike(path: str, others: Iterable[str]) -> str:
    """Return a path, numbered if there is one like it."""
    taken, new, k = set(others), PurePosixPath(path), 2
    while new.as_posix() in taken:
        new, k = PurePosixPath(path).with_stem(f"{PurePosixPath(path).stem}-{k}"), k + 1
    return new.as_posix()


def naming_files(folder: Path, everybody: Iterable[StudentNames]) -> Iterator[str]:
    """Yield the files and folders below a folder that name one of these students, also inside of a zip."""
    several = list(everybody)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(words.names(path.stem) or words.within(data) for data in _bytes_of(path) for words in several):
            yield name


def _bytes_of(path: Path) -> Iterator[bytes]:
    yield path.name.encode("utf-8", "replace")
    if path.is_symlink() or not path.is_file():
        return
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield name.encode("utf-8", "replace")
                    yield archive.read(name)
        else:
            yield path.read_bytes()
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return  # cannot be read, so cannot be said
