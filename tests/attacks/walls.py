"""What a call may try against the layers of the sandbox, each with how it may end.

``{root}`` is the checkout, ``{server}`` and ``{grader}`` process ids, ``{port}`` a listening port of this machine and
``{token}`` a name of the run, so that two runs side by side do not take each other's files for their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.model import Value

REFUSED = ("forbidden",)
"""The call fails with PermissionError, or the kernel ends the process with SIGSYS."""


@dataclass(frozen=True)
class Wall:
    """The body of ``f()`` and how it may end; ``value`` is what it must return if it returns."""

    name: str
    body: str
    endings: tuple[str, ...] = REFUSED
    value: Value = None
    slow: bool = False


def syscall(name: str, number: int, *args: int) -> Wall:
    """An attack that makes a raw system call that must kill the process (numbers of x86-64)."""
    listed = ", ".join(str(argument) for argument in (number, *args))
    return Wall(f"system call {name}", f"import ctypes; return ctypes.CDLL(None).syscall({listed})")


def lines(*listed: str) -> str:
    """Join the lines of a body."""
    return "\n    ".join(listed)


SPIN = "while True: pass"

FILES = [
    Wall("read the users", "return open('/etc/passwd').read()"),
    Wall("read the course", "return open('{root}/pyproject.toml').read()"),
    Wall("read an exercise", "import os; return os.listdir('{root}/exercises')"),
    Wall("list the root", "import os; return os.listdir('/')"),
    Wall("write to the temporary folder", "return open('/tmp/attack-{token}', 'w').write('x')"),
    Wall("write to shared memory", "return open('/dev/shm/attack-{token}', 'w').write('x')"),
    Wall("append to a library", "import numpy; return open(numpy.__file__, 'a').write('x')"),
    Wall("make a folder", "import os; return os.mkdir('/tmp/attack-{token}')"),
    Wall("make a link", "import os; return os.symlink('/etc', '/tmp/attack-{token}')"),
    Wall("make a pipe", "import os; return os.mkfifo('/tmp/attack-{token}')"),
    Wall("remove a library", "import os, numpy; return os.remove(numpy.__file__)"),
    Wall("change rights", "import os, numpy; return os.chmod(numpy.__file__, 0o777)"),
    Wall("change times", "import os, numpy; return os.utime(numpy.__file__)"),
    Wall("lock a library", "import fcntl, numpy; return fcntl.flock(open(numpy.__file__), 2)"),
    Wall("lease a library", "import fcntl, numpy; return fcntl.fcntl(open(numpy.__file__), 1024, 0)"),
    Wall("make an anonymous file", "import os; return os.memfd_create('x')"),
    Wall("import the course", "import exercises", ("error",)),
    Wall("import the reference", "import reference", ("error",)),
    Wall("read a library", "import numpy; return len(open(numpy.__file__).read()) > 0", ("value",), True),
    Wall("import a module late", "import fractions; return str(fractions.Fraction(1, 2))", ("value",), "1/2"),
    Wall("throw output away", "return open('/dev/null', 'w').write('abc')", ("value",), 3),
]

NETWORK = [
    Wall("open a socket", "import socket; return socket.socket().fileno()"),
    Wall("open a local socket", "import socket; return socket.socketpair()[0].fileno()"),
    Wall("connect to this machine", "import socket; return socket.create_connection(('127.0.0.1', {port})).fileno()"),
    Wall("open a socket to the host of a virtual machine", "import socket; return socket.socket(40, 1).fileno()"),
    Wall("ask for a name", "import socket; return socket.gethostbyname('localhost')", ("forbidden", "error")),
]

PROCESSES = [
    Wall("fork", "import os; return os.fork()"),
    Wall("run a program", "import subprocess; return subprocess.run(['true']).returncode"),
    Wall("become a program", "import os; return os.execv('/bin/true', ['true'])"),
    Wall("spawn", "import os; return os.posix_spawn('/bin/true', ['true'], {{}})"),
    Wall("a pool of processes", "import multiprocessing as m; m.Pool(2).map(abs, [1])", ("forbidden", "error")),
    Wall("kill the server", "import os; return os.kill({server}, 9)"),
    Wall("kill the grader", "import os; return os.kill({grader}, 9)"),
    Wall("kill the parent", "import os; return os.kill(os.getppid(), 9)"),
    Wall("kill everything", "import os; return os.kill(-1, 9)"),
    Wall("stop itself", "import os, signal; return os.kill(os.getpid(), signal.SIGSTOP)"),
    Wall("open the server", "import os; return os.pidfd_open({server})"),
    Wall("read the server's memory", "return open('/proc/{server}/mem', 'rb').read(1)"),
    Wall("read the grader's environment", "return open('/proc/{grader}/environ', 'rb').read()"),
    Wall("read its own environment", "return open('/proc/self/environ', 'rb').read()"),
    Wall("list processes", "import os; return os.listdir('/proc')"),
    Wall("raise its limits", "import resource as r; return r.setrlimit(r.RLIMIT_CPU, (1, 1))", ("error",)),
    Wall("become root", "import os; return os.setuid(0)"),
    Wall("leave the root", "import os; return os.chroot('/')"),
    Wall("see what was left open", "import os; return os.fstat(40).st_mode", ("error",)),
    Wall("find a secret", "import os; return [k for k in os.environ if 'THREADS' not in k]", ("value",), []),
    Wall("start two threads", lines(
        "import concurrent.futures as c",
        "with c.ThreadPoolExecutor(2) as pool: return list(pool.map(abs, [-1, 2]))",
    ), ("value",), [1, 2]),
    Wall("start too many threads", lines(
        "import threading, time",
        "for _ in range(5000): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    ), ("error", "memory")),
    Wall("not renounce its prctl", "import ctypes; return ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)", ("value",), -1),
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
    Wall("clone a process", "import ctypes; return ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0)", ("value",), -1),
    Wall("clone3 a process", "import ctypes; return ctypes.CDLL(None).syscall(435, 0, 0)", ("value",), -1),
    Wall("vfork", "import ctypes; return ctypes.CDLL(None).syscall(58)", ("value",), -1),
]

ENDS = [
    Wall("leave as if done", "import os; os._exit(0)", ("crash",)),
    Wall("leave with a status", "import os; os._exit(3)", ("crash",)),
    Wall("exit politely", "import sys; sys.exit(0)", ("error",)),
    Wall("read address 0", "import ctypes; return ctypes.string_at(0)", ("crash",)),
    Wall("abort", "import os; os.abort()", ("crash",)),
    Wall("close everything", "import os; os.closerange(0, 100)", ("crash",)),
    Wall("write rubbish", "import os; os.write(5, b'\\xff' * 100); os._exit(0)", ("protocol",)),
    Wall("write half a frame", "import os; os.write(5, b'\\x20\\0\\0\\0'); os._exit(0)", ("crash",)),
    Wall("exhaust the stack", lines(
        "import sys", "g = lambda n: g(n + 1)", "sys.setrecursionlimit(10**9)", "g(0)",
    ), ("crash", "error", "memory", "timeout")),
    Wall("print a lot", "print('x' * 8_000_000); return 1", ("value",), 1),
    Wall("ask for too much memory", "import numpy; return numpy.ones(1 << 30).size", ("memory",)),
    Wall("collect memory", lines(
        "import numpy", "x = []", "while True: x.append(numpy.zeros(1 << 20))",
    ), ("memory",)),
    Wall("collect memory stubbornly", lines(
        "import numpy", "x = []", "while True:",
        "    try: x.append(numpy.zeros(1 << 20))",
        "    except MemoryError: x.append(0)",
    ), ("memory", "timeout", "crash"), slow=True),
    Wall("map memory", "import mmap; return len(mmap.mmap(-1, 1 << 33))", ("memory", "error")),
    Wall("loop", SPIN, ("timeout",), slow=True),
    Wall("loop in one instruction", "return 7 ** (10 ** 9)", ("timeout",), slow=True),
    Wall("loop against signals", lines(
        "import signal", "for s in range(1, 65):",
        "    try: signal.signal(s, signal.SIG_IGN)",
        "    except (OSError, ValueError): pass", SPIN,
    ), ("timeout",), slow=True),
    Wall("loop against exceptions", lines(
        "while True:", "    try:", "        while True: pass", "    except BaseException: pass",
    ), ("timeout",), slow=True),
    Wall("sleep", "import time; time.sleep(60)", ("timeout",), slow=True),
    Wall("wait for a thread", lines(
        "import threading, time", "t = threading.Thread(target=time.sleep, args=(60,))", "t.start()", "t.join()",
    ), ("timeout",), slow=True),
    Wall("print without end", "while True: print('x' * 10_000)", ("timeout",), slow=True),
]  # fmt: skip

WALLS = [*FILES, *NETWORK, *PROCESSES, *CALLS, *ENDS]
