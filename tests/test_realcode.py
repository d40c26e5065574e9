"""The textbook answers answer every part of their exercise, and their labels name parts that exist."""

import ast

import pytest

from autograder.course.exercises import exercise_names
from autograder.judging.naming import FACTORS
from tests.conftest import ROOT, course_exercise
from tests.realcode.__main__ import HERE
from tests.realcode.corpus import by_variant, fault, grade, modules, variants
from tests.realcode.labels import SHORT

NAMED = {"tests.realcode.variants": 0.75, "tests.realcode.second": 0.5}
"""The least share of the wrong ones of each exercise that is named; of the second corpus 0.75 over all exercises.

The third holds mistakes that no catalogue has: they must not be called by another one's name.
"""

STYLES = sorted(p.name for p in HERE.iterdir() if p.is_dir())


@pytest.mark.parametrize("exercise", exercise_names(ROOT))
@pytest.mark.parametrize("style", STYLES)
def test_a_textbook_answer_has_every_function(style, exercise):
    tree = ast.parse((HERE / style / f"{exercise}.py").read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    parts = {part.name for part in course_exercise(exercise).exercise.parts if part.kind == "function"}
    assert parts <= defined


def test_labels_name_parts_that_exist():
    for style, exercise, part in SHORT:
        assert style in STYLES
        assert part in {p.name for p in course_exercise(exercise).exercise.parts}


@pytest.mark.integration
@pytest.mark.parametrize(("exercise", "module"), list(modules()), ids=lambda one: one if isinstance(one, str) else "")
def test_every_variant_gets_the_verdict_that_its_label_says(exercise, module):
    graded = list(grade(exercise, module))
    faults = {f"{one.part}: {one.source}": fault(one, part, report) for one, part, report in graded}
    assert not {name: what for name, what in faults.items() if what}
    wrong = [report for one, _, report in graded if one.verdict == "wrong"]
    assert sum(bool(report.misconceptions) for report in wrong) >= NAMED.get(module.__package__ or "", 0) * len(wrong)


@pytest.mark.integration
@pytest.mark.parametrize(("exercise", "module"), list(modules()), ids=lambda one: one if isinstance(one, str) else "")
def test_every_variant_gets_the_same_points_whichever_hidden_inputs_are_drawn(exercise, module):
    rows = list(by_variant(exercise, module, (1, 4, 9, 14)))
    assert not {one.source: row.shares for one, row in rows if len(set(row.shares)) > 1}
    assert not {one.source: row.failing for one, row in rows if one.verdict == "right" and min(row.shares) < 1}


@pytest.mark.parametrize(("exercise", "module"), list(modules()), ids=lambda one: one if isinstance(one, str) else "")
def test_labels_of_variants_name_parts_and_misconceptions_that_exist(exercise, module):
    secrets = course_exercise(exercise).secrets
    factors = {f"right up to the factor {name}" for name, _ in FACTORS}
    for one in variants(module):
        assert set(one.names) <= {wrong.title for wrong in secrets[one.part].misconceptions} | factors, one.source


def test_the_corpus_has_a_hundred_variants_over_twelve_exercises_at_least():
    counts = [len(variants(module)) for _, module in modules()]
    assert len(counts) >= 12
    assert sum(counts) >= 100
