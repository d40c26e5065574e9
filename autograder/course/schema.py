"""Reading ``course.yml`` into the dataclasses of the course, and writing them back; pydantic checks the fields.

Every mistake is reported with its line, what was given and what is allowed.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from autograder.course.exercises import folder_of
from autograder.course.fields import TIME_HELP
from autograder.course.model import FILE_NAME, Assignment, Course
from autograder.course.yaml_strict import FieldPath, Marked
from autograder.errors import CourseError
from autograder.moments import iso
from autograder.plain import dataclass
from autograder.text import did_you_mean

_ASSIGNMENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_EXERCISE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SHOWN = 60  # characters of a given value that an error message repeats
_NOT_WRITTEN = {Course: ("root",), Assignment: ("name",)}  # fields that the file does not hold: where it lies, its keys


@dataclass(frozen=True)
class _Mistake:
    path: FieldPath
    text: str


def validate(document: Marked, root: Path) -> Course:
    """Turn a parsed course file into a :class:`Course`.

    Raises
    ------
    CourseError
        With every mistake found, a line each.
    """
    mistakes: list[_Mistake] = []
    course = None
    names = list(_dict(_dict(document.data).get("assignments")))
    try:
        course = _adapter().validate_json(json.dumps(_for_dataclasses(document.data, root)))
    except ValidationError as error:
        mistakes += [_translate(detail, names) for detail in error.errors(include_url=False)]
    mistakes += _across(document.data, root)
    if mistakes or course is None:
        raise CourseError(_listing(document, mistakes))
    return course


def as_data(course: Course) -> dict[str, Any]:
    """Return a course as the data of a course file that says the same."""
    data: dict[str, Any] = _adapter().dump_python(course, mode="json", exclude={"root"}, exclude_none=True)
    return data | {"assignments": {one.pop("name"): one for one in data["assignments"]}}


@cache
def _adapter() -> TypeAdapter[Course]:
    """Return what checks a course; to make it takes longer than to use it."""
    return TypeAdapter(Course)


def _for_dataclasses(data: Any, root: Path) -> Any:
    """Return the file's data with what the dataclasses hold besides: the folder, and every assignment's name."""
    if not isinstance(data, dict):
        return data
    data = {**data, "root": str(root)}
    if "assignments" in data:  # what is not a mapping is reported with the names
        bodies = _dict(data["assignments"]).items()
        data["assignments"] = [{**body, "name": name} if isinstance(body, dict) else body for name, body in bodies]
    return data


def _listing(document: Marked, mistakes: list[_Mistake]) -> str:
    ordered = sorted(mistakes, key=lambda mistake: document.line(mistake.path))
    lines = [
        f"{FILE_NAME}:{document.line(mistake.path)}: {_dotted(mistake.path)}: {mistake.text}" for mistake in ordered
    ]
    count = "1 mistake" if len(lines) == 1 else f"{len(lines)} mistakes"
    return "\n".join([f"{FILE_NAME}: {count}", *dict.fromkeys(lines)])


def _dotted(path: FieldPath) -> str:
    return ".".join(str(step).encode("unicode_escape").decode() for step in path) or "the file"


# --- pydantic's errors in our words ----------------------------------------------------------------------------


def _translate(detail: Any, names: list[str]) -> _Mistake:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    path: FieldPath = tuple(detail["loc"])
    if path[:1] == ("assignments",) and len(path) > 1 and isinstance(path[1], int):
        path = ("assignments", names[path[1]], *path[2:])
    if kind == "missing":
        return _Mistake(path, "is missing; it is required")
    if kind == "unexpected_keyword_argument":
        return _Mistake(path, f"no such field{did_you_mean(str(path[-1]), _fields_at(path[:-1]))}")
    if kind == "literal_error":
        allowed = [str(choice) for choice in get_args(_type_at(path))]
        hint = did_you_mean(given, allowed, listed=0) if isinstance(given, str) else ""
        return _Mistake(path, f"given {_shown(given)}; allowed: {', '.join(allowed)}{hint}")
    if kind == "value_error":
        return _Mistake(path, f"given {_shown(given)}; allowed: {context['error']}")
    words = detail["msg"]
    if kind in ("dataclass_type", "dict_type"):
        words = "fields with values, indented below it"
    if kind == "tuple_type":
        words = "a list, such as [one, two]"
    for start in ("Input should be ", "String should have ", "Value should "):
        words = words.removeprefix(start)
    return _Mistake(path, f"given {_shown(given)}; allowed: {words}")


def _shown(given: Any) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, dict):
        return "fields"
    text = repr(given)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _type_at(path: FieldPath) -> Any:
    """Walk the dataclasses along a path: the type of the field there, without its bounds."""
    here: Any = Course
    for step in path:
        if dataclasses.is_dataclass(here) and isinstance(here, type):
            here = get_type_hints(here).get(str(step))
        elif get_args(here):  # Mapping[str, X], tuple[X, ...]
            here = next(one for one in reversed(get_args(here)) if one is not Ellipsis)
        here = _not_none(here)
        while get_origin(here) is Annotated:
            here = get_args(here)[0]
    return here


def _not_none(kind: Any) -> Any:
    """Return X for ``X | None``."""
    return next((one for one in get_args(kind) if one is not NoneType), kind) if NoneType in get_args(kind) else kind


def _fields_at(path: FieldPath) -> list[str]:
    here = _type_at(path)
    if not (dataclasses.is_dataclass(here) and isinstance(here, type)):
        return []
    return [f.name for f in dataclasses.fields(here) if f.name not in _NOT_WRITTEN.get(here, ())]


# --- what no single field can tell -----------------------------------------------------------------------------


def _across(data: Any, root: Path) -> list[_Mistake]:
    """Mistakes in names and between fields; works on whatever was parsed, so that all mistakes come at once."""
    assignments = _dict(_dict(data).get("assignments"))
    mistakes = [_unknown((name,)) for name in _NOT_WRITTEN[Course] if name in _dict(data)]
    if isinstance(data, dict) and "assignments" in data and data["assignments"] == {}:
        mistakes.append(_Mistake(("assignments",), "at least one assignment is needed"))
    elif isinstance(data, dict) and not isinstance(data.get("assignments", {}), dict):
        allowed = "a name for each assignment, such as hw1:, with its fields indented below it"
        mistakes.append(_Mistake(("assignments",), f"given {_shown(data['assignments'])}; allowed: {allowed}"))
    first: dict[str, str] = {}
    for name, body in assignments.items():
        path: FieldPath = ("assignments", name)
        if not _ASSIGNMENT.fullmatch(name):
            allowed = "a letter, then letters, digits, - and _ (it is a folder's name)"
            mistakes.append(_Mistake(path, f"given {name!r}; allowed: {allowed}"))
        for exercise in _dict(_dict(body).get("exercises")):
            spot: FieldPath = (*path, "exercises", exercise)
            mistakes += [_Mistake(spot, text) for text in _exercise_mistakes(exercise, name, first, root)]
        mistakes += [_unknown((*path, field)) for field in _NOT_WRITTEN[Assignment] if field in _dict(body)]
        mistakes += list(_extension_mistakes(path, _dict(body)))
        if "days_to_spend" in _dict(_dict(body).get("late")):
            what = "belongs to the course's own late, since the days are spent over all assignments; move it there"
            mistakes.append(_Mistake((*path, "late", "days_to_spend"), what))
    mistakes += _team_mistakes(_dict(_dict(data).get("teams")))
    return mistakes


def _unknown(path: FieldPath) -> _Mistake:
    return _Mistake(path, f"no such field; known: {', '.join(_fields_at(path[:-1]))}")


def _exercise_mistakes(exercise: str, assignment: str, first: dict[str, str], root: Path) -> Iterator[str]:
    if not _EXERCISE.fullmatch(exercise):
        yield f"given {exercise!r}; allowed: lower-case letters, digits and _, a letter first (it names a module)"
        return
    if exercise in first:
        yield f"already in {first[exercise]}; an exercise belongs to one assignment"
    first.setdefault(exercise, assignment)
    if not (folder_of(root, exercise) / "checks.py").is_file():
        folders = sorted(path.parent.name for path in (root / "exercises").glob("*/checks.py"))
        yield f"no folder exercises/{exercise}/ with a checks.py; make it or take the line out" + did_you_mean(
            exercise, folders
        )


def _extension_mistakes(path: FieldPath, body: Mapping[str, Any]) -> Iterator[_Mistake]:
    due = iso(body.get("due"))
    extensions = _dict(body.get("extensions"))
    if extensions and body.get("due") is None:
        yield _Mistake((*path, "extensions"), "an extension needs a due date; add due: " + TIME_HELP)
    appeals = iso(body.get("appeals_until"))
    if due is not None and appeals is not None and appeals < due:
        allowed = f"not before due, {body['due']!r}"
        yield _Mistake((*path, "appeals_until"), f"given {body['appeals_until']!r}; allowed: {allowed}")
    for student, until in extensions.items():
        moment = iso(until)
        if due is not None and moment is not None and moment < due:
            yield _Mistake((*path, "extensions", student), f"given {until!r}; allowed: not before due, {body['due']!r}")


def _team_mistakes(teams: Mapping[str, Any]) -> Iterator[_Mistake]:
    first: dict[str, str] = {}
    for team, members in teams.items():
        if members == []:
            yield _Mistake(("teams", team), "given no student; allowed: one or more, such as [alice, bob]")
        for k, student in enumerate(members if isinstance(members, list) else ()):
            if isinstance(student, str) and first.setdefault(student, team) != team:
                allowed = f"one team for each student; {student!r} is in {first[student]!r} already"
                yield _Mistake(("teams", team, k), f"given {student!r}; allowed: {allowed}")


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
