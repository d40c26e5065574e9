"""The public half of a question: it reads answers, compares two points, and gives nothing away."""

from __future__ import annotations

import json

import pytest

from autograder.symbolic import Question, Symbol, check_published, publish

from .derivations import RIGHT, WRONG
from .questions import QUESTIONS


@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_published_data_accept_right_forms_and_hide_the_truth(key: str) -> None:
    question = QUESTIONS[key]
    written = json.dumps(publish(question))
    quiet = json.dumps(publish(question) | {"loss": None})  # the loss is in the statement
    assert question.truth not in written
    assert all(form.answer not in quiet for form in question.misconceptions if len(form.answer) > 6)
    data = json.loads(written)
    for form in (question.truth, *question.equivalents):
        verdict = check_published(data, form)
        assert verdict.status == "agrees", verdict.message
        assert verdict.plain


@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_most_wrong_answers_differ_at_the_public_points(key: str) -> None:
    question = QUESTIONS[key]
    data = json.loads(json.dumps(publish(question)))
    statuses = [check_published(data, form.answer).status for form in question.misconceptions]
    assert statuses.count("differs") >= len(statuses) / 2


def test_what_cannot_be_read_says_why() -> None:
    data = json.loads(json.dumps(publish(QUESTIONS["E12.6"])))
    assert "yy" in check_published(data, "p - yy").message
    assert check_published(data, "p@p@p@p").status == "differs"
    assert check_published(data, "outer(p, y)").message.startswith("The shapes")


def test_a_number_beyond_doubles_agrees_with_nothing() -> None:
    assert check_published(publish(Question("far", "exp(-x)", (Symbol("x"),))), "exp(1400)").status == "differs"


def test_publishing_is_reproducible() -> None:
    assert publish(QUESTIONS["E16.6"]) == publish(QUESTIONS["E16.6"])


def test_public_points_lie_on_every_side_of_what_separates_the_pieces() -> None:
    """An answer that is right for residuals above -delta only is seen by the student, not first by the grader."""
    huber = Question("huber", "Max(-delta, Min(r, delta))", (Symbol("r", draw=(-5, 5)), Symbol("delta", draw=(0.5, 4))))
    data = json.loads(json.dumps(publish(huber)))
    assert check_published(data, "Max(-delta, Min(r, delta))").status == "agrees"
    for wrong in ("Min(r, delta)", "Max(-delta, r)", "r", "delta*sign(r)"):
        assert check_published(data, wrong).status == "differs", wrong


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_derivation_is_read_before_the_deadline_and_no_line_is_accused(name: str) -> None:
    key, text, _ = RIGHT[name]
    verdict = check_published(json.loads(json.dumps(publish(QUESTIONS[key]))), text)
    assert verdict.status == "agrees"
    assert verdict.lines == ()


@pytest.mark.parametrize("name", [n for n, row in WRONG.items() if row[0] != "E11.6"])  # its equation needs the truth
def test_a_wrong_line_is_found_before_the_deadline_where_grading_finds_it(name: str) -> None:
    key, text, labels = WRONG[name]
    verdict = check_published(json.loads(json.dumps(publish(QUESTIONS[key]))), text)
    graded = [label.split(":")[0] for label in labels.split() if label.endswith((":wrong", ":follows", ":returns"))]
    assert [line.split(",")[0] for line in verdict.lines] == [f"Line {number}" for number in graded]
    assert ("two errors cancel" in " ".join(verdict.lines)) == ("returns" in labels)


@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_check_names_the_misconceptions_of_the_exercise(key: str) -> None:
    question = QUESTIONS[key]
    data = json.loads(json.dumps(publish(question)))
    for form in question.misconceptions:
        seen = check_published(data, form.answer)
        assert seen.status == "differs"
        assert form.hint in seen.message, (form.title, seen.message)
        assert len(seen.message) < 600


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("E01.6", "X.T@(X@w-y)", "Right up to the factor n/2"),
        ("E01.6", "-4/n*X.T@(X@w-y)", "Right up to the factor -2"),
        ("E01.6", "dot(y, y)", "This is one number; the quantity has an entry for every j"),
        ("E01.6", "2/n*x_ij*(Sum(x_ik*w_k, k) - y_i)", "to sum over i write Sum(..., i)"),
        ("E16.6", "2/n*(X@A@B - X).T@(X@A)", "it is transposed"),
        ("E12.4", "diag(p) - p@p.T", "the matrix is outer(p, p)"),
        ("E08.7", "r/(1+r^2/delta^2)^1/2", "for a root write"),
        ("E14.7", "((z_j-zbar)-(v_j-vbar))/3", "expected"),
        ("E01.6", "2*X.T@(X@w-y)/3", "expected"),
        ("E14.6", "3*T*(p_j-q_j)/K", "expected"),
    ],
)
def test_check_says_what_a_wrong_formula_is_with_one_small_example(key: str, text: str, said: str) -> None:
    seen = check_published(json.loads(json.dumps(publish(QUESTIONS[key]))), text)
    assert seen.status != "agrees"
    assert said in seen.message
    assert seen.message.count("(") < 12  # no arrays of the point


@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_a_number_in_the_place_of_a_size_fails_in_public(key: str) -> None:
    points = publish(QUESTIONS[key])["points"]
    for size in QUESTIONS[key].sizes:
        assert len({point["sizes"][size] for point in points}) >= 2
