"""The second judge: SymPy confirms the engine's verdicts, and contradicts those that are wrong."""

from __future__ import annotations

import os
from dataclasses import asdict, replace

import pytest

pytest.importorskip("sympy")

from autograder.symbolic import grade
from autograder.symbolic.deciding.prepared import prepare
from autograder.symbolic.explaining.chain import judge_chain
from autograder.symbolic.explaining.derivation import WrittenDerivation
from autograder.symbolic.explaining.grading import grade_reading
from autograder.symbolic.explaining.statements import claims
from autograder.symbolic.language.question import Question
from autograder.symbolic.second import child
from autograder.symbolic.second import judge as second
from autograder.symbolic.second.client import STOPPED, SecondJudge
from autograder.symbolic.second.statement import Opinion, Statement, key_of

from .derivations import RIGHT, WRONG
from .questions import QUESTIONS
from .test_corpus import CORPUS
from .test_spelling import LATEX
from .test_spelling import RIGHT as SPELLED


def claimed(key: str, text: str) -> tuple[Statement, ...]:
    question = QUESTIONS[key]
    chain = WrittenDerivation(question, text)
    verdict = grade_reading(prepare(question), chain.final)
    if chain.several:
        judge_chain(chain, verdict)
    return claims(chain, verdict)


@pytest.mark.core_sample(8)
@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_every_verdict_on_the_forms_of_a_part_is_confirmed(key: str) -> None:
    question = QUESTIONS[key]
    for text in (question.truth, *question.equivalents, *(form.answer for form in question.misconceptions)):
        (statement,) = claimed(key, text)
        assert second.judge(question, statement).answer == "confirmed", (text, second.judge(question, statement))


@pytest.mark.core_sample(14)
@pytest.mark.parametrize("name", [*RIGHT, *WRONG])
def test_every_line_of_a_derivation_is_confirmed(name: str) -> None:
    key, text, _ = {**RIGHT, **WRONG}[name]
    opinions = [second.judge(QUESTIONS[key], one) for one in claimed(key, text)]
    assert opinions
    assert [one for one in opinions if one.answer != "confirmed"] == []


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("E07.7", "(z-y)*Max(0, z)/z"),  # equal on every piece, without a value on the boundary
        ("E12.4", "where(i==j, p_i*(1-p_i), -p_i*p_j)"),
        ("E12.4", "delta(i, j)*p[i]*(1-p[i])"),
        ("E12.5", "softmax(z) - y"),
        ("E12.5", "Piecewise((p - 1, y >= 0.5), (p, True))"),
        ("E12.6", "p*((p-y) - dot(p-y,p)) + (K-3)*(K-4)*(K-5)*(K-6)*(K-7)*tanh(p)"),
        ("E12.7", "2*eps*(1-eps)**2.000001"),
        ("E13.5", "s = sigma(z)\n(s-o)*s*(1-s)"),
        ("E14.6", "T*(softmax(z/T) - q)"),
        ("E14.6", "T*(softmax(z/T)[j] - q[j])"),
        ("E05.6", "2/n*(yhat_i - y_i)*x[i][j]"),
        ("E01.6", "2/n*Sum(X[i,j]*(Sum(X[i,k]*w[k], k) - y[i]), (i, 1, n))"),
        ("E01.6", "w - inv(X.T@X)@X.T@y"),
        ("E05.6", "err = yhat_i - y_i\n2/n*err*x_ij"),
        ("E08.6", "r*(abs(r) <= delta) + delta*sign(r)*(not abs(r) <= delta)"),
        ("E09.5", "pi*nu*(nu + 1)**2*gamma(nu/2)**2/(16*gamma((nu + 3)/2)**2)"),
        ("E05.6", "T_i = 2/n*(yhat_i - y_i)*x_ij"),
        ("E05.6", "r = yhat - y\n2/n*r*x_ij"),  # an array times an entry
        ("E12.6", "e = p_k - y_k\np_j*((p_j-y_j) - Sum(e*p_k, k))"),
    ],
)
def test_what_students_write_is_confirmed(key: str, text: str) -> None:
    (statement, *_) = claimed(key, text)
    assert second.judge(QUESTIONS[key], statement).answer == "confirmed"


