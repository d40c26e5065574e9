"""The check kinds of the catalogue, each written once: calls on one side, judgement on the other."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.checks.compare import Mismatch, mismatch
from autograder.checks.show import show, show_call
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

Draw = Callable[[np.random.Generator], tuple[Value, ...]]
"""Draws the arguments of one case."""

Accept = Callable[[tuple[Value, ...], Value, Value], str | None]
"""Criterion ``accept(args, got, want)`` other than comparison: None if the answer is right, else what is wrong."""


def call(*args: Value, text: str | None = None) -> Call:
    """Return a call of the part's own function; ``text`` replaces a long printed form."""
    return Call("", args, text)


def abnormal(call: Call, seen: Observation) -> Failure | None:
    """Return why a call that returned no value has none, in the student's words; None if it returned one."""
    if seen.returned:
        return None
    words = {
        "error": f"raises {seen.error}",
        "forbidden": "does something that a submission may not do (files, network, processes)",
        "timeout": "does not end in time",
        "memory": "needs more memory than a call may use",
        "output_limit": "returns or prints too much",
        "crash": "ends the Python process",
        "load_error": "cannot be loaded",
        "protocol": "disturbs the channel to the grader",
        "missing": "is not defined",
        "not_reached": "is not reached: an earlier call of this part ended the process",
        "bad_output": f"returns {_article(seen.type_name)}, which is no number, array, string or tuple",
    }[seen.ending]
    detail = f": {seen.message}" if seen.message and seen.ending in ("error", "load_error", "forbidden") else ""
    ending = "crash" if seen.ending == "not_reached" else seen.ending
    status = "not_started" if seen.error == "NotImplementedError" else ending
    return Failure(words + detail, call=show_call(call), abnormal=status, line=seen.line)  # type: ignore[arg-type]
    # "value" cannot occur here, and every other ending is a part status


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name or 'object'}"


def _size(one: Call) -> int:
    return sum(_entries(getattr(argument, "array", argument)) for argument in one.args)


def _entries(value: Value) -> int:
    if isinstance(value, list | tuple):
        return sum(_entries(item) for item in value)
    if isinstance(value, dict):
        return sum(_entries(item) for item in value.values())
    return value.size if isinstance(value, np.ndarray) else 1


MAX_ENTRIES = 500_000
"""What a law looks at: it runs in the grader, and its cost must not grow with what a submission cares to return."""


def _too_much(check: Check, calls: Sequence[Call], observations: Sequence[Observation]) -> Verdict | None:
    if check.limits is not None or sum(_entries(seen.value) for seen in observations) <= MAX_ENTRIES:
        return None
    return Verdict(Failure(f"returns more than {MAX_ENTRIES} entries", show_call(calls[0])), 0)


@dataclass(frozen=True, kw_only=True)
class Compared(Check):
    """Base of the checks that compare each call's value with a right one.

    ``accept`` replaces the comparison by a criterion; ``tolerance`` then still recognises misconceptions.
    """

    tolerance: Tolerance = EXACT
    accept: Accept | None = None
    compared: bool = True

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Compare case by case; of the cases that fail, the one with the smallest input is explained."""
        failures = [
            (call, failure)
            for call, seen, want in zip(calls, observations, self.wanted(expected), strict=True)
            if (failure := self._failure(call, seen, want)) is not None
        ]
        if not failures:
            return Verdict(passed=len(calls), total=len(calls))
        # an abnormal ending decides the part's status, and it is the first one that does
        odd = [item for item in failures if item[1].abnormal not in (None, "bad_output")]
        _, worst = odd[0] if odd else min(failures, key=lambda item: _size(item[0]))
        return Verdict(worst, passed=len(calls) - len(failures), total=len(calls))

    def agrees(self, call: Call, value: Value, other: Value) -> bool:
        """Whether two answers to a call are the same within the tolerance."""
        return mismatch(value, other, self.tolerance) is None

    def accepts(self, call: Call, value: Value, want: Value) -> bool:
        """Whether a value is a right answer: by the criterion if there is one."""
        return self._mismatch(call, value, want) is None

    def _failure(self, call: Call, seen: Observation, want: Value) -> Failure | None:
        failure = abnormal(call, seen)
        if failure is not None:
            return failure
        found = self._mismatch(call, seen.value, want)
        if found is None:
            return None
        return Failure(
            found.message,
            call=show_call(call),
            actual=show(seen.value),
            expected=str(want) if hasattr(want, "low") else show(want),
            abnormal=None if found.kind == "value" else "bad_output",
        )

    def _mismatch(self, call: Call, got: Value, want: Value) -> Mismatch | None:
        if self.accept is None:
            return mismatch(got, want, self.tolerance)
        loose = mismatch(got, want, Tolerance(float("inf"), float("inf")))
        if loose is not None and loose.kind != "value":
            return loose
        try:
            broken = self.accept(tuple(_bare(argument) for argument in call.args), got, want)
        except Exception:  # whatever an author's rule meets in a hostile value, it ends this check and nothing else
            broken = "returns a value of the wrong form"
        return None if broken is None else Mismatch("value", broken)


@dataclass(frozen=True, kw_only=True)
class Example(Compared):
    """Exact cases, written out: ``cases`` are pairs of arguments and right value."""

    name: str = "hand"
    title: str = "exact cases"
    group: Group = "value"
    role: Role = "exact"
    cases: tuple[tuple[tuple[Value, ...], Value], ...]

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return one call per case."""
        return tuple(call(*args) for args, _ in self.cases)

    def wanted(self, expected: Sequence[Value]) -> Sequence[Value]:
        """Return the written right values."""
        return [want for _, want in self.cases]


