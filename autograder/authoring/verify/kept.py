"""Cache what verification found of an exercise until something that it depends on changes."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from autograder.atomic import write_whole
from autograder.course.exercises import code_below, shared_modules
from autograder.course.model import load_course, memory_of, packages_of
from autograder.errors import CourseError
from autograder.judging.public_half import FILE as FROZEN

PLACE = Path(".autograder")
"""Below the course; a folder in it for each kind of finding."""

LIBRARIES = ("numpy", "scipy", "sympy", "array-api-strict", "matplotlib")
"""Distributions that a finding may hang on."""

T = TypeVar("T")


def digest(root: Path, name: str) -> str:
    """Return a hash of all that an exercise's promises hang on.

    The exercise and what it imports from the course, what it is worth, the memory and packages that its calls may use,
    the reference, this package, Python and the libraries.
    """
    given = (_worth(root, name), memory_of(root), packages_of(root))
    total = hashlib.sha256(repr([sys.version, *map(_version, LIBRARIES), *given]).encode())
    _add(total, root, (p for p in (root / "exercises" / name).iterdir() if p.is_file() and p.name != FROZEN))
    _add(total, root, code_below(root / "reference"))
    _add(total, root, shared_modules(root, name))
    package = Path(__file__).parents[2]
    _add(total, package, package.rglob("*.py"))
    return total.hexdigest()


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""


def _worth(root: Path, name: str) -> list[float]:
    try:
        return [one.exercises[name] for one in load_course(root).assignments if name in one.exercises]
    except CourseError:  # every other command reports a wrong course file
        return []


def _add(total: hashlib._Hash, above: Path, files: Iterable[Path]) -> None:
    for file in sorted(files):
        total.update(file.relative_to(above).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())


def remembered(root: Path, kind: str, name: str, digest: str, found: type[T]) -> T | None:
    """Return what was found of these very files before, an instance of a frozen dataclass; None if there is nothing."""
    try:
        kept = json.loads((root / PLACE / kind / f"{name}.json").read_text(encoding="utf-8"))
        return _rebuilt(found, kept["found"]) if kept["digest"] == digest else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(root: Path, kind: str, name: str, digest: str, found: Any) -> None:
    """Keep what was found; in a course that cannot be written to it is looked for every time."""
    text = json.dumps({"digest": digest, "found": dataclasses.asdict(found)})
    with contextlib.suppress(OSError):
        (root / PLACE / kind).mkdir(parents=True, exist_ok=True)
        write_whole(root / PLACE / kind / f"{name}.json", text.encode())


def _rebuilt(hint: Any, data: Any) -> Any:
    """Return a value of an annotated type from the JSON data that it was written as."""
    if dataclasses.is_dataclass(hint):
        hints: Mapping[str, Any] = get_type_hints(hint)
        return hint(**{one.name: _rebuilt(hints[one.name], data[one.name]) for one in dataclasses.fields(hint)})  # type: ignore[operator]  # a class
    if get_origin(hint) is tuple:
        items = get_args(hint)
        each = (items[0],) * len(data) if items[1:] == (...,) else items
        return tuple(_rebuilt(one, item) for one, item in zip(each, data, strict=True))
    return data
