"""Each layer bites on its own: with all others left out, what it is there for still fails, and without it it works."""

import os
import socket
import sys

import attacks
import pytest

from autograder.sandbox import doctor, landlock, launch
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import GraderError, SandboxUnavailable
from autograder.sandbox.launch import ServerSettings
from autograder.sandbox.layers import MEANING, REQUIRED, LayerReport, missing

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the sandbox is for Linux")

READ = "return len(open('/etc/passwd').read()) > 0"
WRITE = "return open('{folder}/attack', 'wb', 0).write(b'x')"
SOCKET = "import socket; return socket.socket().fileno() > 0"
CONNECT = "import socket; return socket.create_connection(('127.0.0.1', {port}), 5).fileno() > 0"
FORK = "import os; return (os.fork() or os._exit(0)) > 0"
SIGNAL = "import os; return os.kill({grader}, 0) is None"
TRACE = "import ctypes; return ctypes.CDLL(None).ptrace(16, {grader}, 0, 0) == 0"
MEMORY = "import numpy; return numpy.zeros(1 << 27).size > 0"
ALONE = "import os; return os.getpid() != 1"
ORPHAN = "import os, time; return os.fork() or time.sleep(60)"
RIGHTS = "import os; return os.sethostname if os.geteuid() else open('/proc/{server}/mem', 'rb').read(0) == b''"

BITES = [
    ("landlock", READ, "forbidden"),
    ("landlock", WRITE, "forbidden"),
    ("landlock", CONNECT, "forbidden"),
    ("landlock", SIGNAL, "forbidden"),
    ("landlock", TRACE, False),
    ("seccomp", SOCKET, "forbidden"),
    ("seccomp", FORK, "forbidden"),
    ("seccomp", SIGNAL, "forbidden"),
    ("seccomp", TRACE, "forbidden"),
    ("limits", MEMORY, "memory"),
    ("limits", WRITE, "error"),
    ("network_namespace", CONNECT, "error"),
    ("pid_namespace", ALONE, False),
]


@pytest.fixture(scope="module")
def boxes():
    """Sandboxes by the layers that they leave out, kept for the whole module."""
    made = {}

    def box_without(*names):
        if names not in made:
            made[names] = Sandbox(settings=ServerSettings(unsafe=True, without=frozenset(names)))
        return made[names]

    yield box_without
    for box in made.values():
        box.close()


@pytest.fixture(scope="module")
def batch():
    with attacks.batch_of_one_call() as handle:
        yield handle


def only(*kept):
    """The names of all layers but these; a namespace needs the user namespace to be entered by an ordinary user."""
    kept += ("user_namespace",) if any("namespace" in name for name in kept) else ()
    return tuple(sorted(set(MEANING) - set(kept)))


def attempt(box, batch, body, folder="/nowhere"):
    """How a body ends: its value if it returns, else the ending."""
    _ = box.layers
    with socket.create_server(("127.0.0.1", 0)) as listen:
        port = listen.getsockname()[1]
        text = body.format(folder=folder, port=port, grader=os.getpid(), server=attacks.server_pid(box))
        ending, value, _ = attacks.read(attacks.run(box, batch, f"def f():\n    {text}\n"))
    return value if ending == "value" else ending


def in_force(box, name):
    return not missing(box.layers, [name])


@pytest.mark.parametrize(("layer", "body", "ending"), BITES)
def test_layer_bites_alone(boxes, batch, tmp_path, layer, body, ending):
    box = boxes(*only(layer))
    if not in_force(box, layer):
        pytest.skip(f"this machine has no {layer}")
    if layer == "landlock" and landlock.abi() < 6 and body in (CONNECT, SIGNAL):
        pytest.skip("this Landlock knows files only")
    assert attempt(box, batch, body, tmp_path) == ending


@pytest.mark.parametrize("body", [READ, WRITE, SOCKET, CONNECT, FORK, SIGNAL, MEMORY, ALONE])
def test_without_any_layer_it_works(boxes, batch, tmp_path, body):
    """The attacks are real: what stops them above are the layers."""
    assert attempt(boxes(*only()), batch, body, tmp_path) in (True, 1)


def test_pid_namespace_ends_orphans(boxes, batch):
    box = boxes(*only("pid_namespace"))
    if not in_force(box, "pid_namespace"):
        pytest.skip("this machine has no process namespaces")
    before = processes(box)
    assert attempt(box, batch, ORPHAN) == 2
    assert processes(box) <= before, "a grandchild outlived its child"


def processes(box):
    """Processes of this box's servers alone: other tests run sandboxes at the same time."""
    sessions = {server.process.pid for server in box._servers.values()}
    return {name for name in os.listdir("/proc") if name.isdigit() and sleeping_for_us(name, sessions)}


def sleeping_for_us(pid, sessions):
    try:
        if os.getsid(int(pid)) not in sessions:
            return False
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"autograder.sandbox.server" in file.read()
    except OSError:
        return False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to lose")
def test_root_loses_its_rights(boxes, batch):
    """Even where it must stay root to read its libraries, it may not read another process of root."""
    assert attempt(boxes(*only("user")), batch, RIGHTS) == "forbidden"
    assert attempt(boxes(*only()), batch, RIGHTS) is True


@pytest.mark.parametrize("layer", REQUIRED)
def test_a_missing_required_layer_is_refused(layer):
    with (
        Sandbox(settings=ServerSettings(without=frozenset({layer}))) as box,
        pytest.raises(SandboxUnavailable, match=rf"{layer}.*--unsafe"),
    ):
        _ = box.layers


def test_other_systems_are_refused(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with Sandbox(unsafe=True) as box, pytest.raises(SandboxUnavailable, match="Linux machine or a container"):
        _ = box.layers


def test_a_server_that_cannot_load_says_why():
    with (
        Sandbox(settings=ServerSettings(harness="autograder.sandbox.absent")) as box,
        pytest.raises(GraderError, match=r"autograder\.sandbox\.absent"),
    ):
        _ = box.layers


def test_the_checkout_is_no_library():
    root = launch.package_root()
    assert root not in launch.libraries()
    assert all(not root.startswith(path + os.sep) for path in launch.libraries())


def test_doctor_names_every_layer_and_finds_none_pierced():
    reports = doctor.diagnose()
    assert [report.name for report in reports] == list(MEANING)
    assert not [report for report in reports if "was not prevented" in report.note]
    text = doctor.render(reports)
    assert all(name.replace("_", " ") in text for name in MEANING)
    assert doctor.verdict(reports) in text


def test_doctor_sees_a_layer_that_lies(monkeypatch):
    monkeypatch.setattr(
        doctor, "ServerSettings", lambda unsafe: ServerSettings(unsafe=unsafe, without=frozenset({"landlock"}))
    )
    lying = (LayerReport("landlock", "in force"),)
    layers = Sandbox.layers.fget
    monkeypatch.setattr(Sandbox, "layers", property(lambda box: (*layers(box), *lying)))
    landlock_report = next(report for report in doctor.diagnose() if report.name == "landlock")
    assert landlock_report.state == "weaker"
    assert "was not prevented" in landlock_report.note


def test_doctor_reports_a_sandbox_that_does_not_start(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    reports = doctor.diagnose()
    assert {report.state for report in reports} == {"missing"}
    assert "--unsafe" in doctor.verdict(reports)
