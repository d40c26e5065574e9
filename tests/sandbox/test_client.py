"""The grader's side: limits, endings, floods, a server that dies, a grader that dies."""

import errno
import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import attacks
import numpy as np
import pytest

from autograder.model import Call, Limits
from autograder.sandbox import client, executor, watch
from autograder.sandbox.child import SETUP_FAILED
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle, GraderError, Patience
from autograder.sandbox.frames import Answer, Done, Ready, decode_frame, encode_message, frame
from autograder.sandbox.launch import ServerDied
from autograder.sandbox.runner import observe
from autograder.sandbox.server import ENDED, STARTED
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Job, Segment, encode_batch, encode_job
from tests.processes import alive, eventually

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux")

SLEEP = "def f():\n    import time\n    time.sleep(60)\n"
BUSY = """
import time
def f({arguments}):
    end = time.thread_time() + {seconds}
    while time.thread_time() < end: pass
"""


@pytest.fixture(scope="module")
def box():
    with Sandbox() as made:
        yield made


@pytest.fixture(scope="module")
def batch():
    with attacks.batch_of_one_call() as handle:
        yield handle


@pytest.fixture
def unhurried(monkeypatch):
    """No limit by the clock, so that a busy machine changes nothing."""
    monkeypatch.setattr(client, "WALL_FACTOR", 1000)


# --- what a result says ----------------------------------------------------------------------------------------


def test_a_good_child_is_done_and_its_costs_are_told(box, batch):
    result = attacks.run(box, batch, attacks.HONEST)
    assert result.ending == "done"
    assert isinstance(decode_frame(result.frames[0]), Ready)
    assert isinstance(decode_frame(result.frames[-1]), Done)
    assert len(result.frame_cpu) == len(result.frames)
    assert 0 < sum(result.frame_cpu) <= result.cpu_seconds + 1e-12


def test_processor_time_goes_to_the_call_that_took_it(box, unhurried):
    """Three calls, of which the second works for 0.2 s: its frame, and no other, has that time."""
    text = BUSY.format(arguments="seconds", seconds="seconds")
    calls = tuple(Call("f", (seconds,)) for seconds in (0.0, 0.2, 0.0))
    with BatchHandle(encode_batch(Batch("a", (Segment("f", Limits(), False, calls),)))) as handle:
        result = box.execute(encode_job(Job(Source("a.py", (Cell("a", text),)), ((0, 0, 3),))), handle, Limits())
    spent = [
        seconds
        for frame, seconds in zip(result.frames, result.frame_cpu, strict=True)
        if isinstance(decode_frame(frame), Answer)
    ]
    assert spent[1] > 0.15
    assert spent[0] + spent[2] < 0.1


def test_each_call_has_its_own_time(box, unhurried):
    """Four calls of 0.15 s under a limit of 0.4 s are all answered: the clock starts again with each frame."""
    text = BUSY.format(arguments="", seconds=0.15)
    with BatchHandle(encode_batch(Batch("a", (Segment("f", Limits(), False, (Call("f"),) * 4),)))) as handle:
        job = encode_job(Job(Source("a.py", (Cell("a", text),)), ((0, 0, 4),)))
        assert box.execute(job, handle, Limits(cpu_seconds=0.4)).ending == "done"


def test_a_call_may_have_less_time_than_the_child(box, unhurried):
    """What follows the fourth frame has 0.1 s; nothing is asked of the calls that are fast."""
    asked = []

    def seconds(frames):
        asked.append(frames)
        return 0.1

    text = BUSY.format(arguments="k", seconds="60 * k")
    calls = (Call("f", (0,)), Call("f", (1,)))
    with BatchHandle(encode_batch(Batch("a", (Segment("f", Limits(), False, calls),)))) as handle:
        job = encode_job(Job(Source("a.py", (Cell("a", text),)), ((0, 0, 2),)))
        patience = Patience(call_seconds=seconds, least_seconds=0.05)
        result = box.execute(job, handle, Limits(cpu_seconds=30.0), None, patience)
    assert (result.ending, len(result.frames)) == ("timeout", 4)
    assert asked == [4]
    assert result.cpu_seconds < 10


