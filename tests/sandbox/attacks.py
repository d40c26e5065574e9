"""What a hostile submission may try, and a driver that tries all of it on one sandbox and prints what came of it.

Run as a program so that it can run as another user or in other namespaces:  ``attacks.py WITHOUT FAST``.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[2]
sys.path.insert(0, str(ROOT))

from autograder.model import Call, Limits, Value  # noqa: E402 - as above
from autograder.sandbox.client import Sandbox  # noqa: E402 - the path has to be set first: this is also a program
from autograder.sandbox.executor import BatchHandle, ChildResult  # noqa: E402 - as above
from autograder.sandbox.frames import Answer, decode_frame  # noqa: E402 - as above
from autograder.sandbox.launch import ServerSettings  # noqa: E402 - as above
from autograder.sandbox.source import Cell, Source  # noqa: E402 - as above
from autograder.sandbox.wire import Batch, Job, Segment, encode_batch, encode_job  # noqa: E402 - as above
from tests.attacks.walls import WALLS as ATTACKS  # noqa: E402 - as above
from tests.attacks.walls import Wall as Attack  # noqa: E402 - as above

NAMESPACES = (
    "user_namespace",
    "network_namespace",
    "ipc_namespace",
    "mount_namespace",
    "uts_namespace",
    "pid_namespace",
)
QUICK = Limits(0.25, 256 << 20)

HONEST = "import numpy as np\ndef f():\n    return float(np.mean(np.arange(5.0) ** 2))\n"


@dataclass(frozen=True)
class Result:
    """How an attack ended, what came of it, and what was left afterwards."""

    ending: str
    value: Value
    detail: str
    honest_after: bool
    same_server: bool
    no_process_left: bool


def batch_of_one_call() -> BatchHandle:
    """The batch whose only call is ``f()``."""
    segment = Segment("f", QUICK, False, (Call("f"),))
    return BatchHandle(encode_batch(Batch("attack", (segment,))))


def run(box: Sandbox, batch: BatchHandle, text: str, limits: Limits = QUICK) -> ChildResult:
    """Run a source whose only call is ``f()``."""
    return box.execute(encode_job(Job(Source("attack.py", (Cell("all", text),)), ((0, 0, 1),))), batch, limits)


def read(result: ChildResult) -> tuple[str, Value, str]:
    """Return how the call ended, what it returned and the text of its error."""
    if result.ending in ("done", "timeout", "crash", "memory", "output_limit"):
        answers = [message for frame in result.frames if isinstance(message := decode_frame(frame), Answer)]
        if answers:
            seen = answers[0].observation
            return seen.ending, seen.value, f"{seen.error}: {seen.message}"
    return result.ending, None, result.detail


def server_pid(box: Sandbox) -> int:
    """The process id of the sandbox's only server."""
    (server,) = box._servers.values()
    return server.process.pid


def children(pid: int) -> str:
    """The process ids of a process's children."""
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().strip()


def carry_out(box: Sandbox, batch: BatchHandle, attack: Attack, port: int) -> Result:
    """Run one attack and look at the state afterwards."""
    before = server_pid(box)
    body = attack.body.format(root=ROOT, server=before, grader=os.getpid(), port=port, token=os.getpid())
    ending, value, detail = read(run(box, batch, f"def f():\n    {body}\n"))
    honest = read(run(box, batch, HONEST))[:2] == ("value", 6.0)
    return Result(ending, value, detail[:200], honest, server_pid(box) == before, children(before) == "")


def main(without: str, fast: str) -> None:
    """Try everything and print the layers and the results as JSON."""
    settings = ServerSettings(without=frozenset(filter(None, without.split(","))))
    results = {}
    with (
        Sandbox(settings=settings) as box,
        batch_of_one_call() as batch,
        socket.create_server(("127.0.0.1", 0)) as listen,
    ):
        layers = {layer.name: layer.state for layer in box.layers}
        for attack in ATTACKS:
            if not (attack.slow and fast == "fast"):
                started = time.monotonic()
                results[attack.name] = asdict(carry_out(box, batch, attack, listen.getsockname()[1]))
                print(f"{time.monotonic() - started:.3f} s {attack.name}", file=sys.stderr)
    print(json.dumps({"layers": layers, "results": results}))


if __name__ == "__main__":
    main(*sys.argv[1:])
