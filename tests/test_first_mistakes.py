"""What students are told of typical first mistakes is what `tests/first_mistakes.txt` shows, which people have read."""

import re
from pathlib import Path

import pytest

from autograder.student.cures import cure_of
from tests.first_mistakes import MISTAKES, told

GOLDEN = Path(__file__).with_name("first_mistakes.txt")


def test_there_are_five_in_each_of_ten_parts_and_one_in_ten_more():
    counts = sorted(len(bodies) for bodies in MISTAKES.values())
    assert counts == [1] * 10 + [5] * 10


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")  # of the kernel's libraries
def test_what_is_told_of_first_mistakes_is_what_was_read(tmp_path):
    """After a change that is meant: python -m tests.first_mistakes > tests/first_mistakes.txt, and read it."""
    pytest.importorskip("nbclient", reason="nbclient is not installed")
    assert "\n".join(told(tmp_path)) == GOLDEN.read_text(encoding="utf-8")


def test_command_line_notebook_and_page_say_the_same():
    """Only the place of a line and the way to the next step differ; the page has value, name, hint and cure as well."""
    for entry in GOLDEN.read_text(encoding="utf-8").split("=" * 100 + "\n")[1:]:
        said, _, rest = entry.partition("In a notebook the same, but:\n")
        notebook, _, page = rest.partition("On the feedback page:\n")
        for line in notebook.split("\n"):
            assert line.strip() == "" or line.strip().startswith(("because ", "Next: ")), line
        for label, text in re.findall(
            r"^ {8}(call|returned|expected|looks like|think about) +(.*)$", said, re.MULTILINE
        ):
            if not text.startswith("'"):  # a formula as it was written is in the student's own code there
                assert text[1:].rstrip(".") in page, (label, text)


def test_every_mistake_fails_and_is_told_a_value_a_cause_or_a_cure():
    for entry in GOLDEN.read_text(encoding="utf-8").split("=" * 100 + "\n")[1:]:
        assert "  no  " in entry, entry
        told_what = ("expected ", "think about", "cannot be read", "do not fit", "raises")
        assert any(words in entry for words in told_what), entry


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("raises TypeError: unsupported operand type(s) for -: 'list' and 'list'", "np.asarray"),
        ("raises AttributeError: 'list' object has no attribute 'T'", "np.asarray"),
        ("raises TypeError: 'float' object is not iterable", "ndim"),
        ("raises AxisError: axis 1 is out of bounds for array of dimension 1", "ndim"),
        ("raises NameError: name 'best' is not defined", "spelling"),
        ("returns None, expected an array of shape (1,)", "return"),
        ("returns a tuple of 4, expected an array of shape (1,)", "result[0]"),
        ("returns an array of shape (2,), expected a tuple of 3", "return a, b, c"),
        ("returns an array of shape (2,), expected shape (1,)", "print the shape"),
        ("returns an array of shape (3, 1), expected shape (3,)", "[:, 0]"),
        ("returns an array of shape (3, 1), expected shape (2,)", "print the shape"),
        ("returns an array of shape (1,), expected a number", "print the shape"),
        ("returns an array of shape (1, 1), expected a number; the numbers are right: write float(x)", ""),
        ("raises IndexError: index 1 is out of bounds for axis 0 with size 1", "x[i, j]"),
        (
            "raises UnboundLocalError: cannot access local variable 'a' where it is not associated with a value",
            "every branch",
        ),
        ("raises ValueError: operands could not be broadcast together with shapes (2,3) (2,)", "shape"),
        ("raises ValueError: shapes (3,2) and (3,) not aligned: 2 (dim 1) != 3 (dim 0)", "shape"),
        ("raises ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0", "shape"),
        ("raises ValueError: The truth value of an array with more than one element is ambiguous", "np.where"),
        ("raises TypeError: only length-1 arrays can be converted to Python scalars", "np.exp"),
        ("raises TypeError: only integer scalar arrays can be converted to a scalar index", "np.asarray"),
        ("raises UFuncTypeError: Cannot cast ufunc 'subtract' output from dtype('float64') to dtype('int64')", "x - y"),
        ('raises TypeError: can only concatenate list (not "int") to list', "np.asarray"),
        ("raises TypeError: can't multiply sequence by non-int of type 'float'", "np.asarray"),
        ("raises TypeError: must be real number, not list", "np.asarray"),
        ("raises TypeError: list indices must be integers or slices, not tuple", "np.asarray"),
        ("raises ModuleNotFoundError: sklearn is not available where your work is graded", "SciPy"),
        ("raises ZeroDivisionError: division by zero", "divides by 0"),
        (
            "raises ValueError: setting an array element with a sequence; inhomogeneous shape",
            "np.concatenate",
        ),
        ("returns a number, expected an array of shape (2,)", "np.where"),
        ("returns 3 items, expected 2", "in its order"),
        ("returns NaN", "from a nan among the arguments"),
        ("does not return an array of shape (reps,)", "print the shape"),
        ("returns a wrong value: it differs in digits that are not shown", "float32"),
        ("returns a wrong value: it differs in entries that are not shown", ""),
        ("raises LinAlgError: Singular matrix", "lstsq"),
        ("raises TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'", "return"),
        ("returns a numpy._ArrayFunctionDispatcher, which is not a number, array, string or tuple", "call it"),
        ("returns a function, which is not a number, array, string or tuple", "call it"),
        ("returns a wrong value", ""),
        ("raises ValueError: shapes differ", ""),
    ],
)
def test_an_error_that_everybody_makes_first_is_told_its_cure(message, words):
    said = cure_of(message)
    assert words in said
    assert bool(said) is bool(words)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("returns a value though the contract refuses this call", "raise KeyError"),
        ("raises ZeroDivisionError: division by zero", "raise KeyError"),
        ("raises IndexError: index 2 is out of bounds for axis 1 with size 2", "raise KeyError"),
        ("raises TypeError: float() argument must be a string or a real number, not 'complex'", "raise KeyError"),
        ("raises AttributeError: 'list' object has no attribute 'shape'", "np.asarray"),
        ("raises NameError: name 'a' is not defined", "spelling"),
    ],
)
def test_a_call_that_must_be_refused_is_told_to_be_tested_first(message, words):
    """Unless the code fails for good input as well."""
    assert words in cure_of(message, expected="KeyError is raised")


