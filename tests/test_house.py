"""Laws of the house: what may depend on what, and what may stand where."""

import ast
import re
import subprocess

import pytest

from autograder.rooms import room_names
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "autograder").rglob("*.py"))
LIMIT = 400


def test_the_autograder_names_no_room():
    rooms = re.compile(rf"\b({'|'.join(room_names(ROOT))})\b")
    found = {
        file.relative_to(ROOT).as_posix(): rooms.findall(file.read_text(encoding="utf-8"))
        for file in (ROOT / "autograder").rglob("*")
        if file.suffix in (".py", ".txt", ".css", ".j2", ".html")
    }
    assert {name: names for name, names in found.items() if names} == {}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_module_can_be_read_at_one_sitting(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= LIMIT


def imported(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


# Dependencies point one way: no module below may import one of these packages.
FORBIDDEN = {
    "spec.py": ("autograder",),
    "checks": ("autograder.cli", "autograder.grade", "autograder.verify", "autograder.sandbox", "autograder.course"),
    "sandbox": ("autograder.cli", "autograder.grade", "autograder.verify", "autograder.judge", "autograder.store"),
    "symbolic": ("autograder.cli", "autograder.grade", "autograder.verify", "autograder.sandbox", "numpy", "sympy"),
    "intake": ("autograder.cli", "autograder.grade", "autograder.verify", "autograder.store"),
    "student": ("autograder.cli", "autograder.grade", "autograder.verify", "autograder.store", "reference"),
}


@pytest.mark.parametrize("place", FORBIDDEN)
def test_dependencies_point_one_way(place):
    start = ROOT / "autograder" / place
    files = [start] if start.is_file() else sorted(start.rglob("*.py"))
    bad = [
        (file.relative_to(ROOT).as_posix(), module)
        for file in files
        for module in imported(file)
        if any(module == name or module.startswith(f"{name}.") for name in FORBIDDEN[place])
        # the one rung that consults SymPy runs in a child of its own
        and not (module == "sympy" and "sympy" in file.name)
    ]
    assert bad == []


def test_the_top_level_is_the_layout():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    allowed = {
        "pyproject.toml", "exercises", "reference", "autograder", "tests", "course.yml", "README.md", "LICENSE",
        "SECURITY.md", "CHANGELOG.md",
    }  # fmt: skip
    assert {name for name in top if not name.startswith(".")} <= allowed


def test_readme_starts_with_two_commands_of_one_line():
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert [len(block.strip().splitlines()) for block in blocks[:2]] == [1, 1]
