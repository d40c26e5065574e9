"""What every function of the reference must do: give the same with arrays of another library."""

from collections.abc import Callable, Iterable
from typing import Any

import array_api_strict
import numpy as np


def same_elsewhere(
    function: Callable[..., Any], arguments: Iterable[Any], rtol: float = 1e-12, atol: float = 0
) -> None:
    """Assert that arrays of array-api-strict, which allows only what every library has, give what NumPy's do."""
    given = list(arguments)
    moved = [array_api_strict.asarray(one) if isinstance(one, np.ndarray) else one for one in given]
    here, there = function(*given), function(*moved)
    for want, got in zip(here, there, strict=True) if isinstance(here, tuple) else [(here, there)]:
        np.testing.assert_allclose(np.asarray(got), np.asarray(want), rtol=rtol, atol=atol)
