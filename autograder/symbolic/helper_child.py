"""The other side of :mod:`autograder.symbolic.helper`: answer lines, each worked out in a forked child with limits."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable
from typing import Any

from autograder.supervise import Heard, fork, supervise


def answer_lines(answer: Callable[[Any], Any]) -> None:
    """Answer every line of standard input, a JSON value, with one line."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


def worked_apart(
    work: Callable[[Callable[[Any], None]], None], *, cpu: tuple[int, int], memory: int, wall: float
) -> Any:
    """Return what work in a child said last, None if it said nothing before a limit.

    Parameters
    ----------
    work : callable
        Is given the function by which it says a JSON value.
    cpu : (int, int)
        Seconds of processor time: soft and hard limit.
    memory : int
        Bytes of address space.
    wall : float
        Seconds by the clock.
    """
    said = bytearray()

    def hear(data: bytes) -> Heard:
        said.extend(data)
        return "part"

    def limited(writer: int) -> None:
        resource.setrlimit(resource.RLIMIT_CPU, cpu)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        def say(value: Any) -> None:
            view = memoryview(json.dumps(value).encode() + b"\n")
            while view:
                view = view[os.write(writer, view) :]

        work(say)

    supervise(fork(limited, group=True), hear, first=wall)
    lines = said.split(b"\n")[:-1]
    return json.loads(lines[-1]) if lines else None
