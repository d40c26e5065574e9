"""The figure of an exercise, drawn from what a student's functions answer in the sandbox.

No code of a student runs here.  The figure is drawn once with the reference functions while every call is
written down; the calls travel to the sandbox as one batch; then the figure is drawn again, and each call is answered
with the value that came back.  A figure whose calls depend on what was answered, or that hands over a generator in use
or a function of its own, cannot be drawn so and is left out.
"""

from __future__ import annotations

import base64
import hashlib
import io
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from autograder.checks import mismatch
from autograder.course.exercises import ExerciseFolder, all_data, load_exercise
from autograder.course.figures import figure_of
from autograder.course.model import Course
from autograder.errors import CourseError
from autograder.intake.as_run import as_run
from autograder.intake.loading import read_document
from autograder.intake.source import Rejected
from autograder.judging.trusted import Raised, evaluate
from autograder.model import Call, Generator, Observation, Probe, Tolerance, Value
from autograder.plain import dataclass
from autograder.sandbox.budget import MemoryBudget
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle, GraderError
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Source
from autograder.sandbox.wire import Batch, Segment, encode_batch
from autograder.text import missing

if TYPE_CHECKING:
    from autograder.store.stored import Stored

DRAWN = ("correct", "partial")
"""Statuses of parts whose values are right: only they are drawn."""

_DPI = 100


class UnsuitableError(Exception):
    """The figure cannot be drawn from answers that came in one batch; ``part`` is whose calls are in the way."""

    def __init__(self, reason: str, part: str | None = None) -> None:
        super().__init__(reason)
        self.part = part


@dataclass(frozen=True, eq=False)
class _Script:
    """The calls of an exercise's figure by part with the right values, and the batch that asks them."""

    calls: Mapping[str, Sequence[tuple[Call, Value]]]
    batch: Batch
    handle: BatchHandle


@dataclass(eq=False)
class Figures:
    """Draws figures, each script and each picture once; use it as a context manager.

    Attributes
    ----------
    course : Course
        The course.
    unsafe : bool
        Whether to run even where a required sandbox layer is missing.
    left_out : dict of str to str
        Exercises without a figure, and why.
    """

    course: Course
    unsafe: bool = False
    left_out: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Figures:
        try:
            import matplotlib
        except ImportError:
            raise missing("matplotlib", "plot") from None
        matplotlib.use("Agg")
        self._sandbox = Sandbox(
            unsafe=self.unsafe,
            budget=MemoryBudget.of_machine(),
            packages=self.course.packages,
            files=all_data(self.course.root),
        )
        self._folders: dict[str, ExerciseFolder] = {}
        self._scripts: dict[tuple[str, tuple[str, ...]], _Script | None] = {}
        self._pictures: dict[str, str] = {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: types.TracebackType | None
    ) -> None:
        self._sandbox.close()
        for script in self._scripts.values():
            if script is not None:
                script.handle.close()

    def picture(self, stored: Stored, data: bytes | None) -> tuple[str, tuple[str, ...]]:
        """Return the picture of a submission as a data URI and the parts that it shows; empty where there is none.

        Parameters
        ----------
        stored : Stored
            The verdict: it says which parts have right values.
        data : bytes or None
            The file that was handed in.
        """
        record = stored.record
        names = tuple(p["name"] for p in record.parts if p["kind"] == "function" and p["status"] in DRAWN)
        if data is None or not names:
            return "", ()
        script = self._script(record.exercise, names)
        if script is None:
            return "", ()
        try:
            document = read_document(data, record.exercise, record.suffix)
            source = as_run(document.source, (), None, self.course.packages).source
            seen = self._answers(source, script)
            return self._drawn(record.exercise, script, seen), tuple(script.calls)
        except (UnsuitableError, Rejected, GraderError):
            return "", ()  # this student's answers do not make a figure; the page is whole without one

    def _answers(self, source: Source, script: _Script) -> dict[str, Sequence[Observation]]:
        seen = observe(self._sandbox, source, script.batch, script.handle)
        return dict(zip(script.calls, seen, strict=True))

    def _script(self, exercise: str, names: tuple[str, ...]) -> _Script | None:
        if (exercise, names) not in self._scripts:
            try:
                self._scripts[exercise, names] = self._written(exercise, names)
            except (UnsuitableError, CourseError) as error:
                self._scripts[exercise, names] = None
                self.left_out.setdefault(exercise, str(error))
        return self._scripts[exercise, names]

    def _written(self, exercise: str, names: tuple[str, ...]) -> _Script | None:
        folder = self._folders.setdefault(exercise, load_exercise(self.course.root, exercise, hidden=True))
        calls: dict[str, list[tuple[Call, Value]]] = {}
        functions = {
            name: _writing(name, folder.secrets[name].reference, calls, folder.exercise.probes)
            for name in names
            if name in folder.secrets
        }
        try:
            self._draw(exercise, functions)
        except UnsuitableError as error:
            if error.part is None:
                raise
            # every figure draws what it can without a part
            return self._written(exercise, tuple(name for name in names if name != error.part))
        if not calls:
            return None  # the figure uses none of these parts
        limits = self.course.limits.call
        segments = tuple(Segment(name, limits, False, tuple(c for c, _ in several)) for name, several in calls.items())
        probes = any(isinstance(a, Probe) for several in calls.values() for call, _ in several for a in call.args)
        batch = Batch(exercise, segments, folder.checks_source if probes else None)
        return _Script(calls, batch, BatchHandle(encode_batch(batch)))

    def _drawn(self, exercise: str, script: _Script, seen: Mapping[str, Sequence[Observation]]) -> str:
        key = _digest(exercise, seen)
        if key not in self._pictures:
            functions = {
                name: _reading(iter(zip(script.calls[name], several, strict=True))) for name, several in seen.items()
            }
            self._pictures[key] = self._draw(exercise, functions)
        return self._pictures[key]

    def _draw(self, exercise: str, functions: Mapping[str, Callable[..., Value]]) -> str:
        from matplotlib import pyplot

        figure = figure_of(self.course.root / "exercises" / exercise / "figure.py")
        target = io.BytesIO()
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                figure(functions, pyplot).savefig(target, format="png", dpi=_DPI)
        except UnsuitableError:
            raise
        except Exception as error:
            # a student's values may have any shape: where the figure cannot draw them, the report is not at fault
            raise UnsuitableError(f"the figure fails: {type(error).__name__}") from None
        finally:
            pyplot.close("all")
        return f"data:image/png;base64,{base64.b64encode(target.getvalue()).decode()}"


