"""Print the fault table."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.faults.bench import make_bench
from tests.faults.kinds import FAULTS, Impossible


def main() -> int:
    """Run every fault and print what was lost, doubled or left standing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each fault")
    parser.add_argument("--students", type=int, default=60, help="students of the class, two exercises each")
    parser.add_argument("faults", nargs="*", metavar="FAULT", help="only these (a part of the name is enough)")
    options = parser.parse_args()
    chosen = {n: f for n, f in FAULTS.items() if not options.faults or any(word in n for word in options.faults)}
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(Path(folder), options.students)
        print(f"{len(bench.expected)} records of {options.students} students; each run starts from older verdicts")
        print(f"{'fault':<26}{'runs':>5}{'lost':>6}{'twice':>6}{'stale':>6}  what the person at the keyboard reads")
        for number, (name, fault) in enumerate(chosen.items()):
            runs = []
            try:
                for run in range(options.runs):
                    runs.append(fault(bench, Path(folder) / f"fault{number}-{run}", random.Random(100 * number + run)))
            except Impossible as why:
                print(f"{name:<26}{0:>5}     -     -     -  not shown here: {why}")
                continue
            lost, twice, stale = (sum(getattr(run, what) for run in runs) for what in ("lost", "twice", "stale"))
            bad += lost + twice + stale
            print(f"{name:<26}{len(runs):>5}{lost:>6}{twice:>6}{stale:>6}  {runs[-1].message}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
