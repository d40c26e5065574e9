"""The floor: a warm fork, the submission and its calls, and nothing else.  Prints submissions per second."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from autograder.evaluate import resolve
from autograder.paper import make_paper
from autograder.rooms import load_room
from tests.bench.small import ROOM, SOLUTION


def main() -> None:
    """Fork once per submission and run the room's calls in the child."""
    root, students = Path(sys.argv[1]), int(sys.argv[2])
    room = load_room(root, ROOM, hidden=True)
    paper = make_paper(room.exercise, room.secrets, 0)
    calls = [call for part in paper.parts for asked in part.asked for call in asked.calls]
    started = time.perf_counter()
    for _ in range(students):
        pid = os.fork()
        if pid == 0:
            space: dict[str, object] = {}
            exec(compile(SOLUTION, "submission", "exec"), space)
            for call in calls:
                space[call.function](*[resolve(a, {}) for a in call.args])  # type: ignore[operator]  # functions
            os._exit(0)
        os.waitpid(pid, 0)
    print(students / (time.perf_counter() - started))


if __name__ == "__main__":
    main()
