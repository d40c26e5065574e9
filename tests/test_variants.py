"""One code, one mark: what an answer gets may not depend on the variant that is drawn."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from autograder.authoring.verify import variants
from autograder.authoring.verify.kept import PLACE, remember, remembered
from autograder.authoring.verify.variants import Variants, as_json, as_text, in_all_variants
from autograder.checks import Example, Exercise, Hidden, Part, borderline, matches, right, usual_checks, wrong
from autograder.course.exercises import ExerciseFolder
from autograder.judging.functions import judge_part
from autograder.judging.questions import make_questions
from autograder.judging.watched import watched

VARIANTS = 16


def total(x):
    return float(np.sum(np.asarray(x, dtype=np.float64)))


def folder_of(tmp_path, draw, *borderlines, checks=()):
    part = Part("total", points=4, checks=(Example(cases=((([1.0, 2.0],), 3.0),)),))
    hidden = Hidden(
        "total", total, (*usual_checks(draw), *checks),
        (wrong("mean", lambda x: float(np.mean(x)), hint="?"), wrong("first", lambda x: float(x[0]), hint="?")),
        (right("by hand", lambda x: math.fsum(np.asarray(x).tolist())),), borderlines,
    )  # fmt: skip
    exercise = Exercise("totals", number="E90", title="Totals", difficulty=1, minutes=5, parts=(part,))
    return ExerciseFolder(tmp_path / "exercises" / "totals", exercise, {"total": hidden})


def plain(g):
    return (g.normal(size=5),)


def sometimes_large(g):
    return (g.normal(size=5) * (1e9 if g.random() < 0.02 else 1.0),)


ROUNDED = borderline("rounded to 6 decimals", lambda x: round(total(x), 6))
CAPPED = borderline("capped at 1e8", lambda x: float(np.clip(total(x), -1e8, 1e8)))


def test_a_course_of_plain_draws_has_one_verdict_for_each_answer(tmp_path):
    found = in_all_variants(folder_of(tmp_path, plain, ROUNDED), VARIANTS)
    assert found.problems == ()
    assert [(row.kind, set(row.shares)) for row in found.rows] == [
        ("reference", {1.0}), ("alternative", {1.0}), ("misconception", {0.0}), ("misconception", {0.0}),
        ("borderline", {0.0}),
    ]  # fmt: skip
    assert "borderline 'rounded to 6 decimals': 0% of the points; fails rand" in as_text(found)
    assert as_json(found)["problems"] == []


def test_a_kind_of_input_that_only_some_variants_draw_is_named_with_its_variants_and_its_price(tmp_path):
    found = in_all_variants(folder_of(tmp_path, sometimes_large, CAPPED), VARIANTS)
    said = "\n".join(found.problems)
    assert "total: borderline 'capped at 1e8': the check 'rand' fails in variant" in said
    assert "to 100% by the variant" in said
    assert "PROBLEM" in as_text(found)
    row = found.rows[-1]
    where = dict(row.failing)["rand"]
    assert 0 < len(where) < VARIANTS
    assert all(row.shares[k] < 1.0 for k in where)


def test_what_is_wrong_everywhere_is_not_asked_for_its_layouts(tmp_path):
    found = in_all_variants(folder_of(tmp_path, sometimes_large), VARIANTS)
    wrong_rows = [row for row in found.rows if row.kind == "misconception"]
    assert all({name for name, _ in row.failing} == {"hand", "rand"} for row in wrong_rows)


def test_a_corner_that_every_variant_holds_is_one_verdict(tmp_path):
    corner = matches("large", "is right for large numbers", lambda g: (g.uniform(1e9, 2e9, size=3),))
    found = in_all_variants(folder_of(tmp_path, plain, CAPPED, checks=(corner,)), VARIANTS)
    assert found.problems == ()
    assert dict(found.rows[-1].failing) == {"large": tuple(range(VARIANTS))}


def test_what_was_found_is_remembered_until_something_changes(tmp_path):
    found = in_all_variants(folder_of(tmp_path, plain, ROUNDED), 3)
    remember(tmp_path, "variants", "totals", "digest", found)
    assert remembered(tmp_path, "variants", "totals", "digest", Variants) == found
    assert remembered(tmp_path, "variants", "totals", "another", Variants) is None
    assert remembered(tmp_path, "verified", "totals", "digest", Variants) is None
    file = tmp_path / PLACE / "variants" / "totals.json"
    for broken in ("", "[]", json.dumps({"digest": "digest", "found": {"count": 3}})):
        file.write_text(broken)
        assert remembered(tmp_path, "variants", "totals", "digest", Variants) is None


def test_a_row_without_split_verdicts_has_no_problem():
    row = variants.VariantRow("f", "reference", "", (1.0, 1.0), (("rand", (0, 1)),))
    assert row.problems == ()
    assert replace(row, shares=(1.0, 0.5)).problems == ("f: the reference: earns 50% to 100% by the variant",)


@pytest.mark.parametrize("kind", variants.KINDS)
def test_every_kind_of_answer_is_judged(kind, tmp_path):
    found = in_all_variants(folder_of(tmp_path, plain, ROUNDED), 2)
    assert kind in {row.kind for row in found.rows}


def heights(g):
    return (g.normal(size=1),)


HALF = borderline("forgets the negative ones", lambda x: float(max(np.sum(x), 0.0)))
AS_LIST = borderline("in another container", lambda x: [total(x)])


@pytest.mark.parametrize("answer", [HALF, AS_LIST, ROUNDED, CAPPED], ids=lambda one: one.title)
def test_grading_gives_the_share_that_verify_prints_in_every_variant(tmp_path, answer):
    folder = folder_of(tmp_path, heights, answer)
    row = in_all_variants(folder, VARIANTS).rows[-1]
    graded = []
    for variant in range(VARIANTS):
        part = make_questions(folder.exercise, folder.secrets, variant).parts[0]
        answers = {
            ("total", i): [watched(answer.answer, call, folder.exercise.probes) for call in one.calls]
            for i, one in enumerate(part.every)
        }
        graded.append(judge_part(part, answers, 100.0).score)
    assert graded == [round(100 * share, 2) for share in row.shares]
    assert len(set(graded)) == 1
    assert graded[0] == {HALF: 25.0, AS_LIST: 75.0}.get(answer, graded[0])
