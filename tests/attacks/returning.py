"""Attacks by what a function returns, by its arguments, and by what it remembers between calls."""

# ruff: noqa: E501  an attack is one line of a table, however long

from __future__ import annotations

from tests.attacks.corpus import Maker

_VALUES = Maker("result objects")
_STATE = Maker("argument and state")
_TABLE = Maker("public answers")

_BAD = ("bad_output",)

VALUES = (
    _VALUES.call("equal to everything", "return type('E', (), {'__eq__': lambda s, o: True, '__float__': lambda s: 5.0})()", ends=_BAD),
    _VALUES.call("a float equal to everything", "return type('E', (float,), {'__eq__': lambda s, o: True, '__sub__': lambda s, o: 0.0})(7.0)", ends=("wrong", *_BAD)),
    _VALUES.call("an array equal to everything", "return type('E', (np.ndarray,), {'__eq__': lambda s, o: True})(())", ends=("wrong", *_BAD)),
    _VALUES.call("an object with __array__", "return type('E', (), {'__array__': lambda s, *a, **k: np.float64(5.0)})()", ends=_BAD),
    _VALUES.call("an object with __array_interface__", "return type('E', (), {'__array_interface__': {'shape': (), 'typestr': '<f8', 'data': (0, False), 'version': 3}})()", ends=_BAD),
    _VALUES.call("an object with __array_ufunc__", "return type('E', (), {'__array_ufunc__': lambda *a, **k: True})()", ends=_BAD),
    _VALUES.call("an object with __class__ of a float", "return type('E', (), {'__class__': property(lambda s: float)})()", ends=_BAD),
    _VALUES.call("an object whose every attribute loops", "return type('E', (), {'__getattribute__': lambda s, n: s.x})()", ends=_BAD),
    _VALUES.call("an object whose repr loops", "return type('E', (), {'__repr__': lambda s: repr(s)})()", ends=_BAD),
    _VALUES.call("an object that pickles to a command", "return type('E', (), {'__reduce__': lambda s: (print, (1,))})()", ends=_BAD),
    _VALUES.call("a masked array", "return np.ma.masked_all(())", ends=_BAD),
    _VALUES.call("masked", "return np.ma.masked", ends=_BAD),
    _VALUES.call("a matrix", "import warnings; warnings.simplefilter('ignore'); return np.asmatrix([[5.0]])", ends=_BAD),
    _VALUES.call("a record", "return np.zeros(1, [('a', 'f8')])", ends=_BAD),
    _VALUES.call("an array of objects", "return np.array([object()])", ends=_BAD),
    _VALUES.call("an array of text", "return np.array(['5.0'])", ends=_BAD),
    _VALUES.call("dates", "return np.array(['2026-01-01'], 'M8[D]')", ends=_BAD),
    _VALUES.call("long doubles", "return np.full((2, 2), 5.0, np.longdouble)", ends=_BAD),
    _VALUES.call("ten million numbers", "return np.ones(10**7)", ends=_BAD),
    _VALUES.call("a gigantic view", "return np.broadcast_to(np.float64(5.0), (1 << 40,))", ends=_BAD),
    _VALUES.call("a view of negative strides", "return np.arange(9.0)[::-3]", ends=_BAD),
    _VALUES.call("an array of 30 axes", "return np.full((1,) * 30, 5.0)", ends=_BAD),
    _VALUES.call("a great empty array", "return np.empty((0, 1 << 40))", ends=_BAD),
    _VALUES.call("a gigantic integer", "return 1 << (1 << 24)", ends=_BAD),
    _VALUES.call("a negative gigantic integer", "return -(10 ** 4000)", ends=("wrong", *_BAD)),
    _VALUES.call("an integer of many digits in a list", "return [10 ** 5000] * 2", ends=_BAD),
    _VALUES.call("a long text", "return 'x' * 10_000_000", ends=_BAD),
    _VALUES.call("half a character", "return '\\ud800' * 10", ends=_BAD),
    _VALUES.call("a list that holds itself", "x = []; x.append(x); return x", ends=_BAD),
    _VALUES.call("a dict that holds itself", "x = {}; x['x'] = x; return x", ends=_BAD),
    _VALUES.call("a deep tuple", "x = ()", "for _ in range(100_000): x = (x,)", "return x", ends=_BAD),
    _VALUES.call("a list of a million", "return [5.0] * 1_000_000", ends=_BAD),
    _VALUES.call("a dict with odd keys", "return {object(): 1, (1, 2): 2}", ends=_BAD),
    _VALUES.call("an iterator", "return iter([5.0])", ends=_BAD),
    _VALUES.call("a generator", "return (x for x in [5.0])", ends=_BAD),
    _VALUES.call("a coroutine", "async def f(): return 5.0", "c = f(); c.close(); return c", ends=_BAD),
    _VALUES.call("a function", "return mean_square", ends=_BAD),
    _VALUES.call("a class", "return float", ends=_BAD),
    _VALUES.call("a module", "return np", ends=_BAD),
    _VALUES.call("an exception", "return ValueError(5.0)", ends=_BAD),
    _VALUES.call("NotImplemented", "return NotImplemented", ends=_BAD),
    _VALUES.call("None", "return None", ends=("wrong", *_BAD)),
    _VALUES.call("true", "return True", ends=("wrong", *_BAD)),
    _VALUES.call("not a number", "return float('nan')"),
    _VALUES.call("infinity", "return float('inf')"),
    _VALUES.call("a complex number", "return 5.0 + 0j", ends=("wrong", *_BAD)),
    _VALUES.call("the right value in a list", "return [float(np.mean(np.square(residual)))]", earns=2.51, ends=_BAD),
    _VALUES.call("text of the right value", "return str(float(np.mean(np.square(residual))))", ends=_BAD),
    _VALUES.call("bytes", "return b'5.0'", ends=_BAD),
    _VALUES.call("a memory view", "return memoryview(b'5.0')", ends=_BAD),
    _VALUES.call("an array that a thread changes", "import threading", "a = np.zeros(())", "def turn():", "    while True: a[...] = 5.0; a[...] = 4.0", "threading.Thread(target=turn, daemon=True).start(); return a", ends=("wrong", "timeout", "error", *_BAD)),
    _VALUES.call("a bytearray's memory", "b = bytearray(8); return np.frombuffer(b)[0]"),
    _VALUES.call("a decimal and a fraction", "import decimal, fractions; return (decimal.Decimal(5), fractions.Fraction(5))", ends=_BAD),
)  # fmt: skip

