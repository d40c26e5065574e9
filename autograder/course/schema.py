"""The fields of ``course.yml``, checked by pydantic; every mistake is told with its line and what is allowed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from autograder.course.model import (
    FILE_NAME,
    Assignment,
    Attempts,
    BackendName,
    Course,
    Feedback,
    LatePolicy,
    ResourceLimits,
    SecretPlace,
    When,
)
from autograder.course.yaml_strict import FieldPath, Marked
from autograder.errors import CourseError
from autograder.model import Limits
from autograder.text import did_you_mean

_ASSIGNMENT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_EXERCISE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TIME_HELP = "a date and time with its zone, such as 2026-10-23T23:59:00+02:00"
_SHOWN = 60  # characters of a given value that an error message repeats
_MIB = 1 << 20


def _moment(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(_TIME_HELP) from None
    if moment.tzinfo is None or not 1970 < moment.year < 9000:
        raise ValueError(_TIME_HELP)
    return text


def _file_name(text: str) -> str:
    if text.startswith("/") or ".." in text.split("/") or not text.isprintable():
        raise ValueError("a path inside the course's folder, such as .autograder-secret")
    return text


_Moment = Annotated[str, AfterValidator(_moment)]
_Title = Annotated[str, Field(min_length=1, max_length=200)]
_Points = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Assignment(_Model):
    title: _Title
    exercises: dict[str, _Points]
    due: _Moment | None = None
    extensions: dict[str, _Moment] = Field(default_factory=dict)


class _Late(_Model):
    percent_per_day: float = Field(default=0.0, ge=0, le=100, allow_inf_nan=False)
    max_days: int | None = Field(default=None, ge=0, le=3650)
    grace_minutes: float = Field(default=0.0, ge=0, le=14400, allow_inf_nan=False)


class _Limits(_Model):
    cpu_seconds: float = Field(default=2.0, gt=0, le=3600, allow_inf_nan=False)
    memory_mib: int = Field(default=1024, ge=64, le=1 << 20)
    scaling_cpu_seconds: float = Field(default=20.0, gt=0, le=3600, allow_inf_nan=False)
    scaling_memory_mib: int = Field(default=6144, ge=64, le=1 << 20)


class _Feedback(_Model):
    hidden_checks: When = "after_due"
    misconceptions: When = "after_due"


class _Secret(_Model):
    environment: str = Field(default="AUTOGRADER_SECRET", pattern=r"^[A-Z][A-Z0-9_]{0,63}$")
    file: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_file_name)] = ".autograder-secret"


class _Course(_Model):
    title: _Title
    assignments: dict[str, _Assignment]
    late: _Late = Field(default_factory=_Late)
    attempts: Attempts = "last"
    limits: _Limits = Field(default_factory=_Limits)
    variants: int = Field(default=16, ge=1, le=1_000_000)
    feedback: _Feedback = Field(default_factory=_Feedback)
    backend: BackendName = "auto"
    secret: _Secret = Field(default_factory=_Secret)


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
    model = None
    try:
        model = _Course.model_validate(document.data)
    except ValidationError as error:
        mistakes += [_translate(detail) for detail in error.errors(include_url=False)]
    mistakes += _across(document.data, root)
    if mistakes or model is None:
        raise CourseError(_listing(document, mistakes))
    return _course(model, root)


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


def _translate(detail: Any) -> _Mistake:
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    path: FieldPath = tuple(detail["loc"])
    if kind == "missing":
        return _Mistake(path, "is missing; it is required")
    if kind == "extra_forbidden":
        fields = _fields_at(path[:-1])
        return _Mistake(path, f"no such field{did_you_mean(str(path[-1]), fields)}")
    if kind == "literal_error":
        allowed = _allowed_at(path)
        hint = did_you_mean(given, allowed) if isinstance(given, str) else ""
        return _Mistake(path, f"given {_shown(given)}; allowed: {', '.join(allowed)}{hint if 'mean' in hint else ''}")
    if kind == "value_error":
        return _Mistake(path, f"given {_shown(given)}; allowed: {context['error']}")
    words = detail["msg"]
    if kind in ("model_type", "dict_type"):
        words = "fields with values, indented below it"
    for start in ("Input should be ", "String should ", "Value should "):
        words = words.removeprefix(start)
    return _Mistake(path, f"given {_shown(given)}; allowed: {words}")


def _shown(given: Any) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, dict):
        return "fields"
    text = repr(given)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _model_at(path: FieldPath) -> Any:
    """Walk the models along a path: the annotation of the field there."""
    here: Any = _Course
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel) and step in here.model_fields:
            here = here.model_fields[str(step)].annotation
        elif get_args(here):  # dict[str, X]
            here = get_args(here)[-1]
        else:
            return None
    return here


def _fields_at(path: FieldPath) -> list[str]:
    model = _model_at(path)
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _allowed_at(path: FieldPath) -> list[str]:
    return [str(choice) for choice in get_args(_model_at(path))]


# --- what no single field can tell -----------------------------------------------------------------------------


def _across(data: Any, root: Path) -> list[_Mistake]:
    """Mistakes in names and between fields; works on whatever was parsed, so that all mistakes come at once."""
    assignments = _dict(_dict(data).get("assignments"))
    mistakes: list[_Mistake] = []
    if isinstance(data, dict) and "assignments" in data and data["assignments"] == {}:
        mistakes.append(_Mistake(("assignments",), "at least one assignment is needed"))
    first: dict[str, str] = {}
    for name, body in assignments.items():
        path: FieldPath = ("assignments", name)
        if not _ASSIGNMENT.fullmatch(name):
            allowed = "a letter, then letters, digits, - and _ (it is a folder's name)"
            mistakes.append(_Mistake(path, f"given {name!r}; allowed: {allowed}"))
        for exercise in _dict(_dict(body).get("exercises")):
            spot: FieldPath = (*path, "exercises", exercise)
            mistakes += [_Mistake(spot, text) for text in _exercise_mistakes(exercise, name, first, root)]
        mistakes += list(_extension_mistakes(path, _dict(body)))
    return mistakes


def _exercise_mistakes(exercise: str, assignment: str, first: dict[str, str], root: Path) -> Iterator[str]:
    if not _EXERCISE.fullmatch(exercise):
        yield f"given {exercise!r}; allowed: a small letter, then small letters, digits and _ (it is a module's name)"
        return
    if exercise in first:
        yield f"stands in {first[exercise]} already; an exercise belongs to one assignment"
    first.setdefault(exercise, assignment)
    if not (root / "exercises" / exercise / "checks.py").is_file():
        rooms = sorted(path.parent.name for path in (root / "exercises").glob("*/checks.py"))
        yield f"no room exercises/{exercise}/ with a checks.py; make it or take the line out" + did_you_mean(
            exercise, rooms
        )


def _extension_mistakes(path: FieldPath, body: Mapping[str, Any]) -> Iterator[_Mistake]:
    due = _time(body.get("due"))
    extensions = _dict(body.get("extensions"))
    if extensions and body.get("due") is None:
        yield _Mistake((*path, "extensions"), "an extension needs a due date; add due: " + _TIME_HELP)
    for student, until in extensions.items():
        moment = _time(until)
        if due is not None and moment is not None and moment < due:
            yield _Mistake((*path, "extensions", student), f"given {until!r}; allowed: not before due, {body['due']!r}")


def _time(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is not None else None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


# --- the result ------------------------------------------------------------------------------------------------


def _course(model: _Course, root: Path) -> Course:
    limits = model.limits
    return Course(
        root=root,
        title=model.title,
        assignments=tuple(
            Assignment(
                name=name,
                title=body.title,
                exercises=dict(body.exercises),
                due=_time(body.due),
                extensions={student: datetime.fromisoformat(text) for student, text in body.extensions.items()},
            )
            for name, body in model.assignments.items()
        ),
        late=LatePolicy(model.late.percent_per_day, model.late.max_days, model.late.grace_minutes),
        attempts=model.attempts,
        limits=ResourceLimits(
            Limits(limits.cpu_seconds, limits.memory_mib * _MIB),
            Limits(limits.scaling_cpu_seconds, limits.scaling_memory_mib * _MIB),
        ),
        variants=model.variants,
        feedback=Feedback(model.feedback.hidden_checks, model.feedback.misconceptions),
        backend=model.backend,
        secret=SecretPlace(model.secret.environment, model.secret.file),
    )
