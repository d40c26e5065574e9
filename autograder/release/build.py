"""A release from the rooms to the disk: built aside, searched, then moved into place whole."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.atomic import write_whole
from autograder.course.exercises import Room, data_files, load_room
from autograder.course.model import Assignment, Course
from autograder.judging.public_half import FILE as FROZEN
from autograder.judging.public_half import freeze
from autograder.release.answers import answer_cells, without_markers
from autograder.release.cells import build_notebook
from autograder.release.leaks import refuse_leaks

_EPOCH = (1980, 1, 1, 0, 0, 0)

_BUNDLE = """# {title}: {assignment}

You need Python 3.11 or newer.  Set up once, in this folder, with the file or address of the package
`mse-course-autograder` that your course gives you in the place of PACKAGE:

    python3 -m venv .venv
    .venv/bin/pip install PACKAGE

On Windows it is `.venv\\Scripts` instead of `.venv/bin`, and `python` instead of `python3`.  Then:

    .venv/bin/autograder              # what is done, what is next
    .venv/bin/autograder check {first}    # the public checks of one exercise

Write your answers into `exercises/<name>/<name>.py`, or into the notebook beside it (`.venv/bin/pip install notebook`
brings the program for it); `README.md` there says what is asked.  Hand in the files that you wrote in, or `exercises/`
as a zip.  Of two files for one exercise the notebook counts, unless nothing is begun in it.  Hidden checks follow when
your work is graded.

Exercises: {names}
"""


@dataclass(frozen=True, eq=False)
class Release:
    """The files of one assignment: as an nbgrader source, and as students get them."""

    course: Course
    assignment: Assignment
    rooms: tuple[Room, ...]
    solved: bool

    @classmethod
    def of(cls, course: Course, assignment: str, *, solved: bool) -> Release:
        """Load the rooms of an assignment with their hidden half, which the search needs."""
        chosen = course.assignment(assignment)
        rooms = tuple(load_room(course.root, name, hidden=True) for name in chosen.exercises)
        return cls(course, chosen, rooms, solved)

    def worth(self, room: Room) -> dict[str, float]:
        """Return the points in this course of each part that is examined."""
        return room.worth(self.assignment.exercises[room.name])

    def sources(self) -> dict[str, bytes]:
        """Return the nbgrader source notebooks by file name."""
        return {
            f"{room.name}.ipynb": self._notebook(room, answer_cells(room, solved=self.solved)) for room in self.rooms
        }

    def _notebook(self, room: Room, answers: Mapping[str, str]) -> bytes:
        return build_notebook(room, self.worth(room), answers).encode()

    def helpers(self) -> dict[str, bytes]:
        """Return what the public checks need beside a notebook: the course's names and the public halves."""
        files = {"course.yml": self._course_file()}
        for room in self.rooms:
            files[f"exercises/{room.name}/checks.py"] = (room.path / "checks.py").read_bytes()
            files[f"exercises/{room.name}/{FROZEN}"] = _frozen(room)
            files |= {f"exercises/{room.name}/{name}": data for name, data in data_files(room.path).items()}
        return files

    def bundle(self) -> dict[str, bytes]:
        """Return the files of the bundle for students without nbgrader."""
        names = [room.name for room in self.rooms]
        text = _BUNDLE.format(
            title=self.course.title, assignment=self.assignment.title, first=names[0], names=", ".join(names)
        )
        files = {**self.helpers(), "README.md": text.encode()}
        for room in self.rooms:
            below = f"exercises/{room.name}"
            cells = without_markers(answer_cells(room, solved=self.solved))
            stub = room.stub.read_bytes()
            files[f"{below}/README.md"] = (room.path / "README.md").read_bytes()
            files[f"{below}/{room.name}.py"] = self._solved_file(cells) if self.solved else stub
            files[f"{below}/stub.txt"] = stub
            files[f"{below}/{room.name}.ipynb"] = self._notebook(room, cells)
            if (room.path / "figure.py").is_file():
                files[f"{below}/figure.py"] = (room.path / "figure.py").read_bytes()
        return files

    def _solved_file(self, cells: Mapping[str, str]) -> bytes:
        return ("import numpy as np\n\n\n" + "\n\n\n".join(cells.values()) + "\n").encode()

    def _course_file(self) -> bytes:
        exercises = "".join(f"      {name}: {points:g}\n" for name, points in self.assignment.exercises.items())
        packages = f"packages: {json.dumps(self.course.packages)}\n" if self.course.packages else ""
        return (
            f"title: {json.dumps(self.course.title, ensure_ascii=False)}\nassignments:\n  {self.assignment.name}:\n"
            f"    title: {json.dumps(self.assignment.title, ensure_ascii=False)}\n    exercises:\n{exercises}{packages}"
        ).encode()

    def search(self, files: Mapping[str, bytes]) -> None:
        """Search files for students for anything hidden; worked solutions may stand there if they were asked for.

        Raises
        ------
        Leak
            If something is found.
        """
        solved = {room.name: self._worked(room) for room in self.rooms} if self.solved else {}
        refuse_leaks(files, self.rooms, variants=self.course.variants, solved=solved)

    def _worked(self, room: Room) -> tuple[str, ...]:
        truths = (question.truth for question in room.questions.values())
        return (*answer_cells(room, solved=True).values(), *truths)


def _frozen(room: Room) -> bytes:
    return (json.dumps(freeze(room), sort_keys=True) + "\n").encode()


def write_bundle(release: Release, to: Path) -> Path:
    """Write ``<assignment>.zip`` into a folder; the same course gives the same bytes.

    Raises
    ------
    Leak
        If something hidden would reach a student; then nothing is written.
    CourseError
        If the folder cannot be written to.
    """
    files = release.bundle()
    release.search(files)
    return write_whole(to / f"{release.assignment.name}.zip", packed(release.assignment.name, files))


def packed(top: str, files: Mapping[str, bytes], *, programs: Collection[str] = ()) -> bytes:
    """Return a zip of files below a folder (or at the top: ""), without times of writing; some can be executed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(f"{top}/{path}" if top else path, _EPOCH)
            mode = 0o755 if path in programs else 0o644
            entry.external_attr, entry.create_system = mode << 16, 3
            archive.writestr(entry, files[path], zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
