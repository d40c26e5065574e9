"""Load the figure of an exercise."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.errors import CourseError


def figure_of(file: Path) -> Callable[..., Any]:
    """Return the function ``figure(functions, pyplot)`` of a room's ``figure.py``.

    Raises
    ------
    CourseError
        If there is no such file.
    """
    if not file.is_file():
        raise CourseError(f"{file.parent.name} has no figure")
    spec = importlib.util.spec_from_file_location("figure", file)
    assert spec is not None  # a .py file always has a spec and a loader
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[..., Any] = module.figure
    return function