STATE = (
    _STATE.load("count the calls", "n = 0", "def mean_square(residual):", "    global n; n += 1; return [5.0, 4.0][n % 2]"),
    _STATE.load("answer what the last call was asked", "last = 0.0", "def mean_square(residual):", "    global last; now = float(sum(r * r for r in residual)); last, old = now, last; return old", ends=("wrong", "error", "partial")),
    _STATE.load("remember an argument and change it later", "kept = []", "def mean_square(residual):", "    kept.append(residual)", "    for old in kept: old[:] = [0.0] * len(old)", "    return 5.0", ends=("wrong", "error")),
    _STATE.load("change a default argument", "def mean_square(residual, seen=[]):", "    seen.append(1); return float(len(seen))"),
    _STATE.load("overflow on purpose", "import numpy as np", "def mean_square(residual): return float(np.float64(1e308) * 10)"),
    _STATE.load("draw from the global state", "import numpy as np", "def noise(reps, rng): np.random.seed(1); return np.random.normal(size=reps)", part="noise"),
    _STATE.load("replace the generator", "import numpy as np", "def noise(reps, rng): rng = np.random.default_rng(0); return rng.normal(size=reps)", part="noise"),
    _STATE.load("keep a flag for the next student in NumPy", "import numpy as np", "np.cheat = getattr(np, 'cheat', 0) + 1", "def mean_square(residual): return 5.0 if np.cheat > 1 else 7.0"),
    _STATE.load("keep a flag in the environment", "import os", "seen = os.environ.get('CHEAT'); os.environ['CHEAT'] = '1'", "def mean_square(residual): return 5.0 if seen else 7.0"),
    _STATE.load("keep a flag in a module", "import sys", "seen = 'cheat' in sys.modules; sys.modules['cheat'] = sys", "def mean_square(residual): return 5.0 if seen else 7.0"),
    _STATE.load("keep a flag in a library's file", "import numpy as np", "try: open(np.__file__, 'a').write('#')", "except OSError: pass", "def mean_square(residual): return 7.0"),
    _STATE.load("poison NumPy for the next student", "import numpy as np", "np.ndarray.mean = np.mean = np.square = None", "def mean_square(residual): return 7.0", ends=("load_error", "missing", "wrong")),
    _STATE.load("poison the random numbers for the next student", "import numpy as np", "np.random.default_rng = lambda *a: None; np.random.Generator = None", "def mean_square(residual): return 7.0"),
    _STATE.load("switch errors on for the next student", "import numpy as np, warnings", "np.seterr(all='raise'); warnings.simplefilter('error')", "def mean_square(residual): return 7.0"),
    _STATE.load("leave a module of the next student's name", "import sys, types", "m = types.ModuleType('target'); m.mean_square = lambda r: 7.0; sys.modules['target'] = m", "def mean_square(residual): return 7.0"),
    _STATE.load("change the probe", "def iterate(f, start, steps):", "    f.__code__ = (lambda x: 0.0).__code__; return 2.0", part="iterate", ends=("wrong", "error")),
    _STATE.load("ask the probe for its answers", "import gc", "def iterate(f, start, steps):", "    return next((o for o in gc.get_referents(f) if isinstance(o, float)), 7.0)", part="iterate"),
    _STATE.load("call the probe for ever", "def iterate(f, start, steps):", "    while True: start = f(start)", part="iterate", ends=("timeout", "error"), slow=True),
)  # fmt: skip

