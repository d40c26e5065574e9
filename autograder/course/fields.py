"""What the fields of ``course.yml`` may hold, said once where the dataclasses declare them.

A bound is an annotation that pydantic understands when it checks the file.  Nothing here imports pydantic before that:
students have the dataclasses and not the library.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar

from autograder.moments import iso
from autograder.plain import dataclass

TIME_HELP = "a date and time with its zone, such as 2026-10-23T23:59:00+02:00"


class FromFile:
    """Base of the dataclasses that are read from ``course.yml``: no unknown fields, no silent conversions."""

    __pydantic_config__: ClassVar[Any] = {"strict": True, "extra": "forbid"}


@dataclass(frozen=True)
class _Grouped:
    """An annotation that stands for several of ``annotated_types`` and pydantic."""

    @property
    def __is_annotated_types_grouped_metadata__(self) -> bool:
        return True


@dataclass(frozen=True)
class Between(_Grouped):
    """Bounds of a number, both included unless ``above`` (excluded) is given; never infinite, never NaN."""

    least: float | None = None
    most: float | None = None
    above: float | None = None

    def __iter__(self) -> Iterator[Any]:
        """Yield what pydantic checks."""
        from annotated_types import Ge, Gt, Le

        bounds = ((Ge, self.least), (Le, self.most), (Gt, self.above))
        yield from (kind(value) for kind, value in bounds if value is not None)


@dataclass(frozen=True)
class Length(_Grouped):
    """How many characters a text has."""

    least: int = 1
    most: int = 200

    def __iter__(self) -> Iterator[Any]:
        """Yield what pydantic checks."""
        from pydantic import StringConstraints

        yield StringConstraints(min_length=self.least, max_length=self.most)


@dataclass(frozen=True)
class Matching:
    """A pattern that the whole of a text matches, and what a message says is allowed instead."""

    pattern: str
    allowed: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self._matched, handler(source))

    def _matched(self, text: str) -> str:
        if not re.fullmatch(self.pattern, text):
            raise ValueError(self.allowed)
        return text


class _Moment:
    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(
            _moment, serialization=core_schema.plain_serializer_function_ser_schema(datetime.isoformat)
        )


def _moment(text: Any) -> datetime:
    moment = iso(text)
    if moment is None or not 1970 < moment.year < 9000:
        raise ValueError(TIME_HELP)
    return moment


class _Inside:
    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(_inside, handler(source))


def _inside(text: str) -> str:
    if text.startswith("/") or ".." in text.split("/") or not text.isprintable():
        raise ValueError("a path inside the course's folder, such as .autograder-secret")
    return text


Moment = Annotated[datetime, _Moment()]
"""A date and time with its zone."""

Package = Annotated[
    str,
    Length(1, 64),
    Matching(
        r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?",
        "a name of letters, digits, _, - and points, as pip takes it without a version",
    ),
]
"""The name of a distribution, as ``pip install`` takes it."""

StudentId = Annotated[str, Length(1, 200)]
"""Any id of a student."""

Title = Annotated[str, Length(1, 200)]
FileInside = Annotated[str, Length(1, 200), _Inside()]
"""A path relative to the course's folder, and below it."""
