"""Speed on real assignments: this grader, and plain nbgrader whose kernel makes the same calls.

    python -m tests.bench.whole [--assignments ps1 ps3] [--students N ...] [--json FILE]

Of every check, public and hidden, nbgrader's notebook makes each call once, scaling checks included, and compares by
``assert_allclose`` where there is a right value; where a ``ValueError`` is right, it is caught.  It isolates nothing,
judges no law and names no mistake.  Calls that need a function of the exercise (a probe) are left out there, and
counted.  Commands are timed whole, with the processor time of all their processes.  Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import json
import pickle
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from autograder.authoring.demo.kinds import formulas_of, notebook, parts_of, right
from autograder.course.exercises import ExerciseFolder, load_exercise
from autograder.course.model import load_course
from autograder.judging.questions import PartQuestions, make_questions
from autograder.judging.trusted import resolve
from autograder.model import Probe
from tests.bench.felt import HERE, VARIANT
from tests.bench.nbgrader import PLAIN, Spent, timed
from tests.bench.peers import _meta

HEAD = """import pickle

import numpy as np


def compare(got, want):
    if isinstance(want, (tuple, list)):
        assert len(got) == len(want)
        for one, other in zip(got, want):
            compare(one, other)
    elif isinstance(want, str):
        assert got == want
    elif want is not None:
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-8)


with open("{name}.pickle", "rb") as file:
    CASES = pickle.load(file)
"""
TEST = """for args, want in CASES["{part}"]:
    try:
        got = {part}(*args)
    except ValueError:
        assert want is None
        continue
    compare(got, want)
"""


def cases(part: PartQuestions) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield arguments and right value (None where there is none) of every call that needs no probe."""
    for asked in part.every:
        wanted = asked.check.wanted(asked.expected) if asked.check.needs_reference else asked.expected
        for call, want in zip(asked.calls, wanted, strict=True):
            if not any(isinstance(one, Probe) for one in call.args):
                plain = want if isinstance(want, int | float | str | tuple | list) or hasattr(want, "shape") else None
                yield tuple(resolve(one, {}) for one in call.args), plain


def peer(folder: ExerciseFolder) -> tuple[str, bytes, int, int]:
    """Return nbgrader's notebook of an exercise, answered, its cases, and how many calls it makes and leaves out."""
    questions = make_questions(folder.exercise, folder.secrets, VARIANT)
    functions = [part for part in questions.parts if part.part.name in folder.secrets]
    found = {part.part.name: list(cases(part)) for part in functions}
    texts = [right(folder, 0)[1], HEAD.replace("{name}", folder.name)]
    texts += [TEST.format(part=name) for name in found]
    texts += [f"assert isinstance({name}(), str)" for name in formulas_of(folder)]
    names = [*found, *formulas_of(folder)]
    document = json.loads(notebook(texts, [None] * len(texts)))
    document["cells"][0]["metadata"] = _meta(f"{folder.name}-answer", test=False)
    for cell, name in zip(document["cells"][2:], names, strict=True):
        cell["metadata"] = _meta(f"test-{folder.name}-{name}", test=True)
    asked = sum(len(one.calls) for part in functions for one in part.every)
    made = sum(map(len, found.values()))
    return json.dumps(document), pickle.dumps(found), made, asked - made


def own(folder: ExerciseFolder) -> str:
    """Return the same answers in the cells of this package's release."""
    names = [part.name for part, _ in parts_of(folder)]
    return notebook([right(folder, 0)[1]], [f"{folder.name}-{names[0]}"])


def prepare(root: Path, name: str, students: int) -> tuple[int, int]:
    """Write both classes below ``root``; return how many calls nbgrader's notebooks make, and how many are left out."""
    course = load_course(HERE)
    made = left = 0
    plain, ours = root / "plain", root / "ours"
    source = plain / "source" / name
    source.mkdir(parents=True)
    (plain / "nbgrader_config.py").write_text(PLAIN)
    for exercise in course.assignment(name).exercises:
        folder = load_exercise(HERE, exercise, hidden=True)
        text, data, calls, missing = peer(folder)
        made, left = made + calls, left + missing
        (source / f"{exercise}.ipynb").write_text(text)
        (source / f"{exercise}.pickle").write_bytes(data)
        for k in range(students):
            for place, answer in ((plain, text), (ours, own(folder))):
                to = place / "submitted" / f"s{k:05d}" / name
                to.mkdir(parents=True, exist_ok=True)
                # every submission differs in its bytes
                (to / f"{exercise}.ipynb").write_text(answer.replace('"source": "', f'"source": "# {k}\\n', 1))
    timed(plain, HERE, "nbgrader", "generate_assignment", name)
    return made, left


def unearned(plain: Path) -> int:
    """Return how many cells of right answers nbgrader gave no points."""
    with closing(sqlite3.connect(plain / "gradebook.db")) as raw:
        return int(
            raw.execute("SELECT count(*) FROM grade WHERE auto_score IS NOT NULL AND auto_score = 0").fetchone()[0]
        )


def measure(root: Path, name: str, students: int) -> dict[str, Any]:
    """Grade a class in both ways; print and return what each took."""
    made, left = prepare(root, name, students)
    ours = timed(root, HERE, "autograder", "grade", str(root / "ours" / "submitted"), "--out", str(root / "results"))
    theirs = timed(root / "plain", HERE, "nbgrader", "autograde", name)
    if lost := unearned(root / "plain"):
        raise SystemExit(f"{name}: nbgrader gave no points for {lost} cells of right answers")
    figures = {"calls": made, "left_out": left, "times_by_clock": theirs.clock / ours.clock}
    figures |= {"times_by_processor": theirs.processor / ours.processor}
    print(f"{name}: {students} students, {made} calls each ({left} with probes are made here alone)")
    for what, spent in (("autograder grade", ours), ("nbgrader autograde", theirs)):
        figures[what] = {"clock": spent.clock, "processor": spent.processor}
        print(f"  {what:<20} {_line(spent, students)}")
    print(
        f"  nbgrader takes {figures['times_by_clock']:.1f} times as long by the clock and "
        f"{figures['times_by_processor']:.1f} times the processor",
        flush=True,
    )
    return figures


def _line(spent: Spent, students: int) -> str:
    return (
        f"{spent.clock:7.1f} s, {spent.processor:7.1f} s of processor time, {spent.processor / students:6.2f} a student"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assignments", nargs="+", default=["ps1", "ps3"], metavar="A")
    parser.add_argument("--students", type=int, nargs="+", default=[10])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures: dict[str, dict[str, Any]] = {}
    for name in options.assignments:
        for students in options.students:
            with tempfile.TemporaryDirectory() as made:
                figures.setdefault(name, {})[str(students)] = measure(Path(made), name, students)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
