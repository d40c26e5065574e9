"""How a wrong value is related to the right one: of the other sign, a factor off, right at first, wrong in places.

Both are read as they are printed, so that `check`, notebooks and feedback pages, which keep the printed values, say the
same of them.  What is said is true of the numbers; what the code does is asked, not claimed.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

_ARRAY = re.compile(r"np\.array\((\[[^()]*\])(?:, dtype=np\.\w+)?\)")
_LARGEST = 24
"""A factor up to this, or one divided by it, is named: a factor 2 of a derivative, a number of entries."""
_NEAR = 1e-9
"""Relative difference of numbers that are printed with ten digits and mean the same."""
_SINGLE = 1e-5
"""Relative difference that computing in single precision can leave."""


def relation(returned: str, expected: str, call: str = "") -> str:
    """Return as advice how a printed value differs from the right one; an empty text where no relation is seen.

    Parameters
    ----------
    returned, expected : str
        As :func:`autograder.checks.show.show` prints them.
    call : str
        As :func:`autograder.checks.show.show_call` prints it.
    """
    pairs, wrong = _compared(returned, expected)
    numbers = [pairs[k] for k in wrong]
    if not wrong:
        return ""
    if all(isinstance(one, int | float) and math.isfinite(one) for pair in numbers for one in pair):
        said = next((said for holds, said in _RELATIONS if all(holds(*pair) for pair in numbers)), "")
        if said := said or _turned_round(numbers) or _factor(numbers) or _sum_or_mean(numbers, call):
            return f"{_which(wrong, len(pairs))} {said}"
    return _ONE_ARRAY if _keeps_one_array(_read(returned), _read(expected)) else ""


def where_wrong(returned: str, expected: str) -> str:
    """Return as a question which of several printed numbers are wrong; an empty text where all are, or none is."""
    pairs, wrong = _compared(returned, expected)
    if not 0 < len(wrong) < len(pairs):
        return ""
    return f"only {_which(wrong, len(pairs))} wrong: what is special there, in this call?"


def _compared(returned: str, expected: str) -> tuple[list[tuple[Any, Any]], list[int]]:
    """Return the entries of two printed values of one form in pairs, and the positions of the wrong ones."""
    got, want = _read(returned), _read(expected)
    if got is None or want is None or _form(got) != _form(want):
        return [], []
    pairs = list(zip(_entries(got), _entries(want), strict=True))
    return pairs, [k for k, pair in enumerate(pairs) if not _near(*pair)]


def _read(text: str) -> Any:
    """Return a printed value as numbers, lists and tuples; None where it is something else or printed in part."""
    plain = _ARRAY.sub(r"\1", text).replace("np.nan", "'nan'").replace("np.inf", "1e999")
    try:
        value = ast.literal_eval(plain)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, int | float | complex | list | tuple) else None


def _form(value: Any) -> Any:
    """Return the lengths of a nested value, None for a single entry."""
    return [type(value), *map(_form, value)] if isinstance(value, list | tuple) else None


def _entries(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for item in value:
            yield from _entries(item)
    else:
        yield value


def _near(one: Any, other: Any) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return bool(one == other or abs(one - other) <= _NEAR * abs(other))


def _right_at_first(got: float, want: float) -> bool:
    return 0 < abs(got - want) <= _SINGLE * abs(want)


def _other_sign(got: float, want: float) -> bool:
    return want != 0 and _near(got, -want)


_RELATIONS = (
    (
        _right_at_first,
        "right in the first digits: look for float32 on the way, for a step of finite differences, or for a "
        "difference of two large numbers",
    ),
    (_other_sign, "right but for the sign: which of the two is subtracted?"),
)
"""What can hold of every wrong number, in the order in which it is looked for."""


def _turned_round(pairs: Sequence[tuple[float, float]]) -> str:
    """Return that 0 and 1 are exchanged, in words, where both happen; one of them alone can have any cause."""
    if {want for _, want in pairs} == {0, 1} and all(got == 1 - want for got, want in pairs):
        return "0 for 1, or 1 for 0: is a comparison or a mask the wrong way round?"
    return ""


def _factor(pairs: Sequence[tuple[float, float]]) -> str:
    """Return the factor that all wrong numbers have, in words."""
    if any(want == 0 or got == 0 for got, want in pairs) or all(_simple(want) for _, want in pairs[1:] or pairs):
        return ""
    factor = pairs[0][0] / pairs[0][1]
    if not all(_near(got, factor * want) for got, want in pairs):
        return ""
    for k in range(2, _LARGEST + 1):
        for sign in (1, -1):
            if _near(factor, sign * k):
                return f"{sign * k} times what is expected: {_LOOK}"
            if _near(factor, sign / k):
                return f"{'' if sign > 0 else '-'}1/{k} of what is expected: {_LOOK}"
    return f"{factor:.4g} times what is expected: {_LOOK}" if len(pairs) > 1 else ""


_LISTED = re.compile(r"\[([^\[\]]*)\]")


def _sum_or_mean(pairs: Sequence[tuple[float, float]], call: str) -> str:
    """Return the factor of numbers that are too simple to show one, if an argument has as many entries."""
    for count in sorted({found.count(",") + 1 for found in _LISTED.findall(call)} - {1}):
        entries = f"what is expected, and an argument has {count} entries"
        if all(_near(got * count, want) for got, want in pairs):
            return f"1/{count} of {entries}: is it a mean where a sum is meant?"
        if all(_near(got, want * count) for got, want in pairs):
            return f"{count} times {entries}: is it a sum where a mean is meant?"
    return ""


def _simple(number: float) -> bool:
    """Whether a number is a small fraction: of two of these one is a multiple of the other by chance."""
    return any(_near(number * k, round(number * k)) for k in range(1, _LARGEST + 1))


_LOOK = "look for a factor, or for a mean and a sum in each other's place"


_ONE_ARRAY = "the wrong rows repeat the last one: one array was changed and kept several times; keep copies, w.copy()"


def _keeps_one_array(got: Any, want: Any) -> bool:
    """Whether every wrong row is the last row, which is right."""
    if not isinstance(got, list) or not isinstance(want, list):
        return False
    wrong = [row for row, right in zip(got, want, strict=True) if not _same(row, right)]
    at_the_end = len(got) > 2 and isinstance(got[-1], list) and _same(got[-1], want[-1])
    return at_the_end and all(row == got[-1] for row in wrong)


def _same(one: Any, other: Any) -> bool:
    return all(_near(g, w) for g, w in zip(_entries(one), _entries(other), strict=True))


def _which(wrong: Sequence[int], count: int) -> str:
    """Return which of the printed numbers are meant, with the verb that follows."""
    if len(wrong) == count:
        return "every number is" if count > 1 else "the value is"
    if len(wrong) == 1:
        return f"number {wrong[0] + 1} of the {count} is"
    if len(wrong) > 4:
        return f"{len(wrong)} of the {count} numbers are"
    listed = ", ".join(str(k + 1) for k in wrong[:-1])
    return f"numbers {listed} and {wrong[-1] + 1} of the {count} are"
