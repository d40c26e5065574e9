"""Comparing a returned value with the right one: shape first, then a tolerance scaled by the right value only."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator
from typing import Literal

import numpy as np

from autograder.declared import Declared
from autograder.errors import CourseError
from autograder.model import EXACT, Tolerance, Value
from autograder.plain import dataclass

_BLOCK = 1 << 15  # entries that are compared at once


@dataclass(frozen=True)
class Mismatch:
    """Why two values are not the same answer; ``kind`` other than ``value`` makes the output a bad one.

    ``form``: the numbers are right, in another container or dtype.
    """

    kind: Literal["type", "shape", "value"]
    message: str
    form: bool = False


@dataclass(frozen=True)
class Within(Declared):
    """An expected value of which every number in [low, high] is right, up to ``tolerance`` at the ends."""

    low: float
    high: float
    tolerance: Tolerance = EXACT

    def __post_init__(self) -> None:
        """Refuse an interval that holds no number."""
        super().__post_init__()
        if self.low > self.high:
            raise CourseError(f"Within: given {self.low:g} to {self.high:g}; allowed: the smaller end first")

    def __str__(self) -> str:
        """Return the interval as a student reads it."""
        return f"any number from {self.low:g} to {self.high:g}"


def plain(value: Value) -> Value:
    """Return a value with NumPy scalars and 0-d arrays as Python numbers; everything else as it is."""
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return value.item()
    return value


def mismatch(got: Value, want: Value, tolerance: Tolerance) -> Mismatch | None:
    """Compare two values.

    Parameters
    ----------
    got : value
        What a student's function returned.
    want : value
        The right value: a number, an array, a string, None, a :class:`Within`, or a tuple, list or dict of these.
    tolerance : Tolerance
        ``|got - want| <= atol + rtol * |want|``; NaN equals NaN and an infinity equals itself.

    Returns
    -------
    Mismatch or None
        None if ``got`` is right.  No broadcasting: shapes must be equal.  Where a number is wanted a Python number,
        NumPy scalar or 0-d array is right; where a float64 array is wanted its dtype must be float64; integers may be
        of any integer type; a tuple may be returned as a list.
    """
    if type(got) is float and type(want) is float and _is_near(got, want, tolerance):  # most comparisons
        return None
    got, want = plain(got), plain(want)
    if isinstance(want, Within):
        return _outside(got, want)
    if isinstance(want, tuple | list):
        return _mismatch_items(got, want, tolerance)
    if isinstance(want, dict):
        return _mismatch_dict(got, want, tolerance)
    if isinstance(want, np.ndarray):
        return _mismatch_array(got, want, tolerance)
    if isinstance(want, bool) or want is None or isinstance(want, str):
        return _mismatch_plain(got, want)
    return _mismatch_number(got, want, tolerance)


def is_number(value: Value) -> bool:
    """Whether a value is a real number: a Python or NumPy int or float, or a 0-d array of one; no bool."""
    value = plain(value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def form_of(value: Value) -> str:
    """Return what a value is, with its shape or length, in words that follow "returns" or "expected"."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if value is None:
        return "None"
    if isinstance(value, bool):
        return "a bool"
    if isinstance(value, int | float | Within):
        return "a number"
    if isinstance(value, complex):
        return "a complex number"
    if isinstance(value, tuple | list | dict):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"


def _outside(got: Value, want: Within) -> Mismatch | None:
    if not is_number(got):
        return Mismatch("type", f"returns {form_of(got)}, expected a number")
    slack = want.tolerance.atol + want.tolerance.rtol * max(abs(want.low), abs(want.high))
    if want.low - slack <= got <= want.high + slack:
        return None
    return Mismatch("value", "returns a wrong value")


def _mismatch_items(got: Value, want: tuple[Value, ...] | list[Value], tolerance: Tolerance) -> Mismatch | None:
    if not isinstance(got, tuple | list):
        return Mismatch("type", f"returns {form_of(got)}, expected {form_of(want)}")
    if len(got) != len(want):
        return Mismatch("shape", f"returns {len(got)} items, expected {len(want)}")
    for index, (g, w) in enumerate(zip(got, want, strict=True)):
        found = mismatch(g, w, tolerance)
        if found is not None:
            return Mismatch(found.kind, _within(f"[{index}]", found.message))
    return None


def _within(key: str, message: str) -> str:
    """Say where in a result something is wrong, as in ``in result[1]['a'] it returns ...``."""
    inner = message.removeprefix("in result")
    return f"in result{key}{inner}" if inner != message else f"in result{key} it {message}"


def _mismatch_dict(got: Value, want: dict[Value, Value], tolerance: Tolerance) -> Mismatch | None:
    if not isinstance(got, dict):
        return Mismatch("type", f"returns {form_of(got)}, expected {form_of(want)}")
    if got.keys() != want.keys():
        keys = (", ".join(map(repr, one)) or "none" for one in (got, want))
        return Mismatch("shape", "returns the keys {}, expected {}".format(*keys))
    for key, wanted in want.items():
        found = mismatch(got[key], wanted, tolerance)
        if found is not None:
            return Mismatch(found.kind, _within(f"[{key!r}]", found.message))
    return None


