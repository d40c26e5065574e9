"""A notebook that was read, as it crosses the border of the child that read it."""

from __future__ import annotations

import json
from typing import Any

from autograder.intake.notebook import read_notebook
from autograder.intake.source import Document
from autograder.sandbox.framing import Buffer, decode_json, encode_json
from autograder.sandbox.source import Cell, Source

FIRST = b"notebook\n"
"""How a job begins that is a notebook, in a child that is told its real job after it has read that."""

GO_ON = b"!"
"""What such a child is sent when its job is there."""

_ROUNDS = 4
"""Readings until every pattern is compiled and the interpreter has specialised most of what runs."""

_NOTEBOOK = {
    "metadata": {"kernelspec": {"language": "python"}},
    "cells": [
        {"cell_type": "markdown", "metadata": {"nbgrader": {"locked": True}}, "source": ["# Text\n"]},
        {"cell_type": "code", "metadata": {}, "source": ["%matplotlib inline\n", "import numpy as np\n", "# a remark"]},
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": "part", "solution": True}},
            "source": "%%time\ndef part(x, y='a'):\n    return [x,\n            y]",
        },
    ],
}
"""A notebook of our own with cells of each kind."""


def rehearse() -> None:
    """Read a notebook in the fork server, so that no child compiles the readers' patterns for itself."""
    for _ in range(_ROUNDS):
        notebook_as_bytes(json.dumps(_NOTEBOOK).encode())


def notebook_as_bytes(data: bytes) -> bytes:
    """Read a notebook and return what is in it as JSON, for :func:`document_of`.

    Raises
    ------
    Rejected
        If it is not a notebook or exceeds the limits.
    """
    document = read_notebook(data, "file.ipynb")
    code, written, prose = (
        [[cell.id, cell.text] for cell in cells] for cells in (document.source.cells, document.answers, document.prose)
    )
    return encode_json([code, written, document.notes, prose]).encode()


def document_of(answer: Buffer, filename: str) -> Document:
    """Return the notebook that a child read, as code that runs under this name.

    Raises
    ------
    ValueError, TypeError, RecursionError
        If the child did not write what :func:`notebook_as_bytes` returns.
    """
    code, written, notes, prose = decode_json(str(answer, "utf-8", "surrogatepass"))
    return Document(Source(filename, _cells(code)), _cells(written), tuple(map(checked_text, notes)), _cells(prose))


def _cells(listed: Any) -> tuple[Cell, ...]:
    return tuple(Cell(checked_text(name), checked_text(text)) for name, text in listed)


def checked_text(value: Any) -> str:
    """Return a value if it is a text.

    Raises
    ------
    TypeError
        If it is not.
    """
    if type(value) is not str:
        raise TypeError(value)
    return value
