"""The figure of an exercise, drawn from the student's own functions where they pass their public checks."""

from __future__ import annotations

import contextlib
import types
from collections import UserDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.course.exercises import folder_of
from autograder.course.figures import figure_of
from autograder.errors import CourseError
from autograder.student.check import Checked, read_document
from autograder.text import missing


def draw(root: Path, checked: Checked, target: Path) -> tuple[Path, tuple[str, ...], tuple[str, ...]]:
    """Draw an exercise's figure to a PNG.

    Parameters
    ----------
    root : Path
        Folder of the course.
    checked : Checked
        The verdict on the student's file.
    target : Path
        The PNG.

    Returns
    -------
    (Path, tuple of str, tuple of str)
        The file, the parts whose functions the figure was drawn from, and those that it would show if they passed.

    Raises
    ------
    CourseError
        If matplotlib is missing, the exercise has no figure, or drawing it fails.
    """
    try:
        import matplotlib
    except ImportError:
        raise missing("matplotlib", "student") from None
    matplotlib.use("Agg")
    from matplotlib import pyplot

    name, file = checked.folder.name, checked.file
    figure = figure_of(folder_of(root, name) / "figure.py")
    passing = tuple(part.name for part in checked.parts if part.status == "correct")
    file = file.resolve()
    with contextlib.chdir(checked.folder.path):  # where a submission finds the data files
        own = _functions(file, name) if passing else {}  # a file that does not end is not run a second time
    functions = _Offered({part: function for part, function in own.items() if part in passing})
    try:
        drawn = figure(functions, pyplot)
        drawn.savefig(target, dpi=150, metadata={"Software": _MADE_BY} if target.suffix.lower() == ".png" else None)
    except OSError as error:
        raise CourseError(f"{target}: cannot be written: {error.strerror}") from None
    except (Exception, SystemExit) as error:
        # the student's functions run here, on the student's machine; an error in them is reported in one line
        raise CourseError(f"the figure of {name} cannot be drawn: {type(error).__name__}: {error}") from None
    return target, tuple(functions.taken), tuple(functions.missed)


_MADE_BY = "autograder plot"
"""Noted in a picture, so that one of the student's own under the same name is never overwritten."""
_HEAD = 4096


def next_to(checked: Checked) -> Path:
    """Return where the figure goes unless another place is named: next to the student's file.

    Raises
    ------
    CourseError
        If a picture of the student's own has that name.
    """
    target = checked.file.with_name(f"{checked.folder.name}.png")
    try:
        with target.open("rb") as stream:
            own = _MADE_BY.encode() not in stream.read(_HEAD)
    except OSError:  # there is none, or `draw` says what is wrong
        own = False
    if own:
        cure = f"autograder plot {checked.folder.name} --to figure.png"
        raise CourseError(f"{target} is a picture of your own, which is kept; choose another name: {cure}")
    return target


class _Offered(UserDict[str, Callable[..., Any]]):
    """A student's functions, which remember what the figure takes of them and what it asks for in vain."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        super().__init__(functions)
        self.taken: dict[str, None] = {}
        self.missed: dict[str, None] = {}

    def __getitem__(self, name: str) -> Callable[..., Any]:
        if name not in self:
            raise KeyError(name)
        function = super().__getitem__(name)
        self.taken[name] = None
        return function

    def __contains__(self, name: object) -> bool:
        there = super().__contains__(name)
        if not there and isinstance(name, str):
            self.missed[name] = None
        return there


def _functions(file: Path, name: str) -> dict[str, Callable[..., Any]]:
    module = types.ModuleType(name)
    for cell in read_document(file, name).source.cells:
        try:
            # the student's own code, on the student's own machine
            exec(compile(cell.text, str(file), "exec"), module.__dict__)
        except (Exception, SystemExit):  # a failing cell is what `check` reports; here it only defines nothing
            continue
    return {key: value for key, value in vars(module).items() if callable(value)}