def _mismatch_plain(got: Value, want: Value) -> Mismatch | None:
    if type(got) is not type(want):
        return Mismatch("type", f"returns {form_of(got)}, expected {form_of(want)}")
    return None if got == want else Mismatch("value", "returns a wrong value")


def _mismatch_number(got: Value, want: Value, tolerance: Tolerance) -> Mismatch | None:
    if isinstance(got, np.ndarray):
        return Mismatch("shape", f"returns an array of shape {got.shape}, expected a number")
    numeric = (int, float, complex) if isinstance(want, complex) else (int, float)
    if isinstance(got, bool) or not isinstance(got, numeric):
        wanted = "a real number" if isinstance(got, complex) else "a number"
        return Mismatch("type", f"returns {form_of(got)}, expected {wanted}")
    if got == want:
        return None
    try:
        got_number = complex(got)
    except OverflowError:
        return Mismatch("value", "returns a number too large for a float")
    want_number = complex(want)
    # not by abs: of a NaN it raises whatever error an earlier call of the mathematics library left behind
    if not cmath.isfinite(want_number) or not cmath.isfinite(got_number):
        both_nan = want != want and got != got
        return None if both_nan else Mismatch("value", "returns a wrong value")
    off = got_number - want_number
    slack = tolerance.atol + tolerance.rtol * math.hypot(want_number.real, want_number.imag)
    return (
        None
        if cmath.isfinite(off) and math.hypot(off.real, off.imag) <= slack
        else Mismatch("value", "returns a wrong value")
    )


def _is_near(got: float, want: float, tolerance: Tolerance) -> bool:
    return math.isfinite(want) and abs(got - want) <= tolerance.atol + tolerance.rtol * abs(want)


def _mismatch_array(got: Value, want: np.ndarray, tolerance: Tolerance) -> Mismatch | None:
    if not isinstance(got, np.ndarray):
        return Mismatch("type", f"returns {form_of(got)}, expected an array of shape {want.shape}")
    if got.shape != want.shape:
        return Mismatch("shape", f"returns an array of shape {got.shape}, expected shape {want.shape}")
    wrong_dtype = _dtype_mismatch(got.dtype, want.dtype)
    if wrong_dtype is not None:
        return wrong_dtype
    if want.dtype.kind in "biu":
        return None if bool(np.all(got == want)) else Mismatch("value", "returns a wrong value")
    return None if _close(got, want, tolerance) else Mismatch("value", "returns a wrong value")


def _dtype_mismatch(got: np.dtype, want: np.dtype) -> Mismatch | None:
    both_integers = got.kind in "iu" and want.kind in "iu"
    if both_integers or (got.kind == want.kind and got.itemsize == want.itemsize):
        return None
    return Mismatch("type", f"returns an array of dtype {got}, expected {want}")


def _close(got: np.ndarray, want: np.ndarray, tolerance: Tolerance) -> bool:
    if got.size <= _BLOCK and got.dtype == want.dtype and got.tobytes() == want.tobytes():
        return True  # most right answers; NaN equals NaN
    if all(bool((g == w).all()) for g, w in _blocks(got, want)):
        return True
    errors, sizes = [], []
    with np.errstate(all="ignore"):
        for g, w in _blocks(got, want):
            found = _differences(g, w)
            if found is None:
                return False
            error, size = found
            if tolerance.mode == "max":
                errors.append(float(error.max()))
                sizes.append(float(size.max()))
            elif tolerance.mode == "norm":
                errors.append(_norm(error))
                sizes.append(_norm(size))
            elif not bool((error <= tolerance.atol + tolerance.rtol * size).all()):
                return False
        if tolerance.mode == "max":
            return max(errors) <= tolerance.atol + tolerance.rtol * max(sizes)
        if tolerance.mode == "norm":  # the norm of the norms of the blocks is that of the whole
            return _norm(np.array(errors)) <= tolerance.atol + tolerance.rtol * _norm(np.array(sizes))
    return True


def _blocks(got: np.ndarray, want: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield arrays of one shape piece by piece: what is computed of a piece stays in the processor's cache."""
    if got.size <= _BLOCK:
        yield got, want
        return
    got, want = got.reshape(-1), want.reshape(-1)
    for start in range(0, got.size, _BLOCK):
        yield got[start : start + _BLOCK], want[start : start + _BLOCK]


def _differences(got: np.ndarray, want: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the errors and the sizes of the entries, 0 for NaN and infinity; None if one of these is wrong."""
    error, size = np.abs(got - want), np.abs(want)
    if bool(np.isfinite(error).all()):  # then every entry is finite
        return error, size
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    finite = np.isfinite(got) & np.isfinite(want)
    if not bool((same | finite).all()):
        return None
    return np.where(finite, error, 0.0), np.where(finite, size, 0.0)


def _norm(values: np.ndarray) -> float:
    """Euclidean norm that neither overflows nor underflows."""
    top = float(values.max())
    return top * float(np.sqrt(np.sum((values / top) ** 2))) if 0.0 < top < math.inf else top
