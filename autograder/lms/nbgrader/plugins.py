"""nbgrader's plugins: the course's own late policy, and an export with the points of every part."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from nbgrader.plugins import BasePlugin, CsvExportPlugin
from traitlets import Unicode

from autograder.atomic import replacing
from autograder.lms.nbgrader import course_named
from autograder.store.files import table_number
from autograder.student.as_notebook import answer_of
from autograder.text import for_spreadsheet

COLUMNS = (
    "assignment", "student", "exercise", "cell", "auto_score", "manual_score", "extra_credit", "score", "max_score",
    "needs_manual_grade", "comment",
)  # fmt: skip


class LatePenalty(BasePlugin):  # type: ignore[misc]  # nbgrader publishes no types
    """What lateness costs by the ``late`` section of ``course.yml``; set as ``c.AssignLatePenalties.plugin_class``."""

    course = Unicode(
        "", help="Folder of the course.yml; where it is not there: AUTOGRADER_COURSE, else upward from here."
    ).tag(config=True)

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Return the points that lateness takes off a notebook.

        Parameters
        ----------
        student_id : str
            Not needed: due dates with their extensions are in the gradebook.
        score : float
            Points of the notebook, marks by hand counted.
        total_seconds_late : float
            Since the student's own due date.

        Returns
        -------
        float or None
            None where nothing is taken off.
        """
        # which assignment it is, nbgrader does not say; `export nbgrader` knows, and knows the free days
        policy = course_named(self.course).late
        taken = score * policy.fraction(policy.days(timedelta(seconds=total_seconds_late)))
        return taken or None


class PartMarks(CsvExportPlugin):  # type: ignore[misc]  # see above
    """nbgrader's own table, and next to it ``<name>-parts.csv`` with a row per graded cell.

    Set as ``c.ExportApp.plugin_class``, or ``nbgrader export --exporter=autograder.lms.nbgrader.plugins.PartMarks``.
    """

    def export(self, gradebook: Any) -> None:
        """Write both tables."""
        super().export(gradebook)
        whole = Path(self.to or "grades.csv")
        target = whole.with_name(f"{whole.stem}-parts.csv")
        self.log.info("Exporting the points of every part to %s", target)
        with replacing(target) as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([for_spreadsheet(cell) for cell in row] for row in self._rows(gradebook))

    def _rows(self, gradebook: Any) -> Iterator[Iterable[str]]:
        only = {str(one) for one in self.student}
        for assignment in gradebook.assignments:
            if self.assignment and assignment.name not in map(str, self.assignment):
                continue
            submissions = sorted(gradebook.assignment_submissions(assignment.name), key=lambda one: one.student_id)
            for submission in submissions:
                if not only or submission.student_id in only:
                    yield from _rows_of(assignment.name, submission)


def _rows_of(assignment: str, submission: Any) -> Iterator[Iterable[str]]:
    for notebook in sorted(submission.notebooks, key=lambda one: one.notebook.name):
        comments = {one.cell.name: one.comment or "" for one in notebook.comments}
        for grade in sorted(notebook.grades, key=lambda one: one.cell.name):
            cell = grade.cell.name
            comment = comments.get(answer_of(cell), "")
            yield (
                assignment,
                submission.student_id,
                notebook.notebook.name,
                cell,
                table_number(grade.auto_score),
                table_number(grade.manual_score),
                table_number(grade.extra_credit),
                table_number(grade.score),
                table_number(grade.max_score),
                "yes" if grade.needs_manual_grade else "no",
                comment,
            )
