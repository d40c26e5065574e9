"""Test that a right answer which breaks a promise of the statement loses points.

The statement is searched for phrases that make a promise, such as "unchanged".  For each one the reference is wrapped
so that it breaks this promise and nothing else, and is graded: full marks mean that no check tests the promise.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.course.exercises import ExerciseFolder
from autograder.judging.questions import PartQuestions
from autograder.model import Call, Probe, ReadOnly, Strided, Value
from autograder.plain import dataclass
from autograder.text import read_text

AnswerFunction = Callable[..., Value]


@dataclass(frozen=True)
class Promise:
    """A promise: the words it is made in, what breaks it, how the breach is called, where it can be broken at all."""

    words: re.Pattern[str]
    breaking: Callable[[AnswerFunction], AnswerFunction]
    breach: str
    advice: str
    applies: Callable[[PartQuestions], bool] = lambda questions: True
    everywhere: bool = False
    """Whether a sentence outside the sections of the parts makes the promise for every part."""
    idle: str = ""
    """What to say of a part whose section makes it and whose checks can never see it broken."""


def _arrays(questions: PartQuestions) -> bool:
    return any(
        isinstance(argument, np.ndarray | ReadOnly | Strided) for call in _calls(questions) for argument in call.args
    )


def _probes(questions: PartQuestions) -> bool:
    return any(isinstance(argument, Probe) for call in _calls(questions) for argument in call.args)


def _calls(questions: PartQuestions) -> Iterator[Call]:
    return (call for asked in questions.asked for call in asked.calls)


def _changing(function: AnswerFunction) -> AnswerFunction:
    def changed(*args: Value) -> Value:
        value = function(*args)
        for argument in args:
            if isinstance(argument, np.ndarray) and argument.size and argument.flags.writeable:
                argument.flat[0] = argument.flat[0] + 1
        return value

    return changed


def _never_raising(function: AnswerFunction) -> AnswerFunction:
    def quiet(*args: Value) -> Value:
        try:
            return function(*args)
        except Exception:  # whatever is demanded
            return 0.0

    return quiet


def _nearly_zero(function: AnswerFunction) -> AnswerFunction:
    def nearly(value: Value) -> Value:
        if isinstance(value, list | tuple):
            return type(value)(nearly(item) for item in value)
        if isinstance(value, np.ndarray) and value.dtype.kind in "fc":
            return np.where(value == 0, 1e-200, value)
        return 1e-200 if isinstance(value, float) and value == 0 else value

    return lambda *args: nearly(function(*args))


def _calling_twice(function: AnswerFunction) -> AnswerFunction:
    def doubled(given: Any) -> Any:
        def probe(*args: Value) -> Value:
            given(*args)
            return given(*args)

        return probe if callable(given) and not isinstance(given, np.random.Generator) else given

    return lambda *args: function(*map(doubled, args))


def _sharing(function: AnswerFunction) -> AnswerFunction:
    def shared(*args: Value) -> Value:
        value = function(*args)
        same = (a for a in args if isinstance(a, np.ndarray) and np.array_equal(a, value) and a.size)
        return next(same, value)

    return shared


def _drawing(function: AnswerFunction) -> AnswerFunction:
    def drawn(*args: Value) -> Value:
        np.random.random()  # noqa: NPY002  # the global state is what this breaks
        random.random()
        return function(*args)

    return drawn


def _overflowing(function: AnswerFunction) -> AnswerFunction:
    def overflowed(*args: Value) -> Value:
        np.multiply(np.float64(1e308), np.float64(10.0))
        return function(*args)

    return overflowed


PROMISES = (
    Promise(
        re.compile(r"\b(unchanged|must not (change|modify)|(is|are) not (changed|modified))\b"),
        _changing, "changes its arguments", "add the usual check 'mut'", _arrays, everywhere=True,
    ),
    Promise(
        re.compile(r"\b[Rr]aises?\b[^.]{0,40}Error"),
        _never_raising, "returns 0 where an error is demanded", "add a check that it raises",
    ),
    Promise(
        re.compile(r"\bexactly (zero|\$?0\b)|\bexact zeros?\b"),
        _nearly_zero, "returns 1e-200 for 0", "add a check that compares with 0 without a tolerance",
    ),
    Promise(
        re.compile(r"\bcalled exactly\b|\bcalls? (it|them|\w+) exactly\b|\bexactly \w+ calls?\b"),
        _calling_twice, "makes every call twice", "add a contract on the probe's calls", _probes,
        idle="no check gives a function to call; give Probe(name) as an argument",
    ),
    Promise(
        re.compile(r"\bfresh array\b|\bshares? no memory\b"),
        _sharing, "returns its argument where it is equal", "add a contract on shared memory", _arrays,
    ),
    Promise(
        re.compile(r"\bglobal random state\b"),
        _drawing, "draws from the global random state", "add the check that draws come from the generator",
    ),
    Promise(
        re.compile(r"\bno operation\b[^.]{0,40}\boverflow|\boverflows? nowhere\b|\bmay overflow\b"),
        _overflowing, "overflows on the way", "add a contract on overflow",
    ),
)  # fmt: skip


def promises_of(folder: ExerciseFolder, questions: PartQuestions) -> Iterator[tuple[Promise, str]]:
    """Yield the promises that the statement of a part makes, each with its words."""
    own, common = statement(folder, questions.part.name)
    for promise in PROMISES:
        found = promise.words.search(own) or (promise.words.search(common) if promise.everywhere else None)
        if found is not None and (promise.idle or promise.applies(questions)):
            yield promise, found[0]


def statement(folder: ExerciseFolder, part: str) -> tuple[str, str]:
    """Return what the README and the stub say of a part, and what the README says of all parts."""
    names = {one.name for one in folder.exercise.parts}
    own, common = [_docstring(folder, part)], []
    file = folder.path / "README.md"
    for block in re.split(r"^(?=## )", read_text(file) if file.is_file() else "", flags=re.MULTILINE):
        heading = block.partition("\n")[0].strip("# `")
        if heading == part:
            own.append(block)
        elif heading not in names:
            common.append(block)
    return " ".join("\n".join(own).split()), " ".join("\n".join(common).split())


def _docstring(folder: ExerciseFolder, part: str) -> str:
    for node in ast.parse(read_text(folder.stub)).body:
        if isinstance(node, ast.FunctionDef) and node.name == part:
            return ast.get_docstring(node) or ""
    return ""
