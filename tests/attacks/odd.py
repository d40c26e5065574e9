"""Odd but right submissions: each must get full marks."""

# ruff: noqa: E501  an attack is one line of a table, however long

from __future__ import annotations

from tests.attacks.corpus import FULL, HONEST, Attack, Maker

_ODD = Maker("odd but right")
_TAIL = HONEST[HONEST.index("def iterate") :]

HONEST_ONES = (
    _ODD.honest("nothing odd"),
    _ODD.honest("every name of NumPy", "from numpy import *"),
    _ODD.honest("a print in every call", "_m = mean_square", "def mean_square(residual):", "    print(residual, end=' ')", "    return _m(residual)"),
    _ODD.honest("print redefined", "def print(*a): raise RuntimeError"),
    _ODD.honest("output closed", "import sys", "sys.stdout.close()"),
    _ODD.honest("output of its own", "import sys, io", "sys.stdout = sys.stderr = io.StringIO()"),
    _ODD.honest("builtins shadowed", "len = sum = list = float_ = None"),
    _ODD.honest("a main block", "if __name__ == '__main__':", "    raise SystemExit('not as a program')"),
    _ODD.honest("a seed", "np.random.seed(0)"),
    _ODD.honest("warnings", "import warnings", "warnings.warn('look out')"),
    _ODD.honest("errors of NumPy switched on", "np.seterr(all='raise')"),
    _ODD.honest("NumPy's comparisons replaced", "np.array_equal = np.allclose = np.isclose = lambda *a, **k: False"),
    _ODD.honest("NumPy's printing changed", "np.set_printoptions(threshold=0, precision=1)"),
    _ODD.honest("NumPy's state of errors replaced", "np.errstate = np.geterr = None"),
    _ODD.honest("a deep limit of recursion", "import sys", "sys.setrecursionlimit(10**6)"),
    _ODD.honest("an exit handler that raises", "import atexit", "atexit.register(lambda: 1 / 0)"),
    _ODD.honest("a type of its own", "import dataclasses, typing", "@dataclasses.dataclass", "class Point:", "    x: float = 0.0"),
    _ODD.honest("future annotations inside", "def helper(x: 'list[int]') -> 'None': return None"),
    _ODD.honest("tests of its own", "assert mean_square([1.0, 3.0]) == 5.0", "assert iterate(lambda x: x / 2, 8.0, 2) == 2.0"),
    _ODD.honest("a plot", "import matplotlib.pyplot as plt", "plt.plot([1, 2]); plt.show(); plt.savefig('x.png')"),
    _ODD.honest("a thread that ended", "import threading", "t = threading.Thread(target=lambda: None); t.start(); t.join()"),
    _ODD.honest("exit handlers", "import atexit", "atexit.register(lambda: None)"),
    _ODD.honest("a decorated function", "import functools", "mean_square = functools.lru_cache(maxsize=None)(mean_square) if False else mean_square"),
    _ODD.honest("a callable object", "class _M:", "    def __call__(self, residual, _m=mean_square): return _m(residual)", "mean_square = _M()"),
    _ODD.honest("a NumPy scalar as the result", "_m = mean_square", "def mean_square(residual): return np.float64(_m(residual))"),
    _ODD.honest("an array of no axes as the result", "_m = mean_square", "def mean_square(residual): return np.array(_m(residual))"),
    _ODD.honest("an error of its own family", "class Empty(ValueError): pass", "_m = mean_square", "def mean_square(residual):", "    if not np.size(residual): raise Empty('nothing')", "    return _m(residual)"),
    _ODD.honest("a comment in many alphabets", "# \u65e5\u672c\u8a9e \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \U0001f600 \u0301"),
    _ODD.honest("names in many alphabets", "\u03c3 = 1.0; \u540d = 2.0"),
    _ODD.honest("Windows line ends", "x = 1\r", "y = 2\r"),
    _ODD.honest("tabs", "def helper():", "\treturn 1"),
    _ODD.honest("a very long file", *(f"# line {k}" for k in range(20_000))),
    _ODD.honest("a recursion", "def _f(n): return 0 if n == 0 else _f(n - 1)", "_f(500)"),
    _ODD.honest("SciPy imported", "import scipy.special"),
    _ODD.honest("input at the end, as in a script", "try: input()", "except EOFError: pass"),
    _ODD.honest("exit at the end, as in a script", "import sys", "sys.exit()"),
    _ODD.honest("a formula in another form", "def slope(): return 'dL/dw = 2*(tanh(w) - y)/cosh(w)^2'"),
    _ODD.honest("a formula with its derivation", "def slope(): return '(tanh(w) - y)**2\\n2*(tanh(w)-y)*(1-tanh(w)**2)'"),
)  # fmt: skip

NOTEBOOKS = (
    Attack("odd but right", "a notebook", ("import numpy as np", HONEST), ("correct",), earns=FULL),
    Attack("odd but right", "a notebook with magics", ("%matplotlib inline\n!pip install numpy", HONEST), ("correct",), earns=FULL),
    Attack("odd but right", "a notebook with a broken cell", (HONEST, "1 / 0", "this is no Python"), ("correct",), earns=FULL),
    Attack("odd but right", "a notebook with output", (HONEST, "display(mean_square([1.0]))\nmean_square?"), ("correct",), earns=FULL),
)  # fmt: skip

ATTACKS = (*HONEST_ONES, *NOTEBOOKS)
