"""The public half of a question: it reads answers, compares two points, and gives nothing away."""

from __future__ import annotations

import json

import pytest

from autograder.symbolic import Question, Symbol, check_published, publish

from .questions import QUESTIONS


@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_published_data_accept_right_forms_and_hide_the_truth(key: str) -> None:
    question = QUESTIONS[key]
    written = json.dumps(publish(question))
    assert question.truth not in written
    assert all(form.answer not in written for form in question.misconceptions if len(form.answer) > 6)
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


def test_publishing_is_reproducible() -> None:
    assert publish(QUESTIONS["E16.6"]) == publish(QUESTIONS["E16.6"])


def test_public_points_lie_on_every_side_of_what_separates_the_pieces() -> None:
    """An answer that is right for residuals above -delta only is seen by the student, not first by the grader."""
    huber = Question(
        "huber", "Max(-delta, Min(r, delta))", (Symbol("r", domain=(-5, 5)), Symbol("delta", domain=(0.5, 4)))
    )
    data = json.loads(json.dumps(publish(huber)))
    assert check_published(data, "Max(-delta, Min(r, delta))").status == "agrees"
    for wrong in ("Min(r, delta)", "Max(-delta, r)", "r", "delta*sign(r)"):
        assert check_published(data, wrong).status == "differs", wrong
