"""Printing values and calls so that a student can paste them into Python."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograder.model import Call, DataFile, Generator, Probe, ReadOnly, Strided, Value

_LONGEST = 1000
_ENTRIES = 24
"""An array or list of at most so many entries is printed whole, so that it can be pasted; a larger one is summed up."""


def show(value: Value) -> str:
    """Return a value as pasteable NumPy text with ten digits, at most 1000 characters.

    Large arrays are summed up with their shape; strings are quoted and stripped of control characters by ``repr``.
    """
    return _cut(_show(value))


def show_call(call: Call) -> str:
    """Return a call as pasteable text: ``risk([1, 2, 3], [1, 3, 5])``."""
    if call.text is not None:
        return call.text
    return _cut(f"{call.function}({', '.join(_cut(_show(a), _LONGEST // 2) for a in call.args)})")


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _show(value: Value) -> str:
    if isinstance(value, ReadOnly | Strided):
        return _show(value.array)
    if isinstance(value, Generator):
        seed = list(value.seed) if len(value.seed) != 1 else value.seed[0]
        return f"np.random.default_rng({seed})"
    if isinstance(value, DataFile):
        return f"open({value.name!r})"
    if isinstance(value, Probe):
        return value.name
    if isinstance(value, np.ndarray):
        return _show_array(value)
    if isinstance(value, np.generic):
        return _show(value.item())
    if isinstance(value, float):
        return _show_float(value)
    if isinstance(value, tuple | list):
        return _show_sequence(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_show(v)}" for k, v in list(value.items())[:20]) + "}"
    return repr(value)


def _show_float(value: float) -> str:
    if np.isnan(value):
        return "np.nan"
    if np.isinf(value):
        return "np.inf" if value > 0 else "-np.inf"
    short = f"{value:.10g}"
    if np.isinf(float(short)):  # ten digits round up beyond the largest float
        short = repr(value)
    # 1 would read as an integer
    return short if any(mark in short for mark in ".e") else short + ".0"


def _show_sequence(items: Sequence[Value]) -> str:
    shown = [_show(item) for item in items[:_ENTRIES]]
    if len(items) > _ENTRIES:
        shown.append(f"... {len(items)} items")
    body = ", ".join(shown)
    if isinstance(items, list):
        return f"[{body}]"
    return f"({body},)" if len(items) == 1 else f"({body})"


def _show_array(array: np.ndarray) -> str:
    if array.ndim == 0:
        return _show(array.item())
    if array.size == 0:
        return f"np.zeros({array.shape}, dtype=np.{array.dtype})"
    if array.size > _ENTRIES:
        head = ", ".join(_show(x) for x in array.ravel()[:3].tolist())
        return f"array of shape {array.shape}, {array.dtype}: [{head}, ...]"
    body = _show_nested(array.tolist())
    default = array.dtype in (np.dtype(float), np.dtype(int), np.dtype(bool))
    return f"np.array({body})" if default else f"np.array({body}, dtype=np.{array.dtype})"


def _show_nested(items: Value) -> str:
    if isinstance(items, list):
        return "[" + ", ".join(_show_nested(item) for item in items) + "]"
    return _show(items)
