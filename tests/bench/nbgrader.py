"""Submissions per second on the same notebooks: ours, ours with the export into the gradebook, and plain nbgrader.

    python -m tests.bench.nbgrader [--full] [--students N ...] [--json FILE]

Five small functions in a notebook, each tested by one plain assertion where nbgrader runs it, so that nothing of this
package slows nbgrader down.  Commands are timed whole, by the clock and by the processor time of all their processes;
"beyond start-up" takes off what the same command needs for a class of one.  ``--full`` adds 400 submissions, which cost
nbgrader some minutes.  Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from autograder.course.model import load_course
from autograder.release.build import Release
from tests.bench.small import EXERCISE, FUNCTIONS, TESTS, release_course

HERE = Path(__file__).parents[2]
PR_SET_CHILD_SUBREAPER = 36
PLAIN = "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n"


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and of processor time with all children."""

    clock: float
    processor: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.clock + other.clock, self.processor + other.processor)

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.clock - other.clock, self.processor - other.processor)


def adopt() -> None:
    """Become the parent of whatever a command leaves behind, so that its processor time is counted."""
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError("this system does not let a process adopt orphans")


def collect(seconds: float = 5.0) -> None:
    """Wait for the children that are left, which end by themselves."""
    until = time.perf_counter() + seconds
    with contextlib.suppress(ChildProcessError):  # there are none left
        while time.perf_counter() < until:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)


def timed(folder: Path, course: Path, *arguments: str) -> Spent:
    """Run a command of a Python module and return what it took."""
    # nbgrader starts alembic and jupyter by name
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PYTHONPATH": str(HERE), "PATH": path, "AUTOGRADER_COURSE": str(course)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # everybody may keep the bytecode
    adopt()
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-m", *arguments]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr}")
    clock = time.perf_counter() - started
    collect()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def prepare(root: Path) -> tuple[Path, Path, bytes]:
    """Make the course and an nbgrader folder with one release; return both and a right notebook."""
    course, folder = release_course(root / "course"), root / "plain"
    source = folder / "source" / "hw"
    source.mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(PLAIN)
    notebook = json.loads(Release.of(load_course(course), "hw", solved=False).sources()[f"{EXERCISE}.ipynb"])
    cells = {one["metadata"]["nbgrader"]["grade_id"]: one for one in notebook["cells"]}
    for name, text in TESTS.items():
        cells[f"{EXERCISE}-{name}-test"]["source"] = text
    notebook["cells"] = [one for name, one in cells.items() if not name.endswith("-check")]
    (source / f"{EXERCISE}.ipynb").write_text(json.dumps(notebook))
    timed(folder, course, "nbgrader", "generate_assignment", "hw")
    answered = json.loads((folder / "release" / "hw" / f"{EXERCISE}.ipynb").read_text())
    for one in answered["cells"]:
        function = one["metadata"]["nbgrader"]["grade_id"].removeprefix(f"{EXERCISE}-")
        one["source"] = FUNCTIONS.get(function, one["source"])
    return course, folder, json.dumps(answered).encode()


def measure(root: Path, course: Path, folder: Path, notebook: bytes, students: int) -> dict[str, Spent]:
    """Return what each way takes for a class of that size; every submission differs in its bytes."""
    plain, ours = root / f"plain-{students}", root / f"ours-{students}"
    shutil.copytree(folder, plain)
    for k in range(students):
        place = plain / "submitted" / f"s{k:05d}" / "hw"
        place.mkdir(parents=True)
        (place / f"{EXERCISE}.ipynb").write_bytes(notebook.replace(b"def mse", b"# %d\\ndef mse" % k))
    shutil.copytree(plain, ours)
    results = str(root / f"results-{students}")
    graded = timed(ours, course, "autograder", "grade", "submitted", "--out", results)
    exported = timed(ours, course, "autograder", "export", "nbgrader", results, "--to", ".")
    return {
        "autograder grade": graded,
        "autograder grade and export nbgrader": graded + exported,
        "nbgrader autograde": timed(plain, course, "nbgrader", "autograde", "hw"),
    }


def show(students: int, spent: dict[str, Spent], first: dict[str, Spent]) -> dict[str, dict[str, float]]:
    """Print a class's table and return its figures; a figure is left out where the clock cannot tell it."""
    base, figures = spent["nbgrader autograde"], {}
    print(f"{students} submissions of five small functions")
    for name, one in spent.items():
        more, less = one - first[name], base - first["nbgrader autograde"]
        row = {
            "per_second": students / one.clock,
            "times_by_clock": base.clock / one.clock,
            "times_by_processor": base.processor / one.processor,
            "times_beyond_start_up": less.processor / more.processor if more.processor > 0 else float("nan"),
        }
        figures[name] = row
        print(
            f"  {name:<37} {row['per_second']:8.2f}/s  {one.clock:7.1f} s, {one.processor:7.1f} s of processor time;"
            f"  nbgrader takes {row['times_by_clock']:6.1f} times as long, {row['times_by_processor']:6.1f} times the"
            f" processor, {row['times_beyond_start_up']:6.1f} times beyond start-up"
        )
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="400 submissions too")
    parser.add_argument("--students", type=int, nargs="+", default=[40])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        course, folder, notebook = prepare(root)
        measure(root, course, folder, notebook, 2)  # bytecode and caches
        first = measure(root, course, folder, notebook, 1)
        sizes = [*options.students, *([400] if options.full else [])]
        figures = {n: show(n, measure(root, course, folder, notebook, n), first) for n in sizes}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
