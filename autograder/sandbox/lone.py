"""A student's own check: the same harness and the same rules, in a plain child process without walls.

The code is the student's and so is the machine; what remains is the time limit.  Run as a module this is the child.
"""

from __future__ import annotations

import contextlib
import io
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn

from autograder.model import Limits
from autograder.sandbox import harness
from autograder.sandbox.executor import ChildEnding, ChildResult
from autograder.sandbox.frames import Done, decode_frame, take_frames
from autograder.sandbox.framing import ProtocolError, frame_writer
from autograder.sandbox.runner import MAX_OUTPUT, Observations, observe_with
from autograder.sandbox.source import Source
from autograder.sandbox.threads import ONE_THREAD
from autograder.sandbox.wire import Sheet, decode_job, encode_sheet

WALL_PER_CPU = 3.0
_START_SECONDS = 60.0
_READ = 1 << 16


def observe_lone(source: Source, sheet: Sheet, *, show_output: bool = False) -> Observations:
    """Run all calls of a sheet on a student's own code.

    Parameters
    ----------
    source, sheet : Source, Sheet
        The code and the calls.
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
    data = encode_sheet(sheet)
    start = start_forked if can_fork() else start_fresh

    def run(job: bytes, limits: Limits) -> ChildResult:
        return _collect(start(job, data), limits, show_output)

    return observe_with(run, source, sheet, repeat=False)


@dataclass(frozen=True, eq=False)
class Started:
    """A running child: its frames, what it prints, and how to end it."""

    frames: BinaryIO
    output: BinaryIO
    kill: Callable[[], None]
    wait: Callable[[], int]


def can_fork() -> bool:
    """Whether a child may be forked, which saves the start of an interpreter and the import of NumPy.

    On macOS a fork after Accelerate was used is unsafe, Windows has none, and a process with several threads (a
    notebook kernel) may hold locks that its child never gets.
    """
    return sys.platform == "linux" and threading.active_count() == 1


def start_fresh(job: bytes, sheet: bytes) -> Started:
    """Start a child in a new interpreter."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))
    child = subprocess.Popen(
        # -P: a student's random.py beside the exercise must not replace Python's
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0", **ONE_THREAD},
    )
    assert child.stdin is not None  # all three are pipes
    assert child.stdout is not None
    assert child.stderr is not None
    with contextlib.suppress(BrokenPipeError):  # a child that died at once is seen by its missing frames
        child.stdin.write(len(job).to_bytes(8, "little") + job)
        child.stdin.write(sheet)
    with contextlib.suppress(BrokenPipeError):
        child.stdin.close()
    # buffered readers of pipes have read1, which returns what is there
    return Started(child.stdout, child.stderr, child.kill, child.wait)  # type: ignore[arg-type]  # IO[bytes] of Popen


def start_forked(job: bytes, sheet: bytes) -> Started:
    """Start a child as a copy of this process."""
    frames_out, frames_in = os.pipe()
    output_out, output_in = os.pipe()
    with warnings.catch_warnings():
        # NumPy's idle worker threads are no reason not to fork: OpenBLAS starts its own again after a fork
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _be_child(job, sheet, frames_in, output_in)
    os.close(frames_in)
    os.close(output_in)

    def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def wait() -> int:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    return Started(os.fdopen(frames_out, "rb"), os.fdopen(output_out, "rb"), kill, wait)


def _be_child(job: bytes, sheet: bytes, frames: int, output: int) -> NoReturn:
    """Do a job in this process and end it, whatever happens."""
    status = 1
    try:
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  it stays open as long as the process
        sys.stdout, sys.stderr = _printer(1), _printer(2)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this child
        harness.serve(decode_job(job), harness.OpenSheet.of(sheet), frame_writer(frames))
        status = 0
    except Exception:  # a fault of ours or of checks.py: the parent quotes its last line
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):  # the student's code may have closed or replaced them
            sys.stdout.flush()
        # neither the parent's exit handlers nor the student's may run in the copy
        os._exit(status)


def _printer(fd: int) -> io.TextIOWrapper:
    return open(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)


def _collect(child: Started, limits: Limits, keep: bool) -> ChildResult:
    """Read a child to its end, stopping it when a frame is overdue."""
    began, used = time.monotonic(), _children_cpu()
    events: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    printed = bytearray()
    readers = [
        threading.Thread(target=_forward, args=(child.frames, events.put), daemon=True),
        threading.Thread(target=_forward, args=(child.output, _keeper(printed)), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        frames, ending = _frames(events, WALL_PER_CPU * limits.cpu_seconds)
    finally:
        child.kill()
        child.wait()
    for reader in readers:
        reader.join(1.0)  # a process that the student's code started may hold the pipe open
    for pipe, reader in zip((child.frames, child.output), readers, strict=True):
        if not reader.is_alive():
            pipe.close()
    wall = time.monotonic() - began
    output = bytes(printed)
    detail = ending if frames else output.strip().rpartition(b"\n")[2].decode("utf-8", "replace")[:300]
    cpu = max(0.0, _children_cpu() - used)
    return ChildResult(frames, ending, detail, cpu, wall, [0.0] * len(frames), 0.0, output if keep else b"")


def _frames(events: queue.SimpleQueue[bytes | None], seconds: float) -> tuple[list[bytes], ChildEnding]:
    received = bytearray()
    frames: list[bytes] = []
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            data = events.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return frames, "timeout"
        if data is None:
            return frames, "done" if frames and _is_done(frames[-1]) else "crash"
        received += data
        try:
            # until nothing is left that is whole: what comes behind the last frame may be the last that ever comes
            while complete := take_frames(received):
                frames += complete
                deadline = time.monotonic() + seconds
                if _is_done(frames[-1]):
                    return frames, "done"
        except ProtocolError:
            return frames, "protocol"


def _children_cpu() -> float:
    """Return the processor seconds of all ended children; zero on Windows, which does not tell."""
    times = os.times()
    return times.children_user + times.children_system


def _is_done(frame: bytes) -> bool:
    try:
        return len(frame) < 100 and isinstance(decode_frame(frame), Done)
    except ProtocolError:
        return False


def _forward(pipe: BinaryIO, put: Callable[[bytes | None], None]) -> None:
    """Hand on what arrives, then None."""
    fd = pipe.fileno()
    while data := os.read(fd, _READ):
        put(data)
    put(None)


def _keeper(kept: bytearray) -> Callable[[bytes | None], None]:
    def keep(data: bytes | None) -> None:
        if data is not None:
            kept.extend(data[: MAX_OUTPUT - len(kept)])

    return keep


def main() -> None:
    """Be the child of :func:`start_fresh`: the job and the sheet come on stdin, the frames go to stdout."""
    received = sys.stdin.buffer.read()
    length = int.from_bytes(received[:8], "little")
    _be_child(received[8 : 8 + length], received[8 + length :], os.dup(1), os.dup(2))


if __name__ == "__main__":
    main()
