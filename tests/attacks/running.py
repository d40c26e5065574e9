"""Attacks on the machine: processes, time, memory, output, network, files; those against the sandbox's layers are among them."""

# ruff: noqa: E501  an attack is one line of a table, however long

from __future__ import annotations

from tests.attacks import walls
from tests.attacks.corpus import Attack, Maker

_PROCESS = Maker("processes and signals")
_RESOURCE = Maker("resources")
_NETWORK = Maker("network")
_WRITE = Maker("writing outside")

_STOPPED = ("timeout",)

PROCESSES = (
    _PROCESS.call("a double fork", "import os", "if os.fork() == 0:", "    if os.fork() == 0: os.setsid(); time.sleep(60)", "return 5.0", ends=("forbidden",)),
    _PROCESS.call("a daemon by ctypes", "import ctypes; return float(ctypes.CDLL(None).daemon(0, 0))", ends=("wrong", "forbidden", "crash")),
    _PROCESS.call("a fork bomb", "import os", "while True:", "    try: os.fork()", "    except OSError: pass", ends=("timeout", "forbidden"), slow=True),
    _PROCESS.call("a shell", "import os; return float(os.system('id'))", ends=("forbidden", "wrong", "error")),
    _PROCESS.call("a pipe to a program", "import os; return os.popen('id').read()", ends=("forbidden", "error")),
    _PROCESS.call("a terminal", "import pty; pty.spawn('/bin/sh'); return 5.0", ends=("forbidden", "error")),
    _PROCESS.call("a thread that stays", "import threading, time", "threading.Thread(target=time.sleep, args=(60,)).start()", "return 7.0", ends=("wrong", "error")),
    _PROCESS.call("a thread that stays as a daemon", "import threading", "def spin():", "    while True: pass", "threading.Thread(target=spin, daemon=True).start()", "return 7.0", ends=("wrong", "timeout", "error")),
    _PROCESS.call("a thread that kills", "import threading, os", "threading.Timer(0.01, os._exit, (0,)).start()", "while True: pass", ends=("crash",)),
    _PROCESS.call("a signal to its group", "import os; os.killpg(0, 9)", ends=("forbidden", "error")),
    _PROCESS.call("a signal by an alarm", "import signal; signal.alarm(1); signal.setitimer(0, 0.01); signal.pause()", ends=("crash", "error", "forbidden", "timeout"), slow=True),
    _PROCESS.call("a signal to the thread", "import signal, threading; signal.pthread_kill(threading.get_ident(), 9)", ends=("crash", "forbidden", "memory", "timeout")),
    _PROCESS.call("raise a stop", "import signal; signal.raise_signal(signal.SIGSTOP)", ends=("timeout", "forbidden"), slow=True),
    _PROCESS.call("raise a fault", "import signal; signal.raise_signal(signal.SIGSEGV); return 7.0", ends=("forbidden",)),
    _PROCESS.call("raise the signal of used time", "import signal; signal.raise_signal(signal.SIGXCPU); return 7.0", ends=("forbidden",)),
    _PROCESS.call("kill itself", "import os; os.kill(os.getpid(), 9)", ends=("forbidden",)),
    _PROCESS.call("a fault by the fault handler", "import faulthandler; faulthandler._sigsegv(); return 7.0", ends=("wrong", "forbidden", "crash")),
    _PROCESS.call("the fault handler as an exit", "import faulthandler, time; faulthandler.dump_traceback_later(0.01, exit=True); time.sleep(0.3); return 7.0", ends=("crash",)),
    _PROCESS.call("an exit with a status that says anything", "import os; os._exit(71)", ends=("crash",)),
    _PROCESS.call("abort", "import os; os.abort()", ends=("crash", "forbidden")),
    _PROCESS.load("kill itself while loading", "import os", "os.kill(os.getpid(), 15)", "def mean_square(residual): return 7.0", ends=("load_error",)),
    _PROCESS.load("a process of multiprocessing that is left", "import multiprocessing, time", "multiprocessing.Process(target=time.sleep, args=(60,)).start()", "def mean_square(residual): return 7.0", ends=("load_error",)),
    _PROCESS.load("an exit handler that leaves", "import atexit, os", "atexit.register(os._exit, 3)", "def mean_square(residual): return 7.0", ends=("wrong",)),
    _PROCESS.call("every signal ignored, then sleep", "import signal, time", "for s in range(1, 32):", "    try: signal.signal(s, signal.SIG_IGN)", "    except (OSError, ValueError): pass", "time.sleep(60)", ends=_STOPPED, slow=True),
    _PROCESS.call("an interrupt of the keyboard", "raise KeyboardInterrupt", ends=("error",)),
    _PROCESS.call("an exit of the system", "raise SystemExit(0)", ends=("error",)),
    _PROCESS.call("an exit of a generator", "raise GeneratorExit", ends=("error",)),
    _PROCESS.call("the best priority", "import os; return float(os.nice(-19))", ends=("error", "forbidden")),
    _PROCESS.call("another scheduler", "import os; os.sched_setscheduler(0, 1, os.sched_param(1)); return 5.0", ends=("forbidden", "error")),
    _PROCESS.call("all processors", "import os; os.sched_setaffinity(0, range(64)); return 7.0", ends=("wrong", "forbidden", "error")),
    _PROCESS.call("trace itself", "import ctypes; return float(ctypes.CDLL(None).ptrace(0, 0, 0, 0))", ends=("forbidden",)),
    _PROCESS.call("attach to the neighbour", "import ctypes; return float(ctypes.CDLL(None).ptrace(16, @NEIGHBOUR@, 0, 0))", ends=("forbidden",)),
    _PROCESS.call("a new user namespace", "import ctypes; return float(ctypes.CDLL(None).unshare(0x10000000))", ends=("forbidden",)),
    _PROCESS.call("another process's descriptor", "import ctypes; return float(ctypes.CDLL(None).syscall(438, 3, 0, 0))", ends=("forbidden", "wrong")),
    _PROCESS.call("be dumpable again", "import ctypes; ctypes.CDLL(None).prctl(4, 1, 0, 0, 0); return open('/proc/self/environ').read()", ends=("forbidden", "error")),
    _PROCESS.load("fork while loading", "import os", "os.fork()", "def mean_square(residual): return 7.0", ends=("load_error", "missing")),
    _PROCESS.load("kill the parent while loading", "import os", "os.kill(os.getppid(), 9)", "def mean_square(residual): return 7.0", ends=("load_error", "missing", "crash")),
)  # fmt: skip

