"""Keep the observations of a batch's calls so far, and decide which calls the next child makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autograder.model import Observation
from autograder.sandbox.framing import Buffer
from autograder.sandbox.reading import value_at
from autograder.sandbox.wire import Batch, Piece, Plan, Segment
from autograder.statuses import Ending


class Progress:
    """The observations of all segments, in the order of the calls; a segment is open until it has all of them.

    Parameters
    ----------
    batch : Batch
        The calls.

    Attributes
    ----------
    seen : list of list of Observation
        One list per segment.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self.seen: list[list[Observation]] = [[] for _ in batch.segments]

    def is_open(self, index: int) -> bool:
        """Whether calls of a segment are still to be made."""
        return len(self.seen[index]) < len(self._segment(index).calls)

    def next_plan(self, *, one_by_one: bool) -> Plan:
        """Return what the next child runs; nothing once every call has an observation.

        It runs the open parts with equal limits: public calls first, and hidden ones too if it settles all public
        ones.  Checks that run alone come last, one at a time.

        Parameters
        ----------
        one_by_one : bool
            Whether parts prove one by one that they end: then no hidden call follows public ones.
        """
        self._give_up_hopeless()
        public = self._open(hidden=False)
        plan = self._with_equal_limits(public)
        if plan == public and not (public and one_by_one):
            plan = self._with_equal_limits((*public, *self._open(hidden=True)))
        return plan or tuple(self._rest(index) for index in range(len(self.seen)) if self.is_open(index))[:1]

    def _open(self, *, hidden: bool) -> Plan:
        return tuple(
            self._rest(index)
            for index, segment in enumerate(self._batch.segments)
            if segment.hidden == hidden and not segment.alone and self.is_open(index)
        )

    def _segment(self, index: int) -> Segment:
        return self._batch.segments[index]

    def _rest(self, index: int) -> Piece:
        return Piece(index, len(self.seen[index]), len(self._segment(index).calls))

    def _with_equal_limits(self, plan: Plan) -> Plan:
        return tuple(one for one in plan if self._segment(one.segment).limits == self._segment(plan[0].segment).limits)

    # --- ends --------------------------------------------------------------------------------------------------

    def end_part(self, index: int, ending: Ending, message: str = "") -> None:
        """Give a segment's remaining calls this ending, and those of the same part's hidden segment too."""
        ended = self._segment(index)
        for other, segment in enumerate(self._batch.segments):
            twin = segment.part == ended.part and segment.hidden and not (segment.alone or ended.alone)
            if other == index or twin:
                self.seen[other] += [Observation(ending, message=message)] * self._rest(other).size

    def not_run(self, index: int, why: str) -> None:
        """Say of a segment's remaining calls that there was no time for them."""
        self.end_part(index, "timeout", f"not run: {why}")

    # --- parts without hope ------------------------------------------------------------------------------------

    def _give_up_hopeless(self) -> None:
        """Give the hidden calls of each hopeless part what its first public call that must return a value got."""
        for index, first, last in self._open(hidden=True):
            if self.is_hopeless(index):
                twin = self.twin(index)
                cause = self.seen[twin][self._segment(twin).telling[0]]
                why = "not run: no public call that must return a value did"
                self.seen[index] += [replace(cause, message=why, line=None)] * (last - first)

    def is_hopeless(self, index: int, frames: Sequence[Buffer] = ()) -> bool:
        """Whether every public call of a hidden segment's part that must return a value was made, and none did.

        Parameters
        ----------
        index : int
            The hidden segment.
        frames : sequence of buffers
            What a child that still runs answered to the public calls that have no observation yet.
        """
        twin = self.twin(index)
        seen, telling = self.seen[twin], self._segment(twin).telling
        if self.seen[index] or len(seen) + len(frames) < len(self._segment(twin).calls):
            return False
        returned = (seen[at].returned if at < len(seen) else value_at(frames[at - len(seen)]) for at in telling)
        return bool(telling) and not any(returned)

    def twin(self, index: int) -> int:
        """Return where the public calls of a hidden segment's part are; the segment itself where there are none."""
        part = self._segment(index).part
        others = (i for i, one in enumerate(self._batch.segments) if one.part == part and not one.hidden)
        return next(others, index)