@pytest.mark.parametrize(
    ("returned", "expected", "words"),
    [
        ("np.nan", "1.0", "mean of nothing"),
        ("np.array([1.0, np.inf])", "np.array([1.0, 2.0])", "division by 0"),
        ("np.nan", "np.nan", ""),
        ("np.array([np.nan, 1.0])", "np.array([np.nan, 2.0])", ""),
        ("1.0", "2.0", ""),
        ("1.690000057", "1.69", "float32"),
        ("0.0", "0.0", ""),
        ("1e-7", "0.0", ""),
        ("'nancy'", "'info'", ""),
    ],
)
def test_nan_and_inf_are_told_where_such_come_from(returned, expected, words):
    said = cure_of("returns a wrong value", returned=returned, expected=expected)
    assert words in said
    assert bool(said) is bool(words)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("at the truth it is sigma2 (1.690000057, expected 1.69)", "float32"),
        ("changes (entry 0, 2: 1.690000057, expected 1.69; seen over 2 calls; this is the first)", "float32"),
        ("changes (entry 1: np.nan, expected 2.0)", "mean of nothing"),
        ("changes (1.0, expected 2.0)", ""),
    ],
)
def test_the_figures_of_a_law_are_read_too(message, words):
    said = cure_of(message, returned="np.array([1.0])")
    assert words in said
    assert bool(said) is bool(words)


@pytest.mark.parametrize(
    "message",
    [
        "raises NameError: name 'X' is not defined",
        "raises ModuleNotFoundError: sympy is not available where your work is graded",
        "returns a function, which is not a number, array, string or tuple",
        "must return a string, such as 'a*b'",
    ],
)
def test_a_formula_that_is_computed_is_told_to_be_written_as_text(message):
    assert "in quotes" in cure_of(message, "symbolic")
    assert "in quotes" not in cure_of(message)
