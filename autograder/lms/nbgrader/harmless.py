"""What of a student's cells may be rendered by other programs: formgrader, feedback pages, JupyterLab.

Rendered and cleaned in a confined child where there can be one (Linux), since a Markdown parser and picture decoders
read untrusted bytes; elsewhere in this process, with the same result.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from autograder.intake.files import Leaf
from autograder.intake.source import Rejected
from autograder.lms.nbgrader.handed import PICTURE, looked_through
from autograder.sandbox.framing import decode_json, encode_json
from autograder.text import for_html, for_markdown

Given = Mapping[str, Any]
"""A cell as handed in: ``markdown`` and ``attachments``, or ``outputs``."""

CONFINED = sys.platform.startswith("linux")
"""Whether there can be a confined child here."""

_CHILD = "autograder.lms.nbgrader.harmless_child"
_MAX_PICTURE = 5_000_000
_MAX_PICTURES = 15_000_000


def harmless(cells: Sequence[Given], files: Mapping[str, bytes]) -> list[Any]:
    """Return for each cell what may be rendered of it: Markdown without live HTML, or outputs of text and pictures.

    A cell that cannot be rendered within the limits is shown as text.

    Parameters
    ----------
    cells : sequence of mapping
        As handed in.
    files : mapping
        Pictures next to the notebook, by relative path.

    Raises
    ------
    GraderError
        If there can be no child.
    """
    job = {"cells": list(cells), "files": {name: base64.b64encode(data).decode() for name, data in files.items()}}
    if not cells:
        return []
    if not CONFINED:
        from autograder.lms.nbgrader.harmless_child import shown

        return shown(job)
    from autograder.intake import limited  # imports what only Linux has

    try:
        answer = decode_json(str(limited.ask({}, encode_json(job).encode(), _CHILD), "ascii"))
    except (Rejected, ValueError, RecursionError):
        answer = None
    return answer if isinstance(answer, list) and len(answer) == len(cells) else [as_text(cell) for cell in cells]


def as_text(cell: Given) -> Any:
    """Return what is shown of a cell that is not rendered: its text as a block of code, and no outputs."""
    return [] if "outputs" in cell else for_markdown(for_html(cell["markdown"]))


def dressing(root: Path | None, parts: tuple[str, ...]) -> Callable[[Sequence[Given]], list[Any]]:
    """Return :func:`harmless` for a notebook in this folder of a submission, with the pictures that its cells name."""

    def dress(cells: Sequence[Given]) -> list[Any]:
        text = unquote("\n".join(cell.get("markdown", "") for cell in cells))
        pictures = looked_through(root, parts)[0] if root is not None and PICTURE.search(text) else []
        return harmless(cells, dict(_read(pictures, len(parts), text)))

    return dress


def _read(pictures: Sequence[Leaf], above: int, text: str) -> Iterator[tuple[str, bytes]]:
    left = _MAX_PICTURES
    for leaf in pictures:
        if leaf.name in text:
            try:
                data = leaf.place.read(min(_MAX_PICTURE, left))
            except Rejected:
                continue
            left -= len(data)
            yield "/".join(leaf.parts[above:]), data
