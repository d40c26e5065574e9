"""At home in nbgrader: grading by its ``autograde`` in our sandbox, and our results in its gradebook.

Nothing here imports nbgrader before it is used: it is an extra, and only an instructor has it.
"""

from __future__ import annotations

import importlib.util

from autograder.spec import CourseError


def need_nbgrader() -> None:
    """Raise CourseError, naming the extra, if nbgrader is not installed."""
    if importlib.util.find_spec("nbgrader") is None:
        raise CourseError("nbgrader is missing; install the nbgrader extra: pip install '.[nbgrader]'")
