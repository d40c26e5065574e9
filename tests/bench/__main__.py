"""Every benchmark by one command, each with its peers in the same run.

    python -m tests.bench [--quick] [--only NAME ...] [--json FILE|FOLDER] [--compare FILE] [--list]

Every section is a program of its own (``python -m tests.bench.MODULE --help``) and runs in a process of its own: one
that fails says so and the others go on; the exit code is 1 then.  ``--json FOLDER`` keeps a file per version and moment
of a run; ``--compare FILE`` prints, for every figure that both runs have, the ratio of this run to the earlier one.
Install the ``bench`` extra for the peers; those that are absent are named and left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Section:
    """A benchmark: its module with arguments, the same for --quick, and the package that it is nothing without."""

    name: str
    about: str
    full: str
    quick: str
    needs: str | None = None


SECTIONS = (
    Section(
        "small",
        "five small functions: warm fork, this grader, pytest, gradescope-utils, nbgrader",
        "throughput --part small --students 200 --slow 20",
        "throughput --part small --students 40 --slow 3",
    ),
    Section(
        "assignments",
        "whole assignments and the grader's own share of the time",
        "throughput --part assignments",
        "throughput --part assignments --repeats 1",
    ),
    Section(
        "growth",
        "cost of a submission as the class grows, 1 and 2 workers",
        "growth --students 100 1000 10000 --jobs 1 2",
        "growth --students 100 1000 --jobs 1 2",
    ),
    Section(
        "felt",
        "what users wait for: a class, assignments in several styles, questions, and commands",
        "felt",
        "felt --students 4 --only numpy questions reference check",
    ),
    Section("latency", "check in a cold process, functions and formulas", "latency", "latency --repeats 3"),
    Section("symbolic", "verdicts on formulas next to SymPy's", "symbolic --sympy 60", "symbolic --sympy 4"),
    Section(
        "second",
        "the second judge on a class that writes formulas: what it says, what it costs",
        "second --students 200",
        "second --students 2 --assignments ps1",
        needs="sympy",
    ),
    Section(
        "kernels",
        "reference kernels next to NumPy, PyTorch and, on a GPU, CuPy",
        "kernels",
        "kernels --entries 1000000 --repeats 3 --scale 1000",
    ),
    Section("sandbox", "what isolation costs", "sandbox 200", "sandbox 20"),
    Section(
        "nbgrader",
        "notebooks: grade, export into the gradebook, nbgrader autograde",
        "nbgrader --students 40",
        "nbgrader --students 4",
        needs="nbgrader",
    ),
    Section(
        "whole",
        "real assignments: grade, and nbgrader autograde with the same calls",
        "whole --students 40",
        "whole --students 1 --assignments ps1",
        needs="nbgrader",
    ),
    Section("report", "the report of a large class", "report --students 1000", "report --students 100"),
    Section(
        "memory",
        "what a long run holds on to",
        "memory --submissions 10000",
        "memory --submissions 200",
    ),
    Section(
        "archives",
        "class archives read by several workers: rejected, and read differently",
        "archives",
        "archives --archives 5 --members 20",
    ),
    Section(
        "capacity",
        "cost of a record, the store under a large class, and the model",
        "capacity",
        "capacity --records 2000 --sample 4 --skip-postgres",
    ),
)


def measure(section: Section, quick: bool) -> dict[str, Any]:
    """Run one section, its tables printed as they come; return its figures, or why there are none."""
    if section.needs is not None and find_spec(section.needs) is None:
        return {"skipped": f"{section.needs} is not installed"}
    module, *arguments = (section.quick if quick else section.full).split()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures.json"
        command = [sys.executable, "-m", f"tests.bench.{module}", *arguments, "--json", str(file)]
        done = subprocess.run(command, cwd=HERE, check=False, env=environment)
        if done.returncode or not file.is_file():
            return {"failed": f"python -m tests.bench.{module} {' '.join(arguments)}: exit code {done.returncode}"}
        return {"load": os.getloadavg()[0], "figures": json.loads(file.read_text(encoding="utf-8"))}


def run(sections: Sequence[Section], quick: bool) -> dict[str, Any]:
    """Run sections one after the other; return what they found and where."""
    started = datetime.now(UTC)
    found: dict[str, Any] = {}
    for section in sections:
        print(f"\n== {section.name}: {section.about}; load average {os.getloadavg()[0]:.1f}", flush=True)
        found[section.name] = outcome = measure(section, quick)
        for word in ("skipped", "failed"):
            if word in outcome:
                print(f"{section.name} {word}: {outcome[word]}", flush=True)
    return {
        "version": version("mse-course-autograder"),
        "date": started.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "quick": quick,
        "sections": found,
    }


def file_for(place: Path, results: dict[str, Any]) -> Path:
    """Return where the results go: the file itself, or one of this version and moment in the folder."""
    if place.suffix == ".json":
        return place
    moment = datetime.fromisoformat(results["date"]).strftime("%Y-%m-%dT%H%M%SZ")
    return place / f"{results['version']}-{moment}{'-quick' if results['quick'] else ''}.json"


def numbers(data: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Yield every figure below, under its path."""
    if isinstance(data, dict | list):
        for name, one in data.items() if isinstance(data, dict) else enumerate(data):
            yield from numbers(one, f"{path} / {name}" if path else str(name))
    elif isinstance(data, int | float) and not isinstance(data, bool):
        yield path, float(data)


def compare(now: dict[str, Any], earlier: dict[str, Any]) -> list[str]:
    """Return a line per figure that both runs have: earlier, now, and their ratio."""
    lines = [f"this run ({now['version']}) over {earlier['version']} of {earlier['date']}"]
    if now["quick"] != earlier["quick"]:
        lines.append("one of them is a --quick run: sizes differ, and figures with them")
    if now["machine"] != earlier["machine"]:
        lines.append(f"machines differ: {now['machine']}; {earlier['machine']}")
    before = dict(numbers({name: one.get("figures", {}) for name, one in earlier["sections"].items()}))
    for path, value in numbers({name: one.get("figures", {}) for name, one in now["sections"].items()}):
        if path in before:
            ratio = f"{value / before[path]:8.3f}" if before[path] else f"{'-':>8}"
            lines.append(f"  {ratio}  {before[path]:>14.5g} -> {value:<14.5g} {path}")
    return lines


def main() -> None:
    """Run the sections asked for."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: minutes, and coarse figures")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[one.name for one in SECTIONS])
    parser.add_argument("--json", type=Path, metavar="FILE|FOLDER")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="a file of an earlier --json")
    parser.add_argument("--list", action="store_true", help="list the sections and end")
    options = parser.parse_args()
    if options.list:
        for one in SECTIONS:
            print(f"{one.name:<12} {one.about}")
        return
    earlier = json.loads(options.compare.read_text(encoding="utf-8")) if options.compare else None
    results = run([one for one in SECTIONS if options.only is None or one.name in options.only], options.quick)
    if options.json:
        file = file_for(options.json, results)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(results, indent=1), encoding="utf-8")
        print(f"\nfigures in {file}")
    if earlier is not None:
        print("", *compare(results, earlier), sep="\n")
    if any("failed" in one for one in results["sections"].values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
