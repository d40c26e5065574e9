"""Asks the second judge in a process apart; nothing here imports SymPy."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from dataclasses import asdict
from types import TracebackType

from autograder.symbolic.language.question import Question
from autograder.symbolic.second.statement import Opinion, Statement

CPU_SECONDS = 30
MEMORY_BYTES = 2 << 30
WALL_SECONDS = 90
"""Of one statement; far beyond what the budget of work allows, so that only a fault of SymPy meets them."""

STOPPED = Opinion("undecided", "SymPy ran into the limits of its process")


class SecondJudge:
    """Judges statements in a helper process; use it as a context manager.  The helper starts with the first one."""

    def __init__(self) -> None:
        self._helper: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SecondJudge:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the helper."""
        if self._helper is not None:
            self._helper.kill()
            self._helper.communicate()
            self._helper = None

    def opinion(self, question: Question, statement: Statement) -> Opinion:
        """Return SymPy's opinion of one statement; undecided where its process ends without one."""
        job = json.dumps({"question": asdict(question), "statement": asdict(statement)}).encode() + b"\n"
        if self._helper is None:
            self._helper = _start()
        assert self._helper.stdin is not None  # both are pipes
        assert self._helper.stdout is not None
        try:
            self._helper.stdin.write(job)
            self._helper.stdin.flush()
            ready = select.select([self._helper.stdout], [], [], 2 * WALL_SECONDS)[0]
            data = json.loads(self._helper.stdout.readline()) if ready else None
            return Opinion(data["answer"], str(data["reason"])) if data else self._lost()
        except (OSError, ValueError, KeyError, TypeError):
            return self._lost()

    def _lost(self) -> Opinion:
        self.close()
        return STOPPED


def _start() -> subprocess.Popen[bytes]:
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    command = [sys.executable, "-s", "-m", f"{__package__}.child"]
    env = {"PYTHONPATH": package, "PYTHONHASHSEED": "0"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=package, env=env, start_new_session=True)
