"""The check kinds of the catalogue, each written once: calls on one side, judgement on the other."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from autograder.checks.abnormal import abnormal
from autograder.checks.compare import Mismatch, form_of, mismatch
from autograder.checks.crossing import crossing
from autograder.checks.forms import advice, reformed
from autograder.checks.held import AlsoRight, arguments, held, unseen
from autograder.checks.show import show, show_call
from autograder.checks.sizes import refuse_large
from autograder.checks.strata import Draw, Strata
from autograder.errors import CourseError
from autograder.model import (
    EXACT,
    Call,
    Check,
    Failure,
    Group,
    Observation,
    ReadOnly,
    Rng,
    Role,
    Strided,
    Tolerance,
    Value,
    Verdict,
)
from autograder.plain import dataclass
from autograder.text import did_you_mean

Reason = Literal["", "shapes", "undefined"]
REASONS = ("shapes", "undefined")
"""Why input is refused: shapes that would broadcast silently, arguments for which the quantity has no value."""
REFUSED = " is raised"
"""Ends what is expected of a call that must be refused, after the error's name."""


def call(*args: Value, text: str | None = None) -> Call:
    """Return a call of the part's own function; ``text`` replaces a long printed form."""
    refuse_large(args)
    return Call("", args, text)


def _size(one: Call) -> int:
    return sum(entries(getattr(argument, "array", argument)) for argument in one.args)


def entries(value: Value) -> int:
    """Return how many numbers, strings and the like a value holds."""
    if isinstance(value, list | tuple):
        return sum(entries(item) for item in value)
    if isinstance(value, dict):
        return sum(entries(item) for item in value.values())
    return value.size if isinstance(value, np.ndarray) else 1


MOST_CASES = 1000
"""Cases that one check may draw: a submission makes a call for each."""


@dataclass(frozen=True, kw_only=True)
class Compared(Check):
    """Base of the checks that compare each call's value with a right one.

    ``also_right`` replaces the comparison by a criterion; ``tolerance`` then still recognises misconceptions.
    """

    tolerance: Tolerance = EXACT
    also_right: AlsoRight | None = None
    compared: bool = True
    accept: AlsoRight | None = None
    """What ``also_right`` was called in version 0.1."""

    def __post_init__(self) -> None:
        """Read the old name of the criterion; cases of one regime outside of the values are a corner."""
        super().__post_init__()
        if not (self.tolerance.rtol < 1 and np.isfinite(self.tolerance.atol)):
            raise CourseError(
                f"{self.name!r}: tolerance: given rtol {self.tolerance.rtol:g} and atol {self.tolerance.atol:g}; "
                "allowed: an rtol below 1, since with 1 the value 0 is always right, and a finite atol"
            )
        if self.accept is not None:
            object.__setattr__(self, "also_right", self.accept)  # the only way to set a field of a frozen dataclass
        if self.group not in ("value", "scaling") and self.role in ("exact", "drawn"):
            object.__setattr__(self, "role", "corner")  # cases of one regime that are not for the values

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Compare case by case; of the cases that fail, the one with the smallest input is explained."""
        failed: list[tuple[Call, Observation, Value, Mismatch | None]] = []
        fault = ""
        for one, seen, want in zip(calls, observations, self.wanted(expected), strict=True):
            found, broke = self._mismatch(one, seen.value, want) if seen.returned else (None, "")
            fault = fault or broke
            if found is not None or not seen.returned:
                failed.append((one, seen, want, found))
        passed = len(calls) - len(failed)
        if not failed:
            return Verdict(passed=passed, total=passed, fault=fault)
        # an abnormal ending decides the part's status, and it is the first one that does
        odd = [item for item in failed if not (item[1].returned or item[1].ending == "bad_output")]
        worst = odd[0] if odd else min(failed, key=lambda item: _size(item[0]))
        return Verdict(self._failure(*worst), passed=passed, total=len(calls), fault=fault)

    def agrees(self, call: Call, value: Value, other: Value) -> bool:
        """Whether two answers to a call are the same: within the tolerance, or each right if the other were."""
        if mismatch(value, other, self.tolerance) is None:
            return True
        # with a criterion one answer has many forms: the sign of an eigenvector is free in a wrong answer, too
        return self.also_right is not None and self.accepts(call, value, other) and self.accepts(call, other, value)

    def accepts(self, call: Call, value: Value, want: Value) -> bool:
        """Whether a value is a right answer: by the criterion if there is one."""
        return self._mismatch(call, value, want)[0] is None

    def _failure(self, call: Call, seen: Observation, want: Value, found: Mismatch | None) -> Failure | None:
        """Return a case that fails in the student's words; printing values costs more than comparing them."""
        if found is None:
            return abnormal(call, seen, form_of(want) if seen.ending == "bad_output" else "")
        actual, expected = show(seen.value), str(want) if hasattr(want, "low") else show(want)
        return Failure(
            found.message if actual != expected else f"{found.message}{unseen(seen.value, want, actual)}",
            call=show_call(call),
            actual=actual,
            expected=expected,
            abnormal=None if found.kind == "value" else "bad_output",
            form=found.form,
        )

    def _mismatch(self, call: Call, got: Value, want: Value) -> tuple[Mismatch | None, str]:
        """Return why a value is not right, and where the criterion broke on it if it did."""
        found, fault = self._unlike(call, got, want)
        if found is not None and found.kind != "value":
            other = reformed(got, want)
            if other is not got and self._unlike(call, other, want)[0] is None:
                told = f"{found.message}; the numbers are right: {advice(got, want)}"
                return Mismatch(found.kind, told, form=True), fault
        return found, fault

    def _unlike(self, call: Call, got: Value, want: Value) -> tuple[Mismatch | None, str]:
        criterion = self.also_right
        if criterion is None:
            return mismatch(got, want, self.tolerance), ""
        loose = mismatch(got, want, _ANY_VALUE)
        if loose is not None and loose.kind != "value":
            return loose, ""
        args = tuple(_bare(argument) for argument in call.args)
        broken, fault = held(f"the criterion of {self.name!r}", criterion, lambda: criterion(args, got, want))
        if fault:  # the comparison that it replaces still knows the reference's own answer
            return mismatch(got, want, self.tolerance), fault
        return None if broken is None else Mismatch("value", broken.message), ""


