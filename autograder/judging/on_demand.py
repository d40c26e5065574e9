"""Values that are computed when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from autograder.model import Value


class OnDemand(Sequence[Value]):
    """Values that are computed when they are first looked at."""

    def __init__(self, compute: Callable[[int], Value], length: int) -> None:
        self._compute = lru_cache(maxsize=None)(compute)
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Value]:
        return map(self._compute, range(self._length))

    def __getitem__(self, index: Any) -> Any:
        if not -self._length <= index < self._length:
            raise IndexError(index)
        return self._compute(index % self._length)