def test_the_calls_together_have_a_limit_too(box, unhurried, monkeypatch):
    """The child's own limit ends what stays below the limit of each call; the kernel counts whole seconds."""
    monkeypatch.setattr(client, "TOTAL_FACTOR", 1)
    text = BUSY.format(arguments="", seconds=0.3)
    with BatchHandle(encode_batch(Batch("a", (Segment("f", Limits(), False, (Call("f"),) * 9),)))) as handle:
        job = encode_job(Job(Source("a.py", (Cell("a", text),)), ((0, 0, 9),)))
        result = box.execute(job, handle, Limits(cpu_seconds=1.0))
    assert result.ending == "timeout"
    assert 3 <= len(result.frames) < 9


@pytest.fixture
def crowded_processor():
    """This thread, and what it starts, on one processor that three others keep busy."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    # in sessions of their own, as the sandbox is: a kernel may share a processor fairly between sessions
    command = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(command, start_new_session=True) for _ in range(3)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(("text", "ending"), [(BUSY.format(arguments="", seconds=0.2), "done"), (SLEEP, "timeout")])
def test_waiting_for_a_busy_processor_is_no_time_of_the_childs(batch, monkeypatch, crowded_processor, text, ending):
    """Work of 0.2 s under a limit of 0.5 s by the clock is done on a processor that gives it a quarter of its time."""
    monkeypatch.setattr(client, "WALL_FACTOR", 0.5)
    with Sandbox() as box:
        started = time.monotonic()
        result = attacks.run(box, batch, text, Limits(1.0, 256 << 20))
    assert result.ending == ending
    assert time.monotonic() - started > 0.5
    assert ("by the clock" in result.detail) == (ending == "timeout")
    assert (result.idle_seconds > 0.4) == (ending == "timeout"), "only what it slept counts as idle"


# --- floods ----------------------------------------------------------------------------------------------------


def test_output_is_kept_up_to_a_bound_and_read_to_the_end(batch):
    with Sandbox(keep_output=1000) as box:
        result = attacks.run(box, batch, "def f():\n    print('a' * 3_000_000, flush=True)\n    return 1\n")
        assert attacks.read(result)[:2] == ("value", 1)
        assert result.output == b"a" * 1000


def test_too_many_results_end_the_child(box, batch, monkeypatch):
    monkeypatch.setattr(watch, "MAX_RESULT", 8 << 20)
    whole = b"".join(frame({"k": "call"}, [bytes(1 << 20)]))
    whole_text = f"{whole[:50]!r} + bytes({len(whole) - 50})"
    text = f"import os\ndef f():\n    data = {whole_text}\n    while True: os.write(5, data)\n"
    result = attacks.run(box, batch, text)
    assert result.ending == "output_limit"
    assert sum(map(len, result.frames)) <= 9 << 20


def test_a_closed_pipe_does_not_keep_the_grader_busy(batch):
    """After a flood the grader listens to the pipes; that the child then closes them and loops costs it nothing."""
    with Sandbox(keep_output=10) as box:
        started = time.thread_time()
        text = "import os\ndef f():\n    os.write(1, b'x' * 900_000); os.closerange(0, 9)\n    while True: pass\n"
        result = attacks.run(box, batch, text, Limits(1.0, 256 << 20))
        assert result.ending == "timeout"
        assert time.thread_time() - started < 0.5 * result.cpu_seconds


def test_too_many_frames_end_the_child(box, batch, monkeypatch):
    monkeypatch.setattr(watch, "MAX_FRAMES", 1000)
    text = f"import os\ndef f():\n    while True: os.write(5, {encode_message(Ready())!r} * 100)\n"
    assert attacks.run(box, batch, text).ending == "protocol"


def test_a_large_result_arrives_whole(box, batch):
    text = "import numpy as np\ndef f():\n    return np.arange(4_000_000.0)\n"
    ending, value, _ = attacks.read(attacks.run(box, batch, text, Limits(2.0, 1 << 30)))
    assert ending == "value"
    assert value.size == 4_000_000
    assert value[-1] == 3_999_999.0


# --- scripted children -----------------------------------------------------------------------------------------


def scripted(data, status, cpu=0.0, cpu_total=60.0):
    """What the watch makes of these bytes and this wait status, without any child."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    reading, writing = os.pipe()
    pidfd = os.pidfd_open(os.getpid())
    try:
        os.write(writing, data)
        socket.send_fds(theirs, [STARTED.pack(b"S", os.getpid())], [pidfd])
        theirs.send(ENDED.pack(b"E", status, cpu, 0.0, 0))
        return watch.Watch(ours, reading, -1, 0).run(1.0, 3.0, cpu_total)
    finally:
        for fd in (reading, writing, pidfd):
            os.close(fd)
        ours.close()
        theirs.close()


