"""The public half of a question: it reads answers, compares two points, and gives nothing away."""

from __future__ import annotations

import json

import pytest

from autograder.symbolic import check_published, publish

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
