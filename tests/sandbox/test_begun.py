"""A notebook is read in the child that then runs it: as elsewhere, before its code, and never by another job's."""

import json
import os
import signal
import sys
import time

import attacks
import pytest

from autograder.intake import limited
from autograder.intake.crossing import FIRST
from autograder.intake.source import Rejected
from autograder.sandbox import client
from autograder.sandbox.budget import MemoryBudget
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import ENDLESS, Patience
from autograder.sandbox.frames import Answer, decode_frame
from autograder.sandbox.launch import ServerSettings
from autograder.sandbox.wire import Job, encode_job
from tests.attacks.inputs.notebooks import NOTEBOOKS
from tests.processes import alive

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux")

CODE = "import os\ndef f():\n    return float(os.getpid() > 0)\n"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": CODE, "metadata": {}}]}).encode()
SETTINGS = ServerSettings(harness="autograder.intake.reading_child")


@pytest.fixture(scope="module")
def box():
    with Sandbox(settings=SETTINGS) as made:
        yield made


@pytest.fixture(scope="module")
def batch():
    with attacks.batch_of_one_call() as handle:
        yield handle


@pytest.fixture
def started(monkeypatch):
    """Process ids of the children, in order."""
    pids = []
    start = client.Watch._start

    def noted(self):
        start(self)
        pids.append(self._pid)

    monkeypatch.setattr(client.Watch, "_start", noted)
    return pids


def begun(box, batch, data=NOTEBOOK, limits=attacks.QUICK):
    """Read a notebook in a child that waits for its job."""
    return limited.read_notebook(data, "part.ipynb", lambda text: box.begin(text, batch, limits))


def done(box, batch, document, limits=attacks.QUICK, patience=ENDLESS):
    """Run a document's code, and return how that ended and what ``f()`` returned."""
    result = box.execute(encode_job(Job(document.source, ((0, 0, 1),))), batch, limits, None, patience)
    answers = [message for frame in result.frames if isinstance(message := decode_frame(frame), Answer)]
    return result.ending, [answer.observation.value for answer in answers]


def test_one_child_reads_a_notebook_and_runs_it(box, batch, started):
    document = begun(box, batch)
    assert document == limited.read_notebook(NOTEBOOK, "part.ipynb")
    apart = started.pop()
    assert done(box, batch, document) == ("done", [1.0])
    assert len(started) == 1
    assert not alive(apart)
    assert done(box, batch, document) == ("done", [1.0])
    assert len(started) == 2, "the next job has a child of its own"


@pytest.mark.parametrize("name", sorted(NOTEBOOKS))
def test_every_notebook_says_the_same_wherever_it_is_read(box, batch, name):
    data = NOTEBOOKS[name][0]
    data = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    found = []
    for read in (lambda: begun(box, batch, data), lambda: limited.read_notebook(data, "part.ipynb")):
        try:
            found.append(read())
        except Rejected as refused:
            found.append(str(refused))
    assert found[0] == found[1]
    box.abandon()


def test_a_job_that_does_not_fit_has_a_child_of_its_own(box, batch, started):
    other = attacks.Limits(0.5, 256 << 20)
    with attacks.batch_of_one_call() as another:
        for unlike in ((batch, other), (another, attacks.QUICK)):
            document = begun(box, batch)
            assert done(box, unlike[0], document, unlike[1]) == ("done", [1.0])
    assert len(started) == len(set(started)) == 4
    assert not any(map(alive, started))


def test_what_may_need_scipy_is_read_apart(box, batch):
    assert box.begin(FIRST + NOTEBOOK.replace(b"import os", b"import scipy"), batch, attacks.QUICK) is None


def test_a_child_that_is_not_needed_ends_and_gives_its_memory_back(batch, tmp_path, started):
    budget = MemoryBudget(str(tmp_path / "memory"), units=1)
    with Sandbox(settings=SETTINGS, budget=budget) as box:
        for end in (box.abandon, lambda: begun(box, batch), lambda: box.alone().__enter__()):
            begun(box, batch)
            waiting = started[-1]
            end()
            assert not alive(waiting)
    with budget.reserve(1):
        assert not any(map(alive, started))


def test_a_child_that_ends_while_it_waits_is_replaced(box, batch, started):
    document = begun(box, batch)
    os.kill(started[-1], signal.SIGKILL)
    ending, values = done(box, batch, document)
    assert (ending, values) in [("done", [1.0]), ("memory", [])], "as any child that the kernel ends"
    assert done(box, batch, document) == ("done", [1.0])


def test_a_child_that_says_nonsense_of_a_notebook_is_not_believed():
    for nonsense in (b"", b"\0", b"\x08\0\0\0\0\0\0\0", b"\x0a\0\0\0\0\0\0\0[]", b"\x08\0\0\0\xff\xff\xff\xff"):
        document = limited.read_notebook(NOTEBOOK, "part.ipynb", lambda text, said=nonsense: said)
        assert document.source.cells[0].text == CODE


def test_a_large_notebook_has_a_child_of_its_own():
    def begin(text):
        raise AssertionError("reading takes of the memory that the submission has")

    data = NOTEBOOK + b" " * limited.MAX_TOGETHER
    assert limited.read_notebook(data, "part.ipynb", begin).source.cells[0].text == CODE


def test_waiting_for_the_job_is_not_held_against_a_submission(box, batch):
    document = begun(box, batch)
    time.sleep(1.0)
    assert done(box, batch, document, patience=Patience(idle_seconds=0.9)) == ("done", [1.0])
