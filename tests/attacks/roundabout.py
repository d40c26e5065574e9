"""Attacks by way of Python's and NumPy's own hooks, by what a child leaves, and by telling public calls from hidden."""

# ruff: noqa: E501  an attack is one line of a table, however long

from __future__ import annotations

from tests.attacks.corpus import Attack, Maker
from tests.attacks.spying import BETWEEN

_HOOKS = Maker("hooks of the language")
_ARRAYS = Maker("hooks of numpy")
_LEFT = Maker(BETWEEN)
_PROBES = Maker("public or hidden")

_SEVEN = "def mean_square(residual): return 7.0"
_REFUSED = ("forbidden", "error")


def _hook(name: str, *lines: str, ends: tuple[str, ...] = ("wrong",), earns: float = 0.0) -> Attack:
    return _HOOKS.load(name, *lines, _SEVEN, ends=ends, earns=earns)


LANGUAGE = (
    _hook(
        "a codec that makes every text another",
        "import codecs",
        "codecs.register(lambda name: codecs.lookup('latin-1'))",
        "codecs.register_error('strict', lambda e: ('5.0', e.end))",
    ),
    _hook(
        "the table of encodings emptied",
        "import encodings",
        "encodings._cache.clear(); encodings.aliases.aliases.clear(); encodings.search_function = lambda name: None",
    ),
    _HOOKS.load(
        "a coding line that hides code",
        "# -*- coding: unicode_escape -*-",
        "def mean_square(residual):",
        "    return 7.0 # \\u000a    return 5.0",
        ends=("rejected",),
    ),
    _hook("a codec of its own for its file", "import codecs", "codecs.register(lambda name: 1 / 0)"),
    _hook(
        "the function that imports",
        "import builtins",
        "real = builtins.__import__",
        "builtins.__import__ = lambda name, *a, **k: real('math' if name.startswith('autograder') else name, *a, **k)",
    ),
    _hook(
        "a finder that gives modules of its own",
        "import importlib.abc, importlib.machinery, sys, types",
        "class Finder(importlib.abc.MetaPathFinder):",
        "    def find_spec(self, name, path, target=None): return importlib.machinery.ModuleSpec(name, self)",
        "    def create_module(self, spec): return types.ModuleType(spec.name)",
        "    def exec_module(self, module): module.__getattr__ = lambda name: (lambda *a, **k: 5.0)",
        "sys.meta_path.insert(0, Finder())",
    ),
    _hook(
        "modules of the harness replaced",
        "import sys, types",
        "for name in [n for n in sys.modules if n.startswith('autograder')]: sys.modules[name] = types.ModuleType(name)",
    ),
    _hook("the builder of classes", "import builtins", "builtins.__build_class__ = lambda *a, **k: float"),
    _hook(
        "the builtins of every frame",
        "import builtins",
        "for name in ('bytes', 'float', 'int', 'tuple', 'type', 'repr', 'hash'): setattr(builtins, name, lambda *a: 5.0)",
        ends=("wrong", "bad_output", "error", "crash", "protocol"),
    ),
    _hook(
        "every warning an error with a text",
        "import warnings",
        "warnings.showwarning = lambda *a, **k: 1 / 0",
        "warnings.simplefilter('error')",
    ),
    _hook(
        "the locale",
        "import locale",
        "try: locale.setlocale(locale.LC_ALL, 'de_DE.UTF-8')",
        "except locale.Error: pass",
        "locale.setlocale(locale.LC_ALL, 'C')",
    ),
    _hook(
        "monitoring of every call",
        "import sys",
        "m = getattr(sys, 'monitoring', None)",
        "if m:",
        "    m.use_tool_id(3, 'spy')",
        "    m.set_events(3, m.events.PY_RETURN)",
        "    m.register_callback(3, m.events.PY_RETURN, lambda code, at, value: m.DISABLE)",
    ),
    _hook(
        "a profile of all threads",
        "import threading",
        "threading.setprofile(lambda *a: None); threading.settrace(lambda *a: None)",
    ),
    _hook(
        "finalisers that answer at the end",
        "import os, weakref",
        "class Thing: pass",
        "thing = Thing()",
        "weakref.finalize(thing, os.write, 5, bytes(40))",
    ),
    _hook(
        "a callback of the collector that answers",
        "import gc, os",
        "gc.callbacks.append(lambda phase, info: os.write(5, bytes(40))); gc.collect()",
        ends=("wrong", "protocol", "load_error", "missing", "crash"),
    ),
    _hook(
        "a signal handler that answers",
        "import os, signal",
        "signal.signal(signal.SIGXCPU, lambda *a: os.write(5, bytes(40)))",
        "signal.setitimer(signal.ITIMER_PROF, 0.001)",
        ends=("wrong", "crash", "load_error", "missing", "forbidden"),
    ),
    _hook(
        "a byte on the channel for every signal",
        "import signal",
        "signal.set_wakeup_fd(5, warn_on_full_buffer=False)",
        "signal.signal(signal.SIGALRM, lambda *a: None)",
        "signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)",
        ends=("wrong", "error", "protocol", "load_error", "missing", "forbidden", "crash"),
    ),
    _hook(
        "hooks around a fork", "import os", "os.register_at_fork(before=lambda: 1 / 0, after_in_child=lambda: 1 / 0)"
    ),
    _hook(
        "the reducers of pickles",
        "import copyreg, pickle",
        "copyreg.pickle(float, lambda x: (float, ('5.0',)))",
        "pickle.dumps = pickle.loads = lambda *a, **k: 5.0",
    ),
    _hook(
        "a number changed in memory",
        "import ctypes",
        "one = 1.0",
        "ctypes.memmove(id(one) + 16, ctypes.addressof(ctypes.c_double(5.0)), 8)",
        ends=("wrong", "bad_output", "error", "crash"),
    ),
)

