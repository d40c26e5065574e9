"""Run as a program by :mod:`autograder.symbolic.limited`: grades every answer in a forked child with limits."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import lru_cache
from typing import Any

from autograder.supervise import Heard, fork, supervise
from autograder.symbolic.deciding.prepared import prepare
from autograder.symbolic.explaining.chain import ChainVerdict, judge_chain, remarks
from autograder.symbolic.explaining.derivation import WrittenDerivation
from autograder.symbolic.explaining.feedback import Recognised
from autograder.symbolic.explaining.grading import Verdict, grade, grade_reading
from autograder.symbolic.explaining.statements import claims
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
    for line in sys.stdin:
        job = json.loads(line)
        question = _question(json.dumps(job["question"]))
        print(json.dumps(_apart(question, job["text"])), flush=True)


def _apart(question: Question, text: str) -> dict[str, Any]:
    """Grade in a child; what it says first is the verdict, what it says then is the verdict on its steps too."""
    said = bytearray()

    def hear(data: bytes) -> Heard:
        said.extend(data)
        return "part"

    def work(answer: int) -> None:
        # the hard limit is left for SymPy's own child, which sets a limit of its own
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, 2 * CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        chain = WrittenDerivation(question, text)
        verdict = grade_reading(prepare(question), chain.final)
        said = _crossing(question, verdict)
        _say(answer, replace(said, statements=claims(chain, verdict)))
        if chain.several:
            said = _crossing(question, verdict, judge_chain(chain, verdict))
            _say(answer, replace(said, statements=claims(chain, verdict)))

    supervise(fork(work, group=True), hear, first=WALL_SECONDS)
    lines = said.split(b"\n")[:-1]
    return json.loads(lines[-1]) if lines else asdict(SILENT)


def _say(writer: int, decided: Decided) -> None:
    view = memoryview(json.dumps(asdict(decided)).encode() + b"\n")
    while view:
        view = view[os.write(writer, view) :]


def _crossing(question: Question, verdict: Verdict, chain: ChainVerdict | None = None) -> Decided:
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


def _known(question: Question, verdict: Verdict, chain: ChainVerdict | None) -> Iterator[Recognised]:
    """Yield what is recognised in a wrong answer; it leaves the message, since feedback may hold it back."""
    if verdict.status != "wrong":
        return
    yield from verdict.misconceptions
    if verdict.factor:
        hint = f"Read the prefactor again{f' ({question.convention})' if question.convention else ''}."
        yield Recognised("factor", f"right up to the factor {verdict.factor}", hint)
    if verdict.only_when:
        yield Recognised(
            "only", f"right only when {verdict.only_when}", "The answer must hold for all values and sizes."
        )
    if chain is not None and chain.wrong is not None:
        seen = {one.id for one in verdict.misconceptions}
        for one in chain.wrong.misconceptions:
            if one.id not in seen:
                yield Recognised(one.id, f"line {chain.wrong.number}: {one.title}", one.hint)


if __name__ == "__main__":
    main()
