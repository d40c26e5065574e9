"""The labels of the corpus hold, and the corpus is as large and as varied as it must be."""

import pytest
from verify_labels import evidence, holds_everywhere, load

CORPUS = load()


@pytest.mark.parametrize("number", CORPUS)
def test_every_label_is_proved_without_the_engine(number):
    question = CORPUS[number]
    facts = evidence(question)
    wrong_labels = [
        answer["text"]
        for answer in question["answers"]
        if holds_everywhere(question, answer["text"], facts) != (answer["label"] == "right")
    ]
    assert wrong_labels == []


@pytest.mark.parametrize("number", CORPUS)
def test_a_question_has_its_share_of_right_and_wrong_forms(number):
    question = CORPUS[number]
    labels = [answer["label"] for answer in question["answers"]]
    texts = [answer["text"] for answer in question["answers"]]
    assert question["question"] == number
    assert set(labels) == {"right", "wrong"}
    assert labels.count("right") >= 8
    assert labels.count("wrong") >= 10
    assert len(set(texts)) == len(texts)
    assert all(answer["why"] for answer in question["answers"])


def test_the_corpus_spans_at_least_fourteen_questions():
    assert len(CORPUS) >= 14
    assert {question["proof"] for question in CORPUS.values()} == {"general", "exact", "numeric"}