ARRAYS = (
    _ARRAYS.call("an array that answers every function", "return type('E', (np.ndarray,), {'__array_function__': lambda *a, **k: True, '__array_ufunc__': lambda *a, **k: True})(())", ends=("wrong", "bad_output")),
    _ARRAYS.call("an array that is another once it is copied", "return type('E', (np.ndarray,), {'__array_finalize__': lambda s, o: None, 'tobytes': lambda s, *a: np.float64(5.0).tobytes(), '__reduce__': lambda s: (float, ('5',))})(())", ends=("wrong", "bad_output")),
    _ARRAYS.call("a number whose shape and dtype lie", "return type('E', (np.float64,), {'shape': (), 'dtype': np.dtype('f8'), 'item': lambda s: 5.0, 'tolist': lambda s: 5.0, '__float__': lambda s: 5.0})(7.0)", ends=("wrong", "bad_output")),
    _ARRAYS.load("the mean of arrays", "import numpy as np", "m = __import__('sys').modules.get('numpy._core._methods') or __import__('numpy.core._methods', fromlist=['x'])", "m._mean = m.umr_sum = lambda *a, **k: 5.0", _SEVEN),
    _ARRAYS.load("the tests of numpy", "import numpy as np", "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None", "np.ndarray = np.float64 = np.generic = float", _SEVEN),
    _ARRAYS.load("the handler of floating errors", "import numpy as np", "np.seterrcall(lambda *a: 1 / 0); np.seterr(all='call')", _SEVEN),
    _ARRAYS.call("an array that was saved as a pickle", "import io, pickle; b = io.BytesIO(); np.save(b, np.array([open]), allow_pickle=True); b.seek(0); return np.load(b, allow_pickle=True)[0]('@CANARY@/canary').read()", ends=_REFUSED),
    _ARRAYS.call("a dtype that holds words", "return np.zeros((), np.dtype('f8', metadata={'status': 'correct', 'x': open}))", ends=("wrong", "bad_output")),
)  # fmt: skip

