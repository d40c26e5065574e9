"""Values as JSON data and back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograder.judging.trusted import Raised
from autograder.model import Value


def pack(value: Value) -> Any:
    """Return a value as JSON data; the inverse of :func:`unpack`."""
    if isinstance(value, Raised):
        return {"raised": value.error}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.ndarray):
        return {"array": [pack(x) for x in value.ravel().tolist()], "shape": value.shape, "dtype": str(value.dtype)}
    if isinstance(value, tuple):
        return {"tuple": [pack(item) for item in value]}
    if isinstance(value, list):
        return {"list": [pack(item) for item in value]}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    if isinstance(value, complex):
        return {"complex": [pack(value.real), pack(value.imag)]}
    return value


def unpack(data: Any) -> Value:
    """Return the value of JSON data that :func:`pack` made."""
    if not isinstance(data, dict):
        return data
    kind, content = next(iter(data.items()))
    if kind == "array":
        flat = [unpack(item) for item in content]
        return np.array(flat, dtype=np.dtype(data["dtype"])).reshape(data["shape"])
    if kind == "tuple":
        return tuple(unpack(item) for item in content)
    if kind == "list":
        return [unpack(item) for item in content]
    if kind == "complex":
        return complex(unpack(content[0]), unpack(content[1]))
    return Raised(content) if kind == "raised" else float(content)
