"""Inside the child: fresh arguments for a call, and what became of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from io import StringIO
from types import ModuleType
from typing import Any

import numpy as np

from autograder.errors import CourseError
from autograder.model import DataFile, Generator, Probe, ReadOnly, Strided, Value
from autograder.plain import dataclass
from autograder.sandbox.frames import MAX_PROBE_CALLS
from autograder.sandbox.values import LARGE, is_numpy_scalar

Shapes = tuple[tuple[int, ...], ...]

_PROBES_MODULE = "_autograder_probes"
PROBES_FILE = "checks.py"
# Taken at import, so that a student's patches in the same process cannot reach the harness by accident.
_ndarray = np.ndarray
_default_rng = np.random.default_rng
_may_share_memory = np.may_share_memory
_empty = np.empty
_NUMBERS = frozenset({bool, int, float})


@dataclass
class ProbeLog:
    """How the probes of one call were called."""

    calls: list[Shapes] = field(default_factory=list)
    count: int = 0
    raised: tuple[str, BaseException] | None = None
    """The probe that raised last, and what."""

    def note(self, args: tuple[Any, ...]) -> None:
        """Record one call by the shapes of its array (and NumPy scalar) arguments."""
        self.count += 1
        if len(self.calls) < MAX_PROBE_CALLS:
            arrays = [arg for arg in args if isinstance(arg, np.ndarray | np.generic)]
            self.calls.append(tuple([tuple(array.shape[:8]) for array in arrays[:8]]))


class Probes:
    """The probe functions of an exercise.

    A function in ``PROBES`` is handed over as it is, behind a recorder; one with the attribute ``fresh = True`` is a
    factory, called once per call of the student's function, for probes that keep state.

    Parameters
    ----------
    source : str or None
        Text of the exercise's ``checks.py``.

    Raises
    ------
    CourseError
        If it defines no dict ``PROBES``.
    """

    def __init__(self, source: str | None) -> None:
        self._registry: dict[str, Callable[..., Any]] = {}
        if source is None:
            return
        module = ModuleType(_PROBES_MODULE)
        sys.modules[_PROBES_MODULE] = module  # dataclasses look their module up
        code = compile(source, PROBES_FILE, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # the author's public checks.py, never a submission's text
        registry = getattr(module, "PROBES", None)
        if not isinstance(registry, dict):
            raise CourseError("checks.py: a call has a Probe, so the file must define a dict PROBES of functions")
        self._registry = registry

    @classmethod
    def of(cls, registry: Mapping[str, Callable[..., Any]]) -> Probes:
        """Return the probes of a registry that is loaded already."""
        made = cls(None)
        made._registry = dict(registry)
        return made

    def recorded(self, name: str, log: ProbeLog) -> Callable[..., Any]:
        """Return the probe of that name, its calls recorded in ``log``.

        Raises
        ------
        CourseError
            If there is none.
        """
        if name not in self._registry:
            raise CourseError(f"checks.py: PROBES has no {name!r}")
        function = self._registry[name]
        if getattr(function, "fresh", False) is True:
            function = function()

        def probe(*args: Any, **kwargs: Any) -> Any:
            log.note(args)
            try:
                return function(*args, **kwargs)
            except Exception as error:
                log.raised = (name, error)
                raise

        probe.__name__ = name
        return probe


def fresh(value: Value, probes: Probes, log: ProbeLog) -> Any:
    """Return the object that a student's function gets for an argument of the batch, sharing nothing with it."""
    cls = type(value)
    if cls is _ndarray:
        # a large array is handed over in place where the batch is mapped privately: writing to it copies its pages
        return value if value.nbytes >= LARGE and value.flags.writeable else value.copy()
    if cls is tuple:
        return tuple([fresh(item, probes, log) for item in value])
    if cls is list:
        return value.copy() if _plain(value) else [fresh(item, probes, log) for item in value]
    if cls is dict:
        return {key: fresh(item, probes, log) for key, item in value.items()}
    if cls is ReadOnly:
        copy = value.array.copy()
        copy.flags.writeable = False
        return copy
    if cls is Strided:
        return _strided(value.array)
    if cls is Generator:
        return _default_rng(value.seed)
    if cls is Probe:
        return probes.recorded(value.name, log)
    if cls is DataFile:
        return StringIO(value.text)
    return value


