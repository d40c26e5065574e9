"""A release from the exercises to the disk: built aside, searched, then moved into place whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from autograder.atomic import write_whole
from autograder.course.exercises import HANDED_OUT, PICTURES, ExerciseFolder, data_files, load_exercise
from autograder.course.model import FILE_NAME, Assignment, Course
from autograder.judging.public_half import FILE as FROZEN
from autograder.judging.public_half import freeze
from autograder.model import Limits
from autograder.plain import dataclass
from autograder.release.answers import answer_cells, without_markers
from autograder.release.first_page import PATH, first_page, path_page, section_of
from autograder.release.leaks import refuse_leaks
from autograder.release.wheel import wheel, wheel_name, wheels_of
from autograder.release.zipped import last_change, packed
from autograder.student.as_notebook import build_notebook, relinked


@dataclass(frozen=True, eq=False)
class Release:
    """The files of one assignment: as an nbgrader source, and as students get them."""

    course: Course
    assignment: Assignment
    folders: tuple[ExerciseFolder, ...]
    solved: bool

    @classmethod
    def of(cls, course: Course, assignment: str, *, solved: bool) -> Release:
        """Load the exercises of an assignment with their hidden half, which the search needs."""
        chosen = course.assignment(assignment)
        folders = tuple(load_exercise(course.root, name, hidden=True) for name in chosen.exercises)
        return cls(course, chosen, folders, solved)

    def worth(self, folder: ExerciseFolder) -> dict[str, float]:
        """Return the points in this course of each part that is examined."""
        return folder.worth(self.assignment.exercises[folder.name])

    def sources(self) -> dict[str, bytes]:
        """Return the nbgrader source notebooks by file name."""
        return {
            f"{folder.name}.ipynb": self._notebook(folder, answer_cells(folder, solved=self.solved), at="")
            for folder in self.folders
        }

    def _notebook(self, folder: ExerciseFolder, answers: Mapping[str, str], *, at: str | None = None) -> bytes:
        opening = section_of(self.course.root, self.assignment) if folder is self.folders[0] else ""
        return build_notebook(folder, self.worth(folder), answers, at=at, opening=opening).encode()

    def helpers(self, *, flat: bool = True, offline: str = "") -> dict[str, bytes]:
        """Return what every handout holds besides answers: its first page, the path, the public checks and figures.

        Parameters
        ----------
        flat : bool
            Whether the notebooks are at the top; there is then no folder for each exercise.
        offline : str
            Folder of the handout from which everything is installed; empty: from the network.
        """
        package = wheel_name() if flat else f"package/{wheel_name()}"
        page = first_page(self.course, self.assignment, self.folders, package, flat=flat, offline=offline)
        files = {
            "course.yml": self._course_file(),
            "README.md": page.encode(),
            PATH: path_page(self.course.root).encode(),
        }
        pictures = (p for p in sorted((self.course.root / "exercises").iterdir()) if p.suffix in PICTURES)
        files |= {f"exercises/{p.name}": p.read_bytes() for p in pictures}
        for folder in self.folders:
            checks, home = f"{HANDED_OUT}/{folder.name}", f"exercises/{folder.name}"
            files[f"{checks}/checks.py"] = (folder.path / "checks.py").read_bytes()
            files[f"{checks}/{FROZEN}"] = _frozen(folder)
            files[f"{checks}/stub.txt"] = folder.stub.read_bytes()
            place = checks if flat else home
            text = relinked(folder.text(), home, place, flat=flat)
            files[f"{place}/README.md"] = text.encode()
            if (folder.path / "figure.py").is_file():
                files[f"{checks}/figure.py"] = (folder.path / "figure.py").read_bytes()
            for name, data in data_files(folder.path).items():
                if flat or not name.endswith(PICTURES):
                    files[f"{checks}/{name}"] = data
                files[name if flat else f"{home}/{name}"] = data
        return files

    def bundle(self, *, offline: str = "") -> dict[str, bytes]:
        """Return the files of the bundle for students without nbgrader."""
        files = self.helpers(flat=False, offline=offline)
        for folder in self.folders:
            below = f"exercises/{folder.name}"
            cells = without_markers(answer_cells(folder, solved=self.solved))
            files[f"{below}/{folder.name}.py"] = self._solved_file(cells) if self.solved else folder.stub.read_bytes()
            files[f"{below}/{folder.name}.ipynb"] = self._notebook(folder, cells)
        return files

    @property
    def written(self) -> datetime:
        """When the last file of the course that is handed out was changed."""
        folders = (p for folder in self.folders for p in folder.path.iterdir() if p.is_file() and p.name != FROZEN)
        return last_change([*folders, self.course.root / FILE_NAME])

    def _solved_file(self, cells: Mapping[str, str]) -> bytes:
        return ("import numpy as np\n\n\n" + "\n\n\n".join(cells.values()) + "\n").encode()

    def _course_file(self) -> bytes:
        exercises = "".join(f"      {name}: {points:g}\n" for name, points in self.assignment.exercises.items())
        packages = f"packages: {json.dumps(self.course.packages)}\n" if self.course.packages else ""
        seconds = self.course.limits.cpu_seconds  # those by which `check` stops a call at home
        limits = "" if seconds == Limits.cpu_seconds else f"limits: {{cpu_seconds: {seconds:g}}}\n"
        return (
            f"title: {json.dumps(self.course.title, ensure_ascii=False)}\nassignments:\n  {self.assignment.name}:\n"
            f"    title: {json.dumps(self.assignment.title, ensure_ascii=False)}\n    exercises:\n{exercises}"
            f"{packages}{limits}"
        ).encode()

    def search(self, files: Mapping[str, bytes]) -> None:
        """Search files for students for anything hidden; worked solutions may be in them if they were asked for.

        Raises
        ------
        Leak
            If something is found.
        """
        solved = [text for folder in self.folders for text in self._worked(folder)] if self.solved else []
        refuse_leaks(files, self.folders, variants=self.course.variants, solved=solved)

    def _worked(self, folder: ExerciseFolder) -> tuple[str, ...]:
        truths = (question.truth for question in folder.questions.values())
        return (*answer_cells(folder, solved=True).values(), *truths)


def _frozen(folder: ExerciseFolder) -> bytes:
    return (json.dumps(freeze(folder), sort_keys=True) + "\n").encode()


WHEELS = "wheels"
"""Folder of a bundle from which everything is installed without a network."""


def write_bundle(release: Release, to: Path, *, with_wheels: bool = False) -> Path:
    """Write ``<assignment>.zip`` into a folder; the same course gives the same bytes.

    With wheels, which are those of this system and Python, students need no network.

    Raises
    ------
    Leak
        If something hidden would reach a student; then nothing is written.
    CourseError
        If the folder cannot be written to, or a wheel cannot be had.
    """
    files = release.bundle(offline=WHEELS if with_wheels else "")
    release.search(files)
    name, content = wheel(release.written)
    files[f"package/{name}"] = content
    if with_wheels:
        files |= {f"{WHEELS}/{one}": data for one, data in wheels_of(name, content, release.course.packages).items()}
    data = packed(release.assignment.name, files, written=release.written)
    return write_whole(to / f"{release.assignment.name}.zip", data)


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
