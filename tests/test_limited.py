"""Notebooks and archives are read in a child: what it says is data, what it costs is bounded, and it may die."""

import json
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake import archive as archives
from autograder.intake import limited, loading
from autograder.intake.loading import read_document
from autograder.intake.source import Rejected
from autograder.model import Limits
from autograder.sandbox.executor import ChildResult
from autograder.sandbox.frames import Done, encode_message
from tests.attacks.inputs.making import NB, code_cell, notebook, zipped

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="children are confined on Linux")

ARCHIVE = zipped({"a.py": "x = 1\n"})


def test_the_grader_itself_looks_into_no_notebook_and_no_archive(monkeypatch):
    for module, name in ((loading, "read_notebook"), (archives, "members"), (archives, "unpacked")):
        monkeypatch.setattr(module, name, pytest.fail)
    assert read_document(NB.encode(), "x", ".ipynb").source.is_notebook
    assert limited.list_archive(ARCHIVE) == [(0, ("a.py",), "file")]
    assert limited.read_member(ARCHIVE, 0, 100) == b"x = 1\n"


@pytest.mark.parametrize(
    "limits", [Limits(10.0, 1 << 20), Limits(0.02, 1 << 30)], ids=["without memory", "without time"]
)
def test_what_costs_too_much_is_refused_and_the_next_one_is_read(limits, monkeypatch):
    large = notebook(*[code_cell("x = 1\n" * 100)] * 600, metadata={"x": "o" * 15_000_000}).encode()
    with monkeypatch.context() as patch:
        patch.setattr(limited, "LIMITS", limits)
        with pytest.raises(Rejected, match="cannot be read within 1 GiB of memory and 10 s"):
            limited.read_notebook(large, "x.ipynb")
    assert len(limited.read_notebook(large, "x.ipynb").source.cells) == 600


class Liar:
    """A child that was taken over and says what it likes."""

    def __init__(self, frames, ending="done"):
        self.frames, self.ending = frames, ending

    def execute(self, job, batch, limits):
        return ChildResult(self.frames, self.ending, "", 0.0, [0.0] * len(self.frames))


def said(header, answer=b""):
    text = json.dumps(header).encode()
    return struct.pack("<II", 8 + len(text) + len(answer), len(text)) + text + answer


DONE = encode_message(Done())
LIES = [
    ([], "done"),
    ([DONE], "done"),
    ([said({"rejected": None}, b"[[], [], []]")], "crash"),
    ([said({"rejected": None}, b"[[], [], []]"), said({})], "done"),
    ([said([]), DONE], "done"),
    ([said({}), DONE], "done"),
    ([said({"rejected": 5}), DONE], "done"),
    ([said({"rejected": None}, b"\xff"), DONE], "done"),
    ([said({"rejected": None}, b"[1, 2, 3]"), DONE], "done"),
    ([said({"rejected": None}, b'[[["a", 5]], [], []]'), DONE], "done"),
    ([said({"rejected": None}, b'[[["a", "b", "c"]], [], []]'), DONE], "done"),
    ([said({"rejected": None}, b"[" * 100_000), DONE], "done"),
    ([b"", DONE], "done"),
]


@pytest.mark.parametrize("number", range(len(LIES)))
@pytest.mark.parametrize("read", [lambda: limited.read_notebook(b"", "x"), lambda: limited.list_archive(b"")])
def test_a_lie_of_the_child_is_a_refusal(read, number, monkeypatch):
    liar = Liar(*LIES[number])
    monkeypatch.setattr(limited, "_box", lambda *_: liar)
    with pytest.raises(Rejected):
        read()


def test_a_reason_is_cut_and_a_member_keeps_its_cap(monkeypatch):
    monkeypatch.setattr(limited, "_box", lambda *_: Liar([said({"rejected": "x" * 10_000}), DONE]))
    with pytest.raises(Rejected, match=r"^x{500}$"):
        limited.list_archive(b"")
    monkeypatch.setattr(limited, "_box", lambda *_: Liar([said({"rejected": None}, bytes(101)), DONE]))
    with pytest.raises(Rejected):
        limited.read_member(b"", 0, 100)


@given(frame=st.binary(max_size=60))
def test_no_frame_brings_the_grader_down(frame):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limited, "_box", lambda *_: Liar([frame, DONE]))
        for read in (lambda: limited.read_notebook(b"", "x"), lambda: limited.list_archive(b"")):
            with pytest.raises(Rejected):
                read()
