"""Writing the demo class to disk."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from autograder.course import Course
from autograder.demo.kinds import kind_of, misconception_number
from autograder.rooms import Room, load_room

_NAMES = (
    "Amara", "Bela", "Chidi", "Dana", "Elif", "Farid", "Grace", "Hana", "Ivan", "Jun", "Kofi", "Lena", "Mateo", "Noor",
    "Oskar", "Priya", "Quinn", "Rosa", "Samir", "Tove", "Uma", "Viktor", "Wen", "Ximena", "Yara", "Zoltan",
)  # fmt: skip


def student_of(number: int) -> tuple[str, str]:
    """Return id and name of a student, counted from 0."""
    name = _NAMES[number % len(_NAMES)]
    family = _NAMES[(number // len(_NAMES) + 7 * number + 3) % len(_NAMES)]
    return f"s{number + 1:04d}", f"{name} {family}son"


def write_class(course: Course, students: int, out: Path, written: Callable[[int], None] = lambda count: None) -> Path:
    """Write a class in nbgrader's layout below ``out/submitted`` and its roster beside it.

    Parameters
    ----------
    course : Course
        Whose exercises the students answer.
    students : int
        How many.
    out : Path
        Folder that is made.
    written : callable
        Called with the number of students that were written.

    Returns
    -------
    Path
        The roster ``out/roster.csv``: id, name and kind of every student.
    """
    rooms: dict[str, Room] = {name: load_room(course.root, name, hidden=True) for name in course.exercises}

    @lru_cache(maxsize=4096)
    def answer(kind_number: int, name: str, variety: int) -> tuple[str, str]:
        return kind_of(kind_number).write(rooms[name], variety)

    roster = [("student", "name", "kind")]
    for number in range(students):
        kind = kind_of(number)
        student, full_name = student_of(number)
        roster.append((student, full_name, kind.name))
        variety = misconception_number(number) if kind.name == "misconceived" else number // 20
        for assignment in course.assignments:
            folder = out / "submitted" / student / assignment.name
            for name in assignment.exercises:
                folder.mkdir(parents=True, exist_ok=True)
                suffix, text = answer(_first_of_kind(number), name, variety % 60)
                (folder / f"{name}{suffix}").write_text(text, encoding="utf-8")
        written(1)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "roster.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(roster)
    return path


def _first_of_kind(number: int) -> int:
    name = kind_of(number).name
    return next(k for k in range(number + 1) if kind_of(k).name == name)
