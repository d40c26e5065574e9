"""Habits of prose that the project avoids, and where they occur: ``python -m tests.prose`` prints a count of each.

Only text that people read is searched: docstrings, comments and string literals of Python files, and Markdown outside
code.  The table is about what a pattern can recognise; what reads badly for another reason needs a reader.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

HABITS = {
    "an inversion": (
        r"(?:^|(?<=[.:;(] ))(?:Added|Asked|Changed|Compared|Counted|Kept|Left (?:alone|out)|Listed|Looked for|Named|"
        r"Marked|Printed|Read|Refused|Removed|Searched|Shown|Taken|Tried|Used|Worth|Written) (?:is|are|was|were) |"
        r"(?<=[:;] )(?:accepted|allowed|known|meant|needed|promised|wanted) (?:is|are) ",
        'subject, verb, object: "Removes verdicts and marks"',
    ),
    "'is no X'": (
        r"(?<![Tt]here )\b(?:is|are|was|were) no (?!longer\b|(?:more|less|fewer|larger|slower|better)\b)",
        "is not a",
    ),
    "'stands' for is": (r"\bst(?:ands?|ood)\b(?!-| in for| for\b)", "is, appears, occurs"),
    "'nobody' and its kin": (
        r"(?<!`)\b(?:[Nn]obody|[Aa]nybody|[Ss]omebody|[Ww]hoever|[Ww]hom)\b(?!`)",
        "the student, the process, ...",
    ),
    "'beside'": (r"\b[Bb]eside\b", "next to, besides"),
    "'waits for a person'": (r"\bwait(?:s|ed|ing)? for a person\b", "needs manual grading"),
    "a house word": (
        r"\b(?:[Cc]onscience|[Tt]hie(?:f|ves)|[Gg]hosts?|[Rr]ungs?|[Ee]xam papers?)\b",
        "the field's term",
    ),
}


_ANYWHERE = re.compile("|".join(pattern.replace("^", r"\b") for pattern, _ in HABITS.values()))
"""Occurs in every file that has a habit; the few files in which it does are read token by token."""


@dataclass(frozen=True)
class Found:
    """A habit in a line of a file."""

    habit: str
    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Name the place, the habit and what to write."""
        return f"{self.file}:{self.line}: {self.habit} ({HABITS[self.habit][1]}): {self.text}"


def files() -> Iterator[Path]:
    """Yield Python files and pages of the project; the history in CHANGELOG.md keeps its words."""
    for folder in ("autograder", "exercises", "reference", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".md") and "fixtures" not in path.parts and path != Path(__file__):
                yield path
    yield from (path for path in sorted(ROOT.glob("*.md")) if path.name != "CHANGELOG.md")


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield lines of text that people read, with their numbers; of tests no string literals, which are data."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield from _page(source)
        return
    docstrings = _docstrings(source)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        is_text = token.type == tokenize.STRING and (token.start[0] in docstrings or "tests" not in path.parts)
        if (is_text and not token.string.startswith("b")) or token.type == tokenize.COMMENT:
            for offset, line in enumerate(token.string.splitlines()):
                yield token.start[0] + offset, line.strip("\"'#rf ")


def _docstrings(source: str) -> set[int]:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)]
    return {node.body[0].lineno for node in nodes if ast.get_docstring(node, clean=False) is not None}


def _page(source: str) -> Iterator[tuple[int, str]]:
    fenced = False
    for number, line in enumerate(source.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced:
            yield number, re.sub(r"`[^`]*`", "``", line)


def habits_in(path: Path) -> Iterator[Found]:
    """Yield the habits in a file."""
    if not _ANYWHERE.search(path.read_text(encoding="utf-8")):
        return
    for number, line in texts(path):
        for habit, (pattern, _) in HABITS.items():
            if re.search(pattern, line):
                yield Found(habit, path.relative_to(ROOT).as_posix(), number, line[:100])


def main() -> None:
    """Print every occurrence, and a count of each habit."""
    found = [one for path in files() for one in habits_in(path)]
    print(*found, sep="\n", end="\n" if found else "")
    counts = Counter(one.habit for one in found)
    for habit in HABITS:
        print(f"{counts[habit]:5}  {habit}")


if __name__ == "__main__":
    main()
