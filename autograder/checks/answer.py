"""The check of a symbolic part: its function takes nothing and returns text."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.checks.abnormal import abnormal
from autograder.checks.show import show, show_call
from autograder.model import Call, Check, Failure, Group, Observation, Rng, Value, Verdict
from autograder.plain import dataclass


@dataclass(frozen=True, kw_only=True)
class Returned(Check):
    """The call returns a text; what the text means is not judged here."""

    name: str = "answer"
    title: str = "returns a formula as a string"
    group: Group = "value"

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return the one call, without arguments; the part's name is filled in."""
        return (Call(""),)

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Judge whether there is a text."""
        return Verdict(no_text(calls[0], observations[0]))


def no_text(call: Call, seen: Observation) -> Failure | None:
    """Return why a call gave no text; None if it gave one."""
    failure = abnormal(call, seen)
    if failure is not None or isinstance(seen.value, str):
        return failure
    return Failure("must return a string, such as 'a*b'", show_call(call), show(seen.value), "a string", "bad_output")
