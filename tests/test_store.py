"""The results store: nothing lost, nothing twice, whichever process dies and however many grade."""

import json
import multiprocessing
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime

import pytest
import sqlalchemy

import autograder.store.claimant
import autograder.store.store
from autograder.errors import CourseError
from autograder.store.records import Record
from autograder.store.store import LEASE_SECONDS, open_store
from autograder.store.stored import Mark, Stored
from tests.conftest import keep

KEY = ("ann", "hw1", "alpha")


def stored(key=KEY, score=1.0, **more):
    record = Record(*key, status=more.pop("status", "graded"), sha256="ab", score=score, max_score=10.0)
    return Stored(record, more.pop("digest", "d"), more.pop("fingerprint", "f"), **more)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path) as opened:
        yield opened


def test_what_is_saved_comes_back_with_its_evidence_and_files(store):
    moment = datetime(2026, 10, 1, 12, tzinfo=UTC)
    given = stored(
        grader="0.1", layers="landlock", evidence={"f": [1, None]}, received=moment, verified=True, notes=("both",)
    )
    keep(store, given, [("ann/alpha.py", b"x = 1\n"), ("ann/alpha.md", b"because")])
    got, files = store.get("ann", "alpha")
    assert got.graded is not None
    assert got == Stored(**{**given.__dict__, "graded": got.graded})
    assert [name for name, _ in files] == ["ann/alpha.py", "ann/alpha.md"]
    assert [store.blob(sha256) for _, sha256 in files] == [b"x = 1\n", b"because"]
    assert store.get("bob", "alpha") is None
    assert store.blob("00") is None


def test_a_row_that_somebody_changed_is_named_with_what_to_do(store, tmp_path):
    store.save([(stored(), []), (stored(("bob", "hw1", "alpha")), [])])
    with closing(sqlite3.connect(tmp_path / "results.db")) as raw:
        raw.execute("UPDATE results SET record = '{}' WHERE student = 'bob'")
        raw.commit()
    for read in (lambda: list(store.records()), lambda: store.get("bob", "alpha")):
        with pytest.raises(
            CourseError, match=r"^bob/\w+/alpha in the results store: .*; grade it again with --regrade$"
        ):
            read()
    assert store.get("ann", "alpha") is not None


def test_a_regrade_replaces_and_never_doubles(store):
    keep(store, stored(score=1.0), [("a.py", b"1")])
    keep(store, stored(score=2.0), [("a.py", b"1")])
    assert [record.score for record in store.records()] == [2.0]


@pytest.mark.parametrize(
    ("digest", "fingerprint", "status", "done"),
    [
        ("d", "f", "graded", True),
        ("d", "f", "rejected", True),
        ("d", "f", "missing", True),
        ("d", "f", "grader_error", False),
        ("changed", "f", "graded", False),
        ("d", "other course", "graded", False),
    ],
)
def test_what_is_unchanged_is_done_unless_the_grader_failed(digest, fingerprint, status, done, store):
    assert store.finished([KEY]) == {}
    keep(store, stored(status=status))
    assert (store.finished([KEY]).get(KEY) == (digest, fingerprint)) == done
    assert (store.finished().get(KEY) == (digest, fingerprint)) == done


def test_records_come_sorted_by_code_points_and_all(store):
    students = ["b", "a", "B", "\u00e9", "a b", "10", "9", "\U0001f600", "\uff1d"] + [f"s{k}" for k in range(500)]
    keys = [(student, "hw1", name) for student in students for name in ("beta", "alpha")]
    for key in keys:
        keep(store, stored(key))
    assert [record.key for record in store.records()] == sorted(keys)
    assert sorted(grade.student for grade in store.grades()) == sorted(students * 2)


def test_marks_by_hand_stay_through_a_regrade_with_their_history(store):
    first = Mark("ann", "alpha", "essay", 2.0, "good", "kim", datetime(2026, 10, 1, tzinfo=UTC))
    second = Mark("ann", "alpha", "essay", 3.0, "on appeal", "lee", datetime(2026, 10, 2, tzinfo=UTC))
    store.mark(first)
    keep(store, stored())
    store.mark(second)
    keep(store, stored(score=5.0))
    assert store.marks() == [first, second]


def test_half_surrogates_and_nul_are_stored(store):
    keep(store, stored(evidence={"t\ud800": "a\0\ud800"}, notes=("\udcff",)))
    assert store.get("ann", "alpha")[0].evidence == {"t\\ud800": "a\0\\ud800"}


