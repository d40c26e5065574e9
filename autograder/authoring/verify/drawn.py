"""The figure of an exercise, drawn from nothing, from the reference and from three misconceptions."""

from __future__ import annotations

import re
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from unittest.mock import patch

from autograder.authoring.verify.places import of_text
from autograder.course.exercises import ExerciseFolder
from autograder.course.figures import figure_of
from autograder.errors import CourseError, Endless
from autograder.model import Value
from autograder.text import did_you_mean, read_text

MISCONCEPTIONS = 3


def _names_no_part(folder: ExerciseFolder) -> Iterator[str]:
    """Yield the names by which a figure asks for functions that the exercise does not have."""
    file, parts = folder.path / "figure.py", [part.name for part in folder.exercise.parts]
    for found in _ASKED.finditer(read_text(file)):
        if found[1] not in parts:
            place = of_text(file, found[0])
            yield f"{place}: asks for the function {found[1]!r}, which is not a part{did_you_mean(found[1], parts)}"


_ASKED = re.compile(r"\bfunctions(?:\.get\(|\[)[\"'](\w+)[\"']")


def figure_problems(folder: ExerciseFolder) -> Iterator[str]:
    """Yield what of an exercise's figure cannot be drawn, with the line of ``figure.py``."""
    file = folder.path / "figure.py"
    if not file.is_file():
        return
    yield from _names_no_part(folder)
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    try:
        figure = figure_of(file)
    except Endless:
        raise
    except CourseError as error:
        yield str(error)
        return
    except (Exception, SystemExit) as error:  # an author's file may fail in any way
        yield f"{_where(error, str(file))}: {type(error).__name__}: {error}"
        return
    told: set[str] = set()
    for who, functions in _given(folder):
        with warnings.catch_warnings(), patch.object(pyplot, "show", _no_window):
            warnings.simplefilter("ignore")
            try:
                drawing = figure(functions, pyplot)
                drawing.canvas.draw()
            except Endless:
                raise
            except CourseError as error:
                yield str(error)
                return
            except (Exception, SystemExit) as error:
                said = f"raises {type(error).__name__}: {error}"
                if said not in told:
                    yield f"{_where(error, str(file))}: drawing from {who} {said}"
                told.add(said)
            finally:
                pyplot.close("all")


def _no_window(*args: object, **options: object) -> None:
    raise RuntimeError("plt.show() opens a window; return the figure instead")


def _given(folder: ExerciseFolder) -> Iterator[tuple[str, Mapping[str, Callable[..., Value]]]]:
    yield "the untouched stub (no function)", {}
    yield "the reference", {name: secret.reference for name, secret in folder.secrets.items()}
    for k in range(MISCONCEPTIONS):
        wrong = {name: s.misconceptions[k].wrong for name, s in folder.secrets.items() if len(s.misconceptions) > k}
        if wrong:
            yield f"misconception {k + 1} of each part", wrong


def _where(error: BaseException, file: str) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"figure.py:{lines[-1]}" if lines else "figure.py"