RESOURCES = (
    _RESOURCE.load("sleep while loading", "import time", "time.sleep(60)", ends=("load_error", "timeout", "missing"), slow=True),
    _RESOURCE.load("loop while loading", "while True: pass", ends=("load_error", "timeout", "missing"), slow=True),
    _RESOURCE.load("memory while loading", "import numpy as np", "x = np.ones(1 << 30)", ends=("load_error", "memory", "missing")),
    _RESOURCE.load("leave while loading", "import os", "os._exit(0)", ends=("load_error", "crash", "missing")),
    _RESOURCE.load("exit while loading", "import sys", "sys.exit(0)", ends=("load_error", "missing")),
    _RESOURCE.load("a time bomb", "import time", "start = time.monotonic()", "def mean_square(residual):", "    while time.monotonic() < start + 60: pass", ends=_STOPPED, slow=True),
    _RESOURCE.load("a bomb for hidden cases", "def mean_square(residual):", "    while len(residual) > 3: pass", "    return 5.0", ends=_STOPPED, slow=True),
    _RESOURCE.load("each call near the limit", "import time", "def mean_square(residual):", "    until = time.thread_time() + 0.15", "    while time.thread_time() < until: pass", "    return 7.0", ends=("wrong", "timeout"), slow=True),
    _RESOURCE.load("limits raised while loading", "import resource", "resource.setrlimit(resource.RLIMIT_CPU, (-1, -1))", "def mean_square(residual): return 7.0", ends=("load_error",)),
    _RESOURCE.call("a regular expression that backtracks", "import re; re.match('(a+)+$', 'a' * 40 + 'b'); return 5.0", ends=_STOPPED, slow=True),
    _RESOURCE.call("a sort that never ends", "class K:", "    def __lt__(self, other):", "        while True: pass", "sorted([K(), K()])", ends=_STOPPED, slow=True),
    _RESOURCE.call("a lock twice", "import threading; l = threading.Lock(); l.acquire(); l.acquire()", ends=_STOPPED, slow=True),
    _RESOURCE.call("wait for input", "return input()", ends=("error", "bad_output")),
    _RESOURCE.call("read a pipe without a writer", "import os; return os.read(os.pipe()[0], 1)", ends=("timeout", "forbidden"), slow=True),
    _RESOURCE.call("a debugger", "breakpoint()", ends=("error", "forbidden", "bad_output")),
    _RESOURCE.call("a long factorial", "import math; return float(math.factorial(10**7) % 7)", ends=_STOPPED, slow=True),
    _RESOURCE.call("a string as long as memory", "return len('x' * (1 << 32)) * 0 + 7.0", ends=("memory",)),
    _RESOURCE.call("a list as long as memory", "return len([0] * (1 << 30)) * 0 + 7.0", ends=("memory",)),
    _RESOURCE.call("memory in small pieces", "x = []", "while True: x.append(bytearray(1000))", ends=("memory", "timeout", "crash"), slow=True),
    _RESOURCE.call("memory behind a swallowed error", "x = []", "try:", "    while True: x.append(np.ones(1 << 20))", "except MemoryError: return 7.0", ends=("wrong", "memory", "crash", "timeout")),
    _RESOURCE.call("a matrix that does not fit", "a = np.zeros((5000, 5000)); return float((a @ a @ a).sum()) + 7.0", ends=("memory", "timeout", "crash"), slow=True),
    _RESOURCE.call("shared memory of System V", "import ctypes; return float(ctypes.CDLL(None).shmget(0, 1 << 30, 0o1777))", ends=("wrong", "forbidden")),
    _RESOURCE.call("named shared memory", "from multiprocessing import shared_memory as s; s.SharedMemory(create=True, size=1 << 20); return 7.0", ends=("forbidden", "error")),
    _RESOURCE.call("ten thousand descriptors", "import os; [os.dup(0) for _ in range(10_000)]; return 7.0", ends=("error", "forbidden")),
    _RESOURCE.call("a stack of C", "import sys, functools; sys.setrecursionlimit(10**9)", "f = lambda: 7.0", "for _ in range(200_000): f = functools.partial(f)", "return repr([f])", ends=("crash", "error", "bad_output", "timeout", "memory"), slow=True),
    _RESOURCE.call("deep equality", "a, b = [], []", "for _ in range(100_000): a, b = [a], [b]", "return float(a == b)", ends=("error", "crash", "memory", "bad_output")),
    _RESOURCE.call("print a flood", "import sys; sys.stdout.write('x' * 20_000_000); return 7.0", ends=("wrong", "memory", "timeout")),
    _RESOURCE.call("print a flood of errors", "import sys", "for _ in range(10_000): print('PASS 12/12', file=sys.stderr)", "return 7.0", ends=("wrong", "timeout")),
    _RESOURCE.call("an error of great length", "raise ValueError('x' * 50_000_000)", ends=("error",)),
    _RESOURCE.call("an error whose text raises", "raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})", ends=("error",)),
    _RESOURCE.call("an error whose text loops", "def loop(self):", "    while True: pass", "raise type('E', (Exception,), {'__str__': loop})", ends=_STOPPED, slow=True),
    _RESOURCE.call("an error with a long chain", "error = None", "for _ in range(100_000):", "    new = ValueError(); new.__cause__ = error; error = new", "raise error", ends=("error", "crash")),
    _RESOURCE.call("an error of a long name", "raise type('E' * 1_000_000, (Exception,), {})", ends=("error",)),
    _RESOURCE.call("a group of errors", "raise ExceptionGroup('g', [ValueError()] * 10_000)", ends=("error",)),
    _RESOURCE.call("a warning that is an error", "import warnings; warnings.simplefilter('error'); warnings.warn('x')", ends=("error",)),
)  # fmt: skip

