"""One place for special functions: SciPy's, or CuPy's copy of them where the arguments live on a GPU."""

from __future__ import annotations

import importlib
from typing import Any

import array_api_compat
import numpy as np

from autograder.arrays import Array, ArrayLike, namespace


def special(name: str, *values: ArrayLike) -> Array:
    """Apply a special function elementwise, with broadcasting.

    Parameters
    ----------
    name : str
        Its name in ``scipy.special``, for example ``"betainc"``.
    *values : array_like
        Its arguments.

    Returns
    -------
    array, float64
        In the namespace of the arguments; a library without special functions gets SciPy's values.

    Examples
    --------
    >>> round(float(special('betainc', 2.0, 3.0, 0.5)), 4)
    0.6875
    """
    xp = namespace(*values)
    if array_api_compat.is_cupy_namespace(xp):
        return _function("cupyx.scipy.special", name)(*values)
    return xp.asarray(_function("scipy.special", name)(*(np.asarray(value) for value in values)))


def _function(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)
