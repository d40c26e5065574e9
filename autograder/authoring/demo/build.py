"""Writing the demo class to disk."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from autograder.authoring.demo.kinds import AnswerKind, kind_of, misconception_number, written
from autograder.course.exercises import ExerciseFolder, load_exercise
from autograder.course.model import Course

_NAMES = (
    "Amara", "Bela", "Chidi", "Dana", "Elif", "Farid", "Grace", "Hana", "Ivan", "Jun", "Kofi", "Lena", "Mateo", "Noor",
    "Oskar", "Priya", "Quinn", "Rosa", "Samir", "Tove", "Uma", "Viktor", "Wen", "Ximena", "Yara", "Zoltan",
)  # fmt: skip


def student_of(number: int) -> tuple[str, str]:
    """Return id and name of a student, counted from 0."""
    name = _NAMES[number % len(_NAMES)]
    family = _NAMES[(number // len(_NAMES) + 7 * number + 3) % len(_NAMES)]
    return f"s{number + 1:04d}", f"{name} {family}son"


def write_class(
    course: Course,
    students: int,
    out: Path,
    assignments: Sequence[str] | None = None,
    *,
    folders: Sequence[str] | None = None,
    slow: bool = True,
) -> Path:
    """Write a class in nbgrader's layout below ``out/submitted`` and its roster next to it.

    Parameters
    ----------
    course : Course
        Whose exercises the students answer.
    students : int
        How many.
    out : Path
        Folder that is made.
    assignments : sequence of str, optional
        Which assignments they hand in; all by default.
    folders : sequence of str, optional
        Which exercises; all of the assignments by default.
    slow : bool
        Whether there are students who cost the grader seconds: loops, crashes and the like.

    Returns
    -------
    Path
        The roster ``out/roster.csv``: id, name and kind of every student.
    """
    handed_in = [a for a in course.assignments if assignments is None or a.name in assignments]
    chosen = {a.name: [name for name in a.exercises if folders is None or name in folders] for a in handed_in}
    loaded: dict[str, ExerciseFolder] = {
        name: load_exercise(course.root, name, hidden=True) for names in chosen.values() for name in names
    }

    @lru_cache(maxsize=4096)
    def answer(kind: AnswerKind, name: str, variety: int) -> tuple[str, str]:
        return kind.write(loaded[name], variety)

    roster = [("student", "name", "kind")]
    for number in range(students):
        kind = kind_of(number, slow=slow)
        student, full_name = student_of(number)
        roster.append((student, full_name, kind.name))
        variety = misconception_number(number, slow=slow) if kind.name == "misconceived" else number // 20
        for assignment, names in chosen.items():
            folder = out / "submitted" / student / assignment
            for name in names:
                folder.mkdir(parents=True, exist_ok=True)
                suffix, text = answer(kind, name, variety % 60)
                (folder / f"{name}{suffix}").write_text(text, encoding="utf-8")
                essay = written(loaded[name], number) if suffix == ".py" and kind.name != "untouched" else ""
                if essay:
                    (folder / f"{name}.md").write_text(essay, encoding="utf-8")
    out.mkdir(parents=True, exist_ok=True)
    path = out / "roster.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(roster)
    return path
