"""Attacks on the channel to the grader and on what is observed besides a value."""

# ruff: noqa: E501  an attack is one line of a table, however long

from __future__ import annotations

from tests.attacks.corpus import Maker

_WIRE = Maker("forged frames")
_FACTS = Maker("forged facts")
_HARNESS = Maker("harness patched")

_SEND = (
    "import os, json, struct",
    "def send(header, blob=b''):",
    "    text = header if isinstance(header, bytes) else json.dumps(header).encode()",
    "    os.write(5, struct.pack('<II', 8 + len(text) + len(blob), len(text)) + text + blob)",
)


def _forge(name: str, *lines: str, ends: tuple[str, ...] = ("wrong", "protocol", "crash", "bad_output")):  # type: ignore[no-untyped-def]  # one line of a table
    return _WIRE.load(name, *_SEND, "def mean_square(residual):", *(f"    {line}" for line in lines), ends=ends)


_VALUE = "{'k': 'call', 's': 0, 'c': %s, 'e': 'value', 'u': 0.0, 'v': %s}"

FRAMES = (
    _forge("say that all is done", "send({'k': 'done'}); os._exit(0)"),
    _forge("say so twice", "send({'k': 'done'}); send({'k': 'done'}); os._exit(0)"),
    _forge("answer before it is asked", f"send({_VALUE % (1, '5.0')}); return 5.0"),
    _forge("answer all calls at once", f"[send({_VALUE % ('c', '5.0')}) for c in range(60)]; os._exit(0)"),
    _forge("answer one call twice", f"send({_VALUE % (0, '5.0')}); send({_VALUE % (0, '4.0')}); os._exit(0)"),
    _forge("answer the calls of another part", "send({'k': 'call', 's': 1, 'c': 0, 'e': 'value', 'v': 2.0}); return 5.0"),
    _forge("answer a part that is not there", "send({'k': 'call', 's': 99, 'c': 0, 'e': 'value', 'v': 2.0}); return 5.0"),
    _forge("answer a call below the first", "send({'k': 'call', 's': 0, 'c': -1, 'e': 'value', 'v': 2.0}); return 5.0"),
    _forge("answer a call of a great number", "send({'k': 'call', 's': 0, 'c': 1 << 70, 'e': 'value', 'v': 2.0}); return 5.0"),
    _forge("grant points", "send({'k': 'points', 'score': 12}); return 5.0"),
    _forge("grant a verdict", "send({'k': 'call', 's': 0, 'c': 0, 'e': 'pass', 'score': 4.0}); return 5.0"),
    _forge("be loaded again", "send({'k': 'loaded', 'u': 0.0}); send({'k': 'ready'}); return 5.0"),
    _forge("be a failed set-up", "os.write(5, b'sandbox: OSError: no sandbox today'); os._exit(70)"),
    _forge("deep JSON", "send(b'[' * 100000); os._exit(0)"),
    _forge("deep objects", "send(b'{\"a\":' * 50000); os._exit(0)"),
    _forge("a header that is a list", "send([1, 2, 3]); os._exit(0)"),
    _forge("a header that is not text", "send(b'\\xff\\xfe\\x00'); os._exit(0)"),
    _forge("a header with NaN", "send(b'{\"k\": \"call\", \"s\": NaN}'); os._exit(0)"),
    _forge("a key twice", "send(b'{\"k\": \"done\", \"k\": \"call\"}'); os._exit(0)"),
    _forge("a number of many digits", "send(b'{\"k\": \"call\", \"s\": ' + b'9' * 900000 + b'}'); os._exit(0)"),
    _forge("a negative length", "os.write(5, b'\\xff\\xff\\xff\\xff' * 2); os._exit(0)"),
    _forge("no length", "os.write(5, bytes(8)); os._exit(0)"),
    _forge("a length of 256 MiB and nothing", "os.write(5, struct.pack('<II', 256 << 20, 10)); os._exit(0)"),
    _forge("a header longer than its frame", "os.write(5, struct.pack('<II', 20, 1000) + bytes(12)); os._exit(0)"),
    _forge("half a frame, then the honest one", "os.write(5, struct.pack('<II', 40, 20)); return 5.0"),
    _forge("a shape that claims much", f"send({_VALUE % (0, repr(['a', 'float64', [1 << 40]]))}, bytes(8)); os._exit(0)"),
    _forge("a shape that overflows", f"send({_VALUE % (0, repr(['a', 'float64', [1 << 62, 4]]))}, bytes(8)); os._exit(0)"),
    _forge("a negative shape", f"send({_VALUE % (0, repr(['a', 'float64', [-1]]))}, bytes(8)); os._exit(0)"),
    _forge("a shape of 65 axes", f"send({_VALUE % (0, repr(['a', 'float64', [1] * 65]))}, bytes(8)); os._exit(0)"),
    _forge("an array of objects", f"send({_VALUE % (0, repr(['a', 'O', [1]]))}, bytes(8)); os._exit(0)"),
    _forge("an array of a structure", f"send({_VALUE % (0, repr(['a', '(3,)f8,O', [1]]))}, bytes(8)); os._exit(0)"),
    _forge("a value of an unknown kind", f"send({_VALUE % (0, repr(['python', 'print(1)']))}); os._exit(0)"),
    _forge("a probe as a value", f"send({_VALUE % (0, repr(['P', 'halve']))}); os._exit(0)"),
    _forge("a generator as a value", f"send({_VALUE % (0, repr(['G', 1]))}); os._exit(0)"),
    _forge("a pickle", "import pickle; os.write(5, pickle.dumps(ValueError(5.0))); os._exit(0)"),
    _forge("a value in a value in a value", f"send({_VALUE % (0, '[' + repr('t') + ', ' + '[' + repr('t') + ']]')}); return 5.0"),
    _forge("an ending of the grader", "send({'k': 'call', 's': 0, 'c': 0, 'e': 'timeout', 'x': ['', '', None, []]}); return 5.0"),
    _forge("a time before the start", "send({'k': 'call', 's': 0, 'c': 0, 'e': 'value', 'u': -1e300, 'v': 5.0}); return 5.0"),
    _forge("a flood of small frames", "while True: send({'k': 'loaded', 'u': 0.0})", ends=("protocol", "timeout", "output_limit")),
    _forge(
        "a flood of great frames",
        "blob = bytes(128 << 20)",
        f"while True: send({_VALUE % (0, repr(['a', 'uint8', [128 << 20]]))}, blob)",
        ends=("protocol", "timeout", "output_limit", "memory"),
    ),
    _forge("close the channel", "os.close(5); return 5.0", ends=("crash",)),
    _forge("put another pipe in its place", "r, w = os.pipe(); os.dup2(w, 5); return 5.0", ends=("crash", "timeout", "forbidden", "protocol")),
    _forge("fill the channel and leave", "os.write(5, bytes(1 << 16)); os._exit(0)"),
    _WIRE.load("say that all is done while loading", *_SEND, "send({'k': 'done'}); os._exit(0)", ends=("protocol", "crash", "load_error", "missing")),
    _WIRE.load(
        "answer everything while loading",
        *_SEND,
        "send({'k': 'loaded', 'u': 0.0})",
        "[send({'k': 'call', 's': 0, 'c': c, 'e': 'value', 'u': 0.0, 'v': 5.0}) for c in range(60)]",
        "send({'k': 'done'}); os._exit(0)",
        ends=("wrong", "protocol", "crash"),
    ),
    _WIRE.load(
        "claim points for everything unanswered",
        *_SEND,
        "def mean_square(residual): send({'k': 'call', 's': 3, 'c': 0, 'e': 'value', 'v': 'w'}); os._exit(0)",
        ends=("crash", "protocol", "wrong"),
    ),
    _WIRE.load(
        "replace the frames' encoder",
        "import autograder.sandbox.frames as frames, autograder.sandbox.harness as harness",
        "harness.encode_answer = lambda *a, **k: [frames.encode_message(frames.Done())]",
        "def mean_square(residual): return 5.0",
        ends=("wrong", "protocol", "crash"),
    ),
)  # fmt: skip

