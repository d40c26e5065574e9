"""A batch that the fork server keeps open changes what a child costs, and nothing else."""

import os
import sys
from pathlib import Path

import attacks
import numpy as np
import pytest

from autograder.model import Call, Generator, Limits, Probe, ReadOnly, Strided
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.values import LARGE
from autograder.sandbox.wire import Batch, Segment, encode_batch

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux")

PROBES = """
def counter():
    seen = []
    def count(x):
        seen.append(x)
        return len(seen)
    return count
counter.fresh = True
PROBES = {"counter": counter, "twice": lambda x: 2 * x}
"""
GREEDY = """
import sys
def spoil(x, y):
    "Change everything within reach, and say what was there before."
    before = [float(np.sum(x)), list(y)]
    x[...] = 99.0
    y[:] = [99.0] * len(y)
    return before
def use(probe):
    return [float(probe(2.0)), float(probe(2.0))]
def draw(rng, fixed, strided):
    return [float(rng.random()), float(fixed.sum()), float(strided.sum())]
def modules():
    return sorted(name for name in sys.modules if name.startswith("batch_"))
"""


def batch_of(name, size=4, value=1.0):
    arrays = np.full(size, value), [value] * 20
    calls = (
        Call("spoil", arrays),
        Call("spoil", arrays),
        Call("use", (Probe("counter"),)),
        Call("use", (Probe("twice"),)),
        Call("draw", (Generator((1, 2)), ReadOnly(np.arange(3.0)), Strided(np.arange(4.0)))),
        Call("modules", ()),
        Call("absent", (None, "text", True, 3, 1.5)),
    )
    return Batch(f"batch_{name}", (Segment("all", attacks.QUICK, False, calls),), PROBES)


def told(box, batch, handle):
    """What comes of a submission that spoils its arguments, without the times."""
    source = Source("a.py", (Cell("a", "import numpy as np\n" + GREEDY),))
    (seen,) = observe(box, source, batch, handle).segments
    return [(one.ending, one.value, one.error, one.message, one.facts) for one in seen]


@pytest.fixture(scope="module")
def box():
    with Sandbox() as made:
        yield made


@pytest.mark.parametrize("size", [4, LARGE // 4], ids=["decoded in the server", "decoded in the child"])
def test_children_of_a_kept_batch_see_what_others_see(box, size):
    """The third child too, after two that overwrote all that they could reach."""
    batch = batch_of("a", size)
    with BatchHandle(encode_batch(batch)) as plain, BatchHandle(encode_batch(batch), keep=True) as kept:
        want = told(box, batch, plain)
        assert [one[0] for one in want] == ["value"] * 6 + ["missing"]
        assert want[0][1] == [size * 1.0, [1.0] * 20]
        for _ in range(3):
            assert told(box, batch, kept) == want


def test_batches_take_turns(box):
    """Kept ones and others in any order: every child gets its own."""
    batches = [batch_of(name, value=value) for name, value in (("a", 1.0), ("b", 2.0), ("c", 3.0))]
    handles = [
        BatchHandle(encode_batch(batch), keep=keep) for batch, keep in zip(batches, (True, True, False), strict=True)
    ]
    want = {k: told(box, batches[k], handles[k]) for k in range(3)}
    assert [want[k][0][1][0] for k in range(3)] == [4.0, 8.0, 12.0]
    for k in (0, 0, 2, 0, 1, 2, 2, 1, 0):
        assert told(box, batches[k], handles[k]) == want[k]
    for handle in handles:
        handle.close()


@pytest.mark.parametrize("keep", [False, True])
def test_a_batch_takes_nothing_from_a_call_s_memory(box, keep):
    """Neither its own nor one that is kept for others: 200 MiB fit into 256 next to a batch of 128."""
    text = "import numpy as np\ndef f(x):\n    return float(np.ones(200 << 17)[-1])\n"
    limits = Limits(2.0, 256 << 20)
    big = Batch("big", (Segment("all", limits, False, (Call("f", (np.zeros(128 << 17),)),)),))
    small = Batch("small", (Segment("all", limits, False, (Call("f", (1.0,)),)),))
    source = Source("a.py", (Cell("a", text),))
    with BatchHandle(encode_batch(big), keep=keep) as first, BatchHandle(encode_batch(small)) as second:
        for batch, handle in ((big, first), (small, second), (big, first)):
            ((seen,),) = observe(box, source, batch, handle).segments
            assert (seen.ending, seen.value) == ("value", 1.0)


def test_more_memory_than_a_call_may_have_is_refused_whatever_is_kept(box):
    text = "import numpy as np\ndef f(x):\n    return float(np.ones(300 << 17)[-1])\n"
    limits = Limits(2.0, 256 << 20)
    big = Batch("big", (Segment("all", limits, False, (Call("f", (np.zeros(128 << 17),)),)),))
    small = Batch("small", (Segment("all", limits, False, (Call("f", (1.0,)),)),))
    source = Source("a.py", (Cell("a", text),))
    with BatchHandle(encode_batch(big), keep=True) as first, BatchHandle(encode_batch(small)) as second:
        for batch, handle in ((big, first), (small, second), (big, first)):
            ((seen,),) = observe(box, source, batch, handle).segments
            assert seen.ending == "memory"


def test_a_kept_batch_that_cannot_be_opened_harms_no_other(box):
    """Probes that raise end their own children, which the grader says; the server lives on."""
    broken = Batch("broken", batch_of("a").segments, "raise RuntimeError('no probes')")
    good = batch_of("good")
    with BatchHandle(encode_batch(broken), keep=True) as bad, BatchHandle(encode_batch(good), keep=True) as handle:
        want = told(box, good, handle)
        with pytest.raises(Exception, match="before it was ready"):
            told(box, broken, bad)
        assert told(box, good, handle) == want


def test_batches_that_were_kept_before_take_no_memory(box):
    """Each has probes of some MiB in a module that refers to itself, so that only the garbage collector ends it."""
    probes = "WEIGHT = list(range(300_000))\n" + PROBES
    batch = Batch("heavy", batch_of("a").segments, probes)
    resident = []
    for _ in range(30):
        with BatchHandle(encode_batch(batch), keep=True) as handle:
            told(box, batch, handle)
        (server,) = box._servers.values()
        pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
        resident.append(pages * os.sysconf("SC_PAGESIZE") >> 20)
    assert resident[-1] - resident[1] < 40, resident
