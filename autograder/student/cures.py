"""Advice on typical first errors, for `check`, notebooks and feedback pages."""

import re

_LIST = "the arguments may be lists: turn each into an array first, x = np.asarray(x, dtype=float)"
_AXES = "an argument may be a single number or have fewer axes than that: np.asarray(x).ndim tells how many it has"
_CURES = (
    (r"TypeError: .*'list'|AttributeError: 'list' object", _LIST),
    (r"TypeError: .*'(float|int|bool)' object is not (iterable|subscriptable)|TypeError: .* has no len\(\)", _AXES),
    (r"AxisError|IndexError: too many indices", _AXES),
    (r"NameError: ", "define the name above its first use, or look at its spelling"),
    (r"returns None", "a function without `return` returns None; print only shows"),
    (
        r"returns a tuple of \d+, expected (an array|a number)",
        "return one of these values alone: result[0] is the first",
    ),
    (r"returns .*, expected a tuple", "return all values that the contract names, in its order: return a, b, c"),
    (
        r"returns .*array of shape .*, expected",
        "print the shape of every array on the way to the result, for this call",
    ),
)
"""By how the message of a failure reads."""


_IN_QUOTES = 'the answer is the formula as a string: write it in quotes, return "2*x"; nothing is computed'
_FORMULA_CURES = (
    (r"NameError: |ModuleNotFoundError: .*sympy|returns a function|must return a string", _IN_QUOTES),
    *_CURES,
)
"""The same where the answer is a formula."""


def cure_of(message: str, kind: str = "function") -> str:
    """Return what helps against a common error of Python or NumPy itself; an empty text for any other failure.

    Parameters
    ----------
    message : str
        How the failure reads.
    kind : str
        The kind of the part.
    """
    cures = _FORMULA_CURES if kind == "symbolic" else _CURES
    return next((cure for pattern, cure in cures if re.search(pattern, message)), "")
