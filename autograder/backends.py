"""Array libraries under which the reference computes: NumPy, array-api-strict as its conscience, CuPy on a GPU."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.evaluate import evaluate
from autograder.spec import Call, CourseError, Value


def under(library: str, function: Callable[..., Value]) -> Callable[..., Value]:
    """Return a function that computes in another array library, with NumPy arrays outside.

    Parameters
    ----------
    library : {"numpy", "array_api_strict", "cupy"}
        Name of the module; arrays among the arguments are moved there, arrays in the result back.  Lists, numbers and
        everything else pass as they are, and so do callables: they get NumPy arrays.
    function : callable
        A reference function that runs on any array-API library.

    Raises
    ------
    CourseError
        If the library is not installed.
    """
    if library == "numpy":
        return function
    try:
        xp = importlib.import_module(library)
    except ImportError:
        raise CourseError(f"the array library {library} is not installed") from None

    def moved(*args: Value) -> Value:
        return to_numpy(function(*[_there(xp, argument) for argument in args]))

    return moved


def _there(xp: Any, value: Value) -> Value:
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        return xp.asarray(np.array(value))
    if callable(value) and not isinstance(value, type | np.random.Generator):
        return lambda *args: _there(xp, value(*[to_numpy(a) for a in args]))
    return value


def to_numpy(value: Value) -> Value:
    """Return a result with its arrays as NumPy arrays."""
    if isinstance(value, tuple | list):
        return type(value)(to_numpy(item) for item in value)
    if hasattr(value, "get") and hasattr(value, "__cuda_array_interface__"):
        return value.get()
    if hasattr(value, "__array_namespace__") and not isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    return value


def computer(backend: str, probes: Mapping[str, Callable[..., Value]]) -> Callable[[Callable[..., Value], Call], Value]:
    """Return what computes trusted values with a backend.

    Parameters
    ----------
    backend : {"auto", "numpy", "cupy"}
        ``cupy`` computes on the GPU and fails without one; ``auto`` and ``numpy`` compute with NumPy.
    probes : mapping
        The room's probe functions.

    Raises
    ------
    CourseError
        If ``cupy`` is asked for and cannot be imported.
    """
    library = "cupy" if backend == "cupy" else "numpy"

    def compute(function: Callable[..., Value], call: Call) -> Value:
        return evaluate(under(library, function), call, probes)

    return compute
