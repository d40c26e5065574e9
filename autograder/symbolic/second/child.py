"""Run as a program by :class:`autograder.symbolic.second.client.SecondJudge`: judges every statement in a child."""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from functools import lru_cache

from autograder.supervise import Heard, fork, supervise
from autograder.symbolic.language.question import Question
from autograder.symbolic.limited import question_of
from autograder.symbolic.second.client import CPU_SECONDS, MEMORY_BYTES, STOPPED, WALL_SECONDS
from autograder.symbolic.second.judge import judge
from autograder.symbolic.second.statement import Statement, statement_of


@lru_cache(maxsize=256)
def _question(written: str) -> Question:
    question = question_of(json.loads(written))
    judge(question, Statement(0, question.truth, True, index=question.index))  # before the fork: it is kept
    return question


def main() -> None:
    """Answer every line of standard input with one line."""
    for line in sys.stdin:
        job = json.loads(line)
        question = _question(json.dumps(job["question"]))
        print(_apart(question, statement_of(job["statement"])), flush=True)


def _apart(question: Question, statement: Statement) -> str:
    said = bytearray()

    def hear(data: bytes) -> Heard:
        said.extend(data)
        return "part"

    def work(answer: int) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.write(answer, json.dumps(asdict(judge(question, statement))).encode())

    supervise(fork(work, group=True), hear, first=WALL_SECONDS)
    return said.decode() or json.dumps(asdict(STOPPED))


if __name__ == "__main__":
    main()
