"""Hostile and careless texts: nothing runs, nothing hangs, and every refusal says why.

Work is counted in operations, never in seconds, so the cost is bounded on every machine alike; the benchmark prints the
processor times.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from autograder.symbolic import check_published, grade, grade_chain, publish
from autograder.symbolic.deciding.trial import DECIDING, EXPLAINING, PROVING

from .hostile import DERIVATIONS, TEXTS
from .questions import QUESTIONS

SOFTMAX = QUESTIONS["E12.6"]

OVERDRAFT = 50_000
"""What the last operations may cost beyond what is left."""


@pytest.fixture(scope="module", autouse=True)
def high_precision() -> None:
    """Load mpmath, so that what a text loads can be seen, and what Python 3.13 loads to seed with a text."""
    random.Random("a text")
    assert grade(SOFTMAX, "p - y").status == "wrong"


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_gets_its_verdict_and_a_reason(name: str, tmp_path: Path) -> None:
    number, text, status, said = TEXTS[name]
    mark = tmp_path / "mark"
    modules = set(sys.modules)
    verdict = grade(QUESTIONS[number], text.replace("{mark}", str(mark)))
    assert verdict.status == status, verdict.message
    assert said in verdict.message
    assert len(verdict.message) > 25
    assert len(verdict.message) < 400
    assert verdict.message.isascii() or not text.isascii()
    assert (verdict.unreadable is not None) == (status == "unreadable")
    assert not mark.exists()
    assert set(sys.modules) - {"_pylong"} == modules - {"_pylong"}  # Python 3.12 divides large integers with it


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_costs_more_work_than_an_answer_may(name: str) -> None:
    number, text, *_ = TEXTS[name]
    assert grade(QUESTIONS[number], text).work <= DECIDING + EXPLAINING + PROVING + OVERDRAFT


def test_work_is_the_same_whatever_was_graded_before() -> None:
    from autograder.symbolic.deciding.prepared import prepare

    texts = [text for number, text, *_ in TEXTS.values() if number == "E12.6"]
    prepare.cache_clear()
    first = [grade(SOFTMAX, text).work for text in texts]
    assert [grade(SOFTMAX, text).work for text in reversed(texts)] == first[::-1]


@pytest.mark.core_sample(79)
@pytest.mark.parametrize("name", [name for name, row in TEXTS.items() if row[0] == "E12.6"])
def test_a_derivation_with_such_a_line_is_graded_all_the_same(name: str) -> None:
    text = TEXTS[name][1].replace("\n", " ").replace("\r", " ")
    chain = grade_chain(SOFTMAX, [text, SOFTMAX.truth])
    assert chain.final.status == "correct"


@pytest.mark.parametrize("name", DERIVATIONS)
def test_costly_derivations_end_and_score(name: str) -> None:
    number, lines = DERIVATIONS[name]
    question = QUESTIONS[number]
    chain = grade_chain(question, [*lines, question.truth])
    assert chain.final.status == "correct"
    assert len(chain.lines) <= len(lines) + 1


def test_lines_beyond_the_work_of_a_derivation_are_not_called_wrong() -> None:
    number, text, *_ = TEXTS["many absolute values"]
    question = QUESTIONS[number]
    chain = grade_chain(question, [text] * 6 + [question.truth])
    assert {line.status for line in chain.lines} <= {"undecided", "other", "ok"}
    assert chain.first_wrong is None
    assert chain.status == "correct"


@pytest.mark.core_sample(97)
@pytest.mark.parametrize("name", TEXTS)
def test_the_public_check_bears_them_too(name: str) -> None:
    number, text, *_ = TEXTS[name]
    seen = check_published(publish(QUESTIONS[number]), text)
    assert seen.status in ("agrees", "differs", "unreadable")
    assert len(seen.message) > 20


def test_columns_point_at_the_place() -> None:
    verdict = grade(SOFTMAX, "p * (p - yy)")
    assert verdict.unreadable is not None
    assert verdict.unreadable.column == 10
    verdict = grade(SOFTMAX, "p^2 - yy")
    assert verdict.unreadable is not None
    assert verdict.unreadable.column == 7


def test_reading_and_grading_leave_numpy_and_sympy_alone() -> None:
    import subprocess

    code = (
        "import sys\n"
        "from autograder.symbolic import Question, Symbol, grade\n"
        "assert not {'numpy', 'sympy', 'mpmath'} & set(sys.modules)\n"
        "q = Question('q', '2*(a-m)', (Symbol('a'), Symbol('m')))\n"
        "assert grade(q, '2*a-2*m').status == 'correct'\n"
        "assert grade(q, 'a-m').status == 'wrong'\n"
        "assert not {'numpy', 'sympy'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
