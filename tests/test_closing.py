"""After the due date an unreadable answer needs manual grading: by the time of the run, and the same in a replay."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from autograder.cli.exporting import export_command
from autograder.cli.grade import grade_command
from autograder.cli.instructor import replay_command
from autograder.cli.marking import mark_command
from autograder.course.model import load_course
from autograder.store.records import Record
from autograder.store.store import open_store
from autograder.store.waiting import close_unreadable, closed, is_closed, waiting_parts
from tests.conftest import make_course
from tests.test_symbolic_parts import PART, QUESTION, STUB

DUE = datetime(2031, 3, 1, 12, tzinfo=UTC)
ANSWERS = {"ann": "2*(tanh(w)", "ben": "2*(tanh(w) - y)*(1 - tanh(w)**2)", "cem": "w + y", "dot": "__import__('os')"}


def course_of(root, due):
    """Write a course whose first exercise is half a symbolic part; ``dot`` has two days more, grace is half an hour."""
    make_course(root)
    folder = root / "exercises" / "first_mean"
    head, bracket, _ = (folder / "checks.py").read_text().rpartition("    ),\n)\n")
    assert bracket
    (folder / "checks.py").write_text(head + PART)
    for name, text in (("grading.py", QUESTION), ("first_mean.py", STUB)):
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
    text = (root / "course.yml").read_text()
    line = next(line for line in text.splitlines() if line.strip().startswith("exercises:"))
    pad = " " * (len(line) - len(line.lstrip()))
    late = (due + timedelta(days=2)).isoformat()
    dates = f'{pad}due: {due.isoformat()}\n{pad}extensions: {{dot: "{late}"}}\n'
    text = text.replace(line, dates + line, 1)
    (root / "course.yml").write_text(f"{text}late: {{percent_per_day: 10, grace_minutes: 30}}\n")
    return root


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The class of ANSWERS, graded long before the due date."""
    tmp_path = tmp_path_factory.mktemp("once")
    course_of(tmp_path / "course", DUE)
    for student, text in ANSWERS.items():
        place = tmp_path / "submitted" / student / "hw1" / "first_mean.py"
        place.parent.mkdir(parents=True)
        place.write_text(f"def sym_square():\n    return {text!r}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_COURSE", str(tmp_path / "course"))
        grade(tmp_path)
    return tmp_path


@pytest.fixture
def graded(once, tmp_path, monkeypatch):
    """A copy of it for one test."""
    shutil.copytree(once, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tmp_path / "course"))
    return tmp_path


def call(command, *args):
    done = CliRunner().invoke(command, [str(arg) for arg in args])
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def grade(tmp_path, *options):
    call(grade_command, tmp_path / "submitted", "--out", tmp_path / "out", "--jobs", 1, "--unsafe", *options)


def at(tmp_path, moment):
    """Close what is to be closed at that time and return the pending points of everyone."""
    with open_store(tmp_path / "out", create=False) as store:
        close_unreadable(store, load_course(tmp_path / "course"), moment)
        return {record.student: record.pending_points for record in store.records() if record.exercise == "first_mean"}


def written(tmp_path):
    lines = (tmp_path / "out" / "results.jsonl").read_text().splitlines()
    return {r["student"]: r for r in map(json.loads, lines) if r["exercise"] == "first_mean"}


def test_before_the_due_date_nothing_waits(graded):
    found = written(graded)
    assert {student: r["parts"][1]["status"] for student, r in found.items()} == {
        "ann": "unreadable", "ben": "correct", "cem": "wrong", "dot": "unreadable",
    }  # fmt: skip
    assert {r["pending_points"] for r in found.values()} == {0.0}


@pytest.mark.parametrize(
    ("hours", "waits"),
    [(-1, ""), (0, ""), (0.4, ""), (0.6, "ann"), (47, "ann"), (48.4, "ann"), (48.6, "ann dot"), (9999, "ann dot")],
)
def test_due_date_extension_and_grace_decide_by_the_time_of_the_run(graded, hours, waits):
    found = at(graded, DUE + timedelta(hours=hours))
    assert found == {student: 2.0 if student in waits.split() else 0.0 for student in ANSWERS}


