"""A student's own check: the same harness and the same rules, in a plain child process without isolation.

The code is the student's and so is the machine; what remains is the time limit.  Run as a module this is the child.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from autograder import supervise
from autograder.model import Limits
from autograder.sandbox import at_home, harness
from autograder.sandbox.batches import OpenBatch
from autograder.sandbox.executor import ChildEnding, ChildResult, Handover, Patience
from autograder.sandbox.frames import is_done, take_frames
from autograder.sandbox.framing import ProtocolError, frame_writer
from autograder.sandbox.runner import MAX_OUTPUT, Observations, observe_with
from autograder.sandbox.source import Source
from autograder.sandbox.threads import ONE_THREAD
from autograder.sandbox.wire import Batch, decode_job, encode_batch
from autograder.supervise import Child, Heard, processor_seconds

WALL_PER_CPU = 3.0
_START_SECONDS = 60.0


def observe_lone(
    source: Source, batch: Batch, *, files: Sequence[Path] = (), show_output: bool = False
) -> Observations:
    """Run all calls of a batch on a student's own code.

    Parameters
    ----------
    source, batch : Source, Batch
        The code and the calls.
    files : sequence of Path
        Data files, all in one folder, that the code finds in its working folder; it can read no others.
    show_output : bool
        Whether ``printed`` of the result holds the first 64 kB of what the code printed.

    Returns
    -------
    Observations
        As :func:`autograder.sandbox.runner.observe`; a call is stopped after three times its processor time, and no
        call is repeated.

    Raises
    ------
    GraderError
        If no child could be started.
    """
    # on the student's own machine nothing is kept from the code: whatever is asked here, its author can read
    batch = replace(batch, segments=tuple(replace(segment, hidden=False) for segment in batch.segments))
    data = encode_batch(batch)
    start = start_forked if can_fork() else start_fresh

    def run(job: bytes, limits: Limits, _: Handover | None, __: Patience) -> ChildResult:
        result = collect(
            start(job, data, tuple(map(str, files))), first=_START_SECONDS, between=WALL_PER_CPU * limits.cpu_seconds
        )
        return result if show_output else replace(result, output=b"")

    return observe_with(run, source, batch, repeat=False)


def can_fork() -> bool:
    """Whether a child may be forked, which saves the start of an interpreter and the import of NumPy.

    On macOS a fork after Accelerate was used is unsafe, Windows has none, and a process with several threads (a
    notebook kernel) may hold locks that its child never gets.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def start_fresh(job: bytes, batch: bytes, files: tuple[str, ...] = ()) -> Child:
    """Start a child in a new interpreter."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    # -P: a student's random.py next to the exercise must not replace Python's
    command = [sys.executable, "-P", "-m", __name__, *files]
    env = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0", **ONE_THREAD}
    return supervise.start(command, (len(job).to_bytes(8, "little") + job, batch), env)


def start_forked(job: bytes, batch: bytes, files: tuple[str, ...] = ()) -> Child:
    """Start a child as a copy of this process."""
    return supervise.fork(lambda answer: _do(job, batch, answer, files), print_to_pipe=True)


def _do(job: bytes, batch: bytes, answer: int, files: tuple[str, ...]) -> None:
    """Do a job in this process, whose standard outputs are the pipes of what it prints."""
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  it stays open as long as the process
    sys.stdout, sys.stderr = _printer(1), _printer(2)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this child
    if files:
        os.chdir(os.path.dirname(files[0]))
    at_home.refuse_what_grading_refuses(files)
    try:
        harness.serve(decode_job(job), OpenBatch.of(batch), frame_writer(answer))
    except Exception:  # a fault of ours or of checks.py: the parent quotes its last line
        traceback.print_exc()
        raise
    finally:
        with contextlib.suppress(BaseException):  # the student's code may have closed or replaced them
            sys.stdout.flush()


def _printer(fd: int) -> io.TextIOWrapper:
    return open(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


def collect(
    child: Child, *, first: float, between: float, cpu: float = math.inf, exited: ChildEnding = "crash"
) -> ChildResult:
    """Collect a child's frames until it is done or a limit ends it.

    Parameters
    ----------
    child : Child
        It is gone afterwards.
    first, between, cpu : float
        The limits of :func:`autograder.supervise.supervise`; a frame is a message.
    exited : str
        What an exit before the last frame is taken for.
    """
    received, printed = bytearray(), bytearray()
    frames: list[bytes] = []
    frame_cpu: list[float] = []
    used = 0.0
    broken = False

    def hear(data: bytes) -> Heard:
        nonlocal used, broken
        received.extend(data)
        before = len(frames)
        try:
            # until nothing is left that is whole: what comes behind the last frame may be the last that ever comes
            while complete := take_frames(received):
                frames.extend(complete)
                if is_done(frames[-1]):
                    break
        except ProtocolError:
            broken = True
        if len(frames) > before:
            seen, used = used, processor_seconds(child.pid) if cpu < math.inf else 0.0
            frame_cpu.extend([used - seen, *[0.0] * (len(frames) - before - 1)])
        if broken or (frames and is_done(frames[-1])):
            return "last"
        return "message" if len(frames) > before else "part"

    def keep(data: bytes) -> None:
        printed.extend(data[: MAX_OUTPUT - len(printed)])

    end = supervise.supervise(child, hear, first=first, between=between, cpu=cpu, keep=keep)
    ending: ChildEnding = exited if end.code >= 0 else "crash"
    if end.how != "closed":
        ending = "timeout" if end.how == "timeout" else "protocol" if broken else "done"
    detail = ending if frames else bytes(printed).strip().rpartition(b"\n")[2].decode("utf-8", "replace")[:300]
    return ChildResult(frames, ending, detail, end.cpu_seconds, frame_cpu, bytes(printed))


def main() -> None:
    """Be the child of :func:`start_fresh`: the job and the batch come on stdin, the frames go to stdout."""
    received = sys.stdin.buffer.read()
    length = int.from_bytes(received[:8], "little")
    code = 1
    try:
        answer, output = os.dup(1), os.dup(2)
        for standard, target in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
            os.dup2(target, standard)
        _do(received[8 : 8 + length], received[8 + length :], answer, tuple(sys.argv[1:]))
        code = 0
    finally:
        os._exit(code)  # the exit handlers are the student's


if __name__ == "__main__":
    main()
