"""Declarations that validate themselves: what an author writes is checked against the annotations of its fields.

A mistake is a :class:`~autograder.errors.CourseError`; :func:`at_line` adds the file and the line of the author's code
in which it was made.
"""

from __future__ import annotations

import ast
import collections.abc
import inspect
import linecache
import math
import re
import traceback
import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from autograder.errors import CourseError
from autograder.text import did_you_mean


def is_text(node: ast.stmt) -> bool:
    """Whether a statement of an author's or a student's code is a value alone, as a docstring is."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


_PACKAGE = str(Path(__file__).parent)


class Declared:
    """Base of the frozen dataclasses that exercises are written in."""

    FILLED: ClassVar[tuple[str, ...]] = ()
    """Fields whose text says something."""
    ONE_LINE: ClassVar[tuple[str, ...]] = ()
    """Fields whose text is shown in one line: without a line break or another control character."""

    def __post_init__(self) -> None:
        """Check every field against its annotation, then the texts."""
        for name, hint in _hints(self.__class__).items():  # type: ignore[arg-type]  # a class hashes by identity
            problem = _problem(getattr(self, name), hint)
            if problem is not None:
                raise CourseError(f"{_described(self)}: {name}: {problem}")
        for name in self.FILLED:
            if not getattr(self, name).strip():
                raise CourseError(f"{_described(self)}: {name}: given an empty text; say it in a few words")
        for name in self.ONE_LINE:
            if not getattr(self, name).isprintable():
                raise CourseError(f"{_described(self)}: {name}: given {getattr(self, name)!r}; allowed: a single line")


def _described(declared: object) -> str:
    """Return kind and name of a declaration, as an author looks for it: ``Part 'mean'``."""
    named = (getattr(declared, field, None) for field in ("name", "title", "id"))
    name = next((one for one in named if isinstance(one, str) and one), None)
    return type(declared).__name__ + (f" {name!r}" if name is not None else "")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _problem(value: Any, hint: Any) -> str | None:
    """Return what is wrong with the value of a field, or None."""
    if hint is Any:
        return None
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        if value in inner:
            return None
        return f"given {value!r}; allowed: {', '.join(map(repr, inner))}{_meant(value, inner)}"
    if origin in (Union, types.UnionType):
        problems = [_problem(value, one) for one in inner]
        return None if None in problems else next(filter(None, problems))
    if origin is tuple:
        return _tuple_problem(value, inner)
    if origin is collections.abc.Mapping:
        return _mapping_problem(value, inner)
    if hint is Callable or origin is collections.abc.Callable:
        return None if callable(value) else f"given {_shown(value)}; allowed: a function"
    if hint is float:
        return _number_problem(value)
    wanted = origin or hint
    if not isinstance(wanted, type) or (isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))):
        return None
    return f"given {_shown(value)}; allowed: {_NOUNS.get(wanted, f'a {wanted.__name__}')}"


_NOUNS = {str: "a string", int: "a whole number", bool: "True or False", type(None): "None"}


def _number_problem(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return f"given {value!r}; allowed: a number"
    return None


def _tuple_problem(value: Any, inner: tuple[Any, ...]) -> str | None:
    each = inner[0] if inner else Any
    if not isinstance(value, tuple):
        missing = _problem(value, each) is None
        comma = "; a tuple of one needs a comma: (x,)" if missing else ""
        return f"given {_shown(value)}; allowed: a tuple{comma}"
    if len(inner) == 2 and inner[1] is ...:
        hints: tuple[Any, ...] = (each,) * len(value)
    elif len(inner) == len(value) or not inner:
        hints = inner
    else:
        return f"given {len(value)} items; allowed: {len(inner)}"
    found = ((i, _problem(item, hint)) for i, (item, hint) in enumerate(zip(value, hints, strict=True), 1))
    return next((f"item {i}: {problem}" for i, problem in found if problem is not None), None)


def _mapping_problem(value: Any, inner: tuple[Any, ...]) -> str | None:
    if not isinstance(value, Mapping):
        return f"given {_shown(value)}; allowed: a dictionary"
    for key, item in value.items():
        problem = _problem(key, inner[0]) or _problem(item, inner[1])
        if problem is not None:
            return f"{key!r}: {problem}"
    return None


def _shown(value: Any) -> str:
    if isinstance(value, Declared):
        return f"one {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= 60 else f"a value of type {type(value).__name__}"


def _meant(value: Any, known: tuple[Any, ...]) -> str:
    meant = did_you_mean(value, [one for one in known if isinstance(one, str)]) if isinstance(value, str) else ""
    return meant if meant.startswith("; did you mean") else ""


def twice(names: collections.abc.Iterable[str]) -> str | None:
    """Return the first name that occurs a second time, or None."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None


