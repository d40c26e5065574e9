"""Way (b) of grading through nbgrader: ``nbgrader autograde`` and formgrader's button grade in our sandbox.

The configuration that a release writes names the two classes here.  nbgrader keeps what it is good at (which
submissions, folders, gradebook); the submitted file is read by our intake and graded as ``autograder grade`` grades it,
and no kernel is started.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, from_dict
from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Unicode

from autograder.course.feedback_policy import sight_of
from autograder.course.model import Assignment, Course
from autograder.grading.grader import Grader, Settings
from autograder.intake.discovery import Handed, Submission
from autograder.intake.files import MAX_NOTEBOOK, DiskPlace
from autograder.intake.limited import read_notebook
from autograder.intake.source import Rejected
from autograder.intake.tables import Received, read_received
from autograder.lms.nbgrader import book as rows
from autograder.lms.nbgrader import course_named
from autograder.lms.nbgrader.cells import MARK, Blueprint, fill, is_marked, untouched, whole
from autograder.lms.nbgrader.verdicts import Verdict, late_remark, verdicts
from autograder.store.records import Record
from autograder.store.waiting import closed
from autograder.text import as_id


class SubmittedNotebooks(NotebookExporter):  # type: ignore[misc]  # nbconvert publishes no types
    """Reads what was handed in, whatever it is, and guards nbgrader's batch; one lives through a whole batch.

    Set as ``c.Autograde.exporter_class``.
    """

    def __init__(self, config: Any = None, **more: Any) -> None:
        super().__init__(config=config, **more)
        self.told: set[tuple[str, str]] = set()
        self._graders: dict[Settings, Grader] = {}
        self._blueprints: dict[tuple[str, str], Blueprint] = {}
        if getattr(self.parent, "coursedir", None) is not None:
            self._guard()

    def _guard(self) -> None:
        """Let no submission stop the batch, no old score outlive a failure, and none that was cut off count as done."""
        converter = self.parent
        coursedir = converter.coursedir
        coursedir.get_existing_timestamp = partial(self._timestamp, coursedir.get_existing_timestamp)
        converter.pre_convert_hook = partial(self._before, converter.pre_convert_hook)
        by_assignment: dict[str, list[str]] = {}
        for folder in converter.assignments:
            student, assignment = self._names(folder)
            by_assignment.setdefault(assignment, []).append(student)
        for assignment, students in by_assignment.items():
            with self._gradebook() as book:
                known, open_ones = rows.students(book, assignment), rows.unfinished(book, assignment)
            for student in sorted(students):
                place = self.place("autograded", student, assignment)
                if place.is_dir() and (student not in known or student in open_ones) and not _all_marked(place):
                    self.log.warning("%s: grading was cut off here; it is done again", place)
                    utils.rmtree(str(place))

    def _timestamp(self, read: Any, folder: str) -> datetime | None:
        """Return the time in a folder's timestamp.txt, as nbgrader reads it; None where that cannot be read."""
        try:
            found: datetime | None = read(folder)
        except Exception as error:
            # the file is the student's; nbgrader fails on it in several ways, each of which would cost the grade
            self.log.warning("%s: timestamp.txt cannot be read (%s); the time is unknown", folder, type(error).__name__)
            return None
        return found

    def _before(self, hook: Any, *, assignment: str, student: str, notebooks: list[str]) -> None:
        """Take back the scores of what is about to be graded; then the course's own hook."""
        if notebooks:
            folder = Path(notebooks[0]).parent
            owner, name = self._names(str(folder))
            graded = {Path(one).stem for one in notebooks}
            with self._gradebook() as book:
                # nbgrader gives 0 for what was not handed in this time
                rows.forget(book, name, owner, lambda one: one in graded or not (folder / f"{one}.ipynb").exists())
                book.db.commit()
        if hook is not None:
            hook(assignment=assignment, student=student, notebooks=notebooks)

    def _gradebook(self) -> Any:
        return rows.gradebook(self.parent.coursedir.db_url, self.parent.coursedir.course_id)

    def place(self, step: str, student: str, assignment: str) -> Path:
        """Return nbgrader's folder of one student's assignment in a step such as ``submitted``."""
        coursedir = self.parent.coursedir
        return Path(coursedir.format_path(getattr(coursedir, f"{step}_directory"), student, assignment))

    def _names(self, folder: str) -> tuple[str, str]:
        coursedir = self.parent.coursedir
        groups = ("(?P<student>.*)", "(?P<assignment>.*)")
        found = re.fullmatch(coursedir.format_path(coursedir.submitted_directory, *groups, escape=True), folder)
        if found is None:
            raise ValueError(f"{folder}: is not in nbgrader's folder of submissions")
        return found["student"], found["assignment"]

    # --- one notebook ---

    def from_filename(self, filename: str, resources: Any = None, **more: Any) -> tuple[Any, Any]:
        """Convert one notebook: the submitted one is read by our intake and made whole, ours by nbformat."""
        ids = (resources or {}).get("nbgrader", {})
        folder = self.place("submitted", ids["student"], ids["assignment"]) if ids else None
        if folder is None or Path(filename).parent != folder:
            return super().from_filename(filename, resources=resources, **more)  # type: ignore[no-any-return]  # see above
        return self.from_notebook_node(self._whole(Path(filename), ids), resources=resources, **more)  # type: ignore[no-any-return]  # see above

    def _whole(self, file: Path, ids: Mapping[str, str]) -> NotebookNode:
        released = self.blueprint(ids["assignment"], ids["notebook"])
        try:
            data = DiskPlace(file.parent, (file.name,)).read(MAX_NOTEBOOK)
            read_notebook(data, file.name)  # in a confined child: what comes through there can be read here
            notebook, notes = whole(released, data)
        except Rejected as error:
            notebook, notes = untouched(released, [("markdown", f"Not read: {error}")]), [str(error)]
        for note in notes:
            self.log.warning("%s, %s: %s", ids["student"], ids["notebook"], note)
        return from_dict(notebook)

    def blueprint(self, assignment: str, notebook: str) -> Blueprint:
        """Return a notebook as it was released."""
        key = (assignment, notebook)
        if key not in self._blueprints:
            order = rows.source_order(self.place("source", ".", assignment) / f"{notebook}.ipynb")
            with self._gradebook() as book:
                self._blueprints[key] = rows.blueprint(book, assignment, notebook, order)
        return self._blueprints[key]

    def grader(self, settings: Settings) -> Grader:
        """Return the batch's grader; it ends with this object."""
        if settings not in self._graders:
            made = Grader(settings)
            weakref.finalize(self, made.close)
            self._graders[settings] = made
        return self._graders[settings]


