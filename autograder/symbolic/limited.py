"""Grading answers in a process apart: one warm helper, and in it a forked child with limits for every answer.

An answer is never evaluated as Python, so the child needs no sandbox; the limits keep a costly answer from holding the
grader up.  Questions and verdicts cross as JSON.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import lru_cache
from types import TracebackType
from typing import Any, Literal

from autograder.symbolic.language.question import MisconceptionForm, Question, RequiredForm, Symbol
from autograder.symbolic.second.statement import Statement, statement_of

Status = Literal["correct", "wrong", "undecided", "unreadable"]

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

    status: Status
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


class Decider:
    """Grades answers in a helper process; use it as a context manager.  The helper starts with the first answer.

    Verdicts are remembered, as many students of a class write the same; one that ran into a limit is not.
    """

    def __init__(self) -> None:
        self._helper: subprocess.Popen[bytes] | None = None
        self._remembered: dict[tuple[Question, str], Decided] = {}

    def __enter__(self) -> Decider:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the helper."""
        if self._helper is not None:
            self._helper.kill()
            self._helper.communicate()
            self._helper = None

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
        job = json.dumps({"question": _data(question), "text": text}).encode() + b"\n"
        for _ in range(2):  # a helper that died between two answers is no reason for a person to look
            line = self._exchange(job)
            if line is not None:
                return _decided(line)
            self.close()
        return SILENT

    def _exchange(self, job: bytes) -> bytes | None:
        if self._helper is None:
            self._helper = _start()
        assert self._helper.stdin is not None  # both are pipes
        assert self._helper.stdout is not None
        try:
            self._helper.stdin.write(job)
            self._helper.stdin.flush()
        except OSError:
            return None
        if not select.select([self._helper.stdout], [], [], 2 * WALL_SECONDS)[0]:
            return None
        return self._helper.stdout.readline() or None


def _start() -> subprocess.Popen[bytes]:
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    command = [sys.executable, "-s", "-m", f"{__package__}.limited_child"]
    env = {"PYTHONPATH": package, "PYTHONHASHSEED": "0"}
    pipe = subprocess.PIPE
    # a session of its own: an interrupt is for the grader, which then closes the helper's input
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=package, env=env, start_new_session=True)


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
