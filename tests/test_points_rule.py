import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    EXACT,
    Example,
    MatchesReference,
    Part,
    Property,
    Within,
    corner,
    fast_enough,
    mismatch,
    raises,
    usual_checks,
)
from autograder.checks.forms import advice, reformed
from autograder.errors import CourseError
from autograder.judging.functions import judge_part
from autograder.judging.points_rule import (
    ALONE,
    CORNER,
    FORM,
    REFUSALS,
    VALUES,
    Judged,
    awarded_points,
    fraction,
    shares,
)
from autograder.judging.questions import Asked, PartQuestions
from autograder.model import Call, Failure, Observation, Verdict
from tests.conftest import ROOT


def example(name="cases", **more):
    return Example(name=name, cases=(((1.0,), 1.0),), **more)


def drawn(name="draws", **more):
    return MatchesReference(name=name, draw=lambda g: (1.0,), **more)


def other(name):
    return Property(name=name, title="a law", inputs=lambda rng: [], law=lambda args, got, want: None)


def refusal(name="err"):
    return replace(raises(((),)), name=name)


def a_corner(name):
    return corner(name, "a corner", ((1.0,), 1.0))


def verdict(passed, total=4):
    return Verdict(None if passed == total else Failure("differs"), passed, total)


RIGHT = [Judged(example(), verdict(1, 1)), Judged(drawn(), verdict(4))]


@pytest.mark.parametrize(("exact", "half"), list(itertools.product((True, False), (0, 1, 2, 3, 4))))
def test_the_rule_asks_for_the_role_of_a_check_whatever_it_is_called(exact, half):
    judged = [Judged(example(), verdict(1 if exact else 0, 1)), Judged(drawn(), verdict(half))]
    right = exact and half == 4
    assert fraction(judged, ()) == (1.0 if right else 0.25 if exact and half >= 2 else 0.0)


@given(st.integers(0, 12), st.integers(0, 11), st.booleans())
def test_draws_that_everyone_gets_decide_on_the_quarter_whatever_a_variant_draws(same, other, exact):
    judged = [Judged(example(), verdict(int(exact), 1)), Judged(drawn(), verdict(other, 12))]
    assert fraction(judged, [verdict(same, 12)]) == (0.25 if exact and same >= 6 else 0.0)


def test_draws_that_everyone_gets_neither_earn_nor_cost_where_the_values_are_right():
    assert fraction(RIGHT, [verdict(0)]) == 1.0


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_other_checks_share_one_half(count):
    judged = [*RIGHT, *(Judged(other(str(i)), verdict(4 if i < count else 0)) for i in range(3))]
    assert fraction(judged, ()) == pytest.approx(0.5 + count / 6)


def test_a_value_check_without_a_role_earns_no_quarter():
    failing = Judged(example(role="other"), verdict(0, 1))
    judged = [Judged(example(), verdict(1, 1)), Judged(drawn(), verdict(2)), failing]
    assert fraction(judged, ()) == 0.25
    assert fraction([Judged(example(role="other"), verdict(1, 1)), Judged(drawn(), verdict(2))], ()) == 0.0


def test_nothing_is_earned_without_a_value_check():
    assert fraction([Judged(other("law"), verdict(4))], ()) == 0.0


@given(st.integers(0, 2), st.integers(0, 6), st.integers(0, 6), st.booleans())
def test_the_shares_keep_their_bounds_whatever_a_part_holds(refusals, corners, others, about):
    names = [f"err{i}" for i in range(refusals)], [f"c{i}" for i in range(corners)], [f"o{i}" for i in range(others)]
    checks = [*map(refusal, names[0]), *map(a_corner, names[1]), *map(other, names[2])]
    held = shares(checks, about=about)
    assert set(held) == {*names[0], *names[1], *names[2]}
    assert sum(held.values()) <= 0.5 + 1e-12
    assert not refusals or sum(held[name] for name in names[0]) == pytest.approx(REFUSALS)
    assert about or all(held[name] <= CORNER for name in names[1])
    assert len({held[name] for name in names[2]}) <= 1
    assert all(share <= ALONE for share in held.values())
    if others > 1:
        assert sum(held.values()) == pytest.approx(0.5)


def test_a_lone_contract_costs_a_quarter_at_most():
    assert shares([example(), refusal(), other("rng")]) == pytest.approx({"err": REFUSALS, "rng": 0.25})


