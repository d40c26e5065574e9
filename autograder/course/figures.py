"""Load the figure of an exercise."""

from __future__ import annotations

import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.declared import line_of
from autograder.errors import CourseError


def figure_of(file: Path) -> Callable[..., Any]:
    """Return the function ``figure(functions, pyplot)`` of an exercise's ``figure.py``.

    Raises
    ------
    CourseError
        If there is no such file, or it defines no such function; on drawing, if that returns no figure.
    """
    if not file.is_file():
        raise CourseError(f"{file.parent.name} has no figure")
    spec = importlib.util.spec_from_file_location("figure", file)
    assert spec is not None  # a .py file always has a spec and a loader
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = getattr(module, "figure", None)
    if not callable(function):
        raise CourseError(f"{file}:1: defines no function figure(functions, plt)")

    try:
        inspect.signature(function).bind({}, None)
    except TypeError as error:
        raise CourseError(f"{line_of(function)}: figure takes two arguments, figure(functions, plt): {error}") from None

    def drawn(functions: Any, plt: Any) -> Any:
        made = function(functions, plt)
        if not hasattr(made, "savefig"):
            raise CourseError(f"{line_of(function)}: figure returns {type(made).__name__}; it returns the figure drawn")
        return made

    return drawn
