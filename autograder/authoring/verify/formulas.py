"""Verification of a symbolic part: its question's forms are graded as if students had handed them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from autograder.authoring.verify.places import Problems
from autograder.authoring.verify.report import MisconceptionResult, PartResult
from autograder.judging.questions import PartQuestions
from autograder.model import PartReport
from autograder.symbolic import MisconceptionForm, Question, check_published, contradiction, publish

Hand = Callable[[str], PartReport]
"""Grades a text as the answer to a part."""

GARBAGE = ("not a formula (", "__import__('os')", "1")
NOT_UNTOUCHED = "the stub is {0.status} with {0.score:g} points; it must be not_started with 0"
_LEVELS = ("numeric", "exact", "general")


def verify_formula(
    part: PartQuestions,
    question: Question,
    hand: Hand,
    stub: PartReport,
    problems: Problems,
) -> PartResult:
    """Verify every promise of a symbolic part.

    Parameters
    ----------
    part : PartQuestions
        The part.
    question : Question
        Its question.
    hand : callable
        Grades a text the way a student's answer is graded.
    stub : PartReport
        The verdict on the untouched stub.
    problems : Problems
        Gets what does not hold.

    Returns
    -------
    PartResult
    """
    truth = hand(question.truth)
    for text in (*_accepted("the truth", truth, question), *_agrees(question)):
        problems.add(text, problems.of_word(question.truth))
    others = [(form, hand(form)) for form in question.equivalents]
    for form, report in others:
        for text in _accepted(f"the form {form!r}", report, question):
            problems.add(text, problems.of_word(form))
    wrong = tuple(_refused(form, hand(form.answer)) for form in question.misconceptions)
    for m in wrong:
        what = "is accepted" if not m.caught_by else "is not named" if not m.named else ""
        if what:
            problems.add(f"misconception {m.id} ({m.title}) {what}", problems.of_word(m.title))
    if stub.status != "not_started" or stub.score:
        problems.add(NOT_UNTOUCHED.format(stub), problems.of_stub())
    garbage = max(hand(text).score for text in GARBAGE)
    if garbage:
        problems.add(f"garbage earns {garbage:g} points")
    return replace(
        PartResult.unexamined(part.part),
        examined=True,
        checks=("answer",),
        reference=truth.score,
        stub=stub.status,
        table=garbage,
        alternatives=tuple((form, report.score) for form, report in others),
        misconceptions=wrong,
        problems=problems.found,
        proof=truth.proof,
    )


def _accepted(who: str, report: PartReport, question: Question) -> Iterator[str]:
    if report.status != "correct" or report.score != report.max_score:
        yield f"{who} is {report.status} with {report.score:g} of {report.max_score:g}: {report.message}"
    elif _LEVELS.index(report.proof or "numeric") < _LEVELS.index(question.level):
        yield f"{who} is accepted at the level {report.proof}; the question promises {question.level}"


def _agrees(question: Question) -> Iterator[str]:
    shown = check_published(publish(question), question.truth)
    if shown.status != "agrees":
        yield f"the truth does not agree at the public points: {shown.message}"
    if (contradicted := contradiction(question)) is not None:
        yield contradicted


def _refused(form: MisconceptionForm, report: PartReport) -> MisconceptionResult:
    return MisconceptionResult(
        id=form.id,
        title=form.title,
        caught_by=("answer",) if report.status == "wrong" and not report.score else (),
        recognisable=True,
        named=form.title in report.misconceptions,
        together_with=tuple(title for title in report.misconceptions if title != form.title),
        score=report.score,
        shown_by="formula",
    )