@pytest.mark.parametrize("kind", ["corner", "refusal", "layout", "law"])
def test_what_one_failing_check_costs_is_its_share(kind):
    laws = [Judged(other(str(i)), verdict(4)) for i in range(3)]
    layouts = [Judged(one, verdict(4)) for one in usual_checks(lambda g: (1.0,), "list")]
    judged = [*RIGHT, *laws, *layouts, Judged(a_corner("zero"), verdict(4)), Judged(refusal(), verdict(4))]
    name = {"corner": "zero", "refusal": "err", "layout": "list", "law": "0"}[kind]
    cost = shares([one.check for one in judged])[name]
    broken = [Judged(one.check, verdict(0)) if one.check.name == name else one for one in judged]
    assert fraction(judged, ()) == 1.0
    assert fraction(broken, ()) == pytest.approx(1 - cost)
    assert cost == pytest.approx(0.05 if kind == "refusal" else 0.09)


def test_cases_of_one_regime_outside_of_the_values_are_a_corner():
    assert example(group="robustness").role == drawn(group="robustness").role == "corner"
    assert {one.role for one in usual_checks(lambda g: (1.0,), "list", "f32", "strided")} == {"layout"}
    assert (example().role, drawn().role, raises(((),)).role) == ("exact", "drawn", "refusal")


@pytest.mark.parametrize("abnormal", [None, "bad_output", "timeout", "memory"])
def test_a_wrong_value_that_only_a_scaling_check_sees_is_a_wrong_value(abnormal):
    large = Judged(drawn("perf", group="scaling", role="other"), Verdict(Failure("x", abnormal=abnormal), 0, 1))
    of_value = abnormal in (None, "bad_output")
    assert fraction([*RIGHT, large], ()) == (0.25 if of_value else 1 - ALONE)


@given(st.floats(0, 1), st.floats(0.01, 100))
def test_points_are_rounded_once_to_a_hundredth_and_full_only_for_all_of_it(share, worth):
    found = awarded_points(share, worth)
    assert 0 <= found <= worth
    assert found == worth or abs(found - share * worth) <= 0.005 + 1e-6
    assert found in (worth, round(found, 2))


def test_a_corner_is_one_draw_or_worked_cases():
    with pytest.raises(CourseError, match="2 cases; allowed: one draw"):
        corner("c", "a corner", lambda g: (1.0,), ((1.0,), 1.0))
    with pytest.raises(CourseError, match="has no case"):
        corner("c", "a corner")


# --- the right numbers in another form ---------------------------------------------------------------------------

FORMS = [
    ([1.0, 2.0], np.array([1.0, 2.0]), "np.array(result).astype(np.float64)"),
    ((1.0, 2.0), np.array([1.0, 2.0]), "np.array(result).astype(np.float64)"),
    (np.array([1, 2]), np.array([1.0, 2.0]), "result.astype(np.float64)"),
    (np.array([1.0, 2.0]), np.array([1, 2]), "result.astype(np.int64)"),
    (np.array([3.0]), 3.0, "float(np.squeeze(result))"),
    (np.array([[3]]), 3.0, "float(np.squeeze(result))"),
    ([3.0], 3.0, "float(np.squeeze(result))"),
    (np.array([3.0]), Within(2.0, 4.0), "float(np.squeeze(result))"),
    (np.array([1.0, 2.0]), (1.0, 2.0), "tuple(result)"),
    (([1.0], 2.0), (np.array([1.0]), 2.0), "np.array(result[0]).astype(np.float64)"),
    ((np.array([1.0]), [2.0]), (np.array([1.0]), 2.0), "float(np.squeeze(result[1]))"),
    (3.0, np.array([3.0]), "np.atleast_1d(result).astype(np.float64)"),
]
OTHER_ANSWERS = [
    ([1.0, 2.5], np.array([1.0, 2.0])),
    (np.array([1.0, 2.0]), 1.0),
    (np.array([[1.0], [2.0]]), np.array([1.0, 2.0])),
    (np.array([1.5]), np.array([1])),
    ([[1.0], [2.0, 3.0]], np.array([1.0, 2.0])),
    ("3", 3.0),
    (True, 3.0),
    (None, np.array([1.0])),
    (1, True),
]


@pytest.mark.parametrize(("got", "want", "told"), FORMS, ids=lambda one: str(one)[:20])
def test_the_right_numbers_in_another_form_are_known_and_told_what_to_write(got, want, told):
    assert mismatch(got, want, EXACT) is not None
    assert mismatch(reformed(got, want), want, EXACT) is None
    assert told in advice(got, want)


