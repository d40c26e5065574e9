"""Mutation testing of an exercise: small changes of its reference functions are graded as if students had written them.

A change that every check lets through shows a check that is missing, unless it changes nothing that can be seen; then
the line of the reference says why, at its end or just above it: ``# equivalent: the two branches meet at delta``.  (In
version 0.1 ``EQUIVALENT_MUTANTS`` of ``grading.py`` said so: pairs of a reason and the mutants that it holds for.)
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.authoring.verify.forked import ForkExecutor
from autograder.authoring.verify.mutate import Mutant, mutants_of
from autograder.checks.laws import verdict_on
from autograder.course.exercises import ExerciseFolder, load_exercise
from autograder.errors import CourseError
from autograder.judging.questions import Asked, PartQuestions, make_questions
from autograder.model import Limits, Probe, Value
from autograder.plain import dataclass
from autograder.sandbox.executor import BatchHandle, ChildResult, Handover, Patience
from autograder.sandbox.runner import observe_with
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Segment, encode_batch

LIMITS = Limits(cpu_seconds=2.0)
_SUBJECT = Source("subject.py", (Cell("subject", "from subject import *"),))


@dataclass(frozen=True)
class Tried:
    """What became of one mutant: the check that caught it, or None; ``parts`` are those whose reference uses it."""

    parts: tuple[str, ...]
    function: str
    line: int
    text: str
    killed_by: str | None
    reason: str | None = None

    @property
    def survives(self) -> bool:
        """Whether no check catches it and no comment explains why."""
        return self.killed_by is None and self.reason is None


@dataclass(frozen=True)
class MutantPlan:
    """How many mutants an exercise has, and what is wrong with it before any is tried."""

    name: str
    count: int
    problems: tuple[str, ...]
    broken: bool = False
    """Whether a reference fails its own checks, so that nothing is to be learned from mutants."""


def plan(root: Path, name: str) -> MutantPlan:
    """Return how many mutants an exercise has; the references must pass and every explanation be used.

    Raises
    ------
    CourseError
        If the exercise cannot be loaded or explains its equivalent mutants in another form.
    """
    session = _session(root, name)
    broken = [
        f"{part.name}: the reference itself fails {check}; run `autograder verify {name}` first"
        for part in session.parts
        if (check := session.first_failure(part.name, None)) is not None
    ]
    known = {name for mutant, _ in session.mutants for name in (mutant.text, mutant.place)}
    stale = [f"{place}: an explanation (# equivalent) of a line without mutants" for place in session.idle()]
    stale += [
        f"EQUIVALENT_MUTANTS explains {text!r}, which is not a mutant" for text in session.reasons if text not in known
    ]
    return MutantPlan(name, len(session.mutants), (*broken, *stale), bool(broken))


def try_some(root: Path, name: str, first: int, last: int) -> list[Tried]:
    """Try the mutants of an exercise from number ``first`` to before ``last``."""
    session = _session(root, name)
    return [session.judged(mutant, parts) for mutant, parts in session.mutants[first:last]]


@lru_cache(maxsize=1)
def _session(root: Path, name: str) -> _Session:
    return _Session(load_exercise(root, name, hidden=True))


@dataclass(frozen=True, eq=False)
class _Leaf:
    """One check of a part with its batch."""

    asked: Asked
    batch: Batch
    handle: BatchHandle


class _Session:
    """An exercise whose questions are encoded, check by check, so that the first that fails ends the trial."""

    def __init__(self, folder: ExerciseFolder) -> None:
        self.folder = folder
        questions = make_questions(folder.exercise, folder.secrets)
        self.parts = tuple(part.part for part in questions.parts if part.part.name in folder.secrets)
        self._leaves = {part.part.name: tuple(self._print(part)) for part in questions.parts}
        self.reasons = _reasons(folder)
        self._modules: dict[Mutant, ModuleType] = {}
        self.mutants = tuple(self._mutants())

    def _print(self, part: PartQuestions) -> Iterator[_Leaf]:
        # checks with limits of their own are the slow ones and come last
        for asked in sorted(part.asked, key=lambda one: one.alone):
            probes = any(isinstance(a, Probe) for call in asked.calls for a in call.args)
            segment = Segment(part.part.name, asked.check.limits or LIMITS, asked.alone, asked.calls)
            batch = Batch(self.folder.name, (segment,), self.folder.checks_source if probes else None)
            yield _Leaf(asked, batch, BatchHandle(encode_batch(batch)))

    def _mutants(self) -> Iterator[tuple[Mutant, tuple[str, ...]]]:
        """Yield every mutant once, with the parts whose reference uses its function."""
        users: dict[ModuleType, dict[str, list[str]]] = {}
        for part in self.parts:
            function = self.folder.secrets[part.name].reference
            module = inspect.getmodule(function)
            if module is None or not inspect.isfunction(function):
                raise CourseError(
                    f"{self.folder.name}: the reference of {part.name} is not a plain function of a module"
                )
            for name in _reached(module, function.__name__):
                users.setdefault(module, {}).setdefault(name, []).append(part.name)
        for module, functions in users.items():
            for mutant in mutants_of(inspect.getsource(module), functions):
                self._modules[mutant] = module
                yield mutant, tuple(functions[mutant.function])

    def judged(self, mutant: Mutant, parts: tuple[str, ...]) -> Tried:
        """Try one mutant on every part that uses its function until a check catches it."""
        tried = Tried(parts, mutant.function, mutant.line, mutant.text, None)
        for part in parts:
            check = self.first_failure(part, mutant)
            if check is not None:
                return replace(tried, killed_by=f"{part}.{check}")
        written = explanations(self._modules[mutant]).get(mutant.line)
        return replace(tried, reason=written or self.reasons.get(mutant.text, self.reasons.get(mutant.place)))

    def idle(self) -> Iterator[str]:
        """Yield ``file:line`` of the explanations in the functions that are mutated whose lines have no mutant."""
        for module in dict.fromkeys(self._modules.values()):
            mine = [mutant for mutant, _ in self.mutants if self._modules[mutant] is module]
            lines, functions = {mutant.line for mutant in mine}, {mutant.function for mutant in mine}
            spans = [
                range(node.lineno, (node.end_lineno or node.lineno) + 1)
                for node in ast.parse(inspect.getsource(module)).body
                if isinstance(node, ast.FunctionDef) and node.name in functions
            ]
            for line in explanations(module):
                if line not in lines and any(line in span for span in spans):
                    yield f"{inspect.getsourcefile(module)}:{line}"

    def first_failure(self, part: str, mutant: Mutant | None) -> str | None:
        """Return the first check that fails with this mutant in the place of the student's function, or None."""
        executor = ForkExecutor(lambda: self._install(part, mutant))
        for leaf in self._leaves[part]:
            if not _passes(leaf, executor):
                return leaf.asked.check.name
        return None

    def _install(self, part: str, mutant: Mutant | None) -> None:
        """Make the child's module of answers; runs in the child, so nothing here changes this process."""
        function: Callable[..., Value] = self.folder.secrets[part].reference
        if mutant is not None:
            scope: dict[str, Any] = vars(self._modules[mutant])
            exec(compile(mutant.code, "mutant.py", "exec"), scope)  # the author's reference, one change, in a child
            if mutant.function == function.__name__:
                function = scope[mutant.function]
        subject = ModuleType("subject")
        setattr(subject, part, function)
        sys.modules["subject"] = subject


