"""Notebooks."""

from __future__ import annotations

import json

from autograder.intake.loading import read_document
from autograder.intake.source import Rejected
from tests.attacks.inputs.making import code_cell, expect, notebook, outcome

ANSWER = {"schema_version": 3, "grade": False, "solution": True, "locked": False, "task": False, "grade_id": "cell-f"}
CHECK = {"schema_version": 3, "grade": True, "solution": False, "locked": True, "points": 100, "grade_id": "test-f"}
MANUAL = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "points": 3, "grade_id": "essay"}


def markdown(source, **metadata):
    return {"cell_type": "markdown", "source": source, "metadata": metadata}


# name -> (file, its code cells as (id, text), or words of the message)
NOTEBOOKS = {
    "format 4": (notebook(code_cell("a\n"), code_cell(["b\n", "c"])), [("cell-1", "a\n"), ("cell-2", "b\nc")]),
    "format 3": (
        json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["a\n", "b"]}]}]}),
        [("cell-1", "a\nb")],
    ),
    "grade id": (notebook(code_cell("a", nbgrader=ANSWER)), [("cell-f", "a")]),
    "check cell": (notebook(code_cell("a"), code_cell("assert f()", nbgrader=CHECK)), [("cell-1", "a")]),
    "tagged check cell": (notebook(code_cell("a", tags=["autograder-check"])), []),
    "points in metadata": (notebook(code_cell("a", nbgrader=ANSWER | {"points": 1e99})), [("cell-f", "a")]),
    "metadata gone": (notebook({"cell_type": "code", "source": "a"}), [("cell-1", "a")]),
    "metadata is a list": (notebook({"cell_type": "code", "source": "a", "metadata": [1]}), [("cell-1", "a")]),
    "nbgrader is a number": (notebook(code_cell("a", nbgrader=3)), [("cell-1", "a")]),
    "grade id is hostile": (notebook(code_cell("a", nbgrader=ANSWER | {"grade_id": "../\x1b"})), [("cell-1", "a")]),
    "old schema": (notebook(code_cell("a", nbgrader=ANSWER | {"schema_version": 1})), [("cell-f", "a")]),
    "source is a number": (notebook(code_cell(5), code_cell("a")), [("cell-2", "a")]),
    "source is a mixed list": (notebook(code_cell(["a", 1]), code_cell("a")), [("cell-2", "a")]),
    "a cell is a string": (notebook("hello", code_cell("a")), [("cell-2", "a")]),
    "outputs": (notebook(code_cell("a") | {"outputs": [{"text": "10/10 correct"}]}), [("cell-1", "a")]),
    "other kernel": (notebook(code_cell("a"), metadata={"kernelspec": {"argv": ["rm", "-rf"]}}), [("cell-1", "a")]),
    "no format": (json.dumps({"cells": [code_cell("a")]}), [("cell-1", "a")]),
    "cells twice": ('{"cells": [], "cells": [{"cell_type": "code", "source": "a"}]}', [("cell-1", "a")]),
    "NaN": ('{"cells": [{"cell_type": "code", "source": "a"}], "x": NaN, "y": -Infinity}', [("cell-1", "a")]),
    "long number": ('{"cells": [{}], "x": ' + "9" * 100_000 + "}", []),
    "with mark": ("\ufeff" + notebook(code_cell("a")), [("cell-1", "a")]),
    "half a surrogate": ('{"cells": [{"cell_type": "code", "source": "\\ud800"}]}', [("cell-1", "\ufffd")]),
    "NUL": (notebook(code_cell("a\0")), [("cell-1", "a\ufffd")]),
    "magics": (notebook(code_cell("%matplotlib inline\na")), [("cell-1", "\na")]),
    "shell cell": (notebook(code_cell("%%bash\nrm -rf /")), [("cell-1", "")]),
    "no cells": (notebook(), Rejected("the notebook is empty (0 cells)")),
    "empty": ("", Rejected("the notebook is empty")),
    "not JSON": (
        "def f():\n    return 1\n",
        Rejected("is not a notebook; save the notebook itself or, if this is Python code, rename the file"),
    ),
    "cut short": (notebook(code_cell("a"))[:40], Rejected("the notebook is not JSON")),
    "a list": ("[1, 2]", Rejected("is JSON but not a notebook")),
    "null": ("null", Rejected("is JSON but not a notebook")),
    "other JSON": ('{"a": 1}', Rejected("is JSON but not a notebook")),
    "cells is a dict": ('{"cells": {"a": 1}}', Rejected("is JSON but not a notebook")),
    "deep lists": ("[" * 100_000, Rejected("nested deeper than 64 levels")),
    "deep dicts": ('{"a":' * 100_000, Rejected("nested deeper than 64 levels")),
    "deep metadata": (notebook(metadata={"a": json.loads("[" * 99 + "]" * 99)}), Rejected("nested deeper than 64")),
    "a million lists": ('{"cells": [], "x": [' + "[]," * 1_000_000 + "0]}", Rejected("more than 1000000 texts and")),
    "a million texts": ('{"cells": [], "x": [' + '"",' * 1_000_000 + "0]}", Rejected("more than 1000000 texts and")),
    "a text that never ends": ('{"cells": [], "x": "' + "a" * 100_000, Rejected("not JSON")),
    "brackets in a string": (notebook(code_cell("[" * 1000)), [("cell-1", "[" * 1000)]),
    "many cells": (notebook(*[code_cell("")] * 5001), Rejected("has 5001 cells; hand in at most 5000")),
    "much code": (
        notebook(code_cell("a" * 2_000_001)),
        Rejected("2000001 characters of code; shorten it to at most 2000000"),
    ),
    "Latin-1": (notebook(code_cell("a")).encode() + b"\xe9", Rejected("is not UTF-8")),
    "bytes": (b"\x89PNG\r\n\x1a\n", Rejected("is a picture under the name of another kind of file")),
}


def check_notebook(name, root):
    text, wanted = NOTEBOOKS[name]
    data = text.encode() if isinstance(text, str) else text
    expect(outcome(Rejected, lambda: _cells(data)), wanted)


def _cells(data):
    return [(cell.id, cell.text) for cell in read_document(data, "gamma", ".ipynb").source.cells]