def _plain(items: list[Value]) -> bool:
    """Whether a list holds nothing but plain numbers."""
    return _NUMBERS.issuperset(map(type, items))


def _strided(array: np.ndarray) -> np.ndarray:
    """Return the array as every other entry of a larger one; what lies between answers nothing."""
    if array.ndim == 0:
        return array.copy()
    wide = _empty((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[...] = 99
    view = wide[..., ::2]
    view[...] = array
    return view


def unchanged(now: Any, before: Value) -> bool:
    """Whether an argument still is what the batch says, byte for byte and type for type."""
    cls = type(before)
    if cls is ReadOnly or cls is Strided:
        return _same_array(now, before.array)
    if cls is _ndarray:
        return _same_array(now, before)
    if cls is Generator or cls is Probe or cls is DataFile:
        return True
    if type(now) is not cls:
        return False
    if cls is list and _plain(before) and _plain(now) and now == before:
        return list(map(type, now)) == list(map(type, before))
    if cls is tuple or cls is list:
        return len(now) == len(before) and all(map(unchanged, now, before))
    if cls is dict:
        return list(now) == list(before) and all(unchanged(now[key], before[key]) for key in before)
    if is_numpy_scalar(before):
        return bool(now.tobytes() == before.tobytes())
    return bool(now == before or (now != now and before != before))


def _same_array(now: Any, before: np.ndarray) -> bool:
    if before.nbytes >= LARGE:
        return (
            True  # a large array is not looked at: it may be the argument itself, and only checks on small inputs ask
        )
    if type(now) is not _ndarray or now.shape != before.shape or now.dtype != before.dtype:
        return False
    return now.tobytes() == before.tobytes()


def drawn(args: Sequence[Any], before: Sequence[Value]) -> int:
    """Return how many random words of 64 bits were taken from the generators among the arguments of a call."""
    taken = 0
    for now, marker in zip(args, before, strict=True):
        if type(marker) is Generator:
            first, last = (one.bit_generator.state["state"] for one in (_default_rng(marker.seed), now))
            taken += _steps(first["state"], last["state"], first["inc"])
    return min(taken, _MANY)


_MANY = 10**12
_PCG64_FACTOR = 0x2360ED051FC65DA44385DF649FCCF645
_WORD = 2**128 - 1


def _steps(state: int, last: int, plus: int) -> int:
    """Return after how many steps of NumPy's default generator, which are ``state * factor + plus``, it is at ``last``.

    The lowest bits that differ say which power of two is part of the number: Brown, "Random number generation with
    arbitrary strides", 1994.
    """
    factor, steps = _PCG64_FACTOR, 0
    for bit in range(128):
        if state == last:
            break
        if (state ^ last) >> bit & 1:
            state = state * factor + plus & _WORD
            steps |= 1 << bit
        plus = (factor + 1) * plus & _WORD
        factor = factor * factor & _WORD
    return steps


def shares_memory(result: Any, args: Any) -> bool:
    """Whether an array in the result may overlap an array in the arguments."""
    returned = list(_arrays(result, 8))
    if not returned:
        return False
    given = list(_arrays(args, 8))
    return any(_may_share_memory(array, other) for array in returned for other in given)


def _arrays(value: Any, depth: int) -> Iterator[np.ndarray]:
    cls = type(value)
    if cls is _ndarray:
        yield value
    elif depth and (cls is tuple or cls is list):
        for item in value:
            yield from _arrays(item, depth - 1)
    elif depth and cls is dict:
        for item in value.values():
            yield from _arrays(item, depth - 1)
