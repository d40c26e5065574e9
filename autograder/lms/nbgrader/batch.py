"""Keep submissions in a batch of ``nbgrader autograde`` from reaching what they should not.

nbgrader makes its converter itself and copies whatever lies in a submission, following links.  So the converter of the
batch gets the class of this module, which changes three of its steps: which submissions are converted, what is taken
back before one is graded, and what of its folder is copied.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import nbgrader
from nbgrader import utils
from nbgrader.converters.autograde import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory

from autograder.intake.files import DiskPlace, path_text
from autograder.intake.source import Rejected
from autograder.lms.nbgrader import book as rows
from autograder.lms.nbgrader.cells import is_marked
from autograder.lms.nbgrader.handed import MAX_TEXT, SECRET, fits_a_page, looked_through, secret_of, submission_of
from autograder.text import for_terminal_line

KNOWN = "0.9."
"""The versions of nbgrader whose steps are changed here; what another one does with a submission is not known."""

_STAMP = "timestamp.txt"


class SafeCourseDirectory(CourseDirectory):  # type: ignore[misc]  # nbgrader publishes no types
    """nbgrader's course folder; what students put into it is read without following links and up to a size."""

    @classmethod
    def of(cls, other: Any) -> SafeCourseDirectory:
        """Return the same folder; the other one, which a server keeps, stays as it is."""
        return cls(parent=other.parent, **{name: getattr(other, name) for name in other.trait_names(config=True)})

    def get_existing_timestamp(self, dest_path: str) -> datetime | None:
        """Return the time in a folder's timestamp.txt, as nbgrader reads it; None where it cannot be read."""
        if not os.path.lexists(os.path.join(dest_path, _STAMP)):
            return None
        try:
            text = DiskPlace(Path(dest_path), (_STAMP,)).read(MAX_TEXT).decode()
            found: datetime | None = utils.parse_utc(text.strip())
        except Exception as error:
            # the file is the student's; nbgrader fails on it in several ways, each of which would cost the grade
            where, kind = for_terminal_line(dest_path), str(error) if isinstance(error, Rejected) else "no time"
            self.log.warning("%s: timestamp.txt cannot be read (%s); the time is unknown", where, kind)
            return None
        return found

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return the folder of one student's assignment in a step such as ``submitted``."""
        return Path(self.format_path(getattr(self, f"{step}_directory"), student, assignment))


class _CopiesNothing(BaseConverter):  # type: ignore[misc]  # see above
    """In the place of nbgrader's copying of everything in a submission: its time and its secret, as text."""

    left_out: Sequence[str] = ()
    """What of the present submission is neither a regular file nor a folder, in words."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        root, parts = submission_of(self.coursedir, student_id, assignment_id)
        _, strange = looked_through(root, parts)
        self.left_out = [f"{path_text(leaf.parts[len(parts) :])} {leaf.problem}; it is left out" for leaf in strange]
        for said in self.left_out:
            self.log.warning("%s, %s: %s", student_id, assignment_id, said)
        target = self.coursedir.folder("autograded", student_id, assignment_id)
        stamp = self.coursedir.get_existing_timestamp(str(root.joinpath(*parts)))
        texts = {} if stamp is None else {_STAMP: f"{stamp} UTC\n"}
        with suppress(Rejected):  # handed in by another way than nbgrader's, or told above
            texts[SECRET] = secret_of(root, parts)
        for name, text in texts.items():
            target.mkdir(parents=True, exist_ok=True)
            (target / name).unlink(missing_ok=True)  # nbgrader leaves its files without the right to write
            (target / name).write_text(text, encoding="utf-8")


class GuardedAutograde(Autograde, _CopiesNothing):  # type: ignore[misc]  # see above
    """nbgrader's converter for a batch: no submission stops it, none that was cut off counts as done.

    ``Autograde`` calls the step above it in the order of bases, so :class:`_CopiesNothing` comes before nbgrader's own.
    """

    assignments: dict[str, list[str]]

    @classmethod
    def take_over(cls, converter: Any) -> None:
        """Change the steps of a converter that nbgrader made and is about to start.

        Raises
        ------
        NbGraderException
            If this is another version of nbgrader.
        """
        if type(converter) is not Autograde or not nbgrader.__version__.startswith(KNOWN):
            said = (
                f"submissions are guarded in nbgrader {KNOWN}x, and this is {nbgrader.__version__}: install "
                f"'nbgrader=={KNOWN}*', or grade with `autograder grade` and `autograder export nbgrader`"
            )
            converter.log.error(said)  # nbgrader ends by the exception without a word
            raise NbGraderException(said)
        converter.__class__ = cls
        converter.coursedir = SafeCourseDirectory.of(converter.coursedir)
        converter._choose()

    def _choose(self) -> None:
        """Leave out what cannot be graded, and let what was cut off be graded again."""
        chosen: dict[str, list[str]] = {}
        known: dict[str, set[str]] = {}
        for folder, files in self.assignments.items():
            student, assignment = self.names(folder)
            if not fits_a_page(student):
                said = for_terminal_line(folder)
                self.log.error("%s: a student's id cannot hold <, > or \"; rename the folder to grade it", said)
                continue
            if assignment not in known:
                with self.gradebook() as book:
                    known[assignment] = rows.notebooks(book, assignment)
            kept = [file for file in files if Path(file).stem in known[assignment]]
            for file in sorted(set(files) - set(kept)):
                self.log.warning("Skipping unknown notebook: %s", for_terminal_line(file))
            chosen[folder] = kept
        self._again(chosen)
        self.assignments = chosen

    def _again(self, folders: Iterable[str]) -> None:
        by_assignment: dict[str, list[str]] = {}
        for folder in folders:
            student, assignment = self.names(folder)
            by_assignment.setdefault(assignment, []).append(student)
        for assignment, students in by_assignment.items():
            with self.gradebook() as book:
                known, open_ones = rows.students(book, assignment), rows.unfinished(book, assignment)
            for student in sorted(students):
                place = self.coursedir.folder("autograded", student, assignment)
                if place.is_dir() and (student not in known or student in open_ones) and not _all_marked(place):
                    self.log.warning("%s: grading was cut off here; it is done again", place)
                    utils.rmtree(str(place))

    def run_pre_convert_hook(self) -> None:
        """Take back the scores of what is about to be graded, so that none outlives a failure; then the hook."""
        if self.notebooks:
            folder = Path(self.notebooks[0]).parent
            owner, name = self.names(str(folder))
            graded = {Path(one).stem for one in self.notebooks}
            with self.gradebook() as book:
                # nbgrader gives 0 for what was not handed in this time
                rows.forget(book, name, owner, lambda one: one in graded or not (folder / f"{one}.ipynb").exists())
                book.db.commit()
        super().run_pre_convert_hook()

    def gradebook(self) -> Any:
        """Open the course's gradebook."""
        return rows.gradebook(self.coursedir.db_url, self.coursedir.course_id)

    def names(self, folder: str) -> tuple[str, str]:
        """Return student and assignment of a folder of submissions."""
        groups = ("(?P<student>.*)", "(?P<assignment>.*)")
        pattern = self.coursedir.format_path(self.coursedir.submitted_directory, *groups, escape=True)
        found = re.fullmatch(pattern, folder, re.DOTALL)
        if found is None:
            raise ValueError(f"{folder}: is not in nbgrader's folder of submissions")
        return found["student"], found["assignment"]


def _all_marked(folder: Path) -> bool:
    return all(is_marked(file) for file in folder.glob("*.ipynb"))
