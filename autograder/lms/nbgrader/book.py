"""Rows of nbgrader's gradebook, read and written through nbgrader's own models; nothing is committed here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader.api import (
    Assignment,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    SolutionCell,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.orm import joinedload, selectinload

from autograder.course.model import Assignment as Asked
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.lms.nbgrader.cells import Blueprint, Released, clipped
from autograder.lms.nbgrader.verdicts import CellVerdict
from autograder.text import for_markdown


@contextmanager
def gradebook(url: str, course_id: str = "") -> Iterator[Any]:
    """Open a gradebook and close it again; what was not committed is dropped.

    Raises
    ------
    CourseError
        If the database cannot be opened or refuses.
    """
    try:
        with Gradebook(url, course_id) as found:
            yield found
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        words = str(getattr(error, "orig", None) or error).splitlines()[0]
        shown = _hidden(url)
        raise CourseError(f"{shown}: the gradebook cannot be used: {words}") from None


def _hidden(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except (sa.exc.ArgumentError, ValueError):
        return "the gradebook's URL"


def source_order(file: Path) -> list[str]:
    """Return the grade_ids of a source notebook in their order; none if it is not there."""
    try:
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        return [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # the gradebook's own order is as good for all but the look


def blueprint(book: Any, assignment: str, notebook: str, order: Sequence[str] = ()) -> Blueprint:
    """Return a notebook as it was released.

    Raises
    ------
    CourseError
        If the gradebook does not know it.
    """
    try:
        found = book.find_notebook(notebook, assignment)
    except MissingEntry:
        raise CourseError(
            f"the gradebook has no notebook {notebook!r} of {assignment!r}; release the assignment into this folder"
        ) from None
    places = {name: place for place, name in enumerate(order)}
    sources: list[Any] = sorted(found.source_cells, key=lambda cell: places.get(cell.name, len(places)))
    points = {cell.name: float(cell.max_score) for cell in [*found.grade_cells, *found.task_cells]}
    solutions = {cell.name for cell in found.solution_cells}
    tasks = {cell.name for cell in found.task_cells}
    cells = tuple(
        Released(
            cell.name,
            cell.cell_type,
            cell.source or "",
            bool(cell.locked),
            cell.checksum,
            cell.name in solutions,
            cell.name in tasks,
            points.get(cell.name),
        )
        for cell in sources
    )
    return Blueprint(cells, json.loads(found.kernelspec) if found.kernelspec else {})


def put(row: Any, found: Iterable[CellVerdict]) -> list[str]:
    """Write verdicts into one submitted notebook's grades and comments; return what did not fit, in words.

    Points that a person gave stay as they are.  Grades that no verdict names, and those of a failed grader, lose their
    automatic score and need manual grading: a score never counts for another submission.

    Parameters
    ----------
    row : SubmittedNotebook
        With its grades and comments.
    found : iterable of CellVerdict
        Of the parts of this notebook.
    """
    grades = {grade.cell.name: grade for grade in row.grades}
    comments = {comment.cell.name: comment for comment in row.comments}
    problems: list[str] = []
    named = set()
    for one in found:
        grade = grades.get(one.graded)
        if grade is None:
            problems.append(f"no graded cell {one.graded} in the gradebook; release the assignment again")
            continue
        named.add(one.graded)
        most = float(grade.cell.max_score)
        grade.auto_score = None if one.points is None else clipped(one.points, most)
        if one.points is not None and one.points > most:
            problems.append(
                f"{one.graded}: released with {most:g} points, which cuts what is worth more now; release it again"
            )
        grade.needs_manual_grade = one.failed or (one.points is None and grade.manual_score is None)
        if one.answer in comments:
            comments[one.answer].auto_comment = for_markdown(one.said)
    for name in grades.keys() - named:
        grades[name].auto_score = None
        grades[name].needs_manual_grade = grades[name].manual_score is None
        problems.append(f"{name}: the results have no such part; it needs manual grading")
    return problems


def forget(book: Any, assignment: str, student: str, again: Callable[[str], bool]) -> None:
    """Take the verdicts on notebooks back before they are graded again, so that a failure leaves no old score.

    Points and comments that a person gave stay.  ``again`` says of a notebook's name whether it is one of them.
    """
    try:
        submission = book.find_submission(assignment, student)
    except MissingEntry:
        return
    for row in submission.notebooks:
        if again(row.notebook.name):
            row.late_submission_penalty = None
            for grade in row.grades:
                grade.auto_score = None
                grade.needs_manual_grade = True
            for comment in row.comments:
                comment.auto_comment = None


def unfinished(book: Any, assignment: str) -> set[str]:
    """Return the students with a cell that a grader should have marked and did not."""
    answered = sa.orm.aliased(SolutionCell)
    by_hand = sa.exists().where(answered.notebook_id == GradeCell.notebook_id, answered.name == GradeCell.name)
    statement = (
        sa.select(SubmittedAssignment.student_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(GradeCell, GradeCell.id == Grade.cell_id)
        .where(Assignment.name == assignment, Grade.auto_score.is_(None), ~by_hand)
        .distinct()
    )
    return set(book.db.execute(statement).scalars())


def notebooks(book: Any, assignment: str) -> set[str]:
    """Return the names of an assignment's notebooks; none if the gradebook does not know it."""
    try:
        return {one.name for one in book.find_assignment(assignment).notebooks}
    except MissingEntry:
        return set()


def students(book: Any, assignment: str) -> set[str]:
    """Return everyone with a submission in the gradebook."""
    statement = (
        sa.select(SubmittedAssignment.student_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
    )
    return set(book.db.execute(statement).scalars())


def submissions(book: Any, assignment: str) -> dict[str, Any]:
    """Return an assignment's submissions by student, with everything below them, in few queries."""
    statement = (
        sa.select(SubmittedAssignment)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == assignment)
        .options(
            selectinload(SubmittedAssignment.notebooks).options(
                joinedload(SubmittedNotebook.notebook),
                selectinload(SubmittedNotebook.grades),
                selectinload(SubmittedNotebook.comments),
            )
        )
    )
    return {row.student_id: row for row in book.db.execute(statement).scalars()}


def new_submission(book: Any, assigned: Any, student: str) -> Any:
    """Add a submission with empty grades and comments, as nbgrader's ``add_submission`` does, without committing."""
    with book.db.no_autoflush:
        submission = SubmittedAssignment(assignment=assigned, student_id=student)
        for notebook in assigned.notebooks:
            row = SubmittedNotebook(notebook=notebook, assignment=submission)
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                Grade(cell=cell, notebook=row)
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                Comment(cell=cell, notebook=row)
        book.db.add(submission)  # last: everything below it comes along
    return submission


def set_dates(assigned: Any, asked: Asked) -> None:
    """Give the assignment the due date of the course file, if that has one."""
    if asked.due is not None:
        assigned.duedate = naive(asked.due)


def set_extension(submission: Any, asked: Asked, student: str) -> None:
    """Give a submission the student's extension of the course file, if the assignment has a due date there."""
    if asked.due is not None:
        own = asked.due_for(student)
        submission.extension = None if own is None or own == asked.due else own - asked.due


def naive(moment: datetime) -> datetime:
    """Return a moment as nbgrader stores it: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def asked_for(course: Course, assignment: str, exercise: str) -> Asked | None:
    """Return the assignment of the course, if it has that name and asks for that exercise."""
    return next((one for one in course.assignments if one.name == assignment and exercise in one.exercises), None)
