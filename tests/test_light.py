"""Packages whose own start is put off: the same names as ever, in whatever way they are asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.lms.nbgrader.lazy_import import defer

NAME = "put_off_for_a_test"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Make a package whose ``__init__`` counts its runs in a file, and defer it."""
    folder = tmp_path / NAME
    folder.mkdir()
    started = tmp_path / "started"
    (folder / "__init__.py").write_text(
        f"from pathlib import Path\nfile = Path({str(started)!r})\n"
        "file.write_text('x' + (file.read_text() if file.exists() else ''))\n"
        f"from {NAME}.part import BASE\nVALUE = BASE + 1\n"
    )
    (folder / "part.py").write_text("BASE = 41\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    before = set(sys.modules)
    defer(NAME)
    yield started
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == NAME:
            del sys.modules[name]


def starts(file: Path) -> int:
    """Return how often the package was started."""
    return len(file.read_text()) if file.exists() else 0


@pytest.mark.parametrize("line", [f"import {NAME}.part as part", f"from {NAME} import part"])
def test_a_submodule_does_not_start_the_package(package: Path, line: str) -> None:
    """Importing a part of it, in either way, gives the part alone."""
    names: dict[str, object] = {}
    exec(line, names)  # the line is a test's own
    assert names["part"].BASE == 41
    assert starts(package) == 0


@pytest.mark.parametrize(
    "line", [f"from {NAME} import VALUE as v", f"import {NAME} as p; v = p.VALUE", f"from {NAME} import *; v = VALUE"]
)
def test_a_name_of_the_package_starts_it_once(package: Path, line: str) -> None:
    """Names that the package itself defines are returned, and it starts once."""
    for _ in range(2):
        names: dict[str, object] = {}
        exec(line, names)  # the line is a test's own
        assert names["v"] == 42
    assert starts(package) == 1


def test_a_name_that_nobody_defines_is_missed_as_ever(package: Path) -> None:
    """The error is the one that every module raises."""
    module = importlib.import_module(NAME)
    with pytest.raises(AttributeError, match="nowhere"):
        module.nowhere  # noqa: B018 - asking for it is the test
    with pytest.raises(ImportError):
        exec(f"from {NAME} import nowhere")  # the line is a test's own


def test_what_is_loaded_or_absent_is_left_alone() -> None:
    """A package that is there already stays, and one that is not installed is not an error here."""
    before = sys.modules["pytest"]
    defer("pytest", "surely_no_package_of_this_name")
    assert sys.modules["pytest"] is before
    assert "surely_no_package_of_this_name" not in sys.modules
