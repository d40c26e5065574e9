"""The second judge on a class whose students write formulas: what it says of them, and what it adds to the time.

    python -m tests.bench.second [--students 200] [--assignments NAME ...] [--json FILE]

Every student answers every function as the reference does, and every symbolic part with one of the texts of the tests,
around and around.  ``grade`` runs as users run it; then once more with all opinions forgotten, and once more with
nothing to do: the difference of the last two is what the second judge costs.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from autograder.authoring.demo.kinds import formulas_of, solution
from autograder.course.exercises import load_exercise
from autograder.course.model import load_course
from autograder.store.second_opinions import JudgedClaim, judge_again
from autograder.store.store import open_store
from tests.bench.nbgrader import timed
from tests.symbolic.written import written

HERE = Path(__file__).parents[2]


def write_class(students: int, assignments: list[str], to: Path) -> int:
    """Write the class in nbgrader's layout; return how many distinct answers its symbolic parts have."""
    texts, handed_in = written(), set()
    for assignment in load_course(HERE).assignments:
        for name in assignment.exercises if assignment.name in assignments else ():
            folder = load_exercise(HERE, name, hidden=True)
            functions = solution(folder, **dict.fromkeys(formulas_of(folder), ""))
            for k in range(students):
                answers = {part: texts[part][k % len(texts[part])] for part in formulas_of(folder)}
                handed_in |= set(answers.items())
                stubs = [f"def {part}():\n    return {text!r}\n" for part, text in answers.items()]
                place = to / f"s{k:04d}" / assignment.name / f"{name}.py"
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text("\n\n".join([functions, *stubs]), encoding="utf-8")
    return len(handed_in)


def measure(students: int, assignments: list[str]) -> dict[str, Any]:
    """Grade the class, print and return what the second judge says and costs."""
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        distinct = write_class(students, assignments, root / "submitted")
        grade = partial(timed, root, HERE, "autograder", "grade", str(root / "submitted"), "--out", str(root / "out"))
        whole = grade()
        with closing(sqlite3.connect(root / "out" / "results.db")) as store:
            store.execute("DELETE FROM opinions")
            store.commit()
        judged, idle = grade(), grade()
        with open_store(root / "out") as store:
            tally = judge_again(store, HERE)
            records = sum(1 for _ in store.records())
    costs = judged.processor - idle.processor
    figures = {
        "submissions": records, "distinct_answers": distinct, "claims": tally.all, "confirmed": tally.confirmed,
        "undecided": len(tally.undecided), "contradicted": len(tally.contradicted),
        "grade_s": whole.processor, "second_judge_s": costs, "longer": costs / (whole.processor - costs),
    }  # fmt: skip
    print(f"{students} students, {records} submissions, {distinct} distinct answers to symbolic parts")
    print(f"{tally.confirmed} of {tally.all} distinct claims confirmed, {tally.confirmed / tally.all:.1%}; ", end="")
    print(f"{len(tally.undecided)} undecided, {len(tally.contradicted)} contradicted")
    print(
        f"processor time: {whole.processor:.0f} s, of it the second judge {costs:.0f} s: {figures['longer']:.1%} more"
    )
    for word, group in (("contradicted", tally.contradicted), ("undecided", tally.undecided)):
        show(word, group)
    figures["reasons"] = Counter(one.opinion.reason for one in tally.undecided)
    return figures


def show(word: str, group: tuple[JudgedClaim, ...]) -> None:
    """Print every claim of a group with the reason."""
    for one in group:
        said = "equal" if one.statement.equal else "not equal"
        against = f" against {one.statement.against}" if one.statement.against else ""
        print(f"  {word}: {one.part}: {one.statement.text}{against} ({said}): {one.opinion.reason}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    everything = [assignment.name for assignment in load_course(HERE).assignments]
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--assignments", nargs="+", default=everything, choices=everything, metavar="NAME")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures = measure(options.students, options.assignments)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
