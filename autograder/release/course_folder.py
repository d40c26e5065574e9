"""An nbgrader course folder: configuration, ``source/<assignment>/``, and nbgrader's own ``release/<assignment>/``."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC
from pathlib import Path

from autograder.atomic import made_above, replace_folder
from autograder.errors import CourseError
from autograder.release import CONFIG
from autograder.release.build import Release, write_files
from autograder.release.wheel import wheel
from autograder.text import missing

_ASIDE = "aside.db"
_ASIDE_STEPS = (("source", "source"), ("release", "fresh"))

_CONFIG = '''"""nbgrader for this course; yours to change, a later release keeps it."""

from pathlib import Path

c = get_config()  # noqa: F821  # nbgrader defines it while it reads this file

c.CourseDirectory.course_id = {course!r}
c.ClearSolutions.code_stub = {{"python": "raise NotImplementedError"}}

# `nbgrader autograde` and the button of formgrader grade in the sandbox of `autograder grade`, without a kernel.  Take
# these four lines out and nbgrader runs every notebook in a kernel, with your rights and within reach of this folder.
c.Autograde.exporter_class = "autograder.lms.nbgrader.autograde.SubmittedNotebooks"
c.Autograde.sanitize_preprocessors = ["nbgrader.preprocessors.CheckCellMetadata"]
c.Autograde.autograde_preprocessors = [
    "autograder.lms.nbgrader.autograde.GradeInSandbox",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.GradeInSandbox.course = c.LatePenalty.course = str(Path(__file__).resolve().parent / {root!r})
# Due dates, extensions and what lateness costs are those of course.yml.  A time of submission that you know better than
# the student's own timestamp.txt: a CSV with the columns student, assignment and time.
c.AssignLatePenalties.plugin_class = "autograder.lms.nbgrader.plugins.LatePenalty"
# c.GradeInSandbox.received = "received.csv"
# `nbgrader export` writes nbgrader's own table and next to it one with the points of every part.
c.ExportApp.plugin_class = "autograder.lms.nbgrader.plugins.PartMarks"

# What follows counts where a kernel runs.
# A deleted graded cell is put back, so that it earns 0 instead of needing manual grading for ever.
c.OverwriteCells.add_missing_cells = True
# nbgrader takes a warning on stderr for an error and gives 0 points for it.
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "Warning"
c.Execute.timeout = 600
'''


def needs_nbgrader() -> None:
    """Stop where nbgrader is missing.

    Raises
    ------
    CourseError
        With how to install it.
    """
    if importlib.util.find_spec("nbgrader") is None:
        raise missing("nbgrader", "nbgrader")


def write_course_folder(release: Release, to: Path) -> Path:
    """Write or renew an assignment in an nbgrader course folder.

    The release is made and searched in a folder aside; the course folder is touched only when all of it is right.

    Parameters
    ----------
    release : Release
        The assignment.
    to : Path
        The course folder; made if it is not there, its configuration kept if it is.

    Returns
    -------
    Path
        ``to/release/<assignment>``.

    Raises
    ------
    Leak
        If something hidden would reach a student.
    CourseError
        If nbgrader is missing or refuses the assignment, or a folder cannot be written to.
    """
    needs_nbgrader()
    name = release.assignment.name
    given, to = to, to.absolute()  # nbgrader runs elsewhere
    try:
        with made_above(to), tempfile.TemporaryDirectory(prefix=f".{to.name}.", dir=to.parent) as aside:
            folder = Path(aside) / "course"
            source, made = folder / "source" / name, folder / "release" / name
            write_files(source, {**release.sources(), **release.helpers()})
            settings = to / CONFIG
            text = settings.read_text(encoding="utf-8") if settings.is_file() else _config(release, to)
            write_files(folder, {CONFIG: text.encode()})
            # a gradebook of its own, whatever the settings say: nothing of the course is touched yet
            _generate(folder, name, f"--CourseDirectory.db_url=sqlite:///{folder / _ASIDE}")
            release.search({p.relative_to(made).as_posix(): p.read_bytes() for p in made.rglob("*") if p.is_file()})
            _move_in(folder, to, name)
        package, content = wheel(release.written)
        write_files(to, {f"package/{package}": content})
        if release.assignment.due is not None:  # formgrader shows it from the gradebook
            due = release.assignment.due.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            _nbgrader(to, name, "db", "assignment", "add", name, f"--duedate={due}")
    except OSError as error:
        raise CourseError(f"{to}: cannot be written: {error.strerror or error}") from None
    return given / "release" / name


def _config(release: Release, to: Path) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "-", release.course.title).strip("-").lower() or "course"
    try:
        root = os.path.relpath(release.course.root, to.resolve())
    except ValueError:  # another drive of Windows
        root = str(release.course.root)
    return _CONFIG.format(course=name, root=root)


def _move_in(folder: Path, to: Path, name: str) -> None:
    """Let nbgrader make the release with the gradebook, then put source and release in place; undo it if that fails."""
    if not to.exists():
        (folder / _ASIDE).rename(folder / "gradebook.db")
        folder.rename(to)
        return
    if not (to / CONFIG).is_file():
        shutil.copy(folder / CONFIG, to / CONFIG)
    places = [to / "source" / name, to / "release" / name]
    for place in places:
        if place.is_dir():
            shutil.copytree(place, folder / "old" / place.parent.name)
    # nbgrader writes aside here too, and only the gradebook in place: who reads the release sees it whole at any moment
    aside = os.path.relpath(folder.resolve(), to.resolve())
    steps = (f"--CourseDirectory.{step}_directory={aside}/{below}" for step, below in _ASIDE_STEPS)
    try:
        _generate(to, name, *steps)
        for (_, below), place in zip(_ASIDE_STEPS, places, strict=True):
            replace_folder(folder / below / name, place)
    except BaseException:  # an interruption too
        for place in places:
            old = folder / "old" / place.parent.name
            if old.is_dir():
                replace_folder(old, place)
            else:
                shutil.rmtree(place, ignore_errors=True)
        raise


def _generate(folder: Path, name: str, *options: str) -> None:
    _nbgrader(folder, name, "generate_assignment", name, "--force", *options)


def _nbgrader(folder: Path, name: str, *arguments: str) -> None:
    # nbgrader calls `alembic` by its name, which is not on the path of a Python that is called by its own
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        logged = [line for line in ran.stderr.splitlines() if line.strip() and "| INFO]" not in line]
        # of a traceback the last line says what it was; else the first error does
        told = [line for line in logged if "ERROR" in line and "Traceback" not in line]
        raised = [line for line in logged if not line.startswith((" ", "[")) and ": " in line]
        said = raised[-1:] or told or logged or ["no reason"]
        raise CourseError(f"nbgrader refuses the assignment {name}: {said[0].strip()}")
