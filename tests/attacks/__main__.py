"""Prints the attack report: ``python -m tests.attacks [--quick | --inputs]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.attacks.inputs.all import CLASSES
from tests.attacks.tiers import TIERS, Tier

QUICK_STEP = 9
COLUMNS = (
    "attacks",
    "points gained",
    "secrets read",
    "hidden learned",
    "carried over",
    "writes outside",
    "processes left",
    "neighbours hurt",
    "surprises",
)
ODD = "odd but right"


def row(results: Iterable[dict[str, Any]]) -> tuple[float, ...]:
    """Return the figures of some attacks; an odd but right submission that loses points is a neighbour hurt."""
    listed = list(results)
    hurt = [one for one in listed if one["lost"] or (one["kind"] == ODD and one["gained"] < 0)]
    return (
        len(listed),
        sum(max(one["gained"], 0.0) for one in listed),
        sum(one["read"] for one in listed),
        sum(one["learned"] for one in listed),
        sum(one["carried"] for one in listed),
        sum(bool(one["touched"]) for one in listed),
        sum(one["left"] for one in listed),
        len(hurt),
        sum(not one["expected"] for one in listed),
    )


def good(results: Iterable[dict[str, Any]]) -> bool:
    """Whether nothing but the count of attacks is above 0."""
    return not any(row(results)[1:])


def show(tier: Tier, told: dict[str, Any], seconds: float) -> None:
    """Print the table of one configuration."""
    results = told["results"]
    kinds = list(dict.fromkeys(one["kind"] for one in results))
    print(f"\n{tier.name}")
    missing = [name for name, state in told["layers"].items() if state != "in force"]
    if missing:
        print(f"  not in force or weaker: {', '.join(missing)}")
    print(f"  {'class':24}" + "".join(f"{name:>16}" for name in COLUMNS))
    for kind in kinds:
        print(f"  {kind:24}" + "".join(f"{value:>16g}" for value in row(r for r in results if r["kind"] == kind)))
    print(f"  {'all':24}" + "".join(f"{value:>16g}" for value in row(results)))
    late = max(one["late"] for one in results)
    before, after = (size / 2**20 for size in told["memory"])
    print(
        f"  the latest child ended {max(late, 0.0):.2f} s after its limit by the clock; "
        f"memory of the grader: {before:.0f} MiB before, {after:.0f} MiB at most; {seconds:.0f} s"
    )
    for one in results:
        if not good([one]):
            print(f"  ! {one['kind']}: {one['name']}: {one}")


def show_inputs() -> int:
    """Try every hostile input, print the table, and return 1 if any got another verdict than it must, else 0."""
    print(f"hostile inputs\n  {'class':24}{'inputs':>16}{'surprises':>16}")
    total = surprises = 0
    for kind, table, check in CLASSES:
        wrong = [problem for name in table if (problem := surprise(check, name)) is not None]
        total, surprises = total + len(table), surprises + len(wrong)
        print(f"  {kind:24}{len(table):>16}{len(wrong):>16}")
        for line in wrong:
            print(f"  ! {line}")
    print(f"  {'all':24}{total:>16}{surprises:>16}")
    return int(surprises > 0)


def surprise(check: Callable[[Any, Path], None], name: Any) -> str | None:
    """Return how an input is not taken as it must be, or None."""
    with tempfile.TemporaryDirectory(prefix="input-") as folder:
        try:
            check(name, Path(folder))
        except Exception as error:  # whatever it raises is a surprise, and is shown
            return f"{name!r}: {type(error).__name__}: {error}"[:500]
    return None


def main() -> int:
    """Run all configurations, or a sample of the attacks in each; return 0 if every figure that must be 0 is."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"every {QUICK_STEP}th attack, without the slow ones")
    parser.add_argument("--inputs", action="store_true", help="the table of hostile inputs only")
    options = parser.parse_args()
    step = QUICK_STEP if options.quick else 1
    bad = show_inputs()
    if options.inputs:
        return int(bad > 0)
    for number, tier in enumerate(TIERS):
        if tier.impossible:
            print(f"\n{tier.name}: not tried, {tier.impossible}")
            continue
        started = time.monotonic()
        told = tier.run(slow=not options.quick, first=number % step, step=step)
        show(tier, told, time.monotonic() - started)
        bad += not good(told["results"])
    print("\nall figures that must be 0 are 0" if not bad else f"\n{bad} tables with a figure above 0")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
