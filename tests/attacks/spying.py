"""Attacks that want hidden inputs told in public, carry messages from one student's child to another's, or take time."""

# ruff: noqa: E501  an attack is one line of a table, however long

from __future__ import annotations

from tests.attacks.corpus import Attack, Maker

HIDDEN = "hidden inputs"
BETWEEN = "between students"
TIME = "time"

_REACH = """
import gc, mmap, os, sys
import numpy as np
log = []
def numbers(x):
    "The floats in a value, as they would be printed."
    if type(x) is float: return [x]
    if isinstance(x, np.ndarray): return x.ravel()[:50].tolist()
    if isinstance(x, (list, tuple)): return [y for z in list(x)[:50] for y in numbers(z)]
    return []
def inside(x, depth=6):
    "The floats in whatever an object refers to."
    found = numbers(x)
    if depth:
        ours = type(x).__module__.startswith("autograder")
        held = list(x)[:99] if isinstance(x, (list, tuple)) else list(x.__dict__.values()) if ours else []
        for one in held: found += inside(one, depth - 1)
    return found
def reach():
    "Everything that can be found here: what was noted, what the harness holds, objects, descriptors."
    found = numbers(log)
    frame = sys._getframe()
    while frame:
        for one in list(frame.f_locals.values()): found += inside(one)
        frame = frame.f_back
    for one in gc.get_objects():
        if type(one) in (list, tuple): found += numbers(one)
    for fd in (*range(5), *range(7, 64)):
        for read in (lambda: os.pread(fd, 1 << 20, 0), lambda: bytes(mmap.mmap(fd, 0, prot=mmap.PROT_READ))):
            try: found += np.frombuffer(read()[: 1 << 19].ljust(1 << 19), float).tolist()
            except (OSError, ValueError): pass
    drawn = dict.fromkeys(repr(x) for x in found if x % 1 and 1e-9 < abs(x) < 1e9 and len(repr(x)) > 15)
    return " ".join(drawn)[:250]
"""


def _spy(name: str, text: str, ends: tuple[str, ...], *, earns: float = 0.0, slow: bool = False) -> Attack:
    return Attack(HIDDEN, name, (_REACH + text,), ends, earns=earns, slow=slow)


_NOTE = "def mean_square(residual):\n    log.append(residual)\n    return float(np.mean(np.square(residual)))\n"
_SAY = "def iterate(f, start, steps): raise ValueError(reach())\ndef noise(reps, rng): raise ValueError(reach())\ndef slope(): raise ValueError(reach())\n"
_CRASH = "def mean_square(residual):\n    log.append(residual)\n    if len(residual) > 2: {deed}\n    return 5.0\n"

