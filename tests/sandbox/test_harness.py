"""What the harness makes of students' code: honest, odd, and out to break it."""

import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.judging.watched import watched
from autograder.model import Call, Generator, Limits, Probe, ReadOnly, Strided
from autograder.sandbox import lone
from autograder.sandbox.arguments import drawn
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import ORDINARY, Batch, Segment

PROBES = """
import numpy as np

def square(x):
    return np.sum(np.asarray(x) ** 2)

def buffer():
    exercise = np.zeros(2)
    def gradient(x):
        exercise[:] = 2 * x
        return exercise
    return gradient

buffer.fresh = True
PROBES = {"square": square, "buffer": buffer}
"""


def source_of(*cells, notebook=False):
    cells = tuple(Cell(f"c{i}", textwrap.dedent(text)) for i, text in enumerate(cells))
    return Source("exercise.ipynb" if notebook or len(cells) > 1 else "exercise.py", cells)


def see(text, *calls, notebook=False, cells=None):
    """Observations of these calls, in one part."""
    source = source_of(*(cells or [text]), notebook=notebook)
    segment = Segment("part", Limits(), False, tuple(calls))
    return lone.observe_lone(source, Batch("room", (segment,), PROBES))[0]


def call(*args, function="f"):
    return Call(function, args)


def one(text, *args, **options):
    return see(text, call(*args), **options)[0]


# --- values ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "type_name"),
    [
        ("1.5", "float"),
        ("np.float64(1.5)", "numpy.float64"),
        ("np.array(1.5)", "numpy.ndarray"),
        ("np.float32(1.5)", "numpy.float32"),
        ("np.longdouble(1.5)", "numpy.longdouble"),
    ],
)
def test_a_number_may_be_a_float_a_numpy_scalar_or_an_array_of_no_dimensions(expression, type_name):
    seen = one(f"import numpy as np\ndef f(): return {expression}")
    assert seen.ending == "value"
    assert float(seen.value) == 1.5
    assert seen.type_name == type_name


@pytest.mark.parametrize(
    "expression", ["None", "True", "[1, 2.5]", "(1, 'a')", "{'a': (1,)}", "10**50", "float('inf')"]
)
def test_plain_values_arrive_with_their_types(expression):
    seen = one(f"def f(): return {expression}")
    assert seen.ending == "value"
    assert repr(seen.value) == repr(eval(expression))  # an expression of the list above


@pytest.mark.parametrize(
    ("body", "noun"),
    [
        ("return object()", "object"),
        ("return np.matrix([[1.0]])", "numpy.matrix"),
        ("return np.ma.array([1.0])", "numpy.ma.MaskedArray"),
        ("return np.broadcast_to(1.0, (10**7, 10**7))", "array of shape (10000000, 10000000)"),
        ("return np.array([None])", "array of dtype object"),
        ("x = []; x.append(x); return x", "value"),
        ("return [[[[[[[[1]]]]]]]]", "value"),
        ("yield 1", "generator"),
        ("return f", "function"),
        ("return ['x' * 90_000] * 100", "value"),
    ],
)
def test_what_cannot_cross_is_a_bad_output_with_its_name(body, noun):
    seen = one(f"import numpy as np\ndef f():\n    {body}")
    assert (seen.ending, seen.type_name) == ("bad_output", noun)


def test_a_value_is_what_it_was_when_the_function_returned():
    first, second = see(
        """
        import numpy as np
        exercise = np.zeros(2)
        def f(k):
            exercise[:] = k
            return exercise
        """,
        call(1.0),
        call(2.0),
    )
    assert first.value.tolist() == [1.0, 1.0]
    assert second.value.tolist() == [2.0, 2.0]


# --- arguments -------------------------------------------------------------------------------------------------

ECHO = "import numpy as np\ndef f(x): return type(x).__name__, np.asarray(x).tolist()"


@pytest.mark.parametrize(
    "argument",
    [1, 2.5, "a", True, None, [1.0, 2.0], [float(i) for i in range(20)], (1, 2), np.arange(6.0).reshape(2, 3)],
    ids=str,
)
def test_an_argument_arrives_with_its_type_and_value(argument):
    name, value = one(ECHO, argument).value
    assert (name, value) == (type(argument).__name__, np.asarray(argument).tolist())


def test_a_generator_arrives_by_its_seed():
    seen = one("def f(rng): return rng.normal(size=3)", Generator((1, 2)))
    assert seen.value.tolist() == np.random.default_rng((1, 2)).normal(size=3).tolist()
    assert seen.facts.changed == ()


