"""Hidden calls reach a child after its last public answer, and nothing of one student's child reaches another's."""

import itertools
import json
import struct
import sys
from dataclasses import replace

import attacks
import pytest

from autograder.errors import CourseError
from autograder.model import Call, Limits, SubmissionLimits
from autograder.sandbox.account import Account
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Segment, encode_batch

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux")

SECRET = 271828.1828
LIMITS = Limits(0.5, 256 << 20)
PARTS = ("f", "g")

SPY = """
import gc, mmap, os, sys
log = []
def found():
    "Everything within reach that looks like the hidden number, or that a descriptor holds."
    out = [repr(log)]
    for one in gc.get_objects():
        if isinstance(one, (list, tuple, dict)):
            held = one.values() if isinstance(one, dict) else one
            out += [repr(x) for x in list(held) if type(x) is float and 2e5 < x < 3e5]
    for fd in range(64):
        try:
            out.append(repr(os.pread(fd, 1 << 20, 0)))
        except OSError:
            pass
        try:
            out.append(repr(bytes(mmap.mmap(fd, 0, prot=mmap.PROT_READ))))
        except (OSError, ValueError):
            pass
    return " ".join(out)
"""


def batch_of(*, public=2, hidden=2):
    """Two parts, each with public calls of small numbers and hidden calls of the secret one."""
    halves = (
        Segment(part, LIMITS, False, (Call(part, (SECRET if secret else 1.0,)),) * count, secret)
        for secret, count in ((False, public), (True, hidden))
        for part in PARTS
    )
    return Batch("spied", tuple(halves))


def handle_of(batch, keep=True):
    return BatchHandle(encode_batch(batch), keep=keep, hidden=encode_batch(batch, hidden=True))


class Recorded:
    """A sandbox that notes what each child said before it was handed hidden calls, and afterwards."""

    def __init__(self, box):
        self.box = box
        self.before, self.after, self.results = [], [], []

    def execute(self, job, batch, limits, handover=None, patience=None):
        result = self.box.execute(job, batch, limits, handover, patience)
        self.results.append(result)
        border = handover.after if result.handed else len(result.frames)
        self.before.append(b"".join(map(bytes, result.frames[:border])))
        self.after.append(b"".join(map(bytes, result.frames[border:])))
        return result


@pytest.fixture(scope="module")
def box():
    with Sandbox() as made:
        yield made


def spied(box, text, batch=None, keep=True):
    batch = batch or batch_of()
    recorded = Recorded(box)
    with handle_of(batch, keep) as handle:
        seen = observe(recorded, Source("a.py", (Cell("a", SPY + text),)), batch, handle)
    return seen, recorded


def tells(said):
    """Whether a text or bytes hold the hidden number, as it is printed or as it lies in memory."""
    data = said if isinstance(said, bytes) else said.encode()
    return str(SECRET).encode() in data or struct.pack("<d", SECRET) in data


def public(seen):
    return repr(list(seen.segments[: len(PARTS)]))


SPIES = {
    "a list that all parts share": "def f(x): log.append(x); raise ValueError(found())\ng = f",
    "an error that quotes it": "def f(x): log.append(x); return 1.0\ndef g(x): raise ValueError(found())",
    "a value that quotes it": "def f(x): log.append(x); return found()\ng = f",
    "an exit in a hidden call, and words at the reload": """
SAID = found()
def f(x):
    log.append(x)
    if x > 2e5: os._exit(3)
    return SAID
def g(x): return SAID + found()
""",
    "descriptors while loading": "SAID = found()\ndef f(x): return SAID\ndef g(x): return SAID",
    "printing": "def f(x): print(found()); log.append(x); return 1.0\ng = f",
    "asking before its turn": """
def f(x):
    try:
        os.write(6, b'?')
        log.append(os.read(6, 1 << 20))
    except OSError: pass
    return found()
g = f
""",
    "records forged ahead": r"""
import struct
def f(x):
    for call in (1, 2, 3):
        os.write(5, struct.pack('<IIIIdBBB5xd', 40, 0xffffffff, 0, call, 0.0, 0, 0, 0, 1.5))
    try: os.write(6, b'?'); log.append(os.read(6, 1 << 20))
    except OSError: pass
    raise ValueError(found())
g = f
""",
    "answers forged ahead": r"""
def f(x):
    for call in (1, 2, 3):
        text = b'{"k":"call","s":0,"c":%d,"e":"value","u":0,"t":"float","v":1.5}' % call
        os.write(5, (8 + len(text)).to_bytes(4, 'little') + len(text).to_bytes(4, 'little') + text)
    try: os.write(6, b'?'); log.append(os.read(6, 1 << 20))
    except OSError: pass
    raise ValueError(found())
g = f
""",
}


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "not kept"])
@pytest.mark.parametrize("spy", SPIES)
def test_a_spy_learns_no_hidden_value_that_it_can_tell_in_public(box, spy, keep):
    seen, recorded = spied(box, SPIES[spy], keep=keep)
    for text in (public(seen), *recorded.before):
        assert not tells(text)
        assert b"mse-sh1" not in (text if isinstance(text, bytes) else text.encode())


