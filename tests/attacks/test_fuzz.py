"""Readers of hostile bytes against random ones: each ends in a value or in its own error, and says so.

A hundred examples each in an ordinary run; ``AUTOGRADER_FUZZ=20000 python -m pytest tests/attacks/test_fuzz.py`` makes
the longer one.
"""

import io
import json
import os
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.course.exercises import load_exercise
from autograder.course.model import ResourceLimits, load_course
from autograder.course.yaml_strict import parse_yaml
from autograder.errors import CourseError
from autograder.intake.notebook import read_notebook
from autograder.intake.source import Rejected
from autograder.intake.zipped import members, unpacked
from autograder.judging.dispatch import EncodedBatches, hand_out
from autograder.judging.functions import judge
from autograder.judging.questions import make_questions
from autograder.model import Facts, Observation
from autograder.sandbox.executor import ChildResult, GraderError
from autograder.sandbox.frames import (
    Answer,
    CellEnd,
    Done,
    Loaded,
    Ready,
    decode_frame,
    encode_answer,
    encode_message,
    take_frames,
)
from autograder.sandbox.framing import ProtocolError
from autograder.sandbox.runner import observe_with
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.values import RESULT, Unfit, Writer
from autograder.symbolic import Question, Symbol, grade, read
from tests.attacks.inputs.making import code_cell, notebook, outcome
from tests.course_files import COURSE, make_course

EXAMPLES = int(os.environ.get("AUTOGRADER_FUZZ", "100"))
fuzz = settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES <= 100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
few = settings(fuzz, max_examples=max(1, EXAMPLES // 2))

_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=6)
    | st.sampled_from(["a", "x", "c", "t", "l", "f", "i", "d", "G", "P", "R", "float64", "O", "value", "error", "call"])
)  # fmt: skip
_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from([*"kscevxtfui", "cells", "source"]), inner, max_size=6)
    ),
    max_leaves=20,
)


