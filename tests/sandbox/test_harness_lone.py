"""A student's own check: the same answers from a copied and from a fresh process, and an end to every loop."""

import os
import random
import sys
import tempfile
import textwrap
import threading

import numpy as np
import pytest

from autograder.model import Call, Limits, Probe
from autograder.sandbox import frames, harness, lone
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle, GraderError
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Job, Segment, encode_batch, encode_job

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="copies a process")


@pytest.fixture(params=["forked", "fresh"])
def start(request, monkeypatch):
    monkeypatch.setattr(lone, "can_fork", lambda: request.param == "forked")


def source_of(text):
    return Source("exercise.py", (Cell("0", textwrap.dedent(text)),))


def batch_of(*parts, seconds=2.0, probes=None):
    segments = tuple(
        Segment(f"part{i}", Limits(cpu_seconds=seconds), False, tuple(Call(name, args) for name in names.split()))
        for i, (names, args) in enumerate(parts)
    )
    return Batch("room", segments, probes)


@pytest.mark.usefixtures("start")
def test_values_and_prints_come_back():
    text = """
    import sys
    print("loading é")
    def f(x):
        print("called")
        print("to stderr", file=sys.stderr)
        return x + 1
    """
    seen = lone.observe_lone(source_of(text), batch_of(("f", (np.arange(3.0),))), show_output=True)
    assert seen[0][0].value.tolist() == [1.0, 2.0, 3.0]
    assert sorted(seen.printed.splitlines()) == ["called", "loading é", "to stderr"]


@pytest.mark.usefixtures("start")
def test_prints_are_dropped_unless_asked_for_and_cut():
    source = source_of("def f(): print('x' * 10**6)")
    assert lone.observe_lone(source, batch_of(("f", ()))).printed == ""
    assert len(lone.observe_lone(source, batch_of(("f", ())), show_output=True).printed) == 64 << 10


@pytest.mark.usefixtures("start")
def test_a_loop_and_a_crash_end_their_part_only():
    text = """
    import os, signal
    def f(): return 1
    def loop():
        while True: pass
    def sleep():
        import time
        time.sleep(10**6)
    def leave(): os._exit(0)
    def die(): os.kill(os.getpid(), signal.SIGKILL)
    """
    batch = batch_of(("f loop f", ()), ("sleep", ()), ("f leave", ()), ("die f", ()), ("f", ()), seconds=0.5)
    seen = lone.observe_lone(source_of(text), batch)
    assert [[o.ending for o in part] for part in seen] == [
        ["value", "timeout", "timeout"],
        ["timeout"],
        ["value", "crash"],
        ["crash", "not_reached"],
        ["value"],
    ]


@pytest.mark.usefixtures("start")
def test_a_fault_in_the_authors_probes_is_named():
    batch = batch_of(("f", (Probe("p"),)), probes="PROBES = [")
    with pytest.raises(GraderError, match="SyntaxError"):
        lone.observe_lone(source_of("def f(p): return 1"), batch)
    with pytest.raises(GraderError, match="must define a dict PROBES"):
        lone.observe_lone(source_of("def f(p): return 1"), batch_of(("f", (Probe("p"),)), probes="x = 1"))


@pytest.mark.usefixtures("start")
def test_a_python_file_beside_the_exercise_does_not_replace_a_library(tmp_path, monkeypatch):
    (tmp_path / "random.py").write_text("1 / 0")
    (tmp_path / "json.py").write_text("1 / 0")
    monkeypatch.chdir(tmp_path)
    seen = lone.observe_lone(source_of("import random, json\ndef f(): return 1"), batch_of(("f", ())))
    assert seen[0][0].value == 1


def test_a_process_with_threads_is_not_copied():
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    assert not lone.can_fork()
    stop.set()
    thread.join()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux")
@pytest.mark.usefixtures("start")
@pytest.mark.parametrize("draws", ["np.random.rand()", "random.random()"])
@pytest.mark.parametrize("moved", ["pass", "np.random.rand(); random.random()", "np.random.seed(7); random.seed(7)"])
def test_who_draws_from_the_global_state_gets_the_same_numbers_in_a_check_and_in_the_sandbox(draws, moved):
    source = source_of(f"import random\nimport numpy as np\n{moved}\nA = {draws}\ndef f(): return A, {draws}")
    batch = batch_of(("f f", ()), ("f", ()))
    np.random.seed()  # whatever the global states of this process are
    random.seed()
    with BatchHandle(encode_batch(batch), keep=True) as handle, Sandbox() as box:
        graded = [[o.value for o in part] for part in observe(box, source, batch, handle)]
        again = [[o.value for o in part] for part in observe(box, source, batch, handle)]
    checked = [[o.value for o in part] for part in lone.observe_lone(source, batch)]
    assert graded == again == checked
    assert all(type(number) is float for part in graded for value in part for number in value)


def test_the_parent_is_as_it_was():
    before = np.random.get_state()[1].tolist(), os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else None
    lone.observe_lone(source_of("import numpy as np\nnp.random.seed(5)\ndef f(): return 1"), batch_of(("f", ())))
    after = np.random.get_state()[1].tolist(), os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else None
    assert before == after
    assert "room" not in __import__("sys").modules


def test_run_reads_files_and_writes_frames():
    batch = encode_batch(batch_of(("f f", (np.arange(3.0),))))
    job = encode_job(Job(source_of("def f(x): return x * 2"), ((0, 0, 2),)))
    result_out, result_in = os.pipe()
    with tempfile.TemporaryFile() as job_file, tempfile.TemporaryFile() as batch_file:
        for file, data in ((job_file, job), (batch_file, batch)):
            file.write(data)
            file.flush()
        pid = os.fork()
        if pid == 0:
            try:
                harness.run(os.dup(job_file.fileno()), os.dup(batch_file.fileno()), result_in)
            finally:
                os._exit(0)
        os.close(result_in)
        received = bytearray()
        while data := os.read(result_out, 1 << 16):
            received += data
        os.waitpid(pid, 0)
        os.close(result_out)
    messages = [frames.decode_frame(data) for data in frames.take_frames(received)]
    assert [type(m).__name__ for m in messages] == ["Ready", "CellEnd", "Loaded", "Answer", "Answer", "Done"]
    assert messages[3].observation.value.tolist() == [0.0, 2.0, 4.0]


def test_garbage_among_the_frames_costs_the_part_that_wrote_it(monkeypatch):
    monkeypatch.setattr(lone, "can_fork", lambda: False)  # a copy of this process has descriptors that are not its own
    text = """
    import os
    def f(): return 1
    def forge():
        for fd in range(3, 40):
            try:
                os.write(fd, b"garbage!" * 3)
            except OSError:
                pass
    def close(): os.closerange(3, 100)
    """
    batch = batch_of(("f", ()), ("f forge f", ()), ("f close f", ()), ("f", ()))
    seen = lone.observe_lone(source_of(text), batch)
    assert [[o.ending for o in part] for part in seen] == [
        ["value"],
        ["protocol"] * 3,
        ["value", "crash", "not_reached"],
        ["value"],
    ]
