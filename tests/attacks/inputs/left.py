"""What a killed run, another program or a hand may have left where the grader keeps its own files."""

from __future__ import annotations

import sqlite3

from autograder.course.model import load_course, load_secret
from autograder.errors import CourseError
from autograder.store.files import write_results
from autograder.store.store import open_store
from tests.attacks.inputs.making import expect, outcome
from tests.course_files import make_course


def _database(*statements):
    def make(path):
        with sqlite3.connect(path) as made:
            for statement in statements:
                made.execute(statement)
        made.close()

    return make


def _bytes(data):
    return lambda path: path.write_bytes(data)


# name -> (what is made where the store should be, words of the message or the count of records)
STORES = {
    "nothing": (lambda path: None, 0),
    "an empty file": (_bytes(b""), 0),
    "text": (_bytes(b"student,score\nann,12\n" * 100), CourseError("this is not a results store; move the file away")),
    "half a database": (_bytes(b"SQLite format 3\0" + bytes(500)), CourseError("this is not a results store")),
    "a folder": (lambda path: path.mkdir(), CourseError("the results store cannot be opened; check that")),
    "a link to nowhere": (lambda path: path.symlink_to("/nowhere/at/all"), CourseError("store cannot be opened")),
    "tables of another program": (_database("create table foreign_records (x)"), 0),
    "a table of ours, of another shape": (_database("create table meta (key, value)"), CourseError("database refuses")),
    "a journal of a killed run": (lambda path: (path.parent / "results.db-journal").write_bytes(b"x" * 100), 0),
    "a half-written file of results": (lambda path: (path.parent / ".results.jsonl.tmp").write_bytes(b'{"ver'), 0),
    "a file of results that was cut": (lambda path: (path.parent / "results.jsonl").write_bytes(b'{"version": 1,'), 0),
}


def check_store(name, root):
    make, wanted = STORES[name]
    make(root / "results.db")

    def count():
        with open_store(root) as store:
            write_results(root / "results.jsonl", [])
            return len(store.keys())

    expect(outcome(CourseError, count), wanted)


# name -> (what is made where the secret should be, words of the message)
SECRETS = {
    "empty": (_bytes(b""), "at least 16"),
    "short": (_bytes(b"short\n"), "at least 16"),
    "a folder": (lambda path: path.mkdir(), ".autograder-secret"),
    "a link to nowhere": (lambda path: path.symlink_to("/nowhere/at/all"), "secret"),
}


def check_secret(name, root):
    make, words = SECRETS[name]
    course = load_course(make_course(root))
    make(root / ".autograder-secret")
    expect(outcome(CourseError, lambda: load_secret(course)), CourseError(words))
