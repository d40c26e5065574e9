"""What a hostile submission may try, and a driver that tries all of it on one sandbox and prints what came of it.

Run as a program so that it can run as another user or in other namespaces:  ``attacks.py WITHOUT FAST``.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT))

from autograder.sandbox.client import Sandbox  # noqa: E402 - the path has to be set first: this is also a program
from autograder.sandbox.executor import ChildResult, SheetHandle  # noqa: E402 - as above
from autograder.sandbox.frames import Answer, decode_frame  # noqa: E402 - as above
from autograder.sandbox.launch import Settings  # noqa: E402 - as above
from autograder.sandbox.wire import Cell, Job, Segment, Sheet, Source, encode_job, encode_sheet  # noqa: E402 - as above
from autograder.spec import Call, Limits, Value  # noqa: E402 - as above

NAMESPACES = (
    "user_namespace",
    "network_namespace",
    "ipc_namespace",
    "mount_namespace",
    "uts_namespace",
    "pid_namespace",
)
QUICK = Limits(0.25, 256 << 20)

HONEST = "import numpy as np\ndef f():\n    return float(np.mean(np.arange(5.0) ** 2))\n"

REFUSED = ("forbidden",)
"""The call fails with PermissionError, or the kernel ends the process with SIGSYS."""


@dataclass(frozen=True)
class Attack:
    """The body of ``f()`` and how it may end; ``value`` is what it must return if it returns."""

    name: str
    body: str
    endings: tuple[str, ...] = REFUSED
    value: Value = None
    slow: bool = False


def syscall(name: str, number: int, *args: int) -> Attack:
    """An attack that makes a raw system call that must kill the process (numbers of x86-64)."""
    listed = ", ".join(str(argument) for argument in (number, *args))
    return Attack(f"system call {name}", f"import ctypes; return ctypes.CDLL(None).syscall({listed})")


def lines(*listed: str) -> str:
    """Join the lines of a body."""
    return "\n    ".join(listed)


SPIN = "while True: pass"

FILES = [
    Attack("read the users", "return open('/etc/passwd').read()"),
    Attack("read the course", "return open('{root}/pyproject.toml').read()"),
    Attack("read an exercise", "import os; return os.listdir('{root}/exercises')"),
    Attack("list the root", "import os; return os.listdir('/')"),
    Attack("write to the temporary folder", "return open('/tmp/attack', 'w').write('x')"),
    Attack("write to shared memory", "return open('/dev/shm/attack', 'w').write('x')"),
    Attack("append to a library", "import numpy; return open(numpy.__file__, 'a').write('x')"),
    Attack("make a folder", "import os; return os.mkdir('/tmp/attack')"),
    Attack("make a link", "import os; return os.symlink('/etc', '/tmp/attack')"),
    Attack("make a pipe", "import os; return os.mkfifo('/tmp/attack')"),
    Attack("remove a library", "import os, numpy; return os.remove(numpy.__file__)"),
    Attack("change rights", "import os, numpy; return os.chmod(numpy.__file__, 0o777)"),
    Attack("change times", "import os, numpy; return os.utime(numpy.__file__)"),
    Attack("lock a library", "import fcntl, numpy; return fcntl.flock(open(numpy.__file__), 2)"),
    Attack("lease a library", "import fcntl, numpy; return fcntl.fcntl(open(numpy.__file__), 1024, 0)"),
    Attack("make an anonymous file", "import os; return os.memfd_create('x')"),
    Attack("import the course", "import exercises", ("error",)),
    Attack("import the reference", "import reference", ("error",)),
    Attack("read a library", "import numpy; return len(open(numpy.__file__).read()) > 0", ("value",), True),
    Attack("import a module late", "import fractions; return str(fractions.Fraction(1, 2))", ("value",), "1/2"),
    Attack("throw output away", "return open('/dev/null', 'w').write('abc')", ("value",), 3),
]

NETWORK = [
    Attack("open a socket", "import socket; return socket.socket().fileno()"),
    Attack("open a local socket", "import socket; return socket.socketpair()[0].fileno()"),
    Attack("connect to this machine", "import socket; return socket.create_connection(('127.0.0.1', {port})).fileno()"),
    Attack("open a socket to the host of a virtual machine", "import socket; return socket.socket(40, 1).fileno()"),
    Attack("ask for a name", "import socket; return socket.gethostbyname('localhost')", ("forbidden", "error")),
]

PROCESSES = [
    Attack("fork", "import os; return os.fork()"),
    Attack("run a program", "import subprocess; return subprocess.run(['true']).returncode"),
    Attack("become a program", "import os; return os.execv('/bin/true', ['true'])"),
    Attack("spawn", "import os; return os.posix_spawn('/bin/true', ['true'], {{}})"),
    Attack("a pool of processes", "import multiprocessing as m; m.Pool(2).map(abs, [1])", ("forbidden", "error")),
    Attack("kill the server", "import os; return os.kill({server}, 9)"),
    Attack("kill the grader", "import os; return os.kill({grader}, 9)"),
    Attack("kill the parent", "import os; return os.kill(os.getppid(), 9)"),
    Attack("kill everything", "import os; return os.kill(-1, 9)"),
    Attack("stop itself", "import os, signal; return os.kill(os.getpid(), signal.SIGSTOP)"),
    Attack("open the server", "import os; return os.pidfd_open({server})"),
    Attack("read the server's memory", "return open('/proc/{server}/mem', 'rb').read(1)"),
    Attack("read the grader's environment", "return open('/proc/{grader}/environ', 'rb').read()"),
    Attack("read its own environment", "return open('/proc/self/environ', 'rb').read()"),
    Attack("list processes", "import os; return os.listdir('/proc')"),
    Attack("raise its limits", "import resource as r; return r.setrlimit(r.RLIMIT_CPU, (1, 1))", ("error",)),
    Attack("become root", "import os; return os.setuid(0)"),
    Attack("leave the root", "import os; return os.chroot('/')"),
    Attack("see what was left open", "import os; return os.fstat(40).st_mode", ("error",)),
    Attack("find a secret", "import os; return [k for k in os.environ if 'THREADS' not in k]", ("value",), []),
    Attack("start two threads", lines(
        "import concurrent.futures as c",
        "with c.ThreadPoolExecutor(2) as pool: return list(pool.map(abs, [-1, 2]))",
    ), ("value",), [1, 2]),
    Attack("start too many threads", lines(
        "import threading, time",
        "for _ in range(5000): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    ), ("error", "memory")),
    Attack("not renounce its prctl", "import ctypes; return ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)", ("value",), -1),
]  # fmt: skip

CALLS = [
    syscall("ptrace", 101, 16, 1),
    syscall("process_vm_readv", 310, 1, 0, 0, 0, 0, 0),
    syscall("io_uring_setup", 425, 1, 0),
    syscall("perf_event_open", 298, 0, 0, 0, 0, 0),
    syscall("bpf", 321, 0, 0, 0),
    syscall("keyctl", 250, 0, 0),
    syscall("userfaultfd", 323, 0),
    syscall("unshare", 272, 0x10000000),
    syscall("mount", 165, 0, 0, 0, 0, 0),
    syscall("getpid of the x32 kind", 0x40000027),
    Attack("clone a process", "import ctypes; return ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0)", ("value",), -1),
    Attack("clone3 a process", "import ctypes; return ctypes.CDLL(None).syscall(435, 0, 0)", ("value",), -1),
    Attack("vfork", "import ctypes; return ctypes.CDLL(None).syscall(58)", ("value",), -1),
]

ENDS = [
    Attack("leave as if done", "import os; os._exit(0)", ("crash",)),
    Attack("leave with a status", "import os; os._exit(3)", ("crash",)),
    Attack("exit politely", "import sys; sys.exit(0)", ("error",)),
    Attack("read address 0", "import ctypes; return ctypes.string_at(0)", ("crash",)),
    Attack("abort", "import os; os.abort()", ("crash",)),
    Attack("close everything", "import os; os.closerange(0, 100)", ("crash",)),
    Attack("write rubbish", "import os; os.write(5, b'\\xff' * 100); os._exit(0)", ("protocol",)),
    Attack("write half a frame", "import os; os.write(5, b'\\x20\\0\\0\\0'); os._exit(0)", ("crash",)),
    Attack("exhaust the stack", lines(
        "import sys", "g = lambda n: g(n + 1)", "sys.setrecursionlimit(10**9)", "g(0)",
    ), ("crash", "error", "memory", "timeout")),
    Attack("print a lot", "print('x' * 50_000_000); return 1", ("value",), 1),
    Attack("ask for too much memory", "import numpy; return numpy.ones(1 << 30).size", ("memory",)),
    Attack("collect memory", lines(
        "import numpy", "x = []", "while True: x.append(numpy.zeros(1 << 20))",
    ), ("memory",)),
    Attack("collect memory stubbornly", lines(
        "import numpy", "x = []", "while True:",
        "    try: x.append(numpy.zeros(1 << 20))",
        "    except MemoryError: x.append(0)",
    ), ("memory", "timeout", "crash"), slow=True),
    Attack("map memory", "import mmap; return len(mmap.mmap(-1, 1 << 33))", ("memory", "error")),
    Attack("loop", SPIN, ("timeout",), slow=True),
    Attack("loop in one instruction", "return 7 ** (10 ** 9)", ("timeout",), slow=True),
    Attack("loop against signals", lines(
        "import signal", "for s in range(1, 65):",
        "    try: signal.signal(s, signal.SIG_IGN)",
        "    except (OSError, ValueError): pass", SPIN,
    ), ("timeout",), slow=True),
    Attack("loop against exceptions", lines(
        "while True:", "    try:", "        while True: pass", "    except BaseException: pass",
    ), ("timeout",), slow=True),
    Attack("sleep", "import time; time.sleep(60)", ("timeout",), slow=True),
    Attack("wait for a thread", lines(
        "import threading, time", "t = threading.Thread(target=time.sleep, args=(60,))", "t.start()", "t.join()",
    ), ("timeout",), slow=True),
    Attack("print without end", "while True: print('x' * 10_000)", ("timeout",), slow=True),
]  # fmt: skip

ATTACKS = [*FILES, *NETWORK, *PROCESSES, *CALLS, *ENDS]


@dataclass(frozen=True)
class Result:
    """How an attack ended, what came of it, and what stood afterwards."""

    ending: str
    value: Value
    detail: str
    honest_after: bool
    same_server: bool
    no_process_left: bool


def sheet_of_one_call() -> SheetHandle:
    """The sheet whose only call is ``f()``."""
    segment = Segment("f", QUICK, False, (Call("f"),))
    return SheetHandle(encode_sheet(Sheet("attack", (segment,))))


def run(box: Sandbox, sheet: SheetHandle, text: str, limits: Limits = QUICK) -> ChildResult:
    """Run a source whose only call is ``f()``."""
    return box.execute(encode_job(Job(Source("attack.py", (Cell("all", text),)), ((0, 0, 1),))), sheet, limits)


def read(result: ChildResult) -> tuple[str, Value, str]:
    """Return how the call ended, what it returned and the text of its error."""
    if result.ending in ("done", "timeout", "crash", "memory", "output_limit"):
        answers = [message for frame in result.frames if isinstance(message := decode_frame(frame), Answer)]
        if answers:
            seen = answers[0].observation
            return seen.ending, seen.value, f"{seen.error}: {seen.message}"
    return result.ending, None, result.detail


def server_pid(box: Sandbox) -> int:
    """The process id of the sandbox's only server."""
    (server,) = box._servers.values()
    return server.process.pid


