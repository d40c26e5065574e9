"""A whole term of a class that is made up, step by step as an instructor would do it.

    python -m tests.term [--students 500] [--second 500] [--out DIR] [--nbgrader]

Two assignments, the second by teams; late days, extensions, written answers marked by criteria in five tables, a state
that is published, a regrade with other points, appeals, code for similarity tools, Canvas and nbgrader, a second term.
Each of ten kinds of students is worth what :data:`TABLE` says, which was worked out by hand.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import tempfile
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

from autograder.cli import cli
from tests.conftest import make_course

COURSE = """
title: A term
assignments:
  hw1:
    title: Alone
    due: 2026-10-01T12:00:00+00:00
    appeals_until: 2026-11-01T12:00:00+00:00
    exercises: {first_mean: 4}
  hw2: {title: Together, due: 2026-10-15T12:00:00+00:00, by_team: true, exercises: {second_mean: 8}}
late: {percent_per_day: 10, max_days: 5, days_to_spend: 2}
variants: 3
feedback: {hidden_checks: always, misconceptions: always}
"""
DUE = {
    "hw1": datetime(2026, 10, 1, 12, tzinfo=UTC),
    "hw2": datetime(2026, 10, 15, 12, tzinfo=UTC),
}
ESSAY = """\
        Part(name="essay", number="E01.2", points=4, kind="manual", summary="say why", hints=("a", "b", "c"),
             criteria=(Criterion("reason", 2, "names the reason"), Criterion("example", 2, "gives an example"))),
    ),
)
"""
RIGHT = """\
import numpy as np

def {name}(y):
    y = np.asarray(y, float)
    if y.size == 0:
        raise ValueError
    return float(y.mean())
"""
STUB = "def {name}(y):\n    raise NotImplementedError\n"


@dataclass(frozen=True)
class Kind:
    """What a kind of student does, and what that is worth; points are worked out by hand.

    ``code`` and ``essay`` are handed in for hw1 (None: nothing), ``days`` after the due date.  ``ticks`` are the
    criteria that the essay meets, None if unmarked.  ``hw1`` are the points that count, ``hw1_then`` those after
    the regrade, in which the exercise is worth 6 and the reason 3 of 4; ``hw2`` the points of the team that count.
    """

    code: str | None
    essay: str | None
    days: int
    ticks: tuple[bool, bool] | None
    hw1: float
    hw1_then: float
    hw2: float
    spent: int
    pending: float = 0.0


BOTH, REASON, NONE = "Because of the sum, as in 1, 2, 3.", "Because of the sum.", "I do not know."
TABLE = (
    Kind("right", BOTH, 0, (True, True), 4.0, 6.0, 8.0, 0),
    # one free day in hw1; 2 + 1 of 4, then 3 + 2.25 of 6
    Kind("right", REASON, 1, (True, False), 3.0, 5.25, 8.0, 1),
    # three days, two free: 10 percent of 2, then of 3; the team is late by a day in hw2, and no free day is left
    Kind("right", NONE, 3, (False, False), 1.8, 2.7, 7.2, 2),
    Kind("right", None, 0, None, 2.0, 3.0, 8.0, 1),  # a free day for the team's late day
    Kind("stub", BOTH, 0, (True, True), 2.0, 3.0, 8.0, 0),
    Kind(None, None, 0, None, 0.0, 0.0, 8.0, 0),
    Kind("right", BOTH, 3, (True, True), 4.0, 6.0, 8.0, 1),  # an extension of two days leaves one, which is free
    Kind("broken", None, 0, None, 0.0, 0.0, 8.0, 0),
    Kind("right", BOTH + " Twice.", 0, None, 2.0, 3.0, 0.0, 0, pending=2.0),
    Kind("right", BOTH, 9, (True, True), 0.0, 0.0, 0.0, 0),  # later than five days: no free day helps
)
"""By the last digit of a student's number.  Two in a row are a team: 0 and 1, ..., 8 and 9; the last does nothing."""


def student(k: int) -> str:
    """Return the id of a student."""
    return f"s{k:04d}"