READY, DONE = encode_message(Ready()), encode_message(Done())
EXIT_0, EXIT_1, EXIT_3, EXIT_71 = 0, 1 << 8, 3 << 8, 71 << 8


@pytest.mark.parametrize(
    ("data", "status", "cpu", "ending"),
    [
        (READY + DONE, EXIT_0, 0.1, "done"),
        (READY + DONE, signal.SIGSEGV, 0.1, "done"),
        (READY + DONE + b"\x09", EXIT_0, 0.1, "protocol"),
        (READY + b"\x00\x00\x00\x00", EXIT_0, 0.1, "protocol"),
        (READY, EXIT_0, 0.1, "crash"),
        (READY, EXIT_1, 0.1, "crash"),
        (READY, EXIT_71, 0.1, "crash"),
        (READY, EXIT_3, 0.1, "crash"),
        (READY, signal.SIGSEGV, 0.1, "crash"),
        (READY, signal.SIGSYS, 0.1, "forbidden"),
        (READY, signal.SIGXCPU, 60.0, "timeout"),
        (READY, signal.SIGKILL, 60.0, "timeout"),
        (READY, signal.SIGKILL, 0.1, "memory"),
        (SETUP_FAILED + b"OSError: no", 70 << 8, 0.1, "crash"),
    ],
)
def test_ending(data, status, cpu, ending):
    result = scripted(data, int(status), cpu)
    assert result.ending == ending
    assert result.frames == [message for message in (READY, DONE) if data.startswith(READY) and message in data]


def test_a_child_that_was_not_set_up_says_why():
    assert "OSError: no" in scripted(SETUP_FAILED + b"OSError: no", 70 << 8).detail


def test_a_server_that_ends_is_noticed():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    theirs.close()
    reading, writing = os.pipe()
    with ours, pytest.raises(ServerDied):
        watch.Watch(ours, reading, -1, 0).run(1.0, 3.0, 60.0)
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    "deed", ["os.write(5, b'\\xff' * 100)", "os._exit(0)", "os.write(5, b'ab'); os._exit(0)", "os.close(5)"]
)
@pytest.mark.parametrize("where", ["{}\n", "def f():\n    {}\n"])
def test_a_submission_cannot_pass_its_end_off_as_the_graders(box, batch, deed, where):
    """However early it breaks off, it was ready before: that is its own failure and no error of the grader."""
    source = Source("a.py", (Cell("a", "import os\n" + where.format(deed)),))
    calls = Batch("attack", (Segment("f", attacks.QUICK, False, (Call("f"),)),))
    ((seen,),) = observe(box, source, calls, batch).segments
    assert seen.ending in ("protocol", "crash")


@pytest.mark.parametrize("hungry", [0, 1])
def test_running_out_of_memory_harms_its_own_part_only(box, hungry):
    """Be it at the first or at the last call of the part; the part after it is answered in full."""
    text = "import numpy\ndef f(size):\n    return numpy.zeros(size).size\n"
    sizes = [4, 4, 4, 4]
    sizes[hungry] = 1 << 40
    parts = [Segment(str(i), attacks.QUICK, False, tuple(Call("f", (n,)) for n in sizes[i : i + 2])) for i in (0, 2)]
    calls = Batch("a", tuple(parts))
    with BatchHandle(encode_batch(calls)) as handle:
        first, second = observe(box, Source("a.py", (Cell("a", text),)), calls, handle).segments
    assert [seen.ending for seen in first] == (["memory", "not_reached"] if hungry == 0 else ["value", "memory"])
    assert [seen.value for seen in second] == [4, 4]


NO_MEMORY_LEFT = """a, held, size = np.ones((600, 600)), [], 1 << 26
    out = a.copy()
    while size > 1 << 12:
        try: held.append(np.empty(size // 8))
        except MemoryError: size //= 2
    np.dot(a, a, out=out)"""