SPIES = (
    _spy("a list that the next part tells", _NOTE + _SAY, ("partial",), earns=3.35),
    _spy("a value that quotes what is within reach", _NOTE + _SAY.replace("raise ValueError", "return "), ("partial",), earns=3.35),
    _spy("an error of its own that quotes it", "def mean_square(residual):\n    log.append(residual)\n    raise ValueError(reach())\n", ("error",)),
    _spy("while loading", "SAID = reach()\ndef mean_square(residual): raise ValueError(SAID)\n" + _SAY, ("error",)),
    _spy("a load error that tells", "if log or reach(): raise ValueError(reach())\n" + _NOTE, ("load_error", "missing", "partial"), earns=3.35),
    *(
        _spy(f"{name} in a hidden call, words at the reload", f"SAID = reach()\n{_CRASH.format(deed=deed)}def iterate(f, start, steps): raise ValueError(SAID + reach())\n", ends)
        for name, deed, ends in (
            ("an exit", "os._exit(3)", ("crash",)),
            ("an abort", "os.abort()", ("crash", "forbidden")),
            ("a memory error", "raise MemoryError", ("memory",)),
        )
    ),
    _spy("the channel read before its turn", "def mean_square(residual):\n    try:\n        os.write(6, b'?'); log.append(np.frombuffer(os.read(6, 1 << 20)[32:].ljust(8), float))\n    except (OSError, ValueError): pass\n    raise ValueError(reach())\n", ("protocol", "timeout", "error", "crash")),
    _spy("the channel read while loading", "try:\n    os.write(6, b'?'); log.append(os.read(6, 1 << 20))\nexcept OSError: pass\ndef mean_square(residual): raise ValueError(reach() + repr(log))\n", ("load_error", "protocol", "timeout", "error", "crash")),
    _spy("answers forged so that hidden calls come early", r"""
def mean_square(residual):
    log.append(residual)
    for segment, calls in enumerate((3, 3, 2, 1)):
        for call in range(calls):
            text = b'{"k":"call","s":%d,"c":%d,"e":"value","u":0,"t":"float","v":5.0}' % (segment, call)
            os.write(5, (8 + len(text)).to_bytes(4, "little") + len(text).to_bytes(4, "little") + text)
    os.write(6, b"?")
    log.append(np.frombuffer(os.read(6, 1 << 20)[32:].ljust(8)[:8], float))
    raise ValueError(reach())
""", ("protocol", "timeout", "error", "crash")),
    _spy("a thread that waits for the hidden calls and forges", r"""
import threading
def wait():
    while not any(len(x) > 2 for x in log): pass
    text = b'{"k":"call","s":1,"c":0,"e":"error","u":0,"x":["ValueError","%s",1,["ValueError"]]}' % repr(log[-1]).encode()
    os.write(5, (8 + len(text)).to_bytes(4, "little") + len(text).to_bytes(4, "little") + text)
threading.Thread(target=wait, daemon=True).start()
def mean_square(residual):
    log.append(list(residual))
    return 5.0
def iterate(f, start, steps): return 2.0
""", ("protocol", "timeout", "wrong", "error", "crash"), slow=True),
    _spy("a name for the misconception that holds it", _NOTE + "class E(ValueError): pass\ndef iterate(f, start, steps): E.__name__ = reach()[:80]; raise E(reach())\n", ("partial",), earns=3.35),
    _spy("printing", _NOTE + "def iterate(f, start, steps): print(reach()); sys.stderr.write(reach()); return 2.0\n", ("partial",), earns=3.35),
    _spy("a clock set forward, so that public calls are made once more", "from autograder.sandbox import harness\nticks = iter(range(9, 10**9))\nharness._cpu_time = lambda: 0.24 * next(ticks)\n" + _NOTE + _SAY, ("partial",), earns=3.35),
    _spy("a trace of the harness", "def trace(frame, event, value):\n    if event == 'return' and frame.f_code.co_name in ('ask', 'add', 'decode_plan'): log.append(np.frombuffer(bytes(repr(value), 'utf-8').ljust(4096)[:4096], float))\n    return trace\nsys.settrace(trace)\nframe = sys._getframe()\nwhile frame: frame.f_trace, frame = trace, frame.f_back\n" + _NOTE + _SAY, ("partial",), earns=3.35),
    _spy("a step of the harness replaced", "from autograder.sandbox import harness\nanswer_all = harness._Child.answer_all\ndef early(self, plan, send):\n    os.write(6, b'?'); log.append(np.frombuffer(os.read(6, 1 << 20)[32:].ljust(8)[:8], float))\n    return answer_all(self, plan, send)\nharness._Child.answer_all = early\n" + _NOTE + _SAY, ("protocol", "timeout", "error", "crash")),
    _spy("memory that was given back", "def found():\n    return ' '.join(repr(x) for size in range(1, 400) for x in np.empty(size).tolist() if 1e-3 < abs(x) < 1e3 and x % 1)[:250]\ndef mean_square(residual): raise ValueError(found())\n" + _SAY.replace("reach()", "found()"), ("error",)),
    _spy("the line of an error", "def mean_square(residual):\n    log.append(residual)\n    if len(residual) < 3: return 5.0\n    exec(compile('\\n' * int(abs(residual[0]) * 1000) + 'raise ValueError', mean_square.__code__.co_filename, 'exec'))\n", ("error", "wrong")),
    _spy("the name of a module", "def mean_square(residual):\n    log.append(residual)\n    if len(residual) < 3: return 5.0\n    __import__('m' + repr(list(residual)))\n", ("error", "wrong")),
    _spy("a part made anew in a hidden call", "def mean_square(residual):\n    log.append(residual)\n    globals()['slope'] = lambda: 'w + ' + reach().replace(' ', ' + ')\n    return float(np.mean(np.square(residual)))\ndef slope(): return 'w'\n", ("partial",), earns=3.35),
    _spy("an array that a thread writes to after it was returned", "import threading\nout = np.zeros(100_000)\ndef fill():\n    while True:\n        if log: out[:2] = log[-1][:2]\nthreading.Thread(target=fill, daemon=True).start()\ndef mean_square(residual):\n    log.append(list(residual))\n    return 5.0\ndef iterate(f, start, steps): return out\n", ("wrong", "error")),
)  # fmt: skip

