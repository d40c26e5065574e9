"""Marks by hand: pending until given, counted once given, untouched by whatever the grader does later."""

import codecs
import csv
import json

import pytest
from click.testing import CliRunner

from autograder.cli.grade import grade_command
from autograder.cli.instructor import replay_command, show_command
from autograder.cli.marking import mark_command
from autograder.errors import CourseError
from autograder.store.store import open_store
from tests.conftest import as_made, make_course

MANUAL = """\
        Part(name="essay", number="E01.2", points=4, kind="manual", summary="say why", hints=("a", "b", "c")),
    ),
)
"""
RIGHT = """\
import numpy as np

def sample_mean(y):
    y = np.asarray(y, float)
    if y.size == 0:
        raise ValueError
    return float(y.mean())
"""
MARKDOWN = {"cell_type": "markdown", "metadata": {"nbgrader": {"grade": True, "solution": True, "grade_id": "essay"}}}


def notebook(answer):
    cells = [{"cell_type": "code", "metadata": {}, "source": RIGHT}, {**MARKDOWN, "source": answer}]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A class in a course whose first exercise (4 points) is half a function and half an essay."""
    place = tmp_path_factory.mktemp("marks")
    root = make_course(place / "course")
    checks = root / "exercises" / "first_mean" / "checks.py"
    head, bracket, _ = checks.read_text().rpartition("    ),\n)\n")
    assert bracket
    checks.write_text(head + MANUAL)
    for student, files in {
        "ann": {"first_mean.py": RIGHT, "first_mean.md": "Because."},
        "ben": {"first_mean.py": RIGHT},
        "cem": {"first_mean.ipynb": notebook("Because of the mean.")},
        "dot": {"first_mean.ipynb": notebook("YOUR ANSWER HERE")},
        "eve": {"first_mean.md": "Only words."},
        "fay": {"first_mean.py": RIGHT, "first_mean.png": "\N{BULLET}", "first_mean.md": "  \n"},
        "=g": {"first_mean.py": RIGHT, "first_mean.md": "Because."},
    }.items():
        for name, text in files.items():
            file = place / "submitted" / student / "hw1" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_COURSE", str(root))
        again(place)
    return place


@pytest.fixture
def graded(made, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_COURSE", str(made / "course"))
    return as_made(made)


def call(command, *args):
    return CliRunner().invoke(command, [str(arg) for arg in args])


def again(tmp_path, *options):
    done = call(grade_command, tmp_path / "submitted", "--out", tmp_path / "out", "--jobs", 1, "--unsafe", *options)
    assert done.exit_code == 0, (done.output, done.exception)


def mark(tmp_path, *args):
    return call(mark_command, *args, "--out", tmp_path / "out")


def records(tmp_path):
    lines = (tmp_path / "out" / "results.jsonl").read_text().splitlines()
    return {r["student"]: r for r in map(json.loads, lines) if r["exercise"] == "first_mean"}


def grades(tmp_path):
    with (tmp_path / "out" / "grades.csv").open() as stream:
        return {row["student"].lstrip("'"): row for row in csv.DictReader(stream)}


def essay(record):
    return next(part for part in record["parts"] if part["name"] == "essay")


def test_a_written_answer_waits_and_none_is_missing(graded):
    found = {student: (essay(r)["status"], r["pending_points"]) for student, r in records(graded).items()}
    assert found == {
        "ann": ("manual", 2.0),
        "ben": ("missing", 0.0),
        "cem": ("manual", 2.0),
        "dot": ("missing", 0.0),
        "eve": ("manual", 2.0),
        "fay": ("manual", 2.0),
        "=g": ("manual", 2.0),
    }
    for record in records(graded).values():
        assert essay(record)["kind"] == "manual"
        assert (essay(record)["score"], essay(record)["max_score"]) == (0.0, 2.0)
        assert record["max_score"] == 4.0
    assert records(graded)["ann"]["score"] == 2.0
    assert records(graded)["eve"]["status"] == "rejected"  # a text alone: the functions are missing
    assert float(grades(graded)["ann"]["pending_points"]) == 2.0


@pytest.mark.parametrize(("answer", "status"), [("Because.", "manual"), ("YOUR ANSWER HERE", "missing")])
def test_code_in_a_script_and_words_in_the_notebook_beside_it_both_count(graded, answer, status):
    place = graded / "submitted" / "ben" / "hw1"
    words = {**json.loads(notebook(answer)), "cells": json.loads(notebook(answer))["cells"][1:]}
    (place / "first_mean.ipynb").write_text(json.dumps(words))
    again(graded)
    record = records(graded)["ben"]
    assert (record["file"][-3:], record["score"], essay(record)["status"]) == (".py", 2.0, status)
    replayed = call(replay_command, "ben", "first_mean", "--out", graded / "out", "--unsafe")
    assert "the same verdict" in replayed.output


@pytest.mark.parametrize(("points", "status"), [(0, "wrong"), (1.5, "partial"), (2, "correct")])
def test_a_mark_counts_at_once_and_stays_through_a_regrade(graded, points, status):
    done = mark(graded, "ann", "first_mean", "essay", points, "--comment", "too short", "--who", "tutor")
    assert done.exit_code == 0, done.output
    for _ in range(2):
        record = records(graded)["ann"]
        assert (essay(record)["status"], essay(record)["score"]) == (status, points)
        assert essay(record)["message"] == "too short"
        assert (record["score"], record["pending_points"]) == (2.0 + points, 0.0)
        row = grades(graded)["ann"]
        assert (float(row["score"]), float(row["pending_points"])) == (2.0 + points, 0.0)
        again(graded, "--regrade")
    assert records(graded)["cem"]["pending_points"] == 2.0


def test_the_last_mark_counts_and_the_store_keeps_who_when_and_why(graded):
    for points, who in ((0.5, "tutor"), (1.75, "lecturer")):
        assert mark(graded, "ann", "first_mean", "essay", points, "--who", who).exit_code == 0
    assert records(graded)["ann"]["score"] == 3.75
    with open_store(graded / "out") as store:
        kept = store.marks()
    assert [(m.student, m.part, m.points, m.who) for m in kept] == [
        ("ann", "essay", 0.5, "tutor"),
        ("ann", "essay", 1.75, "lecturer"),
    ]
    assert all(m.at.tzinfo is not None for m in kept)
    shown = call(show_command, "ann", "first_mean", "--out", graded / "out").output
    assert "lecturer" in shown
    assert "3.75 of 4" in shown
    replayed = call(replay_command, "ann", "first_mean", "--out", graded / "out", "--unsafe")
    assert replayed.exit_code == 0, replayed.output


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("anm", "first_mean", "essay", 1), "did you mean 'ann'"),
        (("ann", "first_meen", "essay", 1), "did you mean 'first_mean'"),
        (("ann", "first_mean", "esay", 1), "did you mean 'essay'"),
        (("ann", "first_mean", "sample_mean", 1), "the grader marks"),
        (("ann", "first_mean", "essay", 2.25), "allowed: 0 to 2"),
        (("ann", "first_mean", "essay", "nan"), "allowed: 0 to 2"),
    ],
)
def test_a_mark_that_cannot_be_is_refused_with_a_reason(graded, args, word):
    done = mark(graded, *args)
    assert isinstance(done.exception, CourseError)
    assert word in str(done.exception)
    assert records(graded)["ann"]["pending_points"] == 2.0


@pytest.mark.parametrize("args", [(), ("ann", "first_mean", "essay"), ("ann", "--template", "x.csv")])
def test_half_a_command_is_wrong_use(graded, args):
    assert mark(graded, *args).exit_code == 2


def table_of(graded):
    table = graded / "to-mark.csv"
    assert mark(graded, "--template", table).exit_code == 0
    assert table.read_bytes().startswith(codecs.BOM_UTF8), "Excel takes a table without it for another encoding"
    with table.open(encoding="utf-8-sig") as stream:
        return table, list(csv.DictReader(stream))


def fill(table, rows):
    with table.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_the_template_lists_what_waits_with_its_file_and_comes_back(graded):
    table, rows = table_of(graded)
    students = [row["student"] for row in rows]
    assert sorted(students) == ["'=g", "ann", "cem", "eve", "fay"]
    assert abs(students.index("'=g") - students.index("ann")) == 1, "equal answers are next to each other"
    assert {(row["part"], row["max_points"]) for row in rows} == {("essay", "2")}
    assert [row["row"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert {row["student"]: row["file"] for row in rows}["ann"] == "ann/hw1/first_mean.md"
    assert {row["student"]: row["file"] for row in rows}["cem"] == "cem/hw1/first_mean.ipynb"
    for row in rows:
        row["points"] = "" if row["student"] == "eve" else "1,5"
    fill(table, rows)
    done = mark(graded, "--from", table)
    assert done.exit_code == 0, done.exception
    scores = {student: (r["score"], r["pending_points"]) for student, r in records(graded).items()}
    assert scores["=g"] == scores["ann"] == scores["cem"] == scores["fay"] == (3.5, 0.0)
    assert scores["eve"] == (0.0, 2.0)
    assert [row["student"] for row in table_of(graded)[1]] == ["eve"]


def test_one_mistake_in_a_table_is_named_by_its_line_and_nothing_is_kept(graded):
    table, rows = table_of(graded)
    for row, points in zip(rows, ("1", "three", "9", "1", "1"), strict=True):
        row["points"] = points
    rows[4]["part"] = "poem"
    fill(table, [*rows, rows[0]])
    done = mark(graded, "--from", table)
    assert isinstance(done.exception, CourseError)
    *lines, step = str(done.exception).splitlines()
    assert [line.split(":")[1] for line in lines] == ["3", "4", "6", "7"]
    assert step == f"nothing was done; correct {table.name} and run the same command again"
    with open_store(graded / "out") as store:
        assert store.marks() == []


def test_a_table_without_a_column_says_which(graded):
    table = graded / "bad.csv"
    table.write_text("student,exercise,points\nann,first_mean,1\n")
    done = mark(graded, "--from", table)
    assert "no column part" in str(done.exception)
