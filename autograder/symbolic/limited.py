"""Grading answers in a process apart: one warm helper, and in it a forked child with limits for every answer.

An answer is never evaluated as Python, so the child needs no sandbox; the limits keep a costly answer from holding the
grader up.  Questions and verdicts cross as JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import lru_cache
from typing import Any, Literal

from autograder.plain import dataclass
from autograder.symbolic.helper import Helper
from autograder.symbolic.language.question import MisconceptionForm, Question, RequiredForm, Symbol
from autograder.symbolic.second.statement import Statement, statement_of

AnswerStatus = Literal["correct", "wrong", "undecided", "unreadable"]

CPU_SECONDS = 2
MEMORY_BYTES = 1 << 30
WALL_SECONDS = 20
"""Of one answer; the helper ends the child then, and the grader the helper twice as late."""

MAX_CHARACTERS = 40_000
"""What is handed over of an answer; it holds more lines than a derivation may have."""

MAX_REMEMBERED = 4096
"""Verdicts; one that is older is found again."""


@dataclass(frozen=True)
class Decided:
    """The verdict on an answer, as it crosses the border.

    ``witness`` is for instructors; ``message``, ``plain``, ``latex``, ``misconceptions`` (titles) and ``hints`` are for
    the student; ``statements`` are for the second judge.
    """

    status: AnswerStatus
    proof: str | None = None
    plain: str = ""
    latex: str = ""
    message: str = ""
    witness: str | None = None
    ids: tuple[str, ...] = ()
    misconceptions: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()


SILENT = Decided("undecided", message="This cannot be decided within the limits of an answer; a person looks at it.")


class Decider(Helper):
    """Grades answers in a helper process; use it as a context manager.  The helper starts with the first answer.

    Verdicts are remembered, as many students of a class write the same; one that ran into a limit is not.
    """

    def __init__(self) -> None:
        super().__init__(f"{__package__}.limited_child", 2 * WALL_SECONDS)
        self._remembered: dict[tuple[Question, str], Decided] = {}

    def decide(self, question: Question, text: str) -> Decided:
        """Grade one answer; of several lines the last one scores and the others are told apart in the message.

        Parameters
        ----------
        question : Question
            With its truth.
        text : str
            What a student wrote.

        Returns
        -------
        Decided
            ``undecided`` where the child ran into a limit or died.
        """
        text = text[:MAX_CHARACTERS]
        decided = self._remembered.get((question, text))
        if decided is None:
            decided = self._decide(question, text)
            if decided != SILENT:
                self._remembered[question, text] = decided
            if len(self._remembered) > MAX_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
        return decided

    def _decide(self, question: Question, text: str) -> Decided:
        job = json.dumps({"question": _data(question), "text": text}).encode()
        for _ in range(2):  # one whose helper died between two answers is asked once more
            line = self.exchange(job)
            if line is not None:
                return _decided(line)
            self.close()
        return SILENT


def _decided(line: bytes) -> Decided:
    try:
        data = json.loads(line)
        status, proof, witness = data["status"], data["proof"], data["witness"]
        plain, latex, message = (str(data[key]) for key in ("plain", "latex", "message"))
        ids, titles, hints = (tuple(str(item) for item in data[key]) for key in ("ids", "misconceptions", "hints"))
        statements = tuple(map(statement_of, data["statements"]))
    except (ValueError, TypeError, KeyError):
        return SILENT
    if status not in ("correct", "wrong", "undecided", "unreadable"):
        return SILENT
    known = [None if text is None else str(text) for text in (proof, witness)]
    return Decided(status, known[0], plain, latex, message, known[1], ids, titles, hints, statements)


@lru_cache(maxsize=256)
def _data(question: Question) -> dict[str, Any]:
    return asdict(question)


def question_of(data: dict[str, Any]) -> Question:
    """Return the question that crossed as JSON."""
    fields = {key: _tuples(value) for key, value in data.items()}
    fields["symbols"] = tuple(Symbol(**_entry(one)) for one in data["symbols"])
    fields["hidden"] = tuple(Symbol(**_entry(one)) for one in data["hidden"])
    fields["misconceptions"] = tuple(MisconceptionForm(**one) for one in data["misconceptions"])
    fields["required_forms"] = tuple(RequiredForm(**_entry(one)) for one in data["required_forms"])
    return Question(**fields)


def _entry(data: dict[str, Any]) -> dict[str, Any]:
    return {key: _tuples(value) for key, value in data.items()}


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
