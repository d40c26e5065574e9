"""Read what was found: bytes, their hash, and the code in them."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from autograder.intake import limited
from autograder.intake.contents import check_kind, conflict
from autograder.intake.decode import bidi_notes, decode_python
from autograder.intake.discovery import HandedFile, Submission
from autograder.intake.files import cap_for
from autograder.intake.magics import script
from autograder.intake.notebook import read_notebook
from autograder.intake.script_texts import prose_of
from autograder.intake.source import Document, Rejected
from autograder.plain import dataclass
from autograder.sandbox.source import Cell, Source


@dataclass(frozen=True)
class LoadedFile:
    """A file that was read.

    Attributes
    ----------
    data : bytes
        The file, empty if it could not be read.
    sha256 : str or None
        Of its bytes; None if there are none.
    digest : str
        Identifies everything that was handed in for the exercise, written parts too: unchanged digest, unchanged
        submission.
    document : Document or None
        The code; None if ``message`` says why not.
    written : tuple of (str, bytes)
        Written parts next to a ``.py``: printable path and bytes.
    """

    data: bytes
    sha256: str | None
    digest: str
    document: Document | None
    message: str | None = None
    written: tuple[tuple[str, bytes], ...] = ()
    notes: tuple[str, ...] = ()


def load(submission: Submission, handed: HandedFile | None = None, begin: limited.Begin | None = None) -> LoadedFile:
    """Read a submission; never raises for what a student did.

    Parameters
    ----------
    submission : Submission
        As found.
    handed : HandedFile, optional
        Which of its attempts; by default the one that counts.
    begin : callable, optional
        Begins the child that is to run the code, in which a notebook is then read.

    Raises
    ------
    GraderError
        If there can be no child to read in.
    """
    found = _loaded(submission, handed, begin)
    if found.document is None and submission.status == "found":
        found = _loaded(submission, handed, begin)  # a disk may fail once; see once_more
    return found


def _loaded(submission: Submission, handed: HandedFile | None, begin: limited.Begin | None) -> LoadedFile:
    found = _fetched(submission, handed)
    chosen = handed or submission.handed
    if found.sha256 is None or chosen is None:
        return found
    if found.written and not found.data.strip():  # the text next to it counts all the same
        empty = Document(Source(f"{submission.exercise}.py", ()))
        return replace(found, document=empty, notes=(*found.notes, f"{chosen.file}: {_EMPTY}"))
    try:
        document = read_document(found.data, submission.exercise, chosen.suffix, begin)
    except Rejected as error:
        return replace(found, message=f"{chosen.file}: {error}")
    return replace(found, document=document, notes=found.notes + document.notes)


def digest(submission: Submission, handed: HandedFile | None = None) -> str:
    """Return the digest that :func:`load` would give, without looking into what was handed in."""
    return _fetched(submission, handed).digest


def digest_of(submission: Submission) -> str:
    """Return what identifies everything that a student, or a team of these members, handed in for an exercise."""
    if submission.team:
        own = "\0".join((digest_of(replace(submission, team="", members=())), submission.team, *submission.members))
        return hashlib.sha256(own.encode("utf-8", "surrogatepass")).hexdigest()
    spare = submission.spare
    if len(submission.attempts) < 2 and spare is None:
        return digest(submission)
    total = hashlib.sha256()
    for handed in submission.attempts:
        total.update(digest(submission, handed).encode())
    if spare is not None:
        total.update(b"beside" + digest_of(spare).encode())
    return total.hexdigest()


def _fetched(submission: Submission, handed: HandedFile | None) -> LoadedFile:
    """Read the bytes only."""
    chosen = handed or submission.handed
    written, notes = _written(submission)
    if chosen is None or submission.status != "found":
        nothing = _digest(submission.status, submission.message or "", *(data for _, data in written))
        return LoadedFile(b"", None, nothing, None, submission.message, written, notes)
    try:
        data = chosen.place.read(cap_for(chosen.suffix))
    except Rejected as error:
        message = f"{chosen.file}: {error}"
        return LoadedFile(b"", None, _digest("rejected", message), None, message, written, notes)
    sha256 = hashlib.sha256(data).hexdigest()
    whole = _digest(sha256, *(part for _, part in written)) if written else sha256
    return LoadedFile(data, sha256, whole, None, None, written, notes)


def read_document(data: bytes, exercise: str, suffix: str, begin: limited.Begin | None = None) -> Document:
    """Read a ``.py`` or ``.ipynb``; its code runs under the exercise's name, never under one that a student chose.

    ``begin`` begins the child that is to run the code, in which a notebook is then read.

    Raises
    ------
    Rejected
        If it cannot be read.
    """
    check_kind(data, suffix)
    if suffix == ".ipynb":
        name = f"{exercise}.ipynb"
        document = limited.read_notebook(data, name, begin) if limited.available() else read_notebook(data, name)
        return replace(document, notes=(*document.notes, *_conflicts(document)))
    text = decode_python(data)
    if not text.strip():
        raise Rejected(_EMPTY)
    code, notes = script(text)
    return Document(
        Source(f"{exercise}.py", (Cell("file", code),)),
        notes=(*bidi_notes(text, "file"), *notes),
        prose=tuple(prose_of(text)),
    )


_EMPTY = "the file is empty, so it was not saved or not uploaded whole; save it and hand it in again"


def _conflicts(document: Document) -> list[str]:
    return [
        f"{cell.id} line {line}: has merge conflict markers; keep one of the two versions"
        for cell in document.source.cells
        if (line := conflict(cell.text))
    ]


def syntax_notes(data: bytes, suffix: str) -> tuple[str, ...]:
    """Say where a file's code cannot be parsed here, but may be valid in a newer Python.

    Raises
    ------
    GraderError
        If there can be no child to parse it in.
    """
    try:
        return limited.syntax_notes(data, suffix) if limited.available() else ()
    except Rejected:
        return ()


def _written(submission: Submission) -> tuple[tuple[tuple[str, bytes], ...], tuple[str, ...]]:
    found: list[tuple[str, bytes]] = []
    notes: list[str] = []
    for part in submission.written:
        try:
            found.append((part.file, part.place.read(cap_for(part.suffix))))
        except Rejected as error:
            notes.append(f"{part.file}: {error}")
    return tuple(found), tuple(notes)


def _digest(*parts: str | bytes) -> str:
    total = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(len(raw).to_bytes(8, "big") + raw)
    return total.hexdigest()
