"""Derivations of several lines: the first wrong line, what follows from it, and errors that cancel."""

from __future__ import annotations

import pytest

from autograder.symbolic import grade, grade_chain

from .questions import QUESTIONS

SOFTMAX = QUESTIONS["E12.6"]
LOSS = "1/2*Sum((p[k]-y[k])**2, k)"
CHAIN_RULE = "Sum((p[k]-y[k])*D(p[k], z[j]), k)"
JACOBIAN = "Sum((p[k]-y[k])*p[k]*(delta(k,j)-p[j]), k)"
SPLIT = "(p[j]-y[j])*p[j] - p[j]*Sum((p[k]-y[k])*p[k], k)"
FINAL = "p[j]*(p[j]-y[j] - Sum((p[k]-y[k])*p[k], k))"

RIGHT = {
    "every step": [LOSS, f"D({LOSS}, z[j])", CHAIN_RULE, JACOBIAN, SPLIT, FINAL],
    "arrays": ["(diag(p)-outer(p,p))@(p-y)", "p*(p-y) - p*dot(p, p-y)"],
    "equal signs": [f"dL/dz_j = D({LOSS}, z[j]) = {JACOBIAN} = {FINAL}"],
    "both forms": [CHAIN_RULE, JACOBIAN, "(diag(p)-outer(p,p))@(p-y)", FINAL],
}

# name: lines, number of the first wrong line, status of each line, a misconception's title or None
WRONG: dict[str, tuple[list[str], int, str, str | None]] = {
    "diagonal Jacobian": (
        [LOSS, CHAIN_RULE, "(p[j]-y[j])*p[j]*(1-p[j])", "p*(1-p)*(p-y)"],
        3, "start ok wrong follows", "diagonal Jacobian",
    ),
    "sign in the Jacobian": (
        [CHAIN_RULE, "Sum((p[k]-y[k])*p[k]*(delta(k,j)+p[j]), k)", "p*(p-y) + p*dot(p-y, p)"],
        2, "ok wrong follows", "sign of the off-diagonal Jacobian",
    ),
    "no Jacobian": (
        [LOSS, "Sum((p[k]-y[k])*delta(k,j), k)", "p[j]-y[j]"], 2, "start wrong follows", "softmax Jacobian missing",
    ),
    "factor 2 at once": (
        [f"2*{JACOBIAN}", f"2*{FINAL}"], 1, "wrong follows", "factor 2",
    ),
    "two errors cancel": (
        [JACOBIAN, f"2*({SPLIT})", FINAL], 2, "ok wrong returns", "factor 2",
    ),
    "off-diagonal only": (
        [CHAIN_RULE, "-p[j]*Sum((p[k]-y[k])*p[k], k)"], 2, "ok wrong", "off-diagonal Jacobian only",
    ),
    "scalar product with y": (
        [JACOBIAN, "p[j]*(p[j]-y[j] - Sum((p[k]-y[k])*y[k], k))"], 2, "ok wrong", "scalar product with y",
    ),
    "sum of errors": (
        [JACOBIAN, SPLIT, "p*((p-y) - sum(p-y))"], 3, "ok ok wrong", "sum of errors",
    ),
    "p before the sum lost": (
        [JACOBIAN, "(p[j]-y[j]) - Sum((p[k]-y[k])*p[k], k)"], 2, "ok wrong", "p outside the bracket missing",
    ),
    "mean over the classes": (
        [JACOBIAN, f"{FINAL}/K"], 2, "ok wrong", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_derivations_have_no_wrong_line(name: str) -> None:
    verdict = grade_chain(SOFTMAX, "\n".join(RIGHT[name]))
    assert verdict.first_wrong is None
    assert verdict.status == "correct"
    assert verdict.missing_forms == ()
    assert {line.status for line in verdict.lines} <= {"ok", "start"}


@pytest.mark.parametrize("name", WRONG)
def test_the_first_wrong_line_is_named(name: str) -> None:
    lines, first, statuses, title = WRONG[name]
    verdict = grade_chain(SOFTMAX, "\n".join(lines))
    assert verdict.first_wrong == first
    assert [line.status for line in verdict.lines] == statuses.split()
    found = verdict.lines[first - 1]
    if title is None:
        assert found.factor == "1/K"
    else:
        assert title in [m.title for m in found.misconceptions]
    assert verdict.status == ("correct" if statuses.endswith("returns") else "wrong")


def test_a_required_form_is_missed() -> None:
    verdict = grade_chain(SOFTMAX, [LOSS, FINAL])
    assert verdict.status == "correct"
    assert [form.title for form in verdict.missing_forms] == ["the softmax Jacobian"]


def test_an_unreadable_line_does_not_stop_the_rest() -> None:
    verdict = grade_chain(SOFTMAX, [CHAIN_RULE, "p[j]*(p[j]", FINAL])
    assert [line.status for line in verdict.lines] == ["ok", "unreadable", "ok"]
    assert verdict.status == "correct"


def test_a_derivative_may_stand_in_a_step_but_not_in_the_answer() -> None:
    assert grade_chain(SOFTMAX, [f"D({LOSS}, z[j])", FINAL]).status == "correct"
    assert grade(SOFTMAX, f"D({LOSS}, z[j])").status == "unreadable"
    assert grade_chain(SOFTMAX, [FINAL, f"D({LOSS}, z[j])"]).status == "unreadable"


def test_the_last_line_of_a_text_scores() -> None:
    assert grade(SOFTMAX, f"{LOSS}\n{JACOBIAN}\n{FINAL}\n").status == "correct"
    assert grade(SOFTMAX, f"{FINAL}\np - y").status == "wrong"
    assert grade(SOFTMAX, f"dL/dz = {FINAL}").status == "correct"


def test_a_scalar_derivation() -> None:
    question = QUESTIONS["E05.7"]
    loss = "(tanh(w*x+b)-y)**2"
    verdict = grade_chain(question, [loss, f"D({loss}, w)", "2*(tanh(w*x+b)-y)*D(tanh(w*x+b), w)", question.truth])
    assert verdict.first_wrong is None
    verdict = grade_chain(question, [f"D({loss}, w)", "2*(tanh(w*x+b)-y)*(1-tanh(w*x+b)**2)", question.truth])
    assert [line.status for line in verdict.lines] == ["ok", "wrong", "returns"]
    assert verdict.lines[1].misconceptions[0].id == "7a"


def test_long_derivations_are_cut_and_still_scored() -> None:
    verdict = grade_chain(SOFTMAX, [JACOBIAN] * 60 + [FINAL])
    assert verdict.status == "correct"
    assert len(verdict.lines) <= 20
