"""A student's function never becomes the grader's unseen: a draft holds nothing but an allow-list of syntax."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.store.drafts import as_misconception, draft

HEAD = (
    "import numpy as np\nimport os\nimport scipy.special\nfrom numpy.linalg import norm\nfrom os import system as sum\n"
)

HOSTILE = [
    "__import__('os').system('id')",
    "os.system(1)",
    "sum(1)",  # their own import under a harmless name
    "open(0)",
    "eval(x)",
    "exec(x)",
    "compile(x)",
    "getattr(x, y)",
    "x.__class__",
    "x.tofile(3)",
    "x.dump(3)",
    "x.ctypes",
    "x.base",
    "np.load(x)",
    "np.save(x, x)",
    "np.fromfile(x)",
    "np.memmap(x)",
    "np.lib",
    "np.ctypeslib",
    "np.f2py",
    "np.vectorize(x)",
    "np.frompyfunc(x, 1, 1)",
    "np.apply_along_axis(x, 0, x)",
    "np.random.seed(0)",
    "np.__builtins__",
    "np.sum.__globals__",
    "np.float64.__subclasses__()",
    "globals()",
    "locals()",
    "vars()",
    "input()",
    "breakpoint()",
    "print(x)",
    "(lambda: x)()",
    "[f() for f in x]",
    "x()()",
    "x[0]()",
    "f'{x}'",
    "'text'",
    "b'bytes'",
    "{1: x}",
    "{x}",
    "(y := x)",
    "(yield x)",
    "9" * 40,
    "np.einsum('i,i', x, x)",
    "sorted(x, key=open)",
    "norm(x, ord='fro')",
    "type(x)",
    "object()",
    "super()",
    "help()",
    "exit()",
    "memoryview(x)",
    "classmethod(x)",
    "ValueError",
    "scipy.special.os",
    "scipy.io.loadmat(x)",
]
STATEMENTS = [
    "import os",
    "from os import *",
    "global np",
    "del x",
    "with x: pass",
    "async def f(): pass",
    "def f(): pass",
    "class A: pass",
    "try:\n        return x\n    except Exception:\n        pass",
    "assert x",
    "raise SystemExit",
    "raise ValueError from x",
    "x.shape = 3",
    "np.sum = 3",
    "nonlocal x",
    "match x:\n        case 1: pass",
    "return lambda: x",
]


def of(body, head=HEAD, call="def part(x):", arguments=("x",)):
    return draft(f"{head}\n{call}\n    {body}\n", "part", arguments)


@pytest.mark.parametrize("expression", HOSTILE)
def test_what_could_reach_anything_is_no_code_of_a_draft(expression):
    made = of(f"return {expression}")
    assert made.code == ""
    assert made.reason


@pytest.mark.parametrize("statement", STATEMENTS)
def test_no_other_statement_is_drafted(statement):
    assert of(statement).code == ""


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("@os.system", "def part(x):"),
        ("", "def part(x=open(0)):"),
        ("", "def part(*x):"),
        ("", "def part(x, /):"),
        ("", "def part(x, y):"),
        ("", "async def part(x):"),
    ],
)
def test_no_other_way_to_define_it_is_drafted(head, call):
    assert of("return x", f"{HEAD}{head}", call).code == ""


def test_an_annotation_a_comment_a_name_and_a_docstring_stay_behind():
    text = "# alice\ndef part(me: open(0)) -> open(0):\n    'By Alice.'\n    alice = me  # mine\n    return alice\n"
    assert draft(text, "part", ["x"]).code == "def drafted(x):\n    v1 = x\n    return v1"


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("np.sum(x, axis=0)", "np.sum(x, axis=0)"),
        ("norm(x) ** 2", "np.linalg.norm(x) ** 2"),
        ("scipy.special.expit(x)", "special.expit(x)"),
        ("x.T @ x / len(x)", "x.T @ x / len(x)"),
        ("[a for a in x if a > 0]", "[v1 for v1 in x if v1 > 0]"),
        ("x[::2, None]", "x[::2, None]"),
    ],
)
def test_arithmetic_indexing_loops_and_known_functions_are_drafted(expression, written):
    assert of(f"return {expression}").code == f"def drafted(x):\n    return {written}"


ALLOWED = {"np", "special", "linalg", "x", "ValueError", "abs", "len", "max", "min", "range", "float", "int", "list"}
WORDS = st.sampled_from([
    "x", "np", "os", "open", "sum", "y", "__class__", "norm", "(", ")", "[", "]", ".", ",", "+", "@", "'a'", "1",
    "lambda", " if ", " else ", " for ", " in ", "=", ":", "{", "}", "np.mean", "x.T", "len", "eval",
    "scipy.special.expit",
])  # fmt: skip


@given(st.lists(WORDS, max_size=9))
def test_whatever_is_written_a_draft_names_only_what_is_allowed(words):
    made = of("return " + "".join(words))
    tree = ast.parse(made.code)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert {one for one in names if not one.startswith("v")} <= ALLOWED
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not any(one.startswith("_") for one in attributes)
    assert not any(isinstance(n, ast.Constant) and isinstance(n.value, str | bytes) for n in ast.walk(tree))


@pytest.mark.parametrize(
    "text", ["def part(x:", "\0", "x" * 200_000, "(" * 5000, "", "def part(x):\n" + "    x = x\n" * 100]
)
def test_a_file_that_cannot_be_drafted_is_told(text):
    made = draft(text, "part", ["x"])
    assert made.code == ""
    assert made.reason


def test_a_draft_is_edited_before_it_is_used():
    assert as_misconception("def drafted(x):\n    return x", "part").startswith(
        '@wrong("part", "TITLE", hint="HINT?")\n'
    )


def test_of_a_function_that_is_written_anew_the_last_definition_counts():
    made = draft("def f(x):\n    return x\n\n\ndef f(x):\n    return 2 * x\n", "f", ("y",))
    assert "return 2 * y" in made.code
