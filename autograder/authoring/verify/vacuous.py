"""Checks that pass whatever is returned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograder.checks.laws import verdict_on
from autograder.judging.questions import Asked
from autograder.model import Facts, Observation, Value

_FORGED = Facts(
    changed=tuple(range(8)),
    shares_memory=True,
    touched_random=True,
    probe_calls=(((1,),),) * 3,
    probe_count=3,
    overflowed=True,
    drawn=10**6,
)


def passes_anything(asked: Asked, right: Sequence[Observation]) -> bool:
    """Whether a check passes for values that are all wrong, each in its own way, and for every breach of a contract."""
    return all(verdict_on(asked.check, asked.calls, seen, asked.expected).ok for seen in _spoilt(right))


def _spoilt(right: Sequence[Observation]) -> Iterator[list[Observation]]:
    g = np.random.default_rng(0)
    for spoil in (lambda value: _noisy(value, g), lambda value: _noisy(value, g, -1), _zero, lambda value: 0.0):
        yield [Observation("value", value=spoil(one.value), facts=_FORGED) for one in right]


def _noisy(value: Value, g: np.random.Generator, sign: int = 1) -> Value:
    if isinstance(value, list | tuple):
        return type(value)(_noisy(item, g, sign) for item in value)
    if isinstance(value, bool | np.bool_):
        return not value
    if isinstance(value, np.ndarray) and value.dtype.kind in "iufc":
        return sign * (value * (1.5 + g.random(value.shape)) + 0.3 * (1 + g.random(value.shape)))
    if isinstance(value, int | float | complex | np.number):
        return sign * (value * (1.5 + g.random()) + 0.3)
    return value


def _zero(value: Value) -> Value:
    if isinstance(value, list | tuple):
        return type(value)(_zero(item) for item in value)
    return np.zeros_like(value) if isinstance(value, np.ndarray) else 0.0
