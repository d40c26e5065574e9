"""What isolation costs: milliseconds per submission of 40 small calls, with all layers, with none, and a bare fork.

Where "hidden calls apart" is said, 30 of the calls are handed over after the other 10 are answered, as in grading.

Run as a program: ``python -m tests.bench.sandbox [ROUNDS] [--json FILE]``.  The variants take turns, so that noise hits
all alike.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from autograder.model import Call, Limits
from autograder.sandbox import harness
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle
from autograder.sandbox.launch import ServerSettings
from autograder.sandbox.layers import MEANING
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.wire import Batch, Job, Segment, encode_batch, encode_job

SUBMISSION = '''
import numpy as np


def loss(y_true, y_pred):
    """Half the mean of squares."""
    residual = y_pred - y_true
    return 0.5 * np.mean(residual**2)


def gradient(y_true, y_pred):
    """Its gradient with respect to the predictions."""
    return (y_pred - y_true) / len(y_true)


def influence(residual, delta):
    """Huber's."""
    return np.clip(residual, -delta, delta)
'''


def work() -> tuple[Source, Batch]:
    """Twenty calls with a scalar result and twenty with an array."""
    rng = np.random.default_rng(0)
    calls = []
    for size in range(2, 22):
        y_true, y_pred = rng.normal(size=(2, size))
        calls.append(Call("loss", (y_true, y_pred)))
        calls.append(Call("gradient", (y_true, y_pred)) if size % 2 else Call("influence", (y_true, 1.0)))
    return Source("work.py", (Cell("all", SUBMISSION),)), Batch(
        "work", (Segment("all", Limits(), False, tuple(calls)),)
    )


def bare_fork(job: bytes, batch: BatchHandle) -> None:
    """Fork this process, run the job there, read nothing."""
    pid = os.fork()
    if pid == 0:
        job_fd = os.memfd_create("job")
        os.write(job_fd, job)
        harness.run(job_fd, batch.fd, os.open("/dev/null", os.O_WRONLY))
        os._exit(0)
    os.waitpid(pid, 0)


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """Measure all variants in turns, print medians, 95th percentiles and ratios, and return them."""
    source, batch = work()
    job = encode_job(Job(source, ((0, 0, len(batch.segments[0].calls)),)))
    limits = Limits()
    nothing = ServerSettings(unsafe=True, without=frozenset(MEANING))
    (whole,) = batch.segments
    halves = replace(whole, calls=whole.calls[:10]), replace(whole, calls=whole.calls[10:], hidden=True)
    apart = Batch(batch.module, halves)
    with (
        BatchHandle(encode_batch(batch)) as handle,
        BatchHandle(encode_batch(apart), keep=True, hidden=encode_batch(apart, hidden=True)) as two,
        Sandbox() as isolated,
        Sandbox(settings=nothing) as open_box,
    ):
        variants: dict[str, Callable[[], object]] = {
            "bare fork of this process, nothing read": lambda: bare_fork(job, handle),
            "fork server without isolation": lambda: open_box.execute(job, handle, limits),
            "fork server with all layers": lambda: isolated.execute(job, handle, limits),
            "with all layers, observations decoded": lambda: observe(isolated, source, batch, handle),
            "the same, hidden calls apart": lambda: observe(isolated, source, apart, two),
            "hidden calls apart, without isolation": lambda: observe(open_box, source, apart, two),
        }
        times: dict[str, list[float]] = {name: [] for name in variants}
        for turn in range(rounds + 5):
            for name, variant in variants.items():
                started = time.perf_counter()
                variant()
                if turn >= 5:
                    times[name].append(1e3 * (time.perf_counter() - started))
    plain = statistics.median(times["fork server without isolation"])
    figures = {}
    for name, taken in times.items():
        middle, slow = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
        print(f"{name:42} least {min(taken):5.2f}  median {middle:5.2f}  95 % {slow:5.2f} ms  x {middle / plain:.2f}")
        figures[name] = {"median_ms": middle, "p95_ms": slow, "ratio": middle / plain}
    return figures


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", type=int, nargs="?", default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options.rounds)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
