"""Run as a program by :mod:`autograder.symbolic.limited`: grades every answer in a forked child with limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from autograder.symbolic.deciding.prepared import prepare
from autograder.symbolic.explaining.chain import ChainVerdict, judge_chain, remarks
from autograder.symbolic.explaining.derivation import WrittenDerivation
from autograder.symbolic.explaining.feedback import RecognisedMistake
from autograder.symbolic.explaining.grading import FormulaVerdict, grade, grade_reading
from autograder.symbolic.explaining.statements import claims
from autograder.symbolic.helper_child import answer_lines, worked_apart
from autograder.symbolic.language.question import Question
from autograder.symbolic.limited import CPU_SECONDS, MEMORY_BYTES, SILENT, WALL_SECONDS, Decided, question_of


@lru_cache(maxsize=256)
def _question(written: str) -> Question:
    question = question_of(json.loads(written))
    # before the fork, so that every child finds points, values and known mistakes worked out
    for text in (question.truth, f"7/3*({question.truth}) + 1/7"):
        grade(question, text)
    return question


def main() -> None:
    """Answer every line of standard input with one line."""
    answer_lines(lambda job: _apart(_question(json.dumps(job["question"])), job["text"]))


def _apart(question: Question, text: str) -> dict[str, Any]:
    """Grade in a child; what it says first is the verdict, what it says then is the verdict on its steps too."""

    def work(say: Callable[[Any], None]) -> None:
        chain = WrittenDerivation(question, text)
        verdict = grade_reading(prepare(question), chain.final)
        said = _crossing(question, verdict)
        say(asdict(replace(said, statements=claims(chain, verdict))))
        if chain.several:
            said = _crossing(question, verdict, judge_chain(chain, verdict))
            say(asdict(replace(said, statements=claims(chain, verdict))))

    # the hard limit is left for SymPy's own child, which sets a limit of its own
    cpu = (CPU_SECONDS, 2 * CPU_SECONDS)
    return worked_apart(work, cpu=cpu, memory=MEMORY_BYTES, wall=WALL_SECONDS) or asdict(SILENT)


def _crossing(question: Question, verdict: FormulaVerdict, chain: ChainVerdict | None = None) -> Decided:
    known = list(_known(question, verdict, chain))
    return Decided(
        verdict.status,
        verdict.proof if verdict.status == "correct" else None,
        verdict.plain,
        verdict.latex,
        " ".join([verdict.brief or verdict.message, *(remarks(chain) if chain is not None else ())]),
        verdict.witness.text if verdict.witness is not None else None,
        tuple(one.id for one in known),
        tuple(one.title for one in known),
        tuple(one.hint for one in known),
    )


def _known(question: Question, verdict: FormulaVerdict, chain: ChainVerdict | None) -> Iterator[RecognisedMistake]:
    """Yield what is recognised in a wrong answer; it leaves the message, since feedback may hold it back."""
    if verdict.status != "wrong":
        return
    yield from verdict.misconceptions
    if verdict.factor:
        hint = f"Read the prefactor again{f' ({question.convention})' if question.convention else ''}."
        yield RecognisedMistake("factor", f"right up to the factor {verdict.factor}", hint)
    if verdict.only_when:
        yield RecognisedMistake(
            "only", f"right only when {verdict.only_when}", "The answer must hold for all values and sizes."
        )
    if chain is not None and chain.wrong is not None:
        seen = {one.id for one in verdict.misconceptions}
        for one in chain.wrong.misconceptions:
            if one.id not in seen:
                yield RecognisedMistake(one.id, f"line {chain.wrong.number}: {one.title}", one.hint)


if __name__ == "__main__":
    main()