def framed(header, blob=b""):
    """A frame as the harness would send it, whatever is in it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<II", 8 + len(text) + len(blob), len(text)) + text + blob


def spoilt(data, draw):
    """Bytes with a few of them changed, taken out or put in."""
    made = bytearray(data)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(made)))
        made[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(made)


# --- frames ----------------------------------------------------------------------------------------------------

_VALUES = (
    st.none() | st.booleans() | st.integers(-(2**3000), 2**3000) | st.floats() | st.text(max_size=30)
    | st.complex_numbers() | st.lists(st.floats(), max_size=10) | st.just(np.arange(6.0).reshape(2, 3))
    | st.sampled_from([np.float64("nan"), np.zeros((0, 3)), np.ones(3, bool), np.int64(-1), np.full(2, 1j), (), [[]]])
    | st.dictionaries(st.text(max_size=4), st.floats() | st.just(np.zeros(2)), max_size=3)
)  # fmt: skip


def answer_frame(segment, call, value):
    writer = Writer(RESULT)
    node = writer.put(value)
    return b"".join(encode_answer(segment, call, Observation("value", value), Facts(), 0.0, node, writer.chunks))


@st.composite
def frames(draw):
    """Frames of a child: rubbish, half-right messages, honest ones and honest ones with a few bytes changed."""
    value = draw(_VALUES)
    with suppress(Unfit):
        honest = answer_frame(draw(st.integers(0, 2)), draw(st.integers(0, 3)), value)
        made = draw(st.sampled_from([honest, None]))
        if made is not None:
            return draw(st.sampled_from([made, spoilt(made, draw)]))
    kind = draw(st.sampled_from(["call", "cell", "loaded", "ready", "done", "other"]))
    header = {"k": kind, **draw(st.dictionaries(st.sampled_from(list("scevxtfui")), _JSON, max_size=8))}
    return draw(st.sampled_from([framed(header, draw(st.binary(max_size=64))), draw(st.binary(max_size=64))]))


@fuzz
@given(frames() | _JSON.map(framed) | st.binary(max_size=200))
def test_a_frame_is_a_message_or_a_breach(data):
    try:
        message = decode_frame(data)
    except ProtocolError:
        return
    assert isinstance(message, Ready | CellEnd | Loaded | Answer | Done)


@fuzz
@given(st.lists(st.binary(max_size=50) | frames(), max_size=5).map(b"".join), st.integers(1, 20))
def test_a_stream_is_frames_or_a_breach_however_it_is_cut(data, step):
    received, taken = bytearray(), []
    try:
        for at in range(0, len(data), step):
            received += data[at : at + step]
            taken += take_frames(received)
    except ProtocolError:
        return
    assert b"".join(taken) + bytes(received) == data


@pytest.fixture(scope="module")
def target():
    """The questions of the exercise that is attacked, encoded."""
    root = Path(__file__).parent / "course"
    folder = load_exercise(root, "target", hidden=True)
    questions = make_questions(folder.exercise, folder.secrets, 0)
    with EncodedBatches(questions, folder.checks_source, ResourceLimits(0.25, 256)) as printed:
        yield printed


@few
@given(
    st.lists(st.lists(frames(), max_size=12), max_size=4),
    st.sampled_from(["done", "crash", "timeout", "memory", "protocol", "forbidden", "output_limit"]),
)
def test_whatever_children_send_is_judged_and_earns_nothing(target, sent, ending):
    """A random child knows no answer: every part of every exercise is judged, and gets no point."""
    waiting = [[encode_message(Ready()), encode_message(Loaded()), *one] for one in sent]

    def run(job, limits, handover, patience):
        told = waiting.pop() if waiting else [encode_message(Ready())]
        return ChildResult(told, ending, "", 0.01, [0.0] * len(told))

    try:
        answers = hand_out(target, lambda batch, handle: observe_with(run, Source("t.py", (Cell("file", ""),)), batch))
    except GraderError:
        return  # a child that was never ready is not a student's fault
    reports = judge(target.questions, answers, {part.part.name: 4.0 for part in target.questions.parts})
    assert sum(report.score for report in reports) == 0.0


@few
@given(_VALUES)
def test_whatever_value_is_returned_is_judged(target, value):
    answers = {
        (part.part.name, i): [Observation("value", value)] * len(asked.calls)
        for part in target.questions.parts
        for i, asked in enumerate(part.asked)
    }
    for report in judge(target.questions, answers, {part.part.name: 4.0 for part in target.questions.parts}):
        assert report.score == 0.0
        assert report.status in ("wrong", "bad_output", "partial")


# --- notebooks, archives, course files -------------------------------------------------------------------------

_NOTEBOOK = notebook(code_cell("%x\nx = '''\n!y'''\n"), code_cell(["a\n", "b"], nbgrader={"grade": True})).encode()


@fuzz
@given(st.data())
def test_a_notebook_is_cells_or_a_refusal(data):
    raw = data.draw(
        st.sampled_from(["spoilt", "any", "bytes"]).flatmap(
            lambda kind: {
                "spoilt": st.just(spoilt(_NOTEBOOK, data.draw)),
                "any": _JSON.map(lambda value: json.dumps({"cells": value}).encode()),
                "bytes": st.binary(max_size=100),
            }[kind]
        )
    )
    with suppress(Rejected):
        for cell in read_notebook(raw, "x.ipynb").source.cells:
            cell.text.encode()


def _archive():
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/x.py", "x = 1\n" * 30)
        archive.writestr(zipfile.ZipInfo("y.ipynb"), "{}")
    return raw.getvalue()


_ARCHIVE = _archive()


@fuzz
@given(st.data())
def test_an_archive_is_members_or_a_refusal(data):
    raw = data.draw(st.sampled_from([spoilt(_ARCHIVE, data.draw), data.draw(st.binary(max_size=100))]))
    with suppress(Rejected):
        for index, _ in enumerate(members(raw)):
            with suppress(Rejected):
                assert len(unpacked(raw, index, 1000)) <= 1000


@fuzz
@given(data=st.data())
def test_a_course_file_is_read_or_its_mistakes_are_named(data, tmp_path_factory):
    raw = spoilt(COURSE.encode(), data.draw)
    with suppress(CourseError):
        parse_yaml(raw, "course.yml")
    root = make_course(tmp_path_factory.getbasetemp() / "spoilt-course", COURSE)
    (root / "course.yml").write_bytes(raw)
    refused = outcome(CourseError, lambda: load_course(root))
    assert not isinstance(refused, CourseError) or "course.yml" in str(refused)


# --- symbolic answers ------------------------------------------------------------------------------------------

QUESTION = Question(
    "fuzz", "2*(tanh(w) - y)*(1 - tanh(w)**2)", (Symbol("w", draw=(-2, 2)), Symbol("y"), Symbol("p", ("K",)))
)
_TOKENS = st.sampled_from([
    "gamma(", "outer(",
    "w", "y", "p", "K", "1", "2", "0.5", "1e9", "+", "-", "*", "/", "**", "^", "@", "(", ")", "[", "]", ",", "=", "==",
    "<", "tanh(", "exp(", "sqrt(", "log(", "where(", "Sum(", "sum(", "delta(", "inv(", "diag(", ".T", "k", "i",
    "D(", "Piecewise(", "\n", " ", "not ", "and ", "_", ".", "'", "\\", "\u2212", "\x00", "lambda", "9" * 30,
])  # fmt: skip


@fuzz
@given(st.lists(_TOKENS, max_size=25).map("".join) | st.text(max_size=60))
def test_a_symbolic_answer_is_read_or_unreadable(text):
    read(QUESTION, text)


@few
@given(st.lists(_TOKENS, max_size=15).map("".join))
def test_a_symbolic_answer_gets_a_verdict(text):
    assert grade(QUESTION, text).status in ("correct", "wrong", "undecided", "unreadable")
