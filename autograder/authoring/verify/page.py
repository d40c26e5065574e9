"""Check a statement as a text: code and formulas that do not end, misspelt names, promises that no check keeps."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches

from autograder.authoring.verify.places import of_text
from autograder.authoring.verify.worked import worked_problems
from autograder.checks import Raises
from autograder.course.contract import described
from autograder.course.exercises import ExerciseFolder, exercise_names
from autograder.errors import CourseError
from autograder.text import read_text

SECTION = re.compile(r"^## +`?(.*?)`? *$", re.MULTILINE)

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_WORTH = re.compile(r"\d+(?:\.\d+)? points?\b.*")
_CALLED = re.compile(r"`([a-zA-Z_]\w+)\(")
_SNAKE = re.compile(r"(?<![\w\\/.])([a-z]+(?:_[a-z0-9]+)+)(?![\w/.])")
_LEFTS, _RIGHTS = re.compile(r"\\left\b"), re.compile(r"\\right\b")
_LEFT = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
_ELSEWHERE = re.compile(r"\]\((/(?!/)[^)\s]*|file:[^)\s]*|[A-Za-z]:[\\/][^)\s]*|[^)\s]*\\[^)\s]*)\)")
_RAISES = re.compile(r"\b[Rr]aises? [^.\n]{0,60}?\b(\w+Error)\b")


def page_problems(folder: ExerciseFolder, text: str) -> Iterator[str]:
    """Yield what breaks the page of an exercise, and what its sections name that is not there.

    Parameters
    ----------
    folder : ExerciseFolder
        Loaded with its hidden half.
    text : str
        What ``README.md`` holds.
    """
    plain = list(_outside_of_code(text))
    yield from (line for line in plain if isinstance(line, str))
    yield from _formulas([line for line in plain if not isinstance(line, str)])
    file, parts = folder.path / "README.md", {part.name: part for part in folder.exercise.parts}
    stub = folder.stub.name
    for label in re.findall(rf"^\[(\w+)\]\({re.escape(stub)}\)$", text, re.MULTILINE):
        if label != "contract":
            yield f"{of_text(file, f'[{label}](')}: {label!r} is not a contract: write [contract]({stub})"
    hints = [(folder.path / "checks.py", hint) for part in parts.values() for hint in part.hints]
    hints += [
        (folder.path / "grading.py", wrong.hint) for one in folder.secrets.values() for wrong in one.misconceptions
    ]
    for source, words in ((file, text), *hints):
        for name in dict.fromkeys((*_CALLED.findall(words), *_SNAKE.findall(words))):
            meant = [] if name in parts else get_close_matches(name, parts, n=1, cutoff=0.85)
            if meant and name not in _known(folder):
                yield f"{of_text(source, name)}: names {name}, which is not a part; did you mean {meant[0]!r}?"
        if found := _LEFT.search(words):
            yield f"{of_text(source, found[0])}: {found[0]} is left in what students read: write it, or take it out"
    yield from _signatures(folder, text)
    yield from _unseen([line for line in plain if not isinstance(line, str)])
    for target in dict.fromkeys(_ELSEWHERE.findall(text)):
        place = of_text(file, f"]({target}")
        yield f"{place}: links to {target}, a place on one machine: name a file of the exercise, or a web address"
    contracts = _contracts(folder)
    _, *pieces = SECTION.split(text)
    sections = dict(zip(pieces[::2], pieces[1::2], strict=True))
    yield from worked_problems(folder, sections)
    for heading, section in sections.items():
        if heading not in parts:
            continue
        if not _WORTH.sub("", section).strip():
            yield f"{of_text(file, f'## {heading}')}: the section {heading!r} says nothing; write what is asked"
        secret = folder.secrets.get(heading)
        tried = {c.error for c in (*parts[heading].checks, *secret.checks) if isinstance(c, Raises)} if secret else None
        promised = dict.fromkeys([*_RAISES.findall(section), *contracts.get(heading, ())])
        for error in promised if tried is not None else ():
            if error not in (tried or ()):
                place = of_text(file, error, f"## {heading}") if error in section else of_text(folder.stub, error)
                cure = f"add raises(..., error={error!r}), or take it out"
                yield f"{place}: {heading}: says that it raises {error}, but no check tries it: {cure}"


def _known(folder: ExerciseFolder) -> set[str]:
    """Return names that are not misspelt parts: of exercises, and those that this one's own code defines or uses."""
    exercises = set(exercise_names(folder.path.parents[1]))
    sources = [read_text(file) for file in (folder.stub, folder.path / "checks.py") if file.is_file()]
    with suppress(SyntaxError):  # a stub that cannot be read is named elsewhere
        nodes = [node for source in sources for node in ast.walk(ast.parse(source))]
        kinds = ("id", "arg", "name", "attr")
        return exercises | {getattr(node, kind) for node in nodes for kind in kinds if hasattr(node, kind)}
    return exercises


