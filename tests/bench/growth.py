"""What a submission costs as the class grows: the whole command on classes of several sizes, with 1 and 2 workers.

    python -m tests.bench.growth [--students 100 1000 10000] [--jobs 1 2] [--json FILE]

Five small functions each, no two submissions alike; the clock and the processor time of all processes, start-up and
store included.  "Beyond" is the processor time of a submission between one size and the one before it, which
start-up does not hide.  Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from tests.bench.nbgrader import Spent, timed
from tests.bench.small import write_course

HERE = Path(__file__).parents[2]


def grow(sizes: list[int], jobs: int) -> dict[str, dict[str, float]]:
    """Grade classes of these sizes, print a line for each and return the figures."""
    figures: dict[str, dict[str, float]] = {}
    before, smaller = Spent(0.0, 0.0), 0
    for students in sorted(set(sizes)):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            submitted, out = write_course(root, students), str(root / "results")
            spent = timed(HERE, root, "autograder", "grade", str(submitted), "--out", out, "--jobs", str(jobs))
        more = (spent - before).processor / (students - smaller)
        row = {
            "per_second": students / spent.clock,
            "processor_ms_each": 1e3 * spent.processor / students,
            "beyond_ms_each": 1e3 * more,
        }
        first = next(iter(figures.values()), row)
        relative = row["processor_ms_each"] / first["processor_ms_each"]
        print(
            f"  {students:>6} submissions, {jobs} workers {row['per_second']:9.1f}/s {row['processor_ms_each']:8.2f} "
            f"ms of processor time each ({relative:.2f} of the first)"
            + (f" {row['beyond_ms_each']:8.2f} ms beyond the {smaller} before" if smaller else ""),
            flush=True,
        )
        figures[str(students)] = row
        before, smaller = spent, students
    if {"1000", "10000"} <= figures.keys():
        row = figures["10000"]
        row["against_1000"] = row["processor_ms_each"] / figures["1000"]["processor_ms_each"]
        print(f"  cost of a submission at 10000 against 1000, {jobs} workers: {row['against_1000']:.3f}")
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print("growth of a class, five small functions")
    figures = {f"{jobs} workers": grow(options.students, jobs) for jobs in options.jobs}
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
