"""Tries attacks on one grader and prints what came of each as JSON; runs as a program so that it can run as any user.

``python -m tests.attacks.driver CONFIGURATION``, with the configuration as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any

import numpy as np

from autograder.grading.grader import Grader, Settings
from autograder.intake import limited
from autograder.intake.loading import read_document
from autograder.intake.source import Rejected
from autograder.model import Limits
from autograder.sandbox import kernel
from autograder.sandbox.client import TOTAL_FACTOR, WALL_FACTOR, Sandbox
from autograder.sandbox.executor import ENDLESS, BatchHandle, ChildResult, GraderError, Handover, Patience
from autograder.sandbox.launch import ServerSettings
from tests.attacks import guard
from tests.attacks.all import ATTACKS
from tests.attacks.corpus import FULL, HONEST, Attack
from tests.attacks.spying import BETWEEN, LOOK

NAMESPACES = (
    "user_namespace",
    "network_namespace",
    "ipc_namespace",
    "mount_namespace",
    "uts_namespace",
    "pid_namespace",
)
PR_SET_CHILD_SUBREAPER = 36
KEPT = 1 << 16


@dataclass(frozen=True)
class Plan:
    """Which attacks one process makes: every ``step``-th from ``first`` on, slow ones or not."""

    namespaces: bool = True
    workers: int = 1
    slow: bool = True
    first: int = 0
    step: int = 1


@dataclass(frozen=True)
class Result:
    """What came of one attack.

    ``gained`` are points beyond those that the submission deserves; ``lost`` is what the honest one after it misses;
    ``learned`` is how many numbers of hidden calls occur in what the student may read; ``carried`` is whether a
    neighbour finds its descriptors in another state than alone.
    """

    kind: str
    name: str
    status: str
    expected: bool
    gained: float
    read: bool
    learned: int
    carried: bool
    touched: tuple[str, ...]
    left: int
    lost: float
    late: float
    seconds: float


class Recorder:
    """A sandbox that keeps what children sent and printed, and how late the last of them ended."""

    def __init__(self, namespaces: bool) -> None:
        without = frozenset() if namespaces else frozenset(NAMESPACES)
        self.box = Sandbox(settings=ServerSettings(without=without), keep_output=KEPT)
        self.said: list[bytes] = []
        self.late = 0.0

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.box.close()

    def execute(
        self,
        job: bytes,
        batch: BatchHandle,
        limits: Limits,
        handover: Handover | None = None,
        patience: Patience = ENDLESS,
    ) -> ChildResult:
        """Run a job, and remember."""
        started = time.monotonic()
        result = self.box.execute(job, batch, limits, handover, patience)
        took = time.monotonic() - started
        self.said += [bytes(frame[:KEPT]) for frame in result.frames[:1000]]
        self.said.append(bytes(result.output))
        wall = limits.cpu_seconds * WALL_FACTOR
        allowed = min(wall * TOTAL_FACTOR, wall * (len(result.frames) + 1))
        self.late = max(self.late, took - allowed)
        return result

    def servers(self) -> set[int]:
        """Process ids of the fork servers."""
        return {server.process.pid for server in self.box._servers.values()}


class Trial:
    """One grader, one stage, one attack after the other."""

    def __init__(self, made: guard.Stage, recorder: Recorder, grader: Grader) -> None:
        self._stage = made
        self._recorder = recorder
        self._grader = grader
        self._hidden: set[str] = set()
        self._alone = ""

    def warm(self) -> float:
        """Grade an honest submission, so that everything is loaded; return its points."""
        points = self._grade((HONEST,))[1]
        questions = self._grader._printed("target", 0).questions
        hidden = [one for part in questions.parts for one in part.asked if one.visibility == "hidden"]
        calls = [call for one in hidden for call in one.calls]
        self._hidden = {repr(x) for call in calls for x in _floats(call.args)}
        self._alone = self._look()
        guard.settle(self._stage)
        return points

    def _look(self) -> str:
        """Return what a neighbour that tells the state of its descriptors is shown."""
        return self._grade((LOOK,))[3]

    def make(self, attack: Attack) -> Result:
        """Make one attack and look at what it left."""
        self._recorder.said.clear()
        self._recorder.late = 0.0
        server = min(self._recorder.servers(), default=0)
        cells = tuple(self._stage.aim(cell, server, os.getppid()) for cell in attack.cells)
        started = time.monotonic()
        status, points, shown, visible = self._grade(cells, attack.part)
        seconds = time.monotonic() - started
        secret = self._stage.secret.encode()
        read = any(secret in said for said in (*self._recorder.said, shown))
        late = self._recorder.late
        left = len(guard.descendants(os.getpid()) - self._known())
        touched = tuple(self._stage.touched())
        carried = attack.kind == BETWEEN and self._look() != self._alone
        learned = sum(number in visible for number in self._hidden)
        lost = FULL - self._grade((HONEST,))[1]
        return Result(
            attack.kind, attack.name, status, status in attack.statuses, points - attack.earns, read, learned, carried,
            touched, left, lost, late, seconds,
        )  # fmt: skip

    def _known(self) -> set[int]:
        helper = self._grader._decider._helper
        readers = {server.process.pid for server in limited._box(os.getpid(), limited._READERS)._servers.values()}
        return self._recorder.servers() | readers | ({helper.pid} if helper is not None else set())

    def _grade(self, cells: tuple[str, ...], part: str = "mean_square") -> tuple[str, float, bytes, str]:
        """Grade a submission; return the part's status, the points, all that is kept, and what is public of it."""
        if len(cells) == 1:
            data, suffix = cells[0].encode(), ".py"
        else:
            listed = [{"cell_type": "code", "source": cell, "metadata": {}} for cell in cells]
            data, suffix = json.dumps({"nbformat": 4, "cells": listed}).encode(), ".ipynb"
        try:
            document = read_document(data, "target", suffix)
            report = self._grader.report("target", document.source, 0)
        except Rejected as error:
            return "rejected", 0.0, str(error).encode(), str(error)
        except GraderError as error:
            return f"grader_error: {error}", 0.0, b"", ""
        status = next(one.status for one in report.parts if one.name == part)
        told = [one.message for one in report.parts]
        told += [o.message for one in report.parts for o in one.outcomes if o.visibility == "public"]
        kept = repr(report.parts).encode("utf-8", "surrogatepass")
        return status, report.score, kept, "\n".join(text for text in told if text)


