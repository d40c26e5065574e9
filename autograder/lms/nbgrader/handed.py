"""Look at nbgrader's folder of submissions without following a student's links."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from autograder.intake.files import DiskPlace, Leaf, list_folder
from autograder.intake.source import Rejected

SECRET = "submission_secret.txt"
"""nbgrader's file next to the submission; its content is hashed into the name of the feedback."""
MAX_TEXT = 1000
"""Bytes that are read of nbgrader's own files in a submission."""

PICTURE = re.compile(r"\.(png|jpe?g)\b", re.IGNORECASE)

_MAX_ENTRIES = 2_000
_LIVE = re.compile(r'[<>"]')


def fits_a_page(student: str) -> bool:
    """Whether a student's id can stand in formgrader's pages, which do not escape it."""
    return _LIVE.search(student) is None


def submission_of(coursedir: Any, student: str, assignment: str) -> tuple[Path, tuple[str, ...]]:
    """Return nbgrader's folder of all submissions, which is the instructor's, and the way from there to this one."""
    whole = Path(os.path.normpath(coursedir.format_path(coursedir.submitted_directory, ".", ".")))
    folder = Path(coursedir.format_path(coursedir.submitted_directory, student, assignment))
    root = whole if folder.is_relative_to(whole) else Path(coursedir.root)
    return root, folder.relative_to(root).parts


def secret_of(root: Path, parts: tuple[str, ...]) -> str:
    """Return nbgrader's secret of a submission.

    Raises
    ------
    Rejected
        If there is none, or it is not a small regular file.
    """
    return DiskPlace(root, (*parts, SECRET)).read(MAX_TEXT).decode("utf-8", "replace")


def looked_through(root: Path, parts: tuple[str, ...]) -> tuple[list[Leaf], list[Leaf]]:
    """Return the pictures below a submission's folder, and what there is neither a regular file nor a folder."""
    pictures: list[Leaf] = []
    strange: list[Leaf] = []
    waiting, count = [parts], 0
    while waiting and count < _MAX_ENTRIES:
        try:
            leaves = list_folder(root, waiting.pop(0))
        except Rejected:
            continue  # what is asked for by name in it is refused with the reason
        for leaf in leaves:
            count += 1
            if leaf.kind == "folder":
                waiting.append(leaf.parts)
            elif leaf.kind != "file":
                strange.append(leaf)
            elif PICTURE.search(leaf.name):
                pictures.append(leaf)
    return pictures, strange
