"""Recognise right numbers in another container or dtype than the statement asks for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.model import Value


def reformed(got: Value, want: Value) -> Value:
    """Return a value in the container and dtype of the right one, where it can be written so; else as it is.

    A list becomes an array (or a tuple), one entry a number, integers floats.  No entry changes and none is repeated.
    """
    if isinstance(want, tuple | list):
        return _items(got, want)
    if isinstance(want, np.ndarray) and want.ndim:
        return _array(got, want)
    number = hasattr(want, "low") or isinstance(want, int | float | complex | np.number | np.ndarray)
    return _number(got) if number and not isinstance(want, bool) else got


def advice(got: Value, want: Value, name: str = "result") -> str:
    """Return what to write so that a value has the form of the right one; ``name`` is what the value is called."""
    if isinstance(want, tuple | list):
        pairs = list(zip(got, want, strict=False)) if isinstance(got, tuple | list) else []
        told = (advice(g, w, f"{name}[{i}]") for i, (g, w) in enumerate(pairs) if _can_be_formed(g, w))
        return next(told, f"write tuple({name})")
    if isinstance(want, np.ndarray):
        if isinstance(got, np.ndarray) and got.shape == want.shape:
            return f"write {name}.astype(np.{want.dtype})"
        return f"write np.{'atleast_1d' if np.ndim(got) == 0 else 'array'}({name}).astype(np.{want.dtype})"
    return f"write float(np.squeeze({name}))"


def _can_be_formed(got: Value, want: Value) -> bool:
    return reformed(got, want) is not got and not _same_form(got, want)


def _items(got: Value, want: Sequence[Value]) -> Value:
    items = list(got) if isinstance(got, tuple | list) or (isinstance(got, np.ndarray) and got.ndim) else None
    if items is None or len(items) != len(want):
        return got
    return tuple(reformed(g, w) for g, w in zip(items, want, strict=True))


def _array(got: Value, want: np.ndarray) -> Value:
    try:
        array = np.asarray(got)
    except ValueError:  # a ragged list is not an array
        return got
    if array.dtype.kind not in "biufc" or want.dtype.kind not in "biufc":
        return got
    if array.ndim == 0 and want.shape == (1,):
        array = array.reshape(1)
    with np.errstate(all="ignore"):
        same = (array if want.dtype.kind == "c" else array.real).astype(want.dtype)
    return same if np.array_equal(same, array, equal_nan=same.dtype.kind in "fc") else got


def _number(got: Value) -> Value:
    if isinstance(got, tuple | list) and len(got) == 1:
        return _number(got[0])
    if isinstance(got, np.ndarray) and got.size == 1 and got.dtype.kind in "iufc":
        got = got.reshape(-1)[0].item()
    return got.real if isinstance(got, complex) and got.imag == 0 else got


def _same_form(got: Value, want: Value) -> bool:
    if isinstance(want, np.ndarray):
        return isinstance(got, np.ndarray) and (got.shape, got.dtype) == (want.shape, want.dtype)
    return not isinstance(got, np.ndarray | list | tuple)