@pytest.mark.parametrize(
    "body",
    [
        *(f"import os\n    os._exit({status})" for status in (0, 1, 2, 70, 71, 137)),
        "import ctypes\n    ctypes.CDLL(None).exit(1)",
        "import faulthandler\n    faulthandler.dump_traceback_later(0.01, exit=True)\n    while True: pass",
        NO_MEMORY_LEFT,
    ],
    ids=["0", "1", "2", "70", "71", "137", "a library", "a timer", "BLAS without memory"],
)
def test_whatever_exits_is_the_same_crash_with_any_status(box, batch, body):
    """A student's code can choose every status, so none of them says that memory was short."""
    text = f"import numpy as np\ndef f():\n    {body}\n    return 1.0\n"
    found = attacks.run(box, batch, text, Limits(1.0, 128 << 20)).ending
    # OpenBLAS tries a while before it gives up, that of NumPy 2.1 without end: then the time is over first
    assert found == "crash" or (body is NO_MEMORY_LEFT and found == "timeout")


def test_a_part_that_hoards_memory_until_none_is_left_for_its_arguments_is_told_so(box):
    text = "import numpy as np\nheld = []\ndef f(x):\n    held.append(np.ones(1 << 20))\n    return 1.0\n"
    calls = tuple(Call("f", (np.ones(1 << 20),)) for _ in range(20))
    batch = Batch("a", (Segment("f", Limits(1.0, 64 << 20), False, calls),))
    with BatchHandle(encode_batch(batch)) as handle:
        (seen,) = observe(box, Source("a.py", (Cell("a", text),)), batch, handle).segments
    assert [one.ending for one in seen].count("memory") == 1
    assert not [one for one in seen if one.ending == "crash"]


# --- who dies --------------------------------------------------------------------------------------------------


def kill_server_during_jobs(box, batch, times):
    """Run a sleeping job, kill the server so many times meanwhile, and return the job's result or its error."""
    outcome, orphans = [], []

    def job():
        try:
            outcome.append(attacks.run(box, batch, SLEEP, Limits(1.0, 256 << 20)))
        except GraderError as error:
            outcome.append(error)

    _ = box.layers
    thread = threading.Thread(target=job)
    thread.start()
    killed = 0
    for _ in range(times):
        assert eventually(lambda old=killed: (pid := current(box)) not in (0, old) and attacks.children(pid))
        killed = current(box)
        orphans += attacks.children(killed).split()
        os.kill(killed, signal.SIGKILL)
    thread.join()
    assert eventually(lambda: not any(map(alive, orphans))), "a child outlived its server"
    return outcome[0]


def current(box):
    """The running server's process id, or 0 between two."""
    servers = list(box._servers.values())
    return servers[0].process.pid if servers and servers[0].process.returncode is None else 0


def test_a_dead_server_is_replaced_and_the_job_repeated(batch):
    with Sandbox() as box:
        assert kill_server_during_jobs(box, batch, 1).ending == "timeout"
        assert attacks.read(attacks.run(box, batch, attacks.HONEST))[:2] == ("value", 6.0)


def test_a_server_that_dies_twice_is_the_graders_fault(batch):
    with Sandbox() as box:
        assert isinstance(kill_server_during_jobs(box, batch, 2), GraderError)
        assert attacks.read(attacks.run(box, batch, attacks.HONEST))[:2] == ("value", 6.0)