@dataclass
class Term:
    """A term: its folders, and what each step said and took."""

    root: Path
    students: int
    first: int = 0  # number of the first student, a multiple of 10
    steps: list[tuple[str, float, str]] = field(default_factory=list)

    @property
    def numbers(self) -> range:
        """The students' numbers."""
        return range(self.first, self.first + self.students)

    @property
    def out(self) -> Path:
        """The results."""
        return self.root / "results"

    def do(self, *arguments: object, code: int = 0) -> str:
        """Call the program as an instructor would."""
        started = time.monotonic()
        done = CliRunner().invoke(cli, [str(one) for one in arguments])
        said = done.output
        if done.exit_code != code:
            raise AssertionError(f"{arguments}: exit code {done.exit_code}: {said} {done.exception}")
        shown = " ".join(str(one).replace(str(self.root), ".") for one in arguments)
        self.steps.append((shown, time.monotonic() - started, said))
        return said

    def totals(self, column: str = "score") -> dict[str, dict[str, str]]:
        """Return the rows of ``grades.csv`` by student."""
        with (self.out / "grades.csv").open(newline="") as stream:
            return {row["student"]: row for row in csv.DictReader(stream)}


@contextmanager
def course(root: Path):
    """Make the course and change into it."""
    make_course(root)
    (root / "course.yml").write_text(COURSE, encoding="utf-8")
    checks = root / "exercises" / "first_mean" / "checks.py"
    head, _, _ = checks.read_text().rpartition("    ),\n)\n")
    checks.write_text(
        head.replace("from autograder.checks import", "from autograder.checks import Criterion,", 1) + ESSAY
    )
    statement = checks.with_name("README.md")
    text = statement.read_text().replace("4 points", "2 points")  # the essay has the other two
    statement.write_text(text + "\n## essay\n\n2 points · marked by hand\n\nSay why.\n")
    before, here = os.environ.get("AUTOGRADER_COURSE"), Path.cwd()
    os.environ["AUTOGRADER_COURSE"] = str(root)
    os.chdir(root)
    try:
        yield
    finally:
        os.chdir(here)
        if before is None:
            del os.environ["AUTOGRADER_COURSE"]
        else:
            os.environ["AUTOGRADER_COURSE"] = before


