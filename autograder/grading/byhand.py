"""Parts that need manual grading: the answer, wherever it was written, and the verdict until it is marked.

The answer cell comes first.  Where it is blank or gone, a text elsewhere in the notebook that the release does not
hold may be the answer, so the part needs manual grading: only a person can tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from autograder.course.contract import stated
from autograder.course.exercises import ExerciseFolder
from autograder.errors import CourseError
from autograder.exercise import Part
from autograder.intake.as_text import PLACEHOLDER, bare, released_lines
from autograder.intake.source import Document
from autograder.model import PartReport
from autograder.plain import dataclass

MAX_SHOWN = 100_000
"""Characters of an answer that are kept to be shown; the file itself is kept whole."""

_TEXTS = frozenset({".md", ".txt", ".tex", ".rst"})


@dataclass(frozen=True)
class WrittenAnswer:
    """What was handed in for the part that a person marks; ``digest`` is None where there is nothing.

    Attributes
    ----------
    text : str
        To be shown to the marker: what was written, and which figures are there.
    digest : str or None
        Hash of all of it, figures too, file names apart.
    outside : bool
        Whether it was found outside of the answer cell.
    """

    text: str = ""
    digest: str | None = None
    outside: bool = False


def digest_of_text(text: str) -> str:
    """Return the hash by which a written answer is recognised; spaces around it do not count."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()


def answer_in(
    documents: Iterable[Document | None], companions: Iterable[tuple[str, bytes]], folder: ExerciseFolder
) -> WrittenAnswer:
    """Return what was handed in for the part that a person marks; an exercise has at most one.

    Parameters
    ----------
    documents : iterable of Document or None
        What was read.
    companions : iterable of (str, bytes)
        Files next to the code: a text or a figure.
    folder : ExerciseFolder
        The exercise; its text separates what the student wrote from what was released.
    """
    read = [document for document in documents if document is not None]
    texts = [cell.text.strip() for document in read for cell in document.answers]
    texts = [text for text in texts if text not in ("", PLACEHOLDER)]
    files = [(PurePosixPath(name), data) for name, data in companions if data.strip()]
    outside = not texts and not files
    if outside:
        released = released_lines(folder)
        prose = (_own(cell.text, released) for document in read for cell in document.prose)
        texts = [text for text in prose if text]
    if outside and texts:  # one notebook may hold several exercises
        others = _handed_out(folder.path.parent)
        texts = [text for one in texts if (text := _own(one, others))]
    if not texts and not files:
        return WrittenAnswer()
    shown = [*texts, *(_shown(name, data) for name, data in files)]
    total = hashlib.sha256("\n\n".join(texts).encode("utf-8", "surrogatepass"))
    for _, data in files:
        total.update(b"\0" + hashlib.sha256(data).digest())
    return WrittenAnswer("\n\n".join(shown)[:MAX_SHOWN], total.hexdigest(), outside)


def manual_report(part: Part, worth: float, answer: WrittenAnswer, *, readable: bool = True) -> PartReport:
    """Return the verdict on a part that a person marks before anyone has marked it.

    ``readable`` says whether what was handed in could be read at all.
    """
    report = PartReport(
        part.name, "manual", "manual", 0.0, worth, pending=worth, answer=answer.digest, criteria=part.rubric(worth)
    )
    if answer.digest is not None:
        message = "needs manual grading"
        return replace(report, message=f"{message}; written outside of its answer cell" if answer.outside else message)
    if readable:
        return replace(report, status="missing", pending=0.0, message="nothing was handed in for this part")
    return replace(report, status="load_error", pending=0.0, message="the file could not be read")


@lru_cache(maxsize=4)
def _handed_out(exercises: Path) -> frozenset[str]:
    """Return the lines of the texts of all exercises of a course."""
    lines: set[str] = set()
    for statement in exercises.glob("*/README.md"):
        stub = statement.with_name(f"{statement.parent.name}.py")
        text = statement.read_text(encoding="utf-8")
        with suppress(CourseError, OSError):  # a mistake in another exercise is not this one's
            text = stated(text, stub.name, stub)
        lines.update(map(bare, text.splitlines()))
    return frozenset(lines)


def _own(text: str, released: frozenset[str]) -> str:
    """Return the lines of a text that were not released, if there is a word or a figure among them."""
    lines = [line for line in text.splitlines() if bare(line) not in released]
    return "\n".join(lines).strip() if any(c.isalnum() for line in lines for c in line) else ""


def _shown(name: PurePosixPath, data: bytes) -> str:
    if name.suffix.lower() in _TEXTS:
        return f"{name.name}:\n{data.decode('utf-8', 'replace').strip()}"
    return f"{name.name}: {len(data):,} bytes"
