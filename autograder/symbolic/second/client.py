"""Asks the second judge in a process apart; nothing here imports SymPy."""

from __future__ import annotations

import json
from dataclasses import asdict

from autograder.symbolic.helper import Helper
from autograder.symbolic.language.question import Question
from autograder.symbolic.second.statement import Opinion, Statement

CPU_SECONDS = 30
MEMORY_BYTES = 2 << 30
WALL_SECONDS = 90
"""Of one statement; far beyond what the budget of work allows, so that only a fault of SymPy meets them."""

STOPPED = Opinion("undecided", "SymPy ran into the limits of its process")


class SecondJudge(Helper):
    """Judges statements in a helper process; use it as a context manager.  The helper starts with the first one."""

    def __init__(self) -> None:
        super().__init__(f"{__package__}.child", 2 * WALL_SECONDS)

    def opinion(self, question: Question, statement: Statement) -> Opinion:
        """Return SymPy's opinion of one statement; undecided where its process ends without one."""
        line = self.exchange(json.dumps({"question": asdict(question), "statement": asdict(statement)}).encode())
        try:
            if line is not None:
                data = json.loads(line)
                return Opinion(data["answer"], str(data["reason"]))
        except (ValueError, KeyError, TypeError):
            pass  # half an answer, from a process that ended
        self.close()
        return STOPPED