def hand_in(term: Term) -> None:
    """Write everything that the class hands in, and the tables that the instructor has."""
    received, extensions = [("student", "assignment", "time")], [("student", "assignment", "until")]
    roster = [("student", "name", "team")]
    texts = {"right": RIGHT.format(name="sample_mean"), "stub": STUB.format(name="sample_mean")}
    for k in term.numbers:
        who, kind, team = student(k), TABLE[k % 10], k // 2
        roster.append((who, f"Student {k}", f"team-{team:03d}"))
        if kind.code is not None:
            place = term.root / "submitted" / who / "hw1"
            place.mkdir(parents=True)
            if kind.code == "broken":
                (place / "first_mean.ipynb").write_text('{"cells": [')
            else:
                (place / "first_mean.py").write_text(texts[kind.code])
            if kind.essay is not None:
                (place / "first_mean.md").write_text(kind.essay)
            when = DUE["hw1"] + timedelta(days=kind.days, hours=-1)
            received.append((who, "hw1", when.isoformat()))
        if k % 10 == 6:
            extensions.append((who, "hw1", (DUE["hw1"] + timedelta(days=2)).isoformat()))
        if team % 5 != 4 and k % 2 == team % 2:  # one of the two hands in for both
            place = term.root / "submitted" / who / "hw2"
            place.mkdir(parents=True)
            (place / "second_mean.py").write_text(texts["right"])
            when = DUE["hw2"] + timedelta(hours=1 if team % 5 == 1 else -1)
            received.append((who, "hw2", when.isoformat()))
    for name, rows in (("class", roster), ("received", received), ("extensions", extensions)):
        with (term.root / f"{name}.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows(rows)


def mark(term: Term) -> int:
    """Fill in five tables without names as the table of kinds says, and take them back; return how many rows."""
    term.do("mark", "--template", term.root / "to-mark.csv", "--split", 5, "--anonymous", "--out", term.out)
    behind = {number: who for who, number in json.loads((term.out / "numbers.json").read_text()).items()}
    count = 0
    for share in range(1, 6):
        path = term.root / f"to-mark-{share}.csv"
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            ticks = TABLE[int(behind[row["student"]][1:]) % 10].ticks
            if ticks is not None:
                row["tick_reason"], row["tick_example"] = ("x" if tick else "0" for tick in ticks)
                row["comment"] = "" if all(ticks) else "an example is missing"
                count += 1
        if rows:
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")  # as some spreadsheets write it
                writer.writeheader()
                writer.writerows(rows)
            term.do("mark", "--from", path, "--who", f"assistant {share}", "--out", term.out)
    return count


CHANGED = {
    "course.yml": {"{first_mean: 4}": "{first_mean: 6}"},
    "exercises/first_mean/checks.py": {'"reason", 2': '"reason", 3', '"example", 2': '"example", 1'},
}
"""What the regrade changes: by file, texts and what takes their place."""


def change(term: Term, *, back: bool = False) -> None:
    """Give the exercise other points and its criteria another weight, or those that they had."""
    for name, texts in CHANGED.items():
        path = term.root / name
        text = path.read_text()
        for old, new in texts.items():
            old, new = (new, old) if back else (old, new)
            assert old in text
            text = text.replace(old, new)
        path.write_text(text)


def regrade(term: Term) -> None:
    """Change the exercise and its criteria, and grade this exercise alone again."""
    change(term)
    term.do("grade", term.root / "submitted", "--exercise", "first_mean", "--out", term.out, "--unsafe")


def run(root: Path, students: int, *, nbgrader: bool = False) -> Term:
    """Live the term; the working folder is the course (:func:`course`)."""
    term = Term(root, students)
    hand_in(term)
    term.do("doctor", "--roster", root / "class.csv")
    grade(term)
    mark(term)
    term.do("report", term.out, "--roster", root / "class.csv")
    term.do("report", term.out, "--anonymous")
    term.do("report", term.out, "--roster", root / "class.csv", "--for-students", "--publish")
    if nbgrader:
        for name in ("hw1", "hw2"):
            term.do("release", name, "--to", root / "nb")
        term.do("export", "nbgrader", term.out, "--roster", root / "class.csv", "--to", root / "nb")
    term.do("export", "canvas", term.out, "--roster", root / "class.csv", "--to", root / "canvas.csv")
    term.do("export", "dolos", term.out)
    term.do("export", "jplag", term.out)
    return term


def grade(term: Term) -> None:
    """Grade everything that was handed in, with the instructor's tables."""
    tables = [item for name in ("received", "extensions") for item in (f"--{name}", term.root / f"{name}.csv")]
    roster = ("--roster", term.root / "class.csv")
    term.do("grade", term.root / "submitted", *roster, *tables, "--out", term.out, "--unsafe")


def second_term(term: Term, students: int) -> Term:
    """Put a term away and live the next one, in the same folder, up to its marks by hand.

    Of a class as large as the first, half repeats (all of a class of 10), in the same teams.  The first
    term's points and criteria are in force again.
    """
    term.do("term", "first", "--out", term.out, "--clear", "--yes")
    shutil.rmtree(term.root / "submitted")
    for table in term.root.glob("to-mark-*.csv"):  # `mark` writes over no table that is filled in
        table.unlink()
    change(term, back=True)
    following = Term(term.root, students, first=students // 20 * 10, steps=term.steps)
    hand_in(following)
    grade(following)
    mark(following)
    following.do("report", following.out, "--roster", term.root / "class.csv")
    following.do("report", following.out, "--roster", term.root / "class.csv", "--for-students", "--publish")
    return following


def main() -> None:
    """Live a term and print what each step took."""
    options = argparse.ArgumentParser(prog="python -m tests.term", description="A whole term, step by step.")
    options.add_argument("--students", type=int, default=500, help="size of the class, a multiple of 10")
    options.add_argument("--second", type=int, help="size of the second term's class (default: as the first)")
    options.add_argument("--out", type=Path, help="keep everything in this folder (default: a temporary one)")
    options.add_argument("--nbgrader", action="store_true", help="release and export with nbgrader, too")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        root = (chosen.out or Path(aside)).resolve() / "course"
        with course(root):
            term = run(root, chosen.students, nbgrader=chosen.nbgrader)
            regrade(term)
            term.do("diff", term.out / "published", term.out)
            second_term(term, chosen.second or chosen.students)
            with zipfile.ZipFile(root / "archive" / "first.zip") as archive:
                assert archive.testzip() is None
        for shown, seconds, said in term.steps:
            last = said.strip().splitlines()[-1:] or [""]
            print(f"{seconds:7.1f} s  autograder {shown}\n           {last[0][:150]}")
    print(f"{sum(seconds for _, seconds, _ in term.steps):7.1f} s  in all, {chosen.students} students")


if __name__ == "__main__":
    main()
