r"""Formulas that a student wrote as text, in a Markdown cell or in the ``.md`` next to a ``.py``, as answers.

Below a line that begins with the name of a symbolic part, such as ``## NAME``, formulas between dollar signs, in
``\[ \]`` or in a block of code are the answer to that part; several of them are the lines of a derivation.
Lines of the handout itself do not count, and a function that the student wrote in code comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from autograder.course.exercises import ExerciseFolder
from autograder.intake.source import Document
from autograder.plain import late
from autograder.sandbox.source import Cell, Source

PLACEHOLDER = "YOUR ANSWER HERE"
"""What releases put into an answer cell; left alone, it is not an answer."""

TEXT = "text"
"""Id of the cell that holds such answers as functions."""

_MARKS = "#>*_- \t`:"
_FORMULA = late(
    r"\$\$(?P<shown>.+?)\$\$|\\\[(?P<display>.+?)\\\]|\$(?P<inline>[^$\n]+)\$|^```\w*\n(?P<code>.*?)^```",
    re.DOTALL | re.MULTILINE,
)
_LONGEST = 100_000


def with_text(document: Document, companions: Iterable[tuple[str, bytes]], folder: ExerciseFolder) -> Source:
    """Return a submission's code, before it the formulas of its texts as functions.

    Parameters
    ----------
    document : Document
        What was read.
    companions : iterable of (str, bytes)
        Files next to a ``.py``.
    folder : ExerciseFolder
        Says which parts are symbolic, and what the handout holds.
    """
    names = [part.name for part in folder.exercise.parts if part.kind == "symbolic"]
    texts = [cell.text for cell in (*document.prose, *document.answers)]
    texts += [data.decode("utf-8", "replace") for name, data in companions if name.lower().endswith(".md")]
    texts = [text[:_LONGEST] for text in texts if any(name in text for name in names)]
    if not texts:
        return document.source
    released = released_lines(folder)
    answers = {name: found for text in texts for name, found in _answers(text, names, released)}
    code = "\n".join(f"def {name}():\n    return {found!r}\n" for name, found in answers.items())
    source = document.source
    return Source(source.filename, (Cell(TEXT, code), *source.cells), source.packages) if code else source


def _answers(text: str, names: list[str], released: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the formulas below each name, as the text that a function would return."""
    name, lines = "", list[str]()
    for line in [*text.replace("\r\n", "\n").split("\n"), "# "]:
        words = line.strip(_MARKS).split(maxsplit=1)
        named = next((one for one in names if words and words[0].strip(_MARKS) == one), "")
        if named or line.startswith("#"):
            found = [_formula(match) for match in _FORMULA.finditer("\n".join(lines))]
            if name and found:
                yield name, "\n".join(found)
            name, lines = named, [words[1]] if named and len(words) > 1 else []
        elif bare(line) not in released:
            lines.append(line)


def _formula(match: re.Match[str]) -> str:
    if match["code"] is not None:
        return match["code"].strip("\n")
    if match["inline"] is not None:
        return f"${match['inline']}$"
    inside = (match["shown"] or match["display"]).strip()
    return f"$$\n{inside}\n$$" if "\n" in inside else f"${inside}$"


def released_lines(folder: ExerciseFolder) -> frozenset[str]:
    """Return the lines that an untouched notebook of the exercise holds outside of its code."""
    parts = [line for part in folder.exercise.parts for line in (f"## {part.name}", part.summary)]
    path = folder.path.parent / "README.md"  # its sections open the first notebook of an assignment
    opening = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return frozenset(map(bare, [PLACEHOLDER, *parts, *opening, *folder.text().splitlines()]))


def bare(line: str) -> str:
    """Return a line without what editors and handouts change: spaces, marks of headings and lists, targets of links."""
    return " ".join(re.sub(r"\]\([^)]*\)", "]()", line).strip("#>*_- \t").split())
