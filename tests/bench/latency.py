"""How long a student waits for ``check``: a cold process with right answers, next to one that only imports NumPy.

    python -m tests.bench.latency [--repeats 10] [--json FILE]

One exercise of functions alone, and the one with the most formulas.  The processes take turns, so that noise hits all
alike; the first turn, which writes bytecode, is not counted.  Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.authoring.demo.kinds import formulas_of, right
from autograder.course.exercises import exercise_names, load_exercise
from tests.bench.small import EXERCISE, SOLUTION, write_course

HERE = Path(__file__).parents[2]


def commands(folder: Path) -> dict[str, tuple[list[str], Path]]:
    """Write the answers; return every command and the course that it belongs to."""
    write_course(folder / "course", 0)
    numeric = folder / f"{EXERCISE}.py"
    numeric.write_text(SOLUTION)
    folders = [load_exercise(HERE, name, hidden=True) for name in exercise_names(HERE)]
    exercise_folder = max(folders, key=lambda one: len(formulas_of(one)))
    symbolic = folder / f"{exercise_folder.name}.py"
    symbolic.write_text(right(exercise_folder, 0)[1])
    check = [sys.executable, "-m", "autograder", "check"]
    formulas = len(formulas_of(exercise_folder))
    return {
        "python -c 'import numpy'": ([sys.executable, "-c", "import numpy"], HERE),
        "check, five functions": ([*check, str(numeric)], folder / "course"),
        f"check, {len(exercise_folder.exercise.parts)} parts, {formulas} of them formulas": (
            [*check, str(symbolic)],
            HERE,
        ),
    }


def measure(repeats: int) -> dict[str, dict[str, float]]:
    """Run every command ``repeats`` times; print and return medians and extremes in milliseconds."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as made:
        ways = commands(Path(made))
        times: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(repeats + 1):
            for name, (command, course) in ways.items():
                settings = {**environment, "PYTHONPATH": str(HERE), "AUTOGRADER_COURSE": str(course)}
                started = time.perf_counter()
                done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=made, env=settings)
                if done.returncode:
                    raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")
                if turn:
                    times[name].append(1e3 * (time.perf_counter() - started))
    figures = {}
    for name, taken in times.items():
        row = figures[name] = {"median_ms": statistics.median(taken), "least_ms": min(taken), "most_ms": max(taken)}
        print(
            f"  {name:<45} median {row['median_ms']:7.0f}  least {row['least_ms']:7.0f}  most {row['most_ms']:7.0f} ms"
        )
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(f"check in a cold process, {options.repeats} times")
    figures = measure(options.repeats)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