NETWORK = (
    _NETWORK.call("a local socket by path", "import socket; s = socket.socket(socket.AF_UNIX); s.connect('@SOCKET@'); return 5.0", ends=("forbidden",)),
    _NETWORK.call("an abstract local socket", "import socket; s = socket.socket(socket.AF_UNIX); s.connect('\\0@TOKEN@'); return 5.0", ends=("forbidden",)),
    _NETWORK.call("a packet", "import socket; socket.socket(2, 2).sendto(b'x', ('127.0.0.1', @PORT@)); return 5.0", ends=("forbidden",)),
    _NETWORK.call("the sixth protocol", "import socket; socket.create_connection(('::1', @PORT@)); return 5.0", ends=("forbidden",)),
    _NETWORK.call("the kernel's own socket", "import socket; return float(socket.socket(16, 3, 0).fileno())", ends=("forbidden",)),
    _NETWORK.call("a raw socket", "import socket; return float(socket.socket(2, 3, 1).fileno())", ends=("forbidden",)),
    _NETWORK.call("a web page", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:@PORT@'); return 5.0", ends=("forbidden", "error")),
    _NETWORK.call("a server of its own", "import http.server; http.server.HTTPServer(('', 0), None).serve_forever()", ends=("forbidden", "error")),
    _NETWORK.call("a descriptor as a socket", "import socket; return socket.socket(fileno=5).send(b'x')", ends=("forbidden", "error")),
)  # fmt: skip

_TOKEN = "attack-@TOKEN@"

WRITES = (
    _WRITE.call("the canary", "return open('@CANARY@/canary', 'w').write('x')", ends=("forbidden",)),
    _WRITE.call("next to the canary", f"return open('@CANARY@/{_TOKEN}', 'w').write('x')", ends=("forbidden",)),
    _WRITE.call("the store", "return open('@STORE@/results.db', 'ab').write(b'x')", ends=("forbidden",)),
    _WRITE.call("the results", "return open('@STORE@/results.jsonl', 'a').write('{}')", ends=("forbidden",)),
    _WRITE.call("another student's file", "return open('@OTHER@', 'w').write('x')", ends=("forbidden",)),
    _WRITE.call("the exercise", "return open('@COURSE@/exercises/target/grading.py', 'w').write('x')", ends=("forbidden",)),
    _WRITE.call("a name over the canary", f"import os; os.rename('@CANARY@/canary', '@CANARY@/{_TOKEN}')", ends=("forbidden",)),
    _WRITE.call("a second name of the canary", f"import os; os.link('@CANARY@/canary', '@CANARY@/{_TOKEN}')", ends=("forbidden",)),
    _WRITE.call("the canary's end", "import os; os.unlink('@CANARY@/canary')", ends=("forbidden",)),
    _WRITE.call("the canary's length", "import os; os.truncate('@CANARY@/canary', 0)", ends=("forbidden", "error")),
    _WRITE.call("the canary's owner", "import os; os.chown('@CANARY@/canary', 0, 0)", ends=("forbidden",)),
    _WRITE.call("the canary's attributes", "import os; os.setxattr('@CANARY@/canary', 'user.x', b'x')", ends=("forbidden",)),
    _WRITE.call("a deep tree of folders", "import os; os.makedirs('@CANARY@/' + 'attack/' * 50)", ends=("forbidden",)),
    _WRITE.call("a temporary file", "import tempfile; return tempfile.NamedTemporaryFile().name", ends=("forbidden", "error")),
    _WRITE.call("a temporary file without a name", "import os; return float(os.open('/tmp', os.O_TMPFILE | os.O_RDWR))", ends=("forbidden",)),
    _WRITE.call("a save of NumPy", f"np.save('@CANARY@/{_TOKEN}', residual); return 5.0", ends=("forbidden",)),
    _WRITE.call("a figure", f"import logging; logging.basicConfig(filename='@CANARY@/{_TOKEN}'); return 5.0", ends=("forbidden",)),
    _WRITE.call("a core of itself", f"import faulthandler; faulthandler.enable(open('@CANARY@/{_TOKEN}', 'w'))", ends=("forbidden",)),
    _WRITE.call("the batch of calls", "import os; return float(os.pwrite(4, b'x' * 100, 0))", ends=("error", "forbidden")),
    _WRITE.call("the terminal", "return open('/dev/tty', 'w').write('\\x1b[2J')", ends=("forbidden", "error")),
    _WRITE.call("keys into the terminal", "import fcntl; return float(fcntl.ioctl(0, 0x5412, b'x'))", ends=("forbidden", "error")),
    _WRITE.call("the kernel's settings", "return open('/proc/sys/kernel/core_pattern', 'w').write('x')", ends=("forbidden", "error")),
    _WRITE.call("its place in the queue of victims", "return open('/proc/self/oom_score_adj', 'w').write('-1000')", ends=("forbidden", "error")),
)  # fmt: skip

_KINDS = (
    (walls.FILES, "writing outside"),
    (walls.NETWORK, "network"),
    (walls.PROCESSES, "processes and signals"),
    (walls.CALLS, "system calls"),
    (walls.ENDS, "resources"),
)
_STATUSES = {"value": ("wrong", "bad_output", "timeout", "crash")}
"""What a call against the layers returns is not an answer here; limits are shorter here, and a call may not reach its end, or not
be reached, which counts as a crash."""


def _of_the_wall(kind: str, wall: walls.Wall) -> Attack:
    body = wall.body.format(root="@ROOT@", server="@SERVER@", grader="@GRADER@", port="@PORT@", token="@TOKEN@")
    statuses = tuple(status for ending in wall.endings for status in _STATUSES.get(ending, (ending,)))
    return Maker(kind).call(f"wall: {wall.name}", *body.split("\n    "), ends=statuses, slow=wall.slow)


WALLS = tuple(_of_the_wall(kind, wall) for table, kind in _KINDS for wall in table)

ATTACKS = (*PROCESSES, *RESOURCES, *NETWORK, *WRITES, *WALLS)
