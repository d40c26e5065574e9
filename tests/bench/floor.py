"""The floor: a warm fork, the submission and its calls, and nothing else.  Prints submissions per second."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tests.bench.small import SOLUTION, asked


def main() -> None:
    """Fork once per submission and run the exercise's calls in the child."""
    root, students = Path(sys.argv[1]), int(sys.argv[2])
    calls = asked(root)
    started = time.perf_counter()
    for _ in range(students):
        pid = os.fork()
        if pid == 0:
            space: dict[str, object] = {}
            exec(compile(SOLUTION, "submission", "exec"), space)
            for function, args in calls:
                space[function](*args)  # type: ignore[operator]  # functions
            os._exit(0)
        os.waitpid(pid, 0)
    print(students / (time.perf_counter() - started))


if __name__ == "__main__":
    main()