LOOK = """
import fcntl, hashlib, os
def state():
    found = []
    for fd in range(64):
        for look in (lambda: fcntl.fcntl(fd, fcntl.F_GETFL), lambda: fcntl.fcntl(fd, fcntl.F_GETFD), lambda: os.lseek(fd, 0, 1)):
            try: found.append((fd, look()))
            except OSError as error: found.append((fd, -error.errno))
    try: found.append(os.read(0, 99))
    except OSError as error: found.append(error.errno)
    return hashlib.sha256(repr(found).encode()).hexdigest()
def mean_square(residual): raise RuntimeError(state())
"""
"""A neighbour that tells, as its error, the state of every descriptor that it has."""

_BETWEEN = Maker(BETWEEN)
_FOR_ALL = "import fcntl, os\nfor fd in range(64):\n    try: {deed}\n    except (OSError, ValueError): pass\ndef mean_square(residual): return 7.0"

NEIGHBOURS = (
    _BETWEEN.load("offsets of descriptors", *_FOR_ALL.format(deed="os.lseek(fd, 4711 + fd, 0)").split("\n")),
    _BETWEEN.load("flags of descriptors", *_FOR_ALL.format(deed="fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)").split("\n"), ends=("wrong", "crash", "load_error", "missing", "protocol")),
    _BETWEEN.load("flags of standard descriptors", "import fcntl, os", "for fd in (0, 1, 2): fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)", "def mean_square(residual): return 7.0"),
    _BETWEEN.load("text on every descriptor but the answers'", "import os", "for fd in (0, 1, 2, 3, 4, 7, 8, 9):", "    try: os.write(fd, b'HELLO')", "    except OSError: pass", "def mean_square(residual): return 7.0"),
    _BETWEEN.load("the batch's offset", "import os", "try: os.lseek(4, 0x48454C4C, 0)", "except OSError: pass", "def mean_square(residual): return 7.0"),
    _BETWEEN.load("descriptors closed", "import os", "os.closerange(0, 3)", "def mean_square(residual): return 7.0"),
)  # fmt: skip

_SLEEP = "def mean_square(residual):\n    import time; time.sleep(0.7); return 5.0\ndef iterate(f, start, steps):\n    {second}\n"


def _slow(name: str, text: str, ends: tuple[str, ...], earns: float) -> Attack:
    return Attack(TIME, name, ("import time\nimport numpy as np\n" + text,), ends, earns=earns, slow=True)


_RIGHT = "def noise(reps, rng): return rng.normal(size=reps)\ndef slope(): return '2*(tanh(w) - y)*(1 - tanh(w)**2)'\n"

SLOW = (
    _slow("right parts behind one that sleeps and one that loops", _SLEEP.format(second="while True: pass") + _RIGHT, ("timeout",), 4.0),
    _slow("right parts behind two that sleep", _SLEEP.format(second="time.sleep(0.7)") + _RIGHT, ("timeout",), 4.0),
    _slow("every part sleeps just within its limit", _SLEEP.format(second="time.sleep(0.7)") + "def noise(reps, rng): time.sleep(0.7)\ndef slope(): time.sleep(0.7); return 'w'\n", ("timeout",), 0.0),
    _slow("every text of an error loops", "class E(ValueError):\n    def __str__(self):\n        while True: pass\n    __repr__ = __str__\ndef mean_square(*args): raise KeyError(E())\niterate = noise = slope = mean_square\n", ("timeout",), 0.0),
)  # fmt: skip

ATTACKS = (*SPIES, *NEIGHBOURS, *SLOW)
