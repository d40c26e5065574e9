"""Run as a program by :mod:`autograder.symbolic.limited`: grades every answer in a forked child with limits."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import sys
import time
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from .chain import ChainVerdict, grade_chain
from .grading import Verdict, grade
from .limited import CPU_SECONDS, MEMORY_BYTES, SILENT, WALL_SECONDS, Decided, question_of
from .prepared import prepare
from .question import Question
from .reading import split_steps


@lru_cache(maxsize=256)
def _question(written: str) -> Question:
    question = question_of(json.loads(written))
    prepare(question)  # before the fork, so that every child finds it done
    return question


def main() -> None:
    """Answer every line of standard input with one line."""
    for line in sys.stdin:
        job = json.loads(line)
        question = _question(json.dumps(job["question"]))
        print(json.dumps(_apart(question, job["text"])), flush=True)


def _apart(question: Question, text: str) -> dict[str, Any]:
    """Grade in a child; what it says first is the verdict, what it says then is the verdict on its steps too."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _child(question, text, writer)
    os.close(writer)
    lines = _listen(reader)
    os.close(reader)
    with contextlib.suppress(ProcessLookupError):  # it may have ended, and taken its group with it
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return json.loads(lines[-1]) if lines else asdict(SILENT)


def _listen(reader: int) -> list[bytes]:
    received, until = b"", time.monotonic() + WALL_SECONDS
    while select.select([reader], [], [], max(until - time.monotonic(), 0.0))[0]:
        chunk = os.read(reader, 1 << 16)
        if not chunk:
            break
        received += chunk
    return received.split(b"\n")[:-1]


def _child(question: Question, text: str, writer: int) -> None:
    code = 1
    try:
        os.setsid()
        # the hard limit is left for SymPy's own child, which sets a limit of its own
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, 2 * CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        verdict = grade(question, text)
        _say(writer, _crossing(verdict))
        if len(split_steps(text)) > 1:
            _say(writer, _crossing(verdict, grade_chain(question, text)))
        code = 0
    finally:
        os._exit(code)


def _say(writer: int, decided: Decided) -> None:
    view = memoryview(json.dumps(asdict(decided)).encode() + b"\n")
    while view:
        view = view[os.write(writer, view) :]


def _crossing(verdict: Verdict, chain: ChainVerdict | None = None) -> Decided:
    return Decided(
        verdict.status,
        verdict.proof if verdict.status == "correct" else None,
        verdict.plain,
        verdict.latex,
        " ".join([verdict.message, *(_steps(chain) if chain is not None else ())]),
        verdict.witness.text if verdict.witness is not None else None,
        tuple(one.id for one in verdict.misconceptions),
        tuple(one.title for one in verdict.misconceptions),
        tuple(one.hint for one in verdict.misconceptions),
    )


def _steps(chain: ChainVerdict) -> list[str]:
    said = []
    for number, line in enumerate(chain.lines[:-1], 1):
        if line.status not in ("ok", "start"):
            said.append(f"Step {number}, {line.plain or line.text[:60]}: {line.message}")
    if said and chain.lines[-1].status in ("follows", "returns"):
        said.append(f"Last step: {chain.lines[-1].message}")
    said += [f"A step should show {form.title}." for form in chain.missing_forms]
    return said


if __name__ == "__main__":
    main()