@pytest.mark.parametrize("shape", [(3,), (2, 3), ()])
def test_a_strided_argument_has_its_values_and_no_contiguous_memory(shape):
    array = np.arange(np.prod(shape, dtype=int), dtype=float).reshape(shape)
    contiguous, copy = one("def f(x): return x.flags.c_contiguous, x.copy()", Strided(array)).value
    assert contiguous == (shape == ())
    assert np.array_equal(copy, array)


def test_a_read_only_argument_cannot_be_written():
    seen = one("def f(x):\n    x[0] = 1.0", ReadOnly(np.zeros(2)))
    assert (seen.ending, seen.error, seen.line) == ("error", "ValueError", 2)
    assert seen.facts.changed == ()


@pytest.mark.parametrize(
    ("body", "argument"),
    [
        ("x[0] = 9", np.zeros(3)),
        ("x[0] = 9", Strided(np.zeros(3))),
        ("x.flags.writeable = True; x[0] = 9", ReadOnly(np.zeros(3))),
        ("x[0] = -0.0", np.zeros(3)),
        ("x.shape = (3, 1)", np.zeros(3)),
        ("x.dtype = np.int64", np.zeros(3)),
        ("x[-1] = 9", np.zeros(100_000)),
        ("x[-1] = 9", Strided(np.zeros(100_000))),
        ("x[-1, -1] = 9", Strided(np.zeros((300, 400)))),
        ("x[0] = 9.0", [1.0, 2.0]),
        ("x.append(1.0)", [1.0, 2.0]),
        ("x[0] = 1", [1.0, 2.0]),
        ("x[1][0] = 9", (1, [2])),
        ("x['a'] = 9", {"a": 1}),
        ("x[0] = 9; raise ValueError", np.zeros(3)),
    ],
)
def test_a_changed_argument_is_seen(body, argument):
    seen = one(f"import numpy as np\ndef f(k, x):\n    {body}", 1, argument)
    assert seen.facts.changed == (1,)


def test_a_large_argument_is_not_looked_at():
    # it may be passed in place, and only checks on small inputs ask
    seen = one("def f(x):\n    x[0] = 9\n    return float(x[0])", np.zeros(400_000))
    assert seen.value == 9.0
    assert seen.facts.changed == ()


