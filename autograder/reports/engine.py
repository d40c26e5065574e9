"""The template engine of the report: everything escaped, control characters made visible, numbers in one style."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.atomic import replacing
from autograder.plain import dataclass
from autograder.reports.model import GROUPS, group_of
from autograder.text import for_html, missing, plural

if TYPE_CHECKING:
    from jinja2 import Environment

_LONGEST = 4000
"""Characters of one text of a student that a page shows."""

_LONGEST_NAME = 80
_PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")

SIGNS = {
    "correct": "\u2713",
    "partial": "\u00bd",
    "wrong": "\u2717",
    "failed": "!",
    "waiting": "\u2026",
    "blank": "\u2013",
}
"""How a group of part statuses looks without its colour."""


@dataclass(frozen=True)
class BarPiece:
    """A piece of a bar, in percent of its length."""

    group: str
    start: float
    width: float
    count: int


@cache  # an engine keeps the templates that it compiled
def environment() -> Environment:
    """Return the template engine: everything escaped, controls made visible, a missing name an error.

    Raises
    ------
    CourseError
        If Jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise missing("Jinja2", "report") from None
    css = (files("autograder.reports") / "report.css").read_text(encoding="utf-8")
    pages = Environment(
        loader=PackageLoader("autograder.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    script = (files("autograder.reports") / "rows.js").read_text(encoding="utf-8")
    pages.globals |= {"css": Markup(css), "style_hash": hashed(css), "groups": GROUPS}
    pages.globals |= {"script": Markup(script), "script_hash": hashed(script)}
    pages.filters |= {
        "points": points,
        "number": points_or_dash,
        "exact": exact,
        "percent": percent,
        "figure": figure,
        "seconds": seconds,
        "short": short,
        "plural": plural,
        "picture": picture,
        "sign": lambda status: SIGNS[group_of(status)],
        "segments": segments,
        "group": group_of,
    }
    return pages


class Markup(str):
    """HTML, a style sheet or a picture that this package made: a template neither escapes nor cuts it."""

    def __html__(self) -> str:
        return str(self)


def hashed(text: str) -> str:
    """Return the hash by which the policy of a page allows exactly this style sheet or script."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def visible(value: Any) -> Any:
    """Return text with controls made visible and cut where it is endless; everything else as it is."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    text = value if len(value) <= _LONGEST else f"{value[:_LONGEST]} ... ({len(value)} characters)"
    return for_html(text)


def short(text: str) -> str:
    """Return a name, cut where no name is so long; the student's own page has it whole."""
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}\u2026"


def points(value: float) -> str:
    """Return points to a hundredth, without idle zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def exact(value: float) -> str:
    """Return points with all the digits that sums need, as exports hold them."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def points_or_dash(value: float | None) -> str:
    """Return points as :func:`points` does; a dash for None."""
    return "\u2013" if value is None else points(value)


def percent(value: float) -> str:
    """Return a share of 1 in whole percent."""
    return f"{100 * value:.0f}%"


def figure(value: float | None) -> str:
    """Return a coefficient to a hundredth, with a true minus; a dash for None."""
    return "\u2013" if value is None else f"{value:.2f}".replace("-", "\u2212")


def seconds(value: float) -> str:
    """Return a time to two digits, in seconds or milliseconds."""
    return f"{value:.2g} s" if value >= 0.1 else f"{1000 * value:.2g} ms"


def picture(uri: str) -> str:
    """Return a picture's data URI as it is.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    if not _PICTURE.fullmatch(uri):
        raise ValueError("a picture must be a PNG as a data URI")
    return Markup(uri)


def segments(counts: Mapping[str, int]) -> list[BarPiece]:
    """Return the pieces of a bar 100 long."""
    total = sum(counts.values())
    start = 0.0
    found: list[BarPiece] = []
    for group in GROUPS:
        if counts.get(group):
            width = 100.0 * counts[group] / total
            found.append(BarPiece(group, round(start, 3), round(width, 3), counts[group]))
            start += width
    return found


def write_page(path: Path, pages: Environment, template: str, **names: Any) -> None:
    """Write a template, filled in, to a file.

    Raises
    ------
    CourseError
        If the file cannot be written.
    """
    with replacing(path, lasting=False) as stream:
        stream.writelines(pages.get_template(template).generate(**names))
