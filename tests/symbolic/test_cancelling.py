"""Answers whose evaluation cancels: what rounding leaves is never taken for a difference, nor hides one."""
# ruff: noqa: E501  # a table: one answer a row

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.symbolic import check_published, grade, publish
from autograder.symbolic.deciding.arithmetic import Undefined, reals
from autograder.symbolic.deciding.bounded import Unsure, bounded
from autograder.symbolic.language.question import Question, Symbol

TANH = Question("tanh", "(tanh(z)-y)*(1-tanh(z)**2)", (Symbol("z", draw=(-2, 2)), Symbol("y", draw=(-5, 5))))
SIGMA = Question("sigma", "exp(-z)/(1+exp(-z))**2", (Symbol("z", draw=(-4, 4)),), functions=("sigma",))
HUBER = Question("huber", "Piecewise((r, Abs(r)<=delta),(delta*sign(r), True))", (Symbol("r", draw=(-4, 4)), Symbol("delta", kind="positive", draw=(0.5, 2.5))))  # fmt: skip
PSEUDO = Question("pseudo", "r/sqrt(1+(r/delta)**2)", HUBER.symbols)
DECIBEL = Question("decibel", "10*log(R**2/M)/log(10)", (Symbol("R", kind="positive", draw=(1, 9)), Symbol("M", kind="positive", draw=(0.1, 9))))  # fmt: skip
SHRUNK = Question("shrunk", "s*t/(s+t)", (Symbol("s", kind="positive", draw=(0.2, 5)), Symbol("t", kind="positive", draw=(0.2, 5))))  # fmt: skip
GAMMA = Question("gamma", "gamma(nu/2)**2/gamma((nu+1)/2)**2", (Symbol("nu", kind="positive", draw=(0.6, 9)),))

RIGHT = {  # all times (of TANH, SIGMA, ...), or plus, the truth
    TANH: (
        "{t}*cosh(500*z)**2*(1-tanh(500*z)**2)",
        "{t} + 1 - tanh(500*z)**2 - 1/cosh(500*z)**2",
        "{t} + (exp(900*z)+1)*exp(-900*z) - 1 - exp(-900*z)",
        "{t}*(exp(1000*z)-exp(999*z))/(exp(999*z)*(exp(z)-1))",
        "{t}*(cosh(800*z)**2-sinh(800*z)**2)",
        "{t}*(cosh(800*z)-sinh(800*z))*exp(800*z)",
        "{t}*log(exp(3000*z)+1)/log(1+exp(3000*z))",
        "{t} + log(1+exp(-2000*z)) + 2000*z - log(1+exp(2000*z))",
        "{t} + sqrt(z**2) - Abs(z)",
        "{t}*exp(exp(50*z))/exp(exp(50*z))",
        "{t}*exp(500*z**2)*exp(-500*z**2)",
        "{t}*sqrt(exp(2000*z))*exp(-1000*z)",
        "{t}*sqrt(cosh(1200*z)**2*(1-tanh(1200*z)**2))",
        "{t}*exp(log(cosh(1500*z)))/cosh(1500*z)",
        "{t}*(sqrt(1+exp(1500*z))-sqrt(exp(1500*z)))*(sqrt(1+exp(1500*z))+sqrt(exp(1500*z)))",
        "{t}*(1+10**50*(1-tanh(800*z)**2)*cosh(800*z)**2)/(1+10**50)",
    ),
    SIGMA: (
        "{t}*(1+exp(700*z))*(1-1/(1+exp(-700*z)))",
        "{t} + 1/(1+exp(-600*z)) + 1/(1+exp(600*z)) - 1",
        "{t}*(1-sigma(900*z))/sigma(-900*z)",
        "{t}*(exp(-1000*z)*(exp(1000*z)+1)-exp(-1000*z))",
        "{t}/(cosh(700*z)**2*(1-tanh(700*z)**2))",
    ),
    HUBER: (
        "({t})*cosh(700*r)**2*(1-tanh(700*r)**2)",
        "({t}) + sqrt(1-tanh(900*r)**2) - 1/cosh(900*r)",
        "(Abs(r+delta)-Abs(r-delta))/2",
    ),
    PSEUDO: ("r*delta*(sqrt(delta**2+r**2)-Abs(r))*(sqrt(delta**2+r**2)+Abs(r))/(delta**2*sqrt(delta**2+r**2))",),
    DECIBEL: (
        "{t}*(cosh(300*R)**2-sinh(300*R)**2)",
        "20*log(R)/log(10) - 10*log(M)/log(10) + log(exp(R)+1) - R - log(1+exp(-R))",
    ),
    SHRUNK: (
        "{t}*(exp(900*s)*(1+exp(-900*s)) - exp(900*s))",
        "{t}*sqrt(exp(900*s)*(1+exp(-900*s)) - exp(900*s))",
    ),
    GAMMA: ("{t}*(cosh(400*nu)**2-sinh(400*nu)**2)", "{t}*gamma(nu+1)/(nu*gamma(nu))"),
}  # fmt: skip
WRONG = {
    TANH: (
        "2*{t}*cosh(500*z)**2*(1-tanh(500*z)**2)",
        "{t} + exp(900*z)*(exp(-900*z)+1) - exp(900*z)",
        "{t}*(exp(1000*z)-exp(999*z))/(exp(998*z)*(exp(z)-1))",
        "{t}*(cosh(800*z)**2-sinh(800*z)**2+1)",
        "{t}*(cosh(800*z)-sinh(800*z))*exp(801*z)",
        "{t} + log(1+exp(-2000*z)) + 1999*z - log(1+exp(2000*z))",
        "{t} + sqrt(z**2) - z",
        "{t} + sqrt(z**2+10**-60) - Abs(z)",
        "{t}*sqrt(4*cosh(1200*z)**2*(1-tanh(1200*z)**2))",
        "2*{t}*(sqrt(1+exp(1500*z))-sqrt(exp(1500*z)))*(sqrt(1+exp(1500*z))+sqrt(exp(1500*z)))",
    ),
    SIGMA: (
        "2*{t}*(1+exp(700*z))*(1-1/(1+exp(-700*z)))",
        "{t}*(1-sigma(900*z))/sigma(900*z)",
        "{t}*(exp(-1000*z)*(exp(1000*z)+1)+exp(-1000*z))",
    ),
    HUBER: ("3*({t})*cosh(700*r)**2*(1-tanh(700*r)**2)", "delta*tanh(10**40*r/delta)"),
    DECIBEL: (
        "{t}*(cosh(300*R)**2-sinh(300*R)**2)/2",
        "{t} + log(exp(400*R)+1) - 400*R",  # differs by exp(-400 R)
        "{t} + sqrt(1-tanh(400*R)**2)",
    ),
    SHRUNK: ("{t} + exp(-900*s)", "{t} + sqrt(exp(-900*s))"),
    GAMMA: ("2*{t}*(cosh(400*nu)**2-sinh(400*nu)**2)",),
}  # fmt: skip
WAIT = 8
"""Right ones that may wait for a person at most: their functions have no exact method."""


