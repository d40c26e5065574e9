"""A class from discovery to records: every kind of demo student, any number of workers, runs that are killed."""

import csv
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autograder.authoring.demo.build import student_of, write_class
from autograder.authoring.demo.kinds import ACCIDENTS, KINDS, kind_of
from autograder.course.model import load_course
from tests.conftest import ROOT

# What each kind of student must get, written by hand: the first function part of an exercise, and all the others.
EXPECTED = {
    "right": ("correct", "correct"),
    "right_notebook": ("correct", "correct"),
    "another_way": ("correct", "correct"),
    "chatty": ("correct", "correct"),
    "untouched": ("not_started", "not_started"),
    "half_done": ("correct", {"correct", "not_started"}),
    "first_missing": ("missing", "correct"),
    "syntax_error": ("load_error", "load_error"),
    "fails_at_import": ("correct", "load_error"),
    "notebook_with_error": ("load_error", "correct"),
    "changes_input": ("partial", {"partial", "correct"}),
    "returns_none": ("bad_output", "correct"),
    "returns_text": ("bad_output", "correct"),
    "raises": ("error", "correct"),
    "exits": ("error", "correct"),
    "loops": ("timeout", "correct"),
    "crashes": ("crash", "correct"),
    "eats_memory": ("memory", "correct"),
    "reads_files": ("forbidden", "correct"),
    "shared_mistake": ("wrong", "correct"),
}
EXERCISES = ("empirical_risk", "mse_gradient", "influence_functions")
HALF = {"empirical_risk": 3, "mse_gradient": 4, "influence_functions": 4}

# Misconceptions that show in cost alone.
UNSEEN = {
    "builds a matrix of actions by grid points",
    "builds the n x n hat matrix",
    "makes one mask for each group (quadratic time)",
    "computes a full SVD with an n x n matrix U",
    "recomputes every mean (quadratic time)",
    "builds all pairwise differences",
    "computes a full n x n SVD",
    "builds every Jacobian",
    "builds the n x n Gram matrix",
    "loses 1 - (1-x)^t to cancellation",
    "iterates instead of the closed form",
}


def autograder(*args, course=ROOT, env=None, **kwargs):
    """Run the command line as a user of a course does."""
    environment = {**os.environ, "AUTOGRADER_COURSE": str(course), "AUTOGRADER_SECRET": "x" * 32, **(env or {})}
    command = [sys.executable, "-m", "autograder", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, **kwargs)


def records_of(folder):
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def without_seconds(folder):
    return [{k: v for k, v in record.items() if k != "seconds"} for record in records_of(folder)]


@dataclass(frozen=True)
class Demo:
    """A graded class: the course, its exercises, the folder, and what ``grade`` printed."""

    course: Path
    folders: tuple[str, ...]
    out: Path
    printed: str

    def run(self, *args):
        return autograder(*args, course=self.course)

    def records(self):
        """Return the records of these exercises, each with the kind of its student."""
        every = [record for record in records_of(self.out / "results") if record["exercise"] in self.folders]
        return [(record, kind_of(int(record["student"][1:]) - 1).name) for record in every]


@pytest.fixture(
    scope="module",
    params=[("mse_gradient",), pytest.param(EXERCISES, marks=pytest.mark.integration)],
    ids=["one exercise", "three exercises"],
)
def demo_class(request, tmp_path_factory):
    """One student of every kind and every misconception, graded by two workers; a loop ends after 0.4 s."""
    out, root = tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("course")
    for folder in ("exercises", "reference"):
        (root / folder).symlink_to(ROOT / folder)
    text = (ROOT / "course.yml").read_text(encoding="utf-8")
    assert "\n  cpu_seconds: 2\n" in text
    (root / "course.yml").write_text(text.replace("\n  cpu_seconds: 2\n", "\n  cpu_seconds: 0.4\n"), encoding="utf-8")
    roster = write_class(load_course(root), len(KINDS) + len(ACCIDENTS), out, folders=request.param)
    demo = Demo(root, request.param, out, "")
    done = demo.run("grade", out / "submitted", "--roster", roster, "--out", out / "results", "--jobs", 2)
    assert done.returncode == 0, done.stderr
    return replace(demo, printed=done.stdout)


