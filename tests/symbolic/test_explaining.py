"""What is said of a wrong formula is true of it: pieces beyond the drawn range, names, conditions, factors."""

from __future__ import annotations

import pytest

from autograder.symbolic import MisconceptionForm, Question, Symbol, grade

from .questions import QUESTIONS

SHRINKAGE, OPTIMAL, RELU, HUBER, L1, OLS = (
    QUESTIONS[k] for k in ("E11.5", "E11.6", "E07.7", "E08.6", "E08.5", "E01.6")
)
PSI = "Max(-delta, Min(r, delta))"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (OPTIMAL, "theta*Abs(theta)/(theta**2+sigma2/n)"),
        (SHRINKAGE, "c**2*sigma2/n + (1-c)**2*theta*abs(theta)"),
        (SHRINKAGE, "c*abs(c)*sigma2/n + (1-c)**2*theta**2"),
        (QUESTIONS["E18.6"], "(pi_y*u*y + pi_r*m)/(pi_y*u*abs(u) + pi_r)"),
        (HUBER, f"{PSI} + Max(0, Abs(r)-4)"),
        (HUBER, f"{PSI} + Max(0, r-100)"),
        (HUBER, f"{PSI} + Max(0, delta-3)"),
        (RELU, "where(z>0, z-y, 0) + where(y > 5, 1, 0)"),
        (RELU, "where(z>0, z-y, 0) + where(y < -9, 1, 0)"),
        (L1, "sign(r) + Max(0, r-4)"),
    ],
)
def test_what_a_symbol_is_does_not_depend_on_where_it_is_drawn(question: Question, text: str) -> None:
    assert grade(question, text).status == "wrong"


@pytest.mark.parametrize(
    "symbol",
    [
        Symbol("x", draw=(1, 2)),
        Symbol("x", kind="positive"),
        Symbol("x", kind="probability"),
        Symbol("x", draw=(0, 1), integer=True),
        Symbol("x", draw=(1, 9), integer=True),
    ],
    ids=lambda symbol: f"{symbol.kind}{symbol.draw}",
)
def test_an_absolute_value_is_dropped_where_the_symbol_is_positive_and_only_there(symbol: Symbol) -> None:
    verdict = grade(Question("q", "x + 2", (symbol,)), "Abs(x) + 2")
    assert (verdict.status == "correct") == (symbol.region[0] >= 0)


def test_a_course_of_version_0_1_says_both_at_once() -> None:
    assert Symbol("x", domain=(0.5, 2)) == Symbol("x", kind="positive", draw=(0.5, 2))
    assert Symbol("x", domain=(-1, 2)) == Symbol("x", draw=(-1, 2))


@pytest.mark.parametrize(
    ("question", "text", "condition", "number"),
    [
        (OLS, "2/n*X.T@X@w - 2*X.T@y", "n = 1", False),
        (QUESTIONS["E05.6"], "2/n*Sum((yhat[i]-y[i])*x[i,j],i)*n", "n = 1", False),
        (OLS, "2/5*X.T@(X@w-y)", "n = 5", True),
        (OLS, "2/n*(X.T@X)@(w - inv(X.T@X)@X.T@y)", "d <= n", False),
        (HUBER, "where(abs(r)<=delta+0.0001, r, delta*sign(r))", None, False),
        (HUBER, "where(abs(r)<delta, r, where(abs(r)>delta, delta*sign(r), 0))", None, False),
        (HUBER, f"{PSI} + where(r == 1/7, 1, 0)", None, False),
        (L1, "tanh(1000*r)", None, False),
        (RELU, "where(z>0, z-y, 0) + where(y > 5, 1, 0)", None, False),
        (QUESTIONS["E12.6"], "p*((p-y) - abs(dot(p-y,p)))", None, False),
        (QUESTIONS["E08.7"], "Abs(r)/sqrt(1+(r/delta)**2)", "r > 0", False),
    ],
)
def test_no_condition_is_named_that_was_not_tried_on_both_sides(
    question: Question, text: str, condition: str | None, number: bool
) -> None:
    verdict = grade(question, text)
    assert verdict.status == "wrong"
    assert verdict.only_when == condition
    assert ("not a number" in verdict.message) == number


WIDE = Question(
    "huber, drawn widely",
    PSI,
    (Symbol("r", draw=(-3, 3)), Symbol("delta", kind="positive", draw=(0.25, 3))),
    misconceptions=(
        MisconceptionForm("a", "one-sided", "Min(r, delta)", "Look at r=-10."),
        MisconceptionForm("b", "no sign", "where(abs(r) <= delta, r, delta)", "Is it odd?"),
    ),
)


@pytest.mark.parametrize(("text", "name"), [("Min(r, delta)", "a"), ("where(abs(r) <= delta, r, delta)", "b")])
def test_a_name_is_given_only_where_the_outputs_agree_on_every_piece(text: str, name: str) -> None:
    assert [m.id for m in grade(WIDE, text).misconceptions] == [name]


def test_a_factor_is_found_where_most_of_the_quantity_is_zero() -> None:
    assert grade(RELU, "where(z>0, y-z, 0)").factor == "-1"
    assert grade(RELU, "3*(z-y)*Heaviside(z)").factor == "3"