def answers(table):
    return [
        (question, text.replace("{t}", f"({question.truth})")) for question, texts in table.items() for text in texts
    ]


@pytest.mark.parametrize(("question", "text"), answers(RIGHT))
def test_a_right_answer_that_cancels_is_never_wrong(question, text):
    assert grade(question, text).status in ("correct", "undecided")


@pytest.mark.parametrize(("question", "text"), answers(WRONG))
def test_a_wrong_answer_that_cancels_is_never_right(question, text):
    assert grade(question, text).status in ("wrong", "undecided")


def test_most_answers_that_cancel_are_decided():
    assert sum(grade(question, text).status == "undecided" for question, text in answers(RIGHT)) <= WAIT
    assert sum(grade(question, text).status == "undecided" for question, text in answers(WRONG)) <= 1


@pytest.mark.parametrize(("question", "text"), answers(RIGHT))
def test_a_right_answer_that_cancels_agrees_at_the_public_points(question, text):
    assert check_published(publish(question), text).status == "agrees"


NUMBERS = st.fractions(min_value=-40, max_value=40, max_denominator=1000)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["add", "mul"]), NUMBERS),
        st.tuples(st.sampled_from(["exp", "log", "sqrt", "tanh", "sinh", "cosh", "sin", "gamma", "Abs"]), st.none()),
        st.tuples(st.just("power"), st.integers(-3, 4).map(Fraction)),
    ),
    min_size=1,
    max_size=8,
)


def run(numbers, start, steps):
    value = numbers.const(start)
    for name, other in steps:
        if name in ("add", "mul"):
            value = getattr(numbers, name)([value, numbers.const(other)])
        elif name == "power":
            value = numbers.power(value, other)
        else:
            value = numbers.function(name, [value])
    return value


@given(start=NUMBERS, steps=STEPS, bits=st.sampled_from([53, 400]))
def test_the_bound_of_the_rounding_error_holds(start, steps, bits):
    numbers, fine = bounded(bits), reals(6400)
    try:
        value, error = numbers.pair(run(numbers, start, steps))
        truth = run(fine, start, steps)
    except (Unsure, Undefined):
        return
    if numbers.context and numbers.context.isinf(value):
        assert abs(truth) > fine.context.ldexp(1, 10**6)
        return
    given_value = fine.context.mpf(value)
    assert abs(given_value - truth) <= fine.context.ldexp(1, max(error, -6000))
    assert not math.isnan(float(error))