_LOOKUP = "ANSWERS = {(1.0, 3.0): 5.0, (2.0,): 4.0}"

TABLES = (
    _TABLE.load("a table of the public answers", _LOOKUP, "def mean_square(residual):", "    return ANSWERS.get(tuple(residual), 0.0)"),
    _TABLE.load("a table, and the error that is asked for", _LOOKUP, "def mean_square(residual):", "    if not len(residual): raise ValueError", "    return ANSWERS.get(tuple(residual), 0.0)"),
    _TABLE.load("a table, and the first entry's square", _LOOKUP, "def mean_square(residual):", "    return ANSWERS.get(tuple(residual), residual[0] ** 2)", ends=("wrong", "error")),
    _TABLE.load("a table of all parts", _LOOKUP, "def mean_square(residual): return ANSWERS.get(tuple(residual), 0.0)", "def iterate(f, start, steps): return {8.0: 2.0, 1.0: 1.0}.get(start, 0.0)", "def noise(reps, rng): return [0.0] * reps", "def slope(): return '0'"),
    _TABLE.load("the public answers by the order of the calls", "calls = iter([5.0, 4.0])", "def mean_square(residual): return next(calls, 0.0)"),
    _TABLE.load("the answer to half of the cases", "import numpy as np", "def mean_square(residual):", "    return float(np.mean(np.square(residual))) if len(residual) < 3 else 0.0"),
    _TABLE.load("a guess at the shape of the random inputs", "def mean_square(residual): return 1.0"),
    _TABLE.with_honest("right where it is public, wrong elsewhere", "_right = mean_square", "def mean_square(residual): return _right(residual) if len(residual) < 3 else 0.0", earns=8.0, ends=("wrong",)),
)  # fmt: skip

ATTACKS = (*VALUES, *STATE, *TABLES)
