"""Advice on typical first errors, for `check`, notebooks and feedback pages."""

import ast
import re

from autograder.checks.kinds import REFUSED
from autograder.student.relations import relation

_LIST = "the arguments may be lists: turn each into an array first, x = np.asarray(x, dtype=float)"
_AXES = "an argument may be a single number or have fewer axes than that: np.asarray(x).ndim tells how many it has"
_SHAPES = (
    "print the shape of every array in that line, for this call; sum(..., keepdims=True) keeps an axis of length 1"
)
_NAN = (
    "a nan comes from 0 / 0, as in the mean of nothing or with n - 1 for n = 1, from inf - inf, as where steps grow "
    "without end, or from a nan among the arguments"
)
_NAMES = "define the name above its first use, or look at its spelling"
_OWN_NAMES = "a name that a function assigns anywhere is its own: assign it before this line, in every branch"
_PACKAGES = "Python's own library, NumPy and SciPy are there: write it with these"
_WHATEVER_IS_EXPECTED = frozenset({_LIST, _NAMES, _PACKAGES})
"""Cures of code that fails for good input, too."""
_CURES = (
    (
        r"TypeError: .*('(list|tuple)'|\bto (list|tuple)$|real number, not (list|tuple)|multiply sequence by)"
        r"|AttributeError: '(list|tuple)' object|only integer scalar arrays can be converted"
        r"|list indices must be integers",
        _LIST,
    ),
    (r"TypeError: .*'(float|int|bool)' object is not (iterable|subscriptable)|TypeError: .* has no len\(\)", _AXES),
    (r"AxisError|IndexError: too many indices", _AXES),
    (r"ModuleNotFoundError: ", _PACKAGES),
    (r"ZeroDivisionError", "this call divides by 0: treat that case before, by what the contract asks for there"),
    (
        r"inhomogeneous (shape|part)",
        "rows of different lengths do not make one array: loop over the rows, or join them by np.concatenate",
    ),
    (
        r"IndexError: (index .* out of bounds|list index out of range)",
        "an axis of n entries has the indices 0 to n - 1; x[i] picks row i, x[i, j] one entry: print shape and index",
    ),
    (r"UnboundLocalError: |NameError: cannot access free variable", _OWN_NAMES),
    (r"NameError: ", _NAMES),
    (r"ValueError: .*(could not be broadcast|mismatch in its core dimension|not aligned)", _SHAPES),
    (
        r"The truth value of an array",
        "an `if` decides once: np.where(condition, a, b) decides for every entry; for None write `x is None`, not `==`",
    ),
    (
        r"arrays used as indices must be of integer",
        "indices are integers: np.asarray([]) holds floats, and so does what / gives; write np.asarray(x, dtype=int)",
    ),
    (
        r"TypeError: only (length-1|0-dimensional) arrays can be converted",
        "functions of math and float() take one number: np.exp, np.log and the like take arrays",
    ),
    (
        r"UFuncTypeError: Cannot cast ufunc",
        "an array of integers stays one under -= and *=: write x = x - y, which also leaves the argument as it is",
    ),
    (r"LinAlgError: Singular matrix", "the matrix has no inverse in this call: np.linalg.lstsq and pinv need none"),
    (r"TypeError: .*'NoneType'", "something here is None, as the result of a function without `return` is"),
    (r"returns a \S*(function|method|Dispatcher|ufunc)\b", "call it: f(x) is a value, f is the function itself"),
    (
        r"does not end in time",
        "find the loop that does not end, or whose work grows with the square of the input: time it on inputs of 10, "
        "100 and 1000 entries",
    ),
    (r"returns None", "a function without `return` returns None; print only shows"),
    (
        r"returns a number, expected an array",
        "one value is wanted for every entry: a sum or a mean of everything gives one number (axis=... one for each "
        "row or column), and an `if` decides once (np.where decides for every entry)",
    ),
    (
        r"returns a complex number|returns an array of dtype complex",
        "the square of a complex number is complex: np.abs(z)**2 is its squared size",
    ),
    (r"returns \d+ items, expected \d+", "return all values that the contract names, in its order, and no others"),
    (
        r"returns a tuple of \d+, expected (an array|a number)",
        "return one of these values alone: result[0] is the first",
    ),
    (r"returns .*, expected a tuple", "return all values that the contract names, in its order: return a, b, c"),
    (
        r"returns an array of shape \((\d+), 1\), expected shape \(\1,\)",
        "this is a column: leave out reshape(-1, 1) and [:, None] on the way, or return result[:, 0]",
    ),
    (
        r"returns .*array of shape .*, expected (?!.*the numbers are right)"
        r"|does not return an? (float64 )?array of (the )?shape",
        "print the shape of every array on the way to the result, for this call",
    ),
    (
        r"digits that are not shown",
        "look for float32 on the way, for a step of finite differences, or for a difference of two large numbers",
    ),
    (r"returns NaN$", _NAN),
    (r"\(shape \((\d+), (\d+)\), expected shape \(\2, \1\)", "rows and columns are exchanged there: .T exchanges them"),
    (
        r"interquartile range is [^(]*\((?!1 times)[\d.]+ times\)",
        "rng.normal takes the standard deviation, the square root of a variance; or a factor or a mean is missing",
    ),
)
"""By how the message of a failure reads."""


