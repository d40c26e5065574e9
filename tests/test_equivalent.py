"""Why a changed reference is as good: the reasons argue about every answer, not about the reference's other lines."""

import ast
import importlib
import inspect
import re
import sys
from pathlib import Path

import pytest

from autograder.authoring.verify.mutants import explanations
from autograder.checks import Raises
from autograder.course.exercises import exercise_names
from autograder.judging.questions import make_questions
from autograder.judging.trusted import evaluate
from tests.conftest import ROOT, course_exercise

MODULES = [importlib.import_module(f"reference.{p.stem}") for p in sorted((ROOT / "reference").glob("[a-z]*.py"))]
REASONS = [
    (module, line, reason)
    for module in MODULES
    for line, joined in explanations(module).items()
    for reason in joined.split("; ")
]

OWN = (
    r"conversion|next line|(called|asked for) next|already|ValueErrors? (itself|themselves)|all the same|the reference"
)
"""What only the reference's own other lines would make true."""

TRIED = "the ValueError that is tried"


def test_there_are_reasons():
    assert len(REASONS) > 100


def test_no_reason_rests_on_another_line_of_the_reference():
    assert [one for one in REASONS if re.search(OWN, one[2])] == []


@pytest.fixture(scope="module")
def folders():
    return [course_exercise(name) for name in exercise_names(ROOT)]


@pytest.mark.integration
def test_a_misconception_that_a_reason_names_is_one(folders):
    titles = {one.title for folder in folders for secret in folder.secrets.values() for one in secret.misconceptions}
    named = {title for _, _, reason in REASONS for title in re.findall(r'"([^"]+)"', reason)}
    assert named
    assert named <= titles


@pytest.mark.integration
def test_an_error_that_a_reason_calls_tried_is_asked_for_by_a_refused_input(folders, monkeypatch):
    violated = set()

    def demand(holds, text):
        frame = sys._getframe(1)
        if not holds:
            violated.add((Path(frame.f_code.co_filename).stem, frame.f_lineno))
            raise ValueError(text)

    for module in MODULES:
        if hasattr(module, "require"):
            monkeypatch.setattr(module, "require", demand)
    for folder in folders:
        for part in make_questions(folder.exercise, folder.secrets, 0).parts:
            for asked in part.asked:
                if isinstance(asked.check, Raises):
                    for call in asked.calls:
                        evaluate(folder.secrets[part.part.name].reference, call, folder.exercise.probes)
    assert not [
        f"{module.__name__}:{line}: {reason}"
        for module, line, reason in REASONS
        if reason.startswith(TRIED) and demands_at(module, line) and not violated & demands_at(module, line)
    ]


def demands_at(module, line):
    """Return the lines of the demand that a reason explains; none if it explains something else."""
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    spans = [
        range(node.lineno, node.end_lineno + 1)
        for node in calls
        if isinstance(node.func, ast.Name) and node.func.id == "require" and node.lineno == line
    ]
    return {(module.__name__.split(".")[-1], number) for span in spans for number in span}
