"""Helpers for references: the array library of the arguments, the arguments in float64, and refusals.

A reference that begins with ``xp, x = as_float(x)`` and uses ``xp`` runs on NumPy, CuPy and array-api-strict alike.
"""

from __future__ import annotations

from typing import Any

import array_api_compat
import array_api_compat.numpy as numpy_compat
import numpy as np

Array = Any
"""An array of NumPy, CuPy, array-api-strict or another library that follows the array-API standard."""

ArrayLike = Any
"""An array, a (nested) list or tuple of numbers, or a number."""


def namespace(*values: ArrayLike) -> Any:
    """Return the array-API namespace of the first array that is not NumPy's, else NumPy's."""
    arrays = [v for v in values if array_api_compat.is_array_api_obj(v) and not array_api_compat.is_numpy_array(v)]
    return array_api_compat.array_namespace(*arrays) if arrays else numpy_compat


def as_float(*values: ArrayLike) -> tuple[Any, ...]:
    """Promote arguments to float64 before the first arithmetic operation.

    Parameters
    ----------
    *values : array_like
        Real, integer, unsigned or bool, any shape.

    Returns
    -------
    tuple
        The namespace ``xp``, then every argument as a float64 array of its own shape: the argument itself where it is
        one already, so the caller must not write into it or return it.

    Raises
    ------
    ValueError
        If an argument is ragged or not numeric.
    """
    xp = namespace(*values)
    return (xp, *(_promoted(xp, value, "float64") for value in values))


def as_complex(*values: ArrayLike) -> tuple[Any, ...]:
    """Promote arguments to complex128 before the first arithmetic operation.

    Parameters
    ----------
    *values : array_like
        Complex or real, any shape.

    Returns
    -------
    tuple
        The namespace ``xp``, then every argument as a complex128 array of its own shape.

    Raises
    ------
    ValueError
        If an argument is ragged or not numeric.
    """
    xp = namespace(*values)
    return (xp, *(_promoted(xp, value, "complex128") for value in values))


def as_array(value: ArrayLike) -> Array:
    """Return an array of any library as it is, anything else as one of NumPy."""
    return value if array_api_compat.is_array_api_obj(value) else np.asarray(value)


def _promoted(xp: Any, value: ArrayLike, dtype: str) -> Array:
    try:
        array = as_array(value)
        if array_api_compat.is_numpy_array(array) and xp is not numpy_compat:
            array = xp.asarray(array.astype(dtype))
        return xp.astype(xp.asarray(array), getattr(xp, dtype), copy=False)
    except TypeError as error:
        raise ValueError(f"expected numbers, got {type(value).__name__}: {error}") from error


def require(condition: bool, message: str) -> None:
    """Raise ``ValueError(message)`` unless the condition holds."""
    if not condition:
        raise ValueError(message)


def same_shape(**arrays: Array) -> None:
    """Raise ``ValueError`` unless all named arrays have one common shape: data arguments are never broadcast."""
    shapes = {name: tuple(array.shape) for name, array in arrays.items()}
    require(
        len(set(shapes.values())) == 1,
        "shapes must agree: " + ", ".join(f"{name} has {shape}" for name, shape in shapes.items()),
    )
