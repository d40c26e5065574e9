"""Call a trusted function in the grader's own process and record the facts that a child would record."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from autograder.errors import CourseError
from autograder.model import Call, Facts, Generator, Observation, Value
from autograder.sandbox.arguments import ProbeLog, Probes, drawn, fresh, shares_memory, unchanged
from autograder.sandbox.harness import GlobalRandomState


def watched(function: Callable[..., Value], call: Call, probes: Mapping[str, Callable[..., Value]]) -> Observation:
    """Return what comes of a call: the value or the exception, and the facts that contracts are judged by."""
    log, state = ProbeLog(), GlobalRandomState()
    over: list[str] = []
    args = tuple(fresh(argument, Probes.of(probes), log) for argument in call.args)
    state.seed(0, 0)
    seen = _called(function, args, over)
    moved = state.moved()
    changed = tuple(i for i, one in enumerate(call.args) if not unchanged(args[i], one))
    shared = seen.returned and shares_memory(seen.value, args)
    facts = Facts(changed, shared, moved, tuple(log.calls), log.count, bool(over), drawn=drawn(args, call.args))
    return Observation(seen.ending, seen.value, seen.type_name, seen.error, seen.ancestors, seen.message, facts=facts)


def watched_once(function: Callable[..., Value], call: Call, probes: Mapping[str, Callable[..., Value]]) -> Observation:
    """Return what :func:`watched` does; a simulation, which is slow and often the same in all variants, is run once."""
    plain = all(isinstance(one, Generator | int | float | str) for one in call.args)
    if plain and any(isinstance(one, Generator) for one in call.args):
        return _simulated(function, call.function, call.args, tuple(map(type, call.args)))
    return watched(function, call, probes)


@lru_cache(maxsize=512)  # a worker meets the same laws in the questions of all variants
def _simulated(
    function: Callable[..., Value], name: str, args: tuple[Value, ...], _kinds: tuple[type, ...]
) -> Observation:
    return watched(function, Call(name, args), {})


def _called(function: Callable[..., Value], args: tuple[Value, ...], over: list[str]) -> Observation:
    def note(kind: str, flag: int) -> None:
        over.append(kind)

    with warnings.catch_warnings(), np.errstate(all="ignore", over="call", call=note):
        warnings.simplefilter("ignore")
        try:
            return Observation("value", function(*args))
        except CourseError:
            raise
        except (Exception, SystemExit) as error:
            # whatever an author's function raises is its answer here: misconceptions raise on purpose
            names = tuple(cls.__name__ for cls in type(error).__mro__)
            return Observation("error", error=names[0], ancestors=names, message=str(error)[:500])