def test_hidden_calls_are_made_all_the_same(box):
    """The spies above learn nothing because of the order, not because nothing is asked of them."""
    seen, recorded = spied(box, "def f(x): return x\ng = f")
    assert [[one.value for one in segment] for segment in seen.segments] == [[1.0] * 2] * 2 + [[SECRET] * 2] * 2
    assert len(recorded.before) == 1, "one child for all"
    assert tells(recorded.after[0])


def test_a_child_that_is_started_again_for_hidden_calls_is_not_believed_in_public(box):
    """A crash in a hidden call of the first part: the second part's public answers are those from before it."""
    text = """
import time
STARTED = time.time()
def f(x):
    if x > 2e5: os._exit(3)
    return 1.0
def g(x): return STARTED
"""
    seen, recorded = spied(box, text)
    assert [one.ending for one in seen.segments[2]] == ["crash", "not_reached"]
    assert len(recorded.before) == 2
    first, again = ({one.value for one in segment} for segment in (seen.segments[1], seen.segments[3]))
    assert len(first) == len(again) == 1
    assert first.isdisjoint(again)


def test_a_stop_in_public_stops_the_part_and_the_others_are_handed_their_hidden_calls(box):
    seen, recorded = spied(box, "def f(x): os._exit(3)\ndef g(x): return x")
    assert [[one.ending for one in segment] for segment in seen.segments] == [
        ["crash", "not_reached"],
        ["value"] * 2,
        ["not_reached"] * 2,
        ["value"] * 2,
    ]
    assert len(recorded.before) == 2


def test_forged_answers_never_bring_the_hidden_calls_forward(box):
    seen, _ = spied(box, SPIES["answers forged ahead"])
    assert [one.ending for one in seen.segments[0]] == ["protocol"] * 2
    assert all(one.value != SECRET for segment in seen.segments for one in segment)


@pytest.mark.parametrize("answered", [-1, 0, 3], ids=["while it is loaded", "in the first call", "in the last call"])
def test_a_child_that_asks_before_it_has_answered_all_public_calls_is_handed_nothing(box, answered):
    """It is stopped at once, however few answers are missing: what it would be handed stays here."""
    text = f"""
calls = 0
def ask():
    os.write(6, b'?')
    return os.read(6, 1 << 20).hex()
def f(x):
    global calls
    calls += 1
    return ask() if calls == {answered} + 1 else x
g = f
if {answered} < 0: SAID = ask()
"""
    seen, recorded = spied(box, text)
    first = recorded.results[0]
    assert not first.handed
    assert first.ending == "protocol"
    assert "asked for hidden calls before" in first.detail
    assert "protocol" in {one.ending for segment in seen.segments[: len(PARTS)] for one in segment}


@pytest.mark.parametrize("size", [0, 1, 4000, 300_000])
def test_hidden_calls_of_any_size_arrive_whole(box, size):
    import numpy as np

    rng = np.random.default_rng(size)
    array = rng.normal(size=size)
    calls = (Call("f", (array, [1.5] * 30, "text", None)),) * 3
    batch = Batch("large", (Segment("f", LIMITS, False, calls[:1]), Segment("f", LIMITS, False, calls, hidden=True)))
    text = "import numpy as np\ndef f(x, a, b, c): x = x + 0; return float(x.sum()), len(a), b"
    with handle_of(batch) as handle:
        seen = observe(box, Source("a.py", (Cell("a", text),)), batch, handle)
    values = {one.value for segment in seen for one in segment}
    assert values == {(float(array.sum()), 30, "text")}


def test_hidden_calls_come_last_in_a_sheet():
    first, second = batch_of().segments[:2]
    with pytest.raises(CourseError, match="hidden calls come after"):
        Batch("a", (replace(first, hidden=True), second))