_REACH = (
    "import sys",
    "import autograder.sandbox.harness as harness",
    "import autograder.sandbox.arguments as arguments",
)

FACTS = (
    _FACTS.load(
        "a wrong value that changes nothing",
        *_REACH,
        "harness.unchanged = lambda *a: True",
        "def mean_square(residual):",
        "    residual[:] = [0.0] * len(residual); return 5.0",
        ends=("wrong", "error"),
    ),
    _FACTS.load(
        "a wrong value and a forged log of a probe",
        *_REACH,
        "class Log(arguments.ProbeLog):",
        "    count = 3",
        "harness.ProbeLog = Log",
        "def iterate(f, start, steps): return 2.0",
        part="iterate",
        ends=("wrong", "error"),
    ),
    _FACTS.load(
        "a wrong value and an untouched random state",
        *_REACH,
        "harness.GlobalRandomState.moved = lambda self: False",
        "import numpy as np",
        "def noise(reps, rng): return np.random.normal(size=reps)",
        part="noise",
    ),
    _FACTS.load(
        "a wrong value that shares no memory",
        *_REACH,
        "harness.shares_memory = lambda *a: False",
        "def mean_square(residual): return residual",
        ends=("bad_output", "wrong"),
    ),
    _FACTS.load(
        "an exception that calls itself ValueError",
        "class ValueError(Exception): pass",
        "def mean_square(residual): raise ValueError('bad input')",
        ends=("error",),
    ),
    _FACTS.load(
        "an exception of another name with a forged family",
        "class Meta(type):",
        "    def mro(cls): return [cls, ValueError, Exception, BaseException, object]",
        "class Odd(Exception, metaclass=Meta): pass",
        "def mean_square(residual): raise Odd",
        ends=("error", "load_error", "missing"),
    ),
    _FACTS.load("always the error that bad input asks for", "def mean_square(residual): raise ValueError", ends=("error",)),
    _FACTS.load(
        "a call that claims to cost nothing",
        *_REACH,
        "harness._cpu_time = lambda: 0.0",
        "def mean_square(residual):",
        "    while True: pass",
        ends=("timeout", "protocol"),
        slow=True,
    ),
    _FACTS.load(
        "a clock that runs backwards",
        "import time",
        "time.monotonic = time.perf_counter = time.process_time = time.thread_time = lambda: -1e9",
        "def mean_square(residual):",
        "    while True: pass",
        ends=("timeout",),
        slow=True,
    ),
)  # fmt: skip

