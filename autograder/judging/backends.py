"""Array libraries under which the reference computes: NumPy, CuPy on a GPU, array-api-strict for non-portable calls."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.errors import CourseError
from autograder.judging.questions import NOT_COMPUTED
from autograder.judging.trusted import ProbesOf, Raised, evaluate
from autograder.model import Call, Value
from autograder.plain import dataclass
from autograder.text import install

_GENERIC = ("autograder.arrays", "array_api_compat")


def any_library(function: Callable[..., Value]) -> bool:
    """Whether a reference is for any array library: its file imports the helpers of `autograder.arrays`."""
    known = getattr(inspect.unwrap(function), "__globals__", {}).values()
    return any(str(getattr(one, "__module__", "")).startswith(_GENERIC) for one in known)


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
        raise CourseError(
            f"the array library {library} is not installed; authors need the test extra: {install('test')}"
        ) from None

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


@dataclass(frozen=True)
class ComputedCase:
    """Which backend computed the right value of a case: ``check`` names exercise, part and check; for the log."""

    check: str
    variant: int
    number: int
    backend: str


@dataclass(frozen=True)
class Said:
    """What there is to say of a backend: its new cases, and its warnings so far."""

    cases: tuple[ComputedCase, ...] = ()
    warnings: tuple[str, ...] = ()


NOTHING = Said()


def account(cases: Iterable[ComputedCase]) -> list[str]:
    """Return lines that name the backend of every case; variants that agree share a line."""
    by_check: dict[tuple[str, int], dict[str, set[int]]] = {}
    for case in cases:
        by_check.setdefault((case.check, case.variant), {}).setdefault(case.backend, set()).add(case.number)
    lines: dict[str, set[int]] = {}
    for (check, variant), backends in sorted(by_check.items()):
        words = "; ".join(f"{backend} {_ranges(numbers)}" for backend, numbers in sorted(backends.items()))
        lines.setdefault(f"{check}: cases by {words}", set()).add(variant)
    return [f"{line} (variants {_ranges(variants)})" for line, variants in lines.items()]


def _ranges(numbers: Iterable[int]) -> str:
    """Return numbers in short: ``0-3, 7``."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


AUTO_ENTRIES = 1_000_000
"""Entries of a case's arguments from which ``auto`` sends it to the GPU: below, launching and copying cost more than
NumPy needs (its plain loops take about a nanosecond an entry; a copy there and back and ten launches about 0.1 ms)."""


ArrayLocation = tuple[int, int]
"""Variant and number of a case."""


@dataclass(frozen=True, eq=False)
class Computed:
    """A value that was computed, which may be a string."""

    value: Value


class Gpu:
    """Right values from CuPy for one worker; whatever it cannot compute is left to NumPy, with one warning.

    Parameters
    ----------
    backend : {"auto", "cupy"}
        ``auto`` takes large cases only.

    Raises
    ------
    CourseError
        If ``cupy`` is asked for and is not installed.
    """

    def __init__(self, backend: str) -> None:
        self._smallest = AUTO_ENTRIES if backend == "auto" else 0
        self._cases: list[ComputedCase] = []
        self._warnings: list[str] = []
        self._usable = self._available(backend)

    def _available(self, backend: str) -> bool:
        if importlib.util.find_spec("cupy") is None:
            if backend == "cupy":
                raise CourseError(
                    "--backend cupy needs CuPy: install the extra [cuda12] or [cuda13], or take --backend auto"
                )
            return False
        if importlib.import_module("cupy").is_available():
            return True
        if backend == "cupy":
            self._warnings.append("CuPy finds no GPU: right values are computed with NumPy")
        return False

    def compute(
        self, function: Callable[..., Value], call: Call, probes: ProbesOf, check: str, case: ArrayLocation
    ) -> Value:
        """Return the value of a reference function, or NOT_COMPUTED; ``check`` and ``case`` name it in the log."""
        if self._smallest and (not self._usable or sum(map(_entries, call.args)) < self._smallest):
            return NOT_COMPUTED  # "auto" without a GPU, or for a case that is too small, is not worth a line
        value = self._value(function, call, probes) if self._usable else "no GPU"
        backend = f"numpy ({value})" if isinstance(value, str) else "cupy"
        self._cases.append(ComputedCase(check, *case, backend))
        return NOT_COMPUTED if isinstance(value, str) else value.value

    def _value(self, function: Callable[..., Value], call: Call, probes: ProbesOf) -> Computed | str:
        """Return the value, or why there is none."""
        arguments = [getattr(argument, "array", argument) for argument in call.args]
        if not any(isinstance(argument, np.ndarray) for argument in arguments):
            return "no array"
        failures: list[Exception] = []

        def moved(*args: Value) -> Value:
            try:
                return under("cupy", function)(*args)
            except Exception as error:
                failures.append(error)
                raise

        value = evaluate(moved, call, probes)
        if not isinstance(value, Raised):
            return Computed(value)
        if failures and type(failures[0]).__module__.partition(".")[0] in ("cupy", "cupyx", "cupy_backends"):
            self._give_way(value.error)
        return value.error

    def _give_way(self, error: str) -> None:
        if not self._warnings:
            self._warnings.append(f"the GPU fails ({error}): NumPy computes the right values that it does not")
        if error != "OutOfMemoryError":  # a smaller case may fit; after any other fault nothing is sure
            self._usable = False

    def said(self) -> Said:
        """Return what was computed since the last time, and all warnings so far."""
        said = Said(tuple(self._cases), tuple(self._warnings))
        self._cases.clear()
        return said


def _entries(value: Value) -> int:
    value = getattr(value, "array", value)
    if isinstance(value, list | tuple):
        return sum(map(_entries, value))
    return value.size if isinstance(value, np.ndarray) else 1