def _writing(
    name: str,
    function: Callable[..., Value],
    calls: dict[str, list[tuple[Call, Value]]],
    probes: Mapping[str, Callable[..., Value]],
) -> Callable[..., Value]:
    """Return the reference function, writing down its calls."""

    def asked(*args: Value, **named: Value) -> Value:
        if named:
            raise UnsuitableError("the figure calls by keyword", name)
        try:
            call = Call(name, tuple(_sent(argument, probes) for argument in args))
        except UnsuitableError as error:
            raise UnsuitableError(str(error), name) from None
        value = evaluate(function, call, probes)
        if isinstance(value, Raised):
            raise UnsuitableError(f"the reference of {name} raises {value.error}")
        calls.setdefault(name, []).append((call, value))
        return value

    return asked


def _reading(answers: Iterator[tuple[tuple[Call, Value], Observation]]) -> Callable[..., Value]:
    """Return a function that answers each call with what the student's function answered to it."""

    def answered(*args: Value, **_: Value) -> Value:
        asked = next(answers, None)
        if asked is None or not asked[1].returned:
            raise UnsuitableError("a call has no answer")
        (call, want), seen = asked
        odd = mismatch(seen.value, want, Tolerance(float("inf"), float("inf")))
        if odd is not None and odd.kind != "value":
            raise UnsuitableError("an answer has another type or shape than it must have")
        if len(args) != len(call.args) or not all(map(_alike, args, call.args)):
            raise UnsuitableError("the calls depend on what is answered")
        return seen.value

    return answered


def _sent(value: Value, probes: Mapping[str, Callable[..., Value]]) -> Value:
    """Return an argument as it travels: a fresh generator as its seed, a probe by its name, arrays copied."""
    if isinstance(value, np.random.Generator):
        seed = _seed(value)
        if seed is None:
            raise UnsuitableError("the figure hands over a generator that was used before")
        return Generator(seed)
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple):
        return type(value)(_sent(item, probes) for item in value)
    if callable(value):
        name = next((name for name, probe in probes.items() if probe is value), None)
        if name is None:
            raise UnsuitableError("the figure hands over a function of its own")
        return Probe(name)
    return value


def _seed(generator: np.random.Generator) -> tuple[int, ...] | None:
    sequence = cast(Any, generator.bit_generator.seed_seq)  # NumPy's stubs leave its entropy out
    entropy = sequence.entropy
    seed = tuple(int(k) for k in entropy) if isinstance(entropy, Sequence) else (int(entropy),)
    fresh = np.random.default_rng(list(seed)).bit_generator.state
    return seed if fresh == generator.bit_generator.state else None


def _alike(now: Value, then: Value) -> bool:
    if isinstance(then, Generator | Probe):
        return True
    if isinstance(then, np.ndarray):
        return np.shape(now) == then.shape and bool(np.allclose(now, then, 1e-6, 1e-9, equal_nan=True))
    if isinstance(then, float):
        return bool(np.isclose(now, then, 1e-6, 1e-9, equal_nan=True))
    return isinstance(then, list | tuple | dict) or bool(now == then)


def _digest(exercise: str, seen: Mapping[str, Sequence[Observation]]) -> str:
    """Return a name for everything that a picture shows, so that equal answers are drawn once."""
    total = hashlib.sha256(exercise.encode())
    for name, several in seen.items():
        total.update(name.encode())
        for one in several:
            total.update(_bytes(one.value) + one.ending.encode())
    return total.hexdigest()


def _bytes(value: Value) -> bytes:
    if isinstance(value, list | tuple):
        return b"(" + b",".join(_bytes(item) for item in value) + b")"
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        with np.errstate(all="ignore"):
            return str(value.shape).encode() + value.astype(np.float32).tobytes()  # finer than a picture shows
    if isinstance(value, np.ndarray):
        return str((value.shape, value.dtype)).encode() + value.tobytes()
    return f"{value:.6g}".encode() if isinstance(value, float) else repr(value).encode()