# --- where an author's mistake is ------------------------------------------------------------------------------


@cache
def _not_of_authors() -> tuple[str, ...]:
    """Return how the names of files begin that are not an author's: of libraries, of this package, of no file."""
    import sysconfig  # a check without a mistake asks for none

    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return ("<", _PACKAGE, *{str(Path(sysconfig.get_path(name))) for name in names})


def _frames_of_authors(error: BaseException) -> list[tuple[FrameType, int]]:
    """Return the frames of an error, with their lines, that are of an exercise or a course: the innermost last."""
    found = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if not name.startswith(_not_of_authors()):
            found.append((frame, line))
    return found


def line_of(function: object) -> str:
    """Return ``file:line`` of a function of an author; an empty string for what is written in another language."""
    code = getattr(function, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code is not None else ""


def defined_at(function: object) -> str:
    """Return `` (file:line)`` of a function of an author, or an empty string."""
    place = line_of(function)
    return f" ({place})" if place else ""


def place_of(error: BaseException) -> str:
    """Return ``file:line`` of the author's line that an error comes from; an empty string if it comes from none."""
    if isinstance(error, SyntaxError) and error.filename and not error.filename.startswith("<"):
        return f"{error.filename}:{error.lineno}"
    frames = _frames_of_authors(error)
    return f"{frames[-1][0].f_code.co_filename}:{frames[-1][1]}" if frames else ""


def trace_of(error: BaseException) -> str:
    """Return an error with the author's own frames, one a line, the innermost last."""
    lines = [f"{type(error).__name__}: {error}"]
    for frame, line in _frames_of_authors(error):
        code = frame.f_code
        text = linecache.getline(code.co_filename, line).strip()
        lines.append(f"  {code.co_filename}:{line} in {code.co_name}: {text}")
    return "\n".join(lines)


def at_line(error: BaseException, file: Path | str = "") -> CourseError:
    """Return an error of an author's file as a message: file and line, what is wrong, what may have been meant."""
    place = place_of(error) or (f"{file}:1" if file and isinstance(error, SyntaxError) else str(file))
    text = str(error)
    if isinstance(error, SyntaxError):
        caret = f"\n  {error.text.rstrip()}\n  {' ' * ((error.offset or 1) - 1)}^" if error.text else ""
        text = f"{type(error).__name__}: {error.msg}{caret}"
    elif not isinstance(error, CourseError):
        text = f"{type(error).__name__}: {text}{_meant_argument(error)}{_missing_package(error)}"
    elif any(named and text.startswith(f"{named}:") for named in (str(file), place.rpartition(":")[0])):
        return error
    return CourseError(f"{place}: {text}" if place else text)


def _missing_package(error: BaseException) -> str:
    """Return what to do about a package that is not installed."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    if not name or "." in name:
        return ""
    if name in ("grading", "checks", "figure", "derivations"):
        return f"; an exercise's files do not import each other: students have no {name}.py next to theirs"
    meant = did_you_mean(name, ("numpy", "scipy", "sympy", "matplotlib", "autograder", "reference", "exercises"))
    return (
        meant
        if meant.startswith("; did you mean")
        else "; install its package, and list it under packages in course.yml"
    )


_UNEXPECTED = r"(\w+)(?:\.__init__)?\(\) got an unexpected keyword argument '(\w+)'"


def _meant_argument(error: BaseException) -> str:
    """Return the argument that may have been meant by one that a word of the language does not have."""
    found = re.search(_UNEXPECTED, str(error)) if isinstance(error, TypeError) else None
    frames = _frames_of_authors(error)
    word = frames[-1][0].f_globals.get(found[1]) if found and frames else None
    if found is None or not callable(word) or "did you mean" in str(error).lower():
        return ""
    return did_you_mean(found[2], inspect.signature(word).parameters)