def _signatures(folder: ExerciseFolder, text: str) -> Iterator[str]:
    """Yield calls in a statement that name arguments which the function does not have."""
    for part, secret in folder.secrets.items():
        has = list(inspect.signature(secret.reference).parameters)
        for written in dict.fromkeys(re.findall(rf"`{part}\(([a-z_A-Z][\w, ]*)\)`", text)):
            names = [name.strip() for name in written.split(",")]
            if len(names) > len(has):
                place = of_text(folder.path / "README.md", f"`{part}({written})`")
                yield f"{place}: names {part}({written}), but its arguments are ({', '.join(has)}): make them agree"


def _contracts(folder: ExerciseFolder) -> dict[str, list[str]]:
    """Return the errors that the docstrings of the stub promise, by function."""
    with suppress(SyntaxError, CourseError, OSError):  # a stub that cannot be read is named elsewhere
        functions = [node for node in ast.parse(read_text(folder.stub)).body if isinstance(node, ast.FunctionDef)]
        raised = {node.name: [one for entry in described(node).raises for one in entry.names] for node in functions}
        return {name: [one for one in found if one.endswith("Error")] for name, found in raised.items()}
    return {}


def _outside_of_code(text: str) -> Iterator[tuple[int, str] | str]:
    """Yield the lines outside of fenced code with their numbers, and a problem where a fence does not end."""
    begun, mark = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        fence = _FENCE.fullmatch(line)
        if begun:
            if fence and fence[1].startswith(mark) and not fence[2].strip():
                begun = 0
        elif fence:
            begun, mark = number, fence[1]
        else:
            yield number, line
    if begun:
        yield f"README.md:{begun}: the code that begins here does not end: close it by a line of {mark}"


_TAG = re.compile(r"<!--|</?[A-Za-z][A-Za-z0-9]*(?=[\s/>])[^<>]*>")
_EMPTY = re.compile(r"(?<!!)\[\]\([^)]*\)|\[[^\]]*\]\(\s*\)")
_SCHEME = re.compile(r"\]\(((?!https?:|mailto:)[A-Za-z][A-Za-z0-9+.-]*://[^)\s]*)")
_WORDLESS = re.compile(r"!\[\s*\]\([^)]*\)")


def _unseen(lines: list[tuple[int, str]]) -> Iterator[str]:
    """Yield HTML, which pages show as text or take out, pictures without words, and links that lead nowhere."""
    for number, line in lines:
        plain = re.sub(r"`[^`]*`|\$[^$]*\$", "", line)
        place = f"README.md:{number}"
        if found := _TAG.search(plain):
            what = "a comment, which students may read" if found[0] == "<!--" else "HTML, which not every page renders"
            yield f"{place}: {found[0]} is {what}: write Markdown, or take it out"
        if found := _EMPTY.search(plain):
            yield f"{place}: {found[0]} is a link without words or without a target: write both"
        if found := _WORDLESS.search(plain):
            yield f"{place}: {found[0]} has no words for students who do not see it: write them between the brackets"
        if found := _SCHEME.search(plain):
            yield f"{place}: {found[1]} is not an address that a browser opens: write https://..."


def _formulas(lines: list[tuple[int, str]]) -> Iterator[str]:
    """Yield the paragraphs in which a formula between dollar signs does not end."""
    first, dollars, paragraph = 0, 0, ""
    for number, line in [*lines, (0, "")]:
        if line.strip():
            first = first or number
            plain = re.sub(r"\\\$|`[^`]*`", "", line)
            dollars += plain.count("$")
            paragraph += f"{plain}\n"
            continue
        for formula in re.findall(r"\$\$?([^$]+)\$\$?", paragraph):
            braces = re.sub(r"\\[{}\\]", "", formula)
            if braces.count("{") != braces.count("}") or len(_LEFTS.findall(formula)) != len(_RIGHTS.findall(formula)):
                shown = " ".join(formula.split())[:60]
                yield f"README.md:{first}: {shown!r}, in the paragraph from here on: a brace or \\left has no other end"
        if dollars % 2:
            cure = r"close it by $; a dollar is written \$"
            yield f"README.md:{first}: a formula in the paragraph that begins here does not end: {cure}"
        first, dollars, paragraph = 0, 0, ""