_ANY_VALUE = Tolerance(float("inf"), float("inf"))


@dataclass(frozen=True, kw_only=True)
class Example(Compared):
    """Exact cases, written out: ``cases`` are pairs of arguments and right value."""

    name: str = "hand"
    title: str = "exact cases"
    group: Group = "value"
    role: Role = "exact"
    cases: tuple[tuple[tuple[Value, ...], Value], ...]

    def __post_init__(self) -> None:
        """Refuse a case that is not a pair of arguments and value."""
        for i, case in enumerate(self.cases, 1):
            if not isinstance(case, tuple) or len(case) != 2 or not isinstance(case[0], tuple):
                raise CourseError(
                    f"{self.name!r}: case {i}: given {show(case)}; write ((arguments), value), for one argument "
                    "((x,), value)"
                )
            for what, value in (("argument", case[0]), ("value", case[1])):
                crossing(f"{self.name!r}: case {i}: {what}", value)
        if not self.cases:
            raise CourseError(f"{self.name!r} has no case; give at least one ((arguments), value)")
        super().__post_init__()

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return one call per case."""
        return tuple(call(*args) for args, _ in self.cases)

    def wanted(self, expected: Sequence[Value]) -> Sequence[Value]:
        """Return the written right values."""
        return [want for _, want in self.cases]


@dataclass(frozen=True, kw_only=True)
class MatchesReference(Compared):
    """Drawn cases, compared with the reference; ``first`` numbers the first case for its generator.

    ``change`` is applied to every argument after it is drawn, for example to turn arrays into lists.
    """

    name: str = "rand"
    title: str = "random inputs"
    group: Group = "value"
    role: Role = "drawn"
    needs_reference: bool = True
    draw: Draw
    cases: int = 12
    first: int = 0
    change: Callable[[Value], Value] | None = None

    def __post_init__(self) -> None:
        """Refuse one that draws nothing."""
        super().__post_init__()
        if not 1 <= self.cases <= MOST_CASES:
            raise CourseError(
                f"{self.name!r}: cases: given {self.cases}; allowed: a whole number from 1 to {MOST_CASES}"
            )
        if self.role in ("drawn", "layout") and self.tolerance.atol == 0 and self.tolerance.rtol < np.finfo(float).eps:
            said = f"given {self.tolerance.rtol:g}, but two right ways may differ in the last digit; take EXACT"
            raise CourseError(f"{self.name!r}: tolerance: {said}")

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Draw the cases ``first``, ``first + 1``, ... and put ``change`` on each argument."""
        draws = [self.draw.turn(k) if isinstance(self.draw, Strata) else self.draw for k in range(self.cases)]
        change = self.change or (lambda argument: argument)
        drawn = (
            arguments(f"the draw of {self.name!r}", draw, draw(rng(self.first + k))) for k, draw in enumerate(draws)
        )
        return tuple(call(*map(change, args)) for args in drawn)  # one by one: the first that is too large ends it


