"""The packages of a course that are not installed on this machine, each with its line in ``course.yml``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from autograder.course.model import FILE_NAME, lines_of, packages_of


def missing_packages(root: Path) -> Iterator[str]:
    """Yield what to do about each package of a course that is not installed; a likely slip is not to be installed."""
    from autograder.sandbox.packages import versions

    lines = None
    for i, (name, version) in enumerate(versions(packages_of(root)).items()):
        if version is None:
            lines = lines or lines_of(root)
            meant = _meant(name)
            what = f"; did you mean {meant!r}?" if meant else f"; pip install {name}"
            place = f"{FILE_NAME}:{lines.line(('packages', i))}"
            yield f"{place}: packages: {name} is not installed here, so submissions that use it would fail{what}"


def _meant(name: str) -> str:
    """Return the distribution that may have been meant: what is installed or well known, or what has such a module."""
    from difflib import get_close_matches

    from autograder.sandbox.packages import DISTRIBUTIONS, WELL_KNOWN

    by_name = {one.lower(): one for one in WELL_KNOWN} | {one: one for one in DISTRIBUTIONS}
    by_name |= {one.lower(): one for one in _installed()}
    by_name |= {module.lower(): one for one, modules in DISTRIBUTIONS.items() for module in modules}
    if name.lower() in by_name:
        return by_name[name.lower()] if by_name[name.lower()] != name else ""
    close = get_close_matches(name.lower(), by_name, n=1)
    return by_name[close[0]] if close else ""


@cache  # reading what all distributions hold takes a third of a second
def _installed() -> frozenset[str]:
    """Return the names of the distributions here that have a module."""
    from importlib.metadata import packages_distributions

    return frozenset(one for names in packages_distributions().values() for one in names)