def test_asking_for_some_records_never_reads_all(store):
    for number in range(300):
        keep(store, stored((f"s{number:03}", "hw1", "alpha")))
    seen = []
    engine = store._db._engine
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2:4]))
    assert len(list(store.lines())) == 300
    assert set(store.finished([("s007", "hw1", "alpha"), ("nobody", "hw1", "alpha")])) == {("s007", "hw1", "alpha")}
    asked = [one for one in seen if " IN " in one[0]]
    assert len(asked) == 3
    with engine.connect() as connection:
        for statement, values in asked:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
            assert all("SEARCH" in row[3] for row in plan), plan


# --- claims ----------------------------------------------------------------------------------------------------


def test_a_claim_keeps_another_living_grader_away(tmp_path, store, monkeypatch):
    assert store.claim([KEY]) == {KEY}
    assert store.claim([KEY]) == {KEY}  # its own
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as living:
        machine, namespace, _, _ = json.loads(autograder.store.store.owner())
        name = json.dumps([machine, namespace, living.pid, autograder.store.claimant.start(living.pid)])
        monkeypatch.setattr(autograder.store.store, "owner", lambda: name)
        with open_store(tmp_path) as other:
            assert other.claim([KEY, ("bob", "hw1", "alpha")]) == {("bob", "hw1", "alpha")}
            assert store.claim([("bob", "hw1", "alpha")]) == set()
            store.release([("bob", "hw1", "alpha")])  # not its to give back
            assert store.claim([("bob", "hw1", "alpha")]) == set()
            keep(store, stored())  # ends the claim
            assert other.claim([KEY]) == {KEY}
        living.kill()
    assert store.claim([KEY]) == {KEY}  # the other is gone


@pytest.mark.parametrize(("age", "got"), [(LEASE_SECONDS - 60, False), (LEASE_SECONDS + 60, True)])
def test_a_claim_from_another_machine_ends_by_age(age, got, tmp_path, store):
    store.claim([KEY])
    with closing(sqlite3.connect(tmp_path / "results.db")) as raw:
        raw.execute("UPDATE claims SET owner = ?, since = ?", ('["elsewhere", "pid:[1]", 1, "1"]', time.time() - age))
        raw.commit()
    assert (store.claim([KEY]) == {KEY}) == got


def _grade(folder, numbers, results):
    with open_store(folder) as opened:
        for number in numbers:
            key = (f"s{number:03}", "hw1", "alpha")
            if opened.claim([key]) and key not in opened.finished([key]):
                keep(opened, stored(key, score=float(number)), [("a.py", str(number % 7).encode())])
                results.put(number)


def test_graders_at_once_share_the_work_and_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    graders = [context.Process(target=_grade, args=(tmp_path, range(60), results)) for _ in range(3)]
    for grader in graders:
        grader.start()
    graded = sorted(results.get(timeout=60) for _ in range(60))
    for grader in graders:
        grader.join()
    assert graded == list(range(60))  # each once
    assert results.empty()
    with open_store(tmp_path) as opened:
        assert [record.score for record in opened.records()] == list(range(60))


def test_what_was_committed_survives_sigkill(tmp_path):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    grader = context.Process(target=_grade, args=(tmp_path, range(100_000), results))
    grader.start()
    reported = [results.get(timeout=60) for _ in range(50)]
    os.kill(grader.pid, signal.SIGKILL)
    grader.join()
    with open_store(tmp_path) as opened:
        kept = {record.key[0] for record in opened.records()}
        assert {f"s{number:03}" for number in reported} <= kept
        # The claim of the dead grader, if it died between claim and commit, is free again.
        following = [(f"s{number:03}", "hw1", "alpha") for number in range(len(kept), len(kept) + 3)]
        assert opened.claim(following) == set(following)


# --- stores that cannot be used --------------------------------------------------------------------------------


def _sql(path, *statements):
    with closing(sqlite3.connect(path)) as raw:
        for statement in statements:
            raw.execute(statement)
        raw.commit()


def _other_version(path):
    with open_store(path.parent) as opened:
        keep(opened, stored())
    _sql(path, "UPDATE meta SET value = '99'")