def test_there_is_one_record_per_student_and_exercise(demo_class):
    keys = [(r["student"], r["exercise"]) for r, _ in demo_class.records()]
    assert sorted(keys) == sorted(
        (student_of(k)[0], folder) for k in range(len(KINDS) + len(ACCIDENTS)) for folder in demo_class.folders
    )


def test_every_kind_gets_its_verdict(demo_class):
    wrong = []
    for record, kind in demo_class.records():
        if kind in ("misconceived", "broken_notebook"):
            continue
        first, rest = EXPECTED[kind]
        statuses = [part["status"] for part in record["parts"]]
        allowed = rest if isinstance(rest, set) else {rest}
        if statuses[0] != first or not set(statuses[1:]) <= allowed:
            wrong.append((kind, record["exercise"], statuses))
        if kind == "half_done":
            assert statuses[: HALF[record["exercise"]]] == ["correct"] * HALF[record["exercise"]]
            assert set(statuses[HALF[record["exercise"]] :]) == {"not_started"}
    assert wrong == []


def test_full_marks_for_everything_right_and_none_for_nothing(demo_class):
    for record, kind in demo_class.records():
        if EXPECTED.get(kind) == ("correct", "correct"):
            assert record["score"] == record["max_score"] > 0, (kind, record["exercise"])
        if kind in ("untouched", "syntax_error"):
            assert record["score"] == 0


def test_a_broken_notebook_is_rejected_with_a_reason(demo_class):
    rejected = [(r, kind) for r, kind in demo_class.records() if r["status"] == "rejected"]
    assert {kind for _, kind in rejected} == {"broken_notebook"}
    assert all(r["message"] and r["score"] == 0 and r["max_score"] > 0 for r, _ in rejected)


def test_misconceptions_are_caught_and_named(demo_class):
    seen = 0
    for record, kind in demo_class.records():
        if kind != "misconceived":
            continue
        for part in record["parts"]:
            seen += 1
            assert part["status"] != "correct", (record["exercise"], part["name"], record["student"])
            assert part["score"] < part["max_score"]
            named = set(part["misconceptions"])
            assert named or part["status"] in ("partial", "wrong", "bad_output"), part
            assert not named & UNSEEN
    assert seen > 20 * len(demo_class.folders)


def test_records_follow_the_published_form(demo_class):
    for record in records_of(demo_class.out / "results"):
        assert list(record) == [
            "version", "student", "assignment", "exercise", "status", "file", "sha256", "variant", "score", "max_score",
            "pending_points", "seconds", "message", "notes", "parts",
        ]  # fmt: skip
        assert record["version"] == 1
        assert record["score"] == pytest.approx(sum(part["score"] for part in record["parts"]))
        assert record["max_score"] == pytest.approx(sum(part["max_score"] for part in record["parts"]))
        for part in record["parts"]:
            assert [name for name in part if name not in ("answer", "criteria")] == [
                "name", "kind", "status", "score", "max_score", "misconceptions", "proof", "message", "checks",
            ]  # fmt: skip
            assert "answer" not in part or part["kind"] != "function"
            assert "criteria" not in part or part["kind"] == "manual"
            for check in part["checks"]:
                assert list(check) == ["title", "group", "visibility", "outcome", "message"]
                assert check["visibility"] == "public" or check["message"] is None


