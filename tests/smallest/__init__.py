"""The smallest exercise, written for this package, for nbgrader and for otter: what an author writes, counted.

    python -m tests.smallest

All three ask for the same function with the same statement, a worked case, a bad input and a hidden check on drawn
inputs.  Misconceptions, which only this package has, are left out.  A line is one that is not blank; a file is one that
the author edits; a concept is a name or a mark of the system that has to be known.
"""

from __future__ import annotations

import ast
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import autograder.checks
from autograder.authoring.new_course import new_course
from autograder.authoring.verify import verify_exercise
from autograder.course.exercises import exercise_names, load_exercise

HERE = Path(__file__).parent

# What a word or a mark stands for, as an author looks it up.
CONCEPTS = {
    "nbgrader": {
        "grade_id": r"grade_id", "points": r"points", "solution marks": r"### BEGIN SOLUTION",
        "hidden test marks": r"### BEGIN HIDDEN TESTS",
    },
    "otter": {
        "assignment config": r"# ASSIGNMENT CONFIG", "question": r"# BEGIN QUESTION", "points": r"points:",
        "solution cell": r"# BEGIN SOLUTION", "solution marks": r"# SOLUTION$|# BEGIN SOLUTION$",
        "tests": r"# BEGIN TESTS", "hidden tests": r"# HIDDEN",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """One system: lines, files and the concepts by name."""

    system: str
    lines: int
    files: int
    concepts: tuple[str, ...]

    def row(self) -> str:
        """Return the row of a table in Markdown."""
        return f"| {self.system} | {self.lines} | {self.files} | {len(self.concepts)}: {', '.join(self.concepts)} |"


def ours() -> Counted:
    """Count the exercise that `autograder init` writes."""
    with tempfile.TemporaryDirectory() as above:
        place = new_course(Path(above) / "course", "A course") / "exercises" / "squares"
        files = sorted(place.iterdir())
        texts = [file.read_text(encoding="utf-8").partition("\n@wrong")[0] for file in files]
    code = "\n".join(text for file, text in zip(files, texts, strict=True) if file.suffix == ".py")
    words = set(re.findall(r"\w+", code)) & set(autograder.checks.__all__) - {"wrong"}
    return Counted("autograder", sum(map(_lines, texts)), len(texts), tuple(sorted(words, key=str.lower)))


def second() -> Counted:
    """Count the second course of the tests: two exercises, one with a data file, one with a formula."""
    files = [file for file in (HERE.parent / "second_course").rglob("*") if file.suffix in (".py", ".md", ".yml")]
    texts = {file: file.read_text(encoding="utf-8") for file in sorted(files)}
    imports = (node for file, text in texts.items() if file.suffix == ".py" for node in ast.walk(ast.parse(text)))
    words = {
        one.name
        for node in imports
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("autograder")
        for one in node.names
    }
    return Counted("second course", sum(map(_lines, texts.values())), len(texts), tuple(sorted(words, key=str.lower)))


def seconds() -> float:
    """Return how long `verify` takes for the second course, by the clock."""
    root = HERE.parent / "second_course"
    started = time.perf_counter()
    for name in exercise_names(root):
        verify_exercise(load_exercise(root, name, hidden=True))
    return time.perf_counter() - started


def theirs(system: str) -> Counted:
    """Count the exercise of another system: a notebook, its cells one after the other."""
    text = (HERE / f"{system}.txt").read_text(encoding="utf-8")
    found = tuple(name for name, mark in CONCEPTS[system].items() if re.search(mark, text, re.MULTILINE))
    return Counted(system, _lines(text), 1, found)


def program(system: str) -> str:
    """Return the code cells of a notebook, to be run."""
    text = (HERE / f"{system}.txt").read_text(encoding="utf-8")
    return "\n".join(
        cell for kind, cell in re.findall(r"^%% (\w+).*\n((?:(?!%% ).*\n)*)", text, re.M) if kind == "code"
    )


def _lines(text: str) -> int:
    # the line that separates two cells stands for what the author sets in the cell's menu, if it says something
    return sum(
        bool(line.strip()) and line.strip() not in ("%% code", "%% markdown", "%% raw") for line in text.splitlines()
    )


def table() -> str:
    """Return the table in Markdown."""
    rows = [one.row() for one in (ours(), theirs("nbgrader"), theirs("otter"))]
    return "\n".join(["| system | lines | files | concepts |", "|---|---|---|---|", *rows])
