"""A results store of an older version is brought up to date where it is opened, and loses nothing."""

import json
import multiprocessing
import sqlite3
from contextlib import closing

import pytest

from autograder.errors import CourseError
from autograder.store.marks import MarkBook
from autograder.store.store import open_store
from autograder.store.tables import SCHEMA

# The tables as the first version made them; never to be changed.
VERSION_1 = """
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT);
CREATE TABLE results (student TEXT NOT NULL, assignment TEXT NOT NULL, exercise TEXT NOT NULL, status TEXT NOT NULL,
 score FLOAT NOT NULL, max_score FLOAT NOT NULL, pending_points FLOAT NOT NULL, digest TEXT NOT NULL,
 fingerprint TEXT NOT NULL, grader TEXT NOT NULL, layers TEXT NOT NULL, received TEXT, verified BOOLEAN NOT NULL,
 graded TEXT NOT NULL, record TEXT NOT NULL, evidence TEXT NOT NULL, notes TEXT NOT NULL, files TEXT NOT NULL,
 PRIMARY KEY (student, assignment, exercise));
CREATE TABLE blobs (sha256 TEXT NOT NULL PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE claims (student TEXT NOT NULL, assignment TEXT NOT NULL, exercise TEXT NOT NULL, owner TEXT NOT NULL,
 since FLOAT NOT NULL, PRIMARY KEY (student, assignment, exercise));
CREATE TABLE marks (id INTEGER NOT NULL PRIMARY KEY, student TEXT NOT NULL, exercise TEXT NOT NULL, part TEXT NOT NULL,
 comment TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL, points FLOAT NOT NULL);
INSERT INTO meta VALUES ('schema', '1');
"""
PART = {
    "name": "essay", "kind": "manual", "status": "manual", "score": 0.0, "max_score": 3.0, "misconceptions": [],
    "proof": None, "message": "waits for a person", "checks": [],
}  # fmt: skip
RECORD = {
    "version": 1, "student": "ann", "assignment": "hw1", "exercise": "alpha", "status": "graded", "file": "ann/a.ipynb",
    "sha256": "ab", "variant": 3, "score": 5.0, "max_score": 8.0, "pending_points": 3.0, "seconds": 0.5,
    "message": None, "parts": [PART],
}  # fmt: skip


def old_store(folder):
    with closing(sqlite3.connect(folder / "results.db")) as raw:
        raw.executescript(VERSION_1)
        row = ("ann", "hw1", "alpha", "graded", 5.0, 8.0, 3.0, "d", "f", "0.1", "none", None, False)
        rest = ("2026-10-01T12:00:00+00:00", json.dumps(RECORD), "{}", "[]", '[["ann/a.ipynb", "ab"]]')
        raw.execute(f"INSERT INTO results VALUES ({', '.join('?' * 18)})", (*row, *rest))
        raw.execute("INSERT INTO blobs VALUES ('ab', ?)", (b"{}",))
        raw.execute(
            "INSERT INTO marks VALUES (1, 'ann', 'alpha', 'essay', 'well', 'eve', '2026-10-02T12:00:00+00:00', 2)"
        )
        raw.commit()


def version(folder):
    with closing(sqlite3.connect(folder / "results.db")) as raw:
        return int(raw.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()[0])


def test_an_older_store_is_brought_up_to_date_and_keeps_verdicts_files_and_marks(tmp_path):
    old_store(tmp_path)
    with open_store(tmp_path, create=False) as store:
        stored, files = store.get("ann", "alpha")
        assert store.blob(files[0][1]) == b"{}"
        (mark,) = store.marks()
        assert (mark.points, mark.out_of, mark.answer, mark.criteria) == (2.0, 3.0, None, ())
        assert stored.answers == {}
        assert MarkBook([mark]).counted(stored.record).score == 2.0
    assert version(tmp_path) == SCHEMA


def _open(folder, answers):
    with open_store(folder) as store:
        answers.put(len(store.keys()))


@pytest.mark.integration
def test_graders_that_start_at_once_on_an_older_store_change_it_once(tmp_path):
    old_store(tmp_path)
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    several = [context.Process(target=_open, args=(tmp_path, answers)) for _ in range(4)]
    for one in several:
        one.start()
    assert [answers.get(timeout=120) for _ in several] == [1] * 4
    for one in several:
        one.join()
    assert version(tmp_path) == SCHEMA


def test_a_change_that_stops_half_way_leaves_the_old_store(tmp_path, monkeypatch):
    from autograder.store import migrations

    old_store(tmp_path)

    def stop(op, connection):
        migrations._marks_know_their_scale(op, connection)
        raise CourseError("stopped")

    monkeypatch.setattr(migrations, "STEPS", {1: stop})
    with pytest.raises(CourseError, match="stopped"):
        open_store(tmp_path)
    assert version(tmp_path) == 1
    monkeypatch.undo()
    with open_store(tmp_path) as store:
        assert len(store.marks()) == 1


def test_a_new_store_has_the_columns_of_an_older_one_brought_up_to_date(tmp_path):
    shapes = []
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        if name == "old":
            old_store(tmp_path / name)
        open_store(tmp_path / name).close()
        with closing(sqlite3.connect(tmp_path / name / "results.db")) as raw:
            shapes.append(
                {
                    table: sorted(raw.execute(f"SELECT name, \"notnull\", pk FROM pragma_table_info('{table}')"))
                    for (table,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                }
            )
    assert shapes[0] == shapes[1]
