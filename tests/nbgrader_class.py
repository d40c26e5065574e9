"""A class that hands in notebooks through nbgrader's exchange: right, wrong, blank, broken, late, and so on.

    python -m tests.nbgrader_class COURSE_FOLDER EXCHANGE [STUDENTS]

plays ``nbgrader submit`` of every student for every assignment that is released in nbgrader's course folder.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.authoring.demo.build import student_of
from autograder.authoring.demo.kinds import misconceived
from autograder.course.exercises import ExerciseFolder
from autograder.course.model import Course, find_course, load_course
from autograder.release.answers import answer_cells, without_markers
from autograder.release.build import Release
from autograder.student.as_notebook import answer_id

KINDS = ("right", "wrong", "blank", "late", "broken", "right", "wrong", "damaged", "wrong", "very late")
LATENESS = {"late": timedelta(days=1, hours=5), "very late": timedelta(days=30)}
SECRET = "submission_secret.txt"
STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"


def kind_of(number: int) -> str:
    """Return the kind of a student, counted from 0."""
    return KINDS[number % len(KINDS)]


def right(folder: ExerciseFolder) -> dict[str, str]:
    """Return the worked answer cells of an exercise and something written for a person, by the name of the part."""
    written = {part.name: "Squared error answers with the mean." for part in folder.exercise.parts}
    return written | without_markers(answer_cells(folder, solved=True))


def filled(released: bytes, folder: ExerciseFolder, answers: Mapping[str, str]) -> dict[str, Any]:
    """Return a released notebook with answers, by the name of the part."""
    notebook: dict[str, Any] = json.loads(released)
    by_id = {answer_id(folder.name, name): text for name, text in answers.items()}
    for cell in notebook["cells"]:
        meta = cell["metadata"].get("nbgrader", {})
        if meta.get("solution") and meta["grade_id"] in by_id:
            cell["source"] = by_id[meta["grade_id"]]
    return notebook


def handed_in(kind: str, number: int, folder: ExerciseFolder, released: bytes) -> bytes:
    """Return what a student of a kind hands in for an exercise."""
    if kind == "blank":
        return released
    notebook = filled(released, folder, right(folder))
    if kind == "wrong":
        code = [part.name for part in folder.exercise.parts if part.kind != "manual"]
        wrong = dict.fromkeys(code, "") | {code[0]: misconceived(folder, number)[1]}
        notebook = filled(released, folder, wrong)
    if kind == "damaged":  # the first answer in a cell of another name, the last graded cell deleted
        cells = notebook["cells"]
        answers = [cell for cell in cells if cell["metadata"]["nbgrader"]["solution"]]
        answers[0]["metadata"] = {}
        graded = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade")]
        cells.remove(graded[-1])
    data = json.dumps(notebook, indent=1, ensure_ascii=False).encode()
    return data[: len(data) // 2] if kind == "broken" else data


def write_class(
    course: Course, released: Path, students: int, place: Callable[[str, str, datetime], Path]
) -> dict[str, str]:
    """Write what a class hands in for all that is released; return the kind of every student.

    Parameters
    ----------
    course : Course
        Whose exercises are answered.
    released : Path
        nbgrader's ``release``.
    students : int
        How many.
    place : callable
        Says for student, assignment and time of submission where the files go.
    """
    kinds = {student_of(number)[0]: kind_of(number) for number in range(students)}
    for assignment in course.assignments:
        if not (released / assignment.name).is_dir():
            continue
        due = assignment.due or datetime.now(UTC)
        for exercise_folder in Release.of(course, assignment.name, solved=True).folders:
            data = (released / assignment.name / f"{exercise_folder.name}.ipynb").read_bytes()
            for number, (student, kind) in enumerate(kinds.items()):
                moment = due.astimezone(UTC) + LATENESS.get(kind, timedelta(hours=-number - 1))
                folder = place(student, assignment.name, moment)
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{exercise_folder.name}.ipynb").write_bytes(handed_in(kind, number, exercise_folder, data))
                (folder / "timestamp.txt").write_text(moment.strftime(STAMP), encoding="ascii")
                (folder / SECRET).write_text(f"secret of {student}", encoding="ascii")  # as nbgrader's submit does
    return kinds


def main() -> None:
    """Hand in for a class through the exchange."""
    options = argparse.ArgumentParser(prog="python -m tests.nbgrader_class", description="A class that hands in.")
    options.add_argument("folder", type=Path, help="nbgrader's course folder, as `autograder release` made it")
    options.add_argument("exchange", type=Path, help="nbgrader's exchange, where an assignment is released")
    options.add_argument("students", type=int, nargs="?", default=20)
    chosen = options.parse_args()
    folder, students = chosen.folder, chosen.students
    places = list(chosen.exchange.glob("*/inbound"))
    if len(places) != 1:
        options.error(f"{chosen.exchange}: no exchange of one course; first: nbgrader release_assignment")
    inbound = places[0]

    def place(student: str, assignment: str, moment: datetime) -> Path:
        return inbound / f"{student}+{assignment}+{moment.strftime(STAMP)}+0"

    kinds = write_class(load_course(find_course()), folder / "release", students, place)
    with (folder / "roster.csv").open("w", encoding="utf-8", newline="") as stream:
        rows = [(student, student_of(number)[1]) for number, student in enumerate(kinds)]
        csv.writer(stream, lineterminator="\n").writerows([("student", "name"), *rows])
    print(f"{len(kinds)} students handed in: {', '.join(f'{s} {kind}' for s, kind in kinds.items())}")


if __name__ == "__main__":
    main()
