"""Find the file and line of an exercise to which a problem belongs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course.declarations import at
from autograder.course.exercises import DERIVED, ExerciseFolder
from autograder.model import Check
from autograder.text import read_text

_PLACED = re.compile(r"[\w./-]+\.\w+(:\d+)?: ")
_INSIDE = re.compile(r"\b(?:checks|grading|derivations|figure)\.py:\d+\b")


def placed(folder: Path, problem: str, otherwise: str) -> str:
    """Return a problem with its place in front: its own, the innermost line that it quotes, or ``otherwise``."""
    text = problem
    for above in (folder, folder.parents[1]):
        text = text.replace(f"{above}/", "")
    if _PLACED.match(text):
        return text
    inside = _INSIDE.findall(text)
    return f"{inside[-1] if inside else otherwise}: {text}"


class Problems:
    """The problems of one part as they are found, each with a file and a line in front."""

    def __init__(self, folder: ExerciseFolder, part: str) -> None:
        self._folder, self._part = folder, part
        self._said: list[str] = []
        self._faults: set[str] = set()

    @property
    def found(self) -> tuple[str, ...]:
        """What was added, in order."""
        return tuple(self._said)

    def add(self, text: str, place: str = "") -> None:
        """Add a problem; without a place it is where the part's hidden half is declared."""
        said = f"{self._part}: {text}"
        self._said.append(placed(self._folder.path, f"{place}: {said}" if place else said, self._declared()))

    def fault(self, who: str, fault: str) -> None:
        """Record that a check broke on some values; the same break is recorded once."""
        first, *frames = fault.splitlines()
        broken = "\n".join(frames) or first  # one criterion may serve several checks
        if broken not in self._faults:
            self._faults.add(broken)
            self.add(f"on the values of {who} breaks {fault}")

    def of_function(self, function: Callable[..., Any]) -> str:
        """Return where a function of the exercise is."""
        return of_function(self._folder, function, "")

    def of_check(self, check: Check, visibility: str) -> str:
        """Return where a check is."""
        return of_check(self._folder, check, "checks.py" if visibility == "public" else "grading.py")

    def of_word(self, word: str) -> str:
        """Return where the hidden half of the part has a word in quotes."""
        return of_word(self._folder.path / self._declared().partition(":")[0], word)

    def of_stub(self) -> str:
        """Return where the part's stub is."""
        return of_text(self._folder.stub, f"def {self._part}(")

    def _declared(self) -> str:
        found = (of_word(self._folder.path / name, self._part) for name in ("grading.py", DERIVED, "checks.py"))
        return next((place for place in found if ":" in place), "checks.py")


def of_word(file: Path, word: str) -> str:
    """Return ``file:line`` of the first line that holds a word in quotes; the file alone if no line does."""
    return at(file, word).removeprefix(f"{file.parent}/") if file.is_file() else file.name


def of_function(exercise_folder: ExerciseFolder, function: Callable[..., Any], otherwise: str) -> str:
    """Return ``file:line`` of a function of an exercise's or the course's files."""
    try:
        code = inspect.unwrap(function).__code__
    except AttributeError:
        return otherwise
    root = exercise_folder.path.parents[1]
    own = any(code.co_filename.startswith(f"{folder}/") for folder in (exercise_folder.path, root / "reference"))
    return f"{code.co_filename}:{code.co_firstlineno}" if own else otherwise


def of_check(folder: ExerciseFolder, check: Check, file: str) -> str:
    """Return ``file:line`` of what an author wrote of a check: its law, its draw, else its name."""
    for field in ("law", "inputs", "draw"):
        function = getattr(check, field, None)
        if callable(function):
            found = of_function(folder, function, "")
            if found:
                return found
    return of_word(folder.path / file, check.name)


def said_at(folder: ExerciseFolder, part: str, words: str) -> str:
    """Return ``file:line`` of words of a statement: in the part's section, anywhere in the README, or in the stub."""
    file = folder.path / "README.md"
    lines = read_text(file).splitlines() if file.is_file() else []
    start = next((i for i, line in enumerate(lines) if line.startswith("##") and line.strip("#` ") == part), 0)
    for first in (start, 0):
        found = _line_of(lines, words, first)
        if found is not None:
            return f"{file.name}:{found + 1}"
    return of_text(folder.stub, f"def {part}(")


def of_text(file: Path, words: str, below: str = "") -> str:
    """Return ``file:line`` of the first line that holds some words, from the line on that is ``below``."""
    lines = read_text(file).splitlines() if file.is_file() else []
    found = _line_of(lines, words, lines.index(below) if below and below in lines else 0)
    return file.name if found is None else f"{file.name}:{found + 1}"


def _line_of(lines: list[str], words: str, first: int) -> int | None:
    """Return the number of the line in which a sentence begins; it may go on in the next one."""
    wanted = " ".join(words.split())
    for i in range(first, len(lines)):
        here, more = " ".join(lines[i].split()), " ".join(" ".join(lines[i : i + 2]).split())
        if wanted in here or (wanted in more and wanted not in " ".join(lines[i + 1].split())):
            return i
    return None
