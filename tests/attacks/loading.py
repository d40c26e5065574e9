"""Attacks by the text of a submission, by notebooks and formulas, and by what a report would show."""

# ruff: noqa: E501  an attack is one line of a table, however long

from __future__ import annotations

from tests.attacks.corpus import Maker

_SOURCE = Maker("source and notebooks")
_SYMBOLIC = Maker("symbolic answers")
_FEEDBACK = Maker("feedback")

_FAILED = ("load_error", "missing")

SOURCE = (
    _SOURCE.load("no Python", "this is no Python", ends=_FAILED),
    _SOURCE.load("brackets without end", "(" * 100_000, ends=_FAILED),
    _SOURCE.load("brackets with an end", "x = " + "(" * 2_000 + ")" * 2_000, ends=_FAILED),
    _SOURCE.load("signs without end", "x = " + "-" * 100_000 + "1", ends=(*_FAILED, "crash", "memory")),
    _SOURCE.load("a long sum", "x = " + "1+" * 50_000 + "1", ends=(*_FAILED, "crash", "memory")),
    _SOURCE.load("attributes without end", "x = a" + ".b" * 50_000, ends=(*_FAILED, "crash", "memory")),
    _SOURCE.load("a constant of the compiler", "x = 7 ** 7 ** 7 ** 7", ends=("load_error", "timeout", "missing"), slow=True),
    _SOURCE.load("a string of the compiler", "x = 'a' * 10**9 * 10**9", ends=_FAILED),
    _SOURCE.load("a number of many digits", "x = " + "9" * 100_000, ends=_FAILED),
    _SOURCE.load("names without end", "\n".join(f"x{k} = {k}" for k in range(60_000)), ends=(*_FAILED, "timeout")),
    _SOURCE.load("indents", "\n".join(" " * k + "if 1:" for k in range(200)), ends=_FAILED),
    _SOURCE.load("decorators", "@print\n" * 5_000 + "def mean_square(residual): return 7.0", ends=("bad_output", "wrong", "error", "load_error", "missing")),
    _SOURCE.load("a text that never ends", "x = '''" + "a" * 100_000, ends=_FAILED),
    _SOURCE.load("formatted texts in each other", "x = " + "f'{" * 60 + "1" + "}'" * 60, ends=_FAILED),
    _SOURCE.load("a match that explodes", "def mean_square(residual):", "    match residual:", "        case " + " | ".join(f"{k}" for k in range(5_000)) + ": return 1", "    return 7.0", ends=("wrong", "error", "load_error", "missing")),
    _SOURCE.load("a class that replaces functions", "class mean_square:", "    def __new__(cls, residual): return 7.0"),
    _SOURCE.load("a name that is not a function", "mean_square = 5.0", ends=("error",)),
    _SOURCE.load("a function with other arguments", "def mean_square(): return 5.0", ends=("error",)),
    _SOURCE.load("a coroutine for a function", "async def mean_square(residual): return 5.0", ends=("bad_output",)),
    _SOURCE.load("a generator for a function", "def mean_square(residual): yield 5.0", ends=("bad_output",)),
    _SOURCE.load("delete what is asked", "def mean_square(residual): return 5.0", "del mean_square", ends=("missing",)),
    _SOURCE.load("a file that imports itself", "import target", "def mean_square(residual): return 7.0", ends=("wrong", *_FAILED)),
    _SOURCE.load("text that reads backwards", "def mean_square(residual): return 7.0 # \u202e } ; 0.5 nruter"),
    _SOURCE.cells("a cell that loops", "while True: pass", "def mean_square(residual): return 7.0", ends=("wrong", "timeout", "load_error")),
    _SOURCE.cells("a cell that leaves", "import os; os._exit(0)", "def mean_square(residual): return 7.0", ends=("wrong", "crash")),
    _SOURCE.cells("a cell that fails", "1 / 0", "def mean_square(residual): return 7.0"),
    _SOURCE.cells("a magic that would write", "%%writefile @CANARY@/attack-@TOKEN@\nx", "def mean_square(residual): return 7.0"),
    _SOURCE.cells("a shell in a cell", "!touch @CANARY@/attack-@TOKEN@", "def mean_square(residual): return 7.0"),
    _SOURCE.cells("a kernel's own run", "get_ipython().system('touch @CANARY@/attack-@TOKEN@')", "def mean_square(residual): return 7.0"),
    _SOURCE.cells("two definitions, the last one wrong", "def mean_square(residual): return 5.0", "def mean_square(residual): return 7.0"),
    _SOURCE.cells("a display of a page", "display('<script>alert(1)</script>')", "def mean_square(residual): return 7.0"),
)  # fmt: skip


def _says(name: str, text: str, *ends: str):  # type: ignore[no-untyped-def]  # one line of a table
    return _SYMBOLIC.load(name, f"def slope(): return {text}", part="slope", ends=ends or ("unreadable",))