def _floats(value: Any) -> Iterator[float]:
    """Yield the broken numbers in the arguments of a call."""
    if isinstance(value, np.ndarray):
        yield from (x for x in value.ravel().tolist() if type(x) is float and x % 1)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _floats(item)
    elif type(value) is float and value % 1:
        yield value


def chosen(plan: Plan) -> list[Attack]:
    """Return the attacks of a plan."""
    return [attack for attack in ATTACKS[plan.first :: plan.step] if plan.slow or not attack.slow]


def try_all(plan: Plan) -> dict[str, Any]:
    """Make the attacks of a plan in this process."""
    kernel.prctl(PR_SET_CHILD_SUBREAPER, 1)  # whatever escapes comes to us
    with (
        guard.stage() as made,
        Recorder(plan.namespaces) as recorder,
        Grader(Settings(made.course), executor=recorder) as grader,
    ):
        trial = Trial(made, recorder, grader)
        if trial.warm() != FULL:
            raise SystemExit("an honest submission does not get full marks before any attack")
        memory = guard.peak_memory()
        results = [asdict(trial.make(attack)) for attack in chosen(plan)]
        layers = {layer.name: layer.state for layer in recorder.box.layers}
    return {"layers": layers, "results": results, "memory": [memory, guard.peak_memory()]}


def main() -> None:
    """Make all attacks of a configuration, by as many processes as it says, and print the results as JSON."""
    plan = Plan(**json.loads(sys.argv[1]))
    if plan.workers == 1:
        print(json.dumps(try_all(plan)))
        return
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.driver", json.dumps(asdict(part))], stdout=subprocess.PIPE, text=True
        )
        for part in (
            Plan(plan.namespaces, 1, plan.slow, plan.first + k * plan.step, plan.step * plan.workers)
            for k in range(plan.workers)
        )
    ]
    told = [json.loads(process.communicate()[0]) for process in started]
    merged = {
        "layers": told[0]["layers"],
        "results": [],
        "memory": [max(one) for one in zip(*(t["memory"] for t in told), strict=True)],
    }
    for one in told:
        merged["results"] += one["results"]
    print(json.dumps(merged))


if __name__ == "__main__":
    main()
