"""What a long run holds on to: memory, descriptors and processes of the grader while it grades a large class.

    python -m tests.bench.memory [--submissions 10000] [--jobs 2] [--json FILE]

A class of demo students in a small course, graded by the real command and looked at from outside.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.authoring.demo.build import write_class
from autograder.course.model import load_course
from tests.conftest import make_course
from tests.faults.bench import below


@dataclass(frozen=True)
class Look:
    """The grader at one moment: submissions done, MiB of the parent and of its workers, descriptors, processes."""

    done: int
    seconds: float
    parent_mib: float
    workers_mib: float
    descriptors: int
    processes: int
    store_mib: float


def look(pid: int, store: Path, started: float) -> Look | None:
    """Look at a running grader; None once it is gone."""
    try:
        descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        parent = _mib(pid)
    except OSError:
        return None
    others = list(below(pid, "python"))
    workers = [child for child in others if _parent(child) == pid]
    return Look(
        _count(store),
        time.monotonic() - started,
        parent,
        sum(_mib(child) for child in workers),
        descriptors,
        1 + len(others),
        sum(file.stat().st_size for file in store.parent.glob("results.db*")) / 2**20,
    )


def _mib(pid: int) -> float:
    with contextlib.suppress(OSError):
        fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return int(fields.get("VmRSS", "0 kB").split()[0]) / 1024
    return 0.0


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    return 0


def _count(store: Path) -> int:
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db,
    ):
        return int(db.execute("SELECT COUNT(*) FROM results").fetchone()[0])
    return 0


def main() -> None:
    """Grade a large class and print what the grader held at several points."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    marks = sorted({options.submissions // part for part in (10, 5, 2, 1)} | {min(1000, options.submissions)})
    shown: list[Look] = []
    with tempfile.TemporaryDirectory() as folder:
        root = make_course(Path(folder) / "course")
        write_class(load_course(root), options.submissions // 2, Path(folder), slow=False)
        out = Path(folder) / "results"
        command = [sys.executable, "-m", "autograder", "grade", str(Path(folder) / "submitted"), "--out", str(out)]
        started = time.monotonic()
        process = subprocess.Popen(
            [*command, "--jobs", str(options.jobs)],
            env={**os.environ, "AUTOGRADER_COURSE": str(root)},
            stdout=subprocess.DEVNULL,
        )
        names = ("done", "seconds", "parent MiB", "workers MiB", "descriptors", "processes", "store MiB")
        print("".join(f"{name:>{width}}" for name, width in zip(names, (7, 9, 12, 13, 13, 11, 11), strict=True)))
        last = None
        while process.poll() is None:
            now = look(process.pid, out / "results.db", started)
            last = now or last
            if now is not None and marks and now.done >= marks[0]:
                marks = [mark for mark in marks if mark > now.done]
                shown.append(now)
                _print(now)
            time.sleep(0.2)
        if last is not None and last not in shown:
            shown.append(last)
            _print(last)
        assert process.returncode == 0
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in shown], indent=1))


def _print(one: Look) -> None:
    print(
        f"{one.done:>7}{one.seconds:>9.1f}{one.parent_mib:>12.1f}{one.workers_mib:>13.1f}"
        f"{one.descriptors:>13}{one.processes:>11}{one.store_mib:>11.1f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
