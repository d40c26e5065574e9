"""Calling trusted functions (reference, misconceptions, alternatives) in the grader's own process."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import field
from io import StringIO

import numpy as np

from autograder.declared import place_of
from autograder.errors import CourseError
from autograder.model import Call, DataFile, Generator, Probe, ReadOnly, Strided, Value
from autograder.plain import dataclass

ProbesOf = Mapping[str, Callable[..., Value]]


@dataclass(frozen=True)
class Raised:
    """The outcome of a trusted call that raised: the exception's type name, its message and the author's line."""

    error: str
    message: str = ""
    place: str = field(default="", compare=False)


def resolve(value: Value, probes: ProbesOf) -> Value:
    """Return an argument as a function receives it: markers replaced, mutable values copied.

    Raises
    ------
    CourseError
        If a probe is not registered.
    """
    if isinstance(value, ReadOnly | Strided):
        return value.array.copy()
    if isinstance(value, Generator):
        return np.random.default_rng(value.seed)
    if isinstance(value, DataFile):
        return StringIO(value.text)
    if isinstance(value, Probe):
        return fresh_probe(value.name, probes)
    if isinstance(value, list | tuple):
        return type(value)(resolve(item, probes) for item in value)
    return copy.deepcopy(value) if isinstance(value, np.ndarray | dict) else value


def fresh_probe(name: str, probes: ProbesOf) -> Callable[..., Value]:
    """Return the probe of that name; one marked ``fresh = True`` is a factory that is called for every use.

    Raises
    ------
    CourseError
        If there is none.
    """
    if name not in probes:
        raise CourseError(f"no probe {name!r}: checks.py registers {', '.join(sorted(probes)) or 'none'} in PROBES")
    probe = probes[name]
    return probe() if getattr(probe, "fresh", False) else probe


def evaluate(function: Callable[..., Value], call: Call, probes: ProbesOf) -> Value:
    """Return the value of a trusted function for a call, or :class:`Raised`; warnings are ignored."""
    arguments = [resolve(argument, probes) for argument in call.args]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(*arguments)
        except CourseError:
            raise
        except (Exception, SystemExit) as error:
            # whatever an author's function raises is its answer here: misconceptions raise on purpose
            return Raised(type(error).__name__, str(error)[:500], place_of(error))


def seconds_of(function: Callable[..., Value], call: Call, probes: ProbesOf) -> float:
    """Return the processor seconds that a trusted function takes for a call."""
    started = time.thread_time()
    evaluate(function, call, probes)
    return time.thread_time() - started