@pytest.mark.parametrize(
    "argument",
    [
        np.array([1.0, np.nan]),
        Strided(np.ones(3)),
        np.zeros(400_000),
        Strided(np.zeros((700, 600))),
        [1.0, float("nan")],
        ([1], {"a": 1}),
        np.float64("nan"),
        np.zeros((0, 3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_untouched_argument_is_unchanged(argument):
    assert one("def f(x): return 1", argument).facts.changed == ()


def test_arguments_are_fresh_for_every_call():
    first, second = see("def f(x):\n    x += 1\n    return x.copy()", call(np.zeros(2)), call(np.zeros(2)))
    assert first.value.tolist() == second.value.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("expression", "shares"),
    [("x", True), ("x[1:]", True), ("(1, [x.T])", True), ("{'a': x}", True), ("x.copy()", False), ("x.sum()", False)],
)
def test_a_result_that_shares_memory_with_an_argument_is_seen(expression, shares):
    assert one(f"def f(x): return {expression}", np.zeros(3)).facts.shares_memory == shares


@pytest.mark.parametrize(
    ("body", "touched"),
    [
        ("np.random.seed(0)", True),
        ("np.random.rand()", True),
        ("random.random()", True),
        ("random.seed(0)", True),
        ("np.random.default_rng(0).normal()", False),
        ("random.Random(0).random()", False),
        ("pass", False),
    ],
)
def test_a_touch_of_the_global_random_state_is_seen(body, touched):
    seen = see(f"import random\nimport numpy as np\ndef f():\n    {body}", call(), call(), call())
    assert [s.facts.touched_random for s in seen] == [touched] * 3


@pytest.mark.parametrize(
    ("cls", "value"),
    [
        ("collections.namedtuple('P', 'a b')", (1.5, np.array([2.0]))),
        ("typing.NamedTuple('P', [('a', float), ('b', list)])", (1.5, [2, 3])),
        (
            "type('P', (tuple,), {'__new__': new, '__iter__': lambda s: 1 / 0})",
            (1, "b"),
        ),
        (
            "type('P', (tuple,), {'__new__': new, '__len__': lambda s: 9**9})",
            (1, "b"),
        ),
    ],
)
def test_a_named_tuple_arrives_as_the_tuple_that_it_is(cls, value):
    head = "import collections, typing\ndef new(cls, *x): return tuple.__new__(cls, x)"
    text = f"{head}\nP = {cls}\ndef f(a, b): return P(a, b)"
    seen = one(text, *value)
    assert seen.ending == "value"
    assert type(seen.value) is tuple
    assert repr(seen.value) == repr(value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("pass", 0),
        ("g.random(7)", 7),
        ("g.bit_generator.random_raw(4096)", 4096),
        ("g.spawn(2)[0].normal(size=99)", 0),
        ("np.random.default_rng(5).normal(size=99)", 0),
        ("g.bit_generator.advance(-1)", 10**12),
    ],
)
def test_how_much_is_drawn_from_a_generator_is_seen(body, words):
    text = f"import numpy as np\ndef f(g):\n    {body}"
    assert one(text, Generator((3, 1))).facts.drawn == words
    space = {}
    exec(text, space)
    assert watched(space["f"], call(Generator((3, 1))), {}).facts.drawn == words


@given(st.tuples(st.integers(0, 2**64), st.integers(0, 2**32)), st.integers(0, 10**12))
def test_the_distance_of_two_states_of_a_generator_is_the_words_between_them(seed, words):
    generator = np.random.default_rng(seed)
    generator.bit_generator.advance(words)
    assert drawn((generator, 1.0), (Generator(seed), 1.0)) == words


@pytest.mark.parametrize(
    ("expression", "overflowed"),
    [("np.where(x < 2, x * x, x)", True), ("x + x", False), ("np.asarray(x).astype(float) / 3", False)],
)
def test_an_overflow_is_seen_where_the_result_hides_it(expression, overflowed):
    seen = one(f"import numpy as np\ndef f(x): return {expression}", np.array([1.0, 1e200]))
    assert seen.facts.overflowed == overflowed
    assert np.isfinite(seen.value).all()


def test_a_deterministic_start_makes_equal_children():
    text = "import random\nimport numpy as np\ndef f(): return np.random.rand(), random.random()"
    assert one(text).value == one(text).value


def test_probes_are_recorded():
    seen = one("def f(p, x): return [p(x), p(x[0]), p([1.0]), p(2.0)]", Probe("square"), np.array([1.0, 2.0]))
    assert [float(v) for v in seen.value] == [5.0, 1.0, 1.0, 4.0]
    assert seen.facts.probe_calls == (((2,),), ((),), (), ())
    assert seen.facts.probe_count == 4


def test_a_fresh_probe_keeps_no_state_between_calls():
    text = "def f(p, x):\n    a = p(x)\n    return a"
    seen = see(text, call(Probe("buffer"), np.ones(2)), call(Probe("buffer"), np.zeros(2)))
    assert [s.value.tolist() for s in seen] == [[2.0, 2.0], [0.0, 0.0]]


def test_many_probe_calls_are_counted_but_not_kept():
    seen = one("def f(p):\n    for _ in range(30_000): p(1.0)", Probe("square"))
    assert seen.ending == "value"
    assert (len(seen.facts.probe_calls), seen.facts.probe_count) == (10_000, 30_000)


# --- errors ----------------------------------------------------------------------------------------------------


def test_an_exception_has_its_type_ancestors_message_and_line():
    seen = one("class Odd(ValueError): pass\ndef g():\n    raise Odd('why')\ndef f():\n    return g()")
    assert (seen.ending, seen.error, seen.message, seen.line) == ("error", "Odd", "why", 3)
    assert "ValueError" in seen.ancestors


def test_the_line_is_the_last_one_of_the_students_own_code():
    seen = one("import numpy as np\ndef f():\n    return np.linalg.inv(np.zeros((2, 2)))\n")
    assert (seen.error, seen.line) == ("LinAlgError", 3)


def test_an_exception_that_only_calls_itself_value_error_is_none():
    seen = one("class ValueError(Exception): pass\ndef f(): raise ValueError")
    assert seen.error == "ValueError"
    assert "ValueError" not in seen.ancestors
    assert "Exception" in seen.ancestors


def test_a_call_without_memory_ends_the_process_like_a_crash():
    first, second = see("def f(): raise MemoryError\ndef g(): return 1", call(), call(function="g"))
    assert (first.ending, first.error) == ("memory", "MemoryError")
    assert not second.returned


@pytest.mark.parametrize(
    ("body", "ending", "error"),
    [
        ("raise NotImplementedError", "error", "NotImplementedError"),
        ("sys.exit(0)", "error", "SystemExit"),
        ("exit()", "error", "SystemExit"),
        ("raise KeyboardInterrupt", "error", "KeyboardInterrupt"),
        ("raise GeneratorExit", "error", "GeneratorExit"),
        ("f()", "error", "RecursionError"),
        ("raise PermissionError", "forbidden", "PermissionError"),
        ("raise OSError(errno.EACCES, 'x')", "forbidden", "PermissionError"),
        ("open('/nonexistent')", "forbidden", "PermissionError"),
        ("f(1)", "error", "TypeError"),
    ],
)
def test_whatever_is_raised_ends_the_call_and_only_the_call(body, ending, error):
    first, second = see(f"import errno, sys\ndef f():\n    {body}\ndef g(): return 1", call(), call(function="g"))
    assert (first.ending, first.error) == (ending, error)
    assert second.value == 1


@pytest.mark.parametrize(
    "body",
    [
        "raise SystemExit",
        "return 5",
        "return 'x' * 10**7",
        "class S(str):\n            def __getitem__(self, i): raise SystemExit\n        return S('x')",
    ],
)
def test_a_hostile_text_of_an_exception_does_no_harm(body):
    seen = one(f"class E(Exception):\n    def __str__(self):\n        {body}\ndef f(): raise E")
    assert (seen.ending, seen.error) == ("error", "E")
    assert len(seen.message) <= 2000


def test_a_huge_name_is_cut():
    seen = one("def f(): raise type('E' * 10**6, (Exception,), {})")
    assert seen.ending == "error"
    assert len(seen.error) <= 200


# --- loading ---------------------------------------------------------------------------------------------------


def test_a_function_that_nobody_wrote_is_missing():
    assert one("def g(): return 1").ending == "missing"


def test_a_source_that_does_not_parse_is_a_load_error_of_every_part():
    seen = see("def g(): return 1\ndef h(:\n", call(), call(function="g"))
    assert [s.ending for s in seen] == ["load_error"] * 2
    assert {(s.error, s.line) for s in seen} == {("SyntaxError", 2)}
    assert "SyntaxError" in seen[0].message


@pytest.mark.parametrize(
    ("text", "error"), [("def f():\nreturn 1", "IndentationError"), ("if 1:\n\tx = 1\n        y = 1", "TabError")]
)
def test_a_slip_of_indentation_names_its_line(text, error):
    seen = one(text)
    assert (seen.ending, seen.error, seen.line) == ("load_error", error, text.count("\n") + 1)


@pytest.mark.parametrize(
    "text", ["a\0b", "(" * 5000, "x = \ud800", "if 1:\nx", "-" * 100_000 + "1", "99" * 9999], ids=repr
)
def test_a_source_that_cannot_be_compiled_is_a_load_error(text):
    assert one(text).ending == "load_error"


def test_what_was_defined_before_an_error_counts():
    seen = see("def g(): return 1\n1 / 0\ndef f(): return 2\n", call(function="g"), call(), call(function="h"))
    assert seen[0].value == 1
    assert (seen[1].ending, seen[1].error, seen[1].line) == ("load_error", "ZeroDivisionError", 2)
    assert seen[2].ending == "missing"


@pytest.mark.parametrize("text", ["import sys\nsys.exit()", "raise KeyboardInterrupt", "import nothing_of_that_name"])
def test_an_exit_while_loading_is_a_load_error_of_what_comes_after(text):
    seen = see(f"def g(): return 1\n{text}\ndef f(): return 2", call(function="g"), call())
    assert [s.ending for s in seen] == ["value", "load_error"]


def test_an_error_in_a_cell_stays_in_that_cell():
    cells = ["def f(): return 1", "1 / 0", "def g(", "def h(): return 3", "k = 1 / 0\ndef k(): pass"]
    seen = see("", *[call(function=name) for name in "fghkm"], cells=cells)
    assert [s.ending for s in seen] == ["value", "load_error", "value", "load_error", "missing"]
    assert "(cell c2)" in seen[1].message


def test_the_cell_of_an_error_is_named():
    seen = see("", call(), cells=["x = 1", "\ndef f():\n    raise ValueError('why')"])[0]
    assert (seen.message, seen.line) == ("why (cell c1)", 3)


def test_the_module_can_be_imported_under_the_name_of_the_exercise_and_is_run_once():
    text = """
    import sys
    count = getattr(sys, "count", 0) + 1
    sys.count = count
    def f():
        import room
        return room.count, room.f is f, __name__
    """
    assert one(text).value == (1, True, "__main__")


@pytest.mark.parametrize(
    "cell",
    [
        "import matplotlib.pyplot as plt\nplt.plot([1], [2]); plt.show()",
        "from matplotlib import pyplot as plt\nfig, ax = plt.subplots()\nax.set_title('a')\nfig.savefig('a.png')",
        "import matplotlib.pyplot as plt\nfig, (a, b) = plt.subplots(1, 2)\na.plot(1); b.legend(loc='best')",
        "import matplotlib.pyplot as plt\nfig, axs = plt.subplots(2, 2)\n[ax.grid() for ax in axs.flat]",
        "import matplotlib.pyplot as plt\nline, = plt.plot([1]); line.set_color('k'); n, b, p = plt.hist([1])",
        "import matplotlib\nmatplotlib.use('Agg')\nmatplotlib.rcParams['figure.figsize'] = (3, 4)",
        "import matplotlib.pyplot as plt\nwith plt.style.context('x'): plt.figure(figsize=(1, 2)).add_subplot(111)",
        "import seaborn as sns\nsns.set_theme(); sns.lineplot(x=[1], y=[2]).set(xlabel='x')",
        "from IPython.display import display, Markdown\ndisplay(Markdown('a'))",
        "from mpl_toolkits.mplot3d import Axes3D\nimport matplotlib.cm as cm\ncm.viridis(0.5)",
        "display(1)\nget_ipython().run_line_magic('matplotlib', 'inline')",
    ],
)
def test_drawing_does_nothing_and_fails_nowhere(cell):
    assert one(f"{cell}\ndef f(): return 1", notebook=True).value == 1


# --- honest but odd --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prelude",
    [
        "print('hello')",
        "import warnings\nwarnings.warn('careful')\nwarnings.simplefilter('error')",
        "from numpy import *\nfrom math import *",
        "sum = print = len = type = repr = isinstance = None",
        "import numpy as np\nnp.random.seed(1)",
        "import sys\nsys.stdout.close()\nsys.stderr.close()",
        "import sys, io\nsys.stdout = io.StringIO()\nsys.stdin = None",
        "import os\nos.close(0); os.close(1); os.close(2)",
        "import numpy\nnumpy.ndarray = numpy.asarray = numpy.may_share_memory = numpy.random = None",
        "import json, time, os\njson.dumps = time.process_time = os.write = None",
        "import random\nrandom.seed(3); random.random = lambda: 0.5",
        "import gc, sys\ngc.disable(); sys.setrecursionlimit(500)",
        "import sys\nsys.modules.clear()",
        "if __name__ == '__main__':\n    import argparse",
        "from __future__ import annotations\nimport dataclasses\n@dataclasses.dataclass\nclass A:\n    x: int = 1",
        "import atexit\natexit.register(lambda: 1 / 0)",
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=False).start()",
    ],
)
def test_odd_code_gets_its_answer(prelude):
    first, second = see(f"{prelude}\ndef f(x): return x * 2", call(2.0), call(np.ones(3)))
    assert first.value == 4.0
    assert second.value.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize("expression", ["np.float64(1) / 0", "np.log(-1.0)", "np.exp(1000.0)", "np.int64(2)**63 * 2"])
def test_warnings_are_ignored_and_values_count(expression):
    assert one(f"import numpy as np\ndef f():\n    return {expression}").ending == "value"


def test_every_call_has_its_processor_time():
    assert one("def f():\n    for _ in range(300_000): pass").seconds > 0.0


def test_of_an_ordinary_answer_that_is_too_large_the_shape_alone_is_sent():
    """However many calls return such; answers that are small enough share a bound too."""
    text = "import numpy as np\ndef f(n):\n    return np.ones(n)\ndef g(n):\n    return np.ones(n), 1.0\n"
    large = tuple(Call(name, (n,)) for name in "fg" for n in (3, 10**6))
    many = tuple(Call("f", (400_000,)) for _ in range(30))
    segments = [Segment("f", Limits(9.0), False, calls, answer_bytes=ORDINARY) for calls in (large, many)]
    first, second = lone.observe_lone(source_of(text), Batch("exercise", tuple(segments)))
    assert [one.ending for one in first] == ["value", "bad_output", "value", "bad_output"]
    shape = "array of shape (1000000,)"
    assert [one.type_name for one in first[1::2]] == [shape, f"value with an {shape}"]
    assert [one.ending for one in second] == ["value"] * 20 + ["bad_output"] * 10
