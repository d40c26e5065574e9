"""Way (b) of grading through nbgrader: ``nbgrader autograde`` and formgrader's button grade in our sandbox.

The configuration that a release writes names the two classes here.  nbgrader keeps what it is good at (which
submissions, folders, gradebook); the submitted file is read by our intake and graded as ``autograder grade`` grades it,
and no kernel is started.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Unicode

from autograder.course.feedback_policy import policy_of
from autograder.course.late import spend
from autograder.course.model import Assignment, Course
from autograder.grading.grader import Grader, Settings
from autograder.intake.discovery import HandedFile, Submission
from autograder.intake.files import MAX_NOTEBOOK, DiskPlace
from autograder.intake.limited import read_notebook
from autograder.intake.source import Rejected
from autograder.intake.tables import Received, read_received
from autograder.lms.nbgrader import book as rows
from autograder.lms.nbgrader import course_named
from autograder.lms.nbgrader.batch import GuardedAutograde
from autograder.lms.nbgrader.cells import MADE_SAFE, MARK, Blueprint, as_released, fill, whole
from autograder.lms.nbgrader.handed import submission_of
from autograder.lms.nbgrader.harmless import dressing
from autograder.lms.nbgrader.verdicts import CellVerdict, verdicts
from autograder.store.records import Record
from autograder.store.waiting import closed
from autograder.text import as_id, for_terminal_line


class SubmittedNotebooks(NotebookExporter):  # type: ignore[misc]  # nbconvert publishes no types
    """Reads what was handed in, whatever it is; one lives through a whole batch, which it guards.

    Set as ``c.Autograde.exporter_class``.
    """

    def __init__(self, config: Any = None, **more: Any) -> None:
        super().__init__(config=config, **more)
        self.told: set[tuple[str, str]] = set()
        self._graders: dict[Settings, Grader] = {}
        self._blueprints: dict[tuple[str, str], Blueprint] = {}
        if getattr(self.parent, "coursedir", None) is not None:
            GuardedAutograde.take_over(self.parent)

    # --- one notebook ---

    def from_filename(self, filename: str, resources: Any = None, **more: Any) -> tuple[Any, Any]:
        """Convert one notebook: the submitted one is read by our intake and made whole, ours by nbformat."""
        ids = (resources or {}).get("nbgrader", {})
        folder = self.parent.coursedir.folder("submitted", ids["student"], ids["assignment"]) if ids else None
        if folder is None or Path(filename).parent != folder:
            return super().from_filename(filename, resources=resources, **more)  # type: ignore[no-any-return]  # see above
        return self.from_notebook_node(self._whole(ids), resources=resources, **more)  # type: ignore[no-any-return]  # see above

    def handed(self, ids: Mapping[str, str]) -> DiskPlace:
        """Return where the notebook is that was handed in; no link of a student is followed to it."""
        root, parts = submission_of(self.parent.coursedir, ids["student"], ids["assignment"])
        return DiskPlace(root, (*parts, f"{ids['notebook']}.ipynb"))

    def _whole(self, ids: Mapping[str, str]) -> NotebookNode:
        released = self.blueprint(ids["assignment"], ids["notebook"])
        place = self.handed(ids)
        try:
            data = place.read(MAX_NOTEBOOK)
            read_notebook(data, place.parts[-1])  # in a confined child: what comes through there can be read here
            notebook, notes = whole(released, data, dressing(place.root, place.parts[:-1]))
        except Rejected as error:
            notebook, notes = as_released(released, [("markdown", f"Not read: {error}")]), [str(error)]
        for note in notes:
            self.log.warning("%s", for_terminal_line(f"{ids['student']}, {ids['notebook']}: {note}"))
        return from_dict(notebook)

    def blueprint(self, assignment: str, notebook: str) -> Blueprint:
        """Return a notebook as it was released."""
        key = (assignment, notebook)
        if key not in self._blueprints:
            source = self.parent.coursedir.folder("source", ".", assignment)
            order = rows.source_order(source / f"{notebook}.ipynb")
            with self.parent.gradebook() as book:
                self._blueprints[key] = rows.blueprint(book, assignment, notebook, order)
        return self._blueprints[key]

    def grader(self, settings: Settings) -> Grader:
        """Return the batch's grader; it ends with this object."""
        if settings not in self._graders:
            made = Grader(settings)
            weakref.finalize(self, made.close)
            self._graders[settings] = made
        return self._graders[settings]


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
            found = self._verdicts(record, course, asked, [remark, *exporter.parent.left_out])
            row = book.find_submission_notebook(ids["notebook"], ids["assignment"], ids["student"])
            for problem in rows.put(row, found):
                self.log.warning("%s, %s: %s", ids["student"], ids["notebook"], problem)
            for grade in row.grades:
                # a person looks again at points that were given for another submission, as nbgrader wants it
                grade.needs_manual_grade = grade.needs_manual_grade or grade.manual_score is not None
            book.db.commit()
        fill(nb.cells, found)
        nb.metadata[MARK] = MADE_SAFE
        return from_dict(nb), resources

    def _verdicts(
        self, record: Record | None, course: Course, asked: Assignment | None, said: list[str]
    ) -> list[CellVerdict]:
        if record is None:
            return []
        if record.status == "grader_error":
            self.log.error("%s, %s: %s", record.student, record.exercise, record.message)
        return verdicts(record, policy_of(course, asked, datetime.now(UTC)), tuple(text for text in said if text))

    def _record(self, exporter: SubmittedNotebooks, course: Course, ids: Any) -> Record:
        student, place = as_id(ids["student"]), exporter.handed(ids)
        file = f"{student}/{ids['assignment']}/{place.parts[-1]}"
        handed = HandedFile(file, ".ipynb", place)
        found = Submission(student, ids["assignment"], ids["notebook"], "found", handed=handed, attempts=(handed,))
        record = exporter.grader(Settings(course.root, self.unsafe, course.backend)).grade(found).stored.record
        # as a run of `autograder grade` at this moment would keep it
        policy = course.late_for(ids["assignment"])
        over = course.assignment(ids["assignment"]).days_late(student, datetime.now(UTC), policy)
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
        policy = course.late_for(asked.name)
        return spend([(asked.days_late(student, moment, policy), policy)], 0)[0].said

    def _received(self, course: Course) -> Received:
        return read_received(Path(self.received), course) if self.received else Received({})