# --- between students ------------------------------------------------------------------------------------------

LEAVE = """
import fcntl, os
for fd in range(64):
    for deed in (
        lambda: os.lseek(fd, 4711 + fd, 0),
        lambda: fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND),
        lambda: os.write(fd, b"HELLO") if fd in (0, 4) else None,
    ):
        try: deed()
        except (OSError, ValueError): pass
def f(x): return 1.0
g = f
"""
LOOK = """
import fcntl, json, os
def state():
    found = []
    for fd in range(64):
        try: found.append([fd, fcntl.fcntl(fd, fcntl.F_GETFL)])
        except OSError: continue
        try: found[-1].append(os.lseek(fd, 0, 1))
        except OSError: pass
        try: found[-1].append(repr(os.read(fd, 9)) if fd in (0, 4) else None)
        except OSError as error: found[-1].append(error.errno)
    return json.dumps(found)
SAID = state()
def f(x): return SAID
g = f
"""


def test_children_share_no_descriptor_state_whatever_another_student_did(box):
    """A replay after any order of others: the same verdict, and descriptors as in a sandbox that ran no other."""
    batch = batch_of()

    def look(box, handle):
        seen = observe(box, Source("a.py", (Cell("a", LOOK),)), batch, handle)
        return {one.value for segment in seen for one in segment}

    with handle_of(batch) as handle, Sandbox() as fresh:
        want = look(fresh, handle)
        assert len(want) == 1
        assert {fd for fd, *_ in json.loads(next(iter(want)))} == {0, 1, 2, 5, 6}, "what a child has open"
        others = (LEAVE, attacks.HONEST, SPY + SPIES["asking before its turn"])
        for order in itertools.permutations(others):
            for text in order:
                observe(box, Source("b.py", (Cell("b", text),)), batch, handle)
            assert look(box, handle) == want


# --- time ------------------------------------------------------------------------------------------------------

SHORT = SubmissionLimits(idle_seconds=1.5, clock_seconds=60.0)


def timed(box, text, parts, limits=SHORT, cpu=0.3):
    segments = [
        Segment(part, Limits(cpu, 256 << 20), False, (Call(part, (1.0,)),) * 4, secret)
        for secret in (False, True)
        for part in parts
    ]
    batch, account = Batch("timed", tuple(segments)), Account(limits)
    with handle_of(batch) as handle:
        seen = observe(box, Source("a.py", (Cell("a", text),)), batch, handle, account)
    return {part: list(seen[k]) for k, part in enumerate(parts)}, seen, account


@pytest.mark.parametrize(
    "slow", ["time.sleep(0.85)", "while True: pass", "threading.Event().wait()"], ids=["sleeps", "loops", "waits"]
)
def test_right_parts_behind_slow_ones_are_run(box, slow):
    """Of six parts all but the last do not end: two are waited for, three are asked once, and the last one counts."""
    parts = ("a", "b", "c", "d", "e", "right")
    text = f"import threading, time\ndef a(x):\n    {slow}\nb = c = d = e = a\ndef right(x): return 2 * x\n"
    public, seen, account = timed(box, text, parts)
    assert {one.ending for one in public["a"]} <= {"value", "timeout"}
    for part in ("c", "d", "e"):
        assert {one.ending for one in public[part]} == {"timeout"}
        assert all(one.message.startswith("not run: ") for one in public[part])
    assert [one.value for one in public["right"]] == [2.0] * 4
    assert [one.value for one in seen[-1]] == [2.0] * 4, "its hidden calls too"
    assert account.idle_seconds < SHORT.idle_seconds + 2.0


def test_a_submission_that_used_its_time_by_the_clock_is_not_run_further(box):
    public, _, account = timed(
        box, "import time\ndef f(x):\n    time.sleep(0.3)\ng = f", PARTS, SubmissionLimits(60.0, 0.8)
    )
    assert account.over
    assert [one.ending for one in public["g"]] == ["timeout"] * 4
    assert all(one.message.startswith("not run: the submission had used its 0.8 s") for one in public["g"])


def test_a_hostile_text_of_an_error_costs_no_more_than_a_call(box):
    text = """
class E(Exception):
    def __str__(self):
        while True: pass
    __repr__ = __str__
def f(x): raise KeyError(E())
g = f
"""
    _, seen, _ = timed(box, text, PARTS)
    assert seen.cpu_seconds < 2 * 2 * 0.3 * 2, "two parts, each tried twice, each twice its limit at the worst"
