"""A class, its undisturbed records, and the means to run and to disturb a grader."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.authoring.demo.build import write_class
from autograder.course.model import load_course
from tests.conftest import make_course

SERVER = "autograder.sandbox.server"
WORKERS = (" grade ", "multiprocessing.spawn")  # forked ones have the command line of the grader
Key = tuple[str, str]


@dataclass(frozen=True)
class Left:
    """What a fault left behind, in records."""

    lost: int
    twice: int
    stale: int
    message: str

    @property
    def nothing(self) -> bool:
        return self.lost == self.twice == self.stale == 0


@dataclass(frozen=True)
class Bench:
    """A small course with a class that was graded before it handed in again."""

    root: Path
    submitted: Path
    seed: Path
    expected: dict[Key, dict] = field(repr=False)

    def command(self, out: Path, *more: object) -> list[str]:
        return [sys.executable, "-m", "autograder", "grade", str(self.submitted), "--out", str(out), *map(str, more)]

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "AUTOGRADER_COURSE": str(self.root), "AUTOGRADER_SECRET": "x" * 32}

    def run(self, out: Path, *more: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Grade to the end."""
        environment = self.environment | (env or {})
        return subprocess.run(self.command(out, *more), env=environment, capture_output=True, text=True, check=False)

    def start(self, out: Path, *more: object, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
        """Grade in the background."""
        return subprocess.Popen(
            self.command(out, *more),
            env=self.environment | (env or {}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def older(self, out: Path) -> Path:
        """Put the store of the older submissions into ``out``."""
        shutil.copytree(self.seed, out)
        return out

    def judge(self, out: Path, message: str) -> Left:
        """Run once more, undisturbed, and compare with the records of a class that nothing happened to."""
        done = self.run(out)
        assert done.returncode == 0, done.stderr
        return self.compare(out, message)

    def compare(self, out: Path, message: str) -> Left:
        found = records(out)
        count = Counter(key for key, _ in found)
        last = dict(found)
        return Left(
            lost=len(self.expected.keys() - last.keys()),
            twice=sum(times - 1 for times in count.values()),
            stale=sum(record != self.expected[key] for key, record in last.items()),
            message=message,
        )


def records(out: Path) -> list[tuple[Key, dict]]:
    """Return all records but for their seconds."""
    lines = (out / "results.jsonl").read_text(encoding="utf-8").splitlines()
    found = [{k: v for k, v in json.loads(line).items() if k != "seconds"} for line in lines]
    return [((record["student"], record["exercise"]), record) for record in found]


def make_bench(folder: Path, students: int) -> Bench:
    """Write a course and a class, grade an older class of the same names, and the class undisturbed."""
    root = make_course(folder / "course")
    course = load_course(root)
    write_class(course, students, folder / "now", slow=False)
    # what they handed in before: each the work of another student
    names = sorted(path.name for path in (folder / "now" / "submitted").iterdir())
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        shutil.copytree(folder / "now" / "submitted" / other, folder / "before" / name)
    before = Bench(root, folder / "before", folder, {})
    assert before.run(folder / "seed").returncode == 0
    now = Bench(root, folder / "now" / "submitted", folder / "seed", {})
    done = now.run(folder / "undisturbed")
    assert done.returncode == 0, done.stderr
    return Bench(root, now.submitted, now.seed, dict(records(folder / "undisturbed")))


def last_line(text: str) -> str:
    """Return the last line that a person would read."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def below(pid: int, word: str) -> Iterator[int]:
    """Yield the processes below a process whose command line has a word in it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:  # it ended in the meantime
                continue
            parents[int(entry.name)] = int(fields[1])
    for child in parents:
        at = child
        while at and at != pid:
            at = parents.get(at, 0)
        if at == pid and child != pid and word in _command_line(child):
            yield child


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def kill(pid: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal; return whether a process was there to get it."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
