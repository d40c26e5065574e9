"""What one child is asked to do, and which of its frames answers which call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

from autograder.sandbox.framing import Buffer
from autograder.sandbox.wire import Batch, Plan

CallLimit = Callable[[int, int], float]

FRAMES_OF_LOADING = 2
"""A child says that it is ready before the cells, and that it has loaded after them."""


class ChildRun:
    """A child's calls: the public ones at once, the hidden ones when it has answered those.

    Parameters
    ----------
    batch : Batch
        All calls of the exercise.
    plan : Plan
        Those that this child makes, the hidden ones last.
    cells : int
        How many cells it runs before; it sends a frame for each.
    call_limit : callable
        Returns the processor time of a call, given by segment and number.
    cpu_seconds : float
        No call may take more, and neither may a cell.

    Attributes
    ----------
    plan : Plan
        The same, without hidden calls that are not handed over.
    marks : tuple of int
        How many frames there are before the first piece of the plan is begun, and after each piece.
    public, hidden : Plan
        The two halves of what was intended.
    """

    def __init__(self, batch: Batch, plan: Plan, cells: int, call_limit: CallLimit, cpu_seconds: float) -> None:
        self._first_answer = FRAMES_OF_LOADING + cells
        self._call_limit = call_limit
        self._cpu_seconds = cpu_seconds
        self.public = tuple(piece for piece in plan if not batch.segments[piece.segment].hidden)
        self.hidden = plan[len(self.public) :]
        self.hand_over(self.hidden)

    def hand_over(self, hidden: Plan) -> None:
        """Leave out the hidden calls that are not among these."""
        self.plan = (*self.public, *hidden)
        self.marks = tuple(accumulate([piece.size for piece in self.plan], initial=self._first_answer))

    def answers_to(self, segment: int, frames: Sequence[Buffer]) -> Sequence[Buffer]:
        """Return those of the frames sent so far that answer calls of a segment."""
        for piece, (start, end) in zip(self.plan, pairwise(self.marks), strict=True):
            if piece.segment == segment:
                return frames[start:end]
        return ()

    def limit(self, frames: int) -> float:
        """Return the processor time that what follows so many frames may take."""
        for piece, (start, end) in zip(self.plan, pairwise(self.marks), strict=True):
            if start <= frames < end:
                return min(self._cpu_seconds, self._call_limit(piece.segment, piece.first + frames - start))
        return self._cpu_seconds  # the source is loaded, or all calls are made
