"""nbgrader integration: grading by its ``autograde`` in our sandbox, and our results in its gradebook.

Nothing here imports nbgrader before it is used: it is an extra, and only an instructor has it.
"""

from __future__ import annotations

from pathlib import Path

from autograder.course.model import FILE_NAME, Course, find_course, load_course


def course_named(folder: str) -> Course:
    """Return the course in the folder that nbgrader's configuration names, else the one that every command finds.

    Raises
    ------
    CourseError
        If there is none, or its file is wrong.
    """
    named = Path(folder)
    return load_course(named if folder and (named / FILE_NAME).is_file() else find_course())