def test_nothing_outlives_the_grader(tmp_path):
    """Kill a grader in the middle of a submission: its server and the child go too."""
    script = tmp_path / "grader.py"
    script.write_text(
        f"import sys; sys.path[:0] = [{str(attacks.HERE.parent)!r}, {str(attacks.ROOT)!r}]\n"
        "import attacks\n"
        "from autograder.sandbox.client import Sandbox\n"
        "from autograder.model import Limits\n"
        "box = Sandbox(); box.layers\n"
        "print(attacks.server_pid(box), flush=True)\n"
        f"attacks.run(box, attacks.batch_of_one_call(), {SLEEP!r}, Limits(30.0, 256 << 20))\n"
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as grader:
        server = int(grader.stdout.readline())
        assert eventually(lambda: attacks.children(server))
        pids = [server, *attacks.children(server).split()]
        grader.kill()
    assert eventually(lambda: not any(map(alive, pids)))


def test_closing_ends_the_server():
    box = Sandbox()
    _ = box.layers
    pid = attacks.server_pid(box)
    box.close()
    assert not alive(pid)
    box.close()


def test_interruption_leaves_no_child(batch, monkeypatch):
    """Ctrl-C in the grader: the server and its child go, and the sandbox can be used again."""
    with Sandbox() as box:
        _ = box.layers
        server = attacks.server_pid(box)

        def interrupt(*_):
            raise KeyboardInterrupt

        monkeypatch.setattr(watch.Watch, "_check", interrupt)
        with pytest.raises(KeyboardInterrupt):
            attacks.run(box, batch, SLEEP)
        assert not alive(server)
        monkeypatch.undo()
        assert attacks.read(attacks.run(box, batch, attacks.HONEST))[:2] == ("value", 6.0)


def test_no_descriptor_is_lost(box, batch):
    attacks.run(box, batch, attacks.HONEST)
    before = sorted(os.listdir("/proc/self/fd"))
    for text in (attacks.HONEST, "def f(): import os; os._exit(3)\n", "syntax error"):
        attacks.run(box, batch, text)
    assert sorted(os.listdir("/proc/self/fd")) == before


# --- flavours --------------------------------------------------------------------------------------------------


def test_scipy_and_its_larger_parts_have_servers_of_their_own(batch):
    pytest.importorskip("scipy")
    some = "from scipy.special import expit\ndef f():\n    return float(expit(0.0))\n"
    more = "from scipy import stats\ndef f():\n    return float(stats.norm.cdf(0.0))\n"
    with Sandbox() as box:
        for servers, (text, value) in enumerate([(attacks.HONEST, 6.0), (some, 0.5), (more, 0.5)], start=1):
            for _ in range(2):
                assert attacks.read(attacks.run(box, batch, text))[:2] == ("value", value)
                assert len(box._servers) == servers


@pytest.mark.parametrize(
    ("text", "preloads"),
    [
        ("import scipy", True),
        ("import numpy as np, scipy", True),
        ("try:\n    from scipy.special import expit\nexcept ImportError: pass", True),
        ("special = __import__('scipy.special')", True),
        ('"""Any optimiser; scipy.optimize is allowed."""\nimport numpy as np', False),
        ("import numpy as np\n\n# scipy would do it too", False),
        ("from numpy import *\nscipy = None", False),
    ],
)
def test_a_server_with_scipy_is_for_what_imports_it(text, preloads):
    pytest.importorskip("scipy")
    job = encode_job(Job(Source("a.py", (Cell("a", text),)), ((0, 0, 1),)))
    with Sandbox() as box:
        assert ("scipy" in box._flavour(job)) is preloads


def test_scipy_works_without_its_server_too(batch, monkeypatch):
    """Found by name only where the text hides it, it is imported in the child: slower, but no other answer."""
    pytest.importorskip("scipy")
    hidden = "import importlib\nspecial = importlib.import_module('sci' + 'py.special')\n"
    text = hidden + "def f():\n    return float(special.expit(0.0))\n"
    with Sandbox() as box:
        ending, value, detail = attacks.read(attacks.run(box, batch, text, Limits(10.0, 1 << 30)))
        assert (ending, value) == ("value", 0.5), detail
        assert len(box._servers) == 1


def test_the_same_program_has_the_same_hashes(batch):
    """Set order depends on the hash seed, and must not differ from one server to the next."""
    seen = set()
    for _ in range(2):
        with Sandbox() as box:
            text = "def f():\n    return hash('seed') % 2**31\n"
            seen.add(attacks.read(attacks.run(box, batch, text))[1])
    assert len(seen) == 1


def test_children_see_nothing_of_each_other(box, batch):
    """A module that one submission changes is whole again in the next."""
    attacks.run(box, batch, "import numpy, builtins\nbuiltins.planted = numpy.mean = 1\ndef f(): return 1\n")
    text = "import numpy, builtins\ndef f():\n    return callable(numpy.mean) and not hasattr(builtins, 'planted')\n"
    assert attacks.read(attacks.run(box, batch, text))[:2] == ("value", True)


def test_a_batch_without_room_says_so_once(monkeypatch):
    """What was never opened is not closed: no second complaint when the handle goes."""

    def refuse(data, name):
        raise OSError(errno.ENOSPC, "no exercise")

    monkeypatch.setattr(executor, "sealed", refuse)
    with pytest.raises(OSError, match="no exercise"):
        BatchHandle(b"")
    gc.collect()
