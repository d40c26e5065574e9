"""Archive a term in one file: the results and everything that a replay needs, checked after writing."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder import __version__
from autograder.atomic import private_folder
from autograder.course.exercises import shared_modules
from autograder.course.model import FILE_NAME as COURSE_FILE
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.plain import dataclass
from autograder.store.files import GRADES, RESULTS
from autograder.store.people import EXTENSIONS
from autograder.store.people import FILE_NAME as PEOPLE
from autograder.store.pseudonyms import FILE_NAME as NUMBERS
from autograder.store.published import FOLDER as PUBLISHED
from autograder.store.published import copy_store
from autograder.store.store import Store, open_store
from autograder.store.stored import FILE_NAME

FOLDER = "archive"
"""Below the course's folder, where an archive is written unless another place is given."""

_BESIDE = (RESULTS, GRADES, PEOPLE, EXTENSIONS, NUMBERS, "nbgrader-marks.json")
_README = """\
{title}: {name}

results/  verdicts with evidence, everything that was handed in, marks by hand, who is who
course/   course.yml, exercises, reference and the secret that chose the hidden inputs

Written by version {version} of the program.  One verdict again, from this folder:

    AUTOGRADER_COURSE=course autograder replay STUDENT EXERCISE --out results

It names students: keep it as long as your rules say, and not longer.
"""


@dataclass(frozen=True)
class Archived:
    """The archive, and how many results and files of the course are in it."""

    path: Path
    results: int
    files: int


def archive_term(store: Store, out: Path, course: Course, name: str, to: Path) -> Archived:
    """Write ``to/<name>.zip`` and read it again; one that holds exactly this already is kept.

    Parameters
    ----------
    store, out, course : Store, Path, Course
        The results, their folder, and the course that graded them.
    name, to : str, Path
        What the term is called, and the folder of the archive.

    Raises
    ------
    CourseError
        If there is an archive of that name with something else, or it cannot be written or read again.
    """
    if not name or not all(c.isalnum() or c in "-_ ." for c in name) or name.startswith("."):
        raise CourseError(f"{name!r}: allowed: letters, digits, -, _, . and spaces (it is a file's name)")
    path = to / f"{name}.zip"
    private_folder(to)
    aside = to / f".{name}.zip"
    try:
        with tempfile.TemporaryDirectory(dir=to) as folder:
            aside.touch(mode=0o600)
            with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
                copy_store(store, Path(folder))
                archive.write(Path(folder) / FILE_NAME, f"results/{FILE_NAME}")
                for file, inside in _kept(out, course):
                    archive.write(file, inside)
                text = _README.format(title=course.title, name=name, version=__version__)
                archive.writestr("README.txt", text)
            found = _again(aside, Path(folder) / "again", len(store.keys()))
        if path.exists() and _entries(path) != _entries(aside):
            raise CourseError(f"{path}: there is an archive of that name, of another state; choose another name")
        aside.replace(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise CourseError(f"{path}: cannot be written: {error}") from None
    finally:
        aside.unlink(missing_ok=True)
    return Archived(path, found, sum(1 for _ in _kept(out, course)))


def _kept(out: Path, course: Course) -> Iterator[tuple[Path, str]]:
    """Yield the files of the archive and their names in it."""
    for name in _BESIDE:
        if (out / name).is_file():
            yield out / name, f"results/{name}"
    if (out / PUBLISHED / FILE_NAME).is_file():
        yield out / PUBLISHED / FILE_NAME, f"results/{PUBLISHED}/{FILE_NAME}"
    for name in (COURSE_FILE, course.secret.file):
        if (course.root / name).is_file():
            yield course.root / name, f"course/{name}"
    folders = [course.folder(exercise) for exercise in course.exercises] + [course.root / "reference"]
    shared = {file for exercise in course.exercises for file in shared_modules(course.root, exercise)}
    for file in sorted(shared):
        yield file, f"course/{file.relative_to(course.root).as_posix()}"
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file, f"course/{file.relative_to(course.root).as_posix()}"


def _entries(path: Path) -> dict[str, int]:
    """Return the checksums of what an archive holds, by name."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: info.CRC for info in archive.infolist()}


def _again(path: Path, folder: Path, wanted: int) -> int:
    """Read the store of an archive again; return how many results it has."""
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        archive.extract(f"results/{FILE_NAME}", folder)
    with open_store(folder / "results", create=False) as store:
        found = len(store.keys())
    if damaged is not None or found != wanted:
        what = f"{damaged} is damaged" if damaged is not None else f"holds {found} of {wanted} results"
        raise CourseError(f"{path}: read back, {what}; nothing is removed: remove the file and try again")
    return found