def _passes(leaf: _Leaf, executor: ForkExecutor) -> bool:
    def run(job: bytes, limits: Limits, handover: Handover | None, patience: Patience) -> ChildResult:
        return executor.execute(job, leaf.handle, limits, handover, patience)

    seen = observe_with(run, _SUBJECT, leaf.batch, repeat=False)
    return verdict_on(leaf.asked.check, leaf.asked.calls, seen[0], leaf.asked.expected).ok


def _reached(module: ModuleType, start: str) -> list[str]:
    """Return the functions at the top of a module that one of them uses, itself first."""
    functions = {
        node.name: node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.FunctionDef)
    }
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        if name in functions and name not in found:
            found[name] = None
            waiting += [node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)]
    return list(found)


_EXPLAINED = re.compile(r"(.*?)#\s*equivalent:\s*(.+)")


@lru_cache(maxsize=8)
def explanations(module: ModuleType) -> Mapping[int, str]:
    """Return why no check can see the survivors of a line, by line of a module."""
    found: dict[int, str] = {}
    above: list[str] = []
    for number, line in enumerate(inspect.getsource(module).splitlines(), 1):
        written = _EXPLAINED.fullmatch(line.rstrip())
        if line.lstrip().startswith("#"):
            if written is not None:
                above.append(written[2])
            elif above:  # the explanation goes on
                above[-1] += line.strip().removeprefix("#")
            continue
        reasons = [*above, *([written[2]] if written is not None else [])]
        if reasons:
            found[number] = "; ".join(reasons)
        above = []
    return found


