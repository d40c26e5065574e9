"""Draw the arguments of a case; with strata, the settings of the draw take turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograder.errors import CourseError
from autograder.model import Value

Draw = Callable[[np.random.Generator], tuple[Value, ...]]
"""Draws the arguments of one case."""


class Strata:
    """A draw with kinds of input that take turns, so that every variant holds each of them.

    ``draw(g, *setting)`` draws the arguments of one case of the kind that ``setting`` describes.  Called as a plain
    draw it is of the first kind.
    """

    def __init__(self, draw: Callable[..., tuple[Value, ...]], settings: Sequence[tuple[object, ...]]) -> None:
        """Refuse settings that are not tuples; there must be one at least."""
        for i, setting in enumerate(settings, 1):
            if not isinstance(setting, tuple):
                raise CourseError(f"strata: setting {i}: given {setting!r}; write a tuple, (x,) for one argument")
        if not settings:
            raise CourseError("strata: no setting is given; give a tuple for each")
        self.draw = draw
        """What all of them call."""
        self._draws = tuple(_with(draw, setting) for setting in settings)

    def __call__(self, g: np.random.Generator) -> tuple[Value, ...]:
        """Draw a case of the first kind."""
        return self._draws[0](g)

    def __len__(self) -> int:
        """Return how many kinds there are."""
        return len(self._draws)

    def turn(self, k: int) -> Draw:
        """Return the draw of case ``k``."""
        return self._draws[k % len(self._draws)]


def _with(draw: Callable[..., tuple[Value, ...]], setting: tuple[object, ...]) -> Draw:
    return lambda g: draw(g, *setting)
