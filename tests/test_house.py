"""Laws of the house: what may depend on what, and what may be where."""

import re
import subprocess
import tomllib

import pytest

import autograder
from autograder.course.exercises import exercise_names
from tests.conftest import ROOT
from tests.house import FACADES, FLOOR, FLOORS, House, documented, imported, place_of, unknown_types

SOURCES = sorted((ROOT / "autograder").rglob("*.py"))
LIMIT = 400


def test_the_autograder_names_no_exercise():
    folders = re.compile(rf"\b({'|'.join(exercise_names(ROOT))})\b")
    found = {
        file.relative_to(ROOT).as_posix(): folders.findall(file.read_text(encoding="utf-8"))
        for file in (ROOT / "autograder").rglob("*")
        if file.suffix in (".py", ".txt", ".css", ".js", ".j2", ".html", ".md")
    }
    assert {name: names for name, names in found.items() if names} == {}


def test_no_pattern_repeats_a_group_possessively():
    """``(...)*+`` matches nothing in Python 3.11.2, which Debian 12 has; an atomic group does the same."""
    possessive = re.compile(r"\)(?:[*+?]|\{[\d,]+\})\+[^+]*[\"']")
    found = [
        f"{file.name}: {line.strip()}"
        for file in SOURCES
        for line in file.read_text(encoding="utf-8").splitlines()
        if possessive.search(line) and not line.lstrip().startswith("#")
    ]
    assert found == []


def too_long(file):
    """Yield the number of lines of a module that cannot be read at one sitting."""
    lines = len(file.read_text(encoding="utf-8").splitlines())
    if lines > LIMIT:
        yield lines


def upward_imports(file):
    """Yield what a module imports that is not below it, with its floor."""
    place = place_of(file, ROOT)
    if place in (*FACADES, "__init__"):
        return
    assert place in FLOOR, f"{file}: every module is on a floor: add the place to FLOORS"
    used = {module.split(".")[1] for module in imported(file) if module.startswith("autograder.")} - {place}
    yield from ((other, FLOOR.get(other)) for other in sorted(used) if FLOOR.get(other, len(FLOORS)) >= FLOOR[place])


def other_parameters(file):
    """Yield what docstrings describe and functions do not have, or the other way round."""
    yield from ((name, described ^ real) for name, described, real in documented(file) if described != real)


@pytest.fixture(scope="module")
def against_a_law():
    """What each law finds, by file; a file is parsed once for all of them."""
    found = {law: {} for law in (too_long, upward_imports, other_parameters, unknown_types)}
    for file in SOURCES:
        for law, by_file in found.items():
            if said := list(law(file)):
                by_file[file.relative_to(ROOT).as_posix()] = said
    return found


@pytest.mark.parametrize("law", [too_long, upward_imports, other_parameters, unknown_types])
def test_no_module_breaks_a_law_of_the_house(against_a_law, law):
    assert against_a_law[law] == {}


def test_no_two_places_import_each_other():
    assert House.of(ROOT).circles == []


def test_the_top_level_is_the_layout():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    allowed = {
        "pyproject.toml", "exercises", "reference", "autograder", "tests", "course.yml", "README.md", "LICENSE",
        "SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md", "CITATION.cff",
    }  # fmt: skip
    assert {name for name in top if not name.startswith(".")} <= allowed


def test_readme_starts_with_two_commands_of_one_line():
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    assert [len(block.strip().splitlines()) for block in blocks[:2]] == [1, 1]


def test_the_version_of_the_package_is_that_of_its_citation_and_the_newest_of_the_changelog():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "autograder.__version__"}
    cited = re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert cited[1] == newest[1] == autograder.__version__
