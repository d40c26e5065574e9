"""Number students, for marking, showing the class or running another tool without names."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from autograder.atomic import replacing
from autograder.errors import CourseError

FILE_NAME = "numbers.json"
"""Kept with the results: who has which number.  It alone leads back to the students."""

_START = "anon-"


def numbers_of(out: Path, students: Iterable[str]) -> Mapping[str, str]:
    """Return a name such as ``anon-017`` for each student, the same at every call; new ones are drawn at random.

    Raises
    ------
    CourseError
        If the file that keeps them cannot be read or written.
    """
    known = _read(out)
    new = sorted(set(students) - known.keys())
    if new:
        taken = set(known.values())
        most = max(999, 3 * (len(known) + len(new)))
        free = [number for k in range(1, most + 1) if (number := f"{_START}{k:03d}") not in taken]
        secrets.SystemRandom().shuffle(free)
        known |= dict(zip(new, free, strict=False))
        _write(out, known)
    return known


def student_behind(out: Path) -> Callable[[str], str]:
    """Return what finds the student of a number; any other text is returned as it is."""
    behind = {number: student for student, number in _read(out).items()}
    return lambda text: behind.get(text, text)


def forget_number(out: Path, student: str) -> None:
    """Take a student's number out."""
    known = _read(out)
    if known.pop(student, None) is not None:
        _write(out, known)


def _read(out: Path) -> dict[str, str]:
    path = out / FILE_NAME
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
        return {str(student): str(number) for student, number in listed.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError) as error:
        why = f"{type(error).__name__}; restore it from a backup: tables with numbers cannot be read back without it"
        raise CourseError(f"{path}: does not hold the students' numbers of --anonymous ({why})") from None


def _write(out: Path, known: Mapping[str, str]) -> None:
    with replacing(out / FILE_NAME) as stream:
        json.dump(dict(sorted(known.items())), stream, ensure_ascii=True, indent=0)
