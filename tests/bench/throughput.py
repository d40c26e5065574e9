"""Submissions per second: this grader, a bare warm fork and other graders, on the same functions in the same run.

    python -m tests.bench.throughput [--part small|assignments] [--students 40] [--slow 10] [--repeats 5] [--json FILE]

(a) five small functions with the same calls for all; (b) each assignment of the course, and which share of the
processor time is the grader's own.  The bare fork and our worker are held to one processor, as workers of ``grade`` are
where there is one for each.  Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autograder.authoring.demo.kinds import right
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.grading.grader import Grader, Settings
from autograder.intake.discovery import discover
from autograder.judging.dispatch import EncodedBatches, hand_out
from autograder.judging.functions import judge
from autograder.judging.questions import make_questions
from autograder.model import Observation
from autograder.sandbox.client import Sandbox
from autograder.sandbox.executor import BatchHandle
from autograder.sandbox.runner import observe
from autograder.sandbox.source import Cell, Source
from autograder.sandbox.threads import ONE_THREAD
from autograder.sandbox.wire import Batch
from tests.bench import peers
from tests.bench.nbgrader import timed
from tests.bench.small import EXERCISE, write_course

HERE = Path(__file__).parents[2]


@contextmanager
def on_one_processor() -> Iterator[None]:
    """Hold this process and those it starts to the last of its processors."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(mine)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)


def ours(root: Path, submitted: Path) -> float:
    """Submissions per second of the grader, one worker, warm, verdicts not stored."""
    found = discover(submitted, load_course(root)).submissions
    with on_one_processor(), Grader(Settings(root)) as grader:
        grader.grade(found[0])
        started = time.perf_counter()
        for one in found:
            assert grader.grade(one).stored.record.score == 10
        return len(found) / (time.perf_counter() - started)


def ours_command(root: Path, submitted: Path, jobs: int) -> float:
    """Submissions per second of the whole command, start-up and store included."""
    count = sum(1 for _ in submitted.iterdir())
    with tempfile.TemporaryDirectory() as out:
        spent = timed(HERE, root, "autograder", "grade", str(submitted), "--out", out, "--jobs", str(jobs))
    return count / spent.clock


def warm_fork(root: Path, students: int) -> float:
    """Submissions per second of a warm fork + exec + the same calls, without isolation or transport.

    The process that forks has NumPy loaded and little else, like the grader's fork server.
    """
    command = [sys.executable, "-m", "tests.bench.floor", str(root), str(students)]
    with on_one_processor():
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE)
    return float(done.stdout)


MINE = "this grader, one worker, warm"
FLOOR = "warm fork, no isolation, no transport"
ROUNDS = 9


def by_turns(ways: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Submissions per second of ways that are compared closely, the best of some rounds.

    A run takes less than a second, and other users of the machine may take a part of it; in turns that meets all
    alike, and the best round is the one that was left alone.
    """
    rounds = [{name: way() for name, way in ways.items()} for _ in range(ROUNDS)]
    return {name: max(one[name] for one in rounds) for name in ways}


def small(students: int, slow: int) -> dict[str, float | str]:
    """Submissions per second on five small functions, or why a grader was not measured.

    Graders that start a process or a kernel per submission get ``slow`` submissions, all others ``students``.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        submitted = write_course(root, students)
        few = sorted(submitted.glob(f"*/hw/{EXERCISE}.py"))[:slow]
        warm = by_turns({FLOOR: lambda: warm_fork(root, students), MINE: lambda: ours(root, submitted)})
        ways: dict[str, tuple[str, Callable[[], float]]] = {
            "autograder grade --jobs 1, everything": ("numpy", lambda: ours_command(root, submitted, 1)),
            "autograder grade --jobs 2, everything": ("numpy", lambda: ours_command(root, submitted, 2)),
            "pytest, a process each, no isolation": ("pytest", lambda: peers.pytest_each(root, few)),
            "gradescope-utils, as Gradescope runs it": ("gradescope_utils", lambda: peers.gradescope_each(root, few)),
            "nbgrader autograde": ("nbgrader", lambda: peers.nbgrader_autograde(slow)),
        }
        return warm | {
            name: f"{package} is not installed" if find_spec(package) is None else way()
            for name, (package, way) in ways.items()
        }


def show_small(figures: dict[str, float | str], students: int, slow: int) -> None:
    """Print them, this grader's speed over each."""
    mine = figures[MINE]
    assert isinstance(mine, float)
    print(f"five small functions, {students} submissions; {slow} for pytest, gradescope-utils and nbgrader")
    for name, value in figures.items():
        if isinstance(value, str):
            print(f"  {name:<40} not measured: {value}")
        else:
            print(f"  {name:<40} {value:10.1f} submissions/s   this grader is {mine / value:8.2f} times as fast")


@dataclass(frozen=True)
class Spent:
    """Seconds: by the clock, and of processor time in the student's code and in everything else."""

    wall: float = 0.0
    student: float = 0.0
    own: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.student + other.student, self.own + other.own)

    @property
    def share(self) -> float:
        """The grader's own part of the processor time."""
        return self.own / (self.own + self.student)


def whole_exercise(box: Sandbox, name: str, repeats: int) -> Spent:
    """What one right submission costs: loading and calls are the student's, all else is the grader's own."""
    folder = load_exercise(HERE, name, hidden=True)
    questions = make_questions(folder.exercise, folder.secrets, 0)
    source = Source(f"{folder.name}.py", (Cell("file", right(folder, 0)[1]),))
    worth = {part.part.name: part.part.points for part in questions.parts}
    student = children = 0.0

    def run(batch: Batch, handle: BatchHandle) -> Sequence[Sequence[Observation]]:
        nonlocal student, children
        seen = observe(box, source, batch, handle)
        student += seen.load_seconds + sum(one.seconds for segment in seen for one in segment)
        children += seen.cpu_seconds
        return seen

    with EncodedBatches(questions, folder.checks_source) as printed:
        judge(questions, hand_out(printed, run), worth)  # starts the server
        student = children = 0.0
        wall, parent = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            judge(questions, hand_out(printed, run), worth)
        parent = time.process_time() - parent
        wall = time.perf_counter() - wall
    return Spent(wall / repeats, student / repeats, (parent + children - student) / repeats)


def whole_course(repeats: int) -> dict[str, Spent]:
    """What a submission of each assignment costs, one worker, and of all together."""
    with on_one_processor(), Sandbox() as box:
        spent = {
            one.name: sum((whole_exercise(box, name, repeats) for name in one.exercises), Spent())
            for one in load_course(HERE).assignments
        }
    return spent | {"all": sum(spent.values(), Spent())}


def main() -> None:
    """Measure and print the tables."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        # what the command line says to itself before NumPy is loaded, which it is here already
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **ONE_THREAD})
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("small", "assignments"), help="one of the two tables; both by default")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--slow", type=int, default=10, help="submissions for graders that need seconds for each")
    parser.add_argument("--repeats", type=int, default=5, help="of each exercise of the assignments")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    data: dict[str, Any] = {}
    if options.part != "assignments":
        data["small"] = small(options.students, options.slow)
        show_small(data["small"], options.students, options.slow)
    if options.part != "small":
        course = whole_course(options.repeats)
        data["assignments"] = {name: {**asdict(one), "own_share": one.share} for name, one in course.items()}
        print("whole assignments, every exercise right, one worker; the grader's own share of the processor time")
        for name, one in course.items():
            print(f"  {name:<40} {1 / one.wall:10.2f} submissions/s   {one.share:.0%}")
    if options.json:
        options.json.write_text(json.dumps(data, indent=1))


if __name__ == "__main__":
    main()
