"""Single functions as the field's libraries and textbooks write them, each with the verdict it should get.

A module of :mod:`tests.realcode.variants`, :mod:`~tests.realcode.second`, third, fourth or fifth is named for
its exercise.  The labels were written from the statements, before the first grading: a verdict that differs is a
question to the checks.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from autograder.authoring.verify.subject import Subject
from autograder.authoring.verify.variants import VariantRow, row_of
from autograder.exercise import Part
from autograder.judging.questions import make_questions
from autograder.model import PartReport
from autograder.symbolic.limited import Decider
from tests.conftest import course_exercise

WRONG = 0.25
"""Of its part, what a wrong formula earns at most."""

SHORT = 0.5
"""Of its part, what right values earn at least, whatever corner or contract they miss."""

FORM = 0.75
"""Of its part, what right numbers earn at least in another container or dtype."""

Verdict = Literal["right", "form", "short", "wrong"]


@dataclass(frozen=True)
class Variant:
    """One function and its label.

    Attributes
    ----------
    verdict : {"right", "form", "short", "wrong"}
        Full marks; right numbers in another container or dtype, which loses a quarter at most; the right formula that
        lacks what ``note`` says, which loses half at most; or another quantity, which earns a quarter at most.
    source : str
        Who writes it like this.
    names : tuple of str
        The titles of the misconceptions that it may be told.
    """

    part: str
    verdict: Verdict
    source: str
    note: str = ""
    names: tuple[str, ...] = ()
    function: Callable[..., Any] = lambda *a: None


def right(part: str, source: str) -> Callable[[Any], Any]:
    """Label the function below as a right answer."""
    return _label(part, "right", source)


def form(part: str, source: str) -> Callable[[Any], Any]:
    """Label the function below as right numbers in another container or dtype than the statement asks for."""
    return _label(part, "form", source)


def short(part: str, source: str, lacks: str, *names: str) -> Callable[[Any], Any]:
    """Label the function below as right but for one corner that the statement names."""
    return _label(part, "short", source, lacks, names)


def wrong(part: str, source: str, *names: str) -> Callable[[Any], Any]:
    """Label the function below as wrong; it is told one of ``names`` where there are any."""
    return _label(part, "wrong", source, "", names)


def _label(
    part: str, verdict: Verdict, source: str, note: str = "", names: tuple[str, ...] = ()
) -> Callable[[Any], Any]:
    def put(function: Any) -> Any:
        function.label = Variant(part, verdict, source, note, names, function)
        return function

    return put


def modules() -> Iterator[tuple[str, ModuleType]]:
    """Yield the exercises that have variants, with their modules: those corpus after corpus."""
    for corpus in ("variants", "second", "third", "fourth", "fifth"):
        for file in sorted((Path(__file__).parent / corpus).glob("[a-z]*.py")):
            yield file.stem, importlib.import_module(f"tests.realcode.{corpus}.{file.stem}")


def variants(module: ModuleType) -> list[Variant]:
    """Return the labelled functions of a module, in its order."""
    return [one.label for one in vars(module).values() if hasattr(one, "label")]


def grade(exercise: str, module: ModuleType) -> Iterator[tuple[Variant, Part, PartReport]]:
    """Yield each variant of an exercise with its part and what the grader says of it."""
    folder = course_exercise(exercise)
    questions = make_questions(folder.exercise, folder.secrets, 0)
    all_questions = {part.part.name: part for part in questions.parts}
    with Decider() as decider:
        subject = Subject(folder, questions, decider)
        for one in variants(module):
            part = all_questions[one.part]
            yield one, part.part, subject.grade(part, one.function).report


def by_variant(exercise: str, module: ModuleType, drawn: Sequence[int]) -> Iterator[tuple[Variant, VariantRow]]:
    """Yield each variant of an exercise with what each of the given hidden inputs makes of it."""
    folder = course_exercise(exercise)
    all_questions = [make_questions(folder.exercise, folder.secrets, k) for k in drawn]
    for one in variants(module):
        yield one, row_of(folder, all_questions, one.part, "corpus", one.source, one.function)


def fault(one: Variant, part: Part, report: PartReport) -> str | None:
    """Return how a report contradicts the label; None if it does not."""
    share = report.score / report.max_score
    if set(report.misconceptions) - set(one.names):
        return f"is told {report.misconceptions}"
    if one.verdict == "wrong":
        return None if share <= WRONG else "false accept"
    if one.verdict == "right":
        return None if share == 1 else f"false reject: {report.message}"
    if share == 1:
        return "nothing lost"
    if one.verdict == "form":
        return None if share >= FORM else f"loses too much: {report.message}"
    # where accuracy or a corner is what the part is about, it may cost whatever the statement says
    return None if share >= SHORT or part.about else f"loses too much: {report.message}"