@dataclass(frozen=True, kw_only=True)
class Raises(Check):
    """Bad input: every listed call must raise ``error`` (a subclass will do) and nothing else."""

    name: str = "err"
    title: str = ""
    group: Group = "contract"
    role: Role = "refusal"
    inputs: tuple[tuple[Value, ...], ...]
    reasons: tuple[Reason, ...] = ()
    """Why each input is refused: ``shapes``, ``undefined``, or nothing for a reason of its own."""
    error: str = "ValueError"

    def __post_init__(self) -> None:
        """Fill in the title; refuse inputs that are not tuples, and exceptions that are not built in."""
        kind = getattr(builtins, self.error, None) if isinstance(self.error, str) else None
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            known = [name for name in vars(builtins) if name.endswith("Error")]
            near = did_you_mean(str(self.error), known) or "; allowed: an exception of Python's, such as ValueError"
            raise CourseError(f"{self.name!r}: error: given {self.error!r}{near}")
        if not self.title:
            object.__setattr__(self, "title", f"raises {self.error} for bad input")
        for i, args in enumerate(self.inputs, 1):
            if not isinstance(args, tuple):
                raise CourseError(
                    f"{self.name!r}: bad input {i}: given {show(args)}; write the tuple of arguments, (x,) for one"
                )
            crossing(f"{self.name!r}: bad input {i}: argument", args)
        if not self.inputs:
            raise CourseError(f"{self.name!r} has no bad input; give at least one tuple of arguments")
        if self.reasons and len(self.reasons) != len(self.inputs):
            raise CourseError(f"{self.name!r}: {len(self.reasons)} reasons for {len(self.inputs)} bad inputs")
        super().__post_init__()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of input that are refused; each input without a reason is one."""
        reasons = self.reasons or ("",) * len(self.inputs)
        return tuple(dict.fromkeys(reason or f"input {i}" for i, reason in enumerate(reasons, 1)))

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return one call per bad input."""
        return tuple(call(*args) for args in self.inputs)

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Pass if all calls raise the error."""
        bad = [(c, seen) for c, seen in zip(calls, observations, strict=True) if self.error not in seen.ancestors]
        if not bad:
            return Verdict(passed=len(calls), total=len(calls))
        first, seen = bad[0]
        failure = abnormal(first, seen)
        message = failure.message if failure else "returns a value" + self._although(calls.index(first))
        actual = show(seen.value) if seen.returned else None
        wanted = f"{self.error}{REFUSED}"
        return Verdict(Failure(message, show_call(first), actual, wanted), len(calls) - len(bad), len(calls))

    def _although(self, position: int) -> str:
        shapes = bool(self.reasons) and self.reasons[position] == "shapes"
        return " though the shapes do not fit" if shapes else " though the contract refuses this call"


@dataclass(frozen=True, kw_only=True)
class Unchanged(Check):
    """Arguments stay unchanged byte for byte, and read-only arrays are accepted."""

    name: str = "mut"
    title: str = "leaves its arguments unchanged and accepts read-only arrays"
    group: Group = "contract"
    draw: Draw

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Draw case 100, and those after it with an array where none was: a start that is optional may be None."""
        calls: list[Call] = []
        arrays: set[int] = set()
        for k in range(len(self.draw) if isinstance(self.draw, Strata) else 1):
            draw = self.draw.turn(k) if isinstance(self.draw, Strata) else self.draw
            args = arguments(f"the draw of {self.name!r}", draw, draw(rng(100 + k)))
            new = {i for i, argument in enumerate(args) if isinstance(argument, np.ndarray | list)} - arrays
            if new or not calls:
                calls += [call(*args), call(*(_each_array(ReadOnly, argument) for argument in args))]
            arrays |= new
        return tuple(calls)

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Pass if no argument changed and both calls returned."""
        for one, seen in zip(calls, observations, strict=True):
            failure = abnormal(one, seen)
            if failure is not None:
                return Verdict(failure, 0)
            if seen.facts.changed:
                which = ", ".join(str(i + 1) for i in seen.facts.changed)
                return Verdict(Failure(f"changes its argument number {which}", show_call(one)), 0)
        return Verdict()


def as_list(value: Value) -> Value:
    """Return an array, also inside a list, as nested Python lists; everything else as it is."""
    return _each_array(np.ndarray.tolist, value)


def as_float32(value: Value) -> Value:
    """Return a floating or complex array, also inside a list, in single precision; everything else as it is."""
    single = {"f": np.float32, "c": np.complex64}
    return _each_array(lambda array: array.astype(single.get(array.dtype.kind, array.dtype)), value)


def as_strided(value: Value) -> Value:
    """Return an array (not 0-d), also inside a list, marked to arrive as a non-contiguous view; all else as it is."""
    return _each_array(lambda array: Strided(array) if array.ndim > 0 else array, value)


def _each_array(change: Callable[[np.ndarray], Value], value: Value) -> Value:
    if isinstance(value, np.ndarray):
        return change(value)
    if isinstance(value, list | tuple):
        return type(value)(_each_array(change, item) for item in value)
    return value


def _bare(value: Value) -> Value:
    """Return an argument as a criterion reads it: arrays without the marker of how they arrive."""
    if isinstance(value, ReadOnly | Strided):
        return value.array
    if isinstance(value, list | tuple):
        return type(value)(item if type(item) is float else _bare(item) for item in value)
    return value
