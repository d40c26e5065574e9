"""Answers in the form that tools for similarity take: each student's code alone, the stub as template code.

Dolos reads a table ``info.csv`` next to the files; JPlag a folder with a folder for each submission.  Both run on the
instructor's machine.  The report says nothing of similarity: a person judges it.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from autograder.atomic import private_folder, replacing, write_whole
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.intake.loading import read_document
from autograder.intake.source import Rejected
from autograder.lms.gradescope.results import folder_name
from autograder.plain import dataclass
from autograder.store.records import Record
from autograder.store.store import Store
from autograder.text import for_spreadsheet

Tool = Literal["dolos", "jplag"]

TEMPLATE = "template"
_MARK = ".autograder-similarity"


@dataclass(frozen=True)
class Exported:
    """What was written: files by exercise, and what could not be, with the reason."""

    files: dict[str, int]
    left_out: tuple[str, ...]


def write_similarity(
    store: Store, course: Course, out: Path, tool: Tool, shown: Callable[[str], str] = str
) -> Exported:
    """Write ``out/<exercise>/`` for a tool; a team's submission appears once.

    Parameters
    ----------
    store, course : Store, Course
        Results with what was handed in, and the course whose stubs are template code.
    out : Path
        Folder that is made, or was made by an earlier export and is written anew.
    tool : {"dolos", "jplag"}
        Which layout.
    shown : callable
        Under which name a student appears.

    Raises
    ------
    CourseError
        If the folder holds something else, or a file cannot be written.
    """
    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise CourseError(f"{out}: holds something that this command did not write; choose another --to")
    if out.exists():
        shutil.rmtree(out)
    private_folder(out)
    write_whole(out / _MARK, b"written by autograder export; written anew each time\n", private=True)
    files: dict[str, int] = {}
    left_out: list[str] = []
    rows: dict[str, list[tuple[str, ...]]] = {}
    for record in _once(store):
        try:
            code = _code(store, record)
        except Rejected as error:
            left_out.append(f"{record.student} {record.exercise}: {error}")
            continue
        if not code.strip():
            continue
        name = folder_name(shown(record.student))
        place = out / record.exercise
        file = place / f"{name}.py" if tool == "dolos" else place / "submissions" / name / f"{record.exercise}.py"
        write_whole(file, code.encode("utf-8", "backslashreplace"), private=True)
        files[record.exercise] = files.get(record.exercise, 0) + 1
        found = store.get(record.student, record.exercise)
        received = found[0].received if found is not None else None
        label = "" if record.team is None or shown(record.student) != record.student else record.team
        rows.setdefault(record.exercise, []).append(
            (file.name, name, name, record.status, "" if received is None else received.isoformat(), label)
        )
    for exercise in files:
        stub = course.folder(exercise) / f"{exercise}.py"
        where = out / exercise / (f"{TEMPLATE}/{exercise}.py" if tool == "jplag" else f"{TEMPLATE}.py")
        if stub.is_file():
            write_whole(where, stub.read_bytes(), private=True)
        if tool == "dolos":
            template = [(where.name, TEMPLATE, TEMPLATE, "", "", "", "true")] if stub.is_file() else []
            _write_info(out / exercise / "info.csv", [*((*row, "") for row in rows[exercise]), *template])
    return Exported(files, tuple(left_out))


def command_for(tool: Tool, folder: Path, exercise: str) -> str:
    """Return the command that compares the answers to an exercise."""
    place = folder / exercise
    if tool == "dolos":
        return f"dolos run -l python -f web {place / 'info.csv'}"
    return f"java -jar jplag.jar -l python3 -bc {place / TEMPLATE} {place / 'submissions'}"


def _once(store: Store) -> Iterator[Record]:
    """Yield the records with a file, one for each team and exercise."""
    seen: set[tuple[str, str]] = set()
    for record in store.records():
        if record.sha256 is None or record.status not in ("graded", "grader_error"):
            continue
        key = (record.team or "", record.exercise)
        if record.team is None or key not in seen:
            seen.add(key)
            yield record


def _code(store: Store, record: Record) -> str:
    """Return the code that a student wrote: of a notebook the cells that are run, one below the other."""
    data = store.blob(str(record.sha256))
    if data is None:
        raise Rejected("the file is no longer in the store")
    suffix = ".ipynb" if (record.file or "").endswith(".ipynb") else ".py"
    document = read_document(data, record.exercise, suffix)
    return "\n\n".join(cell.text.strip("\n") for cell in document.source.cells) + "\n"


def _write_info(path: Path, rows: list[tuple[str, ...]]) -> None:
    with replacing(path) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        timed = any(row[4] for row in rows)  # without times Dolos draws no timeline
        for row in (("filename", "id", "full_name", "status", "created_at", "label", "ignored"), *rows):
            writer.writerow([for_spreadsheet(cell) for k, cell in enumerate(row) if timed or k != 4])