def test_a_second_run_and_an_earlier_clock_change_nothing(graded):
    late = at(graded, DUE + timedelta(days=30))
    assert at(graded, DUE + timedelta(days=60)) == late
    assert at(graded, DUE - timedelta(days=60)) == late


def test_the_status_stays_and_the_score_stays(graded):
    before = written(graded)["ann"]
    at(graded, DUE + timedelta(days=1))
    with open_store(graded / "out", create=False) as store:
        record = store.get("ann", "first_mean")[0].record
    part = record.parts[1]
    assert (part["status"], part["score"], record.score) == ("unreadable", 0.0, before["score"])
    assert part["message"] == f"{before['parts'][1]['message']} It needs manual grading."
    assert waiting_parts(record) == {"sym_square"}


def test_a_replay_gives_the_same_verdict_before_and_after(graded):
    for moment in (DUE - timedelta(days=1), DUE + timedelta(days=9)):
        at(graded, moment)
        for student in ANSWERS:
            said = call(replay_command, student, "first_mean", "--out", graded / "out", "--unsafe")
            assert "the same verdict" in said


def test_a_mark_settles_it(graded):
    at(graded, DUE + timedelta(days=1))
    template = graded / "todo.csv"
    assert "1 answer needs manual grading" in call(mark_command, "--template", template, "--out", graded / "out")
    assert [row["student"] for row in csv.DictReader(template.read_text(encoding="utf-8-sig").splitlines())] == ["ann"]
    call(mark_command, "ann", "first_mean", "sym_square", 1.5, "--who", "me", "--out", graded / "out")
    record = written(graded)["ann"]
    assert (record["score"], record["pending_points"], record["parts"][1]["status"]) == (1.5, 0.0, "partial")


def test_exports_hold_the_pending_points(graded):
    at(graded, DUE + timedelta(days=1))
    call(export_command, "csv", graded / "out", "--to", graded / "all.csv")
    rows = list(csv.DictReader((graded / "all.csv").read_text().splitlines()))
    pending = {(row["student"], row["part"]): float(row["pending_points"]) for row in rows}
    assert {key for key, value in pending.items() if value} == {("ann", "sym_square")}


@pytest.mark.parametrize("due", [datetime(2021, 3, 1, tzinfo=UTC)])
def test_a_run_after_the_due_date_writes_it(tmp_path, graded, due, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(course_of(tmp_path / "late", due)))
    grade(graded)
    assert {student: r["pending_points"] for student, r in written(graded).items()} == {
        "ann": 2.0, "ben": 0.0, "cem": 0.0, "dot": 2.0,
    }  # fmt: skip
    grade(graded, "--regrade")
    assert written(graded)["ann"]["pending_points"] == 2.0


def test_a_new_submission_opens_the_record_again(graded):
    at(graded, DUE + timedelta(days=1))
    (graded / "submitted" / "ann" / "hw1" / "first_mean.py").write_text("def sym_square():\n    return '2 w'\n")
    grade(graded)
    assert written(graded)["ann"]["pending_points"] == 0.0


def part(name, status, worth):
    return {"name": name, "status": status, "score": 0.0, "max_score": worth, "message": "Why."}


@pytest.mark.parametrize(
    ("parts", "pending", "waits"),
    [
        ([part("a", "unreadable", 2.0)], 0.0, "a"),
        ([part("a", "unreadable", 2.0), part("b", "manual", 3.0)], 3.0, "a b"),
        ([part("a", "unreadable", 2.0), part("b", "unreadable", 3.0), part("c", "wrong", 1.0)], 0.0, "a b"),
        ([part("a", "unreadable", 0.0), part("b", "undecided", 3.0)], 3.0, "b"),
        ([part("a", "wrong", 2.0)], 0.0, ""),
        ([], 0.0, ""),
    ],
)
def test_closing_adds_what_is_unreadable_once(parts, pending, waits):
    record = Record("s", "hw", "e", "graded", parts=tuple(parts), pending_points=pending)
    assert not is_closed(record)
    after = closed(record)
    assert waiting_parts(after) == set(waits.split())
    assert after.pending_points == sum(p["max_score"] for p in parts if p["name"] in waits.split())
    assert closed(after) == after
