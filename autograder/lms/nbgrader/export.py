"""``export nbgrader``: our results in nbgrader's gradebook, in one batch, and what formgrader shows of them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry, Student
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import ConfigFileNotFound, PyFileConfigLoader

from autograder.course.feedback_policy import policy_of
from autograder.course.model import Assignment, Course
from autograder.errors import CourseError
from autograder.intake.decode import decode_python
from autograder.intake.source import Rejected
from autograder.lms.nbgrader import book as rows
from autograder.lms.nbgrader.cells import MADE_SAFE, MARK, Blueprint, Notebook, as_released, fill, whole, written
from autograder.lms.nbgrader.handed import SECRET, fits_a_page, secret_of, submission_of
from autograder.lms.nbgrader.handmarks import HandMarks, read_agreed, write_agreed
from autograder.lms.nbgrader.harmless import dressing
from autograder.lms.nbgrader.verdicts import CellVerdict, verdicts
from autograder.lms.people import Directory
from autograder.plain import dataclass
from autograder.release import CONFIG
from autograder.store.records import Record
from autograder.store.standings import Counted, counted
from autograder.store.store import Store

_QUOTES = str.maketrans({"<": "\u2039", ">": "\u203a", '"': "\u201d"})


@dataclass
class Told:
    """What an export did and what a person should know; lists of names for the log."""

    students: int = 0
    notebooks: int = 0
    given: int = 0
    taken: int = 0
    failed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    untimed: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)


def course_directory(folder: Path, url: str | None = None) -> Any:
    """Return nbgrader's view of a course folder, as its ``nbgrader_config.py`` sets it.

    Parameters
    ----------
    folder : Path
        Where ``nbgrader_config.py`` is.
    url : str, optional
        Another gradebook, any SQLAlchemy URL.

    Raises
    ------
    CourseError
        If there is no such file, or it cannot be loaded.
    """
    try:
        config = PyFileConfigLoader(CONFIG, path=str(folder)).load_config()
    except ConfigFileNotFound:
        raise CourseError(f"{folder}: no {CONFIG}; say with --to where the course folder of nbgrader is") from None
    except Exception as error:
        # the file is the instructor's own Python and may fail in any way
        raise CourseError(f"{folder / CONFIG}: cannot be run: {type(error).__name__}: {error}") from None
    if not config.CourseDirectory.get("root"):
        config.CourseDirectory.root = str(folder.resolve())
    if url is not None:
        config.CourseDirectory.db_url = url
    return CourseDirectory(config=config)


def export_nbgrader(
    store: Store, course: Course, coursedir: Any, out: Path, *, who: str, people: Directory | None = None
) -> Told:
    """Bring the results and the gradebook together.

    Marks that a person gave in formgrader are kept in the store first; then every score, comment, late penalty and
    mark goes into the gradebook in one transaction.

    Parameters
    ----------
    store : Store
        The results.
    course : Course
        Due dates and late policy.
    coursedir : CourseDirectory
        See :func:`course_directory`.
    out : Path
        The results folder; what was agreed on by hand is kept there.
    who : str
        Under what name marks of formgrader are kept.
    people : Directory, optional
        Names for students that the gradebook does not know yet.

    Raises
    ------
    CourseError
        If the gradebook cannot be used or knows none of the assignments, or a notebook cannot be written.
    """
    return _Export(store, course, coursedir, out, who, people).run()


class _Export:
    def __init__(
        self, store: Store, course: Course, coursedir: Any, out: Path, who: str, people: Directory | None
    ) -> None:
        self._store, self._course, self._dir, self._out = store, course, coursedir, out
        self._people = people
        self._moment = datetime.now(UTC)
        self._hands = HandMarks(store.marks(), read_agreed(out), who, self._moment)
        self._verified = store.verified()
        self.told = Told()

    def run(self) -> Told:
        raw: dict[str, dict[str, list[Record]]] = defaultdict(lambda: defaultdict(list))
        for record in self._store.records():
            raw[record.assignment][record.student].append(record)
        with rows.gradebook(self._dir.db_url, self._dir.course_id) as book:
            known = {name: found for name in raw if (found := self._assignment(book, name)) is not None}
            if not known:
                names = ", ".join(sorted(raw)) or "nothing"
                raise CourseError(
                    f"the gradebook of {self._dir.root} knows none of what was graded ({names}); release it into this "
                    "folder first"
                )
            there = {name: rows.submissions(book, name) for name in known}
            for name in known:
                for student, records in raw[name].items():
                    self._take(there[name].get(student), records)
            self._store.mark(*self._hands.new)
            # counted after the marks of formgrader have arrived
            worth = {one.record.key: one for one in counted(self._store, self._course)}
            for name, assigned in known.items():
                self._assignment_out(book, assigned, raw[name], there[name], worth)
            book.db.commit()
        write_agreed(self._out, self._hands.now)
        self.told.taken = len(self._hands.new)
        self.told.remarks += self._hands.remarks
        return self.told

    def _assignment(self, book: Any, name: str) -> Any:
        try:
            return book.find_assignment(name)
        except MissingEntry:
            self.told.remarks.append(f"{name}: not in the gradebook, left out; release it into this folder first")
            return None

    def _verdicts(self, record: Record, remarks: tuple[str, ...] = ()) -> list[CellVerdict]:
        asked = rows.asked_for(self._course, record.assignment, record.exercise)
        return verdicts(record, policy_of(self._course, asked, self._moment), remarks)

    def _take(self, submission: Any, records: Iterable[Record]) -> None:
        if submission is not None:
            own = {record.exercise: record for record in records}
            for row in submission.notebooks:
                record = own.get(row.notebook.name)
                if record is not None:
                    self._hands.take(row, record.student, record.exercise, self._verdicts(record))

    def _assignment_out(
        self,
        book: Any,
        assigned: Any,
        raw: Mapping[str, list[Record]],
        there: Mapping[str, Any],
        worth: Mapping[tuple[str, str, str], Counted],
    ) -> None:
        name = assigned.name
        asked = next((one for one in self._course.assignments if one.name == name), None)
        if asked is not None:
            rows.set_dates(assigned, asked)
        plans = {notebook.name: self._blueprint(book, name, notebook.name) for notebook in assigned.notebooks}
        enrolled = {student.id for student in book.students}
        for student, records in raw.items():
            submission = there.get(student)
            if submission is None and all(record.status == "missing" for record in records):
                self.told.absent.append(f"{student} {name}")
                continue
            if not fits_a_page(student):
                said = (
                    'formgrader would show <, > or " of an id as markup; left out, its results are in the other exports'
                )
                self.told.remarks.append(f"{student} {name}: {said}")
                continue
            if student not in enrolled:
                book.db.add(Student(id=student, **self._names(student)))
                enrolled.add(student)
            if submission is None:
                submission = rows.new_submission(book, assigned, student)
            self._submission(submission, asked, student, worth[records[0].key])
            self._notebooks(submission, records, worth, plans)
            self.told.students += 1
        self.told.strangers += [f"{student} {name}" for student in sorted(set(there) - set(raw))]

    def _names(self, student: str) -> dict[str, str]:
        entry = self._people.entries.get(student) if self._people is not None else None
        if entry is None:
            return {}
        found = {
            "first_name": entry.first("first name", "given name", "firstname"),
            "last_name": entry.first("last name", "surname", "family name", "lastname") or entry.name,
            "email": entry.first("email", "email address", "e-mail"),
        }
        # formgrader's pages do not escape a name
        return {field: text.translate(_QUOTES) for field, text in found.items() if text}

    def _submission(self, submission: Any, asked: Assignment | None, student: str, one: Counted) -> None:
        if asked is not None:
            rows.set_extension(submission, asked, student)
        where = f"{student} {one.record.assignment}"
        if one.received is None:
            self.told.untimed.append(where)
            return
        submission.timestamp = rows.naive(one.received)
        if one.record.key not in self._verified:
            self.told.unverified.append(where)

    def _notebooks(
        self,
        submission: Any,
        records: Iterable[Record],
        worth: Mapping[tuple[str, str, str], Counted],
        plans: Mapping[str, Blueprint],
    ) -> None:
        below = {row.notebook.name: row for row in submission.notebooks}
        for record in records:
            where = f"{record.student} {record.exercise}"
            row = below.get(record.exercise)
            if row is None:
                self.told.remarks.append(f"{where}: no such notebook in the gradebook; release the assignment again")
                continue
            one = worth[record.key]
            late = one.lateness.said
            found = self._verdicts(record, (late,) if late else ())
            for problem in rows.put(row, found):
                self.told.problems.setdefault(problem, []).append(where)
            self.told.given += self._hands.give(row, record.student, record.exercise, found)
            taken = 0.0 if one.points is None else one.record.score - one.points
            row.late_submission_penalty = taken or None
            if record.status == "grader_error":
                self.told.failed.append(where)
            elif one.record.pending_points:
                self.told.waiting.append(where)
            self._write(record, one.received, found, plans[record.exercise])

    # --- notebooks ---

    def _blueprint(self, book: Any, assignment: str, notebook: str) -> Blueprint:
        source = Path(self._dir.format_path(self._dir.source_directory, ".", assignment))
        return rows.blueprint(book, assignment, notebook, rows.source_order(source / f"{notebook}.ipynb"))

    def _write(self, record: Record, received: datetime | None, found: list[CellVerdict], plan: Blueprint) -> None:
        """Write the notebook that formgrader and ``generate_feedback`` show, and when it was handed in."""
        if "/" in record.student or record.student.startswith("."):
            self.told.remarks.append(f"{record.student}: no folder can have that name; formgrader shows no notebook")
            return
        folder = Path(self._dir.format_path(self._dir.autograded_directory, record.student, record.assignment))
        target = folder / f"{record.exercise}.ipynb"
        try:
            if record.status == "missing":
                target.unlink(missing_ok=True)
                return
            notebook = self._notebook(record, plan)
            fill(notebook["cells"], found)
            notebook["metadata"][MARK] = MADE_SAFE
            folder.mkdir(parents=True, exist_ok=True)
            _replace(target, written(notebook))  # valid by how it is made: nbformat's own check would double the time
            if received is not None:
                _replace(folder / "timestamp.txt", f"{rows.naive(received)} UTC\n")
            self._carry_secret(record, folder)
        except OSError as error:
            raise CourseError(f"{target}: cannot be written: {error.strerror}; nothing is exported") from None
        self.told.notebooks += 1

    def _carry_secret(self, record: Record, folder: Path) -> None:
        """Bring along what names the feedback in the exchange: ``release_feedback`` stops where it is absent."""
        root, parts = submission_of(self._dir, record.student, record.assignment)
        if not os.path.lexists(root.joinpath(*parts, SECRET)):
            return  # handed in by another way than nbgrader's
        try:
            _replace(folder / SECRET, secret_of(root, parts))
        except Rejected as problem:
            self.told.remarks.append(f"{record.student}, {record.assignment}: {SECRET} {problem}; left out")

    def _notebook(self, record: Record, plan: Blueprint) -> Notebook:
        data = self._store.blob(record.sha256) if record.sha256 is not None else None
        # what was graded was read in a confined child before; nothing else is opened here
        data = data if record.status == "graded" else None
        try:
            if data is not None and record.suffix == ".ipynb":
                where = submission_of(self._dir, record.student, record.assignment)
                return whole(plan, data, dressing(*where))[0]
            shown = list(_instead(record, data))
        except Rejected as error:
            shown = [("markdown", f"Not read: {error}")]
        return as_released(plan, shown)


def _instead(record: Record, data: bytes | None) -> Iterator[tuple[str, str]]:
    """Yield cells that show a submission that is not a notebook."""
    if data is None:
        yield "markdown", f"Not read: {record.message}"
        return
    yield "markdown", f"Handed in as {record.file}; the released cells are below."
    yield "code", decode_python(data)


def _replace(target: Path, text: str) -> None:
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        aside.write_text(text, encoding="utf-8")
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
