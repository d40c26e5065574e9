"""Run as a program by :class:`autograder.symbolic.second.client.SecondJudge`: judges statements in children."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from autograder.symbolic.helper_child import answer_lines, worked_apart
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
    answer_lines(_answered)


def _answered(job: dict[str, Any]) -> list[dict[str, Any]]:
    return _apart(_question(json.dumps(job["question"])), [statement_of(one) for one in job["statements"]])


def _apart(question: Question, statements: Sequence[Statement]) -> list[dict[str, Any]]:
    """Judge in a child; one that stops at its limits has judged some, and the next one begins where it stopped."""
    found: list[dict[str, Any]] = []
    cpu = (CPU_SECONDS, CPU_SECONDS)
    while len(found) < len(statements):

        def work(say: Callable[[Any], None], left: Sequence[Statement] = statements[len(found) :]) -> None:
            done = []
            for statement in left:
                done.append(asdict(judge(question, statement)))
                say(done)

        found += worked_apart(work, cpu=cpu, memory=MEMORY_BYTES, wall=WALL_SECONDS) or [asdict(STOPPED)]
    return found


if __name__ == "__main__":
    main()
