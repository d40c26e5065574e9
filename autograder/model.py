"""Frozen data that every module uses: calls and what came of them, the base of all checks, tolerances and limits.

A part of an exercise is judged by :class:`Check` objects, and a check is two pure halves: ``calls(rng)`` says which
calls the student's process makes, ``judge(calls, observations, expected)`` says what to think of what came back.
Nothing here runs a student's code.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from autograder.declared import Declared
from autograder.errors import CourseError
from autograder.plain import dataclass
from autograder.statuses import Ending, OutcomeName, PartStatus

if TYPE_CHECKING:  # commands that only read results never load it
    import numpy as np

# What may cross the border of the student's process: None, bool, int, float, complex, str, numpy arrays of the kinds
# b i u f c, and (nested) tuples, lists and str-keyed dicts of these; as an argument also the markers below.
Value = Any

Rng: TypeAlias = "Callable[[int | str], np.random.Generator]"
"""Generator of a named draw of a part, as in ``rng("shift")``, or of a numbered case: the same for the same part,
variant and name."""

Group = Literal["value", "property", "robustness", "contract", "scaling"]
Role = Literal["exact", "drawn", "layout", "corner", "refusal", "other"]
Visibility = Literal["public", "hidden"]
PartKind = Literal["function", "symbolic", "manual"]


# --- arguments that are not plain values ------------------------------------------------------------------------


@dataclass(frozen=True)
class Generator:
    """Argument marker: arrives as ``numpy.random.default_rng(seed)``."""

    seed: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse a seed that is not a tuple of numbers."""
        if not isinstance(self.seed, tuple) or not all(hasattr(one, "__index__") for one in self.seed):
            raise CourseError(f"Generator: given {self.seed!r}; allowed: a tuple of whole numbers, (1,) for one")


@dataclass(frozen=True)
class Probe(Declared):
    """Argument marker: arrives as the callable that the exercise's ``checks.py`` has under this name in ``PROBES``."""

    name: str


@dataclass(frozen=True)
class DataFile(Declared):
    """Argument marker: arrives as a text file that is open for reading, and lies in memory alone."""

    name: str
    text: str


@dataclass(frozen=True, eq=False)
class ReadOnly:
    """Argument marker: arrives as this array with ``writeable=False``."""

    array: np.ndarray

    def __post_init__(self) -> None:
        """Refuse what is not an array."""
        _array_of(self)


@dataclass(frozen=True, eq=False)
class Strided:
    """Argument marker: arrives as a non-contiguous view with the values of this array."""

    array: np.ndarray

    def __post_init__(self) -> None:
        """Refuse what is not an array."""
        _array_of(self)


def _array_of(marker: ReadOnly | Strided) -> None:
    if not hasattr(marker.array, "dtype"):
        name = type(marker).__name__
        raise CourseError(f"{name}: given {marker.array!r}; allowed: an array, as in {name}(np.array([1.0, 2.0]))")


# --- calls and what came back ----------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a student's function; arguments are passed by position."""

    function: str
    args: tuple[Value, ...] = ()
    text: str | None = None
    """How to print the call where the arguments print badly; None prints them as NumPy."""


@dataclass(frozen=True)
class Facts:
    """What was observed besides the value.  A hostile child could forge these, so they only ever earn the minor checks.

    ``changed``: positions of arguments whose bytes differ after the call.  ``shares_memory``: the result overlaps an
    argument.  ``touched_random``: the global random state (NumPy's or Python's) moved.  ``probe_calls``: for every
    call of a probe the shapes of its array arguments (at most 10,000 are kept), ``probe_count`` all of them.
    ``overflowed``: a floating-point operation of NumPy overflowed, whether or not the result shows it.
    ``probe_raised``: the call ended by an exception that a probe itself raised, with its place in ``checks.py``.
    ``drawn``: how many random words of 64 bits were taken from the generators among the arguments.
    """

    changed: tuple[int, ...] = ()
    shares_memory: bool = False
    touched_random: bool = False
    probe_calls: tuple[tuple[tuple[int, ...], ...], ...] = ()
    probe_count: int = 0
    overflowed: bool = False
    probe_raised: str = ""
    drawn: int = 0


WHILE_LOADING = "while the code was loaded"
"""The message of an observation of a call that was never made, since the code outside of functions did not end well."""