LEFT = (
    _LEFT.load("the mask of new files", "import os", "os.umask(0)", _SEVEN, ends=("wrong", "load_error", "missing")),
    _LEFT.load("another working folder", "import os", "try: os.chdir('/')", "except OSError: pass", _SEVEN),
    _LEFT.load(
        "an environment for the next",
        "import os",
        "os.environ['PYTHONSTARTUP'] = os.environ['LD_PRELOAD'] = '/tmp/attack-@TOKEN@'; os.putenv('X', '1')",
        _SEVEN,
    ),
    _LEFT.call(
        "code that a library loads",
        "import numpy, os; return open(os.path.join(os.path.dirname(numpy.__file__), 'attack-@TOKEN@.py'), 'w').write('x')",
        ends=_REFUSED,
    ),
    _LEFT.call(
        "a file that starts with Python",
        "import site; return open(site.getusersitepackages() + '/attack-@TOKEN@.pth', 'w').write('x')",
        ends=_REFUSED,
    ),
    _LEFT.call(
        "compiled code next to a module",
        "import py_compile, fractions; return py_compile.compile(fractions.__file__, cfile='/tmp/attack-@TOKEN@.pyc')",
        ends=_REFUSED,
    ),
    _LEFT.call(
        "a lock file",
        "import os; return float(os.open('/tmp/attack-@TOKEN@.lock', os.O_CREAT | os.O_EXCL))",
        ends=_REFUSED,
    ),
    _LEFT.call(
        "a semaphore of the machine",
        "import multiprocessing as m; return float(m.Semaphore(1).get_value())",
        ends=("forbidden", "error", "wrong"),
    ),
    _LEFT.call(
        "a queue of the machine",
        "import ctypes; return float(ctypes.CDLL(None).mq_open(b'/attack-@TOKEN@', 0o102, 0o600, None))",
        ends=("forbidden", "error", "wrong"),
    ),
    _LEFT.call(
        "settings of a plot",
        "import os; os.makedirs(os.path.expanduser('~/.config/attack-@TOKEN@')); return 5.0",
        ends=_REFUSED,
    ),
    _LEFT.load(
        "the priority of the server",
        "import os",
        "try: os.setpriority(os.PRIO_PROCESS, @SERVER@, 19)",
        "except OSError: pass",
        _SEVEN,
        ends=("wrong", "crash", "forbidden", "load_error", "missing"),
    ),
    _LEFT.load(
        "the processors of the server",
        "import os",
        "try: os.sched_setaffinity(@SERVER@, {0})",
        "except OSError: pass",
        _SEVEN,
        ends=("wrong", "crash", "forbidden", "load_error", "missing"),
    ),
    _LEFT.call(
        "the limits of the server",
        "import resource; return float(resource.prlimit(@SERVER@, resource.RLIMIT_NOFILE, (3, 3))[0])",
        ends=_REFUSED,
    ),
)

_KNOWN = "TABLE = {(1.0, 3.0): 5.0, (2.0,): 4.0}"
PROBES = (
    _PROBES.load(
        "right for the first calls alone",
        "import numpy as np",
        "calls = []",
        "def mean_square(residual):",
        "    calls.append(1)",
        "    if not np.size(residual): raise ValueError",
        "    return float(np.mean(np.square(residual))) if len(calls) < 4 else 7.0",
        earns=0.2,
    ),
    _PROBES.load(
        "a table of what is public",
        "import numpy as np",
        _KNOWN,
        "def mean_square(residual):",
        "    if not np.size(residual): raise ValueError",
        "    return TABLE.get(tuple(residual), 7.0)",
        earns=0.2,
    ),
    _PROBES.load(
        "other for what looks drawn",
        "import numpy as np",
        "def mean_square(residual):",
        "    if not np.size(residual): raise ValueError",
        "    return 7.0 if any(x % 1 for x in residual) else float(np.mean(np.square(residual)))",
        earns=0.2,
    ),
    _PROBES.load(
        "the seed of hashes tells the variant",
        "import sys, numpy as np",
        "def mean_square(residual): return float(hash('x') % 7 + sys.flags.hash_randomization)",
    ),
    _PROBES.load(
        "the reference by its name",
        "import numpy as np",
        "def mean_square(residual):",
        "    for name in ('reference', 'exercises.target.grading', 'grading', 'checks'):",
        "        try: return __import__(name).mean_square(residual)",
        "        except ImportError: pass",
        "    return 7.0",
    ),
    _PROBES.load(
        "time between two calls",
        "import time",
        "last = [time.perf_counter()]",
        "def mean_square(residual):",
        "    gap, last[0] = time.perf_counter() - last[0], time.perf_counter()",
        "    return 7.0 if gap < 1e9 else 5.0",
    ),
)

ATTACKS = (*LANGUAGE, *ARRAYS, *LEFT, *PROBES)