@pytest.mark.parametrize(("got", "want"), OTHER_ANSWERS, ids=lambda one: str(one)[:20])
def test_other_numbers_stay_another_answer_in_any_form(got, want):
    assert mismatch(reformed(got, want), want, EXACT) is not None


def flat(args, got, want):
    return None if got[0].shape == (1,) else "is not flat"


def graded(values, reference=lambda call: np.array([call.args[0]]), at_scale=None):
    hand = Example(cases=(((2.0,), np.array([2.0])),))
    rand = MatchesReference(draw=lambda g: (3.0,), cases=2)
    apart = corner("zero", "a corner", ((0.0,), np.array([0.0])))
    law = Property(name="flat", title="is flat", inputs=lambda rng: [], law=flat)
    asked = (
        Asked(hand, "public", (Call("f", (2.0,)),), (None,)),
        Asked(law, "public", (Call("f", (1.0,)),), (None,)),
        Asked(rand, "hidden", (Call("f", (3.0,)), Call("f", (4.0,))), (np.array([3.0]), np.array([4.0]))),
        Asked(apart, "hidden", (Call("f", (0.0,)),), (None,)),
    )
    seen = [[values(2.0)], [values(1.0)], [values(3.0), values(4.0)], [values(0.0)]]
    answers = {("f", i): [Observation("value", value=v) for v in vs] for i, vs in enumerate(seen)}
    if at_scale is not None:
        large = fast_enough(lambda g: (5.0,), "a large case")
        asked += (Asked(large, "hidden", (Call("f", (5.0,)),), (np.array([5.0]),)),)
        answers["f", 4] = [at_scale]
    questions = PartQuestions(Part("f", points=4), asked, reference=reference)
    return judge_part(questions, answers, 4.0)


def told(report):
    return {one.name: one.outcome for one in report.outcomes}


@pytest.mark.parametrize("form", [lambda x: [x], lambda x: (x,), lambda x: x, lambda x: np.array([int(x)])])
def test_right_numbers_in_another_form_cost_a_quarter_and_are_told_once_what_to_write(form):
    report = graded(form)
    assert (report.status, report.score) == ("bad_output", 3.0)
    assert "the numbers are right: write " in report.message
    assert told(report) == {"hand": "fail", "flat": "pass", "rand": "fail", "zero": "pass"}


TOO_LONG = Observation("bad_output", type_name="value", message="of more than 100000 items")
OTHER_TYPE = Observation("bad_output", type_name="generator")


@pytest.mark.parametrize(
    ("values", "at_scale", "score"),
    [
        (lambda x: [x], TOO_LONG, 3.0),  # the fault of form, once more
        (lambda x: [x + 1], TOO_LONG, 0.0),
        (lambda x: np.array([x]), TOO_LONG, 3.25),  # half of what the corner leaves to the two others
        (lambda x: np.array([x]), OTHER_TYPE, 1.0),
        (lambda x: np.array([x]), Observation("value", value=np.array([6.0])), 1.0),
    ],
)
def test_a_list_that_is_too_long_to_be_looked_at_is_not_a_wrong_value(values, at_scale, score):
    assert graded(values, at_scale=at_scale).score == pytest.approx(score, abs=0.006)


def test_a_law_is_not_told_of_another_form_where_the_right_form_is_not_known():
    assert told(graded(lambda x: [x], reference=None))["flat"] == "skip"


def test_a_wrong_list_earns_nothing_and_no_law_speaks_of_it():
    report = graded(lambda x: [x + 1])
    assert report.score == 0.0
    assert told(report) == {"hand": "fail", "flat": "skip", "rand": "fail", "zero": "skip"}


def test_the_page_says_the_figures_of_the_rule():
    text = (ROOT / "autograder" / "grading" / "README.md").read_text(encoding="utf-8")
    rule = " ".join(text.partition("## Points")[2].partition("\n## ")[0].split())
    words = {0.05: "a twentieth", 0.125: "an eighth", 0.25: "a quarter", 0.5: "half"}
    for figure, said in (
        (VALUES, "whose value checks all pass earns at least {} of its points"),
        (REFUSALS, "all refusals of bad input together hold {} of the part"),
        (CORNER, "a numerical corner at most {},"),
        (ALONE, "at most {} of the part each"),
        (FORM, "in another dtype cost {}."),
    ):
        assert said.format(words[figure]) in rule