@dataclass(frozen=True, kw_only=True)
class MatchesReference(Compared):
    """Drawn cases, compared with the reference; ``first`` numbers the first case for its generator.

    ``inputs`` replaces the single ``draw`` where a named check lists its own calls.
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

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Draw the cases ``first``, ``first + 1``, ... and put ``change`` on each argument."""
        drawn = [self.draw(rng(self.first + k)) for k in range(self.cases)]
        change = self.change
        return tuple(call(*(args if change is None else tuple(change(a) for a in args))) for args in drawn)


@dataclass(frozen=True, kw_only=True)
class Raises(Check):
    """Bad input: every listed call must raise ``ValueError`` (a subclass will do) and nothing else."""

    name: str = "err"
    title: str = "raises ValueError for bad input"
    group: Group = "contract"
    inputs: tuple[tuple[Value, ...], ...]

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return one call per bad input."""
        return tuple(call(*args) for args in self.inputs)

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Pass if all calls raise ValueError."""
        bad = [(c, seen) for c, seen in zip(calls, observations, strict=True) if "ValueError" not in seen.ancestors]
        if not bad:
            return Verdict(passed=len(calls), total=len(calls))
        first, seen = bad[0]
        failure = abnormal(first, seen)
        message = failure.message if failure else "returns a value"
        actual = show(seen.value) if seen.returned else None
        return Verdict(
            Failure(message, show_call(first), actual, "ValueError is raised"), len(calls) - len(bad), len(calls)
        )


@dataclass(frozen=True, kw_only=True)
class Unchanged(Check):
    """Arguments stay unchanged byte for byte, and read-only arrays are accepted."""

    name: str = "mut"
    title: str = "leaves its arguments unchanged and accepts read-only arrays"
    group: Group = "contract"
    draw: Draw

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Draw case 100 once as it is and once with read-only arrays."""
        args = self.draw(rng(100))
        return call(*args), call(*(_each_array(ReadOnly, argument) for argument in args))

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


@dataclass(frozen=True, kw_only=True)
class Property(Check):
    """A law over the values of several calls.

    ``inputs(rng)`` lists the arguments of each call; ``law(args, got, want)`` takes the tuples of arguments, returned
    values and (with ``needs_reference``) right values, and returns None or what does not hold.  NaN keeps no law: most
    laws compare returned values with each other, and among NaN nothing differs.
    """

    group: Group = "property"
    inputs: Callable[[Rng], Sequence[tuple[Value, ...]]]
    law: Callable[[Sequence[tuple[Value, ...]], Sequence[Value], Sequence[Value]], str | None]

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return one call per tuple of arguments."""
        return tuple(call(*args) for args in self.inputs(rng))

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Pass if every call returned and the law holds; a law that cannot be computed does not hold."""
        for one, seen in zip(calls, observations, strict=True):
            failure = abnormal(one, seen)
            if failure is not None:
                return Verdict(failure, 0)
            if _has_nan(seen.value):
                return Verdict(Failure("returns NaN", show_call(one), show(seen.value)), 0)
        if (refused := _too_much(self, calls, observations)) is not None:
            return refused
        values = [seen.value for seen in observations]
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("error", np.exceptions.ComplexWarning)  # a lost imaginary part keeps no real law
                broken = self.law([one.args for one in calls], values, expected)
        except Exception:  # whatever an author's rule meets in a hostile value, it ends this check and nothing else
            broken = "the returned values have the wrong form"
        if broken is None:
            return Verdict()
        return Verdict(Failure(broken, show_call(calls[0]), show(values[0])), 0)


@dataclass(frozen=True, kw_only=True)
class Contract(Check):
    """A promise about how a function behaves, judged by what was seen beside the value.

    ``inputs(rng)`` as for :class:`Property`; ``law(observations)`` returns None or what does not hold.
    """

    group: Group = "contract"
    inputs: Callable[[Rng], Sequence[tuple[Value, ...]]]
    law: Callable[[Sequence[Observation]], str | None]

    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return one call per tuple of arguments."""
        return tuple(call(*args) for args in self.inputs(rng))

    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Pass if every call returned and the law holds."""
        for one, seen in zip(calls, observations, strict=True):
            failure = abnormal(one, seen)
            if failure is not None:
                return Verdict(failure, 0)
        if (refused := _too_much(self, calls, observations)) is not None:
            return refused
        try:
            broken = self.law(observations)
        except Exception:  # whatever an author's rule meets in a hostile value, it ends this check and nothing else
            broken = "the returned values have the wrong form"
        return Verdict() if broken is None else Verdict(Failure(broken, show_call(calls[0])), 0)


def _has_nan(value: Value) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_nan(item) for item in value)
    numbers = np.asarray(value) if isinstance(value, np.ndarray | float | complex) else None
    return numbers is not None and numbers.dtype.kind in "fc" and bool(np.isnan(numbers).any())


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
