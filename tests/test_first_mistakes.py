"""What students are told of typical first mistakes is what `tests/first_mistakes.txt` shows, which people have read."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks.show import show
from autograder.student.cures import cure_of, slip_in
from autograder.student.relations import relation, where_wrong
from autograder.student.render import BY_HAND
from tests.first_mistakes import MISTAKES, told

GOLDEN = Path(__file__).with_name("first_mistakes.txt")


def test_there_are_five_in_each_of_ten_parts_and_one_in_seventeen_more():
    counts = sorted(len(bodies) for bodies in MISTAKES.values())
    assert counts == [1] * 17 + [5] * 10


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")  # of the kernel's libraries
def test_what_is_told_of_first_mistakes_is_what_was_read(tmp_path):
    """After a change that is meant: python -m tests.first_mistakes > tests/first_mistakes.txt, and read it."""
    pytest.importorskip("nbclient", reason="nbclient is not installed")
    assert "\n".join(told(tmp_path)) == GOLDEN.read_text(encoding="utf-8")


def test_command_line_notebook_and_page_say_the_same():
    """Only the place of a line and the way to the next step differ; the page has value, name, hint and cure as well.

    Where `check` knows nothing but how to look for the mistake, the page, which is read later, gives the part's hint.
    """
    for entry in GOLDEN.read_text(encoding="utf-8").split("=" * 100 + "\n")[1:]:
        said, _, rest = entry.partition("In a notebook the same, but:\n")
        notebook, _, page = rest.partition("On the feedback page:\n")
        for line in notebook.split("\n"):
            assert line.strip() == "" or line.strip().startswith(("because ", "Next: ")), line
        for label, text in re.findall(
            r"^ {8}(call|returned|expected|looks like|think about) +(.*)$", said, re.MULTILINE
        ):
            if text == BY_HAND or text.startswith("only number"):
                assert "To try next" in page
            elif label == "think about" and "Looks like: " in page and "looks like" not in said:
                continue  # after grading the mistake has a name
            elif not text.startswith("'"):  # a formula as it was written is in the student's own code there
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
        ("raises IndexError: arrays used as indices must be of integer (or boolean) type", "dtype=int"),
        ("returns a complex number, expected a real number", "np.abs"),
        ("does not return a float64 array of shape (reps,)", "print the shape"),
        ("their interquartile range is 1.74, expected 0.677 (2.6 times)", "standard deviation"),
        ("their median is 3.0, expected 1.0; their interquartile range is 0.677, expected 0.677 (1 times)", ""),
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
        ("raises UnboundLocalError: cannot access local variable 't' where it is not associated", "raise KeyError"),
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
        ("1.0", "2.1", ""),
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
        ("changes (1.234567, expected 2.469134)", "1/2 of what is expected"),
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


@pytest.mark.parametrize(
    ("returned", "expected", "words"),
    [
        ("0.0", "0.4", ""),
        ("np.array([[2.0, 0.0], [0.5, 1.0]])", "np.array([[-2.0, 0.0], [0.5, 1.0]])", "but for the sign"),
        ("np.array([True, False])", "np.array([False, True])", "a mask"),
        ("0.0", "1.0", ""),
        ("np.array([1.0, 0.0, 0.0])", "np.array([0.0, 0.0, 1.0])", "numbers 1 and 3 of the 3 are 0 for 1, or 1 for 0"),
        ("0.25", "4.0", ""),
        ("5", "1.666666667", ""),
        ("0.2273493079", "0.6820479233", "1/3 of what is expected"),
        ("(2.0, 0.5, 0.25)", "(1.0, 0.25, 0.25)", ""),
        ("(2.2, 0.62, 0.25)", "(1.1, 0.31, 0.25)", "numbers 1 and 2 of the 3 are 2 times"),
        ("np.array([3.1, 0.0, 6.38])", "np.array([4.65, 0.0, 9.57])", "0.6667 times"),
        ("np.array([[0.5], [1.1], [1.1]])", "np.array([[0.5], [0.9], [1.1]])", "w.copy()"),
        ("np.array([1.0, 2.0, 7.0])", "np.array([1.0, 2.0, 3.0])", ""),
        ("np.array([10.00005, 3.678812806])", "np.array([10.0, 3.678794412])", "finite differences"),
        ("(1.3, 7.0)", "(3.0, 2.0)", ""),
        ("np.array([1.0, 2.0])", "np.array([[1.0, 2.0]])", ""),
        ("array of shape (30, 4), float64: [49.8, 50.3, 50.1, ...]", "1.0", ""),
        ("'a'", "'b'", ""),
        ("(1+2j)", "(2+4j)", ""),
    ],
)
def test_a_wrong_value_is_told_how_it_is_related_to_the_right_one(returned, expected, words):
    said = relation(returned, expected)
    assert words in said
    assert bool(said) is bool(words)


NUMBERS = st.lists(st.floats(1, 100).map(lambda x: x + math.pi / 1000), min_size=2, max_size=24, unique=True)


@given(NUMBERS, st.sampled_from([2, 3, 0.5, 0.2, -4]))
def test_a_factor_of_every_number_is_named_and_a_right_value_has_no_relation(numbers, factor):
    right = np.array([round(x, 6) + 1.23e-7 for x in numbers])
    assert relation(show(right), show(right)) == ""
    named = f"{factor} times" if abs(factor) > 1 else f"1/{round(1 / factor)} of"
    assert named in relation(show(factor * right), show(right))


@given(NUMBERS, st.data())
def test_of_several_numbers_the_wrong_one_is_named(numbers, data):
    right = np.array(numbers)
    wrong, at = right.copy(), data.draw(st.integers(0, len(numbers) - 1))
    wrong[at] += 1.37
    assert f"only number {at + 1} of the {len(numbers)} is wrong" in where_wrong(show(wrong), show(right))
    assert where_wrong(show(right), show(right)) == where_wrong(show(right + 1), show(right)) == ""


def test_values_of_equal_draws_are_told_to_be_drawn_anew():
    printed = "array of shape (4,), float64: [1.0, 1.0, 1.0, ...]"
    said = cure_of("about 85 of 4000 means must exceed 30; here it is 0", returned=printed)
    assert "draw anew" in said
    assert cure_of("does not return an array of shape (reps,)", returned="[1.0, 2.0]").endswith("np.array(result)")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def f(x):\n    return sum(x) // len(x)", "`sum(x) // len(x)` rounds down to a whole number"),
        ("def f(x):\n    x //= 2\n    return x", "`x //= 2` rounds down"),
        ("def f(rng):\n    return np.random.normal()", "`np.random.normal` is not drawn from the argument rng"),
        ("def f(x):\n    return np.random.normal()", ""),
        ("def f(rng):\n    return rng.normal() / 2", ""),
        ("def g(x):\n    return x // 2\n\ndef f(x):\n    return x", ""),
        ("def f(x:\n    return x // 2", ""),
    ],
)
def test_a_slip_that_the_code_shows_is_quoted(code, said):
    assert said in slip_in(code, "f")
    assert bool(slip_in(code, "f")) is bool(said)


def test_a_sum_or_a_mean_is_asked_for_where_an_argument_has_so_many_entries():
    call = "f([0.0, 1.0, 4.0], 'squared')"
    assert "is it a mean where a sum is meant" in relation("0.5555555556", "1.666666667", call)
    assert "is it a sum where a mean is meant" in relation("5.0", "1.666666667", call)
    assert relation("0.4166666667", "1.666666667", call) == relation("5.0", "1.666666667", "f([1.0])") == ""
    assert ".T" in cure_of("gW1 is not the slope of the loss (shape (2, 3), expected shape (3, 2))")