OVERSIZED = ("array of shape", "value with an array of shape")
"""How the type name of a value begins of which the shape alone crossed the border."""


@dataclass(frozen=True, eq=False)
class Observation:
    """What came of one call.

    ``ending`` is ``value`` if the call returned something that can cross the border; ``error`` if it raised (``error``
    then names the exception's type, ``ancestors`` its base classes, ``line`` the line of the student's own code);
    ``bad_output`` if the returned object cannot cross (``type_name`` says what it was); otherwise why there is none.
    """

    ending: Ending
    value: Value = None
    type_name: str = ""
    error: str = ""
    ancestors: tuple[str, ...] = ()
    message: str = ""
    line: int | None = None
    facts: Facts = Facts()  # frozen, so that one serves all
    seconds: float = 0.0

    @property
    def returned(self) -> bool:
        """Whether there is a value to judge."""
        return self.ending == "value"


# --- verdicts --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Failure:
    """Why a check fails, as data; text, JSON, notebook and HTML are renderings of it.

    ``call`` is the printed call, ``actual`` and ``expected`` are printed values.  ``abnormal`` is the part status that
    an abnormal value call gives (``bad_output``, ``error``, ...), else None.  ``form``: the numbers are right, only
    the container or the dtype is not the one that was asked for.
    """

    message: str
    call: str | None = None
    actual: str | None = None
    expected: str | None = None
    abnormal: PartStatus | None = None
    line: int | None = None
    form: bool = False

    def as_json(self) -> dict[str, str | int | None]:
        """Return what is shown of it, as JSON data."""
        values = (self.message, self.call, self.actual, self.expected, self.line)
        return dict(zip(("message", "call", "returned", "expected", "line"), values, strict=True))


@dataclass(frozen=True, eq=False)
class Verdict:
    """A check's judgement: ``failure`` is None if it passes; ``passed`` of ``total`` cases hold.

    ``fault`` says where the check's own code (a law, a criterion) broke on the returned values; then the failure counts
    only if the values have the wrong form, and is the exercise's error otherwise.
    """

    failure: Failure | None = None
    passed: int = 1
    total: int = 1
    fault: str = ""

    @property
    def ok(self) -> bool:
        """Whether the check passes."""
        return self.failure is None


@dataclass(frozen=True)
class Tolerance(Declared):
    """Comparison against the reference: ``|got - want| <= atol + rtol * |want|``, scaled by the *reference* only.

    ``mode`` ``elementwise``; ``max`` (``|want|`` is the largest absolute entry) or ``norm`` (Euclidean norms of the
    whole array on both sides): one tolerance for the whole array.
    """

    rtol: float = 1e-9
    atol: float = 0.0
    mode: Literal["elementwise", "max", "norm"] = "elementwise"

    def __post_init__(self) -> None:
        """Refuse a tolerance below 0."""
        super().__post_init__()
        if self.rtol < 0 or self.atol < 0:
            raise CourseError(f"Tolerance: given {self.rtol!r} and {self.atol!r}; allowed: numbers from 0")


EXACT = Tolerance(1e-12, 1e-12)
"""Exact cases: a handful of operations on exactly representable numbers."""


@dataclass(frozen=True)
class Limits(Declared):
    """Resources of one call: processor seconds and bytes of address space beyond the idle process."""

    cpu_seconds: float = 2.0
    memory_bytes: int = 1 << 30

    def __post_init__(self) -> None:
        """Refuse limits that nothing can keep."""
        super().__post_init__()
        if self.cpu_seconds <= 0 or self.memory_bytes <= 0:
            raise CourseError(f"Limits: {self.cpu_seconds!r} s and {self.memory_bytes!r} bytes; both must be above 0")


@dataclass(frozen=True)
class Memory:
    """Bytes that a call may use; ``scaling`` replaces the limit that a check with limits of its own states."""

    ordinary: int = Limits.memory_bytes
    scaling: int | None = None

    def of(self, limits: Limits | None) -> int:
        """Return the bytes of a call of a check with these limits of its own."""
        if limits is None:
            return self.ordinary
        return limits.memory_bytes if self.scaling is None else self.scaling