HARNESS = (
    _HARNESS.load("np.allclose", "import numpy as np", "np.allclose = np.array_equal = lambda *a, **k: True", "def mean_square(residual): return 7.0"),
    _HARNESS.load("np.asarray", "import numpy as np", "np.asarray = np.array = lambda *a, **k: 5.0", "def mean_square(residual): return 7.0"),
    _HARNESS.load("builtins", "import builtins", "builtins.abs = builtins.max = lambda *a: 0.0; builtins.len = lambda x: 0", "def mean_square(residual): return 7.0", ends=("wrong", "crash", "error", "bad_output", "protocol")),
    _HARNESS.load("isinstance", "import builtins", "builtins.isinstance = lambda *a: True", "def mean_square(residual): return 7.0", ends=("wrong", "crash", "bad_output")),
    _HARNESS.load("the comparison of the checks", "import autograder.checks.compare as c", "c.mismatch = lambda *a: None", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the check kinds", "import autograder.checks.kinds as k", "k.Compared.judge = lambda *a: k.Verdict()", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the points", "import sys", "sys.modules['autograder.judging.points_rule'] = sys.modules['autograder.judging.functions'] = None", "def mean_square(residual): return 7.0"),
    _HARNESS.load("import hooks", "import sys", "class Hook:", "    def find_spec(self, *a): return None", "sys.meta_path[:] = [Hook()]; sys.modules.clear()", "def mean_square(residual): return 7.0", ends=("wrong", "crash", "error", "load_error")),
    _HARNESS.load("unittest and pytest", "import sys", "sys.modules['pytest'] = sys.modules['unittest'] = sys.modules[__name__]", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the exit of the child", "import os", "os._exit = lambda code: None", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the write of the child", "import os", "os.write = lambda fd, data: len(data)", "def mean_square(residual): return 7.0"),
    _HARNESS.load("a trace function", "import sys", "def trace(frame, event, arg):", "    if 'seen' in frame.f_locals: frame.f_locals['seen'] = None", "    return trace", "sys.settrace(trace)", "def mean_square(residual): return 7.0", ends=("wrong", "error", "timeout", "crash")),
    _HARNESS.load("a trace function on frames above", "import sys", "def mean_square(residual):", "    f = sys._getframe().f_back", "    while f: f.f_trace = lambda *a: (_ for _ in ()).throw(SystemExit); f = f.f_back", "    sys.settrace(lambda *a: None); return 7.0", ends=("wrong", "error", "crash")),
    _HARNESS.load("a profile function", "import sys", "sys.setprofile(lambda *a: None)", "def mean_square(residual): return 7.0"),
    _HARNESS.load("a profile function that raises", "import sys", "def profile(*a): raise RuntimeError", "sys.setprofile(profile)", "def mean_square(residual): return 7.0", ends=("wrong", "crash", "error", "load_error", "missing")),
    _HARNESS.load("an exit handler", "import atexit, os", "atexit.register(lambda: os.write(5, bytes(100)))", "def mean_square(residual): return 7.0"),
    _HARNESS.load("an exit handler that never ends", "import atexit, time", "atexit.register(time.sleep, 99)", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the fault handler on the channel", "import faulthandler", "faulthandler.enable(5)", "def mean_square(residual): faulthandler._sigsegv()", ends=("crash", "protocol", "error", "bad_output")),
    _HARNESS.load("the fault handler as a clock", "import faulthandler", "faulthandler.dump_traceback_later(0.01, repeat=True, file=5)", "def mean_square(residual): return 7.0", ends=("wrong", "protocol", "error", "load_error", "missing", "crash")),
    _HARNESS.load("a finaliser of the result", "class Result(float):", "    def __del__(self): import os; os.write(5, b'x' * 50)", "def mean_square(residual): return Result(7.0)", ends=("wrong", "protocol", "bad_output", "crash")),
    _HARNESS.load("the collector's callbacks", "import gc", "gc.callbacks.append(lambda *a: None); gc.set_threshold(1)", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the unraisable hook", "import sys", "sys.unraisablehook = sys.excepthook = lambda *a: None", "def mean_square(residual): return 7.0"),
    _HARNESS.load("an audit hook", "import sys", "sys.addaudithook(lambda *a: None)", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the code of the harness", *_REACH, "harness._Child.answer.__code__ = (lambda self, s, i: [b'']).__code__", "def mean_square(residual): return 7.0", ends=("wrong", "protocol", "crash", "error")),
    _HARNESS.load("the recursion limit", "import sys", "sys.setrecursionlimit(60)", "def mean_square(residual): return 7.0", ends=("wrong", "error", "crash", "bad_output")),
    _HARNESS.load("a thread that answers first", *_SEND, "import threading", "def forge():", "    [send({'k': 'call', 's': 0, 'c': c, 'e': 'value', 'u': 0.0, 'v': 4.0}) for c in range(9)]", "threading.Thread(target=forge).start()", "def mean_square(residual): return 7.0", ends=("wrong", "protocol", "missing", "load_error", "crash")),
    _HARNESS.load("its own module's name", "import sys", "sys.modules['target'] = None; __name__ = '__main__'", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the switch interval", "import sys", "sys.setswitchinterval(1e-9)", "def mean_square(residual): return 7.0"),
    _HARNESS.load("the global seed", "import numpy as np, random", "np.random.seed = random.seed = lambda *a: None", "def mean_square(residual): return float(np.random.random())"),
)  # fmt: skip

ATTACKS = (*FRAMES, *FACTS, *HARNESS)
