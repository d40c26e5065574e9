"""Asks the second judge in a process apart; nothing here imports SymPy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from autograder.symbolic.helper import Helper
from autograder.symbolic.language.question import Question
from autograder.symbolic.second.statement import Opinion, Statement

CPU_SECONDS = 30
MEMORY_BYTES = 2 << 30
WALL_SECONDS = 90
"""Of one statement; far beyond what the budget of work allows, so that only a fault of SymPy meets them."""

TOGETHER = 20
"""Statements on one question that one process judges, so that they share what it costs to start."""

STOPPED = Opinion("undecided", "SymPy ran into the limits of its process")


class SecondJudge(Helper):
    """Judges statements in a helper process; use it as a context manager.  The helper starts with the first one."""

    def __init__(self) -> None:
        super().__init__(f"{__package__}.child", 2 * WALL_SECONDS * TOGETHER)

    def opinions(self, question: Question, statements: Sequence[Statement]) -> list[Opinion]:
        """Return SymPy's opinion of each statement on a question; undecided where its process ends without one."""
        job = {"question": asdict(question), "statements": [asdict(one) for one in statements]}
        line = self.exchange(json.dumps(job).encode())
        try:
            if line is not None:
                return [Opinion(one["answer"], str(one["reason"])) for one in json.loads(line)]
        except (ValueError, KeyError, TypeError):
            pass  # half an answer, from a process that ended
        self.close()
        if len(statements) == 1:
            return [STOPPED]
        return [opinion for one in statements for opinion in self.opinions(question, [one])]
