"""A warm helper process that answers lines of JSON with lines of JSON."""

from __future__ import annotations

import os
import select
import subprocess
import sys

from autograder.plain import Closing


class Helper(Closing):
    """A module run as a program, started with the first job and kept for the next ones; use it as a context manager.

    Parameters
    ----------
    module : str
        Answers every line of its standard input with one line.
    seconds : float
        How long an answer may take by the clock.
    """

    def __init__(self, module: str, seconds: float) -> None:
        self._module = module
        self._seconds = seconds
        self._helper: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the process."""
        if self._helper is not None:
            self._helper.kill()
            self._helper.communicate()
            self._helper = None

    def exchange(self, job: bytes) -> bytes | None:
        """Return the line that answers a job, or None where the process ended or took too long."""
        if self._helper is None:
            self._helper = self._start()
        assert self._helper.stdin is not None  # both are pipes
        assert self._helper.stdout is not None
        try:
            self._helper.stdin.write(job + b"\n")
            self._helper.stdin.flush()
        except OSError:
            return None
        if not select.select([self._helper.stdout], [], [], self._seconds)[0]:
            return None
        return self._helper.stdout.readline() or None

    def _start(self) -> subprocess.Popen[bytes]:
        package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        command = [sys.executable, "-s", "-m", self._module]
        env = {"PYTHONPATH": package, "PYTHONHASHSEED": "0"}
        pipe = subprocess.PIPE
        # a session of its own: an interrupt is for the grader, which then closes the helper's input
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, cwd=package, env=env, start_new_session=True)
