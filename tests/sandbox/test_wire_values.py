"""Values cross unchanged, and nothing that is read makes trouble."""

import dataclasses
import json
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.errors import CourseError
from autograder.model import Call, Facts, Generator, Limits, Observation, Probe, ReadOnly, Strided
from autograder.sandbox import frames, wire
from autograder.sandbox.framing import PREFIX, ProtocolError, encode_json
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.values import ARGUMENT, DTYPES, RESULT, Reader, Unfit, Writer

ARRAYS = hnp.arrays(
    st.sampled_from(sorted(DTYPES)).map(np.dtype),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**200), 2**200)
    | st.floats()
    | st.complex_numbers()
    | st.text(st.characters(), max_size=20)
    | ARRAYS
    | ARRAYS.filter(lambda a: a.size > 0).map(lambda a: a.reshape(-1)[0])
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.lists(st.floats(), min_size=8, max_size=20)
        | st.lists(st.integers(-(2**70), 2**70), min_size=8, max_size=20)
    ),
    max_leaves=12,
)


def same(left, right):
    """Equality of type, shape, dtype and bits."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple | list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, np.ndarray | np.generic):
        return left.shape == right.shape and left.dtype == right.dtype and left.tobytes() == right.tobytes()
    if isinstance(left, complex):
        return same(left.real, right.real) and same(left.imag, right.imag)
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or (
            left == right and math.copysign(1, left) == math.copysign(1, right)
        )
    if dataclasses.is_dataclass(left):
        return all(same(getattr(left, f.name), getattr(right, f.name)) for f in dataclasses.fields(left))
    return left == right


def through(value, bounds=RESULT):
    writer = Writer(bounds)
    node = json.loads(encode_json(writer.put(value)))
    blob = b"".join(writer.chunks)
    reader = Reader(memoryview(blob), 0, bounds)
    result = reader.get(node)
    assert reader.at == len(blob)
    return result


@given(VALUES)
def test_a_value_arrives_as_it_was(value):
    assert same(through(value), value)


@pytest.mark.parametrize(
    "marker",
    [
        Generator((1, 2**70)),
        Probe("quadratic"),
        ReadOnly(np.arange(3.0)),
        Strided(np.eye(2)),
        (1, [Generator((0,))]),
    ],
)
def test_a_marker_arrives_as_it_was_but_only_as_an_argument(marker):
    assert same(through(marker, ARGUMENT), marker)
    with pytest.raises(Unfit):
        through(marker, RESULT)


@pytest.mark.parametrize("array", [np.arange(12.0).reshape(3, 4).T, np.arange(10)[::3], np.arange(3, dtype=">f8")])
def test_layout_and_byte_order_do_not_matter(array):
    result = through(array)
    assert result.shape == array.shape
    assert result.dtype.isnative
    assert np.array_equal(result, array)
    assert result.flags.c_contiguous


def test_a_long_double_number_becomes_a_float64():
    assert same(through(np.longdouble(0.5)), np.float64(0.5))


class Sneaky(np.ndarray):
    pass


class LikeFloat(float):
    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


SELF = []
SELF.append(SELF)
DEEP: list = []
for _ in range(50):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "noun"),
    [
        (object(), "object"),
        (np.eye(2).view(np.matrix), "numpy.matrix"),
        (np.ma.array([1.0]), "numpy.ma.MaskedArray"),
        (np.zeros(2).view(Sneaky), "Sneaky"),
        (LikeFloat(1.0), "LikeFloat"),
        (np.array([None]), "array of dtype object"),
        (np.array(["a"]), "array of dtype str"),
        (np.zeros(1, dtype=[("a", float)]), "array of dtype void"),
        (np.zeros(2, dtype="datetime64[s]"), "array of dtype datetime64"),
        (np.str_("a"), "numpy.str_"),
        (np.broadcast_to(1.0, (10**6, 10**6)), "array of shape (1000000, 1000000)"),
        (np.zeros((1,) * 9), "array"),
        ({1: 2}, "dict"),
        ({1, 2}, "set"),
        ((i for i in ()), "generator"),
        (10**2000, "int"),
        ("x" * 200_000, "str"),
        ([0] * 200_000, "value"),
        (SELF, "value"),
        (DEEP, "value"),
        ([1.0, object()], "object"),
        (float, "type"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 60 else "",
)
def test_what_cannot_cross_is_named(value, noun):
    with pytest.raises(Unfit) as refused:
        Writer(RESULT).put(value)
    assert refused.value.noun.startswith(noun)


def test_a_stride_zero_giant_is_refused_before_it_is_copied():
    tracemalloc.start()
    with pytest.raises(Unfit):
        Writer(RESULT).put(np.broadcast_to(0.0, (2**40,)))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_metaclass_cannot_run_code_by_its_name():
    class Meta(type):
        @property
        def __name__(cls):
            raise SystemExit

        def __instancecheck__(cls, instance):
            raise SystemExit

    class Odd(metaclass=Meta):
        @property
        def __class__(self):
            raise SystemExit

    with pytest.raises(Unfit) as refused:
        Writer(RESULT).put(Odd())
    assert refused.value.noun == "Odd"


# --- batches and jobs -------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.tuples(VALUES | st.just(Generator((3,))), VALUES), max_size=3), max_size=3))
def test_every_call_of_a_batch_can_be_read_alone(parts):
    segments = tuple(
        wire.Segment(f"p{i}", Limits(), False, tuple(Call(f"f{i}", args) for args in calls))
        for i, calls in enumerate(parts)
    )
    reader = wire.BatchReader(wire.encode_batch(wire.Batch("room", segments, "PROBES = {}")))
    assert (reader.module, reader.probes_source) == ("room", "PROBES = {}")
    assert reader.counts == tuple(map(len, parts))
    for i in reversed(range(len(parts))):
        for k in reversed(range(len(parts[i]))):
            call = reader.call(i, k)
            assert call.function == f"f{i}"
            assert same(call.args, parts[i][k])


def test_arrays_of_a_batch_cannot_be_written():
    batch = wire.Batch("room", (wire.Segment("p", Limits(), False, (Call("f", (np.ones(3),)),)),))
    (array,) = wire.BatchReader(wire.encode_batch(batch)).call(0, 0).args
    assert not array.flags.writeable
    with pytest.raises(ValueError, match="WRITEABLE"):
        array.flags.writeable = True


def test_an_author_is_told_which_argument_cannot_be_passed():
    batch = wire.Batch("room", (wire.Segment("p", Limits(), False, (Call("f", (object(),)),)),))
    with pytest.raises(CourseError, match="f: an argument cannot be passed to a submission: object"):
        wire.encode_batch(batch)


@given(st.lists(st.tuples(st.text(), st.text(st.characters()))), st.booleans())
def test_a_job_arrives_as_it_was(cells, notebook):
    source = Source("a.ipynb" if notebook else "a.py", tuple(Cell(*cell) for cell in cells))
    job = wire.Job(source, ((0, 1, 2), (3, 0, 4)), ((1, "timeout"),))
    assert wire.decode_job(wire.encode_job(job)) == job
    assert source.is_notebook == notebook


# --- frames ----------------------------------------------------------------------------------------------------

FACTS = st.builds(
    Facts,
    st.lists(st.integers(0, 9), max_size=3).map(tuple),
    st.booleans(),
    st.booleans(),
    st.lists(st.lists(st.lists(st.integers(0, 99), max_size=2).map(tuple), max_size=2).map(tuple), max_size=3).map(
        tuple
    ),
    st.integers(0, 10**6),
    st.booleans(),
)
RETURNED = st.builds(Observation, st.just("value"), VALUES, st.just("float"), facts=FACTS, seconds=st.floats(0, 9))
RAISED = st.builds(
    Observation,
    st.sampled_from(["error", "load_error", "missing", "memory", "forbidden", "bad_output"]),
    error=st.text(max_size=20),
    ancestors=st.lists(st.text(max_size=9), max_size=3).map(tuple),
    message=st.text(max_size=50),
    line=st.none() | st.integers(0, 10**6),
    facts=FACTS,
)


def answer_frame(observation, segment=0, call=0):
    writer = Writer(RESULT)
    node = writer.put(observation.value)
    facts, seconds = observation.facts, observation.seconds
    return b"".join(frames.encode_answer(segment, call, observation, facts, seconds, node, writer.chunks))


@given(RETURNED | RAISED, st.integers(0, 99), st.integers(0, 99))
def test_an_answer_arrives_as_it_was(observation, segment, call):
    answer = frames.decode_frame(answer_frame(observation, segment, call))
    assert (answer.segment, answer.call) == (segment, call)
    assert same(answer.observation, observation)


@pytest.mark.parametrize(
    "message",
    [
        frames.Ready(),
        frames.CellEnd(3),
        frames.CellEnd(0, "syntax", "SyntaxError", "é\ud800", 7),
        frames.Loaded(0.5),
        frames.Done(),
    ],
)
def test_a_message_arrives_as_it_was(message):
    assert frames.decode_frame(frames.encode_message(message)) == message


@given(st.lists(RETURNED | RAISED, max_size=4), st.integers(1, 50))
def test_frames_are_found_however_the_stream_is_cut(observations, step):
    sent = [answer_frame(observation) for observation in observations]
    stream = b"".join(sent)
    received, found = bytearray(), []
    for at in range(0, len(stream), step):
        received += stream[at : at + step]
        found += frames.take_frames(received)
    assert found == sent
    assert not received


def header(**changes):
    base = {"k": "call", "s": 0, "c": 0, "e": "value", "u": 0.0, "v": 1.0}
    return {key: value for key, value in {**base, **changes}.items() if value != "absent"}


NESTED = 1.0
for _ in range(8):
    NESTED = ["l", NESTED]


@pytest.mark.parametrize(
    ("changes", "blob"),
    [
        ({"k": "evil"}, b""),
        ({"k": None}, b""),
        ({"s": -1}, b""),
        ({"s": True}, b""),
        ({"c": "0"}, b""),
        ({"c": 2**70}, b""),
        ({"e": "timeout"}, b""),
        ({"e": ["value"]}, b""),
        ({"e": "error"}, b""),
        ({"e": "error", "x": ["n" * 999, "", None, []]}, b""),
        ({"e": "error", "x": ["n", "m" * 9999, None, []]}, b""),
        ({"u": math.nan}, b""),
        ({"u": -1.0}, b""),
        ({"u": "absent"}, b""),
        ({"t": 5}, b""),
        ({"f": [[], False, False, [], "1", False]}, b""),
        ({"f": [[], 0, False, [], 1, False]}, b""),
        ({"f": [[], False, False, [], 1, 0]}, b""),
        ({"v": []}, b""),
        ({"v": {"a": 1}}, b""),
        ({"v": ["z"]}, b""),
        ({"v": ["G", 1]}, b""),
        ({"v": ["a", "float64", [2]]}, b"x" * 8),
        ({"v": ["a", "float64", [1]]}, b"x" * 32),
        ({"v": ["a", "object", [1]]}, b"x" * 16),
        ({"v": ["a", "float64", [-1]]}, b""),
        ({"v": ["a", "float64", [True]]}, b"x" * 16),
        ({"v": ["a", "float64", [2.0]]}, b"x" * 16),
        ({"v": ["a", "float64", [2**40, 2**40]]}, b""),
        ({"v": ["a", "float64", [2**61, 0, 2**61]]}, b""),
        ({"v": ["a", "float64", [1] * 9]}, b"x" * 16),
        ({"v": ["a", ["float64"], [1]]}, b"x" * 16),
        ({"v": ["x", "float64"]}, b""),
        ({"v": ["x"]}, b""),
        ({"v": ["f", 2**50]}, b""),
        ({"v": ["f", -1]}, b""),
        ({"v": ["c", 1, 2]}, b""),
        ({"v": ["d", "a"]}, b""),
        ({"v": ["d", "a", 1, "a", 2]}, b""),
        ({"v": ["d", 1, 1]}, b""),
        ({"v": 10**3000}, b""),
        ({"v": NESTED}, b""),
        ({"v": ["l", *[0] * 10_001]}, b""),
        ({}, b"x"),
    ],
    ids=str,
)
def test_a_forged_answer_is_a_protocol_error(changes, blob):
    with pytest.raises(ProtocolError):
        frames.decode_frame(b"".join(frames.frame(header(**changes), [blob])))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{",
        b"nul",
        b"\xff",
        b"[" * 100_000,
        b'{"k":"call","v":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"k":' + b"9" * 10_000 + b"}",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_a_header_that_is_no_object_is_a_protocol_error(text):
    with pytest.raises(ProtocolError):
        frames.decode_frame(PREFIX.pack(8 + len(text), len(text)) + text)


@pytest.mark.parametrize("length", [0, 7, frames.MAX_FRAME + 1, 2**32 - 1])
def test_an_impossible_length_is_a_protocol_error(length):
    with pytest.raises(ProtocolError):
        frames.take_frames(bytearray(length.to_bytes(4, "little") + b"xxxx"))


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes_are_protocol_errors(data):
    with pytest.raises(ProtocolError):
        frames.decode_frame(data)


@settings(max_examples=300)
@given(RETURNED | RAISED, st.data())
def test_a_mutated_frame_is_an_answer_or_a_protocol_error_of_bounded_size(observation, data):
    sent = bytearray(answer_frame(observation))
    for _ in range(data.draw(st.integers(1, 4))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    tracemalloc.start()
    try:
        frames.decode_frame(bytes(sent))
    except ProtocolError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1_000_000 + 100 * len(sent)


@pytest.mark.parametrize("item", [0.5, np.float64(0.5), 1], ids=lambda item: type(item).__name__)
def test_a_long_list_of_numbers_crosses_whatever_numbers_it_mixes(item):
    listed = [item] * 20_000 + [1.0]
    assert through(listed) == listed


def test_a_long_list_of_other_things_is_too_much():
    with pytest.raises(Unfit):
        Writer(RESULT).put([None, 1.0] * 10_000)
    with pytest.raises(Unfit):
        Writer(RESULT).put([[1.0] * 50_000] * 3)