def test_the_summary_ends_the_run_and_grades_match(demo_class):
    out, printed = demo_class.out, demo_class.printed
    with (out / "results" / "grades.csv").open(encoding="utf-8") as stream:
        rows = {row["student"]: row for row in csv.DictReader(stream)}
    assert len(rows) == len(KINDS) + len(ACCIDENTS)
    for student, row in rows.items():
        mine = [r for r in records_of(out / "results") if r["student"] == student]
        assert float(row["score"]) == pytest.approx(sum(r["score"] for r in mine))
    totals = sorted(sum(r["score"] for r in records_of(out / "results") if r["student"] == one) for one in rows)
    middle = (totals[(len(totals) - 1) // 2] + totals[len(totals) // 2]) / 2
    assert f"{len(rows)} students, " in printed
    assert len(printed.splitlines()) <= 40
    several = len({r["assignment"] for r in records_of(out / "results")}) > 1
    assert several or f"median {middle:.2f} of" in printed


def test_a_second_run_grades_nothing_and_a_changed_file_again(demo_class):
    grade = ("grade", demo_class.out / "submitted", "--out", demo_class.out / "results")
    again = demo_class.run(*grade)
    assert "graded 0" in again.stderr
    (changed,) = (demo_class.out / "submitted" / "s0001").glob(f"*/{demo_class.folders[0]}.py")
    changed.write_text(changed.read_text() + "\n# one more thought\n")
    third = demo_class.run(*grade)
    assert "graded 1," in third.stderr


@pytest.mark.core_sample(1)
@pytest.mark.parametrize("student", ["s0002", "s0016"])
def test_replay_gives_the_same_verdict(demo_class, student):
    done = demo_class.run("replay", student, "mse_gradient", "--out", demo_class.out / "results")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the same verdict" in done.stdout


def test_show_explains_and_says_who_is_unknown(demo_class):
    folder = demo_class.folders[0]
    shown = demo_class.run("show", "s0016", folder, "--out", demo_class.out / "results")
    assert shown.returncode == 0
    assert "ZeroDivisionError" in shown.stdout
    unknown = demo_class.run("show", "nobody", folder, "--out", demo_class.out / "results")
    assert unknown.returncode == 2
    assert "nobody" in unknown.stderr
    assert "Traceback" not in unknown.stderr


# --- many small submissions in a course of their own -----------------------------------------------------------


@pytest.fixture(scope="module")
def crowd(mini, tmp_path_factory):
    """48 submissions of 24 students, and their undisturbed records."""
    out = tmp_path_factory.mktemp("crowd")
    write_class(load_course(mini), 24, out, slow=False)
    done = autograder("grade", out / "submitted", "--out", out / "one", "--jobs", 1, course=mini)
    assert done.returncode == 0, done.stderr
    assert len(records_of(out / "one")) == 48
    return out


def verdicts(results):
    """How many are committed by now."""
    if not (results / "results.db").exists():
        return 0
    with closing(sqlite3.connect(results / "results.db", timeout=60)) as raw:
        made = raw.execute("SELECT name FROM sqlite_master WHERE name = 'results'").fetchall()
        return raw.execute("SELECT count(*) FROM results").fetchone()[0] if made else 0


@pytest.mark.integration  # the next law holds only where this one does
def test_two_workers_give_the_records_of_one(crowd, mini):
    done = autograder("grade", crowd / "submitted", "--out", crowd / "two", "--jobs", 2, course=mini)
    assert done.returncode == 0, done.stderr
    assert without_seconds(crowd / "two") == without_seconds(crowd / "one")


@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.integration), 2])
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_records(crowd, mini, tmp_path, jobs):
    results = tmp_path / "killed"
    dice = random.Random(jobs)
    command = [sys.executable, "-m", "autograder", "grade", str(crowd / "submitted"), "--out", str(results)]
    environment = {**os.environ, "AUTOGRADER_COURSE": str(mini), "AUTOGRADER_SECRET": "x" * 32}
    killed = 0
    for k in range(3):
        process = subprocess.Popen(
            [*command, "--jobs", str(jobs)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        enough = 12 * k + dice.randrange(1, 9)
        while process.poll() is None and verdicts(results) < enough:
            time.sleep(0.02)
        if process.poll() is None:
            killed += 1
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert killed >= 2
    last = autograder("grade", crowd / "submitted", "--out", results, "--jobs", jobs, course=mini)
    assert last.returncode == 0, last.stderr
    assert without_seconds(results) == without_seconds(crowd / "one")
