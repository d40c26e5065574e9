"""What students write for all symbolic parts: judged as labelled, before the deadline and after, and never accused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.course.exercises import exercise_names
from autograder.symbolic import Question, check_published, grade, grade_chain, publish
from tests.conftest import ROOT, course_exercise

STUDENTS: dict[str, Any] = yaml.load(
    Path(__file__).with_name("students.yaml").read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
FORMULAS = STUDENTS["formulas"]
REFUSED = [(part, one["text"], one["write"]) for part, said in FORMULAS.items() for one in said.get("refused", ())]
DERIVATIONS = [(d["part"], d["answer"], d["first_wrong"], d["text"]) for d in STUDENTS["derivations"]]
_FOLDERS = [course_exercise(name) for name in exercise_names(ROOT)]
QUESTIONS: dict[str, Question] = {name: q for folder in _FOLDERS for name, q in folder.questions.items()}


@pytest.mark.parametrize("part", QUESTIONS)
def test_formulas_get_the_verdict_that_they_deserve_in_public_and_when_graded(part: str) -> None:
    question = QUESTIONS[part]
    public = publish(question)
    for text in FORMULAS[part]["right"]:
        assert grade(question, text).status == "correct", text
        assert check_published(public, text).status == "agrees", text
    for text in FORMULAS[part]["wrong"]:
        assert grade(question, text).status == "wrong", text
        assert check_published(public, text).status == "differs", text


@pytest.mark.parametrize(("part", "text", "cured"), REFUSED)
def test_what_is_refused_is_right_once_its_message_is_followed(part: str, text: str, cured: str) -> None:
    verdict = grade(QUESTIONS[part], text)
    assert verdict.status == "unreadable"
    assert verdict.unreadable is not None
    assert grade(QUESTIONS[part], cured).status == "correct"


@pytest.mark.core_sample(35)
@pytest.mark.parametrize(("part", "answer", "line", "text"), DERIVATIONS)
def test_derivations_are_read_as_they_were_meant(part: str, answer: str, line: int, text: str) -> None:
    question = QUESTIONS[part]
    chain = grade_chain(question, text)
    public = check_published(publish(question), text)
    assert (chain.status, public.status) == {"right": ("correct", "agrees"), "wrong": ("wrong", "differs")}[answer]
    assert (chain.first_wrong or 0) == line
    assert line or not any("is wrong" in said for said in public.lines)