def children(pid: int) -> str:
    """The process ids of a process's children."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().strip()


def carry_out(box: Sandbox, sheet: SheetHandle, attack: Attack, port: int) -> Result:
    """Run one attack and look at the state afterwards."""
    before = server_pid(box)
    body = attack.body.format(root=ROOT, server=before, grader=os.getpid(), port=port)
    ending, value, detail = read(run(box, sheet, f"def f():\n    {body}\n"))
    honest = read(run(box, sheet, HONEST))[:2] == ("value", 6.0)
    return Result(ending, value, detail[:200], honest, server_pid(box) == before, children(before) == "")


def main(without: str, fast: str) -> None:
    """Try everything and print the layers and the results as JSON."""
    settings = Settings(without=frozenset(filter(None, without.split(","))))
    results = {}
    with (
        Sandbox(settings=settings) as box,
        sheet_of_one_call() as sheet,
        socket.create_server(("127.0.0.1", 0)) as listen,
    ):
        layers = {layer.name: layer.state for layer in box.layers}
        for attack in ATTACKS:
            if not (attack.slow and fast == "fast"):
                started = time.monotonic()
                results[attack.name] = asdict(carry_out(box, sheet, attack, listen.getsockname()[1]))
                print(f"{time.monotonic() - started:.3f} s {attack.name}", file=sys.stderr)
    print(json.dumps({"layers": layers, "results": results}))


if __name__ == "__main__":
    main(*sys.argv[1:])
