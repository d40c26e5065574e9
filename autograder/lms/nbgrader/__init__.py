"""nbgrader integration: grading by its ``autograde`` in our sandbox, and our results in its gradebook.

Nothing here imports nbgrader before it is used: it is an extra, and only an instructor has it.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from autograder.course.model import FILE_NAME, Course, find_course, load_course
from autograder.errors import CourseError
from autograder.text import install


def need_nbgrader() -> None:
    """Raise CourseError, naming the extra, if nbgrader is not installed."""
    if importlib.util.find_spec("nbgrader") is None:
        raise CourseError(f"nbgrader is missing; install the nbgrader extra: {install('nbgrader')}")


def course_named(folder: str) -> Course:
    """Return the course in the folder that nbgrader's configuration names, else the one that every command finds."""
    named = Path(folder)
    return load_course(named if folder and (named / FILE_NAME).is_file() else find_course())