_IN_QUOTES = 'the answer is the formula as a string: write it in quotes, return "2*x"; nothing is computed'
_FORMULA_CURES = (
    (r"NameError: |ModuleNotFoundError: .*sympy|returns a function|must return a string", _IN_QUOTES),
    *_CURES,
)
"""The same where the answer is a formula."""


_ODD_VALUES = (
    (r"\bnan\b", _NAN),
    (
        r"\binf\b",
        "an inf comes from a division by 0, as with n - 1 for n = 1, from a number too large for a float, or from an "
        "inf among the arguments",
    ),
)
"""By what a wrong value holds where the right one does not."""


def cure_of(
    message: str,
    kind: str = "function",
    *,
    returned: str | None = "",
    expected: str | None = "",
    call: str | None = "",
) -> str:
    """Return what helps against a common error of Python or NumPy itself; an empty text for any other failure.

    Parameters
    ----------
    message : str
        How the failure reads.
    kind : str
        The kind of the part.
    returned, expected, call : str or None
        The printed values and the printed call.
    """
    cures = _FORMULA_CURES if kind == "symbolic" else _CURES
    cure = next((cure for pattern, cure in cures if re.search(pattern, message)), "")
    if returned and re.search(r"does not return an? (float64 )?array", message) and returned.startswith("["):
        cure = "this is a list: return np.array(result)"
    elif returned and _OF_A_SAMPLE.search(message) and _ALL_EQUAL.search(returned):
        cure = "the values do not differ: draw anew for each of them, and look for // or int(), which round down to 0"
    if expected and expected.endswith(REFUSED) and cure not in _WHATEVER_IS_EXPECTED:
        error = expected.removesuffix(REFUSED)
        return f'test for such input before you compute, as the contract asks: if ...: raise {error}("what is wrong")'
    if cure:
        return cure
    if found := _COMPARED.search(message):
        returned, expected = found.groups()
    if not returned or not expected:
        return ""
    odd = next((why for odd, why in _ODD_VALUES if re.search(odd, returned) and not re.search(odd, expected)), "")
    return odd or relation(returned, expected, call or "")


_COMPARED = re.compile(r"\((?:entry [\d, ]+: )?([^\s,]+), expected ([^\s;)]+)[;)]")
"""The two figures of a law that does not hold."""
_OF_A_SAMPLE = re.compile(r"about [\d.]+ of \d+ |interquartile range")
"""What is said of many random results together."""
_ALL_EQUAL = re.compile(r": \[([^,\]]+), \1, \1, \.\.\.\]$")
"""How a large array is printed whose first values are one number."""


def slip_in(code: str, name: str) -> str:
    """Return what to look at in the code of a part whose values are wrong: a slip that can be read there.

    Parameters
    ----------
    code : str
        Python code with the part's function; an empty text is returned where it cannot be read.
    name : str
        The part.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    for function in functions[-1:]:
        own = {argument.arg for argument in function.args.args}
        for node in ast.walk(function):
            if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.FloorDiv):
                return f"`{_quoted(node)}` rounds down to a whole number: is that meant? / divides"
            if "rng" in own and isinstance(node, ast.Call) and _quoted(node.func).startswith("np.random."):
                return f"`{_quoted(node.func)}` is not drawn from the argument rng: every draw must come from it"
    return ""


def _quoted(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


_LONGEST = 60