BROKEN = {
    "another version": (
        _other_version,
        "a results store of version 99, made by a newer version of this program",
    ),
    "somebody else's": (
        lambda path: _sql(path, "CREATE TABLE results (x)"),
        "not a results store of this program (version unknown); choose another",
    ),
    "no database": (lambda path: path.write_text("hello" * 1000), "this is not a results store; move the file away"),
    "a folder": (lambda path: path.mkdir(), "the results store cannot be opened"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_store_that_is_none_is_named_with_what_to_do(name, tmp_path):
    make, words = BROKEN[name]
    make(tmp_path / "results.db")
    with pytest.raises(CourseError) as caught:
        open_store(tmp_path)
    assert words in str(caught.value)
    assert "results.db" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense://", "no database that can be opened"),
        ("sqlite://x y:z:1", "not the URL of a database|cannot be opened|no database"),
        ("postgresql+nodriver://u:secret@host/name", "no database that can be opened"),
        ("mysql+pymysql://u:secret@host/name", "."),
    ],
)
def test_urls_that_open_nothing(url, words):
    with pytest.raises(CourseError, match=words) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_reading_makes_no_store(tmp_path):
    with pytest.raises(CourseError, match="there is no results store; grade into this folder first"):
        open_store(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_full_or_read_only_disk_is_told_and_loses_nothing_committed(tmp_path, store):
    keep(store, stored())
    with store._db._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(CourseError, match="the disk is full; free some space and start again"):
        keep(store, stored(("bob", "hw1", "alpha")), [("a.py", os.urandom(1_000_000))])
    with store._db._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only = 1")
    with pytest.raises(CourseError, match="cannot be written; check the rights"):
        keep(store, stored())
    assert store.finished() == {KEY: ("d", "f")}


def test_a_file_that_may_not_grow_is_told_with_what_to_do(store):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(CourseError, match="the disk is full or fails; free some space"):
            keep(store, stored(), [("a.py", os.urandom(100_000))])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_store_by_url_is_the_same_store(tmp_path):
    with open_store(tmp_path) as opened:
        keep(opened, stored())
    with open_store(f"sqlite:///{tmp_path}/results.db") as opened:
        assert opened.keys() == [KEY]


# --- what is kept of a student ---


def three_students(store):
    for name in ("ann", "bob", "cleo"):
        own = f"# by {name}, whose words these are\n".encode()
        keep(store, stored((name, "hw1", "alpha"), notes=(f"{name} wrote it",)), [(f"{name}/alpha.py", own)])
        keep(store, stored((name, "hw1", "beta"), score=2.0), [(f"{name}/beta.py", b"the same for all")])
        store.mark(Mark(name, "alpha", "essay", 1.0, "good", "me", datetime(2026, 10, 1, tzinfo=UTC)))


def test_a_student_who_is_forgotten_leaves_nothing_and_takes_nothing_of_others(store, tmp_path):
    three_students(store)
    assert store.forget("ann") == 2
    assert store.students() == {"bob", "cleo"}
    assert {mark.student for mark in store.marks()} == {"bob", "cleo"}
    (_, sha256), *_ = store.get("bob", "beta")[1]
    assert store.blob(sha256) == b"the same for all"
    store.close()
    for file in tmp_path.glob("results.db*"):
        assert b"ann" not in file.read_bytes().replace(b"annot", b"")


def test_a_pseudonym_keeps_verdicts_and_marks_but_no_words_of_the_student(store, tmp_path):
    three_students(store)
    before, _ = store.get("ann", "alpha")
    assert store.forget("ann", "s-17") == 2
    after, files = store.get("s-17", "alpha")
    assert files == ()
    assert (after.record.score, after.record.parts, after.graded) == (
        before.record.score,
        before.record.parts,
        before.graded,
    )
    assert (after.record.student, after.record.file, after.notes) == ("s-17", None, ())
    assert [(mark.student, mark.points) for mark in store.marks() if mark.student != "bob"][-1] == ("s-17", 1.0)
    store.close()
    for file in tmp_path.glob("results.db*"):
        assert b"whose words these are" not in file.read_bytes().replace(b"by bob, whose", b"").replace(
            b"by cleo, whose", b""
        )


def test_a_pseudonym_that_is_taken_changes_nothing(store):
    three_students(store)
    with pytest.raises(CourseError, match="already are results"):
        store.forget("ann", "bob")
    assert store.students() == {"ann", "bob", "cleo"}