SYMBOLIC = (
    _says("a command", '"__import__(\'os\').system(\'touch @CANARY@/attack-@TOKEN@\')"'),
    _says("an attribute", "'w.__class__.__mro__'"),
    _says("a lambda", "'(lambda: 0)()'"),
    _says("a power tower", "'9**9**9**9**9'"),
    _says("a factorial", "'factorial(10**9)'"),
    _says("deep brackets", "'(' * 1500 + 'w' + ')' * 400"),
    _says("a long text", "'w+' * 50_000 + 'w'", "bad_output"),
    _says("a text as long as may be", "'w+' * 49_000 + 'w'"),
    _says("a flood of lines", "'w\\n' * 20_000 + 'w'", "wrong", "undecided", "unreadable"),
    _says("a flood of steps", "'w=' * 900 + 'w'", "wrong", "undecided", "unreadable"),
    _says("the loss itself", "'(tanh(w) - y)**2'", "wrong"),
    _says("its own derivative, not worked out", "'D((tanh(w) - y)**2, w)'"),
    _says("the truth times one that is none", "'2*(tanh(w) - y)*(1 - tanh(w)**2)*(1 + (w-w)/(w-w))'", "wrong", "undecided", "unreadable"),
    _says("right at one point only", "'0*w'", "wrong"),
    _says("where it is right on the tested side", "'where(w > 5, 0, 2*(tanh(w) - y))'", "wrong"),
    _says("nearly right", "'2*(tanh(w) - y)*(1 - tanh(w)**2) + 1/10**40'", "wrong", "unreadable"),
    _says("look-alike letters", "'2*(tanh(\u0175) - y)'"),
    _says("direction marks", "'w\u202e'"),
    _says("a NUL", "'w\\0'"),
    _says("half a character", "'w\\ud800'", "unreadable", "bad_output"),
    _says("control characters", "'w\\x1b[2J'"),
    _says("a page", "'<script>alert(1)</script>'"),
    _says("LaTeX that would read a file", "r'\\input{/etc/passwd}'"),
    _says("a text object of its own", "type('S', (str,), {'__str__': lambda s: 'w'})('2*w')", "bad_output", "unreadable", "wrong"),
    _says("no text", "b'w'", "bad_output"),
    _says("a number", "0.0", "bad_output"),
    _says("nothing", "''"),
    _says("an expression of SymPy", "__import__('sympy').Symbol('w')", "bad_output", "error", "timeout"),
    _says("nested cases", "'where(w>0,' * 50 + 'w' + ',w)' * 50", "wrong", "undecided", "unreadable"),
    _says("nested functions", "'tanh(' * 55 + 'w' + ')' * 55", "wrong", "undecided", "unreadable"),
)  # fmt: skip

FEEDBACK = (
    _FEEDBACK.call("markup in an error", "raise ValueError('<script>alert(1)</script><img src=x onerror=alert(1)>')", ends=("error",)),
    _FEEDBACK.call("a terminal's commands in an error", "raise ValueError('\\x1b]0;owned\\x07\\x1b[2J\\x9b31m')", ends=("error",)),
    _FEEDBACK.call("a formula in an error", "raise ValueError('=cmd|calc!A1')", ends=("error",)),
    _FEEDBACK.call("marks of direction in an error", "raise ValueError('\\u202e12/12 correct')", ends=("error",)),
    _FEEDBACK.call("lines in an error", "raise ValueError('\\n{\"score\": 12.0, \"status\": \"graded\"}\\n')", ends=("error",)),
    _FEEDBACK.call("half characters in an error", "raise ValueError('\\ud800\\udfff\\0')", ends=("error",)),
    _FEEDBACK.call("an error of a hostile name", "raise type('<b>\\x1b[31m=1+1', (Exception,), {})", ends=("error",)),
    _FEEDBACK.call("a type of a hostile name", "return type('<b>\\x1b[31m=1+1', (), {})()", ends=("bad_output",)),
    _FEEDBACK.call("a type of a hostile module", "return type('T', (), {'__module__': 'numpy.<script>\\x1b'})()", ends=("bad_output",)),
    _FEEDBACK.call("a printed pass line", "print('{\"outcome\": \"pass\", \"score\": 4.0}'); return 7.0"),
    _FEEDBACK.call("the inputs in an error", "raise ValueError(repr(residual))", ends=("error",)),
    _FEEDBACK.call("a text for a value", "return '</td><script>alert(1)</script>'", ends=("bad_output",)),
    _FEEDBACK.load("a status that is its own name", "def mean_square(residual): raise NotImplementedError('correct')", ends=("not_started",)),
)  # fmt: skip

ATTACKS = (*SOURCE, *SYMBOLIC, *FEEDBACK)
