"""A new exercise from the template: complete, small, and already passing `verify`."""

from __future__ import annotations

import re
import sys
import tempfile
from importlib.resources import files
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path

from autograder.authoring.new_course import fill
from autograder.course.exercises import exercise_names, load_exercise
from autograder.errors import CourseError

_DEVICES = frozenset({"aux", "con", "nul", "prn", *(f"{port}{k}" for port in ("com", "lpt") for k in range(10))})
"""Names that Windows gives to no file."""

_PART = "sample_mean"
"""The part of the template."""

_NAME = re.compile(r"[a-z][a-z0-9_]{2,40}")


def new_exercise(root: Path, name: str) -> Path:
    """Make the folder of a new exercise with one working part to replace.

    Parameters
    ----------
    root : Path
        Folder of the course.
    name : str
        Name of folder, notebook and module: lower-case letters, digits and underscores.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    CourseError
        If the name cannot be used, the exercise exists, or it cannot be written; then nothing is left behind.
    """
    if not _NAME.fullmatch(name):
        raise CourseError(
            f"{name!r} cannot name an exercise: use 3 to 41 lower-case letters, digits and _, a letter first"
        )
    if iskeyword(name) or name in _DEVICES:
        raise CourseError(f"{name!r} cannot name a file or a function everywhere; choose another")
    if name == _PART:
        raise CourseError(f"{name!r} is the part of the new exercise, so the notebook would hide it; choose another")
    if name in sys.stdlib_module_names or find_spec(name) is not None:
        raise CourseError(
            f"{name!r} is a Python module, which a student's file of that name would hide; choose another"
        )
    place = root / "exercises" / name
    if place.exists():
        raise CourseError(f"{place} exists already; choose another name")
    exercises = [load_exercise(root, one, hidden=False).exercise for one in exercise_names(root)]
    for one in exercises:
        if name in {part.name for part in one.parts}:
            raise CourseError(f"{name!r} is a part of {one.name}, and `check` takes either name; choose another")
    numbers = [one.number for one in exercises]
    taken = [int(number[1:]) for number in numbers if number[1:].isdigit()]
    fields = {"name": name, "number": f"E{max(taken, default=0) + 1:02d}", "title": name.replace("_", " ").capitalize()}
    try:
        # written aside and renamed, so that a full disk leaves no half exercise
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-") as aside:
            made = Path(aside) / name
            fill(files("autograder.authoring").joinpath("templates", "exercise"), made, fields)
            made.rename(place)
    except OSError as error:
        raise CourseError(f"{place}: cannot be made: {error.strerror}") from None
    return place