@dataclass(frozen=True)
class SubmissionLimits:
    """What a whole submission may spend: seconds in which it neither computes nor waits for a processor, and in all."""

    idle_seconds: float = 20.0
    clock_seconds: float = 120.0


@dataclass(frozen=True, kw_only=True)
class Check(Declared, ABC):
    """A check of one part, in two pure halves.

    Attributes
    ----------
    name : str
        Short name, as records and the table of ``verify`` show it.  Checks outside of the values have a name of their
        own among the public and among the hidden checks of a part; a public and a hidden one of the same name (bad
        input) count as one in the points rule.
    title : str
        What is promised, for the student: "is even", "raises ValueError for bad input".
    group : {"value", "property", "robustness", "contract", "scaling"}
        What it is about: right values, a law that they obey, unusual input, bad input and arguments, large input.  Of
        the values depends at least half of the points.
    counts_as : str
        Name of the check with which this one counts as one in the points rule; its own if empty.
    role : {"exact", "drawn", "layout", "corner", "refusal", "other"}
        What the points rule asks for.  Of a value check: cases that a student could read, hidden random cases,
        or neither.  Of another: the same values in another layout, a numerical corner, bad input, or neither.
    needs_reference : bool
        Whether ``judge`` wants the reference's values as ``expected``; else ``expected`` is a tuple of None.
    compared : bool
        Whether misconceptions are recognised on the calls of this check.
    limits : Limits or None
        Own limits; a check with limits runs last, in a child of its own.
    """

    name: str
    title: str
    group: Group
    role: Role = "other"
    counts_as: str = ""
    needs_reference: bool = False
    compared: bool = False
    limits: Limits | None = None

    @abstractmethod
    def calls(self, rng: Rng) -> tuple[Call, ...]:
        """Return the calls that the student's process makes."""

    @abstractmethod
    def judge(self, calls: Sequence[Call], observations: Sequence[Observation], expected: Sequence[Value]) -> Verdict:
        """Judge what came back; ``expected[i]`` is the reference's value for ``calls[i]``."""

    def wanted(self, expected: Sequence[Value]) -> Sequence[Value]:
        """Return the right values of the calls; a check that knows them itself returns its own."""
        return expected

    def agrees(self, call: Call, value: Value, other: Value) -> bool:
        """Whether two values are the same answer to a compared call (used to recognise misconceptions)."""
        return False

    def accepts(self, call: Call, value: Value, want: Value) -> bool:
        """Whether a value is a right answer to a compared call."""
        return self.agrees(call, value, want)


# --- results ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one check came to; ``failure`` is the evidence, ``message`` what the student may read."""

    name: str
    title: str
    group: Group
    visibility: Visibility
    outcome: OutcomeName
    message: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, eq=False)
class PartReport:
    """The verdict on one part.

    ``reading`` and ``latex`` say how a symbolic answer was read; ``answer`` is the hash of an answer in text, by which
    a mark by hand knows it again, and ``written`` the text that a person may have to mark.  ``criteria`` is the rubric
    of a part that a person marks, as records hold it.

    ``faults`` are errors of the exercise's own checks on these values, with the author's lines: for the instructor.

    ``on_naming_set`` are wrong values on the naming set, as JSON data that can be named again.

    ``lines`` are sentences on the lines of a derivation, from public checks; ``statements`` are what was claimed of the
    formulas, with the keys under which a second judge's opinions are kept.
    """

    name: str
    kind: PartKind
    status: PartStatus
    score: float
    max_score: float
    misconceptions: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    proof: str | None = None
    message: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    pending: float = 0.0
    reading: str = ""
    latex: str = ""
    faults: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    statements: tuple[Mapping[str, Any], ...] = ()
    answer: str | None = None
    written: str = ""
    on_naming_set: Mapping[str, Any] = field(default_factory=dict)
    criteria: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class Report:
    """The verdict on one exercise of one submission."""

    exercise: str
    parts: tuple[PartReport, ...]
    variant: int = 0
    seconds: float = 0.0

    @property
    def score(self) -> float:
        """Points reached so far, parts that need manual grading not counted."""
        return sum(part.score for part in self.parts)

    @property
    def max_score(self) -> float:
        """Points that can be reached in the parts that are examined."""
        return sum(part.max_score for part in self.parts)