def _all_marked(folder: Path) -> bool:
    return all(is_marked(file) for file in folder.glob("*.ipynb"))


class GradeInSandbox(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader publishes no types
    """Grades one notebook in our sandbox, in the place of nbgrader's ``Execute`` and ``SaveAutoGrades``.

    Points and reasons go into the graded cells, where nbgrader looks for them, and into the gradebook.
    """

    course = Unicode(
        "", help="Folder of the course.yml; where it is not there: AUTOGRADER_COURSE, else upward from here."
    ).tag(config=True)
    unsafe = Bool(False, help="Grade even where a required sandbox layer is missing.").tag(config=True)
    received = Unicode("", help="CSV with verified times of submission: student, assignment, time.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Grade the submitted file and write the verdict down."""
        exporter = self.parent
        if not isinstance(exporter, SubmittedNotebooks):
            raise TypeError(f"GradeInSandbox needs c.Autograde.exporter_class = {SubmittedNotebooks.__name__}")
        ids = resources["nbgrader"]
        course = course_named(self.course)
        asked = rows.asked_for(course, ids["assignment"], ids["notebook"])
        record = self._record(exporter, course, ids) if asked is not None else None
        with rows.gradebook(ids["db_url"]) as book:
            submission = book.find_submission(ids["assignment"], ids["student"])
            remark = self._dates(exporter, submission, course, asked, ids) if asked is not None else ""
            found = self._verdicts(record, course, asked, remark)
            row = book.find_submission_notebook(ids["notebook"], ids["assignment"], ids["student"])
            for problem in rows.put(row, found):
                self.log.warning("%s, %s: %s", ids["student"], ids["notebook"], problem)
            for grade in row.grades:
                # a person looks again at points that were given for another submission, as nbgrader wants it
                grade.needs_manual_grade = grade.needs_manual_grade or grade.manual_score is not None
            book.db.commit()
        fill(nb.cells, found)
        nb.metadata[MARK] = True
        return from_dict(nb), resources

    def _verdicts(self, record: Record | None, course: Course, asked: Assignment | None, remark: str) -> list[Verdict]:
        if record is None:
            return []
        if record.status == "grader_error":
            self.log.error("%s, %s: %s", record.student, record.exercise, record.message)
        remarks = (remark,) if remark else ()
        return verdicts(record, sight_of(course, asked, datetime.now(UTC)), remarks)

    def _record(self, exporter: SubmittedNotebooks, course: Course, ids: Any) -> Record:
        name = f"{ids['notebook']}.ipynb"
        student = as_id(ids["student"])
        folder = exporter.place("submitted", ids["student"], ids["assignment"])
        file = f"{student}/{ids['assignment']}/{name}"
        handed = Handed(file, ".ipynb", DiskPlace(folder, (name,)))
        found = Submission(student, ids["assignment"], ids["notebook"], "found", handed=handed, attempts=(handed,))
        record = exporter.grader(Settings(course.root, self.unsafe, course.backend)).grade(found).stored.record
        # as a run of `autograder grade` at this moment would keep it
        over = course.assignment(ids["assignment"]).days_late(student, datetime.now(UTC), course.late)
        return closed(record) if over else record

    def _dates(self, exporter: SubmittedNotebooks, submission: Any, course: Course, asked: Assignment, ids: Any) -> str:
        """Bring the dates of the course file and verified times into the gradebook; return what to say of lateness."""
        student = as_id(ids["student"])
        rows.set_dates(submission.assignment, asked)
        rows.set_extension(submission, asked, student)
        verified = self._received(course).time(student, asked.name)
        if verified is not None:
            submission.timestamp = rows.naive(verified)
        moment = submission.timestamp.replace(tzinfo=UTC) if submission.timestamp is not None else None
        key = (ids["student"], ids["assignment"])
        if verified is None and asked.due is not None and key not in exporter.told:
            exporter.told.add(key)
            what = "no time of submission" if moment is None else "the time of submission is the student's own word"
            self.log.warning("%s, %s: %s; verify it with c.GradeInSandbox.received", *key, what)
        return late_remark(asked.days_late(student, moment, course.late), course.late)

    def _received(self, course: Course) -> Received:
        return read_received(Path(self.received), course) if self.received else Received({})
