"""Records, the frames of ordinary answers: what is sent arrives, and what is forged is refused."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.model import Observation
from autograder.sandbox import reading
from autograder.sandbox.executor import ChildResult
from autograder.sandbox.frames import NOTHING, Done, Loaded, Ready, decode_frame, encode_answer, encode_message
from autograder.sandbox.framing import ProtocolError
from autograder.sandbox.record import MARK, is_record
from autograder.sandbox.values import DTYPES, LARGE, RESULT, Writer, type_noun

HEAD = struct.Struct("<IIIIdBBB5x")


def frame_of(value, segment=0, call=0, seconds=0.5):
    writer = Writer(RESULT)
    node = writer.put(value)
    seen = Observation("value", type_name=type_noun(type(value)))
    return encode_answer(segment, call, seen, NOTHING, seconds, node, writer.chunks)


ARRAYS = st.sampled_from(list(DTYPES.values())).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=8, min_side=0, max_side=3))
)


@given(
    st.floats() | st.floats().map(np.float64) | ARRAYS,
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1e8),
)
def test_an_ordinary_answer_is_a_record_and_arrives_as_it_was(value, segment, call, seconds):
    data = b"".join(frame_of(value, segment, call, seconds))
    assert is_record(data)
    answer = decode_frame(data)
    got = answer.observation
    assert (answer.segment, answer.call, got.ending, got.seconds) == (segment, call, "value", seconds)
    assert (type(got.value), got.type_name) == (type(value), type_noun(type(value)))
    assert np.asarray(got.value).dtype == np.asarray(value).dtype
    np.testing.assert_array_equal(got.value, value)


@pytest.mark.parametrize("value", [3, True, "text", None, (1.0, 2.0), [1.0], {"a": 1.0}, np.float32(1.0), 1j])
def test_any_other_answer_is_not(value):
    data = b"".join(frame_of(value))
    assert not is_record(data)
    assert decode_frame(data).observation.value == value


def test_a_large_array_is_not_copied():
    array = np.zeros(LARGE)
    pieces = frame_of(array)
    assert any(isinstance(piece, memoryview) and np.shares_memory(np.asarray(piece), array) for piece in pieces)
    assert decode_frame(b"".join(pieces)).observation.value.shape == array.shape


def forged(number=2.0, **fields):
    """Return a record of the array [2.0], or with other fields in its head."""
    known = {"length": 64, "segment": 0, "call": 0, "seconds": 0.5, "kind": 2, "dtype": list(DTYPES).index("float64")}
    head = {**known, "axes": 1, "side": 1, "rest": b""} | fields
    tail = struct.pack("<q", head["side"]) + bytes(8) + struct.pack("<d", number) + bytes(8) + head["rest"]
    order = ("length", "segment", "call", "seconds", "kind", "dtype", "axes")
    length, *others = (head[name] for name in order)
    return HEAD.pack(length, MARK, *others) + tail


def test_the_forger_can_write_one_that_is_taken():
    assert decode_frame(forged()).observation.value.tolist() == [2.0]


@pytest.mark.parametrize(
    "fields",
    [
        {"length": 40}, {"length": 63}, {"length": 2**32 - 1}, {"rest": b"x"}, {"rest": bytes(16), "length": 80},
        {"kind": 0}, {"kind": 1}, {"kind": 3}, {"kind": 255}, {"dtype": len(DTYPES)}, {"dtype": 255}, {"axes": 9},
        {"axes": 255}, {"axes": 0}, {"axes": 2}, {"side": 0}, {"side": 3}, {"side": -1}, {"side": 2**62},
        {"side": 2**63 - 1},
        {"seconds": float("nan")}, {"seconds": float("inf")}, {"seconds": -1.0}, {"seconds": 1e9},
    ],
    ids=str,
)  # fmt: skip
def test_a_forged_record_is_a_protocol_error(fields):
    with pytest.raises(ProtocolError):
        decode_frame(forged(**fields))


@pytest.mark.parametrize("cut", range(8, 64, 4))
def test_a_record_that_was_cut_is_a_protocol_error(cut):
    data = forged()[:cut]
    with pytest.raises(ProtocolError):
        decode_frame(struct.pack("<I", cut) + data[4:])


def test_lists_of_all_calls_together_are_bounded(monkeypatch):
    monkeypatch.setattr(reading, "MOST_LISTED", 25)
    frames = [encode_message(Ready()), encode_message(Loaded(0.0))]
    frames += [b"".join(frame_of([1.0] * 10, call=call)) for call in range(4)]
    frames += [b"".join(frame_of(2.0, call=4)), encode_message(Done())]
    result = ChildResult(frames, "done", "done", 0.0, frame_cpu=[0.0] * len(frames))
    found = reading.read_frames([(0, 0, 5)], 0, result, lambda at: 1.0)
    endings = [answer.observation.ending for answer, _ in found.answers]
    assert endings == ["value", "value", "bad_output", "bad_output", "value"]
