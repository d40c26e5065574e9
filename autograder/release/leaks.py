"""The search of the finished files for anything that only the grader may know.

Looked for are lines of code of ``grading.py`` and ``reference/``, the titles and the inputs of hidden checks and the
answers to symbolic questions.  Hints and titles of misconceptions are no secret, they are frozen in ``public.json`` on
purpose; but they must not quote a line of code either.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.exercises import Room
from autograder.errors import CourseError
from autograder.intake.names import RELEASED
from autograder.judging.public_half import FILE
from autograder.release.hidden_inputs import HiddenNumbers, hidden_numbers

MIN_LINE = 24
"""Characters of a line that is taken for distinctive; shorter ones are in every program."""

MIN_FORMULA = 12
"""Characters of a formula that does not stand anywhere by accident."""

_BEFORE_VALUE = re.compile(r"return |[\w., ]+ = ")
"""The beginning of a line of code that a sentence about it leaves out."""

_FORBIDDEN = ("grading.py", "reference", ".autograder-secret")


class Leak(CourseError):
    """Something hidden stands in a file for students."""


@dataclass(frozen=True, eq=False)
class Secrets:
    """What must not be found.

    Lines with where they are from, functions with their lines, titles of hidden checks, answers to symbolic
    questions, inputs of hidden checks.
    """

    lines: Mapping[str, str]
    functions: Mapping[str, frozenset[str]]
    titles: frozenset[str]
    formulas: frozenset[str]
    numbers: HiddenNumbers


def secrets_of(root: Path, rooms: list[Room], *, variants: int = 1) -> Secrets:
    """Collect what must not be found, from rooms that are loaded with their hidden half."""
    lines: dict[str, str] = {}
    functions: dict[str, frozenset[str]] = {}
    for file in [*(room.path / "grading.py" for room in rooms), *sorted((root / "reference").rglob("*.py"))]:
        for name, found in _functions(file.read_text(encoding="utf-8")):
            where = f"{name} in {file.relative_to(root).as_posix()}"
            functions[where] = found
            lines.update(dict.fromkeys(found, where))
    shown = [file.read_text(encoding="utf-8") for room in rooms for n in RELEASED if (file := room.path / n).is_file()]
    for text in shown:
        for line in text.splitlines():
            lines.pop(line.strip(), None)
    public = {check.title for room in rooms for part in room.exercise.parts for check in part.checks}
    hidden = {check.title for room in rooms for secret in room.secrets.values() for check in secret.checks}
    # what the author says in the text or the stub of a room is said to everybody
    written = [file.read_text(encoding="utf-8") for room in rooms for file in (room.path / "README.md", room.stub)]
    texts = "\n".join([*shown, *written])
    titles = frozenset(t for t in hidden - public if len(t) >= MIN_LINE and t not in texts)
    questions = [question for room in rooms for question in room.questions.values()]
    formulas = {formula for question in questions for formula in (question.truth, *question.equivalents)}
    formulas = {formula for formula in formulas if len(formula) >= MIN_FORMULA and formula not in texts}
    return Secrets(lines, functions, titles, frozenset(formulas), hidden_numbers(rooms, variants))


def _functions(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each function's name and the distinctive lines of its body, docstrings and error messages aside."""
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            found = {
                line
                for statement in node.body
                if not _is_text(statement)
                for line in map(str.strip, lines[statement.lineno - 1 : statement.end_lineno])
                if len(line) >= MIN_LINE and not line.startswith(("#", "raise ", '"""'))
            }
            if found:
                yield node.name, frozenset(found)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def refuse_leaks(files: Mapping[str, bytes], secrets: Secrets, *, solved: frozenset[str] = frozenset()) -> None:
    """Search files for students.

    Parameters
    ----------
    files : mapping
        Path below the release, and content.
    secrets : Secrets
        What must not be found.
    solved : frozenset of str
        Lines of worked solutions that were asked for.

    Raises
    ------
    Leak
        Naming the file and what was found, without quoting it.
    """
    for path, data in sorted(files.items()):
        problem = next(_problems(path, data, secrets, solved), None)
        if problem is not None:
            raise Leak(f"{path}: {problem}; nothing was released")


def _problems(path: str, data: bytes, secrets: Secrets, solved: frozenset[str]) -> Iterator[str]:
    for part in Path(path).parts:
        if part in _FORBIDDEN:
            yield f"{part} belongs to the grader alone"
    text = readable(path, data)
    lines = {line.strip() for line in text.splitlines()} - solved
    for line in lines:
        if line in secrets.lines:
            yield f"holds code of {secrets.lines[line]}"
    if Path(path).name in (FILE, *RELEASED):
        yield from _quoted("\n".join(_sentences(path, text)), secrets, solved)
    if Path(path).name in RELEASED:
        for where, body in secrets.functions.items():
            if len(body) > 1 and 2 * len(body & lines) > len(body):
                yield f"holds most of {where}"
    if any(formula in text for formula in secrets.formulas - solved):
        yield "holds the answer to a symbolic question"
    for title in secrets.titles:
        if title in text:
            yield "names a hidden check"
    if secrets.numbers.found_in(text):
        yield "holds an input of a hidden check"


def _quoted(sentences: str, secrets: Secrets, solved: frozenset[str]) -> Iterator[str]:
    """Yield where code is from that stands inside a sentence."""
    for line, where in secrets.lines.items():
        value = _BEFORE_VALUE.sub("", line, count=1)
        if len(value) >= MIN_LINE and value in sentences and line not in solved:
            yield f"a hint or a title quotes code of {where}"


def _sentences(path: str, text: str) -> Iterator[str]:
    """Yield the strings of JSON data or of a program."""
    if path.endswith(".json"):
        yield from _strings(json.loads(text))
    else:
        constants = (node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
        yield from (value for value in constants if isinstance(value, str))


def readable(path: str, data: bytes) -> str:
    """Return the text that a search sees: of a notebook the sources and outputs of its cells."""
    text = data.decode("utf-8", "replace")
    if not path.endswith(".ipynb"):
        return text
    return "\n".join(_strings(json.loads(text)))


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, list):
        if data and all(isinstance(item, str) for item in data):
            yield "".join(data)
        else:
            for item in data:
                yield from _strings(item)
    elif isinstance(data, dict):
        for item in data.values():
            yield from _strings(item)