def _reasons(folder: ExerciseFolder) -> Mapping[str, str]:
    """Return the exercise's explanations: the text of a mutant, and why no input shows it."""
    module = sys.modules[f"exercises.{folder.name}.grading"]
    given = getattr(module, "EQUIVALENT_MUTANTS", ())
    reasons: dict[str, str] = {}
    for entry in given:
        match entry:
            case (str(reason), tuple(texts)) if all(isinstance(text, str) for text in texts):
                reasons |= dict.fromkeys(texts, reason)
            case _:
                raise CourseError(
                    f"{folder.path / 'grading.py'}: EQUIVALENT_MUTANTS holds pairs (reason, (mutant, ...))"
                )
    return reasons


# --- what is shown ---------------------------------------------------------------------------------------------


def as_data(found: Mapping[str, Sequence[Tried]], plans: Sequence[MutantPlan]) -> dict[str, Any]:
    """Return the results as JSON data, version 1."""
    everything = [one for tried in found.values() for one in tried]
    return {
        "version": 1,
        "ok": not any(one.survives for one in everything) and not any(one.problems for one in plans),
        "mutants": len(everything),
        "killed": sum(one.killed_by is not None for one in everything),
        "explained": sum(one.reason is not None for one in everything),
        "survivors": sum(one.survives for one in everything),
        "exercises": [
            {
                "name": one.name,
                "problems": list(one.problems),
                "functions": [_counts(name, group) for name, group in _by_function(found[one.name])],
            }
            for one in plans
        ],
    }


def _by_function(tried: Sequence[Tried]) -> Iterator[tuple[str, list[Tried]]]:
    names = dict.fromkeys(one.function for one in tried)
    return ((name, [one for one in tried if one.function == name]) for name in names)


def _counts(name: str, tried: Sequence[Tried]) -> dict[str, Any]:
    return {
        "function": name,
        "parts": list(tried[0].parts),
        "mutants": len(tried),
        "killed": sum(one.killed_by is not None for one in tried),
        "explained": [{"mutant": one.text, "reason": one.reason} for one in tried if one.reason is not None],
        "survivors": [{"line": one.line, "mutant": one.text} for one in tried if one.survives],
    }


def as_lines(name: str, tried: Sequence[Tried], problems: Sequence[str]) -> Iterator[str]:
    """Yield an exercise's result as text: a line per function, then its survivors."""
    killed = sum(one.killed_by is not None for one in tried)
    left = sum(one.survives for one in tried)
    yield f"{name}: {len(tried)} mutants, {killed} killed, {len(tried) - killed - left} explained, {left} survive"
    for function, group in _by_function(tried):
        counts = _counts(function, group)
        yield (
            f"  {function} ({', '.join(counts['parts'])}): {counts['mutants']} mutants, {counts['killed']} killed, "
            f"{len(counts['explained'])} explained, {len(counts['survivors'])} survive"
        )
        yield from (f"    explained: {one['mutant']} ({one['reason']})" for one in counts["explained"])
        yield from (f"    SURVIVES line {one['line']}: {one['mutant']}" for one in counts["survivors"])
    yield from (f"  PROBLEM {text}" for text in problems)