@pytest.mark.integration
def test_of_all_formulas_at_least_nineteen_of_twenty_are_confirmed_and_none_is_contradicted() -> None:
    texts = [(entry["question"], answer["text"]) for entry in CORPUS for answer in entry["answers"]]
    texts += [*SPELLED, *LATEX]
    said: dict[str, tuple[str, str]] = {}
    for key, text in texts:
        for statement in claimed(key, text):
            said[key_of(QUESTIONS[key], statement)] = (second.judge(QUESTIONS[key], statement).answer, text)
    answers = [answer for answer, _ in said.values()]
    assert [text for answer, text in said.values() if answer == "contradicted"] == []
    assert answers.count("confirmed") >= 0.95 * len(answers)


# kind: part, formula, what a broken engine says of it
PLANTED: dict[str, tuple[str, str, bool]] = {
    "a factor is overlooked": ("E01.6", "1/n*X.T@(X@w-y)", True),
    "a right form is refused": ("E12.6", "(p-y)*p - p*sum((p-y)*p)", False),
    "right for two classes only": ("E12.6", "2*p*(1-p)*(p-y)", True),
    "a piece is missed": ("E08.6", "Min(r, delta)", True),
    "equal to six digits": ("E07.6", "(tanh(z)-y)*(1-tanh(z)^2)*(1 + 1/1000000)", True),
    "a size written as a number": ("E14.7", "((z_j-zbar)-(v_j-vbar))/3", True),
    "a line is called wrong that is right": ("E12.5", "-y[j] + exp(z[j])/Sum(exp(z[l]), l)", False),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_wrong_verdict_is_contradicted(kind: str) -> None:
    key, text, said = PLANTED[kind]
    question = QUESTIONS[key]
    statement = Statement(0, text, said, index=question.index)
    opinion = second.judge(question, statement)
    assert opinion.answer == "contradicted"
    assert opinion.reason
    assert second.judge(question, replace(statement, equal=not said)).answer == "confirmed"


def test_the_budget_counts_terms_and_operations() -> None:
    question = QUESTIONS["E02.5"]
    long, same = "(a+m1+1)**30*(a+2*m1+3)**30", "(a**2+3*a*m1+2*m1**2+4*a+5*m1+3)**30"
    statement = Statement(0, f"{question.truth} + {long} - {same}", True)
    first, again = second.judge(question, statement), second.judge(question, statement)
    assert first == again
    assert first.answer == "undecided"
    assert "too much work" in first.reason
    assert "terms" in first.reason
    assert second.judge(question, Statement(0, f"{question.truth} + {long}", True)).answer == "contradicted"


def test_the_key_of_an_opinion_holds_question_formula_and_claim() -> None:
    question = QUESTIONS["E12.5"]
    one = Statement(0, "p - y", True, index=("j",))
    others = [
        key_of(question, replace(one, text="y - p")),
        key_of(question, replace(one, equal=False)),
        key_of(replace(question, loss="-Sum(y[k]*log(p[k]), k)*1"), one),
        key_of(QUESTIONS["E12.6"], one),
    ]
    assert key_of(question, replace(one, line=7)) == key_of(question, one)
    assert len({key_of(question, one), *others}) == 5


def test_the_judge_answers_in_a_process_of_its_own() -> None:
    question = QUESTIONS["E12.5"]
    claims = [Statement(0, text, True, index=("j",)) for text in ("p - y", "y - p", "p -")]
    with SecondJudge() as judge:
        said = [one.answer for one in judge.opinions(question, claims)]
    assert said == ["confirmed", "contradicted", "undecided"]


def test_a_claim_that_ends_its_process_takes_no_other_with_it(monkeypatch) -> None:
    def judged(question: Question, statement: Statement) -> Opinion:
        if statement.text == "p + y":
            os._exit(1)
        return second.judge(question, statement)

    monkeypatch.setattr(child, "judge", judged)
    claims = [asdict(Statement(0, text, True, index=("j",))) for text in ("p - y", "p + y", "y - p", "p + y")]
    said = child._answered({"question": asdict(QUESTIONS["E12.5"]), "statements": claims})
    assert [one["answer"] for one in said] == ["confirmed", "undecided", "contradicted", "undecided"]
    assert [one["reason"] for one in said[1::2]] == [STOPPED.reason] * 2


def test_the_answer_and_the_lines_are_claimed() -> None:
    key, text, _ = WRONG["wrong twice and cancelling"]
    found = claimed(key, text)
    assert [(one.line, one.equal) for one in found] == [(0, True), (1, True), (2, False)]
    assert grade(QUESTIONS[key], text).status == "correct"
