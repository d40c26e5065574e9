"""A child that works for a single answer is ended at its limit, whatever happens to the process that waits for it."""

import signal
import sys
import threading
import time

import pytest

from autograder.supervise import fork, supervise

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit of processor time is for Linux")


def endless(_answer):
    signal.setitimer(signal.ITIMER_REAL, 0)
    while True:
        pass


def test_signals_while_a_child_is_waited_for_put_no_limit_off():
    def busy(*_):
        until = time.perf_counter() + 0.003
        while time.perf_counter() < until:
            pass

    before = signal.signal(signal.SIGALRM, busy)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.0101)
    try:
        child = fork(endless)
        guard = threading.Timer(60, child.kill)  # so that a limit that is put off fails and does not hang
        guard.start()
        ended = supervise(child, lambda data: "part", first=600, cpu=1.5)
        guard.cancel()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert ended.how == "timeout"
