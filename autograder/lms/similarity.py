"""Write students' code for similarity tools: each student's alone, with the stub as template code.

Dolos reads a table ``info.csv`` next to the files; JPlag a folder with a folder for each submission.  Both run on the
instructor's machine.  The report says nothing of similarity: a person judges it.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from autograder.atomic import private_folder, replacing, write_whole
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.intake.loading import read_document
from autograder.intake.source import Rejected
from autograder.lms.gradescope.results import folder_name
from autograder.moments import as_iso
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
    _empty(out)
    rows: dict[str, list[dict[str, str]]] = {}
    left_out: list[str] = []
    for record in _once(store):
        try:
            code = _code(store, record)
        except Rejected as error:
            left_out.append(f"{record.student} {record.exercise}: {error}")
            continue
        if code.strip():
            who = shown(record.student)
            name, found = folder_name(who), store.get(record.student, record.exercise)
            place = _place(out, tool, record.exercise, name)
            write_whole(place, code.encode("utf-8", "backslashreplace"), private=True)
            when = as_iso(found[0].received if found is not None else None) or ""
            team = record.team or "" if who == record.student else ""  # a team's name gives a pseudonym away
            rows.setdefault(record.exercise, []).append(_row(name, status=record.status, created_at=when, label=team))
    for exercise, written in rows.items():
        stub = course.folder(exercise) / f"{exercise}.py"
        if stub.is_file():
            write_whole(_place(out, tool, exercise, None), stub.read_bytes(), private=True)
            written = [*written, _row(TEMPLATE, ignored="true")]
        if tool == "dolos":
            _write_info(out / exercise / "info.csv", written)
    return Exported({exercise: len(written) for exercise, written in rows.items()}, tuple(left_out))


def command_for(tool: Tool, folder: Path, exercise: str) -> str:
    """Return the command that compares the answers to an exercise."""
    place = folder / exercise
    if tool == "dolos":
        return f"dolos run -l python -f web {place / 'info.csv'}"
    return f"java -jar jplag.jar -l python3 -bc {place / TEMPLATE} {place / 'submissions'}"


_COLUMNS = ("filename", "id", "full_name", "status", "created_at", "label", "ignored")
"""What Dolos is told of a file."""


def _row(name: str, **known: str) -> dict[str, str]:
    return {**dict.fromkeys(_COLUMNS, ""), "filename": f"{name}.py", "id": name, "full_name": name, **known}


def _empty(out: Path) -> None:
    """Make the folder, or empty one that an earlier export made."""
    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise CourseError(f"{out}: holds something that this command did not write; choose another --to")
    if out.exists():
        shutil.rmtree(out)
    private_folder(out)
    write_whole(out / _MARK, b"written by autograder export; written anew each time\n", private=True)


def _place(out: Path, tool: Tool, exercise: str, name: str | None) -> Path:
    """Return where the code of a submission goes, or without a name the template code."""
    if tool == "dolos":
        return out / exercise / f"{name or TEMPLATE}.py"
    return out / exercise / (TEMPLATE if name is None else f"submissions/{name}") / f"{exercise}.py"


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
        raise Rejected("the file was removed from the store")
    document = read_document(data, record.exercise, record.suffix)
    return "\n\n".join(cell.text.strip("\n") for cell in document.source.cells) + "\n"


def _write_info(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    timed = any(row["created_at"] for row in rows)  # without times Dolos draws no timeline
    with replacing(path) as stream:
        names = [name for name in _COLUMNS if timed or name != "created_at"]
        writer = csv.DictWriter(stream, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: for_spreadsheet(cell) for name, cell in row.items()} for row in rows)
