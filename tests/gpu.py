"""What the tests that need a GPU ask first."""

import pytest


def missing() -> str | None:
    """Return why nothing can be run on a GPU here, or None."""
    try:
        import cupy
    except ImportError:
        return "CuPy is not installed: pip install '.[cuda12]' or '.[cuda13]'"
    return None if cupy.is_available() else "CuPy finds no GPU here"


needed = pytest.mark.skipif(missing() is not None, reason=str(missing()))
