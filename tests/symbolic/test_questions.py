"""The catalogue's symbolic parts: references and equivalent forms are accepted, misconceptions refused and named."""

from __future__ import annotations

import pytest

from autograder.symbolic import Unreadable, grade, read
from autograder.symbolic.differentiate import Rules, differentiate
from autograder.symbolic.reading import expression

from .questions import LEVELS, QUESTIONS

ORDER = ("numeric", "exact", "general")
RIGHT = [(key, form) for key, q in QUESTIONS.items() for form in (q.truth, *q.equivalents)]
WRONG = [(key, form) for key, q in QUESTIONS.items() for form in q.misconceptions]
DERIVED = [key for key, q in QUESTIONS.items() if q.loss is not None]
# derivatives whose value at a corner is a convention: the derivative of Abs is sign, which is 0 there
CORNERS: dict[str, str] = {}


def test_all_parts_are_there() -> None:
    assert len(QUESTIONS) == 33
    assert len({q.id for q in QUESTIONS.values()}) == 33


@pytest.mark.parametrize(("key", "form"), RIGHT)
def test_right_forms_are_accepted_at_their_level(key: str, form: str) -> None:
    verdict = grade(QUESTIONS[key], form)
    assert verdict.status == "correct", verdict.message
    assert verdict.proof is not None
    assert ORDER.index(verdict.proof) >= ORDER.index(LEVELS[key])


@pytest.mark.parametrize(("key", "form"), WRONG, ids=[f"{k}-{f.id}" for k, f in WRONG])
def test_misconceptions_are_refused_and_named(key: str, form: object) -> None:
    verdict = grade(QUESTIONS[key], form.answer)  # type: ignore[attr-defined]  # a MisconceptionForm
    assert verdict.status == "wrong"
    assert form.id in [m.id for m in verdict.misconceptions]  # type: ignore[attr-defined]  # a MisconceptionForm
    assert form.hint in verdict.message  # type: ignore[attr-defined]  # a MisconceptionForm


@pytest.mark.parametrize("key", sorted(QUESTIONS))
def test_a_witness_separates_every_wrong_form_of_the_right_shape(key: str) -> None:
    for form in QUESTIONS[key].misconceptions:
        verdict = grade(QUESTIONS[key], form.answer)
        reading = read(QUESTIONS[key], form.answer)
        assert not isinstance(reading, Unreadable)
        if reading.core is None:
            assert "shape" in verdict.message.lower()
        else:
            assert verdict.witness is not None
            assert verdict.witness.yours is None or verdict.witness.gap
            assert "your answer" in verdict.witness.text


@pytest.mark.parametrize("key", DERIVED)
def test_the_truth_is_the_derivative_of_the_loss(key: str) -> None:
    question = QUESTIONS[key]
    assert question.loss is not None
    assert question.wrt is not None
    table = {s.name: s for s in (*question.symbols, *question.hidden)}
    derived = differentiate(expression(question, question.loss), expression(question, question.wrt), table, Rules())
    from autograder.symbolic.decide import decide
    from autograder.symbolic.prepared import prepare
    from autograder.symbolic.trial import Trial

    assert decide(Trial(prepare(question), derived)).status == "correct"


@pytest.mark.parametrize(("key", "form"), RIGHT)
def test_the_echo_reads_as_the_same_expression(key: str, form: str) -> None:
    question = QUESTIONS[key]
    first = read(question, form)
    assert not isinstance(first, Unreadable)
    second = read(question, first.plain)
    assert not isinstance(second, Unreadable)
    assert second.plain == first.plain
    assert second.core == first.core
    assert first.latex.count("{") == first.latex.count("}")


def test_the_right_answer_of_one_question_is_not_that_of_another() -> None:
    accepted = {
        (key, other)
        for key, question in QUESTIONS.items()
        for other, source in QUESTIONS.items()
        if key != other and grade(question, source.truth).status == "correct"
    }
    assert accepted == set()
