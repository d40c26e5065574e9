"""How many threads NumPy's and SciPy's libraries may use here: one.

A verdict does not depend on how many processors a machine has, a child that forks off a threaded BLAS hangs, and the
threads of a worker's BLAS turn in circles for a while after each product, which its next child then waits for.
"""

from __future__ import annotations

import os

ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}
"""The environment that says so; it is read when such a library is loaded."""


def use_one_thread() -> None:
    """Set one thread for this process (if NumPy is not loaded yet) and its children, unless a number is set already."""
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
